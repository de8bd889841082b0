"""The sentences of scenarios for pytest-bdd (场景句子与 pytest-bdd 的绑定): a pytest plugin, ``-p engine.bindings``.

Every step definition is made from one line of ``sentences.yaml``. With the plugin pytest also collects ``.feature``
files by themselves, without a module in Python that names them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pytest_bdd import scenario as bdd_scenario
from pytest_bdd import step
from pytest_bdd.feature import get_feature
from pytest_bdd.parser import Feature, Scenario, Step
from pytest_bdd.parsers import StepParser

from engine.feature_files import ENCODING, faults
from engine.scenario import RawTable, World, language_of, perform, unknown_sentence
from engine.scenario_facts import ScenarioError
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
    world.language = language_of(scenario)


@pytest.hookimpl(trylast=True)
def pytest_bdd_step_func_lookup_error(scenario: Scenario, step: Step) -> None:
    """An author who mistypes a sentence is told the nearest one, not how to write Python."""
    raise ScenarioError(unknown_sentence(step, language_of(scenario))) from None


def _carry_out(world: World, found: Match, datatable: RawTable | None = None) -> None:
    perform(world, found, datatable)


for _sentence in sentences():
    step(SentenceParser(_sentence), _sentence.step)(_carry_out)


class FeatureFile(pytest.Module):
    """A feature file as pytest collects it: the module that somebody might have written for it."""

    def _getobj(self) -> ModuleType:
        found = [f"{fault.file}:{fault.line}: {fault.message.zh} / {fault.message.en}" for fault in faults(self.path)]
        if found:
            raise self.CollectError("\n".join(found))
        module = ModuleType(self.path.stem)
        folder = str(self.path.parent)
        for name in get_feature(folder, self.path.name, ENCODING).scenarios:
            made = bdd_scenario(self.path.name, name, encoding=ENCODING, features_base_dir=folder)(_nothing_further())
            setattr(module, f"test_{name}", made)
        return module


def _nothing_further() -> Callable[[], None]:
    """What a scenario does after its steps; each has one of its own, for pytest-bdd keeps marks on it."""

    def nothing() -> None:
        pass

    return nothing


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> FeatureFile | None:
    """Feature files are tests."""
    return FeatureFile.from_parent(parent, path=file_path) if file_path.suffix == ".feature" else None
