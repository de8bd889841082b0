"""Databases to test on: SQLite, or a PostgreSQL server where ``ZHIBEN_TEST_POSTGRES`` names one."""

from __future__ import annotations

import itertools
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, make_url, text

from facts.store.database import open_database


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where an SQLite database may lie, alone in its folder; spaces and signs in a path are usual."""
    folder = tmp_path / "台账 100%"
    folder.mkdir()
    return folder / "治 本.db"


@pytest.fixture
def url(file: Path) -> Iterator[str]:
    """A database that does not exist yet, or an empty one on the server."""
    server = os.environ.get("ZHIBEN_TEST_POSTGRES")
    if not server:
        yield f"sqlite:///{file}"
        return
    name = f"zhiben_{uuid.uuid4().hex}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """A new, empty ledger."""
    engine = open_database(url, create=True)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], AbstractContextManager[Engine]]:
    """Makes new, empty ledgers quickly, for tests that need one for each of many examples."""
    folder = tmp_path_factory.mktemp("scratch")
    open_database(f"sqlite:///{folder}/blank.db", create=True).dispose()
    numbers = itertools.count()

    @contextmanager
    def make() -> Iterator[Engine]:
        file = folder / f"{next(numbers)}.db"
        file.write_bytes((folder / "blank.db").read_bytes())
        engine = open_database(f"sqlite:///{file}")
        engine.dispose()
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        yield engine
        engine.dispose()
        file.unlink()

    return make
