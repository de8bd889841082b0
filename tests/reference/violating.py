"""Violations: when they open, are made good, or lapse."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from facts.dossier import Item

from .book import Case, ids
from .calendar import ONE_DAY, days
from .world import World

Row = dict[str, Any]


def obligation(duty: str, key: str, verdict: str, bases: Iterable[Case], **more: Any) -> Row:
    """A row as CONTRACT has it; what is not given does not exist."""
    empty = dict.fromkeys(("starts_on", "due_on", "required", "done", "fulfilled_on", "waiver"))
    return {"duty": duty, "key": key, "verdict": verdict, "rules": ids(bases), "missing": [], **empty, **more}


def lapse_day(world: World, duty: str, bases: Iterable[Case], opened_on: date, item: Item | None = None) -> date | None:
    """The first day from ``opened_on`` to D on which the enterprise is closed or no rule of the duty can apply.

    Of the duty those rules are asked that stand in the packs of the legal bases.
    """
    packs = {c.rule.pack["pack"] for c in bases}
    rules = [r for r in world.book.of_duty(duty) if r.pack["pack"] in packs]
    for day in days(opened_on, world.as_of):
        if world.closed(day) or all(world.known_not_to_apply(rule, day, item) for rule in rules):
            return day
    return None


def missed(world: World, duty: str, key: str, bases: list[Case], due_on: date, good_on: date | None,
           item: Item | None = None) -> Row | None:
    """The violation of what was not done by ``due_on``; None if it would lapse on the day on which it opens.

    ``good_on``: the day up to D on which it was made good. ``at_first``: its legal bases on the day on which it opens.
    """
    opened_on = due_on + ONE_DAY
    lapsed_on = lapse_day(world, duty, bases, opened_on, item)
    if lapsed_on == opened_on:
        return None
    if lapsed_on is not None and (good_on is None or lapsed_on <= good_on):
        status, closed_on = "lapsed", lapsed_on
    elif good_on is not None:
        status, closed_on = "closed", good_on
    else:
        status, closed_on = "open", None
    return {"duty": duty, "key": key, "status": status, "due_on": due_on, "opened_on": opened_on,
            "closed_on": closed_on, "overdue_days": ((closed_on or world.as_of) - due_on).days, "streak": 1,
            "rules": ids(bases), "waiver": None, "at_first": bases}


def verdict_of(violation: Row) -> str:
    """Made up only if made good before it could lapse."""
    return "made_up" if violation["status"] == "closed" else "violated"


def running(world: World, due_on: date, remind_before: int) -> str:
    """The verdict while there is time."""
    return "due_soon" if (due_on - world.as_of).days <= remind_before else "pending"
