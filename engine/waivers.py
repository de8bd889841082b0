"""Waivers (豁免): one obligation, or one duty of one enterprise, excused over a span of days. SEMANTICS.md section 7.

A waiver covers the obligations whose due date lies in its span, and of a state duty the days of its span. Like any
other fact it is not seen before its day: the day on which it was entered, or, where it says so, an earlier one. What
ends it before its time is not seen before its day either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

#: What a waiver's key is where it covers all that a state duty asks; other keys are those of obligations.
STATE_KEY = "state"

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver as it was entered, and how it was ended before its time, if it was.

    ``key`` ``None``: every obligation of the duty. ``first`` and ``last`` are the span, both days included.
    ``retroactive`` is the reason for which it reaches back before ``entered_on``, otherwise ``None``. On ``ended_on``
    and from then on it covers nothing further; ``void``: it was entered by mistake and never covered anything.
    """

    id: int
    uscc: str
    duty: str
    key: str | None
    first: date
    last: date
    reason: str
    author: str
    entered_on: date
    retroactive: str | None = None
    ended_on: date | None = None
    ended_by: str | None = None
    ended_because: str | None = None
    void: bool = False

    @property
    def visible_from(self) -> date:
        """The first date of a verdict that takes it into account."""
        return min(self.entered_on, self.first)

    def last_day(self, as_of: date) -> date:
        """The last day that it covers for all that is known on ``as_of``; before ``first``: it covers none."""
        if self.ended_on is None or self.ended_on > as_of:
            return self.last
        return min(self.last, self.ended_on - _ONE_DAY)

    def covers(self, day: date, as_of: date) -> bool:
        """Whether ``day`` lies in the span, as of ``as_of``."""
        return not self.void and self.visible_from <= as_of and self.first <= day <= self.last_day(as_of)


def of_duty(waivers: Iterable[Waiver], uscc: str, duty: str) -> tuple[Waiver, ...]:
    """The waivers of one duty of one enterprise, in the order in which they are named as the ground.

    One that reaches back is named only where no other covers the same.
    """
    found = (w for w in waivers if w.uscc == uscc and w.duty == duty)
    return tuple(sorted(found, key=lambda w: (w.retroactive is not None, w.id)))


def covering(waivers: Iterable[Waiver], key: str, day: date | None, as_of: date) -> Waiver | None:
    """Which of one duty's waivers covers the obligation ``key`` due on ``day`` (state duties: the state on that day).

    What has no due date lies in no span.
    """
    if day is None:
        return None
    return next((w for w in waivers if w.key in (None, key) and w.covers(day, as_of)), None)


def first_day_free(waivers: Iterable[Waiver], key: str, day: date, as_of: date) -> date:
    """The first day from ``day`` on that none of one duty's waivers covers; looked for up to ``as_of`` alone."""
    waivers = tuple(waivers)
    while day <= as_of and (waiver := covering(waivers, key, day, as_of)) is not None:
        day = waiver.last_day(as_of) + _ONE_DAY
    return day
