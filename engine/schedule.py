"""The jobs that run by themselves (定时任务), and when: kept in the database, so that every host runs the same.

A schedule starts commands; it decides no legal date. Times are those of Asia/Shanghai.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from sqlalchemy import Connection, insert, select, update
from sqlmodel import Field
from sqlmodel.sql.sqltypes import UTCDateTime

from engine.lease import StoredLease  # noqa: F401  its table belongs to the schema
from engine.runs import SWEEP
from facts.errors import BadInput
from facts.language import Text
from facts.store.columns import Json
from facts.store.tables import Stored

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: In the words of a job this stands for its business date.
DATE = "{date}"


class StoredJob(Stored, table=True):
    """What somebody has set of a job (定时任务). ``words`` are further words of its command.

    ``next_at`` is when the daemon means to run it next, as it said last.
    """

    __tablename__: ClassVar[str] = "jobs"

    name: str = Field(primary_key=True)
    time: str
    days: str
    words: Any = Field(sa_type=Json, nullable=False)
    active: bool
    set_at: datetime = Field(sa_type=UTCDateTime)
    next_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


@dataclass(frozen=True, slots=True)
class Job:
    """A job: ``command`` is what it always runs, ``words`` what somebody has added to it."""

    name: str
    title: Text
    command: tuple[str, ...]
    time: time
    days: str = "mon-sun"
    words: tuple[str, ...] = ()
    active: bool = True
    next_at: datetime | None = None

    def runs_on(self, day: date) -> bool:
        """Whether that is one of its days of the week."""
        spans = (span.partition("-") for span in self.days.split(","))
        return any(WEEK.index(first) <= day.weekday() <= WEEK.index(last or first) for first, _, last in spans)

    def newest_due(self, now: datetime) -> date | None:
        """The newest date on which its time had come by ``now``, a moment in Shanghai; ``None``: it is off."""
        days = (now.date() - timedelta(days=n) for n in range(8))
        return next((day for day in days if self.active and self.runs_on(day)
                     and datetime.combine(day, self.time, now.tzinfo) <= now), None)

    def line(self, business_date: date) -> list[str]:
        """The words of its command on a business date."""
        return [*self.command, *(word.replace(DATE, business_date.isoformat()) for word in self.words)]


#: All jobs there are, as they are until somebody sets them. Those that write files or number letters wait to be set.
JOBS: Mapping[str, Job] = {job.name: job for job in (
    Job(SWEEP, Text("巡查", "sweep"), ("sweep",), time(2, 30)),
    Job("backup", Text("备份", "backup"), ("db", "backup"), time(4, 0), active=False),
    Job("verify", Text("核验", "verify"), ("verify",), time(5, 0), days="sun"),
    Job("waivers", Text("即将到期的豁免", "waivers about to end"), ("waivers", "--ending-within", "30"), time(7, 0)),
    Job("notices", Text("通知", "notices"), ("notices",), time(7, 10), active=False),
    Job("reminders", Text("到期提醒", "reminders"), ("notices", "--reminders"), time(7, 20), days="mon", active=False),
)}


def jobs(connection: Connection) -> list[Job]:
    """All jobs, as they are set."""
    rows = {row.name: row for row in connection.execute(select(StoredJob.table()))}
    return [_set(job, rows.get(job.name)) for job in JOBS.values()]


def _set(job: Job, row: Any) -> Job:
    if row is None:
        return job
    return replace(job, time=time.fromisoformat(row.time), days=row.days, words=tuple(row.words), active=row.active,
                   next_at=row.next_at)


def set_job(connection: Connection, job: Job, at: datetime) -> None:
    """Set when and with what words a job runs, and whether."""
    _write(connection, job.name, {"time": job.time.isoformat("minutes"), "days": job.days, "words": list(job.words),
                                  "active": job.active, "set_at": at, "next_at": None})


def announce(connection: Connection, next_at: Mapping[str, datetime | None], at: datetime) -> None:
    """Enter when jobs are to run next."""
    for job in jobs(connection):
        if job.name in next_at and job.next_at != next_at[job.name]:
            _write(connection, job.name, {"next_at": next_at[job.name]}, {
                "time": job.time.isoformat("minutes"), "days": job.days, "words": list(job.words),
                "active": job.active, "set_at": at})


def _write(connection: Connection, name: str, values: Mapping[str, Any], further: Mapping[str, Any] = {}) -> None:
    table = StoredJob.table()
    if not connection.execute(update(table).where(table.c.name == name).values(**values)).rowcount:
        connection.execute(insert(table).values(name=name, **values, **further))


def checked_time(text: str) -> time:
    """A time of day as HH:MM. Raises :class:`~facts.errors.BadInput`."""
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        return time.fromisoformat(text)
    raise BadInput(Text(f"“{text}”不是时间；应如 02:30", f"“{text}” is no time of day; expected e.g. 02:30"))


def checked_days(text: str) -> str:
    """Days of the week, as ``mon-fri`` or ``mon,thu``. Raises :class:`~facts.errors.BadInput`."""
    day = "|".join(WEEK)
    if not re.fullmatch(rf"({day})(-({day}))?(,({day})(-({day}))?)*", text) or any(
            WEEK.index(first) > WEEK.index(last) for first, last in re.findall(rf"({day})-({day})", text)):
        raise BadInput(Text(f"“{text}”不是星期；应如 mon-fri 或 mon,thu",
                            f"“{text}” is no days of the week; expected e.g. "
                            "mon-fri or mon,thu"))
    return text


def job_named(name: str, among: Sequence[Job]) -> Job:
    """The job of that name. Raises :class:`~facts.errors.BadInput`."""
    for job in among:
        if job.name == name:
            return job
    names = ", ".join(job.name for job in among)
    raise BadInput(Text(f"没有任务“{name}”；有：{names}", f"there is no job “{name}”; there are: {names}"))
