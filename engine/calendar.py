"""Which periods are asked for (应履行的期间): in force, superseded, visible. SEMANTICS.md section 2.

The rules of one duty ask together. A period of a unit is *in force* if a rule of the unit holds on one of its days,
a rule of the unit or stricter on at least half of them (days of suspension do not count), and some rule on its last
day; and, where ``within`` narrows it, a rule of the unit on one of the days that are left. It is *superseded* if every
one of its days lies in stricter periods in force.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from engine.holding import Holding
from engine.periods import Period, Unit
from engine.results import RuleRef
from engine.rulebook import Periodic, Rule
from engine.subject import LAST_DAY

Days = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class AskedPeriod:
    """A period that is asked for. ``starts_on`` and ``due_on`` are narrowed by ``within``; both days count.

    It is known by its identity: of many enterprises the very same is asked. ``first`` and ``last`` are the same days
    as ordinals.
    """

    period: Period
    at_least: int
    starts_on: date
    due_on: date
    remind_before: int
    rules: tuple[Rule, ...]
    refs: tuple[RuleRef, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """The ``periods`` that one periodic duty asks for on a day, by unit and start; the same up to the day ``until``."""

    periods: tuple[AskedPeriod, ...]
    until: int


def asked_periods(holdings: tuple[Holding, ...], suspended: Days, today: int) -> tuple[AskedPeriod, ...]:
    """The periods that one periodic duty asks for and that are visible on ``today``, by unit and start.

    ``suspended`` are spans of days that do not count.
    """
    return calendar_of(holdings, suspended, today).periods


@lru_cache(maxsize=20_000)
def calendar_of(holdings: tuple[Holding, ...], suspended: Days, today: int) -> Calendar:
    """The same, and how long it stays so. Depends on nothing else, so equal calls are remembered."""
    if not holdings:
        return Calendar((), LAST_DAY)
    units = {_asked(h).unit for h in holdings}
    first = min(h.first for h in holdings)
    if first > today:
        return Calendar((), first - 1)
    # Whether the period that contains today is superseded depends on shorter ones up to its own end.
    ends = [unit.period_of(date.fromordinal(today)).end for unit in units]
    in_force = {unit: list(_in_force(unit, holdings, suspended, first, max(ends))) for unit in units}
    asked: list[AskedPeriod] = []
    until = min(ends).toordinal()
    for unit in sorted(units, key=lambda u: (-u.months, u.anchor)):
        for found in in_force[unit]:
            if found.visible_from > today:
                until = min(until, found.visible_from - 1)
            elif not _superseded(found, in_force):
                asked.append(_ask(found))
    return Calendar(tuple(asked), until)


@dataclass(frozen=True, slots=True)
class _InForce:
    period: Period
    at_least: int
    rules: tuple[Rule, ...]
    window: tuple[int, int]
    visible_from: int

    @property
    def first(self) -> int:
        return self.period.start.toordinal()

    @property
    def last(self) -> int:
        return self.period.end.toordinal()


def _asked(holding: Holding) -> Periodic:
    assert isinstance(holding.rule.asked, Periodic)
    return holding.rule.asked


def _in_force(unit: Unit, holdings: tuple[Holding, ...], suspended: Days, first: int, horizon: date):
    for period in unit.periods(date.fromordinal(first), horizon):
        start, end = period.start.toordinal(), period.end.toordinal()
        here = [h for h in holdings if h.first <= end and start <= h.last]
        own = {h.rule: _asked(h) for h in here if _asked(h).unit == unit}
        if not own or not any(h.last >= end for h in here):
            continue
        at_least = max(asked.at_least for asked in own.values())
        enough = [(max(h.first, start), min(h.last, end)) for h in here
                  if _asked(h).unit == unit or _asked(h).stricter_than(unit, at_least)]
        if 2 * _count(enough, suspended) < end - start + 1:
            continue
        window = _window(start, end, own.values())
        # Nobody owes on days on which no rule asked it of him: he was not registered yet, say.
        if not any(h.rule in own and h.first <= window[1] and window[0] <= h.last for h in here):
            continue
        visible_from = max(window[0], min(day for day, _ in enough))
        rules = tuple(sorted(own, key=lambda rule: (rule.ref.id, rule.case)))
        yield _InForce(period, at_least, rules, window, visible_from)


def _window(start: int, end: int, asked) -> tuple[int, int]:
    """The days that every rule's ``within`` leaves; the whole period where none narrows it."""
    narrowed = [a.within for a in asked if a.within is not None]
    return (max([start, *(start + a - 1 for a, _ in narrowed)]), min([end, *(start + b - 1 for _, b in narrowed)]))


def _count(spans: list[tuple[int, int]], without: Days) -> int:
    """Number of days in the union of ``spans`` that lie in none of ``without``."""
    total, reached = 0, 0
    for start, end in sorted(spans):
        start = max(start, reached + 1)
        if start > end:
            continue
        total += end - start + 1
        total -= sum(max(0, min(end, b) - max(start, a) + 1) for a, b in without)
        reached = end
    return total


def _superseded(found: _InForce, in_force: dict[Unit, list[_InForce]]) -> bool:
    mine = Periodic(found.period.unit, found.at_least)
    stricter = sorted((other.first, other.last) for unit, others in in_force.items() if unit != mine.unit
                      for other in others if other.first <= found.last and found.first <= other.last
                      and Periodic(unit, other.at_least).stricter_than(mine.unit, mine.at_least))
    reached = found.first - 1
    for start, end in stricter:
        if start > reached + 1:
            return False
        reached = max(reached, end)
        if reached >= found.last:
            return True
    return False


def _ask(found: _InForce) -> AskedPeriod:
    usual = found.period.unit.remind_before
    remind = max(usual if (days := rule.asked.remind_before) is None else days for rule in found.rules)
    start, due = found.window
    return AskedPeriod(found.period, found.at_least, date.fromordinal(start), date.fromordinal(due), remind,
                       found.rules, tuple(rule.ref for rule in found.rules), start, due)
