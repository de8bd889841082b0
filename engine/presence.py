"""Which daemons there are (守护进程在场): each enters itself as it starts and takes itself out as it stops.

One that was killed leaves its entry behind, which shows that it ended without a word.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, select

from engine.lease import Holding, StoredLease, alive, here
from engine.logs import log
from facts.errors import LedgerError
from facts.store.database import reading, writing

#: What the entries of daemons begin with; no lease is called so.
DAEMON = "daemon"


@contextmanager
def shown(engine: Engine, what: str, now: Callable[[], datetime]) -> Iterator[None]:
    """Within, this process is entered as one of those that are ``what``; a database that cannot be written is logged.

    Those of them that ended without a word, here, are taken out.
    """
    name = f"{what} {socket.gethostname()} {os.getpid()}"
    _write(engine, [name, *(other for other, holding in _entered(engine, what) if alive(holding) is False)], name, now)
    try:
        yield
    finally:
        _write(engine, [name], None, now)


def present(connection: Connection, what: str) -> list[Holding]:
    """Those that are entered as ``what``; :func:`~engine.lease.alive` tells whether they are there."""
    return [holding for _, holding in _rows(connection, what)]


def _entered(engine: Engine, what: str) -> list[tuple[str, Holding]]:
    try:
        with reading(engine) as connection:
            return _rows(connection, what)
    except LedgerError:
        return []


def _rows(connection: Connection, what: str) -> list[tuple[str, Holding]]:
    columns = StoredLease.table().c
    question = select(columns.name, columns.fence, columns.beats, columns.place, columns.process, columns.holder,
                      columns.taken_at).where(columns.name.startswith(f"{what} ", autoescape=True))
    return [(name, Holding(*row)) for name, *row in connection.execute(question.order_by(columns.taken_at))]


def _write(engine: Engine, gone: list[str], come: str | None, now: Callable[[], datetime]) -> None:
    table = StoredLease.table()
    try:
        with writing(engine, "leases") as connection:
            connection.execute(delete(table).where(table.c.name.in_(gone)))
            if come is not None:
                connection.execute(insert(table).values(name=come, fence=0, beats=0, taken_at=now(), **here()))
    except LedgerError as error:
        log.error("database_unavailable", message=error.message.en)
