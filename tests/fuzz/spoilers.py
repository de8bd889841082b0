"""Files that have spoilt other people's days (破坏性文件), each made anew by code.

Each has what its first line of complaint must say; ``None``: it is to be taken, since nothing is wrong with it.
"""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.facts.ledgers import A, B
from tests.fuzz.xlsx import MAIN, ledger_sheet, package, text_cell

HEADER = "统一社会信用代码,企业名称,成立日期\n"
GOOD = HEADER + f"{A},甲,2020-01-01\n"
MB = 1 << 20

Maker = Callable[[Path], Path]
SPOILERS: dict[str, tuple[Maker, str | None]] = {}


def spoiler(says: str | None) -> Callable[[Maker], Maker]:
    def enter(make: Maker) -> Maker:
        SPOILERS[make.__name__] = make, says
        return make

    return enter


def csv(folder: Path, content: str | bytes, name: str = "企业.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zipped(folder: Path, *entries: tuple[str, bytes]) -> Path:
    path = folder / "台账.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries:
            packed.writestr(name, content)
    return path


def claiming(path: Path, size: int, least: int) -> Path:
    """The archive, whose entries of more than ``least`` bytes say that they hold ``size``."""
    content = bytearray(path.read_bytes())
    for sign, offset in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        at = -1
        while (at := content.find(sign, at + 1)) >= 0:
            if struct.unpack_from("<I", content, at + offset)[0] > least:
                struct.pack_into("<I", content, at + offset, size)
    path.write_bytes(content)
    return path


# ------------------------------------------------------------------ archives


@spoiler("疑为压缩炸弹")
def zip_bomb(folder: Path) -> Path:
    return zipped(folder, ("企业.csv", bytes(64 * MB)))


@spoiler("没有 .csv 文件")
def bomb_in_a_zip_in_a_zip(folder: Path) -> Path:
    inner = zipped(folder, ("企业.csv", bytes(64 * MB))).read_bytes()
    for _ in range(3):
        inner = zipped(folder, ("台账.zip", inner)).read_bytes()
    return folder / "台账.zip"


@spoiler("已损坏")
def csv_larger_than_its_zip_says(folder: Path) -> Path:
    return claiming(zipped(folder, ("企业.csv", GOOD.encode() + bytes(64 * MB))), 1000, MB)


@spoiler("已损坏")
def strings_larger_than_their_zip_says(folder: Path) -> Path:
    strings = f'<sst xmlns="{MAIN}"><si><t>{"x" * 64 * MB}</t></si></sst>'
    return claiming(
        package(folder / "a.xlsx", {"企业": ledger_sheet('<c t="s"><v>0</v></c>')}, strings=strings), 1000, MB
    )


@spoiler("疑为压缩炸弹")
def overlapping_entries(folder: Path) -> Path:
    path = zipped(folder, ("0.csv", os.urandom(MB)))
    content = path.read_bytes()
    directory = content.index(b"PK\1\2")
    entry, end = content[directory : content.index(b"PK\5\6")], content[content.index(b"PK\5\6") :]
    many = b"".join(entry.replace(b"0.csv", f"{n}.csv".encode()[-5:]) for n in range(1100))
    counted = struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, 1100, 1100, len(many), directory, 0)
    assert len(end) == 22
    path.write_bytes(content[:directory] + many + counted)
    return path


@spoiler("指向包外")
def path_out_of_the_zip(folder: Path) -> Path:
    return zipped(folder, ("../../企业.csv", GOOD.encode()))


@spoiler("链接")
def link_in_a_zip(folder: Path) -> Path:
    link = zipfile.ZipInfo("企业.csv")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    path = folder / "台账.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(link, "/etc/passwd")
    return path


@spoiler("没有 .csv 文件")
def device_names(folder: Path) -> Path:
    return zipped(folder, ("CON", b"x"), ("aux.txt", b"x"), ("NUL", b"x"))


@spoiler(None)
def names_that_differ_in_case_only(folder: Path) -> Path:
    return zipped(folder, ("Enterprises.csv", GOOD.encode()), ("enterprises.CSV", GOOD.encode()))


@spoiler("密码")
def locked(folder: Path) -> Path:
    path = zipped(folder, ("企业.csv", GOOD.encode()))
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    return path


@spoiler("超过 2000 个")
def thousands_of_files(folder: Path) -> Path:
    return zipped(folder, *((f"{n}/企业.csv", GOOD.encode()) for n in range(2001)))


@spoiler(None)
def hundreds_of_the_same_file(folder: Path) -> Path:
    return zipped(folder, *((f"{n}/企业.csv", GOOD.encode()) for n in range(500)))


@spoiler("已损坏")
def cut_off(folder: Path) -> Path:
    path = package(folder / "a.xlsx", {"企业": ledger_sheet()})
    path.write_bytes(path.read_bytes()[:-40])
    return path


# ------------------------------------------------------------------ XML


def laughs(deep: int = 9) -> str:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, deep + 1))
    return f'<!DOCTYPE x [<!ENTITY l0 "哈哈哈">{entities}]>'


@spoiler("DOCTYPE")
def billion_laughs_in_a_sheet(folder: Path) -> Path:
    sheet = laughs() + ledger_sheet('<c t="inlineStr"><is><t>&l9;</t></is></c>')
    return package(folder / "a.xlsx", {"企业": sheet})


@spoiler("DOCTYPE")
def billion_laughs_in_the_workbook(folder: Path) -> Path:
    return package(
        folder / "a.xlsx", {"企业": ledger_sheet()}, parts={"xl/workbook.xml": laughs() + "<workbook>&l9;</workbook>"}
    )


@spoiler("DOCTYPE")
def file_from_elsewhere(folder: Path) -> Path:
    sheet = '<!DOCTYPE x [<!ENTITY p SYSTEM "file:///etc/passwd">]>' + ledger_sheet(
        '<c t="inlineStr"><is><t>&p;</t></is></c>'
    )
    return package(folder / "a.xlsx", {"企业": sheet})


@spoiler("已损坏")
def sheet_in_utf_16(folder: Path) -> Path:
    return package(folder / "a.xlsx", {"企业": (laughs() + ledger_sheet()).encode("utf-16")})


@spoiler(None)
def a_hundred_thousand_levels(folder: Path) -> Path:
    deep = "<a>" * 100_000 + "</a>" * 100_000
    return package(
        folder / "a.xlsx", {"企业": ledger_sheet(f"{text_cell(A)}{text_cell('甲')}{text_cell('2020-01-01')}{deep}")}
    )


@spoiler("已损坏")
def no_sheet_part(folder: Path) -> Path:
    return package(folder / "a.xlsx", {"企业": ledger_sheet()}, parts={"xl/worksheets/sheet1.xml": None})


@spoiler("已损坏")
def sheets_that_are_one_part(folder: Path) -> Path:
    return package(
        folder / "a.xlsx",
        {"企业": ledger_sheet(), "履职记录": ""},
        parts={
            "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
            'relationships"><Relationship Id="r1" Target="worksheets/sheet1.xml"/><Relationship Id="r2" '
            'Target="worksheets/sheet1.xml"/></Relationships>'
        },
    )


@spoiler("空表")
def sheet_that_links_to_the_workbook_itself(folder: Path) -> Path:
    return package(
        folder / "a.xlsx",
        {"企业": "x"},
        parts={
            "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
            'relationships"><Relationship Id="r1" Target="workbook.xml"/></Relationships>'
        },
    )


@spoiler("A2 格读不出来")
def string_that_is_not_there(folder: Path) -> Path:
    return package(folder / "a.xlsx", {"企业": ledger_sheet('<c t="s"><v>7</v></c>')}, strings=f'<sst xmlns="{MAIN}"/>')


@spoiler("A2 格读不出来")
def string_counted_from_the_end(folder: Path) -> Path:
    return package(
        folder / "a.xlsx",
        {"企业": ledger_sheet('<c t="s"><v>-1</v></c>')},
        strings=f'<sst xmlns="{MAIN}"><si><t>{A}</t></si></sst>',
    )


@spoiler("XFE2 超出了工作表的范围")
def column_past_the_last(folder: Path) -> Path:
    return package(folder / "a.xlsx", {"企业": ledger_sheet('<c r="XFE2"><v>1</v></c>')})


@spoiler("次序有误")
def column_of_ten_letters(folder: Path) -> Path:
    return package(folder / "a.xlsx", {"企业": ledger_sheet('<c r="AAAAAAAAAA2"><v>1</v></c>')})


@spoiler("次序有误")
def reference_in_small_letters(folder: Path) -> Path:
    return package(folder / "a.xlsx", {"企业": ledger_sheet('<c r="xfd2"><v>1</v></c>')})


@spoiler("超出了工作表的范围")
def row_ten_million(folder: Path) -> Path:
    sheet = ledger_sheet().replace("</sheetData>", '<row r="9999999"><c r="Z9999999"><v>1</v></c></row></sheetData>')
    return package(folder / "a.xlsx", {"企业": sheet})


@spoiler("次序有误")
def rows_that_come_twice(folder: Path) -> Path:
    sheet = ledger_sheet().replace("</sheetData>", '<row r="2"/><row r="2"/></sheetData>')
    return package(folder / "a.xlsx", {"企业": sheet})


@spoiler("A2 “91120102000000001X”：统一社会信用代码校验码不符")
def claimed_dimension_of_the_whole_sheet(folder: Path) -> Path:
    sheet = ledger_sheet(text_cell("91120102000000001X")).replace(
        "<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>'
    )
    return package(folder / "a.xlsx", {"企业": sheet})


@spoiler("跨的行过多")
def merged_over_and_over(folder: Path) -> Path:
    cells = "".join(f"<row>{text_cell(A)}</row>" for _ in range(2000))
    sheet = ledger_sheet().replace(
        "</sheetData></worksheet>",
        cells + "</sheetData><mergeCells>" + '<mergeCell ref="A2:C1048576"/>' * 10_000 + "</mergeCells></worksheet>",
    )
    return package(folder / "a.xlsx", {"企业": sheet})


@spoiler("文字过长")
def one_long_text_in_every_cell(folder: Path) -> Path:
    rows = "".join('<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>' for _ in range(2_000))
    return package(
        folder / "a.xlsx",
        {"企业": ledger_sheet().replace("</sheetData>", rows + "</sheetData>")},
        strings=f'<sst xmlns="{MAIN}"><si><t>{"长" * MB}</t></si></sst>',
    )


@spoiler("文字过长")
def ten_megabytes_in_a_cell(folder: Path) -> Path:
    return package(
        folder / "a.xlsx", {"企业": ledger_sheet(text_cell(A) + text_cell("x" * 10 * MB))}, method=zipfile.ZIP_STORED
    )


@spoiler("有一段文字过长")
def twenty_megabytes_in_a_cell(folder: Path) -> Path:
    return package(
        folder / "a.xlsx", {"企业": ledger_sheet(text_cell(A) + text_cell("x" * 20 * MB))}, method=zipfile.ZIP_STORED
    )


@spoiler("是公式")
def shared_formula_in_every_row(folder: Path) -> Path:
    long = "+".join(f"A{n}" for n in range(1, 1500))
    rows = "".join(f'<row><c><f t="shared" si="0">{long if n == 0 else ""}</f><v>1</v></c></row>' for n in range(2_000))
    return package(folder / "a.xlsx", {"企业": ledger_sheet().replace("</sheetData>", rows + "</sheetData>")})


@spoiler("B2 “=cmd|' /C calc'!A0”：是公式")
def dde(folder: Path) -> Path:
    return package(
        folder / "a.xlsx",
        {"企业": ledger_sheet(f"{text_cell(A)}<c><f>cmd|' /C calc'!A0</f><v>x</v></c>{text_cell('2020-01-01')}")},
    )


@spoiler("C2 “1900-02-29”：没有这一天")
def the_day_that_never_was(folder: Path) -> Path:
    return package(folder / "a.xlsx", {"企业": ledger_sheet(f'{text_cell(A)}{text_cell("甲")}<c s="1"><v>60</v></c>')})


@spoiler("C2 “-1.5”：是数字不是日期")
def a_day_before_the_first(folder: Path) -> Path:
    return package(
        folder / "a.xlsx", {"企业": ledger_sheet(f'{text_cell(A)}{text_cell("甲")}<c s="1"><v>-1.5</v></c>')}
    )


@spoiler("数字过长")
def a_day_past_the_last(folder: Path) -> Path:
    return package(
        folder / "a.xlsx", {"企业": ledger_sheet(f'{text_cell(A)}{text_cell("甲")}<c s="1"><v>1e300</v></c>')}
    )


@spoiler("C2 “nan”")
def a_number_that_is_none(folder: Path) -> Path:
    return package(folder / "a.xlsx", {"企业": ledger_sheet(f'{text_cell(A)}{text_cell("甲")}<c s="3"><v>NaN</v></c>')})


@spoiler("控制字符")
def control_characters_in_disguise(folder: Path) -> Path:
    return package(
        folder / "a.xlsx",
        {"企业": ledger_sheet(f"{text_cell(A)}{text_cell('_x001B_[31m红')}{text_cell('2020-01-01')}")},
    )


# ------------------------------------------------------------------ CSV


@spoiler("超过 4000000 行")
def four_million_blank_rows_and_more(folder: Path) -> Path:
    return csv(folder, GOOD + "\n" * 4_100_000)


@spoiler("> 1000000")
def ten_million_columns(folder: Path) -> Path:
    return csv(folder, GOOD + "," * 10_000_000)


@spoiler("超过 4000000 行或 16384 列")
def header_of_twenty_thousand_columns(folder: Path) -> Path:
    return csv(folder, HEADER.strip() + "".join(f",列{n}" for n in range(20_000)) + "\n")


@spoiler("最多 1000 列")
def header_of_two_thousand_columns(folder: Path) -> Path:
    return csv(folder, HEADER.strip() + "".join(f",列{n}" for n in range(2_000)) + "\n")


@spoiler("引号或逗号有误")
def a_line_without_end(folder: Path) -> Path:
    return csv(folder, GOOD + "好" * 20_000_000)


@spoiler("超过 256 MB")
def a_file_of_300_megabytes(folder: Path) -> Path:
    path = csv(folder, GOOD)
    os.truncate(path, 300 * MB)
    return path


@spoiler("应为日期")
def a_hundred_thousand_blanks_in_a_date(folder: Path) -> Path:
    return csv(folder, HEADER + f"{A},甲,2020{' ' * 1900}-01-01x\n")


@spoiler("文字过长")
def blanks_to_the_limit_of_a_cell(folder: Path) -> Path:
    return csv(folder, HEADER + f"{A},甲,2020{' ' * 130_000}x\n")


@spoiler("超过 20000 处")
def nothing_but_mistakes(folder: Path) -> Path:
    return csv(
        folder, "统一社会信用代码,行业领域,成立日期\n" + "".join(f"x{n},餐饮{n}某,昨{n}\n" for n in range(10_000))
    )


@spoiler("主键相同")
def one_key_ten_thousand_times(folder: Path) -> Path:
    return csv(folder, HEADER + "".join(f"{A},甲{n},2020-01-01\n" for n in range(10_000)))


@spoiler("编码既不是 UTF-8 也不是 GB18030")
def half_a_character(folder: Path) -> Path:
    return csv(folder, GOOD.encode("gb18030") + b"\x81\xff\xff")


@spoiler("企业.csv 企业")
def utf_16_without_a_mark(folder: Path) -> Path:
    return csv(folder, GOOD.encode("utf-16-le"))


@spoiler("统一社会信用代码只含数字")
def a_cyrillic_letter_in_a_code(folder: Path) -> Path:
    return csv(folder, HEADER + "9112010200000\u0410001X,甲,2020-01-01\n")


@spoiler("统一社会信用代码只含数字")
def the_letter_o_for_zero(folder: Path) -> Path:
    return csv(folder, HEADER + f"{A.replace('0', 'O', 1)},甲,2020-01-01\n")


@spoiler("挤在一格里")
def semicolons(folder: Path) -> Path:
    return csv(folder, GOOD.replace(",", ";"))


@spoiler(None)
def every_line_end_there_is(folder: Path) -> Path:
    return csv(folder, GOOD.replace("\n", "\r\n") + f"{B},乙,2020-01-01\r\ufeff\n")


@spoiler(None)
def marks_that_are_not_seen_in_a_code(folder: Path) -> Path:
    full = "".join(chr(ord(c) + 0xFEE0) for c in A)
    return csv(folder, HEADER + f"\u202e\u200f{full}\u200b\u2069,甲,2020\u200e-01-01\n")


@spoiler(None)
def text_that_would_run(folder: Path) -> Path:
    return csv(folder, HEADER + f'{A},"=HYPERLINK(""http://x"")",2020-01-01\n{B},@SUM(A1),2020-01-01\n')


# ------------------------------------------------------------------ no files at all


@spoiler("不是普通文件")
def pipe_that_nobody_writes_to(folder: Path) -> Path:
    os.mkfifo(folder / "企业.csv")
    return folder / "企业.csv"


@spoiler("不是普通文件")
def pipe_in_a_folder(folder: Path) -> Path:
    inner = folder / "台账"
    inner.mkdir()
    os.mkfifo(inner / "企业.csv")
    return inner


@spoiler("不是普通文件")
def link_to_zeroes_without_end(folder: Path) -> Path:
    (folder / "企业.csv").symlink_to("/dev/zero")
    return folder / "企业.csv"


@spoiler("打不开")
def link_to_itself(folder: Path) -> Path:
    (folder / "企业.csv").symlink_to("企业.csv")
    return folder / "企业.csv"
