"""Every spelling of a cell, and every refusal."""

from __future__ import annotations

import string
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as gb32100

from facts.cells import (
    CellError,
    read_bool,
    read_date,
    read_decimal,
    read_division,
    read_int,
    read_last,
    read_short,
    read_text,
    read_uscc,
    word_reader,
    words_reader,
)
from facts.headers import Dictionary
from facts.language import Text
from facts.models import DECIMAL_PLACES, FIRST_DAY, INT_LIMIT, LAST_DAY, SHORT_LIMIT, TEXT_LIMIT
from facts.spelling import Words
from facts.vocabulary import KINDS, SECTORS, SHEETS

WIDE = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in string.printable if "!" <= c <= "~"})
DAYS = st.dates(FIRST_DAY, LAST_DAY)
KIND = word_reader(Words(KINDS), Text("事项", "kind"))
SECTOR_SET = words_reader(Words(SECTORS), Text("行业领域", "sectors"))
READERS = {
    "bool": read_bool,
    "date": read_date,
    "decimal": read_decimal,
    "division": read_division,
    "int": read_int,
    "last": read_last,
    "short": read_short,
    "text": read_text,
    "uscc": read_uscc,
    "kind": KIND,
    "sectors": SECTOR_SET,
    "money": lambda cell: read_decimal(cell, money=True),
}
every_reader = pytest.mark.parametrize("reader", READERS.values(), ids=READERS)


def refused(reader, cell) -> Text:
    with pytest.raises(CellError) as error:
        reader(cell)
    return error.value.message


@every_reader
@pytest.mark.parametrize("cell", ["", None, " ", "　", "/", " ／ ", "—", "——", "-", "\t\n", "\ufeff"])
def test_blank_is_not_known(reader, cell) -> None:
    assert reader(cell) is None


@every_reader
@given(
    cell=st.one_of(
        st.text(),
        st.text("0123456789.,-/年月日万元 ：人是无√０１２"),
        st.floats(),
        st.integers(),
        st.booleans(),
        st.datetimes(),
        st.dates(),
        st.times(),
        st.timedeltas(),
    )
)
def test_whatever_stands_in_a_cell_is_read_or_refused(reader, cell) -> None:
    try:
        reader(cell)
    except CellError as error:
        said = error.message
    else:
        return
    assert said.zh
    assert said.en


# ------------------------------------------------------------------ dates


@given(
    day=DAYS,
    wide=st.booleans(),
    form=st.sampled_from(
        [
            "{0:04}-{1:02}-{2:02}",
            "{0}-{1}-{2}",
            "{0}/{1}/{2}",
            "{0}/{1:02}/{2:02}",
            "{0}.{1}.{2}",
            "{0}{1:02}{2:02}",
            "{0}年{1}月{2}日",
            "{0}年{1:02}月{2:02}日",
            " {0} 年 {1} 月 {2} 日 ",
            "{0}-{1}-{2} 00:00:00",
            "{0}-{1:02}-{2:02}T08:30",
        ]
    ),
)
def test_dates_in_every_spelling(day: date, wide: bool, form: str) -> None:
    written = form.format(day.year, day.month, day.day)
    assert read_date(written.translate(WIDE) if wide else written) == day
    assert read_last(written) == day


@given(day=DAYS)
def test_excel_dates(day: date) -> None:
    assert read_date(day) == day
    assert read_date(datetime.combine(day, time(23, 59))) == day
    assert read_date(float(day.strftime("%Y%m%d"))) == day


@pytest.mark.parametrize("cell", ["2024-02-30", "20240231", "2023-02-29", "2024/13/1", "2024年0月1日", "2024-04-31"])
def test_days_that_do_not_exist(cell: str) -> None:
    assert "没有这一天" in refused(read_date, cell).zh


@pytest.mark.parametrize(
    "cell",
    [
        "24-3-11",
        "2024-3",
        "2024/3-11",
        "11/3/2024",
        "昨天",
        "2024-3-1110:30",
        "2024031",
        "202403110",
        "٢٠٢٤-٠٣-١١",
        "2024-03-11 25:00",
        "无",
        True,
        time(8, 0),
    ],
)
def test_what_is_no_date(cell: object) -> None:
    assert "应为日期" in refused(read_date, cell).zh


def test_a_number_that_has_lost_its_date_format() -> None:
    assert "日期格式" in refused(read_date, 45362.0).zh


@pytest.mark.parametrize("cell", ["1899-12-31", "2201-01-01", "0001-01-01", "9999-12-31"])
def test_years_that_are_slips_of_the_pen(cell: str) -> None:
    assert "1900" in refused(read_date, cell).zh


@pytest.mark.parametrize("cell", ["无", "从未", "never", "Never", " 无 ", "ＮＥＶＥＲ"])
def test_never_is_a_claim(cell: str) -> None:
    assert read_last(cell) == "never"


# ------------------------------------------------------------------ yes and no


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("是", "否"),
        ("有", "无"),
        ("true", "FALSE"),
        ("1", "0"),
        ("√", "×"),
        (True, False),
        (1.0, 0.0),
        ("Yes", "no"),
        ("１", "０"),
        (" 是 ", "　否"),
        ("✓", "✗"),
    ],
)
def test_yes_and_no(yes: object, no: object) -> None:
    assert read_bool(yes) is True
    assert read_bool(no) is False


@pytest.mark.parametrize("cell", ["2", 2.0, "maybe", "是否", "有2人", date(2024, 1, 1)])
def test_neither_yes_nor_no(cell: object) -> None:
    assert "是 或 否" in refused(read_bool, cell).zh


# ------------------------------------------------------------------ numbers


@given(
    number=st.integers(0, INT_LIMIT),
    unit=st.sampled_from(["", "人", " 人", "名", "个", "人次", "家"]),
    wide=st.booleans(),
    form=st.sampled_from(["{}", "{:,}", "{}.0"]),
)
def test_whole_numbers(number: int, unit: str, wide: bool, form: str) -> None:
    written = form.format(number) + unit
    assert read_int(written.translate(WIDE) if wide else written) == number


@given(number=st.decimals(0, 10**9, places=DECIMAL_PLACES), form=st.sampled_from(["{}", "{:,}", "{}万元", "{} 万元"]))
def test_money(number: Decimal, form: str) -> None:
    assert read_decimal(form.format(number), money=True) == number


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("5445.31万元", "5445.31"),
        ("54,453,100元", "5445.31"),
        ("0.544531亿元", "5445.31"),
        ("1000", "1000"),
        ("100万", "100"),
        (1000.0, "1000"),
        (0.1 + 0.2, "0.3"),
        ("5445.31万元人民币", "5445.31"),
    ],
)
def test_money_in_other_units_is_kept_in_ten_thousands(cell: object, value: str) -> None:
    assert read_decimal(cell, money=True) == Decimal(value)


@pytest.mark.parametrize(("cell", "value"), [("1.5万人", 15000), ("3千", 3000), ("2百人", 200), (10.0, 10), (7, 7)])
def test_scales(cell: object, value: int) -> None:
    assert read_int(cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        "10余人",
        "约10人",
        "1O人",
        "l0",
        "1,23",
        "1e3",
        "十",
        "10月",
        "3-5人",
        "10人5人",
        "1,234,56",
        True,
        date(2024, 10, 1),
        "0x10",
        "10%",
        "10²",
        "½",
    ],
)
def test_what_is_no_whole_number(cell: object) -> None:
    assert "整数" in refused(read_int, cell).zh


@pytest.mark.parametrize(
    ("cell", "word"), [(10.5, "小数"), ("10.50", "小数"), ("-1", "负"), (-1.0, "负"), (INT_LIMIT + 1, "过大")]
)
def test_whole_numbers_out_of_range(cell: object, word: str) -> None:
    assert word in refused(read_int, cell).zh


@pytest.mark.parametrize("cell", ["5000美元", "100人", "5千元千", "人民币100"])
def test_money_in_an_unknown_unit(cell: str) -> None:
    assert "万元" in refused(lambda c: read_decimal(c, money=True), cell).zh


def test_too_many_decimals() -> None:
    assert read_decimal("0.000001") == Decimal("0.000001")
    assert "6" in refused(read_decimal, "0.0000001").zh


def test_declared_numbers_may_be_negative() -> None:
    assert read_int("-20", signed=True) == -20
    assert read_decimal("-1.5", signed=True) == Decimal("-1.5")


def test_equal_decimals_are_written_alike() -> None:
    assert str(read_decimal("5445.310")) == str(read_decimal("5,445.31")) == "5445.31"
    assert str(read_decimal("1000.0")) == "1000"


# ------------------------------------------------------------------ codes

BODY = st.builds(
    lambda head, region, tail: head + region + tail,
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=2, max_size=2),
    st.text(string.digits, min_size=6, max_size=6),
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9),
)


@given(body=BODY, wide=st.booleans(), spaced=st.booleans())
def test_credit_codes(body: str, wide: bool, spaced: bool) -> None:
    code = body + gb32100.calc_check_digit(body)
    written = code.lower() if not spaced else f" {code[:8]} {code[8:]} "
    assert read_uscc(written.translate(WIDE) if wide else written) == code


@given(body=BODY, wrong=st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_wrong_check_characters(body: str, wrong: str) -> None:
    if wrong != gb32100.calc_check_digit(body):
        assert "校验码" in refused(read_uscc, body + wrong).zh


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        ("9112010200000001", "16 位"),
        ("91110000600037341O", "I、O、S、V、Z"),
        ("9A110000600037341L", "校验码"),
        ("911100A0600037341L", "第 3 至 8 位"),
        (9.1120102000000001e17, "设为文本"),
    ],
)
def test_what_is_no_credit_code(cell: object, word: str) -> None:
    assert word in refused(read_uscc, cell).zh


def test_codes_of_cooperatives_are_codes() -> None:
    # python-stdnum refuses letters in the first two places; GB 32100 does not.
    body = "N2370112MF0000001"
    assert read_uscc(body + gb32100.calc_check_digit(body))


@pytest.mark.parametrize("cell", [120102.0, "120102", "１２０１０２"])
def test_divisions(cell: object) -> None:
    assert read_division(cell) == "120102"


@pytest.mark.parametrize("cell", ["12010", "120102000000", "河东区", 12010.0])
def test_what_is_no_division(cell: object) -> None:
    assert "6 位" in refused(read_division, cell).zh


# ------------------------------------------------------------------ words


@given(
    name=st.sampled_from(sorted(KINDS)),
    how=st.sampled_from(
        [
            str,
            str.upper,
            lambda n: n.replace("_", " ").title(),
            lambda n: f" {n} ",
            lambda n: KINDS[n].zh,
            lambda n: n.translate(WIDE),
            lambda n: " ".join(KINDS[n].zh),
        ]
    ),
)
def test_kinds_in_either_language(name: str, how) -> None:
    assert KIND(how(name)) == name


@given(
    names=st.lists(st.sampled_from(sorted(SECTORS)), min_size=1, unique=True),
    separator=st.sampled_from(";；、"),
    chinese=st.booleans(),
)
def test_several_sectors_in_one_cell(names: list[str], separator: str, chinese: bool) -> None:
    cell = separator.join(SECTORS[name].zh if chinese else name for name in names)
    assert SECTOR_SET(cell + separator) == tuple(names)


def test_a_repeated_sector_counts_once() -> None:
    assert SECTOR_SET("餐饮；catering、零售") == ("catering", "retail")


def test_an_unknown_word_brings_the_nearest_known_one() -> None:
    assert "餐饮" in refused(SECTOR_SET, "零售；餐饮业").zh
    assert "catering" in refused(SECTOR_SET, "caterin").en
    assert "疏散逃生演练" in refused(KIND, "疏散演练").zh


# ------------------------------------------------------------------ text


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+86", "-无", "<b>", "'; DROP TABLE", "😀", "a\nb"])
def test_text_is_data(cell: str) -> None:
    assert read_text(cell) == cell


@pytest.mark.parametrize("cell", ["a\x00b", "\x1b[31m", "x\x7f", "\ud800", "\uffff"])
def test_control_characters_are_refused(cell: str) -> None:
    for reader in READERS.values():
        assert "控制字符" in refused(reader, cell).zh


@pytest.mark.parametrize(
    ("cell", "value"),
    [(12.0, "12"), (1.5, "1.5"), (True, "true"), (date(2024, 3, 1), "2024-03-01"), (" 甲 ", "甲"), ("　乙\n", "乙")],
)
def test_what_is_not_text_becomes_text(cell: object, value: str) -> None:
    assert read_text(cell) == value


def test_a_name_stands_on_one_line() -> None:
    assert read_short("天津某\n有限公司") == "天津某 有限公司"


@pytest.mark.parametrize(("reader", "limit"), [(read_text, TEXT_LIMIT), (read_short, SHORT_LIMIT)])
def test_limits_of_length(reader, limit: int) -> None:
    assert reader("字" * limit) == "字" * limit
    assert str(limit) in refused(reader, "字" * (limit + 1)).zh


def test_every_type_of_column_has_a_reader() -> None:
    words = Dictionary({}, {}, {})
    for sheet in SHEETS:
        for column in sheet.columns:
            assert words.field(sheet, column.name, 0).reader("") is None
