"""The ten rules by two other engines that a user might pick (其他规则引擎): rule-engine and GoRules zen."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rule_engine import Context, DataType, Rule
from rule_engine import resolve_item as item_of
from zen import ZenEngine

from tests.benchmarks.ten_rules import RULES, Fact, Test, Verdicts

_TYPES = {int: DataType.FLOAT, bool: DataType.BOOLEAN, str: DataType.STRING}


def rule_engine() -> Verdicts:
    """rule-engine: one compiled rule each, over typed facts."""
    types = {name: _TYPES[type(value)] for rule in RULES for name, _, value in rule}
    context = Context(resolver=item_of, type_resolver=lambda name: types[name])
    rules = [(1 << n, Rule(_expression(rule), context=context)) for n, rule in enumerate(RULES)]

    def verdicts(facts: Iterable[Fact]) -> list[int]:
        return [sum(bit for bit, rule in rules if rule.matches(fact)) for fact in facts]

    return verdicts


def zen_engine() -> Verdicts:
    """GoRules zen: one decision with ten expressions, evaluated once for each fact."""
    expressions = [{"id": f"e{n}", "key": f"r{n}", "value": _expression(rule)} for n, rule in enumerate(RULES)]
    decision = ZenEngine().create_decision(json.dumps({
        "nodes": [{"id": "in", "name": "in", "type": "inputNode", "position": {"x": 0, "y": 0}},
                  {"id": "ten", "name": "ten", "type": "expressionNode", "position": {"x": 0, "y": 0},
                   "content": {"expressions": expressions}},
                  {"id": "out", "name": "out", "type": "outputNode", "position": {"x": 0, "y": 0}}],
        "edges": [{"id": "1", "type": "edge", "sourceId": "in", "targetId": "ten"},
                  {"id": "2", "type": "edge", "sourceId": "ten", "targetId": "out"}]}))
    bits = [(1 << n, f"r{n}") for n in range(len(RULES))]

    def verdicts(facts: Iterable[Fact]) -> list[int]:
        result = []
        for fact in facts:
            held = decision.evaluate(fact)["result"]
            result.append(sum(bit for bit, key in bits if held[key]))
        return result

    return verdicts


def _expression(rule: tuple[Test, ...]) -> str:
    return " and ".join(f"{name} {sign} {json.dumps(value)}" for name, sign, value in rule)
