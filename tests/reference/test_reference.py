"""The reference evaluator, pinned by the examples and tables of the semantics, worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from facts.dossier import NEVER, Claim, Dossier, Item, Version
from tests.reference.calendar import Ask, Unit, period_of, unit
from tests.reference.evaluator import accident_class, evaluate

USCC = "91120102MA05XYAB1C"
DUTY = "leadership_inspection"


def day(text: str) -> date:
    return date.fromisoformat(text)


def pack(*rules: dict[str, Any], name: str = "test/one", since: str = "2020-01-01", until: str | None = None,
         **more: Any) -> dict[str, Any]:
    return {"pack": name, "effective": {"from": day(since)} | ({"to": day(until)} if until else {}),
            "rules": list(rules), **more}


def rule(**asks: Any) -> dict[str, Any]:
    return {"id": "r", "duty": DUTY, "clause": "一", "quote": "…", **asks}


def version(valid_from: str, **given: Any) -> Version:
    own = {name: given.pop(name) for name in ("name", "registered_on", "history_from", "closed_on", "last")
           if name in given}
    return Version(day(valid_from), given, **{k: day(v) if isinstance(v, str) and k != "name" else v
                                              for k, v in own.items()})


def dossier(*versions: Version, records: dict[str, list[str]] | None = None, items: tuple[Item, ...] = (),
            claims: tuple[Claim, ...] = ()) -> Dossier:
    done = {kind: tuple(map(day, dates)) for kind, dates in (records or {}).items()}
    return Dossier(USCC, versions, done, items, claims)


def look(what: Dossier, packs: dict | list[dict], as_of: str) -> dict[str, Any]:
    result = evaluate(what, packs if isinstance(packs, list) else [packs], day(as_of))
    assert result is not None
    return result


def verdicts(result: dict[str, Any]) -> dict[str, str]:
    return {row["key"]: row["verdict"] for row in result["obligations"]}


def only(rows: list[dict[str, Any]]) -> dict[str, Any]:
    [row] = rows
    return row


EVERY = {"month": "2024-03", "quarter": "2024Q1", "half_year": "2024H1", "year": "2024"}


# 1. Facts and time


def test_an_enterprise_without_a_visible_version_is_not_there_yet():
    assert evaluate(dossier(version("2024-05-01")), [pack()], day("2024-04-30")) is None
    assert evaluate(dossier(version("2024-05-01")), [pack()], day("2024-05-01")) is not None


def test_name_is_that_of_the_newest_visible_row_that_gives_it():
    known = dossier(version("2024-01-01", name="甲"), version("2024-02-01"), version("2024-03-01", name="乙"))
    assert look(known, pack(), "2024-02-29")["enterprise"]["name"] == "甲"
    assert look(known, pack(), "2024-03-01")["enterprise"]["name"] == "乙"


def test_a_later_version_is_invisible_and_days_after_d_use_that_of_d():
    known = dossier(version("2024-01-01", high_risk=False), version("2024-05-10", high_risk=True))
    packs = pack(rule(when={"high_risk": True}, every="month"))
    assert verdicts(look(known, packs, "2024-05-09")) == {}
    assert verdicts(look(known, packs, "2024-05-10")) == {"2024-05": "pending"}


def test_two_records_of_one_day_are_one_and_a_last_date_is_one_too():
    known = dossier(version("2024-01-01", history_from="2024-01-01", last={"evacuation_drill": day("2024-03-01")}),
                    records={"evacuation_drill": ["2024-03-01"]})
    row = only(look(known, pack(rule(duty="evacuation_drill", every="year", at_least=2)), "2024-06-01")["obligations"])
    assert row["done"] == 1
    assert row["verdict"] == "pending"


@pytest.mark.parametrize(("claimed", "verdict"), [
    ({}, "unknown"),
    ({"history_from": "2024-01-01"}, "violated"),
    ({"history_from": "2024-01-02"}, "unknown"),
    ({"last": {DUTY: day("2023-12-31")}}, "violated"),
    ({"last": {"evacuation_drill": day("2023-12-31")}}, "unknown"),
    ({"last": {DUTY: NEVER}}, "violated"),
    ({"last": {DUTY: NEVER}, "registered_on": "2024-01-02"}, "violated"),
    ({"registered_on": "2024-01-02", "history_from": "2024-01-02"}, "violated"),
    ({"registered_on": "2024-01-02", "history_from": "2024-01-03"}, "unknown"),
])
def test_what_is_absent_proves_nothing_unless_the_ledger_is_claimed_complete(claimed, verdict):
    known = dossier(version("2023-01-01", **claimed))
    packs = pack(rule(every="quarter"), judged_from=day("2024-01-01"))
    assert verdicts(look(known, packs, "2024-04-01"))["2024Q1"] == verdict


@pytest.mark.parametrize(("claims", "verdict"), [
    ([Claim(DUTY, day("2024-01-01"))], "violated"),
    ([Claim(DUTY, day("2024-01-01"), day("2024-03-31"))], "violated"),
    ([Claim(DUTY, day("2024-01-01"), day("2024-03-30"))], "unknown"),
    ([Claim(DUTY, day("2024-01-01"), day("2024-02-10")), Claim(DUTY, day("2024-02-11"))], "violated"),
    ([Claim(DUTY, day("2024-01-01"), day("2024-02-10")), Claim(DUTY, day("2024-02-12"))], "unknown"),
    ([Claim("fire_check", day("2024-01-01"))], "unknown"),
    ([Claim(DUTY, day("2024-01-01"), division="120102")], "unknown"),
    ([Claim(DUTY, day("2024-01-01"), division="120000")], "violated"),
    ([Claim(DUTY, day("2024-01-01"), division="120102"), Claim(DUTY, day("2024-02-15"), division="120103")],
     "violated"),
])
def test_claims_add_up_and_reach_by_the_division_of_the_day(claims, verdict):
    known = dossier(version("2024-01-01", division="120102"), version("2024-02-15", division="120103"),
                    claims=tuple(claims))
    assert verdicts(look(known, pack(rule(every="quarter")), "2024-04-01"))["2024Q1"] == verdict


def test_a_claim_is_never_weakened_by_further_records():
    known = dossier(version("2024-01-01", last={DUTY: NEVER}), records={DUTY: ["2024-05-01"]})
    assert verdicts(look(known, pack(rule(every="quarter")), "2024-07-01")) == {
        "2024Q1": "made_up", "2024Q2": "fulfilled", "2024Q3": "pending"}


# 2. Which periods are asked for


@pytest.mark.parametrize(("every", "on", "key", "first", "last"), [
    ("month", "2024-02-29", "2024-02", "2024-02-01", "2024-02-29"),
    ("quarter", "2024-12-31", "2024Q4", "2024-10-01", "2024-12-31"),
    ("half_year", "2024-06-30", "2024H1", "2024-01-01", "2024-06-30"),
    ("half_year", "2024-07-01", "2024H2", "2024-07-01", "2024-12-31"),
    ("year", "2024-07-01", "2024", "2024-01-01", "2024-12-31"),
    ({"months": 2}, "2024-02-01", "2024-01..2024-02", "2024-01-01", "2024-02-29"),
    ({"months": 4}, "2024-12-01", "2024-09..2024-12", "2024-09-01", "2024-12-31"),
    ({"years": 3}, "2026-12-31", "2024..2026", "2024-01-01", "2026-12-31"),
    ({"years": 3}, "2027-01-01", "2027..2029", "2027-01-01", "2029-12-31"),
])
def test_periods_and_their_identifiers(every, on, key, first, last):
    period = period_of(unit(every, day("2024-03-11")), day(on))
    assert (period.key, period.first, period.last) == (key, day(first), day(last))


def test_stricter_is_more_a_month_and_of_equals_the_shorter():
    assert Ask(Unit(1), 1).stricter_than(Ask(Unit(3), 1))
    assert Ask(Unit(1), 1).stricter_than(Ask(Unit(3), 3))
    assert not Ask(Unit(3), 3).stricter_than(Ask(Unit(1), 1))
    assert Ask(Unit(3), 4).stricter_than(Ask(Unit(1), 1))
    assert not Ask(Unit(3), 1).stricter_than(Ask(Unit(3), 1))


@pytest.mark.parametrize(("every", "asked"), [("month", True), ("quarter", False), ("half_year", True), ("year", True)])
def test_the_plan_takes_effect_on_2024_03_11(every, asked):
    result = look(dossier(version("2023-01-01")), pack(rule(every=every), since="2024-03-11"), "2024-03-20")
    assert (EVERY[every] in verdicts(result)) is asked


@pytest.mark.parametrize(("since", "asked"), [("2024-04-16", True), ("2024-04-17", False)])
def test_half_of_the_days_is_enough(since, asked):
    result = look(dossier(version("2023-01-01")), pack(rule(every="month"), since=since), "2024-04-30")
    assert ("2024-04" in verdicts(result)) is asked


HIGH_RISK_MONTHLY = rule(cases=[{"when": {"high_risk": True}, "every": "month"}, {"every": "quarter"}])


def test_high_risk_from_2024_05_10():
    known = dossier(version("2024-04-01", high_risk=False), version("2024-05-10", high_risk=True),
                    records={DUTY: ["2024-05-20"]})
    result = look(known, pack(HIGH_RISK_MONTHLY), "2024-06-30")
    assert verdicts(result) == {"2024Q2": "fulfilled", "2024-05": "fulfilled", "2024-06": "due_soon"}


def test_high_risk_from_2024_04_15():
    known = dossier(version("2024-04-01", high_risk=False), version("2024-04-15", high_risk=True))
    assert set(verdicts(look(known, pack(HIGH_RISK_MONTHLY), "2024-06-30"))) == {"2024-04", "2024-05", "2024-06"}
    # The day before, nobody knows of the change yet.
    assert set(verdicts(look(known, pack(HIGH_RISK_MONTHLY), "2024-04-14"))) == {"2024Q2"}
    assert set(verdicts(look(known, pack(HIGH_RISK_MONTHLY), "2024-04-15"))) == {"2024-04"}


def test_closed_on_2024_10_01():
    known = dossier(version("2023-01-01", closed_on="2024-10-01"))
    packs = pack(rule(every="year"), since="2024-03-11")
    assert set(verdicts(look(known, packs, "2024-10-01"))) == {"2024"}
    assert verdicts(look(known, packs, "2024-10-02")) == {}


def test_a_suspended_day_does_not_count():
    def april(suspended_until: str) -> bool:
        known = dossier(version("2024-01-01", suspended=True), version(suspended_until, suspended=False))
        return "2024-04" in verdicts(look(known, pack(rule(every="month")), "2024-04-30"))

    assert april("2024-04-16")
    assert not april("2024-04-17")


def test_the_last_day_needs_a_rule_of_any_unit():
    asks = [rule(id="a", every="quarter", effective={"to": day("2024-03-30")})]
    assert verdicts(look(dossier(version("2024-01-01")), pack(*asks), "2024-03-30")) == {}
    asks.append(rule(id="b", every="year"))
    assert set(verdicts(look(dossier(version("2024-01-01")), pack(*asks), "2024-03-30"))) == {"2024", "2024Q1"}


def test_packs_that_share_duty_and_unit_ask_together():
    packs = [pack(rule(id="a", every="quarter")),
             pack(rule(id="b", every="quarter", at_least=2), name="test/two", since="2024-02-10")]
    row = only(look(dossier(version("2024-01-01")), packs, "2024-03-01")["obligations"])
    assert (row["key"], row["required"], row["rules"]) == ("2024Q1", 2, ["a", "b"])


def test_a_period_is_visible_from_the_first_day_on_which_a_rule_holds():
    packs = pack(rule(every="month"), since="2024-03-11")
    assert verdicts(look(dossier(version("2024-01-01")), packs, "2024-03-10")) == {}
    assert verdicts(look(dossier(version("2024-01-01")), packs, "2024-03-11")) == {"2024-03": "pending"}


def test_only_records_within_the_days_count():
    packs = pack(rule(every="month", within={"from_day": 5, "to_day": 15}), since="2024-03-01", until="2024-03-31")
    known = dossier(version("2024-03-01", history_from="2024-03-01"), records={DUTY: ["2024-03-04", "2024-03-16"]})
    assert verdicts(look(known, packs, "2024-03-04")) == {}
    row = only(look(known, packs, "2024-03-16")["obligations"])
    assert (row["key"], row["starts_on"], row["due_on"], row["verdict"]) == (
        "2024-03", day("2024-03-05"), day("2024-03-15"), "made_up")


@pytest.mark.parametrize(("since", "asked"), [("2024-04-15", True), ("2024-04-16", False)])
def test_days_that_are_over_before_the_rule_holds_are_not_asked_for(since, asked):
    packs = pack(rule(every="month", within={"from_day": 1, "to_day": 15}), since=since)
    assert ("2024-04" in verdicts(look(dossier(version("2023-01-01")), packs, "2024-04-30"))) is asked


def test_a_rule_holds_not_before_judged_from():
    packs = pack(rule(every="month"), judged_from=day("2024-03-17"))
    assert verdicts(look(dossier(version("2024-01-01")), packs, "2024-03-31")) == {}
    packs = pack(rule(every="month"), judged_from=day("2024-03-16"))
    assert set(verdicts(look(dossier(version("2024-01-01")), packs, "2024-03-31"))) == {"2024-03"}


def test_an_unknown_fact_leaves_the_loosest_case_and_a_question():
    result = look(dossier(version("2024-01-01")), pack(HIGH_RISK_MONTHLY), "2024-01-10")
    assert verdicts(result) == {"2024Q1": "pending", "?": "unknown"}
    question = next(r for r in result["obligations"] if r["key"] == "?")
    assert question["missing"] == ["high_risk"]
    assert {question[k] for k in ("starts_on", "due_on", "required", "done", "fulfilled_on")} == {None}


def test_an_unknown_fact_that_changes_nothing_is_not_asked_about():
    asks = [rule(id="a", every="month"), rule(id="b", every="quarter", when={"headcount": {"gt": 100}})]
    assert verdicts(look(dossier(version("2024-01-01")), pack(*asks), "2024-01-10")) == {"2024-01": "pending"}


@pytest.mark.parametrize(("below", "missing"), [("quarter", ["headcount"]), ("month", ["headcount", "uses_gas"])])
def test_only_the_facts_that_could_change_what_is_asked_are_named(below, missing):
    cases = [{"when": {"uses_gas": True}, "every": "quarter"}, {"when": {"headcount": {"gt": 100}}, "every": "month"},
             {"every": "quarter"}]
    first = cases[1:] if below == "quarter" else cases
    packs = pack(rule(cases=first), rule(id="s", cases=[
        {"when": {"uses_gas": True}, "every": "quarter"}, {"every": "quarter"}]))
    result = look(dossier(version("2024-01-01")), packs, "2024-01-10")
    question = next(row for row in result["obligations"] if row["key"] == "?")
    assert question["missing"] == missing


def test_no_case_is_the_loosest_of_all():
    packs = pack(rule(when={"headcount": {"gt": 100}}, every="month"))
    assert verdicts(look(dossier(version("2024-01-01")), packs, "2024-01-10")) == {"?": "unknown"}
    assert verdicts(look(dossier(version("2024-01-01", headcount=100)), packs, "2024-01-10")) == {}
    assert verdicts(look(dossier(version("2024-01-01", headcount=101)), packs, "2024-01-10")) == {"2024-01": "pending"}


DERIVED = [{"fact": "high_risk", "when": {"sectors": {"any": ["coal_mine", "construction"]}}}]


@pytest.mark.parametrize(("given", "expected"), [
    ({"sectors": ("coal_mine", "hotel")}, True),
    ({"sectors": ("hotel",)}, False),
    ({"sectors": ("hotel",), "high_risk": True}, True),
    ({"sectors": ("coal_mine",), "high_risk": False}, False),
    ({}, None),
])
def test_high_risk_is_derived_unless_the_ledger_gives_it(given, expected):
    result = look(dossier(version("2024-01-01", **given)), pack(HIGH_RISK_MONTHLY, derived=DERIVED), "2024-01-10")
    assert result["enterprise"]["high_risk"] is expected
    keys = {True: {"2024-01"}, False: {"2024Q1"}, None: {"2024Q1", "?"}}
    assert set(verdicts(result)) == keys[expected]


@pytest.mark.parametrize(("code", "applies"), [("120102", True), ("120103", False), ("120000", False), (None, None)])
def test_a_pack_is_for_its_division(code, applies):
    known = dossier(version("2024-01-01", **({} if code is None else {"division": code})))
    of_place = verdicts(look(known, pack(rule(every="month"), division="120102"), "2024-01-10"))
    assert set(of_place) == {True: {"2024-01"}, False: set(), None: {"?"}}[applies]
    of_country = verdicts(look(known, pack(rule(every="month"), division="000000"), "2024-01-10"))
    assert set(of_country) == {"2024-01"}


def test_trailing_pairs_of_zeros_are_open():
    known = dossier(version("2024-01-01", division="371302"))
    for code, asked in {"370000": True, "371300": True, "371302": True, "371400": False, "130000": False}.items():
        assert bool(verdicts(look(known, pack(rule(every="month"), division=code), "2024-01-10"))) is asked


# 3. Verdicts


def quarterly() -> Dossier:
    return dossier(version("2024-04-01", history_from="2024-01-01"), records={DUTY: ["2024-05-20", "2025-02-10"]})


def test_two_missed_quarters_are_made_up_at_once():
    result = look(quarterly(), pack(rule(every="quarter")), "2025-03-01")
    assert verdicts(result) == {"2024Q2": "fulfilled", "2024Q3": "made_up", "2024Q4": "made_up", "2025Q1": "fulfilled"}
    fulfilled_on = {row["key"]: row["fulfilled_on"] for row in result["obligations"]}
    assert fulfilled_on == {"2024Q2": day("2024-05-20"), "2024Q3": None, "2024Q4": None, "2025Q1": day("2025-02-10")}
    assert [(v["key"], v["status"], v["opened_on"], v["closed_on"], v["overdue_days"], v["streak"])
            for v in result["violations"]] == [
        ("2024Q3", "closed", day("2024-10-01"), day("2025-02-10"), 133, 1),
        ("2024Q4", "closed", day("2025-01-01"), day("2025-02-10"), 41, 2)]


def test_only_last_drill_is_known():
    duty = "evacuation_drill"
    packs = pack(rule(duty=duty, every="year"), judged_from=day("2024-01-01"))
    newest = version("2023-06-01", last={duty: day("2025-03-01")})
    before = look(dossier(newest), packs, "2026-03-01")
    assert verdicts(before) == {"2024": "unknown", "2025": "fulfilled", "2026": "pending"}
    after = look(dossier(newest, records={duty: ["2026-02-10"]}), packs, "2026-03-01")
    assert verdicts(after) == {"2024": "unknown", "2025": "fulfilled", "2026": "fulfilled"}


@pytest.mark.parametrize(("every", "pending", "due_soon"), [
    ("month", "2024-01-23", "2024-01-24"),
    ("quarter", "2024-03-15", "2024-03-16"),
    ("half_year", "2024-05-30", "2024-05-31"),
    ("year", "2024-10-31", "2024-11-01"),
    ({"months": 2}, "2024-02-18", "2024-02-19"),
    ({"months": 4}, "2024-04-09", "2024-04-10"),
    ({"years": 2}, "2025-10-31", "2025-11-01"),
])
def test_due_soon_begins_so_many_days_before_the_end(every, pending, due_soon):
    packs = pack(rule(every=every))
    assert look(dossier(version("2024-01-01")), packs, pending)["obligations"][-1]["verdict"] == "pending"
    assert look(dossier(version("2024-01-01")), packs, due_soon)["obligations"][-1]["verdict"] == "due_soon"


def test_the_rule_may_say_when_it_is_due_soon():
    packs = pack(rule(every="month", remind_before={"assumption": 0, "reason": "…"}))
    assert verdicts(look(dossier(version("2024-01-01")), packs, "2024-01-30")) == {"2024-01": "pending"}
    assert verdicts(look(dossier(version("2024-01-01")), packs, "2024-01-31")) == {"2024-01": "due_soon"}


def test_the_last_day_is_inside_and_the_day_after_opens_the_violation():
    known = dossier(version("2024-02-01", history_from="2024-02-01"))
    assert look(known, pack(rule(every="month")), "2024-02-29")["violations"] == []
    violation = only(look(known, pack(rule(every="month")), "2024-03-01")["violations"])
    assert (violation["opened_on"], violation["overdue_days"], violation["status"]) == (day("2024-03-01"), 1, "open")
    done = dossier(version("2024-02-01", history_from="2024-02-01"), records={DUTY: ["2024-02-29"]})
    assert verdicts(look(done, pack(rule(every="month")), "2024-03-01"))["2024-02"] == "fulfilled"


def test_as_many_records_as_were_lacking_make_good():
    known = dossier(version("2024-01-01", history_from="2024-01-01"),
                    records={DUTY: ["2024-02-01", "2024-04-05", "2024-04-09"]})
    packs = pack(rule(every="quarter", at_least=3))
    assert only(look(known, packs, "2024-04-08")["violations"])["status"] == "open"
    closed = only(look(known, packs, "2024-04-09")["violations"])
    assert (closed["status"], closed["closed_on"], closed["overdue_days"]) == ("closed", day("2024-04-09"), 9)
    assert look(known, packs, "2024-04-09")["obligations"][0]["done"] == 1


def test_fulfilled_on_is_the_date_of_the_nth_record():
    known = dossier(version("2024-01-01"), records={DUTY: ["2024-01-05", "2024-02-05", "2024-03-05"]})
    row = only(look(known, pack(rule(every="quarter", at_least=2)), "2024-03-10")["obligations"])
    assert (row["fulfilled_on"], row["done"]) == (day("2024-02-05"), 3)


def test_a_streak_is_reset_by_a_fulfilled_period_and_passed_over_by_an_unknown_one():
    known = dossier(version("2024-01-01"), records={DUTY: ["2024-05-05"]}, claims=(
        Claim(DUTY, day("2024-01-01"), day("2024-02-10")), Claim(DUTY, day("2024-03-01"))))
    result = look(known, pack(rule(every="month")), "2024-08-01")
    assert verdicts(result) == {"2024-01": "made_up", "2024-02": "unknown", "2024-03": "made_up", "2024-04": "made_up",
                                "2024-05": "fulfilled", "2024-06": "violated", "2024-07": "violated",
                                "2024-08": "pending"}
    assert {v["key"]: v["streak"] for v in result["violations"]} == {
        "2024-01": 1, "2024-03": 2, "2024-04": 3, "2024-06": 1, "2024-07": 2}


def lapsing(**change: Any) -> dict[str, Any]:
    known = dossier(version("2024-01-01", division="120102", history_from="2024-01-01"),
                    version("2024-05-10", **{"division": "120102", **change}), records={DUTY: ["2024-06-01"]})
    packs = pack(rule(every="quarter"), division="120102", until="2024-05-31")
    return only(look(known, packs, "2024-06-01")["violations"])


def test_who_moves_away_lets_the_violation_lapse_and_keeps_it_violated():
    violation = lapsing(division="120103")
    assert (violation["status"], violation["closed_on"], violation["overdue_days"]) == ("lapsed", day("2024-05-10"), 40)
    assert lapsing(closed_on="2024-05-20")["closed_on"] == day("2024-05-21")


def test_suspension_an_unknown_fact_and_the_end_of_the_range_end_nothing():
    assert lapsing()["status"] == "closed"
    assert lapsing(suspended=True)["closed_on"] == day("2024-06-01")
    unknown = dossier(version("2024-01-01", division="120102", history_from="2024-01-01"), version("2024-05-10"))
    packs = pack(rule(every="quarter"), division="120102")
    assert only(look(unknown, packs, "2024-06-01")["violations"])["status"] == "open"


def test_what_would_lapse_on_the_day_it_opens_is_not_asked_for():
    known = dossier(version("2024-01-01", history_from="2024-01-01", closed_on="2024-03-31"))
    result = look(known, pack(rule(every="quarter")), "2024-04-01")
    assert result["obligations"] == result["violations"] == []


# Deadline duties


DUST = [rule(id="thirty", duty="monitoring_connected", when={"dust_workers": {"ge": 30}}, deadline=day("2024-12-31")),
        rule(id="ten", duty="monitoring_connected", when={"dust_workers": {"ge": 10}}, deadline=day("2025-12-31"))]


def test_dust_workers_twenty_then_forty():
    known = dossier(version("2024-01-01", dust_workers=20), version("2025-03-01", dust_workers=40))
    for as_of in ("2024-06-01", "2024-12-31", "2025-03-01", "2026-01-01"):
        row = only(look(known, pack(*DUST), as_of)["obligations"])
        assert (row["key"], row["rules"], row["starts_on"]) == ("2025-12-31", ["ten"], None)


def test_of_several_deadlines_the_first_that_is_neither_lapsed_nor_unknown_ends_the_list():
    def known(**more: Any) -> Dossier:
        return dossier(version("2024-01-01", dust_workers=40, **more))

    assert verdicts(look(known(), pack(*DUST), "2024-12-31")) == {"2024-12-31": "due_soon"}
    assert verdicts(look(known(), pack(*DUST), "2025-01-01")) == {"2024-12-31": "unknown", "2025-12-31": "pending"}
    assert verdicts(look(known(history_from="2024-01-01"), pack(*DUST), "2025-01-01")) == {"2024-12-31": "violated"}


def test_a_deadline_in_doubt_is_in_doubt_only_while_the_fact_is_missing_on_d():
    blank, known = version("2024-01-01"), version("2025-01-02", dust_workers=50)
    assert verdicts(look(dossier(blank), pack(DUST[0]), "2024-12-01")) == {"?": "unknown"}
    assert verdicts(look(dossier(blank), pack(DUST[0]), "2025-01-05")) == {"?": "unknown"}
    assert verdicts(look(dossier(blank, known), pack(DUST[0]), "2025-01-05")) == {}
    assert verdicts(look(dossier(version("2024-01-01", dust_workers=5), version("2025-01-02")), pack(DUST[0]),
                         "2025-01-05")) == {}


@pytest.mark.parametrize(("claim", "verdict"), [
    (Claim("monitoring_connected", day("2024-12-31"), day("2024-12-31")), "violated"),
    (Claim("monitoring_connected", day("2025-01-10")), "violated"),
    (Claim("monitoring_connected", day("2025-01-11")), "unknown"),
    (Claim("monitoring_connected", day("2024-01-01"), day("2024-12-30")), "unknown"),
])
def test_a_missed_deadline_needs_a_claim_that_reaches_it_or_a_later_day(claim, verdict):
    known = dossier(version("2024-01-01", dust_workers=40), claims=(claim,))
    assert verdicts(look(known, pack(DUST[0]), "2025-01-10")) == {"2024-12-31": verdict}


def test_any_record_up_to_the_due_date_fulfils_a_deadline_unless_the_rule_says_since():
    known = dossier(version("2024-01-01", dust_workers=40, history_from="2024-01-01"),
                    records={"monitoring_connected": ["2019-01-01", "2025-01-05"]})
    assert only(look(known, pack(DUST[0]), "2025-01-09")["obligations"])["fulfilled_on"] == day("2019-01-01")
    result = look(known, pack(DUST[0] | {"since": day("2024-01-01")}), "2025-01-09")
    assert verdicts(result) == {"2024-12-31": "made_up"}
    assert only(result["violations"])["overdue_days"] == 5


# Object duties


MAJOR = {"hazard.level": "major"}
REPORT = rule(id="report", duty="hazard_reporting", for_each="hazard", when=MAJOR, done_on="hazard.reported_on",
              due={"of": "hazard.found_on", "days": {"assumption": 3, "reason": "…"}})
RECTIFY = rule(id="rectify", duty="hazard_rectification", for_each="hazard", done_on="hazard.rectified_on",
               due={"of": "hazard.deadline"})
STOCK = rule(id="stock", duty="hazard_rectification", for_each="hazard",
             when={"all": [MAJOR, {"hazard.found_on": {"le": day("2023-12-31")}}]}, done_on="hazard.rectified_on",
             due={"date": day("2024-12-31")})


def hazard(**facts: Any) -> Dossier:
    given = {name: day(v) if name.endswith("_on") or name == "deadline" else v for name, v in facts.items()}
    return dossier(version("2023-01-01"), items=(Item("hazard", "H-1", given),))


def test_a_major_hazard_is_reported_within_three_days():
    known = hazard(level="major", found_on="2024-02-27", reported_on="2024-03-02")
    assert look(known, pack(REPORT), "2024-02-26")["obligations"] == []
    assert verdicts(look(known, pack(REPORT), "2024-02-27")) == {"H-1": "due_soon"}
    assert verdicts(look(known, pack(REPORT), "2024-03-01")) == {"H-1": "due_soon"}
    result = look(known, pack(REPORT), "2024-03-02")
    assert verdicts(result) == {"H-1": "made_up"}
    assert only(result["violations"])["overdue_days"] == 1
    row = only(result["obligations"])
    assert (row["starts_on"], row["due_on"], row["required"], row["done"]) == (
        day("2024-02-27"), day("2024-03-01"), 1, 0)


@pytest.mark.parametrize(("facts", "due_on", "rules"), [
    ({"found_on": "2023-12-31"}, "2024-12-31", ["stock"]),
    ({"found_on": "2023-12-31", "deadline": "2024-05-01"}, "2024-05-01", ["rectify", "stock"]),
    ({"found_on": "2023-12-31", "deadline": "2025-05-01"}, "2024-12-31", ["rectify", "stock"]),
    ({"found_on": "2024-01-01", "deadline": "2025-05-01"}, "2025-05-01", ["rectify"]),
])
def test_a_major_hazard_of_the_stock_is_rectified_by_the_end_of_2024(facts, due_on, rules):
    row = only(look(hazard(level="major", **facts), pack(RECTIFY, STOCK), "2024-03-01")["obligations"])
    assert (row["due_on"], row["rules"]) == (day(due_on), rules)


def test_a_hazard_without_a_deadline_is_unknown_even_when_rectified():
    known = hazard(level="general", found_on="2024-02-01", rectified_on="2024-02-02")
    row = only(look(known, pack(RECTIFY), "2024-03-01")["obligations"])
    assert (row["verdict"], row["missing"], row["due_on"]) == ("unknown", ["hazard.deadline"], None)


def test_later_dates_of_a_hazard_read_as_blank_except_its_deadline():
    known = hazard(level="general", found_on="2024-02-01", deadline="2024-02-20", rectified_on="2024-02-10")
    assert verdicts(look(known, pack(RECTIFY), "2024-02-09")) == {"H-1": "due_soon"}
    assert verdicts(look(known, pack(RECTIFY), "2024-02-10")) == {"H-1": "fulfilled"}


def test_a_hazard_entered_without_the_day_it_was_found_is_there_all_the_same():
    result = look(hazard(level="general", deadline="2024-02-20"), pack(RECTIFY), "2024-02-21")
    assert verdicts(result) == {"H-1": "violated"}
    row = only(look(hazard(level="major", reported_on="2024-02-20"), pack(REPORT), "2024-02-21")["obligations"])
    assert (row["verdict"], row["missing"]) == ("unknown", ["hazard.found_on"])


def test_a_hazard_of_unknown_level_leaves_a_question():
    row = only(look(hazard(found_on="2024-02-01"), pack(REPORT), "2024-03-01")["obligations"])
    assert (row["key"], row["missing"], row["rules"]) == ("?", ["hazard.level"], ["report"])


@pytest.mark.parametrize(("attendance", "asked"), [(999, False), (1000, True)])
def test_an_exhibition_has_its_permit_the_day_before_it_opens(attendance, asked):
    permit = rule(duty="exhibition_police_permit", for_each="exhibition", done_on="exhibition.police_permit_on",
                  when={"exhibition.expected_attendance": {"ge": 1000}}, due={"of": "exhibition.opens_on", "days": -1})
    known = dossier(version("2024-01-01"), items=(
        Item("exhibition", "E-1", {"opens_on": day("2024-03-01"), "expected_attendance": attendance}),))
    assert verdicts(look(known, pack(permit), "2024-02-29")) == ({"E-1": "due_soon"} if asked else {})
    assert verdicts(look(known, pack(permit), "2024-03-01")) == ({"E-1": "violated"} if asked else {})


def test_a_certificate_is_renewed_by_the_day_it_expires():
    renewal = rule(duty="certificate_renewal", for_each="certificate", done_on="certificate.renewed_on",
                   due={"of": "certificate.expires_on"})
    known = dossier(version("2024-01-01"), items=(
        Item("certificate", "C-1", {"expires_on": day("2024-06-30"), "renewed_on": day("2024-06-30")}),))
    row = only(look(known, pack(renewal), "2024-06-30")["obligations"])
    assert (row["verdict"], row["starts_on"], row["fulfilled_on"]) == ("fulfilled", None, day("2024-06-30"))
    assert verdicts(look(known, pack(renewal), "2024-05-30")) == {"C-1": "pending"}
    assert verdicts(look(known, pack(renewal), "2024-05-31")) == {"C-1": "due_soon"}


def test_who_comes_under_an_object_rule_after_the_due_date_is_not_asked():
    renewal = rule(duty="certificate_renewal", for_each="certificate", done_on="certificate.renewed_on",
                   when={"headcount": {"ge": 10}}, due={"of": "certificate.expires_on"})
    known = dossier(version("2024-01-01", headcount=5), version("2024-07-01", headcount=50), items=(
        Item("certificate", "C-1", {"expires_on": day("2024-06-30")}),))
    assert look(known, pack(renewal), "2024-08-01")["obligations"] == []


# State duties


OFFICER = rule(duty="safety_officer", when={"headcount": {"gt": 100}}, state={"safety_officers": {"ge": 1}})


@pytest.mark.parametrize(("given", "expected"), [
    ({"headcount": 100}, {}),
    ({"headcount": 101}, {"state": "unknown"}),
    ({"headcount": 101, "safety_officers": 1}, {"state": "fulfilled"}),
    ({"headcount": 101, "safety_officers": 0}, {"state": "violated"}),
    ({"safety_officers": 0}, {"?": "unknown"}),
])
def test_a_safety_officer_while_headcount_exceeds_100(given, expected):
    assert verdicts(look(dossier(version("2024-01-01", **given)), pack(OFFICER), "2024-02-01")) == expected


def test_a_state_violation_runs_from_the_first_day_of_absence_to_the_first_day_of_presence():
    known = dossier(version("2024-01-01", headcount=50, safety_officers=0),
                    version("2024-02-01", headcount=150, safety_officers=0),
                    version("2024-03-01", headcount=160, safety_officers=0),
                    version("2024-04-01", headcount=160),
                    version("2024-05-01", headcount=160, safety_officers=1))
    open_one = only(look(known, pack(OFFICER), "2024-04-30")["violations"])
    assert (open_one["key"], open_one["status"], open_one["due_on"]) == ("2024-02-01", "open", None)
    closed = only(look(known, pack(OFFICER), "2024-05-01")["violations"])
    assert (closed["opened_on"], closed["closed_on"], closed["status"], closed["streak"]) == (
        day("2024-02-01"), day("2024-05-01"), "closed", 1)


def test_a_state_violation_lapses_when_the_condition_is_known_to_be_false():
    known = dossier(version("2024-01-01", headcount=150, safety_officers=0),
                    version("2024-02-01", headcount=100, safety_officers=0),
                    version("2024-03-01", headcount=150, safety_officers=0))
    violations = look(known, pack(OFFICER), "2024-03-01")["violations"]
    assert [(v["key"], v["status"], v["closed_on"]) for v in violations] == [
        ("2024-01-01", "lapsed", day("2024-02-01")), ("2024-03-01", "open", None)]


# 4. Accident classes


@pytest.mark.parametrize(("deaths", "injuries", "loss", "name"), [
    (0, 0, 0, "ordinary"), (2, 9, "999.99", "ordinary"),
    (3, 0, 0, "large"), (9, 0, 0, "large"), (0, 10, 0, "large"), (0, 49, 0, "large"),
    (0, 0, 1000, "large"), (0, 0, "4999.99", "large"),
    (10, 0, 0, "major"), (29, 0, 0, "major"), (0, 50, 0, "major"), (0, 99, 0, "major"),
    (0, 0, 5000, "major"), (0, 0, "9999.99", "major"),
    (30, 0, 0, "extraordinary"), (0, 100, 0, "extraordinary"), (0, 0, 10000, "extraordinary"),
    (3, 50, 0, "major"), (1, 0, 5000, "major"),
])
def test_accident_classes(deaths, injuries, loss, name):
    facts = {"deaths": deaths, "serious_injuries": injuries, "direct_loss": Decimal(loss)}
    assert accident_class(facts) == (name, True)


def test_with_blank_figures_the_class_is_a_lower_bound():
    assert accident_class({}) == ("ordinary", False)
    assert accident_class({"deaths": 3}) == ("large", False)
    assert accident_class({"deaths": 30}) == ("extraordinary", True)


# 6. Recommendations


LARGE = {"fact": "accident.large_or_above", "when": {"any": [
    {"accident.deaths": {"ge": 3}}, {"accident.serious_injuries": {"ge": 10}}, {"accident.direct_loss": {"ge": 1000}}]}}


def recommended(kind: str, place: str) -> dict[str, Any]:
    return {"id": f"{place}.{kind}", "recommend": kind, "for_each": "accident",
            "when": {"accident.large_or_above": True}, "from": "accident.penalized_on"}


HEDONG = pack(name="hedong", division="120102", derived=[LARGE],
              recommendations=[recommended(k, "hedong") for k in ("blacklist", "withhold_policy_support")])
LINGYUAN = pack(name="lingyuan", division="211382", derived=[LARGE],
                recommendations=[recommended("withhold_policy_support", "lingyuan")])


def accident(division: str, **facts: Any) -> Dossier:
    return dossier(version("2024-01-01", division=division), items=(Item("accident", "A-1", facts),))


@pytest.mark.parametrize(("division", "kinds"), [
    ("120102", ["blacklist", "withhold_policy_support"]), ("211382", ["withhold_policy_support"])])
def test_the_same_accident_leads_to_what_the_documents_of_the_place_say(division, kinds):
    known = accident(division, deaths=3, penalized_on=day("2024-06-01"))
    assert look(known, [HEDONG, LINGYUAN], "2024-05-31")["recommendations"] == []
    rows = look(known, [HEDONG, LINGYUAN], "2024-06-02")["recommendations"]
    assert [r["kind"] for r in rows] == kinds
    assert {(r["status"], r["since"]) for r in rows} == {("proposed", day("2024-06-01"))}
    assert rows[0]["grounds"][0][1] == ["accident:A-1"]


def test_since_is_the_first_day_on_which_all_grounds_hold():
    known = dossier(version("2024-01-01", division="120103"), version("2024-08-01", division="120102"),
                    items=(Item("accident", "A-1", {"deaths": 3, "penalized_on": day("2024-06-01")}),))
    assert {r["since"] for r in look(known, HEDONG, "2024-09-01")["recommendations"]} == {day("2024-08-01")}


def test_a_recommendation_held_back_by_blank_figures_names_them():
    known = accident("120102", deaths=2, penalized_on=day("2024-06-01"))
    rows = look(known, HEDONG, "2024-06-02")["recommendations"]
    assert {(r["status"], r["since"], tuple(r["missing"])) for r in rows} == {
        ("unknown", None, ("accident:A-1.direct_loss", "accident:A-1.serious_injuries"))}
    assert look(accident("120102", deaths=3), HEDONG, "2024-06-02")["recommendations"] == []
