"""The reference evaluator: what is to be concluded about one enterprise or authority as of a date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from facts.dossier import Dossier

from .book import Book
from .escalating import step_rows
from .onetime import deadline_rows, object_rows
from .periodic import PeriodicDuty
from .recommending import recommendation_rows
from .states import state_rows
from .violating import Row
from .world import World

#: Lower bounds of each class: deaths, serious injuries, direct loss in 万元; the highest first.
ACCIDENT_CLASSES = (
    ("extraordinary", 30, 100, 10_000),
    ("major", 10, 50, 5_000),
    ("large", 3, 10, 1_000),
)


def accident_class(facts: Mapping[str, Any]) -> tuple[str, bool]:
    """The class of an accident, and whether it is exact; with blank figures it is a lower bound."""
    figures = [facts.get("deaths"), facts.get("serious_injuries"), facts.get("direct_loss")]
    exact = None not in figures
    for name, *bounds in ACCIDENT_CLASSES:
        if any(figure is not None and figure >= bound for figure, bound in zip(figures, bounds, strict=True)):
            return name, exact or name == "extraordinary"
    return "ordinary", exact


def _order(row: Row) -> tuple[Any, ...]:
    return row["duty"], row["due_on"] or date.max, row["key"]


def _rows(world: World, duty: str) -> tuple[list[Row], list[Row]]:
    match world.book.of_duty(duty)[0].cases[0].type:
        case "periodic":
            return PeriodicDuty(world, duty).rows()
        case "deadline":
            return deadline_rows(world, duty)
        case "object":
            return object_rows(world, duty)
    return state_rows(world, duty)


def _escalated(world: World, violation: Row) -> Row:
    """The violation with its steps, without what only they are reckoned from."""
    return {name: value for name, value in violation.items() if name != "at_first"} | {
        "steps": step_rows(world, violation)}


def evaluate(dossier: Dossier, packs: list[dict], as_of: date, waivers: Iterable[Any] = ()) -> dict[str, Any] | None:
    """Obligations, violations and recommendations, named as in ``zhiben query``; None if no version is visible."""
    world = World(dossier, Book(packs), as_of, waivers)
    if not world.versions:
        return None
    obligations, violations = [], []
    for duty in world.book.duties():
        more_obligations, more_violations = _rows(world, duty)
        obligations += more_obligations
        violations += more_violations
    version = world.version(as_of)
    sectors = version.facts.get("sectors")
    return {
        "enterprise": {"uscc": dossier.uscc, "name": world.newest("name"), "division": version.facts.get("division"),
                       "sectors": None if sectors is None else list(sectors),
                       "high_risk": world.reader(version)("high_risk").value,
                       "authority_kind": version.facts.get("authority_kind"), "is_authority": dossier.is_authority},
        "as_of": as_of,
        "obligations": sorted(obligations, key=_order),
        "violations": sorted((_escalated(world, v) for v in violations), key=_order),
        "recommendations": recommendation_rows(world),
    }
