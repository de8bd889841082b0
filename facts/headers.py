"""The header row of a sheet (表头): which column holds what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from facts.cells import (
    Reader,
    is_blank,
    read_authority,
    read_bool,
    read_date,
    read_decimal,
    read_division,
    read_int,
    read_last,
    read_short,
    read_subject,
    read_text,
    read_uscc,
    word_reader,
    words_reader,
)
from facts.language import Text
from facts.ledger import Problem
from facts.models import DeclaredFact
from facts.sheets import Grid, RawSheet, address, letters
from facts.spelling import Words, fold, joined
from facts.vocabulary import (
    ACCIDENTS,
    AUTHORITIES,
    AUTHORITY_KIND_SPELLINGS,
    AUTHORITY_KINDS,
    ENTERPRISES,
    KINDS,
    RECORDS,
    SECTORS,
    SHEETS,
    Column,
    Sheet,
    Type,
)

#: Columns of a sheet that bear a name: the ledger knows a few dozen, packs declare some more.
MAX_NAMED = 1_000
#: Header of the column in which the reasons stand in a file of rows that were not taken; not read again.
REASON = Text("问题", "problem")
#: Sheets of the template that hold no rows.
NOTES = Text("说明", "notes")

_SEPARATORS = re.compile(r"[,，;；\t|]")
_IGNORED = frozenset(fold(word) for word in (REASON.zh, REASON.en))
# Texts of one line; the other texts may have several.
_SHORT = frozenset({"name", "industry_code", "standardization", "hazard_id", "accident_id", "exhibition_id",
                    "certificate_id", "trade"})
_PLAIN: Mapping[Type, Reader] = {
    Type.TEXT: read_text,
    Type.USCC: read_uscc,
    Type.AUTHORITY: read_authority,
    Type.SUBJECT: read_subject,
    Type.DIVISION: read_division,
    Type.BOOL: read_bool,
    Type.INT: read_int,
    Type.DECIMAL: read_decimal,
    Type.DATE: read_date,
    Type.LAST: read_last,
}
_DECLARED: Mapping[Type, Reader] = {
    Type.INT: lambda cell: read_int(cell, signed=True),
    Type.DECIMAL: lambda cell: read_decimal(cell, signed=True),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A column that is read: where it stands (from 0), what it is called, how its cells are read."""

    index: int
    name: str
    label: Text
    reader: Reader
    required: bool = False
    declared: bool = False


class Dictionary:
    """All the words that a ledger may use, those that packs declare included (台账词汇)."""

    def __init__(self, declared: Mapping[str, DeclaredFact], kinds: Mapping[str, Text],
                 sectors: Mapping[str, Text], authority_kinds: Mapping[str, Text] | None = None) -> None:
        self.declared = declared
        self.kinds = Words({**KINDS, **kinds})
        self.sectors = Words({**SECTORS, **sectors})
        self.authority_kinds = Words({**AUTHORITY_KINDS, **(authority_kinds or {})}, AUTHORITY_KIND_SPELLINGS)
        self.sheets = Words({sheet.name: sheet.label for sheet in SHEETS})
        self._headers = {
            sheet.name: Words({c.name: c.label for c in sheet.columns}
                              | ({f.name: f.label for f in declared.values()} if sheet is ENTERPRISES else {}))
            for sheet in SHEETS
        }

    def headers(self, sheet: Sheet) -> Words:
        """The headers of a sheet."""
        return self._headers[sheet.name]

    def field(self, sheet: Sheet, name: str, index: int) -> Field:
        """How the column called ``name`` is read, standing at ``index``."""
        column = {c.name: c for c in sheet.columns}.get(name)
        if column is None:
            fact = self.declared[name]
            return Field(index, name, fact.label, _DECLARED.get(fact.type) or _PLAIN[fact.type], declared=True)
        return Field(index, name, column.label, self._reader(sheet, column), column.required)

    def _reader(self, sheet: Sheet, column: Column) -> Callable[[object], object]:
        if column.name in _SHORT:
            return read_short
        if sheet is ACCIDENTS and column.name == "direct_loss":
            return lambda cell: read_decimal(cell, money=True)
        if column.type is Type.KIND:
            return word_reader(self.kinds, RECORDS.column("kind").label)
        if column.type is Type.SET:
            return words_reader(self.sectors, column.label)
        if sheet is AUTHORITIES and column.name == "kind":
            return word_reader(self.authority_kinds, column.label)
        if column.type is Type.CODE:
            return word_reader(Words(column.choices or {}), column.label)
        return _PLAIN[column.type]


@dataclass(frozen=True, slots=True)
class Header:
    """A header row as understood. ``row`` counts from 0; ``nameless`` are the columns whose header is blank."""

    row: int
    cells: tuple[object, ...]
    fields: tuple[Field, ...]
    nameless: tuple[int, ...]


def read_header(raw: RawSheet, sheet: Sheet, grid: Grid, row: int, cells: Sequence[object],
                words: Dictionary, problems: list[Problem], warnings: list[Problem]) -> Header | None:
    """Understand ``cells``, the first row that is not blank, as the header; ``None`` if the sheet cannot be read."""

    def problem(message: Text, cell: str | None = None, value: object = None) -> None:
        problems.append(Problem(raw.file, message, raw.name, cell, None if value is None else str(value)))

    known = words.headers(sheet)
    before = len(problems)
    for area in grid.merged:
        if area.top <= row <= area.bottom:
            problem(Text(f"表头有合并单元格 {area}；请取消合并，表头只占一行，每列一个名称",
                         f"merged header cells {area}; expected one header row with one name a column, not merged"),
                    address(area.top, area.left), cells[area.left] if area.left < len(cells) else None)
    if len(problems) > before:
        return None

    named = sum(not is_blank(cell) for cell in cells)
    if named > MAX_NAMED:
        problem(Text(f"表头有 {named} 列，最多 {MAX_NAMED} 列；请核对这是否是表头", f"{named} columns, at most "
                     f"{MAX_NAMED}; check whether this row is the header"), f"{row + 1}")
        return None
    at: dict[str, int] = {}
    unknown: list[int] = []
    for index, cell in enumerate(cells):
        if marked := grid.marked.get(row, {}).get(index):
            problem(marked.message, address(row, index), marked.shown)
            continue
        if is_blank(cell) or fold(str(cell)) in _IGNORED:
            continue
        name = known.find(str(cell).strip().strip("*＊"))
        if name is None:
            unknown.append(index)
        elif name in at:
            problem(Text(f"与 {address(row, at[name])} 是同一列；每列只能出现一次",
                         f"the same column as {address(row, at[name])}; expected each column once"),
                    address(row, index), cell)
        else:
            at[name] = index
    required = [c for c in sheet.columns if c.required]
    if not at:
        if len(problems) > before:
            return None
        first = next((cell for cell in cells if not is_blank(cell)), None)
        if any(known.find(part) for part in _SEPARATORS.split(str(first))):
            problem(Text("各列挤在一格里；.csv 应以英文逗号分隔各列，工作簿应每列一格",
                         "all columns stand in one cell; expected commas between the columns of a .csv file, "
                         "a cell for each column of a workbook"), address(row, 0), first)
            return None
        problem(Text(f"第一行不是表头；应有 {joined(known.label(c.name) for c in required).zh} 等列名",
                     f"the first row is no header; expected {joined(known.label(c.name) for c in required).en} "
                     "and so on"), address(row, 0), first)
        return None
    for column in required:
        if column.name not in at:
            problem(Text(f"缺少“{column.label.zh}”列", f"column {column.name} is missing"), f"{row + 1}")
    if len(problems) > before:
        return None

    for index in unknown:
        hint = suggestion(known, str(cells[index]))
        message = Text(f"未知的列，未读取{hint.zh}", f"unknown column, left out{hint.en}")
        warnings.append(Problem(raw.file, message, raw.name, address(row, index), str(cells[index])))
    fields = tuple(words.field(sheet, name, index) for name, index in at.items())
    return Header(row, tuple(cells), fields, tuple(i for i, c in enumerate(cells) if is_blank(c)))


def nameless_column(raw: RawSheet, header: Header, number: int, index: int, value: object) -> Problem:
    """The warning that a column without a header has values, of which row ``number`` has the first."""
    message = Text(f"{letters(index)} 列没有表头，未读取", f"column {letters(index)} has no header, left out")
    return Problem(raw.file, message, raw.name, address(number - 1, index), str(value))


def suggestion(words: Words, text: str) -> Text:
    """“Did you mean …?” to be put behind a message; empty where nothing comes near."""
    hint = words.nearest(text)
    return Text(f"；是否为“{hint.zh}”？", f"; did you mean {hint.en}?") if hint else Text("", "")
