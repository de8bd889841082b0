"""Files that are not what they should be: each gets its line, none a traceback."""

from __future__ import annotations

import io
import random
import warnings as python_warnings
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from facts import archive, worksheet
from facts.vocabulary import ENTERPRISES, RECORDS
from tests.facts.ledgers import A, B, lines, read, warnings, write_folder, write_workbook

ENTERPRISE = ["统一社会信用代码", "企业名称", "成立日期"]
ROW = [A, "甲", date(2020, 1, 1)]
CSV = f"统一社会信用代码,企业名称,成立日期\n{A},甲,2020-01-01\n"


def only_line(path: Path) -> str:
    ledger = read(path)
    assert ledger.broken
    assert not any(ledger.rows.values())
    (line,) = lines(ledger)
    return line


# ------------------------------------------------------------------ not a ledger at all


def test_nothing_there(tmp_path: Path) -> None:
    assert "没有这个文件" in only_line(tmp_path / "ledger.xlsx")


@pytest.mark.parametrize("name", ["ledger.xlsx", "ledger.zip", "ledger"])
def test_zero_bytes(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert only_line(tmp_path / name).startswith(f"{name}：文件是空的（0 字节）")


@pytest.mark.parametrize("name", ["ledger.xlsx", "ledger.xls"])
def test_an_old_xls_whatever_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(5000))
    assert "旧版 .xls 或加密" in only_line(tmp_path / name)


@pytest.mark.parametrize("content", [b"%PDF-1.7 ...", b"PK\x03\x04 and no more", b"PK", b"\x00" * 100, b"<html>"])
def test_something_else_named_xlsx(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ledger.xlsx").write_bytes(content)
    assert only_line(tmp_path / "ledger.xlsx").startswith("ledger.xlsx：")


def test_an_empty_folder_and_an_empty_zip(tmp_path: Path) -> None:
    (tmp_path / "台账").mkdir()
    assert only_line(tmp_path / "台账") == "台账：没有 .csv 文件；应有 企业.csv、履职记录.csv 等"
    zipfile.ZipFile(tmp_path / "台账.zip", "w").close()
    assert "没有 .csv 文件" in only_line(tmp_path / "台账.zip")


def test_other_zips(tmp_path: Path) -> None:
    for name in ("[Content_Types].xml", "content.xml"):
        path = tmp_path / "ledger.xlsx"
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr(name, "<x/>")
        assert "不是 .xlsx 工作簿" in only_line(path)


def test_a_workbook_without_a_known_sheet(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "ledger.xlsx", {"Sheet1": [["x"]]})
    assert "没有一张认识的表；应有 企业、部门、履职记录" in only_line(path)


# ------------------------------------------------------------------ sheets


@pytest.mark.parametrize("rows", [[], [["", " "], ["　"]]], ids=["nothing", "blanks"])
def test_an_empty_sheet(tmp_path: Path, rows: list) -> None:
    assert only_line(write_workbook(tmp_path / "a.xlsx", {"企业": rows})).startswith("a.xlsx 企业：空表，没有表头")
    assert only_line(write_folder(tmp_path / "b", {"企业": rows})).startswith("企业.csv 企业：空表，没有表头")


def test_headers_without_rows_are_no_mistake(tmp_path: Path) -> None:
    assert lines(read(write_workbook(tmp_path / "a.xlsx", {"企业": [ENTERPRISE]}))) == []


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ([ROW], f"a.xlsx 企业!A1 “{A}”：第一行不是表头；应有 统一社会信用代码 等列名"),
        (
            [["", "河东区台账"], ENTERPRISE, ROW],
            "a.xlsx 企业!A1 “河东区台账”：第一行不是表头；应有 统一社会信用代码 等列名",
        ),
        (
            [["企业名称;uscc;成立日期"], [f"甲;{A};2020-01-01"]],
            "a.xlsx 企业!A1 “企业名称;uscc;成立日期”：各列挤在一格里；.csv 应以英文逗号分隔各列，工作簿应每列一格",
        ),
        ([["企业名称", "成立日期"], ["甲", ""]], "a.xlsx 企业!1：缺少“统一社会信用代码”列"),
        ([[*ENTERPRISE, "uscc"], [*ROW, A]], "a.xlsx 企业!D1 “uscc”：与 A1 是同一列；每列只能出现一次"),
    ],
    ids=["none", "title above", "semicolons", "column missing", "twice"],
)
def test_header_rows(tmp_path: Path, rows: list, line: str) -> None:
    assert only_line(write_workbook(tmp_path / "a.xlsx", {"企业": rows})) == line


def test_a_bad_enterprise_sheet_does_not_condemn_the_records(tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "a.xlsx",
        {
            "企业": [["企业名称"], ["甲"]],
            "履职记录": [["统一社会信用代码", "事项", "日期"], [A, "防火检查", "2024-01-01"]],
        },
    )
    assert lines(read(path)) == ["a.xlsx 企业!1：缺少“统一社会信用代码”列"]


def test_a_merged_header(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        page = book.add_worksheet("企业")
        page.write_row(0, 0, ENTERPRISE)
        page.merge_range("B1:C1", "企业名称")
    assert only_line(tmp_path / "a.xlsx") == (
        "a.xlsx 企业!B1 “企业名称”：表头有合并单元格 B1:C1；请取消合并，表头只占一行，每列一个名称"
    )


def test_merged_cells_below_the_header(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        page = book.add_worksheet("企业")
        page.write_row(0, 0, [*ENTERPRISE, "备注"])
        page.write_row(1, 0, [A, "甲", "2020-01-01"])
        page.write_row(2, 0, [B, "", "2020-01-01"])
        page.merge_range("B2:B3", "甲")
        page.merge_range("D2:D3", "这一列不读")
    assert [line.split("：")[0] for line in lines(read(tmp_path / "a.xlsx"))] == [
        "a.xlsx 企业!B2 “甲”",
        "a.xlsx 企业!B3",
    ]


# ------------------------------------------------------------------ formulas and error values


def test_formulas_and_error_values_are_named(tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "plain.xlsx",
        {
            "企业": [
                [*ENTERPRISE, "从业人员数", "合计"],
                [A, "甲", "2020-01-01", "", ""],
                [B, "乙", "2020-01-01", "", ""],
            ],
            "汇总": [["x"]],
        },
    )
    book = openpyxl.load_workbook(path)
    page = book["企业"]
    page["D2"] = "=SUM(1,2)"
    page["B3"].value, page["B3"].data_type = "#N/A", "e"
    page["E2"] = "=D2*2"
    book["汇总"]["A2"] = "=企业!D2"
    book.save(tmp_path / "a.xlsx")
    ledger = read(tmp_path / "a.xlsx")
    assert lines(ledger) == [
        "a.xlsx 企业!D2 “=SUM(1,2)”：是公式；请改成数值（复制后“选择性粘贴—数值”）",
        "a.xlsx 企业!B3 “#N/A”：是错误值；请改成数值或留空",
    ]
    assert not ledger.broken


def test_a_formula_in_the_header(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        page = book.add_worksheet("企业")
        page.write_row(0, 0, ENTERPRISE)
        page.write_formula("D1", '="从业人员数"', None, "从业人员数")
    assert '企业!D1 “="从业人员数"”：是公式' in only_line(tmp_path / "a.xlsx")


def test_formulas_where_nobody_looks(tmp_path: Path) -> None:
    """Never calculated, so without a value; below the last value; outside the size that the sheet claims to have."""
    book = openpyxl.load_workbook(write_workbook(tmp_path / "plain.xlsx", {"企业": [ENTERPRISE, ROW]}))
    book["企业"]["A5"] = "=A2"
    book["企业"]["C5"].value, book["企业"]["C5"].data_type = "#REF!", "e"
    book.save(tmp_path / "plain.xlsx")
    with zipfile.ZipFile(tmp_path / "plain.xlsx") as old, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'<dimension ref="A1:C5"', b'<dimension ref="A1:B1"'))
    assert [line.split("：")[0] for line in lines(read(tmp_path / "a.xlsx"))] == [
        "a.xlsx 企业!A5 “=A2”",
        "a.xlsx 企业!C5 “#REF!”",
    ]


def test_a_sheet_of_nothing_but_formulas(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_workbook(tmp_path / "plain.xlsx", {"企业": []}))
    book["企业"]["B2"] = "=C7"
    book.save(tmp_path / "a.xlsx")
    assert only_line(tmp_path / "a.xlsx").startswith("a.xlsx 企业!B2 “=C7”：是公式")


def test_text_that_begins_with_an_equals_sign_is_text(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"企业": [ENTERPRISE, [A, "=1+1", date(2020, 1, 1)]]})
    assert read(path).rows["enterprises"][0].name == "=1+1"


def test_dates_counted_from_1904(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"date_1904": True, "default_date_format": "yyyy/m/d"}) as book:
        page = book.add_worksheet("企业")
        page.write_row(0, 0, ENTERPRISE)
        page.write_row(1, 0, ROW)
    assert read(tmp_path / "a.xlsx").rows["enterprises"][0].registered_on == date(2020, 1, 1)


def test_a_sheet_that_starts_in_the_middle(tmp_path: Path) -> None:
    rows = [[], [], ["", *ENTERPRISE], ["", A, "甲", "昨天"]]
    path = write_workbook(tmp_path / "a.xlsx", {"企业": rows})
    assert lines(read(path))[0].startswith("a.xlsx 企业!D4 “昨天”")


def test_hidden_sheets_are_read(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("说明").activate()
        page = book.add_worksheet("企业")
        page.hide()
        page.write_row(0, 0, ENTERPRISE)
        page.write_row(1, 0, [A, "甲", "2020-01-01"])
    assert len(read(tmp_path / "a.xlsx").rows["enterprises"]) == 1


def test_one_stray_cell_far_out_does_not_exhaust_the_memory(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        page = book.add_worksheet("企业")
        page.write_row(0, 0, ENTERPRISE)
        page.write("XFD1048576", "x")
    assert lines(read(tmp_path / "a.xlsx")) == []


def test_a_wide_sheet_is_fine(tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "a.xlsx", {"企业": [[*ENTERPRISE, *[""] * 60, "从业人员数"], [*ROW, *[""] * 60, 7]]}
    )
    assert read(path).rows["enterprises"][0].headcount == 7


# ------------------------------------------------------------------ archives


def zipped(path: Path, entries: dict[str, bytes], **options: object) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
    return path


def test_a_zip_of_csv_files(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "台账.zip",
        {"台账/企业.csv": CSV.encode("gb18030"), "台账/readme.txt": b"", "__MACOSX/企业.csv": b""},
    )
    ledger = read(path)
    assert lines(ledger) == []
    assert warnings(ledger) == ["台账.zip/台账/readme.txt：不是 .csv 文件，未读取"]
    assert len(ledger.rows["enterprises"]) == 1


def test_names_in_gbk_as_chinese_windows_packs_them(tmp_path: Path) -> None:
    path = zipped(tmp_path / "台账.zip", {"????.csv": CSV.encode()})
    # Four bytes of a name that does not claim to be UTF-8.
    path.write_bytes(path.read_bytes().replace(b"????.csv", "企业.csv".encode("gb18030")))
    ledger = read(path)
    assert lines(ledger) == []
    assert len(ledger.rows["enterprises"]) == 1


@pytest.mark.parametrize("name", ["企业.csv", "xl/workbook.xml"])
def test_a_zip_bomb(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "bomb.zip", {name: bytes(archive.RATIO_FROM + 1)})
    assert "疑为压缩炸弹" in only_line(path)


def test_a_bomb_in_small_pieces(tmp_path: Path) -> None:
    pieces = {f"{n}.csv": bytes(archive.RATIO_FROM // 8) for n in range(9)}
    assert "疑为压缩炸弹" in only_line(zipped(tmp_path / "bomb.zip", pieces))


def test_too_many_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_ENTRIES", 3)
    assert "超过 3 个" in only_line(zipped(tmp_path / "a.zip", {f"{n}.csv": b"" for n in range(4)}))


@pytest.mark.parametrize("name", ["../企业.csv", "/企业.csv", "a/../../企业.csv", "C:/企业.csv", "..\\企业.csv"])
def test_names_that_point_outside(tmp_path: Path, name: str) -> None:
    assert "指向包外" in only_line(zipped(tmp_path / "a.zip", {name: CSV.encode()}))


def test_a_locked_archive(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"企业.csv": CSV.encode()})
    content = bytearray(path.read_bytes())
    # The general-purpose flags of the local header and of the directory.
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert "密码" in only_line(path)


def test_damaged_content(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"企业.csv": CSV.encode() * 50})
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(content)
    assert "已损坏" in only_line(path)


@pytest.mark.parametrize("seed", range(40))
def test_a_workbook_with_random_damage_never_ends_in_a_traceback(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    path = write_workbook(tmp_path / "a.xlsx", {"企业": [ENTERPRISE, ROW]})
    if seed % 2:
        content = bytearray(path.read_bytes())
        for _ in range(dice.randint(1, 20)):
            content[dice.randrange(len(content))] = dice.randrange(256)
        path.write_bytes(content[: dice.randint(len(content) // 2, len(content))] if seed % 4 == 3 else content)
    else:
        damage_a_part(path, dice)
    with python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore")
        ledger = read(path)
    assert ledger.problems or ledger.rows["enterprises"] is not None


def damage_a_part(path: Path, dice: random.Random) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w") as new:
        victim = dice.choice([n for n in old.namelist() if n.endswith((".xml", ".rels"))])
        for name in old.namelist():
            content = bytearray(old.read(name))
            if name == victim:
                for _ in range(dice.randint(1, 5)):
                    content[dice.randrange(len(content))] = dice.choice(b'<>&"/ 0a\x00\xff')
            if name != victim or dice.random() < 0.8:
                new.writestr(name, bytes(content))
    path.write_bytes(packed.getvalue())


def test_a_full_sheet_of_records_and_the_enterprises_of_a_province_are_within_bounds() -> None:
    assert worksheet.MAX_ROWS * len(RECORDS.columns) < worksheet.MAX_CELLS
    assert 400_000 * len(ENTERPRISES.columns) < worksheet.MAX_CELLS


# ------------------------------------------------------------------ csv


def csv_file(tmp_path: Path, content: str | bytes, name: str = "企业.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_one_csv_file_by_itself(tmp_path: Path) -> None:
    assert len(read(csv_file(tmp_path, CSV, "enterprises.CSV")).rows["enterprises"]) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "big5", "shift_jis"])
def test_another_encoding(tmp_path: Path, encoding: str) -> None:
    # Not every text in another encoding can be told from GB18030, but none of these has a header afterwards.
    assert only_line(csv_file(tmp_path, CSV.replace("统一", "統一").encode(encoding, "replace"))).startswith(
        "企业.csv 企业"
    )


def test_an_empty_csv(tmp_path: Path) -> None:
    assert only_line(csv_file(tmp_path, "")).startswith("企业.csv 企业：空表")


def test_a_comma_too_many(tmp_path: Path) -> None:
    path = csv_file(tmp_path, CSV + f"{B},乙,有限公司,2020-01-01\n")
    assert [line.split("：")[0] for line in lines(read(path))] == [
        "企业.csv 企业!C3 “有限公司”",
        "企业.csv 企业!D3 “2020-01-01”",
    ]


def test_short_rows_are_blank_at_the_end(tmp_path: Path) -> None:
    path = csv_file(tmp_path, f"统一社会信用代码,成立日期,企业名称,从业人员数\n{A},2020-01-01,甲\n")
    assert read(path).rows["enterprises"][0].headcount is None


@pytest.mark.parametrize(
    "tail",
    ['"乙,2020-01-01\n', '"乙"x,2020-01-01\n', "乙" * 140_000 + ",2020-01-01\n"],
    ids=["never closed", "closed early", "enormous"],
)
def test_broken_quotes(tmp_path: Path, tail: str) -> None:
    ledger = read(csv_file(tmp_path, CSV + f"{B},{tail}"))
    assert ledger.broken
    assert lines(ledger)[0].startswith("企业.csv 企业!A3：")


def test_nul_in_a_csv(tmp_path: Path) -> None:
    assert "控制字符" in lines(read(csv_file(tmp_path, CSV.replace("甲", "甲\0"))))[0]


def test_a_folder_with_other_files(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "台账", {"企业": [ENTERPRISE, [A, "甲", "2020-01-01"]], "其他": [["x"]]})
    (folder / "照片.jpg").write_bytes(b"x")
    (folder / ".DS_Store").write_bytes(b"x")
    ledger = read(folder)
    assert lines(ledger) == []
    assert warnings(ledger) == ["照片.jpg：不是 .csv 文件，未读取", "其他.csv 其他：未知的表，未读取"]
