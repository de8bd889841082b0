"""The empty workbook that a clerk starts from (台账模板): headers, drop-downs, notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from facts.headers import NOTES, Dictionary
from facts.language import Language, Text
from facts.models import DeclaredFact
from facts.sheets import letters
from facts.spelling import Words
from facts.vocabulary import AUTHORITIES, ENTERPRISES, RECORDS, SHEETS, Column, Sheet, Type

#: Rows below the header that get drop-downs and formats.
PREPARED_ROWS = 5_000

_HOW: Mapping[Type, Text] = {
    Type.USCC: Text("18 位，按营业执照", "18 characters, as on the licence"),
    Type.AUTHORITY: Text("2 至 40 个字符，不含空格", "2 to 40 characters, no spaces"),
    Type.SUBJECT: Text("18 位，按营业执照", "18 characters, as on the licence"),
    Type.DIVISION: Text("6 位数字，如 120102", "6 digits such as 120102"),
    Type.DATE: Text("日期，如 2024-03-11", "a date such as 2024-03-11"),
    Type.LAST: Text("日期，或“无”", "a date, or never"),
    Type.INT: Text("整数", "a whole number"),
    Type.DECIMAL: Text("数字", "a number"),
    Type.BOOL: Text("是 或 否", "yes or no"),
    Type.SET: Text("一项或多项，用“；”隔开，可用的词见“说明”页", "one or more, separated by ; see the notes sheet"),
    Type.KIND: Text("从下拉列表选择", "choose from the list"),
    Type.CODE: Text("从下拉列表选择", "choose from the list"),
}
_RULES = (
    Text("一行一条，表头只占一行，不用合并单元格、不用公式；用不到的列和表可以删去。",
         "One row each under one header row, no merged cells, no formulas; delete columns and sheets not used."),
    Text("深色表头的列必填。空格、“/”或“—”表示不清楚，不表示没有；没有填“否”或“无”。",
         "Dark headers must be filled. Blank, / or — means not known, not none; for none write no or never."),
    Text("企业情况有变时另起一行，写明生效日期；写错的行照原样改正后重新导入；撤回一行在“作废”填“是”。",
         "When an enterprise changes, add a row with its valid_from; to correct a row import it again; "
         "to withdraw one write yes under void."),
    Text("“部门”表填自身也有事项要办的机关，如区商务局、街道；它们的履职记录在“统一社会信用代码”列填部门代码。",
         "The authorities sheet is for bureaus, streets and others with duties of their own; "
         "their records have the authority's code under uscc."),
)
_CODES = (Type.USCC, Type.AUTHORITY, Type.SUBJECT)


@dataclass(frozen=True, slots=True)
class _Styles:
    header: Format
    required: Format
    day: Format
    text: Format
    wrap: Format


def write_template(path: Path, language: Language, declared: Mapping[str, DeclaredFact], kinds: Mapping[str, Text],
                   sectors: Mapping[str, Text], authority_kinds: Mapping[str, Text] | None = None) -> None:
    """Write the workbook to ``path``, headers and lists in ``language``. Raises ``OSError`` if that cannot be done.

    ``declared``, ``kinds``, ``sectors`` and ``authority_kinds`` are what rule packs add to the vocabulary.
    """
    words = Dictionary(declared, kinds, sectors, authority_kinds)
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        styles = _Styles(
            book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1}),
            book.add_format({"bold": True, "bg_color": "#1F4E78", "font_color": "#FFFFFF", "border": 1}),
            book.add_format({"num_format": "yyyy-mm-dd"}),
            book.add_format({"num_format": "@"}),
            book.add_format({"text_wrap": True, "valign": "top"}),
        )
        pages = [(sheet, book.add_worksheet(sheet.label(language))) for sheet in SHEETS]
        lists = _write_notes(book.add_worksheet(NOTES(language)), words, language, styles)
        for sheet, page in pages:
            _write_sheet(page, sheet, _columns(sheet, words), language, styles, lists)


def _columns(sheet: Sheet, words: Dictionary) -> list[Column]:
    further = [Column(f.name, f.label, f.type) for f in words.declared.values()] if sheet is ENTERPRISES else []
    *columns, void = sheet.columns
    return [*columns, *further, void]


def _write_notes(page: Worksheet, words: Dictionary, language: Language, styles: _Styles) -> dict[str, str]:
    """The notes sheet; returns where its lists of words stand, for drop-downs, by the column that they are for."""
    page.set_column(0, 1, 34)
    page.set_column(2, 2, 60)
    for row, rule in enumerate(_RULES):
        page.merge_range(row, 0, row, 2, rule(language), styles.wrap)
        page.set_row(row, 34)
    top = len(_RULES) + 1
    places = {}
    lists = ((ENTERPRISES, "sectors", words.sectors), (RECORDS, "kind", words.kinds),
             (AUTHORITIES, "kind", words.authority_kinds))
    for column, (sheet, name, list_) in enumerate(lists):
        label = sheet.column(name).label
        page.write_string(top, column, f"{sheet.label(language)}: {name}" if language == "en" else label.zh,
                          styles.header)
        shown = [_shown(list_, name, language) for name in list_.words]
        page.write_column(top + 1, column, shown)
        at = letters(column)
        places[label.zh] = f"='{NOTES(language)}'!${at}${top + 2}:${at}${top + 1 + len(shown)}"
    return places


def _write_sheet(page: Worksheet, sheet: Sheet, columns: list[Column], language: Language, styles: _Styles,
                 lists: Mapping[str, str]) -> None:
    page.freeze_panes(1, 1)
    for index, column in enumerate(columns):
        label = column.label(language)
        page.write_string(0, index, label, styles.required if column.required else styles.header)
        if note := _note(column, language):
            page.write_comment(0, index, note, {"x_scale": 1.6})
        style = {Type.DATE: styles.day, Type.LAST: styles.day, Type.INT: None, Type.DECIMAL: None}.get(
            column.type, styles.text)
        page.set_column(index, index, 24 if column.type in _CODES else max(10, 2 * len(label) + 2), style)
        if validation := _validation(column, language, lists):
            page.data_validation(1, index, PREPARED_ROWS, index, validation)


def _note(column: Column, language: Language) -> str:
    how = _HOW.get(column.type)
    separator = "。" if language == "zh" else ". "
    return separator.join(text(language) for text in (how, column.note) if text is not None)


def _validation(column: Column, language: Language, lists: Mapping[str, str]) -> dict[str, object] | None:
    match column.type:
        case Type.BOOL:
            choices: object = ["是", "否"] if language == "zh" else ["yes", "no"]
        case Type.SET | Type.KIND | Type.CODE if column.label.zh in lists:
            choices = lists[column.label.zh]
        case Type.CODE:
            choices = [_shown(Words(column.choices or {}), name, language) for name in column.choices or {}]
        case _:
            return None
    # A list to choose from, not a fence: several sectors go into one cell, and other spellings are read too.
    return {"validate": "list", "source": choices, "ignore_blank": True, "show_error": False}


def _shown(words: Words, name: str, language: Language) -> str:
    return words.words[name].zh if language == "zh" else name
