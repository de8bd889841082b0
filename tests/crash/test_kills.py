"""Killed at any moment, a command leaves a database that opens, verifies, and ends right after the next run."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable

import pytest

from tests.crash import tally
from tests.crash.deeds import DEEDS, Stages
from tests.crash.kills import tallied

#: Kills on each kind of database, and where they fall; `make soak` asks for hundreds.
KILLS = int(os.environ.get("ZHIBEN_SOAK_KILLS", 20))
SEED = int(os.environ.get("ZHIBEN_CRASH_SEED", 20250301))


@pytest.mark.parametrize("name", [name for name, share in DEEDS.items() if round(share * KILLS / 20)])
def test_killed_at_any_moment(stages: Stages, kind: str, name: str, record_property: Callable[[str, object], None],
                              ) -> None:
    deed = stages.deed(name)
    count = round(deed.share * KILLS / 20)
    killed = tallied(stages, deed, kind, count, random.Random(f"{SEED} {kind} {name}"), thorough=KILLS > 20)
    record_property(tally.KILLS, json.dumps({**killed.figures(), "seed": SEED}))
    assert len(killed.kills) == count
