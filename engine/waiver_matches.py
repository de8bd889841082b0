"""What a waiver covers for all that is known (豁免的对象): so that one which covers nothing is noticed.

Judged on the last day of its span, as if things stayed as they are: what falls due within it, fulfilled or not, is
visible by then.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from engine.judgement import judge
from engine.results import Judgement
from engine.rulebook import Deadline, Duty, Periodic, PerObject, Rulebook, State
from engine.waivers import STATE_KEY, Waiver
from facts.dossier import Dossier
from facts.language import Text


def matches(waiver: Waiver, dossier: Dossier | None, rulebook: Rulebook) -> tuple[str, ...]:
    """The keys of the obligations that it covers; of a state duty also of violations."""
    last = waiver.last_day(date.max)
    if dossier is None or waiver.void or last < waiver.first or waiver.duty not in rulebook.duties:
        return ()
    judgement = judge(dossier, rulebook, last)
    return () if judgement is None else tuple(dict.fromkeys(_covered(waiver, judgement, rulebook, last)))


def _covered(waiver: Waiver, judgement: Judgement, rulebook: Rulebook, last: date) -> Iterator[str]:
    obligations = (o for o in judgement.obligations if o.duty == waiver.duty)
    if rulebook.duties[waiver.duty].type is State:
        yield from (o.key for o in obligations if o.key == STATE_KEY)
        yield from (v.key for v in judgement.violations if v.duty == waiver.duty
                    and (v.closed_on is None or v.closed_on > waiver.first))
        return
    for obligation in obligations:
        due_on = obligation.due_on
        if due_on is not None and waiver.first <= due_on <= last and waiver.key in (None, obligation.key):
            yield obligation.key


def why_nothing(waiver: Waiver, dossier: Dossier | None, rulebook: Rulebook) -> Text:
    """Why a waiver covers nothing."""
    if dossier is None:
        return Text("台账中没有这个代码", "the ledger does not have this code")
    if waiver.duty not in rulebook.duties:
        return Text("所用规则包没有这项义务", "the packs in use have no such duty")
    return Text("期间内没有这项义务到期", "nothing of it falls due in its span")


def keys_due(duty: Duty, dossier: Dossier, first: date, last: date) -> tuple[str, ...]:
    """The keys that an obligation of ``duty`` with its due date from ``first`` to ``last`` could have, in order."""
    found: set[tuple[date, str]] = set()
    for rule in duty.rules:
        match rule.asked:
            case State():
                found.add((first, STATE_KEY))
            case Deadline(due):
                found.add((due, due.isoformat()))
            case Periodic(unit, _, within):
                for period in unit.periods(first, last):
                    end = period.end if within is None else date.fromordinal(
                        min(period.end.toordinal(), period.start.toordinal() + within[1] - 1))
                    found.add((end, period.key))
            case PerObject(kind) as asked:
                found.update((due, item.id) for item in dossier.items
                             if item.kind == kind and (due := asked.due_for(item)) is not None)
    return tuple(dict.fromkeys(key for day, key in sorted(found) if first <= day <= last))
