"""What waivers change in a judgement, and that they change nothing else, held against a naive reading of SEMANTICS."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.judgement import judge
from engine.output import judgement_document
from engine.packs import load_rulebook_texts
from engine.results import Judgement, Obligation, Status, Verdict, Violation
from engine.rulebook import Periodic, Rulebook, State
from engine.waiver_matches import keys_due, matches
from engine.waivers import Waiver, first_day_free, of_duty
from facts.dossier import Dossier
from tests.reference.strategies import as_of_dates, books, dossiers, yaml_text

FEW = settings(max_examples=25, deadline=None,
               suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
ONE_DAY = timedelta(days=1)
D = date(2024, 5, 1)


def waiver(first: date, last: date, **more: Any) -> Waiver:
    given_ = {"id": 1, "uscc": "X", "duty": "drill", "key": None, "reason": "r", "author": "a", "entered_on": first}
    return Waiver(first=first, last=last, **{**given_, **more})


@st.composite
def situations(draw: st.DrawFn) -> tuple[Rulebook, Dossier, date, list[Waiver]]:
    """A rulebook, an enterprise, a date, and waivers of its duties that crowd around its due dates."""
    packs = draw(books())
    rulebook = load_rulebook_texts({f"{pack['pack']}.yaml": yaml_text(pack) for pack in packs})
    dossier = draw(dossiers(packs))
    as_of = draw(as_of_dates(dossier, packs))
    found = judge(dossier, rulebook, as_of)
    rows = [(o.duty, o.key, o.due_on or as_of) for o in found.obligations] if found else []
    if found:
        rows += [(v.duty, "state", v.opened_on) for v in found.violations if v.due_on is None]
    drawn: list[Waiver] = []
    for number in range(draw(st.integers(0, 4)) if rows else 0):
        duty, key, day = draw(st.sampled_from(rows))
        first = day - timedelta(days=draw(st.sampled_from((0, 1, 40, 200))))
        last = max(first, day + timedelta(days=draw(st.sampled_from((-1, 0, 1, 40, 400)))))
        later = draw(st.sampled_from((0, 0, 0, 1, 100)))
        ended = draw(st.sampled_from((None, None, first, day, day + ONE_DAY, last)))
        drawn.append(waiver(
            first, last, id=number + 1, uscc=dossier.uscc, duty=duty, key=draw(st.sampled_from((None, key))),
            entered_on=first + timedelta(days=later), retroactive="late" if later else None,
            ended_on=None if ended is None else max(ended, first + timedelta(days=later)),
            void=ended is not None and draw(st.sampled_from((False, False, True)))))
    return rulebook, dossier, as_of, drawn


def text(judgement: Judgement | None) -> str:
    return "null" if judgement is None else json.dumps(judgement_document(judgement), ensure_ascii=False)


@FEW
@given(situations())
def test_waivers_that_cover_nothing_change_no_byte(situation: tuple[Rulebook, Dossier, date, list[Waiver]]) -> None:
    rulebook, dossier, as_of, waivers = situation
    plain = judge(dossier, rulebook, as_of)
    assert text(judge(dossier, rulebook, as_of, ())) == text(plain)
    day = as_of + ONE_DAY
    elsewhere = [each for w in waivers for each in (
        replace(w, uscc="91120102MA0000000P"), replace(w, duty="no_such_duty"), replace(w, key="no such key"),
        replace(w, ended_on=w.last, void=True), replace(w, ended_on=w.first, void=False, entered_on=w.first),
        replace(w, entered_on=day, first=day, last=day + ONE_DAY * 900, retroactive=None))]
    assert dossier.uscc != "91120102MA0000000P"
    assert text(judge(dossier, rulebook, as_of, elsewhere)) == text(plain)


def days_of(w: Waiver, as_of: date) -> set[date]:
    """The days of the span that count, one by one, as of a date."""
    if w.void or as_of < min(w.entered_on, w.first):
        return set()
    days = {w.first + timedelta(days=n) for n in range((w.last - w.first).days + 1)}
    return days if w.ended_on is None or w.ended_on > as_of else {day for day in days if day < w.ended_on}


def covered(waivers: Sequence[Waiver], duty: str, key: str, day: date | None, as_of: date) -> bool:
    return any(w.duty == duty and w.key in (None, key) and day in days_of(w, as_of) for w in waivers)


@FEW
@given(situations())
def test_what_is_waived_and_what_is_not(situation: tuple[Rulebook, Dossier, date, list[Waiver]]) -> None:
    rulebook, dossier, as_of, waivers = situation
    before, after = judge(dossier, rulebook, as_of), judge(dossier, rulebook, as_of, waivers)
    if before is None:
        assert after is None
        return
    assert after is not None
    for old, new in zip(before.obligations, after.obligations, strict=True):
        state = rulebook.duties[old.duty].type is State
        day = as_of if state and old.key == "state" else old.due_on
        if old.verdict is not Verdict.FULFILLED and covered(waivers, old.duty, old.key, day, as_of):
            assert new == replace(old, verdict=Verdict.WAIVED, missing=(), waiver=new.waiver)
            assert new.waiver in waivers
        else:
            assert new == old
    for old, new in zip(before.violations, after.violations, strict=True):
        same = replace(new, status=old.status, streak=old.streak, waiver=None, excused=())
        assert same == old
        assert (new.status is Status.WAIVED) is is_waived(rulebook, waivers, old, as_of)
        assert (new.status is Status.WAIVED) is (new.waiver is not None)
    assert streaks(after, rulebook) == {(v.duty, v.key): v.streak for v in after.violations}
    assert after.recommendations == before.recommendations


def is_waived(rulebook: Rulebook, waivers: Sequence[Waiver], v: Violation, as_of: date) -> bool:
    if rulebook.duties[v.duty].type is not State:
        return covered(waivers, v.duty, v.key, v.due_on, as_of)
    if v.closed_on is None:
        return covered(waivers, v.duty, "state", as_of, as_of)
    days = range((v.closed_on - v.opened_on).days)
    return all(covered(waivers, v.duty, "state", v.opened_on + timedelta(days=n), as_of) for n in days)


def streaks(judgement: Judgement, rulebook: Rulebook) -> dict[tuple[str, str], int]:
    """Counted from the obligations alone, period by period."""
    missed = {(v.duty, v.key): v for v in judgement.violations}
    found = {key: 0 if v.status is Status.WAIVED else 1 for key, v in missed.items()}
    by_unit: dict[Any, list[Obligation]] = defaultdict(list)
    for o in judgement.obligations:
        duty = rulebook.duties[o.duty]
        if duty.type is Periodic and o.starts_on is not None:
            units = {r.asked.unit for r in duty.rules if r.ref in o.rules and isinstance(r.asked, Periodic)
                     and r.asked.unit.period_of(o.starts_on).key == o.key}
            assert len(units) == 1
            by_unit[o.duty, units.pop()].append(o)
    for obligations in by_unit.values():
        count = 0
        for o in sorted(obligations, key=lambda o: o.starts_on or date.max):
            if o.verdict is Verdict.FULFILLED:
                count = 0
            elif (o.duty, o.key) in missed:
                count += o.verdict is not Verdict.WAIVED
                found[o.duty, o.key] = 0 if o.verdict is Verdict.WAIVED else count
    return found


@FEW
@given(situations())
def test_what_is_dated_later_is_not_seen(situation: tuple[Rulebook, Dossier, date, list[Waiver]]) -> None:
    rulebook, dossier, as_of, waivers = situation
    seen = [replace(w, ended_on=None) if w.ended_on and w.ended_on > as_of and not w.void else w
            for w in waivers if min(w.entered_on, w.first) <= as_of]
    assert text_without_endings(judge(dossier, rulebook, as_of, waivers)) == text_without_endings(
        judge(dossier, rulebook, as_of, seen))


def text_without_endings(judgement: Judgement | None) -> str:
    document = json.loads(text(judgement))
    for row in (document or {}).get("obligations", []) + (document or {}).get("violations", []):
        if row["waiver"]:
            del row["waiver"]["ended"]
    return json.dumps(document)


@FEW
@given(situations())
def test_what_a_waiver_matches_is_what_it_covers(situation: tuple[Rulebook, Dossier, date, list[Waiver]]) -> None:
    rulebook, dossier, as_of, waivers = situation
    for w in waivers:
        judgement = judge(dossier, rulebook, max(as_of, w.last), [w])
        if judgement is None or w.last_day(date.max) > as_of:
            continue
        if any(o.waiver for o in judgement.obligations) and rulebook.duties[w.duty].type is not State:
            assert matches(w, dossier, rulebook)


def test_the_last_day() -> None:
    span = waiver(date(2024, 3, 1), date(2024, 3, 31))
    assert span.last_day(D) == date(2024, 3, 31)
    ended = replace(span, ended_on=date(2024, 3, 10))
    assert ended.last_day(date(2024, 3, 9)) == date(2024, 3, 31)
    assert ended.last_day(date(2024, 3, 10)) == date(2024, 3, 9)
    assert ended.covers(date(2024, 3, 9), D)
    assert not ended.covers(date(2024, 3, 10), D)
    assert not replace(span, ended_on=date(2024, 3, 1)).covers(date(2024, 3, 1), D)
    assert replace(span, ended_on=date(2024, 6, 1)).last_day(date(2025, 1, 1)) == date(2024, 3, 31)


def test_the_first_day_free() -> None:
    one = waiver(date(2024, 3, 1), date(2024, 3, 31))
    two = waiver(date(2024, 4, 1), date(2024, 4, 30), id=2)
    assert first_day_free([one, two], "state", date(2024, 3, 5), D) == D
    assert first_day_free([one], "state", date(2024, 3, 5), D) == date(2024, 4, 1)
    assert first_day_free([one], "state", date(2024, 2, 29), D) == date(2024, 2, 29)


def test_one_that_reaches_back_is_named_last() -> None:
    late = waiver(date(2024, 3, 1), date(2024, 3, 31), retroactive="late", entered_on=D)
    other = replace(late, id=9, retroactive=None, entered_on=late.first)
    assert of_duty([late, other], "X", "drill") == (other, late)
    assert of_duty([late, other], "X", "other") == ()


PACK = """
pack: test/pack
titles: {zh: 试, en: test}
documents: {d: {title: 文, issuer: 关, date: 2024-01-01}}
division: "000000"
effective: {from: 2024-01-01}
rules:
  - {id: a.a, duty: quarterly, record: fire_check, titles: {zh: 一, en: a}, clause: 一, quote: 一, every: quarter,
     within: {to_day: 15}}
  - {id: a.b, duty: once, record: fire_check, titles: {zh: 二, en: b}, clause: 二, quote: 二, deadline: 2024-06-30}
  - {id: a.c, duty: always, titles: {zh: 三, en: c}, clause: 三, quote: 三, state: {gas_alarm: true}}
"""


@pytest.mark.parametrize(("duty", "first", "last", "keys"), [
    ("quarterly", date(2024, 4, 15), date(2024, 7, 14), ("2024Q2",)),
    ("quarterly", date(2024, 4, 16), date(2024, 7, 15), ("2024Q3",)),
    ("quarterly", date(2024, 4, 16), date(2024, 7, 14), ()),
    ("once", date(2024, 6, 30), date(2024, 6, 30), ("2024-06-30",)),
    ("once", date(2024, 7, 1), date(2024, 8, 1), ()),
    ("always", date(2024, 7, 1), date(2024, 7, 1), ("state",)),
])
def test_keys_that_fall_due(duty: str, first: date, last: date, keys: tuple[str, ...]) -> None:
    rulebook = load_rulebook_texts({"pack.yaml": PACK})
    assert keys_due(rulebook.duties[duty], Dossier("X", ()), first, last) == keys
