"""One ledger on PostgreSQL, large enough to be cut into parts, and a cluster for it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from tests.cli.ledger import RESTAURANT, SHEETS, code, write_folder
from tests.cluster.dask_processes import RANGE, Dask
from tests.crash.databases import Postgres
from tests.crash.deeds import done
from tests.databases import Server

#: With those of the shared ledger they make four parts.
_FURTHER = range(101, 401)
_FIRST = date(2025, 3, 1)


@pytest.fixture(scope="session")
def ledger(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A database with the ledger and a waiver, never swept; to be copied."""
    sectors = ("餐饮", "hotel", "retail")
    enterprises = [[code(n), f"企业{n}", "120102", sectors[n % 3], n % 200, "", "", "2020-01-01", "", "2020-01-01",
                    "2022-01-01"] for n in _FURTHER]
    records = [[code(n), "leadership_inspection", date(2024, 1, 1) + timedelta(days=n % 300)] for n in _FURTHER]
    sheets = {**SHEETS, "enterprises": [*SHEETS["enterprises"], *enterprises],
              "records": [*SHEETS["records"], *records]}
    folder = write_folder(tmp_path_factory.mktemp("cluster") / "ledger", sheets)
    database = Postgres(server)
    done(database.url, "2025-02-01T09:00", "import", str(folder))
    done(database.url, "2025-02-02T09:00", "waive", RESTAURANT, "evacuation_drill", "--to", "2025-12-31",
         "--by", "张三", "--reason", "停电")
    yield database
    database.drop()


@pytest.fixture(scope="session")
def shared(ledger: Postgres) -> Iterator[Postgres]:
    """The database that the workers of the cluster have."""
    database = ledger.copy()
    yield database
    database.drop()


@pytest.fixture(scope="session")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """A scheduler; each test starts the workers that it wants."""
    with Dask(tmp_path_factory.mktemp("dask")) as made:
        yield made


@pytest.fixture(scope="session")
def _nights() -> Iterator[date]:
    return (_FIRST + timedelta(days=n) for n in itertools.count())


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.sweep._RANGE", RANGE)


@pytest.fixture
def night(_nights: Iterator[date]) -> str:
    """Half past two of a night that no test has swept yet."""
    return f"{next(_nights)}T02:30"
