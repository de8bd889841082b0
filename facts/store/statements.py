"""Finding the statements about given keys (按主键查找), in bulk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from facts.models import Row
from facts.store.tables import Revision, Statement

#: How many values one question names. Databases limit them, and planners dislike many.
ASKED_AT_ONCE = 500

#: What a row says: its values in the order of ``Statement.names()``, sets sorted.
Said = tuple[Any, ...]


def sayer(model: type[Statement]) -> Callable[[Row], Said]:
    """A function that tells what a row says; equal exactly if the rows say the same."""
    names = model.names()
    values = attrgetter(*names)
    if "sectors" not in names:
        return values
    place = names.index("sectors")

    def said(row: Row) -> Said:
        found: Said = values(row)
        sectors = found[place]
        return found if sectors is None else (*found[:place], tuple(sorted(set(sectors))), *found[place + 1 :])

    return said


def keyer(model: type[Statement]) -> Callable[[Said], Any]:
    """A function that picks the key out of what a row says: a tuple, or the value itself if one column is the key."""
    return itemgetter(*(model.names().index(name) for name in model.row.sheet.key))


def leader(model: type[Statement]) -> Callable[[Said], Any]:
    """A function that picks the first value of the key out of what a row says."""
    return itemgetter(model.names().index(model.row.sheet.key[0]))


def current(connection: Connection, model: type[Statement], leads: Iterable[Any]) -> Iterator[tuple[int, Said]]:
    """(id, what it says) of each current row whose key begins with one of ``leads``."""
    return _find(connection, model, leads, model.table().c.removed_in.is_(None))


def withdrawals(connection: Connection, model: type[Statement], leads: Iterable[Any]) -> Iterator[tuple[int, Said]]:
    """The same for rows that withdrew their key (作废) and were not undone, oldest first within a key."""
    columns, revisions = model.table().c, Revision.table().c
    undone = select(revisions.undoes).where(revisions.undoes.is_not(None))
    return _find(
        connection, model, leads, columns.void & columns.removed_in.is_not(None) & columns.stated_in.not_in(undone)
    )


def chunks(values: Sequence[Any], size: int = ASKED_AT_ONCE) -> Iterator[Sequence[Any]]:
    """``values`` in runs of at most ``size``."""
    return (values[start : start + size] for start in range(0, len(values), size))


def _find(
    connection: Connection, model: type[Statement], leads: Iterable[Any], condition: ColumnElement[bool]
) -> Iterator[tuple[int, Said]]:
    table = model.table()
    lead = table.c[model.row.sheet.key[0]]
    columns = [table.c[name] for name in model.names()]
    for chunk in chunks(sorted(set(leads))):
        question = select(table.c.id, *columns).where(lead.in_(chunk), condition).order_by(table.c.id)
        for row in connection.execute(question).all():
            yield row[0], row[1:]
