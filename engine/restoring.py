"""Putting a backup back (恢复): checked, upgraded and verified first, and put in its place in one moment.

What was there is moved aside, never overwritten: an SQLite file beside itself under another name, tables on PostgreSQL
into a schema of their own. Whatever goes wrong before, and whenever the program is killed, it stays as it was.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from engine.adoption import upgrade
from engine.backups import checksum_file, clear_unfinished, damaged, engine_of, examined, settle, sha256_of, sync_folder
from engine.clock import SHANGHAI
from engine.copies import compared
from engine.mismatch import Mismatch
from facts.errors import BadInput, CouldNotBeDone, DatabaseDamaged, DatabaseUnreachable, NotALedger
from facts.language import Text
from facts.store import failures, schema
from facts.store.copying import TargetNotEmpty, copy_database, holds_anything
from facts.store.database import PATIENCE, connect, place_of
from facts.store.journal import Seal

_MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: the schema that the backup had and its newest seal; where the former database lies now."""

    schema: str
    seal: Seal | None
    aside: str | None


class BackupDoubtful(CouldNotBeDone):
    """The backup is not what its journal recorded."""


def restore(file: Path, url: str, *, now: datetime, force: bool = False) -> Restored:
    """Put the backup ``file`` where ``url`` says; an older one is upgraded on the way, the file itself left alone.

    ``force`` moves aside what is there. Raises :class:`~facts.errors.BadInput`,
    :class:`~facts.errors.DatabaseDamaged`, :class:`BackupDoubtful`, :class:`~facts.store.copying.TargetNotEmpty` or
    another :class:`~facts.errors.LedgerError`; nothing has changed then.
    """
    target = connect(url)
    try:
        sqlite = target.dialect.name == "sqlite"
        place = Path(target.url.database or "") if sqlite else None
        if sqlite and not target.url.database:
            raise BadInput(Text("恢复到哪里？请用 --db 指明数据库", "restore to where? name the database with --db"))
        if place is not None and not place.absolute().parent.is_dir():
            raise DatabaseUnreachable(Text(f"{place}：所在文件夹不存在；请先建立",
                                           f"{place}: its folder does not exist; create it first"))
        with _checked_out(file, place.absolute().parent if place else None) as work:
            before, seal = _made_ready(work, file, now)
            stamp = f"{now.astimezone(SHANGHAI):%Y%m%d_%H%M%S}"
            if place is not None:
                aside = _into_file(work, target, place, stamp, force)
            else:
                aside = _into_server(work, target, stamp, force)
        return Restored(before, seal, aside)
    except OSError as error:
        raise CouldNotBeDone(Text(f"没有恢复：{error}", f"not restored: {error}")) from error
    finally:
        target.dispose()


@contextmanager
def _checked_out(file: Path, folder: Path | None) -> Iterator[Path]:
    """A copy of the backup to work on, as long as it is the file that was written."""
    if not file.is_file():
        raise BadInput(Text(f"{file}：没有这个备份文件", f"{file}: there is no such backup"))
    if folder is not None:
        clear_unfinished(folder)
    number, name = tempfile.mkstemp(prefix=".zhiben-restore-", suffix=".db", dir=folder)
    work = Path(name)
    try:
        with os.fdopen(number, "wb") as copy, file.open("rb") as backup:
            if backup.read(len(_MAGIC)) != _MAGIC:
                raise damaged(file)
            backup.seek(0)
            shutil.copyfileobj(backup, copy)
        with suppress(FileNotFoundError):
            if checksum_file(file).read_text(encoding="utf-8").split()[:1] != [sha256_of(work)]:
                raise damaged(file)
        yield work
    finally:
        for left in (work, work.with_name(f"{work.name}-journal")):
            left.unlink(missing_ok=True)


def _made_ready(work: Path, file: Path, now: datetime) -> tuple[str, Seal | None]:
    try:
        before, seal, mismatch = examined(work, file)
    except NotALedger:
        raise failures.not_a_ledger(str(file)) from None
    if before != schema.head():
        engine = engine_of(work)
        try:
            upgrade(engine.url, now)
        finally:
            engine.dispose()
        _, seal, mismatch = examined(work, file)
    _insist_on_sound(mismatch, file)
    return before, seal


def _insist_on_sound(mismatch: Mismatch | None, file: Path) -> None:
    if mismatch is not None:
        raise BackupDoubtful(Text(
            f"{file}：备份的内容与其日志不符，没有恢复（{mismatch.line('zh')}）；请换另一份备份",
            f"{file}: the backup is not what its journal recorded, it was not restored ({mismatch.line('en')}); take "
            "another one"))


def _into_file(work: Path, target: Engine, place: Path, stamp: str, force: bool) -> str | None:
    work.chmod(0o666 & ~_umask() if not place.exists() else place.stat().st_mode & 0o777)
    if not place.exists():
        settle(work, place)
        return None
    with _held(place) as holder:
        holds = holder is None or _holds(holder, place)
        if holds and not force:
            raise _not_empty(place_of(target))
        aside = place.with_name(f"{place.name}.before-{stamp}") if holds else None
        if aside is not None:
            _keep(place, aside, holder)
        try:
            settle(work, place)
        except BaseException:
            if aside is not None:
                aside.unlink(missing_ok=True)
            raise
    return None if aside is None else str(aside)


@contextmanager
def _held(place: Path) -> Iterator[sqlite3.Connection | None]:
    """Nobody reads or writes the database meanwhile; ``None`` if it is damaged, and nothing can be held."""
    with closing(sqlite3.connect(place, timeout=PATIENCE, isolation_level=None)) as holder:
        try:
            holder.execute("BEGIN EXCLUSIVE")
            sound = True
        except sqlite3.DatabaseError as error:
            explained = failures.explain(error, str(place))
            if not isinstance(explained, (DatabaseDamaged, NotALedger)):
                raise (explained or error) from error
            sound = False
        yield holder if sound else None


def _holds(holder: sqlite3.Connection, place: Path) -> bool:
    names = {name for name, in holder.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
             if not name.startswith("sqlite_")}
    if names and not names >= {"alembic_version", "revisions"}:
        raise failures.not_a_ledger(str(place))
    return any(holder.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone() for name in names - {"alembic_version"})


def _keep(place: Path, aside: Path, holder: sqlite3.Connection | None) -> None:
    """Give the former database a second name before its own is given away: at no moment is it nowhere."""
    journal = place.with_name(f"{place.name}-journal")
    if holder is None and journal.exists():
        # It belongs to the damaged database; SQLite would take it for that of the one restored.
        journal.rename(aside.with_name(f"{aside.name}-journal"))
    try:
        os.link(place, aside)
    except FileExistsError:
        raise CouldNotBeDone(Text(f"{aside} 已存在，没有恢复；请稍后重试",
                                  f"{aside} exists, nothing was restored; try again in a moment")) from None
    except OSError:
        # Not every disk has second names. Reading the file past SQLite would give its lock away.
        if holder is None:
            shutil.copyfile(place, aside)
        else:
            with closing(sqlite3.connect(aside)) as copy:
                holder.backup(copy)
    sync_folder(aside)


def _not_empty(place: str) -> TargetNotEmpty:
    return TargetNotEmpty(Text(f"{place}：其中已有数据，没有恢复；确要替换的，加 --force，原有数据将另行保存",
                               f"{place}: it has data in it, nothing was restored; to replace it add --force: what is "
                               "there is then kept aside"))


def _into_server(work: Path, target: Engine, stamp: str, force: bool) -> str | None:
    aside: list[str] = []

    def make_room(connection: Connection) -> None:
        found = schema.found(connection)
        if found == schema.FOREIGN:
            raise failures.not_a_ledger(place_of(target))
        if found is None or not holds_anything(connection):
            return
        if not force:
            raise _not_empty(place_of(target))
        aside.append(f"before_{stamp}")
        quote = connection.dialect.identifier_preparer.quote
        connection.execute(text(f"CREATE SCHEMA {quote(aside[0])}"))
        for name in inspect(connection).get_table_names():
            connection.execute(text(f"ALTER TABLE {quote(name)} SET SCHEMA {quote(aside[0])}"))

    engine = engine_of(work)
    try:
        copy_database(engine, target, clear=make_room,
                      check=lambda origin, made: _insist_on_sound(compared(origin, made, place_of(target)), work))
    finally:
        engine.dispose()
    return aside[0] if aside else None


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
