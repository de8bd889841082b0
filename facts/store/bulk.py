"""Entering rows in bulk (成批写入): values are made fit for the database column by column, statements are made once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Compiled, Connection, Dialect, Table, bindparam, insert

#: How many values of a column are remembered as the database takes them; days and kinds come again and again.
_REMEMBERED = 50_000


def enter_rows(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]],
               same: Mapping[str, Any] | None = None) -> None:
    """Insert ``rows``, which have their values in the order of ``names``; ``same`` are values that all of them have.

    Errors are those of executing an insert.
    """
    if not rows:
        return
    same, dialect = same or {}, connection.dialect
    enter = _entering(table, (*names, *same), dialect)
    columns: dict[str, Sequence[Any]] = {}
    for name, values in zip(names, zip(*rows, strict=True), strict=True):
        columns[name] = _fit(table.c[name].type.dialect_impl(dialect).bind_processor(dialect), values)
    for name, value in same.items():
        processor = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        columns[name] = [processor(value) if processor else value] * len(rows)
    if enter.positional:
        # One tuple a row, in the order in which the statement names its columns.
        found: Any = list(zip(*(columns[name] for name in enter.positiontup or ()), strict=True))
    else:
        found = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    connection.exec_driver_sql(str(enter), found)


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
