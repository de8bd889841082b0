"""What letters say: dates, periods, facts."""

from __future__ import annotations

from datetime import date

import pytest

from engine.letter_words import day_text, period_text, plain


@pytest.mark.parametrize(("key", "said"), [
    ("2024-07", "2024年7月"), ("2024Q2", "2024年第二季度"), ("2024H1", "2024年上半年"), ("2024H2", "2024年下半年"),
    ("2024", "2024年度"), ("2024..2026", "2024年至2026年"), ("2024-01..2024-02", "2024年1月至2月")])
def test_periods(key: str, said: str) -> None:
    assert period_text(key) == said


def test_dates() -> None:
    assert day_text(date(2024, 8, 1)) == "2024年8月1日"
    assert day_text(None) == ""


@pytest.mark.parametrize(("text", "line"), [
    ("甲\n乙\t丙\x0b丁\r\n", "甲 乙 丙 丁"), ("\u202e倒\u200f写\u2066", "倒写"), ("a\x00b\x07c", "a b c"),
    ("\ud800x", "x"), ("<&{{ 7*7 }}>", "<&{{ 7*7 }}>"), ("𠮷野家", "𠮷野家")])
def test_one_plain_line(text: str, line: str) -> None:
    assert plain(text) == line
