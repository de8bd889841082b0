"""The daemon (守护进程): starts each job's command when its time has come, and remembers how it ended.

APScheduler keeps the times. A job runs as a process of its own, one after another, so that nothing that happens in it
harms the daemon. What was missed while no daemon ran is run when one starts; what fails is tried again. Of two daemons
on one database, the second sees that a job runs, or was run for that date, and leaves it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from time import monotonic

from apscheduler.events import EVENT_SCHEDULER_STARTED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import Engine

from engine import logs, metrics, presence, runs, schedule
from engine.clock import SHANGHAI
from engine.lease import LeaseHeld, held, holder
from engine.logs import log, within
from engine.nights import newest_swept
from engine.schedule import Job
from facts.errors import LedgerError
from facts.store.database import reading, writing

#: How often the settings are looked at, in seconds; also how late a clock that was set forward can make a job.
LOOK = 60
#: When a job that failed is tried again.
AGAIN = timedelta(minutes=15)
#: How much of what a job printed is kept, in characters.
_KEPT = 2_000


class Daemon:
    """Runs the jobs of a database until it is stopped. ``url`` is the database as the jobs' commands are told it.

    ``metrics_file`` is written anew after each job and at each look (:mod:`engine.metrics`).
    """

    def __init__(self, engine: Engine, url: str, now: Callable[[], datetime], *, catch_up: str,
                 packs: Sequence[str] = (), metrics_file: Path | None = None) -> None:
        self._engine = engine
        self._now = now
        self._catch_up = catch_up
        self._metrics_file = metrics_file
        self._settings = {"ZHIBEN_DB": url, **({"ZHIBEN_PACKS": ",".join(packs)} if packs else {})}
        self._stopping = threading.Event()
        self._jobs: dict[str, Job] = {}
        # One at a time, in the order in which they are due: notices speak of what the sweep has found.
        self._executors = {"default": ThreadPoolExecutor(1), "look": ThreadPoolExecutor(1)}
        self._scheduler = BlockingScheduler(
            timezone=SHANGHAI, executors=self._executors,
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1})

    def run(self) -> None:
        """Run until :meth:`stop`, or SIGTERM or SIGINT; a command that runs then is stopped and told of."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        log.info("daemon_started", holder=holder(), database=self._engine.url.render_as_string(hide_password=True))
        with presence.shown(self._engine, presence.DAEMON, self._now):
            self._run()
        log.info("daemon_stopped", holder=holder())

    def _run(self) -> None:
        self._look()
        for job in self._jobs.values():
            if job.active and (due := self._missed(job)) is not None:
                self._scheduler.add_job(self._job, args=(job.name, due), id=f"{job.name} missed")
        self._scheduler.add_job(self._look, "interval", seconds=LOOK, id="look", executor="look")
        # Who is stopped before the scheduler has started would find nothing to shut down.
        self._scheduler.add_listener(lambda _: self.stop() if self._stopping.is_set() else None,
                                     EVENT_SCHEDULER_STARTED)
        self._scheduler.start()
        # What runs then is waited for here: the scheduler would wait with its locks held, and what runs may want them.
        for executor in self._executors.values():
            executor.shutdown()

    def stop(self) -> None:
        """End when the command that runs has ended, which is asked to."""
        self._stopping.set()
        # Not in the signal's own frame: the scheduler's locks may be held by what it has interrupted.
        threading.Thread(target=self._shut_down, name="stop").start()

    def _shut_down(self) -> None:
        with suppress(SchedulerNotRunningError):
            self._scheduler.shutdown(wait=False)

    def _look(self) -> None:
        """Take up what has been set since, enter when each job is next, and measure."""
        try:
            self._take_up()
        except LedgerError as error:
            log.error("database_unavailable", message=error.message.en)
        self._measure()

    def _measure(self) -> None:
        if self._metrics_file is None:
            return
        try:
            metrics.write(self._engine, self._metrics_file, self._now())
        except OSError as error:
            log.error("metrics_failed", file=str(self._metrics_file), message=str(error))

    def _take_up(self) -> None:
        with reading(self._engine) as connection:
            now_set = schedule.jobs(connection)
        for job in now_set:
            before = self._jobs.get(job.name)
            self._jobs[job.name] = job
            if before is None or (before.active, before.time, before.days) != (job.active, job.time, job.days):
                self._plan(job)
        planned = {job.name: self._next(job.name) for job in now_set}
        if self._stopping.is_set():
            # A scheduler that has stopped plans nothing.
            return
        if any(job.next_at != planned[job.name] for job in now_set):
            with writing(self._engine, "outcomes") as connection:
                schedule.announce(connection, planned, self._now())

    def _plan(self, job: Job) -> None:
        if job.active:
            self._scheduler.add_job(self._job, _trigger(job), args=(job.name, None), id=job.name,
                                    replace_existing=True)
        elif self._scheduler.get_job(job.name):
            self._scheduler.remove_job(job.name)

    def _next(self, name: str) -> datetime | None:
        planned = self._scheduler.get_job(name)
        if planned is None:
            return None
        # A job that waits for the scheduler to start has no next time yet.
        return getattr(planned, "next_run_time", None) or planned.trigger.get_next_fire_time(None, self._real_now())

    @staticmethod
    def _real_now() -> datetime:
        return datetime.now(SHANGHAI)

    def _missed(self, job: Job) -> date | None:
        """The business date of the newest run that was due and is not there; ``None``: none is missing."""
        now = self._now()
        due = job.newest_due(now)
        if due is None:
            return None
        with reading(self._engine) as connection:
            if job.name == runs.SWEEP:
                swept = newest_swept(connection)
                return due if swept is None or swept < due else None
            last = runs.last(connection, job.name)
        # What was never run is not missed.
        return due if last is not None and last.business_date < due else None

    def _job(self, name: str, business_date: date | None) -> None:
        job = self._jobs[name]
        business_date = business_date or self._now().date()
        if self._stopping.is_set():
            return
        with within(job=name, business_date=business_date.isoformat()):
            self._run_job(job, business_date)
        self._measure()

    def _run_job(self, job: Job, business_date: date) -> None:
        name = job.name
        try:
            done = self._sweep(job, business_date) if name == runs.SWEEP else self._other(job, business_date)
        except LeaseHeld as error:
            log.info("job_left_to_others", message=error.message.en)
            return
        except (LedgerError, OSError) as error:
            log.error("job_failed", message=str(error))
            done = False
        if not done and not self._stopping.is_set():
            again = self._real_now() + AGAIN
            log.warning("job_tried_again", at=again.isoformat(timespec="seconds"))
            self._scheduler.add_job(self._job, "date", run_date=again, args=(name, business_date), id=f"{name} again",
                                    replace_existing=True)

    def _sweep(self, job: Job, business_date: date) -> bool:
        """Sweep, with the nights missed before; the command enters its runs itself."""
        with reading(self._engine) as connection:
            before = runs.last(connection, job.name)
        words = ["--as-of", business_date.isoformat(), "--catch-up", self._catch_up]
        code, printed = self._command([*job.line(business_date), *words])
        if code:
            with writing(self._engine, "outcomes") as connection:
                last = runs.last(connection, job.name)
                if last == before:
                    number = runs.begin(connection, job.name, business_date, self._now(), holder=holder())
                    runs.end(connection, number, self._failed(), self._now(), message=printed)
        return not code

    def _other(self, job: Job, business_date: date) -> bool:
        with held(self._engine, job.name, self._now, wait=False) as lease:
            with writing(self._engine, "outcomes") as connection:
                lease.check(connection)
                if runs.last(connection, job.name, state=runs.DONE, business_date=business_date):
                    return True
                runs.lose(connection, job.name, self._now())
                number = runs.begin(connection, job.name, business_date, self._now(), holder=lease.holder,
                                    fence=lease.fence)
            with within(run=number):
                code, printed = self._command(job.line(business_date))
            with writing(self._engine, "outcomes") as connection:
                lease.check(connection)
                state = self._failed() if code else runs.DONE
                runs.end(connection, number, state, self._now(), message=printed)
            return not code

    def _failed(self) -> str:
        return runs.STOPPED if self._stopping.is_set() else runs.FAILED

    def _command(self, words: Sequence[str]) -> tuple[int, str]:
        """Run a command of the program; its exit status and the end of what it printed."""
        began, (settings, files) = monotonic(), logs.handed_on()
        with tempfile.TemporaryFile() as printed:
            with subprocess.Popen([sys.executable, "-m", "engine", *words], stdin=subprocess.DEVNULL, stdout=printed,
                                  stderr=subprocess.STDOUT, pass_fds=files,
                                  env={**os.environ, **self._settings, **settings}) as process:
                log.info("job_started", command=" ".join(words), process=process.pid)
                while process.poll() is None:
                    if self._stopping.wait(0.2):
                        process.terminate()
                        break
                code = process.wait()
            printed.seek(max(0, printed.tell() - 4 * _KEPT))
            text = printed.read().decode(errors="replace").strip()[-_KEPT:]
        (log.error if code else log.info)("job_ended", command=" ".join(words), status=code, printed=text,
                                          seconds=round(monotonic() - began, 3))
        return code, text


def _trigger(job: Job) -> CronTrigger:
    return CronTrigger(day_of_week=job.days, hour=job.time.hour, minute=job.time.minute, timezone=SHANGHAI)
