"""The example ledger (示例台账): a workbook as a clerk of Hedong district keeps it, complete up to 2025-03-31.

All enterprises are invented; their organisation codes begin with ``XXXX``, which no register has issued. The data are
the tables of :mod:`facts.example_tables`; here the workbook is written with the habits of several hands: dates, numbers
and yes/no spelt in turn in each of the ways that people use. Every run gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import xlsxwriter
from stdnum.cn import uscc as gb32100

from facts.example_tables import (
    ACCIDENTS,
    AUTHORITIES,
    AUTHORITY_RECORDS,
    CERTIFICATES,
    COVERAGE,
    ENTERPRISES,
    EXHIBITIONS,
    FURTHER,
    HAZARDS,
    HEDONG,
    LATER_ROWS,
    ROUTINE,
    SKIPPED,
)
from facts.vocabulary import SHEETS, Type

#: The last day of which the ledger tells.
TODAY = date(2025, 3, 31)

_NUMBERING = {"hazard_id": "YH-{:03}", "accident_id": "SG-{:03}", "exhibition_id": "ZH-{:03}",
              "certificate_id": "TZ-1201-{:04}"}
_DATES = ("{0:%Y-%m-%d}", "{0.year}/{0.month}/{0.day}", "{0.year}.{0.month}.{0.day}", "{0:%Y%m%d}",
          "{0.year}年{0.month}月{0.day}日")
_YES_NO = (("是", "否"), ("√", "×"), ("有", "无"), ("1", "0"))
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")

Cells = dict[str, object]


def build(path: Path) -> None:
    """Write the example workbook to ``path``; an existing file is replaced. Raises ``OSError``."""
    firms = list(_firms())
    codes = {str(firm["name"]): str(firm["uscc"]) for firm in firms}
    sheets: dict[str, list[Cells]] = {
        "enterprises": [*firms, *_later_rows(firms)],
        "authorities": list(_rows("authorities", AUTHORITIES, codes)),
        "records": [*_records(codes), *_routine(firms), *_authority_records()],
        "hazards": list(_rows("hazards", HAZARDS, codes)),
        "accidents": list(_rows("accidents", ACCIDENTS, codes)),
        "exhibitions": list(_rows("exhibitions", EXHIBITIONS, codes)),
        "coverage": list(_rows("coverage", COVERAGE, codes)),
        "certificates": list(_rows("certificates", CERTIFICATES, codes)),
    }
    with xlsxwriter.Workbook(str(path)) as book:
        created = datetime(TODAY.year, TODAY.month, TODAY.day)
        book.set_properties({"title": "河东区安全生产台账（示例）", "created": created})
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        for sheet in SHEETS:
            page = book.add_worksheet(sheet.label.zh)
            page.freeze_panes(1, 0)
            page.set_column(0, len(sheet.columns) - 1, 18)
            page.write_row(0, 0, [column.label.zh for column in sheet.columns], bold)
            for row, cells in enumerate(sheets[sheet.name], start=1):
                for at, column in enumerate(sheet.columns):
                    value = _spelt(cells.get(column.name), column.type, row)
                    if isinstance(value, date):
                        page.write_datetime(row, at, value, day)
                    elif isinstance(value, float):
                        page.write_number(row, at, value)
                    elif value is not None:
                        page.write_string(row, at, str(value))


def _cut(table: str) -> Iterator[list[str]]:
    return ([cell.strip() for cell in line.split("|")] for line in table.strip().splitlines())


def _credit_code(number: int, division: str) -> str:
    organisation = f"XXXX{number:04}"
    # GB 11714: the ninth character checks the organisation code; letters count from A = 10.
    total = sum(int(c, 36) * weight for c, weight in zip(organisation, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    check = {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))
    code = f"91{division}{organisation}{check}"
    return code + gb32100.calc_check_digit(code)


def _firms() -> Iterator[Cells]:
    for number, (name, sectors, headcount, officers, department, *_) in enumerate(_cut(ENTERPRISES), start=1):
        further = FURTHER.get(name, {})
        firm: Cells = {
            "name": name,
            "division": HEDONG,
            "sectors": sectors,
            "headcount": int(headcount),
            "safety_officers": int(officers) if officers else None,
            "safety_department": {"有": True, "无": False}.get(department),
            "registered_on": date(2003 + number % 20, 1 + number % 12, 1 + number % 28),
            **({"uses_gas": True, "gas_alarm": True} if "餐饮" in sectors else {}),
            **further,
        }
        yield {"uscc": _credit_code(number, str(firm["division"])), **firm}


def _later_rows(firms: list[Cells]) -> Iterator[Cells]:
    by_name = {firm["name"]: firm for firm in firms}
    return ({**by_name[name], "valid_from": start, **changes} for name, start, changes in LATER_ROWS)


def _records(codes: dict[str, str]) -> Iterator[Cells]:
    for number, (name, *_, inspections, evacuations, plans) in enumerate(_cut(ENTERPRISES), start=1):
        for kind, counts, months in (("主要负责人带队检查", inspections, 3), ("疏散逃生演练", evacuations, 6),
                                     ("应急预案演练", plans, 6)):
            for done in _days(counts, months, number):
                topic = "消防与用电" if done.month == 11 else None
                yield {"uscc": codes[name], "kind": kind, "date": done, "topic": topic}


def _days(counts: str, months: int, number: int) -> Iterator[date]:
    """The n-th digit is how often something was done in the n-th span of so many months since January 2024."""
    for span, times in enumerate(counts):
        for time in range(int(times)):
            # What is done once falls in the first or second month of the span, what is done often starts in the first.
            month = span * months + time + (number % 2 if times == "1" else 0)
            yield date(2024 + month // 12, 1 + month % 12, 1) + timedelta(days=(number * 5 + span * 3 + time * 7) % 28)


def _routine(firms: list[Cells]) -> Iterator[Cells]:
    """What is done in every period: by each enterprise on a day of its own, from its first day open to its last."""
    skipped = {(name, kind): months.split() for name, kind, months in _cut(SKIPPED)}
    suspended = {name: start for name, start, changes in LATER_ROWS if changes.get("suspended")}
    for number, firm in enumerate(firms, start=1):
        name = str(firm["name"])
        last = min(TODAY, firm.get("closed_on", TODAY), suspended.get(name, TODAY))
        for kind, months, first, span, sectors in _cut(ROUTINE):
            left_out = skipped.get((name, kind), [])
            if left_out == ["*"] or (sectors and not set(sectors.split("、")) & set(str(firm["sectors"]).split("、"))):
                continue
            for month in range(0, 15, int(months)):
                start = date(2024 + month // 12, 1 + month % 12, 1)
                done = start + timedelta(days=int(first) - 1 + (number * 7 + month * 5) % int(span))
                if f"{start:%Y-%m}" not in left_out and firm["registered_on"] <= done <= last:
                    yield {"uscc": firm["uscc"], "kind": kind, "date": done}


def _authority_records() -> Iterator[Cells]:
    for code, kind, days in _cut(AUTHORITY_RECORDS):
        for day in days.split():
            yield {"uscc": code, "kind": kind, "date": date.fromisoformat(day)}


def _rows(sheet_name: str, table: str, codes: dict[str, str]) -> Iterator[Cells]:
    """The rows of a table whose columns are those of the sheet, the number left out and the name for the code."""
    sheet = next(sheet for sheet in SHEETS if sheet.name == sheet_name)
    numbering = sheet.columns[0].name if sheet.columns[0].name in _NUMBERING else None
    columns = [column for column in sheet.columns if column.name != numbering]
    for number, line in enumerate(_cut(table), start=1):
        row: Cells = {numbering: _NUMBERING[numbering].format(number)} if numbering else {}
        for column, cell in zip(columns, line, strict=False):
            if column.type is Type.USCC:
                row[column.name] = codes[cell]
            elif cell:
                row[column.name] = date.fromisoformat(cell) if column.type is Type.DATE else cell
        yield row


def _spelt(value: object, type: Type, row: int) -> object:
    """``value`` as the hand that wrote ``row`` spells it: a string, a number, a date, or nothing."""
    if value is None or value == "":
        return (None, None, None, "/", None, "—")[row % 6] if type is Type.INT else None
    if isinstance(value, bool):
        return _YES_NO[row % 4][0 if value else 1]
    if isinstance(value, date):
        if row % 7 < 2:
            return value
        text = _DATES[row % 5].format(value)
        return text.translate(_FULL_WIDTH) if row % 7 == 6 else text
    if type in (Type.INT, Type.DECIMAL):
        number = float(str(value))
        unit = {Type.INT: "人", Type.DECIMAL: "万元"}[type]
        return f"{value}{unit}" if row % 5 == 4 else number
    return value
