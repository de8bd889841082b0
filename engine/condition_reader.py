"""Reads the conditions that authors write in YAML into :mod:`engine.conditions` (条件的写法).

A mapping of facts to tests, all of which must hold, or ``all: [...]``, ``any: [...]``, ``not: {...}``. A test is a
literal or one of eq, ne, gt, ge, lt, le, in; for sectors ``any`` and ``none``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic_core import PydanticCustomError

from engine.conditions import ALWAYS, Condition, Not, Test, all_of, any_of, encode
from engine.errors import Problems, nearest, shown
from engine.pack_schema import Figure, read_figure
from engine.yaml_source import Path
from facts.language import Text
from facts.vocabulary import ENTERPRISES, ITEM_SHEETS, Type

_COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
#: How comparisons are written elsewhere.
_WRITTEN_ELSEWHERE = {"==": "eq", "!=": "ne", ">": "gt", ">=": "ge", "<": "lt", "<=": "le", "gte": "ge", "lte": "le"}
_ORDERED = (Type.INT, Type.DECIMAL, Type.DATE)

#: Columns that say who, since when or what was done, and are no attribute to test.
_NOT_TESTED = {"uscc", "name", "division", "valid_from", "registered_on", "closed_on", "history_from", "void"}


NO_HINT = Text("", "")


@dataclass(frozen=True, slots=True)
class FactType:
    """What a condition may read: ``item`` is the kind of object it belongs to, ``None`` for the enterprise."""

    type: Type
    label: Text
    item: str | None = None
    choices: Mapping[str, Text] | None = None


def ledger_facts(sectors: Mapping[str, Text]) -> dict[str, FactType]:
    """The facts that every ledger may hold, by the name that conditions use; ``sectors``: all that are known."""
    result = {
        column.name: FactType(column.type, column.label, None, sectors if column.name == "sectors" else column.choices)
        for column in ENTERPRISES.columns
        if column.name not in _NOT_TESTED and column.type is not Type.LAST
    }
    for kind, sheet in ITEM_SHEETS.items():
        for column in sheet.columns:
            if column.name not in (*sheet.key, "uscc", "void"):
                result[f"{kind}.{column.name}"] = FactType(column.type, column.label, kind, column.choices)
    return result


class ConditionReader:
    """Reads conditions of one pack file; mistakes go to ``problems``, numbers met to ``figures``.

    ``hint`` is told of a fact that is not among ``facts``.
    """

    def __init__(self, facts: Mapping[str, FactType], problems: Problems, hint: Text = NO_HINT) -> None:
        self._facts = facts
        self._problems = problems
        self._hint = hint
        self.figures: list[Figure] = []

    def read(self, raw: Mapping[str, Any] | None, path: Path, item: str | None = None) -> Condition:
        """The condition at ``path``; of nothing: always true. ``item`` is the kind of object that it may read."""
        return all_of(*(self._entry(key, value, (*path, key), item) for key, value in (raw or {}).items()))

    def _entry(self, key: str, value: Any, path: Path, item: str | None) -> Condition:
        if key in ("all", "any"):
            if not isinstance(value, list) or not value or not all(isinstance(v, dict) and v for v in value):
                self._problems.add(path, "condition", f"“{key}”下应为条件的列表，例如 [{{high_risk: true}}]",
                                   f"expected a list of conditions under {key!r}, e.g. [{{high_risk: true}}]")
                return ALWAYS
            parts = tuple(self.read(part, (*path, i), item) for i, part in enumerate(value))
            return all_of(*parts) if key == "all" else any_of(*parts)
        if key == "not":
            if not isinstance(value, dict) or not value:
                self._problems.add(path, "condition", "“not”下应为一个条件", "expected a condition under 'not'")
                return ALWAYS
            return Not(self.read(value, path, item))
        fact = self._facts.get(key)
        if fact is None:
            near = nearest(key, self._facts)
            self._problems.add(path, "unknown-fact", f"没有名为“{key}”的情况{near.zh}{self._hint.zh}",
                               f"there is no fact called {key!r}{near.en}{self._hint.en}", key=True)
            return ALWAYS
        if fact.item is not None and fact.item != item:
            self._problems.add(path, "unknown-fact", f"“{key}”只能用在 for_each: {fact.item} 的规则里",
                               f"{key!r} can be read only in a rule with for_each: {fact.item}", key=True)
            return ALWAYS
        if isinstance(value, dict) and not {"assumption", "reason"} & set(value):
            parts = tuple(p for op, operand in value.items()
                          if (p := self._test(key, fact, op, operand, (*path, op))) is not None)
            if not value:
                self._problems.add(path, "condition", "空的条件", "an empty condition")
            return all_of(*parts)
        if fact.type is Type.SET:
            self._problems.add(path, "condition", f"“{key}”是多值，应写 {{any: [...]}} 或 {{none: [...]}}",
                               f"{key!r} has several values; write {{any: [...]}} or {{none: [...]}}")
            return ALWAYS
        literal = self._literal(key, fact, value, path)
        return ALWAYS if literal is None else Test(key, "eq", literal)

    def _test(self, key: str, fact: FactType, op: str, operand: Any, path: Path) -> Condition | None:
        allowed = ("any", "none") if fact.type is Type.SET else (
            ("in", *_COMPARISONS) if fact.type in _ORDERED else ("in", "eq", "ne"))
        if op not in allowed:
            near = nearest(_WRITTEN_ELSEWHERE.get(op, op), allowed)
            self._problems.add(path, "condition", f"“{key}”不能用“{op}”比较，可用：{'、'.join(allowed)}{near.zh}",
                               f"{key!r} cannot be compared by {op!r}; possible: {', '.join(allowed)}{near.en}",
                               key=True)
            return None
        if op in ("any", "none", "in"):
            if not isinstance(operand, list) or not operand:
                self._problems.add(path, "condition", f"“{key}”的“{op}”下应为不空的列表，不是“{shown(operand)}”",
                                   f"expected a list that is not empty under {op!r} of {key!r}, not {shown(operand)!r}")
                return None
            literals = [self._literal(key, fact, v, (*path, i)) for i, v in enumerate(operand)]
            found = any_of(*(Test(key, "eq" if op == "in" else "has", v) for v in literals if v is not None))
            return Not(found) if op == "none" else found
        literal = self._literal(key, fact, operand, path)
        return None if literal is None else Test(key, op, literal)

    def _literal(self, key: str, fact: FactType, value: Any, path: Path) -> bool | int | str | date | Decimal | None:
        match fact.type:
            case Type.BOOL if isinstance(value, bool):
                return value
            case Type.INT | Type.DECIMAL:
                return self._number(key, fact, value, path)
            case Type.DATE if isinstance(value, date):
                return value
            case Type.TEXT if isinstance(value, str):
                return value
            case (Type.CODE | Type.SET) if isinstance(value, str) and value in (fact.choices or {}):
                return value
            case Type.CODE | Type.SET:
                near = nearest(value, fact.choices or {})
                self._problems.add(path, "unknown-value", f"“{key}”没有取值“{shown(value)}”{near.zh}",
                                   f"{key!r} has no value {shown(value)!r}{near.en}")
                return None
        expected = {Type.BOOL: (" true 或 false ", "true or false"),
                    Type.DATE: ("日期（如 2024-12-31）", "a date, as 2024-12-31")}
        zh, en = expected.get(fact.type, ("文字", "text"))
        self._problems.add(path, "condition", f"“{key}”应与{zh}比较，不是“{shown(value)}”",
                           f"{key!r} is compared with {en}, not {shown(value)!r}")
        return None

    def _number(self, key: str, fact: FactType, value: Any, path: Path) -> int | Decimal | None:
        number = value
        if not (isinstance(value, Decimal) and fact.type is Type.DECIMAL):
            try:
                figure = read_figure(value)
            except PydanticCustomError as error:
                self._problems.add(path, "condition", f"“{key}”不能与“{shown(value)}”比较：{error.context['zh']}",
                                   f"{key!r} is not compared with {shown(value)!r}: {error.context['en']}")
                return None
            self.figures.append(figure)
            number = Decimal(figure.value) if fact.type is Type.DECIMAL else figure.value
        try:
            encode(number)
        except ValueError:
            self._problems.add(path, "condition", f"“{key}”的数字“{number}”过大",
                               f"{key!r}: the number {number} is too large")
            return None
        return number
