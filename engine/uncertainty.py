"""The row ``?`` of a duty (缺情况): a fact is missing that could change what the duty asks. SEMANTICS.md section 2.

Judged on the date of the verdict. Where several rules ask, a missing fact matters only if the strictest that could
be asked differs from what is asked for certain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.applicability import Applicability
from engine.conditions import Condition
from engine.deadlines import uncertain_deadlines
from engine.holding import holding_case, rule_on, strictness
from engine.objects import uncertain_objects
from engine.results import Obligation, Verdict
from engine.rulebook import Deadline, Duty, PerObject, Rule, State
from engine.subject import Subject
from facts.dossier import Item


def uncertainty(subject: Subject, duty: Duty, applicability: Applicability,
                settled: Sequence[Obligation]) -> Obligation | None:
    """The ``?`` row of ``duty``, or ``None``; ``settled`` are the duty's other obligations."""
    if duty.type is not PerObject and duty.name not in applicability.unclear(subject.current.facts):
        return None
    found: list[tuple[Rule, Condition, Item | None]]
    if duty.type is PerObject:
        found = [(rule, rule.condition, item) for rule, item in uncertain_objects(subject, duty, applicability)]
    elif duty.type is Deadline:
        found = [(rule, rule.condition, None) for rule in uncertain_deadlines(subject, duty, applicability, settled)]
    else:
        found = [(rule, condition, None) for rule, condition in _uncertain(subject, duty, applicability)]
    if not found:
        return None
    missing: set[str] = set()
    for _, condition, item in found:
        missing.update(applicability.missing(condition, subject.current.facts, item))
    rules = sorted({rule for rule, _, _ in found}, key=lambda r: (r.ref.id, r.case))
    return Obligation(duty.name, "?", Verdict.UNKNOWN, tuple(r.ref for r in rules), missing=tuple(sorted(missing)))


def _uncertain(subject: Subject, duty: Duty, applicability: Applicability) -> Iterator[tuple[Rule, Condition]]:
    """Rules that could ask for more than is certain, each with the unknown condition on which that turns."""
    standings = [standing for group in duty.groups
                 if (standing := rule_on(subject, group, applicability, subject.today)) is not None]
    certain = [rule for standing in standings if (rule := holding_case(standing)) is not None]
    strictest = max(map(strictness, certain), default=None)
    states = {rule.asked.condition for rule in certain if isinstance(rule.asked, State)}
    for standing in standings:
        if standing.certain:
            continue
        for rule in standing.possible:
            if (rule.asked.condition not in states if isinstance(rule.asked, State)
                    else strictest is None or strictness(rule) > strictest):
                yield rule, rule.outcome
