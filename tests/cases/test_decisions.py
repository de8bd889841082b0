"""What may be decided on a case, when, and with which terms: the rules alone, without database or clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.cases import ALL, DECIDED, OUTCOMES, POSSIBLE, Case, Decision, decide, months_after
from engine.pack_schema import Figure
from engine.procedures import Assumption, Terms
from facts.errors import BadInput

GROUNDS = ({"rule": "a.list", "document": "方案", "clause": "四", "quote": "列入", "since": "2024-08-01", "facts": []},)
COMPETENT = {"zh": "应急管理部门", "en": "emergency department", "assumption": None}
TERMS = Terms((COMPETENT,), Figure(10), Figure(36, "凭记忆"), Figure(12, "凭记忆"), (
    Assumption("a.list", "term", "36", "凭记忆"), Assumption("a.list", "removable_after", "12", "凭记忆")))
DAY = date(2024, 8, 5)


def case(status: str = "proposed") -> Case:
    """A case that stands so, brought there by decisions of 2024-08-05 and 2024-08-16."""
    made = Case("0123456789ab", "91120102MA0000001X", "blacklist", "proposed", date(2024, 8, 1))
    ways = {"notified": ["notify"], "confirmed": ["notify", "confirm"], "rejected": ["reject"],
            "lifted": ["notify", "confirm", "lift"], "revoked": ["notify", "confirm", "revoke"]}
    for n, action in enumerate(ways.get(status, ())):
        on = DAY if n == 0 else date(2024, 8, 16)
        made = after(made, act(made, action, on, early=action == "lift"))
    return replace(made, recorded=status) if status in ("withdrawn", "unknown") else made


def act(on_case: Case, action: str, on: date, **more: Any) -> Decision:
    usual = {"on": on, "by": "李四", "reason": "事实清楚", "terms": TERMS, "grounds": GROUNDS}
    return decide(on_case, action, **usual | more)


def after(before: Case, entry: Decision) -> Case:
    recorded = before.recorded if entry.kind == "objected" else entry.kind
    return replace(before, decisions=(*before.decisions, entry), recorded=recorded)


@pytest.mark.parametrize("action", OUTCOMES)
@pytest.mark.parametrize("status", [s for s in ALL if s != "expired"])
def test_only_what_is_possible_is_done(status: str, action: str) -> None:
    on = date(2026, 1, 1)
    if action in POSSIBLE.get(status, ()):
        assert act(case(status), action, on).kind == OUTCOMES[action]
    else:
        with pytest.raises(BadInput, match=r"it cannot be|不能") as refused:
            act(case(status), action, on)
        if status in ("confirmed", "rejected", "lifted", "revoked", "notified"):
            assert "李四" in refused.value.message.zh
            assert "2024-08" in refused.value.message.en


def test_an_expired_case_is_over_without_a_sweep() -> None:
    confirmed = case("confirmed")
    assert confirmed.status(date(2027, 8, 15)) == "confirmed"
    assert confirmed.status(date(2027, 8, 16)) == "expired"
    with pytest.raises(BadInput, match="since 2027-08-16"):
        act(confirmed, "revoke", date(2027, 8, 16))


def test_a_confirmation_waits_for_objections() -> None:
    notified = case("notified")
    assert notified.decisions[-1].object_until == date(2024, 8, 15)
    with pytest.raises(BadInput, match="2024-08-16 on"):
        act(notified, "confirm", date(2024, 8, 15))
    assert act(notified, "confirm", date(2024, 8, 16)).waives is None
    assert act(notified, "confirm", DAY, waives="企业放弃").waives == "企业放弃"
    with pytest.raises(BadInput, match="must not be blank"):
        act(notified, "confirm", DAY, waives=" ")
    objected = after(notified, act(notified, "object", date(2024, 8, 7)))
    assert objected.status(date(2024, 8, 7)) == "notified"
    twice = after(objected, act(objected, "object", date(2024, 8, 8)))
    confirmed = act(twice, "confirm", date(2024, 8, 8))
    assert (confirmed.answers, confirmed.place) == (2, 4)
    assert act(twice, "reject", date(2024, 8, 8)).answers == 2


def test_without_a_time_for_objections_nothing_is_waited_for() -> None:
    notified = after(case(), act(case(), "notify", DAY, terms=Terms()))
    confirmed = act(notified, "confirm", DAY, terms=Terms())
    assert (confirmed.expires_on, confirmed.removable_from) == (None, None)
    assert after(notified, confirmed).status(date(2200, 1, 1)) == "confirmed"


def test_the_terms_are_frozen_with_the_confirmation() -> None:
    confirmed = case("confirmed").decisions[-1]
    assert (confirmed.expires_on, confirmed.removable_from) == (date(2027, 8, 16), date(2025, 8, 16))
    assert {each["key"] for each in confirmed.assumptions} == {"term", "removable_after"}
    assert confirmed.grounds == GROUNDS
    assert confirmed.competent[0]["zh"] == "应急管理部门"


def test_lifting_before_its_day_must_be_meant() -> None:
    with pytest.raises(BadInput, match="from 2025-08-16 on \\(an assumption"):
        act(case("confirmed"), "lift", date(2025, 8, 15))
    assert act(case("confirmed"), "lift", date(2025, 8, 16)).kind == "lifted"
    assert act(case("confirmed"), "lift", date(2025, 8, 15), early=True).kind == "lifted"


def test_no_entry_is_dated_before_the_one_before() -> None:
    with pytest.raises(BadInput, match="check the clock"):
        act(case("notified"), "object", date(2024, 8, 4))
    assert act(case("notified"), "object", DAY).on == DAY


@pytest.mark.parametrize("text", ["", "  ", "——", "\n", "x" * 2001])
@pytest.mark.parametrize("which", ["by", "reason"])
def test_names_and_reasons_say_something(which: str, text: str) -> None:
    with pytest.raises(BadInput):
        act(case(), "notify", DAY, **{which: text})


@pytest.mark.parametrize("action", ["notify", "confirm"])
def test_what_has_no_ground_any_more_is_not_done(action: str) -> None:
    with pytest.raises(BadInput, match="no ground"):
        act(case("proposed" if action == "notify" else "notified"), action, date(2024, 9, 1), grounds=())
    assert act(case("notified"), "reject", date(2024, 9, 1), grounds=()).kind == "rejected"


def test_what_is_decided_later_is_not_seen() -> None:
    lifted = case("lifted")
    days = [date(2024, 8, 4), DAY, date(2024, 8, 15), date(2024, 8, 16)]
    assert [lifted.status(day) for day in days] == ["proposed", "notified", "notified", "lifted"]


def test_a_notice_is_void_once_a_sweep_has_taken_the_grounds_away() -> None:
    gone = replace(case("notified"), recorded="withdrawn", withdrawn_on=date(2024, 9, 1))
    assert [gone.status(day) for day in (date(2024, 8, 31), date(2024, 9, 1))] == ["notified", "withdrawn"]
    again = replace(case("notified"), recorded="proposed")
    assert again.status(date(2024, 10, 1)) == "proposed"
    renewed = after(again, act(again, "notify", date(2024, 10, 1)))
    assert renewed.status(date(2024, 10, 1)) == "notified"
    assert renewed.objections == ()


def test_a_rejected_one_may_be_proposed_anew() -> None:
    again = replace(case("rejected"), recorded="proposed")
    assert again.status(date(2024, 9, 1)) == "proposed"
    assert act(again, "notify", date(2024, 9, 1)).place == 2


def test_those_that_no_sweep_touches() -> None:
    assert {"confirmed", "rejected", "expired", "lifted", "revoked"} == set(DECIDED)


@pytest.mark.parametrize(("day", "months", "then"), [
    ("2024-01-31", 1, "2024-02-29"), ("2023-01-31", 1, "2023-02-28"), ("2024-08-12", 36, "2027-08-12"),
    ("2024-12-01", 1, "2025-01-01"), ("2024-02-29", 12, "2025-02-28"), ("2024-11-30", 13, "2025-12-30"),
])
def test_months_are_counted_by_the_calendar(day: str, months: int, then: str) -> None:
    assert months_after(date.fromisoformat(day), months) == date.fromisoformat(then)
