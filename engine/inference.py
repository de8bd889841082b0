"""Inference: the only module that touches durable-rules (推理).

Conditions are compiled to durable-rules definitions and evaluated there, three-valued: for each condition one group
of rules fires when it is true and another when it is false; when neither fires it is unknown. Derived facts are
inferred layer by layer: what one layer derives is asserted for the next. Periods, counts and dates are no business
of this module.

durable-rules 2.0.28 can lie in many ways, so it is used within a narrow subset: flat facts of one kind, patterns on
a single fact, its low-level calls driven by this module, ``delete_state`` after each assertion. What remains is
turned into a failure that is heard:

* names and values are checked before the engine sees them (one type a property, no nulls, no floats, no collision
  of the 32-bit hashes by which it compares names);
* every assertion must also fire one known rule per gate (``canary``), so that lost or swallowed firings show;
* a condition found both true and false raises, and one found neither although all that it reads is known;
* error codes and "already observed" raise.
"""

from __future__ import annotations

import json
import weakref
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

try:
    import durable_rules_engine as durable
except ImportError as error:
    raise ImportError(
        "durable_rules is missing, or was built without the flags that Python 3.13 needs: run\n"
        "CPPFLAGS='-O2 -DPyEval_CallObject=PyObject_CallObject' pip install --force-reinstall --no-cache-dir "
        "durable_rules==2.0.28"
    ) from error

from engine.conditions import ALWAYS, Condition, Conjunct, Scalar, Test, disjuncts, encode, facts_read, tests
from engine.signature import Signature
from facts.dossier import FactValue

#: Patterns that share one gate condition. durable-rules fails when more than 64 alpha nodes match one fact.
_PATTERNS_PER_GATE = 30
_LIMIT_GATES = 500
_LIMIT_TEXT_BYTES = 60_000
_LIMIT_FIRINGS = 20_000
#: Signatures whose findings are remembered, before the memory is emptied.
_REMEMBERED = 50_000
_HANDLED = 0
_NO_STATE = "error code: 309"

_OPERATORS = {"ne": "$neq", "gt": "$gt", "ge": "$gte", "lt": "$lt", "le": "$lte"}


class InferenceError(RuntimeError):
    """The rule engine did something that must not be trusted."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A yes/no fact inferred from others (推定); a given value beats it.

    True where ``condition`` is true; false where that is false and ``said`` is true: some pack that reaches the
    enterprise says when the fact is so. Otherwise it stays unknown.
    """

    fact: str
    condition: Condition
    said: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class Findings:
    """What inference concludes from one set of attributes: ``derived`` facts, and which conditions hold.

    ``status`` has ``True`` or ``False`` for the conditions that are known to be so; those not in it are unknown.
    """

    derived: Mapping[str, bool]
    status: Mapping[Condition, bool]

    def of(self, condition: Condition) -> bool | None:
        """``True``, ``False``, or ``None`` for unknown."""
        return self.status.get(condition)


class Inference:
    """The compiled conditions of one kind of subject (an enterprise; an enterprise with one hazard …).

    ``derived`` facts are inferred first, layer by layer; ``conditions`` may read them. Raises
    :class:`InferenceError` when the definitions cannot be compiled safely.
    """

    def __init__(self, derived: Sequence[Derived], conditions: Iterable[Condition]) -> None:
        layers = list(_layers(derived))
        conditions = tuple(conditions)
        inner = (c for d in derived for c in (d.condition, d.said))
        read = {fact for condition in (*conditions, *inner) for fact in facts_read(condition)}
        #: Every fact on which findings depend; a derived one too, for a given value beats it.
        self.reads = tuple(sorted(read | {d.fact for d in derived}))
        self._layers = [(layer, _Ruleset([c for d in layer for c in (d.condition, d.said)])) for layer in layers]
        # Few attributes differ in many ways together: what reads the same few is settled apart from the rest.
        alike: defaultdict[frozenset[str], list[Condition]] = defaultdict(list)
        types: dict[str, type] = {}
        for condition in conditions:
            for test in tests(condition):
                _declare(test, types)
            alike[frozenset(facts_read(condition))].append(condition)
        _refuse_collisions(map(_property, {test for condition in conditions for test in tests(condition)}))
        self._conditions = [_Ruleset(together) for together in alike.values()]

    def infer(self, attributes: Mapping[str, FactValue]) -> Findings:
        """Findings for known ``attributes``; facts that are not in the mapping are unknown.

        Raises :class:`InferenceError` if the engine misbehaves or a value has the wrong type.
        """
        known = dict(attributes)
        derived: dict[str, bool] = {}
        for layer, ruleset in self._layers:
            status = ruleset.findings(known)
            for item in layer:
                found = status.get(item.condition)
                if item.fact not in known and (found or (found is False and status.get(item.said))):
                    derived[item.fact] = found
            known.update(derived)
        status = {}
        for ruleset in self._conditions:
            status.update(ruleset.findings(known))
        return Findings(derived, status)


def _layers(derived: Sequence[Derived]) -> Iterable[list[Derived]]:
    """Derived facts in an order in which each reads only facts of earlier layers."""
    waiting = list(derived)
    while waiting:
        names = {d.fact for d in waiting}
        ready = [d for d in waiting if not names & {*facts_read(d.condition), *facts_read(d.said)}]
        if not ready:
            raise InferenceError(f"derived facts depend on each other: {', '.join(sorted(names))}")
        yield ready
        waiting = [d for d in waiting if d not in ready]


@dataclass(slots=True)
class _Rule:
    """One durable-rules rule and the (condition, truth) pairs that its firing settles."""

    conclusions: list[tuple[Condition, bool]] = field(default_factory=list)


class _Ruleset:
    """One durable-rules ruleset over facts of one kind, with its own driver."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        conditions = tuple(dict.fromkeys(conditions))
        self._types: dict[str, type] = {}
        self._members: dict[str, tuple[str, ...]] = {}
        self._always: dict[Condition, bool] = {}
        self._reads = {condition: facts_read(condition) for condition in conditions}
        self._rules: dict[str, _Rule] = {}
        rules: dict[Conjunct, _Rule] = {}
        for condition in conditions:
            for test in tests(condition):
                _declare(test, self._types)
                if test.op in ("has", "lacks"):
                    self._members[test.fact] = tuple(sorted({*self._members.get(test.fact, ()), str(test.value)}))
            for truth in (True, False):
                for conjunct in disjuncts(condition, holds=truth):
                    if conjunct:
                        rules.setdefault(conjunct, _Rule()).conclusions.append((condition, truth))
                    else:
                        self._always[condition] = truth
        reads = sorted({fact for read in self._reads.values() for fact in read})
        self._signature = Signature(reads, conditions)
        self._found: dict[tuple[object, ...], Mapping[Condition, bool]] = {}
        self._handle = None
        if rules:
            self._compile(rules)

    def _compile(self, rules: Mapping[Conjunct, _Rule]) -> None:
        definitions: dict[str, object] = {}
        names: set[str] = {"one", "id", "sid", "$prime"}
        gates = -(-len(rules) // _PATTERNS_PER_GATE)
        if gates > _LIMIT_GATES:
            raise InferenceError(f"{len(rules)} patterns; at most {_LIMIT_GATES * _PATTERNS_PER_GATE} are safe")
        self._gates = {f"gate#{n}": 1 for n in range(gates)}
        names.update(self._gates)
        for number, (conjunct, rule) in enumerate(rules.items()):
            gate = {f"gate#{number // _PATTERNS_PER_GATE}": 1}
            parts = [_pattern(test) for test in sorted(conjunct, key=repr)]
            names.update(_property(test) for test in conjunct)
            name = f"r{number}"
            definitions[name] = {"all": [{"m": {"$and": [gate, *parts]}}]}
            self._rules[name] = rule
        for gate_name in self._gates:
            definitions[f"canary {gate_name}"] = {"all": [{"m": {gate_name: 1}}]}
        definitions["$prime"] = {"all": [{"m": {"$prime": 1}}]}
        _refuse_collisions(names)
        self._handle = durable.create_ruleset("zhiben", _json(definitions))
        weakref.finalize(self, durable.delete_ruleset, self._handle)
        # A state node that never ran an action frees uninitialised pointers when it is deleted: run one first.
        if self._fire({"$prime": 1}) != ["$prime"]:
            raise InferenceError("durable-rules did not fire its first rule")

    def findings(self, known: Mapping[str, FactValue]) -> Mapping[Condition, bool]:
        """The conditions that are known to be true or false of ``known``, inferred or remembered."""
        signature = self._signature.of(known)
        found = self._found.get(signature)
        if found is None:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            found = self._found[signature] = self._evaluate(known)
        return found

    def _evaluate(self, known: Mapping[str, FactValue]) -> dict[Condition, bool]:
        status = dict(self._always)
        if self._handle is None:
            return status
        fired = self._fire({**self._attributes(known), **self._gates})
        canaries = 0
        for name in fired:
            rule = self._rules.get(name)
            if rule is None:
                canaries += 1
                continue
            for condition, truth in rule.conclusions:
                if status.setdefault(condition, truth) is not truth:
                    raise InferenceError(f"found both true and false: {condition}")
        if canaries != len(self._gates) or len(fired) != len(set(fired)):
            raise InferenceError(f"durable-rules lost or repeated firings: {canaries} of {len(self._gates)} gates seen")
        for condition, facts in self._reads.items():
            if condition not in status and all(known.get(fact) is not None for fact in facts):
                raise InferenceError(f"durable-rules lost a firing: found neither true nor false: {condition}")
        return status

    def _attributes(self, known: Mapping[str, FactValue]) -> dict[str, Scalar]:
        result: dict[str, Scalar] = {}
        for fact, kind in self._types.items():
            if (value := known.get(fact)) is None:
                continue
            if type(value) is not kind:
                raise InferenceError(f"{fact} is {value!r}, but rules compare it with a value of type {kind.__name__}")
            encoded = encode(value)
            if isinstance(encoded, tuple):
                for member in self._members[fact]:
                    result[_member(fact, member)] = member in encoded
            else:
                if isinstance(encoded, str) and len(encoded.encode()) > _LIMIT_TEXT_BYTES:
                    raise InferenceError(f"{fact} is too long a text to compare")
                result[_safe(fact)] = encoded
        return result

    def _fire(self, attributes: Mapping[str, Scalar]) -> list[str]:
        """Assert one flat fact, run what it triggers to the end, forget it; the names of the rules that fired."""
        fired: list[str] = []
        try:
            code, offset = durable.assert_fact(self._handle, _json({**attributes, "id": "1"}))
            if code != _HANDLED:
                raise InferenceError(f"durable-rules refused a fact (result {code})")
            started = durable.start_action_for_state(self._handle, offset)
            message = started[1] if started else None
            while message:
                fired.extend(json.loads(message))
                if len(fired) > _LIMIT_FIRINGS:
                    raise InferenceError("runaway rules")
                message = durable.complete_and_start_action(self._handle, offset)
        except durable.error as error:
            raise InferenceError(f"durable-rules: {error}") from error
        finally:
            self._forget()
        return fired

    def _forget(self) -> None:
        try:
            durable.delete_state(self._handle, "0")
        except durable.error as error:
            # There is nothing to forget where the first fact ever was refused.
            if _NO_STATE not in str(error):
                raise InferenceError(f"durable-rules: {error}") from error


def _declare(test: Test, types: dict[str, type]) -> None:
    """Note the type that the test's fact is compared as; raises :class:`InferenceError` if it is another elsewhere."""
    kind = tuple if test.op in ("has", "lacks") else type(test.value)
    if types.setdefault(test.fact, kind) is not kind:
        raise InferenceError(f"{test.fact} is compared with values of different types")


def _json(value: object) -> str:
    # Facts and rules are compared as raw JSON text, so both must be written the same way.
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _safe(fact: str) -> str:
    return fact.replace(".", "__")


def _member(fact: str, member: str) -> str:
    return f"{_safe(fact)}__has__{member}"


def _property(test: Test) -> str:
    return _member(test.fact, str(test.value)) if test.op in ("has", "lacks") else _safe(test.fact)


def _pattern(test: Test) -> dict[str, object]:
    name = _property(test)
    if test.op in ("has", "lacks"):
        return {name: test.op == "has"}
    value = encode(test.value)
    return {name: value} if test.op == "eq" else {_OPERATORS[test.op]: {name: value}}


def _refuse_collisions(names: Iterable[str]) -> None:
    seen: dict[int, str] = {}
    for name in sorted(names):
        if (other := seen.setdefault(_hash(name), name)) != name:
            raise InferenceError(f"the names {other} and {name} cannot be told apart by the rule engine; rename one")


def _hash(name: str) -> int:
    """The hash by which durable-rules compares property names: FNV-1a over signed bytes."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = ((value ^ (byte if byte < 128 else byte | 0xFFFFFF00)) * 16777619) & 0xFFFFFFFF
    return value
