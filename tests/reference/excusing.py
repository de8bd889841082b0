"""Waivers: which of them covers what, and what it makes of obligations and violations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from .calendar import ONE_DAY, days

if TYPE_CHECKING:
    from .violating import Row
    from .world import World

#: What the state that a duty asks for is called, whatever it is.
STATE = "state"


def covered_days(waiver: Any, as_of: date) -> set[date]:
    """The days of the span that the waiver covers, as known on D.

    It is not seen before it was entered, unless it reaches back; then not before its first day. Void: it never was.
    """
    seen_from = waiver.entered_on if waiver.retroactive is None else min(waiver.entered_on, waiver.first)
    if waiver.void or as_of < seen_from:
        return set()
    ended = waiver.ended_on is not None and waiver.ended_on <= as_of
    return {day for day in days(waiver.first, waiver.last) if not ended or day < waiver.ended_on}


def excuse(waivers: Iterable[Any], duty: str, key: str, day: date | None, as_of: date) -> int | None:
    """The id of the waiver that covers the day; of several one that does not reach back, then the older."""
    found = [w for w in waivers if w.duty == duty and w.key in (None, key) and day in covered_days(w, as_of)]
    return min(found, key=lambda w: (w.retroactive is not None, w.id)).id if found else None


def excused(world: World, obligation: Row | None, violation: Row | None) -> tuple[Row | None, Row | None]:
    """The rows of what has a due date, as a waiver leaves them."""
    row = obligation or violation
    waiver = world.excuse(row["duty"], row["key"], row["due_on"]) if row else None
    return _excused_obligation(obligation, waiver), _excused_violation(violation, waiver)


def excused_state(world: World, obligation: Row) -> Row | None:
    """A state is covered on D or is not."""
    return _excused_obligation(obligation, world.excuse(obligation["duty"], STATE, world.as_of))


def excused_absence(world: World, violation: Row) -> Row | None:
    """The absence of a state: while it lasts, as D is covered; once it is over, if each of its days was."""
    if violation["closed_on"] is None:
        return _excused_violation(violation, world.excuse(violation["duty"], STATE, world.as_of))
    covered = [world.excuse(violation["duty"], STATE, day)
               for day in days(violation["opened_on"], violation["closed_on"] - ONE_DAY)]
    # Several waivers may have covered it: which of them is named is left open.
    return _excused_violation(violation, None if None in covered else covered[0])


def _excused_obligation(row: Row | None, waiver: int | None) -> Row | None:
    if row is None or waiver is None or row["verdict"] == "fulfilled":
        return row
    return {**row, "verdict": "waived", "missing": [], "waiver": waiver}


def _excused_violation(row: Row | None, waiver: int | None) -> Row | None:
    return row if row is None or waiver is None else {**row, "status": "waived", "streak": 0, "waiver": waiver}
