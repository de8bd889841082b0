"""The sheet of authorities, and records that are an authority's."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facts.cells import CellError, read_authority, read_subject
from facts.language import Text
from facts.models import AuthorityRow, EnterpriseRow, RecordRow, is_uscc
from tests.facts.ledgers import A, B, C, Known, code, lines, read, warnings, write_folder

REGISTERED = date(2020, 5, 1)
AUTHORITY = ["部门代码", "部门名称", "行政区划代码", "部门类别"]
RECORD = ["统一社会信用代码", "事项", "日期"]
BUREAU = {"部门": [AUTHORITY, ["SWJ", "区商务局", 120102, "商务局"]]}
ENTERPRISE = {"企业": [["统一社会信用代码", "成立日期"], [A, REGISTERED]]}
#: An authority's own credit code.
OWN = "11120102MB1234567R"
WRONG_CHECK = "统一社会信用代码校验码不符；请对照营业执照"


def unknown(cell: str, value: str) -> str:
    return f"ledger.xlsx 履职记录!{cell} “{value}”：没有这家企业，也没有这个部门；应是企业表、部门表里或已入库的代码"


# ------------------------------------------------------------------ what is read


@pytest.mark.parametrize(
    "sheets",
    [
        {
            "部门": [AUTHORITY, ["ＳＷＪ", "区商务局", 120102, "商务局"], ["街-1", "大王庄街道", "/", ""]],
            "履职记录": [[*RECORD, "数量"], ["ＳＷＪ", "防火检查", "2024-01-01", "60学时"]],
        },
        {
            "authorities": [["code", "name", "division", "kind"], ["SWJ", "区商务局", "120102", "bureau"],
                            ["街-1", "大王庄街道", "", ""]],
            "records": [["uscc", "kind", "date", "amount"], ["SWJ", "fire_check", "2024-01-01", 60]],
        },
    ],
    ids=["zh", "en"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["workbook", "folder", "zip"])
def test_a_ledger_with_authorities(intake, tmp_path: Path, sheets, form: str) -> None:
    if form == "workbook":
        ledger = intake(sheets)
    else:
        path = write_folder(tmp_path / "ledger", sheets)
        ledger = read(path if form == "folder" else Path(shutil.make_archive(str(path), "zip", path)))
    assert lines(ledger) == []
    assert warnings(ledger) == []
    assert ledger.rows == {
        "authorities": [
            AuthorityRow(code="SWJ", name="区商务局", division="120102", kind="bureau"),
            AuthorityRow(code="街-1", name="大王庄街道"),
        ],
        "records": [RecordRow(uscc="SWJ", kind="fire_check", date=date(2024, 1, 1), amount=Decimal(60))],
    }


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("区商务局", "bureau"), ("局", "bureau"), ("区级部门", "district_department"), ("街道办事处", "street"),
        ("镇街", "street"), ("区安委会办公室", "committee_office"), ("安委办", "committee_office"),
        ("上级主管部门", "superior_bureau"), ("应急管理局", "emergency_department"), ("人民政府", "government"),
        ("committee_office", "committee_office"), ("Fire Rescue", "fire_rescue"), ("消防救援", "fire_rescue"),
    ],
)  # fmt: skip
def test_kinds_of_authority(intake, written: str, kind: str) -> None:
    ledger = intake(
        {"部门": [AUTHORITY, ["B1", "", "", written]]},
        authority_kinds={"fire_rescue": Text("消防救援", "fire rescue")},
    )
    assert [row.kind for row in ledger.rows["authorities"]] == [kind]


def test_a_kind_that_no_pack_declares(intake) -> None:
    [line] = lines(intake({"部门": [AUTHORITY, ["B1", "", "", "街到"]]}))
    assert line == ("ledger.xlsx 部门!D2 “街到”：不认识的部门类别“街到”；应为 "
                    "商务局、区级部门、街道、安委会办公室、上级主管部门、应急管理部门、人民政府")  # fmt: skip


def test_every_spelling_of_an_authoritys_credit_code_is_one_code(intake) -> None:
    assert is_uscc(OWN)
    ledger = intake({
        "部门": [AUTHORITY, [OWN.lower(), "区商务局"]],
        "履职记录": [RECORD, [f"{OWN[:8]} {OWN[8:]}", "防火检查", "2024-01-01"]],
    })
    assert lines(ledger) == []
    assert (ledger.rows["authorities"][0].code, ledger.rows["records"][0].uscc) == (OWN, OWN)


# ------------------------------------------------------------------ codes


@pytest.mark.parametrize("cell", ["SWJ-1", "区商务局", "12", 1201, "a" * 40, "=1+1"])
def test_codes(cell: object) -> None:
    assert read_authority(cell) == read_subject(cell) == str(cell)


@pytest.mark.parametrize("cell", ["", "/", "—", None])
def test_no_code(cell: object) -> None:
    assert read_authority(cell) is read_subject(cell) is None


@pytest.mark.parametrize("cell", ["局", "a" * 41, "区 商务局", "a\tb", "a\x00b", 1e17])
def test_what_is_no_code(cell: object) -> None:
    for reader in (read_authority, read_subject):
        with pytest.raises(CellError):
            reader(cell)


@given(st.text(max_size=45) | st.floats() | st.integers())
def test_a_code_that_is_read_is_a_code_that_is_taken(cell: object) -> None:
    try:
        found = read_subject(cell)
    except CellError:
        return
    if found is not None:
        assert AuthorityRow(code=found).code == found == read_subject(found)


def test_a_cell_that_can_be_neither_says_so(intake) -> None:
    [line] = lines(intake({"履职记录": [RECORD, ["区 商务局", "防火检查", "2024-01-01"]]}))
    assert line == ("ledger.xlsx 履职记录!A2 “区 商务局”：应为 18 位统一社会信用代码或部门代码；"
                    "部门代码为 2 至 40 个字符，不含空格")  # fmt: skip


# ------------------------------------------------------------------ whose records


def test_records_of_codes_that_nobody_has(intake) -> None:
    wrong_check = A[:-1] + ("0" if A[-1] != "0" else "1")
    rows = [RECORD, *([each, "防火检查", "2024-01-01"] for each in (A, "SWJ", B, "SWK", wrong_check))]
    assert lines(intake({**ENTERPRISE, **BUREAU, "履职记录": rows})) == [
        unknown("A4", B),
        "ledger.xlsx 履职记录!A5 “SWK”：没有部门用这个代码；若是企业的，统一社会信用代码应为 18 位，这里有 3 位",
        f"ledger.xlsx 履职记录!A6 “{wrong_check}”：没有部门用这个代码；若是企业的，{WRONG_CHECK}",
    ]


def test_authorities_of_earlier_ledgers_are_known(intake) -> None:
    known = Known([AuthorityRow(code="SWJ"), AuthorityRow(code="OLD", void=True), AuthorityRow(code=OWN)])
    rows = [RECORD, *([each, "防火检查", "1990-01-01"] for each in ("SWJ", OWN, "OLD"))]
    [line] = lines(intake({"履职记录": rows}, known))
    assert line.startswith("ledger.xlsx 履职记录!A4 “OLD”：")


def test_an_authority_that_is_withdrawn_here_is_unknown(intake) -> None:
    sheets = {"部门": [["部门代码", "作废"], ["SWJ", "是"]],
              "履职记录": [RECORD, ["SWJ", "防火检查", "2024-01-01"]]}  # fmt: skip
    assert len(lines(intake(sheets, Known([AuthorityRow(code="SWJ")])))) == 1


def test_a_record_of_a_withdrawn_authority_can_be_withdrawn(intake) -> None:
    rows = [[*RECORD, "作废"], ["OLD", "防火检查", "2024-01-01", "是"], ["ODL", "防火检查", "2024-01-01", "是"]]
    [line] = lines(intake({"履职记录": rows}, Known([AuthorityRow(code="OLD", void=True)])))
    assert line.startswith("ledger.xlsx 履职记录!A3 “ODL”：")


@pytest.mark.parametrize("sheet", ["hazards", "accidents", "exhibitions", "certificates"])
def test_objects_are_an_enterprises_only(intake, sheet: str) -> None:
    key = {"hazards": "hazard_id", "accidents": "accident_id", "exhibitions": "exhibition_id",
           "certificates": "certificate_id"}[sheet]  # fmt: skip
    sheets = {"部门": [AUTHORITY, ["SWJ"], [OWN]], sheet: [[key, "uscc"], ["1", "SWJ"], ["2", OWN]]}
    assert lines(intake(sheets)) == [
        f"ledger.xlsx {sheet}!B2 “SWJ”：统一社会信用代码应为 18 位，这里有 3 位",
        f"ledger.xlsx {sheet}!B3 “{OWN}”：没有这家企业；应是企业表里或已入库的统一社会信用代码",
    ]


# ------------------------------------------------------------------ one code, one subject


BOTH = "这是一家企业的代码；一个代码不能既是企业又是部门，请改用别的部门代码"


def test_a_code_of_both_in_one_ledger(intake) -> None:
    assert lines(intake({**ENTERPRISE, "部门": [AUTHORITY, ["SWJ"], [A]]})) == [f"ledger.xlsx 部门!A3 “{A}”：{BOTH}"]


def test_an_authority_with_the_code_of_a_known_enterprise(intake) -> None:
    withdrawn = EnterpriseRow(uscc=B, valid_from=REGISTERED, void=True)
    known = Known([EnterpriseRow(uscc=A, valid_from=REGISTERED), withdrawn])
    assert lines(intake({"部门": [AUTHORITY, [A], [B]]}, known)) == [f"ledger.xlsx 部门!A2 “{A}”：{BOTH}"]


def test_an_enterprise_with_the_code_of_a_known_authority(intake) -> None:
    known = Known([AuthorityRow(code=A), AuthorityRow(code=B, void=True)])
    enterprises = [["统一社会信用代码", "成立日期"], *([each, REGISTERED] for each in (A, B, C))]
    assert lines(intake({"企业": enterprises}, known)) == [
        f"ledger.xlsx 企业!A2 “{A}”：已入库的部门用了这个代码；一个代码不能既是企业又是部门，请核对，或先作废该部门"
    ]


def test_a_code_may_pass_from_authority_to_enterprise(intake) -> None:
    sheets = {**ENTERPRISE, "部门": [["部门代码", "作废"], [A, "是"]],
              "履职记录": [RECORD, [A, "防火检查", "2020-04-30"]]}  # fmt: skip
    assert lines(intake(sheets, Known([AuthorityRow(code=A)]))) == [
        "ledger.xlsx 履职记录!C2 “2020-04-30”：早于企业成立日期 2020-05-01；应不早于该日"
    ]


def test_rows_of_one_code_that_differ(intake) -> None:
    found = lines(intake({"部门": [AUTHORITY, ["SWJ", "区商务局"], ["SWJ", "商务局"]]}))
    assert [line.split("：")[0] for line in found] == ["ledger.xlsx 部门!A2 “SWJ”", "ledger.xlsx 部门!A3 “SWJ”"]


# ------------------------------------------------------------------ what hangs on a bad row


BAD = {"部门": [AUTHORITY, ["SWJ", "区商务局", "1201"], ["JD1", "街道"]],
       "履职记录": [RECORD, ["SWJ", "防火检查", "2024-01-01"], ["JD1", "防火检查", "2024-01-01"]]}  # fmt: skip


def test_records_of_a_bad_row_are_not_called_unknown(intake) -> None:
    [line] = lines(intake(BAD))
    assert line.startswith("ledger.xlsx 部门!C2 “1201”")


def test_with_bad_rows_skipped_they_go_with_it(intake) -> None:
    ledger = intake(BAD, skip_bad_rows=True)
    assert lines(ledger)[1:] == ["ledger.xlsx 履职记录!A2 “SWJ”：部门行（部门!2）有误，本行随之未读入"]
    assert [row.code for row in ledger.rows["authorities"]] == ["JD1"]
    assert [row.uscc for row in ledger.rows["records"]] == ["JD1"]
    assert [(sheet.sheet, [row.number for row in sheet.rows]) for sheet in ledger.rejected] == [
        ("部门", [2]), ("履职记录", [2])]  # fmt: skip


def test_of_a_sheet_that_cannot_be_read_nobody_is_called_unknown(intake) -> None:
    sheets = {"部门": [["部门名称"], ["区商务局"]],
              "履职记录": [RECORD, ["SWJ", "防火检查", "2024-01-01"], [OWN, "防火检查", "2024-01-01"]]}  # fmt: skip
    assert lines(intake(sheets)) == ["ledger.xlsx 部门!1：缺少“部门代码”列"]


def test_bad_codes_are_named_although_the_enterprises_cannot_be_read(intake) -> None:
    sheets = {"企业": [["企业名称"], ["甲公司"]], **BUREAU,
              "履职记录": [RECORD, *([each, "防火检查", "2024-01-01"] for each in (A, "SWJ", "SWK"))]}  # fmt: skip
    places = [line.split("：")[0] for line in lines(intake(sheets))]
    assert places == ["ledger.xlsx 企业!1", "ledger.xlsx 履职记录!A4 “SWK”"]


def test_a_code_like_a_mistyped_credit_code_is_warned_of(intake) -> None:
    mistyped = OWN[:-1] + "A"
    assert warnings(intake({"部门": [AUTHORITY, [mistyped], [OWN], [code(7)], ["SWJ"]]})) == [
        f"ledger.xlsx 部门!A2 “{mistyped}”：有 18 位，但不是有效的统一社会信用代码；如是自定的代码可不理会"
    ]
