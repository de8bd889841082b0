"""The reference evaluator on ladders and waivers, worked out by hand from sections 5 and 7 of the semantics."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.waivers import Waiver
from facts.dossier import Claim, Dossier, Item, Version
from tests.reference.evaluator import evaluate

CHECK = {"id": "a.check", "duty": "fire_check", "clause": "一", "quote": "…", "every": "month"}
ALARM = {"id": "a.alarm", "duty": "gas_alarm", "clause": "二", "quote": "…", "state": {"gas_alarm": True}}
HAZARD = {"id": "a.hazard", "duty": "hazard_rectification", "clause": "三", "quote": "…", "for_each": "hazard",
          "done_on": "hazard.rectified_on", "due": {"of": "hazard.deadline"}}


def day(text: str) -> date:
    """A day of 2024, or with its year."""
    return date.fromisoformat(text if len(text) > 5 else f"2024-{text}")


def step(name: str, after: int, **when: Any) -> dict[str, Any]:
    if "level" in when:
        when["hazard.level"] = when.pop("level")
    return {"step": name, "after": after} | ({"when": when} if when else {})


def pack(*steps: dict[str, Any], name: str = "test/a", division: str = "120000", rules: tuple[dict[str, Any], ...] = (
        CHECK, ALARM, HAZARD), until: str | None = None, **ladder: Any) -> dict[str, Any]:
    prefix = name.rpartition("/")[2]
    return {"pack": name, "division": division,
            "effective": {"from": day("01-01")} | ({"to": day(until)} if until else {}),
            "rules": [{**rule, "id": rule["id"].replace("a.", f"{prefix}.")} for rule in rules],
            "ladders": [{"id": f"{prefix}.ladder", "steps": list(steps), **ladder}] if steps else []}


def firm(*versions: tuple[str, dict[str, Any]], done: tuple[str, ...] = (), **hazard: Any) -> Dossier:
    """A firm of Hedong whose ledger is complete, set up on 2024-06-01 unless its versions say otherwise."""
    given = versions or (("06-01", {}),)
    item = Item("hazard", "H", {name: day(v) if name != "level" else v for name, v in hazard.items()})
    versions_ = tuple(Version(day(start), {"division": "120102", **facts}) for start, facts in given)
    return Dossier("X", versions_, {"fire_check": tuple(map(day, done))}, (item,) if hazard else (),
                   (Claim("fire_check", day("01-01")),))


def waiver(first: str, last: str, duty: str = "fire_check", **more: Any) -> Waiver:
    return Waiver(1, "X", duty, None, day(first), day(last), "r", "a", **{"entered_on": day(first), **more})


def steps(what: Dossier, packs: dict[str, Any] | list[dict[str, Any]], as_of: str, key: str = "2024-06",
          *waivers: Waiver) -> list[tuple[Any, ...]]:
    """Level, due date, date of issue and causes of the steps about one violation."""
    found = evaluate(what, packs if isinstance(packs, list) else [packs], day(as_of), waivers)
    (violation,) = [v for v in found["violations"] if v["key"] == key]
    return [(s["level"], f"{s['due_on']:%m-%d}", s["issued_on"] and f"{s['issued_on']:%m-%d}",
             *sorted(s["held_by"])) for s in violation["steps"]]


TWO = pack(step("remind", 0), step("letter", 10))


@pytest.mark.parametrize(("as_of", "due"), [
    ("07-01", [1]), ("07-10", [1]), ("07-11", [1, 2]), ("2026-01-01", [1, 2])])
def test_steps_come_on_their_days(as_of: str, due: list[int]) -> None:
    dates = {1: (1, "07-01", "07-01"), 2: (2, "07-11", "07-11")}
    assert steps(firm(), TWO, as_of) == [dates[level] for level in due]


@pytest.mark.parametrize(("done", "levels"), [("07-01", []), ("07-02", [1]), ("07-11", [1]), ("07-12", [1, 2])])
def test_what_is_made_good_has_no_step_from_that_day_on(done: str, levels: list[int]) -> None:
    assert [level for level, *_ in steps(firm(done=(done,)), TWO, "12-01")] == levels


@pytest.mark.parametrize(("again", "issued"), [("07-25", "07-25"), ("07-11", "07-11"), (None, None)])
def test_suspended_it_is_held_back_up_to_the_day_of_resumption(again: str | None, issued: str | None) -> None:
    later = (("07-05", {"suspended": True}),) + (((again, {"suspended": False}),) if again else ())
    causes = () if again == "07-11" else ("suspended",)
    assert steps(firm(("06-01", {}), *later), TWO, "12-01")[1] == (2, "07-11", issued, *causes)


def test_in_a_row() -> None:
    twice = pack(step("summon", 20, streak={"ge": 2}))
    assert steps(firm(), twice, "12-01") == []
    assert steps(firm(), twice, "12-01", "2024-07") == [(1, "08-21", "08-21")]


LATE = {"found_on": "05-01", "deadline": "05-31"}
REFUSAL = pack(step("remind", 1), step("summon", 0, refused=True), step("letter", 10),
               step("listed_supervision", 20, level="major"), step("expose", 0, steps_taken={"ge": 3}))


@pytest.mark.parametrize(("hazard", "found"), [
    ({"level": "major"}, [(1, "06-02"), (3, "06-11"), (4, "06-21"), (5, "06-21")]),
    ({"level": "general"}, [(1, "06-02"), (3, "06-11")]),
    ({"level": "general", "refused_on": "06-30"}, [(1, "06-02"), (2, "06-30"), (3, "06-11"), (5, "06-30")]),
    ({"level": "major", "refused_on": "05-20"},
     [(1, "06-02"), (2, "06-01"), (3, "06-11"), (4, "06-21"), (5, "06-11")]),
])
def test_level_refusal_and_steps_taken(hazard: dict[str, Any], found: list[tuple[Any, ...]]) -> None:
    assert [row[:2] for row in steps(firm(("05-01", {}), **LATE, **hazard), REFUSAL, "07-31", "H")] == found


def test_a_level_that_is_not_known_holds_back_and_does_not_count() -> None:
    assert steps(firm(("05-01", {}), **LATE), REFUSAL, "07-31", "H") == [
        (1, "06-02", "06-02"), (3, "06-11", "06-11"), (4, "06-21", None, "missing:hazard.level")]


@pytest.mark.parametrize(("effective", "until", "there"), [
    (None, None, True), (None, "07-01", True), (None, "06-30", False),
    ({"from": "07-01"}, None, True), ({"from": "07-02"}, None, False),
    ({"from": "06-01", "to": "06-30"}, None, False), ({"from": "06-01", "to": "07-01"}, "06-30", True),
])
def test_a_ladder_is_for_what_opens_in_its_range(effective: dict[str, str] | None, until: str | None,
                                                 there: bool) -> None:
    more = {"effective": {key: day(value) for key, value in effective.items()}} if effective else {}
    assert bool(steps(firm(), pack(step("remind", 0), until=until, **more), "12-01")) is there


def test_of_several_ladders_that_of_the_smaller_division_and_then_by_name() -> None:
    city, district = TWO, pack(step("summon", 2), name="test/z", division="120102")
    beside = pack(step("circular", 4), name="test/b", division="120102")
    elsewhere = pack(step("expose", 0), name="test/c", division="120103")
    for packs, due in (([city, district], "07-03"), ([city, district, beside], "07-05"), ([elsewhere, city], "07-01")):
        for given in (packs, packs[::-1]):
            assert steps(firm(), given, "07-05")[0][1] == due
    other = pack(step("summon", 2), name="test/z", division="120102", duties=["gas_alarm"])
    assert steps(firm(), [city, other], "07-05") == [(1, "07-01", "07-01")]
    silent = replace_rules(district, ALARM)
    assert steps(firm(), [city, silent], "07-05") == [(1, "07-01", "07-01")]


def replace_rules(one: dict[str, Any], *rules: dict[str, Any]) -> dict[str, Any]:
    return {**one, "rules": [{**rule, "id": rule["id"].replace("a.", "z.")} for rule in rules]}


def test_the_ladder_of_a_state_is_that_of_the_first_day() -> None:
    closer = pack(step("summon", 0), name="test/z", division="120102", rules=({**ALARM, "when": {"uses_gas": True}},))
    absent = firm(("06-01", {"gas_alarm": False, "uses_gas": False}), ("06-05", {"gas_alarm": False, "uses_gas": True}))
    assert steps(absent, [TWO, closer], "06-20", "2024-06-01") == [(1, "06-01", "06-01"), (2, "06-11", "06-11")]


# Waivers


def waived(what: Dossier, as_of: str, *waivers: Waiver) -> dict[str, tuple[str, str | None, int | None]]:
    """Verdict, status and streak by month."""
    found = evaluate(what, [pack()], day(as_of), waivers)
    missed = {v["key"]: (v["status"], v["streak"]) for v in found["violations"]}
    return {o["key"]: (o["verdict"], *missed.get(o["key"], (None, None))) for o in found["obligations"]
            if o["duty"] == "fire_check"}


def test_what_falls_due_in_the_span_is_waived_and_breaks_no_row() -> None:
    assert waived(firm(), "11-15", waiver("07-31", "09-29")) == {
        "2024-06": ("violated", "open", 1), "2024-07": ("waived", "waived", 0), "2024-08": ("waived", "waived", 0),
        "2024-09": ("violated", "open", 2), "2024-10": ("violated", "open", 3), "2024-11": ("pending", None, None)}


def test_fulfilled_stays_and_made_up_is_waived() -> None:
    found = waived(firm(done=("06-10", "08-03")), "08-15", waiver("06-01", "08-31"))
    assert found == {"2024-06": ("fulfilled", None, None), "2024-07": ("waived", "waived", 0),
                     "2024-08": ("fulfilled", None, None)}


@pytest.mark.parametrize(("more", "verdict"), [
    ({}, "waived"), ({"entered_on": "06-30"}, "pending"), ({"entered_on": "06-30", "retroactive": "late"}, "waived"),
    ({"ended_on": "06-30"}, "waived"), ({"ended_on": "06-20"}, "due_soon"),
    ({"ended_on": "06-30", "void": True}, "due_soon"),
])
def test_when_a_waiver_is_seen(more: dict[str, Any], verdict: str) -> None:
    dated = {key: day(value) if key.endswith("_on") else value for key, value in more.items()}
    as_of = "06-20" if verdict == "pending" else "06-25"
    assert waived(firm(), as_of, waiver("06-01", "12-31", **dated))["2024-06"][0] == verdict


def test_one_that_does_not_reach_back_is_named_then_the_older() -> None:
    plain = waiver("06-01", "07-31")
    late = replace(plain, id=1, retroactive="late", entered_on=day("07-15"))
    found = evaluate(firm(), [pack()], day("07-20"), [late, replace(plain, id=3), replace(plain, id=2)])
    assert [v["waiver"] for v in found["violations"]] == [2]


def test_nothing_is_issued_about_what_is_waived() -> None:
    assert steps(firm(), TWO, "12-01", "2024-06", waiver("06-30", "06-30")) == [
        (1, "07-01", None, "waived"), (2, "07-11", None, "waived")]


def test_a_state_is_waived_by_the_day() -> None:
    absent = firm(("06-01", {"gas_alarm": False}), ("09-01", {"gas_alarm": True}))
    span = waiver("06-05", "06-30", "gas_alarm")
    assert steps(absent, TWO, "06-30", "2024-06-01", span) == [(1, "06-01", "06-01"), (2, "06-11", None, "waived")]
    assert steps(absent, TWO, "07-05", "2024-06-01", span) == [(1, "06-01", "06-01"), (2, "06-11", "07-01", "waived")]
    for as_of, given, status in (("06-30", span, "waived"), ("07-01", span, "open"), ("09-05", span, "closed"),
                                 ("09-05", waiver("06-01", "08-31", "gas_alarm"), "waived")):
        found = evaluate(absent, [TWO], day(as_of), [given])["violations"]
        assert [v["status"] for v in found if v["duty"] == "gas_alarm"] == [status]


def test_a_waiver_takes_no_step_of_a_state_back() -> None:
    absent, counting = firm(("06-01", {"gas_alarm": False})), pack(step("remind", 0, streak={"ge": 1}))
    assert steps(absent, counting, "06-10", "2024-06-01", waiver("06-05", "06-30", "gas_alarm")) == [
        (1, "06-01", "06-01")]
