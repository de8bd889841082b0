"""Packs, read from plain mappings into rules and their cases. Each case is a rule of its own in all but its id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from .calendar import Ask, Unit, unit
from .logic import number

Data = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule (or recommendation) of a pack; ``first``/``last`` is its effective range, both days included."""

    pack: Data
    data: Data
    first: date
    last: date
    cases: tuple[Case, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        written = self.data.get("cases") or [{}]
        common = {k: v for k, v in self.data.items() if k not in ("cases", "when")}
        object.__setattr__(self, "cases", tuple(Case(self, c.get("when"), {**common, **c}) for c in written))

    @property
    def id(self) -> str:
        return self.data["id"]

    @property
    def bearers(self) -> tuple[str, ...]:
        """The kinds of authority that it binds; none: it binds enterprises."""
        written = self.data.get("bearer", ())
        return (written,) if isinstance(written, str) else tuple(written)

    @property
    def division(self) -> str:
        """Its own, otherwise that of its pack."""
        return str(self.data.get("division", self.pack.get("division", "000000")))

    def in_range(self, day: date) -> bool:
        """Inside the effective range and not before the pack's ``judged_from``."""
        return self.first <= day <= self.last and day >= self.pack.get("judged_from", date.min)


@dataclass(frozen=True, eq=False)
class Case:
    """What one case asks; keys that the case leaves out are the rule's."""

    rule: Rule
    when: Data | None
    data: Data

    @cached_property
    def unit(self) -> Unit:
        return unit(self.data["every"], self.rule.first)

    @cached_property
    def ask(self) -> Ask:
        return Ask(self.unit, self.at_least)

    @property
    def at_least(self) -> Decimal | int:
        """How many records, or how many hours or cases."""
        return number(self.data.get("at_least", 1))

    @property
    def record(self) -> str:
        """The kind of record that counts."""
        return self.data.get("record", self.data["duty"])

    def remind_before(self, otherwise: int) -> int:
        return number(self.data.get("remind_before", otherwise))

    @property
    def type(self) -> str:
        """periodic, deadline, object or state."""
        for key, name in {"every": "periodic", "deadline": "deadline", "for_each": "object"}.items():
            if key in self.data:
                return name
        return "state"


class Book:
    """All packs that are in force; drafts are no law."""

    def __init__(self, packs: Iterable[Data]) -> None:
        self.packs = [p for p in packs if p.get("status", "in_force") != "draft"]
        self.rules = [_rule(p, r) for p in self.packs for r in p.get("rules") or ()]
        self.recommendations = [_rule(p, r) for p in self.packs for r in p.get("recommendations") or ()]
        self.derived: dict[str, list[tuple[Data, Data]]] = {}
        for pack in self.packs:
            for derivation in pack.get("derived") or ():
                self.derived.setdefault(derivation["fact"], []).append((pack, derivation))

    def duties(self) -> list[str]:
        return sorted({r.data["duty"] for r in self.rules})

    def of_duty(self, duty: str) -> list[Rule]:
        return [r for r in self.rules if r.data["duty"] == duty]


def _rule(pack: Data, data: Data) -> Rule:
    ranges = [pack.get("effective") or {}, data.get("effective") or {}]
    first = max(r.get("from") or date.min for r in ranges)
    last = min(r.get("to") or date.max for r in ranges)
    return Rule(pack, data, first, last)


def ids(cases: Iterable[Case]) -> list[str]:
    """The rules' ids, each once, sorted."""
    return sorted({c.rule.id for c in cases})
