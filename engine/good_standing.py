"""Good standing (良好状态): on which days nothing spoke against an enterprise, and on which that is not known.

Against it speaks

- a violation, from the day on which it opened to the day before it ended, save the days on which it was waived;
- a major hazard (重大隐患), from the day on which it was found to the day before it was rectified;
- any recommendation on account of an object (事故、隐患 …), from the day since which it stands.

What is not known is not fine. An unknown obligation leaves in doubt the days from the one after its due date to the
one before it would have been made good, had it been missed: later records settle the doubt whatever was so before. A
state that is not known, an object without due date and the row ``?`` leave in doubt the days on which they stood, an
object only until what is or may be asked of it is done. A hazard of unknown level may be a major one. Each day is taken
as it was judged on that day, so that judging each night and judging once agree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from engine.applicability import Applicability
from engine.deadlines import judge_deadlines
from engine.ending import day_after, ended, lapses_on
from engine.objects import judge_objects, uncertain_objects
from engine.results import Obligation, Recommendation, Status, Verdict, Violation
from engine.rulebook import Deadline, Duty, Periodic, PerObject, Rule, Rulebook, State
from engine.states import judge_states
from engine.subject import FIRST_DAY, LAST_DAY, Subject, subject_of
from engine.tally import Tally
from engine.uncertainty import uncertainty
from engine.waivers import Waiver
from engine.waiving import waived
from facts.dossier import FactValue, Item


@dataclass(frozen=True, slots=True)
class Days:
    """Days from ``first`` to ``last``, ordinals, both included; ``missing``: what is not known on them."""

    first: int
    last: int
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What spoke ``against`` an enterprise on which days, and on which days that was in ``doubt``."""

    against: tuple[Days, ...]
    doubt: tuple[Days, ...]

    def good(self, first: int, last: int) -> Iterator[Days]:
        """The stretches of days from ``first`` to ``last`` on which nothing spoke against it, for certain."""
        for days in sorted((*self.against, *self.doubt), key=lambda days: days.first):
            if first > last:
                return
            if days.first > first:
                yield Days(first, min(last, days.first - 1))
            first = max(first, days.last + 1)
        if first <= last:
            yield Days(first, last)

    def missing(self, day: int) -> tuple[str, ...]:
        """What keeps it from being certain on ``day`` that nothing speaks against it; empty where something does."""
        if any(days.first <= day <= days.last for days in self.against):
            return ()
        return tuple(sorted({name for days in self.doubt if days.first <= day <= days.last for name in days.missing}))


def standing_of(subject: Subject, applicability: Applicability, obligations: Iterable[Obligation],
                violations: Iterable[Violation], recommended: Iterable[Recommendation], doubts: Iterable[Days],
                waivers: Collection[Waiver] = ()) -> Standing:
    """The standing of an enterprise on all days up to the date of the verdict.

    ``obligations``, ``violations`` and ``recommended`` (on account of objects) are as judged on that date; ``doubts``
    are the days on which it was not known whether something was to be recommended on account of an object.
    """
    hazards = subject.items("hazard")
    against = [
        *(days for violation in violations for days in _open(violation, subject.today)),
        *(_until(hazard, subject) for hazard in hazards if hazard.facts.get("level") == "major"),
        *(Days(ground.since.toordinal(), ground.ended_on.toordinal() - 1 if ground.ended_on else LAST_DAY)
          for each in recommended for ground in (*each.grounds, *each.past) if ground.since is not None),
    ]
    doubt = [
        *(days for each in obligations if each.verdict is Verdict.UNKNOWN
          if (days := _in_doubt(each, subject, applicability)) is not None),
        *(_until(hazard, subject, f"hazard:{hazard.id}.level") for hazard in hazards if "level" not in hazard.facts),
        *doubts,
        *_unclear(subject, applicability, waivers),
    ]
    return Standing(_there(against), _there(doubt))


def _there(found: Iterable[Days]) -> tuple[Days, ...]:
    return tuple(days for days in found if days.first <= days.last)


def _open(violation: Violation, today: int) -> Iterator[Days]:
    """The days on which a violation was open and not waived."""
    first = violation.opened_on.toordinal()
    last = LAST_DAY if violation.closed_on is None else violation.closed_on.toordinal() - 1
    if violation.status is Status.WAIVED and not violation.excused:
        return
    for start, end in sorted(violation.excused):
        if start.toordinal() > first:
            yield Days(first, start.toordinal() - 1)
        first = last + 1 if end is None else end.toordinal() + 1
    if first <= last:
        yield Days(first, last)


def _until(hazard: Item, subject: Subject, *missing: str) -> Days:
    """The days from the finding of a hazard to its rectification."""
    return Days(_ordinal(hazard.facts.get("found_on"), FIRST_DAY),
                _ordinal(hazard.facts.get("rectified_on"), LAST_DAY + 1) - 1, missing)


def _ordinal(day: FactValue | None, otherwise: int) -> int:
    return day.toordinal() if isinstance(day, date) else otherwise


def _in_doubt(obligation: Obligation, subject: Subject, applicability: Applicability) -> Days | None:
    """The days on which an unknown obligation may have been an open violation."""
    duty = applicability.rulebook.duties[obligation.duty]
    if obligation.due_on is None:
        return None  # of these each day is looked at by itself
    rules = _rules(obligation, duty)
    opened_on = day_after(obligation.due_on)
    end = ended(opened_on, _made_good(obligation, duty, rules, subject),
                lapses_on(subject, duty, rules, applicability, opened_on))
    if end is None:
        return None
    return Days(opened_on.toordinal(), _ordinal(end[1], LAST_DAY + 1) - 1, obligation.missing)


def _rules(obligation: Obligation, duty: Duty) -> list[Rule]:
    cited = {ref.id for ref in obligation.rules}
    return [rule for rule in duty.rules if rule.ref.id in cited]


def _made_good(obligation: Obligation, duty: Duty, rules: Iterable[Rule], subject: Subject) -> date | None:
    """The day on which it would have been made good, had it been missed."""
    if obligation.starts_on is not None:
        start = obligation.starts_on.toordinal()
    else:
        since = [rule.asked.since for rule in rules if isinstance(rule.asked, Deadline)
                 and rule.asked.due == obligation.due_on and rule.asked.since is not None]
        start = max((day.toordinal() for day in since), default=FIRST_DAY)
    return Tally(subject, duty).reached(start, obligation.required or 1)


def _unclear(subject: Subject, applicability: Applicability, waivers: Collection[Waiver]) -> Iterator[Days]:
    """The days on which a state or a due date was not known, or not known what a duty asks."""
    for duty in applicability.rulebook.duties_of(authorities=False):
        if duty.type is not State and not _may_be_unclear(subject, duty, applicability):
            continue
        days = _turning_points(subject, duty, applicability.rulebook, waivers)
        for first, after in zip(days, (*days[1:], subject.today + 1), strict=True):
            then = subject_of(subject.dossier, date.fromordinal(first))
            if then is None:
                continue
            missing = {*_unclear_on(then, duty, applicability, waivers)}
            if missing:
                yield Days(first, after - 1, tuple(sorted(missing)))


def _may_be_unclear(subject: Subject, duty: Duty, applicability: Applicability) -> bool:
    if duty.type is not PerObject:
        return any(duty.name in applicability.unclear(span.facts) for span in subject.spans)
    items = subject.items(_asked(duty).kind)
    return any(rule.asked.due_for(item) is None for item in items for rule in duty.rules
               if isinstance(rule.asked, PerObject)) or any(
        not applicability.standing(group, span.facts, item).certain for group in duty.groups
        for span in subject.spans for item in items)


def _unclear_on(subject: Subject, duty: Duty, applicability: Applicability,
                waivers: Collection[Waiver]) -> Iterator[str]:
    """What is not known on the date of the verdict."""
    settled: Sequence[Obligation] = ()
    if duty.type is State:
        found = waived(duty, judge_states(subject, duty, applicability), waivers, subject.dossier.uscc, subject.as_of)
        yield from (name for each in found[0] if each.verdict is Verdict.UNKNOWN for name in each.missing)
    elif duty.type is Deadline:
        settled, _ = judge_deadlines(subject, duty, applicability)
    elif duty.type is PerObject:
        yield from _unclear_objects(subject, duty, applicability)
        return
    unclear = uncertainty(subject, duty, applicability, settled)
    yield from unclear.missing if unclear else ()


def _unclear_objects(subject: Subject, duty: Duty, applicability: Applicability) -> Iterator[str]:
    """What is not known of objects, those aside of which what may be asked was done."""
    undated, _ = judge_objects(subject, duty, applicability)
    for each in undated:
        if each.due_on is None and not each.done:
            yield from (_of_item(_asked(duty).kind, each.key, fact) for fact in each.missing)
    for rule, item in uncertain_objects(subject, duty, applicability):
        if not isinstance(item.facts.get(_asked(duty).done_on.partition(".")[2]), date):
            missing = applicability.missing(rule.condition, subject.current.facts, item)
            yield from (_of_item(item.kind, item.id, fact) for fact in missing)


def _asked(duty: Duty) -> PerObject:
    asked = duty.rules[0].asked
    assert isinstance(asked, PerObject)
    return asked


def _of_item(kind: str, id_: str, fact: str) -> str:
    """A column of an object with its id; a fact of the enterprise stands for itself."""
    about, _, name = fact.rpartition(".")
    return f"{kind}:{id_}.{name}" if about == kind else fact


def _turning_points(subject: Subject, duty: Duty, rulebook: Rulebook, waivers: Collection[Waiver]) -> list[int]:
    """The days up to the date of the verdict from which on it may be unclear or clear again, ascending."""
    days = {span.first for span in subject.spans} | set(_edges(rulebook, duty.name))
    days |= {subject.registered, subject.last_open + 1}
    if duty.type is State:
        for waiver in waivers:
            days |= {day.toordinal() for day in (waiver.first, waiver.entered_on, waiver.ended_on) if day}
            days.add(waiver.last.toordinal() + 1)
    elif duty.type is not Periodic:
        days |= {claim.complete_from.toordinal() for claim in subject.dossier.claims}
        asked = duty.rules[0].asked
        items = subject.items(asked.kind) if isinstance(asked, PerObject) else ()
        dates = [value for item in items for value in item.facts.values() if isinstance(value, date)]
        dates += [due for item in items for rule in duty.rules if isinstance(rule.asked, PerObject)
                  if (due := rule.asked.due_for(item)) is not None]
        days |= {day.toordinal() + shift for day in dates for shift in (0, 1)}
    begin = subject.spans[0].first
    return sorted({begin, *(day for day in days if begin <= day <= subject.today)})


@lru_cache(maxsize=256)
def _edges(rulebook: Rulebook, duty: str) -> tuple[int, ...]:
    """The days on which rules of a duty begin to hold or cease to, and those of its deadlines and the ones after."""
    rules: Sequence[Rule] = rulebook.duties[duty].rules
    days = {day for rule in rules for day in (rule.holds_from.toordinal(), rule.holds_to.toordinal() + 1)}
    days |= {rule.asked.due.toordinal() + shift for rule in rules if isinstance(rule.asked, Deadline)
             for shift in (0, 1)}
    return tuple(sorted(day for day in days if day <= LAST_DAY))
