"""A ledger with an accident, and the program called on given days."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli import main
from tests.cli.ledger import code, write_folder
from tests.databases import standing

HEDONG, LINGYUAN = code(1), code(2)
#: Penalised on 2024-08-01.
SHEETS = {
    "enterprises": [
        ["uscc", "name", "division", "sectors", "registered_on", "valid_from"],
        [HEDONG, "甲饭店", "120102", "餐饮", "2020-01-01", "2020-01-01"],
        [LINGYUAN, "乙饭店", "211382", "餐饮", "2020-01-01", "2020-01-01"],
    ],
    "accidents": [
        ["accident_id", "uscc", "occurred_on", "deaths", "serious_injuries", "direct_loss", "responsible",
         "penalized_on"],
        ["SG-1", HEDONG, "2024-05-05", 4, 0, 120, "是", "2024-08-01"],
        ["SG-2", LINGYUAN, "2024-05-05", "", 12, "", "否", "2024-08-01"],
    ],
}

#: ``run("cases", …, on="2024-09-01", code=0)``: call the program in this process on that day.
Run = Callable[..., Any]


def called(on: str, db: Path | str) -> Mapping[str, str]:
    """The environment of a call on a database, a file or a URL; times are those of Shanghai."""
    url = f"sqlite:///{db}" if isinstance(db, Path) else db
    return {"ZHIBEN_NOW": f"{on}T09:00", "ZHIBEN_DB": url, "LANG": "", "LC_ALL": "", "ZHIBEN_PACKS": ""}


@pytest.fixture(scope="session")
def ledger_of_accidents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which both are recorded by a sweep of 2024-08-02."""
    folder = tmp_path_factory.mktemp("cases")
    write_folder(folder / "ledger", SHEETS)
    db = folder / "zhiben.db"
    for words in (("import", str(folder / "ledger")), ("sweep", "--workers", "1")):
        result = CliRunner().invoke(main, words, env=dict(called("2024-08-02", db)))
        assert result.exit_code == 0, result.output
    return db


@pytest.fixture
def db(tmp_path: Path, ledger_of_accidents: Path, backend: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a copy."""
    with standing(backend, request, ledger_of_accidents, tmp_path / "zhiben.db") as url:
        yield url


@pytest.fixture
def run(db: str) -> Run:
    def invoke(*words: str, on: str = "2024-08-02", code: int = 0) -> Any:
        result = CliRunner().invoke(main, words, env=dict(called(on, db)))
        assert result.exit_code == code, (result.output, result.exception)
        assert "Traceback" not in result.output
        return json.loads(result.stdout) if "json" in words and code == 0 else result

    return invoke


def process(db: Path | str, *words: str, on: str) -> str:
    """What a command writes on standard output; called in this process, which is faster."""
    result = CliRunner().invoke(main, words, env=dict(called(on, db)))
    assert result.exit_code == 0, (words, result.output)
    return result.stdout


def refusal(db: Path | str, *words: str, on: str) -> str:
    """The message with which a wrong entry is refused; called in this process, which is faster."""
    result = CliRunner().invoke(main, words, env=dict(called(on, db)))
    assert result.exit_code == 2, result.output
    return result.stderr


def document(db: Path | str, *words: str, on: str) -> Any:
    """What a command that only reads says in JSON; called in this process, which is faster."""
    result = CliRunner().invoke(main, (*words, "--format", "json"), env=dict(called(on, db)))
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def ids(run: Run, uscc: str = HEDONG) -> dict[str, str]:
    """The id of each kind of recommendation of an enterprise."""
    return {each["kind"]: each["id"] for each in run("cases", "--format", "json")["cases"] if each["uscc"] == uscc}
