"""Whether a condition can hold: the answer against trying every value."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from engine.condition_reader import ledger_facts
from engine.conditions import All, AnyOf, Condition, Not, TooComplex
from engine.conditions import Test as FactTest
from engine.satisfiability import Possibilities, passes
from facts.vocabulary import SECTORS

FACTS = ledger_facts(SECTORS)
POSSIBLE = Possibilities(FACTS)
VALUES = {
    "high_risk": (True, False), "headcount": range(8), "hazard.level": ("major", "general"),
    "sectors": ((), ("hotel",), ("mall",), ("hotel", "mall")), "standardization": ("一级", "二级", "other"),
}

_tests = st.one_of(
    st.builds(FactTest, st.just("high_risk"), st.sampled_from(["eq", "ne"]), st.booleans()),
    st.builds(FactTest, st.just("headcount"), st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]), st.integers(0, 6)),
    st.builds(FactTest, st.just("hazard.level"), st.sampled_from(["eq", "ne"]), st.sampled_from(["major", "general"])),
    st.builds(FactTest, st.just("sectors"), st.sampled_from(["has", "lacks"]), st.sampled_from(["hotel", "mall"])),
    st.builds(FactTest, st.just("standardization"), st.sampled_from(["eq", "ne"]), st.sampled_from(["一级", "二级"])),
)
_conditions = st.recursive(_tests, lambda inner: st.one_of(
    st.builds(Not, inner),
    st.builds(lambda parts: All(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
    st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, min_size=1, max_size=3))), max_leaves=8)


def holds(condition: Condition, values: dict[str, object]) -> bool:
    match condition:
        case FactTest(fact):
            return passes(values[fact], condition)
        case Not(part):
            return not holds(part, values)
        case All(parts):
            return all(holds(part, values) for part in parts)
        case AnyOf(parts):
            return any(holds(part, values) for part in parts)
    raise AssertionError(condition)


def worlds() -> list[dict[str, object]]:
    return [dict(zip(VALUES, values, strict=True)) for values in product(*VALUES.values())]


WORLDS = worlds()


@given(_conditions)
def test_a_condition_can_hold_if_some_values_make_it_true(condition: Condition) -> None:
    try:
        found = POSSIBLE.witness(condition)
    except TooComplex:
        return
    assert (found is not None) == any(holds(condition, values) for values in WORLDS)
    if found is not None:
        assert holds(condition, {**WORLDS[0], **found})
