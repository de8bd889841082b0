"""Document numbers of letters (发文字号), as ``津河东商安〔2024〕3号``, and finding a letter by what people write."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from facts.errors import BadInput
from facts.language import Text
from facts.spelling import half_width

#: Characters that a prefix may have.
LONGEST_PREFIX = 30

# Any brackets will do: 〔 〕 are on few keyboards.
_WRITTEN = re.compile(r"(?P<prefix>.*?)\s*[〔\[(【〈<{](?P<year>\d{4})[〕\])】〉>}]\s*第?(?P<serial>\d{1,9})\s*号?")
_SHORT = re.compile(r"(?P<prefix>)(?P<year>\d{4})-(?P<serial>\d{1,9})")
# Neither file names nor brackets nor the end of a number may be broken by a prefix.
_NO_PREFIX = re.compile(r'[<>:"/\\|?*〔〕\[\]()（）【】{}]|'
                        r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True, order=True)
class Number:
    """The number of a letter: ``serial`` counts from 1 anew for each prefix (发文机关代字) and year."""

    prefix: str
    year: int
    serial: int

    def __str__(self) -> str:
        return f"{self.prefix}〔{self.year}〕{self.serial}号"


def checked_prefix(text: str) -> str:
    """``text`` as a prefix, which may be empty. Raises :class:`~facts.errors.BadInput`."""
    prefix = text.strip()
    if len(prefix) > LONGEST_PREFIX or _NO_PREFIX.search(prefix):
        said, refused = " ".join(prefix.split()), '< > : " / \\ | ? *'
        raise BadInput(Text(f"“{said}”不能作发文机关代字；应不超过 {LONGEST_PREFIX} 字，不含括号和 {refused}",
                            f"“{said}” cannot stand before a number; at most {LONGEST_PREFIX} characters, no brackets, "
                            f"none of {refused}"))
    return prefix


def meant(given: str, numbers: Iterable[Number]) -> list[Number]:
    """The numbers that ``given`` can mean: in full, without the prefix, or short as ``2024-3``.

    With its prefix, or where one has none, a number means itself alone.
    """
    text = given.translate({ord("〔"): "[", ord("〕"): "]", ord("【"): "[", ord("】"): "]"})
    match = _SHORT.fullmatch(half_width(text)) or _WRITTEN.fullmatch(half_width(text))
    if match is None:
        return []
    prefix, year, serial = half_width(match["prefix"]), int(match["year"]), int(match["serial"])
    found = [number for number in numbers if (number.year, number.serial) == (year, serial)]
    exact = [number for number in found if half_width(number.prefix) == prefix]
    return exact or ([] if prefix else found)


def file_name(number: str, uscc: str, step: str) -> str:
    """What the file of a letter is called, on any system."""
    return re.sub(r'[<>:"/\\|?*\x00-\x1f]', "-", f"{number}_{uscc}_{step}") + ".docx"
