"""Checks of the database itself (数据库自检): reachable, whole, and what its journal recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, select, text

import engine.copies  # noqa: F401  with it all tables are known
from engine import metrics, operator_store
from engine.diagnosis import Patient, State, ok, problem, warning
from engine.nights import newest_swept
from engine.operators import ADMIN
from engine.runs import StoredRun
from engine.verification import mismatches
from facts.language import Text
from facts.store import journal, schema
from facts.store.database import open_database, place_of, reading
from facts.store.journal import BEGINNING, digest_of, seal_hash

Found = Iterator[tuple[State, Text, Text | None]]

_RESTORE = Text("不要再写入；另存一份数据库文件，再从最近一次备份恢复：zhiben db restore --force 备份文件",
                "stop writing; keep a copy of the database, then restore the newest backup: "
                "zhiben db restore --force FILE")
#: A moment that lies further ahead than this was written by a clock that is wrong.
_AHEAD = timedelta(minutes=2)
_MIB = 1 << 20


def database(patient: Patient) -> Found:
    """Is there a database of this program's schema?"""
    patient.engine = open_database(patient.url)
    place = place_of(patient.engine)
    with reading(patient.engine) as connection:
        size = metrics.size(connection) / _MIB
        yield ok(f"{place}，结构 {schema.head()}，{size:.1f} MiB", f"{place}, schema {schema.head()}, {size:.1f} MiB")


def pages(patient: Patient) -> Found:
    """Is the file whole, and does no row refer to one that is not there?"""
    assert patient.engine is not None
    if patient.engine.dialect.name != "sqlite":
        yield from _server(patient)
        return
    with reading(patient.engine) as connection:
        found = "" if patient.quick else _quick_check(connection)
        if not patient.quick and not found:
            row = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            found = "" if row is None else f"foreign key {row[0]} → {row[2]}"
    if found:
        yield problem(Text(f"数据库文件已损坏：{found}", f"the database file is damaged: {found}"), _RESTORE)
    elif patient.quick:
        yield ok("未逐页检查（--quick）", "pages not looked at (--quick)")
    else:
        yield ok("各页完好，引用一致", "all pages are sound, no row refers to nothing")


def _quick_check(connection: Connection) -> str:
    lines = [row[0] for row in connection.exec_driver_sql("PRAGMA quick_check(3)")]
    return "" if lines == ["ok"] else " ".join("; ".join(lines).split())


def _server(patient: Patient) -> Found:
    assert patient.engine is not None
    with reading(patient.engine) as connection:
        version, closed, may = connection.execute(text(
            "SELECT current_setting('server_version'), pg_is_in_recovery() OR "
            "current_setting('default_transaction_read_only')::boolean, "
            "has_table_privilege('seals', 'INSERT') AND has_table_privilege('runs', 'INSERT, UPDATE')")).one()
    if closed or not may:
        yield problem(
            Text("服务器上的数据库只读，或本用户无权写入", "the database on the server is read-only, or not for this "
                 "user to write to"),
            Text("连接主服务器，或请数据库管理员授权（GRANT）", "connect to the primary server, or have the rights "
                 "granted (GRANT)"))
    else:
        yield ok(f"PostgreSQL {version}，可写", f"PostgreSQL {version}, can be written to")


def chain(patient: Patient) -> Found:
    """Does the database say what its journal recorded?"""
    assert patient.engine is not None
    with reading(patient.engine) as connection:
        newest = journal.newest(connection)
        wrong = _seals(connection) if patient.quick else _first(connection)
    if wrong is not None:
        yield problem(wrong, Text("运行 zhiben verify --all 列出全部不符之处；查明是谁改的，再从备份恢复",
                                  "list all places with zhiben verify --all; find out who changed them, then restore "
                                  "a backup"))
    elif newest is None:
        yield ok("日志是空的", "the journal is empty")
    elif patient.quick:
        yield ok(f"封签链相连，最新为第 {newest.number} 号（逐条核验：zhiben verify）",
                 f"the seals are one chain, the newest is {newest.number} (zhiben verify looks at every entry)")
    else:
        yield ok(f"与日志一致，最新封签第 {newest.number} 号",
                 f"as the journal recorded it, newest seal {newest.number}")


def _first(connection: Connection) -> Text | None:
    for mismatch in mismatches(connection):
        return Text(mismatch.line("zh"), mismatch.line("en"))
    return None


def _seals(connection: Connection) -> Text | None:
    """Where the chain of seals is broken, or the newest is not that of its entries."""
    before, last = BEGINNING, None
    for number, seal in enumerate(journal.seals(connection), 1):
        its = seal_hash(before, number=seal.number, at=seal.at, kind=seal.kind, author=seal.author, said=seal.words,
                        entries=seal.entries, digest=seal.digest)
        if seal.number != number or its != seal.hash:
            return Text(f"第 {number} 号封签缺失或被改动", f"seal {number} is missing or was changed")
        before, last = seal.hash, seal
    if last is not None and digest_of(connection, last.number) != (last.entries, last.digest):
        return Text(f"最新封签（第 {last.number} 号）下的条目被改动",
                    f"the entries under the newest seal, {last.number}, were changed")
    return None


def times(patient: Patient) -> Found:
    """Does what was written lie in the past, and does the server's clock agree with this machine's?"""
    assert patient.engine is not None
    with reading(patient.engine) as connection:
        seal, swept = journal.newest(connection), newest_swept(connection)
        started = connection.scalar(select(func.max(StoredRun.table().c.started_at)))
        server = connection.scalar(text("SELECT clock_timestamp()")) if _is_server(connection) else None
    here = datetime.now(UTC)
    wrong = False
    for what, moment in ((Text("最新封签", "the newest seal"), seal and seal.at),
                         (Text("最近一次运行", "the newest run"), started)):
        if moment is not None and _utc(moment) > patient.now + _AHEAD:
            wrong = True
            yield problem(Text(f"{what.zh}的时间 {_utc(moment):%Y-%m-%d %H:%M}Z 在将来",
                               f"{what.en} is of {_utc(moment):%Y-%m-%d %H:%M}Z, which lies in the future"), _SET_CLOCK)
    if swept is not None and swept > patient.now.date():
        wrong = True
        yield problem(
            Text(f"已巡查的业务日期 {swept} 在将来：在此之前的巡查都不会登记",
                 f"the business date {swept} was swept already: until then no sweep is recorded"),
            Text("核对时钟；若确是误巡查，请从其前的备份恢复", "look at the clock; if it was swept by mistake, restore "
                 "the backup from before"))
    if server is not None and abs(_utc(server) - here) > _AHEAD:
        wrong = True
        ahead = round((_utc(server) - here).total_seconds())
        yield problem(Text(f"数据库服务器的时钟与本机相差 {ahead:+d} 秒",
                           f"the database server's clock differs from this machine's by {ahead:+d} seconds"),
                      _SET_CLOCK)
    if back := _turned_back(patient.engine):
        wrong = True
        yield warning(
            Text(f"封签的时间倒退过 {len(back)} 次，最近是第 {back[-1]} 号：当时的时钟（或 ZHIBEN_NOW）往回拨了",
                 f"the times of seals went back {len(back)} times, last at seal {back[-1]}: a clock, or ZHIBEN_NOW, "
                 "was set back then"),
            Text("查看 zhiben log：这些登记的日期未必可信",
                 "look at zhiben log: the dates of what was entered then may be wrong"))
    if not wrong:
        agree = ("；服务器时钟与本机一致", "; the server's clock agrees") if server is not None else ("", "")
        yield ok(f"登记的时间都不在将来{agree[0]}", f"nothing was recorded in the future{agree[1]}")


_SET_CLOCK = Text("核对本机和服务器的时钟（timedatectl），启用时间同步",
                  "look at the clocks of this machine and the server (timedatectl), and turn on their synchronization")


def _is_server(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _utc(moment: Any) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def operators(patient: Patient) -> Found:
    """Are operators named, is one of them an admin, and are they those of the journal?"""
    assert patient.engine is not None
    with reading(patient.engine) as connection:
        rows = operator_store.rows(connection)
        sound = operator_store.is_sound(connection, rows)
    named = operator_store.standing(rows)
    if not sound:
        yield problem(Text("经办人员登记与日志不符", "the operators are not those that the journal tells of"),
                      Text("运行 zhiben verify --all，再从备份恢复", "run zhiben verify --all, then restore a backup"))
    elif not named:
        yield ok("没有登记经办人员：--by 写谁就信谁（zhiben operators add）",
                 "no operators are named: --by is believed (zhiben operators add)")
    elif not any(each.role == ADMIN for each in named.values()):
        yield warning(Text("没有管理人员", "no operator is an admin"),
                      Text("从备份恢复，或联系开发者", "restore a backup"))
    else:
        yield ok(f"经办人员 {len(named)} 名", f"operators: {len(named)}")


def _turned_back(engine: Engine) -> list[int]:
    """The numbers of the seals that bear an earlier time than the one before."""
    seals = journal.StoredSeal.table().c
    before = func.lag(seals.at).over(order_by=seals.number).label("before")
    each = select(seals.number, seals.at, before).subquery()
    with reading(engine) as connection:
        return list(connection.scalars(
            select(each.c.number).where(each.c.at < each.c.before).order_by(each.c.number)))
