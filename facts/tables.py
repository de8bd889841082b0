"""From the cells of one sheet to candidate rows (逐行读取): every cell is read, every bad one named."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pydantic import ValidationError

from facts.cells import is_blank
from facts.columns import Bad, Column
from facts.headers import Dictionary, Field, Header, nameless_column, read_header
from facts.language import Text
from facts.ledger import SHOWN, Problem
from facts.models import ROWS, Row
from facts.sheets import Grid, RawSheet, Unreadable, address
from facts.vocabulary import AUTHORITIES, ENTERPRISES, Sheet

#: Called with what is being read, how many rows are read, and of how many.
Progress = Callable[[str, int, int], None]

_REQUIRED = Text("不能为空", "must not be blank")
_MERGED = Text("在合并单元格 {area} 内；请取消合并，每行各填一格",
               "inside the merged cells {area}; unmerge them, one cell a row")
_EMPTY = Text("空表，没有表头；应有表头一行，不用的表请删去",
              "empty sheet; expected a header row, or no such sheet where it is not used")
_TOO_LONG = Text("表头之外还有内容；可能多了一个逗号，含逗号的文字要加双引号",
                 "more cells than headers; perhaps a comma too many: text with commas needs double quotes")
_STRETCH = 4096
#: Mistakes of one sheet that are named; each takes memory and a line, and nobody mends more of them one by one.
MAX_PROBLEMS = 20_000
#: Rows of one sheet that merged cells may reach over, each area by itself.
MAX_MERGED_ROWS = 1_000_000
#: Columns without a header in which values are looked for.
_NAMELESS = 100
_TOO_MANY = Text(f"错误超过 {MAX_PROBLEMS} 处，其余未列出；请先核对这张表是否放错了列、用错了文件",
                 f"more than {MAX_PROBLEMS} mistakes, the others are not named; check whether these are the right "
                 "columns and the right file")
_MERGED_TOO_FAR = Text("合并单元格跨的行过多；请取消合并，每行各填一格",
                       "merged cells span too many rows; unmerge them, one cell a row")


@dataclass(slots=True)
class Table:
    """The rows of one sheet of the source. ``rows`` and ``numbers`` run parallel; numbers count as a spreadsheet does.

    Of the enterprise sheet ``rows`` has mappings until ``valid_from`` is settled. ``unusable`` has the numbers of the
    rows in which something is wrong, ``culprits`` the enterprises' or authorities' codes of such rows as far as they
    can be read,
    ``repeated`` the rows that say again what another one says; ``broken``: the sheet could not be read to its end.
    """

    raw: RawSheet
    sheet: Sheet
    header: Header | None = None
    rows: list[Any] = field(default_factory=list)
    numbers: array[int] = field(default_factory=lambda: array("l"))
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    unusable: set[int] = field(default_factory=set)
    repeated: set[int] = field(default_factory=set)
    culprits: dict[int, str] = field(default_factory=dict)
    broken: bool = False

    def add(self, problem: Problem) -> None:
        """Something is wrong; past :data:`MAX_PROBLEMS` only that there is more is said, and the sheet is broken."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)
        elif len(self.problems) == MAX_PROBLEMS:
            self.problems.append(Problem(self.raw.file, _TOO_MANY, self.raw.name))
            self.broken = True

    def place(self, number: int, name: str) -> str:
        """The address of a row's cell in the column called ``name``, or of the row where there is no such column."""
        for column in self.header.fields if self.header else ():
            if column.name == name:
                return address(number - 1, column.index)
        return str(number)

    def spoil(self, number: int, name: str, value: object, message: Text) -> None:
        """Something is wrong in a row that was well-formed by itself."""
        self.add(Problem(self.raw.file, message, self.raw.name, self.place(number, name),
                         None if value is None else str(value)[:SHOWN + 1], number))
        self.unusable.add(number)

    def blame(self, number: int, cells: Mapping[int, tuple[object, Text]]) -> None:
        """Something is wrong in cells of a row: column index → what stands there (``None``: nothing) and why not."""
        for index, (value, message) in cells.items():
            self.add(Problem(self.raw.file, message, self.raw.name, address(number - 1, index),
                             None if is_blank(value) else _as_shown(value)[:SHOWN + 1], number))
            self.unusable.add(number)

    def warn(self, number: int, name: str, value: object, message: Text) -> None:
        """Something is odd in a row."""
        self.warnings.append(Problem(self.raw.file, message, self.raw.name, self.place(number, name),
                                     None if value is None else str(value)[:SHOWN + 1], number))


def read_table(raw: RawSheet, sheet: Sheet, words: Dictionary, progress: Progress) -> Table:
    """Read one sheet to its end."""
    table = Table(raw, sheet)
    try:
        grid = raw.load()
        number = 0
        for number, cells in enumerate(grid.rows, 1):
            if number - 1 in grid.marked or not all(map(is_blank, cells)):
                table.header = read_header(raw, sheet, grid, number - 1, cells, words, table.problems, table.warnings)
                break
        else:
            table.problems.append(Problem(raw.file, _EMPTY, raw.name))
        if table.header is None:
            table.broken = True
        else:
            _read_rows(table, grid, number, progress)
    except Unreadable as error:
        table.problems.append(error.problem)
        table.broken = True
    return table


def _read_rows(table: Table, grid: Grid, header_number: int, progress: Progress) -> None:
    """Read the rows below the header, column by column in stretches of ``_STRETCH`` rows."""
    fields = table.header.fields
    merged = _merged_cells(table.raw, grid, fields, header_number)
    reading = _Reading(table, grid, [Column(f.reader) for f in fields], merged)
    least = max(f.index for f in fields) + 1
    number = header_number + 1
    while not table.broken and (stretch := list(islice(grid.rows, _STRETCH))):
        # A million blank rows at the end of a sheet are no rarity.
        if any(map(any, stretch) if grid.separated else stretch):
            reading.read([row if len(row) >= least else [*row, *[""] * (least - len(row))] for row in stretch],
                         number)
        number += len(stretch)
        progress(table.raw.name, number - 1, max(grid.height, number - 1))


class _Reading:
    def __init__(self, table: Table, grid: Grid, columns: list[Column],
                 merged: dict[int, list[tuple[int, str]]]) -> None:
        self.table, self.marked, self.merged, self.columns = table, grid.marked, merged, columns
        self.fields = table.header.fields
        self.model = ROWS[table.sheet.name]
        self.names = [f.name for f in self.fields]
        self.separated = grid.separated
        width = len(table.header.cells)
        beyond = () if grid.separated else range(width, width + _NAMELESS)
        self.nameless = set([*table.header.nameless, *beyond][:_NAMELESS])
        # Declared facts and a valid_from yet to be settled keep a row from being made at once.
        self.plain = table.sheet.name != ENTERPRISES.name
        self.code = "code" if table.sheet is AUTHORITIES else "uscc"

    def read(self, rows: list[Sequence[object]], first: int) -> None:
        """Take ``rows``, of which the first has the number ``first``."""
        width = len(self.table.header.cells)
        values = [column.read([row[field.index] for row in rows])
                  for field, column in zip(self.fields, self.columns, strict=True)]
        suspects = {at for f, found in zip(self.fields, values, strict=True) if f.required
                    for at, value in enumerate(found) if value is None}
        for column, found in zip(self.columns, values, strict=True):
            if column.stumbled:
                suspects.update(at for at, value in enumerate(found) if value.__class__ is Bad)
        if self.separated and any(len(row) > width for row in rows):
            suspects.update(at for at, row in enumerate(rows) if len(row) > width)
        if self.marked or self.merged:
            suspects.update(at for at in range(len(rows)) if first + at in self.merged or first + at - 1 in self.marked)
        for index in sorted(self.nameless):
            self._look_for_nameless(index, rows, first)
        for at, (cells, *found) in enumerate(zip(rows, *values, strict=True)):
            if at not in suspects or self._sound(cells, found, first + at):
                self._keep(first + at, {n: v for n, v in zip(self.names, found, strict=True) if v is not None})

    def _keep(self, number: int, values: dict[str, Any]) -> None:
        if self.plain:
            row = build(self.table, number, self.model, values)
            if row is None:
                return
        else:
            declared = {f.name: values.pop(f.name) for f in self.fields if f.declared and f.name in values}
            row = {**values, "declared": declared} if declared else values
        self.table.rows.append(row)
        self.table.numbers.append(number)

    def _sound(self, cells: Sequence[object], found: Sequence[object], number: int) -> bool:
        """Whether a suspect row is a good one after all; names what is wrong if not. A blank row is neither."""
        bad: dict[int, tuple[object, Text]] = {}
        for index, area in self.merged.get(number, ()):
            bad[index] = cells[index], Text(_MERGED.zh.format(area=area), _MERGED.en.format(area=area))
        for f, value in zip(self.fields, found, strict=True):
            if marked := self.marked.get(number - 1, {}).get(f.index):
                bad[f.index] = marked.shown, marked.message
            elif value.__class__ is Bad:
                bad[f.index] = cells[f.index], value.message
        if not bad and all(value is None for value in found):
            return False
        for index in range(len(self.table.header.cells), len(cells) if self.separated else 0):
            if not is_blank(cells[index]):
                bad[index] = cells[index], _TOO_LONG
                break
        for f, value in zip(self.fields, found, strict=True):
            if f.required and value is None:
                bad.setdefault(f.index, (None, _REQUIRED))
        self.table.blame(number, {i: bad[i] for i in sorted(bad)})
        if bad and (code := dict(zip(self.names, found, strict=True)).get(self.code)).__class__ is str:
            self.table.culprits[number] = code
        return not bad

    def _look_for_nameless(self, index: int, rows: list[Sequence[object]], first: int) -> None:
        for at, row in enumerate(rows):
            if index < len(row) and not is_blank(row[index]):
                self.nameless.discard(index)
                self.table.warnings.append(
                    nameless_column(self.table.raw, self.table.header, first + at, index, row[index]))
                return


def _as_shown(cell: object) -> str:
    """A cell as a spreadsheet shows it: whole numbers come as floats."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def build(table: Table, number: int, model: type[Row], values: dict[str, Any]) -> Row | None:
    """The row itself, validated as a whole; ``None`` where the model refuses what the readers let through."""
    try:
        return model(**values)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            name = str(detail["loc"][0]) if detail["loc"] else ""
            table.spoil(number, name, detail.get("input"), Text(f"不合要求：{detail['msg']}", detail["msg"]))
        return None


def _merged_cells(raw: RawSheet, grid: Grid, fields: Sequence[Field], header: int) -> dict[int, list[tuple[int, str]]]:
    """Row number → the columns, among those read, that lie in merged cells below the header."""
    used = {f.index for f in fields}
    spanned = sum(min(area.bottom, grid.height) - max(area.top, header) + 1 for area in grid.merged)
    if spanned > MAX_MERGED_ROWS:
        raise Unreadable(Problem(raw.file, _MERGED_TOO_FAR, raw.name))
    found: dict[int, list[tuple[int, str]]] = {}
    for area in grid.merged:
        inside = sorted(used.intersection(range(area.left, area.right + 1)))
        for number in range(max(area.top + 1, header + 1), min(area.bottom + 1, grid.height) + 1 if inside else 0):
            found.setdefault(number, []).extend((index, str(area)) for index in inside)
    return found
