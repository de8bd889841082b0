"""Nothing has become more than 30 % slower against the bare loop than when the baseline was stored."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: The guard with one function of the program that takes half as long again.
SLOWED = """
import sys, time
from tests.benchmarks import guard

def slowed(*words, judge=guard.judge):
    started = time.process_time()
    result = judge(*words)
    until = time.process_time() + (time.process_time() - started) / 2
    while time.process_time() < until:
        pass
    return result

guard.judge = slowed
sys.exit(guard.main())
"""


def _guard(*words: str) -> subprocess.CompletedProcess[str]:
    """The guard in a process of its own, where what other tests have left in memory costs nothing."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("ZHIBEN_")}
    return subprocess.run([sys.executable, *words], cwd=ROOT, env={**env, "PYTHONHASHSEED": "0"}, text=True,
                          capture_output=True, check=False)


def test_nothing_has_become_slow() -> None:
    done = _guard("-m", "tests.benchmarks.guard")
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\na new baseline: python -m tests.benchmarks.guard --store"


def test_half_as_slow_again_is_noticed() -> None:
    done = _guard("-c", SLOWED, "judging")
    assert done.returncode == 1, done.stderr
    assert "SLOW" in done.stdout
