"""The row ``?`` of a duty (缺情况): a fact is missing that could change what the duty asks. SEMANTICS.md section 2.

Judged on the date of the verdict. Where several rules ask, a missing fact matters only if the strictest that could
be asked differs from what is asked for certain.
"""

from __future__ import annotations

from engine.applicability import Applicability
from engine.deadlines import uncertain_deadlines
from engine.holding import holding_case, rule_on, strictness
from engine.objects import uncertain_objects
from engine.results import Obligation, Verdict
from engine.rulebook import Deadline, Duty, Periodic, PerObject, Rule, State
from engine.subject import Subject
from facts.dossier import Item


def uncertainty(subject: Subject, duty: Duty, applicability: Applicability,
                settled: list[Obligation]) -> Obligation | None:
    """The ``?`` row of ``duty``, or ``None``; ``settled`` are the duty's other obligations."""
    found: list[tuple[Rule, Item | None]]
    if duty.type is PerObject:
        found = list(uncertain_objects(subject, duty, applicability))
    elif duty.type is Deadline:
        found = [(rule, None) for rule in uncertain_deadlines(subject, duty, applicability, settled)]
    else:
        found = [(rule, None) for rule in _uncertain(subject, duty, applicability)]
    if not found:
        return None
    missing: set[str] = set()
    for rule, item in found:
        missing.update(applicability.missing(rule.condition, subject.current.facts, item))
    rules = sorted({rule for rule, _ in found}, key=lambda r: (r.ref.id, r.case))
    return Obligation(duty.name, "?", Verdict.UNKNOWN, tuple(r.ref for r in rules), missing=tuple(sorted(missing)))


def _uncertain(subject: Subject, duty: Duty, applicability: Applicability) -> list[Rule]:
    standings = [standing for group in duty.groups
                 if (standing := rule_on(subject, group, applicability, subject.today)) is not None]
    certain = [rule for standing in standings if (rule := holding_case(standing)) is not None]
    possible = [rule for standing in standings if not standing.certain for rule in standing.possible]
    if duty.type is Periodic:
        strictest = max(map(strictness, certain), default=None)
        return [rule for rule in possible if strictest is None or strictness(rule) > strictest]
    asked = {rule.asked.condition for rule in certain if isinstance(rule.asked, State)}
    return [rule for rule in possible if isinstance(rule.asked, State) and rule.asked.condition not in asked]
