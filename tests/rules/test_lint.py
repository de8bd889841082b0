"""One flawed pack a mistake: each is named with its place, code and words that tell what to do, in both languages.

The packs stand in ``flawed_packs``. The comments at the head of a file say what is expected of it, one finding a line:
``LINE:COLUMN CODE | words of the message in Chinese | in English``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.findings import Finding, Level
from engine.lint import lint, product_beside
from engine.packs import load_rulebook_texts, packaged_packs
from tests.engine.test_pack_errors import BROKEN

FLAWED = sorted((Path(__file__).parent / "flawed_packs").glob("*.yaml"))
_EXPECTED = re.compile(r"^# (\d+:\d+) (\S+) \| (.+) \| (.+)$", re.MULTILINE)

PACK = """\
pack: test/a
titles: {zh: 甲, en: a}
documents: {plan: {title: 方案}}
division: "120102"
effective: {from: 2024-01-01}
rules:
  - {id: a.check, duty: fire_check, titles: {zh: 防火检查, en: fire check}, clause: 一, quote: "QUOTE", ASK}
"""


def pack(ask: str = "every: month", quote: str = "每月", base: str = PACK) -> str:
    return base.replace("QUOTE", quote).replace("ASK", ask)


def codes(text: str, *, alone: bool = True, **options) -> list[str]:
    """Of the pack alone, or with the product's packs beside it."""
    beside = {} if alone else None
    return [finding.problem.code for finding in lint({"a.yaml": text}, beside=beside, **options)]


def assert_expected(found: tuple[Finding, ...], file: Path) -> None:
    expected = _EXPECTED.findall(file.read_text(encoding="utf-8"))
    assert expected, "the head of the file says what is wrong with it"
    shown = [(f"{f.problem.line}:{f.problem.column}", f.problem.code) for f in found]
    assert shown == [(place, code) for place, code, _, _ in expected]
    for finding, (place, code, zh, en) in zip(found, expected, strict=True):
        for language, words in (("zh", zh), ("en", en)):
            line = finding.show(language)
            assert line.startswith(f"{file}:{place}: {code}: ")
            assert words in line
            assert "\n" not in line


@pytest.mark.parametrize("file", FLAWED, ids=lambda file: file.stem)
def test_a_flaw_is_named_with_its_place(file: Path) -> None:
    assert_expected(lint({str(file): file.read_text(encoding="utf-8")}, beside={}), file)


@pytest.mark.parametrize("file", [f for f in FLAWED if f.stem != "several-broken-rules"], ids=lambda file: file.stem)
def test_the_loader_does_not_see_these_flaws(file: Path) -> None:
    load_rulebook_texts({str(file): file.read_text(encoding="utf-8")})


@pytest.mark.parametrize("file", sorted(BROKEN.glob("*.yaml")), ids=lambda file: file.stem)
def test_what_the_loader_refuses_is_among_the_errors(file: Path) -> None:
    found = lint({str(file): file.read_text(encoding="utf-8")}, beside={})
    errors = {(f"{f.problem.line}:{f.problem.column}", f.problem.code) for f in found if f.level is Level.ERROR}
    assert {(place, code) for place, code, _, _ in _EXPECTED.findall(file.read_text(encoding="utf-8"))} <= errors


def test_the_mistakes_of_all_files_are_named_in_one_go() -> None:
    found = lint({"b.yaml": pack("every: week").replace("test/a", "test/b").replace("a.check", "b.check"),
                  "c.yaml": "pack: [",
                  "a.yaml": pack("every: month, when: {headcount: {gt: 5, lt: 5}}", "5人每月")})
    assert [(f.problem.file, f.problem.code) for f in found] == [
        ("a.yaml", "dead-rule"), ("b.yaml", "value"), ("c.yaml", "yaml")]


def test_a_broken_declaration_is_not_reported_a_second_time_as_a_missing_name() -> None:
    text = pack("every: month, record: pests").replace("rules:", "kinds: {pests: {zh: 虫害}}\nrules:")
    assert codes(text) == ["missing-key"]


def test_the_products_packs_have_no_findings() -> None:
    assert [f.show("en") for f in lint(packaged_packs())] == []


def test_the_products_packs_stand_beside_a_pack_from_elsewhere() -> None:
    text = pack("for_each: accident, when: {accident.large_or_above: true}, done_on: accident.penalized_on, "
                "due: {of: accident.occurred_on}", "较大事故").replace("fire_check", "accident_penalty")
    assert codes(text, alone=False) == []
    assert codes(text) == ["unknown-fact"]


def test_another_version_of_a_pack_takes_its_place() -> None:
    file, text = next((f, t) for f, t in packaged_packs().items() if "pack: national/statutes" in t)
    assert file not in product_beside({"/elsewhere/mine.yaml": text})
    assert lint({"/elsewhere/mine.yaml": text}) == ()


def test_what_clashes_with_the_product_is_said_of_the_pack_checked() -> None:
    text = pack("every: month").replace("test/a", "aaa").replace("a.check", "statutes.safety-officer")
    assert [(f.problem.file, f.problem.code) for f in lint({"a.yaml": text})] == [("a.yaml", "duplicate")]


# What is no flaw


@pytest.mark.parametrize(("ask", "quote"), [
    pytest.param("every: quarter", "每季度至少一次", id="frequency"),
    pytest.param("every: half_year", "至少每半年组织1次", id="half-year"),
    pytest.param("every: year", "at least once a year", id="English"),
    pytest.param("every: {months: 2}", "每两个月一次", id="two months"),
    pytest.param("every: {years: 3}", "每3年评估一次", id="three years"),
    pytest.param("every: year, at_least: 2", "每年不少于两次", id="two as a word"),
    pytest.param("every: month, at_least: 1", "每月检查", id="once need not be said"),
    pytest.param("every: quarter, within: {from_day: 1, to_day: 7}", "每季度第一周内", id="a week"),
    pytest.param("every: month, when: {headcount: {gt: 100}}", "超过一百人的每月一次", id="Chinese numeral"),
    pytest.param("every: month, when: {headcount: {ge: 101}}", "超过100人的每月一次", id="beside the number"),
    pytest.param("every: month, when: {headcount: {ge: 1000}}", "1,000 persons or more each month", id="thousands"),
    pytest.param("every: month, when: {safety_officers: {ge: 1}}", "有专职人员的每月一次", id="to have one"),
    pytest.param("every: month, when: {headcount: {ge: {assumption: 50, reason: 未写}}}", "规模以上的每月",
                 id="assumption"),
    pytest.param("deadline: 2024-12-31", "2024年底前完成", id="end of the year"),
    pytest.param("deadline: 2024-06-30", "6月30日前完成", id="month and day"),
    pytest.param("deadline: 2024-06-30", "二〇二四年六月底前完成", id="year in Chinese"),
])
def test_what_the_quote_prints_is_sourced(ask: str, quote: str) -> None:
    assert codes(pack(ask, quote)) == []


@pytest.mark.parametrize(("ask", "quote"), [
    pytest.param("every: month, when: {headcount: {ge: 99}}", "超过100人的每月一次", id="on the wrong side"),
    pytest.param("every: year", "三年行动方案每半年一次", id="a plan of three years"),
    pytest.param("every: month", "2024年3月起检查", id="the name of a month"),
])
def test_what_only_looks_like_it_is_not(ask: str, quote: str) -> None:
    assert codes(pack(ask, quote)) == ["number-without-source"]


def test_losses_are_counted_in_ten_thousands() -> None:
    ask = ("for_each: accident, when: {accident.direct_loss: {ge: 10000}}, done_on: accident.penalized_on, "
           "due: {of: accident.occurred_on}")
    assert codes(pack(ask, "1亿元以上")) == []
    assert codes(pack(ask, "5000万元以上")) == ["number-without-source"]


CASES = """\
pack: test/a
titles: {zh: 甲, en: a}
documents: {plan: {title: 方案}}
division: "120102"
effective: {from: 2024-01-01}
rules:
  - id: a.check
    duty: fire_check
    titles: {zh: 防火检查, en: fire check}
    clause: 一
    quote: 每月、每季度、每半年、每年；10人，100人，1000人
    cases: CASES
"""


@pytest.mark.parametrize("cases", [
    pytest.param("[{when: {high_risk: true}, every: month}, {every: quarter}]", id="exception and rule"),
    pytest.param("[{when: {headcount: {ge: 1000}}, every: month}, {when: {headcount: {ge: 100}}, every: quarter}, "
                 "{every: year}]", id="a ladder"),
    pytest.param("[{when: {headcount: {ge: 100}}, every: month}, {when: {headcount: {lt: 100}}, every: quarter}]",
                 id="together everything"),
    pytest.param("[{when: {high_risk: true}, every: month}, {when: {high_risk: false}, every: quarter}]",
                 id="yes and no"),
    pytest.param("[{when: {sectors: {any: [hotel]}}, every: month}, {when: {sectors: {none: [hotel]}}, every: year}]",
                 id="in and out"),
])
def test_cases_that_are_sound(cases: str) -> None:
    assert codes(CASES.replace("CASES", cases)) == []


def test_no_number_of_people_is_below_zero() -> None:
    cases = "[{when: {headcount: {lt: 0}}, every: month}, {when: {headcount: {ge: 0}}, every: year}]"
    assert codes(CASES.replace("CASES", cases).replace("每月", "每月0人")) == ["dead-rule"]


@pytest.mark.parametrize(("first", "second"), [
    pytest.param("every: month", "when: {high_risk: true}, every: quarter", id="other conditions"),
    pytest.param("every: month", "every: month, remind_before: 3", id="another reminder"),
    pytest.param("every: month, effective: {from: 2024-01-01, to: 2024-06-30}",
                 "every: quarter, effective: {from: 2024-07-01}", id="one after the other"),
])
def test_rules_that_do_not_contradict(first: str, second: str) -> None:
    one = pack(first, "每月、每季度3日")
    assert codes(one + pack(second, "每月、每季度3日").splitlines()[-1].replace("a.check", "a.again") + "\n") == []


# Quotes

DOCUMENT = "一、总体要求\n  （一）生产经营单位每季度\n至少开展　1 次检查，\n每年组织演练。"


@pytest.mark.parametrize("quote", ["每季度至少开展1次检查", "生产经营单位每季度……每年组织演练", "每季度 至少 开展 1次"])
def test_quotes_stand_in_the_document_white_space_aside(quote: str) -> None:
    assert codes(pack("every: quarter", quote), documents=["别的文件", DOCUMENT]) == []


def test_where_a_quote_departs_from_the_document() -> None:
    text = pack("every: quarter, at_least: 2", "生产经营单位每季度至少开展2次检查")
    (finding,) = lint({"a.yaml": text}, documents=["别的文件", DOCUMENT])
    assert (finding.problem.code, finding.problem.line, finding.level) == ("quote", 7, Level.ERROR)
    assert "原文“生产经营单位每季度至少开展”之后是“1次检查，每年组织演练。”，引文是“2次检查”" in finding.show("zh")
    assert "after “生产经营单位每季度至少开展” the document has “1次检查，每年组织演练。”" in finding.show("en")
    assert "the quote “2次检查”" in finding.show("en")


def test_a_quote_from_nowhere() -> None:
    (finding,) = lint({"a.yaml": pack("every: quarter", "本句每季度都没有")}, documents=[DOCUMENT])
    assert "原文中没有“本句每季度都没有”；请从原文复制" in finding.show("zh")


def test_parts_of_a_quote_stand_in_their_order() -> None:
    assert codes(pack("every: quarter", "组织演练……每季度"), documents=[DOCUMENT]) == ["quote"]
