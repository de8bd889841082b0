"""`zhiben rules coverage --scenarios`: what no scenario touches."""

from __future__ import annotations

import json
from pathlib import Path

from tests.rules_try.conftest import Run

LIFTS = "features/lifts.yaml"


def test_what_scenarios_show_both_sides_of_is_touched(author: Path, rules: Run) -> None:
    assert "0 处没有场景两面都检验到" in rules("coverage", LIFTS, "--scenarios").stdout


def test_what_no_scenario_touches_is_listed_with_its_line(author: Path, rules: Run) -> None:
    (author / "features" / "elsewhere.feature").unlink()
    file = author / "features" / "lifts.feature"
    file.write_text(file.read_text("utf-8").split("  场景大纲")[0], encoding="utf-8")
    found = json.loads(rules("coverage", LIFTS, "--scenarios", "--format", "json", code=1).stdout)
    spots = {(s["line"], s["kind"], s["what"]): (len(s["fires"]), len(s["does_not_fire"]))
             for s in found["packs"][0]["spots"]}
    assert spots == {
        (6, "condition", "sectors: mall"): (1, 0),
        (6, "condition", "sectors: hotel"): (0, 1),
        (10, "rule", "lift_check"): (1, 0),
        (16, "case", "when: {headcount: {ge: 100}}, every: month"): (0, 1),
        (16, "condition", "headcount ge: 100"): (0, 1),
        (18, "case", "every: quarter"): (1, 0),
    }
    assert found["untouched"] == 6
    assert f"{LIFTS}:16" in rules("coverage", LIFTS, "--scenarios", code=1).stdout


def test_what_happens_to_hold_but_is_not_checked_is_not_touched(author: Path, rules: Run) -> None:
    for name in ("lifts", "elsewhere"):
        (author / "features" / f"{name}.feature").unlink()
    (author / "features" / "other.feature").write_text("""\
Feature: nothing about lifts
  Scenario: recommendations
    Given the rule packs "lifts.yaml"
    And the enterprise is as follows
      | division | sectors | valid_from |
      | 990102   | mall    | 2024-01-01 |
    When judged as of 2024-04-02
    Then there are no recommendations
""", encoding="utf-8")
    found = json.loads(rules("coverage", LIFTS, "--scenarios", "--format", "json", code=1).stdout)
    assert not any(spot["fires"] or spot["does_not_fire"] for spot in found["packs"][0]["spots"])


def test_without_scenarios_it_is_about_clauses(author: Path, rules: Run) -> None:
    assert "xin-shi/lifts" in rules("coverage", LIFTS).stderr


LADDER = """\
ladders:
  - id: xin.ladder
    titles: {zh: 梯次, en: ladder}
    clause: 第九条
    quote: 逾期的提醒，十日的通报
    steps:
      - {step: remind, after: 0}
      - {step: circular, after: {assumption: 10, reason: 十日}}
"""
STEPS = """\
Feature: what follows
  Scenario Outline: not checked each quarter, as of <day>
    Given the rule packs "lifts.yaml"
    And the enterprise is as follows
      | division | sectors | headcount | valid_from |
      | 990102   | mall    | 99        | 2024-01-01 |
    And the ledger is complete from 2024-01-01 on
    When judged as of <day>
    Then {then}

    Examples:
      | day        |
{days}
"""


def steps(rules: Run, then: str, *days: str, code: int = 1) -> list[tuple[int, str, int, int]]:
    """The spots of the ladder in which scenarios that say ``then`` on these days leave something to be shown."""
    with Path(LIFTS).open("a", encoding="utf-8") as file:
        file.write(LADDER)
    Path("features/ladder.feature").write_text(
        STEPS.format(then=then, days="\n".join(f"      | {day} |" for day in days)), encoding="utf-8")
    found = json.loads(rules("coverage", LIFTS, "--scenarios", "--format", "json", code=code).stdout)["packs"][0]
    spots = [s for s in found["spots"] if s["kind"] == "step"]
    assert {(s["rule"], s["clause"]) for s in spots} == {("xin.ladder", "第九条")}
    return [(s["line"], s["what"], len(s["fires"]), len(s["does_not_fire"])) for s in spots]


def test_a_step_is_to_be_shown_issued_and_not_yet_issued(author: Path, rules: Run) -> None:
    # The reminder comes with the violation: there is no day without it.
    then = 'the steps about "2024Q1" of "lift_check" are exactly\n      | step   |\n      | remind |'
    assert steps(rules, then, "2024-04-01", "2024-04-10") == [
        (25, "step: remind, after: 0", 1, 0), (26, "step: circular, after: 10", 0, 1)]
    assert f"{LIFTS}:26" in (shown := rules("coverage", LIFTS, "--scenarios", code=1).stdout)
    assert "xin.ladder" in shown
    assert f"{LIFTS}:25" not in shown


def test_both_sides_of_a_step(author: Path, rules: Run) -> None:
    outline = ('the steps about "2024Q1" of "lift_check" are exactly\n      | step     |\n      | remind   |\n'
               "      | circular |")
    (author / "features" / "day_before.feature").write_text(STEPS.format(
        then='the steps about "2024Q1" of "lift_check" are exactly\n      | step   |\n      | remind |',
        days="      | 2024-04-10 |"), encoding="utf-8")
    assert steps(rules, outline, "2024-04-11", code=0) == [
        (25, "step: remind, after: 0", 2, 0), (26, "step: circular, after: 10", 1, 1)]


def test_a_ladder_of_which_scenarios_say_nothing_is_not_touched(author: Path, rules: Run) -> None:
    assert steps(rules, '"2024Q1" of "lift_check" is violated', "2024-06-01") == [
        (25, "step: remind, after: 0", 0, 0), (26, "step: circular, after: 10", 0, 0)]
