"""What the records of one duty add up to (计数): how many there are, or how many hours or cases they state.

Hours (学时): a record that states none leaves the sum unknown. Cases (件): such a record is one case.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date
from decimal import Decimal
from itertools import accumulate

from engine.rulebook import Duty
from engine.subject import Subject

#: What is missing where a record does not say how much.
MISSING_AMOUNT = "records.amount"


class Tally:
    """The records of a duty up to the date of the verdict. Days are ordinals, both ends included."""

    def __init__(self, subject: Subject, duty: Duty) -> None:
        assert duty.record is not None
        self.record = duty.record
        self.days = subject.records(duty.record)
        self._sums: list[Decimal] | None = None
        self._blank: list[int] = []
        if duty.measure is not None:
            stated = subject.dossier.amounts.get(duty.record, {})
            amounts = [stated.get(date.fromordinal(day)) for day in self.days]
            usual = Decimal(1) if duty.measure == "cases" else Decimal(0)
            if duty.measure == "hours":
                self._blank = [day for day, amount in zip(self.days, amounts, strict=True) if amount is None]
            self._sums = list(accumulate((usual if a is None else a for a in amounts), initial=Decimal(0)))

    def done(self, first: int, last: int) -> int | Decimal:
        """The count, or the sum, of the records from ``first`` to ``last``."""
        start, end = bisect_left(self.days, first), bisect_right(self.days, last)
        if self._sums is None:
            return max(0, end - start)
        total = self._sums[max(start, end)] - self._sums[start]
        return int(total) if total == total.to_integral_value() else total

    def reached(self, first: int, at_least: int) -> date | None:
        """The day on which the records from ``first`` on came to ``at_least``; ``None``: they have not."""
        start = bisect_left(self.days, first)
        if self._sums is None:
            index = start + at_least - 1
        else:
            index = bisect_left(self._sums, self._sums[start] + at_least, start + 1) - 1
        return date.fromordinal(self.days[index]) if index < len(self.days) else None

    def lacking(self, first: int, last: int, *, covered: bool) -> tuple[str, ...]:
        """What keeps an unfulfilled count from being certain: a claim that records are complete, an amount."""
        unclear = bisect_left(self._blank, first) < bisect_right(self._blank, last)
        return (() if covered else (f"coverage:{self.record}",)) + ((MISSING_AMOUNT,) if unclear else ())
