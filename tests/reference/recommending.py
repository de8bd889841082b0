"""What is recommended, on which grounds, since when."""

from __future__ import annotations

from datetime import date

from facts.dossier import Item

from .book import Rule
from .calendar import days
from .logic import Truth
from .violating import Row
from .world import World


def recommendation_rows(world: World) -> list[Row]:
    """One row per kind and object; several rules that lead to it are several grounds."""
    rows = []
    for kind in sorted({r.data["recommend"] for r in world.book.recommendations}):
        rules = [r for r in world.book.recommendations if r.data["recommend"] == kind]
        for item in (None, *world.dossier.items):
            of_item = [r for r in rules if r.data.get("for_each") == (item.kind if item else None)]
            rows += _row(world, kind, of_item, item)
    return rows


def _row(world: World, kind: str, rules: list[Rule], item: Item | None) -> list[Row]:
    facts = [f"{item.kind}:{item.id}"] if item else []
    since = {rule.id: day for rule in rules if (day := _since(world, rule, item)) is not None}
    if since:
        return [{"kind": kind, "status": "proposed", "since": min(since.values()),
                 "grounds": [(rule, facts) for rule in sorted(since)], "missing": []}]
    open_ones = [(r.id, truth) for r in rules if (truth := _on(world, r, world.as_of, item)).value is None]
    if not open_ones:
        return []
    missing = frozenset().union(*(truth.missing for _, truth in open_ones))
    return [{"kind": kind, "status": "unknown", "since": None,
             "grounds": [(rule, facts) for rule in sorted(rule for rule, _ in open_ones)],
             "missing": sorted(_named(fact, item) for fact in missing)}]


def _named(fact: str, item: Item | None) -> str:
    """An object's blank is named with its id: the recommendation is about this one."""
    return f"{item.kind}:{item.id}.{fact.partition('.')[2]}" if item and fact.startswith(f"{item.kind}.") else fact


def _since(world: World, rule: Rule, item: Item | None) -> date | None:
    for day in days(world.versions[0].valid_from, world.as_of):
        if _on(world, rule, day, item).value is True:
            return day
    return None


def _on(world: World, rule: Rule, day: date, item: Item | None) -> Truth:
    """Whether the rule's grounds hold on the day; a blank date to count from: it has not happened."""
    version = world.version(day)
    if version is None or not rule.in_range(day) or not world.open(day):
        return Truth(False)
    if (counts_from := rule.data.get("from")) is not None:
        reading = world.reader(version, item)(counts_from)
        if not reading.known or reading.value > day:
            return Truth(False)
    return world.applies(rule, version, item)
