"""What waivers make of verdicts (豁免的效果): applied to one duty after it was judged as if there were none.

What was fulfilled stays fulfilled; all else that is covered is ``waived``, and so is its violation. SEMANTICS.md
sections 3 and 7.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, timedelta

from engine.escalation import Held, HeldOf
from engine.periodic import Found
from engine.results import Obligation, Status, Verdict, Violation
from engine.rulebook import Duty, State
from engine.waivers import STATE_KEY, Waiver, covering, first_day_free, of_duty

#: What holds a step back.
CAUSE = "waived"

_ONE_DAY = timedelta(days=1)


def waived(duty: Duty, found: Found, waivers: Collection[Waiver], uscc: str, as_of: date) -> Found:
    """``found`` with what ``waivers`` cover. Its violations are in the order in which the duty's judge gave them."""
    mine = of_duty(waivers, uscc, duty.name)
    if not mine:
        return found
    obligations, violations = found
    if duty.type is State:
        return ([_obligation(o, covering(mine, STATE_KEY, as_of, as_of)) for o in obligations],
                _in_a_row([replace(_violation(v, _state_waiver(mine, v, as_of)), excused=_excused(mine, v, as_of))
                           for v in violations]))
    return ([_obligation(o, covering(mine, o.key, o.due_on, as_of)) for o in obligations],
            _in_a_row([_violation(v, covering(mine, v.key, v.due_on, as_of)) for v in violations]))


def held_by_waivers(waivers: Collection[Waiver], uscc: str, as_of: date) -> HeldOf:
    """On which days waivers hold back the steps of a violation: always where it is waived itself.

    Of a state duty on the days of the span, so that what was held back is issued when the waiver ends.
    """

    def held(violation: Violation) -> Iterator[Held]:
        if violation.due_on is not None:
            if violation.waiver is not None:
                yield Held(date.min, date.max, CAUSE)
            return
        for waiver in of_duty(waivers, uscc, violation.duty):
            if waiver.key in (None, STATE_KEY) and waiver.covers(waiver.first, as_of):
                yield Held(waiver.first, waiver.last_day(as_of), CAUSE)

    return held


def _obligation(obligation: Obligation, waiver: Waiver | None) -> Obligation:
    if waiver is None or obligation.verdict is Verdict.FULFILLED:
        return obligation
    return replace(obligation, verdict=Verdict.WAIVED, missing=(), waiver=waiver)


def _violation(violation: Violation, waiver: Waiver | None) -> Violation:
    if waiver is None:
        return violation
    return replace(violation, status=Status.WAIVED, waiver=waiver, excused=((violation.opened_on, None),))


def _excused(waivers: tuple[Waiver, ...], violation: Violation, as_of: date) -> tuple[tuple[date, date | None], ...]:
    """The spans of days on which a violation of a state duty was waived, from the first on."""
    end = as_of if violation.closed_on is None else min(as_of, violation.closed_on - _ONE_DAY)
    spans: list[tuple[date, date]] = []
    for waiver in sorted(waivers, key=lambda waiver: waiver.first):
        first, last = max(waiver.first, violation.opened_on), min(waiver.last_day(as_of), end)
        if waiver.key not in (None, STATE_KEY) or first > last or not waiver.covers(first, as_of):
            continue
        if spans and first <= spans[-1][1] + _ONE_DAY:
            first, last = spans[-1][0], max(spans.pop()[1], last)
        spans.append((first, last))
    return tuple((first, None if last == end else last) for first, last in spans)


def _state_waiver(waivers: tuple[Waiver, ...], violation: Violation, as_of: date) -> Waiver | None:
    """The waiver that covers an open violation today, or the last day of one that was covered on all its days."""
    if violation.closed_on is None:
        return covering(waivers, STATE_KEY, as_of, as_of)
    if first_day_free(waivers, STATE_KEY, violation.opened_on, as_of) < violation.closed_on:
        return None
    return covering(waivers, STATE_KEY, violation.closed_on - _ONE_DAY, as_of)


def _in_a_row(violations: list[Violation]) -> list[Violation]:
    """The violations with their streaks counted again without the waived ones, which neither count nor reset.

    Within a run of missed periods, streaks go up one by one from 1.
    """
    counted, recounted = 0, []
    for violation in violations:
        if violation.streak == 1:
            counted = 0
        if violation.status is not Status.WAIVED:
            counted += 1
        recounted.append(replace(violation, streak=0 if violation.status is Status.WAIVED else counted))
    return recounted
