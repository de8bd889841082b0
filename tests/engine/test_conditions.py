"""The two normal forms of a condition say the same as the condition, and never both at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.conditions import (
    ALWAYS,
    LIMIT_DISJUNCTS,
    All,
    AnyOf,
    Condition,
    Conjunct,
    Not,
    TooComplex,
    all_of,
    any_of,
    disjuncts,
    encode,
    facts_read,
    nodes,
)
from engine.conditions import Test as Comparison
from facts.dossier import FactValue
from tests.engine.kleene import VALUES, Known, attributes, conditions, truth

A, B, C = (Comparison(name, "eq", True) for name in "abc")
NOT_A, NOT_B = Comparison("a", "ne", True), Comparison("b", "ne", True)


def met(conjuncts: tuple[Conjunct, ...], known: Known) -> bool:
    """Whether every test of one of the conjunctions is known to be true."""
    return any(all(truth(test, known) is True for test in conjunct) for conjunct in conjuncts)


def forms(condition: Condition) -> tuple[tuple[Conjunct, ...], tuple[Conjunct, ...]]:
    try:
        return disjuncts(condition), disjuncts(condition, holds=False)
    except TooComplex:
        assume(False)
        raise


@given(conditions(), attributes(complete=True))
def test_of_what_is_fully_known_exactly_one_form_is_met(condition: Condition, known: Known) -> None:
    true, false = forms(condition)
    assert met(true, known) is (truth(condition, known) is True)
    assert met(false, known) is (truth(condition, known) is False)
    assert met(true, known) is not met(false, known)


@given(conditions(), attributes())
def test_of_what_is_partly_known_at_most_one_form_is_met_and_only_rightly(condition: Condition, known: Known) -> None:
    true, false = forms(condition)
    assert met(true, known) is (truth(condition, known) is True)
    assert met(false, known) is (truth(condition, known) is False)


@given(conditions())
def test_a_negation_swaps_the_forms(condition: Condition) -> None:
    assert forms(Not(condition)) == tuple(reversed(forms(condition)))


@given(conditions())
def test_no_alternative_is_implied_by_another(condition: Condition) -> None:
    for form in forms(condition):
        assert not any(one < other for one in form for other in form)
        assert len(set(form)) == len(form)


@given(st.lists(conditions(), max_size=4), attributes())
def test_all_of_and_any_of_flatten_without_changing_the_meaning(parts: list[Condition], known: Known) -> None:
    assert truth(all_of(*parts), known) is truth(All(tuple(parts)), known)
    assert truth(any_of(*parts), known) is truth(AnyOf(tuple(parts)), known)


@pytest.mark.parametrize(("condition", "true", "false"), [
    (A, [{A}], [{NOT_A}]),
    (Not(A), [{NOT_A}], [{A}]),
    (All((A, B)), [{A, B}], [{NOT_A}, {NOT_B}]),
    (AnyOf((A, B)), [{A}, {B}], [{NOT_A, NOT_B}]),
    (AnyOf((A, All((A, B)))), [{A}], [{NOT_A}]),
    (ALWAYS, [set()], []),
    (AnyOf(()), [], [set()]),
    (Not(ALWAYS), [], [set()]),
])
def test_examples(condition: Condition, true: list[set[Comparison]], false: list[set[Comparison]]) -> None:
    assert set(disjuncts(condition)) == {frozenset(c) for c in true}
    assert set(disjuncts(condition, holds=False)) == {frozenset(c) for c in false}


@pytest.mark.parametrize(("op", "opposite"), [
    ("eq", "ne"), ("gt", "le"), ("ge", "lt"), ("has", "lacks"),
    ("ne", "eq"), ("le", "gt"), ("lt", "ge"), ("lacks", "has"),
])
def test_a_comparison_is_false_where_its_opposite_is_true(op: str, opposite: str) -> None:
    assert disjuncts(Comparison("x", op, 1), holds=False) == (frozenset({Comparison("x", opposite, 1)}),)


def test_small_conditions_are_what_they_are_made_of() -> None:
    assert all_of(A) is A
    assert any_of(A, A) is A
    assert all_of() == ALWAYS
    assert all_of(A, All((B, A)), C) == All((A, B, C))
    assert any_of(A, AnyOf((B, A)), C) == AnyOf((A, B, C))


def test_what_a_condition_reads_and_contains() -> None:
    condition = All((B, AnyOf((A, Not(B)))))
    assert facts_read(condition) == ("b", "a")
    assert list(nodes(condition)) == [condition, B, condition.parts[1], A, Not(B), B]


def _grid(rows: int, columns: int) -> Condition:
    """``columns ** rows`` alternatives."""
    return All(tuple(AnyOf(tuple(Comparison(f"f{i}", "eq", j) for j in range(columns))) for i in range(rows)))


def test_alternatives_are_limited() -> None:
    assert len(disjuncts(_grid(7, 2))) == LIMIT_DISJUNCTS == 128
    assert len(disjuncts(AnyOf((_grid(7, 2), A)), holds=False)) == 7
    for condition in (_grid(8, 2), AnyOf((_grid(7, 2), A)), _grid(40, 40)):
        with pytest.raises(TooComplex):
            disjuncts(condition)
        with pytest.raises(TooComplex):
            disjuncts(Not(condition), holds=False)


@pytest.mark.parametrize(("value", "encoded"), [
    (True, True), (7, 7), ("七", "七"), (("hotel",), ("hotel",)), (date(1, 1, 1), 1), (date(2024, 3, 11), 738956),
    (Decimal("999.99"), 999_990_000), (Decimal(1000), 1_000_000_000), (Decimal("-0.000001"), -1),
    (2**62 - 1, 2**62 - 1),
])
def test_encoding(value: FactValue, encoded: object) -> None:
    assert encode(value) == encoded
    assert type(encode(value)) is type(encoded)


@pytest.mark.parametrize("value", [
    2**62, -(2**62), Decimal("0.0000001"), Decimal(2**62), Decimal("NaN"), 1.5, None, b"x"])
def test_what_cannot_be_compared_exactly_is_refused(value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its message is the value
        encode(value)


@given(st.sampled_from(sorted(VALUES)).flatmap(lambda fact: st.tuples(*2 * [st.sampled_from(VALUES[fact])])))
def test_encoding_keeps_order_and_equality(pair: tuple[FactValue, FactValue]) -> None:
    one, other = pair
    assert (encode(one) == encode(other)) is (one == other)
    if isinstance(one, int | Decimal | date):
        assert (encode(one) < encode(other)) is (one < other)


def test_the_grid_of_the_limit_covers_every_assignment() -> None:
    condition = _grid(3, 2)
    for values in product(range(3), repeat=3):
        known = dict(zip(("f0", "f1", "f2"), values, strict=True))
        assert met(disjuncts(condition), known) is all(value < 2 for value in values)
