"""The register as a spreadsheet opens it."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import Run
from tests.notices.conftest import DRILL, MADE_UP, UGLY, written

pytestmark = pytest.mark.usefixtures("swept")


def rows(sheet: str) -> list[dict[str, object]]:
    page = openpyxl.load_workbook("out/register.xlsx")[sheet]
    head, *others = page.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in others]


def test_letters_matters_and_what_is_held_back(run: Run) -> None:
    said = written(run, "-o", "out", "--prefix", "甲")
    letters = rows("发文登记表")
    assert [row["发文字号"] for row in letters] == [letter["number"] for letter in said["letters"]]
    assert [row["文件"] for row in letters] == [letter["file"] for letter in said["letters"]]
    assert {row["状态"] for row in letters} == {"新发文号"}
    assert letters[0]["假定的数字"] == "要求期限 15 日：没有文件规定天数; 0：次日即提醒"
    assert str(letters[0]["成文日期"]) == "2025-03-20 00:00:00"
    assert {row["发出日期"] for row in letters} == {None}
    assert len(rows("事项明细")) == sum(len(letter["matters"]) for letter in said["letters"])
    assert rows("事项明细")[0]["措施原文"] == "逾期的提醒、约谈、移交"
    (held,) = rows("暂不发出")
    assert (held["原因"], held["统一社会信用代码"], held["发文字号"]) == ("2025-02-01 已补做了结", MADE_UP, None)


def test_written_again_is_marked_and_a_late_one_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    written(run, "-o", "out", "--step", "remind")
    written(run, "-o", "out", "--step", "remind")
    assert {row["状态"] for row in rows("发文登记表")} == {"再次写出，文号不变"}
    monkeypatch.setenv("ZHIBEN_NOW", "2025-04-05T09:00")
    written(run, "-o", "out", "--step", "remind", "--division", "120103")
    assert {row["状态"] for row in rows("发文登记表")} == {"再次写出，文号不变，要求期限已过"}


def test_columns_in_english(run: Run) -> None:
    written(run, "-o", "out", "--lang", "en")
    assert [row["number"] for row in rows("register")][:2] == ["〔2025〕1号", "〔2025〕2号"]
    assert rows("held back")[0]["reason"] == "made good on 2025-02-01"
    assert {row["credit code"] for row in rows("matters")} >= {DRILL}


def test_a_name_is_never_run(run: Run) -> None:
    written(run, "-o", "out")
    page = openpyxl.load_workbook(Path("out/register.xlsx"))["发文登记表"]
    cells = [cell for row in page.iter_rows() for cell in row if str(cell.value).startswith("=")]
    assert {cell.value for cell in cells} == {"=天津<国际>&{{ 7*7 }}{% if x %}公司"}
    assert {cell.data_type for cell in cells} == {"s"}
    assert {row["统一社会信用代码"] for row in rows("发文登记表") if str(row["单位名称"]).startswith("=")} == {UGLY}
