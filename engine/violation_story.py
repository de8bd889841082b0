"""The story of a violation (违规的经过): the events that time brings, those of facts learnt, and what each leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engine.event_values import Event, Identity, day_of, event_of, in_order, ordered, text_of
from engine.results import Status, Violation

#: How a violation can be over.
ENDED = (Status.CLOSED, Status.LAPSED, Status.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a violation stands. ``joined`` and ``excused`` as in :class:`~engine.results.Violation`, dates as text."""

    status: str
    due_on: date | None
    opened_on: date
    closed_on: date | None
    streak: int
    rules: tuple[str, ...]
    withdrawn_on: date | None = None
    joined: tuple[tuple[str, str], ...] = ()
    excused: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Issued:
    """A step that was issued."""

    step: str
    due_on: date
    issued_on: date


def standing(violation: Violation) -> Standing:
    """What is recorded of a violation."""
    return Standing(
        str(violation.status), violation.due_on, violation.opened_on, violation.closed_on, violation.streak,
        ordered(rule.id for rule in violation.rules),
        joined=tuple((day.isoformat(), rule) for day, rule in violation.joined),
        excused=tuple((first.isoformat(), last and last.isoformat()) for first, last in violation.excused))


def happened(identity: Identity, before: Standing | None, now: Standing, as_of: date) -> Iterable[Event]:
    story = _story(identity, now)
    if before is None:
        return story
    told = _story(identity, before) if before.status != Status.WITHDRAWN else None
    if told is not None and all(event in story for event in told):
        further = [event for event in story if event not in told]
        if further and _folded(before, sorted(further, key=in_order)) == now:
            return further
    kind = ("found_again" if before.status == Status.WITHDRAWN else
            "reopened" if before.status in ENDED and now.status == Status.OPEN else "corrected")
    return [event_of(kind, as_of, identity, **violation_said(now))]


def _folded(before: Standing | None, events: Iterable[Event]) -> Standing | None:
    for each in events:
        before = OF_VIOLATIONS[each["kind"]](before, each)
    return before


def _story(identity: Identity, now: Standing) -> list[Event]:
    """What time alone brought a violation, from its first day on."""
    joined = {rule for _, rule in now.joined}
    about = {"due_on": text_of(now.due_on), "rules": [rule for rule in now.rules if rule not in joined]}
    opened = now.opened_on.isoformat()
    # Only the violation of a state duty can be waived for some of its days, and its streak is 1.
    at_once = bool(now.excused) and now.excused[0][0] == opened
    first = "waived" if at_once else "opened"
    streak = 0 if at_once else now.streak or 1
    story = [event_of(first, now.opened_on, identity, **about, opened_on=opened, streak=streak)]
    story += [event_of("joined", day_of(day), identity, rule=rule) for day, rule in now.joined]
    for start, last in now.excused:
        if start != opened:
            story.append(event_of("waived", day_of(start), identity, streak=0))
        if last is not None:
            story.append(event_of("resumed", date.fromordinal(day_of(last).toordinal() + 1), identity, streak=1))
    if now.closed_on is not None:
        # Judging says "waived" of one that was covered on all its days, and of no other that is over.
        kind = "lapsed" if now.status == Status.LAPSED else "closed"
        story.append(event_of(kind, now.closed_on, identity, status=now.status, streak=now.streak))
    return story


def violation_said(now: Standing) -> dict[str, Any]:
    return {"status": now.status, "due_on": text_of(now.due_on), "opened_on": now.opened_on.isoformat(),
            "closed_on": text_of(now.closed_on), "streak": now.streak, "rules": list(now.rules),
            "joined": [list(each) for each in now.joined], "excused": [list(each) for each in now.excused],
            "withdrawn_on": text_of(now.withdrawn_on)}


def _opened(before: Standing | None, event: Mapping[str, Any]) -> Standing:
    if before is not None:
        raise ValueError("opened twice")
    at_once = event["kind"] == "waived"
    return Standing(
        Status.WAIVED if at_once else Status.OPEN, day_of(event["due_on"]), day_of(event["opened_on"]), None,
        event["streak"], tuple(event["rules"]), excused=((event["opened_on"], None),) if at_once else ())


def _joins(before: Standing | None, event: Mapping[str, Any]) -> Standing:
    before = _known(before)
    return replace(before, rules=ordered([*before.rules, event["rule"]]),
                   joined=(*before.joined, (event["on"], event["rule"])))


def _waived(before: Standing | None, event: Mapping[str, Any]) -> Standing:
    if before is None:
        return _opened(before, event)
    return replace(before, status=Status.WAIVED, streak=event["streak"], excused=(*before.excused, (event["on"], None)))


def _resumed(before: Standing | None, event: Mapping[str, Any]) -> Standing:
    before = _known(before)
    last = date.fromordinal(day_of(event["on"]).toordinal() - 1).isoformat()
    return replace(before, status=Status.OPEN, streak=event["streak"],
                   excused=(*before.excused[:-1], (before.excused[-1][0], last)))


def _closed(before: Standing | None, event: Mapping[str, Any]) -> Standing:
    before = _known(before)
    # Spelled out, for most violations end at last, and replace() takes four times as long.
    return Standing(event["status"], before.due_on, before.opened_on, day_of(event["on"]), event["streak"],
                    before.rules, before.withdrawn_on, before.joined, before.excused)


def _withdrawn(before: Standing | None, event: Mapping[str, Any]) -> Standing:
    return replace(_known(before), status=Status.WITHDRAWN, withdrawn_on=day_of(event["on"]))


def _corrected(before: Standing | None, event: Mapping[str, Any]) -> Standing:
    return Standing(event["status"], day_of(event["due_on"]), day_of(event["opened_on"]), day_of(event["closed_on"]),
                    event["streak"], tuple(event["rules"]), day_of(event["withdrawn_on"]),
                    tuple(map(tuple, event["joined"])), tuple(map(tuple, event["excused"])))


def _known(before: Standing | None) -> Standing:
    if before is None:
        raise ValueError("nothing was recorded of it")
    return before


OF_VIOLATIONS: Mapping[str, Callable[[Standing | None, Mapping[str, Any]], Standing]] = {
    "opened": _opened, "joined": _joins, "waived": _waived, "resumed": _resumed, "closed": _closed, "lapsed": _closed,
    "withdrawn": _withdrawn, "corrected": _corrected, "reopened": _corrected, "found_again": _corrected,
    "adopted": _corrected,
}
