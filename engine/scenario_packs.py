"""Which scenarios use which packs (场景用到的规则包)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_bdd.parser import Scenario

from engine.feature_files import faults
from engine.scenario import packs_named, run, scenarios_of
from engine.sentences import match
from facts.errors import BadInput
from facts.language import Text


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """A scenario to be played, perhaps more than once; ``resolved`` are the files of its packs."""

    scenario: Scenario
    resolved: frozenset[Path]

    @property
    def place(self) -> str:
        """Where it stands, as file:line."""
        return f"{self.scenario.feature.filename}:{self.scenario.line_number}"


def scenarios_with_packs(features: Iterable[Path]) -> Iterator[Played]:
    """Every scenario of the feature files, in order. Raises :class:`~facts.errors.BadInput` for a file with faults."""
    for file in features:
        for fault in faults(file):
            raise BadInput(Text(f"{fault.file}:{fault.line}: {fault.message.zh}",
                                f"{fault.file}:{fault.line}: {fault.message.en}"))
        for scenario in scenarios_of(file):
            found = (match(step.type, step.name) for step in scenario.steps)
            named = [packs_named(m.blanks["packs"], file.parent) for m in found if m and m.sentence.id == "packs"]
            yield Played(scenario, frozenset(path.resolve() for paths in named for path in paths))


def red(scenarios: Iterable[Played]) -> str | None:
    """Where the first scenario stands that does not hold with the packs as they are; ``None`` if all do."""
    for played in scenarios:
        try:
            run(played.scenario)
        except Exception:  # of whatever kind: nothing can be learnt from it before it is mended
            return played.place
    return None
