"""Has something become slow? (性能回归防线) Short jobs of the program, held against the bare loop of a rule engine.

What is compared are ratios of processor time, not seconds: another machine, or a busy one, says about the same. The
loop runs right before and right after a job, so that all three meet the same weather, and the median of some turns
counts. (The quickest turn of each would not do: a short loop finds a quiet moment now and then, a long job never does.)
What seems slow gets further turns: noise goes away, slowness stays.

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
from statistics import median

from engine import packs
from engine.cli import main as zhiben
from engine.judgement import judge
from engine.packs import load_rulebook
from facts.store.database import open_database
from facts.store.reading import dossiers
from tests.benchmarks.answering import Desk
from tests.benchmarks.ledger import FIRST_SWEEP, NIGHTLY_SWEEP, write, write_change
from tests.benchmarks.machine import machine
from tests.benchmarks.ten_rules import durable_rules, flat_fact

BASELINE = Path(__file__).with_name("baseline.json")
#: How many times its baseline a ratio may be.
TOLERANCE = 1.3
ENTERPRISES = 60
#: Turns that each job gets, and one that seems slow, or is to be stored.
TURNS, MORE_TURNS = 2, 7
#: How often what is short is done in one turn, to last long enough to be measured.
_LAPS, _FEW = 8, 3

Jobs = Mapping[str, Callable[[], object]]
Ratios = dict[str, float]


@contextmanager
def jobs() -> Iterator[Jobs]:
    """What is measured, over a ledger of :data:`ENTERPRISES` in databases of its own."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (ledger,), _ = write(place, ENTERPRISES)
        empty, full, swept, copy = (place / f"{name}.db" for name in ("empty", "full", "swept", "copy"))
        open_database(f"sqlite:///{empty}", create=True).dispose()
        shutil.copyfile(empty, full)
        _zhiben(full, "import", ledger)
        desk = Desk(f"sqlite:///{full}")
        rulebook, engine = desk.rulebook(), desk.open()
        held = list(dossiers(engine))
        # What is worked out once and remembered is not what a turn is to measure.
        for each in held:
            judge(each, rulebook, FIRST_SWEEP)
        shutil.copyfile(full, swept)
        _zhiben(swept, "sweep", "--as-of", FIRST_SWEEP, "--workers", 1)
        write_change(place / "change", ENTERPRISES)
        _zhiben(swept, "import", place / "change")

        def on_copy(of: Path, *words: str | Path) -> None:
            shutil.copyfile(of, copy)
            _zhiben(copy, *words)

        yield {
            "import": lambda: on_copy(empty, "import", ledger),
            "packs": lambda: [_compiled_anew() for _ in range(_FEW)],
            "reading": lambda: [list(dossiers(engine)) for _ in range(_LAPS)],
            "judging": lambda: [judge(each, rulebook, FIRST_SWEEP) for each in held],
            "sweep": lambda: on_copy(full, "sweep", "--as-of", FIRST_SWEEP, "--workers", 1),
            "night": lambda: [on_copy(swept, "sweep", "--as-of", NIGHTLY_SWEEP, "--workers", 1) for _ in range(_FEW)],
            "query": lambda: [desk.answer(each.uscc, FIRST_SWEEP) for each in held[::4]],
            "export": lambda: _zhiben(full, "export", "violations", "--format", "xlsx", "--as-of", FIRST_SWEEP,
                                      "-o", place / "violations.xlsx"),
        }
        engine.dispose()


def _compiled_anew() -> None:
    packs._of_texts.cache_clear()
    load_rulebook()


def ratios(jobs: Jobs, suspect: Callable[[str, float], bool]) -> Ratios:
    """Each job's processor time over the loop's: the median of a few turns, of more for those that are ``suspect``."""
    facts, verdicts = [flat_fact(number) for number in range(ENTERPRISES)], durable_rules()

    def loop() -> float:
        return _seconds(lambda: [verdicts(facts) for _ in range(_LAPS)])

    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(MORE_TURNS):
        for name, job in jobs.items():
            if turn < TURNS or suspect(name, median(taken[name])):
                before, seconds, after = loop(), _seconds(job), loop()
                taken[name].append(2 * seconds / (before + after))
    return {name: median(each) for name, each in taken.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("jobs", nargs="*", metavar="JOB")
    parser.add_argument("--store", action="store_true")
    chosen = parser.parse_args()
    if chosen.store:
        with jobs() as everything:
            found = ratios(everything, lambda name, ratio: True)
        stored = {"machine": machine(), "ratios": {name: round(ratio, 2) for name, ratio in found.items()}}
        BASELINE.write_text(json.dumps(stored, indent=2) + "\n")
        return 0
    baseline: Ratios = json.loads(BASELINE.read_text())["ratios"]

    def slow(name: str, ratio: float) -> bool:
        return ratio > baseline[name] * TOLERANCE

    with jobs() as everything:
        found = ratios({name: job for name, job in everything.items() if name in (chosen.jobs or everything)}, slow)
    for name, ratio in found.items():
        print(f"{name:8} {ratio:8.2f} × bare loop, baseline {baseline[name]:8.2f}: {ratio / baseline[name]:.2f}"
              f"{'  SLOW' if slow(name, ratio) else ''}")
    return int(any(slow(name, ratio) for name, ratio in found.items()))


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
