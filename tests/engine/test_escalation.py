"""Steps of escalation: against a recomputation day by day, and whenever and how often one looks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from engine.escalation import Held, steps_of
from engine.judgement import judge
from engine.packs import load_rulebook_texts
from engine.results import Status, Violation
from engine.rulebook import Ladder, Rulebook, RuleRef, Rung
from engine.waivers import Waiver
from facts.dossier import Dossier, Item
from facts.language import Text
from tests.reference import evaluator
from tests.reference.strategies import Pack, as_of_dates, books, dossiers, rarely, yaml_text
from tests.reference.strategies_of_consequences import (
    books_of_hazards,
    waivable,
    waivers,
    with_ladders,
    with_late_records,
    with_pauses,
)

DAY = timedelta(days=1)
OPENED = date(2024, 7, 1)
REF = RuleRef("a.ladder", "方案", "一", "提醒、函告")
STEPS = ("remind", "letter", "circular", "summon", "expose")


def later(most: int, least: int = 0) -> st.SearchStrategy[date]:
    """Days around that of the opening."""
    return st.integers(least, most).map(lambda days: OPENED + days * DAY)


@st.composite
def rungs(draw: st.DrawFn, level: int) -> Rung:
    return Rung(
        draw(st.sampled_from(STEPS)), level, draw(st.integers(0, 12)), REF,
        streak=draw(st.sampled_from((0, 0, 1, 2, 3))),
        hazard_level=draw(st.sampled_from((None, None, "major", "general"))),
        refused=draw(st.sampled_from((False, False, True))),
        steps_taken=draw(st.integers(0, level - 1)) if draw(st.booleans()) else 0)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    steps = tuple(draw(rungs(level)) for level in range(1, draw(st.integers(1, 5)) + 1))
    return Ladder(REF, "test/a", "120102", Text("梯次", "ladder"), ("a",), date(2024, 1, 1), date(2024, 12, 31), steps)


@st.composite
def violations(draw: st.DrawFn) -> Violation:
    closed_on = draw(st.none() | later(20))
    return Violation("a", "key", Status.OPEN if closed_on is None else Status.CLOSED, OPENED, (), closed_on=closed_on,
                     streak=draw(st.sampled_from((0, 1, 2, 3))))


hazards = st.none() | st.builds(
    lambda level, refused_on: Item("hazard", "key", {k: v for k, v in (("level", level), ("refused_on", refused_on))
                                                     if v is not None}),
    st.sampled_from((None, "major", "general")), st.none() | later(15, -5))
spans = st.lists(st.builds(lambda first, days, cause: Held(first, first + days * DAY, cause), later(18, -3),
                           st.integers(0, 8), st.sampled_from(("suspended", "waived"))), max_size=3)


def day_by_day(violation: Violation, ladder: Ladder, as_of: date, hazard: Item | None,
               held: Sequence[Held]) -> tuple[dict[int, date], dict[int, date]]:
    """Which steps have been reached, and which issued, by living through every day."""
    facts = hazard.facts if hazard is not None else {}
    reached: dict[int, date] = {}
    issued: dict[int, date] = {}
    day = violation.opened_on
    while day <= as_of and (violation.closed_on is None or day < violation.closed_on):
        for rung in ladder.steps:
            conditions = [
                (day - violation.opened_on).days >= rung.after,
                max(violation.streak, 1) >= rung.streak,
                rung.hazard_level is None or facts.get("level") == rung.hazard_level,
                not rung.refused or ("refused_on" in facts and facts["refused_on"] <= day),
                sum(level < rung.level for level in reached) >= rung.steps_taken,
            ]
            if rung.level not in reached and all(conditions):
                reached[rung.level] = day
        if not any(span.first <= day <= span.last for span in held):
            issued |= {level: day for level in reached if level not in issued}
        day += DAY
    return reached, issued


@settings(max_examples=200, deadline=None)
@given(violations(), ladders(), later(40), hazards, spans)
def test_steps_are_those_that_come_day_by_day(violation: Violation, ladder: Ladder, as_of: date, hazard: Item | None,
                                             held: list[Held]) -> None:
    steps = steps_of(violation, ladder, as_of, hazard=hazard, held=held)
    reached, issued = day_by_day(violation, ladder, as_of, hazard, held)
    open_question = {step.level for step in steps if step.held_by == "missing:hazard.level"}
    assert {step.level: step.due_on for step in steps if step.level not in open_question} == reached
    assert {step.level: step.issued_on for step in steps if step.issued_on} == issued
    for step in steps:
        waited = step.issued_on != step.due_on
        assert (step.held_by is not None) is waited
        if waited and step.level not in open_question:
            last = (step.issued_on or as_of + DAY) - DAY
            assert step.held_by in {span.cause for span in held if span.first <= last and span.last >= step.due_on}
    assert [step.level for step in steps] == sorted({step.level for step in steps})
    if hazard is not None and "level" not in hazard.facts:
        needy = {rung.level for rung in ladder.steps if rung.hazard_level}
        assert open_question <= needy
    else:
        assert not open_question


@settings(max_examples=200, deadline=None)
@given(violations(), ladders(), hazards, spans)
def test_looking_every_day_or_once_comes_to_the_same(violation: Violation, ladder: Ladder, hazard: Item | None,
                                                    held: list[Held]) -> None:
    at_last = steps_of(violation, ladder, OPENED + 60 * DAY, hazard=hazard, held=held)
    seen: dict[int, Any] = {}
    for days in range(60):
        as_of = OPENED + days * DAY
        # As it was on that day: what ended it later was not known then.
        closed_on = violation.closed_on if violation.closed_on is not None and violation.closed_on <= as_of else None
        then = Violation("a", "key", Status.OPEN if closed_on is None else Status.CLOSED, OPENED, (),
                         closed_on=closed_on, streak=violation.streak)
        known = hazard and Item("hazard", "key", {name: value for name, value in hazard.facts.items()
                                                  if not isinstance(value, date) or value <= as_of})
        for step in steps_of(then, ladder, as_of, hazard=known, held=held):
            if step.issued_on is not None:
                assert seen.setdefault(step.level, step) == step
    assert tuple(seen[level] for level in sorted(seen)) == tuple(step for step in at_last if step.issued_on)


# Whole enterprises


@st.composite
def pack_ladders(draw: st.DrawFn, pack: Pack) -> list[dict[str, Any]]:
    """One or two ladders for the duties of a pack, one after the other in time."""
    duties = sorted({rule["duty"] for rule in pack["rules"]})
    hazards_too = any("hazard" in (rule.get("for_each"), *(case.get("for_each") for case in rule.get("cases", ())))
                      for rule in pack["rules"])
    turn = draw(st.none() | st.dates(date(2024, 2, 1), date(2024, 12, 1)))
    ranges = [{"from": date(2023, 1, 1)}] if turn is None else [
        {"from": date(2023, 1, 1), "to": turn}, {"from": turn + DAY, "to": date(2028, 1, 1)}]
    found = []
    for number, effective in enumerate(ranges):
        steps = []
        for level in range(draw(st.integers(1, 4))):
            step: dict[str, Any] = {"step": draw(st.sampled_from(STEPS)), "after": draw(st.integers(0, 45))}
            when: dict[str, Any] = {}
            if level and draw(st.booleans()):
                when["steps_taken"] = {"ge": draw(st.integers(1, level))}
            if hazards_too and draw(st.booleans()):
                when |= draw(st.sampled_from(({"refused": True}, {"hazard.level": "major"})))
            steps.append(step | ({"when": when} if when else {}))
        found.append({"id": f"{pack['rules'][0]['id']}-ladder-{number}", "titles": pack["titles"], "duties": duties,
                      "document": next(iter(pack["documents"])), "clause": "一", "quote": "提醒", "steps": steps,
                      "effective": effective})
    return found


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Pack], Dossier, list[date]]:
    packs = draw(books())
    for pack in packs:
        if pack.get("rules"):
            # A ladder that ends before that day would be refused as serving nothing.
            pack.pop("judged_from", None)
            pack["ladders"] = draw(pack_ladders(pack))
    dossier = draw(dossiers(packs))
    return packs, dossier, sorted(draw(st.lists(as_of_dates(dossier, packs), min_size=3, max_size=6)))


def found(dossier: Dossier, rulebook: Rulebook, as_of: date) -> dict[tuple[str, str], Violation]:
    judgement = judge(dossier, rulebook, as_of)
    return {(v.duty, v.key): v for v in judgement.violations} if judgement else {}


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(situations())
def test_what_was_issued_stays_issued(situation: tuple[list[Pack], Dossier, list[date]]) -> None:
    packs, dossier, days = situation
    *earlier, last = days
    rulebook = load_rulebook_texts({f"{pack['pack']}.yaml": yaml_text(pack) for pack in packs})
    at_last = found(dossier, rulebook, last)
    for as_of in earlier:
        for identity, then in found(dossier, rulebook, as_of).items():
            now = at_last.get(identity)
            # A version that becomes visible in between may bring facts of the past; the violation is another then.
            if now is None or (then.opened_on, then.streak, then.rules) != (now.opened_on, now.streak, now.rules):
                continue
            if now.closed_on is not None and now.closed_on <= as_of and now.closed_on != then.closed_on:
                continue
            note(f"{as_of} {last} {identity} {then} {now}")
            assert then.issued == tuple(step for step in now.issued if step.issued_on <= as_of)


#: Nights lived through, one by one.
NIGHTS = 120


@st.composite
def nights(draw: st.DrawFn) -> tuple[Rulebook, Dossier, list[Waiver], date]:
    """Packs with ladders, an enterprise all of whose facts but suspensions are known from the start and whose ledger is
    complete, its waivers, and the first of the nights.
    """
    packs = draw(with_ladders(draw(books_of_hazards() if draw(rarely()) else books())))
    drawn = draw(dossiers(packs))
    facts = {**drawn.versions[0].facts, "division": "120102"}
    version = replace(drawn.versions[0], valid_from=date(2023, 6, 1), facts=facts, history_from=date(2023, 1, 1))
    steady = replace(drawn, versions=(version,))
    in_view = evaluator.evaluate(steady, packs, draw(as_of_dates(steady, packs)))
    opened = [v["opened_on"] for v in in_view["violations"]] if in_view else []
    first = draw(st.sampled_from(opened)) - draw(st.integers(0, NIGHTS)) * DAY if opened else date(2024, 6, 1)
    rulebook = load_rulebook_texts({f"{pack['pack']}.yaml": yaml_text(pack) for pack in packs})
    dossier = draw(with_late_records(draw(with_pauses(steady, in_view)), in_view))
    return rulebook, dossier, draw(waivers(steady, waivable(in_view))), first


def issued(rulebook: Rulebook, dossier: Dossier, as_of: date,
           given_: list[Waiver]) -> dict[tuple[Any, ...], set[tuple[Any, ...]]]:
    """The steps issued, by the violation about which they are."""
    judgement = judge(dossier, rulebook, as_of, given_)
    return {(v.duty, v.key, v.opened_on): {(s.step, s.level, s.due_on, s.issued_on) for s in v.issued}
            for v in judgement.violations} if judgement else {}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(nights())
def test_judging_every_night_or_once_issues_the_same_steps(
        situation: tuple[Rulebook, Dossier, list[Waiver], date]) -> None:
    rulebook, dossier, given_, first = situation
    each_night: defaultdict[tuple[Any, ...], set[tuple[Any, ...]]] = defaultdict(set)
    for n in range(NIGHTS + 1):
        tonight = issued(rulebook, dossier, first + n * DAY, given_)
        for violation, steps in tonight.items():
            each_night[violation] |= steps
    # A pause can show that a shorter period was asked for after all, or was not: another violation, or none.
    assert {violation: each_night[violation] for violation in tonight} == tonight
