"""The program as a process of its own, to be stopped and killed from outside with every process that it has started.

Each is forked from one that has imported the program and done nothing yet: importing is most of a short run, reads and
writes nothing but Python's own files, and is the same for every command.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType

_ROOT = Path(__file__).parents[2]
#: Seconds after which a process that ought to have ended, or to have been stopped, is a fault of the test.
_PATIENCE = 60.0

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(
    [f"engine.cli.{path.stem}" for path in sorted((_ROOT / "engine" / "cli").glob("[a-z]*.py"))])


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a call: nothing of the caller's own that the program heeds."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("ZHIBEN_") and name not in ("LC_ALL", "LC_MESSAGES", "LANG")}
    return {**kept, "PYTHONPATH": str(_ROOT), "LANG": "en_US.UTF-8", **settings}


class Victim:
    """A run of the program. Leaving the ``with`` kills whatever is left of it."""

    def __init__(self, words: Sequence[str], settings: Mapping[str, str], folder: Path) -> None:
        self._said = Path(tempfile.mkdtemp(prefix="zhiben-"))
        self._process = _FORKING.Process(
            target=_run, args=(tuple(words), environment(settings), str(folder), str(self._said)))
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid
        _until(lambda: self.ended or self._leads())

    def __enter__(self) -> Victim:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.kill()
        shutil.rmtree(self._said)

    @property
    def ended(self) -> bool:
        """Whether the process has ended by itself, or was killed."""
        return not self._process.is_alive()

    def wait(self) -> int:
        """Wait for its end; the exit status."""
        self._process.join(_PATIENCE)
        assert self._process.exitcode is not None, "it does not end"
        return self._process.exitcode

    def said(self) -> str:
        """All that it has printed so far, what it was asked for first."""
        return self.out() + self.err()

    def out(self) -> str:
        """What it has printed of what it was asked for."""
        return (self._said / "out").read_text(encoding="utf-8")

    def err(self) -> str:
        """What it has told besides: on standard error."""
        return (self._said / "err").read_text(encoding="utf-8")

    def processes(self) -> dict[int, str]:
        """The processes of its group that are not dead, and the state of each."""
        found = {}
        for entry in os.listdir("/proc"):
            with suppress(OSError, ValueError):
                values = Path(f"/proc/{int(entry)}/stat").read_text().rpartition(")")[2].split()
                if int(values[2]) == self.pid and values[0] not in "ZX":
                    found[int(entry)] = values[0]
        return found

    def stop(self) -> bool:
        """Let none of its processes take another step; false if it has ended before."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGSTOP)
        _until(lambda: self.ended or set(self.processes().values()) <= {"T"})
        return not self.ended

    def kill(self) -> bool:
        """Kill all its processes and wait until they are gone; whether it was this that ended it."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        status = self.wait()
        _until(lambda: not self.processes())
        return status == -signal.SIGKILL

    def _leads(self) -> bool:
        """Whether it has a group of its own by now."""
        with suppress(ProcessLookupError):
            return os.getpgid(self.pid) == self.pid
        return False


def at_once(calls: Sequence[Sequence[str]], settings: Mapping[str, str], folder: Path) -> list[tuple[int, str, str]]:
    """Exit status, output and errors of runs that are started together."""
    with ExitStack() as together:
        runs = [together.enter_context(Victim(words, settings, folder)) for words in calls]
        return [(run.wait(), run.out().strip(), run.err().strip()) for run in runs]


def _run(words: Sequence[str], environment: Mapping[str, str], folder: str, said: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for descriptor, path, flags in ((0, os.devnull, os.O_RDONLY), (1, f"{said}/out", os.O_WRONLY | os.O_CREAT),
                                    (2, f"{said}/err", os.O_WRONLY | os.O_CREAT)):
        os.dup2(os.open(path, flags | os.O_APPEND), descriptor)
    os.setsid()
    from engine.cli import main

    main(words, prog_name="zhiben")


def _until(true: object) -> None:
    assert callable(true)
    end = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < end, "processes neither stop nor end"
        time.sleep(0.001)
