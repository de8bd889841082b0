"""Entering rows in bulk (成批写入): values are made fit for the database column by column, statements are made once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Compiled, Connection, Dialect, Table, bindparam, insert

#: How many values of a column are remembered as the database takes them; days and kinds come again and again.
_REMEMBERED = 50_000


def enter_rows(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]],
               same: Mapping[str, Any] | None = None) -> None:
    """Insert ``rows``, which have their values in the order of ``names``; ``same`` are values that all of them have.

    Errors are those of executing an insert.
    """
    enter_fit(connection, table, names, fit_rows(connection.dialect, table, names, rows), same)


def fit_rows(dialect: Dialect, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]],
             ) -> list[tuple[Any, ...]]:
    """``rows`` with their values as the database takes them. This needs no database."""
    columns = [_fit(_processor(table, name, dialect), values)
               for name, values in zip(names, zip(*rows, strict=True), strict=True)] if rows else []
    return list(zip(*columns, strict=True))


def enter_fit(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]],
              same: Mapping[str, Any] | None = None) -> None:
    """Insert rows that :func:`fit_rows` made; else as :func:`enter_rows`."""
    if not rows:
        return
    dialect, names = connection.dialect, (*names, *(same or {}))
    further = tuple(value if (processor := _processor(table, name, dialect)) is None else processor(value)
                    for name, value in (same or {}).items())
    if further:
        rows = [row + further for row in rows]
    enter = _entering(table, names, dialect)
    found: Any = rows
    if not enter.positional:
        found = [dict(zip(names, row, strict=True)) for row in rows]
    elif (order := enter.positiontup or []) != [*names]:
        # The statement names its columns in an order of its own.
        found = list(map(itemgetter(*(names.index(name) for name in order)), rows))
    connection.exec_driver_sql(str(enter), found)


def _processor(table: Table, name: str, dialect: Dialect) -> Callable[[Any], Any] | None:
    return table.c[name].type.dialect_impl(dialect).bind_processor(dialect)


@lru_cache(maxsize=64)
def _entering(table: Table, names: tuple[str, ...], dialect: Dialect) -> Compiled:
    return insert(table).values({name: bindparam(name) for name in names}).compile(dialect=dialect)


def _fit(processor: Callable[[Any], Any] | None, values: Sequence[Any]) -> Sequence[Any]:
    if processor is None:
        return values
    known: dict[Any, Any] = {}
    found = []
    for value in values:
        try:
            fit = known[value]
        except KeyError:
            fit = processor(value)
            if len(known) < _REMEMBERED:
                known[value] = fit
        except TypeError:
            fit = processor(value)
        found.append(fit)
    return found
