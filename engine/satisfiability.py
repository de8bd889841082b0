"""Whether a condition can hold at all (可满足性), for checking packs; verdicts never ask this.

A condition can hold if one of its disjuncts can, and a disjunct can if, fact by fact, some value passes all of its
tests. Of each fact only representative values need trying: those that a test names and their neighbours, the choices of
a closed list. Facts count as independent of each other, derived ones too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from engine.condition_reader import FactType
from engine.conditions import Condition, Conjunct, Not, Test, all_of, disjuncts
from engine.errors import shown
from facts.vocabulary import Type

#: A value of each fact that matters; facts that are not in it may be anything.
Witness = Mapping[str, Any]

#: Stands for any text that no test names.
OTHER = "…"


class Possibilities:
    """Answers for conditions on ``facts``. ``signed`` names those whose numbers may be negative.

    Every question raises :class:`~engine.conditions.TooComplex` for a condition with too many alternatives.
    """

    def __init__(self, facts: Mapping[str, FactType], signed: Iterable[str] = ()) -> None:
        self._facts = facts
        self._signed = frozenset(signed)

    def witness(self, *conditions: Condition) -> Witness | None:
        """Values for which all ``conditions`` are true; ``None`` if there are none."""
        for conjunct in disjuncts(all_of(*conditions)):
            found = self._values(conjunct)
            if found is not None:
                return found
        return None

    def implies(self, one: Condition, other: Condition) -> bool:
        """Whether ``other`` is true wherever ``one`` is."""
        return self.witness(one, Not(other)) is None

    def equal(self, one: Condition, other: Condition) -> bool:
        """Whether both are true of the same values."""
        return self.implies(one, other) and self.implies(other, one)

    def _values(self, conjunct: Conjunct) -> Witness | None:
        by_fact: dict[str, list[Test]] = {}
        for test in sorted(conjunct, key=repr):
            by_fact.setdefault(test.fact, []).append(test)
        found: dict[str, Any] = {}
        for fact, tests in sorted(by_fact.items()):
            for value in self._candidates(fact, tests):
                if all(passes(value, test) for test in tests):
                    found[fact] = value
                    break
            else:
                return None
        return found

    def _candidates(self, fact: str, tests: list[Test]) -> Iterator[Any]:
        kind = self._facts[fact]
        named = sorted({test.value for test in tests})
        match kind.type:
            case Type.BOOL:
                yield from (True, False)
            case Type.SET:
                yield tuple(test.value for test in tests if test.op == "has")
            case Type.CODE if kind.choices:
                yield from kind.choices
            case Type.INT | Type.DECIMAL | Type.DATE:
                step = timedelta(days=1) if kind.type is Type.DATE else 1
                between = [(a + b) / 2 for a, b in pairwise(named)] if kind.type is Type.DECIMAL else []
                for value in (*named, *(v - step for v in named), *(v + step for v in named), *between):
                    if kind.type is Type.DATE or value >= 0 or fact in self._signed:
                        yield value
                # The least that there is, in case a threshold lies less than a step above it.
                if kind.type is Type.DECIMAL:
                    yield Decimal(0)
            case _:
                yield from (*named, OTHER)


def passes(value: Any, test: Test) -> bool:
    """Whether a known value passes one test."""
    match test.op:
        case "eq":
            return value == test.value
        case "ne":
            return value != test.value
        case "gt":
            return value > test.value
        case "ge":
            return value >= test.value
        case "lt":
            return value < test.value
        case "le":
            return value <= test.value
        case "has":
            return test.value in value
        case "lacks":
            return test.value not in value
    raise AssertionError(test)


def witness_text(witness: Witness) -> str:
    """Values as an author would write them: ``headcount: 99, high_risk: true``."""
    return ", ".join(f"{fact}: {_written(value)}" for fact, value in witness.items())


def _written(value: Any) -> str:
    match value:
        case tuple():
            return f"[{', '.join(value)}]"
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
    return shown(value)
