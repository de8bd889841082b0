"""The commands that are disturbed, and the databases that each begins with."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from engine.cli import main
from tests.cli.ledger import ACCIDENT, ORGANISER, RESTAURANT, SHEETS, code
from tests.crash.databases import Database
from tests.crash.older import made_older

#: When the ledger came in and was swept, when people decide, and when the disturbed sweep looks.
FIRST, LATER = "2025-03-01T09:00", "2025-03-20T09:00"
#: Enterprises of the shared ledger aside.
_FURTHER = range(101, 121)
_KINDS = {"leadership_inspection": 80, "evacuation_drill": 170, "fire_check": 25}


@dataclass(frozen=True, slots=True)
class Deed:
    """A command that writes. ``start`` is the stage that it begins with, ``share`` how many of twenty kills it gets.

    ``refused``: the exit status with which it is refused once it has been done. ``again``: the words of the next run,
    where they are others.
    """

    name: str
    start: str
    words: tuple[str, ...]
    share: float
    at: str = LATER
    refused: int = 0
    again: tuple[str, ...] = ()

    def called(self, folder: Path) -> tuple[str, ...]:
        """The words of the call; what it writes besides the database, it writes into ``folder``."""
        return tuple(word.replace("FOLDER", str(folder)) for word in self.words)

    def next_run(self, url: str, folder: Path) -> Result:
        """The run that follows, in this process."""
        words = self.again or self.words
        return run(url, self.at, *(word.replace("FOLDER", str(folder)) for word in words))

    def settings(self, url: str) -> dict[str, str]:
        """The environment in which it runs on the database at ``url``."""
        return {"ZHIBEN_DB": url, "ZHIBEN_NOW": self.at}


def run(url: str, at: str, *words: str) -> Result:
    """The program in this process, as if at the moment ``at``."""
    result = CliRunner().invoke(main, words, env={
        "ZHIBEN_DB": url, "ZHIBEN_NOW": at, "ZHIBEN_PACKS": "", "LANG": "en_US.UTF-8", "LC_ALL": "", "LC_MESSAGES": ""})
    assert "Traceback" not in result.output, result.output
    return result


def done(url: str, at: str, *words: str) -> str:
    """What it printed, all having gone well."""
    result = run(url, at, *words)
    assert result.exit_code == 0, (words, result.output, result.exception)
    return result.stdout


#: The stages and what each is made from.
_MADE_FROM = {"none": None, "imported": "none", "large": "imported", "judged": "imported", "swept": "judged",
              "old": "swept"}


class Stages:
    """Databases of one kind, each made once, to be copied."""

    def __init__(self, none: Database, folder: Path) -> None:
        self.folder = folder
        self._made: dict[str, Database] = {"none": none}
        self.ledger = _write(folder / "ledger", _ledger())
        self.late = _write(folder / "late", _late())
        self.far = _write(folder / "far", _far())
        self._deeds: dict[str, Deed] = {}

    def copy(self, stage: str) -> Database:
        """A new database at this stage."""
        return self._stage(stage).copy()

    def drop(self) -> None:
        """Have done with all of them."""
        for database in self._made.values():
            database.drop()

    def _stage(self, stage: str) -> Database:
        if stage not in self._made:
            before = self._stage(str(_MADE_FROM[stage]))
            if stage == "old":
                self._made[stage] = made_older(before, self._stage("none").copy(), "0004")
                return self._made[stage]
            database = before.copy()
            if stage == "imported":
                done(database.url, FIRST, "import", str(self.ledger))
            elif stage == "large":
                done(database.url, FIRST, "import", str(self.far))
            elif stage == "judged":
                done(database.url, FIRST, "sweep", "--workers", "1")
                done(database.url, FIRST, "waive", ORGANISER, "evacuation_drill", "--to", "2025-12-31", "--by", "张三",
                     "--reason", "停电")
            else:
                done(database.url, FIRST, "notices", "-o", str(self.folder / "first letters"))
                done(database.url, FIRST, "case", "notify", self._case(database), "--by", "王五", "--reason", "送达")
            self._made[stage] = database
        return self._made[stage]

    def _case(self, database: Database) -> str:
        cases = json.loads(done(database.url, FIRST, "cases", "--format", "json"))["cases"]
        return next(case["id"] for case in cases if case["uscc"] == ACCIDENT)

    def deed(self, name: str) -> Deed:
        """The deed called so."""
        if not self._deeds:
            swept = self._stage("swept")
            letters = json.loads(done(swept.url, FIRST, "notices", "list", "--format", "json"))["letters"]
            deeds = _deeds(str(self.ledger), str(self.late), self._case(swept), letters[0]["number"])
            self._deeds = {each.name: each for each in deeds}
        return self._deeds[name]


def _deeds(ledger: str, late: str, case: str, letter: str) -> Sequence[Deed]:
    by = ("--by", "李四", "--reason", "事实清楚")
    return (
        Deed("import, new", "none", ("import", ledger), 2, at=FIRST),
        Deed("import", "imported", ("import", late), 3),
        Deed("import undo", "imported", ("import", "undo", "1"), 0.5, refused=3),
        Deed("sweep", "imported", ("sweep", "--workers", "1"), 4),
        Deed("sweep, 2 workers", "large", ("sweep", "--workers", "2"), 1,
             again=("sweep", "--workers", "1")),
        Deed("waive", "swept", ("waive", RESTAURANT, "evacuation_drill", "--to", "2025-12-31", *by), 2, refused=2),
        Deed("case confirm", "swept", ("case", "confirm", case, *by), 2, refused=2),
        Deed("notices", "judged", ("notices", "-o", "FOLDER/letters"), 1),
        Deed("notices sent", "swept", ("notices", "sent", letter, "--by", "李四"), 2, refused=2),
        Deed("db upgrade", "old", ("db", "upgrade"), 3),
    )


#: Their names in the order of life, and their shares.
DEEDS = {deed.name: deed.share for deed in _deeds("", "", "", "")}


def outputs(url: str, at: str = LATER, *, thorough: bool = True) -> dict[str, Any]:
    """What the program says of a database: what people ask and, ``thorough``, what is counted and handed on."""
    asked = {"accident": ("query", ACCIDENT), "cases": ("cases",)}
    if thorough:
        asked |= {"restaurant": ("query", RESTAURANT)}
        asked |= {kind: ("export", kind) for kind in ("violations", "obligations", "escalations", "recommendations")}
        asked |= {"totals": ("totals",), "waivers": ("waivers",), "letters": ("notices", "list")}
    said = {}
    for name, words in asked.items():
        result = run(url, at, *words, "--format", "json")
        # An import that was taken back leaves nobody to be asked for.
        said[name] = json.loads(result.stdout) if result.exit_code == 0 else result.output
    return said


def _ledger() -> Mapping[str, Sequence[Sequence[object]]]:
    """The shared ledger, and as many more enterprises as make an import and a sweep last a little."""
    enterprises = [[code(n), f"企业{n}", "120102", "餐饮", 10 + n, "", "", "2020-01-01", "", "2020-01-01", "2024-01-01"]
                   for n in _FURTHER]
    records = [[code(n), kind, day] for n in _FURTHER for kind, step in _KINDS.items() for day in _days(n % 20, step)]
    return {**SHEETS, "enterprises": [*SHEETS["enterprises"], *enterprises],
            "records": [*SHEETS["records"], *records]}


def _late() -> Mapping[str, Sequence[Sequence[object]]]:
    """Another day's ledger: new rows, and corrections of every other enterprise."""
    head = SHEETS["enterprises"][0]
    return {
        "enterprises": [head, *([code(n), f"新名{n}", "120102", "餐饮", 200 + n, "", "", "2020-01-01", "", "2020-01-01",
                                 "2024-01-01"] for n in _FURTHER if n % 2)],
        "records": [SHEETS["records"][0], *([code(n), "fire_check", day] for n in _FURTHER for day in _days(7, 9))],
    }


def _far() -> Mapping[str, Sequence[Sequence[object]]]:
    """As many enterprises elsewhere as two processes share: few rules are about them."""
    return {"enterprises": [["uscc", "name", "division", "registered_on", "valid_from"],
                            *([code(n), f"外地{n}", "659001", "2020-01-01", "2020-01-01"] for n in range(1001, 1511))]}


def _days(first: int, step: int) -> list[str]:
    begin = date(2024, 1, 1) + timedelta(days=first)
    return [(begin + timedelta(days=offset)).isoformat() for offset in range(0, 400, step)]


def _write(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    path.mkdir(parents=True)
    for name, rows in sheets.items():
        with (path / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(rows)
    return path
