"""``explain`` of objects: each rule answers for its own due date and for the day on which it was read."""

from __future__ import annotations

from datetime import date

import pytest

from engine.explain import RuleReason, explain
from engine.packs import load_rulebook
from facts.dossier import Dossier, Item, Version

STOCK, BY_DEADLINE = "hedong-safety.hazard-stock-2023", "statutes.hazard-rectification"


def reason(rule: str, deadline: date | None, as_of: date) -> RuleReason:
    facts = {"level": "major", "found_on": date(2023, 11, 1)} | ({"deadline": deadline} if deadline else {})
    dossier = Dossier(
        "91120102MA0500001R",
        (Version(date(2024, 1, 1), {"division": "120102", "sectors": ("wet_market",)}),
         Version(date(2025, 2, 1), {"division": "120101", "sectors": ("wet_market",)})),
        items=(Item("hazard", "YH-1", facts),))
    rulebook = load_rulebook()
    found = explain(dossier, rulebook, as_of, rulebook.duties["hazard_rectification"])
    assert found is not None
    (one,) = [r for r in found.rules if r.rule.ref.id == rule]
    return one


@pytest.mark.parametrize(("deadline", "said"), [
    (None, "this rule sets no date for it; another rule asks for it by 2024-12-31"),
    (date(2025, 6, 30), "by this rule it is due on 2025-06-30; another rule asks for it by 2024-12-31")])
def test_a_rule_does_not_answer_for_the_date_of_another(deadline: date | None, said: str) -> None:
    rule = reason(BY_DEADLINE, deadline, date(2025, 1, 15))
    assert rule.standing == "applies"
    assert rule.obligations == ()
    assert rule.reasons[-1].en == said


def test_the_rule_whose_date_was_missed_answers_for_it() -> None:
    assert [o.key for o in reason(STOCK, date(2025, 6, 30), date(2025, 1, 15)).obligations] == ["YH-1"]


def test_what_was_read_on_the_due_date_says_so() -> None:
    """It has moved since: what was read is not what the enterprise's card shows."""
    reasons = [text.en for text in reason(STOCK, None, date(2025, 3, 1)).reasons]
    assert "division: read 120102, required = 120102, met" in reasons
    assert "as things stood on its due date 2024-12-31" in reasons
