"""Ledgers to test on, on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from facts.store.database import open_database
from tests.databases import Server


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where an SQLite database may lie, alone in its folder; spaces and signs in a path are usual."""
    folder = tmp_path / "台账 100%"
    folder.mkdir()
    return folder / "治 本.db"


@pytest.fixture
def url(backend: str, request: pytest.FixtureRequest, file: Path) -> Iterator[str]:
    """A database that does not exist yet, or an empty one on the server."""
    if backend == "sqlite":
        yield f"sqlite:///{file}"
        return
    server: Server = request.getfixturevalue("server")
    url = server.make()
    yield url
    server.drop(url)


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new, empty ledger as SQLite file, to be copied."""
    file = tmp_path_factory.mktemp("blank") / "blank.db"
    open_database(f"sqlite:///{file}", create=True).dispose()
    return file


@pytest.fixture
def engine(backend: str, request: pytest.FixtureRequest, file: Path, blank: Path) -> Iterator[Engine]:
    """A new, empty ledger."""
    if backend == "sqlite":
        shutil.copyfile(blank, file)
        engine = open_database(f"sqlite:///{file}")
        yield engine
        engine.dispose()
        return
    with request.getfixturevalue("server").database() as url:
        engine = open_database(url)
        yield engine
        engine.dispose()


@pytest.fixture(scope="session")
def scratch(blank: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], AbstractContextManager[Engine]]:
    """Makes new, empty ledgers quickly, for tests that need one for each of many examples."""
    folder = tmp_path_factory.mktemp("scratch")
    numbers = itertools.count()

    @contextmanager
    def make() -> Iterator[Engine]:
        file = folder / f"{next(numbers)}.db"
        shutil.copyfile(blank, file)
        engine = open_database(f"sqlite:///{file}")
        engine.dispose()
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        yield engine
        engine.dispose()
        file.unlink()

    return make
