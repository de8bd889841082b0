"""Reading .xlsx workbooks (读取 Excel 工作簿).

Values are read with calamine, which is fast and memory-thrifty but silent on two things: a formula comes as the value
that it had when the file was saved, an error value (#N/A) as an empty cell. So the XML of each sheet is searched for
traces of either, and only where there are some, openpyxl is asked which cells they are.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from posixpath import join, normpath
from xml.etree import ElementTree

import openpyxl
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from facts.archive import chunks, open_archive
from facts.language import Text
from facts.ledger import Problem
from facts.sheets import Area, Grid, MarkedCell, RawSheet, Source, Unreadable, column_number, letters

#: calamine keeps a cell for each place between the first and the last used row and column.
MAX_CELLS = 50_000_000

_MARKS = re.compile(rb"""<(?:\w+:)?f[\s/>]|<(?:\w+:)?c\s[^<>]*\bt\s*=\s*["']e["']""")
_HINTS = (b"<f", b":f", b'"e"', b"'e'")
# Only a cell far to the right or below 10 million rows can make the area that calamine keeps too large.
_FAR = re.compile(rb"""r\s*=\s*["'](?:[A-Z]{2,}\d|[A-Z]*\d{8})""")
_ROW = re.compile(rb"""\br\s*=\s*["'][A-Z]*(\d+)""")
_WIDE = re.compile(rb"""<(?:\w+:)?c\s[^<>]*?\br\s*=\s*["']([A-Z]+)\d""")
_DAMAGED = Text("工作簿已损坏，打不开；请用 Excel 重新另存为 .xlsx", "the workbook is damaged; save it anew as .xlsx")


def read_workbook(path: Path) -> Source:
    """The sheets of the workbook at ``path``, hidden ones included; :class:`Unreadable` if it is none."""
    with open_archive(path, path.name) as archive:
        parts = _parts(archive, path.name)
    try:
        book = CalamineWorkbook.from_path(path)
    except (CalamineError, OSError, ValueError) as error:
        raise Unreadable(Problem(path.name, _DAMAGED)) from error
    except BaseException as error:
        if not _is_panic(error):
            raise
        raise Unreadable(Problem(path.name, _DAMAGED)) from error
    return Source([RawSheet(path.name, name, _Loader(path, book, name, parts.get(name)))
                   for name in book.sheet_names])


class _Loader:
    def __init__(self, path: Path, book: CalamineWorkbook, name: str, part: str | None) -> None:
        self.path, self.book, self.name, self.part = path, book, name, part

    def __call__(self) -> Grid:
        file = self.path.name
        if self.part is None:
            raise Unreadable(Problem(file, _DAMAGED, self.name))
        with open_archive(self.path, file) as archive:
            marks = _inspect(archive, self.part, file, self.name)
        try:
            sheet = self.book.get_sheet_by_name(self.name)
            merged = [Area(*start, *end) for start, end in sheet.merged_cell_ranges or ()]
        except (CalamineError, OSError, ValueError) as error:
            raise Unreadable(Problem(file, _DAMAGED, self.name)) from error
        except BaseException as error:
            if not _is_panic(error):
                raise
            raise Unreadable(Problem(file, _DAMAGED, self.name)) from error
        marked = _marked(self.path, self.name) if marks else {}
        # What has no value is not there for calamine: formulas that were never calculated, error values.
        height, width = (max((place[n] + 1 for place in marked), default=0) for n in (0, 1))
        height = max(sheet.end[0] + 1 if sheet.end else 0, height)
        return Grid(_rows(sheet, height, width), height, merged, marked)


def _rows(sheet: CalamineSheet, height: int, width: int) -> Iterator[Sequence[object]]:
    # calamine starts at the first row of the sheet but at the first used column.
    margin = [""] * sheet.start[1] if sheet.start else []
    count = 0
    for row in sheet.iter_rows():
        count += 1
        yield margin + row if margin else row
    for _ in range(count, height):
        yield ("",) * width


def _is_panic(error: BaseException) -> bool:
    # A panic inside the Rust library arrives as a BaseException of a class that cannot be imported.
    return type(error).__name__ == "PanicException"


def _parts(archive: zipfile.ZipFile, file: str) -> dict[str, str]:
    """The name of each worksheet with the path of its XML in the archive."""
    try:
        links = {_local(e, "Id"): _local(e, "Target") for e in _xml(archive, "xl/_rels/workbook.xml.rels", file)}
        sheets = [e for e in _xml(archive, "xl/workbook.xml", file).iter() if e.tag.rpartition("}")[2] == "sheet"]
        targets = {_local(e, "name"): links[_local(e, "id")] for e in sheets}
    except (KeyError, ElementTree.ParseError, UnicodeError, ValueError):
        raise Unreadable(Problem(file, _DAMAGED)) from None
    return {name: target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
            for name, target in targets.items()}


def _xml(archive: zipfile.ZipFile, part: str, file: str) -> ElementTree.Element:
    return ElementTree.fromstring(b"".join(chunks(archive, archive.getinfo(part), file)))


def _local(element: ElementTree.Element, name: str) -> str:
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return value
    raise KeyError(name)


def _inspect(archive: zipfile.ZipFile, part: str, file: str, sheet: str) -> bool:
    """Whether the sheet holds formulas or error values; refuses one too large to be held in memory."""
    try:
        entry = archive.getinfo(part)
    except KeyError:
        raise Unreadable(Problem(file, _DAMAGED, sheet)) from None
    marks = far = False
    for piece in _pieces(archive, entry, file):
        # Looking for plain bytes first is thirty times as fast as the pattern, and mostly all that is needed.
        marks = marks or (any(hint in piece for hint in _HINTS) and _MARKS.search(piece) is not None)
        far = far or _FAR.search(piece) is not None
    if far:
        _refuse_vast(archive, entry, file, sheet)
    return marks


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: str) -> Iterator[bytes]:
    """The XML of a part in pieces that do not end inside a tag."""
    rest = b""
    for chunk in chunks(archive, entry, file):
        chunk = rest + chunk
        cut = chunk.rfind(b"<")
        if cut >= 0:
            yield chunk[:cut]
        rest = chunk[max(cut, 0):]
    yield rest


def _refuse_vast(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: str, sheet: str) -> None:
    height, width = 1, 1
    for piece in _pieces(archive, entry, file):
        height = max(height, max(map(int, _ROW.findall(piece)), default=0))
        width = max(width, max((column_number(name.decode()) + 1 for name in set(_WIDE.findall(piece))), default=0))
    if height * width > MAX_CELLS:
        raise Unreadable(Problem(file, Text(
            f"表中有内容的区域到第 {height} 行、{letters(width - 1)} 列，范围过大；请删去远处的多余单元格",
            f"cells are used down to row {height} and out to column {letters(width - 1)}, which is too wide an area; "
            "delete the stray cells"), sheet))


def _marked(path: Path, name: str) -> dict[tuple[int, int], MarkedCell]:
    found = {}
    try:
        with warnings.catch_warnings():
            # openpyxl warns of decorations that it would lose on saving.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True)
            page = book[name]
            # The size that a workbook claims for a sheet is often wrong, and nothing beyond it would be looked at.
            page.reset_dimensions()
            for row in page.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        formula = cell.value if isinstance(cell.value, str) else getattr(cell.value, "text", "=TABLE()")
                        found[cell.row - 1, cell.column - 1] = MarkedCell(formula, _FORMULA)
                    elif cell.data_type == "e":
                        found[cell.row - 1, cell.column - 1] = MarkedCell(str(cell.value), _ERROR)
            book.close()
    except Exception as error:  # openpyxl lets whatever happens inside it through
        raise Unreadable(Problem(path.name, _DAMAGED, name)) from error
    return found


_FORMULA = Text("是公式；请改成数值（复制后“选择性粘贴—数值”）", "a formula; expected a value (copy, paste values)")
_ERROR = Text("是错误值；请改成数值或留空", "an error value; expected a value or a blank cell")
