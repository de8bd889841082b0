"""Duties that come back with every period of a calendar unit."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import product

from .amounts import MISSING, Done, required_of
from .book import Case, Rule
from .calendar import ONE_DAY, Ask, Period, Unit, days, period_of
from .excusing import excused
from .logic import number
from .violating import Row, missed, obligation, running, verdict_of
from .world import World


class PeriodicDuty:
    """One periodic duty of one enterprise as of D."""

    def __init__(self, world: World, duty: str) -> None:
        self.world, self.duty = world, duty
        self.rules = world.book.of_duty(duty)
        self.units = {c.unit for r in self.rules for c in r.cases}
        self.holding = cache(self._holding)
        self.bases = cache(self._bases)
        self.in_force = cache(self._in_force)

    def _holding(self, day: date) -> list[Case]:
        return [c for r in self.rules if (c := self.world.holding(r, day)) is not None]

    def _bases(self, period: Period) -> list[Case]:
        """The cases of the period's unit that hold on any of its days, each once."""
        found: dict[int, Case] = {}
        for day in days(period.first, period.last):
            for case in self.holding(day):
                if case.unit == period.unit:
                    found[id(case)] = case
        return list(found.values())

    def ask(self, period: Period) -> Ask:
        return Ask(period.unit, required_of(self.bases(period)))

    def serves(self, day: date, ask: Ask) -> bool:
        """A rule of the unit or stricter holds on the day."""
        return any(c.unit == ask.unit or c.ask.stricter_than(ask) for c in self.holding(day))

    def _in_force(self, period: Period) -> bool:
        # A rule whose days are all over before it holds asks for nothing (DECISIONS R14).
        if not any(c.unit == period.unit for day in days(*self.window(period)) for c in self.holding(day)):
            return False
        ask = self.ask(period)
        all_days = list(days(period.first, period.last))
        counting = [d for d in all_days if not self.world.suspended(d) and self.serves(d, ask)]
        return 2 * len(counting) >= len(all_days) and bool(self.holding(period.last))

    def superseded(self, period: Period) -> bool:
        """Every one of its days lies in stricter periods in force."""
        return all(self._in_stricter(day, period) for day in days(period.first, period.last))

    def _in_stricter(self, day: date, period: Period) -> bool:
        others = [period_of(unit, day) for unit in self.units if unit != period.unit]
        return any(self.in_force(o) and self.ask(o).stricter_than(self.ask(period)) for o in others)

    def window(self, period: Period) -> tuple[date, date]:
        """The days of the period in which records count; of several windows what they have in common."""
        first, last = period.first, period.last
        for case in self.bases(period):
            if within := case.data.get("within"):
                first = max(first, period.first + timedelta(days=number(within.get("from_day", 1)) - 1))
                if (to_day := number(within.get("to_day"))) is not None:
                    last = min(last, period.first + timedelta(days=to_day - 1))
        return first, last

    def visible(self, period: Period) -> bool:
        ask = self.ask(period)
        first_held = next(d for d in days(period.first, period.last) if self.serves(d, ask))
        return max(self.window(period)[0], first_held) <= self.world.as_of

    def periods(self, unit: Unit) -> list[Period]:
        """All periods of the unit from the first day on which a rule can hold to D."""
        found = [period_of(unit, self.world.begins_on)]
        while found[-1].last < self.world.as_of:
            found.append(period_of(unit, found[-1].last + ONE_DAY))
        return found

    def rows(self) -> tuple[list[Row], list[Row]]:
        """Obligations and violations, the row ``?`` included."""
        obligations, violations = [], []
        for unit in self.units:
            streak = 0
            for period in self.periods(unit):
                settled = self.settled(period)
                if settled is None:
                    continue
                row, violation = excused(self.world, *self.judged(period, settled))
                if row is None:
                    continue
                obligations.append(row)
                if row["verdict"] == "fulfilled":
                    streak = 0
                if violation is not None and violation["status"] == "waived":
                    violations.append(violation)
                elif violation is not None:
                    streak += 1
                    violations.append({**violation, "streak": streak})
        return [*obligations, *self.unknown()], violations

    def asked(self, period: Period) -> bool:
        return self.in_force(period) and not self.superseded(period) and self.visible(period)

    def settled(self, period: Period) -> PeriodicDuty | None:
        """The duty as of D, or as of an earlier day on which the period had fallen due before its end (DECISIONS R33).

        None: it is not asked for, and was not when it fell due.
        """
        if self.asked(period):
            return self
        end = min(period.last, self.world.as_of)
        turns = [v.valid_from for v in self.world.versions if period.first < v.valid_from <= end]
        if turns and any("within" in c.data for r in self.rules for c in r.cases):
            for day in days(period.first, max(turns) - ONE_DAY):
                then = PeriodicDuty(World(self.world.dossier, self.world.book, day), self.duty)
                if then.world.versions and then.bases(period) and then.asked(period) and then.window(period)[1] <= day:
                    return then
        return None

    def judged(self, period: Period, settled: PeriodicDuty) -> tuple[Row | None, Row | None]:
        """The obligation of the period and its violation; neither if it is not asked for."""
        world, bases, required = self.world, settled.bases(period), settled.ask(period).at_least
        first, last = settled.window(period)
        kind = bases[0].record
        in_time = Done(world, bases[0], first, last)
        violation, fulfilled_on, missing = None, in_time.reached_on(required), []
        if fulfilled_on:
            verdict = "fulfilled"
        elif world.as_of <= last:
            verdict = running(world, last, max(c.remind_before(period.unit.remind_before) for c in bases))
        elif missing := self._lacking(kind, first, last, in_time):
            verdict = "unknown"
        else:
            good_on = Done(world, bases[0], first, world.as_of).reached_on(required)
            violation = missed(world, self.duty, period.key, bases, last, good_on)
            if violation is None:
                return None, None
            verdict = verdict_of(violation)
        row = obligation(self.duty, period.key, verdict, bases, starts_on=first, due_on=last, required=required,
                         done=in_time.known, fulfilled_on=fulfilled_on, missing=missing)
        return row, violation

    def _lacking(self, kind: str, first: date, last: date, in_time: Done) -> list[str]:
        """What would have to be known to say that the period was missed."""
        asked_from = max(first, self.world.registered_on or first)
        claim = [] if self.world.all_covered(kind, days(asked_from, last)) else [f"coverage:{kind}"]
        return claim + ([MISSING] if in_time.not_stated else [])

    def unknown(self) -> list[Row]:
        """The row ``?``: on D a fact is missing that could bring a stricter ask than the one that is certain."""
        today = self.world.as_of
        certain = [c.ask for c in self.holding(today)]
        doubtful, missing = [], set()
        for rule in self.rules:
            options, _ = self.world.options(rule, today)
            more = [c for c in options if c is not None and all(c.ask.stricter_than(a) for a in certain)]
            if len(options) > 1 and more:
                doubtful += more
                missing |= self._telling(rule, more)
        return [obligation(self.duty, "?", "unknown", doubtful, missing=sorted(missing))] if doubtful else []

    def _telling(self, rule: Rule, stricter: list[Case]) -> set[str]:
        """The missing facts that could change what is asked: those of a condition of the rule, or of one of its cases,
        that can be turned round so that another of the stricter cases comes out, or none of them.
        """
        truths = self.world.truths(rule, self.world.as_of)
        in_doubt = [n for n, truth in enumerate(truths) if truth.value is None]

        def asked(values: list[bool | None]) -> Ask | None:
            first = next((c for c, value in zip(rule.cases, values[1:], strict=True) if value), None)
            return first.ask if values[0] and first in stricter else None

        found: set[str] = set()
        for turned in in_doubt:
            for guess in product((True, False), repeat=len(in_doubt)):
                values = [truth.value for truth in truths]
                for n, value in zip(in_doubt, guess, strict=True):
                    values[n] = value
                other = [not value if n == turned else value for n, value in enumerate(values)]
                if asked(values) != asked(other):
                    found |= truths[turned].missing
        return found
