"""The program as others watch it: a database that was swept, its log read back, a daemon that is started for real."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli import main
from tests.cli.conftest import PACKS, empty, imported, run  # noqa: F401  fixtures

PROGRAM = (sys.executable, "-m", "engine")
AS_OF = "2025-03-01"
NOW = f"{AS_OF}T09:00"
ROOT = Path(__file__).parents[2]
_PATIENCE = 120

Line = dict[str, Any]


@pytest.fixture(scope="session")
def swept_once(imported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """The shared ledger, swept as of 2025-03-01."""
    file = tmp_path_factory.mktemp("swept") / "zhiben.db"
    shutil.copy(imported, file)
    result = CliRunner().invoke(main, ["sweep", "--db", f"sqlite:///{file}", "--packs", str(PACKS)],
                                env={"ZHIBEN_NOW": NOW})
    assert result.exit_code == 0, result.output
    return file


@pytest.fixture
def folder(empty: Path, imported: Path) -> Path:  # noqa: F811
    """The current folder, with the imported ledger in zhiben.db."""
    shutil.copy(imported, "zhiben.db")
    return empty


@pytest.fixture
def swept(empty: Path, swept_once: Path) -> Path:  # noqa: F811
    """The current folder, with that database in zhiben.db."""
    shutil.copy(swept_once, "zhiben.db")
    Path("zhiben.db").chmod(0o600)
    return empty


@pytest.fixture
def log(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Line]]:  # noqa: F811
    """The lines that were logged so far, in log.jsonl."""
    monkeypatch.setenv("ZHIBEN_LOG", "log.jsonl")
    return lambda: lines_of(Path("log.jsonl").read_text("utf-8"))


def lines_of(text: str) -> list[Line]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def named(lines: list[Line], event: str) -> list[Line]:
    return [line for line in lines if line["event"] == event]


def start(*words: str, **settings: str) -> subprocess.Popen[str]:
    """The program as a process of its own, its standard error to be read."""
    return subprocess.Popen([*PROGRAM, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8",
                            env={**os.environ, "PYTHONPATH": str(ROOT), **settings})


def until(process: subprocess.Popen[str], event: str) -> list[Line]:
    """The lines that a process logs to standard error up to an event."""
    assert process.stderr is not None
    found: list[Line] = []
    for line in process.stderr:
        with suppress(ValueError):
            found.append(json.loads(line))
            if found[-1]["event"] == event:
                return found
    pytest.fail(f"ended without {event}: {found}")


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """:func:`start`, with what was started gone when the test is over."""
    processes: list[subprocess.Popen[str]] = []

    def begin(*words: str, **settings: str) -> subprocess.Popen[str]:
        processes.append(start(*words, **settings))
        return processes[-1]

    yield begin
    for process in processes:
        process.kill()
        process.communicate(timeout=_PATIENCE)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 20 MiB; where nothing can be mounted the test is skipped."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(place)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def read_only(swept: Path) -> Iterator[Path]:
    """The current folder, mounted so that nothing in it can be changed."""
    mounts = (["mount", "--bind", str(swept), str(swept)], ["mount", "-o", "remount,ro,bind", str(swept)])
    if any(subprocess.run(each, capture_output=True, check=False).returncode for each in mounts):
        pytest.skip("nothing can be mounted here")
    yield swept
    subprocess.run(["umount", "-l", str(swept)], check=True)


def fill(disk: Path) -> None:
    """Leave no room on a disk, by the file ``filling``."""
    with suppress(OSError), (disk / "filling").open("wb", buffering=0) as filling:
        while filling.write(b"x" * 4096):
            pass
