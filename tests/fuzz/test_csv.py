"""CSV files of every make: what is sound is read as it stands, what is not ends in lines."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facts.csv_files import read_csv
from facts.intake import EMPTY, read_ledger
from facts.sheets import Unreadable
from tests.facts.ledgers import TODAY, A, lines, read
from tests.fuzz.effort import examples, within
from tests.fuzz.spoilers import GOOD

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=20)


@examples(40)
@given(
    rows=st.lists(st.lists(TEXT, min_size=1, max_size=5), max_size=6),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoted=st.booleans(),
)
def test_rows_are_read_as_they_were_written(
    tmp_path: Path, rows: list[list[str]], encoding: str, end: str, quoted: bool
) -> None:
    text = io.StringIO(newline="")
    quoted = quoted or any(sign in cell for row in rows for cell in row for sign in "\r\n")
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(rows)
    content = text.getvalue().encode(encoding)
    path = tmp_path / "企业.csv"
    path.write_bytes(content)
    if encoding == "gb18030":
        try:
            content.decode()
        except UnicodeDecodeError:
            pass
        else:
            return  # what is UTF-8 as well is read as UTF-8
    assert [list(row) for row in read_csv(path).load().rows] == rows


@examples(100)
@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from(
                [
                    b",",
                    b'"',
                    b"\n",
                    b"\r",
                    b"\r\n",
                    b"\0",
                    b"\xff\xfe",
                    b"\xef\xbb\xbf",
                    b";",
                    b"\t",
                    b"\x81",
                    b"\xed\xa0\x80",
                    b"=1",
                    "甲".encode(),
                    "乙".encode("gb18030"),
                    "统一社会信用代码".encode(),
                    A.encode(),
                    b"2024-02-30",
                    b"\x1b[31m",
                    b"\xe2\x80\xae",
                ]
            ),
            max_size=30,
        ).map(b"".join),
    ),
    good=st.booleans(),
)
def test_any_bytes_end_in_rows_or_in_lines(tmp_path: Path, content: bytes, good: bool) -> None:
    path = tmp_path / "企业.csv"
    path.write_bytes(GOOD.encode() * good + content)
    with within(5):
        ledger = read(path)
    assert all(line.isprintable() for line in lines(ledger))
    assert ledger.problems or ledger.rows["enterprises"] or not good


def test_a_file_that_changes_while_it_is_read_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "企业.csv"
    path.write_text(GOOD, encoding="utf-8")

    def progress(*_: object) -> None:
        """Somebody saves the file anew meanwhile."""
        path.write_text(GOOD.replace("甲", "乙"), encoding="utf-8")

    ledger = read_ledger(path, EMPTY, {}, {}, {}, TODAY, progress)
    assert ledger.broken
    assert lines(ledger) == ["企业.csv：读取期间文件变了；请等写完后重新导入"]


def test_a_file_that_shrinks_between_its_two_readings(tmp_path: Path) -> None:
    path = tmp_path / "企业.csv"
    path.write_bytes(GOOD.encode())
    grid = read_csv(path).load()
    path.write_bytes(GOOD.encode()[:20] + b"\xff\xff")
    with pytest.raises(Unreadable) as caught:
        list(grid.rows)
    assert "读取期间文件变了" in caught.value.problem.line("zh")
