"""The rules, cases, conditions and steps of a pack, each as a spot that scenarios can touch (场景可及之处)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from engine.condition_reader import ConditionReader, FactType
from engine.conditions import Test, tests
from engine.errors import Problems, shown
from engine.pack_names import AUTHORITY_KIND, names_of
from engine.pack_schema import Pack, Rule
from engine.yaml_source import Mark, Path, Source, parse

#: Stands for a duty where a scenario checks what is recommended.
RECOMMENDATIONS = "recommendations"


@dataclass(frozen=True, slots=True)
class Case:
    """A rule as compiled, all its cases together or (``number``) one of them."""

    rule: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a ladder, the ``level``-th from its foot."""

    ladder: str
    level: int


#: What says whether a spot holds: a test, a derived fact, a rule or one of its cases, a step of a ladder.
Probe = Test | str | Case | Step


@dataclass(frozen=True, slots=True)
class About:
    """Which rule, ladder or derived fact a spot belongs to. ``item``: the kind of object it reads.

    ``checked_by`` are the duties of which a scenario must check one to touch the spot; none: any scenario touches it.
    """

    where: str
    clause: str
    item: str | None
    checked_by: frozenset[str]


@dataclass(slots=True, eq=False)
class Spot:
    """``what`` is how it is written; ``held`` and ``failed``: the scenarios (file:line) in which it was so, or not.

    ``at_once``: a step that comes with the violation itself, so that there is no day on which it has not come yet.
    """

    kind: str
    about: About
    what: str
    mark: Mark
    probe: Probe
    held: dict[str, None] = field(default_factory=dict)
    failed: dict[str, None] = field(default_factory=dict)
    at_once: bool = False

    @property
    def touched(self) -> bool:
        """Whether scenarios show both sides of it, if it has two."""
        return bool(self.held and (self.failed or self.at_once))


def spots(file: FilePath, beside: Iterable[FilePath]) -> list[Spot]:
    """The spots of the pack at ``file``, in the order of its lines.

    ``beside`` are the packs that declare or derive facts for it. All of them are known to be sound.
    """
    texts = {path: parse(path.read_text(encoding="utf-8"), str(path)) for path in (file, *beside)}
    packs = [(source, Pack.model_validate(source.data), "") for source in texts.values()]
    names = names_of(packs, {source.file: Problems(source) for source in texts.values()})
    walk = _Walk(texts[file], packs[0][1], names.facts, names.authority_facts)
    return sorted(walk.all(), key=lambda spot: (spot.mark.line, spot.mark.column))


class _Walk:
    def __init__(self, source: Source, pack: Pack, facts: Mapping[str, FactType],
                 authority_facts: Mapping[str, FactType]) -> None:
        self.source, self.pack = source, pack
        self.reader = ConditionReader({**facts, **authority_facts}, Problems(source))

    def all(self) -> Iterator[Spot]:
        pack = self.pack
        anything = frozenset(rule.duty for rule in pack.rules) | ({RECOMMENDATIONS} if pack.recommendations else set())
        for i, sector in enumerate(pack.sectors or ()):
            yield self.spot("condition", About(pack.pack, "", None, anything), ("sectors", i),
                            Test("sectors", "has", sector), f"sectors: {sector}")
        for i, item in enumerate(pack.derived):
            kind = item.fact.partition(".")[0] if "." in item.fact else None
            about = About(item.fact, item.clause, kind, frozenset())
            yield self.spot("derived", about, ("derived", i), item.fact, item.fact)
            yield from self.conditions(item.when, ("derived", i, "when"), about)
        for i, rule in enumerate(pack.rules):
            yield from self.rule(rule, ("rules", i))
        for i, rule in enumerate(pack.recommendations):
            about = About(rule.id, rule.clause, rule.for_each, frozenset({RECOMMENDATIONS}))
            yield self.spot("rule", about, ("recommendations", i), Case(rule.id), rule.recommend)
            yield from self.conditions(rule.when, ("recommendations", i, "when"), about)
        for i, ladder in enumerate(pack.ladders):
            for j, step in enumerate(ladder.steps):
                about = About(ladder.id, step.clause or ladder.clause, None, frozenset())
                what = _as_written(self.source.data["ladders"][i]["steps"][j])
                spot = self.spot("step", about, ("ladders", i, "steps", j), Step(ladder.id, j + 1), what)
                spot.at_once = step.after.value == 0 and step.when is None
                yield spot

    def rule(self, rule: Rule, path: Path) -> Iterator[Spot]:
        cases = rule.cases or []
        item = next((each for each in (rule.for_each, *(case.for_each for case in cases)) if each), None)
        about = About(rule.id, rule.clause, item, frozenset({rule.duty}))
        yield self.spot("rule", about, path, Case(rule.id), rule.duty)
        for i, kind in enumerate(rule.bearer or ()):
            yield self.spot("condition", about, (*path, "bearer", i), Test(AUTHORITY_KIND, "eq", kind),
                            f"bearer: {kind}")
        yield from self.conditions(rule.when, (*path, "when"), about)
        yield from self.conditions(rule.state, (*path, "state"), about)
        for i, case in enumerate(cases):
            written = self.source.data["rules"][path[1]]["cases"][i]
            own = About(rule.id, case.clause or rule.clause, item, about.checked_by)
            yield self.spot("case", own, (*path, "cases", i), Case(rule.id, i), _as_written(written))
            yield from self.conditions(case.when, (*path, "cases", i, "when"), own)
            yield from self.conditions(case.state, (*path, "cases", i, "state"), own)

    def conditions(self, when: Mapping[str, Any] | None, path: Path, about: About) -> Iterator[Spot]:
        """Every single test under ``when``; of a list of values, every value."""
        for key, value in (when or {}).items():
            place = (*path, key)
            if key in ("all", "any"):
                for i, part in enumerate(value):
                    yield from self.conditions(part, (*place, i), about)
            elif key == "not":
                yield from self.conditions(value, place, about)
            elif isinstance(value, dict) and "assumption" not in value:
                for op, operand in value.items():
                    if isinstance(operand, list):
                        for i, one in enumerate(operand):
                            yield from self.tests(key, {op: [one]}, (*place, op, i), about, f"{key} {op}: {shown(one)}")
                    else:
                        yield from self.tests(key, {op: operand}, (*place, op), about, f"{key} {op}: {shown(operand)}")
            else:
                yield from self.tests(key, value, place, about, f"{key}: {shown(value)}")

    def tests(self, fact: str, written: Any, path: Path, about: About, what: str) -> Iterator[Spot]:
        condition = self.reader.read({fact: written}, path, about.item)
        yield from (self.spot("condition", about, path, test, what) for test in tests(condition))

    def spot(self, kind: str, about: About, path: Path, probe: Probe, what: str) -> Spot:
        return Spot(kind, about, what, self.source.mark(path), probe)


def _as_written(entry: Mapping[str, Any]) -> str:
    """A case or a step without what it cites; of assumptions the numbers alone."""
    return ", ".join(f"{key}: {shown(_number(value))}" for key, value in entry.items()
                     if key not in ("document", "clause", "quote"))


def _number(value: Any) -> Any:
    return value["assumption"] if isinstance(value, dict) and "assumption" in value else value
