"""What conditions can tell of attributes (特征): where that is the same, the same is found.

Numbers and dates that lie alike among all that they are compared with are one: 130 people are as good as 250 where
nothing but 100 is asked about. So are texts that no condition names: of two districts without rules of their own, one
is as good as the other.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.conditions import Condition, tests
from facts.dossier import FactValue

#: Texts of no more signs than this are short enough for inference, whatever they are.
_SHORT = 40


class Signature:
    """The signatures of attributes by which ``conditions`` are judged; ``reads`` are the facts that these read."""

    def __init__(self, reads: Iterable[str], conditions: Iterable[Condition]) -> None:
        marks: dict[str, set[Any]] = {}
        names: dict[str, set[str]] = {}
        for test in (test for condition in conditions for test in tests(condition)):
            if isinstance(test.value, str):
                names.setdefault(test.fact, set()).add(test.value)
            elif isinstance(test.value, int | Decimal | date) and not isinstance(test.value, bool):
                marks.setdefault(test.fact, set()).add(test.value)
        self._plain = tuple((fact, frozenset(names.get(fact, ()))) for fact in reads if fact not in marks)
        self._measured = tuple((fact, sorted(marks[fact])) for fact in reads if fact in marks)

    def of(self, known: Mapping[str, FactValue]) -> tuple[object, ...]:
        """The signature of ``known``; a fact that is not in it is unknown."""
        get = known.get
        return (*[_said(get(fact), names) for fact, names in self._plain],
                *[_place(get(fact), marks) for fact, marks in self._measured])


def _said(value: object, names: frozenset[str]) -> object:
    """What conditions can tell of a text, or of a set of texts, if they name ``names``; anything else is itself."""
    kind = value.__class__
    if kind is str:
        # Inference may refuse a text for its length.
        return value if value in names or len(value) > _SHORT else kind
    if kind is tuple:
        return kind, names.intersection(value)
    return value if value is None or kind is bool else _itself(value)


def _place(value: object, marks: list[Any]) -> object:
    """Where a number or date lies among ``marks``: below, at or above each of them; anything else is itself."""
    if value is None or value.__class__ is not marks[0].__class__:
        return None if value is None else _itself(value)
    at = bisect_left(marks, value)
    return at, at < len(marks) and marks[at] == value


def _itself(value: object) -> object:
    # Whatever inference is to refuse must not be taken for something else, 1 for yes, say.
    return value.__class__, repr(value)
