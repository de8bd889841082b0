"""Long workbooks: what goes in is what a reader finds, and a full sheet is followed by another."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from engine import long_workbook
from engine.long_workbook import write_workbook

VALUES = ["=1+1", "a & b < c > d", " 前后有空格 ", "_x0041_", "\x01 two\nlines", "https://example.org", "007", 7, 1.25,
          True, None, ""]


def test_values_come_back_as_they_went_in(tmp_path: Path) -> None:
    rows = [{"uscc": "91", "value": value} for value in VALUES]
    assert write_workbook(rows, ["uscc", "value"], "清单", tmp_path / "a.xlsx") == len(rows)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["清单"]
    header, *found = sheet.iter_rows(values_only=True)
    assert header == ("uscc", "value")
    # Excel undoes these escapes in every cell, openpyxl only in some.
    read = [unescape(value) if isinstance(value, str) else value for _, value in found]
    assert read == [value if value != "" else None for value in VALUES]
    assert sheet.freeze_panes == "C2"


def test_a_full_sheet_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_workbook, "MAX_ROWS", 2)
    rows = ({"uscc": str(n), "value": n} for n in range(5))
    assert write_workbook(rows, ["uscc", "value"], "a", tmp_path / "a.xlsx") == 5
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["a", "a 2", "a 3"]
    assert [row[1] for sheet in book for row in sheet.iter_rows(min_row=2, values_only=True)] == [0, 1, 2, 3, 4]


def test_equal_rows_make_equal_files_but_for_when_they_were_made(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook([{"uscc": "1", "value": 2}], ["uscc", "value"], "a", tmp_path / name)
    first, second = (long_workbook.zipfile.ZipFile(tmp_path / name) for name in ("a.xlsx", "b.xlsx"))
    assert first.namelist() == second.namelist()
    assert first.read("xl/worksheets/sheet1.xml") == second.read("xl/worksheets/sheet1.xml")
