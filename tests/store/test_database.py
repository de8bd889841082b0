"""Opening, refusing and upgrading databases: whatever is refused stays as it is, byte for byte."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from facts.errors import (
    BadDatabaseUrl,
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseMissing,
    DatabaseReadOnly,
    DatabaseUnreachable,
    DiskFull,
    LedgerError,
    NotALedger,
    SchemaOutdated,
    SchemaTooNew,
)
from facts.store import database, schema
from facts.store.database import open_database, reading, upgrade, writing
from facts.store.imports import apply_import
from facts.store.reading import dossier
from tests.store.rows import NOW, code, enterprise, ledger, record


def revisions(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.scalar(text("SELECT count(*) FROM revisions"))


def refused(file: Path, error: type[LedgerError], *, create: bool = False) -> LedgerError:
    """Opening ``file`` raises ``error`` and changes nothing in its folder."""
    before = {path: path.read_bytes() for path in file.parent.iterdir()}
    with pytest.raises(error) as caught:
        open_database(f"sqlite:///{file}", create=create)
    assert {path: path.read_bytes() for path in file.parent.iterdir()} == before
    assert str(file) in caught.value.message.zh
    assert str(file) in caught.value.message.en
    return caught.value


def test_a_missing_database_is_not_created_by_looking(file: Path) -> None:
    error = refused(file, DatabaseMissing)
    assert "zhiben import" in error.message.en
    assert error.exit_code == 2
    with pytest.raises(DatabaseMissing):
        upgrade(f"sqlite:///{file}")
    assert not file.exists()


def test_create_makes_the_current_schema_once(url: str) -> None:
    engine = open_database(url, create=True)
    apply_import(engine, ledger(enterprise(1)), "a", NOW)
    engine.dispose()
    again = open_database(url, create=True)
    assert revisions(again) == 1
    again.dispose()


def test_an_empty_file_is_no_ledger_yet(file: Path) -> None:
    file.touch()
    refused(file, DatabaseMissing)
    open_database(f"sqlite:///{file}", create=True).dispose()
    assert file.stat().st_size > 0


@pytest.mark.parametrize("create", [False, True])
def test_another_programs_database_is_left_alone(file: Path, create: bool) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE notes (text)")
    connection.close()
    refused(file, NotALedger, create=create)


def test_another_programs_alembic_database_is_left_alone(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
    connection.close()
    refused(file, NotALedger)


def test_a_text_file_is_no_database(file: Path) -> None:
    file.write_text("企业,日期\n" * 1000, encoding="utf-8")
    error = refused(file, NotALedger, create=True)
    assert error.exit_code == 3


@pytest.mark.parametrize("url", ["zhiben.db", "mysql://host/name", "postgresql://host/name", "sqlite:///\0", "://"])
def test_a_url_of_another_kind(url: str) -> None:
    with pytest.raises((BadDatabaseUrl, DatabaseMissing)) as caught:
        open_database(url)
    assert caught.value.exit_code == 2


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachable, match="folder"):
        open_database(f"sqlite:///{tmp_path}/no/zhiben.db", create=True)


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachable):
        open_database(f"sqlite:///{tmp_path}", create=True)


def test_a_server_that_does_not_answer() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(DatabaseUnreachable) as caught:
        open_database("postgresql+psycopg://clerk:secret@127.0.0.1:1/ledger")
    assert "secret" not in caught.value.message.en


@pytest.fixture
def next_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program with one more migration than this one; returns that migration's file."""
    migrations = tmp_path / "next" / "migrations"
    shutil.copytree(schema.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    newer = f"{int(schema.head()) + 1:04d}"
    added = migrations / "versions" / f"{newer}_next.py"
    added.write_text(
        f"""
import sqlalchemy as sa
from alembic import op
revision, down_revision = {newer!r}, {schema.head()!r}
def upgrade():
    op.execute("CREATE TABLE extra (id INTEGER PRIMARY KEY)")
    with op.batch_alter_table("records") as records:
        records.add_column(sa.Column("inspector", sa.String(), server_default="unknown", nullable=False))
        records.alter_column("topic", new_column_name="subject")
""",
        encoding="utf-8",
    )
    monkeypatch.setattr(schema, "MIGRATIONS", migrations)
    return added


@pytest.fixture
def older(file: Path) -> Path:
    """A ledger that this program has written."""
    engine = open_database(f"sqlite:///{file}", create=True)
    apply_import(engine, ledger(enterprise(1, name="甲"), record(1, "02-03", topic="检查")), "a", NOW)
    engine.dispose()
    return file


def test_an_older_schema_is_refused_until_it_is_upgraded(older: Path, next_program: Path) -> None:
    error = refused(older, SchemaOutdated, create=True)
    assert "zhiben db upgrade" in error.message.en
    assert error.exit_code == 3

    newer_number = schema.head()
    older_number = f"{int(newer_number) - 1:04d}"
    assert upgrade(f"sqlite:///{older}") == (older_number, newer_number)
    engine = open_database(f"sqlite:///{older}")
    with reading(engine) as connection:
        rows = connection.execute(text("SELECT uscc, subject, inspector FROM records")).all()
    assert rows == [(code(1), "检查", "unknown")]
    engine.dispose()
    assert upgrade(f"sqlite:///{older}") == (newer_number, newer_number)


def test_a_newer_schema_is_refused(older: Path, next_program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(f"sqlite:///{older}")
    monkeypatch.undo()
    refused(older, SchemaTooNew)
    before = older.read_bytes()
    with pytest.raises(SchemaTooNew):
        upgrade(f"sqlite:///{older}")
    assert older.read_bytes() == before


@pytest.mark.parametrize(
    "harm",
    [
        "    raise RuntimeError('half way')\n",
        # References are not enforced while tables are made anew, so only the check at the end sees this.
        "    op.execute('UPDATE records SET stated_in = 99')\n",
    ],
)
def test_a_failed_upgrade_is_taken_back_wholly(older: Path, next_program: Path, harm: str) -> None:
    with next_program.open("a", encoding="utf-8") as script:
        script.write(harm)
    before = older.read_bytes()
    with pytest.raises((RuntimeError, LedgerError)):
        upgrade(f"sqlite:///{older}")
    assert older.read_bytes() == before
    refused(older, SchemaOutdated)


def test_writers_take_turns_and_give_up(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    first, second = open_database(f"sqlite:///{older}"), open_database(f"sqlite:///{older}")
    with writing(first):
        with pytest.raises(DatabaseBusy) as caught:
            apply_import(second, ledger(enterprise(2)), "b", NOW)
        assert revisions(second) == 1
    assert caught.value.exit_code == 3
    assert apply_import(second, ledger(enterprise(2)), "b", NOW).id == 2
    first.dispose()
    second.dispose()


def test_readers_see_one_state_from_first_to_last_statement(url: str) -> None:
    engine = open_database(url, create=True)
    apply_import(engine, ledger(enterprise(1)), "a", NOW)
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM enterprises")) == 1
        if engine.dialect.name == "postgresql":
            apply_import(engine, ledger(enterprise(2)), "b", NOW)
        assert connection.scalar(text("SELECT count(*) FROM enterprises")) == 1
    engine.dispose()


def pragma(engine: Engine, statement: str) -> None:
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute(statement))


def test_a_full_disk_leaves_nothing_half_written(older: Path) -> None:
    engine = open_database(f"sqlite:///{older}")
    before = older.read_bytes()
    pragma(engine, f"PRAGMA max_page_count = {len(before) // 4096 + 2}")
    rows = [enterprise(number, name="企业" * 50) for number in range(2, 500)]
    with pytest.raises(DiskFull):
        apply_import(engine, ledger(*rows), "b", NOW)
    engine.dispose()
    assert older.read_bytes() == before


def test_a_full_disk_under_a_new_ledger_leaves_no_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare = database._prepare_sqlite

    def prepare_with_little_room(connection: sqlite3.Connection, record: object) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA max_page_count = 3")

    monkeypatch.setattr(database, "_prepare_sqlite", prepare_with_little_room)
    refused(file, DiskFull, create=True)
    assert list(file.parent.iterdir()) == []
    file.touch()  # not made here, not taken away
    refused(file, DiskFull, create=True)
    assert list(file.parent.iterdir()) == [file]


def test_a_read_only_database_can_be_read(older: Path) -> None:
    engine = open_database(f"sqlite:///{older}")
    pragma(engine, "PRAGMA query_only = ON")
    assert dossier(engine, code(1)) is not None
    with pytest.raises(DatabaseReadOnly):
        apply_import(engine, ledger(enterprise(2)), "b", NOW)
    engine.dispose()


def test_a_damaged_file_is_named(older: Path) -> None:
    content = bytearray(older.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    older.write_bytes(content)
    with pytest.raises(DatabaseDamaged, match="backup"):
        open_database(f"sqlite:///{older}")


def test_faults_of_the_program_are_not_dressed_up(engine: Engine) -> None:
    with pytest.raises(Exception, match="no_such_table") as caught, reading(engine) as connection:
        connection.execute(text("SELECT * FROM no_such_table"))
    assert not isinstance(caught.value, LedgerError)
