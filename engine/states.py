"""State duties (状态义务): something must be so while a rule holds. SEMANTICS.md section 3.

A violation is an unbroken run of days on which a rule held and the state was known to be absent; its first day is its
key. Days on which the state is not known break the run, but end nothing: the violation stays open until the state is
there, or lapses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from engine.applicability import Applicability
from engine.ending import ended, lapses_on
from engine.holding import holdings
from engine.periodic import Found
from engine.results import Obligation, Verdict, Violation
from engine.rulebook import Duty, Rule, State
from engine.subject import Span, Subject

_VERDICTS = {True: Verdict.FULFILLED, False: Verdict.VIOLATED, None: Verdict.UNKNOWN}


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Days on which the same rules hold over the same facts; ``present``: whether the state is there."""

    first: int
    last: int
    rules: tuple[Rule, ...]
    present: bool | None


def judge_states(subject: Subject, duty: Duty, applicability: Applicability) -> Found:
    """The obligation on the date of the verdict, and every run of days without the state up to then."""
    stretches = _stretches(subject, duty, applicability)
    obligations = [_obligation(subject, duty, stretch, applicability) for stretch in stretches
                   if stretch.last == subject.today]
    runs: list[list[_Stretch]] = []
    previous: _Stretch | None = None
    for stretch in stretches:
        if stretch.present is False:
            if previous is not None and previous.present is False and previous.last + 1 == stretch.first:
                runs[-1].append(stretch)
            else:
                runs.append([stretch])
        previous = stretch
    return obligations, [_violation(subject, duty, run, applicability) for run in runs]


def _stretches(subject: Subject, duty: Duty, applicability: Applicability) -> list[_Stretch]:
    held = [h for h in holdings(subject, duty, applicability) if h.first <= subject.today]
    cuts = sorted({h.first for h in held} | {min(h.last, subject.today) + 1 for h in held})
    stretches: list[_Stretch] = []
    for first, after in pairwise(cuts):
        rules = tuple(sorted((h.rule for h in held if h.first <= first <= h.last), key=lambda r: (r.ref.id, r.case)))
        span = subject.span_on(first)
        if rules and span is not None:
            stretches.append(_Stretch(first, after - 1, rules, _present(rules, span, applicability)))
    return stretches


def _present(rules: tuple[Rule, ...], span: Span, applicability: Applicability) -> bool | None:
    """Whether all that the rules ask for is there on the days of ``span``; ``None``: not known."""
    found = [applicability.of(_state(rule).condition, span.facts) for rule in rules]
    return False if False in found else None if None in found else True


def _state(rule: Rule) -> State:
    assert isinstance(rule.asked, State)
    return rule.asked


def _obligation(subject: Subject, duty: Duty, stretch: _Stretch, applicability: Applicability) -> Obligation:
    missing: set[str] = set()
    if stretch.present is None:
        for rule in stretch.rules:
            missing.update(applicability.missing(_state(rule).condition, subject.current.facts))
    return Obligation(duty.name, "state", _VERDICTS[stretch.present], tuple(rule.ref for rule in stretch.rules),
                      missing=tuple(sorted(missing)))


def _violation(subject: Subject, duty: Duty, run: list[_Stretch], applicability: Applicability) -> Violation:
    first = run[0].first
    opened_on = date.fromordinal(first)
    rules = tuple(sorted({rule for stretch in run for rule in stretch.rules}, key=lambda r: (r.ref.id, r.case)))
    there = next((span.first for span in subject.spans
                  if first < span.first <= subject.today and _present(rules, span, applicability)), None)
    lapsed = lapses_on(subject, duty, rules, applicability, opened_on)
    end = ended(opened_on, date.fromordinal(there) if there else None, lapsed)
    assert end is not None, "a rule holds on the day on which the violation opens"
    status, closed_on = end
    return Violation(duty.name, opened_on.isoformat(), status, opened_on, tuple(rule.ref for rule in rules), None,
                     closed_on, joined=_joined(run))


def _joined(run: list[_Stretch]) -> tuple[tuple[date, str], ...]:
    """The rules that came to hold after the first day of the run, each with the day."""
    seen = {rule.ref.id for rule in run[0].rules}
    found: list[tuple[date, str]] = []
    for stretch in run[1:]:
        new = {rule.ref.id for rule in stretch.rules} - seen
        found += [(date.fromordinal(stretch.first), name) for name in sorted(new)]
        seen |= new
    return tuple(found)
