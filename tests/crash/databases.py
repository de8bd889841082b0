"""Databases that are copied quickly, and looked at from outside while somebody writes to them."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import sqlite3
import struct
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import URL, make_url

from tests.databases import Server

#: Table -> (names of its columns, rows).
Tables = dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]]


class Database(Protocol):
    """A database that may not exist yet; ``journal`` is what a killed writer leaves to be rolled back by the next."""

    url: str
    #: How often it can be looked at without keeping a processor busy, in seconds.
    look: float

    def copy(self) -> Database:
        """Another one with the same content; nobody is at work on either."""

    def written(self) -> bool:
        """Whether somebody is inside a transaction that writes, at this moment."""

    def settled(self) -> bool:
        """Whether a killed writer has left nothing to be rolled back by whoever opens the database next."""

    def tables(self) -> Tables:
        """All that it holds."""

    def drop(self) -> None:
        """Have done with it."""


class Sqlite:
    """An SQLite file, alone in its folder."""

    look = 0.003
    _numbers = itertools.count()

    def __init__(self, root: Path) -> None:
        self._root = root
        self.folder = root / f"{next(self._numbers)}"
        self.folder.mkdir(parents=True)
        self.file = self.folder / "治本.db"
        self.url = f"sqlite:///{self.file}"

    def copy(self) -> Sqlite:
        other = Sqlite(self._root)
        if self.file.exists():
            shutil.copy(self.file, other.file)
        return other

    def written(self) -> bool:
        # Byte 0x40000001 of the file is the one that SQLite locks from BEGIN IMMEDIATE to the end of the transaction.
        asked = struct.pack("hhqqi", fcntl.F_RDLCK, os.SEEK_SET, 0x40000001, 1, 0)
        try:
            with self.file.open("rb") as stream:
                found = fcntl.fcntl(stream, fcntl.F_GETLK, asked)
        except FileNotFoundError:
            return False
        return struct.unpack("hhqqi", found)[0] != fcntl.F_UNLCK

    def settled(self) -> bool:
        journal = self.file.with_name(f"{self.file.name}-journal")
        return not (journal.exists() and journal.stat().st_size)

    def tables(self) -> Tables:
        if not self.file.exists():
            return {}
        with closing(sqlite3.connect(self.file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            names = [name for name, in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
            return {name: _read(connection.execute(f'SELECT * FROM "{name}"')) for name in names}

    def drop(self) -> None:
        shutil.rmtree(self.folder)


class Postgres:
    """A database on a PostgreSQL server, as safe against loss as servers are."""

    look = 0.008

    def __init__(self, server: Server, template: str | None = None) -> None:
        self._server = server
        if template is not None:
            # A template may have no visitors.
            name = make_url(template).database
            with _admin(template) as admin:
                admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
                _until(lambda: not admin.execute("SELECT 1 FROM pg_stat_activity WHERE datname = %s",
                                                 [name]).fetchone())
        self.url = server.make(template)
        self.name = make_url(self.url).database
        self._watching = _admin(self.url)
        self._watching.execute(f"ALTER DATABASE {self.name} SET synchronous_commit = on")

    def copy(self) -> Postgres:
        return Postgres(self._server, self.url)

    def written(self) -> bool:
        # Its own database is all the victim's: whoever is inside a transaction there that has a number, or the lock by
        # which this program's writers take turns, writes.
        return self._watching.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = %(name)s AND a.xact_start IS NOT NULL AND "
            "(a.backend_xid IS NOT NULL OR EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND "
            "l.locktype = 'advisory' AND l.granted)))", {"name": self.name}).fetchone() == (True,)

    def settled(self) -> bool:
        # The server rolls back as soon as it sees that the other end is gone, which it does after the statement.
        _until(lambda: not self._watching.execute("SELECT 1 FROM pg_stat_activity WHERE datname = %s AND backend_type "
                                                  "= 'client backend' AND xact_start IS NOT NULL",
                                                  [self.name]).fetchone())
        return True

    def tables(self) -> Tables:
        with psycopg.connect(_address(self.url), autocommit=True) as connection:
            connection.execute("SET datestyle = 'ISO'")
            names = [name for name, in connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")]
            return {name: _read(connection.execute(f'SELECT * FROM "{name}"')) for name in names}

    def move(self, folder: Path) -> None:
        """Move it to another disk of the server's machine."""
        self._watching.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self.name])
        self._watching.execute(f"CREATE TABLESPACE small LOCATION '{folder}'")
        self._watching.execute(f"ALTER DATABASE {self.name} SET TABLESPACE small")

    def cut(self) -> int:
        """Cut all connections to it; how many there were."""
        return len(self._watching.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s "
                                          "AND backend_type = 'client backend'", [self.name]).fetchall())

    def drop(self) -> None:
        self._watching.close()
        self._server.drop(self.url)


def _admin(url: str) -> psycopg.Connection[Any]:
    """A connection to another database of the same server."""
    return psycopg.connect(_address(make_url(url).set(database="postgres")), autocommit=True)


def _read(cursor: Any) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    names = tuple(column[0] for column in cursor.description)
    return names, [tuple(row) for row in cursor.fetchall()]


def _address(url: str | URL) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _until(true: object) -> None:
    assert callable(true)
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "the server does not let go of a connection"
        time.sleep(0.002)
