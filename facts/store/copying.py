"""Copying a whole database into another (整库复制), between SQLite and PostgreSQL either way.

One transaction reads and one writes: what is copied is one state of the source, and the target has all of it or
nothing. Rows pass through in batches, so a country's ledger needs no more memory than a district's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Integer, Select, Table, func, insert, inspect, select, text
from sqlalchemy.exc import DataError, IntegrityError

from facts.errors import CouldNotBeDone, LedgerError
from facts.language import Text
from facts.store import schema
from facts.store.database import PATIENCE, place_of, reading
from facts.store.tables import metadata

#: How many rows are in memory at once.
BATCH = 5_000
_MODULUS = 1 << 256

Progress = Callable[[int, int], None]


class TargetNotEmpty(CouldNotBeDone):
    """The database to be written has something in it; it is left alone."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds: how many rows, and the sum of their hashes, in whatever order they stand."""

    rows: int
    total: int


def copy_database(source: Engine, target: Engine, *, check: Callable[[Connection, Connection], None] | None = None,
                  clear: Callable[[Connection], None] | None = None,
                  progress: Progress = lambda done, of: None) -> Mapping[str, int]:
    """Copy all tables of ``source`` to ``target``, which holds nothing yet; return the number of rows of each.

    ``target`` may have this program's schema, an older one, or none; it has this program's afterwards. Every row is
    read back and compared before anything is kept. ``clear`` is called first, with the connection to the target, and
    may make room there; ``check`` is called last, with the connections to source and target, and may raise to have all
    taken back. Raises :class:`TargetNotEmpty`, :class:`~facts.errors.NotALedger`,
    :class:`~facts.errors.SchemaTooNew` or another :class:`~facts.errors.LedgerError`; the target is then as it was.
    """
    with reading(source) as origin, _receiving(target) as connection:
        tables = _tables(origin, place_of(source))
        total = sum(_count(origin, table) for table in tables)
        if clear is not None:
            clear(connection)
        make_ready(connection, place_of(target))
        copied: dict[str, Content] = {}
        done = 0
        for table in tables:
            for rows, content in _copied(origin, connection, table, place_of(source), place_of(target)):
                copied[table.name] = content
                progress(done := done + rows, total)
        for table in tables:
            if _content(_batches(connection, table)) != copied[table.name]:
                raise CouldNotBeDone(Text(
                    f"{place_of(target)}：{table.name} 复制后与原库不符，已全部撤回",
                    f"{place_of(target)}: {table.name} did not arrive as it was sent; all was taken back"))
            _count_on(connection, table)
        if check is not None:
            check(origin, connection)
        return {name: content.rows for name, content in copied.items()}


def make_ready(connection: Connection, place: str) -> None:
    """Give an empty database this program's schema. Raises :class:`TargetNotEmpty` if it holds anything."""
    found = schema.found(connection)
    if found is not None:
        schema.check(found, place, upgradable=True)
        if holds_anything(connection):
            raise TargetNotEmpty(Text(f"{place}：其中已有数据，未作改动；请另指一个空的数据库",
                                      f"{place}: it has data in it and was left as it is; name an empty database"))
    schema.migrate(connection, place)


def holds_anything(connection: Connection) -> bool:
    """Whether any table has a row, the schema's own number aside."""
    names = set(inspect(connection).get_table_names()) - {"alembic_version"}
    quote = connection.dialect.identifier_preparer.quote
    return any(connection.scalar(text(f"SELECT 1 FROM {quote(name)} LIMIT 1")) for name in sorted(names))


def _tables(connection: Connection, place: str) -> Sequence[Table]:
    """All tables, each after those that it refers to."""
    schema.check(schema.found(connection), place)
    unknown = set(inspect(connection).get_table_names()) - {*metadata.tables, "alembic_version"}
    if unknown:
        raise CouldNotBeDone(Text(f"{place}：其中有治本不认识的表（{'、'.join(sorted(unknown))}），没有复制",
                                  f"{place}: it has tables that Zhiben does not know ({', '.join(sorted(unknown))}); "
                                  "nothing was copied"))
    return metadata.sorted_tables


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


@contextmanager
def _receiving(engine: Engine) -> Iterator[Connection]:
    """A transaction that makes the schema and writes everything; a file that it began is gone if it fails."""
    file = Path(engine.url.database or "") if engine.dialect.name == "sqlite" else None
    absent = file is not None and not file.exists()
    try:
        with engine.connect().execution_options(zhiben_writes=True) as connection:
            if file is not None:
                # Tables are made anew by migrations; the pragma has no effect inside a transaction.
                connection.connection.execute("PRAGMA foreign_keys = OFF")
            try:
                with connection.begin():
                    if file is None:
                        connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}s'"))
                        for what in ("schema", "ledger", "outcomes", "waivers", "journal"):
                            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:what))"),
                                               {"what": f"zhiben {what}"})
                    yield connection
            finally:
                if file is not None:
                    connection.connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        if absent:
            engine.dispose()
            with suppress(OSError):
                file.unlink(missing_ok=True)
        raise


def _copied(origin: Connection, target: Connection, table: Table, place: str,
            destination: str) -> Iterator[tuple[int, Content]]:
    """Copy one table; after each batch its number of rows, and what was copied until then."""
    content = Content(0, 0)
    try:
        for batch in _batches(origin, table):
            content = _content([batch], content)
            target.execute(insert(table), [dict(row._mapping) for row in batch])
            yield len(batch), content
    except (DataError, IntegrityError, UnicodeError) as error:
        why = str(getattr(error, "orig", error)).splitlines()[0]
        raise CouldNotBeDone(Text(
            f"{destination}：装不下 {table.name} 中的一个值（{why}），没有复制；请用 zhiben verify 核验 {place}",
            f"{destination}: it cannot hold a value of {table.name} ({why}), nothing was copied; check {place} with "
            "zhiben verify")) from error
    except LedgerError:
        raise
    except (ValueError, TypeError, ArithmeticError) as error:
        raise CouldNotBeDone(Text(f"{place}：{table.name} 中有读不出的值，没有复制；请用 zhiben verify 核验",
                                  f"{place}: {table.name} has a value that cannot be read, nothing was copied; check "
                                  "it with zhiben verify")) from error
    yield 0, content


def _batches(connection: Connection, table: Table) -> Iterable[Sequence[Any]]:
    question: Select[Any] = select(table).order_by(*table.primary_key)
    return connection.execute(question, execution_options={"yield_per": BATCH}).partitions()


def _content(batches: Iterable[Sequence[Any]], before: Content = Content(0, 0)) -> Content:
    rows, total = before.rows, before.total
    for batch in batches:
        rows += len(batch)
        for row in batch:
            total += int.from_bytes(hashlib.sha256(repr(tuple(row)).encode("utf-8", "surrogatepass")).digest())
    return Content(rows, total % _MODULUS)


def _count_on(connection: Connection, table: Table) -> None:
    """Let the numbers that the server gives go on after the highest that was copied."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key:
        if len(table.primary_key) == 1 and isinstance(column.type, Integer):
            sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
            highest = connection.scalar(select(func.max(column)))
            if sequence is not None and highest is not None:
                connection.execute(select(func.setval(sequence, highest)))
