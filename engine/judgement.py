"""Judging one enterprise as of a date (判定): a pure function of facts, packs and date.

The same dossier, rulebook and date give the same judgement, to the byte. What was remembered on the way (inference
per set of attributes, calendars per set of days) changes only the time it takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date

from engine.applicability import applicability_of
from engine.deadlines import judge_deadlines
from engine.escalation import escalated
from engine.objects import judge_objects
from engine.outlook import unwatched
from engine.periodic import judge_periodic
from engine.recommendations import PAST, recommendations, standing_matters
from engine.results import Judgement, Obligation, Violation, by_due_date
from engine.rulebook import Deadline, Periodic, PerObject, Rulebook, State
from engine.states import judge_states
from engine.subject import subject_of
from engine.uncertainty import uncertainty
from engine.waivers import Waiver
from engine.waiving import held_by_waivers, waived
from facts.dossier import Dossier

_JUDGES = {Periodic: judge_periodic, Deadline: judge_deadlines, PerObject: judge_objects, State: judge_states}


def judge(dossier: Dossier, rulebook: Rulebook, as_of: date, waivers: Collection[Waiver] = (), *,
          over: Counter[str] | None = None) -> Judgement | None:
    """Every obligation, violation and recommendation visible on ``as_of``.

    ``None`` if no version of the enterprise is visible then: it is not there yet. Of an authority only the duties of
    authorities are asked for, of an enterprise only those of enterprises. ``waivers`` may be of others too. ``as_of``
    may be watched (:mod:`engine.outlook`). With ``over``, periods that have ended may be counted there, by verdict,
    instead of being listed; that takes less time.
    """
    subject = subject_of(dossier, as_of)
    if subject is None:
        return None
    applicability = applicability_of(rulebook, authorities=dossier.is_authority)
    if not waivers and over is not None:
        # What a waiver covers has none of these verdicts.
        subject.over = over
        subject.doubts_matter = not dossier.is_authority and standing_matters(subject, applicability)
    obligations: list[Obligation] = []
    violations: list[Violation] = []
    for duty in applicability.possible(subject):
        asked, missed = _JUDGES[duty.type](subject, duty, applicability)
        unclear = uncertainty(subject, duty, applicability, asked)
        if waivers:
            asked, missed = waived(duty, (asked, missed), waivers, dossier.uscc, as_of)
        obligations += [*asked, unclear] if unclear else asked
        violations += missed
    held = held_by_waivers(waivers, dossier.uscc, as_of)
    recommended = () if dossier.is_authority else recommendations(
        subject, applicability, obligations, violations, [w for w in waivers if w.uscc == dossier.uscc])
    facts = subject.current.facts
    sectors = facts.get("sectors")
    high_risk = facts.get("high_risk", applicability.derived(facts).get("high_risk"))
    division, authority_kind = facts.get("division"), facts.get("authority_kind")
    return Judgement(
        uscc=dossier.uscc,
        name=subject.name,
        division=division if isinstance(division, str) else None,
        sectors=sectors if isinstance(sectors, tuple) else None,
        high_risk=high_risk if isinstance(high_risk, bool) else None,
        as_of=unwatched(as_of),
        facts=facts,
        obligations=tuple(sorted(obligations, key=by_due_date)),
        violations=tuple(sorted(escalated(subject, violations, applicability, held), key=by_due_date)),
        recommendations=tuple(r for r in recommended if r.status != PAST),
        is_authority=dossier.is_authority,
        authority_kind=authority_kind if isinstance(authority_kind, str) else None,
        past_recommendations=tuple(r for r in recommended if r.status == PAST),
    )
