"""Periods of every unit tile the calendar, and are called as the contract calls them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.periods import Unit

MONTH, QUARTER, HALF_YEAR, YEAR = map(Unit.named, ("month", "quarter", "half_year", "year"))
TWO_MONTHS, FOUR_MONTHS = Unit.of_months(2), Unit.of_months(4)
WITHIN_A_YEAR = (MONTH, TWO_MONTHS, QUARTER, FOUR_MONTHS, HALF_YEAR, YEAR)
ONE_DAY = timedelta(days=1)

KEYS = {
    MONTH: r"\d{4}-(0[1-9]|1[0-2])",
    QUARTER: r"\d{4}Q[1-4]",
    HALF_YEAR: r"\d{4}H[12]",
    YEAR: r"\d{4}",
    TWO_MONTHS: r"(\d{4})-(01\.\.\1-02|03\.\.\1-04|05\.\.\1-06|07\.\.\1-08|09\.\.\1-10|11\.\.\1-12)",
    FOUR_MONTHS: r"(\d{4})-(01\.\.\1-04|05\.\.\1-08|09\.\.\1-12)",
}

days = st.dates(date(1900, 1, 1), date(2200, 12, 31))
units = st.sampled_from(WITHIN_A_YEAR) | st.builds(Unit.of_years, st.integers(2, 50), st.integers(1950, 2100))


@given(units, days)
def test_the_period_of_a_day_contains_it(unit: Unit, day: date) -> None:
    period = unit.period_of(day)
    assert period.unit == unit
    assert period.start <= day <= period.end
    assert period.days == (period.end - period.start).days + 1


@given(units, days)
def test_periods_follow_each_other_without_gap_or_overlap(unit: Unit, day: date) -> None:
    period = unit.period_of(day)
    after, before = unit.period_of(period.end + ONE_DAY), unit.period_of(period.start - ONE_DAY)
    assert after.start == period.end + ONE_DAY
    assert before.end == period.start - ONE_DAY
    assert len({before.key, period.key, after.key}) == 3


@given(units, days, days)
def test_all_periods_from_one_day_to_another(unit: Unit, one: date, other: date) -> None:
    first, last = sorted((one, other))
    periods = list(unit.periods(first, last))
    assert periods[0] == unit.period_of(first)
    assert periods[-1] == unit.period_of(last)
    assert all(a.end + ONE_DAY == b.start for a, b in pairwise(periods))
    assert len({period.key for period in periods}) == len(periods)


@given(units, days)
def test_a_period_is_as_long_as_its_unit_and_starts_with_a_month(unit: Unit, day: date) -> None:
    period = unit.period_of(day)
    last = period.end + ONE_DAY
    assert (period.start.day, last.day) == (1, 1)
    assert 12 * (last.year - period.start.year) + last.month - period.start.month == unit.months


@given(st.sampled_from(WITHIN_A_YEAR), st.integers(1900, 2200))
def test_units_within_a_year_start_again_on_1_january(unit: Unit, year: int) -> None:
    periods = list(unit.periods(date(year, 1, 1), date(year, 12, 31)))
    assert len(periods) * unit.months == 12
    assert (periods[0].start, periods[-1].end) == (date(year, 1, 1), date(year, 12, 31))
    assert all(re.fullmatch(KEYS[unit], period.key) for period in periods)


@given(st.integers(2, 50), st.integers(1950, 2100), days)
def test_years_are_counted_from_the_anchor_in_both_directions(years: int, anchor: int, day: date) -> None:
    period = Unit.of_years(years, anchor).period_of(day)
    assert (period.start.month, period.start.day, period.end.month, period.end.day) == (1, 1, 12, 31)
    assert (period.start.year - anchor) % years == 0
    assert period.key == f"{period.start.year}..{period.end.year}"
    assert period.end.year - period.start.year == years - 1


@pytest.mark.parametrize(("unit", "day", "key", "start", "end"), [
    (MONTH, date(2024, 3, 31), "2024-03", date(2024, 3, 1), date(2024, 3, 31)),
    (MONTH, date(2024, 2, 29), "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
    (MONTH, date(2023, 2, 28), "2023-02", date(2023, 2, 1), date(2023, 2, 28)),
    (MONTH, date(2024, 12, 31), "2024-12", date(2024, 12, 1), date(2024, 12, 31)),
    (QUARTER, date(2024, 1, 1), "2024Q1", date(2024, 1, 1), date(2024, 3, 31)),
    (QUARTER, date(2024, 6, 30), "2024Q2", date(2024, 4, 1), date(2024, 6, 30)),
    (QUARTER, date(2024, 12, 31), "2024Q4", date(2024, 10, 1), date(2024, 12, 31)),
    (HALF_YEAR, date(2024, 6, 30), "2024H1", date(2024, 1, 1), date(2024, 6, 30)),
    (HALF_YEAR, date(2024, 7, 1), "2024H2", date(2024, 7, 1), date(2024, 12, 31)),
    (YEAR, date(2024, 7, 1), "2024", date(2024, 1, 1), date(2024, 12, 31)),
    (TWO_MONTHS, date(2024, 2, 29), "2024-01..2024-02", date(2024, 1, 1), date(2024, 2, 29)),
    (FOUR_MONTHS, date(2024, 9, 1), "2024-09..2024-12", date(2024, 9, 1), date(2024, 12, 31)),
    (Unit.of_years(3, 2024), date(2026, 12, 31), "2024..2026", date(2024, 1, 1), date(2026, 12, 31)),
    (Unit.of_years(3, 2024), date(2027, 1, 1), "2027..2029", date(2027, 1, 1), date(2029, 12, 31)),
    (Unit.of_years(3, 2024), date(2023, 12, 31), "2021..2023", date(2021, 1, 1), date(2023, 12, 31)),
    (Unit.of_years(2, 2025), date(2024, 2, 29), "2023..2024", date(2023, 1, 1), date(2024, 12, 31)),
])
def test_examples(unit: Unit, day: date, key: str, start: date, end: date) -> None:
    period = unit.period_of(day)
    assert (period.key, period.start, period.end) == (key, start, end)


@pytest.mark.parametrize(("period", "days"), [
    (MONTH.period_of(date(2024, 2, 1)), 29), (MONTH.period_of(date(2023, 2, 1)), 28),
    (MONTH.period_of(date(2000, 2, 1)), 29), (MONTH.period_of(date(2100, 2, 1)), 28),
    (QUARTER.period_of(date(2024, 1, 1)), 91), (HALF_YEAR.period_of(date(2024, 1, 1)), 182),
    (YEAR.period_of(date(2024, 1, 1)), 366), (YEAR.period_of(date(2025, 1, 1)), 365),
    (Unit.of_years(3, 2024).period_of(date(2025, 1, 1)), 366 + 365 + 365),
])
def test_leap_years(period, days: int) -> None:
    assert period.days == days


@pytest.mark.parametrize(("unit", "days"), [
    (MONTH, 7), (QUARTER, 15), (HALF_YEAR, 30), (YEAR, 60), (TWO_MONTHS, 10), (FOUR_MONTHS, 20),
    (Unit.of_years(2, 2024), 60), (Unit.of_years(50, 2024), 60),
])
def test_remind_before(unit: Unit, days: int) -> None:
    assert unit.remind_before == days


@pytest.mark.parametrize("months", [0, 1, 3, 5, 6, 7, 12, 24])
def test_months_that_have_a_name_or_do_not_divide_a_year_are_refused(months: int) -> None:
    with pytest.raises(ValueError, match=str(months)):
        Unit.of_months(months)


@pytest.mark.parametrize("years", [-1, 0, 1])
def test_one_year_is_called_year(years: int) -> None:
    with pytest.raises(ValueError, match=str(years)):
        Unit.of_years(years, 2024)


def test_years_with_different_anchors_are_different_units() -> None:
    assert Unit.of_years(3, 2024) != Unit.of_years(3, 2025)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        Unit.named("week")
