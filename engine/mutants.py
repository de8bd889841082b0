"""The mutants of a pack (变异): the pack with one thing changed, as a slip of the pen would change it.

Every frequency, count, threshold, comparator, date, sector, condition and day count is changed in turn, by the least
step that means something else: what a scenario must notice is 999 for 1000, not a million.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from engine.condition_reader import ledger_facts
from engine.errors import shown
from engine.pack_schema import STEPS
from engine.subject import fixed_digits
from engine.yaml_source import Mark, Path, Source
from facts.language import Text
from facts.vocabulary import AUTHORITY_KINDS, KINDS, SECTORS, Type

_EVERY: Mapping[str, tuple[Any, ...]] = {
    "month": ("quarter", {"months": 2}),
    "quarter": ("month", "half_year"),
    "half_year": ("quarter", "year"),
    "year": ("half_year", {"years": 2}),
}
_COMPARATORS = {"ge": ("gt", "le"), "gt": ("ge", "lt"), "le": ("lt", "ge"), "lt": ("le", "gt"),
                "eq": ("ne",), "ne": ("eq",)}
_DAY = timedelta(days=1)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: what stands at ``path`` becomes ``value``. ``where`` is the rule or derived fact, or the pack."""

    path: Path
    value: Any
    mark: Mark
    where: str
    what: Text

    def apply(self, data: Any) -> Any:
        """``data`` with the change; ``data`` itself stays as it is."""
        return _with(data, self.path, self.value)


def mutants(source: Source) -> list[Mutant]:
    """Every mutant of the pack, in the order of its lines."""
    return sorted(_Walk(source).pack(), key=lambda mutant: (mutant.mark.line, mutant.mark.column))


def _with(data: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    copy = list(data) if isinstance(data, list) else dict(data)
    copy[path[0]] = _with(copy[path[0]], path[1:], value)
    return copy


class _Walk:
    """Goes through the data of one pack file, which is known to be sound."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.facts = ledger_facts({**SECTORS, **dict.fromkeys(source.data.get("sector_names", {}), Text("", ""))})
        self.where = ""

    def at(self, path: Path) -> Any:
        value = self.source.data
        for step in path:
            value = value[step]
        return value

    def changed(self, path: Path, *values: Any) -> Iterator[Mutant]:
        """What stands at ``path`` becomes each of ``values`` in turn."""
        old, name = shown(self.at(path)), _name(path)
        for value in values:
            said = f"{name}: {old} → {shown(value)}"
            yield Mutant(path, value, self.source.mark(path), self.where, Text(said, said))

    def without(self, path: Path) -> Iterator[Mutant]:
        """What stands at ``path`` is left out of the list or mapping around it."""
        around, last = self.at(path[:-1]), path[-1]
        rest = ([v for i, v in enumerate(around) if i != last] if isinstance(around, list)
                else {k: v for k, v in around.items() if k != last})
        old = shown(around[last])
        said = old if isinstance(last, int) else f"{last}: {old}"
        name = _name(path[:-1])
        yield Mutant(path[:-1], rest, self.source.mark(path, key=True), self.where,
                     Text(f"{name} 删去 {said}".lstrip(), f"{name} without {said}".lstrip()))

    def renamed(self, path: Path, *names: str) -> Iterator[Mutant]:
        """The key at the end of ``path`` becomes each of ``names``."""
        around, last = self.at(path[:-1]), path[-1]
        for name in names:
            said = f"{_name(path[:-1])}: {last} → {name}"
            yield Mutant(path[:-1], {name if k == last else k: v for k, v in around.items()},
                         self.source.mark(path, key=True), self.where, Text(said, said))

    def pack(self) -> Iterator[Mutant]:
        data = self.source.data
        self.where = data["pack"]
        yield from self.changed(("division",), *_other_divisions(data["division"]))
        if "sectors" in data:
            yield from self.without(("sectors",))
            yield from self.members(("sectors",))
        yield from self.dates(("effective", "from"), ("effective", "to"), ("judged_from",))
        for i, item in enumerate(data.get("derived", ())):
            self.where = item["fact"]
            yield from self.whole("derived", i)
            yield from self.condition(("derived", i, "when"))
        for i, rule in enumerate(data.get("rules", ())):
            self.where = rule["id"]
            yield from self.whole("rules", i)
            yield from self.rule(("rules", i))
        for i, rule in enumerate(data.get("recommendations", ())):
            self.where = rule["id"]
            yield from self.whole("recommendations", i)
            yield from self.reach(("recommendations", i))
            if "from" in rule:
                yield from self.date_facts(("recommendations", i, "from"), rule["for_each"])
            if "good_standing" in rule and rule.get("when"):
                yield from self.without(("recommendations", i, "good_standing"))
            if "until" in rule:
                yield from self.date_facts(("recommendations", i, "until"), rule["for_each"])
                yield from self.without(("recommendations", i, "until"))

        for i, ladder in enumerate(data.get("ladders", ())):
            self.where = ladder["id"]
            yield from self.whole("ladders", i)
            yield from self.ladder(("ladders", i))

    def ladder(self, path: Path) -> Iterator[Mutant]:
        """For which duties and when, and each step: left out, another, on another day, under other conditions."""
        ladder = self.at(path)
        yield from self.dates((*path, "effective", "from"), (*path, "effective", "to"))
        if "duties" in ladder:
            yield from self.without((*path, "duties"))
            yield from self.members((*path, "duties"))
        for i, step in enumerate(ladder["steps"]):
            place = (*path, "steps", i)
            if len(ladder["steps"]) > 1:
                yield from self.without(place)
            yield from self.changed((*place, "step"), STEPS[(STEPS.index(step["step"]) + 1) % len(STEPS)])
            yield from self.number((*place, "after"), least=0)
            if step.get("when"):
                yield from self.without((*place, "when"))
                yield from self.step_conditions((*place, "when"))

    def step_conditions(self, path: Path) -> Iterator[Mutant]:
        """Each condition of a step left out, each number one less and one more, the other level of hazard."""
        conditions = self.at(path)
        for key in conditions:
            if len(conditions) > 1:
                yield from self.without((*path, key))
            if key in ("streak", "steps_taken"):
                yield from self.number((*path, key, "ge"), least=1)
            elif key == "hazard.level":
                yield from self._literal(key, (*path, key))

    def whole(self, part: str, number: int) -> Iterator[Mutant]:
        for mutant in self.without((part, number)):
            yield Mutant(mutant.path, mutant.value, mutant.mark, self.where,
                         Text(f"{part} 删去 {self.where}", f"{part} without {self.where}"))

    def reach(self, path: Path) -> Iterator[Mutant]:
        """When a rule applies: its dates and its condition."""
        yield from self.dates((*path, "effective", "from"), (*path, "effective", "to"))
        if self.at(path).get("when"):
            yield from self.without((*path, "when"))
            yield from self.condition((*path, "when"))

    def rule(self, path: Path) -> Iterator[Mutant]:
        rule = self.at(path)
        if "bearer" in rule:
            yield from self.bearers((*path, "bearer"))
        if "division" in rule:
            yield from self.changed((*path, "division"), *_other_divisions(rule["division"]))
            yield from self.without((*path, "division"))
        yield from self.reach(path)
        yield from self.ask(path, rule)
        cases = rule.get("cases", ())
        for i, case in enumerate(cases):
            place = (*path, "cases", i)
            if len(cases) > 1:
                yield from self.without(place)
            if case.get("when"):
                yield from self.without((*place, "when"))
                yield from self.condition((*place, "when"))
            yield from self.ask(place, rule)

    def bearers(self, path: Path) -> Iterator[Mutant]:
        """The kinds of authority that a rule binds: each left out, or the only one another."""
        bearer = self.at(path)
        kinds = [bearer] if isinstance(bearer, str) else bearer
        if len(kinds) > 1:
            yield from self.members(path)
        yield from self.changed(path, [*kinds, next(kind for kind in AUTHORITY_KINDS if kind not in kinds)])

    def ask(self, path: Path, rule: Mapping[str, Any]) -> Iterator[Mutant]:
        """What is asked for at ``path``, a rule or one of its cases."""
        asked = self.at(path)
        kind = asked.get("for_each") or rule.get("for_each")
        if "every" in asked:
            yield from self.changed((*path, "every"), *_other_units(asked["every"]))
        for way in ("every", "deadline"):
            if way in asked and "at_least" not in asked and "at_least" not in rule:
                yield Mutant(path, {**asked, "at_least": 2}, self.source.mark((*path, way), key=True), self.where,
                             Text("at_least: 1 → 2", "at_least: 1 → 2"))
        if "at_least" in asked:
            yield from self.number((*path, "at_least"), least=1)
        if "measured_in" in asked:
            yield from self.changed((*path, "measured_in"), "cases" if asked["measured_in"] == "hours" else "hours")
            yield from self.without((*path, "measured_in"))
        if "within" in asked:
            yield from self.without((*path, "within"))
            for day in ("from_day", "to_day"):
                if day in asked["within"]:
                    yield from self.number((*path, "within", day), least=1)
        yield from self.dates((*path, "deadline"), (*path, "since"), (*path, "due", "date"))
        if "since" in asked:
            yield from self.without((*path, "since"))
        if "record" in asked:
            other = next(kind for kind in KINDS if kind not in (asked["record"], rule["duty"]))
            yield from self.changed((*path, "record"), other)
        if "done_on" in asked:
            yield from self.date_facts((*path, "done_on"), kind)
        if "due" in asked:
            yield from self.due((*path, "due"), kind)
        if "remind_before" in asked:
            yield from self.number((*path, "remind_before"), least=0)
        if "state" in asked:
            yield from self.condition((*path, "state"))

    def due(self, path: Path, kind: str) -> Iterator[Mutant]:
        due = self.at(path)
        if "of" in due:
            yield from self.date_facts((*path, "of"), kind)
            if "days" in due:
                yield from self.number((*path, "days"))
            else:
                for days in (-1, 1):
                    yield Mutant(path, {**due, "days": days}, self.source.mark((*path, "of")), self.where,
                                 Text(f"days: 0 → {days}", f"days: 0 → {days}"))

    def dates(self, *paths: Path) -> Iterator[Mutant]:
        """The dates at those of ``paths`` that are there: one day less, one day more."""
        for path in paths:
            around: Any = self.source.data
            for step in path[:-1]:
                around = around[step] if isinstance(around, list) else (around or {}).get(step)
            if around and (day := around.get(path[-1])) is not None:
                yield from self.changed(path, day - _DAY, day + _DAY)

    def date_facts(self, path: Path, kind: str) -> Iterator[Mutant]:
        """A date of the object: another of its dates."""
        names = [name for name, fact in self.facts.items() if fact.item == kind and fact.type is Type.DATE]
        place = names.index(self.at(path))
        if len(names) > 1:
            yield from self.changed(path, names[(place + 1) % len(names)])

    def number(self, path: Path, least: int | None = None) -> Iterator[Mutant]:
        """A number: one less, one more; a decimal, a hundredth."""
        value = self.at(path)
        if isinstance(value, dict):
            path, value = (*path, "assumption"), value["assumption"]
        step = _CENT if isinstance(value, Decimal) else 1
        yield from self.changed(path, *(n for n in (value - step, value + step) if least is None or n >= least))

    def members(self, path: Path) -> Iterator[Mutant]:
        """A list that has several members: each left out."""
        values = self.at(path)
        if len(values) > 1:
            for i in range(len(values)):
                yield from self.without((*path, i))

    def condition(self, path: Path) -> Iterator[Mutant]:
        """A mapping of facts to tests, or of all, any and not."""
        conditions = self.at(path)
        for key, value in conditions.items():
            place = (*path, key)
            if len(conditions) > 1:
                yield from self.without(place)
            if key in ("all", "any"):
                if len(value) > 1:
                    yield from self.renamed(place, "any" if key == "all" else "all")
                yield from self.members(place)
                for i in range(len(value)):
                    yield from self.condition((*place, i))
            elif key == "not":
                yield from self._unnegated(place)
                yield from self.condition(place)
            elif isinstance(value, dict) and "assumption" not in value:
                yield from self._tests(key, place)
            else:
                yield from self._literal(key, place)

    def _unnegated(self, path: Path) -> Iterator[Mutant]:
        around = self.at(path[:-1])
        changed = {("all" if k == "not" else k): ([v] if k == "not" else v) for k, v in around.items()}
        if len(changed) == len(around):
            yield Mutant(path[:-1], changed, self.source.mark(path, key=True), self.where,
                         Text("删去 not", "without not"))

    def _tests(self, fact: str, path: Path) -> Iterator[Mutant]:
        tests = self.at(path)
        for op in tests:
            place = (*path, op)
            if len(tests) > 1:
                yield from self.without(place)
            if op in ("any", "none"):
                yield from self.renamed(place, "none" if op == "any" else "any")
                yield from self.members(place)
            elif op == "in":
                yield from self.members(place)
            else:
                yield from self.renamed(place, *(name for name in _COMPARATORS[op] if name not in tests))
                yield from self._literal(fact, place)

    def _literal(self, fact: str, path: Path) -> Iterator[Mutant]:
        value = self.at(path)
        choices = getattr(self.facts.get(fact), "choices", None)
        match value:
            case bool():
                yield from self.changed(path, not value)
            case int() | Decimal() | dict():
                yield from self.number(path)
            case date():
                yield from self.changed(path, value - _DAY, value + _DAY)
            case str() if choices:
                names = list(choices)
                yield from self.changed(path, names[(names.index(value) + 1) % len(names)])
            case str():
                yield from self.changed(path, f"{value}-")


def _name(path: Path) -> str:
    """The innermost key on ``path``, and the fact whose test it is."""
    keys = [str(step) for step in path if isinstance(step, str) and step != "assumption"]
    if len(keys) > 1 and keys[-1] in (*_COMPARATORS, "in", "any", "none"):
        return f"{keys[-2]} {keys[-1]}"
    return keys[-1] if keys else ""


def _other_divisions(code: str) -> tuple[str, ...]:
    """One beside the division, and the one that contains it; of the whole country: a part of it."""
    digits = fixed_digits(code)
    if not digits:
        return ("110000",)
    last = int(digits[-2:])
    return (f"{digits[:-2]}{last - 1 if last > 1 else last + 1:02}".ljust(6, "0"), digits[:-2].ljust(6, "0"))


def _other_units(every: Any) -> tuple[Any, ...]:
    if isinstance(every, str):
        return _EVERY[every]
    if "months" in every:
        return ("month", {"months": 4}) if every["months"] == 2 else ({"months": 2}, "half_year")
    years = every["years"]
    return ("year" if years == 2 else {"years": years - 1}, {"years": years + 1})
