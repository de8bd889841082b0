"""Nothing else than durable-rules evaluates the conditions of packs: without it no feature of the engine holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.applicability import applicability_of
from engine.inference import Findings, Inference
from engine.scenario import run, scenarios_of

CONFORMANCE = sorted((Path(__file__).parent.parent / "features" / "conformance").glob("*.feature"))


@pytest.fixture
def no_inference(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Inference, "infer", lambda self, attributes: Findings({}, {}))
    applicability_of.cache_clear()  # it remembers what was inferred before
    yield
    applicability_of.cache_clear()


def _fails(file: Path) -> tuple[int, int]:
    failed = total = 0
    for scenario in scenarios_of(file):
        total += 1
        try:
            run(scenario)
        except Exception:  # of whatever kind: without findings the engine may also stumble
            failed += 1
    return failed, total


@pytest.mark.usefixtures("no_inference")
@pytest.mark.parametrize("file", CONFORMANCE, ids=lambda file: file.stem)
def test_a_conformance_feature_fails_without_inference(file: Path) -> None:
    failed, total = _fails(file)
    # What is left are scenarios that expect nothing to be asked for or recommended.
    assert failed > total / 2, f"{failed} of {total} scenarios failed"


@pytest.mark.parametrize("file", CONFORMANCE, ids=lambda file: file.stem)
def test_the_same_scenarios_hold_with_inference(file: Path) -> None:
    assert _fails(file)[0] == 0
