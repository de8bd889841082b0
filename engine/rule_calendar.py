"""The dates of a rule in one year (规则的年历), for whoever it applies to on every day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from engine.calendar import asked_periods
from engine.date_checks import always
from engine.rulebook import Deadline, Periodic, PerObject, Rule
from facts.language import Text


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: ``key`` names the period or date. Where nothing is asked for, ``note`` says why and no date is due."""

    key: str
    starts_on: date | None = None
    due_on: date | None = None
    remind_on: date | None = None
    note: Text | None = None


def calendar_of(rule: Rule, year: int) -> list[Entry]:
    """The rule's periods and dates that touch ``year``, by due date; those of objects depend on the object."""
    match rule.asked:
        case Periodic():
            return list(_periods(rule, rule.asked, year))
        case Deadline(due, _, since, remind) if due.year == year:
            return [Entry(due.isoformat(), since, due, due - timedelta(days=remind))]
        case PerObject(_, _, _, _, date() as due, remind) if due.year == year:
            return [Entry(due.isoformat(), None, due, due - timedelta(days=remind))]
    return []


def _periods(rule: Rule, asked: Periodic, year: int) -> Iterator[Entry]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    end = asked.unit.period_of(last).end
    found = {a.period.key: a for a in asked_periods((always(rule, end),), (), last.toordinal())}
    for period in asked.unit.periods(first, last):
        if period.key in found:
            a = found[period.key]
            yield Entry(period.key, a.starts_on, a.due_on, a.due_on - timedelta(days=a.remind_before))
            continue
        held = (min(rule.holds_to, period.end) - max(rule.holds_from, period.start)).days + 1
        if held <= 0:
            continue
        if rule.holds_to < period.end:
            note = Text(f"不要求：期末规则已失效（{rule.holds_to}）",
                        f"not asked: the rule ends before it does, on {rule.holds_to}")
        else:
            note = Text(f"不要求：{period.days} 天中只有 {held} 天生效",
                        f"not asked: the rule holds on {held} of its {period.days} days")
        yield Entry(period.key, period.start, note=note)
