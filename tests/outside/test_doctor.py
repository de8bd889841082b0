"""The doctor finds each harm that is done for real, says what to do, and finds nothing where nothing is wrong."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from engine import doctor, runs, schedule
from engine.cli import main
from engine.clock import SHANGHAI
from engine.daemon import Daemon
from engine.diagnosis import Finding, Patient, State
from engine.lease import held
from facts.store.database import connect, open_database, writing
from tests.cli.conftest import PACKS, Run
from tests.databases import Server, digest
from tests.outside.conftest import AS_OF, NOW, fill, until

URL = "sqlite:///zhiben.db"


def examined(url: str = URL, *, now: str = NOW, quick: bool = True, packs: tuple[str, ...] = ()) -> list[Finding]:
    moment = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    return doctor.examine(Patient(url, packs or (str(PACKS),), moment, quick=quick))


def found(check: str, url: str = URL, **how: object) -> Finding:
    """The one thing that a check finds; all other checks go on."""
    (finding,) = (each for each in examined(url, **how) if each.check == check)  # type: ignore[arg-type]
    if finding.state is not State.OK:
        assert finding.todo is not None
        assert finding.todo.zh != finding.todo.en
    assert "\n" not in finding.found.zh + finding.found.en
    return finding


def execute(*statements: str) -> None:
    with closing(sqlite3.connect("zhiben.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.fixture
def program(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The program with the clock of the machine; what it printed."""
    monkeypatch.delenv("ZHIBEN_NOW")

    def call(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, words)
        assert result.exit_code == code, (result.output, result.exception)
        return result.stdout

    return call


@pytest.mark.usefixtures("folder")
def test_nothing_is_found_where_all_is_well(program: Callable[..., str], folder: Path) -> None:
    Path("zhiben.db").chmod(0o600)
    (folder / "backups").mkdir()
    program("sweep")
    program("schedule", "set", "backup", "--", str(folder / "backups"), "--keep", "3")
    program("db", "backup", "backups")
    before = digest()
    said = json.loads(program("doctor", "--format", "json"))
    assert [each for each in said if each["state"] != "ok"] == []
    assert {each["check"] for each in said} == {name for name, _ in (*doctor.OF_DATABASE, *doctor.ALONE)} | {"database"}
    assert all(each["zh"] and each["en"] and each["todo"] is None for each in said)
    assert digest() == before
    lines = program("doctor", "--quick", "--lang", "zh").splitlines()
    assert len(lines) == len(said)
    assert all(line.startswith("正常") for line in lines)


@pytest.mark.usefixtures("swept")
def test_something_found_is_an_exit_status_of_one(run: Run) -> None:
    said = run("doctor", "--quick", "--lang", "en", code=1).stdout
    (line,) = (line for line in said.splitlines() if "backup" in line.split()[1])
    assert line.startswith("warning")
    assert "→ run zhiben db backup" in line
    assert any(line.startswith("ok ") for line in said.splitlines())


def test_no_database(empty: Path) -> None:
    finding = next(each for each in examined("sqlite:///none.db") if each.check == "database")
    assert finding.state is State.PROBLEM
    assert "zhiben import" in finding.found.en
    # A database that is not there is not made by looking for it.
    assert list(empty.iterdir()) == []


@pytest.mark.usefixtures("swept")
@pytest.mark.parametrize(("statement", "says"), [
    ("UPDATE alembic_version SET version_num = '0004'", "zhiben db upgrade"),
    ("UPDATE alembic_version SET version_num = '9999'", "newer Zhiben"),
    ("DROP TABLE alembic_version", "not a Zhiben database"),
])
def test_a_database_of_another_schema(statement: str, says: str) -> None:
    execute(statement)
    all_found = examined()
    (finding,) = (each for each in all_found if each.check == "database")
    assert finding.state is State.PROBLEM
    assert says in finding.found.en
    assert {each.check for each in all_found} == {"database", *(name for name, _ in doctor.ALONE)}


@pytest.mark.usefixtures("swept")
def test_a_file_that_is_no_database() -> None:
    Path("zhiben.db").write_bytes(b"PK\x03\x04" * 1000)
    assert next(each for each in examined() if each.check == "database").state is State.PROBLEM


@pytest.mark.usefixtures("swept")
def test_a_page_that_was_overwritten() -> None:
    with closing(sqlite3.connect("zhiben.db")) as connection:
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'records'").fetchone()[0]
    with Path("zhiben.db").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(os.urandom(size))
    all_found = examined(quick=False)
    bad = {each.check: each for each in all_found if each.state is State.PROBLEM}
    assert "file" in bad
    assert "restore" in (bad["file"].todo or bad["file"].found).en
    # The others are looked at all the same.
    assert {each.check for each in all_found} >= {"journal", "packs", "clock", "disk", "backup"}


@pytest.mark.usefixtures("swept")
def test_a_file_that_was_cut_short() -> None:
    os.truncate("zhiben.db", Path("zhiben.db").stat().st_size // 2)
    assert State.PROBLEM in {each.state for each in examined(quick=False) if each.check in ("database", "file")}


@pytest.mark.usefixtures("swept")
def test_rows_that_refer_to_nothing() -> None:
    execute("PRAGMA foreign_keys = OFF", "DELETE FROM revisions")
    finding = found("file", quick=False)
    assert finding.state is State.PROBLEM
    assert "revisions" in finding.found.en


@pytest.mark.usefixtures("swept")
def test_a_verdict_that_was_changed_by_hand() -> None:
    execute("UPDATE violations SET status = 'closed' WHERE uscc IN (SELECT uscc FROM violations LIMIT 1)")
    finding = found("journal", quick=False)
    assert finding.state is State.PROBLEM
    assert finding.found.en.startswith("violations ")
    assert "zhiben verify --all" in finding.todo.en
    # Not every entry is looked at then, and it says so.
    assert "zhiben verify" in found("journal", quick=True).found.en


@pytest.mark.usefixtures("swept")
@pytest.mark.parametrize("statement", [
    "UPDATE seals SET said = replace(said, 'a', 'b') WHERE number = 1",
    "UPDATE entries SET hash = '0' WHERE seal = (SELECT max(number) FROM seals)",
    "PRAGMA foreign_keys = OFF; DELETE FROM seals WHERE number = 1",
])
@pytest.mark.parametrize("quick", [True, False])
def test_a_journal_that_was_changed_by_hand(statement: str, quick: bool) -> None:
    execute(*statement.split("; "))
    assert found("journal", quick=quick).state is State.PROBLEM


@pytest.mark.usefixtures("swept")
def test_a_clock_that_ran_ahead(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found("times").state is State.OK
    monkeypatch.setenv("ZHIBEN_NOW", "2031-05-05T09:00")
    run("sweep", "--allow-surge")
    all_found = [each for each in examined() if each.check == "times"]
    assert {each.state for each in all_found} == {State.PROBLEM}
    said = " ".join(each.found.en for each in all_found)
    for part in ("newest seal", "newest run", "business date 2031-05-05"):
        assert part in said


@pytest.mark.usefixtures("swept")
def test_a_clock_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert any(each.check == "clock" and each.state is State.WARNING and "ZHIBEN_NOW" in each.found.en
               for each in examined())
    monkeypatch.delenv("ZHIBEN_NOW")
    assert found("clock").state is State.OK


@pytest.mark.usefixtures("swept")
@pytest.mark.parametrize(("now", "missing"), [("2025-03-02T02:00", None), ("2025-03-02T03:00", "1"),
                                              ("2025-03-31T12:00", "30")])
def test_nights_that_nobody_swept(now: str, missing: str | None) -> None:
    finding = found("sweeps", now=now)
    assert finding.state is (State.OK if missing is None else State.PROBLEM)
    assert missing is None or finding.found.en.endswith(f": {missing}")


@pytest.mark.usefixtures("swept")
def test_one_judged_by_turns_was_not_as_recorded(run: Run) -> None:
    assert found("samples").found.en.startswith("0 ")
    for date, differing, state in (("2025-03-02", 0, State.OK), ("2025-03-03", 1, State.PROBLEM)):
        run("sweep", "--as-of", date)
        with sqlite3.connect("zhiben.db") as connection:
            connection.execute("UPDATE runs SET said = json_set(said, '$.sampled', 2, '$.differing', ?) "
                               "WHERE business_date = ?", (differing, date))
        finding = found("samples")
        assert finding.state is state
        assert ("--full" in finding.todo.en if finding.todo else not differing)
    run("sweep", "--full", "--as-of", "2025-03-03")
    assert found("samples").found.en.startswith("0 ")


@pytest.mark.usefixtures("folder")
def test_a_ledger_that_was_never_swept() -> None:
    assert found("sweeps").state is State.WARNING
    assert found("daemon").state is State.WARNING
    assert not [each for each in examined() if each.check == "rulebook"]


@pytest.mark.usefixtures("swept")
def test_a_sweep_that_was_killed(started: Callable[..., subprocess.Popen[str]]) -> None:
    assert found("running").state is State.OK
    sweep = started("sweep", ZHIBEN_NOW="2025-03-02T09:00", ZHIBEN_LOG="-")
    until(sweep, "sweep_begun")
    sweep.kill()
    sweep.wait()
    finding = found("running", now="2025-03-02T09:01")
    assert finding.state is State.PROBLEM
    assert "2025-03-02" in finding.found.en
    assert CliRunner().invoke(main, ["sweep"], env={"ZHIBEN_NOW": "2025-03-02T10:00"}).exit_code == 0
    assert found("running", now="2025-03-02T10:01").state is State.OK


@pytest.mark.usefixtures("swept")
def test_a_sweep_that_takes_too_long() -> None:
    begun = datetime.fromisoformat(NOW).replace(tzinfo=SHANGHAI)
    engine = open_database(URL)
    with held(engine, runs.SWEEP, lambda: begun):
        with writing(engine, "outcomes") as connection:
            runs.begin(connection, runs.SWEEP, begun.date(), begun, holder="here")
        assert found("running", now="2025-03-01T10:00").state is State.OK
        assert found("running", now="2025-03-01T16:00").state is State.WARNING


@pytest.mark.usefixtures("swept")
def test_packs_that_changed_since(tmp_path: Path) -> None:
    assert found("rulebook").state is State.OK
    other = tmp_path / "packs"
    shutil.copytree(PACKS, other)
    pack = next(other.rglob("*.yaml"))
    pack.write_text(pack.read_text("utf-8") + "\n# 改\n", "utf-8")
    finding = found("rulebook", packs=(str(other),))
    assert finding.state is State.WARNING
    assert "rules diff" in finding.todo.en


@pytest.mark.usefixtures("swept")
@pytest.mark.parametrize("bad", ["pack: x\nrules: [", "none", "pack: [1]\n"])
def test_packs_that_cannot_be_loaded(tmp_path: Path, bad: str) -> None:
    pack = tmp_path / "bad.yaml"
    if bad != "none":
        pack.write_text(bad)
    all_found = examined(packs=(str(pack),))
    finding = next(each for each in all_found if each.check == "packs")
    assert finding.state is State.PROBLEM
    assert "bad.yaml" in finding.found.en
    assert {each.check for each in all_found} >= {"sweeps", "disk"}


def test_drafts_are_named(monkeypatch: pytest.MonkeyPatch, swept: Path) -> None:
    monkeypatch.delenv("ZHIBEN_PACKS")
    patient = Patient(URL, (), datetime.now(SHANGHAI))
    (finding,) = (each for each in doctor.examine(patient) if each.check == "packs")
    assert "liaoning-lingyuan/commerce" in finding.found.en


@pytest.mark.usefixtures("swept")
def test_a_job_that_failed() -> None:
    engine = open_database(URL)
    with writing(engine, "outcomes") as connection:
        job = next(job for job in schedule.jobs(connection) if job.name == "backup")
        schedule.set_job(connection, replace(job, active=True, words=("/proc/nowhere/x.db",)), datetime.now(SHANGHAI))
    daemon = Daemon(engine, URL, lambda: datetime.fromisoformat(NOW).replace(tzinfo=SHANGHAI), catch_up="all")
    daemon._take_up()
    daemon._job("backup", None)
    finding = found("jobs")
    assert finding.state is State.PROBLEM
    assert finding.found.en.startswith(f"backup of {AS_OF} was not done: ")
    assert "zhiben schedule history --job backup" in finding.todo.en
    assert next(each for each in examined() if each.check == "disk" and each.state is State.PROBLEM)


@pytest.mark.usefixtures("swept")
def test_a_job_that_is_overdue() -> None:
    at = datetime(2025, 3, 1, 7, tzinfo=SHANGHAI)
    with writing(open_database(URL), "outcomes") as connection:
        runs.end(connection, runs.begin(connection, "waivers", at.date(), at, holder="x"), runs.DONE, at)
    assert found("jobs", now="2025-03-02T07:05").state is State.OK
    assert found("jobs", now="2025-03-02T07:30").state is State.WARNING


@pytest.mark.usefixtures("swept")
def test_a_daemon_that_runs_is_killed_and_is_started_again(started: Callable[..., subprocess.Popen[str]]) -> None:
    daemon = started("schedule", "run")
    until(daemon, "daemon_started")
    awaited(lambda: "daemon" in found("daemon").found.en and f", {daemon.pid}" in found("daemon").found.en)
    assert found("daemon").state is State.OK
    # It says nothing more of a day later: it hangs, or its machine is off.
    assert found("daemon", now="2030-01-01T00:00").state is State.PROBLEM
    daemon.kill()
    daemon.wait()
    finding = found("daemon")
    assert finding.state is State.PROBLEM
    assert str(daemon.pid) in finding.found.en
    again = started("schedule", "run")
    until(again, "daemon_started")
    awaited(lambda: str(again.pid) in found("daemon").found.en)
    assert found("daemon").state is State.OK
    again.terminate()
    assert until(again, "daemon_stopped")[-1]["event"] == "daemon_stopped"
    assert again.wait(timeout=60) == 0
    assert "no daemon" in found("daemon").found.en


def awaited(true: Callable[[], bool]) -> None:
    end = datetime.now() + timedelta(seconds=60)
    while not true():
        assert datetime.now() < end


@pytest.mark.usefixtures("swept")
def test_backups_grow_old(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found("backup").state is State.WARNING
    at = datetime(2025, 3, 1, 10, tzinfo=SHANGHAI)
    with writing(open_database(URL), "outcomes") as connection:
        runs.end(connection, runs.begin(connection, "backup", at.date(), at, holder="x"), runs.DONE, at)
    assert found("backup", now="2025-03-20T09:00").state is State.OK, "nothing was recorded since"
    monkeypatch.setenv("ZHIBEN_NOW", "2025-03-02T03:00")
    run("sweep", "--full")
    assert found("backup", now="2025-03-02T09:00").state is State.OK
    assert found("backup", now="2025-03-20T09:00").state is State.WARNING


def test_a_disk_that_is_full(swept: Path, small_disk: Path) -> None:
    shutil.copy("zhiben.db", small_disk / "zhiben.db")
    url = f"sqlite:///{small_disk / 'zhiben.db'}"
    (little,) = (each for each in examined(url) if each.check == "disk" and str(small_disk) in each.found.en)
    assert little.state is State.WARNING
    fill(small_disk)
    (full,) = (each for each in examined(url) if each.check == "disk" and str(small_disk) in each.found.en)
    assert full.state is State.PROBLEM
    assert f"{small_disk}: 0 MiB free" in full.found.en


def test_a_disk_that_is_read_only(read_only: Path) -> None:
    finding = found("permissions")
    assert finding.state is State.PROBLEM
    assert "cannot be written to" in finding.found.en


@pytest.fixture
def open_to_all(swept: Path) -> Iterator[Path]:
    """A copy of the database where everybody on the machine can come."""
    folder = Path(tempfile.mkdtemp(prefix="zhiben-test."))
    if not all(each.stat().st_mode & 0o001 for each in folder.parents):
        pytest.skip("no folder here can be reached by everybody")
    folder.chmod(0o755)
    shutil.copy("zhiben.db", folder)
    yield folder / "zhiben.db"
    shutil.rmtree(folder)


@pytest.mark.parametrize(("mode", "state"), [(0o600, State.OK), (0o640, State.OK), (0o644, State.WARNING),
                                             (0o666, State.PROBLEM)])
def test_a_database_that_others_can_read(open_to_all: Path, mode: int, state: State) -> None:
    open_to_all.chmod(mode)
    assert found("permissions", f"sqlite:///{open_to_all}").state is state
    open_to_all.parent.chmod(0o700)
    assert found("permissions", f"sqlite:///{open_to_all}").state is State.OK


def test_a_token_that_others_can_read(swept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = swept / "token"
    token.write_text(f"zb1_0123456789_{'ab' * 32}\n")
    monkeypatch.setenv("ZHIBEN_TOKEN_FILE", str(token))
    token.chmod(0o600)
    assert found("permissions").state is State.OK
    token.chmod(0o644)
    finding = found("permissions")
    assert finding.state is State.PROBLEM
    assert "abab" not in finding.found.en + finding.found.zh


@pytest.mark.usefixtures("swept")
def test_operators(run: Run) -> None:
    assert "no operators" in found("operators").found.en
    run("operators", "add", "王主任", "--role", "admin")
    assert found("operators").found.en == "operators: 1"
    execute("UPDATE operators SET role = 'viewer'")
    assert found("operators").state is State.PROBLEM


@pytest.mark.usefixtures("swept")
def test_a_log_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBEN_LOG", "missing/log.jsonl")
    assert found("log").state is State.PROBLEM
    monkeypatch.setenv("ZHIBEN_LOG", "log.jsonl")
    assert found("log").state is State.OK


@pytest.mark.usefixtures("swept")
def test_a_terminal_that_knows_no_chinese() -> None:
    said = subprocess.run([sys.executable, "-m", "engine", "doctor", "--quick", "--format", "json"], check=False,
                          capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii",
                                                    "PYTHONPATH": str(Path(__file__).parents[2])})
    (finding,) = (each for each in json.loads(said.stdout) if each["check"] == "terminal")
    assert finding["state"] == "warning"


@pytest.mark.usefixtures("swept")
def test_another_durable_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found("program").state is State.OK
    monkeypatch.setattr("engine.doctor_machine.version", lambda name: "2.0.29")
    assert found("program").state is State.PROBLEM


@pytest.fixture
def on_server(server: Server, swept_once: Path) -> Iterator[str]:
    """The swept database on a server."""
    with server.database(swept_once) as url:
        yield url


@pytest.mark.usefixtures("empty")
class TestOnAServer:
    """What differs where the database is on a PostgreSQL server."""

    def test_all_is_well(self, on_server: str) -> None:
        bad = [each.check for each in examined(on_server, quick=False) if each.state is not State.OK]
        assert bad == ["backup", "clock"]

    def test_it_is_read_only(self, on_server: str) -> None:
        _alter(on_server, "SET default_transaction_read_only = on")
        assert found("file", on_server).state is State.PROBLEM

    @pytest.mark.parametrize("seconds", [-3600, 3600])
    def test_its_clock_differs(self, on_server: str, seconds: int) -> None:
        assert found("times", on_server, now="2099-01-01T00:00").state is State.OK
        engine = connect(on_server)
        with engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA odd"))
            connection.execute(text("CREATE FUNCTION odd.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
                                    f"'SELECT pg_catalog.clock_timestamp() + interval ''{seconds} seconds'''"))
        engine.dispose()
        _alter(on_server, "SET search_path = odd, pg_catalog, public")
        finding = found("times", on_server, now="2099-01-01T00:00")
        assert finding.state is State.PROBLEM
        assert f"{seconds:+d}"[:2] in finding.found.en

    def test_it_does_not_answer(self) -> None:
        url = "postgresql+psycopg://office:Geheim-1234@127.0.0.1:1/zhiben"
        (finding,) = (each for each in examined(url) if each.check == "database")
        assert finding.state is State.PROBLEM
        assert "Geheim" not in "".join(each.found.en + each.found.zh for each in examined(url))


def _alter(url: str, how: str) -> None:
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {engine.url.database} {how}"))
    engine.dispose()
