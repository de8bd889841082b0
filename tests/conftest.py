"""What holds for every test."""

from __future__ import annotations

import gc
import os

from hypothesis import settings

pytest_plugins = ["tests.databases", "tests.crash.tally"]

# A slow machine is no failure, and CI answers the same on the same commit.
settings.register_profile("zhiben", deadline=None, max_examples=30, derandomize=bool(os.environ.get("CI")))
settings.register_profile("deep", deadline=None, max_examples=5_000)
settings.load_profile("zhiben")


def pytest_collection_finish() -> None:
    """Thousands of tests stay for the whole run: they need not be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
