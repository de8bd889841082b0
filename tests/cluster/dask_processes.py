"""A Dask scheduler and workers, each a process of its own, to be stopped and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from sqlalchemy import make_url

from tests.crash.databases import Postgres

#: Enterprises in a part, fewer than usual.
RANGE = 80
_PROGRAM = f"import engine.sweep; engine.sweep._RANGE = {RANGE}; from engine.cli import main; main()"
_PATIENCE = 100


class Dask:
    """A scheduler, and the workers that were started for it; all of them end on leaving."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "scheduler.json"
        self._scheduler: subprocess.Popen[bytes] | None = None
        self.workers: dict[int, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Dask:
        self._scheduler = self._start("scheduler", {}, "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                                      "--dashboard-address", "127.0.0.1:0")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        for process in [*self.workers.values(), self._scheduler]:
            if process is not None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGCONT)
                process.kill()
                process.wait()

    @property
    def address(self) -> str:
        """Where the scheduler is, as soon as it is there."""
        end = time.monotonic() + _PATIENCE
        while True:
            with suppress(OSError, ValueError):
                return json.loads(self._file.read_text())["address"]
            assert time.monotonic() < end, self.logs()
            time.sleep(0.05)

    def work(self, database: str | None, *, threads: int = 1) -> int:
        """Start a worker on a database; its process."""
        settings = {"ZHIBEN_DB": database} if database is not None else {}
        process = self._start("worker", settings, "--nthreads", str(threads), "--no-nanny", "--no-dashboard", "--host",
                              "127.0.0.1", "--local-directory", str(self.folder), "--death-timeout", "60")
        self.workers[process.pid] = process
        return process.pid

    def kill(self, *pids: int) -> None:
        """Kill workers as the kernel does when memory runs out; all of them by default."""
        for pid in pids or [*self.workers]:
            process = self.workers.pop(pid)
            process.kill()
            process.wait()

    def logs(self) -> str:
        """All that scheduler and workers have printed."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def _start(self, what: str, settings: Mapping[str, str], *words: str) -> subprocess.Popen[bytes]:
        environment = {name: value for name, value in os.environ.items() if name != "ZHIBEN_DB"}
        # Nobody looks at these figures, and taking them needs processors.
        environment["DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED"] = "False"
        number = len([*self.folder.glob("*.log")])
        with (self.folder / f"{number} {what}.log").open("wb") as log:
            return subprocess.Popen([sys.executable, "-m", "dask", what, "--scheduler-file", str(self._file), *words],
                                    env={**environment, **settings}, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def no_password_told(dask: Dask, database: Postgres) -> None:
    """No log of scheduler or workers has the database's password; the server of the tests has one that is no word."""
    password = make_url(database.url).password
    assert "Starting worker compute stream" in dask.logs()
    assert not password or password not in dask.logs()


class Sweeping:
    """The program that sweeps, as a process of its own; killed on leaving, if it still runs."""

    def __init__(self, words: Sequence[str], settings: Mapping[str, str], folder: Path) -> None:
        self._said = folder / "said"
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, "--lang", "en", "sweep", *words], stdin=subprocess.DEVNULL,
                stdout=said, stderr=said, env={**os.environ, "ZHIBEN_PACKS": "", **settings})

    def __enter__(self) -> Sweeping:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self.process.poll() is not None

    def wait(self) -> int:
        """How it ended."""
        return self.process.wait(timeout=_PATIENCE)

    def said(self) -> str:
        """What it printed."""
        return self._said.read_text()
