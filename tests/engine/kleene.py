"""Conditions evaluated plainly, three-valued: what inference is held against. And strategies to draw them."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from engine.conditions import All, AnyOf, Condition, Not
from engine.conditions import Test as Comparison
from facts.dossier import FactValue

Known = Mapping[str, FactValue]

_COMPARE = {"eq": operator.eq, "ne": operator.ne, "gt": operator.gt, "ge": operator.ge, "lt": operator.lt,
            "le": operator.le, "has": operator.contains, "lacks": lambda held, value: value not in held}


def truth(condition: Condition, known: Known) -> bool | None:
    """True, false, or ``None`` for unknown."""
    match condition:
        case Comparison(fact, op, value):
            return _COMPARE[op](known[fact], value) if fact in known else None
        case Not(part):
            found = truth(part, known)
            return None if found is None else not found
        case All(parts):
            found = [truth(part, known) for part in parts]
            return False if False in found else None if None in found else True
        case AnyOf(parts):
            found = [truth(part, known) for part in parts]
            return True if True in found else None if None in found else False
    raise AssertionError(condition)


SECTORS = ("hotel", "mall", "机械制造")

#: Facts by type, and values that meet often; every value may also be what a condition compares with.
VALUES: dict[str, tuple[FactValue, ...]] = {
    "high_risk": (True, False),
    "uses_gas": (True, False),
    "headcount": (-1, 0, 99, 100, 101, 2**62 - 1, 1 - 2**62),
    "dust_workers": (0, 9, 10, 30),
    "direct_loss": (Decimal("999.99"), Decimal(1000), Decimal("1000.000001"), Decimal(0), Decimal("-0.5")),
    "standardization": ("一级", "二级", "", "1", "true", "一级 ", 'say "当"\\'),
    "level": ("major", "general"),
    "found_on": (date(2023, 12, 31), date(2024, 1, 1), date.min, date.max),
    "hazard.reported_on": (date(2023, 12, 31), date(2024, 1, 1)),
    "sectors": ((), ("hotel",), ("mall",), ("hotel", "mall"), ("hotel", "mall", "机械制造")),
}
_ORDERED = ("headcount", "dust_workers", "direct_loss", "found_on", "hazard.reported_on")


@st.composite
def comparisons(draw: st.DrawFn, booleans: tuple[str, ...] = ()) -> Comparison:
    """One test of one fact; ``booleans`` are further yes/no facts."""
    fact = draw(st.sampled_from((*VALUES, *booleans)))
    if fact == "sectors":
        return Comparison(fact, draw(st.sampled_from(("has", "lacks"))), draw(st.sampled_from(SECTORS)))
    ops = ("eq", "ne", "gt", "ge", "lt", "le") if fact in _ORDERED else ("eq", "ne")
    return Comparison(fact, draw(st.sampled_from(ops)), draw(st.sampled_from(VALUES.get(fact, (True, False)))))


def conditions(booleans: tuple[str, ...] = ()) -> st.SearchStrategy[Condition]:
    """Trees of comparisons, also empty and nested ones that no author would write."""
    def branch(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        several = st.lists(parts, max_size=3).map(tuple)
        return several.map(All) | several.map(AnyOf) | parts.map(Not)

    return st.recursive(comparisons(booleans), branch, max_leaves=8)


def attributes(*, complete: bool = False, booleans: tuple[str, ...] = ()) -> st.SearchStrategy[dict[str, FactValue]]:
    """Values of some facts; with ``complete`` of all."""
    values = {fact: st.sampled_from(some) for fact, some in (VALUES | dict.fromkeys(booleans, (True, False))).items()}
    return st.fixed_dictionaries(values) if complete else st.fixed_dictionaries({}, optional=values)
