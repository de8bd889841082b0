"""Two at once: one waits for the other, or is told that it has to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from facts.store import database as store
from tests.crash.contents import content
from tests.crash.databases import Database, Sqlite
from tests.crash.deeds import LATER, Stages, done, outputs
from tests.crash.messages import refused
from tests.crash.victims import Victim

ZH, EN = "数据库正被另一个程序占用", "another program is using the database"
_HOLDING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("name", ["db upgrade", "import, new"])
def test_the_same_command_twice_at_once(stages: Stages, folder: Path, name: str) -> None:
    deed = stages.deed(name)
    calm, shared = stages.copy(deed.start), stages.copy(deed.start)
    done(calm.url, deed.at, *deed.called(folder))
    exact = isinstance(calm, Sqlite)
    with (Victim(deed.called(folder), deed.settings(shared.url), folder) as one,
          Victim(deed.called(folder), deed.settings(shared.url), folder) as other):
        ended = [(victim.wait(), victim.said()) for victim in (one, other)]
    # On a machine that has much else to do, the other may have had to wait too long.
    assert 0 in {status for status, _ in ended}, ended
    for status, said in ended:
        assert status == 0 or (status == 3 and EN in said), said
    assert content(shared.tables(), exact=exact) == content(calm.tables(), exact=exact)
    done(shared.url, LATER, "verify", "--all")
    assert outputs(shared.url, thorough=False) == outputs(calm.url, thorough=False)
    for database in (calm, shared):
        database.drop()


@contextmanager
def held(database: Database) -> Iterator[None]:
    """Somebody else writes to the database, and does not come to an end."""
    if isinstance(database, Sqlite):
        with subprocess.Popen([sys.executable, "-c", _HOLDING, str(database.file)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            yield
            holder.communicate()
        return
    address = make_url(database.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        for what in ("ledger", "outcomes", "waivers", "journal", "schema"):
            connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"zhiben {what}"])
        yield
        connection.rollback()


@pytest.mark.parametrize(("name", "language"), list(zip(
    ["import", "import undo", "sweep", "waive", "case confirm", "notices", "notices sent", "db upgrade"],
    cycle(["zh", "en"]), strict=False)))
def test_who_must_wait_too_long_is_told(stages: Stages, folder: Path, name: str, language: str,
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "PATIENCE", 0.2)
    deed = stages.deed(name)
    database = stages.copy(deed.start)
    exact = isinstance(database, Sqlite)
    before = content(database.tables(), exact=exact)
    with held(database):
        refused(database.url, deed.at, *deed.called(folder), zh=ZH, en=EN, languages=[language])
        assert content(database.tables(), exact=exact) == before
        if deed.start != "old":
            done(database.url, LATER, "verify", "--all")
    done(database.url, deed.at, *deed.called(folder))
    database.drop()
