"""`zhiben rules lint | schema | new | show`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import Result

from engine.pack_json_schema import schema_text
from engine.packs import load_rulebook, packaged_packs
from engine.scenario import run as play
from engine.scenario import scenarios_of
from tests.rules.conftest import Run

FLAWED = Path(__file__).parent / "flawed_packs"


def lines(result: Result) -> list[str]:
    return [" ".join(line.split()) for line in result.stdout.splitlines() if line.strip()]


# lint


def test_lint_of_a_sound_pack(run: Run) -> None:
    Path("packs").mkdir()
    for file, text in packaged_packs().items():
        (Path("packs") / Path(file).name).write_text(text, encoding="utf-8")
    result = run("lint", "packs")
    assert result.stdout == ""
    assert "错误 0，警告 0，提示 0" in result.stderr


def test_lint_finds_errors(run: Run) -> None:
    file = FLAWED / "rule-contradicts-itself.yaml"
    result = run("lint", str(file), "--lang", "en", code=1)
    assert re.fullmatch(rf"{re.escape(str(file))}:\d+:\d+: dead-rule: .+ check headcount\n", result.stdout)
    assert "errors: 1, warnings: 0, notes: 0" in result.stderr


def test_lint_of_a_folder_with_every_flaw(run: Run) -> None:
    result = run("lint", str(FLAWED), code=1)
    assert {Path(line.split(":")[0]).name for line in lines(result)} >= {file.name for file in FLAWED.glob("*.yaml")}


def test_warnings_are_no_errors_unless_strict(run: Run) -> None:
    file = str(FLAWED / "cases-with-a-gap.yaml")
    run("lint", file)
    run("lint", file, "--strict", code=1)
    run("lint", str(FLAWED / "cases-that-overlap.yaml"), "--strict")


def test_lint_alone_does_not_know_the_products_facts(run: Run) -> None:
    text = next(text for text in packaged_packs().values() if "pack: tianjin-hedong/commerce" in text)
    Path("mine.yaml").write_text(text, encoding="utf-8")
    run("lint", "mine.yaml")
    assert "accident.large_or_above" in run("lint", "mine.yaml", "--alone", code=1).stdout


def test_lint_with_the_source(run: Run) -> None:
    file = str(FLAWED / "cases-with-a-gap.yaml")
    Path("right.txt").write_text("（一）超过 100 人每月，\n100人以下每季度。", encoding="utf-8")
    Path("wrong.txt").write_text("（一）超过 100 人每年。", encoding="utf-8")
    run("lint", file, "--source", "right.txt")
    run("lint", file, "--source", "wrong.txt", "--source", "right.txt")
    assert "原文“超过100人每”之后是“年。”" in run("lint", file, "--source", "wrong.txt", code=1).stdout


def test_what_lint_cannot_be_asked(run: Run) -> None:
    Path("empty").mkdir()
    Path("gb.txt").write_bytes("每月".encode("gb18030"))
    assert "nowhere.yaml" in run("lint", "nowhere.yaml", code=2).stderr
    assert "没有规则包" in run("lint", "empty", code=2).stderr
    assert "UTF-8" in run("lint", str(FLAWED), "--source", "gb.txt", code=2).stderr
    run("lint", code=2)


# schema


def test_schema_is_printed(run: Run) -> None:
    assert run("schema").stdout == schema_text()


# new


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ["city/food", "food"])
def test_a_new_pack_loads_and_its_scenarios_hold(run: Run, name: str, language: str) -> None:
    assert lines(run("new", name, "--lang", language))[:2] == [f"{name}.yaml", f"{name}.feature"]
    assert load_rulebook([f"{name}.yaml"]).packs[0].name == name
    scenarios = list(scenarios_of(Path(f"{name}.feature").resolve()))
    assert len(scenarios) == 3
    for scenario in scenarios:
        play(scenario)


def test_lint_of_a_new_pack_names_what_is_still_to_be_written(run: Run) -> None:
    run("new", "food")
    assert [line.split(": ")[1] for line in lines(run("lint", "food.yaml"))] == ["citation", "citation"]


def test_what_is_commented_out_in_a_new_pack_is_right_too(run: Run) -> None:
    run("new", "food")
    file = Path("food.yaml")
    commented = re.compile(r"^( *)# (?=  ?[a-z_]+: |- id|(facts|kinds):)", re.MULTILINE)
    file.write_text(commented.sub(r"\1", file.read_text(encoding="utf-8")), encoding="utf-8")
    assert len(load_rulebook(["food.yaml"]).duties) == 4
    run("lint", "food.yaml")


def test_a_new_pack_goes_where_it_is_told_with_its_schema(run: Run) -> None:
    run("new", "a/b", "--into", "packs")
    text = Path("packs/a/b.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=pack.schema.json\n")
    assert Path("packs/a/pack.schema.json").read_text(encoding="utf-8") == schema_text()
    run("new", "a/c", "--into", "packs")


@pytest.mark.parametrize("standing", ["food.yaml", "food.feature"])
def test_new_writes_over_nothing(run: Run, standing: str) -> None:
    Path(standing).write_text("mine", encoding="utf-8")
    assert standing in run("new", "food", code=2).stderr
    assert [(p.name, p.read_text(encoding="utf-8")) for p in Path().iterdir()] == [(standing, "mine")]


@pytest.mark.parametrize("name", ["Food", "../food", "food/", "食品", ""])
def test_names_that_packs_cannot_have(run: Run, name: str) -> None:
    run("new", name, code=2)
    assert not list(Path().iterdir())


def test_new_where_nothing_can_be_written(run: Run) -> None:
    Path("food").write_text("", encoding="utf-8")
    assert "food" in run("new", "food/a", code=3).stderr


# show


def test_show_tells_a_rule_in_both_languages(run: Run) -> None:
    shown = lines(run("show", "hedong-commerce.leadership-inspection", "--year", "2024"))
    for line in (
        "《河东区商务局安全生产治本攻坚三年行动方案（2024年—2026年）》二（四）9",
        "要求：每月至少 1 次", "Asked: at least 1 a month", "要求：每季度至少 1 次", "Asked: at least 1 a quarter",
        "- 行政区划属 120102", "- the division is within 120102", "- 高危：是", "- high_risk: no",
        "时间：2024-03-11 至 2026-12-31（含首尾）", "When: 2024-03-11 to 2026-12-31, both included",
        "凭证：履职记录“主要负责人带队检查”（leadership_inspection）", "Reminder: 15 days before it is due",
    ):
        assert line in shown
    assert any(line.startswith("“生产经营单位主要负责人要每季度带队") for line in shown)


def test_show_lists_the_dates_of_a_year(run: Run) -> None:
    shown = lines(run("show", "hedong-commerce.leadership-inspection", "--year", "2024"))
    assert "2024 年日历：1 每月至少 1 次" in shown
    assert "2024-03 2024-03-01 2024-03-31 2024-03-24" in shown
    assert "2024-12 2024-12-01 2024-12-31 2024-12-24" in shown
    assert not any(line.startswith("2024-02 ") for line in shown)
    assert "2024Q1 2024-01-01 不要求：91 天中只有 21 天生效" in shown
    assert "2024Q2 2024-04-01 2024-06-30 2024-06-15" in shown


@pytest.mark.parametrize(("rule", "year", "line"), [
    ("hedong-safety.hazard-stock-2023", "2024", "2024-12-31 2024-12-31 2024-12-01"),
    ("hedong-safety.hazard-stock-2023", "2025", "no date in this year"),
    ("statutes.hazard-reporting", "2024", "its dates depend on each object, see above"),
    ("statutes.hazard-reporting", "2024", "Assumed: 3 (原文只写“及时”，未写天数；取发现后3日)"),
    ("statutes.safety-officer", "2024", "every day on which the rule holds"),
    ("statutes.safety-officer", "2024",
     "Asked at all times: (safety_officers is at least 1 or safety_department: yes)"),
    ("statutes.safety-officer", "2023", "the rule does not hold in this year"),
    ("statutes.emergency-plan-drill", "2024", "2024H2 2024-07-01 2024-12-31 2024-12-01"),
    ("hedong-safety.lifetime-ban", "2024", "Recommended: lifetime ban (a person decides)"),
])
def test_show_of_each_kind_of_rule(run: Run, rule: str, year: str, line: str) -> None:
    assert line in lines(run("show", rule, "--year", year, "--lang", "en"))


WINDOW = """\
pack: test/a
titles: {zh: 甲, en: a}
documents: {plan: {title: 方案}}
division: "120100"
effective: {from: 2024-01-01, to: 2024-11-30}
rules:
  - {id: a.report, duty: hazard_statistics, titles: {zh: 报送, en: report}, clause: 一, quote: 每季度15日前,
     when: {not: {any: [{sectors: {any: [hotel]}}, {headcount: {lt: 10}}]}},
     every: quarter, within: {to_day: 15}, remind_before: 5}
  - {id: a.plan, duty: responsibility_system, titles: {zh: 责任制, en: system}, clause: 一, quote: 2024年底前,
     deadline: 2024-09-30, since: 2024-02-01}
"""


@pytest.mark.parametrize(("ladder", "lines"), [
    ("hedong-safety.ladder", ["1. 提醒：违规发生当日（四（五））",
                              "3. 约谈：违规发生后第 60 天，连续 2 期未做的（二（二）2）",
                              "3. summons to a talk: 60 days after the violation opened, if at least 2 were missed"]),
    ("statutes.hazard-ladder", ["1. 督促整改：违规发生当日，限重大隐患（第四十一条）",
                                "2. 建议停产整顿：违规发生当日，且企业拒不整改，不早于拒不整改日期（第一百零二条）",
                                "数字 0 是假定：原文没有天数；整改期限届满的次日即督促"]),
])
def test_show_of_a_ladder(run: Run, ladder: str, lines: list[str]) -> None:
    shown = run("show", ladder).stdout
    for line in lines:
        assert line in shown


def test_show_of_a_pack_from_elsewhere(run: Run) -> None:
    Path("a.yaml").write_text(WINDOW, encoding="utf-8")
    shown = lines(run("show", "a.report", "--packs", "a.yaml", "--year", "2024", "--lang", "en"))
    assert "2024Q3 2024-07-01 2024-07-15 2024-07-10" in shown
    assert "2024Q4 2024-10-01 not asked: the rule ends before it does, on 2024-11-30" in shown
    assert "- the division is within 120100" in shown
    assert "- (sectors does not include hotel and headcount is at least 10)" in shown
    deadline = lines(run("show", "a.plan", "--packs", "a.yaml", "--lang", "en", "--year", "2024"))
    assert "2024-09-30 2024-02-01 2024-09-30 2024-08-31" in deadline
    assert "Records before this day do not count: 2024-02-01" in deadline


def test_show_is_of_this_year_unless_another_is_given(run: Run) -> None:
    assert "2025 年日历：1 每月至少 1 次" in lines(run("show", "hedong-commerce.leadership-inspection"))


def test_a_rule_that_is_not_there(run: Run) -> None:
    assert "是否为“statutes.safety-officer”" in run("show", "statutes.safety-oficer", code=2).stderr
