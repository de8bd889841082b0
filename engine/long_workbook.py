"""A workbook with very many rows (长表工作簿): each row goes to the file as it comes, and nothing of it is kept.

XlsxWriter makes the workbook with its headings, and the rows are put in under them: cell by cell through a library,
writing takes five times as long.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from facts.sheets import letters

#: Rows of a sheet under its headings, and bytes of one: what Excel opens without the extension of zip that it dislikes.
MAX_ROWS, MAX_BYTES = 1_048_575, 2_000_000_000
#: Characters of a cell.
MAX_TEXT = 32_767

_AT_ONCE = 500
_SHEET = "xl/worksheets/sheet{}.xml"
_END = b"</sheetData>"
_DIMENSION = re.compile(rb"<dimension [^>]*/>")
# Longer texts hardly ever come twice.
_REMEMBERED, _LONGEST_REMEMBERED = 1 << 14, 1_000
_ODD = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_|^\\s|\\s$")
_LOOKS_ESCAPED = re.compile("(_x[0-9a-fA-F]{4}_)")
_CONTROL = re.compile("([\x00-\x08\x0b-\x1f\ufffe\uffff])")


def write_workbook(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], title: str, path: Path) -> int:
    """Write ``rows``, whose values stand under ``columns``, and further sheets where one is full; the number of rows.

    Values are text, numbers, yes or no, and ``None`` for a blank cell; text stays text, whatever it looks like.
    Raises ``OSError`` if the file cannot be written.
    """
    rows = iter(rows)
    count = sheets = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        while not sheets or (first := next(rows, None)) is not None:
            sheets += 1
            # The second sheet differs from the first in that it is not the one shown; further ones are like it.
            head, tail = _frame(columns, title, 2)[_SHEET.format(min(sheets, 2))].split(_END)
            with archive.open(_entry(_SHEET.format(sheets)), "w") as sheet:
                sheet.write(_DIMENSION.sub(b"", head))
                count += _put(rows if sheets == 1 else chain([first], rows), len(columns), sheet)
                sheet.write(_END + tail)
        for name, part in _frame(columns, title, sheets).items():
            if not name.startswith("xl/worksheets/"):
                archive.writestr(_entry(name), part)
    return count


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _put(rows: Iterator[Mapping[str, Any]], width: int, sheet: IO[bytes]) -> int:
    """Write as many of ``rows`` as the sheet holds; how many that were."""
    names = [letters(column) for column in range(width)]
    count = size = 0
    while count < MAX_ROWS and size < MAX_BYTES:
        lines = [_row(row, number, names) for number, row in
                 enumerate(islice(rows, min(_AT_ONCE, MAX_ROWS - count)), count + 2)]
        if not lines:
            break
        piece = "".join(lines).encode()
        sheet.write(piece)
        count, size = count + len(lines), size + len(piece)
    return count


def _row(row: Mapping[str, Any], number: int, names: Sequence[str]) -> str:
    cells = []
    for name, value in zip(names, row.values(), strict=True):
        if value.__class__ is str:
            if value:
                said = _said(value) if len(value) <= _LONGEST_REMEMBERED else _written(value)
                cells.append(f'<c r="{name}{number}" t="inlineStr"><is>{said}</is></c>')
        elif value is True or value is False:
            cells.append(f'<c r="{name}{number}" t="b"><v>{value:d}</v></c>')
        elif value is not None:
            cells.append(f'<c r="{name}{number}"><v>{value:.16G}</v></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'


def _written(text: str) -> str:
    """The text as it stands in a cell; what XML cannot hold as Excel writes it, ``_x0001_``."""
    text = text[:MAX_TEXT]
    if not _ODD.search(text):
        return f"<t>{text}</t>"
    text = _CONTROL.sub(lambda found: f"_x{ord(found[1]):04X}_", _LOOKS_ESCAPED.sub(r"_x005F\1", text))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<t xml:space="preserve">{text}</t>'


_said = lru_cache(maxsize=_REMEMBERED)(_written)


def _frame(columns: Sequence[str], title: str, sheets: int) -> dict[str, bytes]:
    """The parts of a workbook of so many sheets that have their headings and no rows."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        for number in range(sheets):
            sheet = book.add_worksheet(f"{title} {number + 1}" if number else title)
            sheet.freeze_panes(1, 2)
            sheet.set_column(0, 0, 20)
            sheet.set_column(1, 1, 28)
            sheet.set_column(2, len(columns) - 1, 14)
            sheet.autofilter(0, 0, 0, len(columns) - 1)
            for column, heading in enumerate(columns):
                sheet.write_string(0, column, heading, bold)
    with zipfile.ZipFile(made) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
