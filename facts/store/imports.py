"""Taking a ledger into the store (导入).

One transaction and one revision, and nothing is overwritten:

- a row whose key is new is added; one that differs from what the ledger says of its key replaces that row (a
  correction); one that says the same changes nothing. An import without any change leaves no revision behind, so
  importing the same file twice is importing it once;
- a row marked 作废 (``void``) ends what the ledger says of its key, if it says anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, func, insert, select, update

from facts.errors import ImportOvertaken
from facts.language import Text
from facts.ledger import Ledger
from facts.models import Row
from facts.store.bulk import enter_rows
from facts.store.database import reading, writing
from facts.store.journal import Journal
from facts.store.statements import Said, chunks, current, keyer, leader, sayer
from facts.store.tables import TABLES, Revision, Statement
from facts.store.testimony import Testimony

#: How many rows are compared, and handed to the database, at once.
AT_ONCE = 10_000


@dataclass(slots=True)
class SheetCounts:
    """What an import changed in one sheet, in rows."""

    new: int = 0
    corrected: int = 0
    unchanged: int = 0
    voided: int = 0


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. ``id`` is the number by which it can be undone; ``None``: it changed nothing."""

    id: int | None
    sheets: Mapping[str, SheetCounts]


@dataclass(frozen=True, slots=True)
class PastImport:
    """An import of the past (历次导入); ``undone_in`` is the number of the revision that undid it, if any."""

    id: int
    at: datetime
    source: str
    sha256: str
    counts: Mapping[str, Mapping[str, int]]
    undone_in: int | None


def apply_import(
    engine: Engine, ledger: Ledger, source_name: str, now: datetime, *, seen: int | None = None
) -> ImportReport:
    """Write ``ledger`` to the store, all of it or nothing. ``now`` has a time zone.

    The caller has seen to it that the ledger has no problems left; each key stands in it once. ``seen`` is the
    :func:`last_revision` of the store that the caller held the ledger against. Raises ``TypeError`` for a row that is
    not an instance of its sheet's row class, :class:`~facts.errors.ImportOvertaken` when that revision is no longer
    the last, and other :class:`~facts.errors.LedgerError`.
    """
    for sheet, rows in ledger.rows.items():
        _insist_on_validated(TABLES[sheet], rows)
    with writing(engine) as connection:
        if seen not in (None, _last_revision(connection)):
            raise ImportOvertaken(
                Text("核对期间另有一次导入或撤销，没有导入；请重试",
                     "another import or undo came in meanwhile, nothing was imported; try again")
            )  # fmt: skip
        changes = [_compare(connection, TABLES[sheet], rows) for sheet, rows in ledger.rows.items()]
        counts = {change.model.row.sheet.name: change.counts for change in changes}
        if not any(change.ended or change.added or change.withdrawn for change in changes):
            return ImportReport(None, counts)
        revision = revise(
            connection,
            at=now,
            kind="import",
            source=source_name,
            sha256=ledger.sha256,
            counts={sheet: asdict(count) for sheet, count in counts.items()},
        )
        journal, testimony = Journal(connection), Testimony()
        for change in changes:
            _write(connection, change, revision)
            testimony.add(change.model, revision, False, change.added)
            testimony.add(change.model, revision, True, change.withdrawn)
            testimony.end(change.model, change.ended.values())
        testimony.enter(journal, revision)
        journal.close("import", now, {
            "revision": revision, "source": source_name, "sha256": ledger.sha256, "sheets": testimony.of_nobody(),
            "counts": {sheet: asdict(count) for sheet, count in counts.items()}})
    return ImportReport(revision, counts)


def compare_import(engine: Engine, ledger: Ledger) -> ImportReport:
    """What :func:`apply_import` would change; nothing is written."""
    with reading(engine) as connection:
        return ImportReport(
            None, {sheet: _compare(connection, TABLES[sheet], rows).counts for sheet, rows in ledger.rows.items()}
        )


def last_revision(engine: Engine) -> int:
    """The number of the last import or undo, 0 before the first: as long as it stands, the ledger is the same."""
    with reading(engine) as connection:
        return _last_revision(connection)


def _last_revision(connection: Connection) -> int:
    return connection.scalar(select(func.coalesce(func.max(Revision.table().c.id), 0)))


def past_imports(engine: Engine) -> list[PastImport]:
    """All imports that changed something, oldest first."""
    revisions = Revision.table().alias()
    undo = Revision.table().alias()
    columns = revisions.c
    question = (
        select(columns.id, columns.at, columns.source, columns.sha256, columns.counts, undo.c.id)
        .outerjoin(undo, undo.c.undoes == columns.id)
        .where(columns.kind == "import")
        .order_by(columns.id)
    )
    with reading(engine) as connection:
        return [PastImport(*row) for row in connection.execute(question)]


def revise(connection: Connection, **values: Any) -> int:
    """Enter a revision and return its number."""
    return connection.execute(insert(Revision.table()).values(**values)).inserted_primary_key[0]


@dataclass(slots=True)
class _Change:
    """What an import changes in one table: rows that end, by their ids, what comes, what withdraws its key."""

    model: type[Statement]
    ended: dict[int, Said] = field(default_factory=dict)
    added: list[Said] = field(default_factory=list)
    withdrawn: list[Said] = field(default_factory=list)
    counts: SheetCounts = field(default_factory=SheetCounts)


def _insist_on_validated(model: type[Statement], rows: Sequence[Row]) -> None:
    # Constructing a row class is validating, and its instances cannot be changed: the class is the proof.
    for row in rows:
        if type(row) is not model.row:
            raise TypeError(f"{model.__name__} takes {model.row.__name__}, not {type(row).__name__}")


def _compare(connection: Connection, model: type[Statement], rows: Sequence[Row]) -> _Change:
    change = _Change(model)
    said, key, lead = sayer(model), keyer(model), leader(model)
    table = model.table()
    empty = connection.execute(select(table.c.id).where(table.c.removed_in.is_(None)).limit(1)).first() is None
    for void in (True, False):
        # In order of the leading key, so that indexes grow at their end and an enterprise's rows lie side by side.
        says = sorted((said(row) for row in rows if row.void is void), key=lead)
        for batch in chunks(says, AT_ONCE):
            found = () if empty else current(connection, model, map(lead, batch))
            known = {key(old): (number, old) for number, old in found}
            judge = _void if void else _state
            for one in batch:
                judge(change, one, *known.get(key(one), _NOTHING))
    return change


_NOTHING = (None, None)


def _void(change: _Change, said: Said, number: int | None, before: Said | None) -> None:
    if number is None or before is None:
        change.counts.unchanged += 1
        return
    change.ended[number] = before
    change.withdrawn.append(said)
    change.counts.voided += 1


def _state(change: _Change, said: Said, number: int | None, before: Said | None) -> None:
    if said == before:
        change.counts.unchanged += 1
        return
    change.added.append(said)
    if number is None or before is None:
        change.counts.new += 1
    else:
        change.ended[number] = before
        change.counts.corrected += 1


def _write(connection: Connection, change: _Change, revision: int) -> None:
    table, names = change.model.table(), change.model.names()
    if change.ended:
        end = update(table).where(table.c.id == bindparam("number")).values(removed_in=revision)
        connection.execute(end, [{"number": number} for number in change.ended])
    for says, removed_in, void in ((change.added, None, False), (change.withdrawn, revision, True)):
        same = {"stated_in": revision, "added_in": revision, "removed_in": removed_in, "void": void}
        for batch in chunks(says, AT_ONCE):
            enter_rows(connection, table, names, batch, same)
