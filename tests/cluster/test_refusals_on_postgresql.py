"""Where a sweep cannot be shared out, one line says why, and nothing is recorded."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from engine import cluster as clusters
from tests.cluster.dask_processes import Dask, no_password_told
from tests.crash.contents import content
from tests.crash.databases import Postgres
from tests.crash.deeds import done, run
from tests.crash.messages import said_once

_AT = "2025-02-27T09:00"


def refused(url: str, status: int, words: str, *options: str) -> None:
    """The sweep ends with this exit status, in one line with these words."""
    result = run(url, _AT, "sweep", *options)
    assert result.exit_code == status, result.output
    said_once(result, words)


def test_what_is_asked_wrongly(ledger: Postgres, tmp_path: Path) -> None:
    sqlite = f"sqlite:///{tmp_path / 'zhiben.db'}"
    done(sqlite, _AT, "db", "copy", "--db", ledger.url, sqlite)
    somewhere = ("--cluster", "tcp://127.0.0.1:8786")
    refused(sqlite, 2, "--cluster needs a PostgreSQL database", *somewhere)
    refused(ledger.url, 2, "--workers does not go with --cluster", *somewhere, "--workers", "2")
    refused(ledger.url, 2, "expected the address of a Dask scheduler", "--cluster", "here")


def test_nobody_there(ledger: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    before = content(ledger.tables(), exact=True)
    monkeypatch.setattr(clusters, "_TO_CONNECT", 0.5)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        refused(ledger.url, 3, "no Dask scheduler answers", "--cluster", address)
        silent.listen()
        refused(ledger.url, 3, "no Dask scheduler answers", "--cluster", address)
    monkeypatch.setitem(sys.modules, "distributed", None)
    refused(ledger.url, 3, "pip install 'zhiben[cluster]'", "--cluster", address)
    assert content(ledger.tables(), exact=True) == before


def test_workers_that_must_not_judge(dask: Dask, ledger: Postgres) -> None:
    before = content(ledger.tables(), exact=True)
    for threads, database, words in ((2, ledger.url, "this worker has 2 threads"), (1, None, "has no ZHIBEN_DB")):
        dask.work(database, threads=threads)
        refused(ledger.url, 3, words, "--cluster", dask.address)
        dask.kill()
    no_password_told(dask, ledger)
    assert content(ledger.tables(), exact=True) == before
