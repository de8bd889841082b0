"""Document numbers, and what people write for them."""

from __future__ import annotations

import pytest

from engine.letter_numbers import Number, checked_prefix, file_name, meant
from facts.errors import BadInput

KNOWN = [Number("", 2025, 3), Number("津河东商安", 2025, 3), Number("津河东商安", 2025, 13), Number("津河东", 2024, 7)]


def test_a_number_as_it_is_printed() -> None:
    assert [str(number) for number in KNOWN[:2]] == ["〔2025〕3号", "津河东商安〔2025〕3号"]


@pytest.mark.parametrize("given", [
    "津河东商安〔2025〕3号", "津河东商安[2025]3", "津河东商安（2025）3号",
    "津河东商安【２０２５】第3号", " 津河东商安 〔2025〕 3 号 "])
def test_any_brackets_will_do(given: str) -> None:
    assert meant(given, KNOWN) == [KNOWN[1]]


@pytest.mark.parametrize(("given", "found"), [
    ("2025-13", [KNOWN[2]]), ("〔2025〕13号", [KNOWN[2]]), ("2024-7", [KNOWN[3]]), ("2025-3", [KNOWN[0]]),
    ("津河东[2025]3", []), ("2025-4", []), ("3", []), ("", []), ("津河东商安", []), ("2025-3000000000", [])])
def test_without_its_prefix_a_number_means_the_only_one(given: str, found: list[Number]) -> None:
    assert meant(given, KNOWN) == found


def test_two_prefixes_are_told_apart() -> None:
    assert meant("2025-3", [Number("甲", 2025, 3), Number("乙", 2025, 3)]) == [
        Number("甲", 2025, 3), Number("乙", 2025, 3)]


@pytest.mark.parametrize("prefix", ["a/b", "a〔b", "甲\n乙", "x" * 31, "甲\u202e", 'a"', "a:b"])
def test_a_prefix_that_would_break_a_number_or_a_file_is_refused(prefix: str) -> None:
    with pytest.raises(BadInput):
        checked_prefix(prefix)


def test_file_names_are_good_on_any_system() -> None:
    assert file_name("甲〔2025〕3号", 'HD:1/2?"', "remind") == "甲〔2025〕3号_HD-1-2--_remind.docx"
