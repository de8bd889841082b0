"""``zhiben why``: every way in which a rule can stand, in both languages, with the clause and its words."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli import ledger
from tests.cli.conftest import Run
from tests.cli.ledger import DAY

pytestmark = pytest.mark.usefixtures("folder")


def why(run: Run, uscc: str, duty: str, day: str = DAY, *words: str) -> str:
    return run("why", uscc, duty, "--as-of", day, *words).stdout


def rules(run: Run, uscc: str, duty: str, day: str = DAY) -> dict[tuple[str, int, str | None], dict]:
    found = json.loads(why(run, uscc, duty, day, "--format", "json"))
    return {(r["id"], r["case"], r["object"]): r for r in found["rules"]}


def standings(run: Run, uscc: str, duty: str, day: str = DAY) -> list[str]:
    return [rule["standing"] for rule in rules(run, uscc, duty, day).values()]


def part(shown: str, start: str) -> str:
    """The paragraph that begins with ``start``."""
    (found,) = [p for p in shown.split("\n\n") if p.startswith(start)]
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_both_languages_with_clause_and_quote(run: Run, lang: str) -> None:
    shown = why(run, ledger.RESTAURANT, "evacuation_drill", DAY, "--lang", lang)
    assert shown.startswith("疏散逃生演练 · Evacuation drill (evacuation_drill)\n甲饭店 ")
    assert "》二（六）13：“督促生产经营单位每年至少组织开展1次疏散逃生演练（高危行业领域每半年至少1次）”" in shown
    assert "》二（七）17：“推动生产经营单位每年至少组织开展1次疏散逃生演练（高危行业领域每半年至少1次）”" in shown
    assert "每年至少 1 次 · at least 1 a year" in shown
    assert "    行业领域：读到 餐饮，要求为所列 12 项之一（餐饮），符合\n" in shown
    assert "    sectors: read catering, required one of 12 listed (catering), met\n" in shown


def test_not_applicable_names_the_condition_and_the_value_read(run: Run) -> None:
    shown = why(run, ledger.CAFE, "emergency_plan_drill")
    assert "不适用 · not applicable" in shown
    assert "行业领域：读到 餐饮，要求为其中之一：宾馆酒店、商场、" in shown
    assert "sectors: read catering, required one of hotel, mall, shopping_complex, " in shown
    assert "没有要求 · nothing is asked for" in shown


def test_not_applicable_for_the_number_of_people(run: Run) -> None:
    shown = why(run, ledger.RESTAURANT, "safety_officer")
    assert "从业人员数：读到 50，要求 > 100，不符合\n    headcount: read 50, required > 100, not met" in shown


def test_not_applicable_in_another_district(run: Run) -> None:
    shown = why(run, ledger.PERCENT, "evacuation_drill")
    assert "行政区划代码：读到 120103，要求 = 120102，不符合" in shown
    assert "division: read 120103, required = 120102, not met" in shown


def test_the_case_that_does_not_apply_says_what_was_inferred(run: Run) -> None:
    found = rules(run, ledger.CHEMICALS, "evacuation_drill")
    yearly = found["hedong-safety.evacuation-drill", 1, None]
    assert yearly["standing"] == "not_applicable"
    assert yearly["reasons"] == [{"zh": "高危：读到 是（推定），要求 = 否，不符合",
                                  "en": "high_risk: read yes (derived), required = no, not met"}]


@pytest.mark.parametrize(("uscc", "day", "said"), [
    (ledger.RESTAURANT, "2024-03-10", "the rule is judged from 2024-03-11 to 2026-12-31; 2024-03-10 lies outside"),
    (ledger.RESTAURANT, "2027-01-01", "the rule is judged from 2024-03-11 to 2026-12-31; 2027-01-01 lies outside"),
    (ledger.CLOSED, DAY, "on 2025-03-01 the enterprise is closed")])
def test_not_in_force(run: Run, uscc: str, day: str, said: str) -> None:
    assert set(standings(run, uscc, "evacuation_drill", day)) == {"not_in_force"}
    shown = why(run, uscc, "evacuation_drill", day)
    assert "不在生效期内 · not in force" in shown
    assert said in shown


def test_the_last_day_in_force(run: Run) -> None:
    assert "applies" in standings(run, ledger.RESTAURANT, "evacuation_drill", "2026-12-31")
    assert "applies" in standings(run, ledger.CLOSED, "evacuation_drill", "2024-10-01")


def test_satisfied_by_which_record(run: Run) -> None:
    shown = why(run, ledger.RESTAURANT, "leadership_inspection")
    assert "适用，已履行 · applies, fulfilled (2025Q1)" in shown
    assert "    2025-02-10 有记录\n    record of 2025-02-10" in shown
    periods = part(shown, "各期间或对象 · periods or objects")
    assert "2024Q2  已履行 · fulfilled\n    2024-05-20 有记录\n    record of 2024-05-20" in periods
    assert "2024-09-30 到期未完成，2025-02-10 补做，逾期 133 天" in periods
    assert "missed on 2024-09-30, made up on 2025-02-10, 133 days overdue" in periods


def test_violated_since_when(run: Run) -> None:
    shown = why(run, ledger.RESTAURANT, "evacuation_drill")
    assert "适用，违规 · applies, violated (2024)" in shown
    assert "自 2025-01-01 起违规\n    violated since 2025-01-01" in shown
    assert "violated since 2025-01-01, 3 in a row" in why(run, ledger.BLANK, "leadership_inspection", "2025-01-01")


def test_lapsed_is_no_longer_held_against_anybody(run: Run) -> None:
    assert "自 2025-01-01 起违规，2025-01-15 失效" in why(run, ledger.MOVED, "evacuation_drill")


def test_unknown_for_lack_of_a_claim(run: Run) -> None:
    shown = why(run, ledger.HOTEL, "emergency_plan_drill")
    assert "适用，情况不明 · applies, unknown (2024H2)" in shown
    assert "缺：“应急预案演练”台账是否齐全\n" in shown
    assert "missing: whether records of “emergency-plan drill” are complete\n" in shown


def test_running_and_not_covered_says_so(run: Run) -> None:
    shown = why(run, ledger.HOTEL, "evacuation_drill")
    assert "应在 2025-12-31 前（含当日）完成，已有 0/1；这一期的台账未声明齐全" in shown
    assert "due by 2025-12-31 inclusive, 0 of 1 done; the ledger is not claimed to be complete for it" in shown
    assert "未声明齐全" not in why(run, ledger.RESTAURANT, "evacuation_drill")


def test_unknown_for_lack_of_a_fact(run: Run) -> None:
    assert standings(run, ledger.BLANK, "leadership_inspection") == ["unknown"] * 4
    shown = why(run, ledger.BLANK, "leadership_inspection")
    assert "不能判定是否适用 · cannot be told" in shown
    asked = part(shown, "各期间或对象")
    assert re.search(r"\n  \?  情况不明 · unknown\n    缺：\S*高危\S*\n    missing: .*high_risk", asked)


def test_a_state_and_what_was_read_of_it(run: Run) -> None:
    shown = why(run, ledger.HOTEL, "safety_officer")
    for line in ("从业人员数：读到 101，要求 > 100，符合", "专职安全管理人员数：读到 0，要求 ≥ 1，不符合",
                 "安全生产管理机构：读到 否，要求 = 是，不符合", "safety_department: read no, required = yes, not met",
                 "violated since 2024-06-01"):
        assert line in shown


def test_each_object_by_itself(run: Run) -> None:
    found = rules(run, ledger.ORGANISER, "exhibition_police_permit")
    assert {(item, r["standing"]) for (_, _, item), r in found.items()} == {
        ("ZH-1", "applies"), ("ZH-2", "not_applicable")}
    shown = why(run, ledger.ORGANISER, "exhibition_police_permit")
    assert "展会·预计参加人数：读到 1000，要求 ≥ 1000，符合" in shown
    assert "exhibition expected_attendance: read 999, required ≥ 1000, not met" in shown
    assert "applies, violated (ZH-1)" in shown
    assert "not in force" not in shown


def test_the_level_of_a_hazard_is_shown_by_its_name(run: Run) -> None:
    shown = why(run, ledger.ORGANISER, "hazard_reporting")
    assert "隐患·等级：读到 一般，要求 = 重大，不符合\n" in shown
    assert "hazard level: read general, required = major, not met\n" in shown


def test_a_number_that_no_source_prints_is_named(run: Run) -> None:
    shown = why(run, ledger.ORGANISER, "hazard_reporting")
    assert "每项隐患：不晚于发现日期后 3 日 · each hazard: no later than 3 days after its found_on" in shown
    assert "数字 3 是假定：原文只写“及时”" in shown
    (rule,) = {r["id"]: r for r in rules(run, ledger.ORGANISER, "hazard_reporting").values()}.values()
    assert rule["assumptions"][0]["value"] == 3


def test_rules_are_told_also_where_there_is_no_object(run: Run) -> None:
    shown = why(run, ledger.RESTAURANT, "hazard_reporting")
    assert "statutes.hazard-reporting" in shown
    assert "到 2025-03-01 台账中没有这家企业的隐患" in shown
    assert "up to 2025-03-01 the ledger has no hazard of this enterprise" in shown


def test_every_rule_of_the_duty_is_told(run: Run) -> None:
    ids = {id for id, _, _ in rules(run, ledger.RESTAURANT, "hazard_rectification")}
    assert ids == {
        "statutes.hazard-rectification", "hedong-safety.hazard-stock-2023", "hedong-safety.hazard-rectification"}


@pytest.mark.parametrize("duty", [
    "leadership_inspection", "主要负责人带队检查", "Inspection led by the person in charge", "LEADERSHIP-INSPECTION"])
def test_a_duty_however_it_is_called(run: Run, duty: str) -> None:
    assert "(leadership_inspection)" in why(run, ledger.RESTAURANT, duty).splitlines()[0]


def test_an_unknown_duty(run: Run) -> None:
    result = run("why", ledger.RESTAURANT, "leadership_inspektion", code=2)
    assert "是否为“leadership_inspection”？可用：" in result.stderr
    english = run("why", ledger.RESTAURANT, "nothing", "--lang", "en", code=2).stderr
    assert "evacuation_drill, exhibition_emergency_plan" in english


def test_no_chinese_comma_in_english_sentences(run: Run) -> None:
    for uscc, duty in ((ledger.CAFE, "emergency_plan_drill"), (ledger.BLANK, "evacuation_drill"),
                       (ledger.CHEMICALS, "evacuation_drill")):
        found = rules(run, uscc, duty)
        assert not [t["en"] for r in found.values() for t in r["reasons"] if "、" in t["en"]]


def test_the_document_agrees_with_query(run: Run) -> None:
    told = json.loads(why(run, ledger.RESTAURANT, "leadership_inspection", DAY, "--format", "json"))
    asked = json.loads(run("query", ledger.RESTAURANT, "--as-of", DAY, "--format", "json").stdout)
    shared = asked["obligations"][0].keys()
    assert [{k: o[k] for k in shared} for o in told["obligations"]] == [
        o for o in asked["obligations"] if o["duty"] == "leadership_inspection"]
    assert [o["records"] for o in told["obligations"]] == [["2024-05-20"], [], [], ["2025-02-10"]]
    assert told["obligations"][1]["opened_on"] == "2024-10-01"
