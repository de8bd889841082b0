"""The rows of one worksheet of an .xlsx workbook, read as a stream (工作表).

Formulas and error values have no value of their own: they are marked when the row in which they stand is yielded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from facts.dates_of_excel import day_of
from facts.language import Text
from facts.ledger import SHOWN
from facts.sheets import Area, MarkedCell, address, column_number, letters
from facts.xml_parts import NAMES, Handler, Oddity, fed

#: What a sheet of Excel has.
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
#: Cells of a sheet that hold something: 12 million are a sheet full of records, or half a million enterprises, and are
#: read in half a minute.
MAX_CELLS = 12_000_000
#: Formulas and error values of one sheet; each is kept in memory, to be named.
MAX_MARKED = 300_000
MAX_MERGED = 50_000

_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^<>]*?\bref\s*=\s*["']([A-Z]{1,3})([1-9]\d{0,6})"""
                     rb"""(?::([A-Z]{1,3})([1-9]\d{0,6}))?["']""")
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^<>]*?\br\s*=\s*["'](\d{1,7})["']""")

# Halves of surrogate pairs are no characters, and stay as they are written.
_ESCAPED = re.compile("_x((?![dD][89a-fA-F])[0-9a-fA-F]{4})_")

_FORMULA = Text("是公式；请改成数值（复制后“选择性粘贴—数值”）", "a formula; expected a value (copy, paste values)")
_ERROR = Text("是错误值；请改成数值或留空", "an error value; expected a value or a blank cell")
_BROKEN_CELL = Text("工作簿已损坏：{0} 格读不出来；请用 Excel 重新另存为 .xlsx",
                    "the workbook is damaged, cell {0} cannot be read; save it anew as .xlsx")
_DISORDER = Text("工作簿已损坏：{0} 处的行或格次序有误；请用 Excel 重新另存为 .xlsx",
                 "the workbook is damaged, rows or cells are out of order at {0}; save it anew as .xlsx")
_TOO_FAR = Text("{0} 超出了工作表的范围（1048576 行、XFD 列）；请用 Excel 重新另存为 .xlsx",
                "{0} lies beyond the end of a sheet (row 1048576, column XFD); save the workbook anew as .xlsx")
_TOO_MANY = Text("工作表里的内容过多（{0}）；请把台账分成几个文件",
                 "the sheet holds too much ({0}); split the ledger into several files")


def unescaped(text: str) -> str:
    """``text`` with the characters that XML cannot hold, which Excel writes as ``_x000D_``."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _odd(message: Text, what: str) -> Oddity:
    return Oddity(Text(message.zh.replace("{0}", what), message.en.replace("{0}", what)))


@dataclass(frozen=True, slots=True)
class Outline:
    """What is looked for before the rows are read: the last row, as far as the sheet says, and its merged cells."""

    height: int
    merged: tuple[Area, ...]


def outline(pieces: Iterable[bytes]) -> Outline | None:
    """The outline of a sheet; ``None`` if too many cells are merged."""
    height, rows, merged, rest = 0, 0, [], b""
    for piece in pieces:
        piece = rest + piece
        cut = piece.rfind(b"<")
        # A tag that is longer than a piece is none that is looked for.
        whole, rest = (piece[:cut], piece[cut:][:1 << 16]) if cut > 0 else (b"", piece[:1 << 16])
        rows += whole.count(b"row>") + whole.count(b"row ")
        if (last := whole.rfind(b"row ")) >= 0 and (found := _ROW.search(whole, max(whole.rfind(b"<", 0, last), 0))):
            height = int(found[1])
        if b"mergeCell" in whole:
            merged += [_area(match) for match in _MERGED.finditer(whole)]
            if len(merged) > MAX_MERGED:
                return None
    # Rows may go without numbers; ends of rows are counted as well, so that there are rather too many than too few.
    return Outline(min(height or rows, MAX_ROWS), tuple(merged))


def _area(match: re.Match[bytes]) -> Area:
    left, top, right, bottom = (part.decode() if part else "" for part in match.groups())
    return Area(int(top) - 1, column_number(left), int(bottom or top) - 1, column_number(right or left))


class Worksheet(Handler):
    """Reads one sheet: :meth:`rows` yields every row from row 1 on.

    ``marked`` has the marked cells met so far, by row and column, counted from 0. ``strings`` are the shared strings of
    the workbook, ``kinds`` says of each of its styles whether it shows a date.
    """

    def __init__(self, strings: Sequence[str], kinds: Sequence[str], since_1904: bool) -> None:
        super().__init__()
        self.marked: dict[int, dict[int, MarkedCell]] = {}
        # Styles by the text with which cells name them; most say nothing of days.
        self._kinds = {str(number): kind for number, kind in enumerate(kinds) if kind}
        self._strings, self._since_1904 = strings, since_1904
        self._ready: list[Sequence[object]] = []
        self._row: list[object] | None = None
        self._number = self._cells = self._marks = 0
        self._column, self._suffix = -1, ""
        self._in_cell = False
        self._type = None
        self._value = self._text = self._formula = self._style = None
        self._phonetic = 0

    def rows(self, pieces: Iterable[bytes], file: str, sheet: str) -> Iterator[Sequence[object]]:
        """The rows; :class:`~facts.sheets.Unreadable` where they cannot be read."""
        for _ in fed(pieces, self, file, sheet):
            if not self._in_cell:
                self.parts.clear()
            yield from self._ready
            self._ready.clear()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element of the sheet begins."""
        name = NAMES[tag]
        if name == "c":
            given = attributes.get("r")
            if given is None:
                column = self._column + 1
            elif given.endswith(self._suffix):
                column = _COLUMNS.get(given[:-len(self._suffix)], MAX_COLUMNS)
            else:
                column = -1
            if column <= self._column or column >= MAX_COLUMNS or self._in_cell or self._row is None:
                raise self._misplaced(given)
            self._column, self._in_cell = column, True
            self._type, self._style = attributes.get("t"), attributes.get("s")
            self._value = self._text = self._formula = None
            self.parts.clear()
        elif name == "f" or name == "t":
            self.parts.clear()
        elif name == "row":
            self._start_row(attributes)
        elif name == "rPh":
            self._phonetic += 1

    def end(self, tag: str) -> None:
        """An element of the sheet ends."""
        name = NAMES[tag]
        if name == "v":
            self._value = "".join(self.parts)
        elif name == "c" and self._in_cell:
            self._in_cell = False
            value = self._read()
            if value != "":
                row = self._row
                if len(row) < self._column:
                    row.extend([""] * (self._column - len(row)))
                row.append("" if value is None else value)
        elif name == "row" and self._row is not None:
            self._cells += len(self._row)
            if self._cells > MAX_CELLS:
                raise _odd(_TOO_MANY, f"> {MAX_CELLS}")
            self._ready.append(self._row)
            self._row = None
        elif name == "f":
            self._formula = "".join(self.parts)
            self.parts.clear()
        elif name == "t" and not self._phonetic:
            self._text = (self._text or "") + "".join(self.parts)
        elif name == "rPh":
            self._phonetic -= 1

    def _start_row(self, attributes: dict[str, str]) -> None:
        given = attributes.get("r")
        number = self._number + 1 if given is None else _count(given)
        if self._row is not None or number <= self._number:
            raise _odd(_DISORDER, str(given or number)[:20])
        if number > MAX_ROWS:
            raise _odd(_TOO_FAR, str(number))
        self._ready.extend([()] * (number - self._number - 1))
        self._number, self._row, self._column, self._suffix = number, [], -1, str(number)

    def _misplaced(self, given: str | None) -> Oddity:
        found = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,8})", given or "")
        far = found and (column_number(found[1]) >= MAX_COLUMNS or int(found[2]) > MAX_ROWS)
        return _odd(_TOO_FAR if far else _DISORDER, (given or self._address())[:20])

    def _address(self) -> str:
        return address(max(self._number - 1, 0), max(self._column, 0))

    def _read(self) -> object:
        """The value of the cell that has just ended: ``""`` where there is nothing, ``None`` where it is marked."""
        value, kind = self._value, self._type
        if self._formula is not None:
            return self._mark(f"={self._formula}" if self._formula else value or "=", _FORMULA)
        try:
            if kind == "s":
                # Only digits: in a list, a negative number would count from the end.
                return self._strings[int(value)] if value and value.isdigit() else self._blank(value)
            if kind is None or kind == "n":
                return self._number_or_day(value) if value else ""
            if kind == "inlineStr":
                return unescaped(self._text or value or "")
            if kind == "str":
                return unescaped(value or "")
            if kind == "e":
                return self._mark(value or "#", _ERROR)
            if kind == "b":
                return _YES_OR_NO[value.strip()] if value else ""
            if kind == "d":
                return value or ""
        except (KeyError, ValueError, IndexError, OverflowError):
            pass
        raise _odd(_BROKEN_CELL, self._address())

    def _blank(self, value: str | None) -> str:
        if value and value.strip():
            raise ValueError(value)
        return ""

    def _mark(self, shown: str, message: Text) -> object:
        self._marks += 1
        if self._marks > MAX_MARKED:
            raise _odd(_TOO_MANY, f"公式 / formulas > {MAX_MARKED}")
        self.marked.setdefault(self._number - 1, {})[self._column] = MarkedCell(shown[:SHOWN + 1], message)
        return None

    def _number_or_day(self, value: str) -> object:
        if "_" in value:
            raise ValueError(value)
        number = float(value)
        kind = self._kinds.get(self._style)
        # Numbers that are none (NaN) are for the readers of cells to refuse.
        return day_of(number, kind, self._since_1904) if kind and number == number else number


_YES_OR_NO = {"1": True, "true": True, "0": False, "false": False}
_COLUMNS = {letters(column): column for column in range(MAX_COLUMNS)}


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
