"""Databases as an earlier version of the program left them: its schema, with the rows of now as far as it had them."""

from __future__ import annotations

from typing import TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, Table, select, text

from facts.store import schema
from facts.store.database import connect
from tests.crash.databases import Database

Other = TypeVar("Other", bound=Database)


def made_older(newer: Database, empty: Other, number: str) -> Other:
    """``empty``, filled with what a program of the schema ``number`` would have kept of ``newer``."""
    source, target = connect(newer.url), connect(empty.url)
    with source.connect() as reading, target.connect().execution_options(zhiben_writes=True) as writing:
        with writing.begin():
            config = Config()
            config.set_main_option("script_location", str(schema.MIGRATIONS).replace("%", "%%"))
            config.set_main_option("path_separator", "os")
            config.attributes["connection"] = writing
            command.upgrade(config, number)
        with writing.begin(), reading.begin():
            kept = MetaData()
            kept.reflect(writing)
            held = MetaData()
            held.reflect(reading)
            for table in kept.sorted_tables:
                if table.name != "alembic_version":
                    _copy(reading, held.tables[table.name], writing, table)
    source.dispose()
    target.dispose()
    return empty


def _copy(reading: Connection, held: Table, writing: Connection, kept: Table) -> None:
    names = [column.name for column in kept.columns]
    question = select(*(text(f'"{name}"') for name in names)).select_from(held)
    rows = [dict(zip(names, row, strict=True)) for row in reading.execute(question)]
    if rows:
        marks = ", ".join(f":{name}" for name in names)
        listed = ", ".join(f'"{name}"' for name in names)
        writing.execute(text(f'INSERT INTO "{kept.name}" ({listed}) VALUES ({marks})'), rows)
    if writing.dialect.name == "postgresql" and rows and isinstance(rows[0].get("id"), int):
        writing.execute(text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"),
                        {"name": kept.name, "last": max(row["id"] for row in rows)})
