"""Events as plain values (事件): what the journal has of them, dates as ISO text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

Event = dict[str, Any]
#: Duty and key of a violation.
Identity = tuple[str, str]

# What the same day brings, in this order.
_ORDER = {kind: place for place, kind in enumerate((
    "adopted", "case_adopted", "withdrawn", "case_withdrawn", "found_again", "reopened", "corrected", "case_corrected",
    "grounds_gone", "grounds_back", "opened", "joined", "waived", "resumed", "step", "closed", "lapsed", "proposed",
    "ground", "ground_ended", "ended", "expired"))}


def event_of(kind: str, on: date, identity: Identity | None = None, **more: Any) -> Event:
    """An event of the day ``on``; ``identity`` is that of the violation that it is about."""
    about = {} if identity is None else {"duty": identity[0], "key": identity[1]}
    return {"kind": kind, "on": on.isoformat(), **about, **more}


def in_order(event: Event) -> tuple[Any, ...]:
    """The key by which the events of one enterprise are sorted."""
    return (event["on"], _ORDER[event["kind"]], event.get("duty", ""), event.get("key", ""),
            event.get("level", 0), event.get("case", ""), event.get("rule", ""))


def day_of(text: str | None) -> Any:
    """The date that ``text`` is; typed loosely, for most dates are always there."""
    return date.fromisoformat(text) if text else None


def text_of(day: date | None) -> str | None:
    """A date as events have it."""
    return None if day is None else day.isoformat()


def ordered(names: Iterable[str]) -> tuple[str, ...]:
    """Each name once, in order."""
    return tuple(sorted(set(names)))
