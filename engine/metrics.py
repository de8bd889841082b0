"""What Prometheus is told (运行指标): how things stand in the database, in its text format, for node_exporter to serve.

Cheap enough for every minute: of all obligations what the newest sweep reported is told, violations and steps are
counted anew only when the journal has a new seal. Moments are Unix times in seconds; that of a business date is its
beginning in Shanghai.
"""

from __future__ import annotations

import errno
import os
import platform
import threading
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine, func, literal_column, select, text

from engine import backup_files, runs, schedule
from engine.clock import SHANGHAI
from engine.lease import alive, entered
from engine.nights import missed, newest_swept
from engine.outcomes import StoredRecommendation, StoredStep, StoredViolation
from engine.results import Status
from engine.runs import StoredRun
from facts.errors import LedgerError
from facts.store import journal, schema
from facts.store.database import reading
from facts.store.tables import Stored

#: States in which a run ends; how many did only grows.
_ENDED = (runs.DONE, runs.FAILED, runs.STOPPED, runs.LOST, runs.SKIPPED)


def text_of(engine: Engine | None, now: datetime) -> bytes:
    """All metrics of a database as text; without one, or where it cannot be read, that it is down.

    Raises :class:`~facts.errors.LedgerError` if it cannot be read.
    """
    return generate_latest(_registry(_measured(engine, now)))


def write(engine: Engine, path: Path, now: datetime) -> bool:
    """Write them to a file, which is there whole or as it was before; whether the database could be read.

    Of one that could not, the file says that it is down. Raises ``OSError`` if the file cannot be written.
    """
    try:
        put(text_of(engine, now), path)
    except LedgerError:
        put(text_of(None, now), path)
        return False
    return True


def put(found: bytes, path: Path) -> None:
    """Write metrics to a file in one go. Raises ``OSError``, and then what is there is as it was."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "no file", str(path))
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        partial.write_bytes(found)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


class _Found(Collector):
    """What was measured, as the library asks for it."""

    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> list[Metric]:
        return self._found


def _registry(found: list[Metric]) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Found(found))
    return registry


def _measured(engine: Engine | None, now: datetime) -> list[Metric]:
    found = [_gauge("up", "Whether the database could be read.", engine is not None), _program()]
    if engine is not None:
        with reading(engine) as connection:
            found += _of_database(connection)
            found += _of_sweeps(connection, now)
            found += _outcomes(connection, str(engine.url))
            found += _of_jobs(connection)
            if (backup := backup_files.newest_backup(connection)) is not None:
                found.append(_gauge("last_backup_timestamp_seconds", "When the newest known backup was made.",
                                    backup.timestamp()))
    return found


def _program() -> Metric:
    info = InfoMetricFamily("zhiben_build", "The program's version.", labels=())
    info.add_metric((), {"version": version("zhiben"), "python": platform.python_version()})
    return info


def _of_database(connection: Connection) -> Iterator[Metric]:
    yield _gauge("schema_version", "Number of the database's schema.", int(schema.found(connection) or 0))
    yield _gauge("database_size_bytes", "Size of the database.", size(connection))
    newest = journal.newest(connection)
    yield _gauge("journal_newest_seal", "Number of the newest seal of the journal; 0: none.",
                 0 if newest is None else newest.number)
    if newest is not None:
        yield _gauge("journal_newest_seal_timestamp_seconds", "When the newest seal was made.", newest.at.timestamp())


def size(connection: Connection) -> int:
    """How large the database is, in bytes."""
    if connection.dialect.name == "postgresql":
        return connection.scalar(text("SELECT pg_database_size(current_database())")) or 0
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar() or 0
    return pages * (connection.exec_driver_sql("PRAGMA page_size").scalar() or 0)


def _of_sweeps(connection: Connection, now: datetime) -> Iterator[Metric]:
    newest = newest_swept(connection)
    if newest is not None:
        yield _gauge("newest_business_date_timestamp_seconds", "The newest business date that was swept.",
                     _beginning(newest))
        yield _gauge("newest_business_date_age_days", "How many days ago that was; negative: it lies in the future.",
                     (now.date() - newest).days)
    yield _gauge("missed_nights", "Nights after the newest swept one whose sweep was due and is not there.",
                 missed_nights(connection, now))
    yield from _of_last_sweep(runs.last(connection, runs.SWEEP, state=runs.DONE))
    yield from _of_running(connection)


def missed_nights(connection: Connection, now: datetime) -> int:
    """How many nights should have been swept by now and were not; none before the first sweep."""
    at = schedule.job_named(runs.SWEEP, schedule.jobs(connection)).time
    # Tonight's is due once its time has come.
    until = now.date() + timedelta(days=now.time() >= at)
    return len(missed(connection, until, at))


def _of_last_sweep(run: runs.PastRun | None) -> Iterator[Metric]:
    if run is None or run.said is None:
        return
    said = run.said
    yield _gauge("last_sweep_duration_seconds", "How long the newest recorded sweep took.", said["seconds"])
    yield _gauge("last_sweep_enterprises", "Enterprises that it judged.", said["enterprises"])
    yield _gauge("last_sweep_authorities", "Authorities that it judged.", said["authorities"])
    yield _gauges("last_sweep_obligations", "Obligations that it found, by verdict.", "verdict", said["obligations"])
    changes = {name: said["counts"][name] for name in ("opened", "closed", "reopened")}
    yield _gauges("last_sweep_violations", "Violations that it recorded as changed.", "change", changes)
    yield _gauge("last_sweep_steps", "Steps that it issued.", said["counts"]["steps"])
    yield _gauge("last_sweep_recommendations", "Recommendations that it proposed.", said["counts"]["proposed"])


def _of_running(connection: Connection) -> Iterator[Metric]:
    holding = entered(connection, runs.SWEEP)
    running = holding is not None and holding.holder is not None and alive(holding) is not False
    yield _gauge("sweep_running", "Whether a sweep is running.", running)
    if running and holding is not None and holding.taken_at is not None:
        yield _gauge("sweep_running_since_timestamp_seconds", "Since when.", holding.taken_at.timestamp())


#: What was counted of each database, and the newest seal then: as long as that is the newest, nothing has changed.
_counted_before: dict[str, tuple[str, list[Metric]]] = {}


def _outcomes(connection: Connection, database: str) -> list[Metric]:
    newest = journal.newest(connection)
    if newest is None:
        return []
    seal, found = _counted_before.get(database, ("", []))
    if seal != newest.hash:
        found = list(_of_outcomes(connection))
        _counted_before[database] = newest.hash, found
    return found


def _of_outcomes(connection: Connection) -> Iterator[Metric]:
    columns = StoredViolation.table().c
    # Written out, as the index of open violations has it.
    is_open = columns.status == literal_column(f"'{Status.OPEN}'")
    question = (select(columns.duty, func.count()).where(is_open)
                .group_by(columns.duty).order_by(columns.duty))
    yield _gauges("violations_open", "Open violations, by duty.", "duty", dict(connection.execute(question).all()))
    yield _counted(connection, StoredStep, ("ladder", "level"), "steps", "Steps issued in all, by ladder and level.")
    yield _counted(connection, StoredRecommendation, ("kind", "status"), "recommendations",
                   "Recommendations, by kind and status.")


def _counted(connection: Connection, model: type[Stored], labels: tuple[str, ...], name: str, tells: str) -> Metric:
    columns = [model.table().c[label] for label in labels]
    metric = GaugeMetricFamily(f"zhiben_{name}", tells, labels=labels)
    for *values, count in connection.execute(select(*columns, func.count()).group_by(*columns).order_by(*columns)):
        metric.add_metric([str(value) for value in values], count)
    return metric


def _of_jobs(connection: Connection) -> Iterator[Metric]:
    table = StoredRun.table()
    ended = CounterMetricFamily("zhiben_runs", "Runs that have ended, by job and how.", labels=("job", "state"))
    question = select(table.c.job, table.c.state, func.count()).group_by(table.c.job, table.c.state)
    for job, state, count in connection.execute(question.order_by(table.c.job, table.c.state)):
        if state in _ENDED:
            ended.add_metric((job, state), count)
    yield ended
    active = GaugeMetricFamily("zhiben_job_active", "Whether a job runs by itself.", labels=("job",))
    planned = GaugeMetricFamily("zhiben_job_next_run_timestamp_seconds", "When the daemon means to run it next.",
                                labels=("job",))
    state = GaugeMetricFamily("zhiben_job_last_state", "How its last run stands: 1 for that state, 0 for the others.",
                              labels=("job", "state"))
    success = GaugeMetricFamily("zhiben_job_last_success_timestamp_seconds", "When it was last done.", labels=("job",))
    for job in schedule.jobs(connection):
        active.add_metric((job.name,), job.active)
        if job.active and job.next_at is not None:
            planned.add_metric((job.name,), job.next_at.timestamp())
        if (last := runs.last(connection, job.name)) is not None:
            for each in (runs.RUNNING, *_ENDED):
                state.add_metric((job.name, each), last.state == each)
        done = runs.last(connection, job.name, state=runs.DONE)
        if done is not None and done.ended_at is not None:
            success.add_metric((job.name,), done.ended_at.timestamp())
    yield from (active, planned, state, success)


def _gauge(name: str, tells: str, value: float) -> Metric:
    return GaugeMetricFamily(f"zhiben_{name}", tells, value=value)


def _gauges(name: str, tells: str, label: str, values: Mapping[str, Any]) -> Metric:
    metric = GaugeMetricFamily(f"zhiben_{name}", tells, labels=(label,))
    for each, value in values.items():
        metric.add_metric((each,), value)
    return metric


def _beginning(day: date) -> float:
    return datetime.combine(day, time(), SHANGHAI).timestamp()
