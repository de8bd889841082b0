"""How long verdicts stand (判定有效期): noticed while judging, by the date of the verdict itself.

Nothing but the passing of days changes a judgement as long as the facts, the packs and the waivers stay. Judging asks
of the date of the verdict only how it compares with other days. So a date that remembers on which later day each of the
comparisons that were made would come out otherwise knows the first day on which anything can be judged otherwise. No
rule is written down a second time for it.

A date is watched as a date and as an ordinal. What does not fit into comparisons, and would go unnoticed, raises
``TypeError`` instead: taking the year of a watched date, or the days between it and another.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NoReturn

_NEVER = date.max.toordinal()


class Outlook:
    """How far the verdicts of one date reach."""

    def __init__(self, as_of: date) -> None:
        self._today = as_of.toordinal()
        self._days = _NEVER

    @property
    def as_of(self) -> date:
        """What to judge by instead of the date."""
        return _date(date.fromordinal(self._today), self)

    @property
    def until(self) -> date | None:
        """The last day on which all that was judged so far stands; ``None``: it stands for good."""
        day = self._today + self._days - 1
        return date.fromordinal(day) if day < _NEVER else None

    def note(self, days: int) -> None:
        """Something comes out otherwise so many days after the date, 1 or more."""
        if days < self._days:
            self._days = days


def stands_until(today: int, day: int) -> None:
    """Tell a watched ``today`` that what was worked out without it stands up to ``day``, inclusive."""
    if isinstance(today, _Ordinal):
        today.outlook.note(day - int(today) + 1)


def unwatched(day: date) -> date:
    """``day`` itself, to be kept: whatever is done with it, is not noticed."""
    return date.fromordinal(int(day.toordinal()))


class _Ordinal(int):
    """A day's number that goes up by one each day (``step`` 1), or a difference that goes down (-1)."""

    outlook: Outlook
    step: int

    def _notice(self, other: object, more: int) -> None:
        """Notice when ``self >= other + more`` changes."""
        if not isinstance(other, int):
            return
        step, ahead = self.step, int.__add__(other, more) - int(self)
        if isinstance(other, _Ordinal):
            step -= other.step
        # On the way up, the first day on which it is reached; on the way down, the first on which it no longer is.
        days = -(-ahead // step) if step > 0 else -((ahead - 1) // -step) if step < 0 else 0
        if days > 0:
            self.outlook.note(days)

    def __ge__(self, other: int) -> bool:
        self._notice(other, 0)
        return int.__ge__(self, other)

    def __lt__(self, other: int) -> bool:
        self._notice(other, 0)
        return int.__lt__(self, other)

    def __gt__(self, other: int) -> bool:
        self._notice(other, 1)
        return int.__gt__(self, other)

    def __le__(self, other: int) -> bool:
        self._notice(other, 1)
        return int.__le__(self, other)

    def __eq__(self, other: object) -> bool:
        self._notice(other, 0)
        self._notice(other, 1)
        return int.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__

    def __add__(self, other: int) -> int:
        if type(other) is not int:
            return NotImplemented if not isinstance(other, _Ordinal) else _unnoticed()
        return _ordinal(int.__add__(self, other), self.outlook, self.step)

    __radd__ = __add__

    def __sub__(self, other: int) -> int:
        if isinstance(other, _Ordinal) and other.step == self.step:
            return int.__sub__(self, other)
        return self + -other if type(other) is int else _unnoticed()

    def __rsub__(self, other: int) -> int:
        return -self + other

    def __neg__(self) -> int:
        return _ordinal(int.__neg__(self), self.outlook, -self.step)

    def _no(self, *_: object) -> NoReturn:
        _unnoticed()

    __mul__ = __rmul__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __divmod__ = __truediv__ = _no


class _Date(date):
    """The date of the verdict, or a day that lies a fixed number of days from it."""

    outlook: Outlook

    def toordinal(self) -> int:
        return _ordinal(date.toordinal(self), self.outlook, 1)

    def __ge__(self, other: date) -> bool:
        return self.toordinal() >= other.toordinal()

    def __lt__(self, other: date) -> bool:
        return self.toordinal() < other.toordinal()

    def __gt__(self, other: date) -> bool:
        return self.toordinal() > other.toordinal()

    def __le__(self, other: date) -> bool:
        return self.toordinal() <= other.toordinal()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, date) and self.toordinal() == other.toordinal()

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = date.__hash__

    def __add__(self, other: timedelta) -> date:
        return _date(date.fromordinal(date.toordinal(self) + other.days), self.outlook)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self + -other if isinstance(other, timedelta) else _unnoticed()

    def _no(self, *_: object) -> NoReturn:
        _unnoticed()

    __rsub__ = isoformat = strftime = replace = weekday = isocalendar = timetuple = _no
    year = month = day = property(_no)


def _ordinal(value: int, outlook: Outlook, step: int) -> _Ordinal:
    made = _Ordinal(value)
    made.outlook, made.step = outlook, step
    return made


def _date(day: date, outlook: Outlook) -> _Date:
    made = _Date(day.year, day.month, day.day)
    made.outlook = outlook
    return made


def _unnoticed() -> NoReturn:
    raise TypeError("what is worked out from a watched date so would not be noticed")
