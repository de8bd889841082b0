"""``zhiben query --format json``: the document of CONTRACT.md, worked out by hand."""

from __future__ import annotations

import json
import os

import pytest

from tests.cli import ledger
from tests.cli.conftest import Run, digest
from tests.cli.ledger import DAY

pytestmark = pytest.mark.usefixtures("folder")


def document(run: Run, uscc: str, day: str = DAY, *more: str) -> dict:
    result = run("query", uscc, "--as-of", day, "--format", "json", *more)
    assert result.stderr == ""
    return json.loads(result.stdout)


def verdicts(found: dict, duty: str) -> list[tuple]:
    return [(o["key"], o["verdict"]) for o in found["obligations"] if o["duty"] == duty]


def test_the_enterprise_of_the_example_in_semantics(run: Run) -> None:
    found = document(run, ledger.RESTAURANT)
    assert found["enterprise"] == {"uscc": ledger.RESTAURANT, "name": "甲饭店", "division": "120102",
                                   "sectors": ["catering"], "high_risk": False}
    assert found["as_of"] == DAY
    asked = [{k: o[k] for k in ("duty", "key", "starts_on", "due_on", "verdict", "required", "done", "fulfilled_on")}
             for o in found["obligations"]]
    columns = ("duty", "key", "starts_on", "due_on", "verdict", "required", "done", "fulfilled_on")
    drill, led = "evacuation_drill", "leadership_inspection"
    assert asked == [dict(zip(columns, row, strict=True)) for row in [
        (drill, "2024", "2024-01-01", "2024-12-31", "violated", 1, 0, None),
        (drill, "2025", "2025-01-01", "2025-12-31", "pending", 1, 0, None),
        (led, "2024Q2", "2024-04-01", "2024-06-30", "fulfilled", 1, 1, "2024-05-20"),
        (led, "2024Q3", "2024-07-01", "2024-09-30", "made_up", 1, 0, None),
        (led, "2024Q4", "2024-10-01", "2024-12-31", "made_up", 1, 0, None),
        (led, "2025Q1", "2025-01-01", "2025-03-31", "fulfilled", 1, 1, "2025-02-10"),
    ]]
    columns = ("duty", "key", "status", "due_on", "opened_on", "closed_on", "overdue_days", "streak")
    missed = [{k: v[k] for k in columns} for v in found["violations"]]
    assert missed == [dict(zip(columns, row, strict=True)) for row in [
        (drill, "2024", "open", "2024-12-31", "2025-01-01", None, 60, 1),
        (led, "2024Q3", "closed", "2024-09-30", "2024-10-01", "2025-02-10", 133, 1),
        (led, "2024Q4", "closed", "2024-12-31", "2025-01-01", "2025-02-10", 41, 2),
    ]]
    assert all(v["escalation"] == [] for v in found["violations"])
    assert found["recommendations"] == []


def test_every_obligation_cites_the_words_of_each_plan(run: Run) -> None:
    (asked,) = [o for o in document(run, ledger.RESTAURANT)["obligations"] if o["key"] == "2024Q2"]
    assert [(r["id"], r["clause"]) for r in asked["rules"]] == [
        ("hedong-commerce.leadership-inspection", "二（四）9"), ("hedong-safety.leadership-inspection", "二（五）8")]
    for rule in asked["rules"]:
        assert list(rule) == ["id", "document", "clause", "quote"]
        assert "每季度带队" in rule["quote"]
        assert "治本攻坚三年行动方案" in rule["document"]


def test_rows_are_sorted_by_duty_due_date_and_key(run: Run) -> None:
    for uscc in (ledger.RESTAURANT, ledger.ORGANISER, ledger.BLANK, ledger.CHEMICALS):
        for rows in (document(run, uscc)["obligations"], document(run, uscc)["violations"]):
            keys = [(row["duty"], row["due_on"] or "9999", row["key"]) for row in rows]
            assert keys == sorted(keys)


def test_what_does_not_exist_is_null(run: Run) -> None:
    found = document(run, ledger.BLANK)
    assert found["enterprise"]["sectors"] is None
    assert found["enterprise"]["high_risk"] is None
    (asked,) = [o for o in found["obligations"] if o["duty"] == "leadership_inspection" and o["key"] == "?"]
    assert [asked[k] for k in ("starts_on", "due_on", "required", "done", "fulfilled_on")] == [None] * 5
    assert asked["verdict"] == "unknown"
    assert {"high_risk", "sectors"} & set(asked["missing"])


def test_unknown_sectors_ask_for_the_loosest(run: Run) -> None:
    assert verdicts(document(run, ledger.BLANK), "leadership_inspection") == [
        ("2024Q2", "violated"), ("2024Q3", "violated"), ("2024Q4", "violated"), ("2025Q1", "pending"), ("?", "unknown")]


def test_nobody_claims_the_records_to_be_complete(run: Run) -> None:
    found = document(run, ledger.HOTEL)
    assert verdicts(found, "leadership_inspection") == [
        ("2024Q3", "unknown"), ("2024Q4", "unknown"), ("2025Q1", "pending")]
    assert verdicts(found, "emergency_plan_drill") == [("2024H2", "unknown"), ("2025H1", "pending")]
    assert verdicts(found, "evacuation_drill") == [("2024", "unknown"), ("2025", "pending")]


def test_a_state_that_is_absent(run: Run) -> None:
    found = document(run, ledger.HOTEL)
    (asked,) = [o for o in found["obligations"] if o["duty"] == "safety_officer"]
    assert (asked["key"], asked["verdict"], asked["due_on"]) == ("state", "violated", None)
    (violation,) = found["violations"]
    assert (violation["key"], violation["opened_on"], violation["closed_on"]) == ("2024-06-01", "2024-06-01", None)


def test_objects(run: Run) -> None:
    found = document(run, ledger.ORGANISER)
    rows = {(o["duty"], o["key"]): (o["due_on"], o["verdict"], o["fulfilled_on"]) for o in found["obligations"]
            if o["duty"].startswith(("exhibition", "hazard"))}
    assert rows == {
        ("exhibition_emergency_plan", "ZH-1"): ("2025-02-19", "fulfilled", "2025-02-19"),
        ("exhibition_emergency_plan", "ZH-2"): ("2025-03-14", "due_soon", None),
        ("exhibition_safety_plan", "ZH-1"): ("2025-02-19", "made_up", None),
        ("exhibition_police_permit", "ZH-1"): ("2025-02-19", "violated", None),
        ("hazard_reporting", "YH-1"): ("2025-01-13", "fulfilled", "2025-01-12"),
        ("hazard_rectification", "YH-1"): ("2025-02-10", "violated", None),
        ("hazard_rectification", "YH-2"): (None, "unknown", None),
    }
    starts = {o["key"]: o["starts_on"] for o in found["obligations"] if o["duty"] == "hazard_rectification"}
    assert starts == {"YH-1": "2025-01-10", "YH-2": "2025-01-20"}


def test_whoever_moves_away_lets_a_violation_lapse(run: Run) -> None:
    found = document(run, ledger.MOVED)
    assert found["enterprise"]["division"] == "120103"
    (drill,) = [v for v in found["violations"] if v["duty"] == "evacuation_drill"]
    assert (drill["status"], drill["opened_on"], drill["closed_on"], drill["overdue_days"]) == (
        "lapsed", "2025-01-01", "2025-01-15", 15)
    assert verdicts(found, "evacuation_drill") == [("2024", "violated")]


def test_high_risk_is_derived_from_the_sector(run: Run) -> None:
    found = document(run, ledger.CHEMICALS, "2024-05-15")
    assert found["enterprise"]["high_risk"] is True
    assert verdicts(found, "leadership_inspection") == [
        ("2024-03", "violated"), ("2024-04", "violated"), ("2024-05", "pending")]
    assert verdicts(found, "evacuation_drill") == [("2024H1", "pending")]


def test_recommendations(run: Run) -> None:
    found = {r["kind"]: r for r in document(run, ledger.ACCIDENT)["recommendations"]
             if any("accident:SG-1" in g["facts"] for g in r["grounds"])}
    assert set(found) == {"blacklist", "withhold_policy_support"}
    for recommendation in found.values():
        assert (recommendation["status"], recommendation["since"]) == ("proposed", "2024-08-01")
        (ground,) = recommendation["grounds"]
        assert ground["clause"] == "四（三）"
        assert ground["rule"].startswith("hedong-commerce.")
    held = [r for r in document(run, ledger.ACCIDENT)["recommendations"] if r["status"] == "unknown"]
    assert "blacklist" in {r["kind"] for r in held}
    assert all(r["missing"] for r in held)


def test_nothing_is_recommended_before_the_penalty(run: Run) -> None:
    found = document(run, ledger.ACCIDENT, "2024-07-31")
    assert [r for r in found["recommendations"] if r["status"] == "proposed"] == []


def test_current_leaves_out_what_has_ended(run: Run) -> None:
    keys = [(o["duty"], o["key"]) for o in document(run, ledger.RESTAURANT, DAY, "--current")["obligations"]]
    assert keys == [("evacuation_drill", "2025"), ("leadership_inspection", "2025Q1")]
    last_day = document(run, ledger.RESTAURANT, "2024-12-31", "--current")["obligations"]
    assert {o["key"] for o in last_day} == {"2024", "2024Q4"}


@pytest.mark.parametrize("typed", [
    ledger.RESTAURANT.lower(), f" {ledger.RESTAURANT} ", "".join(chr(ord(c) + 0xFEE0) for c in ledger.RESTAURANT)])
def test_a_code_however_it_is_typed(run: Run, typed: str) -> None:
    assert document(run, typed)["enterprise"]["uscc"] == ledger.RESTAURANT


@pytest.mark.parametrize("words", [
    (ledger.code(99),), ("甲饭店",), ("\udcff",), (ledger.LATE, "--as-of", "2025-01-31")])
def test_an_enterprise_that_is_not_there(run: Run, words: tuple[str, ...]) -> None:
    uscc, *more = words
    for command in (["query", *words], ["query", *words, "--format", "json"], ["why", uscc, "evacuation_drill", *more]):
        result = run(*command, code=2)
        assert result.stdout == ""
        assert len(result.stderr.splitlines()) == 1


def test_the_first_day_of_the_first_version(run: Run) -> None:
    assert document(run, ledger.LATE, "2025-02-01")["enterprise"]["name"] == "己小店"


def test_asking_writes_nothing_and_needs_no_sweep(run: Run) -> None:
    before, files = digest(), os.listdir()
    os.chmod("zhiben.db", 0o444)
    document(run, ledger.RESTAURANT)
    run("why", ledger.RESTAURANT, "evacuation_drill")
    run("totals")
    run("export", "obligations", "--format", "csv")
    assert (digest(), os.listdir()) == (before, files)
    swept = run("sweep", "--as-of", DAY, "--db", "sqlite:///copy.db", code=2)
    assert "copy.db" in swept.stderr


def test_a_sweep_changes_no_answer(run: Run) -> None:
    before = document(run, ledger.CHEMICALS)
    run("sweep", "--as-of", "2025-02-01")
    assert document(run, ledger.CHEMICALS) == before
