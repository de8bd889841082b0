"""A PostgreSQL server of our own, to be stopped and killed; it keeps its word as servers do, with fsync as it comes."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psycopg


def _programs() -> Path | None:
    """Where the server's programs lie: on Debian aside, a folder for each version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def why_not() -> str | None:
    """Why there can be no server here; ``None`` if there can."""
    if _programs() is None:
        return "no PostgreSQL server here: apt install postgresql, or set ZHIBEN_TEST_POSTGRES"
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            return "PostgreSQL does not run as root, and there is no user postgres here"
    return None


class Cluster:
    """A server in a new folder, reached by a socket there; made and started on entering, gone on leaving."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="zhiben-pg-", dir="/tmp"))
        self._data = self.folder / "data"
        # Root may not run a server; whoever else runs this may run it as himself.
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._as:
            shutil.chown(self.folder, "postgres")
        self.url = f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    def __enter__(self) -> Cluster:
        try:
            self._run("initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        with suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        self._remove()

    def start(self) -> None:
        """Start it, as after a crash too, and wait until it answers."""
        end = time.monotonic() + 60
        while True:
            try:
                self._run("pg_ctl", "-D", self._data, "-w", "-l", self.folder / "log", "start", "-o",
                          f"-c listen_addresses='' -c unix_socket_directories={self.folder}")
                break
            except subprocess.CalledProcessError:
                # Those that the killed one has left behind must have noticed first.
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def stop(self, how: str) -> None:
        """Stop it: ``fast`` or ``immediate``."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", how, "stop")

    def kill(self) -> None:
        """Kill its first process, as the kernel does when memory runs out."""
        pid = int((self._data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)

    def own(self, folder: Path) -> None:
        """Give it a folder to keep databases in."""
        if self._as:
            shutil.chown(folder, "postgres")

    def setting(self, name: str) -> str:
        """What it is set to."""
        with psycopg.connect(self.url.replace("+psycopg", "")) as connection:
            row = connection.execute(f"SHOW {name}").fetchone()
        assert row is not None
        return str(row[0])

    def _run(self, program: str, *words: object) -> None:
        folder = _programs()
        assert folder is not None
        subprocess.run([*self._as, str(folder / program), *map(str, words)], check=True, cwd="/",
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
