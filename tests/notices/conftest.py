"""A small ledger whose steps and letters are worked out by hand, and the program as its users call it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli import main
from tests.cli.conftest import Run, empty, run  # noqa: F401
from tests.cli.ledger import code, write_folder
from tests.databases import in_folder

PACKS = Path(__file__).parent / "packs"
DAY = "2025-03-20"

#: Everything missed: four quarters of fire checks, the drill of 2024, the assessment, a hazard, an alarm.
WORST = code(201)
#: Only the drill of 2024.
DRILL = code(202)
#: The drill of 2024, made up on 2025-02-01, after its reminder.
MADE_UP = code(203)
#: Names that would break a document, a workbook or a file.
UGLY = code(204)

UGLY_NAME = "=天津<国际>&{{ 7*7 }}{% if x %}\u202e公司"

SHEETS = {
    "enterprises": [
        ["uscc", "name", "division", "sectors", "uses_gas", "gas_alarm", "registered_on", "valid_from", "history_from"],
        [WORST, "甲饭店", "120102", "餐饮", "是", "否", "2020-01-01", "2020-01-01", "2020-01-01"],
        [DRILL, "乙商店", "120102", "retail", "否", "", "2020-01-01", "2020-01-01", "2020-01-01"],
        [MADE_UP, "丙商店", "120103", "retail", "否", "", "2020-01-01", "2020-01-01", "2020-01-01"],
        [UGLY, UGLY_NAME, "120103", "retail", "否", "", "2020-01-01", "2020-01-01", "2020-01-01"],
    ],
    "records": [
        ["uscc", "kind", "date"],
        *([each, "fire_check", day] for each in (DRILL, MADE_UP, UGLY)
          for day in ("2024-01-10", "2024-01-20", "2024-04-10", "2024-04-20", "2024-07-10", "2024-07-20", "2024-10-10",
                      "2024-10-20", "2025-01-10", "2025-01-20")),
        *([each, "risk_assessment", "2024-02-01"] for each in (DRILL, MADE_UP, UGLY)),
        [WORST, "fire_check", "2024-05-05"],
        [MADE_UP, "evacuation_drill", "2025-02-01"],
    ],
    "hazards": [
        ["hazard_id", "uscc", "level", "description", "found_on", "deadline", "refused_on"],
        ["YH-1", WORST, "major", "配电箱<裸露>", "2025-01-10", "2025-02-10", "2025-02-15"],
    ],
}


@pytest.fixture(scope="session")
def _swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger imported, and swept as of 2025-01-02 and of the day of the tests."""
    folder = tmp_path_factory.mktemp("swept")
    write_folder(folder / "ledger", SHEETS)
    for words in (("import", str(folder / "ledger")), ("sweep", "--as-of", "2025-01-02"), ("sweep", "--as-of", DAY)):
        result = CliRunner().invoke(main, [*words, "--db", f"sqlite:///{folder / 'zhiben.db'}"],
                                    env={"ZHIBEN_NOW": f"{DAY}T09:00", "ZHIBEN_PACKS": str(PACKS)})
        assert result.exit_code == 0, result.output
    return folder / "zhiben.db"


@pytest.fixture
def swept(empty: Path, _swept: Path, backend: str, request: pytest.FixtureRequest,  # noqa: F811
          monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder, with the swept ledger in zhiben.db or on the server; the clock says 2025-03-20."""
    monkeypatch.setenv("ZHIBEN_NOW", f"{DAY}T09:00")
    monkeypatch.setenv("ZHIBEN_PACKS", str(PACKS))
    with in_folder(backend, request, _swept, monkeypatch):
        yield empty


@pytest.fixture(scope="session")
def _lettered(_swept: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The swept ledger with its eight letters, the last of them void."""
    folder = tmp_path_factory.mktemp("lettered")
    (folder / "zhiben.db").write_bytes(_swept.read_bytes())
    for words in (("-o", str(folder / "out")), ("void", "2025-8", "--by", "张三", "--reason", "试")):
        result = CliRunner().invoke(main, ["notices", *words], env={
            "ZHIBEN_NOW": f"{DAY}T09:00", "ZHIBEN_PACKS": str(PACKS), "ZHIBEN_DB": f"sqlite:///{folder / 'zhiben.db'}"})
        assert result.exit_code == 0, result.output
    return folder / "zhiben.db"


@pytest.fixture
def lettered(swept: Path, _lettered: Path, backend: str, request: pytest.FixtureRequest,
             monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same with these letters, and no files."""
    with in_folder(backend, request, _lettered, monkeypatch):
        yield swept


def written(run: Run, *options: str) -> dict[str, Any]:  # noqa: F811
    """What ``zhiben notices --format json`` says."""
    return json.loads(run("notices", "--format", "json", *options).stdout)
