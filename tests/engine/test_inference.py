"""Inference says of every condition what plain three-valued evaluation says, and fails loudly where it cannot."""

from __future__ import annotations

import gc
import json
import resource
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import durable_rules_engine as durable
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.conditions import ALWAYS, AnyOf, Condition, Not, TooComplex, any_of
from engine.conditions import Test as Comparison
from engine.inference import Derived, Inference, InferenceError
from facts.dossier import FactValue
from tests.engine.kleene import VALUES, Known, attributes, conditions, truth

HIGH_RISK = Comparison("high_risk", "eq", True)
MANY = Comparison("headcount", "gt", 100)


def inference(*wanted: Condition, derived: tuple[Derived, ...] = ()) -> Inference:
    return Inference(derived, wanted)


# What it says


@given(st.lists(conditions(), min_size=1, max_size=5), st.lists(attributes(), min_size=1, max_size=5))
def test_every_condition_is_as_evaluated_plainly(wanted: list[Condition], enterprises: list[Known]) -> None:
    try:
        inferred = inference(*wanted)
    except TooComplex:
        assume(False)
    for known in enterprises:
        findings = inferred.infer(known)
        assert [findings.of(condition) for condition in wanted] == [truth(condition, known) for condition in wanted]
        assert not findings.derived


LAYERS = ("first", "second", "third")


@st.composite
def layered(draw: st.DrawFn) -> tuple[Derived, ...]:
    """Facts of which each may be derived from those before it; in any order."""
    derived = []
    for number, fact in enumerate(LAYERS):
        below = LAYERS[:number]
        said = draw(st.just(ALWAYS) | conditions(below))
        derived.append(Derived(fact, draw(conditions(below)), said))
    return tuple(draw(st.permutations(derived)))


@settings(max_examples=50)
@given(layered(), st.lists(conditions(LAYERS), max_size=3),
       st.lists(attributes(booleans=LAYERS), min_size=1, max_size=4))
def test_derived_facts_are_as_evaluated_layer_by_layer(
        derived: tuple[Derived, ...], wanted: list[Condition], enterprises: list[Known]) -> None:
    try:
        inferred = inference(*wanted, derived=derived)
    except TooComplex:
        assume(False)
    for known in enterprises:
        expected: dict[str, FactValue] = dict(known)
        for fact in LAYERS:
            item = next(d for d in derived if d.fact == fact)
            found = truth(item.condition, expected)
            if fact not in known and (found or (found is False and truth(item.said, expected))):
                expected[fact] = found
        findings = inferred.infer(known)
        assert findings.derived == {f: v for f, v in expected.items() if f in LAYERS and f not in known}
        assert [findings.of(condition) for condition in wanted] == [truth(condition, expected) for condition in wanted]


@given(conditions(), attributes())
def test_what_is_not_read_does_not_matter(condition: Condition, known: Known) -> None:
    try:
        inferred = inference(condition)
    except TooComplex:
        assume(False)
    read = {fact: known[fact] for fact in known if fact in inferred.reads}
    assert inferred.infer(known).of(condition) is inferred.infer(read).of(condition)


def test_one_enterprise_leaves_nothing_behind_for_the_next() -> None:
    inferred = inference(HIGH_RISK, MANY)
    for known, expected in [({"high_risk": True, "headcount": 101}, [True, True]), ({}, [None, None]),
                            ({"headcount": 100}, [None, False]), ({"high_risk": False}, [False, None])]:
        findings = inferred.infer(known)
        assert [findings.of(HIGH_RISK), findings.of(MANY)] == expected


def test_conditions_of_nothing_need_no_facts() -> None:
    findings = inference(ALWAYS, AnyOf(()), Not(ALWAYS)).infer({})
    assert [findings.of(c) for c in (ALWAYS, AnyOf(()), Not(ALWAYS))] == [True, False, False]
    assert inference().infer({"headcount": 3}).status == {}


def test_the_reads_are_all_facts_on_which_findings_depend() -> None:
    inferred = inference(Comparison("first", "eq", True), derived=(Derived("first", MANY, HIGH_RISK),))
    assert inferred.reads == ("first", "headcount", "high_risk")


def test_hundreds_of_conditions_true_at_once() -> None:
    # durable-rules fails when more than 64 patterns of one kind match a fact.
    wanted = [Comparison("headcount", "ge", n) for n in range(400)]
    inferred = inference(*wanted, any_of(*wanted[:100]))
    findings = inferred.infer({"headcount": 1000})
    assert all(findings.of(condition) is True for condition in wanted)
    findings = inferred.infer({"headcount": 199})
    assert [findings.of(condition) for condition in wanted] == [n <= 199 for n in range(400)]


def test_names_that_look_like_inferences_own_attributes_in_other_packs_are_kept_apart() -> None:
    wanted = [Comparison("hazard.level", "eq", "major"), Comparison("level", "eq", "major")]
    findings = inference(*wanted).infer({"hazard.level": "major", "level": "general"})
    assert [findings.of(condition) for condition in wanted] == [True, False]


# What it refuses to compile

#: Two names that durable-rules cannot tell apart: it compares names by a 32-bit hash alone.
COLLIDING = ("score_aeez", "index_adqe")


def test_durable_rules_mistakes_one_colliding_name_for_the_other() -> None:
    one, other = COLLIDING
    handle = durable.create_ruleset("collision", json.dumps({"r": {"all": [{"m": {one: 1}}]}}))
    try:
        _, offset = durable.assert_fact(handle, json.dumps({other: 1, "id": "1"}))
        assert json.loads(durable.start_action_for_state(handle, offset)[1]) == {"r": {"m": {other: 1, "id": "1"}}}
        durable.complete_and_start_action(handle, offset)
        durable.delete_state(handle, "0")
    finally:
        durable.delete_ruleset(handle)


def test_colliding_names_are_refused() -> None:
    with pytest.raises(InferenceError, match="the names index_adqe and score_aeez cannot be told apart"):
        inference(*(Comparison(name, "eq", 1) for name in COLLIDING))


@pytest.mark.parametrize(("one", "other"), [
    (100, "100"), (True, 1), (Decimal(1), 1), (date(2024, 1, 1), "2024-01-01"),
])
def test_one_fact_compared_with_values_of_two_types_is_refused(one: Any, other: Any) -> None:
    with pytest.raises(InferenceError, match="grade is compared with values of different types"):
        inference(Comparison("grade", "eq", one), Comparison("grade", "ne", other))


def test_a_set_compared_as_text_is_refused() -> None:
    with pytest.raises(InferenceError, match="sectors is compared with values of different types"):
        inference(Comparison("sectors", "has", "hotel"), Comparison("sectors", "eq", "hotel"))


def test_facts_derived_in_a_circle_are_refused() -> None:
    a, b = (Comparison(name, "eq", True) for name in "ab")
    with pytest.raises(InferenceError, match=r"derived facts depend on each other: a, b$"):
        inference(derived=(Derived("a", b), Derived("b", a), Derived("c", HIGH_RISK)))
    with pytest.raises(InferenceError, match=r"derived facts depend on each other: a$"):
        inference(derived=(Derived("a", ALWAYS, a),))


def test_more_patterns_than_are_safe_are_refused() -> None:
    with pytest.raises(InferenceError, match="patterns; at most 15000 are safe"):
        inference(*(Comparison("headcount", "eq", n) for n in range(7_501)))


@pytest.mark.parametrize("value", [2**62, -(2**62), Decimal(10)**13, Decimal("0.0000001")])
def test_numbers_that_durable_rules_cannot_compare_exactly_are_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=str(value)):
        inference(Comparison("grade", "eq", value))
    with pytest.raises(ValueError, match=str(value)):
        inference(Comparison("grade", "eq", type(value)(1))).infer({"grade": value})


# What it refuses to read


@pytest.mark.parametrize(("fact", "value"), [
    ("headcount", "101"), ("headcount", True), ("headcount", Decimal(101)), ("headcount", 101.0), ("high_risk", 1),
    ("high_risk", "true"), ("direct_loss", 1000), ("direct_loss", 1000.0), ("standardization", 1),
    ("found_on", "2024-01-01"), ("found_on", datetime(2024, 1, 1)), ("sectors", "hotel"), ("sectors", ["hotel"]),
    ("headcount", float("nan")),
])
def test_a_value_of_the_wrong_type_is_refused(fact: str, value: Any) -> None:
    literal = "hotel" if fact == "sectors" else VALUES[fact][0]
    inferred = inference(Comparison(fact, "has" if fact == "sectors" else "eq", literal))
    with pytest.raises(InferenceError, match=f"{fact} is .*, but rules compare it with a value of type"):
        inferred.infer({fact: value})
    assert inferred.infer({}).status == {}, "it can be used again"


def test_none_is_not_a_value_but_not_known() -> None:
    known: Any = {"headcount": None, "high_risk": True}
    assert inference(MANY, HIGH_RISK).infer(known).status == {HIGH_RISK: True}


def test_text_too_long_to_be_compared_is_refused() -> None:
    # durable-rules takes the length of a text modulo 65 536.
    first_class = Comparison("standardization", "eq", "一级")
    inferred = inference(first_class)
    with pytest.raises(InferenceError, match="standardization is too long a text"):
        inferred.infer({"standardization": "一" * 20_001})
    assert inferred.infer({"standardization": "一" * 20_000}).of(first_class) is False


# What it notices while durable-rules runs


@pytest.fixture
def inferred() -> Inference:
    """Compiled already, so that what follows happens while it is used and not while it is compiled."""
    return inference(MANY)


@pytest.mark.parametrize("lost", ["r", "canary"])
def test_a_lost_firing_is_noticed(lost: str, inferred: Inference, monkeypatch: pytest.MonkeyPatch) -> None:
    start, complete = durable.start_action_for_state, durable.complete_and_start_action

    def unless_lost(message: str | None, *state: Any) -> str | None:
        while message and next(iter(json.loads(message))).startswith(lost):
            message = complete(*state)
        return message

    def started(*state: Any) -> Any:
        first = start(*state)
        return first and (first[0], unless_lost(first[1], *state))

    monkeypatch.setattr(durable, "start_action_for_state", started)
    monkeypatch.setattr(durable, "complete_and_start_action", lambda *state: unless_lost(complete(*state), *state))
    with pytest.raises(InferenceError, match="durable-rules lost"):
        inferred.infer({"headcount": 101})


def test_firings_that_are_all_lost_are_noticed(inferred: Inference, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "start_action_for_state", lambda *state: None)
    with pytest.raises(InferenceError, match="lost or repeated firings: 0 of 1 gates seen"):
        inferred.infer({"headcount": 101})


def test_a_repeated_firing_is_noticed(inferred: Inference, monkeypatch: pytest.MonkeyPatch) -> None:
    real = durable.start_action_for_state
    seen: list[str] = []

    def first(*state: Any) -> Any:
        started = real(*state)
        seen.append(started[1])
        return started

    def again(*state: Any) -> Any:
        return seen.pop() if seen else None

    monkeypatch.setattr(durable, "start_action_for_state", first)
    monkeypatch.setattr(durable, "complete_and_start_action", again)
    with pytest.raises(InferenceError, match="lost or repeated firings"):
        inferred.infer({"headcount": 101})


def test_rules_that_never_come_to_an_end_are_noticed(inferred: Inference, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "complete_and_start_action", lambda *state: '{"r0": {}}')
    with pytest.raises(InferenceError, match="runaway rules"):
        inferred.infer({"headcount": 101})


@pytest.mark.parametrize("code", [1, 2])
def test_a_fact_that_is_refused_or_seen_already_is_noticed(
        code: int, inferred: Inference, monkeypatch: pytest.MonkeyPatch) -> None:
    real = durable.assert_fact
    monkeypatch.setattr(durable, "assert_fact", lambda *fact: (code, real(*fact)[1]))
    with pytest.raises(InferenceError, match=rf"refused a fact \(result {code}\)"):
        inferred.infer({"headcount": 101})


def _error(*arguments: Any) -> Any:
    raise durable.error("Could not assert fact, error code: 302")


@pytest.mark.parametrize("call", [
    "assert_fact", "start_action_for_state", "complete_and_start_action", "delete_state"])
def test_an_error_code_is_noticed(call: str, inferred: Inference, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, call, _error)
    with pytest.raises(InferenceError, match="durable-rules: Could not assert fact, error code: 302"):
        inferred.infer({"headcount": 101})


def test_a_condition_found_true_and_false_is_noticed(inferred: Inference, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "complete_and_start_action", _one_after_the_other(
        '{"r0": {}}', '{"r1": {}}', '{"canary gate#0": {}}'))
    with pytest.raises(InferenceError, match="both true and false"):
        inferred.infer({"headcount": 101})


def _one_after_the_other(*messages: str) -> Callable[..., str | None]:
    waiting: Iterator[str] = iter(messages)
    return lambda *state: next(waiting, None)


def test_after_a_failure_the_next_answer_is_right(inferred: Inference, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(durable, "complete_and_start_action", _error)
        with pytest.raises(InferenceError):
            inferred.infer({"headcount": 101})
    for headcount in (100, 101, 100):
        assert inferred.infer({"headcount": headcount}).of(MANY) is (headcount > 100)


# Memory


def _resident() -> int:
    """Bytes of this process in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_does_not_grow() -> None:
    wanted = [Comparison("headcount", op, n) for n in range(0, 50, 5) for op in ("ge", "lt")]
    inferred = inference(*wanted, HIGH_RISK)
    for n in range(1_000):
        inferred.infer({"headcount": n, "high_risk": True})
    gc.collect()
    before = _resident()
    for n in range(5_000):
        inferred.infer({"headcount": n % 50, "high_risk": n % 2 == 0})
    gc.collect()
    assert _resident() - before < 2_000_000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_rulesets_that_are_not_used_any_more_are_freed() -> None:
    wanted = [Comparison("headcount", "ge", n) for n in range(100)]

    def compile_and_use(times: int) -> None:
        for _ in range(times):
            inference(*wanted).infer({"headcount": 50})

    compile_and_use(30)
    gc.collect()
    before = _resident()
    compile_and_use(100)
    gc.collect()
    assert _resident() - before < 4_000_000
