"""The sentences of scenarios for pytest-bdd (场景句子与 pytest-bdd 的绑定): a pytest plugin, ``-p engine.bindings``.

Every step definition is made from one line of ``sentences.yaml``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_bdd import step
from pytest_bdd.parser import Feature, Scenario
from pytest_bdd.parsers import StepParser

from engine.scenario import RawTable, World, perform
from engine.sentences import Match, Sentence, read, sentences


class SentenceParser(StepParser):
    """Recognises one sentence in either language."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.id)
        self._sentence = sentence

    def is_matching(self, name: str) -> bool:
        """Whether the step is this sentence."""
        return read(self._sentence, name) is not None

    def parse_arguments(self, name: str) -> dict[str, Any] | None:
        """The step as read, under the one name ``found``."""
        return {"found": read(self._sentence, name)}


@pytest.fixture
def world() -> World:
    """The world of one scenario; its folder is set when the scenario starts."""
    return World(Path())


def pytest_bdd_before_scenario(request: pytest.FixtureRequest, feature: Feature, scenario: Scenario) -> None:
    """Packs are named from the folder of the feature, and messages come in its language."""
    world = request.getfixturevalue("world")
    world.folder = Path(feature.filename).parent
    world.language = "zh" if feature.language.startswith("zh") else "en"


def _carry_out(world: World, found: Match, datatable: RawTable | None = None) -> None:
    perform(world, found, datatable)


for _sentence in sentences():
    step(SentenceParser(_sentence), _sentence.step)(_carry_out)
