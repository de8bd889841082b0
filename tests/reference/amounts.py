"""What records come to: how many there are, or the hours or cases they state, added up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from .book import Case
from .world import World

#: The missing fact where a record does not say for how many hours it stands.
MISSING = "records.amount"


class Done:
    """The records of a case from one day to another (both included), each with what it is worth."""

    def __init__(self, world: World, case: Case, first: date, last: date) -> None:
        self.worths = [(day, _worth(world, case, day)) for day in world.records(case.record) if first <= day <= last]

    @property
    def known(self) -> Decimal | int:
        """What they come to for certain."""
        return sum(worth for _, worth in self.worths if worth is not None)

    @property
    def not_stated(self) -> bool:
        """One of them does not say what it is worth, so that together they may come to more."""
        return any(worth is None for _, worth in self.worths)

    def reached_on(self, required: Decimal | int) -> date | None:
        """The first day on which they come to what is required for certain."""
        total: Decimal | int = 0
        for day, worth in self.worths:
            total += worth or 0
            if total >= required:
                return day
        return None


def _worth(world: World, case: Case, day: date) -> Decimal | int | None:
    stated = world.dossier.amounts.get(case.record, {}).get(day)
    match case.data.get("measured_in"):
        case "hours":
            return stated
        case "cases":
            return 1 if stated is None else stated
    return 1


def required_of(bases: Iterable[Case]) -> Decimal | int:
    """The largest ``at_least`` of the legal bases."""
    return max(c.at_least for c in bases)
