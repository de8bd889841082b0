"""The life of violations and recommendations: nightly, monthly and one late sweep tell the same story."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from engine.case_story import proposal
from engine.judgement import judge
from engine.lifecycle import State, adopted, after, step
from engine.packs import load_rulebook_texts
from engine.results import Judgement
from engine.rulebook import Rulebook
from engine.violation_story import standing
from engine.waivers import Waiver
from facts.dossier import Dossier
from facts.store.journal import canonical
from tests.reference.strategies import as_of_dates, books, dossiers, yaml_text
from tests.reference.strategies_of_consequences import waivable, waivers, with_ladders, with_pauses

#: What is said of facts that were learnt between two sweeps, and not of time that went by.
LEARNT = {"withdrawn", "corrected", "reopened", "found_again", "case_corrected", "case_withdrawn"}
ONE_DAY = timedelta(days=1)
LATE = date(2027, 3, 31)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Rulebook, Dossier, list[Waiver], date]:
    packs = draw(with_ladders(draw(books())))
    rulebook = load_rulebook_texts({f"{pack['pack']}.yaml": yaml_text(pack) for pack in packs})
    dossier = draw(dossiers(packs))
    late = judge(dossier, rulebook, LATE)
    turns = [day for v in late.violations for day in (v.opened_on, v.closed_on, *(s.issued_on for s in v.issued))
             if day is not None] if late else []
    as_of = draw(st.sampled_from(turns) if turns else as_of_dates(dossier, packs))
    as_of = min(LATE, as_of + ONE_DAY * draw(st.sampled_from((0, 1, 12, 50))))
    said = rows(judge(dossier, rulebook, as_of))
    dossier = draw(with_pauses(dossier, said))
    return rulebook, dossier, draw(waivers(dossier, waivable(said))), as_of


def rows(found: Judgement | None) -> dict[str, Any] | None:
    """What the strategies read of a judgement."""
    return None if found is None else {"as_of": found.as_of, **{
        name: [{field: str(getattr(each, field)) if field == "verdict" else getattr(each, field) for field in fields}
               for each in getattr(found, name)]
        for name, fields in (("violations", ("duty", "key", "due_on", "opened_on", "closed_on")),
                             ("obligations", ("duty", "key", "due_on", "verdict")))}}


def swept(situation: tuple[Rulebook, Dossier, list[Waiver], date], days: list[date]) -> tuple[State, list[Any]]:
    """What sweeps on ``days`` record, one after the other; each also told again from its events, as JSON has them."""
    rulebook, dossier, given_, _ = situation
    state, told = State(), []
    for day in days:
        found = judge(dossier, rulebook, day, given_)
        state, events = step(state, found, day)
        assert state == recorded(state, found), "what is recorded is what was found"
        assert step(state, found, day)[1] == (), "sweeping again says nothing"
        told += events
    assert after(State(), json.loads(canonical(told))) == state
    assert after(State(), adopted(state, LATE)) == state
    return state, told


def recorded(state: State, found: Judgement | None) -> State:
    """``state`` with all that was found put in, as far as sweeps record it."""
    violations = {(v.duty, v.key): standing(v) for v in found.violations} if found else {}
    proposals = {r.id: proposal(r) for r in (*found.recommendations, *found.past_recommendations)} if found else {}
    kept = {id_: known for id_, known in proposals.items() if id_ in state.proposals or known.status != "unknown"}
    return State({**state.violations, **violations}, state.steps, {**state.proposals, **kept})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(situations(), st.integers(20, 70))
def test_nightly_monthly_and_one_late_sweep_tell_the_same(
    situation: tuple[Rulebook, Dossier, list[Waiver], date], nights: int
) -> None:
    last = situation[-1]
    every_night = [last - ONE_DAY * back for back in range(nights, -1, -1)]
    now_and_then = [*every_night[3:-1:30], last]
    nightly, told_nightly = swept(situation, every_night)
    once, told_once = swept(situation, [last])
    monthly, told_monthly = swept(situation, now_and_then)
    for told in (told_nightly, told_monthly):
        note("\n".join(map(str, told)))
    note("\n".join(map(str, told_once)))
    # A version that becomes visible in between may bring facts of the past: they were learnt then.
    if any(each["kind"] in LEARNT for each in (*told_nightly, *told_monthly)):
        event("facts were learnt")
        stand = {identity: v for identity, v in nightly.violations.items() if v.status != "withdrawn"}
        assert stand == dict(once.violations)
        return
    event(f"{len(told_once)} events" if len(told_once) < 3 else "many events")
    assert counted(told_nightly) == counted(told_once) == counted(told_monthly)
    assert nightly == once == monthly


def counted(told: list[Any]) -> Counter[str]:
    return Counter(canonical(each) for each in told)
