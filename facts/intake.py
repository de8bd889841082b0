"""Reading a ledger (台账读取): files in, validated rows and everything that is wrong with them out.

Nothing is written and nothing raised: whatever is wrong with the files is in the result.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from facts.consistency import check_days, check_keys, check_owners, settle_versions
from facts.headers import NOTES, Dictionary, Header, suggestion
from facts.language import Text
from facts.ledger import EMPTY, KnownEnterprise, KnownLedger, Ledger, Problem, RejectedRow, RejectedRows
from facts.models import DeclaredFact
from facts.sheets import RawSheet, Source, Unreadable, column_number
from facts.source import open_source, sha256_of
from facts.spelling import fold, joined
from facts.subjects import check_authorities, check_subjects, gather_subjects
from facts.tables import Progress, Table, read_table
from facts.vocabulary import AUTHORITIES, ENTERPRISES, ITEM_SHEETS, SHEETS

__all__ = ["EMPTY", "KnownEnterprise", "KnownLedger", "Ledger", "Problem", "read_ledger"]

_CHANGED = Text("读取期间文件变了；请等写完后重新导入",
                "changed while it was read; import it again when it is complete")
_ADDRESS = re.compile(r"([A-Z]*)([0-9]*)")


def _silent(sheet: str, done: int, of: int) -> None:
    pass


def read_ledger(path: Path, known: KnownLedger, declared: Mapping[str, DeclaredFact], kinds: Mapping[str, Text],
                sectors: Mapping[str, Text], today: date, progress: Progress = _silent, *,
                skip_bad_rows: bool = False, authority_kinds: Mapping[str, Text] | None = None) -> Ledger:
    """Read the ledger at ``path`` (workbook, folder, zip or .csv) and hold it against what is ``known``.

    ``declared``, ``kinds``, ``sectors`` and ``authority_kinds`` are what rule packs add to the vocabulary. With
    ``skip_bad_rows`` the rows that hang on a bad row are problems too, and ``rejected`` is filled.
    """
    words = Dictionary(declared, kinds, sectors, authority_kinds)
    source = open_source(path)
    ledger = Ledger(_sha256(path) if source.sheets else "")
    ledger.problems += source.problems
    ledger.warnings += source.warnings
    tables = _tables(source, path, words, ledger, progress)
    if source.sheets and _sha256(path) != ledger.sha256:
        ledger.problems.append(Problem(path.name, _CHANGED))
    _compare(tables, known, today, skip_bad_rows)

    order = {id(table.raw): n for n, table in enumerate(tables)}
    for table in sorted(tables, key=lambda t: order[id(t.raw)]):
        ledger.problems += sorted(table.problems, key=_position)
        ledger.warnings += sorted(table.warnings, key=_position)
        left_out = table.unusable | table.repeated
        rows = ledger.rows.setdefault(table.sheet.name, [])
        origins = ledger.origins.setdefault(table.sheet.name, [])
        for row, number in zip(table.rows, table.numbers, strict=True):
            if number not in left_out:
                rows.append(row)
                origins.append(number)
    if skip_bad_rows and not ledger.broken:
        ledger.rejected += [rejected for table in tables if (rejected := _rejected(table)) is not None]
    return ledger


def _sha256(path: Path) -> str:
    try:
        return sha256_of(path)
    except (OSError, ValueError):
        return ""


def _tables(source: Source, path: Path, words: Dictionary, ledger: Ledger, progress: Progress) -> list[Table]:
    found: dict[str, list[RawSheet]] = {sheet.name: [] for sheet in SHEETS}
    for raw in source.sheets:
        name = words.sheets.find(raw.name)
        if name is not None:
            found[name].append(raw)
        elif fold(raw.name) not in {fold(NOTES.zh), fold(NOTES.en)}:
            hint = suggestion(words.sheets, raw.name)
            message = Text(f"未知的表，未读取{hint.zh}", f"unknown sheet, left out{hint.en}")
            ledger.warnings.append(Problem(raw.file, message, raw.name))
    tables = [read_table(raw, sheet, words, progress) for sheet in SHEETS for raw in found[sheet.name]]
    if not tables and not ledger.problems:
        names = joined(sheet.label for sheet in SHEETS)
        ledger.problems.append(Problem(path.name, Text(f"没有一张认识的表；应有 {names.zh} 中的若干",
                                                       f"no known sheet; expected some of {names.en}")))
    return tables


def _compare(tables: list[Table], known: KnownLedger, today: date, report_moot: bool) -> None:
    by_sheet: dict[str, list[Table]] = {sheet.name: [t for t in tables if t.sheet is sheet] for sheet in SHEETS}
    enterprises, authorities = by_sheet[ENTERPRISES.name], by_sheet[AUTHORITIES.name]
    earlier = settle_versions(enterprises, known)
    for group in by_sheet.values():
        check_keys(group)
    others = [t for t in tables if any(c.name == "uscc" for c in t.sheet.columns) and t not in enterprises]
    subjects = gather_subjects(enterprises, authorities, others, earlier, known)
    for table in others:
        check_subjects(table, subjects, report_moot=report_moot)
    for table in authorities:
        check_authorities(table)
    for table in tables:
        check_days(table, today)
    for table in [t for sheet in ITEM_SHEETS.values() for t in by_sheet[sheet.name]]:
        check_owners(table, known)


def _position(problem: Problem) -> tuple[int, int, str]:
    letters, digits = _ADDRESS.match(problem.cell or "").groups()  # type: ignore[union-attr]
    return int(digits or 0), len(letters), letters


def _rejected(table: Table) -> RejectedRows | None:
    """The unusable rows of a table as they stand in the file, which is read a second time for them."""
    if not table.unusable or table.header is None:
        return None
    reasons: dict[int, list[Text]] = {}
    for problem in table.problems:
        if problem.row is not None:
            reasons.setdefault(problem.row, []).append(_with_header(problem, table.header))
    rows = []
    try:
        for number, cells in enumerate(table.raw.load().rows, 1):
            if number in reasons:
                rows.append(RejectedRow(number, tuple(cells), tuple(reasons[number])))
    except Unreadable:
        return None
    return RejectedRows(table.raw.name, table.header.cells, tuple(rows))


def _with_header(problem: Problem, header: Header) -> Text:
    """The message with the column's header in front: the addresses of the file of rejected rows are others."""
    name, _ = _ADDRESS.match(problem.cell or "").groups()  # type: ignore[union-attr]
    index = column_number(name)
    if not name or index >= len(header.cells):
        return problem.message
    label = str(header.cells[index])
    return Text(f"{label}：{problem.message.zh}", f"{label}: {problem.message.en}")
