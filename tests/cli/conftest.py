"""Calling the program as its users do."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli import main
from tests.cli.history import write_history
from tests.cli.ledger import SHEETS, write_folder
from tests.databases import digest, in_folder  # noqa: F401

Run = Callable[..., Result]
_SETTINGS = ("ZHIBEN_DB", "ZHIBEN_NOW", "LC_ALL", "LC_MESSAGES", "LANG", "COLUMNS")
#: Packs that stay as they are when the product's own grow, so that what is pinned here need not move with them.
PACKS = Path(__file__).parent / "packs"


def at(moment: str, file: Path, *words: str, packs: str = str(PACKS)) -> None:
    """Call the program on an SQLite database, as if at a moment."""
    result = CliRunner().invoke(main, words, env={
        "ZHIBEN_DB": f"sqlite:///{file}", "ZHIBEN_NOW": moment, "ZHIBEN_PACKS": packs})
    assert result.exit_code == 0, (words, result.output, result.exception)


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database into which the shared ledger was imported."""
    folder = tmp_path_factory.mktemp("imported")
    at("2025-03-01T09:00", folder / "zhiben.db", "import", str(write_folder(folder / "ledger", SHEETS)))
    return folder / "zhiben.db"


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with something in each of its tables."""
    return write_history(tmp_path_factory.mktemp("history"))


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, and no settings from outside but the clock: 2025-03-01."""
    monkeypatch.chdir(tmp_path)
    for name in _SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ZHIBEN_NOW", "2025-03-01T09:00")
    monkeypatch.setenv("ZHIBEN_PACKS", str(PACKS))
    return tmp_path


@pytest.fixture
def folder(empty: Path, imported: Path, backend: str, request: pytest.FixtureRequest,
           monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder, with the imported ledger in zhiben.db, or in a database on the server."""
    with in_folder(backend, request, imported, monkeypatch):
        yield empty


@pytest.fixture
def run() -> Run:
    """``run("query", …, code=0)``: call the program and check its exit status."""

    def invoke(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, words)
        assert result.exit_code == code, (result.output, result.exception)
        assert "Traceback" not in result.output
        return result

    return invoke


_PROGRAM = (sys.executable, "-c", "from engine.cli import main; main()")
_PATH = {"PYTHONPATH": str(Path(__file__).parents[2])}


def shell(line: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A line for bash in which ``zhiben`` is the program; the status is that of the first command of a pipe."""
    program = f"zhiben() {{ {shlex.join(_PROGRAM)} \"$@\"; }}; "
    return subprocess.run(["bash", "-c", f"{program}{line}; exit ${{PIPESTATUS[0]}}"], capture_output=True, text=True,
                          encoding="utf-8", env={**os.environ, **_PATH, **env}, check=False)


def on_a_terminal(*words: str, **env: str) -> str:
    """What the program sends to a terminal, without colours."""
    ours, theirs = os.openpty()
    with subprocess.Popen([*_PROGRAM, *words], stdout=theirs, env={**os.environ, **_PATH, "TERM": "xterm", **env}):
        os.close(theirs)
        sent = bytearray()
        # A terminal that is closed at the other end is an error on Linux and the end of the file elsewhere.
        with suppress(OSError):
            while part := os.read(ours, 65536):
                sent += part
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", sent.decode())
