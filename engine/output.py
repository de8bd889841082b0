"""The shape of the output (输出格式): judgements as plain rows, with the field names of CONTRACT.md.

What does not exist is ``None``. Key order is fixed, so equal judgements are equal to the byte.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from engine.results import Judgement, Obligation, Recommendation, Verdict, Violation
from engine.rulebook import RuleRef

Row = dict[str, Any]

_OPEN_VERDICTS = (Verdict.PENDING, Verdict.DUE_SOON, Verdict.UNKNOWN, Verdict.VIOLATED)


def judgement_document(judgement: Judgement, *, current: bool = False) -> Row:
    """The JSON document of ``zhiben query``; ``current`` leaves out obligations that have ended."""
    return {
        **_about(judgement),
        "as_of": _iso(judgement.as_of),
        "obligations": [obligation_row(o) for o in judgement.obligations
                        if not current or not_ended(o, judgement.as_of)],
        "violations": [violation_row(v) for v in judgement.violations],
        "recommendations": [recommendation_row(r) for r in judgement.recommendations],
    }


def _about(judgement: Judgement) -> Row:
    """Whom the judgement is about; an authority stands in a key of its own."""
    if judgement.is_authority:
        return {"enterprise": None, "authority": {"code": judgement.uscc, "name": judgement.name,
                                                  "division": judgement.division, "kind": judgement.authority_kind}}
    sectors = list(judgement.sectors) if judgement.sectors is not None else None
    return {"enterprise": {"uscc": judgement.uscc, "name": judgement.name, "division": judgement.division,
                           "sectors": sectors, "high_risk": judgement.high_risk}}


def not_ended(obligation: Obligation, as_of: date) -> bool:
    """Whether the obligation's due date is still to come, or it has none."""
    return obligation.due_on is None or obligation.due_on >= as_of


def obligation_row(obligation: Obligation) -> Row:
    """One obligation."""
    return {
        "duty": obligation.duty,
        "key": obligation.key,
        "starts_on": _iso(obligation.starts_on),
        "due_on": _iso(obligation.due_on),
        "verdict": str(obligation.verdict),
        "required": obligation.required,
        "done": float(obligation.done) if isinstance(obligation.done, Decimal) else obligation.done,
        "fulfilled_on": _iso(obligation.fulfilled_on),
        "covered": obligation.covered,
        "missing": list(obligation.missing),
        "rules": _rules(obligation.rules),
    }


def violation_row(violation: Violation) -> Row:
    """One violation. No pack has a ladder yet, so ``escalation`` is empty."""
    return {
        "duty": violation.duty,
        "key": violation.key,
        "status": str(violation.status),
        "due_on": _iso(violation.due_on),
        "opened_on": _iso(violation.opened_on),
        "closed_on": _iso(violation.closed_on),
        "overdue_days": violation.overdue_days,
        "streak": violation.streak,
        "rules": _rules(violation.rules),
        "escalation": [],
    }


def recommendation_row(recommendation: Recommendation) -> Row:
    """One recommendation with its grounds."""
    return {
        "id": recommendation.id,
        "status": recommendation.status,
        "kind": recommendation.kind,
        "since": _iso(recommendation.since),
        "missing": list(recommendation.missing),
        "grounds": [{"rule": g.rule, "document": g.document, "clause": g.clause, "quote": g.quote,
                     "facts": list(g.facts)} for g in recommendation.grounds],
    }


def is_open(row: Obligation | Violation | Recommendation) -> bool:
    """Whether something is still to be done about it."""
    if isinstance(row, Obligation):
        return row.verdict in _OPEN_VERDICTS
    return row.status in ("open", "proposed", "unknown")


def _rules(refs: tuple[RuleRef, ...]) -> list[Row]:
    return [{"id": ref.id, "document": ref.document, "clause": ref.clause, "quote": ref.quote} for ref in refs]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
