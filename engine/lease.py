"""Leases in the database (租约): of several processes, on one machine or on many, one does the work.

Who holds a lease counts its *beats* up while it works. Others take it over when its process is known to have ended, or
when the beats have stood still for :data:`SILENCE` seconds *of their own watching*: no clock of any machine is read, so
clocks that differ or jump harm nothing.

Each taking raises the *fence* (栅栏号). A holder that was paused, thought dead and replaced wakes up with an old one.
It checks its fence in the transaction in which it writes (:meth:`Lease.check`), which also keeps the lease from being
taken before that transaction ends; so it cannot write any more, however long it slept.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any, ClassVar

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field
from sqlmodel.sql.sqltypes import UTCDateTime

from engine.logs import log
from facts.errors import BadInput, CouldNotBeDone, DatabaseBusy, LedgerError
from facts.language import Text
from facts.store.database import reading, writing
from facts.store.tables import Stored

#: After so many seconds without a beat a holder is given up; ``ZHIBEN_LEASE_SECONDS`` sets it.
SILENCE = 60.0
#: How many beats a holder makes in that time.
_BEATS = 6
_LONGEST = 3600
#: How often who waits looks, in seconds.
_LOOK = 0.5


class StoredLease(Stored, table=True):
    """A lease (租约). ``place`` is where its holder runs, ``process`` which process it is there; empty: nobody's."""

    __tablename__: ClassVar[str] = "leases"

    name: str = Field(primary_key=True)
    fence: int
    beats: int
    place: str | None = None
    process: str | None = None
    holder: str | None = None
    taken_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class LeaseHeld(CouldNotBeDone):
    """Somebody else holds it, and is alive."""


class LeaseLost(CouldNotBeDone):
    """It was taken over while this process was paused; nothing of what it did is written."""


@dataclass(frozen=True, slots=True)
class Holding:
    """How a lease stands: ``holder`` for people to read; ``None``: nobody's."""

    fence: int
    beats: int
    place: str | None
    process: str | None
    holder: str | None
    taken_at: datetime | None


class Lease:
    """A lease that is held; ``fence`` is its number, ``holder`` what others read of it."""

    def __init__(self, engine: Engine, name: str, fence: int) -> None:
        self._engine = engine
        self._name = name
        self.fence = fence
        self.holder = holder()
        self._over = threading.Event()
        self._beating = threading.Thread(target=self._beat, name=f"lease {name}", daemon=True)
        self._beating.start()

    def check(self, connection: Connection) -> None:
        """Make sure, in a transaction that writes, that the lease is still held; nobody takes it before its end.

        Raises :class:`LeaseLost`.
        """
        columns = StoredLease.table().c
        question = select(columns.fence, columns.place, columns.process).where(columns.name == self._name)
        # In a database that was put back from a backup, another's fence may have the same number.
        if connection.execute(question.with_for_update()).first() != (self.fence, _place(), _process(os.getpid())):
            raise LeaseLost(Text(
                "本进程停顿过久，其间已由他人接手；没有登记任何内容",
                "this process was paused for too long and somebody else has taken over; nothing of it was recorded"))

    def release(self) -> None:
        """Give it back, if it is still held."""
        self._over.set()
        self._beating.join()
        with suppress(LedgerError), _writing(self._engine) as connection:
            connection.execute(self._mine().values(place=None, process=None, holder=None, taken_at=None))

    def _mine(self) -> Any:
        columns = StoredLease.table().c
        return update(StoredLease.table()).where(columns.name == self._name, columns.fence == self.fence,
                                                 columns.process == _process(os.getpid()))

    def _beat(self) -> None:
        while not self._over.wait(silence() / _BEATS):
            # Who cannot beat because others are writing is not lost yet: nobody can take over either.
            with suppress(LedgerError), _writing(self._engine) as connection:
                if not connection.execute(self._mine().values(beats=StoredLease.table().c.beats + 1)).rowcount:
                    return


def _writing(engine: Engine) -> AbstractContextManager[Connection]:
    # Who is paused in the midst of it must not keep the others from taking over for longer than they wait anyway.
    return writing(engine, "leases", silence())


def silence() -> float:
    """How long a holder may be silent, in seconds. Raises :class:`~facts.errors.BadInput`."""
    given = os.environ.get("ZHIBEN_LEASE_SECONDS")
    if given is None:
        return SILENCE
    with suppress(ValueError):
        if 1 <= (seconds := float(given)) <= _LONGEST:
            return seconds
    raise BadInput(Text(f"环境变量 ZHIBEN_LEASE_SECONDS“{given}”应是 1 到 {_LONGEST} 的秒数",
                        f"ZHIBEN_LEASE_SECONDS {given!r}: expected seconds, from 1 to {_LONGEST}"))


@contextmanager
def held(engine: Engine, name: str, now: Callable[[], datetime], *, wait: bool = True,
         waiting: Callable[[Holding], None] = lambda other: None) -> Iterator[Lease]:
    """Hold the lease ``name`` within; wait for whoever holds it, and call ``waiting`` once with that.

    Raises :class:`LeaseHeld` at once without ``wait``.
    """
    lease = _take(engine, name, now, wait, waiting)
    try:
        yield lease
    finally:
        lease.release()


def _take(engine: Engine, name: str, now: Callable[[], datetime], wait: bool,
          waiting: Callable[[Holding], None]) -> Lease:
    seen, since, told = None, monotonic(), False
    while True:
        standing = looked_at(engine, name)
        state = None if standing is None else (standing.fence, standing.beats)
        if state != seen:
            seen, since = state, monotonic()
        silent = monotonic() - since
        if standing is None or standing.holder is None or _ended(standing) or silent > silence():
            try:
                lease = Lease(engine, name, _taken(engine, name, standing, now()))
                if standing is not None and standing.holder is not None:
                    log.warning("lease_taken_over", lease=name, fence=lease.fence, from_holder=standing.holder,
                                silent_seconds=round(silent, 1))
                return lease
            except DatabaseBusy:
                if standing is None or standing.holder is None or _ended(standing):
                    raise
                # Nor could the holder beat while others wrote.
                since = monotonic()
            except _Overtaken:
                continue
        elif not wait:
            raise LeaseHeld(Text(f"{standing.holder} 正在巡查；没有再开始一次",
                                 f"{standing.holder} is sweeping; no second sweep was begun"))
        if standing is not None and not told:
            log.info("lease_waited_for", lease=name, holder=standing.holder)
            waiting(standing)
            told = True
        sleep(_LOOK)


class _Overtaken(Exception):
    """Somebody else was quicker."""


def looked_at(engine: Engine, name: str) -> Holding | None:
    """How the lease stands; ``None``: nobody has ever held it."""
    with reading(engine) as connection:
        return entered(connection, name)


def entered(connection: Connection, name: str) -> Holding | None:
    """The same, in a transaction."""
    columns = StoredLease.table().c
    question = select(columns.fence, columns.beats, columns.place, columns.process, columns.holder, columns.taken_at)
    row = connection.execute(question.where(columns.name == name)).first()
    return None if row is None else Holding(*row)


def _taken(engine: Engine, name: str, standing: Holding | None, at: datetime) -> int:
    """Take the lease as it was seen standing; the new fence."""
    table = StoredLease.table()
    fence = 1 if standing is None else standing.fence + 1
    values = {"fence": fence, "beats": 0, "taken_at": at, **here()}
    with _writing(engine) as connection:
        if standing is None:
            try:
                connection.execute(insert(table).values(name=name, **values))
            except IntegrityError:
                raise _Overtaken from None
        elif not connection.execute(update(table).where(
                table.c.name == name, table.c.fence == standing.fence, table.c.beats == standing.beats,
        ).values(**values)).rowcount:
            raise _Overtaken
    return fence


def here() -> dict[str, str | None]:
    """This process, as it is entered."""
    return {"place": _place(), "process": _process(os.getpid()), "holder": holder()}


def alive(standing: Holding) -> bool | None:
    """Whether the process that is entered still runs; ``None``: it runs elsewhere, where nobody here can see it."""
    if _ended(standing):
        return False
    if standing.place == _place():
        return True
    # This machine has started anew since; a container may only have its host's name.
    same_host = (standing.holder or "").partition(",")[0] == socket.gethostname()
    same_boot = (standing.place or "").partition(" ")[0] == _place().partition(" ")[0]
    return False if same_host and not same_boot else None


def holder() -> str:
    """This process, for people to read."""
    return f"{socket.gethostname()}, {os.getpid()}"


def _ended(standing: Holding) -> bool:
    """Whether the holder is known to be no more: it ran in this very place, and its process is not there."""
    if standing.place != _place() or not standing.process:
        return False
    number = standing.process.split()[0]
    return _process(int(number)) != standing.process


def _place() -> str:
    """Where numbers of processes mean the same: this boot of this machine, or this container on it."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.stat('/proc/self/ns/pid').st_ino}"
    return socket.gethostname()


def _process(number: int) -> str | None:
    """A process, by number and beginning, so that a later one of the same number is another; ``None``: none."""
    try:
        # The name in brackets may hold spaces; the beginning is the 22nd value of all.
        values = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return None
    except OSError:
        pass
    else:
        return None if values[0] == "Z" else f"{number} {values[19]}"
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return None
    except OSError:
        pass
    return str(number)
