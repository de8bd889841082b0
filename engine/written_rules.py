"""Rules as their author wrote them, with conditions read (规则的原样), for checking packs.

Compiling joins a rule with its pack and its earlier cases; here each part still stands for itself and has its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.condition_reader import ConditionReader
from engine.conditions import ALWAYS, Condition, Test, all_of, any_of
from engine.errors import Problems
from engine.pack_compiler import range_of, unit_of
from engine.pack_names import AUTHORITY_KIND, Names
from engine.pack_schema import Ask, Case, DerivedFact, Figure, Pack, Recommendation, Rule
from engine.periods import Unit
from engine.yaml_source import Path, Source

_ASKING = ("every", "within", "deadline", "since", "for_each", "done_on", "due", "state", "record", "at_least",
           "measured_in")


@dataclass(frozen=True, slots=True)
class WrittenCase:
    """One case: its own condition, and what it asks for, with what it takes over from its rule."""

    path: Path
    written: Case | Rule
    matches: Condition
    asks: Mapping[str, Any]
    unit: Unit | None
    state: Condition | None

    @property
    def at_least(self) -> int:
        return self.asks.get("at_least", 1)

    def looser_than(self, other: WrittenCase) -> bool:
        """Whether this periodic case asks for less in a month than ``other``."""
        if self.unit is None or other.unit is None:
            return False
        return self.at_least * other.unit.months < other.at_least * self.unit.months


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """One rule: to whom its pack and its ``when`` apply it, from when to when, and its cases in order."""

    path: Path
    written: Rule
    document: str | None
    base: Condition
    first: date
    last: date
    cases: tuple[WrittenCase, ...]


@dataclass(frozen=True, slots=True)
class WrittenWhen:
    """A derived fact or a recommendation: its condition alone."""

    path: Path
    written: DerivedFact | Recommendation
    condition: Condition


def written_rules(source: Source, pack: Pack, names: Names) -> Iterator[WrittenRule]:
    """The rules whose conditions can be read; the others are in the loader's report."""
    scope = sector_scope(pack)
    for i, rule in enumerate(pack.rules):
        problems = Problems(source)
        reader = ConditionReader(names.facts if rule.bearer is None else names.authority_facts, problems)
        path: Path = ("rules", i)
        cases = rule.cases or [Case()]
        item = next((a.for_each for a in (rule, *cases) if a.for_each), None)
        first, last = range_of(pack, rule)
        if not set(rule.bearer or ()) <= names.authority_kinds.keys():
            continue  # the loader's report says so
        own = scope if rule.bearer is None else any_of(*(Test(AUTHORITY_KIND, "eq", kind) for kind in rule.bearer))
        base = all_of(own, reader.read(rule.when, (*path, "when"), item))
        found = []
        for j, case in enumerate(cases):
            place = (*path, "cases", j) if rule.cases else path
            asks = _asks(case, rule)
            every, state = asks.get("every"), asks.get("state")
            found.append(WrittenCase(
                place, case if rule.cases else rule, reader.read(case.when, (*place, "when"), item), asks,
                unit_of(every, (rule.effective or pack.effective).from_.year) if every else None,
                reader.read(state, (*place, "state")) if state else None))
        if not problems.found:
            only = next(iter(pack.documents)) if len(pack.documents) == 1 else None
            yield WrittenRule(path, rule, rule.document or only, base, first, last, tuple(found))


def written_whens(source: Source, pack: Pack, names: Names) -> Iterator[WrittenWhen]:
    """The derived facts and recommendations whose conditions can be read."""
    for key, items in (("derived", pack.derived), ("recommendations", pack.recommendations)):
        for i, item in enumerate(items):
            problems = Problems(source)
            about = item.for_each if isinstance(item, Recommendation) else item.fact.partition(".")[0]
            condition = ConditionReader(names.facts, problems).read(item.when, (key, i, "when"), about)
            if not problems.found:
                yield WrittenWhen((key, i), item, all_of(sector_scope(pack), condition))


def sector_scope(pack: Pack) -> Condition:
    """That the enterprise has one of the pack's sectors."""
    if pack.sectors is None:
        return ALWAYS
    return any_of(*(Test("sectors", "has", sector) for sector in pack.sectors))


def _asks(case: Ask, rule: Rule) -> dict[str, Any]:
    """What is asked for, as plain values that can be compared; reasons of assumptions and reminders left aside."""
    found: dict[str, Any] = {}
    for key in _ASKING:
        value = getattr(case, key)
        if value is None:
            value = getattr(rule, key)
        if value is not None:
            found[key] = value.value if isinstance(value, Figure) else value
    if (due := found.get("due")) is not None:
        found["due"] = (due.of, due.days.value, due.date)
    if (within := found.get("within")) is not None:
        found["within"] = (within.from_day.value, within.to_day.value)
    if found.get("at_least") == 1:
        del found["at_least"]
    if found.get("record") == rule.duty:
        del found["record"]
    return found
