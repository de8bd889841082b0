"""Ten yes/no rules over one flat fact an enterprise (十条规则), as a user of any rule engine might write them.

About two of them hold of an enterprise. The same ten are handed to each engine in its own spelling; what each found is
one bit a rule.
"""

from __future__ import annotations

import operator
import random
from collections.abc import Callable, Iterable

from durable.engine import Host, MessageNotHandledException

from tests.benchmarks.population import SEED, attributes

Fact = dict[str, int | bool | str]
#: A fact's name, a sign, and what it is compared with; the tests of one rule must all hold.
Test = tuple[str, str, int | bool | str]
#: For each fact one number: bit n is set where rule n holds.
Verdicts = Callable[[Iterable[Fact]], list[int]]

RULES: tuple[tuple[Test, ...], ...] = (
    (("headcount", ">", 100), ("safety_officers", "==", 0)),
    (("headcount", "<=", 100), ("safety_officers", "==", 0), ("safety_department", "==", False)),
    (("uses_gas", "==", True), ("gas_alarm", "==", False)),
    (("high_risk", "==", True),),
    (("sector", "==", "dust_explosion"), ("dust_workers", ">=", 30)),
    (("dust_workers", ">=", 10),),
    (("labor_intensive", "==", True),),
    (("above_limit", "==", True),),
    (("headcount", ">=", 25), ("sector", "!=", "construction")),
    (("sector", "==", "catering"), ("headcount", ">=", 10)),
)
_SIGNS = {">": operator.gt, ">=": operator.ge, "<=": operator.le, "==": operator.eq, "!=": operator.ne}
_DURABLE = {">": "$gt", ">=": "$gte", "<=": "$lte", "!=": "$neq"}


def flat_fact(number: int) -> Fact:
    """The attributes of an enterprise with what the ledger leaves blank set to none and no."""
    row = attributes(number, random.Random(SEED * 10_000_000 + number))
    return {"headcount": row["headcount"], "dust_workers": row["dust_workers"] or 0, "sector": row["sectors"][0],
            "safety_officers": row["safety_officers"], "safety_department": row["safety_department"],
            "uses_gas": row["uses_gas"], "gas_alarm": bool(row["gas_alarm"]), "high_risk": bool(row["high_risk"]),
            "labor_intensive": row["labor_intensive"], "above_limit": row["above_limit"]}


def plain_python() -> Verdicts:
    """What is right: the tests read off the table."""
    rules = [(1 << n, [(name, _SIGNS[sign], value) for name, sign, value in rule]) for n, rule in enumerate(RULES)]

    def verdicts(facts: Iterable[Fact]) -> list[int]:
        return [sum(bit for bit, tests in rules if all(sign(fact[name], value) for name, sign, value in tests))
                for fact in facts]

    return verdicts


def durable_rules() -> Verdicts:
    """The bare loop: durable-rules' own host without its threads, each fact asserted and retracted."""
    found = 0

    def action(bit: int) -> Callable[[object], None]:
        def run(_: object) -> None:
            nonlocal found
            found |= bit
        return run

    def pattern(name: str, sign: str, value: object) -> dict[str, object]:
        return {name: value} if sign == "==" else {_DURABLE[sign]: {name: value}}

    host = _Unthreaded({"ten": {f"r{n}": {"all": [{"m": {"$and": [pattern(*test) for test in rule]}}],
                                          "run": action(1 << n)} for n, rule in enumerate(RULES)}})

    def verdicts(facts: Iterable[Fact]) -> list[int]:
        nonlocal found
        result = []
        for fact in facts:
            found = 0
            message = {**fact, "id": 1}
            try:
                host.assert_fact("ten", message)
                host.retract_fact("ten", message)
            except MessageNotHandledException:
                pass  # a fact of which no rule holds is not kept
            result.append(found)
        return result

    return verdicts


class _Unthreaded(Host):
    def _run(self) -> None:
        """Its threads would take firings from the loop, which runs all of them itself."""
