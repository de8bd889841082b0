"""What a scenario expects, held against what came out (场景中的预期).

A table of expectations names some columns; only those are compared. Every value is brought to one spelling first:
dates as 2024-03-11, words by their English name, several values sorted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import Enum
from functools import partial
from typing import Any

from engine.scenario_facts import ScenarioError, Words
from engine.sentences import Table, tables, words
from engine.wording import ACCIDENT_CLASSES, HELD, RECOMMENDATIONS, STATUSES, STEPS, VERDICTS
from facts.language import Language, Text
from facts.vocabulary import ENTERPRISES

#: How an empty cell is written beside really empty ones.
NOTHING = {"", "-", "—", "/"}

_DATES = {"starts_on", "due_on", "fulfilled_on", "opened_on", "closed_on", "issued_on", "since"}
_WORDS = {name: name for name in ("verdict", "status", "kind", "step", "held_by")}
_LISTS = {"rules", "clauses", "facts", "missing", "sectors"}


class Unmet(AssertionError):
    """Something other came out than the scenario expects; ``message`` says what was expected and what came out."""

    def __init__(self, message: Text) -> None:
        super().__init__(f"{message.zh}\n{message.en}")
        self.message = message


#: What verdicts and the like are called in the output, by the group of words in ``sentences.yaml``.
_SHOWN = {"verdict": VERDICTS, "status": STATUSES, "class": ACCIDENT_CLASSES, "kind": RECOMMENDATIONS, "step": STEPS,
          "held_by": HELD}


def word(group: str, text: str) -> str:
    """The English name of a verdict, status, class or kind of recommendation. Raises :class:`ScenarioError`.

    What the program's own output calls it will do too. Kinds of recommendation that this product does not know stand
    for themselves.
    """
    known, shown = words(group), _SHOWN[group]
    for name, label in known.items():
        if text.strip() in (name, label.zh, *((shown[name].zh, shown[name].en) if name in shown else ())):
            return name
    if group == "kind":
        return text.strip()
    choices = "、".join(label.zh for label in known.values())
    raise ScenarioError(Text(f"没有“{text}”这个词；可用：{choices}",
                             f"no word {text!r}; there are: {', '.join(known)}"))


def rows(
    table: Table, raw: Sequence[Sequence[str]], vocabulary: Words
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The columns (English names) and rows of a table of expectations, each cell in its one spelling."""
    names = []
    for header in raw[0]:
        name = table.column(header)
        if name is None:
            choices = "、".join(label.zh for label in table.columns.values())
            raise ScenarioError(Text(f"没有“{header}”这一列；可用：{choices}",
                                     f"no column {header!r}; there are: {', '.join(table.columns)}"))
        names.append(name)
    return tuple(names), [
        tuple(_expected(name, text, vocabulary) for name, text in zip(names, line, strict=True)) for line in raw[1:]
    ]


def _expected(name: str, text: str, vocabulary: Words) -> str:
    text = text.strip()
    if text in NOTHING:
        return ""
    if name in _DATES:
        return vocabulary.date(text).isoformat()
    if name in _WORDS:
        return word(_WORDS[name], text)
    if name in ("sectors", "high_risk"):
        return _spelled(vocabulary.value(ENTERPRISES, name, text))
    if name in _LISTS:
        parts = text.replace("，", "、").replace(",", "、").replace("；", "、").replace(";", "、").split("、")
        return _joined(vocabulary.fact(part.strip()) if name == "missing" else part.strip() for part in parts)
    return text


def _spelled(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return _joined(_spelled(part) for part in value)
    return str(value)


def _joined(parts: Iterable[str]) -> str:
    return "、".join(sorted(parts))


def actual(names: Sequence[str], thing: Any, special: Mapping[str, Callable[[Any], Any]]) -> tuple[str, ...]:
    """The cells that ``thing`` has in the columns ``names``; ``special`` reads those that are no attribute of it."""
    return tuple(_spelled(special[name](thing) if name in special else getattr(thing, name)) for name in names)


def compare(names: Sequence[str], expected: Sequence[tuple[str, ...]], found: Sequence[tuple[str, ...]], *,
            exactly: bool) -> None:
    """Raise :class:`Unmet` if a row is missing, or (``exactly``) one too many."""
    missing = list((Counter(expected) - Counter(found)).elements())
    surplus = list((Counter(found) - Counter(expected)).elements()) if exactly else []
    if not missing and not surplus:
        return
    raise Unmet(Text(_report("zh", names, missing, surplus, found), _report("en", names, missing, surplus, found)))


_MISSING = Text("应有而没有", "expected, but not there")
_SURPLUS = Text("多出", "there, but not expected")
_FOUND = Text("实际", "in fact")
_NOTHING = Text("无", "nothing")


def _report(language: Language, names: Sequence[str], *groups: Sequence[tuple[str, ...]]) -> str:
    """The rows of each group under the columns ``names``, in the words of ``language``."""
    columns = {name: label for table in tables().values() for name, label in table.columns.items()}
    lines = [_line(columns[name](language) for name in names)]
    for title, group in zip((_MISSING, _SURPLUS, _FOUND), groups, strict=True):
        lines += [f"{title(language)}: {_line(map(partial(_shown, language), names, row))}" for row in group]
    if not groups[-1]:
        lines.append(f"{_FOUND(language)}: {_NOTHING(language)}")
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _shown(language: Language, name: str, cell: str) -> str:
    known = words(_WORDS[name]) if name in _WORDS else {}
    return known[cell](language) if cell in known else cell
