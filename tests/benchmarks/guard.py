"""Has something become slow? (性能回归防线) Short jobs of the program, held against the bare loop of a rule engine.

What is compared are ratios of processor time, not seconds: another machine, or a busy one, says about the same. Jobs
and loop take turns, and of each the quickest turn counts. As long as a ratio is too high there are further turns: what
is noise goes away, what is slow stays.

``python -m tests.benchmarks.guard [JOB…]`` prints the ratios beside those of the baseline; exit status 1 if one is more
than :data:`TOLERANCE` times as high. With ``--store`` they become the baseline.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from engine.cli import main as zhiben
from engine.judgement import judge
from engine.packs import load_rulebook
from facts.store.database import open_database
from facts.store.reading import dossiers
from tests.benchmarks.answering import Desk
from tests.benchmarks.ledger import FIRST_SWEEP, write
from tests.benchmarks.machine import machine
from tests.benchmarks.ten_rules import durable_rules, flat_fact

BASELINE = Path(__file__).with_name("baseline.json")
#: How many times its baseline a ratio may be.
TOLERANCE = 1.3
ENTERPRISES = 100
#: Turns that there are always, at most while something seems slow, and for a baseline.
TURNS, TURNS_AT_MOST, TURNS_TO_STORE = 2, 8, 8
#: So often the loop goes through the enterprises in one turn, to last long enough to be measured.
_LAPS = 5

Jobs = Mapping[str, Callable[[], object]]
Ratios = dict[str, float]


@contextmanager
def jobs() -> Iterator[Jobs]:
    """What is measured, over a ledger of :data:`ENTERPRISES` in databases of its own."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (ledger,), _ = write(place, ENTERPRISES)
        empty, full, copy = (place / f"{name}.db" for name in ("empty", "full", "copy"))
        open_database(f"sqlite:///{empty}", create=True).dispose()
        shutil.copyfile(empty, full)
        _zhiben(full, "import", ledger)
        desk = Desk(f"sqlite:///{full}")
        rulebook, engine = desk.rulebook(), desk.open()
        held = list(dossiers(engine))

        def on_copy(of: Path, *words: str | Path) -> None:
            shutil.copyfile(of, copy)
            _zhiben(copy, *words)

        yield {
            "import": lambda: on_copy(empty, "import", ledger),
            "packs": load_rulebook,
            "reading": lambda: [list(dossiers(engine)) for _ in range(_LAPS)],
            "judging": lambda: [judge(each, rulebook, FIRST_SWEEP) for each in held],
            "sweep": lambda: on_copy(full, "sweep", "--as-of", FIRST_SWEEP, "--workers", 1),
            "query": lambda: [desk.answer(each.uscc, FIRST_SWEEP) for each in held[:20]],
            "export": lambda: _zhiben(full, "export", "violations", "--format", "xlsx", "--as-of", FIRST_SWEEP,
                                      "-o", place / "violations.xlsx"),
        }
        engine.dispose()


def ratios(jobs: Jobs, enough: Callable[[Ratios], bool], at_most: int) -> Ratios:
    """Each job's processor time over the loop's, after as many turns as are enough."""
    facts, verdicts = [flat_fact(number) for number in range(ENTERPRISES)], durable_rules()
    loop, best = float("inf"), dict.fromkeys(jobs, float("inf"))
    for turn in range(1, at_most + 1):
        for name, job in jobs.items():
            loop = min(loop, _seconds(lambda: [verdicts(facts) for _ in range(_LAPS)]))
            best[name] = min(best[name], _seconds(job))
        found = {name: seconds / loop for name, seconds in best.items()}
        if turn >= TURNS and enough(found):
            break
    return found


def slow(found: Ratios, baseline: Ratios) -> list[str]:
    """The jobs whose ratio is too high."""
    return [name for name, ratio in found.items() if ratio > baseline[name] * TOLERANCE]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("jobs", nargs="*", metavar="JOB")
    parser.add_argument("--store", action="store_true")
    chosen = parser.parse_args()
    with jobs() as everything:
        wanted = {name: job for name, job in everything.items() if name in (chosen.jobs or everything)}
        if chosen.store:
            found = ratios(wanted, lambda _: False, TURNS_TO_STORE)
            stored = {"machine": machine(), "ratios": {name: round(ratio, 2) for name, ratio in found.items()}}
            BASELINE.write_text(json.dumps(stored, indent=2) + "\n")
            return 0
        baseline: Ratios = json.loads(BASELINE.read_text())["ratios"]
        found = ratios(wanted, lambda now: not slow(now, baseline), TURNS_AT_MOST)
    for name, ratio in found.items():
        mark = "  SLOW" if name in slow(found, baseline) else ""
        print(f"{name:8} {ratio:8.2f} × bare loop, baseline {baseline[name]:8.2f}: {ratio / baseline[name]:.2f}{mark}")
    return bool(slow(found, baseline))


def _seconds(job: Callable[[], object]) -> float:
    gc.collect()
    started = time.process_time()
    job()
    return time.process_time() - started


def _zhiben(database: Path, *words: object) -> None:
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        zhiben.main(["--db", f"sqlite:///{database}", *map(str, words)], standalone_mode=False)


if __name__ == "__main__":
    sys.exit(main())
