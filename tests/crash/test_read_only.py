"""A disk that is mounted read-only: who writes is told, who reads is served."""

from __future__ import annotations

import subprocess
import sys
from itertools import cycle
from pathlib import Path

import pytest

from tests.crash.contents import content
from tests.crash.databases import Sqlite
from tests.crash.deeds import LATER, Stages, done, outputs
from tests.crash.disks import read_only
from tests.crash.messages import refused

ZH, EN = "数据库只读", "the database is read-only"

#: More than fits into memory, so that the file is changed long before the end.
_HALF_WAY = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 2")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE records SET topic = 'x'")
print("half way", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(("name", "language"), list(zip(
    ["import", "import undo", "sweep", "waive", "case confirm", "notices", "notices sent", "db upgrade"],
    cycle(["zh", "en"]), strict=False)))
def test_who_writes_is_told(on_sqlite: Stages, folder: Path, name: str, language: str) -> None:
    deed = on_sqlite.deed(name)
    database = on_sqlite.copy(deed.start)
    assert isinstance(database, Sqlite)
    before = content(database.tables(), exact=True)
    with read_only(database.folder):
        refused(database.url, deed.at, *deed.called(folder), zh=ZH, en=EN, languages=[language])
        assert content(database.tables(), exact=True) == before
    assert [path.name for path in database.folder.iterdir()] == [database.file.name]
    done(database.url, deed.at, *deed.called(folder))


def test_a_new_database_is_not_made_there(on_sqlite: Stages, folder: Path) -> None:
    deed = on_sqlite.deed("import, new")
    database = on_sqlite.copy("none")
    assert isinstance(database, Sqlite)
    with read_only(database.folder):
        refused(database.url, deed.at, *deed.called(folder), zh=str(database.file), en=str(database.file))
    assert list(database.folder.iterdir()) == []


def test_who_reads_is_served(on_sqlite: Stages, folder: Path) -> None:
    database = on_sqlite.copy("swept")
    assert isinstance(database, Sqlite)
    before = outputs(database.url)
    with read_only(database.folder):
        assert outputs(database.url) == before
        done(database.url, LATER, "verify", "--all")
        done(database.url, LATER, "export", "violations", "--format", "csv", "-o", str(folder / "违规.csv"))


def test_what_a_killed_writer_left_is_told_of_there(on_sqlite: Stages, folder: Path) -> None:
    database = on_sqlite.copy("imported")
    assert isinstance(database, Sqlite)
    before = content(database.tables(), exact=True)
    with subprocess.Popen([sys.executable, "-c", _HALF_WAY, str(database.file)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"half way\n"
        writer.kill()
    assert not database.settled()
    with read_only(database.folder):
        refused(database.url, LATER, "verify", zh=ZH, en=EN)
    done(database.url, LATER, "verify", "--all")
    assert content(database.tables(), exact=True) == before
