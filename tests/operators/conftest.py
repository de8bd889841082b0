"""A database with everything that can be decided on, and an operator of each role."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.cli import main
from tests.cli.ledger import ACCIDENT, ORGANISER, RESTAURANT, SHEETS, write_folder

NAMES = {"viewer": "观一", "inspector": "查二", "author": "编三", "approver": "批四", "admin": "管五"}
NOW = "2025-01-21T09:00"
PACKS = "tianjin-hedong/commerce,tianjin-hedong/safety-committee,national/statutes"
WRONG = {"records": [["uscc", "kind", "date"], [RESTAURANT, "evacuation_drill", "2024-06-01"]]}


def call(folder: Path, *words: str, token: str = "", now: str = NOW, lang: str = "en", **env: str) -> Result:
    """The program on the database in ``folder``, with a token and no other settings."""
    settings = {"ZHIBEN_DB": f"sqlite:///{folder / 'zhiben.db'}", "ZHIBEN_NOW": now, "ZHIBEN_PACKS": PACKS,
                "LANG": lang, "LC_ALL": "", "LC_MESSAGES": "", "ZHIBEN_TOKEN": token, "ZHIBEN_TOKEN_FILE": "",
                "XDG_CONFIG_HOME": str(folder / "config"), **env}
    result = CliRunner().invoke(main, words, env=settings)
    assert "Traceback" not in result.output
    return result


@dataclass(frozen=True)
class Office:
    """A database; ``tokens`` by role."""

    folder: Path
    tokens: Mapping[str, str]

    def run(self, *words: str, role: str = "", code: int = 0, **more: str) -> Result:
        """Call the program as the operator of a role, or as nobody."""
        result = call(self.folder, *words, token=self.tokens.get(role, ""), **more)
        assert result.exit_code == code, (words, result.output, result.exception)
        return result

    def json(self, *words: str) -> Any:
        """What a command that only reads says in JSON."""
        return json.loads(self.run(*words, "--format", "json").stdout)

    @property
    def seals(self) -> list[dict[str, Any]]:
        """The journal's seals."""
        return self.json("log")

    @property
    def file(self) -> Path:
        """The database's file."""
        return self.folder / "zhiben.db"

    def fill(self, words: tuple[str, ...]) -> list[str]:
        """``words`` with what they name filled in: ``{folder}``, ``{case}``, ``{letter}``."""
        places = {"folder": str(self.folder)}
        if any("{case}" in word for word in words):
            places["case"] = self.json("cases")["cases"][0]["id"]
        if any("{letter}" in word for word in words):
            places["letter"] = self.json("notices", "list")["letters"][0]["number"]
        return [word.format_map(places) for word in words]


def begun(folder: Path) -> None:
    """A database with two imports, a sweep and a waiver, and nobody named."""
    few = {name: [head, *(row for row in rows if {RESTAURANT, ORGANISER, ACCIDENT}.intersection(map(str, row)))]
           for name, (head, *rows) in SHEETS.items()}
    for name, sheets in (("ledger", few), ("wrong", WRONG)):
        write_folder(folder / name, sheets)
    for words in (("import", str(folder / "ledger")), ("import", str(folder / "wrong")), ("sweep", "--workers", "1"),
                  ("waive", RESTAURANT, "evacuation_drill", "--to", "2025-12-31", "--by", "张三", "--reason", "停电")):
        result = call(folder, *words, now="2025-01-20T09:00")
        assert result.exit_code == 0, (words, result.output)


@pytest.fixture(scope="session")
def _before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("before")
    begun(folder)
    return folder


@pytest.fixture(scope="session")
def _named(tmp_path_factory: pytest.TempPathFactory, _before: Path) -> Office:
    folder = tmp_path_factory.mktemp("named") / "office"
    shutil.copytree(_before, folder)
    tokens: dict[str, str] = {}
    for role in ("admin", *(role for role in NAMES if role != "admin")):
        result = call(folder, "operators", "add", NAMES[role], "--role", role, token=tokens.get("admin", ""))
        assert result.exit_code == 0, result.output
        tokens[role] = result.stdout.strip()
    return Office(folder, tokens)


@pytest.fixture
def office(_named: Office, tmp_path: Path) -> Office:
    """A copy of its own."""
    return Office(Path(shutil.copytree(_named.folder, tmp_path / "office")), _named.tokens)


@pytest.fixture
def nobody(_before: Path, tmp_path: Path) -> Office:
    """The same database before anybody was named."""
    return Office(Path(shutil.copytree(_before, tmp_path / "office")), {})
