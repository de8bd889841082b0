"""Reading .xlsx workbooks (读取 Excel 工作簿).

Libraries for this were tried with hostile files: those written in Python keep whole parts in memory or hang on shared
formulas, the one in Rust ends the program. What a ledger needs is little: sheets, shared strings, styles of dates.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from posixpath import join, normpath

from facts.archive import damaged, open_archive, refuse
from facts.dates_of_excel import kind_of_style
from facts.language import Text
from facts.ledger import Problem
from facts.sheets import Grid, RawSheet, Source, Unreadable
from facts.worksheet import MAX_MERGED, Worksheet, outline, unescaped
from facts.xml_parts import NAMES, Handler, fed, part_bytes

#: Bytes of the parts that are kept in memory: the list of sheets with their links, the styles, the shared strings.
MAX_LIST, MAX_STYLES, MAX_STRINGS = 4 << 20, 32 << 20, 256 << 20
#: Shared strings of a workbook; each is kept in memory.
MAX_SHARED = 4_000_000
#: Characters that are kept of a text: more than a cell of Excel holds, and more than a ledger takes.
MAX_TEXT = 40_000
#: Bytes of the XML of one sheet: 12 million cells have as many.
MAX_SHEET = 768 << 20


def read_workbook(path: Path) -> Source:
    """The sheets of the workbook at ``path``, hidden ones included; :class:`Unreadable` if it is none."""
    with open_archive(path, path.name) as archive:
        links = _Links()
        for part in ("xl/_rels/workbook.xml.rels", "xl/workbook.xml"):
            _take(archive, part, path.name, MAX_LIST, links)
    book = _Book(path, links)
    parts = [book.parts.get(link) for _, link in links.sheets]
    if not parts or len(set(parts)) < len(parts):
        raise damaged(path.name)
    return Source([RawSheet(path.name, name, _Loader(book, name, part))
                   for (name, _), part in zip(links.sheets, parts, strict=True)])


class _Book:
    """What the sheets of a workbook share, read when the first of them is."""

    def __init__(self, path: Path, links: _Links) -> None:
        self.path, self.since_1904 = path, links.since_1904
        self.parts = {link: target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
                      for link, (target, _) in links.targets.items()}
        self._of_type = {kind: self.parts[link] for link, (_, kind) in links.targets.items()}
        self._shared: tuple[list[str], list[str]] | None = None

    def shared(self, archive: zipfile.ZipFile) -> tuple[list[str], list[str]]:
        """The shared strings, and the kind of each style."""
        if self._shared is None:
            strings, styles, there = _Strings(self.path.name), _Styles(), set(archive.namelist())
            for kind, largest, handler in (("sharedStrings", MAX_STRINGS, strings), ("styles", MAX_STYLES, styles)):
                part = self._of_type.get(kind)
                if part in there:
                    _take(archive, part, self.path.name, largest, handler)
            self._shared = strings.found, styles.kinds()
        return self._shared


class _Loader:
    def __init__(self, book: _Book, name: str, part: str | None) -> None:
        self.book, self.name, self.part = book, name, part

    def __call__(self) -> Grid:
        path = self.book.path
        try:
            with open_archive(path, path.name) as archive:
                if self.part is None or self.part not in archive.NameToInfo:
                    raise damaged(path.name, self.name)
                strings, kinds = self.book.shared(archive)
                found = outline(part_bytes(archive, self.part, path.name, MAX_SHEET))
        except OSError as error:
            raise _gone(path, error) from None
        if found is None:
            raise damaged(path.name, self.name, Text(
                f"合并单元格超过 {MAX_MERGED} 处；请取消合并，每行各填一格",
                f"more than {MAX_MERGED} merged areas; unmerge them, one cell a row"))
        sheet = Worksheet(strings, kinds, self.book.since_1904)
        return Grid(self._rows(sheet), found.height, found.merged, sheet.marked)

    def _rows(self, sheet: Worksheet) -> Iterator:
        path = self.book.path
        try:
            with open_archive(path, path.name) as archive:
                if self.part not in archive.NameToInfo:
                    raise damaged(path.name, self.name)
                yield from sheet.rows(part_bytes(archive, self.part, path.name, MAX_SHEET), path.name, self.name)
        except OSError as error:
            raise _gone(path, error) from None


def _gone(path: Path, error: OSError) -> Unreadable:
    return Unreadable(Problem(path.name, Text(f"读到一半打不开了（{error.strerror}）；请重新导入",
                                              f"cannot be read to its end ({error.strerror}); import it again")))


def _take(archive: zipfile.ZipFile, part: str, file: str, largest: int, handler: Handler) -> None:
    for _ in fed(part_bytes(archive, part, file, largest), handler, file):
        pass


class _Links(Handler):
    """The list of sheets with their links, and where the links lead: (target, last word of the type)."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, tuple[str, str]] = {}
        self.sheets: list[tuple[str, str]] = []
        self.since_1904 = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A link, a sheet, or the properties of the workbook."""
        name = NAMES[tag]
        if name == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.targets[attributes.get("Id", "")] = attributes.get("Target", ""), kind
        elif name == "sheet":
            link = next((value for key, value in attributes.items() if key.rpartition(" ")[2] == "id"), "")
            kind = self.targets.get(link, ("", "worksheet"))[1]
            if kind not in ("chartsheet", "dialogsheet", "xlMacrosheet"):
                self.sheets.append((attributes.get("name", ""), link))
        elif name == "workbookPr":
            self.since_1904 = attributes.get("date1904", "0") in ("1", "true")


class _Strings(Handler):
    """The shared strings, without the readings (phonetic text) that some of them have."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._file = file
        self._text = ""
        self._phonetic = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A string or a piece of one begins."""
        name = NAMES[tag]
        if name == "t":
            self.parts.clear()
        elif name == "si":
            self._text = ""
        elif name == "rPh":
            self._phonetic += 1

    def end(self, tag: str) -> None:
        """A string or a piece of one ends."""
        name = NAMES[tag]
        if name == "t":
            if not self._phonetic:
                text = "".join(self.parts)
                self._text = self._text + text if self._text else text
            self.parts.clear()
        elif name == "rPh":
            self._phonetic -= 1
        elif name == "si":
            self.found.append(unescaped(self._text[:MAX_TEXT]))
            if len(self.found) > MAX_SHARED:
                raise refuse(self._file, f"工作簿里的文字超过 {MAX_SHARED} 处；请把台账分成几个文件",
                             f"more than {MAX_SHARED} texts in the workbook; split the ledger into several files")


class _Styles(Handler):
    """The styles of cells, as far as they tell numbers from days."""

    def __init__(self) -> None:
        super().__init__()
        self._codes: dict[int, str] = {}
        self._formats: list[int] = []
        self._inside = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A number format, or the style of a cell."""
        name = NAMES[tag]
        if name == "numFmt":
            self._codes[_whole(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            self._formats.append(_whole(attributes.get("numFmtId")))

    def end(self, tag: str) -> None:
        """The list of styles ends."""
        if NAMES[tag] == "cellXfs":
            self._inside = False

    def kinds(self) -> list[str]:
        """The kind of each style, see :func:`facts.dates_of_excel.kind_of_style`."""
        known = {number: kind_of_style(number, self._codes) for number in set(self._formats)}
        return [known[number] for number in self._formats]


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else 0
