"""Duties that come back with every period of a calendar unit."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import product

from .book import Case, Rule
from .calendar import ONE_DAY, Ask, Period, Unit, days, period_of
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
            found |= {id(c): c for c in self.holding(day) if c.unit == period.unit}
        return list(found.values())

    def ask(self, period: Period) -> Ask:
        return Ask(period.unit, max(c.ask.at_least for c in self.bases(period)))

    def serves(self, day: date, ask: Ask) -> bool:
        """A rule of the unit or stricter holds on the day."""
        return any(c.unit == ask.unit or c.ask.stricter_than(ask) for c in self.holding(day))

    def _in_force(self, period: Period) -> bool:
        if not self.bases(period):
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
        """All periods of the unit from the first version to D."""
        found = [period_of(unit, self.world.versions[0].valid_from)]
        while found[-1].last < self.world.as_of:
            found.append(period_of(unit, found[-1].last + ONE_DAY))
        return found

    def rows(self) -> tuple[list[Row], list[Row]]:
        """Obligations and violations, the row ``?`` included."""
        obligations, violations = [], []
        for unit in self.units:
            streak = 0
            for period in self.periods(unit):
                if not self.in_force(period) or self.superseded(period) or not self.visible(period):
                    continue
                row, violation = self.judged(period)
                if row is None:
                    continue
                obligations.append(row)
                if row["verdict"] == "fulfilled":
                    streak = 0
                if violation is not None:
                    streak += 1
                    violations.append({**violation, "streak": streak})
        return [*obligations, *self.unknown()], violations

    def judged(self, period: Period) -> tuple[Row | None, Row | None]:
        """The obligation of the period and its violation; neither if it is not asked for."""
        world, bases, required = self.world, self.bases(period), self.ask(period).at_least
        first, last = self.window(period)
        kind = bases[0].record
        records = world.records(kind)
        in_time = [r for r in records if first <= r <= last]
        late = [r for r in records if r > last]
        violation, fulfilled_on, missing = None, None, []
        if len(in_time) >= required:
            verdict, fulfilled_on = "fulfilled", in_time[required - 1]
        elif world.as_of <= last:
            verdict = running(world, last, max(c.remind_before(period.unit.remind_before) for c in bases))
        elif not world.all_covered(kind, days(max(first, world.registered_on or first), last)):
            verdict, missing = "unknown", [f"coverage:{kind}"]
        else:
            lacking = required - len(in_time)
            good_on = late[lacking - 1] if len(late) >= lacking else None
            violation = missed(world, self.duty, period.key, bases, last, good_on)
            if violation is None:
                return None, None
            verdict = verdict_of(violation)
        row = obligation(self.duty, period.key, verdict, bases, starts_on=first, due_on=last, required=required,
                         done=len(in_time), fulfilled_on=fulfilled_on, missing=missing)
        return row, violation

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
