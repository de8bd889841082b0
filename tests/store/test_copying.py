"""Copying a whole database: nothing is left behind, nothing changes on the way, and it is all or nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, inspect, select, text

from engine import copies
from engine.verification import mismatches
from facts.errors import BadInput, CouldNotBeDone, NotALedger
from facts.store import copying, journal
from facts.store.copying import TargetNotEmpty
from facts.store.database import connect, open_database, reading, writing
from facts.store.imports import apply_import, last_revision
from facts.store.tables import metadata
from facts.store.undo import undo_import
from tests.cli.conftest import history  # noqa: F401
from tests.databases import Server
from tests.store.rows import NOW, enterprise, ledger

ROOT = Path(__file__).parents[2]


@pytest.fixture
def other(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A place for a copy, on the other kind of server than the test's own."""
    if backend == "postgresql":
        yield f"sqlite:///{tmp_path / 'copy.db'}"
        return
    server: Server = request.getfixturevalue("server")
    url = server.make()
    yield url
    server.drop(url)


@pytest.fixture
def full(history: Path, backend: str, request: pytest.FixtureRequest) -> Iterator[Engine]:  # noqa: F811
    """A database with something in each table."""
    if backend == "sqlite":
        engine = open_database(f"sqlite:///{history}")
        yield engine
        engine.dispose()
        return
    with request.getfixturevalue("server").database(history) as url:
        engine = open_database(url)
        yield engine
        engine.dispose()


def rows(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with reading(engine) as connection:
        return {table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
                for table in metadata.sorted_tables}


def head(engine: Engine) -> journal.Seal | None:
    with reading(engine) as connection:
        return journal.newest(connection)


def test_there_and_back_again(full: Engine, other: str, tmp_path: Path) -> None:
    there = copies.copy(full, other)
    assert there.mismatch is None
    assert there.seal == head(full)
    copied = open_database(other)
    assert rows(copied) == rows(full)
    assert there.rows == {name: len(each) for name, each in rows(full).items()}
    # A sweep that is over leaves no parts.
    assert sum(not count for name, count in there.rows.items() if name not in ("parts", "shared_sweeps")) <= 2
    back = connect(f"sqlite:///{tmp_path / 'back.db'}")
    copies.copy(copied, f"sqlite:///{tmp_path / 'back.db'}")
    assert rows(back) == rows(full)
    with reading(copied) as one, reading(back) as two:
        assert list(mismatches(one)) == list(mismatches(two)) == []
        assert set(inspect(one).get_table_names()) == set(inspect(two).get_table_names())


def test_work_goes_on_in_the_copy(full: Engine, other: str) -> None:
    copies.copy(full, other)
    copied = open_database(other)
    before = last_revision(copied)
    report = apply_import(copied, ledger(enterprise(1), enterprise(2)), "later", NOW)
    assert report.id == before + 1
    assert undo_import(copied, report.id, NOW).id == before + 2
    with reading(copied) as connection:
        assert list(mismatches(connection)) == []


def test_a_database_with_something_in_it_is_left_alone(full: Engine, other: str) -> None:
    target = open_database(other, create=True)
    apply_import(target, ledger(enterprise(1)), "there before", NOW)
    before = rows(target)
    with pytest.raises(TargetNotEmpty):
        copies.copy(full, other)
    assert rows(target) == before
    with pytest.raises(BadInput, match="itself"):
        copies.copy(target, other)


def test_one_that_was_made_and_never_used_is_taken(full: Engine, other: str) -> None:
    open_database(other, create=True).dispose()
    assert copies.copy(full, other).seal == head(full)


def test_a_database_of_somebody_else_is_left_alone(full: Engine, other: str) -> None:
    target = connect(other)
    with target.begin() as connection:
        connection.execute(text("CREATE TABLE bikes (colour VARCHAR)"))
    with pytest.raises(NotALedger):
        copies.copy(full, other)
    with target.connect() as connection:
        assert inspect(connection).get_table_names() == ["bikes"]


def test_what_came_in_meanwhile_is_in_the_next_copy(full: Engine, other: str) -> None:
    if full.dialect.name == "sqlite":
        pytest.skip("on SQLite whoever writes waits until it has been read")
    before, done = rows(full), []

    def meanwhile(copied: int, of: int) -> None:
        if not done:
            done.append(apply_import(full, ledger(enterprise(1)), "meanwhile", NOW))

    assert copies.copy(full, other, progress=meanwhile).mismatch is None
    assert rows(open_database(other)) == before != rows(full)


def test_what_does_not_verify_is_copied_as_it_is_and_said(engine: Engine, other: str) -> None:
    apply_import(engine, ledger(enterprise(1, name="甲"), enterprise(2)), "a", NOW)
    with writing(engine) as connection:
        connection.execute(text("UPDATE enterprises SET name = '乙' WHERE name = '甲'"))
    made = copies.copy(engine, other)
    assert made.mismatch is not None
    assert made.mismatch.place.startswith("enterprises")
    assert rows(open_database(other)) == rows(engine)


def test_what_the_target_cannot_hold_is_named_and_all_is_taken_back(engine: Engine, other: str) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("only SQLite holds any value in any column")
    apply_import(engine, ledger(enterprise(1, name="甲")), "a", NOW)
    with writing(engine) as connection:
        connection.execute(text("UPDATE enterprises SET name = '甲' || char(0) || '乙'"))
    with pytest.raises(CouldNotBeDone, match="enterprises"):
        copies.copy(engine, other)
    with connect(other).connect() as connection:
        assert inspect(connection).get_table_names() == []


def test_a_row_that_changes_on_the_way_is_noticed(full: Engine, other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    batches = copying._batches

    def altered(connection: Connection, table: Table) -> Iterator[Any]:
        for batch in batches(connection, table):
            here = connection.engine.url.render_as_string(hide_password=False)
            yield batch[here == other and table.name == "records":]

    monkeypatch.setattr(copying, "_batches", altered)
    with pytest.raises(CouldNotBeDone, match="did not arrive"):
        copies.copy(full, other)


def test_killed_in_the_middle_it_leaves_nothing(full: Engine, other: str) -> None:
    program = ("import sys, time; from engine import copies; from facts.store.database import open_database\n"
               "def slowly(done, of):\n    print(done, flush=True); time.sleep(0.05)\n"
               "copies.copy(open_database(sys.argv[1]), sys.argv[2], progress=slowly)")
    source = full.url.render_as_string(hide_password=False)
    for after in (1, 12):
        with subprocess.Popen([sys.executable, "-c", program, source, other], stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
            assert process.stdout is not None
            for _ in range(after):
                assert process.stdout.readline()
            process.send_signal(signal.SIGKILL)
        with connect(other).connect() as connection:
            end = monotonic() + 10
            # The server notices only when it writes to whoever is gone.
            while (found := inspect(connection).get_table_names()) and monotonic() < end:
                sleep(0.1)
            assert found == []
    assert copies.copy(full, other).seal == head(full)
