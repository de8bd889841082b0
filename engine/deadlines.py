"""Deadline duties (限期义务): something to be done once, by a date. SEMANTICS.md section 3."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from engine.applicability import Applicability
from engine.ending import day_after, ended, lapses_on, overdue_days
from engine.holding import holding_case, rule_on, strictness
from engine.periodic import Found
from engine.results import Obligation, Status, Verdict, Violation
from engine.rulebook import Deadline, Duty, Rule
from engine.subject import FIRST_DAY, Subject
from engine.tally import Tally


def judge_deadlines(subject: Subject, duty: Duty, applicability: Applicability) -> Found:
    """The deadlines that bind, by due date up to the first that is neither lapsed nor unknown."""
    obligations: list[Obligation] = []
    violations: list[Violation] = []
    for due_on, rules in sorted(_binding(subject, duty, applicability).items()):
        obligation, made_good = _judge(subject, duty, due_on, rules)
        status: Status | None = None
        if obligation.verdict is Verdict.VIOLATED:
            opened_on = day_after(due_on)
            end = ended(opened_on, made_good, lapses_on(subject, duty, rules, applicability, opened_on))
            if end is None:
                continue
            status, closed_on = end
            if status is Status.CLOSED:
                obligation = replace(obligation, verdict=Verdict.MADE_UP)
            violations.append(Violation(duty.name, obligation.key, status, opened_on, obligation.rules, due_on,
                                        closed_on, overdue_days(subject, due_on, closed_on)))
        obligations.append(obligation)
        if status is not Status.LAPSED and obligation.verdict is not Verdict.UNKNOWN:
            break
    return obligations, violations


def _binding(subject: Subject, duty: Duty, applicability: Applicability) -> dict[date, list[Rule]]:
    """Rules that hold on their due date (before it: on the date of the verdict), by due date."""
    binding: defaultdict[date, list[Rule]] = defaultdict(list)
    for group in duty.groups:
        for rule in group.cases:
            day = min(_deadline(rule).due.toordinal(), subject.today)
            standing = rule_on(subject, group, applicability, day)
            if standing is not None and holding_case(standing) is rule:
                binding[_deadline(rule).due].append(rule)
    return binding


def uncertain_deadlines(subject: Subject, duty: Duty, applicability: Applicability,
                        settled: Sequence[Obligation]) -> list[Rule]:
    """Rules that may bind for all that is known, and would add to what is asked for."""
    asked = {o.due_on: o.required or 0 for o in settled}
    stop = next((o.due_on for o in settled if o.verdict is not Verdict.UNKNOWN), None)
    found: list[Rule] = []
    for group in duty.groups:
        now = rule_on(subject, group, applicability, subject.today)
        if now is None or now.certain:
            continue
        for rule in now.possible:
            deadline = _deadline(rule)
            day = min(deadline.due.toordinal(), subject.today)
            then = rule_on(subject, group, applicability, day)
            if then is None or then.certain or rule not in then.possible or holding_case(then) is rule:
                continue
            if stop is not None and deadline.due > stop:
                continue
            if deadline.at_least > asked.get(deadline.due, 0):
                found.append(rule)
    return sorted(found, key=strictness)


def _deadline(rule: Rule) -> Deadline:
    assert isinstance(rule.asked, Deadline)
    return rule.asked


def _judge(subject: Subject, duty: Duty, due_on: date, rules: list[Rule]) -> tuple[Obligation, date | None]:
    assert duty.record is not None
    asked = [_deadline(rule) for rule in rules]
    at_least = max(a.at_least for a in asked)
    since = max((a.since.toordinal() for a in asked if a.since), default=FIRST_DAY)
    tally = Tally(subject, duty)
    due = due_on.toordinal()
    done = tally.done(since, due)
    covered = subject.covers_some(duty.record, due, max(due, subject.today))
    missing: tuple[str, ...] = ()
    fulfilled_on = made_good = None
    if done >= at_least:
        verdict = Verdict.FULFILLED
        fulfilled_on = tally.reached(since, at_least)
    elif subject.today <= due:
        soon = due - subject.today <= max(a.remind_before for a in asked)
        verdict = Verdict.DUE_SOON if soon else Verdict.PENDING
    elif missing := tally.lacking(since, due, covered=covered):
        verdict = Verdict.UNKNOWN
    else:
        verdict = Verdict.VIOLATED
        made_good = tally.reached(since, at_least)
    refs = tuple(rule.ref for rule in sorted(rules, key=lambda r: (r.ref.id, r.case)))
    return Obligation(duty.name, due_on.isoformat(), verdict, refs, None, due_on, at_least, done, fulfilled_on, missing,
                      covered), made_good

