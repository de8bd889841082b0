"""What was run, as of which business date, and how it ended (运行登记).

A *business date* (业务日期) is the date a sweep is held as of. A sweep's run is ``done`` in the very transaction that
records its verdicts, so the one is never there without the other. These tables are about the running of the program,
not about enterprises: the journal does not hold them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, Index, func, insert, select, update
from sqlmodel import Field
from sqlmodel.sql.sqltypes import UTCDateTime

from facts.store.columns import CivilDate, Json
from facts.store.tables import Stored

#: The job that all the others follow upon.
SWEEP = "sweep"

RUNNING = "running"
DONE = "done"
#: It ended by itself without doing what it was to do; ``message`` says why.
FAILED = "failed"
#: Somebody stopped it.
STOPPED = "stopped"
#: Its process ended, or went silent, without a word.
LOST = "lost"
#: A missed night that was not to be made up for.
SKIPPED = "skipped"


class StoredRun(Stored, table=True):
    """One run of a job (一次运行). ``holder`` is who ran it, ``fence`` the number of the lease it was run under.

    ``known_at``: it went by what was known then; ``seal``: the journal's newest seal when it was done; ``said``: what
    it reported; ``message``: why it failed, or what it printed.
    """

    __tablename__: ClassVar[str] = "runs"
    __table_args__: ClassVar[Any] = (Index("ix_runs_job", "job", "business_date"),)

    id: int | None = Field(default=None, primary_key=True)
    job: str
    business_date: date = Field(sa_type=CivilDate)
    state: str
    holder: str
    fence: int | None = None
    known_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    started_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    seal: int | None = None
    said: Any = Field(default=None, sa_type=Json, nullable=True)
    message: str | None = None


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run as it stands in the database."""

    id: int
    job: str
    business_date: date
    state: str
    holder: str
    fence: int | None
    known_at: datetime | None
    started_at: datetime
    ended_at: datetime | None
    seal: int | None
    said: Mapping[str, Any] | None
    message: str | None


def begin(connection: Connection, job: str, business_date: date, started_at: datetime, *, holder: str,
          fence: int | None = None, known_at: datetime | None = None) -> int:
    """Enter a run that begins; its number."""
    values = {"job": job, "business_date": business_date, "state": RUNNING, "holder": holder, "fence": fence,
              "known_at": known_at, "started_at": started_at}
    return connection.execute(insert(StoredRun.table()).values(**values)).inserted_primary_key[0]


def end(connection: Connection, number: int, state: str, ended_at: datetime, *, seal: int | None = None,
        said: Mapping[str, Any] | None = None, message: str | None = None) -> None:
    """Enter how a run ended."""
    table = StoredRun.table()
    connection.execute(update(table).where(table.c.id == number).values(
        state=state, ended_at=ended_at, seal=seal, said=said, message=message))


def skip(connection: Connection, business_date: date, at: datetime, *, holder: str) -> None:
    """Enter that the sweep of a night is not made up for."""
    end(connection, begin(connection, SWEEP, business_date, at, holder=holder), SKIPPED, at)


def lose(connection: Connection, job: str, at: datetime) -> int:
    """Give up the runs of a job that say they are running, when nobody can be; how many these were."""
    columns = StoredRun.table().c
    lost = update(StoredRun.table()).where(columns.job == job, columns.state == RUNNING)
    return connection.execute(lost.values(state=LOST, ended_at=at)).rowcount


def last(connection: Connection, job: str, *, state: str | None = None, business_date: date | None = None,
         ) -> PastRun | None:
    """The newest run of a job, or the newest in a state or of a business date."""
    columns = StoredRun.table().c
    question = select(StoredRun.table()).where(columns.job == job).order_by(columns.id.desc()).limit(1)
    if state is not None:
        question = question.where(columns.state == state)
    if business_date is not None:
        question = question.where(columns.business_date == business_date)
    row = connection.execute(question).first()
    return None if row is None else PastRun(*row)


def history(connection: Connection, *, job: str | None = None, limit: int | None = None) -> list[PastRun]:
    """The newest runs, of one job or of all, newest first."""
    columns = StoredRun.table().c
    question = select(StoredRun.table()).order_by(columns.id.desc()).limit(limit)
    if job is not None:
        question = question.where(columns.job == job)
    return [PastRun(*row) for row in connection.execute(question)]


def newest_swept(connection: Connection) -> date | None:
    """The newest business date whose sweep is done."""
    columns = StoredRun.table().c
    return connection.scalar(
        select(func.max(columns.business_date)).where(columns.job == SWEEP, columns.state == DONE))
