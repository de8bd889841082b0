"""Databases to test on: SQLite, and a PostgreSQL server of the tests' own (测试用数据库).

The server is started by Debian's ``pg_virtualenv`` and gone when the tests are over. ``ZHIBEN_TEST_POSTGRES`` may be

- ``required``: without a server the tests fail (CI), instead of leaving out those that need it;
- ``no``: none is started;
- a database URL: a server that runs already, on which databases may be made.

``ZHIBEN_TEST_DATABASES=all`` runs every test of a database on both, not only those that differ most; ``postgresql`` and
``sqlite`` run them on one alone. The server speaks in dates, times and an order of letters that the program must not
depend on.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, make_url, text

from engine import copies
from facts.store.database import open_database

BOTH = ("sqlite", "postgresql")
LACKING = ("PostgreSQL is not tested: there is no pg_virtualenv here; on Debian or Ubuntu run "
           "`sudo apt install postgresql` · 未测试 PostgreSQL：没有 pg_virtualenv，请安装 postgresql")

_WISH = os.environ.get("ZHIBEN_TEST_POSTGRES", "")
#: Where the process that started the server writes its address.
_ADDRESS = "ZHIBEN_TEST_SERVER_ADDRESS"
#: What a server may be set to, and what makes a throw-away one quick. No test here is about losing power.
_SETTINGS = ("timezone=Asia/Shanghai", "datestyle=SQL, DMY", "synchronous_commit=off", "full_page_writes=off",
             "wal_level=minimal", "max_wal_senders=0", "autovacuum=off", "max_connections=200")
#: No test is about the server's own checking of passwords, which takes longer than most of what is asked of it.
_OPENLY = "--auth-host=trust"
#: How long the server may take to start, in seconds.
_PATIENCE = 60

_started: list[subprocess.Popen[bytes]] = []


def pytest_configure(config: pytest.Config) -> None:
    """Tell all processes of this run where the server's address will stand."""
    if hasattr(config, "workerinput") or _WISH == "no" or "://" in _WISH:
        return
    # Debian's package of the command alone brings no server.
    if shutil.which("pg_virtualenv") is not None and any(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        folder = Path(tempfile.mkdtemp(prefix="zhiben-tests."))
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        os.environ[_ADDRESS] = str(folder / "address")
    elif _WISH == "required":
        raise pytest.UsageError(LACKING)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the server if any test wants it."""
    if not hasattr(session.config, "workerinput"):
        _start_for(item.nodeid for item in session.items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(ids: Sequence[str]) -> None:
    """The same where other processes collect the tests."""
    _start_for(ids)


def _start_for(ids: Iterable[str]) -> None:
    if _started or _ADDRESS not in os.environ or not any(BOTH[1] in id_ for id_ in ids):
        return
    address = Path(os.environ[_ADDRESS])
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = str(free.getsockname()[1])
    tell = 'echo "$PGUSER:$PGPASSWORD@$PGHOST:$PGPORT" >"$0.new" && mv "$0.new" "$0" && exec cat >/dev/null'
    with address.with_name("log").open("wb") as log:
        # It ends when this process does, however that ends: then `cat` finds its input closed.
        _started.append(subprocess.Popen(
            ["sh", "-c", '"$@"; touch "$0"', str(address.with_name("ended")), "pg_virtualenv", "-t", "-i", _OPENLY,
             *(word for setting in _SETTINGS for word in ("-o", setting)), "sh", "-c", tell, str(address)],
            env={**os.environ, "PGPORT": port}, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True))


def pytest_unconfigure() -> None:
    """Stop the server."""
    for process in _started:
        process.communicate(timeout=_PATIENCE)
    _started.clear()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly when there was no server."""
    if _ADDRESS not in os.environ and "://" not in _WISH:
        terminalreporter.write_line("PostgreSQL is not tested · 未测试 PostgreSQL" if _WISH == "no" else LACKING,
                                    yellow=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on the databases that its module names as ``DATABASES``; else those of the store on both, others on
    SQLite alone."""
    by_itself = any("backend" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "backend" in metafunc.fixturenames and not by_itself:
        asked = os.environ.get("ZHIBEN_TEST_DATABASES", "")
        chosen = {"all": BOTH, "sqlite": BOTH[:1], "postgresql": BOTH[1:]}.get(asked)
        usual = BOTH if metafunc.definition.path.parent.name == "store" else BOTH[:1]
        named = getattr(metafunc.module, "DATABASES", usual)
        metafunc.parametrize("backend", chosen or named, indirect=True)


class Server:
    """A PostgreSQL server on which databases are made and dropped."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._admin = create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._templates: dict[Path | None, str] = {}

    def make(self, template: str | None = None) -> str:
        """The URL of a new database: empty, or a copy of the database ``template``."""
        name = f"zhiben_{uuid.uuid4().hex}"
        with self._admin.connect() as connection:
            if template is not None:
                how = f"TEMPLATE {make_url(template).database}"
            else:
                how = "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
                if connection.dialect.server_version_info >= (15,):
                    how += " LOCALE_PROVIDER icu ICU_LOCALE 'zh-CN'"
            connection.execute(text(f"CREATE DATABASE {name} {how}"))
        return self._url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database, whoever still is connected to it."""
        with self._admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)"))

    @contextmanager
    def database(self, holding: Path | None = None) -> Iterator[str]:
        """A database with all that the SQLite database ``holding`` has, or a ledger in which nothing is yet."""
        if holding not in self._templates:
            self._templates[holding] = template = self.make()
            if holding is None:
                open_database(template, create=True).dispose()
            else:
                source = open_database(f"sqlite:///{holding}")
                copies.copy(source, template)
                source.dispose()
        url = self.make(self._templates[holding])
        try:
            yield url
        finally:
            self.drop(url)

    def close(self) -> None:
        """Drop what is left."""
        for template in self._templates.values():
            self.drop(template)
        self._admin.dispose()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server; a test that asks for it is skipped where there is none."""
    address = os.environ.get(_ADDRESS)
    if "://" in _WISH:
        server = Server(_WISH)
    elif address is None:
        pytest.skip(LACKING)
    else:
        server = Server(f"postgresql+psycopg://{_awaited(Path(address))}/postgres")
    yield server
    server.close()


def _awaited(address: Path) -> str:
    end = time.monotonic() + _PATIENCE
    while not address.exists():
        if time.monotonic() > end or address.with_name("ended").exists():
            pytest.fail(f"the server did not start: {address.with_name('log').read_text()}")
        time.sleep(0.05)
    return address.read_text().strip()


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """``sqlite`` or ``postgresql``."""
    if request.param == "postgresql":
        request.getfixturevalue("server")
    return request.param


@contextmanager
def standing(backend: str, request: pytest.FixtureRequest, holding: Path, place: Path) -> Iterator[str]:
    """The URL of a copy of the SQLite database ``holding``, on the backend of this test; a file would be ``place``."""
    if backend == "sqlite":
        shutil.copyfile(holding, place)
        yield f"sqlite:///{place}"
        return
    with request.getfixturevalue("server").database(holding) as url:
        yield url


@contextmanager
def in_folder(backend: str, request: pytest.FixtureRequest, holding: Path,
              monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same for the program in the current folder: it finds the copy, as zhiben.db or as ``ZHIBEN_DB``."""
    with standing(backend, request, holding, Path("zhiben.db")) as url:
        if not url.startswith("sqlite"):
            monkeypatch.setenv("ZHIBEN_DB", url)
        yield


def here() -> str:
    """The database that the program finds in the current folder."""
    return os.environ.get("ZHIBEN_DB", "sqlite:///zhiben.db")


def digest(url: str | None = None) -> str:
    """What tells whether anything was written: of an SQLite database the bytes of its file, else all rows."""
    parsed = make_url(url or here())
    if parsed.get_backend_name() == "sqlite":
        return hashlib.sha256(Path(str(parsed.database)).read_bytes()).hexdigest()
    engine = create_engine(parsed)
    with engine.connect() as connection:
        rows = {name: sorted(connection.scalars(text(f"SELECT CAST({name} AS text) FROM {name}")))
                for name in inspect(connection).get_table_names()}
    engine.dispose()
    return hashlib.sha256(repr(rows).encode()).hexdigest()
