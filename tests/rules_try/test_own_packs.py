"""The product's own packs are held to what their authors' tools ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli.scenario_options import pack_files
from engine.feature_files import feature_files
from engine.scenario_coverage import coverage
from engine.scenario_packs import Played, scenarios_with_packs

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def scenarios() -> list[Played]:
    return list(scenarios_with_packs(feature_files([ROOT / "features"])))


@pytest.mark.parametrize("pack", pack_files(()), ids=lambda pack: f"{pack.parent.name}/{pack.stem}")
def test_scenarios_show_both_sides_of_every_rule_case_and_condition(pack: Path, scenarios: list[Played]) -> None:
    (found,) = coverage([pack], scenarios)
    assert not [f"{pack}:{spot.mark.line} {spot.kind} {spot.what}" for spot in found.untouched]
