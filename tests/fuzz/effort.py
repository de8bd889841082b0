"""How much is tried (用例数): little in `make test`, ``ZHIBEN_SOAK`` times as much in `make soak`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("ZHIBEN_SOAK", "1"))


def examples(few: int) -> Callable[[Any], Any]:
    """So many examples, or those of the profile "deep", times ``ZHIBEN_SOAK``."""
    profile = settings.default.max_examples
    return settings(
        max_examples=(few if profile <= 100 else profile) * TIMES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    )


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is done inside takes less than so much time of the processor, which no other program can take away."""
    began = time.process_time()
    yield
    taken = time.process_time() - began
    assert taken < seconds, f"{taken:.1f} s of {seconds}"
