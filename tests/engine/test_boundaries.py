"""Boundaries that few dossiers reach: several rules that ask together, cases that are not known, gaps between runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.judgement import judge
from engine.packs import load_rulebook_texts
from engine.recommendations import accident_class
from engine.results import Judgement
from engine.rulebook import Rulebook
from facts.dossier import NEVER, Claim, Dossier, Item, Version

USCC = "91120102MA05XYAB1C"
START = date(2023, 1, 1)


def pack(name: str, *rules: str, effective: str = "{from: 2024-01-01}", more: str = "") -> str:
    """A pack of rules for one duty, each written as what it asks."""
    written = "".join(
        f"  - {{id: {name}.r{number}, duty: fire_check, titles: {{zh: 防火检查, en: fire check}}, clause: 一, "
        f"quote: 应当检查, {rule}}}\n" for number, rule in enumerate(rules))
    return (f"pack: test/{name}\ntitles: {{zh: 甲, en: a}}\ndocuments: {{plan: {{title: 方案}}}}\n"
            f"division: \"000000\"\neffective: {effective}\nrules:\n{written or '  []'}{more}")


def book(*packs: str) -> Rulebook:
    return load_rulebook_texts({f"{number}.yaml": text for number, text in enumerate(packs)})


def firm(*versions: tuple[date, Mapping[str, Any]], records: Iterable[date] = (), items: tuple[Item, ...] = (),
         claims: tuple[Claim, ...] = (), facts: Mapping[str, Any] | None = None, **attributes: Any) -> Dossier:
    """One version from 2023 on with ``facts``, or those given; ``attributes`` are the first version's."""
    first, *later = versions or ((START, facts or {}),)
    return Dossier(USCC, (Version(*first, **attributes), *(Version(*v) for v in later)), {"fire_check": tuple(records)},
                   items, claims)


def judged(rulebook: Rulebook, dossier: Dossier, as_of: date) -> Judgement:
    found = judge(dossier, rulebook, as_of)
    assert found is not None
    return found


def verdicts(rulebook: Rulebook, dossier: Dossier, as_of: date) -> dict[str, str]:
    return {o.key: str(o.verdict) for o in judged(rulebook, dossier, as_of).obligations}


def violations(rulebook: Rulebook, dossier: Dossier, as_of: date) -> list[tuple[str, str, date, date | None]]:
    return [(v.key, str(v.status), v.opened_on, v.closed_on) for v in judged(rulebook, dossier, as_of).violations]


COVERED = {"history_from": START}


# Periods


def test_a_period_is_visible_from_the_first_day_on_which_a_rule_holds() -> None:
    quarterly = book(pack("a", "every: quarter", effective="{from: 2024-02-10}"))
    assert verdicts(quarterly, firm(), date(2024, 2, 9)) == {}
    assert verdicts(quarterly, firm(), date(2024, 2, 10)) == {"2024Q1": "pending"}
    both = book(pack("a", "every: year"), pack("b", "every: quarter", effective="{from: 2024-02-10, to: 2024-09-30}"))
    assert verdicts(both, firm(), date(2024, 2, 9)) == {"2024": "pending"}
    assert verdicts(both, firm(), date(2024, 2, 10)) == {"2024Q1": "pending", "2024": "pending"}


def test_a_period_with_a_window_is_visible_from_the_first_day_of_it() -> None:
    monthly = book(pack("a", "every: month, within: {from_day: 10, to_day: 20}"))
    assert verdicts(monthly, firm(), date(2024, 1, 9)) == {}
    assert verdicts(monthly, firm(), date(2024, 1, 10)) == {"2024-01": "pending"}


def test_a_period_that_starts_before_registration_is_covered_from_registration_on() -> None:
    monthly = book(pack("a", "every: month"))
    never = {"last": {"fire_check": NEVER}, "registered_on": date(2024, 1, 10)}
    assert verdicts(monthly, firm(**never), date(2024, 2, 1)) == {"2024-01": "violated", "2024-02": "pending"}
    since = firm(claims=(Claim("fire_check", date(2024, 1, 11)),), registered_on=date(2024, 1, 10))
    assert verdicts(monthly, since, date(2024, 2, 1)) == {"2024-01": "unknown", "2024-02": "pending"}


def test_claims_that_meet_cover_a_period_together() -> None:
    monthly = book(pack("a", "every: month"))
    halves = (Claim("fire_check", date(2024, 1, 16), date(2024, 1, 31)), Claim("fire_check", START, date(2024, 1, 15)))
    assert verdicts(monthly, firm(claims=halves), date(2024, 2, 1))["2024-01"] == "violated"
    apart = (Claim("fire_check", date(2024, 1, 17), date(2024, 1, 31)), Claim("fire_check", START, date(2024, 1, 15)))
    assert verdicts(monthly, firm(claims=apart), date(2024, 2, 1))["2024-01"] == "unknown"


def test_a_last_date_that_lies_ahead_claims_nothing_yet() -> None:
    monthly = book(pack("a", "every: month"))
    ahead = firm(last={"fire_check": date(2024, 2, 10)})
    assert not any(o.covered for o in judged(monthly, ahead, date(2024, 2, 9)).obligations)
    assert [o.done for o in judged(monthly, ahead, date(2024, 2, 9)).obligations] == [0, 0]
    assert verdicts(monthly, ahead, date(2024, 2, 10))["2024-02"] == "fulfilled"
    (obligation,) = judged(book(pack("a", "deadline: 2024-06-30")), ahead, date(2024, 2, 9)).obligations
    assert (str(obligation.verdict), obligation.covered) == ("pending", False)


def test_streaks_of_two_units_of_a_duty_are_counted_apart() -> None:
    both = book(pack("a", "every: month", effective="{from: 2024-01-01, to: 2024-02-29}"), pack("b", "every: quarter"))
    found = judged(both, firm(**COVERED), date(2024, 10, 1)).violations
    assert [(v.key, v.streak) for v in found] == [
        ("2024-01", 1), ("2024-02", 2), ("2024Q1", 1), ("2024Q2", 2), ("2024Q3", 3)]


# Several rules that ask together


def test_of_rules_with_one_due_date_the_strictest_counts() -> None:
    both = book(pack("a", "deadline: 2024-06-30, at_least: 1", "deadline: 2024-06-30, at_least: 2"))
    once = firm(records=[date(2024, 3, 1)])
    (obligation,) = judged(both, once, date(2024, 4, 1)).obligations
    assert (obligation.required, obligation.done, str(obligation.verdict)) == (2, 1, "pending")
    assert [ref.id for ref in obligation.rules] == ["a.r0", "a.r1"]


def test_of_rules_with_one_due_date_the_latest_since_counts() -> None:
    both = book(pack("a", "deadline: 2024-06-30, since: 2024-01-01", "deadline: 2024-06-30, since: 2024-03-01"))
    assert verdicts(both, firm(records=[date(2024, 2, 29)]), date(2024, 4, 1)) == {"2024-06-30": "pending"}
    assert verdicts(both, firm(records=[date(2024, 3, 1)]), date(2024, 4, 1)) == {"2024-06-30": "fulfilled"}


@pytest.mark.parametrize(("asks", "key", "due_on"), [
    ("deadline: 2024-06-30", "2024-06-30", date(2024, 6, 30)),
    ("for_each: certificate, done_on: certificate.renewed_on, due: {of: certificate.expires_on}", "C-1",
     date(2024, 6, 30)),
    ("every: month", "2024-06", date(2024, 6, 30)),
])
def test_of_several_reminders_the_earliest_counts(asks: str, key: str, due_on: date) -> None:
    both = book(pack("a", f"{asks}, remind_before: 3", f"{asks}, remind_before: 5"))
    certificate = Item("certificate", "C-1", {"expires_on": due_on})
    dossier = firm(items=(certificate,), registered_on=date(2024, 6, 1))
    assert verdicts(both, dossier, date(2024, 6, 24)) == {key: "pending"}
    assert verdicts(both, dossier, date(2024, 6, 25)) == {key: "due_soon"}


def test_a_deadline_that_perhaps_asks_for_more_on_the_same_day_is_uncertain() -> None:
    both = book(pack("a", "deadline: 2024-06-30", "deadline: 2024-06-30, at_least: 2, when: {headcount: {gt: 100}}"))
    found = judged(both, firm(), date(2024, 4, 1)).obligations
    assert [(o.key, o.missing) for o in found] == [("2024-06-30", ()), ("?", ("headcount",))]
    same = book(pack("a", "deadline: 2024-06-30", "deadline: 2024-06-30, when: {headcount: {gt: 100}}"))
    assert [o.key for o in judged(same, firm(), date(2024, 4, 1)).obligations] == ["2024-06-30"]


def test_a_deadline_after_one_that_is_settled_is_not_uncertain() -> None:
    both = book(pack("a", "deadline: 2024-06-30", "deadline: 2024-12-31, at_least: 2, when: {headcount: {gt: 100}}"))
    assert [o.key for o in judged(both, firm(), date(2024, 4, 1)).obligations] == ["2024-06-30"]


# Cases that are not known


CASES = ("cases: [{when: {hazard.level: major}, due: {of: hazard.found_on, days: 3}}, "
         "{due: {of: hazard.found_on, days: 10}}], for_each: hazard, done_on: hazard.reported_on")


def test_of_cases_that_could_apply_to_an_object_the_latest_due_date_counts() -> None:
    hazard = Item("hazard", "H-1", {"found_on": date(2024, 3, 1)})
    found = judged(book(pack("a", CASES)), firm(items=(hazard,)), date(2024, 3, 5)).obligations
    assert [(o.key, o.due_on, o.missing) for o in found] == [
        ("H-1", date(2024, 3, 11), ()), ("?", None, ("hazard.level",))]


def test_of_cases_that_could_apply_the_loosest_holds() -> None:
    rulebook = book(pack("a", "cases: [{when: {headcount: {gt: 100}}, every: month, at_least: 2}, "
                              "{when: {headcount: {gt: 50}}, every: month}, {every: quarter}]"))
    assert verdicts(rulebook, firm(), date(2024, 1, 10)) == {"2024Q1": "pending", "?": "unknown"}
    equal = book(pack("a", "cases: [{when: {headcount: {gt: 100}}, every: quarter}, "
                           "{every: year, at_least: 4}]"))
    # Four a year are as much as one a quarter; the shorter period is the stricter one.
    assert verdicts(equal, firm(), date(2024, 1, 10)) == {"2024": "pending", "?": "unknown"}


def test_of_deadlines_that_could_apply_the_latest_and_least_holds() -> None:
    rulebook = book(pack("a", "cases: [{when: {headcount: {gt: 100}}, deadline: 2024-06-30, at_least: 2}, "
                              "{deadline: 2024-06-30}]"))
    found = judged(rulebook, firm(), date(2024, 4, 1)).obligations
    assert [(o.key, o.required) for o in found] == [("2024-06-30", 1), ("?", None)]


def test_a_hazard_without_a_deadline_is_not_known_even_when_it_is_done() -> None:
    rulebook = book(pack("a", "for_each: hazard, done_on: hazard.rectified_on, due: {of: hazard.deadline}"))
    for facts, done in (({}, 0), ({"rectified_on": date(2024, 2, 1)}, 1)):
        (obligation,) = judged(rulebook, firm(items=(Item("hazard", "H-1", facts),)), date(2024, 3, 1)).obligations
        assert (str(obligation.verdict), obligation.missing, obligation.required, obligation.done) == (
            "unknown", ("hazard.deadline",), 1, done)


# States


OFFICER = "when: {headcount: {gt: 100}}, state: {safety_officers: {ge: 1}}"
WITHOUT = {"headcount": 120, "safety_officers": 0}


def test_two_runs_without_the_state_are_two_violations() -> None:
    dossier = firm((date(2024, 1, 1), WITHOUT), (date(2024, 3, 1), {**WITHOUT, "headcount": 90}),
                   (date(2024, 5, 1), WITHOUT))
    assert violations(book(pack("a", OFFICER)), dossier, date(2024, 6, 1)) == [
        ("2024-01-01", "lapsed", date(2024, 1, 1), date(2024, 3, 1)),
        ("2024-05-01", "open", date(2024, 5, 1), None)]


def test_days_on_which_the_state_is_not_known_break_a_run_and_end_nothing() -> None:
    dossier = firm((date(2024, 1, 1), WITHOUT), (date(2024, 3, 1), {"headcount": 120}), (date(2024, 5, 1), WITHOUT),
                   (date(2024, 7, 1), {**WITHOUT, "safety_officers": 1}))
    assert violations(book(pack("a", OFFICER)), dossier, date(2024, 6, 1)) == [
        ("2024-01-01", "open", date(2024, 1, 1), None), ("2024-05-01", "open", date(2024, 5, 1), None)]
    assert violations(book(pack("a", OFFICER)), dossier, date(2024, 7, 1)) == [
        ("2024-01-01", "closed", date(2024, 1, 1), date(2024, 7, 1)),
        ("2024-05-01", "closed", date(2024, 5, 1), date(2024, 7, 1))]


def test_one_of_several_states_known_to_be_absent_is_a_violation_though_another_is_not_known() -> None:
    both = book(pack("a", "state: {gas_alarm: true}", "state: {safety_officers: {ge: 1}}"))
    assert verdicts(both, firm(facts={"safety_officers": 0}), date(2024, 3, 1)) == {"state": "violated"}
    assert verdicts(both, firm(facts={"safety_officers": 1}), date(2024, 3, 1)) == {"state": "unknown"}


def test_a_state_that_perhaps_another_rule_asks_for_too_is_not_uncertain() -> None:
    twice = book(pack("a", "state: {gas_alarm: true}", "state: {gas_alarm: true}, when: {uses_gas: true}"))
    assert verdicts(twice, firm(facts={"gas_alarm": True}), date(2024, 3, 1)) == {"state": "fulfilled"}
    other = book(pack("a", "state: {gas_alarm: true}", "state: {safety_department: true}, when: {uses_gas: true}"))
    assert verdicts(other, firm(facts={"gas_alarm": True}), date(2024, 3, 1)) == {
        "state": "fulfilled", "?": "unknown"}


# The end of a violation


def test_a_violation_lapses_when_no_rule_of_the_packs_it_rests_on_can_apply() -> None:
    dossier = firm((START, {"headcount": 120}), (date(2024, 8, 1), {"headcount": 90}), **COVERED)
    rests_on_a = pack("a", "every: half_year, when: {headcount: {gt: 100}}")
    elsewhere = pack("b", "every: year, when: {headcount: {gt: 50}}", effective="{from: 2025-01-01}")
    within = pack("a", "every: half_year, when: {headcount: {gt: 100}}", "every: year, when: {headcount: {gt: 50}}, "
                       "effective: {from: 2025-01-01}")
    assert violations(book(rests_on_a, elsewhere), dossier, date(2024, 9, 1)) == [
        ("2024H1", "lapsed", date(2024, 7, 1), date(2024, 8, 1))]
    assert violations(book(within), dossier, date(2024, 9, 1)) == [("2024H1", "open", date(2024, 7, 1), None)]


def test_a_last_day_open_is_a_day_open() -> None:
    monthly = book(pack("a", "every: month"))
    closing = firm(closed_on=date(2024, 1, 31), **COVERED)
    # It lapses on the day after, which is the day on which the violation would open: January is not asked for.
    assert violations(monthly, closing, date(2024, 2, 5)) == []
    later = firm(closed_on=date(2024, 2, 1), **COVERED)
    assert violations(monthly, later, date(2024, 2, 5)) == [
        ("2024-01", "lapsed", date(2024, 2, 1), date(2024, 2, 2))]


# Recommendations


def recommending(*rules: str) -> str:
    return pack("a", "every: year", more="recommendations:\n" + "".join(
        f"  - {{id: a.s{n}, recommend: blacklist, titles: {{zh: 黑名单, en: blacklist}}, clause: 一, quote: 列入, "
        f"for_each: accident, from: accident.penalized_on, {rule}}}\n" for n, rule in enumerate(rules)))


ACCIDENT = Item("accident", "A-1", {"deaths": 3, "penalized_on": date(2024, 2, 1)})


def test_a_recommendation_on_several_grounds_stands_since_the_first() -> None:
    rulebook = book(recommending("effective: {from: 2024-04-01}", "when: {accident.deaths: {ge: 3}}"))
    (found,) = judged(rulebook, firm(items=(ACCIDENT,)), date(2024, 5, 1)).recommendations
    assert (found.since, [g.rule for g in found.grounds]) == (date(2024, 2, 1), ["a.s0", "a.s1"])


def test_a_recommendation_that_stands_is_not_unknown_as_well() -> None:
    rulebook = book(recommending("when: {accident.deaths: {ge: 3}}", "when: {accident.responsible: true}"))
    (found,) = judged(rulebook, firm(items=(ACCIDENT,)), date(2024, 5, 1)).recommendations
    assert (found.status, [g.rule for g in found.grounds]) == ("proposed", ["a.s0"])


def test_nothing_is_recommended_before_registration_or_after_closing() -> None:
    rulebook = book(recommending("when: {accident.deaths: {ge: 3}}"))
    late = firm(items=(ACCIDENT,), registered_on=date(2024, 3, 1))
    assert [r.since for r in judged(rulebook, late, date(2024, 5, 1)).recommendations] == [date(2024, 3, 1)]
    gone = firm(items=(ACCIDENT,), closed_on=date(2024, 1, 31))
    assert judged(rulebook, gone, date(2024, 5, 1)).recommendations == ()
    vague = Item("accident", "A-1", {"penalized_on": date(2024, 2, 1)})
    assert judged(rulebook, firm(items=(vague,)), date(2024, 5, 1)).recommendations[0].missing == (
        "accident:A-1.deaths",)
    assert judged(rulebook, firm(items=(vague,), closed_on=date(2024, 1, 31)), date(2024, 5, 1)).recommendations == ()


CLASSES = """\
derived:
  - {fact: accident.extraordinary, when: {accident.deaths: {ge: 30}}, clause: 三, quote: 特别重大}
  - {fact: accident.major_or_above, when: {accident.serious_injuries: {ge: 50}}, clause: 三, quote: 重大}
  - {fact: accident.large_or_above, when: {accident.direct_loss: {ge: 1000}}, clause: 三, quote: 较大}
"""


@pytest.mark.parametrize(("figures", "name", "exact"), [
    ({}, "ordinary", False),
    ({"deaths": 0}, "ordinary", False),
    ({"serious_injuries": 0}, "ordinary", False),
    ({"serious_injuries": 50}, "major", False),
    ({"serious_injuries": 0, "direct_loss": Decimal(1000)}, "large", False),
    ({"deaths": 0, "serious_injuries": 0, "direct_loss": Decimal(1000)}, "large", True),
    ({"deaths": 0, "serious_injuries": 0, "direct_loss": Decimal("999.99")}, "ordinary", True),
    ({"serious_injuries": 50, "deaths": 0}, "major", True),
    ({"deaths": 30}, "extraordinary", True),
])
def test_a_class_with_blank_figures_is_a_lower_bound(figures: dict[str, Any], name: str, exact: bool) -> None:
    rulebook = book(pack("a", "every: year", more=CLASSES))
    assert accident_class(Item("accident", "A-1", figures), rulebook) == (name, exact)


def test_a_missing_fact_is_named_by_the_blank_column_it_would_be_derived_from() -> None:
    rulebook = book(recommending("when: {accident.large_or_above: true}") + CLASSES)
    vague = Item("accident", "A-1", {"penalized_on": date(2024, 2, 1)})
    (found,) = judged(rulebook, firm(items=(vague,)), date(2024, 5, 1)).recommendations
    assert (found.status, found.missing) == ("unknown", ("accident:A-1.direct_loss",))


def test_an_accident_that_has_not_happened_yet_is_not_seen() -> None:
    rulebook = book(recommending("when: {accident.deaths: {ge: 3}}"))
    accident = Item("accident", "A-1", {**ACCIDENT.facts, "occurred_on": date(2024, 6, 1)})
    assert judged(rulebook, firm(items=(accident,)), date(2024, 5, 31)).recommendations == ()
    assert judged(rulebook, firm(items=(accident,)), date(2024, 6, 1)).recommendations != ()
