"""Workbooks by the hundred: what is sound is read as it stands, what is not ends in lines."""

from __future__ import annotations

import datetime as dt
import random
import zipfile
from pathlib import Path

import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from facts.workbook import read_workbook
from tests.facts.ledgers import A, lines, read
from tests.fuzz.effort import examples, within
from tests.fuzz.xlsx import MAIN, package, text_cell, worksheet

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), min_size=1, max_size=30)
VALUES = st.one_of(
    TEXT,
    st.sampled_from(["=1+1", "+A1", "@SUM", "_x000D_", " 甲 ", "１２", "a\nb"]),
    st.booleans(),
    st.integers(-(10**14), 10**14).map(lambda n: n / 1000),
    st.integers(-(10**9), 10**9),
    st.none(),
    st.dates(dt.date(1904, 1, 2), dt.date(2200, 12, 31)),
    st.datetimes(dt.datetime(1904, 1, 2), dt.datetime(2200, 1, 1)).map(lambda d: d.replace(microsecond=0)),
)


def cells_of(path: Path) -> dict[tuple[int, int], object]:
    """What was read, by row and column from 1."""
    rows = read_workbook(path).sheets[0].load().rows
    return {(r, c): value for r, row in enumerate(rows, 1) for c, value in enumerate(row, 1) if value != ""}


def plain(value: object) -> object:
    """As a spreadsheet keeps it: every number alike, a whole day without its midnight."""
    if isinstance(value, dt.datetime):
        return value.date() if value.time() == dt.time() else value
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@examples(30)
@given(rows=st.lists(st.lists(VALUES, max_size=6), max_size=8), since_1904=st.booleans(), inside=st.booleans())
def test_cells_are_read_as_they_were_written(tmp_path: Path, rows: list, since_1904: bool, inside: bool) -> None:
    path = tmp_path / "a.xlsx"
    options = {
        "date_1904": since_1904,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "constant_memory": inside,
    }
    with xlsxwriter.Workbook(path, options) as book:
        page = book.add_worksheet("企业")
        day, moment = (
            book.add_format({"num_format": "yyyy\\年m\\月d\\日"}),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        )
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, dt.datetime):
                    page.write_datetime(r, c, value, moment)
                elif isinstance(value, dt.date):
                    page.write_datetime(r, c, value, day)
                elif isinstance(value, str):
                    page.write_string(r, c, value)
                elif value is not None:
                    page.write(r, c, value)
    written = {
        (r, c): plain(value) for r, row in enumerate(rows, 1) for c, value in enumerate(row, 1) if value is not None
    }
    assert {place: plain(value) for place, value in cells_of(path).items()} == written


NUMBERS = st.one_of(
    st.floats().map(repr),
    st.integers().map(str),
    st.text(max_size=8),
    st.sampled_from(
        [
            "",
            " ",
            "1e400",
            "-0",
            "NaN",
            "inf",
            "60",
            "60.5",
            "0.5",
            "1_0",
            "٣",
            "0x10",
            "1,5",
            "1" * 400,
            "2958465.9999999999",
        ]
    ),
)
CELLS = st.builds(
    lambda place, kind, style, inner: f"<c{place}{kind}{style}>{inner}</c>",
    st.sampled_from(["", ' r="A2"', ' r="C2"', ' r="B3"', ' r="a2"', ' r="A0"', ' r=""', ' r="ZZZZ2"', ' r="A2:B2"']),
    st.sampled_from(["", *(f' t="{t}"' for t in ("s", "b", "e", "d", "n", "str", "inlineStr", "x"))]),
    st.sampled_from(["", ' s="0"', ' s="1"', ' s="3"', ' s="9"', ' s="-1"', ' s="1e9"']),
    st.one_of(
        NUMBERS.map(lambda n: f"<v>{n.translate({60: None, 38: None})}</v>"),
        TEXT.map(lambda t: text_cell(t)[21:-4]),
        st.sampled_from(
            [
                "<f>A1</f><v>1</v>",
                "<f/>",
                "<v/>",
                "<is/>",
                "<is><rPh><t>x</t></rPh><t>甲</t></is>",
                "<c/>",
                "<row/>",
                "<v>1</v><v>2</v>",
                "<x:v>1</x:v>",
                "&undefined;",
                "<!-- -->",
                "<",
            ]
        ),
    ),
)


@examples(80)
@given(cells=st.lists(CELLS, max_size=5), shared=st.lists(TEXT, max_size=3))
def test_cells_of_any_shape_end_in_rows_or_in_lines(tmp_path: Path, cells: list[str], shared: list[str]) -> None:
    header = "".join(map(text_cell, ("统一社会信用代码", "企业名称", "成立日期")))
    strings = f'<sst xmlns="{MAIN}">' + "".join(f"<si>{text_cell(t)[25:-9]}</si>" for t in shared) + "</sst>"
    sheet = worksheet(f"<row>{header}</row><row>{''.join(cells)}</row>".encode("utf-8", "replace").decode())
    with within(5):
        ledger = read(package(tmp_path / "a.xlsx", {"企业": sheet}, strings=strings))
    assert all(line.isprintable() for line in lines(ledger))
    assert ledger.problems or all(row.uscc for row in ledger.rows["enterprises"])


@examples(50)
@given(seed=st.integers(0, 2**32), xml=st.booleans())
def test_damage_ends_in_rows_or_in_lines(tmp_path: Path, seed: int, xml: bool) -> None:
    dice = random.Random(seed)
    path = package(
        tmp_path / "a.xlsx",
        {
            "企业": worksheet(
                f"<row>{text_cell('统一社会信用代码')}{text_cell('成立日期')}</row>"
                f'<row><c t="s"><v>0</v></c><c s="1"><v>45000</v></c></row>'
            )
        },
        strings=f'<sst xmlns="{MAIN}"><si><t>{A}</t></si></sst>',
    )
    if xml:
        with zipfile.ZipFile(path) as packed:
            parts = {name: bytearray(packed.read(name)) for name in packed.namelist()}
        victim = parts[dice.choice(list(parts))]
        for _ in range(dice.randint(1, 8)):
            if victim:
                at = dice.randrange(len(victim))
                victim[at : at + dice.randint(0, 4)] = dice.choice(
                    [b"<", b">", b'"', b"&", b"\0", b"/", b"9" * 30, b"]]>", b"<row>"]
                )
        if dice.random() < 0.2:
            parts[dice.choice(list(parts))] = bytearray()
        with zipfile.ZipFile(path, "w") as packed:
            for name, part in parts.items():
                packed.writestr(name, bytes(part))
    else:
        content = bytearray(path.read_bytes())
        for _ in range(dice.randint(1, 20)):
            content[dice.randrange(len(content))] = dice.randrange(256)
        path.write_bytes(content[: dice.randint(len(content) // 2, len(content))] if dice.random() < 0.3 else content)
    with within(5):
        ledger = read(path)
    assert all(line.isprintable() for line in lines(ledger))
