"""``zhiben db copy|backup|restore``: what comes back is what there was, and nothing that stood is ever lost."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from types import SimpleNamespace

import pytest
from sqlalchemy import inspect, make_url, text

from engine.backups import backup, backup_name, prune
from engine.clock import now
from facts.store import schema
from facts.store.database import connect, open_database, reading
from facts.store.journal import newest
from tests.cli.conftest import Run
from tests.cli.ledger import RESTAURANT, code, write_folder
from tests.crash.older import made_older
from tests.crash.victims import Victim
from tests.databases import BOTH, digest, here

DATABASES = BOTH
ROOT = Path(__file__).parents[2]
RETURNED = {"records": [["uscc", "kind", "date"], [RESTAURANT, "evacuation_drill", "2024-07-07"]]}


def head(url: str | None = None) -> str:
    engine = open_database(url or here())
    with reading(engine) as connection:
        seal = newest(connection)
    engine.dispose()
    assert seal is not None
    return seal.hash


def sound(run: Run, url: str) -> None:
    assert json.loads(run("verify", "--db", url, "--format", "json").stdout)["sound"]


@pytest.mark.usefixtures("folder")
def test_a_backup_is_one_file_that_can_be_used_as_it_is(run: Run, backend: str) -> None:
    before = digest()
    said = run("--lang", "en", "db", "backup", "kept.db").stdout
    assert digest() == before
    assert head() in said
    assert hashlib.sha256(Path("kept.db").read_bytes()).hexdigest() in said
    assert subprocess.run(["sha256sum", "-c", "kept.db.sha256"], check=False, capture_output=True).returncode == 0
    assert Path("kept.db").stat().st_mode & 0o077 == 0
    assert head("sqlite:///kept.db") == head()
    sound(run, "sqlite:///kept.db")
    query = ("query", RESTAURANT, "--as-of", "2025-02-01", "--format", "json")
    assert run(*query, "--db", "sqlite:///kept.db").stdout == run(*query).stdout
    run("db", "backup", "kept.db", code=2)
    run("db", "backup", "kept.db", "--force")
    run("db", "backup", "nowhere/kept.db", code=3)
    assert sorted(each.name for each in Path().glob("*kept*")) == ["kept.db", "kept.db.sha256"]


@pytest.mark.usefixtures("folder")
def test_restored_it_is_what_it_was(run: Run, server_or_file: Callable[[], str]) -> None:
    run("db", "backup", "kept.db")
    kept, url = digest("sqlite:///kept.db"), server_or_file()
    run("db", "restore", "kept.db", "--db", url)
    assert head(url) == head()
    sound(run, url)
    refused = run("db", "restore", "kept.db", "--db", url, code=3)
    assert "--force" in refused.stderr
    more = str(write_folder(Path("more"), RETURNED))
    run("import", more, "--db", url)
    later = head(url)
    assert later != head()
    told = run("--lang", "en", "db", "restore", "kept.db", "--db", url, "--force").stdout
    assert head(url) == head()
    sound(run, url)
    assert later == _aside(url, told)
    assert digest("sqlite:///kept.db") == kept
    # Whoever goes on writes after what was restored.
    run("import", more, "--db", url)
    assert "2\t" in run("db", "imports", "--db", url).stdout
    sound(run, url)


@pytest.fixture
def server_or_file(backend: str, request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Where to restore to: nothing is there yet."""
    made: list[str] = []

    def make() -> str:
        made.append("sqlite:///restored.db" if backend == "sqlite" else request.getfixturevalue("server").make())
        return made[-1]

    yield make
    for url in made:
        if backend != "sqlite":
            request.getfixturevalue("server").drop(url)


def _aside(url: str, told: str) -> str:
    """The newest seal of what was moved aside, as the program says where."""
    (where,) = [line.rpartition(" ")[2] for line in told.splitlines() if "kept in" in line]
    if url.startswith("sqlite"):
        return head(f"sqlite:///{where}")
    engine = connect(url)
    with engine.connect() as connection:
        found = connection.scalar(text(f"SELECT hash FROM {where}.seals ORDER BY number DESC LIMIT 1"))
    engine.dispose()
    return found


def _cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _smudge(file: Path) -> None:
    content = bytearray(file.read_bytes())
    place = content.index(RESTAURANT.encode())
    content[place + 1] ^= 1
    file.write_bytes(content)


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _another(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE bikes (colour TEXT)")


def _forge(file: Path) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("UPDATE enterprises SET headcount = 3")
        other.commit()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("harm", "checksum"), [(_cut, False), (_smudge, True), (_smudge, False), (_empty, False),
                                                (_another, False), (_forge, False)])
@pytest.mark.usefixtures("folder")
def test_a_backup_that_is_not_what_was_written_is_refused(run: Run, harm: Callable[[Path], None],
                                                         checksum: bool) -> None:
    run("db", "backup", "kept.db")
    if not checksum:
        Path("kept.db.sha256").unlink()
    harm(Path("kept.db"))
    before = digest()
    refused = run("--lang", "en", "db", "restore", "kept.db", "--force", code=3).stderr
    assert len(refused.splitlines()) == 1
    assert "kept.db" in refused
    assert digest() == before
    assert not list(Path().glob("zhiben.db.before*")) + list(Path().glob(".zhiben*"))


@pytest.mark.usefixtures("folder")
def test_what_is_no_backup_at_all(run: Run) -> None:
    before = digest()
    run("db", "restore", "none.db", code=2)
    Path("text.db").write_text("nothing but words")
    run("db", "restore", "text.db", "--force", code=3)
    run("db", "copy", "mysql://x/y", code=2)
    run("db", "copy", here(), code=2)
    run("db", "backup", "one.db", "--keep", "3", code=2)
    assert digest() == before


def test_somebody_elses_database_is_not_moved_aside(run: Run, folder: Path,
                                                   server_or_file: Callable[[], str]) -> None:
    run("db", "backup", "kept.db")
    url = server_or_file()
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE bikes (colour VARCHAR)"))
    run("db", "restore", "kept.db", "--db", url, "--force", code=3)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["bikes"]
    engine.dispose()


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("number", ["0004", "0007"])
def test_an_older_backup_is_upgraded_on_the_way(run: Run, imported: Path, history: Path, number: str,
                                               server_or_file: Callable[[], str]) -> None:
    # The schema 0004 had no journal: what it holds is entered in one.
    newer = SimpleNamespace(url=f"sqlite:///{history if number == '0004' else imported}")
    made_older(newer, SimpleNamespace(url="sqlite:///old.db"), number)
    old, url = digest("sqlite:///old.db"), server_or_file()
    run("db", "restore", "old.db", "--db", url)
    sound(run, url)
    engine = open_database(url)
    with reading(engine) as connection:
        assert schema.found(connection) == schema.head()
    engine.dispose()
    assert digest("sqlite:///old.db") == old


@pytest.mark.usefixtures("empty")
def test_before_an_upgrade_a_backup_can_be_taken(run: Run, imported: Path) -> None:
    made_older(SimpleNamespace(url=f"sqlite:///{imported}"), SimpleNamespace(url="sqlite:///zhiben.db"), "0007")
    run("query", RESTAURANT, code=3)
    run("db", "backup", "kept.db")
    run("db", "upgrade")
    run("db", "restore", "kept.db", "--force")
    sound(run, "sqlite:///zhiben.db")


@pytest.mark.usefixtures("folder")
def test_a_folder_keeps_the_newest(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("kept").mkdir()
    Path("kept/other.db").write_text("not ours")
    Path("kept/zhiben-1.db").write_text("nor this")
    for hour in range(4):
        monkeypatch.setenv("ZHIBEN_NOW", f"2025-03-01T0{hour}:00")
        run("db", "backup", "kept", "--keep", "2")
    names = ["zhiben-20250301-020000.db", "zhiben-20250301-030000.db"]
    assert sorted(each.name for each in Path("kept").iterdir()) == sorted(
        [*names, *(f"{name}.sha256" for name in names), "other.db", "zhiben-1.db"])
    assert prune(Path("kept"), 1) == [Path("kept") / names[0]]
    assert backup_name(now()) == names[1]


def test_a_backup_while_others_write_is_of_one_moment(run: Run, folder: Path) -> None:
    writer = ("import sys, itertools; from facts.store.database import open_database\n"
              "from facts.store.imports import apply_import\n"
              "from tests.store.rows import NOW, enterprise, ledger\n"
              "engine = open_database(sys.argv[1])\n"
              "for n in itertools.count(1):\n"
              "    apply_import(engine, ledger(enterprise(n)), str(n), NOW); print(n, flush=True)\n")
    engine = open_database(here())
    url = engine.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", writer, url], stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        made = [backup(engine, Path(f"{n}.db")) for n in range(3)]
        process.send_signal(signal.SIGKILL)
    engine.dispose()
    assert [each.mismatch for each in made] == [None] * 3
    seals = [each.seal.number for each in made if each.seal]
    assert seals[0] < seals[1] < seals[2]
    for each in made:
        sound(run, f"sqlite:///{each.file}")


def test_killed_while_restoring_the_former_one_is_there(run: Run, folder: Path) -> None:
    run("db", "backup", "kept.db")
    run("import", str(write_folder(Path("more"), {"enterprises": [
        ["uscc", "name", "registered_on", "valid_from"],
        *([code(n), "甲", "2020-01-01", "2020-01-01"] for n in range(300, 400))]})))
    before, url = head(), make_url(here())
    if url.get_backend_name() == "sqlite":
        url = url.set(database=str(folder / str(url.database)))
    settings = {"ZHIBEN_DB": url.render_as_string(hide_password=False), "ZHIBEN_NOW": "2025-03-01T09:00"}
    restoring = ("db", "restore", "kept.db", "--force")
    calm = {**settings, "ZHIBEN_DB": "sqlite:///calm.db"}
    times = []
    # The first one waits until that from which it is forked has been started.
    for _ in range(2):
        Path("calm.db").unlink(missing_ok=True)
        begun = monotonic()
        with Victim(restoring, calm, folder) as undisturbed:
            assert undisturbed.wait() == 0, undisturbed.said()
        times.append(monotonic() - begun)
    seconds, killed = min(times), 0
    for number, share in enumerate((0.2, 0.4, 0.6, 0.8)):
        # The former database is kept under a name that has the second.
        settings["ZHIBEN_NOW"] = f"2025-03-02T09:00:0{number}"
        with Victim(restoring, settings, folder) as victim:
            sleep(share * seconds)
            killed += victim.kill()
        assert head() in (before, head("sqlite:///kept.db"))
        sound(run, here())
    assert killed
    run("db", "restore", "kept.db", "--force")
    assert head() == head("sqlite:///kept.db")
