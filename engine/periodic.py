"""Periodic duties (定期义务): verdicts of the periods asked for, violations, streaks. SEMANTICS.md section 3."""

from __future__ import annotations

from collections import defaultdict
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

#: The verdicts of periods that are over which may be counted instead of being listed.
_BRIEF = frozenset({Verdict.FULFILLED, Verdict.VIOLATED, Verdict.MADE_UP})
_BRIEFEST = _BRIEF | {Verdict.UNKNOWN}


def judge_periodic(subject: Subject, duty: Duty, applicability: Applicability) -> Found:
    """Every visible period of one duty, and the violations among them."""
    asked = _settled(subject, duty, applicability, _asked(subject, duty, applicability))
    if not asked:
        return [], []
    tally, over = Tally(subject, duty), subject.over

    def covered(period: AskedPeriod) -> bool:
        return subject.covers(tally.record, max(period.first, subject.registered), period.last)

    today, brief = int(subject.today), frozenset() if over is None else _BRIEF if subject.doubts_matter else _BRIEFEST
    if over is not None and brief is _BRIEFEST and not tally.days and not subject.covered(tally.record):
        # Nothing is known of any of them.
        ahead = tuple(period for period in asked if period.last >= today)
        over[Verdict.UNKNOWN] += len(asked) - len(ahead)
        asked = ahead
    obligations: list[Obligation] = []
    violations: list[Violation] = []
    streaks: defaultdict[Unit, int] = defaultdict(int)
    for period in asked:
        done, unit, missing = tally.done(period.first, period.last), period.period.unit, ()
        # What is over stays over; of what is not, a watched date notices when it will be.
        ended_before = period.last < today or period.last < subject.today
        if done >= period.at_least:
            streaks[unit] = 0
            verdict = Verdict.FULFILLED
        elif not ended_before:
            verdict = Verdict.DUE_SOON if period.last - subject.today <= period.remind_before else Verdict.PENDING
        elif missing := tally.lacking(period.first, period.last, covered=covered(period)):
            verdict = Verdict.UNKNOWN
        else:
            verdict = Verdict.VIOLATED
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
        if ended_before and over is not None and verdict in brief:
            over[verdict] += 1
            continue
        fulfilled_on = tally.reached(period.first, period.at_least) if verdict is Verdict.FULFILLED else None
        obligations.append(Obligation(
            duty.name, period.period.key, verdict, period.refs, period.starts_on, period.due_on, period.at_least, done,
            fulfilled_on, missing, covered(period)))
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
