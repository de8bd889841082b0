"""The small ledger that the command-line tests share: one enterprise for each thing to be seen, all of Hedong.

What is expected of it is worked out by hand from the rules: leadership inspection each quarter (high-risk: month),
evacuation drill each year (half-year), both from 2024-03-11; emergency-plan drill each half-year for hotels and the
like; a safety officer above 100 people; hazards reported within 3 days and rectified by their deadline; exhibitions
with their papers on the day before, of 1 000 and more with a permit.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from stdnum.cn import uscc

Sheets = Mapping[str, Sequence[Sequence[object]]]


def code(number: int) -> str:
    """A valid credit code with letters in it, another one for each number."""
    body = f"91120102MA{number:07d}"
    return body + uscc.calc_check_digit(body)


#: Restaurant whose records are complete since 2024; inspections on 2024-05-20 and 2025-02-10, never a drill.
RESTAURANT = code(1)
#: Hotel registered on 2024-06-01, 101 people, no safety officer, nobody says what its records leave out.
HOTEL = code(2)
#: Sectors blank.
BLANK = code(3)
#: Organiser of two exhibitions, with two hazards.
ORGANISER = code(4)
#: Left the district on 2025-01-15; complete records, never a drill.
MOVED = code(5)
#: Known from 2025-02-01 on.
LATE = code(6)
#: Two accidents, one of them without figures.
ACCIDENT = code(7)
#: Names that a spreadsheet or a terminal might run.
FORMULA, PLUS, MARKUP, CAFE, PERCENT = code(8), code(9), code(10), code(11), code(12)
#: Dangerous goods: high-risk without the ledger saying so.
CHEMICALS = code(13)
#: Closed on 2024-10-01.
CLOSED = code(14)

SHEETS: Sheets = {
    "enterprises": [
        ["uscc", "name", "division", "sectors", "headcount", "safety_officers", "safety_department", "registered_on",
         "closed_on", "valid_from", "history_from"],
        [RESTAURANT, "甲饭店", "120102", "餐饮", 50, "", "", "2020-01-01", "", "2020-01-01", "2024-01-01"],
        [HOTEL, "乙宾馆", "120102", "hotel", 101, 0, "否", "2024-06-01", "", "2024-06-01", ""],
        [BLANK, "丙商行", "120102", "", "", "", "", "2020-01-01", "", "2020-01-01", "2024-01-01"],
        [ORGANISER, "丁会展", "120102", "exhibition", 10, "", "", "2020-01-01", "", "2020-01-01", "2024-01-01"],
        [MOVED, "戊超市", "120102", "retail", 10, "", "", "2020-01-01", "", "2020-01-01", "2024-01-01"],
        [MOVED, "戊超市", "120103", "retail", 10, "", "", "2020-01-01", "", "2025-01-15", "2024-01-01"],
        [LATE, "己小店", "120102", "retail", 10, "", "", "2025-02-01", "", "2025-02-01", ""],
        [ACCIDENT, "庚批发", "120102", "wholesale", 10, "", "", "2020-01-01", "", "2020-01-01", "2024-01-01"],
        [FORMULA, "=1+1", "120102", "retail", 10, "", "", "2025-01-01", "", "2025-01-01", ""],
        [PLUS, "+86便利店", "120102", "retail", 10, "", "", "2025-01-01", "", "2025-01-01", ""],
        [MARKUP, "[bold]某公司[/] :star:\\", "120102", "retail", 10, "", "", "2025-01-01", "", "2025-01-01", ""],
        [CAFE, "Lucky Star 茶座", "120102", "catering", 10, "", "", "2025-01-01", "", "2025-01-01", ""],
        [PERCENT, "100%_纯果汁店", "120103", "retail", 10, "", "", "2025-01-01", "", "2025-01-01", ""],
        [CHEMICALS, "辛化工", "120102", "危险化学品", 10, "", "", "2020-01-01", "", "2020-01-01", "2024-01-01"],
        [CLOSED, "壬餐馆", "120102", "餐饮", 10, "", "", "2020-01-01", "2024-10-01", "2020-01-01", "2024-01-01"],
    ],
    "records": [
        ["uscc", "kind", "date"],
        [RESTAURANT, "leadership_inspection", "2024-05-20"],
        [RESTAURANT, "leadership_inspection", "2025-02-10"],
        [ORGANISER, "evacuation_drill", "2024-07-01"],
        [ACCIDENT, "evacuation_drill", "2024-07-01"],
    ],
    "hazards": [
        ["hazard_id", "uscc", "level", "found_on", "reported_on", "deadline", "rectified_on"],
        ["YH-1", ORGANISER, "major", "2025-01-10", "2025-01-12", "2025-02-10", ""],
        ["YH-2", ORGANISER, "general", "2025-01-20", "", "", ""],
    ],
    "exhibitions": [
        ["exhibition_id", "uscc", "opens_on", "expected_attendance", "emergency_plan_on", "safety_plan_on",
         "police_permit_on"],
        ["ZH-1", ORGANISER, "2025-02-20", 1000, "2025-02-19", "2025-02-20", ""],
        ["ZH-2", ORGANISER, "2025-03-15", 999, "", "", ""],
    ],
    "accidents": [
        ["accident_id", "uscc", "occurred_on", "deaths", "serious_injuries", "direct_loss", "responsible",
         "penalized_on"],
        ["SG-1", ACCIDENT, "2024-05-05", 3, 0, 0, "是", "2024-08-01"],
        ["SG-2", ACCIDENT, "2024-09-09", "", "", "", "", "2024-10-01"],
    ],
}

#: The date as of which the hand-worked verdicts are.
DAY = "2025-03-01"


def write_folder(path: Path, sheets: Sheets) -> Path:
    """The sheets as a folder of CSV files."""
    path.mkdir()
    for name, rows in sheets.items():
        with (path / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(rows)
    return path
