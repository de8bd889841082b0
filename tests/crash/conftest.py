"""Databases to do harm to, of both kinds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.databases import Postgres, Sqlite
from tests.crash.deeds import Stages
from tests.databases import BOTH, Server


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """SQLite files at each stage."""
    folder = tmp_path_factory.mktemp("sqlite")
    return Stages(Sqlite(folder / "databases"), folder)


@pytest.fixture(scope="session")
def on_postgresql(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """Databases on the server at each stage."""
    stages = Stages(Postgres(server), tmp_path_factory.mktemp("postgresql"))
    yield stages
    stages.drop()


@pytest.fixture(params=BOTH)
def kind(request: pytest.FixtureRequest) -> str:
    """Both kinds of database, one after the other."""
    return request.param


@pytest.fixture
def stages(kind: str, request: pytest.FixtureRequest) -> Stages:
    """The stages of that kind."""
    return request.getfixturevalue("on_sqlite" if kind == BOTH[0] else "on_postgresql")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
