"""Taking an import back (撤销导入): a revision of its own, in one transaction, that overwrites nothing.

Undoing withdraws the statements of one import. Where one of them is what the ledger says of its key, the last statement
of that key by an import not undone becomes what it says again; where a later import has replaced it, nothing changes. A
row that a later import merely repeated goes too: the first import brought it, the later one changed nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, and_, func, insert, literal, null, or_, select, update

from facts.errors import ImportNotUndoable, UnknownImport
from facts.language import Text
from facts.store.database import writing
from facts.store.imports import revise
from facts.store.journal import Journal
from facts.store.tables import TABLES, Revision, Statement
from facts.store.testimony import of_revision


@dataclass(frozen=True, slots=True)
class UndoCounts:
    """What an undo changed in one sheet: rows that the ledger says no longer, rows that it says again."""

    withdrawn: int
    restored: int


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What an undo did; ``id`` is its own number, ``import_id`` that of the import it took back."""

    id: int
    import_id: int
    sheets: Mapping[str, UndoCounts]


def undo_import(engine: Engine, import_id: int, now: datetime) -> UndoReport:
    """Withdraw what the import ``import_id`` brought. ``now`` has a time zone.

    Raises :class:`~facts.errors.UnknownImport`, :class:`~facts.errors.ImportNotUndoable` (undone before, or itself an
    undo) or another :class:`~facts.errors.LedgerError`.
    """
    with writing(engine) as connection:
        _check(connection, import_id)
        revision = revise(connection, at=now, kind="undo", undoes=import_id, counts={})
        sheets = {sheet: _undo(connection, model, import_id, revision) for sheet, model in TABLES.items()}
        connection.execute(
            update(Revision.table())
            .where(Revision.table().c.id == revision)
            .values(counts={sheet: asdict(counts) for sheet, counts in sheets.items()})
        )
        journal, testimony = Journal(connection), of_revision(connection, revision)
        testimony.enter(journal, revision)
        journal.close("undo", now, {"revision": revision, "undoes": import_id, "sheets": testimony.of_nobody(),
                                    "counts": {sheet: asdict(counts) for sheet, counts in sheets.items()}})
    return UndoReport(revision, import_id, sheets)


def _check(connection: Connection, import_id: int) -> None:
    revisions = Revision.table().c
    kind = connection.scalar(select(revisions.kind).where(revisions.id == import_id))
    if kind is None:
        raise UnknownImport(
            Text(f"没有编号为 {import_id} 的导入；zhiben db imports 列出全部导入",
                 f"there is no import {import_id}; zhiben db imports shows all of them")
        )  # fmt: skip
    if kind != "import":
        raise ImportNotUndoable(
            Text(f"{import_id} 号本身是一次撤销，不能再撤销；如需恢复，请重新导入原文件",
                 f"{import_id} is itself an undo and cannot be undone; import the file again instead")
        )  # fmt: skip
    if connection.scalar(select(revisions.id).where(revisions.undoes == import_id)) is not None:
        raise ImportNotUndoable(
            Text(f"{import_id} 号导入此前已撤销，未作改动；如需恢复，请重新导入原文件",
                 f"import {import_id} has been undone before, nothing was changed; import the file to have it back")
        )  # fmt: skip


def _undo(connection: Connection, model: type[Statement], import_id: int, revision: int) -> UndoCounts:
    table, revisions = model.table(), Revision.table().c
    undone = select(revisions.undoes).where(revisions.undoes.is_not(None))
    # A statement of the import may have been brought back by a later undo; nothing else adds it.
    undos = select(revisions.id).where(revisions.kind == "undo", revisions.id > import_id)
    columns = table.c
    withdrawn = connection.execute(
        update(table)
        .where(
            columns.stated_in == import_id,
            columns.removed_in.is_(None),
            or_(columns.added_in == import_id, columns.added_in.in_(undos)),
        )
        .values(removed_in=revision)
    ).rowcount

    # The keys about which the import said something that still counted: rows just ended, and withdrawals.
    names = model.row.sheet.key
    touched = (
        select(*(columns[name] for name in names))
        .where(
            columns.removed_in.is_not(None),
            or_(columns.removed_in == revision, and_(columns.removed_in == import_id, columns.void)),
        )
        .distinct()
        .subquery()
    )
    past, now = table.alias(), table.alias()
    latest = (
        select(func.max(past.c.id))
        .join(touched, and_(*(past.c[name] == touched.c[name] for name in names)))
        .where(past.c.removed_in.is_not(None), past.c.stated_in.not_in(undone))
        .group_by(*(past.c[name] for name in names))
    )
    still_said = (
        select(now.c.id)
        .where(now.c.removed_in.is_(None), *(now.c[name] == columns[name] for name in names))
        .exists()
    )
    said = ("void", *model.names())
    again = select(*(columns[name] for name in said), columns.stated_in, literal(revision), null()).where(
        columns.id.in_(latest), ~columns.void, ~still_said
    )
    restore = insert(table).from_select([*said, "stated_in", "added_in", "removed_in"], again)
    restored = connection.execute(restore.execution_options(preserve_rowcount=True)).rowcount
    return UndoCounts(withdrawn, restored)
