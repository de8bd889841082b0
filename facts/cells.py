"""Where the cell of a ledger becomes a date, a number, a yes or no, a code (单元格).

A cell is what a spreadsheet library or the csv module hands over: text, number, yes/no, date, time, or ``""`` when
empty. Every reader returns the value, or ``None`` for *not known* (blank, ``/``, ``—``), or raises
:class:`CellError` with what is expected. No text whatever makes a reader raise anything else.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Literal

from facts.language import Text
from facts.models import (
    CODE_LIMITS,
    DECIMAL_LIMIT,
    DECIMAL_PLACES,
    FIRST_DAY,
    INT_LIMIT,
    LAST_DAY,
    SHORT_LIMIT,
    TEXT_LIMIT,
    check_uscc,
    is_uscc,
)
from facts.spelling import Words, fold, half_width

Cell = object
Reader = Callable[[Cell], object]


class CellError(ValueError):
    """A cell that cannot be read; ``message`` says what is wrong and what is expected."""

    def __init__(self, zh: str, en: str) -> None:
        self.message = Text(zh, en)
        super().__init__(en)


_BLANK = frozenset({"", "/", "//", "\\", "-", "--", "—", "——", "–", "―", "−", "─"})
_EDGE = "\ufeff\u200b \t\n\r\u3000\xa0"
_CONTROL = CellError("含有控制字符；请重新输入这一格", "contains control characters; type this cell anew")
# Marks of the direction of writing are not seen, and make a name look like another one.
_TURNING = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def is_blank(cell: Cell) -> bool:
    """Whether the cell says nothing (不清楚): empty, white space, ``/`` or a dash."""
    if isinstance(cell, str):
        return cell.isspace() or (len(cell) <= TEXT_LIMIT and half_width(cell) in _BLANK)
    return cell is None


def _plain(cell: Cell) -> str | None:
    """The cell as half-width text; ``None`` if it is blank."""
    if isinstance(cell, str):
        if len(cell) > TEXT_LIMIT and len(cell := cell.strip()) > TEXT_LIMIT:
            raise _too_long(cell, TEXT_LIMIT)
        if _FORBIDDEN.search(cell):
            raise _CONTROL
        text = half_width(cell)
        return None if text in _BLANK else text
    if cell is None:
        return None
    return _written(cell)


def _too_long(text: str, limit: int) -> CellError:
    return CellError(f"文字过长（{len(text)} 字）；最多 {limit} 字",
                     f"text too long ({len(text)} characters); at most {limit}")


def _written(cell: Cell) -> str:
    """What a cell that is not text would read as."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        if not abs(cell) < 1e15:
            # Spreadsheets keep fifteen digits of a number: the rest is already lost.
            raise CellError("数字过长，末尾已丢失；请把单元格设为文本后重新输入",
                            "a number this long has lost its last digits; format the cell as text and type it anew")
        return str(int(cell)) if cell == int(cell) else format(cell, ".15g")
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


# ------------------------------------------------------------------ text


def _read_text(cell: Cell, limit: int) -> str | None:
    if not isinstance(cell, str):
        return _plain(cell)
    if not cell.isprintable():
        if _FORBIDDEN.search(cell):
            raise _CONTROL
        cell = _TURNING.sub("", cell)
    text = cell.strip(_EDGE)
    # Texts come by the hundred thousand, no two alike: only short ones can be a sign for “not known”.
    if len(text) <= 2 and half_width(text) in _BLANK:
        return None
    if len(text) > limit:
        raise _too_long(text, limit)
    return text.replace("\r\n", "\n")


def read_text(cell: Cell) -> str | None:
    """Free text, at most :data:`facts.models.TEXT_LIMIT` characters; what starts with ``=`` is text like any other."""
    return _read_text(cell, TEXT_LIMIT)


def read_short(cell: Cell) -> str | None:
    """A name or identifier on one line, at most :data:`facts.models.SHORT_LIMIT` characters."""
    text = _read_text(cell, SHORT_LIMIT)
    return text if text is None else re.sub(r"\s*[\n\r\t]\s*", " ", text)


# ------------------------------------------------------------------ codes


def read_uscc(cell: Cell) -> str | None:
    """A unified social credit code (统一社会信用代码); lower case, full width, spaces and hyphens are put right."""
    text = _plain(cell)
    if text is None:
        return None
    code = re.sub(r"[\s\-]", "", text).upper()
    if len(code) != 18:
        raise CellError(f"统一社会信用代码应为 18 位，这里有 {len(code)} 位",
                        f"a credit code has 18 characters, this one {len(code)}")
    try:
        return check_uscc(code)
    except ValueError as error:
        if "check character" in str(error):
            raise CellError("统一社会信用代码校验码不符；请对照营业执照",
                            "the check character does not fit; compare the credit code with the licence") from None
        raise CellError("统一社会信用代码只含数字和大写字母（不用 I、O、S、V、Z），第 3 至 8 位为数字",
                        "a credit code has digits and capital letters without I, O, S, V, Z; "
                        "places 3 to 8 are digits") from None


def read_authority(cell: Cell) -> str | None:
    """The code of an authority (部门代码): 2 to 40 characters without white space, kept as they are.

    One that is a credit code is put right like any credit code, so that every spelling of it is the same code.
    """
    return _code(cell, Text("部门代码", "the code of an authority"))


def read_subject(cell: Cell) -> str | None:
    """The code of an enterprise or of an authority; whether there is such an authority is for others to ask."""
    return _code(cell, Text("应为 18 位统一社会信用代码或部门代码；部门代码",
                            "expected an 18-character credit code or the code of an authority; such a code"))


def _code(cell: Cell, what: Text) -> str | None:
    text = _plain(cell)
    if text is None:
        return None
    credit_code = re.sub(r"[\s\-]", "", text).upper()
    if is_uscc(credit_code):
        return credit_code
    shortest, longest = CODE_LIMITS
    if not shortest <= len(text) <= longest or re.search(r"\s", text):
        raise CellError(f"{what.zh}为 {shortest} 至 {longest} 个字符，不含空格",
                        f"{what.en} has {shortest} to {longest} characters and no spaces")
    return text


def read_division(cell: Cell) -> str | None:
    """A six-digit division code (行政区划代码, GB/T 2260)."""
    text = _plain(cell)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{6}", text):
        raise CellError("应为 6 位行政区划代码，如 120102", "expected a 6-digit division code such as 120102")
    return text


# ------------------------------------------------------------------ yes and no

_YES = ("是", "有", "true", "1", "√", "yes", "y", "t", "对", "真", "✓", "✔", "☑", "是的", "已有")
_NO = ("否", "无", "false", "0", "×", "no", "n", "f", "错", "假", "✗", "✘", "x", "╳", "✕", "✖", "没有", "不是", "未")
_BOOLEANS = {fold(w): True for w in _YES} | {fold(w): False for w in _NO}


def read_bool(cell: Cell) -> bool | None:
    """Yes or no: 是/否, 有/无, true/false, 1/0, √/× and their near relations."""
    if isinstance(cell, bool):
        return cell
    text = _plain(cell)
    if text is None:
        return None
    value = _BOOLEANS.get(fold(text))
    if value is None:
        raise CellError("应为 是 或 否（也可用 有/无、√/×、1/0）", "expected yes or no (是/否, 有/无, true/false, 1/0)")
    return value


# ------------------------------------------------------------------ dates

_TIME = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?"
_DATES = (
    re.compile(rf"([0-9]{{4}})([-/.])([0-9]{{1,2}})\2([0-9]{{1,2}})(?:[ T]+{_TIME})?"),
    re.compile(rf"([0-9]{{4}})(年)([0-9]{{1,2}})月([0-9]{{1,2}})[日号](?: *{_TIME})?"),
    re.compile(r"([0-9]{4})()([0-9]{2})([0-9]{2})"),
)
_SPACED = re.compile(r"\s*([年月日号/.\-])\s*")
# The longest date has a time of day behind it; what is longer need not be looked at.
_LONGEST_DATE = 60
_DASHES = str.maketrans("–−—‐‑", "-----")


def read_date(cell: Cell) -> dt.date | None:
    """A civil date: an Excel date, ``2024-03-11``, ``2024/3/11``, ``2024.3.11``, ``20240311``, ``2024年3月11日``.

    A time of day behind it is dropped. Days outside 1900–2200 are refused.
    """
    if isinstance(cell, dt.datetime):
        return _plausible(cell.date())
    if isinstance(cell, dt.date):
        return _plausible(cell)
    text = _plain(cell)
    if text is None:
        return None
    for form in _DATES if len(text) <= _LONGEST_DATE else ():
        if found := form.fullmatch(_SPACED.sub(r"\1", text.translate(_DASHES)).strip()):
            year, _, month, day = found.groups()
            try:
                return _plausible(dt.date(int(year), int(month), int(day)))
            except CellError:
                raise
            except ValueError:
                raise CellError("没有这一天；应为日期，如 2024-03-11",
                                "there is no such day; expected a date such as 2024-03-11") from None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        raise CellError("是数字不是日期；请把单元格设为日期格式，或写成 2024-03-11",
                        "a number, not a date; format the cell as a date or write 2024-03-11")
    raise CellError("应为日期，如 2024-03-11、2024/3/11、20240311 或 2024年3月11日",
                    "expected a date such as 2024-03-11, 2024/3/11, 20240311 or 2024年3月11日")


def _plausible(day: dt.date) -> dt.date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise CellError(f"日期应在 {FIRST_DAY.year} 年至 {LAST_DAY.year} 年之间",
                        f"expected a date from {FIRST_DAY.year} to {LAST_DAY.year}")
    return day


_NEVER = frozenset(fold(word) for word in ("无", "从未", "never", "没有", "从无", "从没有"))


def read_last(cell: Cell) -> dt.date | Literal["never"] | None:
    """A date, or the claim 无 / 从未 / never: not once so far."""
    if isinstance(cell, str) and fold(cell) in _NEVER:
        return "never"
    try:
        return read_date(cell)
    except CellError as error:
        zh, en = error.message.zh, error.message.en
        raise CellError(f"{zh}；从未做过填“无”", f"{en}; write never if it was never done") from None


# ------------------------------------------------------------------ numbers

_NUMBER = re.compile(r"([+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)\s*(.*)", re.DOTALL)
_SCALES = {"": Decimal(1), "百": Decimal(100), "千": Decimal(1000), "万": Decimal(10) ** 4, "亿": Decimal(10) ** 8}
# A Latin unit must be one of these: a letter behind digits is more often a slip (1O for 10) than a unit.
_LATIN_UNITS = frozenset({"h", "hr", "hrs", "hour", "hours", "person", "persons", "people", "case", "cases", "time",
                          "times", "m", "m2", "t", "kg", "rmb", "cny", "yuan"})
# Chinese characters other than those that make a number inexact or belong to a date or a numeral.
_NO_UNIT = "零〇一二两三四五六七八九十百千万亿余多约几半以内外上下左右至到月日号年折成点分之"
_UNIT = re.compile(rf"(?:(?![{_NO_UNIT}])[㎡㎥㐀-鿿]){{1,6}}")


def _number(cell: Cell, what: tuple[str, str], money: bool) -> Decimal | None:
    if isinstance(cell, bool | dt.date | dt.time | dt.timedelta):
        raise CellError(f"应为{what[0]}", f"expected {what[1]}")
    text = _plain(cell)
    if text is None:
        return None
    found = _NUMBER.fullmatch(text) if len(text) <= 60 else None
    if not found:
        raise CellError(f"应为{what[0]}", f"expected {what[1]}")
    scale, unit = _SCALES[""], found[2].strip()
    if unit[:1] in _SCALES and unit[:1]:
        scale, unit = _SCALES[unit[0]], unit[1:].strip()
    if money:
        # The column is kept in 万元, and a bare number or a bare 万 means just that.
        if unit not in {"", "元", "元人民币", "人民币"} or (unit == "人民币" and scale == 1):
            raise CellError("单位应为 万元、元 或 亿元", "expected the unit 万元, 元 or 亿元")
        if scale != 1 or unit:
            scale /= 10**4
    elif unit and not _is_unit(unit):
        raise CellError(f"应为{what[0]}", f"expected {what[1]}")
    return Decimal(found[1].replace(",", "")) * scale


def _is_unit(unit: str) -> bool:
    if unit.isascii():
        return unit.casefold() in _LATIN_UNITS
    return len(unit) <= 6 and _UNIT.fullmatch(unit) is not None


def read_int(cell: Cell, *, signed: bool = False) -> int | None:
    """A whole number, not below zero unless ``signed``; a unit behind it is dropped (``10人``, ``1.5万人`` = 15000)."""
    what = ("整数，如 10 或 10人", "a whole number such as 10")
    number = _number(cell, what, money=False)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise CellError("应为整数，不带小数", "expected a whole number, without decimals")
    if number < 0 and not signed:
        raise CellError("不能为负数", "expected zero or more")
    if abs(number) > INT_LIMIT:
        raise CellError(f"数字过大；最大 {INT_LIMIT}", f"too large; at most {INT_LIMIT}")
    return int(number)


def read_decimal(cell: Cell, *, signed: bool = False, money: bool = False) -> Decimal | None:
    """A number with at most :data:`facts.models.DECIMAL_PLACES` decimals, not below zero unless ``signed``.

    With ``money`` the result is in 万元: ``5445.31``, ``5445.31万元``, ``54453100元`` and ``0.544531亿元`` are one.
    """
    what = ("数字（万元），如 5445.31", "a number (in 万元) such as 5445.31") if money \
        else ("数字，如 12.5", "a number such as 12.5")
    number = _number(cell, what, money)
    if number is None:
        return None
    if number < 0 and not signed:
        raise CellError("不能为负数", "expected zero or more")
    if abs(number) >= DECIMAL_LIMIT:
        raise CellError("数字过大；应小于 1 万亿", "too large; expected less than 10^12")
    # One spelling per value: 5445.310 and 5445.31 are the same row, also after a round trip through a database.
    number = number.normalize()
    number = number.quantize(Decimal(1)) if number.as_tuple().exponent > 0 else number
    if -number.as_tuple().exponent > DECIMAL_PLACES:
        raise CellError(f"小数最多 {DECIMAL_PLACES} 位", f"at most {DECIMAL_PLACES} decimals")
    return number


# ------------------------------------------------------------------ words of the vocabulary

_SEPARATORS = re.compile(r"[;；、,，\n\r]")


def word_reader(words: Words, what: Text) -> Callable[[Cell], str | None]:
    """A reader for one word of a closed list; ``what`` names the list in messages."""

    def read(cell: Cell) -> str | None:
        text = _plain(cell)
        return None if text is None else _word(text, words, what)

    return read


def words_reader(words: Words, what: Text) -> Callable[[Cell], tuple[str, ...] | None]:
    """A reader for several words of a closed list, separated by ``;`` ``；`` ``、``; repetitions count once."""

    def read(cell: Cell) -> tuple[str, ...] | None:
        text = _plain(cell)
        if text is None:
            return None
        if name := words.find(text):
            return (name,)
        parts = [part for part in _SEPARATORS.split(text) if not is_blank(part)]
        return tuple(dict.fromkeys(_word(part.strip(), words, what) for part in parts)) or None

    return read


def _word(text: str, words: Words, what: Text) -> str:
    name = words.find(text)
    if name is not None:
        return name
    shown = text if len(text) <= 20 else text[:19] + "…"
    if len(words.words) <= 10:
        hint = Text("应为 {0}", "expected one of {0}"), words.listed()
    elif nearest := words.nearest(text):
        hint = Text("是否为“{0}”？", "did you mean {0}?"), nearest
    else:
        hint = Text("可用的词见 {0}", "for the words see {0}"), Text("zhiben template 的“说明”页",
                                                                   "the notes sheet of zhiben template")
    zh, en = (hint[0].zh.replace("{0}", hint[1].zh), hint[0].en.replace("{0}", hint[1].en))
    raise CellError(f"不认识的{what.zh}“{shown}”；{zh}", f"unknown {what.en} “{shown}”; {en}")
