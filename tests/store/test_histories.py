"""Imports and sweeps in any order: what the journal has told in the end, and that it can be verified."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from engine.comparing import stored_states
from engine.packs import load_rulebook
from engine.rulebook import Rulebook
from engine.sweep import sweep
from engine.verification import mismatches
from facts.models import AccidentRow, CoverageRow, EnterpriseRow, HazardRow, RecordRow, Row
from facts.store.database import open_database, reading
from facts.store.imports import apply_import
from facts.store.journal import canonical, entries_between
from facts.store.undo import undo_import
from tests.store.rows import code, day, ledger

FIRST, LAST = date(2025, 1, 5), date(2025, 3, 20)
ONE_DAY = timedelta(days=1)
LEARNT = {"withdrawn", "corrected", "reopened", "found_again", "case_corrected", "case_withdrawn"}


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    """The product's packs."""
    return load_rulebook()


def random_rows(chance: random.Random) -> list[Row]:
    """A few enterprises of Hedong with records, hazards and accidents; nothing of them is dated after ``LAST``."""

    def some_day() -> date:
        return date(2024, 1, 1) + ONE_DAY * chance.randrange((LAST - date(2024, 1, 1)).days)

    complete = ("evacuation_drill", "fire_check")
    rows: list[Row] = [CoverageRow(kind=kind, complete_from=day("01-01")) for kind in complete]
    for number in range(1, 6):
        rows.append(EnterpriseRow(
            uscc=code(number), valid_from=day("2020-01-01"), name=f"企业{number}", division="120102",
            sectors=(chance.choice(["catering", "hotel", "retail"]),), headcount=chance.choice([20, 150]),
            safety_officers=chance.choice([0, 1]), history_from=chance.choice([None, day("2024-01-01")]),
            registered_on=day("2020-01-01")))
        if chance.random() < 0.5:
            # Suspended for a while, whatever fell due before.
            first = some_day()
            for start, suspended in ((first, True), (first + ONE_DAY * chance.randrange(1, 90), False)):
                rows.append(replace(rows[-1], valid_from=start, suspended=suspended))
        days = {some_day() for _ in range(chance.randrange(8))}
        rows += [RecordRow(uscc=code(number), kind=chance.choice(["evacuation_drill", "leadership_inspection"]),
                           date=each) for each in days]
        for hazard in range(chance.randrange(3)):
            found_on = some_day()
            rectified_on = chance.choice([None, min(LAST, found_on + ONE_DAY * chance.randrange(60))])
            rows.append(HazardRow(
                hazard_id=f"H{number}-{hazard}", uscc=code(number), level=chance.choice(["major", "general"]),
                found_on=found_on, reported_on=chance.choice([None, found_on]),
                deadline=found_on + ONE_DAY * chance.randrange(1, 40), rectified_on=rectified_on,
                refused_on=chance.choice([None, None, found_on])))
        if chance.random() < 0.4:
            penalized_on = some_day()
            rows.append(AccidentRow(accident_id=f"A{number}", uscc=code(number), occurred_on=penalized_on,
                                    deaths=chance.choice([1, 3, None]), responsible=True, penalized_on=penalized_on))
    return rows


def at(as_of: date) -> datetime:
    """Half past two at night."""
    return datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC) - timedelta(hours=5, minutes=30)


def imported(engine: Engine, rows: Iterable[Row], as_of: date) -> int:
    """The number of the import."""
    number = apply_import(engine, ledger(*rows), "rows", at(as_of)).id
    assert number is not None
    return number


def swept(engine: Engine, rulebook: Rulebook, days: Iterable[date]) -> None:
    for each in days:
        sweep(engine, rulebook, each, workers=1, now=lambda each=each: at(each))


def told(engine: Engine) -> Counter[str]:
    """All events of all enterprises, facts aside."""
    with reading(engine) as connection:
        return Counter(canonical([entry.uscc, event]) for entry in entries_between(connection, None, None)
                       for event in entry.events if event["kind"] != "facts")


def standing(engine: Engine) -> dict[str, Any]:
    """What is recorded in the end, what was withdrawn aside."""
    with reading(engine) as connection:
        assert list(mismatches(connection)) == []
        return {uscc: ({identity: v for identity, v in state.violations.items() if v.status != "withdrawn"},
                       {id_: p for id_, p in state.proposals.items() if p.status != "withdrawn"})
                for uscc, state in stored_states(connection).items()}


def database(tmp_path: Path, name: str) -> Engine:
    return open_database(f"sqlite:///{tmp_path / name}.db", create=True)


NIGHTS = [FIRST + ONE_DAY * night for night in range((LAST - FIRST).days + 1)]


@pytest.mark.parametrize("seed", range(2))
def test_nightly_monthly_and_once_tell_the_same(tmp_path: Path, rulebook: Rulebook, seed: int) -> None:
    rows = random_rows(random.Random(seed))
    found = []
    for name, days in (("nightly", NIGHTS), ("monthly", [*NIGHTS[10::30], LAST]), ("once", [LAST])):
        engine = database(tmp_path, name)
        imported(engine, rows, FIRST)
        swept(engine, rulebook, days)
        found.append((told(engine), standing(engine)))
    assert found[0] == found[1] == found[2]
    kinds = {kind for kind in ("opened", "closed", "step") for event in found[0][0] if f'"kind":"{kind}"' in event}
    assert {"opened", "step"} <= kinds


@pytest.mark.parametrize("seed", range(3, 6))
def test_facts_learnt_in_between_end_where_they_would_have(tmp_path: Path, rulebook: Rulebook, seed: int) -> None:
    """Rows come late, one import is wrong and taken back, sweeps lie between: the end is as if all had been known."""
    chance = random.Random(seed)
    rows = random_rows(chance)
    enterprises = [row for row in rows if isinstance(row, (EnterpriseRow, CoverageRow))]
    others = [row for row in rows if not isinstance(row, (EnterpriseRow, CoverageRow))]
    wrong = [RecordRow(uscc=code(number), kind="evacuation_drill", date=day("2024-08-08")) for number in (1, 2, 3)]
    known = {row.key() for row in others}
    wrong = [row for row in wrong if row.key() not in known]
    engine, days = database(tmp_path, "late"), chance.sample(NIGHTS[:-1], 12)
    imported(engine, enterprises, FIRST)
    for number, each in enumerate(sorted(days)):
        if number == 3:
            mistake = imported(engine, wrong, each)
        elif number == 6:
            undo_import(engine, mistake, at(each))
        else:
            taken, others = others[:len(others) // 3 + 1], others[len(others) // 3 + 1:]
            apply_import(engine, ledger(*taken), "rows", at(each))
        swept(engine, rulebook, [each])
    apply_import(engine, ledger(*rows), "rows", at(LAST))
    swept(engine, rulebook, [LAST])
    once = database(tmp_path, "once")
    imported(once, rows, FIRST)
    swept(once, rulebook, [LAST])
    assert standing(engine) == standing(once)
    history, plain = told(engine), told(once)
    learnt = {event for event in history if any(f'"kind":"{kind}"' in event for kind in LEARNT)}
    assert learnt
    assert not any(f'"kind":"{kind}"' in event for event in plain for kind in LEARNT)


def test_sweeping_again_tells_nothing(tmp_path: Path, rulebook: Rulebook) -> None:
    engine = database(tmp_path, "again")
    imported(engine, random_rows(random.Random(9)), FIRST)
    swept(engine, rulebook, [LAST])
    before = told(engine)
    swept(engine, rulebook, [LAST, FIRST, LAST])
    assert told(engine) == before
    assert before
