"""Ledgers written for a test and read back."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import xlsxwriter
from stdnum.cn import uscc

from facts.intake import EMPTY, KnownLedger, Ledger, read_ledger
from facts.language import Text
from facts.ledger import KnownEnterprise
from facts.models import DeclaredFact, EnterpriseRow, Row

TODAY = date(2025, 6, 30)
Sheets = Mapping[str, Sequence[Sequence[object]]]


def code(number: int) -> str:
    """A valid credit code, another one for each number."""
    body = f"91120102{number:09d}"
    return body + uscc.calc_check_digit(body)


A, B, C = code(1), code(2), code(3)


def write_workbook(path: Path, sheets: Sheets) -> Path:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    page.write(at, column, cell)
    return path


def write_folder(path: Path, sheets: Sheets, encoding: str = "utf-8") -> Path:
    path.mkdir()
    for name, rows in sheets.items():
        with (path / f"{name}.csv").open("w", encoding=encoding, newline="") as stream:
            csv.writer(stream).writerows(rows)
    return path


class Known:
    """What earlier ledgers said, kept in memory."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = list(rows)

    def enterprises(self, usccs: Iterable[str]) -> dict[str, KnownEnterprise]:
        wanted = set(usccs)
        found: dict[str, dict[date, EnterpriseRow]] = {}
        for row in self._rows:
            if isinstance(row, EnterpriseRow) and row.uscc in wanted:
                found.setdefault(row.uscc, {})[row.valid_from] = row
        return {
            uscc: KnownEnterprise(
                versions,
                next((v.registered_on for v in versions.values() if v.registered_on), None),
                next((v.closed_on for v in versions.values() if v.closed_on), None),
            )
            for uscc, versions in found.items()
        }

    def rows(self, sheet: str, keys: Iterable[tuple[object, ...]]) -> dict[tuple[object, ...], Row]:
        wanted = set(keys)
        return {row.key(): row for row in self._rows if row.sheet.name == sheet and row.key() in wanted}


def read(
    path: Path,
    known: KnownLedger = EMPTY,
    *,
    declared: Iterable[DeclaredFact] = (),
    kinds: Mapping[str, Text] | None = None,
    sectors: Mapping[str, Text] | None = None,
    authority_kinds: Mapping[str, Text] | None = None,
    skip_bad_rows: bool = False,
) -> Ledger:
    return read_ledger(
        path,
        known,
        {fact.name: fact for fact in declared},
        kinds or {},
        sectors or {},
        TODAY,
        skip_bad_rows=skip_bad_rows,
        authority_kinds=authority_kinds,
    )


def lines(ledger: Ledger) -> list[str]:
    """The problems as a clerk reads them."""
    return [problem.line("zh") for problem in ledger.problems]


def warnings(ledger: Ledger) -> list[str]:
    """The warnings as a clerk reads them."""
    return [warning.line("zh") for warning in ledger.warnings]
