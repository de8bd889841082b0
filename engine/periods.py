"""Calendar periods: where a month, quarter, half-year or year is computed (期间).

A :class:`Unit` is a length that starts on 1 January; a :class:`Period` is one of its occurrences. Both ends of a
period are days that belong to it. SEMANTICS.md section 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

ONE_DAY = timedelta(days=1)

_NAMED = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_REMIND_BEFORE = {1: 7, 3: 15, 6: 30}

#: ``remind_before`` of deadline and object duties, in days.
REMIND_BEFORE_DEADLINE = 30


@dataclass(frozen=True, slots=True)
class Unit:
    """A length of time that duties recur in.

    ``months`` is the length. Units within a year start again each 1 January, so ``months`` divides 12. Longer ones
    are whole years and count from ``anchor``, the year of the rule's ``effective_from``; 0 for all others.
    """

    months: int
    anchor: int = 0

    @classmethod
    def named(cls, name: str) -> Unit:
        """``month``, ``quarter``, ``half_year`` or ``year``; raises ``KeyError``."""
        return cls(_NAMED[name])

    @classmethod
    def of_months(cls, count: int) -> Unit:
        """``{months: n}``. Raises ``ValueError`` unless n is 2 or 4: the others have names or do not divide a year."""
        if count not in (2, 4):
            raise ValueError(count)
        return cls(count)

    @classmethod
    def of_years(cls, count: int, anchor: int) -> Unit:
        """``{years: n}``, n at least 2, counted from the year ``anchor``. Raises ``ValueError``."""
        if count < 2:
            raise ValueError(count)
        return cls(12 * count, anchor)

    @property
    def remind_before(self) -> int:
        """How many days before the due date a duty of this unit is ``due_soon``, unless its rule says otherwise."""
        if self.months >= 12:
            return 60
        return _REMIND_BEFORE.get(self.months) or min(5 * self.months, 60)

    def period_of(self, day: date) -> Period:
        """The period of this unit that contains ``day``."""
        return _period(self, self._index(day))

    def periods(self, first: date, last: date) -> Iterator[Period]:
        """All periods that have a day from ``first`` to ``last``, both inclusive, in order."""
        for index in range(self._index(first), self._index(last) + 1):
            yield _period(self, index)

    def _index(self, day: date) -> int:
        return (12 * (day.year - self.anchor) + day.month - 1) // self.months


@dataclass(frozen=True, slots=True)
class Period:
    """One occurrence of a unit, from ``start`` to ``end``, both inclusive; ``key`` identifies it among its duty's."""

    unit: Unit
    start: date
    end: date
    key: str

    @property
    def days(self) -> int:
        """Number of days, both ends counted."""
        return (self.end - self.start).days + 1


@lru_cache(maxsize=4096)
def _period(unit: Unit, index: int) -> Period:
    first = unit.anchor * 12 + index * unit.months
    start = _first_of_month(first)
    end = _first_of_month(first + unit.months) - ONE_DAY
    return Period(unit, start, end, _key(unit, start, end))


def _first_of_month(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def _key(unit: Unit, start: date, end: date) -> str:
    match unit.months:
        case 1:
            return f"{start.year}-{start.month:02}"
        case 3:
            return f"{start.year}Q{(start.month + 2) // 3}"
        case 6:
            return f"{start.year}H{1 if start.month == 1 else 2}"
        case 12:
            return f"{start.year}"
        case months if months > 12:
            return f"{start.year}..{end.year}"
        case _:
            return f"{start.year}-{start.month:02}..{end.year}-{end.month:02}"
