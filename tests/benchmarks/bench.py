"""``make bench`` (基准测试): how long ledgers of several sizes take, beside a bare rule engine's loop over the same.

``python -m tests.benchmarks.bench [ENTERPRISES…] [--write FILE]`` prints one table in Markdown; ``--write`` puts it
between the two markers of FILE as well. Everything is seeded, and runs in processes of its own, each measured from
outside. The loop is run before the program's jobs and after them; the others are held against the faster of the two.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

from tests.benchmarks.ledger import FIRST_SWEEP, NIGHTLY_SWEEP, write, write_change
from tests.benchmarks.machine import machine
from tests.benchmarks.measuring import Measured, measured
from tests.benchmarks.population import SEED, enterprise

ROOT = Path(__file__).parents[2]
SIZES = (1_000, 10_000, 100_000)
BEGIN, END = "<!-- table of make bench -->", "<!-- end of the table -->"
#: Queries of enterprises drawn at random that one process answers.
_QUERIES = 100
#: Of more enterprises than that, a sheet of Excel cannot hold all violations; those of one district are exported.
_WHOLE_EXPORT = 200_000
_BARE = "durable-rules"
_TITLES = ("企业<br>enterprises", "记录<br>records", "工作<br>job", "秒<br>seconds", "处理器秒<br>processor s",
           "每秒<br>per second", "内存峰值 MB<br>peak MB", "裸循环的倍数<br>× bare loop", "按处理器秒<br>by processor")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; ``units`` are what the rate counts."""

    job: str
    units: int
    seconds: float
    processor: float
    peak: int


class Mismatch(RuntimeError):
    """Two engines do not say the same of an enterprise."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, metavar="ENTERPRISES", default=SIZES)
    parser.add_argument("--write", type=Path, metavar="FILE")
    chosen = parser.parse_args()
    lines = [machine(), "", _line(_TITLES), _line(["--:", "--:", ":--", *["--:"] * 6])]
    print("\n".join(lines), flush=True)
    notes = [""]
    for size in chosen.sizes:
        with tempfile.TemporaryDirectory() as folder:
            for line in _sized(size, Path(folder), notes):
                lines.append(line)
                print(line, flush=True)
    print("\n".join(notes))
    if chosen.write:
        put(chosen.write, "\n".join([*lines, *notes]))


def put(file: Path, text: str) -> None:
    """Replace what stands between the markers of ``file``; raises :class:`ValueError` if it has none."""
    head, begin, rest = file.read_text(encoding="utf-8").partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not end:
        raise ValueError(f"{file}: no {BEGIN} … {END}")
    file.write_text(f"{head}{begin}\n\n{text.strip()}\n\n{end}{tail}", encoding="utf-8")


def _sized(size: int, folder: Path, notes: list[str]) -> Iterator[str]:
    before = _loop(_BARE, size, folder / "before")
    folders, records = write(folder, size)
    jobs = list(_jobs(size, folder, folders))
    loops = {name: _loop(name, size, folder / name) for name in (_BARE, "rule-engine", "zen-engine", "Python")}
    _compare(size, folder, ["before", *loops])
    both = (before, loops[_BARE])
    bare = min(both, key=lambda row: row.processor)
    mean = json.loads((folder / "mean").read_text())
    loops = {**loops, _BARE: bare}
    for row in (*jobs, *loops.values()):
        yield _line([f"{size:,}", f"{records:,}", row.job, _short(row.seconds), _short(row.processor),
                     _short(row.units / row.seconds), f"{row.peak / 1e6:.0f}", *_held_against(bare, row)])
    nightly, full = (next(row.processor for row in jobs if row.job.startswith(job)) for job in ("nightly", "sweep --"))
    notes.append(f"{size:,}: nightly sweep : sweep --full = {nightly / full:.1%} of processor time; {mean:.2f} of ten "
                 "rules hold of an enterprise, all engines agree on each; the bare loop took "
                 f"{' and '.join(_short(row.processor) for row in both)} s of processor time.  ")


def _held_against(bare: Row, row: Row) -> tuple[str, str]:
    if row.units == 1:
        return "–", "–"
    return _short(row.seconds / bare.seconds), _short(row.processor / bare.processor)


def _jobs(size: int, folder: Path, folders: Sequence[Path]) -> Iterator[Row]:
    database = f"sqlite:///{folder}/zhiben.db"
    imported = _summed(_zhiben(database, FIRST_SWEEP, "import", each) for each in folders)
    for each in folders:
        shutil.rmtree(each)
    yield Row("import", size, imported.seconds, imported.processor, imported.peak)
    swept = _zhiben(database, FIRST_SWEEP, "sweep", "--format", "json")
    found = json.loads(swept.output)["violations"]["opened"]
    yield Row(f"full sweep, first ({found:,} violations)", size, swept.seconds, swept.processor, swept.peak)
    changed = write_change(folder / "change", size)
    _zhiben(database, NIGHTLY_SWEEP, "import", folder / "change")
    swept = _zhiben(database, NIGHTLY_SWEEP, "sweep", "--format", "json")
    yield Row(f"nightly sweep ({changed:,} enterprises changed)", size, swept.seconds, swept.processor, swept.peak)
    swept = _zhiben(database, NIGHTLY_SWEEP, "sweep", "--full", "--format", "json")
    yield Row("sweep --full", size, swept.seconds, swept.processor, swept.peak)
    codes = [enterprise(number).code for number in random.Random(SEED).choices(range(size), k=_QUERIES)]
    asked = _zhiben(database, NIGHTLY_SWEEP, "query", codes[0], "--format", "json")
    yield Row("query, whole command", 1, asked.seconds, asked.processor, asked.peak)
    answered = _python("tests.benchmarks.answering", database, str(NIGHTLY_SWEEP), *codes, today=NIGHTLY_SWEEP)
    each = json.loads(answered.output)
    yield Row(f"query, work alone (mean of {_QUERIES})", 1, *(sum(one) / _QUERIES for one in zip(*each, strict=True)),
              answered.peak)
    yield Row("query, work alone (slowest)", 1, *max(each), answered.peak)
    file = folder / "violations.xlsx"
    written = _zhiben(database, NIGHTLY_SWEEP, "export", "violations", "--format", "xlsx", "-o", file,
                      *(("--division", "350304") if size > _WHOLE_EXPORT else ()))
    count = _rows(file)
    yield Row(f"export of {count:,} violations, xlsx", count, written.seconds, written.processor, written.peak)


def _rows(workbook: Path) -> int:
    """The rows of its first sheet below the headers."""
    found, tail = -1, b""
    with ZipFile(workbook) as parts, parts.open("xl/worksheets/sheet1.xml") as sheet:
        while chunk := sheet.read(1 << 20):
            chunk = tail + chunk
            found, tail = found + chunk.count(b"<row "), chunk[-4:]
    return found


def _zhiben(database: str, today: date, *words: str | Path) -> Measured:
    return _python("engine", "--db", database, *words, today=today)


def _python(module: str, *words: str | Path, today: date) -> Measured:
    # What somebody has set for a ledger of their own is not meant for this one.
    env = {name: value for name, value in os.environ.items() if not name.startswith("ZHIBEN_")}
    return measured(sys.executable, "-m", module, *words, cwd=ROOT, env={**env, "ZHIBEN_NOW": f"{today}T02:30"})


def _loop(engine: str, size: int, verdicts: Path) -> Row:
    ran = _python("tests.benchmarks.loops", engine, str(size), verdicts, today=FIRST_SWEEP)
    said = json.loads(ran.output)
    verdicts.with_name("mean").write_text(json.dumps(said["mean"]))
    name = "plain Python" if engine == "Python" else f"{engine} {version(engine.replace('durable-', 'durable_'))}"
    job = f"{'bare loop' if engine == _BARE else 'the same ten rules'}: {name}"
    return Row(job, size, said["seconds"], said["processor"], ran.peak)


def _compare(size: int, folder: Path, files: Sequence[str]) -> None:
    """Raises :class:`Mismatch` at the first enterprise of which the files of verdicts do not say the same."""
    wanted = (folder / files[-1]).read_bytes()
    for file in files:
        found = (folder / file).read_bytes()
        if len(found) != 2 * size:
            raise Mismatch(f"{file}: {len(found) // 2} verdicts for {size} enterprises")
        if found != wanted:
            at = next(n for n in range(size) if found[2 * n:2 * n + 2] != wanted[2 * n:2 * n + 2])
            raise Mismatch(f"enterprise {at}: {file} and {files[-1]} find different rules to hold")


def _summed(parts: Iterator[Measured]) -> Measured:
    total = next(parts)
    for part in parts:
        total += part
    return total


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _short(number: float) -> str:
    """Three digits that count."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


if __name__ == "__main__":
    main()
