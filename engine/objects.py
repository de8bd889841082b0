"""Object duties (逐项义务): one obligation for each hazard, exhibition or certificate. SEMANTICS.md section 3."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from engine.applicability import Applicability
from engine.ending import day_after, ended, lapses_on, overdue_days
from engine.holding import rule_on
from engine.periodic import Found
from engine.results import Obligation, Status, Verdict, Violation
from engine.rulebook import Duty, PerObject, Rule
from engine.subject import Subject
from facts.dossier import Item


def judge_objects(subject: Subject, duty: Duty, applicability: Applicability) -> Found:
    """The obligation of every visible object to which a rule binds, and the violations among them."""
    obligations: list[Obligation] = []
    violations: list[Violation] = []
    for item in subject.items(_kind(duty)):
        rules = _binding(subject, duty, applicability, item)
        if not rules:
            continue
        dated = [(rule, due) for rule in rules if (due := _asked(rule).due_for(item)) is not None]
        if not dated:
            obligations.append(_without_due_date(duty, item, rules))
            continue
        # A rule that sets no date for this object is no ground for asking for it by the date of another.
        rules, due_on = [rule for rule, _ in dated], min(due for _, due in dated)
        obligation, made_good = _judge(subject, duty, item, due_on, rules)
        if obligation.verdict is Verdict.VIOLATED:
            opened_on = day_after(due_on)
            end = ended(opened_on, made_good, lapses_on(subject, duty, rules, applicability, opened_on, item))
            if end is None:
                continue
            status, closed_on = end
            if status is Status.CLOSED:
                obligation = replace(obligation, verdict=Verdict.MADE_UP)
            violations.append(Violation(duty.name, item.id, status, opened_on, obligation.rules, due_on, closed_on,
                                        overdue_days(subject, due_on, closed_on)))
        obligations.append(obligation)
    return obligations, violations


def uncertain_objects(subject: Subject, duty: Duty, applicability: Applicability) -> list[tuple[Rule, Item]]:
    """Rules that may bind to an object for all that is known, and would add to what is asked for."""
    found: list[tuple[Rule, Item]] = []
    for item in subject.items(_kind(duty)):
        dues = [_asked(rule).due_for(item) for rule in _binding(subject, duty, applicability, item)]
        for group in duty.groups:
            now = rule_on(subject, group, applicability, subject.today, item)
            if now is None or now.certain:
                continue
            for rule in now.possible:
                due = _asked(rule).due_for(item)
                day = min(due.toordinal(), subject.today) if due is not None else subject.today
                then = rule_on(subject, group, applicability, day, item)
                if then is None or then.certain or rule not in then.possible:
                    continue
                if not dues or (due is not None and all(known is None or due < known for known in dues)):
                    found.append((rule, item))
    return found


def _kind(duty: Duty) -> str:
    return _asked(duty.rules[0]).kind


def _asked(rule: Rule) -> PerObject:
    assert isinstance(rule.asked, PerObject)
    return rule.asked


def _binding(subject: Subject, duty: Duty, applicability: Applicability, item: Item) -> list[Rule]:
    """Rules that hold on the object's due date (before it, or where it is not known: on the date of the verdict)."""
    binding: list[Rule] = []
    for group in duty.groups:
        for rule in group.cases:
            due = _asked(rule).due_for(item)
            day = min(due.toordinal(), subject.today) if due is not None else subject.today
            standing = rule_on(subject, group, applicability, day, item)
            if standing is None or standing.none_possible:
                continue
            if max(standing.possible, key=lambda r: _asked(r).due_for(item) or date.max) is rule:
                binding.append(rule)
    return sorted(binding, key=lambda r: (r.ref.id, r.case))


def _judge(subject: Subject, duty: Duty, item: Item, due_on: date, rules: list[Rule]) -> tuple[Obligation, date | None]:
    asked = [_asked(rule) for rule in rules]
    done_on = _done_on(item, rules)
    in_time = done_on is not None and done_on <= due_on
    if in_time:
        verdict = Verdict.FULFILLED
    elif subject.as_of <= due_on:
        soon = due_on.toordinal() - subject.today <= max(a.remind_before for a in asked)
        verdict = Verdict.DUE_SOON if soon else Verdict.PENDING
    else:
        verdict = Verdict.VIOLATED
    return Obligation(duty.name, item.id, verdict, tuple(rule.ref for rule in rules), _starts_on(item), due_on, 1,
                      int(in_time), done_on if in_time else None), done_on


def _without_due_date(duty: Duty, item: Item, rules: list[Rule]) -> Obligation:
    missing = tuple(sorted({of for rule in rules if (of := _asked(rule).due_of) is not None}))
    return Obligation(duty.name, item.id, Verdict.UNKNOWN, tuple(rule.ref for rule in rules), _starts_on(item), None, 1,
                      int(_done_on(item, rules) is not None), None, missing)


def _done_on(item: Item, rules: list[Rule]) -> date | None:
    done_on = item.facts.get(_asked(rules[0]).done_on.partition(".")[2])
    return done_on if isinstance(done_on, date) else None


def _starts_on(item: Item) -> date | None:
    found_on = item.facts.get("found_on")
    return found_on if isinstance(found_on, date) else None
