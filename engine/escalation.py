"""Escalation (督促措施): the steps that a violation has reached, a pure function of violation, ladder, facts and date.

A step is due on a day that can be computed, and issued on the first day from then on on which nothing holds it back,
if the violation is still open on that day. So sweeping each night and sweeping once come to the same steps and dates.
SEMANTICS.md section 5.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from engine.applicability import Applicability
from engine.holding import holding_case, rule_on
from engine.outlook import Outlook, stands_until
from engine.results import Step, Violation
from engine.rulebook import Duty, Ladder, PerObject, Rulebook, Rung, State
from engine.subject import LAST_DAY, Subject
from facts.dossier import Item

#: What holds back every step of an enterprise that has stopped working (停产停业).
SUSPENDED = "suspended"
#: Before the name of a fact: the step depends on it, and it is not known.
MISSING = "missing:"

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing is issued from ``first`` to ``last``, both inclusive, because of ``cause``."""

    first: date
    last: date
    cause: str


#: Further spans that hold back the steps of one violation.
HeldOf = Callable[[Violation], Iterable[Held]]


def escalated(subject: Subject, violations: Sequence[Violation], applicability: Applicability,
              held_of: HeldOf = lambda violation: ()) -> list[Violation]:
    """The violations with the steps that they have reached as of the date of the verdict."""
    rulebook = applicability.rulebook
    if not rulebook.ladders or not violations:
        return list(violations)
    suspended = suspensions(subject)
    hazards = {item.id: item for item in subject.items("hazard")}
    found = []
    for violation in violations:
        ladder = ladder_for(subject, violation, applicability)
        if ladder is None:
            found.append(violation)
            continue
        hazard = hazards.get(violation.key) if _of_hazards(rulebook.duties[violation.duty]) else None
        held = [*suspended, *held_of(violation)]
        if hazard is None and not held:
            steps, until = _unheld(ladder, violation.opened_on, violation.closed_on, violation.streak,
                                   int(subject.today))
            stands_until(subject.today, until)
        else:
            steps = steps_of(violation, ladder, subject.as_of, hazard=hazard, held=held)
        found.append(replace(violation, steps=steps) if steps else violation)
    return found


def ladder_for(subject: Subject, violation: Violation, applicability: Applicability) -> Ladder | None:
    """The ladder that follows upon the violation, whether or not it has reached a step of it."""
    duty = applicability.rulebook.duties[violation.duty]
    return ladder_of(applicability.rulebook, duty, _packs(subject, duty, violation, applicability),
                     violation.opened_on)


def suspensions(subject: Subject) -> tuple[Held, ...]:
    """The days on which the enterprise is suspended; those after the date of the verdict do not matter."""
    return tuple(Held(date.fromordinal(span.first), date.fromordinal(span.last), SUSPENDED)
                 for span in subject.spans if span.suspended)


def ladder_of(rulebook: Rulebook, duty: Duty, packs: Iterable[str], opened_on: date) -> Ladder | None:
    """The ladder of a violation that rests on rules of ``packs``; it stays the same whatever changes later.

    Of several packs with a ladder for the duty on that day, the one for the smallest division, then by name.
    """
    packs = set(packs)
    return next((ladder for ladder in _index(rulebook).ladders.get(duty.name, ())
                 if ladder.pack in packs and ladder.first <= opened_on <= ladder.last), None)


def steps_of(violation: Violation, ladder: Ladder, as_of: date, *, hazard: Item | None = None,
             held: Iterable[Held] = ()) -> tuple[Step, ...]:
    """The steps of ``ladder`` that the violation has reached by ``as_of``, issued or held back, from the lowest up.

    ``hazard`` is the object of a violation about one. Nothing is reached or issued on the day on which the violation
    ends, or later.
    """
    return _reached(ladder, violation.opened_on, violation.closed_on, violation.streak, as_of, hazard,
                    sorted(held, key=lambda span: span.first))


@lru_cache(maxsize=20_000)
def _unheld(ladder: Ladder, opened_on: date, closed_on: date | None, streak: int,
            today: int) -> tuple[tuple[Step, ...], int]:
    """The steps of violations about no hazard that nothing holds back, and the day up to which they stay so."""
    outlook = Outlook(date.fromordinal(today))
    steps = _reached(ladder, opened_on, closed_on, streak, outlook.as_of, None, ())
    return steps, LAST_DAY if outlook.until is None else outlook.until.toordinal()


def _reached(ladder: Ladder, opened_on: date, closed_on: date | None, streak: int, as_of: date, hazard: Item | None,
             spans: Sequence[Held]) -> tuple[Step, ...]:
    last = as_of if closed_on is None else min(as_of, closed_on - _DAY)
    taken: list[date] = []
    steps: list[Step] = []
    for rung in ladder.steps:
        due_on = _due(rung, opened_on, streak, hazard, taken)
        if due_on is None or due_on > last:
            continue
        assumptions = tuple(figure for figure in rung.figures if figure.assumption)
        if rung.hazard_level is not None and hazard is not None and hazard.facts.get("level") is None:
            issued_on, cause = None, f"{MISSING}hazard.level"
        else:
            taken.append(due_on)
            issued_on, cause = _issued(due_on, spans, last)
        steps.append(Step(rung.step, rung.level, due_on, rung.ref, issued_on, cause, assumptions))
    return tuple(steps)


def _due(rung: Rung, opened_on: date, streak: int, hazard: Item | None, taken: Sequence[date]) -> date | None:
    """The day on which all conditions of a step hold, ``None`` if that day is not in sight.

    The level of a hazard that is not known is left aside. ``taken`` are the due dates of the steps below.
    """
    days = [opened_on + timedelta(days=rung.after)]
    # While a state is waived its violation counts for nothing in a row, which takes no step back.
    if max(streak, 1) < rung.streak:
        return None
    if rung.hazard_level is not None and (
            hazard is None or hazard.facts.get("level") not in (None, rung.hazard_level)):
        return None
    if rung.refused:
        refused_on = hazard.facts.get("refused_on") if hazard is not None else None
        if not isinstance(refused_on, date):
            return None
        days.append(refused_on)
    if rung.steps_taken:
        if len(taken) < rung.steps_taken:
            return None
        days.append(sorted(taken)[rung.steps_taken - 1])
    return max(days)


def _issued(due_on: date, spans: Iterable[Held], last: date) -> tuple[date | None, str | None]:
    """The first day from ``due_on`` to ``last`` in none of the ``spans``, and what held the step back before it."""
    day, cause = due_on, None
    for span in spans:
        if span.first <= day <= span.last:
            cause = span.cause
            if span.last >= last:
                return None, cause
            day = span.last + _DAY
    return day, cause


def _packs(subject: Subject, duty: Duty, violation: Violation, applicability: Applicability) -> set[str]:
    """The packs that the violation rests on, as they were on the day on which it opened.

    The rules of a state may become more while it lasts; the ladder is the one of the first day.
    """
    if duty.type is not State:
        of_rule = _index(applicability.rulebook).packs
        return {of_rule[ref.id] for ref in violation.rules}
    day = violation.opened_on.toordinal()
    standings = ((group, rule_on(subject, group, applicability, day)) for group in duty.groups)
    return {group.pack for group, standing in standings if standing is not None and holding_case(standing) is not None}


def _of_hazards(duty: Duty) -> bool:
    asked = duty.rules[0].asked
    return isinstance(asked, PerObject) and asked.kind == "hazard"


@dataclass(frozen=True, slots=True)
class _Index:
    """The pack of each rule, and of each duty its ladders in the order in which they are chosen."""

    packs: Mapping[str, str]
    ladders: Mapping[str, Sequence[Ladder]]


@lru_cache(maxsize=16)
def _index(rulebook: Rulebook) -> _Index:
    packs = {rule.ref.id: rule.pack for duty in rulebook.duties.values() for rule in duty.rules}
    ladders: defaultdict[str, list[Ladder]] = defaultdict(list)
    for ladder in sorted(rulebook.ladders, key=lambda ladder: (-_closeness(ladder.division), ladder.pack)):
        for duty in ladder.duties:
            ladders[duty].append(ladder)
    return _Index(packs, ladders)


def _closeness(division: str) -> int:
    """How many digits of a division code are not open."""
    while division.endswith("00"):
        division = division[:-2]
    return len(division)
