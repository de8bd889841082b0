"""Spoilers through the real command, in a process whose memory and time are measured."""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.ledger import code
from tests.facts.ledgers import A
from tests.fuzz.effort import TIMES
from tests.fuzz.spoilers import SPOILERS, csv

#: A few of each sort in `make test`, all of them in `make soak`.
SAMPLE = (
    "strings_larger_than_their_zip_says",
    "billion_laughs_in_a_sheet",
    "one_long_text_in_every_cell",
    "ten_million_columns",
    "link_to_zeroes_without_end",
)
MB = 1 << 20
#: The program itself with its libraries takes 90 MB; the largest of the spoilers is a text of 60 MB.
MOST_MEMORY = 500
MOST_SECONDS = 60


def call(folder: Path, *words: str, **env: str) -> tuple[subprocess.CompletedProcess[str], float]:
    """Call the program; with the most memory, in MB, that it had in use at once."""
    out, err = folder / "out", folder / "err"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-c", "from engine.cli import main; main()", *words],
            stdout=stdout,
            stderr=stderr,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "ZHIBEN_NOW": "2025-03-01T09:00", **env},
            preexec_fn=lambda: (
                resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS)),
                resource.setrlimit(resource.RLIMIT_AS, (4096 * MB, 4096 * MB)),
            ),
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    done = subprocess.CompletedProcess(
        words, process.returncode, out.read_text("utf-8", "surrogateescape"), err.read_text("utf-8", "surrogateescape")
    )
    return done, usage.ru_maxrss / 1024


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database with one enterprise in it that no spoiler speaks of, as bytes."""
    folder = tmp_path_factory.mktemp("filled")
    row = f"{code(9)},原有,2019-01-01"
    done, _ = call(folder, "import", str(csv(folder, f"统一社会信用代码,企业名称,成立日期\n{row}\n")))
    assert done.returncode == 0, done.stderr
    return (folder / "zhiben.db").read_bytes()


@pytest.mark.parametrize("name", SAMPLE if TIMES == 1 else SPOILERS)
def test_a_spoiler_costs_little_and_changes_nothing(name: str, tmp_path: Path, filled: bytes) -> None:
    make, says = SPOILERS[name]
    (tmp_path / "zhiben.db").write_bytes(filled)
    (tmp_path / "upload").mkdir()
    done, memory = call(tmp_path, "--lang", "zh", "import", str(make(tmp_path / "upload")), "--check")
    assert "Traceback" not in done.stderr
    assert "panicked" not in done.stderr
    assert done.returncode == (0 if says is None else 2), done.stderr[-500:]
    assert says is None or says in done.stderr
    assert memory < MOST_MEMORY, f"{memory:.0f} MB"
    assert hashlib.sha256((tmp_path / "zhiben.db").read_bytes()).digest() == hashlib.sha256(filled).digest()


def test_the_name_of_a_file_that_is_no_text(tmp_path: Path) -> None:
    """Bytes that are no UTF-8, an escape sequence, a line break, a mark that turns the direction of writing."""
    name = os.fsdecode(b"\xff\x1b]0;x\x07\x1b[31m\n" + "\u202e".encode())
    inner = tmp_path / name
    inner.mkdir()
    csv(inner, "x", f"{name}.txt")
    csv(inner, f"统一社会信用代码,企业名称,成立日期\n{A},甲,2019-01-01\n")
    done, _ = call(tmp_path, "import", str(inner))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") == 1
    assert "\x1b" not in done.stderr
    assert "\u202e" not in done.stderr
    listed, _ = call(tmp_path, "db", "imports")
    assert listed.returncode == 0, listed.stderr
    assert "\x1b" not in listed.stdout
    assert listed.stdout.count("\n") == 1
