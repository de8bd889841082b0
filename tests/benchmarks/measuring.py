"""A command measured from outside (计量): its seconds, and the peak memory of the largest process it started.

Of the command's own process the system tells the peak at its end; those that it starts are looked at in Linux's /proc
as long as they last.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

#: Seconds between two looks at the processes; what one grows by between the last look and its end is missed.
_BETWEEN = 0.05


@dataclass(frozen=True, slots=True)
class Measured:
    """``seconds`` by the clock and of ``processor`` time, ``peak`` in bytes of the largest process, what it printed."""

    seconds: float
    processor: float
    peak: int
    output: str

    def __add__(self, other: Measured) -> Measured:
        """One after the other."""
        return Measured(self.seconds + other.seconds, self.processor + other.processor, max(self.peak, other.peak),
                        self.output + other.output)


def measured(*words: str | os.PathLike[str], cwd: Path, env: Mapping[str, str]) -> Measured:
    """Run a command to its end; raises :class:`RuntimeError` with what it said if it fails."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.monotonic()
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=cwd,
                                   env=env)
        watch = _Watch(process.pid)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.end()
        out.seek(0)
        err.seek(0)
        if process.returncode:
            raise RuntimeError(f"{' '.join(map(str, words))}: exit {process.returncode}\n{err.read().decode()[-2000:]}")
        return Measured(seconds, usage.ru_utime + usage.ru_stime, max(watch.peak, _bytes(usage.ru_maxrss)),
                        out.read().decode())


class _Watch(threading.Thread):
    """Looks at a process and all that descend from it as long as it lasts."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._ended = threading.Event()
        self.peak = 0

    def run(self) -> None:
        while not self._ended.wait(_BETWEEN):
            self.peak = max([self.peak, *(_peak(pid) for pid in _family(str(self._process)))])

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        self.join()


def _family(pid: str) -> Iterator[str]:
    yield pid
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = listed.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _family(child)


def _peak(pid: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def _bytes(maxrss: int) -> int:
    return maxrss if sys.platform == "darwin" else maxrss * 1024
