"""A daemon as it is seen from outside: what it and its jobs log, and the metrics that it keeps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import runs
from facts.store.database import open_database, reading
from tests.cli.conftest import Run
from tests.outside.conftest import PROGRAM, ROOT, lines_of, named, until
from tests.outside.test_metrics import samples, value

Start = Callable[..., subprocess.Popen[str]]


@pytest.mark.usefixtures("swept")
def test_a_night_as_its_log_tells_it(started: Start) -> None:
    daemon = started("schedule", "run", "--metrics", "zhiben.prom", ZHIBEN_NOW="2025-03-03T09:00")
    lines = until(daemon, "job_ended")
    # The jobs' own lines come with the daemon's, though what they print is kept for the history.
    events = [line["event"] for line in lines]
    assert events.index("daemon_started") < events.index("job_started") < events.index("sweep_begun")
    assert [line["business_date"] for line in named(lines, "sweep_done")] == ["2025-03-02", "2025-03-03"]
    ended = lines[-1]
    assert (ended["job"], ended["business_date"], ended["status"]) == ("sweep", "2025-03-03", 0)
    assert ended["seconds"] > 0
    with reading(open_database("sqlite:///zhiben.db")) as connection:
        stored = {run.id: run for run in runs.history(connection, job=runs.SWEEP)}
    for line in named(lines, "sweep_done"):
        assert stored[line["run"]].business_date.isoformat() == line["business_date"]
        assert line["pid"] == named(lines, "job_started")[0]["process"] != daemon.pid
    daemon.terminate()
    until(daemon, "daemon_stopped")
    assert daemon.wait(timeout=60) == 0
    found = samples(Path("zhiben.prom").read_text())
    assert value(found, "up") == 1
    assert value(found, "missed_nights") == 0
    assert value(found, "runs_total", job="sweep", state="done") == 3
    assert value(found, "job_next_run_timestamp_seconds", job="sweep") > 1.7e9


#: A daemon that is told to stop when a job that failed is about to be planned again.
STOPPED_MEANWHILE = """
import time
from engine import daemon
from engine.cli import main

def run(self, run=daemon.Daemon.run):
    def told(event, **said):
        self.stop()
        time.sleep(1)
    daemon.log.warning = told
    run(self)

daemon.Daemon.run = run
main(["schedule", "run"])
"""


@pytest.mark.usefixtures("swept")
def test_who_is_stopped_while_a_job_is_planned_again_stops(run: Run) -> None:
    run("schedule", "set", "sweep", "--", "--packs", "nowhere.yaml")
    env = {**os.environ, "ZHIBEN_DB": "sqlite:///zhiben.db", "ZHIBEN_NOW": "2025-03-02T09:00", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", STOPPED_MEANWHILE], env=env, text=True, capture_output=True,
                          timeout=60, check=False)
    assert (done.returncode, "daemon_stopped" in done.stderr) == (0, True), done.stderr


@pytest.mark.usefixtures("swept")
def test_a_job_that_fails_is_told_of_without_its_secrets(run: Run, started: Start,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBEN_LOG", "log.jsonl")
    # What the job prints names a file that is called like a token.
    run("schedule", "set", "sweep", "--", "--packs", f"zb1_0123456789_{'ab' * 32}")
    daemon = started("schedule", "run", ZHIBEN_NOW="2025-03-02T09:00")
    until(daemon, "job_tried_again")
    daemon.terminate()
    assert daemon.wait(timeout=60) == 0
    text = Path("log.jsonl").read_text("utf-8")
    # With a file named, the lines of the jobs stand there, and those of the daemon too.
    logged = lines_of(text)
    assert {line["event"] for line in logged} >= {"daemon_started", "job_started", "job_ended", "job_tried_again",
                                                  "daemon_stopped"}
    (ended,) = named(logged, "job_ended")
    assert (ended["level"], ended["status"]) == ("error", 2)
    assert "zb1_…" in ended["printed"]
    assert "abab" not in text


@pytest.mark.usefixtures("swept")
def test_metrics_that_cannot_be_written_stop_no_job(started: Start) -> None:
    daemon = started("schedule", "run", "--metrics", "/dev/full/zhiben.prom", ZHIBEN_NOW="2025-03-02T09:00")
    lines = until(daemon, "job_ended")
    assert lines[-1]["status"] == 0
    assert named(lines, "metrics_failed")


@pytest.mark.usefixtures("swept")
def test_on_a_terminal_people_can_read_it() -> None:
    ours, theirs = os.openpty()
    with subprocess.Popen([*PROGRAM, "schedule", "run"], stderr=theirs, stdout=subprocess.DEVNULL,
                          env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}) as daemon:
        os.close(theirs)
        sent = b""
        while b"daemon_started" not in sent:
            sent += os.read(ours, 65536)
        daemon.terminate()
        # At once, before it may have begun to keep its times.
        assert daemon.wait(timeout=60) == 0
    os.close(ours)
    with pytest.raises(json.JSONDecodeError):
        json.loads(sent.splitlines()[0])
