"""What runs by itself: its settings, and daemons as processes of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import Engine

from engine import runs
from engine.clock import SHANGHAI
from engine.lease import held
from facts.store.database import open_database, writing
from tests.cli.conftest import Run, digest

SWEPT = "2025-03-01T09:00"
MORNING = "2025-03-05T09:00"
#: A machine that does much else may take so long, in seconds.
PATIENCE = 90


@contextmanager
def daemon(now: str = MORNING, *words: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    """A daemon; ended at the end, as a system does it."""
    command = [sys.executable, "-m", "engine", "schedule", "run", *words]
    settings = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "ZHIBEN_NOW": now, **env}
    with Path("daemon.log").open("a") as log, subprocess.Popen(command, stdout=log, stderr=log, text=True,
                                                                env=settings) as process:
        yield process
        process.terminate()
        try:
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


def logged() -> str:
    return Path("daemon.log").read_text("utf-8")


def until(what: Callable[[], Any]) -> Any:
    """Wait until ``what`` is so."""
    end = monotonic() + PATIENCE
    while not (found := what()):
        assert monotonic() < end, logged()
        sleep(0.2)
    return found


def history(run: Run, *words: str) -> list[dict[str, Any]]:
    return json.loads(run("schedule", "history", "--limit", "1000", "--format", "json", *words).stdout)


def done(run: Run, job: str = "sweep") -> list[str]:
    return sorted(each["business_date"] for each in history(run, "--job", job) if each["state"] == "done")


@pytest.fixture
def swept(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger that was swept as of 1 March."""
    monkeypatch.setenv("ZHIBEN_NOW", SWEPT)
    run("sweep")
    return folder


@pytest.mark.usefixtures("swept")
def test_the_jobs_there_are(run: Run) -> None:
    rows = {row["name"]: row for row in json.loads(run("schedule", "list", "--format", "json").stdout)}
    assert list(rows) == ["sweep", "backup", "verify", "waivers", "notices", "reminders"]
    assert (rows["sweep"]["time"], rows["sweep"]["days"], rows["sweep"]["active"]) == ("02:30", "mon-sun", True)
    assert rows["sweep"]["last"]["business_date"] == "2025-03-01"
    assert rows["notices"]["last"] is None
    assert not rows["notices"]["active"]
    shown = run("schedule", "list").stdout
    assert "没有守护进程" in shown
    assert "2025-03-01  完成" in shown


@pytest.mark.usefixtures("swept")
def test_a_job_is_set_and_taken_off(run: Run) -> None:
    run("schedule", "set", "notices", "--time", "06:05", "--days", "mon-fri", "--", "-o", "letters/{date}")
    run("schedule", "set", "notices", "--time", "06:10")
    row = next(row for row in json.loads(run("schedule", "list", "--format", "json").stdout) if row["active"] and
               row["name"] == "notices")
    assert (row["time"], row["days"]) == ("06:10", "mon-fri")
    assert row["command"] == ["notices", "-o", "letters/{date}"]
    run("schedule", "off", "notices")
    assert not any(row["active"] for row in json.loads(run("schedule", "list", "--format", "json").stdout)
                   if row["name"] == "notices")


@pytest.mark.usefixtures("swept")
@pytest.mark.parametrize(("words", "said"), [
    (("set", "sweeep"), "没有任务“sweeep”；有：sweep, backup"),
    (("set", "sweep", "--time", "24:00"), "“24:00”不是时间；应如 02:30"),
    (("set", "sweep", "--time", "2:30"), "“2:30”不是时间"),
    (("set", "sweep", "--days", "fri-mon"), "“fri-mon”不是星期"),
    (("set", "sweep", "--days", "daily"), "“daily”不是星期"),
    (("history", "--job", "x"), "没有任务“x”"),
    (("set", "sweep", "--", "--nonsense"), "--nonsense"),
    (("set", "sweep", "--", "--db", "sqlite:///other.db"), "--db 由守护进程决定"),
    (("set", "sweep", "--", "--as-of", "2020-01-01"), "--as-of 由守护进程决定"),
    (("set", "notices", "--", "-o", "letters/{dat}"), "只能是 {date}"),
    (("set", "backup"), "FILE"),
])
def test_what_cannot_be_set(run: Run, words: tuple[str, ...], said: str) -> None:
    before = digest()
    assert said in run("schedule", *words, code=2).stderr
    assert digest() == before


@pytest.mark.usefixtures("swept")
def test_missed_nights_are_made_up_for_when_a_daemon_starts(run: Run) -> None:
    with daemon():
        until(lambda: len(done(run)) == 5)
        rows = json.loads(run("schedule", "list", "--format", "json").stdout)
        assert all(row["next_at"] for row in rows if row["active"])
    assert done(run) == [f"2025-03-0{n}" for n in range(1, 6)]
    moments = {each["business_date"]: each["known_at"] for each in history(run, "--job", "sweep")}
    assert moments["2025-03-03"] == "2025-03-03T02:30:00+08:00"
    assert moments["2025-03-05"] == "2025-03-05T09:00:00+08:00"
    assert "daemon_stopped" in logged()
    assert run("verify")


@pytest.mark.usefixtures("swept")
def test_before_the_hour_only_the_nights_before_are_swept(run: Run) -> None:
    with daemon("2025-03-03T01:00"):
        until(lambda: "job_ended" in logged())
    assert done(run) == ["2025-03-01", "2025-03-02"]


@pytest.mark.usefixtures("swept")
def test_a_date_still_to_come_is_warned_of(run: Run) -> None:
    assert "2025-03-05 还没有到" in run("sweep", "--as-of", "2025-03-05").stderr
    assert "还没有到" not in run("sweep").stderr


@pytest.mark.usefixtures("swept")
def test_nights_that_are_not_made_up_for_are_listed(run: Run) -> None:
    with daemon(MORNING, "--catch-up", "last"):
        until(lambda: done(run)[-1] == "2025-03-05")
    assert Counter(each["state"] for each in history(run)) == {"done": 3, "skipped": 2}


@pytest.mark.usefixtures("swept")
def test_of_two_daemons_one_sweeps_each_night(run: Run) -> None:
    with ExitStack() as both:
        for _ in range(2):
            both.enter_context(daemon())
        until(lambda: logged().count("job_ended") == 2)
    assert done(run) == [f"2025-03-0{n}" for n in range(1, 6)]
    assert len(history(run)) == 5


@pytest.mark.usefixtures("swept")
def test_a_daemon_that_is_told_to_stop_stops_what_it_runs(run: Run) -> None:
    """Its sweep waits for another that does not end."""
    engine = open_database("sqlite:///zhiben.db")
    with held(engine, runs.SWEEP, now), daemon() as process:
        until(lambda: "job_started" in logged())
        begun = monotonic()
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert monotonic() - begun < 30
    assert [each["state"] for each in history(run)] == ["stopped", "done"]


@pytest.mark.usefixtures("swept")
def test_a_daemon_that_is_killed_leaves_the_night_to_the_next(run: Run) -> None:
    with daemon() as process:
        until(lambda: len(done(run)) >= 2)
        subprocess.run(["pkill", "-KILL", "-P", str(process.pid)], check=False)
        process.kill()
        process.wait()
        process.returncode = 0
    with daemon():
        until(lambda: logged().count("daemon_started") == 2 and len(done(run)) == 5)
    assert Counter(done(run)) == {f"2025-03-0{n}": 1 for n in range(1, 6)}


def now() -> datetime:
    return datetime.fromisoformat(MORNING).replace(tzinfo=SHANGHAI)


def ran_before(job: str, engine: Engine) -> None:
    with writing(engine, "outcomes") as connection:
        number = runs.begin(connection, job, date(2025, 3, 1), now(), holder="host9, 1")
        runs.end(connection, number, runs.DONE, now())


@pytest.mark.usefixtures("swept")
def test_other_jobs_that_were_missed_run_once_whoever_starts(run: Run) -> None:
    ran_before("waivers", open_database("sqlite:///zhiben.db"))
    with ExitStack() as both:
        for _ in range(2):
            both.enter_context(daemon())
        until(lambda: done(run, "waivers")[-1] == "2025-03-05")
        until(lambda: logged().count("job_ended") >= 3)
        sleep(2)
    assert done(run, "waivers") == ["2025-03-01", "2025-03-05"]
    assert history(run, "--job", "waivers")[0]["message"] == "没有豁免"


@pytest.mark.usefixtures("swept")
def test_a_job_that_fails_says_why_and_is_tried_again(run: Run) -> None:
    ran_before("notices", open_database("sqlite:///zhiben.db"))
    run("schedule", "set", "notices", "--", "--templates", "nowhere")
    with daemon():
        failed = until(lambda: [each for each in history(run, "--job", "notices") if each["state"] == "failed"])
        until(lambda: re.search("job_tried_again.*notices", logged()))
    assert failed[0]["message"]
    assert "notices" in run("schedule", "history").stdout


@pytest.mark.usefixtures("swept")
def test_a_sweep_that_asks_first_shows_in_the_history(run: Run, tmp_path: Path) -> None:
    """A pack with a mistake: nothing is swept, and the reason stands in the history."""
    (tmp_path / "bad.yaml").write_text("pack: x\n")
    run("schedule", "set", "sweep", "--", "--packs", str(tmp_path / "bad.yaml"))
    with daemon():
        failed = until(lambda: [each for each in history(run) if each["state"] == "failed"])
    assert "bad.yaml" in failed[0]["message"]
    assert done(run) == ["2025-03-01"]


def test_without_a_database_no_daemon_starts(empty: Path, run: Run) -> None:
    assert "还没有数据库" in run("schedule", "run", code=2).stderr


@pytest.mark.usefixtures("swept")
def test_a_sweep_asked_to_stop_says_so_and_gives_the_lease_back(run: Run) -> None:
    engine = open_database("sqlite:///zhiben.db")
    with held(engine, runs.SWEEP, now):
        words = [sys.executable, "-m", "engine", "sweep", "--as-of", "2025-03-02"]
        settings = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "ZHIBEN_NOW": MORNING}
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=settings) as process:
            assert process.stderr is not None
            assert "正在巡查" in process.stderr.readline()
            process.send_signal(signal.SIGTERM)
            assert "已中止" in process.communicate()[1]
        assert process.returncode == 3
        assert "没有再开始一次" in run("sweep", "--as-of", "2025-03-02", "--no-wait", code=3).stderr
    run("sweep", "--as-of", "2025-03-02", "--no-wait")
