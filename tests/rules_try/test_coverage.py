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
