"""Rows and ledgers for the tests of the store, as short as can be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from stdnum.cn import uscc as gb32100

from facts.ledger import Ledger
from facts.models import CoverageRow, EnterpriseRow, RecordRow, Row

NOW = datetime(2025, 1, 1, 2, 30, tzinfo=UTC)


def code(number: int) -> str:
    """The credit code of enterprise ``number``; ascending with it."""
    body = f"91120102{number:09d}"
    return body + gb32100.calc_check_digit(body)


def day(text: str) -> date:
    """``day("03-11")`` is 2024-03-11."""
    return date.fromisoformat(text if len(text) == 10 else f"2024-{text}")


def enterprise(number: int, valid_from: str = "01-01", **values: Any) -> EnterpriseRow:
    """A version of enterprise ``number``."""
    return EnterpriseRow(uscc=code(number), valid_from=day(valid_from), **values)


def record(number: int, on: str, kind: str = "fire_check", **values: Any) -> RecordRow:
    """A record of enterprise ``number``."""
    return RecordRow(uscc=code(number), kind=kind, date=day(on), **values)


def coverage(kind: str, complete_from: str = "01-01", **values: Any) -> CoverageRow:
    """A claim of completeness."""
    return CoverageRow(kind=kind, complete_from=day(complete_from), **values)


def ledger(*rows: Row) -> Ledger:
    """A ledger that holds ``rows``."""
    by_sheet: dict[str, list[Row]] = {}
    for row in rows:
        by_sheet.setdefault(row.sheet.name, []).append(row)
    return Ledger("0" * 64, rows=by_sheet)
