"""When a violation ends without being made good (失效): the enterprise closes, or none of the rules can apply.

"Every rule of the duty in the packs that are its legal bases": known to be false, by their conditions alone. An
unknown fact, suspension and the end of an effective range end nothing. SEMANTICS.md section 3.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from engine.applicability import Applicability
from engine.results import Status
from engine.rulebook import Duty, Rule
from engine.subject import LAST_DAY, Subject
from facts.dossier import Item


def lapses_on(subject: Subject, duty: Duty, rules: Iterable[Rule], applicability: Applicability, opened_on: date,
              item: Item | None = None) -> date | None:
    """The first day from ``opened_on`` to the date of the verdict on which the violation has lapsed, if any."""
    opened = opened_on.toordinal()
    days = []
    if subject.last_open != LAST_DAY:
        days.append(max(subject.last_open + 1, opened))
    for first, last in _inapplicable(subject, duty, frozenset(rule.pack for rule in rules), applicability, item):
        if last >= opened:
            days.append(max(first, opened))
            break
    day = min(days, default=None)
    return date.fromordinal(day) if day is not None and day <= subject.today else None


def _inapplicable(subject: Subject, duty: Duty, packs: frozenset[str], applicability: Applicability,
                  item: Item | None) -> list[tuple[int, int]]:
    """The spans of days on which none of the rules of the duty in ``packs`` can apply."""
    key = duty.name, packs, item and item.id
    if key not in subject.inapplicable:
        groups = [group for group in duty.groups if group.pack in packs]
        subject.inapplicable[key] = [
            (span.first, span.last) for span in subject.spans
            if all(applicability.standing(group, span.facts, item).known_false for group in groups)]
    return subject.inapplicable[key]


def ended(opened_on: date, made_good: date | None, lapsed: date | None) -> tuple[Status, date | None] | None:
    """Status and ``closed_on`` of a violation; ``None`` where it would lapse on the day it opens: it is not asked for.

    Whichever came first counts; on one and the same day, it lapsed.
    """
    if lapsed is not None and (made_good is None or lapsed <= made_good):
        return None if lapsed == opened_on else (Status.LAPSED, lapsed)
    if made_good is not None:
        return Status.CLOSED, made_good
    return Status.OPEN, None


def day_after(due_on: date) -> date:
    """The day on which a violation opens."""
    return due_on + timedelta(days=1)


def overdue_days(subject: Subject, due_on: date, closed_on: date | None) -> int:
    """How many days after ``due_on`` a violation ended; of one that is open, how many have gone by so far.

    These go up every day, which is no change of the verdict.
    """
    return (int(subject.today) if closed_on is None else closed_on.toordinal()) - due_on.toordinal()
