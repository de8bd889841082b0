"""Opening the ledger's database (打开数据库), and the transactions in which it is read and written.

All that differs between SQLite and PostgreSQL stands here. SQLite keeps its rollback journal: one file is the whole
ledger, to be copied, mounted read-only or handed on, and nobody's reading leaves a mark on it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from facts.errors import BadDatabaseUrl, DatabaseUnreachable, DiskFull
from facts.language import Text
from facts.store import addresses, failures, schema

#: How long to wait for somebody else's writing to end, in seconds.
PATIENCE = 10
#: After how long a server gives up a writer that does nothing, in seconds: a machine that was put to sleep.
STANDSTILL = 300
#: How a server and this program notice that the other's machine is no more, which their systems do after two hours.
#: Until then nobody else could write. In seconds, and in probes.
_KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
#: What SQLite may keep beside a database's file, by the ends of their names.
BESIDE = ("-journal", "-wal", "-shm")
#: Memory that SQLite may use for pages, in KiB: enough that an import does not write its pages twice.
PAGE_CACHE = 64 * 1024


def open_database(url: str | URL, *, create: bool = False) -> Engine:
    """The database at ``url``, its schema checked: that of this program, neither older nor newer.

    ``create`` makes it if there is nothing yet; it never upgrades. Raises :class:`~facts.errors.BadDatabaseUrl`,
    :class:`~facts.errors.DatabaseMissing`, :class:`~facts.errors.NotALedger`, :class:`~facts.errors.SchemaOutdated`,
    :class:`~facts.errors.SchemaTooNew` or another :class:`~facts.errors.LedgerError`; the database is then untouched.
    """
    engine = connect(url)
    try:
        if _absent(engine):
            if not create:
                raise failures.missing(place_of(engine))
            _make(engine)
        with reading(engine) as connection:
            found = schema.found(connection)
        if found is None and create:
            _make(engine)
        else:
            schema.check(found, place_of(engine))
    except BaseException:
        engine.dispose()
        raise
    return engine


def upgrade(url: str | URL, then: Callable[[Connection], None] = lambda connection: None) -> tuple[str, str]:
    """Bring the database at ``url`` to this program's schema, wholly or not at all; return (schema before, after).

    ``then`` is what an older database lacks besides tables; it is done in the same transaction. Raises
    :class:`~facts.errors.DatabaseMissing`, :class:`~facts.errors.NotALedger`,
    :class:`~facts.errors.SchemaTooNew` or another :class:`~facts.errors.LedgerError`.
    """
    engine = connect(url)
    try:
        if _absent(engine):
            raise failures.missing(place_of(engine))
        with reading(engine) as connection:
            before = schema.found(connection)
        schema.check(before, place_of(engine), upgradable=True)
        _migrate(engine, then)
        return str(before), schema.head()
    finally:
        engine.dispose()


@contextmanager
def reading(source: Engine | Connection) -> Iterator[Connection]:
    """A transaction that sees one state of the database from its first to its last statement.

    A connection is taken as it is: what it has written is seen.
    """
    if isinstance(source, Connection):
        yield source
        return
    with source.connect() as connection:
        if source.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine, what: str = "ledger", standstill: float = STANDSTILL) -> Iterator[Connection]:
    """A transaction that writes; committed at the end, rolled back on any error.

    One at a time: on PostgreSQL one for each ``what`` (``ledger``, ``outcomes``), on SQLite one in all. Raises
    :class:`~facts.errors.DatabaseBusy` when the one before does not end within :data:`PATIENCE`. A PostgreSQL server
    ends one in which nothing happens for ``standstill`` seconds.
    """
    with engine.connect().execution_options(zhiben_writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            _be_patient(connection, standstill)
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:what))"), {"what": f"zhiben {what}"})
        yield connection


def _be_patient(connection: Connection, standstill: float = STANDSTILL) -> None:
    # Whoever stands still inside a transaction that writes keeps all others from writing, and is put out in the end.
    connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}s'"))
    connection.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = {round(standstill * 1000)}"))


def place_of(engine: Engine) -> str:
    """The database as it can be shown: a file's path, or a URL without password."""
    return addresses.shown(engine.url)


def connect(url: str | URL) -> Engine:
    """An engine for ``url``, its schema unchecked; nothing is opened yet."""
    try:
        parsed = make_url(url)
        if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
            raise ArgumentError(parsed.drivername)
        if addresses.torn(parsed):
            raise BadDatabaseUrl(
                Text("数据库地址中的口令含有“@”等符号；请写作 %40 等编码，或把口令放进 ~/.pgpass，地址中不写",
                     "the password in the database URL has a sign such as “@”; write it as %40, or better: leave the "
                     "password out of the URL and put it in ~/.pgpass")
            )  # fmt: skip
        sqlite = parsed.get_backend_name() == "sqlite"
        # What statements are about is nobody's business in an error report.
        ours = {"timeout": PATIENCE} if sqlite else {"connect_timeout": PATIENCE, **_KEEPALIVES}
        # What the address says goes first.
        ours = {name: value for name, value in ours.items() if name not in parsed.query}
        engine = create_engine(parsed, hide_parameters=True, connect_args=ours)
    except (ArgumentError, NoSuchModuleError, ValueError):
        given = addresses.shown_text(str(url))
        raise BadDatabaseUrl(
            Text(f"“{given}”不是数据库地址；应为 sqlite:///文件路径 或 postgresql+psycopg://用户:口令@主机/库名",
                 f"“{given}” is no database URL; expected sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME")
        ) from None  # fmt: skip
    except ModuleNotFoundError:
        raise DatabaseUnreachable(
            Text("未安装 PostgreSQL 驱动；请运行 pip install 'psycopg[binary]'",
                 "the PostgreSQL driver is not installed; run pip install 'psycopg[binary]'")
        ) from None  # fmt: skip
    event.listen(engine, "handle_error", _explain)
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    # The driver's own transactions would commit each CREATE TABLE by itself and leave reads outside; BEGIN is ours.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{PAGE_CACHE}")


def _prepare_postgresql(connection: Any, _: Any) -> None:
    # Dates are also read as text, and a server may be set to another order of day and month.
    settings = {"datestyle": "ISO", **{f"tcp_{name}": value for name, value in _KEEPALIVES.items()}}
    connection.autocommit = True
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, false)", (name, str(value)))
    connection.autocommit = False


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turns writer halfway cannot wait for another writer, only fail: writers say so at the start.
    immediate = connection.get_execution_options().get("zhiben_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _explain(context: ExceptionContext) -> None:
    place = place_of(context.engine) if context.engine else ""
    # Neither connecting nor committing is a statement, and only the latter has a connection.
    moment = failures.WORKING if context.statement else failures.ENDING if context.connection else failures.CONNECTING
    explained = failures.explain(context.original_exception, place, moment, disconnected=context.is_disconnect)
    if explained is not None:
        raise explained from context.original_exception


def _absent(engine: Engine) -> bool:
    """Whether there is no file; connecting would leave an empty one behind."""
    if engine.dialect.name != "sqlite" or engine.url.database in (None, "", ":memory:"):
        return False
    return not Path(engine.url.database).exists()


def _make(engine: Engine) -> None:
    database = engine.url.database
    if engine.dialect.name == "sqlite" and database and not Path(database).absolute().parent.is_dir():
        raise DatabaseUnreachable(
            Text(f"{database}：所在文件夹不存在；请先建立", f"{database}: its folder does not exist; create it first")
        )
    absent = _absent(engine)
    try:
        _migrate(engine)
    except DiskFull:
        engine.dispose()
        if absent and database and not Path(database).stat().st_size:
            Path(database).unlink()
        raise


def _migrate(engine: Engine, then: Callable[[Connection], None] = lambda connection: None) -> None:
    with engine.connect().execution_options(zhiben_writes=True) as connection:
        if engine.dialect.name == "sqlite":
            # SQLite changes a table by making it anew, which enforced references would forbid; they are checked
            # before the commit instead. The pragma has no effect inside a transaction.
            connection.connection.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                if engine.dialect.name == "postgresql":
                    _be_patient(connection)
                    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('zhiben schema'))"))
                schema.migrate(connection, place_of(engine))
                then(connection)
        finally:
            if engine.dialect.name == "sqlite":
                connection.connection.execute("PRAGMA foreign_keys = ON")
