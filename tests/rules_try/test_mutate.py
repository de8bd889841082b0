"""`zhiben rules mutate`: changes that no scenario notices are found and told with their place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.mutants import mutants
from engine.yaml_source import parse
from tests.rules_try.conftest import PACK, Run

LIFTS = "features/lifts.yaml"
OBJECT = "for_each: hazard\n        done_on: hazard.reported_on\n        due: {of: hazard.found_on}\n"


def changes(text: str) -> list[str]:
    return [f"{mutant.mark.line} {mutant.what.en}" for mutant in mutants(parse(text, "lifts.yaml"))]


def survivors(rules: Run, code: int) -> list[str]:
    found = json.loads(rules("mutate", LIFTS, "--format", "json", "--workers", "1", code=code).stdout)
    return [f"{s['line']} {s['change']['en']}" for s in found["packs"][0]["survivors"]]


def test_every_kind_of_change_is_made() -> None:
    assert changes(PACK) == [
        "5 division: 990102 → 990101", "5 division: 990102 → 990100",
        "6 without sectors: [mall, hotel]", "6 sectors without mall", "6 sectors without hotel",
        "7 from: 2024-01-01 → 2023-12-31", "7 from: 2024-01-01 → 2024-01-02",
        "7 to: 2025-12-31 → 2025-12-30", "7 to: 2025-12-31 → 2026-01-01",
        "10 rules without xin.lift-check",
        "16 cases without {when: {headcount: {ge: 100}}, every: month}",
        "16 cases without when: {headcount: {ge: 100}}",
        "16 headcount: ge → gt", "16 headcount: ge → le", "16 headcount ge: 100 → 99", "16 headcount ge: 100 → 101",
        "17 at_least: 1 → 2", "17 every: month → quarter", "17 every: month → {months: 2}",
        "18 cases without {every: quarter}", "18 at_least: 1 → 2", "18 every: quarter → month",
        "18 every: quarter → half_year",
    ]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("every: quarter\n        within: {from_day: 1, to_day: 15}",
         ["without within", "from_day: 1 → 2", "to_day: 15 → 14", "to_day: 15 → 16"]),
        ("every: quarter\n        at_least: {assumption: 2, reason: r}", ["at_least: 2 → 1", "at_least: 2 → 3"]),
        ("every: quarter\n        remind_before: 5", ["remind_before: 5 → 4", "remind_before: 5 → 6"]),
        ("deadline: 2024-12-31\n        since: 2024-02-01",
         ["deadline: 2024-12-31 → 2025-01-01", "since: 2024-02-01 → 2024-01-31", "without since", "at_least: 1 → 2"]),
        ("for_each: hazard\n        done_on: hazard.reported_on\n        due: {of: hazard.found_on, days: 3}",
         ["done_on: hazard.reported_on → hazard.deadline", "of: hazard.found_on → hazard.reported_on", "days: 3 → 2"]),
        ("for_each: hazard\n        done_on: hazard.reported_on\n        due: {date: 2024-12-31}",
         ["date: 2024-12-31 → 2025-01-01"]),
        ("state: {any: [{safety_officers: {ge: 1}}, {not: {safety_department: false}}]}",
         ["state: any → all", "safety_officers ge: 1 → 2", "without not", "safety_department: false → true"]),
        (f"{OBJECT}        when: {{hazard.level: {{in: [major, general]}}, sectors: {{none: [hotel, mall]}}}}",
         ["hazard.level in without major", "sectors: none → any", "sectors none without mall", "days: 0 → 1"]),
    ],
)
def test_what_is_asked_for_is_changed_in_every_way(written: str, wanted: list[str]) -> None:
    found = " | ".join(changes(PACK.replace("every: quarter", written)))
    for change in wanted:
        assert change in found


LADDER = """\
ladders:
  - id: xin.ladder
    titles: {zh: 梯次, en: ladder}
    duties: [lift_check, other]
    clause: 四
    quote: 逾期提醒
    effective: {from: 2024-01-01, to: 2025-06-30}
    steps:
      - {step: remind, after: {assumption: 0, reason: r}}
      - {step: expose, after: 30, when: {streak: {ge: 2}, hazard.level: major}}
      - {step: hand_over, after: 60, when: {steps_taken: {ge: {assumption: 2, reason: r}}, refused: true}}
"""


def test_ladders_are_changed_in_every_way() -> None:
    found = [change.partition(" ")[2] for change in changes(PACK + LADDER) if int(change.split()[0]) > 18]
    assert found == [
        "ladders without xin.ladder", "ladders without duties: [lift_check, other]", "duties without lift_check",
        "duties without other", "from: 2024-01-01 → 2023-12-31", "from: 2024-01-01 → 2024-01-02",
        "to: 2025-06-30 → 2025-06-29", "to: 2025-06-30 → 2025-07-01",
        "steps without {step: remind, after: {assumption: 0, reason: r}}", "step: remind → urge", "after: 0 → 1",
        "steps without {step: expose, after: 30, when: {streak: {ge: 2}, hazard.le…",
        "step: expose → treat_as_accident",
        "after: 30 → 29", "after: 30 → 31", "steps without when: {streak: {ge: 2}, hazard.level: major}",
        "when without streak: {ge: 2}", "streak ge: 2 → 1", "streak ge: 2 → 3",
        "when without hazard.level: major", "hazard.level: major → general",
        "steps without {step: hand_over, after: 60, when: {steps_taken: {ge: {assu…", "step: hand_over → expose",
        "after: 60 → 59", "after: 60 → 61",
        "steps without when: {steps_taken: {ge: {assumption: 2, reason: r}}, refused: tr…",
        "when without steps_taken: {ge: {assumption: 2, reason: r}}", "steps_taken ge: 2 → 1", "steps_taken ge: 2 → 3",
        "when without refused: true"]


def test_a_scenario_notices_every_number_of_a_ladder(author: Path, rules: Run) -> None:
    pack = author / LIFTS
    pack.write_text(PACK + """\
ladders:
  - id: xin.ladder
    titles: {zh: 梯次, en: ladder}
    clause: 四
    quote: 逾期提醒
    steps:
      - {step: remind, after: {assumption: 5, reason: r}}
      - {step: expose, after: {assumption: 30, reason: r}, when: {streak: {ge: {assumption: 2, reason: r}}}}
""", encoding="utf-8")
    assert [line for line in survivors(rules, 1) if int(line.split()[0]) > 18] == [
        "20 ladders without xin.ladder", "25 steps without {step: remind, after: {assumption: 5, reason: r}}",
        "25 step: remind → urge", "25 after: 5 → 4", "25 after: 5 → 6",
        "26 steps without {step: expose, after: {assumption: 30, reason: r}, when: {s…",
        "26 step: expose → treat_as_accident", "26 after: 30 → 29", "26 after: 30 → 31",
        "26 steps without when: {streak: {ge: {assumption: 2, reason: r}}}", "26 streak ge: 2 → 1",
        "26 streak ge: 2 → 3"]
    (author / "features" / "steps.feature").write_text("""\
Feature: steps

  Scenario: two quarters missed
    Given the rule packs "lifts.yaml"
    And the enterprise is as follows
      | division | sectors | headcount | valid_from |
      | 990102   | mall    | 99        | 2024-01-01 |
    And the ledger of "lift_check" is complete from 2024-01-01 on
    When judged as of 2024-08-31
    Then the steps about "2024Q1" of "lift_check" are exactly
      | level | step   | due_on     |
      | 1     | remind | 2024-04-06 |
    And the steps about "2024Q2" of "lift_check" are exactly
      | level | step   | due_on     |
      | 1     | remind | 2024-07-06 |
      | 2     | expose | 2024-07-31 |
""", encoding="utf-8")
    assert [line for line in survivors(rules, 1) if int(line.split()[0]) > 18] == []


def test_a_mutant_leaves_the_pack_as_it_was() -> None:
    source = parse(PACK, "lifts.yaml")
    before = repr(source.data)
    for mutant in mutants(source):
        assert mutant.apply(source.data) != source.data
    assert repr(source.data) == before


def test_survivors_are_told_and_a_scenario_kills_them(author: Path, rules: Run) -> None:
    left = survivors(rules, code=1)
    assert "7 to: 2025-12-31 → 2025-12-30" in left
    assert "17 at_least: 1 → 2" in left
    assert "16 headcount ge: 100 → 101" not in left
    said = rules("mutate", LIFTS, "--workers", "1", code=1).stdout
    assert f"{LIFTS}:17:9: xin.lift-check: at_least: 1 → 2" in said

    feature = author / "features" / "lifts.feature"
    feature.write_text(feature.read_text("utf-8") + """
  场景: 一次就够
    假如 企业情况如下
      | 行政区划代码 | 行业领域 | 从业人员数 | 生效日期   |
      | 990102       | 宾馆酒店 | 300        | 2024-01-01 |
    而且 "电梯检查" 的记录有 2024-01-09
    当 截至 2024-01-10 判定
    那么 "lift_check" 的 "2024-01" 为已履行
""", encoding="utf-8")
    # The file was read before under its name, and is now another.
    feature.rename(feature.with_name("more.feature"))
    assert "17 at_least: 1 → 2" not in survivors(rules, code=1)


def test_changes_that_mean_nothing_are_not_counted(author: Path, rules: Run) -> None:
    pack = author / LIFTS
    pack.write_text(pack.read_text("utf-8").replace("kinds:", "judged_from: 2023-01-01\nkinds:"), encoding="utf-8")
    found = json.loads(rules("mutate", LIFTS, "--format", "json", "--workers", "1", code=1).stdout)["packs"][0]
    assert found["same"] == 2


def test_workers_change_nothing_but_the_time(author: Path, rules: Run) -> None:
    alone, together = (rules("mutate", LIFTS, "--format", "json", "--workers", n, code=1).stdout for n in "12")
    assert alone == together


def test_enough_may_be_less_than_all(author: Path, rules: Run) -> None:
    rules("mutate", LIFTS, "--workers", "1", "--at-least", "50")


def test_scenarios_that_fail_as_they_are_come_first(author: Path, rules: Run) -> None:
    feature = author / "features" / "lifts.feature"
    feature.write_text(feature.read_text("utf-8").replace("为未到期", "为违规"), encoding="utf-8")
    said = rules("mutate", LIFTS, code=2).stderr
    assert "lifts.feature:18" in said
    assert "rules test" in said


def test_a_pack_without_scenarios_and_a_pack_that_is_not_there(author: Path, rules: Run) -> None:
    assert "没有场景用到" in rules("mutate", "national/statutes", code=2).stderr
    assert "national/statutes" in rules("mutate", "national/statute", code=2).stderr


def test_a_pack_that_was_just_started_is_tried_with_the_scenarios_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rules: Run
) -> None:
    monkeypatch.chdir(tmp_path)
    rules("new", "my-city/plan")
    assert "plan.yaml" in rules("mutate", "my-city/plan.yaml", "--workers", "1", "--at-least", "0").stdout
    rules("coverage", "--scenarios", "my-city/plan.yaml")
