"""The migrations make the tables that the models describe."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, select, text

import engine.journal_rows
import engine.operator_store
import engine.outcomes
import engine.parts
import engine.schedule  # noqa: F401  the tables of all of these belong to the schema
from facts.models import ROWS, RecordRow
from facts.store import schema
from facts.store.database import reading
from facts.store.tables import TABLES, Record, metadata
from tests.store.rows import code, day


def test_migrations_and_models_agree(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_on_sqlite_they_agree_to_the_word(file: Path, engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("compares the SQL that SQLite keeps")
    fresh = create_engine("sqlite://")
    metadata.create_all(fresh)

    def described(of: Engine) -> dict[str, str]:
        with of.connect() as connection:
            rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
            return {name: _normal(sql) for name, sql in rows if name != "alembic_version"}

    assert described(engine) == described(fresh)


def _normal(sql: str) -> str:
    """Columns in any order: constraints come in the order in which they were declared, added columns behind them."""
    parts = re.split(r",\s*(?![^()]*\))|\n\)", sql.removesuffix(")"))
    return " ".join(sorted(re.sub(r"\s+", " ", part).strip() for part in parts))


def test_the_number_is_alembics_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS).replace("%", "%%"))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.head()]


def test_every_field_of_every_row_has_its_column() -> None:
    assert TABLES.keys() == ROWS.keys()
    for sheet, model in TABLES.items():
        own = {"id", "stated_in", "added_in", "removed_in"}
        assert set(model.table().columns.keys()) - own == {field.name for field in fields(ROWS[sheet])}


def test_table_models_cannot_be_made_by_hand(engine: Engine) -> None:
    values = {"uscc": "not a code", "kind": "fire_check", "date": day("01-01")}
    with pytest.raises(TypeError, match="does not validate"):
        Record(**values)
    with pytest.raises(TypeError, match="does not validate"):
        Record.model_validate(RecordRow(**{**values, "uscc": code(1)}), from_attributes=True)
    with reading(engine) as connection:
        assert connection.execute(select(Record.table())).all() == []
