"""Ladders: which steps follow upon a violation, lived through day by day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from .book import Case, Data
from .calendar import days
from .excusing import STATE
from .logic import number
from .violating import Row
from .world import World, division_prefix

#: What stands in the way of a step that waits to know what it depends on.
LEVEL_MISSING = "missing:hazard.level"


def ladder_of(world: World, duty: str, opened_on: date, bases: list[Case]) -> Data | None:
    """Of the packs of the legal bases that have one for the duty on the day of opening, that of the smallest division
    and then of the first name.
    """
    packs = {c.rule.pack["pack"]: c.rule.pack for c in bases}
    found = [(pack, ladder) for pack in packs.values() for ladder in pack.get("ladders") or ()
             if duty in _duties(pack, ladder) and _in_range(pack, ladder, opened_on)]
    if not found:
        return None
    return min(found, key=lambda one: (-len(division_prefix(str(one[0].get("division", "000000")))), one[0]["pack"]))[1]


def _duties(pack: Data, ladder: Data) -> set[str]:
    """Those it names, otherwise all of its pack that enterprises bear."""
    return set(ladder.get("duties") or (rule["duty"] for rule in pack["rules"] if "bearer" not in rule))


def _in_range(pack: Data, ladder: Data, opened_on: date) -> bool:
    """It begins and ends when it says, otherwise when its pack does."""
    effective = pack["effective"] | (ladder.get("effective") or {})
    return (effective.get("from") or date.min) <= opened_on <= (effective.get("to") or date.max)


def step_rows(world: World, violation: Row) -> list[Row]:
    """The steps that the violation has reached by D, in the order of its ladder.

    ``held_by`` has all that stood in the way on the last day on which something did; empty: nothing ever did.
    """
    ladder = ladder_of(world, violation["duty"], violation["opened_on"], violation["at_first"])
    if ladder is None:
        return []
    walk = _Walk(world, violation, ladder["steps"])
    for day in days(violation["opened_on"], world.as_of):
        if violation["closed_on"] is not None and day >= violation["closed_on"]:
            break
        walk.live_through(day)
    return [{"ladder": ladder["id"], **row} for row in walk.rows()]


class _Walk:
    """What has come of each step, level by level, on the days lived through so far."""

    def __init__(self, world: World, violation: Row, steps: list[Data]) -> None:
        self.world, self.violation, self.steps = world, violation, steps
        self.hazard = self._hazard()
        self.due: dict[int, date] = {}
        self.in_doubt: dict[int, date] = {}
        self.issued: dict[int, date] = {}
        self.held: dict[int, frozenset[str]] = {}

    def _hazard(self) -> Mapping[str, Any] | None:
        """What is known of the hazard that the violation is about."""
        about = {c.data.get("for_each") for c in self.violation["at_first"]}
        if about != {"hazard"}:
            return None
        [item] = [i for i in self.world.dossier.items if i.kind == "hazard" and i.id == self.violation["key"]]
        return self.world.item_facts(item)

    def live_through(self, day: date) -> None:
        for level, step in enumerate(self.steps, 1):
            if level in self.due:
                continue
            if all(self._conditions(level, step, day)) and level not in self.in_doubt:
                if self._level_matters(step) and "level" not in self.hazard:
                    self.in_doubt[level] = day
                else:
                    self.due[level] = day
        causes = self._in_the_way(day)
        for level in self.due:
            if level not in self.issued and causes:
                self.held[level] = causes
            elif level not in self.issued:
                self.issued[level] = day

    def _conditions(self, level: int, step: Data, day: date) -> Iterator[bool]:
        when = step.get("when") or {}
        yield (day - self.violation["opened_on"]).days >= number(step["after"])
        # A violation is at least one in a row; that it counts for none while it is waived takes no step back.
        yield max(self.violation["streak"], 1) >= number((when.get("streak") or {"ge": 0})["ge"])
        yield sum(other < level for other in self.due) >= number((when.get("steps_taken") or {"ge": 0})["ge"])
        if "refused" in when:
            refused_on = (self.hazard or {}).get("refused_on")
            yield refused_on is not None and refused_on <= day
        if self._level_matters(step):
            yield self.hazard is not None and self.hazard.get("level") in (None, when["hazard.level"])

    @staticmethod
    def _level_matters(step: Data) -> bool:
        return "hazard.level" in (step.get("when") or {})

    def _in_the_way(self, day: date) -> frozenset[str]:
        """Suspension on the day, or a waiver: of what has a due date for good, of a state on the days it covers."""
        due_on, duty = self.violation["due_on"], self.violation["duty"]
        key, covered = (STATE, day) if due_on is None else (self.violation["key"], due_on)
        causes = {"suspended"} if self.world.suspended(day) else set()
        return frozenset(causes | ({"waived"} if self.world.excuse(duty, key, covered) is not None else set()))

    def rows(self) -> list[Row]:
        reached = self.due | self.in_doubt
        return [{"step": self.steps[level - 1]["step"], "level": level, "due_on": reached[level],
                 "issued_on": self.issued.get(level),
                 "held_by": {LEVEL_MISSING} if level in self.in_doubt else set(self.held.get(level, ()))}
                for level in sorted(reached)]
