"""Conditions of rules as data (条件): a tree of tests, and its two normal forms for inference.

A condition is true, false or unknown (Kleene logic: what reads a fact that is not known is neither true nor false).
Nothing here evaluates a condition; that is done by :mod:`engine.inference` alone. This module only rewrites: the
*disjuncts* of a condition are the conjunctions of tests of which any one makes it true, those of its negation the
conjunctions that make it false. When none of either holds, it is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

#: A literal of a test after encoding: text, whole number or yes/no.
Scalar = bool | int | str

#: Decimal facts are compared as whole numbers of this fraction, so that 1 000 is exactly 1 000.
SCALE = 1_000_000

#: The comparison that is true of a known value exactly where another is false.
OPPOSITE = {"eq": "ne", "ne": "eq", "gt": "le", "le": "gt", "ge": "lt", "lt": "ge", "has": "lacks", "lacks": "has"}


Kind = TypeVar("Kind")


def _hashed_once(kind: type[Kind]) -> type[Kind]:
    """Let a frozen class with a slot ``_hash`` remember its hash: findings are looked up by whole trees of tests."""
    worked_out = kind.__hash__

    def remembered(self: Any) -> int:
        try:
            return self._hash
        except AttributeError:
            object.__setattr__(self, "_hash", found := worked_out(self))
            return found

    kind.__hash__ = remembered  # type: ignore[method-assign]
    return kind


class _Hashed:
    __slots__ = ("_hash",)


@_hashed_once
@dataclass(frozen=True, slots=True)
class Test(_Hashed):
    """``fact`` compared with ``value`` by ``op``: eq, ne, gt, ge, lt, le, or has / lacks for the set of sectors."""

    fact: str
    op: str
    value: Scalar | date | Decimal


@_hashed_once
@dataclass(frozen=True, slots=True)
class All(_Hashed):
    """True when every part is; of no parts: true."""

    parts: tuple[Condition, ...]


@_hashed_once
@dataclass(frozen=True, slots=True)
class AnyOf(_Hashed):
    """True when one part is; of no parts: false."""

    parts: tuple[Condition, ...]


@_hashed_once
@dataclass(frozen=True, slots=True)
class Not(_Hashed):
    """True when the part is false; unknown when it is unknown."""

    part: Condition


Condition = Test | All | AnyOf | Not

ALWAYS = All(())


def all_of(*conditions: Condition) -> Condition:
    """Their conjunction, flat and each part once; a single one is itself."""
    parts: list[Condition] = []
    for condition in conditions:
        parts.extend(condition.parts if isinstance(condition, All) else (condition,))
    unique = tuple(dict.fromkeys(parts))
    return unique[0] if len(unique) == 1 else All(unique)


def any_of(*conditions: Condition) -> Condition:
    """Their disjunction, flat and each part once; a single one is itself."""
    parts: list[Condition] = []
    for condition in conditions:
        parts.extend(condition.parts if isinstance(condition, AnyOf) else (condition,))
    unique = tuple(dict.fromkeys(parts))
    return unique[0] if len(unique) == 1 else AnyOf(unique)


#: A conjunction of tests.
Conjunct = frozenset[Test]

#: More alternatives than this in one condition is a mistake of the author, and would slow every enterprise down.
LIMIT_DISJUNCTS = 128


class TooComplex(ValueError):
    """A condition has more than :data:`LIMIT_DISJUNCTS` alternatives."""


def disjuncts(condition: Condition, *, holds: bool = True) -> tuple[Conjunct, ...]:
    """The alternatives of which any one makes ``condition`` true (``holds``) or false (not ``holds``).

    Raises :class:`TooComplex`.
    """
    match condition:
        case Test(fact, op, value):
            return (frozenset({condition if holds else Test(fact, OPPOSITE[op], value)}),)
        case Not(part):
            return disjuncts(part, holds=not holds)
        case All(parts) | AnyOf(parts):
            branches = [disjuncts(part, holds=holds) for part in parts]
            if isinstance(condition, All) == holds:
                return _product(branches)
            return _minimal(d for branch in branches for d in branch)
    raise AssertionError(condition)


def tests(condition: Condition) -> Iterator[Test]:
    """Every test that the condition contains, in reading order."""
    match condition:
        case Test():
            yield condition
        case Not(part):
            yield from tests(part)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from tests(part)


def nodes(condition: Condition) -> Iterator[Condition]:
    """The condition and every condition inside it, outermost first."""
    yield condition
    match condition:
        case Not(part):
            yield from nodes(part)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from nodes(part)


def facts_read(condition: Condition) -> tuple[str, ...]:
    """Names of the facts that the condition reads, each once, in reading order."""
    return tuple(dict.fromkeys(test.fact for test in tests(condition)))


def _product(branches: list[tuple[Conjunct, ...]]) -> tuple[Conjunct, ...]:
    result: tuple[Conjunct, ...] = (frozenset(),)
    for branch in branches:
        result = _minimal(left | right for left in result for right in branch)
    return result


def _minimal(conjuncts: Iterator[Conjunct]) -> tuple[Conjunct, ...]:
    """Each once, and none that another one already implies."""
    kept: list[Conjunct] = []
    for candidate in sorted(set(conjuncts), key=lambda c: (len(c), sorted(map(repr, c)))):
        if not any(known <= candidate for known in kept):
            kept.append(candidate)
        if len(kept) > LIMIT_DISJUNCTS:
            raise TooComplex
    return tuple(kept)


def encode(value: object) -> Scalar | tuple[str, ...]:
    """A fact or literal as inference compares it: dates as day numbers, decimals as whole millionths.

    Raises ``ValueError`` for a decimal finer than that and for a number beyond 2^62.
    """
    if isinstance(value, bool | str | tuple):
        return value
    if isinstance(value, date):
        return value.toordinal()
    if isinstance(value, Decimal):
        scaled = value * SCALE
        if scaled != int(scaled):
            raise ValueError(value)
        value = int(scaled)
    if isinstance(value, int) and abs(value) < 2**62:
        return value
    raise ValueError(value)
