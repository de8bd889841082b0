"""The sentences of scenarios: wording, matching, and what they say when something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.expectations import Unmet
from engine.scenario import run, scenarios_of
from engine.scenario_facts import ScenarioError
from engine.sentences import Sentence, blanks, match, nearest, pattern, plain, read, sentences, tables
from facts.language import Language
from facts.vocabulary import SHEETS

PACKS = Path(__file__).parent.parent / "features" / "conformance" / "packs"


def play(folder: Path, text: str) -> None:
    file = folder / "tried.feature"
    file.write_text(text.replace("PACKS", str(PACKS)), encoding="utf-8")
    for scenario in scenarios_of(file):
        run(scenario)


ENGLISH = """
Feature: in English
  Scenario: made up
    Given the rule packs "PACKS/leadership.yaml"
    And the enterprise is as follows
      | valid_from | high_risk | name |
      | 2020-01-01 | no        | A    |
    And there are records of "leadership_inspection" on 2024-05-20, 2025-02-10
    And the ledger is complete from 2024-01-01 on
    When judged as of 2025-03-01
    Then "2024Q3" of "leadership_inspection" is made_up
    And "leadership_inspection" does not ask for "2024Q1"
    And the violations of "leadership_inspection" are exactly
      | key    | status | overdue_days | streak |
      | 2024Q3 | closed | 133          | 1      |
      | 2024Q4 | closed | 41           | 2      |
    And there are no recommendations
"""

CHINESE = """# language: zh-CN
功能: 中文
  场景: 季度
    假如 规则包 “PACKS/leadership.yaml”
    而且 企业情况如下
      | 生效日期   | 高危 | {column} |
      | 2024年4月1日 | 否 | {cell} |
    当 截至2024年5月1日判定
    那么 {then}
"""


PENDING = "“leadership_inspection” 的 “2024Q2” 为未到期"


def chinese(column: str = "企业名称", cell: str = "甲", then: str = PENDING) -> str:
    return CHINESE.format(column=column, cell=cell, then=then)


@pytest.mark.parametrize("sentence", sentences(), ids=lambda sentence: sentence.id)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_example_is_its_own_sentence_and_no_other(sentence: Sentence, language: Language) -> None:
    text = sentence.example(language)
    assert [other.id for other in sentences() if read(other, text)] == [sentence.id]


@pytest.mark.parametrize("sentence", sentences(), ids=lambda sentence: sentence.id)
def test_both_languages_have_the_same_documented_blanks(sentence: Sentence) -> None:
    zh, en = (set(pattern(wording).named_fields) for wording in (sentence.wording.zh, sentence.wording.en))
    assert zh == en
    assert zh <= set(blanks())


def test_tables_are_sheets_or_declared() -> None:
    known = {sheet.name for sheet in SHEETS} | set(tables())
    assert {sentence.table for sentence in sentences() if sentence.table} <= known


@pytest.mark.parametrize(
    "text", ["截至 2024-05-01 判定", "截至2024-05-01判定", "  截至　2024-05-01  判定 "],
)
def test_spaces_beside_chinese_do_not_matter(text: str) -> None:
    found = match("when", text)
    assert found is not None
    assert (found.sentence.id, found.blanks) == ("judge", {"date": "2024-05-01"})


def test_curly_quotes_are_quotes_and_spaces_within_them_stay() -> None:
    assert plain("“a b” 的 “c”") == '"a b"的"c"'


def test_a_sentence_belongs_to_its_kind_of_step() -> None:
    assert match("given", "截至 2024-05-01 判定") is None


def test_nearest_looks_past_what_is_filled_in() -> None:
    assert nearest("截止 2024-05-01 判断", "zh") == "截至 {date} 判定"
    assert nearest('there are records for "x" on 2024-01-01', "en") == 'there are records of "{kind}" on {dates}'
    assert nearest("天气很好", "zh") is None


def test_features_may_be_english(tmp_path: Path) -> None:
    play(tmp_path, ENGLISH)


def test_features_may_be_chinese_with_curly_quotes(tmp_path: Path) -> None:
    play(tmp_path, chinese())


@pytest.mark.parametrize(
    "then",
    [
        '"leadership_inspection" 的 "2024Q2" 为违规',
        '"leadership_inspection" 的 "2024Q1" 为未到期',
        '"leadership_inspection" 不要求 "2024Q2"',
        '没有 "leadership_inspection" 的义务',
        '"leadership_inspection" 的义务恰为\n      | 期间 |',
        '"leadership_inspection" 的义务恰为\n      | 期间 |\n      | 2024Q2 |\n      | 2024Q2 |',
        '"leadership_inspection" 的义务包括\n      | 期间 |\n      | 2024Q3 |',
        '建议恰为\n      | 建议 |\n      | 列入黑名单 |',
        "企业尚不在册",
        "企业现况为\n      | 高危 |\n      | 是 |",
    ],
)
def test_what_is_not_so_is_unmet(tmp_path: Path, then: str) -> None:
    with pytest.raises(Unmet):
        play(tmp_path, chinese(then=then))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (chinese(column="行业"), ["行业", "行业领域"]),
        (chinese(column="行业领域", cell="宾馆酒楼"), ["宾馆酒楼", "宾馆酒店"]),
        (chinese(then='"inspections" 的 "2024Q2" 为未到期'), ["inspections", "leadership_inspection"]),
        (chinese(then='"leadership_inspection" 的 "2024Q2" 为未完成'), ["未完成", "未到期"]),
        (chinese(then='"leadership_inspection" 的义务恰为'), ["表"]),
        (chinese(then='"leadership_inspection" 的义务恰为\n      | 期 |\n      | 2024Q2 |'), ["期间"]),
        (chinese(then='"leadership_inspection" 的义务是 "2024Q2"'), ["第 9 行", "最接近", "的义务"]),
        (chinese().replace("2024年5月1日", "2024年2月30日"), ["2024年2月30日", "没有这一天"]),
        (chinese().replace("    假如 规则包 “PACKS/leadership.yaml”\n    而且", "    假如"), ["规则包"]),
    ],
)
def test_what_cannot_be_read_is_told_with_the_nearest_right_word(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(ScenarioError) as caught:
        play(tmp_path, text)
    for word in words:
        assert word in caught.value.message.zh
