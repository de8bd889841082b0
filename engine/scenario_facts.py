"""The facts that a scenario tells, gathered into a dossier (场景中的事实).

Tables of a scenario are small ledgers: headers are the column names of :mod:`facts.vocabulary` in either language, and
cells are read by :mod:`facts.cells`, exactly as those of a workbook. One scenario tells of one enterprise or authority.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from facts.cells import CellError
from facts.dossier import NEVER, Claim, Dossier, Item, Version
from facts.headers import Dictionary, Field, suggestion
from facts.language import Text
from facts.vocabulary import AUTHORITIES, COVERAGE, ENTERPRISES, ITEM_SHEETS, LAST_COLUMNS, RECORDS, Sheet

#: The enterprise that a scenario tells of when it gives no code.
USCC = "91120102MA0000000P"

#: Columns of the enterprise sheet that are no conditions' facts; each has a place of its own in a version.
_OWN_PLACE = {"uscc", "name", "registered_on", "closed_on", "history_from", "valid_from", "void", *LAST_COLUMNS}


class ScenarioError(Exception):
    """A scenario says something that cannot be read; ``message`` tells the author what and what to write instead."""

    def __init__(self, message: Text) -> None:
        super().__init__(f"{message.zh} / {message.en}")
        self.message = message


class Words:
    """Reads what a scenario names, with the words of the ledger and those that its packs declare."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary

    def field(self, sheet: Sheet, header: str) -> Field:
        """The column called ``header``, declared facts of the enterprise included. Raises :class:`ScenarioError`."""
        known = self._dictionary.headers(sheet)
        name = known.find(header)
        if name is None:
            hint = suggestion(known, header)
            raise ScenarioError(Text(f"“{sheet.label.zh}”表没有“{header}”这一列{hint.zh}",
                                     f"sheet {sheet.name!r} has no column {header!r}{hint.en}"))
        return self._dictionary.field(sheet, name, 0)

    def read(self, field_: Field, text: str) -> Any:
        """The value of one cell; ``None``: not known. Raises :class:`ScenarioError`."""
        try:
            return field_.reader(text)
        except CellError as error:
            raise ScenarioError(Text(f"{field_.label.zh}“{text}”：{error.message.zh}",
                                     f"{field_.label.en} {text!r}: {error.message.en}")) from None

    def value(self, sheet: Sheet, name: str, text: str) -> Any:
        """The value of ``text`` in that column, which may not be blank. Raises :class:`ScenarioError`."""
        field_ = self._dictionary.field(sheet, name, 0)
        value = self.read(field_, text)
        if value is None:
            raise ScenarioError(Text(f"这里应写{field_.label.zh}", f"expected here: {field_.label.en}"))
        return value

    def date(self, text: str) -> date:
        """The day that ``text`` is. Raises :class:`ScenarioError`."""
        return self.value(RECORDS, "date", text)

    def kind(self, text: str) -> str:
        """The kind of record called ``text``. Raises :class:`ScenarioError`."""
        return self.value(RECORDS, "kind", text)

    def fact(self, text: str) -> str:
        """The fact of the enterprise called ``text``, by its identifier; other names stand for themselves."""
        return self._dictionary.headers(ENTERPRISES).find(text) or text


@dataclass(slots=True)
class ScenarioFacts:
    """The rows told so far. ``dossier()`` is what a ledger of the same rows would make of the enterprise."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add_table(self, sheet: Sheet, table: Sequence[Sequence[str]], words: Words) -> None:
        """Add the rows of a table whose first line names columns of ``sheet``. Raises :class:`ScenarioError`."""
        fields = [words.field(sheet, header) for header in table[0]]
        for line in table[1:]:
            read = ((field_.name, words.read(field_, text)) for field_, text in zip(fields, line, strict=True))
            row = {name: value for name, value in read if value is not None}
            self.add(sheet, row)

    def add(self, sheet: Sheet, row: dict[str, Any]) -> None:
        """Add one row of known values. Objects that are given no id are numbered 1, 2, … in their order."""
        rows = self.rows.setdefault(sheet.name, [])
        if sheet is ENTERPRISES and "registered_on" in row:
            row.setdefault("valid_from", row["registered_on"])
        elif sheet in ITEM_SHEETS.values():
            row.setdefault(sheet.key[0], str(len(rows) + 1))
        for name in sheet.key:
            column = sheet.column(name)
            if name not in row and name not in ("uscc", "division", "code"):
                raise ScenarioError(Text(f"“{sheet.label.zh}”表缺少“{column.label.zh}”",
                                         f"sheet {sheet.name!r} lacks {name!r}"))
        rows.append(row)

    def complete_from(self, day: date) -> None:
        """Claim that records of every kind are complete from ``day`` (``history_from`` of each version so far)."""
        versions = self.rows.get(ENTERPRISES.name)
        if not versions:
            raise ScenarioError(Text("请先写企业情况", "first say what the enterprise is"))
        for row in versions:
            row["history_from"] = day

    def dossier(self) -> Dossier:
        """The dossier of the enterprise."""
        versions = sorted((_version(row) for row in self.rows.get(ENTERPRISES.name, ())), key=lambda v: v.valid_from)
        authorities = self.rows.get(AUTHORITIES.name, ())
        if authorities and (versions or len(authorities) > 1):
            raise ScenarioError(Text("一个场景只讲一家企业或一个部门",
                                     "a scenario tells of one enterprise or of one authority"))
        versions += [_authority(row) for row in authorities]
        records: dict[str, set[date]] = {}
        amounts: dict[str, dict[date, Decimal]] = {}
        for row in self.rows.get(RECORDS.name, ()):
            records.setdefault(row["kind"], set()).add(row["date"])
            if "amount" in row:
                amounts.setdefault(row["kind"], {})[row["date"]] = row["amount"]
        items = [
            Item(kind, row[sheet.key[0]], {k: v for k, v in row.items() if k not in (sheet.key[0], "uscc", "void")})
            for kind, sheet in ITEM_SHEETS.items()
            for row in self.rows.get(sheet.name, ())
        ]
        claims = tuple(
            Claim(row["kind"], row["complete_from"], row.get("complete_to"), row.get("division"))
            for row in self.rows.get(COVERAGE.name, ())
        )
        return Dossier(
            USCC,
            tuple(versions),
            {kind: tuple(sorted(dates)) for kind, dates in sorted(records.items())},
            tuple(sorted(items, key=lambda item: (item.kind, item.id))),
            claims,
            amounts,
            bool(authorities),
        )


def _authority(row: Mapping[str, Any]) -> Version:
    named = (("division", "division"), ("kind", "authority_kind"))
    return Version(date.min, {fact: row[name] for name, fact in named if name in row}, row.get("name"))


def _version(row: Mapping[str, Any]) -> Version:
    last = {kind: NEVER if row[name] == "never" else row[name] for name, kind in LAST_COLUMNS.items() if name in row}
    return Version(
        row["valid_from"],
        {name: value for name, value in row.items() if name not in _OWN_PLACE},
        row.get("name"),
        row.get("registered_on"),
        row.get("history_from"),
        row.get("closed_on"),
        last,
    )
