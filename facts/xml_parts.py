"""Reading the XML parts of a workbook with care (工作簿内的 XML).

expat reads them as a stream, in memory that does not grow with the part. A document type is refused, since no
spreadsheet program writes one: without it there are no entities, neither those that explode nor those that fetch files.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from xml.parsers import expat

from facts.archive import chunks, damaged, refuse
from facts.language import Text

#: Elements in one part. A sheet of :data:`facts.worksheet.MAX_CELLS` cells has fewer, and as many as this are read in
#: less than a minute.
MAX_ELEMENTS = 60_000_000

#: What spreadsheet programs write. In any other encoding what is searched for as bytes would be overlooked.
_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


class _Names(dict[str, str]):
    """From names as expat gives them, with their namespace, to names of the workbook format; ``""`` for all others."""

    _SPACES = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main",
               "http://schemas.openxmlformats.org/package/2006/relationships",
               "http://purl.oclc.org/ooxml/spreadsheetml/main")
    _MOST = 1_000

    def __missing__(self, name: str) -> str:
        space, _, local = name.rpartition(" ")
        found = local if space in self._SPACES else ""
        if len(self) < self._MOST:
            self[name] = found
        return found


#: Handlers look up the names of their elements here.
NAMES = _Names()


class Handler:
    """What is done with a part. ``parts`` collects its text, until a handler clears it."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins: ``NAMES[tag]``."""

    def end(self, tag: str) -> None:
        """An element ends."""


class Oddity(Exception):
    """Raised by a :class:`Handler` for what cannot stand in a workbook; ends the reading as damage does."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


def part_bytes(archive: zipfile.ZipFile, part: str, file: str, largest: int) -> Iterator[bytes]:
    """The bytes of a part piece by piece; :class:`~facts.sheets.Unreadable` if it is missing, damaged or too large."""
    try:
        entry = archive.getinfo(part)
    except KeyError:
        raise damaged(file) from None
    if entry.file_size > largest:
        raise refuse(file, f"工作簿里的这一部分有 {entry.file_size >> 20} MB，上限 {largest >> 20} MB；"
                     "请把台账分成几个文件",
                     f"this part of the workbook has {entry.file_size >> 20} MB, at most {largest >> 20}; "
                     "split the ledger into several files", part)
    elements, first = 0, True
    for piece in chunks(archive, entry, file):
        if first and piece.startswith(_OTHER_ENCODINGS):
            raise damaged(file)
        first = False
        elements += piece.count(b"<")
        if elements > MAX_ELEMENTS:
            raise refuse(file, "工作簿里的这一部分内容过多；请把台账分成几个文件",
                         "this part of the workbook holds too much; split the ledger into several files", part)
        yield piece


def fed(pieces: Iterable[bytes], handler: Handler, file: str, sheet: str | None = None) -> Iterator[None]:
    """Feed a part to its handler, one piece at a turn; :class:`~facts.sheets.Unreadable` where it is no sound XML."""
    def doctype(*_: object) -> None:
        raise Oddity(_DOCTYPE)

    # Called for every element of every cell: there is nothing between expat and the handler.
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = handler.start, handler.end
    parser.CharacterDataHandler = handler.parts.append
    parser.StartDoctypeDeclHandler = doctype
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            if sum(map(len, handler.parts)) > _MOST_TEXT:
                raise Oddity(_LONG)
            yield
        parser.Parse(b"", True)
        yield
    except Oddity as error:
        raise damaged(file, sheet, error.message) from None
    except (expat.ExpatError, ValueError):
        raise damaged(file, sheet) from None


_DOCTYPE = Text("工作簿里有文档类型声明（DOCTYPE），Excel 从不这样写；请用 Excel 重新另存为 .xlsx",
                "the workbook declares a document type (DOCTYPE), which Excel never does; save it anew as .xlsx")
_LONG = Text("工作簿里有一段文字过长；Excel 的一格最多 32767 字",
             "a text in the workbook is too long; a cell of Excel holds 32767 characters")
# Characters of one text: far more than a cell holds, so that an overlong one is still named by its cell.
_MOST_TEXT = 12_000_000
