"""Runs feature files through pytest-bdd and says what came of it (运行场景).

Only what is in the files counts: settings, plugins and conftest modules that happen to lie around change nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd.parser import Scenario, Step

from engine.errors import PackError
from engine.expectations import Unmet
from engine.feature_files import faults
from engine.scenario import language_of, unknown_sentence
from engine.scenario_facts import ScenarioError
from engine.sentences import match
from facts.errors import CouldNotBeDone
from facts.language import Text

#: pytest with nothing but what scenarios need.
_PYTEST = ("-c", os.devnull, "--disable-plugin-autoload", "-p", "pytest_bdd.plugin", "-p", "engine.bindings",
           "-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:warnings", "--noconftest", "--capture=no")


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that does not hold, or (``unreadable``) cannot be read, at a line of a feature file.

    ``scenario`` and ``step`` are blank for a fault of the whole file; ``example`` is the row of an outline, if any.
    """

    file: Path
    line: int
    message: Text
    unreadable: bool
    scenario: str = ""
    example: str = ""
    step: str = ""


@dataclass(slots=True)
class Outcome:
    """How many scenarios held, how many were left out by a tag, and what did not hold, in the order of the files."""

    passed: int = 0
    skipped: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """Scenarios, or whole files, that did not hold."""
        return len({(f.file, f.scenario, f.example) for f in self.failures})

    @property
    def unreadable(self) -> bool:
        """Whether something could not even be read."""
        return any(failure.unreadable for failure in self.failures)


def run_features(files: Sequence[Path]) -> Outcome:
    """Run the scenarios of all ``files``. Raises :class:`~facts.errors.CouldNotBeDone` when pytest itself fails."""
    recorder = _Recorder()
    sound = []
    for file in files:
        wrong = faults(file)
        recorder.outcome.failures += [Failure(fault.file, fault.line, fault.message, True) for fault in wrong]
        if not wrong:
            sound.append(file.absolute())
    if sound:
        recorder.names = {file.absolute(): file for file in files}
        options = os.environ.pop("PYTEST_ADDOPTS", None)
        try:
            status = pytest.main([*_PYTEST, *map(str, sound)], plugins=[recorder])
        finally:
            if options is not None:
                os.environ["PYTEST_ADDOPTS"] = options
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            raise CouldNotBeDone(Text(f"pytest 没有完成（状态 {int(status)}）",
                                      f"pytest did not finish (status {int(status)})"))
    order = {file: number for number, file in enumerate(files)}
    recorder.outcome.failures.sort(key=lambda failure: order[failure.file])
    return recorder.outcome


class _Recorder:
    """A pytest plugin that keeps what became of each scenario."""

    def __init__(self) -> None:
        self.outcome = Outcome()
        self.names: dict[Path, Path] = {}
        self._failures: dict[str, list[Failure]] = {}

    def pytest_bdd_step_error(self, request: pytest.FixtureRequest, scenario: Scenario, step: Step,
                              exception: Exception) -> None:
        self._failures[request.node.nodeid] = [self._failure(request, scenario, step, exception)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_step_func_lookup_error(self, request: pytest.FixtureRequest, scenario: Scenario) -> None:
        self._failures[request.node.nodeid] = [
            self._failure(request, scenario, step, ScenarioError(unknown_sentence(step, language_of(scenario))))
            for step in scenario.steps if match(step.type, step.name) is None]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.outcome.failures += self._failures.get(report.nodeid) or [self._stumble(report)]
        elif report.when == "call" and report.passed:
            self.outcome.passed += 1
        elif report.skipped:
            self.outcome.skipped += 1

    def _stumble(self, report: pytest.TestReport) -> Failure:
        """What failed outside every step."""
        file, _, name = report.nodeid.partition("::")
        known = {path.name: given for path, given in self.names.items()}
        return Failure(known[Path(file).name], 1, _verbatim(report.longreprtext), True, name)

    def _failure(self, request: pytest.FixtureRequest, scenario: Scenario, step: Step, error: Exception) -> Failure:
        example = _example(request)
        return Failure(self.names[Path(scenario.feature.filename)], step.line_number, _told(error),
                       not isinstance(error, Unmet), scenario.name, example, f"{step.keyword.strip()} {step.name}")


def _example(request: pytest.FixtureRequest) -> str:
    callspec = getattr(request.node, "callspec", None)
    row: dict[str, Any] = callspec.params.get("_pytest_bdd_example", {}) if callspec else {}
    return "，".join(f"{name} = {value}" for name, value in row.items())


def _told(error: Exception) -> Text:
    if isinstance(error, (Unmet, ScenarioError)):
        return error.message
    if isinstance(error, PackError):
        return Text(*("\n".join(problem.show(language) for problem in error.problems) for language in ("zh", "en")))
    return _verbatim(f"{type(error).__name__}: {error}")


def _verbatim(text: str) -> Text:
    return Text(text, text)
