"""What a database driver's error means in plain words (数据库故障).

One list for each driver. An error that stands on neither is a fault of the program and is left as it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping

from facts.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseMissing,
    DatabaseReadOnly,
    DatabaseUnreachable,
    DiskFull,
    LedgerError,
    NotALedger,
)
from facts.language import Text


def _busy(place: str) -> DatabaseBusy:
    return DatabaseBusy(
        Text(f"{place}：数据库正被另一个程序占用（写入，或 verify、copy 之类的通读），等候超时；请稍后重试",
             f"{place}: another program is using the database (writing, or reading all of it as verify does) and did "
             "not finish in time; try again later")
    )  # fmt: skip


def _read_only(place: str) -> DatabaseReadOnly:
    return DatabaseReadOnly(
        Text(f"{place}：数据库只读，无法写入；请检查文件、文件夹的权限和磁盘的挂载方式",
             f"{place}: the database is read-only; check the permissions of file and folder, and the disk's mount")
    )  # fmt: skip


def _full(place: str) -> DiskFull:
    return DiskFull(
        Text(f"{place}：磁盘已满，未写入任何内容；请腾出空间后重试",
             f"{place}: the disk is full, nothing was written; free some space and try again")
    )  # fmt: skip


def _unreachable(place: str) -> DatabaseUnreachable:
    return DatabaseUnreachable(
        Text(f"{place}：打不开或连不上数据库；请检查路径、权限，或服务器是否在运行、用户名和口令是否正确",
             f"{place}: the database cannot be opened or reached; check path and permissions, "
             "or whether the server runs and user and password are right")
    )  # fmt: skip


def _lost(place: str) -> DatabaseUnreachable:
    return DatabaseUnreachable(
        Text(f"{place}：与数据库的连接中断，未写入任何内容；请检查服务器和网络后重试",
             f"{place}: the connection to the database was lost, nothing was written; check server and network, then "
             "try again")
    )  # fmt: skip


def _lost_at_the_end(place: str) -> DatabaseUnreachable:
    return DatabaseUnreachable(
        Text(f"{place}：写入即将完成时与数据库的连接中断，不知是否已写入；请检查服务器和网络，查看后再试",
             f"{place}: the connection to the database was lost just when the writing was to be finished, and nobody "
             "knows whether it was; check server and network, look, and then try again")
    )  # fmt: skip


def _damaged(place: str) -> DatabaseDamaged:
    return DatabaseDamaged(
        Text(f"{place}：读写数据库文件出错，文件或磁盘可能已损坏；请从备份恢复",
             f"{place}: the database file cannot be read or written, file or disk may be damaged; restore a backup")
    )  # fmt: skip


def not_a_ledger(place: str) -> NotALedger:
    """``place`` holds something that Zhiben has not made."""
    return NotALedger(
        Text(f"{place}：不是治本的数据库，未作改动；请用 --db 另指一个",
             f"{place}: not a Zhiben database, left as it is; name another with --db")
    )  # fmt: skip


def missing(place: str) -> DatabaseMissing:
    """There is nothing at ``place`` yet."""
    return DatabaseMissing(
        Text(f"{place}：还没有数据库；请先用 zhiben import 导入台账，或用 --db 指明所在",
             f"{place}: there is no database yet; import a ledger first (zhiben import), or say where it is (--db)")
    )  # fmt: skip


#: At which moment of a connection's life something failed: before there was one, at a statement, at the commit.
CONNECTING, WORKING, ENDING = "connecting", "working", "ending"
_CUT = {CONNECTING: _unreachable, WORKING: _lost, ENDING: _lost_at_the_end}


_SQLITE: Mapping[int, Callable[[str], LedgerError]] = {
    sqlite3.SQLITE_BUSY: _busy,
    sqlite3.SQLITE_LOCKED: _busy,
    sqlite3.SQLITE_PROTOCOL: _busy,
    sqlite3.SQLITE_READONLY: _read_only,
    sqlite3.SQLITE_FULL: _full,
    sqlite3.SQLITE_CANTOPEN: _unreachable,
    sqlite3.SQLITE_PERM: _unreachable,
    sqlite3.SQLITE_AUTH: _unreachable,
    sqlite3.SQLITE_NOTADB: not_a_ledger,
    sqlite3.SQLITE_CORRUPT: _damaged,
    sqlite3.SQLITE_IOERR: _damaged,
}

#: By the beginning of the SQLSTATE; ``None``: the connection is no more.
_POSTGRESQL: Mapping[str, Callable[[str], LedgerError] | None] = {
    "40001": _busy,  # serialization failure
    "40P01": _busy,  # deadlock
    "55P03": _busy,  # lock not available
    "25006": _read_only,
    "42501": _read_only,  # insufficient privilege
    "53100": _full,
    "53": _unreachable,  # insufficient resources: too many connections
    "3D000": missing,
    "08": None,
    "25P03": None,  # put out for standing still
    "28": _unreachable,
    "57P": None,
    "58": _damaged,
    "XX": _damaged,
}


def explain(error: BaseException | None, place: str, moment: str = WORKING, *,
            disconnected: bool = False) -> LedgerError | None:
    """The error to be shown for a driver's ``error`` at the database ``place``; ``None`` if it is no circumstance.

    ``moment`` is :data:`CONNECTING`, :data:`WORKING` or :data:`ENDING`.
    """
    if not isinstance(error, Exception):
        # Somebody stopped the program; SQLAlchemy calls that a connection lost.
        return None
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        made = _SQLITE.get(code & 0xFF) if code is not None else None
        return made(place) if made else None
    state = getattr(error, "sqlstate", None)
    if state:
        for begin, made in _POSTGRESQL.items():
            if state.startswith(begin):
                return (made or _CUT[moment])(place)
        return None
    # psycopg has no SQLSTATE for a connection that does not come about; why it does not is in the text alone.
    if disconnected or type(error).__name__ in ("OperationalError", "ConnectionTimeout"):
        if "No space left on device" in str(error):
            return _full(place)
        absent = moment == CONNECTING and "does not exist" in str(error) and "database" in str(error)
        return missing(place) if absent else _CUT[moment](place)
    if moment == CONNECTING and type(error).__name__ == "ProgrammingError":
        # A setting in the URL that the driver does not understand.
        return _unreachable(place)
    return None
