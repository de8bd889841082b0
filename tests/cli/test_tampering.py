"""Whatever is changed, deleted or put in by hand is found and named, on SQLite as on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Engine, MetaData, Table, and_, delete, event, insert, select, update
from sqlalchemy.exc import DataError, IntegrityError

from engine.verification import mismatches
from facts.store.database import connect
from facts.store.tables import metadata as known
from tests.databases import BOTH, standing

DATABASES = BOTH
#: Numbers of rows without meaning, which nothing refers to.
MEANINGLESS = {"id"}
FACTS = {"enterprises", "records", "hazards", "accidents", "exhibitions", "coverage", "authorities", "certificates"}
#: What tells of the running of the program and not of enterprises: nobody is judged by it.
UNSEALED = {"alembic_version", "leases", "runs", "jobs", "shared_sweeps", "parts"}


@pytest.fixture
def engine(history: Path, backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A copy, for somebody who minds no references between its tables."""
    with standing(backend, request, history, tmp_path / "zhiben.db") as url:
        engine = connect(url)

        @event.listens_for(engine, "connect")
        def _careless(connection: Any, _: Any) -> None:
            careless = "PRAGMA foreign_keys = OFF" if backend == "sqlite" else "SET session_replication_role = replica"
            connection.execute(careless)
            if backend != "sqlite":
                connection.commit()

        yield engine
        engine.dispose()


def tables(engine: Engine) -> list[Table]:
    found = MetaData()
    found.reflect(engine)
    return [table for table in found.sorted_tables if table.name not in UNSEALED]


@contextmanager
def taken_back(engine: Engine) -> Iterator[Connection]:
    """A transaction that comes to nothing."""
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def named(connection: Connection, *begins: str) -> bool:
    """Whether any mismatch is of a place that begins so."""
    return any(each.line("en").startswith(begins) for each in mismatches(connection))


def other(value: Any, column: Column[Any]) -> Any:
    """Another value that the column could have."""
    match value:
        case bool():
            return not value
        case int() | Decimal():
            return value + 1
        case datetime():
            return value + timedelta(days=365)
        case date():
            return value + timedelta(days=1)
        case str() if value.startswith(("[", "{")):
            read = json.loads(value)
            return json.dumps([*read, "x"] if isinstance(read, list) else {**read, "x": 1})
        case str():
            return f"{value[:-1]}{'x' if value[-1:] != 'x' else 'y'}"
    kind = column.type.python_type
    plain = {date: date(2024, 1, 1), datetime: datetime(2024, 1, 1), str: '["x"]'}
    return plain[kind] if kind in plain else kind(1)


def identified(table: Table, row: dict[str, Any]) -> Any:
    return and_(*(column == row[column.name] for column in table.primary_key))


def some(connection: Connection, table: Table) -> dict[str, Any] | None:
    """A row from the middle of a table."""
    rows = connection.execute(select(table).order_by(*table.primary_key)).mappings().all()
    return dict(rows[len(rows) // 2]) if rows else None


def test_an_untouched_database_is_sound(engine: Engine) -> None:
    with taken_back(engine) as connection:
        assert list(mismatches(connection)) == []
        empty = {table.name for table in tables(engine) if some(connection, table) is None}
    assert empty <= {"letter_voids"}
    assert {table.name for table in tables(engine)} == known.tables.keys() - UNSEALED


def columns(table: Table, backend: str) -> Iterator[Column[Any]]:
    """All of them; on PostgreSQL, where verifying takes longer, one of each type."""
    one = {type(column.type): column for column in table.columns}
    for column in table.columns:
        if column.name in MEANINGLESS and table.name in FACTS:
            continue
        if backend == "sqlite" or column is one[type(column.type)]:
            yield column


def test_whatever_is_changed_by_hand_is_named(engine: Engine, backend: str) -> None:
    missed, tried = [], 0
    for table in tables(engine):
        for column in columns(table, backend):
            with taken_back(engine) as connection:
                if (row := some(connection, table)) is None:
                    continue
                value = row[column.name]
                now = other(value, column)
                try:
                    connection.execute(update(table).where(identified(table, row)).values({column.name: now}))
                except (IntegrityError, DataError):
                    # The database itself does not let it pass.
                    continue
                tried += 1
                if not named(connection, table.name, f"entries {row.get('uscc', row.get('seal', ''))}"):
                    missed.append((table.name, column.name, value, now))
    assert missed == []
    assert tried > (150 if backend == "sqlite" else 50)
    with taken_back(engine) as connection:
        assert not named(connection, "")


def test_whatever_is_deleted_or_put_in_is_named(engine: Engine) -> None:
    missed, tried = [], 0
    for table in tables(engine):
        *_, last = table.primary_key
        with taken_back(engine) as connection:
            if (row := some(connection, table)) is None:
                continue
            connection.execute(delete(table).where(identified(table, row)))
            if not named(connection, table.name, "entries", "seals"):
                missed.append((table.name, "deleted"))
            tried += 1
        with taken_back(engine) as connection:
            strange = {**row, last.name: other(row[last.name], last)}
            try:
                connection.execute(insert(table).values(strange))
            except (IntegrityError, DataError):
                continue
            if not named(connection, table.name, "entries", "seals"):
                missed.append((table.name, "put in", strange))
            tried += 1
    assert missed == []
    assert tried > 30
