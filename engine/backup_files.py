"""Where the job ``backup`` puts its files, and the newest of them (备份文件)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from engine import runs
from engine.schedule import DATE, Job, jobs
from facts.store.database import reading

BACKUP = "backup"


def folders(engine: Engine | None) -> list[Path]:
    """The folder into which the job puts its backups, if it is set; none without a database."""
    if engine is None:
        return []
    with reading(engine) as connection:
        return [target if target.is_dir() or not target.suffix else target.parent for target in targets(connection)]


def targets(connection: Connection) -> list[Path]:
    """The file or folder that the job's words name."""
    job = next(job for job in jobs(connection) if job.name == BACKUP)
    return [Path(word) for word in _arguments(job)][:1]


def newest_backup(connection: Connection) -> datetime | None:
    """When the newest backup was made that is known: by the job, or as a file where the job puts its own."""
    last = runs.last(connection, BACKUP, state=runs.DONE)
    moments = [moment for moment in (last and last.ended_at, _newest_file(connection)) if moment is not None]
    return max((moment.astimezone(UTC) for moment in moments), default=None)


def _newest_file(connection: Connection) -> datetime | None:
    files: Iterable[Path] = (file for target in targets(connection) for file in _files(target))
    moments = [file.stat().st_mtime for file in files if file.is_file()]
    return datetime.fromtimestamp(max(moments), UTC) if moments else None


def _arguments(job: Job) -> list[str]:
    words = iter(job.words)
    found = []
    for word in words:
        if word == "--keep":
            next(words, None)
        elif not word.startswith("-"):
            found.append(word)
    return found


def _files(target: Path) -> list[Path]:
    if DATE in target.name:
        return list(target.parent.glob(target.name.replace(DATE, "*")))
    return list(target.glob("*.db")) if target.is_dir() else [target]
