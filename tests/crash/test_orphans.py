"""A sweep whose first process is killed alone: its workers do not stay behind, and nothing is recorded."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.crash.contents import content
from tests.crash.databases import Sqlite
from tests.crash.deeds import Stages
from tests.crash.victims import Victim


def _workers(victim: Victim) -> list[int]:
    """Those that judge: the processes that multiprocessing has started."""
    return [pid for pid in victim.processes()
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _sweeping(stages: Stages, folder: Path) -> tuple[Sqlite, Victim]:
    deed = stages.deed("sweep, 2 workers")
    database = stages.copy(deed.start)
    assert isinstance(database, Sqlite)
    victim = Victim(deed.called(folder), deed.settings(database.url), folder)
    while len(_workers(victim)) < 2:
        assert not victim.ended, victim.said()
        time.sleep(0.002)
    return database, victim


def test_workers_end_when_the_sweep_was_killed(on_sqlite: Stages, folder: Path) -> None:
    database, victim = _sweeping(on_sqlite, folder)
    before = content(database.tables(), exact=True)
    with victim:
        os.kill(victim.pid, signal.SIGKILL)
        end = time.monotonic() + 60
        while victim.processes():
            assert time.monotonic() < end, "workers stay behind"
            time.sleep(0.01)
    assert content(database.tables(), exact=True) == before


def test_a_worker_that_is_killed_ends_the_sweep(on_sqlite: Stages, folder: Path) -> None:
    database, victim = _sweeping(on_sqlite, folder)
    before = content(database.tables(), exact=True)
    with victim:
        os.kill(_workers(victim)[0], signal.SIGKILL)
        assert victim.wait() == 3, victim.said()
        assert "a worker process ended midway, nothing was recorded" in victim.said()
        assert "Traceback" not in victim.said()
    assert content(database.tables(), exact=True) == before
