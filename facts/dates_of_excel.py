"""When a number in Excel is a day, and which (Excel 日期).

A day is a number with a style that shows it as a date. It counts from 1900, as if that had been a leap year: 60 is the
29th of February 1900, which never was; or from 1904, where the workbook says so.
"""

from __future__ import annotations

import datetime as dt
import re

#: The styles that every workbook has: those of dates and times, in Chinese, Japanese and Korean Excel as well.
_BUILT_IN = {*range(14, 23), *range(27, 37), *range(50, 59), 45, 47}
_ELAPSED_BUILT_IN = {46}
_LITERALS = re.compile(r'"[^"]*"?|\\.|[_*].')
_BRACKETS = re.compile(r"\[[^\]]*\]")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_LAST = 2_958_465
_DAY_MS = 86_400_000


def kind_of_style(number: int, codes: dict[int, str]) -> str:
    """What a number format shows: ``day`` (a date, a time of day or both), ``elapsed`` time, or neither (``""``).

    ``codes`` are the formats that the workbook itself defines.
    """
    if number not in codes:
        return "day" if number in _BUILT_IN else "elapsed" if number in _ELAPSED_BUILT_IN else ""
    code = _LITERALS.sub("", codes[number][:500]).partition(";")[0]
    if _ELAPSED.search(code):
        return "elapsed"
    return "day" if re.search("[ymdhs]", _BRACKETS.sub("", code), re.IGNORECASE) else ""


def day_of(number: float, kind: str, since_1904: bool) -> object:
    """The day (with a time where there is one), the time of day, or the span that ``number`` stands for.

    What no calendar has is given back as it would read: the number itself, or 1900-02-29.
    """
    if kind == "elapsed":
        return dt.timedelta(days=number) if abs(number) <= _LAST else number
    if not 0 <= number < _LAST + 1 - 1462 * since_1904:
        return number
    days, of_day = divmod(round(number * _DAY_MS), _DAY_MS)
    time = (dt.datetime.min + dt.timedelta(milliseconds=of_day)).time()
    if since_1904:
        day = dt.date(1904, 1, 1) + dt.timedelta(days=days)
    elif days == 0:
        return time if of_day else number
    elif days == 60:
        return "1900-02-29"
    elif days > _LAST:
        return number
    else:
        day = dt.date(1899, 12, 31 if days < 60 else 30) + dt.timedelta(days=days)
    return dt.datetime.combine(day, time) if of_day else day
