"""Ledgers of invented enterprises (基准台账), as folders of CSV files with Chinese headers; written as a stream.

``write`` makes the ledger as it stood at the end of 2025, ``write_change`` what came in of one enterprise in a hundred
on the day after the first sweep.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from facts.language import Text
from facts.vocabulary import KINDS, SHEETS, Sheet, Type
from tests.benchmarks.population import DIVISIONS, SEED, Enterprise, Row, enterprise

#: Ordinary days, the middle of a month: no period ends and none begins.
FIRST_SWEEP, NIGHTLY_SWEEP = date(2026, 1, 13), date(2026, 1, 14)
#: Enterprises in one folder; their records must stay below the rows that one file may have.
PER_FOLDER = 100_000

#: What a bureau keeps itself, so that what is missing was not done.
COMPLETE: tuple[Row, ...] = (
    {"kind": "leadership_inspection", "division": "120102", "complete_from": date(2025, 1, 1)},
    {"kind": "evacuation_drill", "division": "370000", "complete_from": date(2025, 1, 1)},
)

_SHEETS: Mapping[str, Sheet] = {sheet.name: sheet for sheet in SHEETS}
_AUTHORITIES = (("bureau", "商务局"), ("emergency_department", "应急管理局"), ("street", "第一街道"),
                ("street", "第二街道"))


class _Folder:
    """The open files of one folder; a sheet has its file from its first row on."""

    def __init__(self, path: Path, files: ExitStack) -> None:
        path.mkdir(parents=True)
        self._path, self._files = path, files
        self._writers: dict[str, csv._writer] = {}
        self.rows = 0

    def add(self, sheet: str, rows: Iterable[Row]) -> None:
        """Append rows with the names and values of the vocabulary, spelt as a clerk does."""
        columns = _SHEETS[sheet].columns
        for row in rows:
            if sheet not in self._writers:
                file = self._path / f"{_SHEETS[sheet].label.zh}.csv"
                stream = self._files.enter_context(file.open("w", encoding="utf-8-sig", newline=""))
                self._writers[sheet] = csv.writer(stream)
                self._writers[sheet].writerow([column.label.zh for column in columns])
            self._writers[sheet].writerow([_spelt(row.get(column.name), column.type, column.choices)
                                           for column in columns])
            self.rows += 1

    def add_records(self, made: Enterprise) -> int:
        """Append the enterprise's records; how many."""
        self.add("records", ({"uscc": made.code, "kind": kind, "date": day} for kind, day in made.records))
        return len(made.records)


def write(folder: Path, enterprises: int) -> tuple[list[Path], int]:
    """The ledger in folders to be imported one after another, and the number of its records of duties done."""
    folders, records = [], 0
    for start in range(0, enterprises, PER_FOLDER):
        folders.append(folder / f"ledger-{start // PER_FOLDER + 1:02}")
        with ExitStack() as files:
            into = _Folder(folders[-1], files)
            if not start:
                into.add("authorities", _authorities())
                into.add("coverage", COMPLETE)
            for number in range(start, min(start + PER_FOLDER, enterprises)):
                made = enterprise(number)
                records += into.add_records(made)
                for sheet in ("enterprises", "hazards", "certificates", "accidents", "exhibitions"):
                    into.add(sheet, getattr(made, sheet))
    return folders, records


def write_change(folder: Path, enterprises: int) -> int:
    """What came in of one enterprise in a hundred; how many they are.

    A half brings a record each, the rest a hazard or a change of the enterprise itself.
    """
    chosen = random.Random(SEED).sample(range(enterprises), max(1, enterprises // 100))
    with ExitStack() as files:
        into = _Folder(folder, files)
        for place, number in enumerate(sorted(chosen)):
            made = enterprise(number)
            newest = made.enterprises[-1]
            if newest["closed_on"] is not None or place % 4 == 3:
                into.add("enterprises", [{**newest, "headcount": newest["headcount"] + 5, "valid_from": FIRST_SWEEP}])
            elif place % 4 == 2:
                into.add("hazards", [{"hazard_id": f"XZ-{number}", "uscc": made.code, "level": "major",
                                      "source": "inspection", "found_on": FIRST_SWEEP}])
            else:
                into.add("records", [{"uscc": made.code, "kind": "leadership_inspection", "date": FIRST_SWEEP}])
    return len(chosen)


def _authorities() -> Iterator[Row]:
    for division in DIVISIONS:
        for place, (kind, name) in enumerate(_AUTHORITIES):
            yield {"code": f"BM{division}{place}", "name": f"{division}{name}", "division": division, "kind": kind}


def _spelt(value: object, type: Type, choices: Mapping[str, Text] | None) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case tuple():
            return "；".join(choices[each].zh for each in value)
        case date():
            return value.isoformat()
    if choices is not None:
        return choices[value].zh
    return KINDS[value].zh if type == Type.KIND else str(value)
