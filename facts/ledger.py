"""What reading a ledger results in (台账读取结果), and what must be known of earlier ledgers to judge it.

The seam between intake, which reads files, and the store, which keeps what was read: neither needs the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from facts.language import Language, Text
from facts.models import EnterpriseRow, Row

#: How much of a bad cell is shown in a message, in characters.
SHOWN = 60


def show(value: object) -> str:
    """``value`` as it can stand in one line of a message: shortened, control characters escaped."""
    text = str(value)
    return escaped(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…", but="")


def escaped(text: str, *, but: str = "\n\t") -> str:
    """``text`` with characters that cannot be seen written out (``\\x1b``), except those of ``but``.

    A terminal obeys some of them, and others turn the direction of the text around.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in but else c.encode("unicode_escape").decode("ascii") for c in text)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a ledger, or worth a warning (问题).

    ``sheet`` is the sheet's name as the file has it; ``cell`` is an address (``C7``), a row or a column, or ``None``
    when the whole sheet or file is meant. ``row`` is the row it makes unusable; ``None``: more than one row.
    """

    file: str
    message: Text
    sheet: str | None = None
    cell: str | None = None
    value: str | None = None
    row: int | None = None

    def line(self, language: Language) -> str:
        """The problem on one line: ``ledger.xlsx 企业!C7 “2024-02-30”：…``."""
        place = " ".join(show(part) for part in (self.file, self._place()) if part)
        found = "" if self.value is None else f" “{show(self.value)}”"
        message = escaped(self.message(language), but="")
        return f"{place}{found}{'：' if language == 'zh' else ': '}{message}"

    def _place(self) -> str:
        if self.sheet is None:
            return self.cell or ""
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was not taken: its cells as they stand in the file, and why."""

    number: int
    cells: tuple[object, ...]
    reasons: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class RejectedRows:
    """The rows of one sheet that were not taken, under the header they stand under in the file."""

    sheet: str
    header: tuple[object, ...]
    rows: tuple[RejectedRow, ...]


@dataclass(slots=True)
class Ledger:
    """A ledger as read (台账).

    ``rows`` has the good rows by the sheet's English name, each key once; ``origins`` runs parallel to it and has
    the row number, counted as a spreadsheet counts. ``problems`` make the ledger unfit to be imported as a whole;
    ``rejected`` are the rows that would be left out if only the good ones are taken.
    """

    sha256: str
    rows: dict[str, list[Row]] = field(default_factory=dict)
    origins: dict[str, list[int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    rejected: list[RejectedRows] = field(default_factory=list)

    @property
    def broken(self) -> bool:
        """Whether something is wrong that leaving out single rows does not mend."""
        return any(problem.row is None for problem in self.problems)


@dataclass(frozen=True, slots=True)
class KnownEnterprise:
    """What earlier ledgers said of an enterprise.

    ``versions`` has the current row of each ``valid_from``, withdrawn ones (``void``) included; ``registered_on`` and
    ``closed_on`` are those of the newest row, not withdrawn, that gives them.
    """

    versions: Mapping[date, EnterpriseRow]
    registered_on: date | None = None
    closed_on: date | None = None


class KnownLedger(Protocol):
    """What the store already knows, asked in bulk."""

    def enterprises(self, usccs: Iterable[str]) -> Mapping[str, KnownEnterprise]:
        """Those of ``usccs`` of which there is any row, withdrawn or not."""

    def rows(self, sheet: str, keys: Iterable[tuple[object, ...]]) -> Mapping[tuple[object, ...], Row]:
        """The current rows, withdrawn ones included, of those ``keys`` of the sheet (English name) that exist."""


class _Empty:
    def enterprises(self, usccs: Iterable[str]) -> Mapping[str, KnownEnterprise]:
        return {}

    def rows(self, sheet: str, keys: Iterable[tuple[object, ...]]) -> Mapping[tuple[object, ...], Row]:
        return {}


#: What a database that does not exist yet knows.
EMPTY: KnownLedger = _Empty()
