"""Calendar units and their periods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

ONE_DAY = timedelta(days=1)
NAMED = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
REMIND = {1: 7, 3: 15, 6: 30}


def days(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included; none if ``last`` is earlier."""
    day = first
    while day <= last:
        yield day
        day += ONE_DAY


@dataclass(frozen=True)
class Unit:
    """A calendar unit of so many months; ``offset`` tells multi-year units apart by the years in which they begin."""

    months: int
    offset: int = 0

    @property
    def remind_before(self) -> int:
        """Days before the end from which an obligation is due soon, unless the rule says otherwise."""
        return REMIND.get(self.months, min(5 * self.months, 60))


@dataclass(frozen=True)
class Period:
    """One period, both days included."""

    unit: Unit
    first: date
    last: date

    @property
    def key(self) -> str:
        """The identifier: 2024-03, 2024Q1, 2024H1, 2024, 2024-01..2024-02, 2024..2026."""
        year, month = self.first.year, self.first.month
        match self.unit.months:
            case 1:
                return f"{year}-{month:02}"
            case 3:
                return f"{year}Q{(month + 2) // 3}"
            case 6:
                return f"{year}H{(month + 5) // 6}"
            case 12:
                return f"{year}"
            case n if n < 12:
                return f"{year}-{month:02}..{year}-{self.last.month:02}"
        return f"{year}..{self.last.year}"


def unit(every: str | Mapping[str, int], effective_from: date) -> Unit:
    """The unit that ``every:`` names; multi-year units count from the year of ``effective_from``."""
    if isinstance(every, str):
        return Unit(NAMED[every])
    if "months" in every:
        return Unit(every["months"])
    years = every["years"]
    return Unit(12 * years, effective_from.year % years)


def period_of(unit: Unit, day: date) -> Period:
    """The period of ``unit`` in which ``day`` lies."""
    if unit.months <= 12:
        first_month = (day.month - 1) // unit.months * unit.months + 1
        first, last_year, last_month = date(day.year, first_month, 1), day.year, first_month + unit.months - 1
    else:
        years = unit.months // 12
        first_year = day.year
        while first_year % years != unit.offset:
            first_year -= 1
        first, last_year, last_month = date(first_year, 1, 1), first_year + years - 1, 12
    after = date(last_year + 1, 1, 1) if last_month == 12 else date(last_year, last_month + 1, 1)
    return Period(unit, first, after - ONE_DAY)


@dataclass(frozen=True)
class Ask:
    """So many records, hours or cases a period of that unit."""

    unit: Unit
    at_least: Decimal | int

    def stricter_than(self, other: Ask) -> bool:
        """More required per month; of two that require the same, the shorter."""
        mine = Fraction(self.at_least) / self.unit.months
        theirs = Fraction(other.at_least) / other.unit.months
        return mine > theirs or (mine == theirs and self.unit.months < other.unit.months)
