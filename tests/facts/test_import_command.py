"""``zhiben import`` as it is called: what it prints, how it ends, what it leaves behind."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from engine.cli import ledger as commands
from engine.cli import main
from tests.facts.ledgers import A, B, C, write_folder, write_workbook

ENTERPRISE = ["统一社会信用代码", "企业名称", "成立日期", "从业人员数"]
RECORD = ["统一社会信用代码", "事项", "日期"]
DAY = date(2020, 5, 1)
GOOD = {
    "企业": [ENTERPRISE, [A, "甲", DAY, 5], [B, "乙", DAY, ""]],
    "履职记录": [RECORD, [A, "防火检查", "2024-01-01"], [B, "防火检查", "2024-01-02"]],
}
BAD = {
    "企业": [ENTERPRISE, [A, "甲", DAY, 5], [B, "乙", "2024-02-30", "许多"], [C, "丙", DAY, ""]],
    "履职记录": [RECORD, [A, "防火检查", "2024-01-01"], [B, "防火检查", "2024-01-02"], [C, "打扫", "2024-01-02"]],
}

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run("import", …)`` in an empty folder, as of 2025-06-30."""
    monkeypatch.chdir(tmp_path)
    for name in ("ZHIBEN_DB", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ZHIBEN_NOW", "2025-06-30T09:00")

    def invoke(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, words)
        assert result.exit_code == code, result.output
        return result

    return invoke


def ledger(sheets: dict) -> str:
    return str(write_workbook(Path("台账.xlsx"), sheets))


def digest(path: str = "zhiben.db") -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_the_same_file_twice_changes_nothing(run: Run) -> None:
    path = ledger(GOOD)
    assert "企业：新增 2" in run("import", path).stdout
    before = digest()
    assert "没有变化" in run("import", path).stdout
    assert digest() == before


def test_records_of_an_authority_wait_for_the_authority(run: Run) -> None:
    records = {"履职记录": [RECORD, ["SWJ", "防火检查", "2024-01-01"]]}
    refused = run("import", ledger(records), code=2)
    assert "履职记录!A2 “SWJ”：没有部门用这个代码" in refused.stderr
    assert not Path("zhiben.db").exists()
    run("import", ledger({"部门": [["部门代码", "部门名称", "部门类别"], ["SWJ", "区商务局", "局"]]}))
    assert "履职记录：新增 1" in run("import", ledger(records)).stdout
    assert "没有变化" in run("import", ledger(records)).stdout
    assert "部门：撤回 1" in run("import", "undo", "1").stdout
    assert "没有部门用这个代码" in run("import", ledger(records), code=2).stderr


def test_a_correction_and_its_undoing(run: Run) -> None:
    run("import", ledger(GOOD))
    corrected = {"履职记录": [[*RECORD, "主题"], [A, "防火检查", "2024-01-01", "冬季"]]}
    assert "履职记录：新增 0，更正 1" in run("import", ledger(corrected)).stdout
    assert "恢复 1" in run("import", "undo", "2").stdout
    assert "台账.xlsx" in run("db", "imports").stdout
    assert "没有变化" in run("import", ledger(GOOD)).stdout


@pytest.mark.parametrize("existing", [False, True])
def test_bad_input_leaves_the_database_as_it_was(run: Run, existing: bool) -> None:
    if existing:
        run("import", ledger(GOOD))
        before = digest()
    left = sorted(os.listdir())
    result = run("import", ledger(BAD), code=2)
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "台账.xlsx 企业!C3 “2024-02-30”：没有这一天；应为日期，如 2024-03-11",
        "台账.xlsx 企业!D3 “许多”：应为整数，如 10 或 10人",
        "台账.xlsx 履职记录!B4 “打扫”：不认识的事项“打扫”；可用的词见 zhiben template 的“说明”页",
        "共 3 处有误，没有导入",
    ]
    if existing:
        assert digest() == before
    assert sorted(os.listdir()) == sorted({*left, "台账.xlsx"})


def test_in_english(run: Run) -> None:
    result = run("import", "--lang", "en", ledger(BAD), code=2)
    assert "台账.xlsx 企业!C3 “2024-02-30”: there is no such day; expected a date such as 2024-03-11" in result.stderr


@pytest.mark.parametrize(
    "words", [("import", "台账.xlsx", "--db", "sqlite:///x.db"), ("--db", "sqlite:///x.db", "import", "台账.xlsx")]
)
def test_the_database_is_named_before_or_after(run: Run, words: tuple[str, ...]) -> None:
    ledger(GOOD)
    run(*words)
    assert Path("x.db").exists()
    assert not Path("zhiben.db").exists()


def test_check_writes_nothing(run: Run) -> None:
    assert "没有写入" in run("import", "--check", ledger(GOOD)).stdout
    run("import", "--check", ledger(BAD), code=2)
    run("import", "--check", "--skip-bad-rows", ledger(BAD))
    assert os.listdir() == ["台账.xlsx"]


def test_check_tells_what_the_import_will_do(run: Run) -> None:
    withdrawn = [[*RECORD, "作废"], [A, "防火检查", "2024-01-01", "是"], [B, "防火检查", "2024-01-03", ""]]
    corrected = [[*ENTERPRISE, "生效日期"], [A, "甲", DAY, 6, DAY], [B, "乙", DAY, "", DAY]]
    for sheets in (GOOD, {"企业": corrected, "履职记录": withdrawn}):
        foretold = run("import", "--check", ledger(sheets)).stdout.splitlines()
        done = run("import", ledger(sheets)).stdout.splitlines()
        assert foretold[1:] == done[1:]
    assert done[1:] == ["  企业：新增 0，更正 1，未变 1，作废 0", "  履职记录：新增 1，更正 0，未变 0，作废 1"]


def test_an_import_overtaken_by_another_is_checked_anew(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are new to a ledger without them, and differ; the later one must not pass for a correction."""
    mine = write_workbook(Path("mine.xlsx"), {"企业": [ENTERPRISE, [A, "甲", DAY, 5]]})
    other = write_workbook(Path("other.xlsx"), {"企业": [ENTERPRISE, [A, "甲", DAY, 6]]})
    read = commands.read_ledger

    def read_slowly(path: Path, *more: object, **options: object) -> object:
        found = read(path, *more, **options)
        if path == mine:
            monkeypatch.setattr(commands, "read_ledger", read)
            run("import", str(other))
        return found

    monkeypatch.setattr(commands, "read_ledger", read_slowly)
    result = run("import", str(mine), code=2)
    assert "重新核对" in result.stderr
    assert "mine.xlsx 企业!2：企业已在库中，本行与之不同（从业人员数）" in result.stderr


def test_no_rows_at_all(run: Run) -> None:
    bad = {"企业": [ENTERPRISE, [A, "甲", "2024-02-30", ""]]}
    assert "没有可导入的行" in run("import", "--skip-bad-rows", ledger(bad)).stdout


def test_bad_rows_are_mended_and_imported(run: Run) -> None:
    result = run("import", "--skip-bad-rows", ledger(BAD))
    assert "企业：新增 2" in result.stdout
    assert "3 行未读入" in result.stderr
    left = Path("台账-bad-rows.xlsx")
    book = openpyxl.load_workbook(left)
    assert [cell.value for cell in book["企业"][1]] == ["问题", *ENTERPRISE]
    assert book["企业"]["A2"].value.startswith("成立日期：没有这一天")
    assert book["履职记录"].max_row == 3

    assert "没有这一天" in run("import", str(left), code=2).stderr
    book["企业"]["D2"] = "2024-02-29"
    book["企业"]["E2"] = 12
    book["履职记录"]["C3"] = "防火检查"
    # The record of an enterprise registered later was wrong as well.
    book["履职记录"]["D2"] = "2024-03-02"
    book.save(left)
    result = run("import", str(left))
    assert "企业：新增 1" in result.stdout
    assert "履职记录：新增 2" in result.stdout
    assert result.stderr == ""


def test_a_file_of_bad_rows_is_never_overwritten(run: Run) -> None:
    path = ledger(BAD)
    run("import", "--skip-bad-rows", path)
    run("import", "--skip-bad-rows", path)
    assert Path("台账-bad-rows-2.xlsx").exists()
    before = digest()
    assert "已存在" in run("import", "--skip-bad-rows", "--bad-rows", "台账-bad-rows.xlsx", path, code=2).stderr
    run("import", "--skip-bad-rows", "--bad-rows", "no/such/folder.xlsx", path, code=3)
    assert digest() == before


def test_nothing_to_skip_when_a_sheet_is_unreadable(run: Run) -> None:
    result = run("import", "--skip-bad-rows", ledger({"企业": [["企业名称"], ["甲"]]}), code=2)
    assert "缺少“统一社会信用代码”列" in result.stderr
    assert os.listdir() == ["台账.xlsx"]


def test_a_folder(run: Run) -> None:
    write_folder(Path("台账"), GOOD, "gb18030")
    assert "履职记录：新增 2" in run("import", "台账").stdout


def test_warnings_do_not_stop_an_import(run: Run) -> None:
    late = {**GOOD, "履职记录": [RECORD, [A, "防火检查", "2025-07-01"]]}
    assert "提示：台账.xlsx 履职记录!C2 “2025-07-01”：晚于今天（2025-06-30）" in run("import", ledger(late)).stderr


@pytest.mark.parametrize("words", [("undo",), ("undo", "x"), ("undo", "9" * 30), ("undo", "1", "--check"),
                                   ("台账.xlsx", "1"), ("",)])
def test_wrong_usage(run: Run, words: tuple[str, ...]) -> None:
    run("import", ledger(GOOD))
    run("import", *words, code=2)


def test_undoing_what_is_not_there(run: Run) -> None:
    run("import", "undo", "1", code=2)
    assert not Path("zhiben.db").exists()
    run("import", ledger(GOOD))
    run("import", "undo", "7", code=2)


def test_a_file_that_is_no_ledger_database(run: Run) -> None:
    with sqlite3.connect("zhiben.db") as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    before = digest()
    run("import", ledger(GOOD), code=3)
    assert digest() == before


def test_template(run: Run) -> None:
    assert run("template").stdout == "台账模板.xlsx\n"
    run("template", code=2)
    run("template", "--force")
    run("template", "-o", "no/such/folder.xlsx", code=3)
    assert run("--lang", "en", "template").stdout == "ledger-template.xlsx\n"
    assert "没有变化" in run("import", "台账模板.xlsx").stdout
