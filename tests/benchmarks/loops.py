"""One engine's loop in a process of its own: ``loops.py ENGINE ENTERPRISES FILE`` (规则引擎对照).

Prints the seconds of the loop alone as JSON, by the clock and of processor time; FILE gets the verdicts, two
bytes an enterprise.
"""

from __future__ import annotations

import json
import sys
import time
from array import array
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.benchmarks.other_engines import rule_engine, zen_engine
from tests.benchmarks.ten_rules import Verdicts, durable_rules, flat_fact, plain_python

ENGINES: Mapping[str, Callable[[], Verdicts]] = {
    "durable-rules": durable_rules, "rule-engine": rule_engine, "zen-engine": zen_engine, "Python": plain_python}

#: Facts made at a time; making them is not counted.
_AT_ONCE = 5_000


def main() -> None:
    engine, enterprises, file = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    verdicts = ENGINES[engine]()
    found, seconds, processor = array("H"), 0.0, 0.0
    for start in range(0, enterprises, _AT_ONCE):
        facts = [flat_fact(number) for number in range(start, min(start + _AT_ONCE, enterprises))]
        started, began = time.perf_counter(), time.process_time()
        found.extend(verdicts(facts))
        seconds += time.perf_counter() - started
        processor += time.process_time() - began
    file.write_bytes(found.tobytes())
    print(json.dumps({"seconds": seconds, "processor": processor,
                      "mean": sum(each.bit_count() for each in found) / enterprises}))


if __name__ == "__main__":
    main()
