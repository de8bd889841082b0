"""From files to rows: what is read, what is refused, and where it is said to stand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facts.intake import EMPTY, read_ledger
from facts.language import Text
from facts.models import DeclaredFact, EnterpriseRow, HazardRow, RecordRow
from facts.vocabulary import SHEETS, Sheet, Type
from tests.facts.ledgers import A, B, C, Known, code, lines, read, warnings, write_folder, write_workbook

REGISTERED = date(2020, 5, 1)
ENTERPRISE = ["统一社会信用代码", "企业名称", "成立日期"]
RECORD = ["统一社会信用代码", "事项", "日期"]
ONE = {"企业": [ENTERPRISE, [A, "甲公司", REGISTERED]]}


# ------------------------------------------------------------------ what is read


def test_a_ledger_in_chinese(intake) -> None:
    ledger = intake(
        {
            "企业": [
                [
                    "统一社会信用代码",
                    "企业名称",
                    "行政区划代码",
                    "行业领域",
                    "国民经济行业代码",
                    "从业人员数",
                    "涉粉作业人数",
                    "专职安全管理人员数",
                    "安全生产管理机构",
                    "使用燃气",
                    "燃气报警装置",
                    "高危",
                    "劳动密集型",
                    "厂中厂",
                    "限上",
                    "标准化等级",
                    "成立日期",
                    "注销日期",
                    "停产停业",
                    "生效日期",
                    "台账起始日期",
                    "上次疏散演练日期",
                    "上次主要负责人带队检查日期",
                    "作废",
                ],
                [
                    A.lower(),
                    "甲公司",
                    120102,
                    "餐饮；零售",
                    6210,
                    "120人",
                    "/",
                    "2名",
                    "有",
                    "√",
                    "×",
                    "否",
                    0,
                    1,
                    "—",
                    "三级",
                    date(2020, 5, 1),
                    "",
                    "否",
                    "2024年3月11日",
                    "２０２４．１．１",
                    "无",
                    "20240105",
                    "",
                ],
            ],
            "履职记录": [
                ["统一社会信用代码", "事项", "日期", "数量", "主题", "佐证"],
                [A, "防火检查", "2024/3/11", "2学时", "=1+1", "a.pdf"],
            ],
            "隐患": [
                [
                    "隐患编号",
                    "统一社会信用代码",
                    "等级",
                    "描述",
                    "来源",
                    "发现日期",
                    "上报日期",
                    "整改期限",
                    "整改完成日期",
                    "拒不整改日期",
                    "造成严重不良影响",
                    "处罚日期",
                ],
                ["H1", A, "重大", "油罐泄漏", "督导检查", "2024-03-01", "2024-03-02", "2024-06-01", "", "", "否", ""],
            ],
            "事故": [
                [
                    "事故编号",
                    "统一社会信用代码",
                    "发生日期",
                    "死亡人数",
                    "重伤人数",
                    "直接经济损失（万元）",
                    "负有责任",
                    "处罚日期",
                ],
                ["S1", A, "2024-03-01", 3, "10人", "5,445.31万元", "是", ""],
            ],
            "展会": [["活动编号", "统一社会信用代码", "开幕日期", "预计参加人数"], ["Z1", A, "2026-03-01", "1,000人"]],
            "台账范围": [["事项", "行政区划代码", "完整起始日期", "完整截止日期"], ["防火检查", "", "2024-01-01", "—"]],
            "特种作业证": [
                ["证书编号", "统一社会信用代码", "作业类别", "有效期至", "换证日期"],
                [17, A, "电工", "2027-01-01", ""],
            ],
        }
    )
    assert lines(ledger) == []
    assert warnings(ledger) == []
    assert ledger.rows["enterprises"] == [
        EnterpriseRow(
            uscc=A,
            valid_from=date(2024, 3, 11),
            name="甲公司",
            division="120102",
            sectors=("catering", "retail"),
            industry_code="6210",
            headcount=120,
            safety_officers=2,
            safety_department=True,
            uses_gas=True,
            gas_alarm=False,
            high_risk=False,
            labor_intensive=False,
            plant_in_plant=True,
            standardization="三级",
            registered_on=REGISTERED,
            suspended=False,
            history_from=date(2024, 1, 1),
            last_drill="never",
            last_leadership_inspection=date(2024, 1, 5),
        )
    ]
    assert ledger.rows["records"] == [
        RecordRow(uscc=A, kind="fire_check", date=date(2024, 3, 11), amount=Decimal(2), topic="=1+1", evidence="a.pdf")
    ]
    assert ledger.rows["hazards"] == [
        HazardRow(
            hazard_id="H1",
            uscc=A,
            level="major",
            description="油罐泄漏",
            source="inspection",
            found_on=date(2024, 3, 1),
            reported_on=date(2024, 3, 2),
            deadline=date(2024, 6, 1),
            adverse_impact=False,
        )
    ]
    assert ledger.rows["accidents"][0].direct_loss == Decimal("5445.31")
    assert ledger.rows["exhibitions"][0].expected_attendance == 1000
    assert ledger.rows["coverage"][0].key() == ("fire_check", None, date(2024, 1, 1))
    assert ledger.rows["certificates"][0].certificate_id == "17"
    assert ledger.origins["enterprises"] == [2]


def test_languages_cases_widths_and_spaces_mix(intake) -> None:
    ledger = intake(
        {
            "Enterprises": [
                ["USCC", " 企业 名称 ", "Registered On", "SECTORS", "ＨＥＡＤＣＯＵＮＴ", "High-Risk"],
                [A, "甲", "2020-05-01", "Catering; 零售", 5, "yes"],
            ],
            " 履职记录 ": [["统一社会信用代码", "Kind", "日期*"], [A, "Fire Check", "2024.3.11"]],
        }
    )
    assert lines(ledger) == []
    assert ledger.rows["enterprises"][0].sectors == ("catering", "retail")
    assert ledger.rows["enterprises"][0].headcount == 5
    assert ledger.rows["records"][0].kind == "fire_check"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_same_rows_from_csv_and_workbook(tmp_path: Path, encoding: str) -> None:
    sheets = {
        "企业": [ENTERPRISE, [A, "甲，公司", "2020-05-01"], [B, '乙"店"\n分店', "2020-05-01"]],
        "records": [RECORD, [A, "防火检查", "2024-03-11"]],
    }
    workbook = read(write_workbook(tmp_path / "ledger.xlsx", sheets))
    folder = read(write_folder(tmp_path / "台账", sheets, encoding))
    assert lines(folder) == []
    assert folder.rows == workbook.rows
    assert folder.rows["enterprises"][1].name == '乙"店" 分店'


def test_two_sheets_of_one_kind_are_read_together(intake) -> None:
    ledger = intake({**ONE, "enterprises": [ENTERPRISE, [B, "乙", REGISTERED]]})
    assert [row.uscc for row in ledger.rows["enterprises"]] == [A, B]


def test_blank_rows_are_passed_over_and_rows_keep_their_numbers(intake) -> None:
    ledger = intake({"企业": [[], ENTERPRISE, [], [A, "甲", REGISTERED], ["", " ", ""], [B, "乙", "昨天"]]})
    assert ledger.origins["enterprises"] == [4]
    assert lines(ledger) == [
        "ledger.xlsx 企业!C6 “昨天”：应为日期，如 2024-03-11、2024/3/11、20240311 或 2024年3月11日"
    ]


def test_facts_that_packs_declare_are_read_by_name_or_label(intake) -> None:
    declared = [
        DeclaredFact("risk_level", Text("风险等级", "risk level"), Type.INT),
        DeclaredFact("has_boiler", Text("有锅炉", "has a boiler"), Type.BOOL),
        DeclaredFact("floor_area", Text("建筑面积", "floor area"), Type.DECIMAL),
        DeclaredFact("landlord", Text("产权人", "landlord"), Type.TEXT),
        DeclaredFact("leased_on", Text("起租日期", "leased on"), Type.DATE),
    ]
    ledger = intake(
        {
            "企业": [
                [*ENTERPRISE, "风险等级", "has a boiler", "floor_area", "产权人", "起租日期"],
                [A, "甲", REGISTERED, "2级", "有", "1,200.5㎡", "丙", "2021-01-01"],
                [B, "乙", REGISTERED, "高", "", "", "", ""],
            ]
        },
        declared=declared,
    )
    assert ledger.rows["enterprises"][0].declared == {
        "risk_level": 2,
        "has_boiler": True,
        "floor_area": Decimal("1200.5"),
        "landlord": "丙",
        "leased_on": date(2021, 1, 1),
    }
    assert lines(ledger) == ["ledger.xlsx 企业!D3 “高”：应为整数，如 10 或 10人"]


def test_words_that_packs_declare(intake) -> None:
    ledger = intake(
        {
            "企业": [[*ENTERPRISE, "行业领域"], [A, "甲", REGISTERED, "烘焙；餐饮"]],
            "履职记录": [RECORD, [A, "虫害防治", "2024-01-01"]],
        },
        kinds={"pest_control": Text("虫害防治", "pest control")},
        sectors={"bakery": Text("烘焙", "bakery")},
    )
    assert ledger.rows["enterprises"][0].sectors == ("bakery", "catering")
    assert ledger.rows["records"][0].kind == "pest_control"


def test_void(intake) -> None:
    ledger = intake(
        {
            **ONE,
            "履职记录": [
                [*RECORD, "作废"],
                [A, "防火检查", "2024-01-01", "是"],
                [A, "防火检查", "2024-01-02", "否"],
                [C, "防火检查", "2001-01-01", "是"],
            ],
        }
    )
    assert lines(ledger) == []
    assert [row.void for row in ledger.rows["records"]] == [True, False, True]


# ------------------------------------------------------------------ warnings


def test_unknown_columns_and_sheets_are_named_and_left(intake) -> None:
    ledger = intake(
        {
            "企业": [[*ENTERPRISE, "联系人", "从业人员", ""], [A, "甲", REGISTERED, "张", 5, "备注"]],
            "企业表": [["x"]],
            "说明": [["问"]],
        }
    )
    assert lines(ledger) == []
    assert warnings(ledger) == [
        "ledger.xlsx 企业表：未知的表，未读取；是否为“企业”？",
        "ledger.xlsx 企业!D1 “联系人”：未知的列，未读取",
        "ledger.xlsx 企业!E1 “从业人员”：未知的列，未读取；是否为“从业人员数”？",
        "ledger.xlsx 企业!F2 “备注”：F 列没有表头，未读取",
    ]
    assert ledger.rows["enterprises"][0].headcount is None


def test_after_closing_and_in_the_future(intake) -> None:
    ledger = intake(
        {
            "企业": [[*ENTERPRISE, "注销日期"], [A, "甲", REGISTERED, "2024-10-01"], [B, "乙", REGISTERED, ""]],
            "履职记录": [
                RECORD,
                [A, "防火检查", "2024-10-01"],
                [A, "防火检查", "2024-10-02"],
                [B, "防火检查", "2025-06-30"],
                [B, "防火检查", "2025-07-01"],
            ],
            "隐患": [["隐患编号", "统一社会信用代码", "发现日期", "整改期限"], ["H", A, "2019-01-01", "2030-01-01"]],
        }
    )
    assert lines(ledger) == []
    assert warnings(ledger) == [
        "ledger.xlsx 履职记录!C3 “2024-10-02”：晚于企业注销日期 2024-10-01",
        "ledger.xlsx 履职记录!C5 “2025-07-01”：晚于今天（2025-06-30）",
        "ledger.xlsx 隐患!C2 “2019-01-01”：早于企业成立日期 2020-05-01；应不早于该日",
    ]


def test_an_object_that_changes_hands(intake) -> None:
    known = Known(
        [
            EnterpriseRow(uscc=A, valid_from=REGISTERED),
            EnterpriseRow(uscc=B, valid_from=REGISTERED),
            HazardRow(hazard_id="1", uscc=A),
            HazardRow(hazard_id="2", uscc=B),
        ]
    )
    ledger = intake({"隐患": [["隐患编号", "统一社会信用代码"], ["1", B], ["2", B]]}, known)
    assert lines(ledger) == []
    assert warnings(ledger) == [f"ledger.xlsx 隐患!A2 “1”：这个编号原属 {A}，现改归 {B}"]


# ------------------------------------------------------------------ versions


def row(**values: object) -> EnterpriseRow:
    return EnterpriseRow(
        **{"uscc": A, "name": "甲公司", "registered_on": REGISTERED, "valid_from": REGISTERED, **values}
    )


def test_a_new_enterprise_holds_from_registration(intake) -> None:
    assert intake(ONE).rows["enterprises"] == [row()]


def test_a_new_enterprise_needs_some_beginning(intake) -> None:
    assert lines(intake({"企业": [["统一社会信用代码", "生效日期"], [A, ""]]})) == [
        "ledger.xlsx 企业!B2：新企业须有生效日期或成立日期"
    ]
    assert lines(intake({"企业": [["统一社会信用代码", "企业名称"], [A, "甲"]]})) == [
        "ledger.xlsx 企业!2：新企业须有生效日期或成立日期"
    ]


@pytest.mark.parametrize("valid_from", [REGISTERED, date(2023, 1, 1)])
def test_a_known_row_that_is_the_same_stays_the_version_it_is(intake, valid_from: date) -> None:
    known = Known([row(name="旧名", valid_from=date(2019, 1, 1)), row(valid_from=valid_from)])
    assert intake(ONE, known).rows["enterprises"] == [row(valid_from=valid_from)]


def test_a_known_row_that_differs_must_say_from_when(intake) -> None:
    ledger = intake(ONE, Known([row(name="旧名", headcount=3)]))
    assert lines(ledger) == [
        "ledger.xlsx 企业!2：企业已在库中，本行与之不同（企业名称、从业人员数）；请填写自哪天起如此（生效日期）"
    ]
    dated = {"企业": [[*ENTERPRISE, "生效日期"], [A, "甲公司", REGISTERED, "2024-01-01"]]}
    assert intake(dated, Known([row(name="旧名")])).rows["enterprises"] == [row(valid_from=date(2024, 1, 1))]


def test_a_withdrawn_enterprise_counts_as_new(intake) -> None:
    known = Known([row(name="旧名", valid_from=date(2023, 1, 1), void=True)])
    assert intake(ONE, known).rows["enterprises"] == [row()]
    # … unless the row is the one that was withdrawn.
    known = Known([row(valid_from=date(2023, 1, 1), void=True)])
    assert intake(ONE, known).rows["enterprises"] == [row(valid_from=date(2023, 1, 1))]


def test_withdrawing_a_version_with_blank_valid_from(intake) -> None:
    sheets = {"企业": [[*ENTERPRISE, "作废"], [A, "甲公司", REGISTERED, "是"]]}
    for void in (False, True):
        known = Known([row(valid_from=date(2023, 1, 1), void=void)])
        assert intake(sheets, known).rows["enterprises"] == [row(valid_from=date(2023, 1, 1), void=True)]


@pytest.mark.parametrize("known", [Known([]), Known([row()])], ids=["unknown", "known"])
def test_withdrawing_an_enterprise_needs_to_say_which_row(intake, known) -> None:
    ledger = intake({"企业": [["统一社会信用代码", "作废"], [A, "是"]]}, known)
    assert lines(ledger) == ["ledger.xlsx 企业!2：作废企业的一行，须填写该行的生效日期"]


# ------------------------------------------------------------------ rows that contradict each other


def test_two_rows_of_one_key(intake) -> None:
    ledger = intake(
        {
            "企业": [
                ENTERPRISE,
                [A, "甲", REGISTERED],
                [A, "甲", REGISTERED],
                [B, "乙", REGISTERED],
                [B, "丙", REGISTERED],
            ]
        }
    )
    assert lines(ledger) == [
        "ledger.xlsx 企业!4 “2020-05-01”：与 企业!5 主键相同（统一社会信用代码＋生效日期）但内容不同；请只留一行",
        "ledger.xlsx 企业!5 “2020-05-01”：与 企业!4 主键相同（统一社会信用代码＋生效日期）但内容不同；请只留一行",
    ]
    assert ledger.rows["enterprises"] == [row(name="甲")]


def test_one_record_in_two_spellings_is_one(intake) -> None:
    ledger = intake(
        {
            **ONE,
            "履职记录": [RECORD, [A, "防火检查", "2024-03-01"]],
            "records": [["uscc", "date", "kind"], [A.lower(), "20240301", "fire_check"]],
        }
    )
    assert lines(ledger) == []
    assert len(ledger.rows["records"]) == 1


def test_records_of_unknown_codes_and_before_registration(intake) -> None:
    known = Known([EnterpriseRow(uscc=B, valid_from=REGISTERED, registered_on=REGISTERED)])
    records = [
        RECORD,
        [A, "防火检查", "2020-05-01"],
        [A, "防火检查", "2020-04-30"],
        [B, "防火检查", "2020-04-30"],
        [C, "防火检查", "2024-01-01"],
    ]
    assert lines(intake({**ONE, "履职记录": records}, known)) == [
        "ledger.xlsx 履职记录!C3 “2020-04-30”：早于企业成立日期 2020-05-01；应不早于该日",
        "ledger.xlsx 履职记录!C4 “2020-04-30”：早于企业成立日期 2020-05-01；应不早于该日",
        f"ledger.xlsx 履职记录!A5 “{C}”：没有这家企业，也没有这个部门；应是企业表、部门表里或已入库的代码",
    ]


@pytest.mark.parametrize(
    "sheet",
    [s for s in SHEETS if s.name in {"hazards", "accidents", "exhibitions", "certificates"}],
    ids=lambda s: s.name,
)
def test_objects_of_unknown_codes(intake, sheet) -> None:
    assert lines(intake({sheet.name: [[sheet.key[0], "uscc"], ["1", C]]})) == [
        f"ledger.xlsx {sheet.name}!B2 “{C}”：没有这家企业；应是企业表里或已入库的统一社会信用代码"
    ]


def test_an_enterprise_withdrawn_in_the_same_import_is_unknown(intake) -> None:
    ledger = intake(
        {
            "企业": [[*ENTERPRISE, "作废"], [A, "甲公司", REGISTERED, "是"]],
            "履职记录": [RECORD, [A, "防火检查", "2024-01-01"]],
        },
        Known([row()]),
    )
    assert "没有这家企业" in lines(ledger)[0]


def test_the_registration_date_of_the_newest_version_counts(intake) -> None:
    known = Known([row(registered_on=date(2010, 1, 1), valid_from=date(2010, 1, 1))])
    ledger = intake(
        {
            "企业": [[*ENTERPRISE, "生效日期"], [A, "甲公司", REGISTERED, "2024-01-01"]],
            "履职记录": [RECORD, [A, "防火检查", "2015-01-01"]],
        },
        known,
    )
    assert "早于企业成立日期 2020-05-01" in lines(ledger)[0]


# ------------------------------------------------------------------ skipping bad rows


def test_every_bad_cell_is_named_in_the_order_of_the_file(intake) -> None:
    ledger = intake(
        {
            "企业": [
                [*ENTERPRISE, "行政区划代码", "使用燃气"],
                [A[:-1] + "!", "甲", "2024-02-30", "河东", "也许"],
                ["", "乙", "20240231", "", ""],
            ],
            "履职记录": [RECORD, [A, "防火", "2024-13-01"]],
        }
    )
    assert [line.split("：")[0] for line in lines(ledger)] == [
        f"ledger.xlsx 企业!A2 “{A[:-1]}!”",
        "ledger.xlsx 企业!C2 “2024-02-30”",
        "ledger.xlsx 企业!D2 “河东”",
        "ledger.xlsx 企业!E2 “也许”",
        "ledger.xlsx 企业!A3",
        "ledger.xlsx 企业!C3 “20240231”",
        "ledger.xlsx 履职记录!B2 “防火”",
        "ledger.xlsx 履职记录!C2 “2024-13-01”",
    ]


BAD = {
    "企业": [
        [*ENTERPRISE, "从业人员数"],
        [A, "甲公司", REGISTERED, 5],
        [B, "乙公司", "2024-02-30", "许多"],
        [C, "丙", REGISTERED, ""],
        [C, "丁", REGISTERED, ""],
    ],
    "履职记录": [
        RECORD,
        [A, "防火检查", "2024-01-01"],
        [A, "打扫", "2024-01-01"],
        [B, "防火检查", "2024-01-01"],
        [C, "防火检查", "2024-01-01"],
    ],
}


def test_what_hangs_on_a_bad_row_is_told_only_where_it_matters(intake) -> None:
    places = [line.split(" ")[1] for line in lines(intake(BAD))]
    assert [place.split("：")[0] for place in places] == ["企业!C3", "企业!D3", "企业!4", "企业!5", "履职记录!B3"]
    ledger = intake(BAD, skip_bad_rows=True)
    assert lines(ledger)[-2:] == [
        f"ledger.xlsx 履职记录!A4 “{B}”：企业行（企业!3）有误，本行随之未读入",
        f"ledger.xlsx 履职记录!A5 “{C}”：企业行（企业!5）有误，本行随之未读入",
    ]


def test_good_rows_are_kept_and_the_others_handed_back(intake) -> None:
    ledger = intake(BAD, skip_bad_rows=True)
    assert not ledger.broken
    assert ledger.rows["enterprises"] == [row(headcount=5)]
    assert ledger.rows["records"] == [RecordRow(uscc=A, kind="fire_check", date=date(2024, 1, 1))]
    enterprises, records = ledger.rejected
    assert [r.number for r in enterprises.rows] == [3, 4, 5]
    assert enterprises.rows[0].cells == (B, "乙公司", "2024-02-30", "许多")
    assert [reason.zh.split("：")[0] for reason in enterprises.rows[0].reasons] == ["成立日期", "从业人员数"]
    assert [r.number for r in records.rows] == [3, 4, 5]


def test_a_known_enterprise_keeps_its_records_when_its_new_row_is_bad(intake) -> None:
    ledger = intake(BAD, Known([row(uscc=B, name="乙公司")]), skip_bad_rows=True)
    assert [r.uscc for r in ledger.rows["records"]] == [A, B]


def test_a_header_that_cannot_be_read_is_not_skipped(intake) -> None:
    assert intake({**ONE, "履职记录": [["事项", "日期"], ["防火检查", "2024-01-01"]]}, skip_bad_rows=True).broken


# ------------------------------------------------------------------ size


def test_many_rows_in_one_go(tmp_path: Path) -> None:
    days = [date.fromordinal(date(2023, 1, 1).toordinal() + n).isoformat() for n in range(500)]
    rows = [[code(n), "防火检查", day] for n in range(1, 21) for day in days]
    rows[9_998][2] = "2024-02-30"
    folder = write_folder(
        tmp_path / "f",
        {"企业": [ENTERPRISE, *([code(n), "甲", "2020-01-01"] for n in range(1, 21))], "履职记录": [RECORD, *rows]},
    )
    seen = []
    ledger = read_ledger(folder, EMPTY, {}, {}, {}, date(2025, 1, 1), lambda *at: seen.append(at))
    assert len(ledger.rows["records"]) == 9_999
    assert lines(ledger) == ["履职记录.csv 履职记录!C10000 “2024-02-30”：没有这一天；应为日期，如 2024-03-11"]
    assert seen[-1] == ("履职记录", 10_001, 10_002)


CELL = st.sampled_from(
    [
        "",
        "/",
        A,
        B,
        A.lower(),
        "甲",
        "2024-02-30",
        "2024-03-11",
        "无",
        "是",
        "否",
        "10人",
        "-1",
        "防火检查",
        "餐饮；零售",
        "major",
    ]
) | st.text(max_size=8)


@given(data=st.data(), sheet=st.sampled_from(SHEETS))
def test_any_rows_are_read_or_refused_with_their_place(data: st.DataObject, sheet: Sheet) -> None:
    columns = [column.name for column in sheet.columns]
    rows = data.draw(st.lists(st.lists(CELL, min_size=len(columns), max_size=len(columns)), min_size=1, max_size=6))
    with TemporaryDirectory() as folder:
        ledger = read(write_folder(Path(folder) / "f", {sheet.name: [columns, *rows]}), skip_bad_rows=True)
    assert not ledger.broken
    for problem in ledger.problems:
        assert problem.line("zh").startswith(f"{sheet.name}.csv {sheet.name}!{problem.cell}")
        assert problem.line("en").count("\n") == 0
    taken, refused = set(ledger.origins[sheet.name]), {row.number for page in ledger.rejected for row in page.rows}
    assert not taken & refused
    assert refused == {problem.row for problem in ledger.problems}
    assert len(ledger.rows[sheet.name]) == len({row.key() for row in ledger.rows[sheet.name]}) == len(taken)
