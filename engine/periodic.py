"""Periodic duties (定期义务): verdicts of the periods asked for, violations, streaks. SEMANTICS.md section 3."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date

from engine.applicability import Applicability
from engine.calendar import AskedPeriod, calendar_of
from engine.ending import day_after, ended, lapses_on, overdue_days
from engine.holding import holdings
from engine.outlook import stands_until
from engine.periods import Unit
from engine.results import Obligation, Status, Verdict, Violation
from engine.rulebook import Duty, Periodic
from engine.subject import Subject, subject_of
from engine.tally import Tally

Found = tuple[list[Obligation], list[Violation]]


def judge_periodic(subject: Subject, duty: Duty, applicability: Applicability) -> Found:
    """Every visible period of one duty, and the violations among them."""
    asked = _settled(subject, duty, applicability, _asked(subject, duty, applicability))
    if not asked:
        return [], []
    tally = Tally(subject, duty)
    obligations: list[Obligation] = []
    violations: list[Violation] = []
    streaks: defaultdict[Unit, int] = defaultdict(int)
    for period in asked:
        obligation, made_good = _judge(subject, duty, period, tally)
        unit = period.period.unit
        if obligation.verdict is Verdict.FULFILLED:
            streaks[unit] = 0
        elif obligation.verdict is Verdict.VIOLATED:
            opened_on = day_after(period.due_on)
            lapsed = lapses_on(subject, duty, period.rules, applicability, opened_on)
            end = ended(opened_on, made_good, lapsed)
            if end is None:
                continue
            status, closed_on = end
            streaks[unit] += 1
            if status is Status.CLOSED:
                obligation = replace(obligation, verdict=Verdict.MADE_UP)
            violations.append(Violation(
                duty.name, obligation.key, status, opened_on, obligation.rules, period.due_on, closed_on,
                overdue_days(subject, period.due_on, closed_on), streaks[unit]))
        obligations.append(obligation)
    return obligations, violations


def _asked(subject: Subject, duty: Duty, applicability: Applicability) -> tuple[AskedPeriod, ...]:
    suspended = tuple((span.first, span.last) for span in subject.spans if span.suspended)
    found = calendar_of(tuple(holdings(subject, duty, applicability)), suspended, int(subject.today))
    stands_until(subject.today, found.until)
    return found.periods


def _settled(subject: Subject, duty: Duty, applicability: Applicability,
             asked: tuple[AskedPeriod, ...]) -> tuple[AskedPeriod, ...]:
    """The periods asked for, and those that fell due before their end when they were.

    A ``within`` makes a period due before it ends; what becomes of the enterprise on its later days (it is suspended,
    say) does not undo what fell due.
    """
    if not any(isinstance(rule.asked, Periodic) and rule.asked.within for rule in duty.rules):
        return asked
    found = {(each.period.unit, each.period.start): each for each in asked}
    for change in [span.first for span in subject.spans if subject.spans[0].first < span.first <= subject.today]:
        earlier = subject_of(subject.dossier, date.fromordinal(change - 1))
        for each in _asked(earlier, duty, applicability) if earlier is not None else ():
            if each.due_on.toordinal() < change <= each.period.end.toordinal():
                found.setdefault((each.period.unit, each.period.start), each)
    return tuple(sorted(found.values(), key=lambda each: (-each.period.unit.months, each.period.unit.anchor,
                                                          each.period.start)))


def _judge(subject: Subject, duty: Duty, asked: AskedPeriod, tally: Tally) -> tuple[Obligation, date | None]:
    """The obligation of one period (missed ones as violated), and the day on which a missed one was made good."""
    assert duty.record is not None
    start, end = asked.starts_on.toordinal(), asked.due_on.toordinal()
    done = tally.done(start, end)
    covered = subject.covers(duty.record, max(start, subject.registered), end)
    missing: tuple[str, ...] = ()
    fulfilled_on = made_good = None
    if done >= asked.at_least:
        verdict = Verdict.FULFILLED
        fulfilled_on = tally.reached(start, asked.at_least)
    elif subject.today <= end:
        verdict = Verdict.DUE_SOON if end - subject.today <= asked.remind_before else Verdict.PENDING
    elif missing := tally.lacking(start, end, covered=covered):
        verdict = Verdict.UNKNOWN
    else:
        verdict = Verdict.VIOLATED
        made_good = tally.reached(start, asked.at_least)
    obligation = Obligation(
        duty.name, asked.period.key, verdict, tuple(rule.ref for rule in asked.rules), asked.starts_on, asked.due_on,
        asked.at_least, done, fulfilled_on, missing, covered)
    return obligation, made_good

