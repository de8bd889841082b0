"""Periodic duties (定期义务): verdicts of the periods asked for, violations, streaks. SEMANTICS.md section 3."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

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
    tally, brief = Tally(subject, duty), subject.over
    obligations: list[Obligation] = []
    violations: list[Violation] = []
    streaks: defaultdict[Unit, int] = defaultdict(int)
    for period in asked:
        done = tally.done(period.first, period.last)
        unit, over = period.period.unit, brief is not None and period.last < subject.today
        if done >= period.at_least:
            streaks[unit] = 0
            if over:
                brief[Verdict.FULFILLED] += 1
            else:
                obligations.append(_obligation(subject, duty, period, Verdict.FULFILLED, done,
                                               tally.reached(period.first, period.at_least)))
            continue
        verdict, missing = _verdict(subject, duty, period, tally)
        if verdict is Verdict.VIOLATED:
            opened_on, made_good = day_after(period.due_on), tally.reached(period.first, period.at_least)
            lapsed = lapses_on(subject, duty, period.rules, applicability, opened_on)
            end = ended(opened_on, made_good, lapsed)
            if end is None:
                continue
            status, closed_on = end
            streaks[unit] += 1
            if status is Status.CLOSED:
                verdict = Verdict.MADE_UP
            violations.append(Violation(
                duty.name, period.period.key, status, opened_on, period.refs, period.due_on, closed_on,
                overdue_days(subject, period.due_on, closed_on), streaks[unit]))
            if over:
                brief[verdict] += 1
                continue
        obligations.append(_obligation(subject, duty, period, verdict, done, missing=missing))
    return obligations, violations


def _verdict(subject: Subject, duty: Duty, asked: AskedPeriod, tally: Tally) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict of a period of which too little was done, and what is missing to be sure; ``violated`` if missed."""
    if subject.today <= asked.last:
        soon = asked.last - subject.today <= asked.remind_before
        return Verdict.DUE_SOON if soon else Verdict.PENDING, ()
    missing = tally.lacking(asked.first, asked.last, covered=_covered(subject, duty, asked))
    return Verdict.UNKNOWN if missing else Verdict.VIOLATED, missing


def _obligation(subject: Subject, duty: Duty, asked: AskedPeriod, verdict: Verdict, done: int | Decimal,
                fulfilled_on: date | None = None, missing: tuple[str, ...] = ()) -> Obligation:
    return Obligation(duty.name, asked.period.key, verdict, asked.refs, asked.starts_on, asked.due_on, asked.at_least,
                      done, fulfilled_on, missing, _covered(subject, duty, asked))


def _covered(subject: Subject, duty: Duty, asked: AskedPeriod) -> bool:
    assert duty.record is not None
    return subject.covers(duty.record, max(asked.first, subject.registered), asked.last)


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
