"""The log: one line of JSON for what happened, no secrets, and nothing stops because of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from engine import runs
from engine.cli import main
from engine.logs import log as logger
from engine.runs import StoredRun
from facts.store.database import open_database, reading
from tests.cli import ledger
from tests.cli.conftest import Run
from tests.crash.victims import at_once
from tests.outside.conftest import AS_OF, NOW, ROOT, Line, fill, lines_of, named

Log = Callable[[], list[Line]]
TOKEN = "zb1_0123456789_" + "ab" * 32


def test_nothing_is_logged_unless_asked_for(run: Run, folder: Path) -> None:
    before = sorted(folder.iterdir())
    result = run("query", ledger.RESTAURANT, "--lang", "en")
    assert result.stderr == ""
    assert sorted(folder.iterdir()) == before


@pytest.mark.usefixtures("folder")
def test_what_people_read_is_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("query", ledger.RESTAURANT, "--format", "json")
    plain = run(*words)
    monkeypatch.setenv("ZHIBEN_LOG", "log.jsonl")
    logged = run(*words)
    assert (logged.stdout, logged.stderr) == (plain.stdout, plain.stderr)
    assert Path("log.jsonl").exists()


@pytest.mark.usefixtures("folder")
def test_a_command_is_logged_as_it_begins_and_ends(run: Run, log: Log) -> None:
    run("query", ledger.RESTAURANT)
    begun, ended = log()
    assert (begun["event"], ended["event"]) == ("command_started", "command_ended")
    assert begun["database"] == "sqlite:///zhiben.db"
    for line in (begun, ended):
        assert line["command"] == "query"
        assert (line["host"], line["pid"]) == (socket.gethostname(), os.getpid())
        moment = datetime.fromisoformat(line["moment"])
        assert moment.utcoffset() is not None
        assert abs((datetime.now(moment.tzinfo) - moment).total_seconds()) < 120
        assert list(line)[:3] == ["moment", "level", "event"]
    assert (ended["level"], ended["status"]) == ("info", 0)
    assert 0 < ended["seconds"] < 120


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize(("words", "code", "command", "message"), [
    (("query", ledger.RESTAURANT, "--lang", "zh"), 2, "query", "there is no database yet"),
    (("totals", "--packs", "none.yaml"), 2, "totals", "there is no pack 'none.yaml'"),
    (("export", "violations", "--format", "xlsx"), 2, "export", "database yet|xlsx needs a file"),
])
def test_errors_are_logged_in_english_with_their_status(run: Run, log: Log, words: tuple[str, ...], code: int,
                                                        command: str, message: str) -> None:
    run(*words, code=code)
    last = log()[-1]
    assert (last["event"], last["command"], last["level"], last["status"]) == ("command_ended", command, "error", code)
    assert any(each in last.get("message", "") for each in message.split("|")), last


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize(("words", "message"), [
    (("swep",), "No such command"), (("sweep", "--sometimes"), "--sometimes"),
    (("query", "x", "--as-of", "gestern"), "gestern"),
])
def test_wrong_usage_is_logged_though_no_command_began(run: Run, log: Log, words: tuple[str, ...],
                                                       message: str) -> None:
    run(*words, code=2)
    (line,) = log()
    assert (line["event"], line["status"]) == ("usage_error", 2)
    assert message in line["message"]


@pytest.mark.usefixtures("folder")
def test_a_command_that_found_something_is_a_warning(run: Run, log: Log) -> None:
    run("doctor", "--quick", code=1)
    assert (log()[-1]["level"], log()[-1]["status"]) == ("warning", 1)


@pytest.mark.usefixtures("folder")
def test_a_sweep_says_its_run_date_and_counts(run: Run, log: Log) -> None:
    run("sweep")
    (begun,), (done,) = named(log(), "sweep_begun"), named(log(), "sweep_done")
    with reading(open_database("sqlite:///zhiben.db")) as connection:
        stored = runs.last(connection, runs.SWEEP)
    assert stored is not None
    assert stored.said is not None
    for line in (begun, done):
        assert (line["run"], line["business_date"], line["command"]) == (stored.id, AS_OF, "sweep")
    assert (done["counts"], done["obligations"]) == (stored.said["counts"], stored.said["obligations"])
    assert done["enterprises"] == stored.said["enterprises"] > 0
    assert begun["fence"] == stored.fence

    run("sweep")
    assert named(log(), "sweep_repeated")[0]["run"] == stored.id
    assert len(named(log(), "sweep_begun")) == 1


@pytest.mark.usefixtures("folder")
def test_missed_nights_are_logged_by_their_dates(run: Run, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    run("sweep")
    monkeypatch.setenv("ZHIBEN_NOW", "2025-03-05T09:00")
    run("sweep", "--catch-up", "last")
    assert [line["business_date"] for line in named(log(), "night_skipped")] == ["2025-03-02", "2025-03-03"]
    assert [line["business_date"] for line in named(log(), "sweep_done")] == [AS_OF, "2025-03-04", "2025-03-05"]
    assert len({line["run"] for line in named(log(), "sweep_done")}) == 3


@pytest.mark.usefixtures("folder")
def test_a_sweep_that_fails_says_why(run: Run, log: Log) -> None:
    engine = open_database("sqlite:///zhiben.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TRIGGER full BEFORE INSERT ON violations BEGIN "
                                   "SELECT RAISE(ABORT, 'the disk is on strike'); END")
    engine.dispose()
    assert CliRunner().invoke(main, ["sweep"]).exit_code == 3
    (failed,) = named(log(), "sweep_failed")
    assert "the disk is on strike" in failed["message"]
    with reading(open_database("sqlite:///zhiben.db")) as connection:
        table = StoredRun.table()
        assert connection.execute(select(table.c.id, table.c.state)).all() == [(failed["run"], runs.FAILED)]
    last = log()[-1]
    assert (last["event"], last["status"]) == ("command_ended", 3)
    assert "Traceback" in last["traceback"]


@pytest.mark.usefixtures("swept")
def test_a_surge_is_logged(run: Run, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBEN_NOW", "2025-03-02T09:00")
    monkeypatch.delenv("ZHIBEN_PACKS")
    monkeypatch.setattr("engine.surge.FEW", 0)
    run("sweep", "--surge-share", "0", code=3)
    (surge,) = named(log(), "sweep_surge")
    assert surge["business_date"] == "2025-03-02"
    assert "--allow-surge" in surge["message"]


def test_imports_and_what_was_taken_back(run: Run, empty: Path, log: Log) -> None:
    ledger.write_folder(empty / "台账", ledger.SHEETS)
    run("import", "台账")
    run("import", "undo", "1")
    (done,), (undone,) = named(log(), "import_done"), named(log(), "undo_done")
    assert (done["number"], done["source"], undone["number"]) == (1, "台账", 1)
    assert done["counts"]["enterprises"]["new"] == len(ledger.SHEETS["enterprises"]) - 1
    # As people read it, not as escapes.
    assert "台账" in Path("log.jsonl").read_text("utf-8")


@pytest.mark.usefixtures("swept")
def test_backups_restoring_and_refusals(run: Run, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    run("db", "backup", "copy.db")
    run("db", "restore", "copy.db", "--db", "sqlite:///other.db")
    (made,), (restored,) = named(log(), "backup_done"), named(log(), "restore_done")
    assert (made["file"], restored["file"]) == ("copy.db", "copy.db")
    assert made["bytes"] == Path("copy.db").stat().st_size

    run("operators", "add", "王主任", "--role", "admin")
    monkeypatch.setenv("HOME", str(Path.cwd()))
    run("import", "undo", "1", "--by", "李四", code=3)
    (refused,) = named(log(), "operator_refused")
    assert (refused["action"], refused["claimed"], refused["command"]) == ("undo", "李四", "import")


@pytest.mark.parametrize("url", [
    "postgresql+psycopg://office:{}@127.0.0.1:1/zhiben", "postgresql+psycopg://127.0.0.1:1/zhiben?password={}",
    "mysql://office:{}@127.0.0.1/zhiben", "postgresql+psycopg://office:{}@127.0.0.1:1/zhiben?connect_timeout=nonsense",
])
@pytest.mark.parametrize("secret", ["Geheim-1234", "p@ss/w:rd-5678", "两字口令 9"])
def test_passwords_are_not_logged(log: Log, monkeypatch: pytest.MonkeyPatch, url: str, secret: str) -> None:
    monkeypatch.setenv("ZHIBEN_TOKEN", TOKEN)
    address = url.format(secret)
    for words in (("query", "x", "--db", address), ("--db", address, "doctor", "--quick"), ("sweep", "--db", address)):
        assert CliRunner().invoke(main, words).exit_code > 0
    logged = Path("log.jsonl").read_text("utf-8")
    assert len(log()) >= 6
    assert secret not in logged
    # Nor a piece of it that the sign “@” has split off.
    assert all(piece not in logged for piece in ("w:rd-5678", "ss/w", "Geheim", "两字口令"))


def test_secrets_are_taken_out_wherever_they_stand(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "From-The-Environment")
    logger.info("trial", text=f"with {TOKEN} in it", nested={"list": [f"x={TOKEN.upper()}"], "n": 3},
                url="see postgresql://a:b-c-d@h/x?sslmode=off and password=hidden1 passwd=hidden2",
                env="From-The-Environment", error=ValueError(TOKEN))
    (line,) = log()
    logged = Path("log.jsonl").read_text("utf-8")
    for secret in (TOKEN[15:], "ABABAB", "b-c-d", "hidden1", "hidden2", "From-The"):
        assert secret not in logged
    assert line["nested"]["n"] == 3
    assert "sslmode=off" in line["url"]


def test_odd_characters_stay_on_one_line_that_can_be_read(log: Log) -> None:
    logger.info("trial", text="两行\n“引号”\t\x00\u2028\udc80 end", long="很" * 100_000)
    logger.info("after")
    trial, after = lines_of(Path("log.jsonl").read_bytes().decode("utf-8"))
    assert trial["text"] == "两行\n“引号”\t\x00\u2028\udc80 end"
    assert len(trial["long"]) < 10_000
    assert after["event"] == "after"


@pytest.fixture(params=["no folder", "a folder", "a full disk", "a pipe that nobody reads", "no permission"])
def unwritable(request: pytest.FixtureRequest, empty: Path) -> str:
    """What the log cannot be written to."""
    match request.param:
        case "no folder":
            return "missing/log.jsonl"
        case "a folder":
            return str(empty)
        case "a full disk":
            return "/dev/full"
        case "no permission":
            return "/proc/version"
    os.mkfifo("pipe")
    return "pipe"


def test_a_log_that_cannot_be_written_stops_no_sweep(unwritable: str, folder: Path) -> None:
    ((status, out, err),) = at_once([("sweep", "--format", "json")], {
        "ZHIBEN_LOG": unwritable, "ZHIBEN_NOW": NOW, "ZHIBEN_PACKS": os.environ["ZHIBEN_PACKS"]}, folder)
    assert status == 0, err
    assert out.startswith("{")
    (warning,) = err.splitlines()
    assert unwritable in warning
    assert "going on" in warning


@pytest.mark.usefixtures("folder")
def test_a_disk_that_is_full_stops_no_sweep_and_tears_no_line(run: Run, small_disk: Path, log: Log,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBEN_LOG", str(small_disk / "log.jsonl"))
    (small_disk / "log.jsonl").write_text("")
    fill(small_disk)
    # Less than a page is left, in which half a line has room.
    os.truncate(small_disk / "filling", (small_disk / "filling").stat().st_size - 4096)
    for _ in range(30):
        logger.info("filling", text="x" * 500)
    run("sweep")
    (small_disk / "filling").unlink()
    logger.info("room_again")
    read = []
    for line in (small_disk / "log.jsonl").read_text("utf-8").splitlines():
        try:
            read += lines_of(line)
        except ValueError:
            read.append({"event": "torn"})
    events = [line["event"] for line in read]
    assert events[-1] == "room_again"
    assert events.count("torn") <= 1


_WRITER = """
import sys
from engine.logs import log
for number in range(300):
    log.info("trial", writer=sys.argv[1], number=number, text="台账" * 1_500)
"""


@pytest.mark.usefixtures("empty")
def test_processes_do_not_tear_each_others_lines(log: Log) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, name], env=environment) for name in "abcd"]
    assert [writer.wait(timeout=120) for writer in writers] == [0] * 4
    assert sorted((line["writer"], line["number"]) for line in log()) == [
        (name, number) for name in "abcd" for number in range(300)]


def test_a_torn_line_spoils_no_other(log: Log) -> None:
    Path("log.jsonl").write_text('{"event": "whole"}\n{"event": "torn by a po')
    logger.info("next")
    assert lines_of(Path("log.jsonl").read_text().splitlines()[-1])[0]["event"] == "next"


@pytest.mark.usefixtures("log")
def test_a_log_that_was_moved_away_begins_anew() -> None:
    logger.info("before")
    Path("log.jsonl").rename("log.1")
    logger.info("after")
    assert [line["event"] for line in lines_of(Path("log.jsonl").read_text())] == ["after"]


@pytest.mark.usefixtures("folder")
def test_standard_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBEN_LOG", "-")
    result = run("query", ledger.RESTAURANT, "--format", "json")
    assert [line["event"] for line in lines_of(result.stderr)] == ["command_started", "command_ended"]
    assert result.stdout.startswith("{")
