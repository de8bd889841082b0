"""A violation that a later import shows never to have been is withdrawn, and stays to be seen."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, at
from tests.cli.ledger import RESTAURANT, write_folder
from tests.databases import BOTH, in_folder

DATABASES = BOTH
DRILL = {"records": [["uscc", "kind", "date"], [RESTAURANT, "evacuation_drill", "2024-05-05"]]}


def violations(run: Run, as_of: str, *options: str) -> list[tuple[str, str, str | None]]:
    result = run("export", "violations", "--format", "json", "--as-of", as_of, *options)
    rows = [row for row in json.loads(result.stdout) if row["uscc"] == RESTAURANT and row["duty"] == "evacuation_drill"]
    return [(row["key"], row["status"], row["closed_on"]) for row in rows]


def test_a_violation_that_never_was_is_withdrawn(run: Run, folder: Path) -> None:
    run("sweep", "--as-of", "2025-03-01")
    assert violations(run, "2025-03-01") == [("2024", "open", None)]
    write_folder(folder / "late", DRILL)
    run("import", str(folder / "late"))
    assert violations(run, "2025-03-02") == []
    run("sweep", "--as-of", "2025-03-02")
    assert violations(run, "2025-03-02") == [("2024", "withdrawn", "2025-03-02")]
    assert violations(run, "2025-03-02", "--status", "closed") == [("2024", "withdrawn", "2025-03-02")]
    assert violations(run, "2025-03-02", "--status", "open") == []
    assert violations(run, "2025-03-01") == []
    shown = json.loads(run("query", RESTAURANT, "--as-of", "2025-03-02", "--format", "json").stdout)["violations"]
    assert [(v["key"], v["status"]) for v in shown if v["duty"] == "evacuation_drill"] == [("2024", "withdrawn")]


_TAUGHT = "tianjin-hedong/commerce,tianjin-hedong/safety-committee,national/statutes"


@pytest.fixture(scope="module")
def all_withdrawn(imported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The drill of 2024 is missed; two sweeps issue steps, and one that knows of the drill withdraws it."""
    folder = tmp_path_factory.mktemp("withdrawn")
    file = Path(shutil.copy(imported, folder))
    at("2025-03-02T12:00", file, "sweep", "--as-of", "2025-01-20", packs=_TAUGHT)
    at("2025-03-03T12:00", file, "sweep", "--as-of", "2025-02-05", packs=_TAUGHT)
    at("2025-03-04T12:00", file, "import", str(write_folder(folder / "late", DRILL)), packs=_TAUGHT)
    at("2025-03-04T12:00", file, "sweep", "--as-of", "2025-02-10", packs=_TAUGHT)
    return file


@pytest.fixture
def never_was(empty: Path, all_withdrawn: Path, backend: str, request: pytest.FixtureRequest,
              monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All that in the current folder's database, on the day of the last sweep."""
    monkeypatch.setenv("ZHIBEN_PACKS", _TAUGHT)
    monkeypatch.setenv("ZHIBEN_NOW", "2025-03-04T12:00")
    with in_folder(backend, request, all_withdrawn, monkeypatch):
        yield


def escalation(run: Run, *options: str) -> list[dict[str, Any]]:
    found = json.loads(run("query", RESTAURANT, "--format", "json", *options).stdout)["violations"]
    (drill,) = [v for v in found if (v["duty"], v["key"]) == ("evacuation_drill", "2024")]
    assert (drill["status"], drill["held_back"]) == ("withdrawn", [])
    return drill["escalation"]


ISSUED = [("remind", "2025-01-01"), ("urge", "2025-01-11"), ("circular", "2025-01-31")]


@pytest.mark.usefixtures("never_was")
def test_what_had_been_issued_stays(run: Run) -> None:
    steps = escalation(run)
    assert [(step["step"], step["issued_on"]) for step in steps] == ISSUED
    assert [(step["level"], step["due_on"]) for step in steps] == [(1, "2025-01-01"), (2, "2025-01-11"),
                                                                 (3, "2025-01-31")]
    for step in steps:
        assert step["ladder"] == "hedong-commerce.ladder"
        assert all((step["clause"], step["quote"], step["assumptions"]))
    exported = json.loads(run("export", "escalations", "--format", "json", "--status", "closed", "--duty",
                              "evacuation_drill").stdout)
    assert [(row["step"], row["status"]) for row in exported if row["uscc"] == RESTAURANT] == [
        (step, "withdrawn") for step, _ in ISSUED]
    shown = run("query", RESTAURANT, "--lang", "zh").stdout
    (line,) = [line for line in shown.split("撤回前已发出的措施")[1].splitlines() if "通报" in line]
    assert line.split()[-3:] == ["2025-01-31", "2025-01-31", "2025-02-10"]


@pytest.mark.usefixtures("never_was")
def test_before_it_was_withdrawn_it_stood_as_open(run: Run) -> None:
    then = json.loads(run("query", RESTAURANT, "--known-at", "2025-03-04T11:59", "--format", "json").stdout)
    found = {(v["duty"], v["key"]): v["status"] for v in then["violations"]}
    assert found["evacuation_drill", "2024"] == "open"
    assert [step["step"] for step in escalation(run, "--known-at", "2025-03-04T12:00")] == [s for s, _ in ISSUED]


@pytest.mark.usefixtures("never_was")
def test_a_step_of_a_ladder_that_is_gone_is_shown_without_its_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBEN_PACKS", "national/statutes")
    step, *_ = escalation(run)
    assert (step["step"], step["ladder"], step["quote"], step["assumptions"]) == (
        "remind", "hedong-commerce.ladder", "", [])
