"""Backups (备份): one file each, an SQLite database whatever is backed up, taken while others go on working.

Beside it stands its checksum, as ``sha256sum -c`` reads it. A backup takes its name only when it is whole, has been
read through and is on the disk.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic, time

from sqlalchemy import URL, Engine

import engine.copies  # noqa: F401  with it all tables are known
from engine.clock import SHANGHAI
from engine.mismatch import Mismatch
from engine.verification import mismatches
from facts.errors import BadInput, CouldNotBeDone, DatabaseBusy, DatabaseDamaged
from facts.language import Text
from facts.store import failures, journal, schema
from facts.store.copying import copy_database
from facts.store.database import BESIDE, connect, place_of, reading
from facts.store.journal import Seal

#: How long to wait for whoever is writing, in seconds.
_PATIENCE = 60
#: The names that :func:`backup_name` gives.
_NAME = re.compile(r"zhiben-\d{8}-\d{6}\.db")
_BLOCK = 1 << 20
#: What a backup into a folder, or a restore, is called until it is whole.
_UNFINISHED = re.compile(r"\.zhiben-(\d{8}-\d{6}\.db\.\d+|restore-\w+\.db)(-journal)?")
#: Untouched for so many seconds, nobody works on it any more.
_AT_WORK = 3600


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made. ``schema`` is the number of its schema, ``seal`` the newest of its journal.

    ``mismatch`` is the first place where it, like the database itself, differs from the journal. Of a database with an
    older schema neither is known.
    """

    file: Path
    sha256: str
    size: int
    schema: str
    seal: Seal | None
    mismatch: Mismatch | None


def backup(source: Engine, target: Path, *, overwrite: bool = False) -> Backup:
    """Write all that the database holds to the file ``target``, as it stands at one moment.

    ``source`` may have an older schema if it is SQLite. Raises :class:`~facts.errors.BadInput` if the file exists, and
    other :class:`~facts.errors.LedgerError`; then nothing is left behind.
    """
    if target.exists() and not overwrite:
        raise BadInput(Text(f"{target} 已存在，没有覆盖；请另取文件名，或加 --force",
                            f"{target} exists and was not overwritten; give another name, or add --force"))
    if _is_of(source, target):
        raise BadInput(Text(f"{target} 就是要备份的数据库，不能备份到自身；请另取文件名",
                            f"{target} is the database that is to be backed up; give another name"))
    if not target.absolute().parent.is_dir():
        raise CouldNotBeDone(Text(f"写不了 {target}：所在文件夹不存在；请先建立",
                                  f"{target} cannot be written: its folder does not exist; create it first"))
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        # It holds people's names: nobody else may read it, as long as nobody says so.
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        if source.dialect.name == "sqlite":
            snapshot(source, partial)
        else:
            _copied(source, partial)
        found, seal, mismatch = examined(partial, target)
        digest = sha256_of(partial)
        size = partial.stat().st_size
        with suppress(FileNotFoundError):
            checksum_file(target).unlink()
        settle(partial, target)
        _write_checksum(target, digest)
    except OSError as error:
        raise CouldNotBeDone(Text(f"写不了 {target}：{error}", f"{target} cannot be written: {error}")) from error
    finally:
        for left in (partial, partial.with_name(f"{partial.name}-journal")):
            left.unlink(missing_ok=True)
    return Backup(target, digest, size, found, seal, mismatch)


def _is_of(source: Engine, target: Path) -> bool:
    """Whether ``target`` is the very database, or a file that SQLite keeps beside it."""
    if source.dialect.name != "sqlite" or not source.url.database:
        return False
    own = Path(source.url.database).resolve()
    return target.resolve() in (own, *(own.with_name(own.name + end) for end in BESIDE))


def backup_name(now: datetime) -> str:
    """What a backup of this moment is called in a folder of backups."""
    return f"zhiben-{now.astimezone(SHANGHAI):%Y%m%d-%H%M%S}.db"


def clear_unfinished(folder: Path) -> None:
    """Delete what backups and restores that were killed have left in ``folder``, once nobody can be at work on it."""
    with suppress(OSError):
        for file in folder.iterdir():
            if _UNFINISHED.fullmatch(file.name) and time() - file.stat().st_mtime > _AT_WORK:
                file.unlink()


def prune(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest ``keep`` backups in ``folder``; only files named by :func:`backup_name` are touched.

    Returns those that were deleted, oldest first. Raises :class:`~facts.errors.CouldNotBeDone`.
    """
    if keep < 1:
        raise ValueError("at least one backup is kept")
    clear_unfinished(folder)
    try:
        ours = sorted(file for file in folder.iterdir() if _NAME.fullmatch(file.name) and file.is_file())
        for file in ours[:-keep]:
            file.unlink()
            checksum_file(file).unlink(missing_ok=True)
    except OSError as error:
        raise CouldNotBeDone(Text(f"清理不了 {folder} 中的旧备份：{error}",
                                  f"old backups in {folder} cannot be deleted: {error}")) from error
    return ours[:-keep]


def snapshot(source: Engine, target: Path) -> None:
    """Copy an SQLite database, page by page, at one moment. Raises :class:`~facts.errors.LedgerError`."""
    end = monotonic() + _PATIENCE

    def patient(status: int, left: int, of: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and monotonic() > end:
            raise failures.explain(_busy(), place_of(source)) or DatabaseBusy(Text("", ""))

    try:
        with source.connect() as connection, closing(sqlite3.connect(target)) as made:
            connection.connection.driver_connection.backup(made, pages=-1, progress=patient)
    except sqlite3.Error as error:
        explained = failures.explain(error, place_of(source))
        if explained is None:
            raise
        raise explained from error


def _busy() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def _copied(source: Engine, target: Path) -> None:
    made = engine_of(target)
    try:
        copy_database(source, made)
    finally:
        made.dispose()


def engine_of(file: Path) -> Engine:
    """The SQLite database in a file, whatever signs its path has."""
    return connect(URL.create("sqlite", database=str(file)))


def examined(file: Path, name: Path) -> tuple[str, Seal | None, Mismatch | None]:
    """Read a backup through: its schema, its newest seal, the first place where it differs from its journal.

    It is called ``name`` in messages. Raises :class:`~facts.errors.DatabaseDamaged`,
    :class:`~facts.errors.NotALedger` or :class:`~facts.errors.SchemaTooNew`.
    """
    made = engine_of(file)
    try:
        with reading(made) as connection:
            if connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar() != "ok":
                raise damaged(name)
            found = schema.found(connection)
            schema.check(found, str(name), upgradable=True)
            if found != schema.head():
                return str(found), None, None
            return found, journal.newest(connection), next(mismatches(connection), None)
    except DatabaseDamaged:
        raise damaged(name) from None
    finally:
        made.dispose()


def damaged(name: Path) -> DatabaseDamaged:
    """The file is no longer what was written."""
    return DatabaseDamaged(Text(f"{name}：备份不完整或已损坏，没有使用；请换另一份备份",
                                f"{name}: the backup is damaged or not whole and was not used; take another one"))


def checksum_file(file: Path) -> Path:
    """Where the checksum of a backup stands."""
    return file.with_name(f"{file.name}.sha256")


def _write_checksum(file: Path, digest: str) -> None:
    target = checksum_file(file)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        partial.write_text(f"{digest}  {file.name}\n", encoding="utf-8")
        settle(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def sha256_of(file: Path) -> str:
    """The checksum of a file."""
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def settle(partial: Path, target: Path) -> None:
    """Give a finished file its name; afterwards it is there, also if the power fails."""
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    os.replace(partial, target)
    sync_folder(target)


def sync_folder(file: Path) -> None:
    """Have the disk know the names in a file's folder."""
    folder = os.open(file.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
