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
    if _ended(world, rule, item) or (counts_from := _counts_from(world, rule, item)) is None:
        return None
    for day in days(max(counts_from, world.begins_on), world.as_of):
        if _on(world, rule, day, item).value is True:
            return day
    return None


def _counts_from(world: World, rule: Rule, item: Item | None) -> date | None:
    """The date from which the rule's grounds can hold; blank: it has not happened."""
    return _date(world, rule.data["from"], item) if "from" in rule.data else date.min


def _ended(world: World, rule: Rule, item: Item | None) -> bool:
    """The date up to which the grounds hold has come: on that day they are gone, for good."""
    until = _date(world, rule.data["until"], item) if "until" in rule.data else None
    return until is not None and until <= world.as_of


def _date(world: World, name: str, item: Item | None) -> date | None:
    return world.reader(world.version(world.as_of), item)(name).value


def _on(world: World, rule: Rule, day: date, item: Item | None) -> Truth:
    """Whether the rule's grounds hold on the day."""
    version = world.version(day)
    if version is None or not rule.in_range(day) or not world.open(day):
        return Truth(False)
    counts_from = _counts_from(world, rule, item)
    if counts_from is None or counts_from > day or _ended(world, rule, item):
        return Truth(False)
    return world.applies(rule, version, item)
