"""Numbers, dates and frequencies that a sentence prints (文中的数字): 100, 一百人, 1亿元, 每季度, twice a year."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from engine.periods import Unit
from facts.spelling import half_width

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000}
_ENGLISH = {word: number for number, words in {
    1: "one once single first", 2: "two twice second", 3: "three thrice third", 4: "four fourth", 5: "five fifth",
    6: "six sixth", 7: "seven seventh", 8: "eight", 9: "nine", 10: "ten tenth", 11: "eleven", 12: "twelve dozen",
    13: "thirteen", 14: "fourteen", 15: "fifteen fifteenth", 16: "sixteen", 17: "seventeen", 18: "eighteen",
    19: "nineteen", 20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty",
    90: "ninety", 100: "hundred", 1000: "thousand",
}.items() for word in words.split()}

_ARABIC = re.compile(r"(\d+(?:,\d{3})*(?:\.\d+)?)([十百千万亿]*)")
_CHINESE = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+")
_LEAST = re.compile(r"(?:至少|不少于|不低于|不得少于|at least|not less than)"
                    r"[^\d零〇一二两三四五六七八九十百千，。；,.;]{0,12}"
                    r"(?:(\d+)|([一二两三四五六七八九十百]+))\s*"
                    r"(?:次|场|件|例|个?学时|个?课时|times|hours|cases)")
_WORD = re.compile(r"[a-z]+")

#: How a length of so many months is spelt; 半年 is no 年, and 2024年 is no 每年.
_FREQUENCIES = {
    1: r"每(一?个|1个)?月|[按逐]月|月度|月均|/月|\bmonth",
    3: r"季|每(三|3)个月|\bquarter|(three|3) months",
    6: r"半年|(六|6)个月|half[- ]?year|six months|6 months|(semi-?|bi)annual|twice (a|per|each|every) year",
    12: r"每一?年|每个年度|[按逐]年|年度|一年|1年|全年|/年|\b(year|annual)|(十二|12)个月|12 months",
}
_HALF_YEAR = re.compile(_FREQUENCIES[6])


def printed_numbers(text: str) -> frozenset[Decimal]:
    """Every number that ``text`` prints, as digits or words; of 5000万 both 5000 and 50 000 000."""
    text = half_width(text).casefold()
    found: set[Decimal] = set()
    for digits, units in _ARABIC.findall(text):
        number = Decimal(digits.replace(",", ""))
        found.add(number)
        for unit in units:
            number *= _SMALL.get(unit) or _LARGE[unit]
        found.add(number)
    for numeral in _CHINESE.findall(_ARABIC.sub(" ", text)):
        found.add(Decimal(_chinese(numeral)))
    found.update(Decimal(_ENGLISH[word]) for word in _WORD.findall(text) if word in _ENGLISH)
    if "首" in text:
        found.add(Decimal(1))
    if re.search(r"周|星期|\bweek", text):
        found.update({n * 7 for n in found} | {Decimal(7)})
    return frozenset(found)


def least_counts(text: str) -> frozenset[int]:
    """How often, or for how many hours, ``text`` says that something is to be done at least: 至少2次, 不少于60学时."""
    text = half_width(text).casefold()
    found = {int(digits) if digits else _chinese(numeral) for digits, numeral in _LEAST.findall(text)}
    return frozenset(found)


def _chinese(numeral: str) -> int:
    if not any(sign in _SMALL or sign in _LARGE for sign in numeral):
        return int("".join(str(_DIGITS[sign]) for sign in numeral))  # 二〇二四
    total = section = digit = 0
    for sign in numeral:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif sign in _SMALL:
            section += (digit or 1) * _SMALL[sign]
            digit = 0
        else:
            total = (total + section + digit or 1) * _LARGE[sign]
            section = digit = 0
    return total + section + digit


def prints_date(text: str, day: date) -> bool:
    """Whether ``text`` prints the year of ``day``, or else its month and day; 年底 is 31 December."""
    numbers = printed_numbers(text)
    if Decimal(day.year) in numbers or {Decimal(day.month), Decimal(day.day)} <= numbers:
        return True
    return (day.month, day.day) == (12, 31) and bool(re.search(r"年[底末内终]|end of the year", text.casefold()))


def prints_frequency(text: str, unit: Unit) -> bool:
    """Whether ``text`` says every month, quarter, half-year or year, or prints the unit's number of months or years."""
    text = half_width(text).casefold()
    if unit.months in _FREQUENCIES:
        if unit.months == 12:
            text = _HALF_YEAR.sub(" ", text)
        return bool(re.search(_FREQUENCIES[unit.months], text))
    if unit.months > 12:
        return Decimal(unit.months // 12) in printed_numbers(text) and bool(re.search(r"年|\byear", text))
    named = unit.months == 2 and re.search(r"双月|隔月|bimonthly", text)
    return bool(named) or (Decimal(unit.months) in printed_numbers(text) and bool(re.search(r"月|\bmonth", text)))
