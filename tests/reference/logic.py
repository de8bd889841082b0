"""Three-valued conditions: true, false, or not known (``None``) together with the facts that are missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple


class Truth(NamedTuple):
    """``value`` is True, False or None (not known); ``missing`` names the facts for lack of which it is not known."""

    value: bool | None
    missing: frozenset[str] = frozenset()


class Reading(NamedTuple):
    """One fact as read: its value, or not known and then which facts are missing."""

    known: bool
    value: Any = None
    missing: frozenset[str] = frozenset()


Reader = Callable[[str], Reading]

YES = Truth(True)
NO = Truth(False)


def number(written: Any) -> Any:
    """A number as a pack writes it, the wrapping ``{assumption: n, reason: …}`` taken off."""
    if isinstance(written, Mapping) and "assumption" in written:
        written = written["assumption"]
    return Decimal(str(written)) if isinstance(written, float) else written


def all_of(truths: Iterable[Truth]) -> Truth:
    """False as soon as one is false, else not known as soon as one is not known."""
    truths = list(truths)
    if any(t.value is False for t in truths):
        return NO
    return _unknown(truths) or YES


def any_of(truths: Iterable[Truth]) -> Truth:
    """True as soon as one is true, else not known as soon as one is not known."""
    truths = list(truths)
    if any(t.value is True for t in truths):
        return YES
    return _unknown(truths) or NO


def not_(truth: Truth) -> Truth:
    """The opposite; what is not known stays so."""
    return truth if truth.value is None else Truth(not truth.value)


def _unknown(truths: list[Truth]) -> Truth | None:
    open_ones = [t for t in truths if t.value is None]
    return Truth(None, frozenset().union(*(t.missing for t in open_ones))) if open_ones else None


def judge(condition: Mapping[str, Any] | None, read: Reader) -> Truth:
    """What a pack's condition comes to; an absent or empty one is true."""
    parts = []
    for key, test in (condition or {}).items():
        if key == "all":
            parts.append(all_of([judge(c, read) for c in test]))
        elif key == "any":
            parts.append(any_of([judge(c, read) for c in test]))
        elif key == "not":
            parts.append(not_(judge(test, read)))
        else:
            parts.append(_test(key, test, read))
    return all_of(parts)


def _test(fact: str, test: Any, read: Reader) -> Truth:
    reading = read(fact)
    if not reading.known:
        return Truth(None, reading.missing)
    value = reading.value
    if not isinstance(test, Mapping) or "assumption" in test:
        return Truth(value == number(test))
    return all_of([Truth(_compare(operator, value, number(operand))) for operator, operand in test.items()])


def _compare(operator: str, value: Any, operand: Any) -> bool:
    match operator:
        case "eq":
            return value == operand
        case "ne":
            return value != operand
        case "gt":
            return value > operand
        case "ge":
            return value >= operand
        case "lt":
            return value < operand
        case "le":
            return value <= operand
        case "in":
            return value in [number(o) for o in operand]
        case "any":
            return any(o in value for o in operand)
        case "none":
            return not any(o in value for o in operand)
    raise ValueError(f"no such test: {operator}")
