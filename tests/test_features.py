"""Runs every feature file under ``features/`` and guards how they are written."""

from __future__ import annotations

from pathlib import Path

import pytest
from gherkin.parser import Parser
from pytest_bdd import scenarios

from engine.scenario import scenarios_of
from engine.sentences import match

pytest_plugins = ["engine.bindings"]

FEATURES = Path(__file__).parent.parent / "features"
FILES = sorted(FEATURES.rglob("*.feature"))

scenarios(str(FEATURES))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FEATURES)))
def test_no_two_scenarios_of_a_file_share_a_name(file: Path) -> None:
    # pytest-bdd keeps scenarios by name: of two namesakes one would silently never run.
    children = Parser().parse(file.read_text(encoding="utf-8"))["feature"]["children"]
    names = [child["scenario"]["name"] for child in children if "scenario" in child]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FEATURES)))
def test_every_step_is_a_sentence_and_every_scenario_checks_something(file: Path) -> None:
    for scenario in scenarios_of(file):
        unknown = [step.name for step in scenario.steps if match(step.type, step.name) is None]
        assert not unknown, scenario.name
        assert scenario.steps[-1].type == "then", scenario.name
