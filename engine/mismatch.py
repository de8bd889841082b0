"""Where the database differs from its journal (不符之处), and how that is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table

from facts.language import Language, Text
from facts.store.journal import Event, canonical

GONE = Text("记录已被删除", "the row is gone")
UNREADABLE = Text("有读不了的值", "a value cannot be read")
UNKNOWN = Text("日志中没有这条记录", "the journal knows nothing of this row")

#: A range of credit codes: after the first, up to and including the second; ``None`` leaves an end open.
Range = tuple[str | None, str | None]
#: All events of one enterprise, each with the number of its seal.
Told = Sequence[tuple[int, Event]]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One place where the database is not what was recorded. ``place`` is a table and a row, or an event."""

    place: str
    found: Text

    def line(self, language: Language) -> str:
        """One line."""
        return f"{self.place}: {self.found(language)}"


def differences(names: Sequence[str], told: Sequence[Any], held: Sequence[Any]) -> Text:
    """Which columns hold something else than was told."""
    changed = [f"{name} {shown(now)} ≠ {shown(then)}"
               for name, then, now in zip(names, told, held, strict=True) if then != now]
    return Text(f"与日志不符（现值 ≠ 记载）：{'；'.join(changed)}",
                f"differs from the journal (now ≠ recorded): {'; '.join(changed)}")


def compared(table: str, names: Sequence[str], told: Mapping[Any, Mapping[str, Any]],
             held: Mapping[Any, Mapping[str, Any]]) -> Iterator[Mismatch]:
    """Where the rows of ``table`` that are held, by what identifies them, are not those that were told."""
    for identity in sorted({*told, *held}, key=str):
        place = " ".join(map(str, (table, *(identity if isinstance(identity, tuple) else (identity,)))))
        if identity not in held or identity not in told:
            yield Mismatch(place, GONE if identity in told else UNKNOWN)
            continue
        then = [plain(told[identity].get(name)) for name in names]
        now = [plain(held[identity].get(name)) for name in names]
        if then != now:
            yield Mismatch(place, differences(names, then, now))


def shown(value: Any) -> str:
    """A value as it is told of."""
    return value if isinstance(value, str) else "—" if value is None else canonical(value).strip('"')


def plain(value: Any) -> Any:
    """A value as the journal has it."""
    if isinstance(value, (date, datetime, Decimal)):
        return canonical(value).strip('"')
    return value


def within(table: Table, span: Range, column: str = "uscc") -> Any:
    """The condition that a row is of a range of codes."""
    after_, through = span
    lower = table.c[column] > (after_ or "")
    return lower if through is None else lower & (table.c[column] <= through)
