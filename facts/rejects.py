"""The file of rows that were not taken (未读入的行): to be mended and imported again as it is."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from facts.headers import REASON
from facts.language import Language
from facts.ledger import RejectedRows

_LONGEST = 32_767
#: Characters of a sheet's name.
_LONGEST_NAME = 31


def write_rejected(path: Path, rejected: list[RejectedRows], language: Language) -> None:
    """Write an .xlsx with the sheets and headers of the ledger and, in front, a column that says what is wrong.

    That column is not read when the file is imported. Raises ``OSError`` if the file cannot be written.
    """
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False,
                                    "strings_to_urls": False}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        wrong = book.add_format({"font_color": "#9C0006", "text_wrap": True, "valign": "top"})
        bold = book.add_format({"bold": True})
        taken: set[str] = set()
        for sheet in rejected:
            name = _free_name(sheet.sheet, taken)
            taken.add(name.casefold())
            page = book.add_worksheet(name)
            page.set_column(0, 0, 60)
            page.freeze_panes(1, 0)
            page.write_string(0, 0, REASON(language), bold)
            for index, cell in enumerate(sheet.header, 1):
                _write(page, 0, index, cell, day, moment)
            for at, row in enumerate(sheet.rows, 1):
                page.write_string(at, 0, "\n".join(reason(language) for reason in row.reasons)[:_LONGEST], wrong)
                for index, cell in enumerate(row.cells, 1):
                    _write(page, at, index, cell, day, moment)


def _free_name(name: str, taken: set[str]) -> str:
    """A name that Excel allows, and that stands for the same sheet: blanks, ``_`` and ``-`` do not count in it."""
    plain = re.sub(r"[\s_\-]+", "", name)[:_LONGEST_NAME - 12]
    marks = (f"{count:b}".translate({48: "_", 49: "-"}) for count in range(1, 1 << 12))
    return next(free for free in (plain, *(plain + mark for mark in marks)) if free.casefold() not in taken)


def _write(page: Worksheet, row: int, column: int, cell: object, day: object, moment: object) -> None:
    match cell:
        case None | "":
            return
        case bool():
            page.write_boolean(row, column, cell)
        case float() if not math.isfinite(cell):
            page.write_string(row, column, str(cell))
        case int() | float():
            page.write_number(row, column, cell)
        case datetime():
            page.write_datetime(row, column, cell, moment)
        case date():
            page.write_datetime(row, column, cell, day)
        case time():
            page.write_string(row, column, cell.isoformat())
        case _:
            page.write_string(row, column, str(cell)[:_LONGEST])
