"""Periodic duties (定期义务): verdicts of the periods asked for, violations, streaks. SEMANTICS.md section 3."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from engine.applicability import Applicability
from engine.calendar import AskedPeriod, Calendar, calendar_of
from engine.ending import day_after, ended, lapses_on, overdue_days
from engine.holding import holdings
from engine.outlook import stands_until
from engine.periods import Unit
from engine.results import Obligation, Status, Verdict, Violation
from engine.rulebook import Duty, Periodic
from engine.subject import LAST_DAY, Subject, subject_of
from engine.tally import Tally

Found = tuple[Sequence[Obligation], Sequence[Violation]]

#: The verdicts of periods that are over which may be counted instead of being listed.
_BRIEF = frozenset({Verdict.FULFILLED, Verdict.VIOLATED, Verdict.MADE_UP})
_BRIEFEST = _BRIEF | {Verdict.UNKNOWN}
#: Calendars remembered before the memory is emptied.
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class _Verdicts:
    """What is found of a duty, ``over`` counted and not listed; all of it stands up to the day ``until``."""

    obligations: tuple[Obligation, ...]
    violations: tuple[Violation, ...]
    over: Mapping[Verdict, int]
    until: int


def judge_periodic(subject: Subject, duty: Duty, applicability: Applicability) -> Found:
    """Every visible period of one duty, and the violations among them."""
    asked = _asked(subject, duty, applicability)
    periods = _settled(subject, duty, applicability, asked.calendar.periods)
    if not periods:
        return (), ()
    tally, over = Tally(subject, duty), subject.over
    brief = frozenset() if over is None else _BRIEF if subject.doubts_matter else _BRIEFEST
    if tally.days or _narrowed(duty):
        found = _judged(subject, duty, applicability, periods, tally, brief)
    else:
        # Where nothing was recorded, the same is found of all of whom the same is asked.
        key = tuple(subject.covered(tally.record)), max(subject.registered, asked.begins), brief
        found = asked.without_records.get(key)
        if found is None:
            found = asked.without_records[key] = _judged(subject, duty, applicability, periods, tally, brief)
    stands_until(subject.today, found.until)
    if over is not None:
        for verdict, count in found.over.items():
            if count:
                over[verdict] += count
    return found.obligations, found.violations


def _judged(subject: Subject, duty: Duty, applicability: Applicability, periods: Sequence[AskedPeriod], tally: Tally,
            brief: Collection[Verdict]) -> _Verdicts:
    today, until, over = int(subject.today), LAST_DAY, dict.fromkeys(brief, 0)
    if brief is _BRIEFEST and not tally.days and not subject.covered(tally.record):
        # Nothing is known of any of them.
        ahead = [period for period in periods if period.last >= today]
        over[Verdict.UNKNOWN] += len(periods) - len(ahead)
        periods = ahead
    obligations: list[Obligation] = []
    violations: list[Violation] = []
    streaks: defaultdict[Unit, int] = defaultdict(int)
    for period in periods:
        done, unit, missing = tally.done(period.first, period.last), period.period.unit, ()
        fulfilled = done >= period.at_least
        # What is over stays over.
        ended_before = period.last < today
        if not ended_before:
            until = min(until, period.last)
        covered = None
        if fulfilled:
            streaks[unit] = 0
            verdict = Verdict.FULFILLED
        elif not ended_before:
            verdict = Verdict.PENDING
            if period.last - today <= period.remind_before:
                verdict = Verdict.DUE_SOON
            else:
                until = min(until, period.last - period.remind_before - 1)
        else:
            covered = subject.covers(tally.record, max(period.first, subject.registered), period.last)
            missing = tally.lacking(period.first, period.last, covered=covered)
            verdict = Verdict.UNKNOWN if missing else Verdict.VIOLATED
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
        if ended_before and verdict in brief:
            over[verdict] += 1
            continue
        if covered is None:
            covered = subject.covers(tally.record, max(period.first, subject.registered), period.last)
        fulfilled_on = tally.reached(period.first, period.at_least) if fulfilled else None
        obligations.append(_row(duty.name, period, verdict, done, fulfilled_on, missing, covered))
    return _Verdicts(tuple(obligations), tuple(violations), over, until)


@lru_cache(maxsize=20_000)
def _row(duty: str, period: AskedPeriod, verdict: Verdict, done: int | Decimal, fulfilled_on: date | None,
         missing: tuple[str, ...], covered: bool) -> Obligation:
    """The obligation, which is the very same for all enterprises of which the same is so."""
    return Obligation(duty, period.period.key, verdict, period.refs, period.starts_on, period.due_on, period.at_least,
                      done, fulfilled_on, missing, covered)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a duty asks, from the day ``begins`` on, and what is found of it where nothing was recorded.

    ``without_records`` has the latter by all else that it depends on.
    """

    calendar: Calendar
    begins: int
    without_records: dict[tuple[object, ...], _Verdicts] = field(default_factory=dict)


def _asked(subject: Subject, duty: Duty, applicability: Applicability) -> _Asked:
    # Whatever was before the duty's first rule makes no difference.
    since = _earliest(duty)
    suspended = tuple([(span.first, span.last) for span in subject.spans if span.suspended])
    key = (duty, applicability.answers(subject), *[max(span.first, since) for span in subject.spans],
           max(subject.registered, since), subject.last_open, suspended, int(subject.today))
    remembered = _calendars(applicability)
    found = remembered.get(key)
    if found is None:
        if len(remembered) >= _REMEMBERED:
            remembered.clear()
        calendar = calendar_of(tuple(holdings(subject, duty, applicability)), suspended, int(subject.today))
        begins = min((period.first for period in calendar.periods), default=LAST_DAY)
        found = remembered[key] = _Asked(calendar, begins)
    stands_until(subject.today, found.calendar.until)
    return found


@lru_cache(maxsize=16)
def _calendars(applicability: Applicability) -> dict[tuple[object, ...], _Asked]:
    """What was found for a duty, by all that it depends on."""
    return {}


@lru_cache(maxsize=2_000)
def _earliest(duty: Duty) -> int:
    """The first day on which a rule of the duty may hold."""
    return min(rule.holds_from.toordinal() for rule in duty.rules)


@lru_cache(maxsize=2_000)
def _narrowed(duty: Duty) -> bool:
    """Whether something is due before the end of a period."""
    return any(isinstance(rule.asked, Periodic) and rule.asked.within for rule in duty.rules)


def _settled(subject: Subject, duty: Duty, applicability: Applicability,
             asked: Sequence[AskedPeriod]) -> Sequence[AskedPeriod]:
    """The periods asked for, and those that fell due before their end when they were.

    A ``within`` makes a period due before it ends; what becomes of the enterprise on its later days (it is suspended,
    say) does not undo what fell due.
    """
    if not _narrowed(duty):
        return asked
    found = {(each.period.unit, each.period.start): each for each in asked}
    for change in [span.first for span in subject.spans if subject.spans[0].first < span.first <= subject.today]:
        earlier = subject_of(subject.dossier, date.fromordinal(change - 1))
        for each in _asked(earlier, duty, applicability).calendar.periods if earlier is not None else ():
            if each.due_on.toordinal() < change <= each.period.end.toordinal():
                found.setdefault((each.period.unit, each.period.start), each)
    return tuple(sorted(found.values(), key=lambda each: (-each.period.unit.months, each.period.unit.anchor,
                                                          each.period.start)))
