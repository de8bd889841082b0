"""The shape of the output (输出格式): judgements as plain rows, with the field names of CONTRACT.md.

What does not exist is ``None``. Key order is fixed, so equal judgements are equal to the byte.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from engine.case_file import CasedRecommendation
from engine.cases import OPEN as RUNNING
from engine.results import Judgement, Obligation, Recommendation, Step, Verdict, Violation
from engine.rulebook import RuleRef
from engine.waivers import Waiver
from engine.wording import STEPS

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
        "waiver": _waiver(obligation.waiver),
        "rules": _rules(obligation.rules),
    }


def violation_row(violation: Violation) -> Row:
    """One violation; ``escalation`` are the steps issued, ``held_back`` those reached and not issued."""
    return {
        "duty": violation.duty,
        "key": violation.key,
        "status": str(violation.status),
        "due_on": _iso(violation.due_on),
        "opened_on": _iso(violation.opened_on),
        "closed_on": _iso(violation.closed_on),
        "overdue_days": violation.overdue_days,
        "streak": violation.streak,
        "waiver": _waiver(violation.waiver),
        "rules": _rules(violation.rules),
        "escalation": [step_row(step) for step in violation.issued],
        "held_back": [step_row(step) for step in violation.held_back],
    }


def step_row(step: Step) -> Row:
    """One step that a violation has reached; ``label`` is what letters call it, so it is Chinese in any language."""
    return {
        "step": step.step,
        "label": STEPS[step.step].zh,
        "level": step.level,
        "due_on": _iso(step.due_on),
        "issued_on": _iso(step.issued_on),
        "held_by": step.held_by,
        "recommended": step.recommended,
        "ladder": step.ladder,
        "document": step.ref.document,
        "clause": step.ref.clause,
        "quote": step.ref.quote,
        "assumptions": [{"value": figure.value, "reason": figure.assumption} for figure in step.assumptions],
    }


def recommendation_row(recommendation: Recommendation) -> Row:
    """One recommendation with its grounds, and what was decided on it."""
    cased = recommendation if isinstance(recommendation, CasedRecommendation) else None
    return {
        "id": recommendation.id,
        "status": recommendation.status,
        "kind": recommendation.kind,
        "label": cased.label if cased else None,
        "since": _iso(recommendation.since),
        "competent": [dict(each) for each in cased.competent] if cased else [],
        "decided_on": _iso(cased.decided_on) if cased else None,
        "decided_by": cased.decided_by if cased else None,
        "reason": cased.reason if cased else None,
        "object_until": _iso(cased.object_until) if cased else None,
        "expires_on": _iso(cased.expires_on) if cased else None,
        "missing": list(recommendation.missing),
        "grounds": [{"rule": g.rule, "document": g.document, "clause": g.clause, "quote": g.quote,
                     "facts": list(g.facts)} for g in recommendation.grounds],
    }


def waiver_row(waiver: Waiver) -> Row:
    """One waiver; ``retroactive`` is the reason for which it reaches back, ``ended`` how it was ended early."""
    ended = None if waiver.ended_on is None else {
        "on": _iso(waiver.ended_on), "by": waiver.ended_by, "reason": waiver.ended_because, "void": waiver.void}
    return {
        "id": waiver.id,
        "uscc": waiver.uscc,
        "duty": waiver.duty,
        "key": waiver.key,
        "from": _iso(waiver.first),
        "to": _iso(waiver.last),
        "reason": waiver.reason,
        "by": waiver.author,
        "entered_on": _iso(waiver.entered_on),
        "retroactive": waiver.retroactive,
        "ended": ended,
    }


def _waiver(waiver: Waiver | None) -> Row | None:
    return None if waiver is None else waiver_row(waiver)


def is_open(row: Obligation | Violation | Recommendation) -> bool:
    """Whether something is still to be done about it."""
    if isinstance(row, Obligation):
        return row.verdict in _OPEN_VERDICTS
    return row.status == "open" or row.status in RUNNING


def _rules(refs: tuple[RuleRef, ...]) -> list[Row]:
    return [{"id": ref.id, "document": ref.document, "clause": ref.clause, "quote": ref.quote} for ref in refs]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
