"""What holds of every judgement, whatever the packs, the enterprise and the date."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.applicability import applicability_of
from engine.judgement import judge
from engine.packs import load_rulebook_texts
from engine.results import Judgement, Status, Verdict
from engine.rulebook import Periodic, Rulebook, State
from facts.dossier import Claim, Dossier, Item, Version
from tests.reference.strategies import RECORD_KINDS, as_of_dates, books, dates, dossiers, yaml_text

FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
ONE_DAY = timedelta(days=1)
USCC = "91120102MA05XYAB1C"

MISSED = (Verdict.VIOLATED, Verdict.MADE_UP)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Rulebook, Dossier, list[date]]:
    """A rulebook, an enterprise, and dates as of which to judge it."""
    packs = draw(books())
    dossier = draw(dossiers(packs))
    as_of = draw(st.lists(as_of_dates(dossier, packs), min_size=2, max_size=4))
    return load_rulebook_texts({f"{pack['pack']}.yaml": yaml_text(pack) for pack in packs}), dossier, as_of


def judgements(situation: tuple[Rulebook, Dossier, list[date]]) -> Iterable[Judgement]:
    rulebook, dossier, as_of_dates_ = situation
    for as_of in as_of_dates_:
        judged = judge(dossier, rulebook, as_of)
        assert (judged is None) is (as_of < dossier.versions[0].valid_from)
        if judged is not None:
            yield judged


# A pure function


@FEW
@given(situations(), dossiers([]), st.randoms(use_true_random=False))
def test_what_was_judged_before_changes_nothing(
        situation: tuple[Rulebook, Dossier, list[date]], other: Dossier, random: Any) -> None:
    rulebook, dossier, days = situation
    first = [judge(dossier, rulebook, day) for day in days]
    later = random.sample(days, len(days))
    for day in later:
        judge(other, rulebook, day)
    again = {day: judge(dossier, rulebook, day) for day in later}
    assert [again[day] for day in days] == first
    applicability_of.cache_clear()
    assert [judge(dossier, rulebook, day) for day in days] == first


@FEW
@given(situations(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_known_does_not_matter(
        situation: tuple[Rulebook, Dossier, list[date]], random: Any) -> None:
    rulebook, dossier, days = situation

    def shuffled(some: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(some, len(some)))

    mixed = replace(
        dossier, items=shuffled(dossier.items), claims=shuffled(dossier.claims),
        records={kind: shuffled(some + some[:1]) for kind, some in reversed(dossier.records.items())},
        versions=tuple(replace(v, facts=dict(reversed(v.facts.items()))) for v in dossier.versions))
    for day in days:
        assert judge(mixed, rulebook, day) == judge(dossier, rulebook, day)


_MAY_LIE_AHEAD = {"opens_on", "expires_on", "deadline"}


def as_known_on(day: date, dossier: Dossier) -> Dossier:
    """The dossier without what is dated after ``day``."""
    def past(item: Item) -> Item:
        return replace(item, facts={k: v for k, v in item.facts.items()
                                    if not isinstance(v, date) or v <= day or k in _MAY_LIE_AHEAD})

    def visible(item: Item) -> bool:
        appears = item.facts.get({"hazard": "found_on", "accident": "occurred_on"}.get(item.kind, ""))
        return not isinstance(appears, date) or appears <= day

    return replace(
        dossier,
        versions=tuple(replace(v, last={k: d for k, d in v.last.items() if not isinstance(d, date) or d <= day})
                       for v in dossier.versions if v.valid_from <= day),
        records={kind: tuple(d for d in some if d <= day) for kind, some in dossier.records.items()},
        items=tuple(past(item) for item in dossier.items if visible(item)))


@FEW
@given(situations())
def test_what_is_dated_later_changes_nothing(situation: tuple[Rulebook, Dossier, list[date]]) -> None:
    rulebook, dossier, days = situation
    for day in days:
        assert judge(as_known_on(day, dossier), rulebook, day) == judge(dossier, rulebook, day)


@FEW
@given(situations(), st.sampled_from(RECORD_KINDS), dates())
def test_one_more_record_takes_nothing_away(
        situation: tuple[Rulebook, Dossier, list[date]], kind: str, day: date) -> None:
    rulebook, dossier, days = situation
    done = tuple(sorted({*dossier.records.get(kind, ()), day}))
    more = replace(dossier, records={**dossier.records, kind: done})
    for as_of in days:
        before, after = judge(dossier, rulebook, as_of), judge(more, rulebook, as_of)
        if before is None or after is None:
            assert before is after
            continue
        now = {(o.duty, o.key): o for o in after.obligations}
        for obligation in before.obligations:
            if obligation.verdict is not Verdict.FULFILLED:
                continue
            same = now.get((obligation.duty, obligation.key))
            if same is None:
                # Of several deadlines, those after the first that is settled are not asked for.
                assert any(o.duty == obligation.duty and o.starts_on is None and o.verdict is Verdict.FULFILLED
                           and o.key < obligation.key for o in after.obligations)
                continue
            assert same.verdict is Verdict.FULFILLED
            if obligation.fulfilled_on is not None:
                assert same.fulfilled_on <= obligation.fulfilled_on
        assert {(v.duty, v.key) for v in after.violations} <= {(v.duty, v.key) for v in before.violations}


# How rows hang together


@FEW
@given(situations())
def test_rows_are_in_the_order_of_the_contract(situation: tuple[Rulebook, Dossier, list[date]]) -> None:
    for judged in judgements(situation):
        for rows in (judged.obligations, judged.violations):
            order = [(row.duty, row.due_on or date.max, row.key) for row in rows]
            assert order == sorted(order)
            assert len({(row.duty, row.key) for row in rows}) == len(rows), "a duty's keys are its own"


@FEW
@given(situations())
def test_obligations_say_what_their_verdict_needs(situation: tuple[Rulebook, Dossier, list[date]]) -> None:
    rulebook, _, _ = situation
    for judged in judgements(situation):
        for o in judged.obligations:
            assert o.rules
            assert bool(o.missing) is (o.verdict is Verdict.UNKNOWN)
            assert (o.fulfilled_on is not None) is (
                o.verdict is Verdict.FULFILLED and rulebook.duties[o.duty].type is not State)
            if o.fulfilled_on is not None:
                assert o.done >= o.required
                assert (o.starts_on or date.min) <= o.fulfilled_on <= min(o.due_on, judged.as_of) or not o.starts_on
            if o.key == "?" or rulebook.duties[o.duty].type is State:
                assert (o.starts_on, o.due_on, o.required, o.done) == (None, None, None, None)
            elif o.verdict in (Verdict.PENDING, Verdict.DUE_SOON):
                assert judged.as_of <= o.due_on
                assert o.done < o.required
            elif o.verdict in MISSED:
                assert judged.as_of > o.due_on
                assert o.done < o.required


@FEW
@given(situations())
def test_a_violation_belongs_to_an_obligation_that_was_missed(
        situation: tuple[Rulebook, Dossier, list[date]]) -> None:
    rulebook, _, _ = situation
    for judged in judgements(situation):
        missed = {(o.duty, o.key): o for o in judged.obligations if o.verdict in MISSED and o.key != "state"}
        dated = [v for v in judged.violations if rulebook.duties[v.duty].type is not State]
        assert {(v.duty, v.key) for v in dated} == missed.keys()
        for v in dated:
            obligation = missed[v.duty, v.key]
            assert (v.due_on, v.rules) == (obligation.due_on, obligation.rules)
            assert v.opened_on == v.due_on + ONE_DAY <= judged.as_of
            assert v.overdue_days == ((v.closed_on or judged.as_of) - v.due_on).days
            assert (v.status is Status.CLOSED) is (obligation.verdict is Verdict.MADE_UP)
        for v in judged.violations:
            assert (v.closed_on is None) is (v.status is Status.OPEN)
            if v.closed_on is not None:
                assert v.opened_on <= v.closed_on <= judged.as_of
            if v.status is Status.LAPSED:
                assert v.opened_on < v.closed_on, "what would lapse on the day it opens is not asked for"


@FEW
@given(situations())
def test_violations_of_states_are_known_by_their_first_day(situation: tuple[Rulebook, Dossier, list[date]]) -> None:
    rulebook, _, _ = situation
    for judged in judgements(situation):
        now = {o.duty: o.verdict for o in judged.obligations if o.key == "state"}
        for duty in rulebook.duties.values():
            if duty.type is not State:
                continue
            found = [v for v in judged.violations if v.duty == duty.name]
            for v in found:
                assert v.key == v.opened_on.isoformat()
                assert (v.due_on, v.overdue_days, v.streak) == (None, None, 1)
            if now.get(duty.name) is Verdict.VIOLATED:
                assert any(v.status is Status.OPEN for v in found)
            if now.get(duty.name) is Verdict.FULFILLED:
                assert all(v.status is not Status.OPEN for v in found)


def unit_of(key: str) -> object:
    """What tells the unit of a period by its key: its form, and for several years their anchor."""
    if years := re.fullmatch(r"(\d{4})\.\.(\d{4})", key):
        first, last = map(int, years.groups())
        return last - first + 1, first % (last - first + 1)
    if months := re.fullmatch(r"\d{4}-(\d\d)\.\.\d{4}-(\d\d)", key):
        first, last = map(int, months.groups())
        return "months", last - first + 1
    return re.sub(r"\d+", "", key), len(key)


@FEW
@given(situations())
def test_streaks_count_consecutive_missed_periods_of_a_unit(situation: tuple[Rulebook, Dossier, list[date]]) -> None:
    rulebook, _, _ = situation
    for judged in judgements(situation):
        streaks = {(v.duty, v.key): v.streak for v in judged.violations}
        running: defaultdict[tuple[str, object], int] = defaultdict(int)
        for o in judged.obligations:
            if o.key == "?" or rulebook.duties[o.duty].type is not Periodic:
                assert streaks.get((o.duty, o.key), 1) == 1
                continue
            series = o.duty, unit_of(o.key)
            if o.verdict is Verdict.FULFILLED:
                running[series] = 0
            elif o.verdict in MISSED:
                running[series] += 1
                assert streaks[o.duty, o.key] == running[series]


@FEW
@given(situations())
def test_recommendations_are_one_for_a_kind_and_object(situation: tuple[Rulebook, Dossier, list[date]]) -> None:
    for judged in judgements(situation):
        order = [(r.kind, r.since or date.max, r.grounds[0].facts) for r in judged.recommendations]
        assert order == sorted(order)
        assert len({(r.kind, r.grounds[0].facts) for r in judged.recommendations}) == len(order)
        assert len({r.id for r in judged.recommendations}) == len(order)
        for r in judged.recommendations:
            assert r.status == ("proposed" if r.since else "unknown")
            assert bool(r.missing) is (r.since is None)
            assert r.since is None or r.since <= judged.as_of
            assert len({ground.facts for ground in r.grounds}) == 1


# Examples


PACK = """\
pack: test/a
titles: {zh: 甲, en: a}
documents: {plan: {title: 方案}}
division: "120102"
effective: {from: 2024-01-01}
rules:
  - {id: a.check, duty: fire_check, titles: {zh: 防火检查, en: fire check}, clause: 一, quote: 每月, every: month}
"""


@pytest.fixture(scope="module")
def monthly() -> Rulebook:
    return load_rulebook_texts({"a.yaml": PACK})


def enterprise(*records: date, claims: tuple[Claim, ...] = (), **attributes: Any) -> Dossier:
    version = Version(date(2023, 1, 1), {"division": "120102"}, **attributes)
    return Dossier(USCC, (version,), {"fire_check": records}, claims=claims)


def verdicts(dossier: Dossier, rulebook: Rulebook, as_of: date) -> dict[str, str]:
    judged = judge(dossier, rulebook, as_of)
    assert judged is not None
    return {o.key: str(o.verdict) for o in judged.obligations}


def test_a_date_of_closing_that_lies_ahead_is_not_known_yet(monthly: Rulebook) -> None:
    closing = enterprise(closed_on=date(2024, 3, 15))
    assert "2024-03" in verdicts(closing, monthly, date(2024, 3, 15))
    assert "2024-03" not in verdicts(closing, monthly, date(2024, 3, 16))


def test_rows_are_sorted_by_due_date_before_their_key() -> None:
    yearly = PACK.replace("test/a", "test/b").replace("a.check", "b.check").replace("every: month", "every: year")
    later = PACK.replace("2024-01-01", "2024-02-01")
    both = load_rulebook_texts({"a.yaml": later, "b.yaml": yearly})
    assert list(verdicts(enterprise(), both, date(2024, 3, 1))) == ["2024-02", "2024-03", "2024"]


def test_a_streak_goes_on_over_what_is_not_known(monthly: Rulebook) -> None:
    claims = (Claim("fire_check", date(2024, 2, 1), date(2024, 2, 29)),
              Claim("fire_check", date(2024, 4, 1), date(2024, 5, 31)))
    judged = judge(enterprise(claims=claims), monthly, date(2024, 6, 1))
    assert judged is not None
    assert {o.key: str(o.verdict) for o in judged.obligations} == {
        "2024-01": "unknown", "2024-02": "violated", "2024-03": "unknown", "2024-04": "violated", "2024-05": "violated",
        "2024-06": "pending"}
    assert [(v.key, v.streak) for v in judged.violations] == [("2024-02", 1), ("2024-04", 2), ("2024-05", 3)]


def test_a_streak_starts_again_after_what_was_done(monthly: Rulebook) -> None:
    judged = judge(enterprise(date(2024, 3, 31), history_from=date(2024, 1, 1)), monthly, date(2024, 6, 1))
    assert judged is not None
    assert [(v.key, v.streak, str(v.status)) for v in judged.violations] == [
        ("2024-01", 1, "closed"), ("2024-02", 2, "closed"), ("2024-04", 1, "open"), ("2024-05", 2, "open")]


def test_an_obligation_knows_whether_the_ledger_covers_it(monthly: Rulebook) -> None:
    def covered(dossier: Dossier) -> list[bool | None]:
        judged = judge(dossier, monthly, date(2024, 1, 10))
        assert judged is not None
        return [o.covered for o in judged.obligations]

    assert covered(enterprise()) == [False]
    assert covered(enterprise(history_from=date(2024, 1, 1))) == [True]
    assert covered(enterprise(history_from=date(2024, 1, 2))) == [False]
