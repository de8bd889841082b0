"""On which days which rule holds (规则适用的日子): applicability laid over an enterprise's versions.

A rule holds on a day inside its effective range on which the enterprise is registered and open and the rule's
conditions are true. Where a fact is not known, the loosest of the cases that could then apply holds, and none if
that could be so too. SEMANTICS.md section 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from engine.applicability import Applicability, Standing
from engine.rulebook import Deadline, Duty, Periodic, Rule, RuleGroup
from engine.subject import Span, Subject
from facts.dossier import Item


@dataclass(frozen=True, slots=True)
class Holding:
    """``rule`` holds on every day from ``first`` to ``last``, both inclusive."""

    rule: Rule
    first: int
    last: int


def holdings(subject: Subject, duty: Duty, applicability: Applicability) -> Iterator[Holding]:
    """All days on which rules of a periodic, deadline or state duty hold."""
    for group in duty.groups:
        for span in subject.spans:
            rule = holding_case(applicability.standing(group, span.facts))
            if rule is not None:
                first, last = in_range(subject, rule, span)
                if first <= last:
                    yield Holding(rule, first, last)


def in_range(subject: Subject, rule: Rule, span: Span) -> tuple[int, int]:
    """The days of ``span`` on which the rule is in force and the enterprise open; empty if first > last."""
    return (max(span.first, rule.holds_from.toordinal(), subject.registered),
            min(span.last, rule.holds_to.toordinal(), subject.last_open))


def holding_case(standing: Standing) -> Rule | None:
    """The case that holds: the certain one, or else the loosest of those that could."""
    if standing.none_possible or not standing.possible:
        return None
    return min(standing.possible, key=strictness)


def strictness(rule: Rule) -> tuple[object, ...]:
    """Order of rules of one duty from loose to strict: more required per month, then shorter; sooner, then more."""
    match rule.asked:
        case Periodic(unit, at_least):
            return Fraction(at_least, unit.months), -unit.months
        case Deadline(due, at_least):
            return -due.toordinal(), at_least
    return (0,)


def rule_on(subject: Subject, group: RuleGroup, applicability: Applicability, day: int,
            item: Item | None = None) -> Standing | None:
    """How ``group`` stands on ``day``, counting only cases in force then; ``None`` when no rule can hold that day."""
    span = subject.span_on(day)
    if span is None or not subject.exists_on(day):
        return None
    standing = applicability.standing(group, span.facts, item)
    possible = tuple(r for r in standing.possible if r.holds_from.toordinal() <= day <= r.holds_to.toordinal())
    if not possible:
        return None
    return Standing(possible, standing.none_possible or len(possible) < len(standing.possible))
