"""Chicago's canvass inspections as a ledger that ``zhiben import`` takes.

``python tests/chicago/ledger.py INSPECTIONS.csv FOLDER`` writes ``enterprises.csv``, ``records.csv`` and
``coverage.csv`` into FOLDER, as CONTRACT.md describes them. Credit codes and names are made from the licence numbers;
what the city's file does not tell is left blank.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from stdnum.cn import uscc

KIND = "canvass_inspection"
# No place bears it: the codes of GB/T 2260 begin with 11 to 82. The pack applies to the same code.
DIVISION = "990000"
RECORDS_BEGIN = "2011-09-01"

Row = dict[str, str]


def credit_code(license_number: str) -> str:
    """An invented credit code for a licence of up to eight digits: well-formed, and its own for each licence."""
    stem = f"91{DIVISION}X{int(license_number):08d}"
    return stem + uscc.calc_check_digit(stem)


def risk_level(risk: str) -> str:
    """1, 2 or 3 of ``Risk 1 (High)`` and the like; of anything else nothing, which reads as not known."""
    found = re.fullmatch(r"Risk ([123]) \(.+\)", risk)
    return found[1] if found else ""


def establishments(inspections: Iterable[Row]) -> dict[str, dict[str, list[Row]]]:
    """The inspections by licence and by day, the days in their order."""
    found: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in sorted(inspections, key=lambda row: (row["inspection_date"], int(row["inspection_id"]))):
        found[row["license"]][row["inspection_date"]].append(row)
    return found


def enterprises(inspections: Iterable[Row]) -> Iterator[Row]:
    """A version from the first inspection on, and one more whenever an inspection finds another risk.

    The file does not tell since when an establishment was there. Before its first inspection nothing is asked, so that
    none that opened in the middle of the records is blamed for what came before.
    """
    for license_number, days in establishments(inspections).items():
        known = None
        for day, rows in days.items():
            level = risk_level(rows[-1]["risk"])
            if level == known:
                continue
            known = level
            yield {"uscc": credit_code(license_number), "name": f"Establishment {license_number}",
                   "division": DIVISION, "risk_level": level, "valid_from": day}  # fmt: skip


def records(inspections: Iterable[Row]) -> Iterator[Row]:
    """One record a day: two inspections on one day are one, and two rows of one key would contradict each other."""
    for license_number, days in establishments(inspections).items():
        for day, rows in days.items():
            yield {"uscc": credit_code(license_number), "kind": KIND, "date": day,
                   "evidence": "; ".join(f"inspection {row['inspection_id']}" for row in rows)}  # fmt: skip


def coverage(inspections: Iterable[Row]) -> Iterator[Row]:
    """The claim that the file is complete, from its first day to its last inspection, wherever it was."""
    last = max(row["inspection_date"] for row in inspections)
    yield {"kind": KIND, "division": "", "complete_from": RECORDS_BEGIN, "complete_to": last}


def write_ledger(inspections: Path, folder: Path) -> None:
    """Write the three sheets of the ledger into ``folder``, which is made if need be."""
    with inspections.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    folder.mkdir(parents=True, exist_ok=True)
    for sheet, lines in (("enterprises", enterprises(rows)), ("records", records(rows)), ("coverage", coverage(rows))):
        first, *others = lines
        with (folder / f"{sheet}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, first)
            writer.writeheader()
            writer.writerows([first, *others])


if __name__ == "__main__":
    write_ledger(Path(sys.argv[1]), Path(sys.argv[2]))
