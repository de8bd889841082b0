"""The reference evaluator on authorities, on hours and cases, and on grounds that end, worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from facts.dossier import Claim, Dossier, Item, Version
from tests.reference.evaluator import evaluate

KIND = "enforcement_training"


def day(text: str) -> date:
    return date.fromisoformat(text)


def pack(rule: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"pack": "test/one", "division": "120102", "effective": {"from": day("2024-01-01")}, "rules": [
        {"id": "r", "duty": KIND, "bearer": "street", **rule}], **more}


def authority(kind: str | None = "street", division: str | None = "120102", covered: bool = True,
              **trainings: str | None) -> Dossier:
    """An authority and its trainings, written d20240301="20"; None: a record without amount."""
    facts = {"authority_kind": kind, "division": division}
    amounts = {date.fromisoformat(when[1:]): amount for when, amount in trainings.items()}
    return Dossier(
        "HD-01", (Version(date.min, {name: value for name, value in facts.items() if value}),),
        {KIND: tuple(sorted(amounts))}, (), (Claim(KIND, day("2024-01-01")),) if covered else (),
        {KIND: {when: Decimal(amount) for when, amount in amounts.items() if amount}}, is_authority=True)


def look(what: Dossier, packs: dict[str, Any], as_of: str) -> dict[str, Any]:
    result = evaluate(what, [packs], day(as_of))
    assert result is not None
    return result


def first(result: dict[str, Any], *fields: str) -> tuple[Any, ...] | None:
    """These fields of the first obligation."""
    return tuple(result["obligations"][0][field] for field in fields) if result["obligations"] else None


@pytest.mark.parametrize(("who", "key", "missing"), [
    ({}, "2024Q1", []),
    ({"kind": "bureau"}, "2024Q1", []),
    ({"kind": "government"}, None, []),
    ({"kind": None}, "?", ["authority_kind"]),
    ({"division": None}, "?", ["division"]),
    ({"kind": None, "division": None}, "?", ["authority_kind", "division"]),
    ({"kind": None, "division": "120103"}, None, []),
    ({"division": "120000"}, None, []),
])
def test_a_rule_binds_the_kinds_it_names_in_its_division(who, key, missing):
    result = look(authority(**who), pack({"bearer": ["street", "bureau"], "every": "quarter"}, sectors=["hotel"]),
                  "2024-01-31")
    assert first(result, "key", "missing") == (key and (key, missing))


@pytest.mark.parametrize(("division", "asked"), [("120000", True), ("120102", True), ("130000", False)])
def test_a_division_of_the_rule_s_own(division, asked):
    result = look(authority(division=division), pack({"division": "120000", "every": "quarter"}), "2024-01-31")
    assert bool(result["obligations"]) is asked


def test_enterprises_and_authorities_owe_each_their_own():
    rule = {"id": "r", "duty": "fire_check", "every": "quarter"}
    enterprise = Dossier("X", (Version(day("2020-01-01"), {"division": "120102", "authority_kind": "street"}),))
    assert look(authority(), pack({"every": "quarter"}) | {"rules": [rule]}, "2024-01-31")["obligations"] == []
    assert look(enterprise, pack({"every": "quarter"}), "2024-01-31")["obligations"] == []


def test_nothing_is_owed_before_the_rule_took_effect():
    result = look(authority(), pack({"every": "month"}), "2024-03-10")
    assert [row["key"] for row in result["obligations"]] == ["2024-01", "2024-02", "2024-03"]


HOURS = pack({"every": "year", "at_least": 60, "measured_in": "hours"})
TWENTY = {"d20240301": "20", "d20240601": "20.5", "d20250201": "1"}


@pytest.mark.parametrize(("last", "verdict", "done", "fulfilled_on", "closed_on"), [
    ("19.5", "fulfilled", "60", "2024-12-31", None),
    ("19.4", "made_up", "59.9", None, "2025-02-01"),
    ("18", "violated", "58.5", None, None),
    ("0", "violated", "40.5", None, None),
])
def test_hours_are_added_up(last, verdict, done, fulfilled_on, closed_on):
    result = look(authority(d20241231=last, **TWENTY), HOURS, "2025-03-01")
    assert first(result, "verdict", "done", "fulfilled_on") == (
        verdict, Decimal(done), fulfilled_on and day(fulfilled_on))
    assert [v["closed_on"] for v in result["violations"]] == (
        [] if verdict == "fulfilled" else [closed_on and day(closed_on)])


@pytest.mark.parametrize(("trainings", "verdict", "missing"), [
    ({"d20240301": "59", "d20240601": None}, "unknown", ["records.amount"]),
    ({"d20240301": None, "d20240601": "60"}, "fulfilled", []),
    # Made good or not: it was missed for certain, and what does not say how much it is makes nothing good.
    ({"d20240301": "59", "d20250110": None}, "violated", []),
    ({"d20240301": "59", "d20250110": None, "d20250120": "1"}, "made_up", []),
    ({"d20240301": None, "d20250120": "60"}, "unknown", ["records.amount"]),
])
def test_hours_not_stated_leave_the_sum_open(trainings, verdict, missing):
    assert first(look(authority(**trainings), HOURS, "2025-03-01"), "verdict", "missing") == (verdict, missing)


def test_while_there_is_time_hours_not_stated_matter_to_nobody():
    assert first(look(authority(d20240301=None), HOURS, "2024-06-01"), "verdict", "missing") == ("pending", [])


def test_cases_not_stated_are_one_each_and_what_is_lacking_is_made_good():
    cases = pack({"every": {"months": 2}, "at_least": 2, "measured_in": "cases"})
    done = authority(d20240115=None, d20240229=None, d20240430="1", d20240510=None, d20240705="2")
    result = look(done, cases, "2024-09-01")
    assert [(row["key"][5:7], row["verdict"], row["done"]) for row in result["obligations"]] == [
        ("01", "fulfilled", 2), ("03", "made_up", 1), ("05", "made_up", 1), ("07", "fulfilled", 2),
        ("09", "pending", 0)]
    assert [(v["closed_on"], v["streak"]) for v in result["violations"]] == [
        (day("2024-05-10"), 1), (day("2024-07-05"), 2)]


@pytest.mark.parametrize(("last", "verdict", "done", "missing"), [
    ("4", "fulfilled", 10, []),
    ("3", "made_up", 9, []),
    ("1", "violated", 7, []),
    (None, "unknown", 6, ["records.amount"]),
])
def test_hours_by_a_deadline(last, verdict, done, missing):
    rule = pack({"deadline": day("2024-12-31"), "at_least": 10, "measured_in": "hours"})
    result = look(authority(d20230301="6", d20241231=last, d20250110="2"), rule, "2025-02-01")
    assert first(result, "verdict", "done", "missing") == (verdict, done, missing)


@pytest.mark.parametrize(("as_of", "proposed", "open_ones"), [
    ("2024-04-30", [], []),
    ("2024-05-31", ["H-1"], ["H-3"]),
    ("2024-06-01", [], ["H-3"]),
    ("2024-06-02", [], []),
])
def test_a_ground_is_gone_from_the_day_on_which_it_ends(as_of, proposed, open_ones):
    def hazard(number: int, found_on: str, rectified_on: str | None, **level: str) -> Item:
        ends = {"rectified_on": day(rectified_on)} if rectified_on else {}
        return Item("hazard", f"H-{number}", {"found_on": day(found_on), **ends, **level})

    hazards = (hazard(1, "2024-05-01", "2024-06-01", level="major"), hazard(2, "2024-05-01", None, level="general"),
               hazard(3, "2024-05-02", "2024-06-02"))
    veto = {"id": "s", "recommend": "standardization_veto", "for_each": "hazard", "when": {"hazard.level": "major"},
            "from": "hazard.found_on", "until": "hazard.rectified_on"}
    enterprise = Dossier("X", (Version(day("2024-01-01"), {"division": "120102"}),), items=hazards)
    result = look(enterprise, pack({}) | {"rules": [], "recommendations": [veto]}, as_of)
    of = {status: [row["grounds"][0][1][0].removeprefix("hazard:") for row in result["recommendations"]
                   if row["status"] == status] for status in ("proposed", "unknown")}
    assert of == {"proposed": proposed, "unknown": open_ones}
