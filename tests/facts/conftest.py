"""Reading a ledger written for one test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from facts.intake import EMPTY, KnownLedger, Ledger
from tests.facts.ledgers import Sheets, read, write_workbook


@pytest.fixture
def intake(tmp_path: Path) -> Callable[..., Ledger]:
    """``intake({"企业": [[…], …]}, …)``: write the workbook ledger.xlsx and read it."""

    def write_and_read(sheets: Sheets, known: KnownLedger = EMPTY, **options: object) -> Ledger:
        return read(write_workbook(tmp_path / "ledger.xlsx", sheets), known, **options)

    return write_and_read
