"""The life of violations and recommendations (违规的经过): one pure step from what was recorded to what is found.

A finding has a *story*: the events that passing time brings, each on its own day, so that nightly sweeps and one late
sweep tell the same. If what was recorded tells the beginning of the story that is told now, the rest is what has
happened. If not, facts were learnt in between, and one event of the day of the sweep says what is so now; nothing that
was said before is taken back. SEMANTICS.md sections 3, 5, 6 and 8.

The kinds of event, with the words that the journal has for them:

- ``opened``, ``joined`` (a further rule came to hold), ``waived``, ``resumed``, ``closed``, ``lapsed``;
- ``step``: a step of a ladder was issued;
- ``proposed``, ``ground`` (a further ground), ``ground_ended``, ``ended``, ``expired`` of a recommendation;
- ``adopted``, ``case_adopted``: it was there before there was a journal;
- from facts learnt: ``corrected``, ``reopened``, ``withdrawn``, ``found_again``; of a recommendation ``case_corrected``
  and ``case_withdrawn``, of one that was confirmed ``grounds_gone`` and ``grounds_back``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.case_story import OF_PROPOSALS, Proposal, proposal, proposal_said, proposed, unfounded
from engine.event_values import Event, Identity, day_of, event_of, in_order
from engine.results import Judgement, Recommendation, Status, Violation
from engine.violation_story import OF_VIOLATIONS, Issued, Standing, happened, standing, violation_said

#: Duty, key, ladder and level of a step.
Rung = tuple[str, str, str, int]


@dataclass(frozen=True, slots=True)
class State:
    """All that is recorded of one enterprise."""

    violations: Mapping[Identity, Standing] = field(default_factory=dict)
    steps: Mapping[Rung, Issued] = field(default_factory=dict)
    proposals: Mapping[str, Proposal] = field(default_factory=dict)


#: Whether a sweep would have found what rests on these rules, if it were so.
Competent = Callable[[Iterable[str]], bool]


def step(state: State, found: Judgement | None, as_of: date, competent: Competent = lambda rules: True,
         ) -> tuple[State, tuple[Event, ...]]:
    """What is so on ``as_of`` after what was recorded, and what has happened in between, in order.

    ``found`` is what was judged as of that date, ``None`` if the enterprise is not there. What it does not have any
    more is withdrawn, if the sweep is ``competent`` to say so. What is so is what :func:`after` makes of the events; of
    violations and steps it is known without.
    """
    violations, steps = dict(state.violations), dict(state.steps)
    recommended = (*found.recommendations, *found.past_recommendations) if found else ()
    of_cases = sorted(_proposals(state, recommended, as_of, competent), key=in_order)
    events = [
        *_violations(violations, found.violations if found else (), as_of, competent),
        *_steps(steps, found.violations if found else ()),
        *of_cases,
    ]
    events.sort(key=in_order)
    proposals = after(State(proposals=state.proposals), of_cases).proposals
    return State(violations, steps, proposals), tuple(events)


def after(state: State, events: Iterable[Mapping[str, Any]]) -> State:
    """The state that ``events`` lead to. Events of other kinds change nothing here.

    Raises ``KeyError`` or ``ValueError`` for events that do not follow upon the state.
    """
    violations, steps, proposals = dict(state.violations), dict(state.steps), dict(state.proposals)
    for event in events:
        kind = event["kind"]
        if kind == "step":
            rung = event["duty"], event["key"], event["ladder"], event["level"]
            steps[rung] = Issued(event["step"], day_of(event["due_on"]), day_of(event["on"]))
        elif kind in OF_VIOLATIONS:
            identity = event["duty"], event["key"]
            violations[identity] = OF_VIOLATIONS[kind](violations.get(identity), event)
        elif kind in OF_PROPOSALS:
            proposals[event["case"]] = OF_PROPOSALS[kind](proposals.get(event["case"]), event)
    return State(violations, steps, proposals)


def adopted(state: State, on: date) -> tuple[Event, ...]:
    """The events that lead from nothing to ``state``, each of the day on which it began, or ``on`` where that is not
    known."""
    events = [event_of("adopted", known.opened_on, identity, **violation_said(known))
              for identity, known in state.violations.items()]
    events += [event_of("step", issued.issued_on, rung[:2], ladder=rung[2], level=rung[3], step=issued.step,
                       due_on=issued.due_on.isoformat()) for rung, issued in state.steps.items()]
    for id_, known in state.proposals.items():
        began = known.since or known.withdrawn_on or on
        events.append(event_of("case_adopted", began, case=id_, **proposal_said(known)))
    return tuple(sorted(events, key=in_order))


def _violations(known: dict[Identity, Standing], found: Sequence[Violation], as_of: date,
                competent: Competent) -> Iterable[Event]:
    """What has happened to violations; those ``known`` are changed as :func:`after` would change them."""
    left = dict(known)
    for violation in found:
        identity = violation.duty, violation.key
        before, now = left.pop(identity, None), standing(violation)
        if before != now:
            known[identity] = now
            yield from happened(identity, before, now, as_of)
    for identity, before in left.items():
        if before.status != Status.WITHDRAWN and competent(before.rules):
            event = event_of("withdrawn", as_of, identity)
            known[identity] = OF_VIOLATIONS["withdrawn"](before, event)
            yield event


def _steps(known: dict[Rung, Issued], found: Sequence[Violation]) -> Iterable[Event]:
    """Steps that were issued and are not ``known`` yet, which are noted there; those that are stay as they are."""
    for violation in found:
        for each in violation.issued:
            rung = violation.duty, violation.key, each.ladder, each.level
            if rung not in known:
                known[rung] = Issued(each.step, each.due_on, each.issued_on)
                yield event_of("step", each.issued_on, (violation.duty, violation.key), ladder=each.ladder,
                               level=each.level, step=each.step, due_on=each.due_on.isoformat())


def _proposals(state: State, found: Sequence[Recommendation], as_of: date, competent: Competent) -> Iterable[Event]:
    left = dict(state.proposals)
    for recommendation in found:
        before = left.pop(recommendation.id, None)
        yield from proposed(recommendation.id, before, proposal(recommendation), as_of)
    for id_, before in left.items():
        if competent([rule for rule, *_ in before.grounds]):
            yield from unfounded(id_, before, as_of)
    for id_, before in state.proposals.items():
        if before.status == "confirmed" and before.expires_on is not None and before.expires_on <= as_of:
            yield event_of("expired", before.expires_on, case=id_)
