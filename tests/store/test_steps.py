"""What sweeps remember of steps: each once, whenever they look, and nothing is taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from engine.comparing import Counts
from engine.outcomes import StoredStep
from engine.packs import load_rulebook_texts
from engine.results import Step
from engine.rulebook import RuleRef
from engine.sweep import sweep as sweep_all
from facts.store.imports import apply_import
from tests.store.rows import NOW, code, coverage, day, enterprise, ledger, record
from tests.store.test_recording import OPEN, dump, everything, judged, rows

LADDER = RuleRef("hedong.ladder", "河东区方案", "二（五）9", "函告、通报")
REMIND = Step("remind", 1, day("04-01"), LADDER, issued_on=day("04-01"))
LETTER = Step("letter", 2, day("04-11"), LADDER, issued_on=day("04-11"))
HELD = replace(LETTER, issued_on=None, held_by="suspended")


def stored(engine: Engine, *names: str) -> list[tuple[Any, ...]]:
    return rows(engine, StoredStep, *(names or ("uscc", "key", "level", "step", "due_on", "issued_on", "first_swept")))


def test_steps_issued_are_entered_once(engine: Engine) -> None:
    assert everything(engine, judged(1, replace(OPEN, steps=(REMIND,)))) == Counts(opened=1, open=1, steps=1)
    assert everything(engine, judged(1, replace(OPEN, steps=(REMIND, LETTER)), facts="f2"), as_of="04-20") == Counts(
        open=1, steps=1)
    assert stored(engine) == [
        (code(1), "2024Q1", 1, "remind", day("04-01"), day("04-01"), 1),
        (code(1), "2024Q1", 2, "letter", day("04-11"), day("04-11"), 2)]
    assert stored(engine, "ladder", "facts") == [("hedong.ladder", "f1"), ("hedong.ladder", "f2")]


def test_the_same_again_writes_nothing(engine: Engine) -> None:
    everything(engine, judged(1, replace(OPEN, steps=(REMIND,))))
    before = dump(engine), stored(engine)
    assert everything(engine, judged(1, replace(OPEN, steps=(REMIND,)))).steps == 0
    assert (dump(engine), stored(engine)) == before


def test_what_is_held_back_is_not_entered_until_it_is_issued(engine: Engine) -> None:
    assert everything(engine, judged(1, replace(OPEN, steps=(REMIND, HELD)))).steps == 1
    late = replace(LETTER, issued_on=day("05-02"), held_by="suspended")
    assert everything(engine, judged(1, replace(OPEN, steps=(REMIND, late))), as_of="05-02").steps == 1
    assert stored(engine, "level", "due_on", "issued_on", "first_swept") == [
        (1, day("04-01"), day("04-01"), 1), (2, day("04-11"), day("05-02"), 2)]


def test_what_was_issued_stays_when_the_violation_is_withdrawn(engine: Engine) -> None:
    everything(engine, judged(1, replace(OPEN, steps=(REMIND,))))
    before = stored(engine)
    everything(engine, judged(1), known_in=2)
    assert stored(engine) == before
    # And is not issued a second time, on whatever date, when the violation comes back.
    moved = replace(REMIND, due_on=day("04-03"), issued_on=day("04-03"))
    assert everything(engine, judged(1, replace(OPEN, steps=(moved,))), known_in=3).steps == 0
    assert stored(engine) == before


def test_a_sweep_of_an_earlier_date_counts_and_enters_nothing(engine: Engine) -> None:
    everything(engine, judged(1), as_of="05-10")
    assert everything(engine, judged(1, replace(OPEN, steps=(REMIND,))), as_of="04-10").steps == 1
    assert stored(engine) == []


PACK = """\
pack: test/a
titles: {zh: 甲, en: a}
documents: {plan: {title: 方案}}
division: "120102"
effective: {from: 2024-01-01}
rules:
  - {id: a.check, duty: fire_check, titles: {zh: 检查, en: check}, clause: 一, quote: 每月, every: month}
ladders:
  - id: a.ladder
    titles: {zh: 梯次, en: ladder}
    clause: 二
    quote: 当日提醒，9日函告，连续2次的20日约谈，35日曝光
    steps:
      - {step: remind, after: {assumption: 0, reason: 当日}}
      - {step: letter, after: 9}
      - {step: summon, after: 20, when: {streak: {ge: 2}}}
      - {step: expose, after: 35, when: {steps_taken: {ge: 2}}}
"""


def imported(engine: Engine) -> None:
    """Four enterprises: idle, late, suspended for a while, closed."""
    home = {"division": "120102"}
    found = ledger(
        enterprise(1, **home), enterprise(2, **home), enterprise(3, **home),
        enterprise(3, "03-05", suspended=True, **home), enterprise(3, "04-20", suspended=False, **home),
        enterprise(4, closed_on=day("05-20"), **home),
        record(2, "03-10"), record(2, "06-30"), record(3, "05-02"), coverage("fire_check"))
    apply_import(engine, found, "ledger", NOW)


def days_between(first: date, last: date, step: int) -> Iterable[date]:
    day = first
    while day < last:
        yield day
        day += timedelta(days=step)
    yield last


@pytest.fixture(scope="module")
def after_one_sweep(scratch: Callable[[], AbstractContextManager[Engine]]) -> list[tuple[Any, ...]]:
    return swept(scratch, [day("2024-08-01")])


def swept(scratch: Callable[[], AbstractContextManager[Engine]], days: Iterable[date]) -> list[tuple[Any, ...]]:
    """What is stored of steps after sweeps on these days."""
    rulebook = load_rulebook_texts({"a.yaml": PACK})
    with scratch() as engine:
        imported(engine)
        issued = sum(sweep_all(engine, rulebook, as_of, workers=1, now=lambda: NOW).counts.steps for as_of in days)
        found = rows(engine, StoredStep, *StoredStep.identity, *StoredStep.says)
        assert issued == len(found)
        return found


@pytest.mark.parametrize("pause", [1, 7, 31])
def test_nightly_weekly_monthly_or_once(scratch: Callable[[], AbstractContextManager[Engine]],
                                        after_one_sweep: list[tuple[Any, ...]], pause: int) -> None:
    assert swept(scratch, days_between(day("01-15"), day("08-01"), pause)) == after_one_sweep
    assert {step for *_, step, _, _ in after_one_sweep} == {"remind", "letter", "summon", "expose"}
    assert any(due_on != issued_on for *_, due_on, issued_on in after_one_sweep)
