"""Duties that something must be so."""

from __future__ import annotations

from datetime import date

from .book import Case, ids
from .calendar import ONE_DAY, days
from .excusing import excused_absence, excused_state
from .logic import Truth, all_of, judge
from .violating import Row, lapse_day, obligation
from .world import World


def _holding(world: World, duty: str, day: date) -> list[Case]:
    return [c for r in world.book.of_duty(duty) if (c := world.holding(r, day)) is not None]


def _there(world: World, cases: list[Case], day: date) -> Truth:
    """Whether on the day all is so as these cases want it."""
    read = world.reader(world.version(day))
    return all_of([judge(c.data["state"], read) for c in cases])


def state_rows(world: World, duty: str) -> tuple[list[Row], list[Row]]:
    """Obligations and violations of a duty that is judged on D from the version of D."""
    today = world.as_of
    held = _holding(world, duty, today)
    obligations = []
    if held:
        truth = _there(world, held, today)
        verdict = {True: "fulfilled", False: "violated", None: "unknown"}[truth.value]
        row = obligation(duty, "state", verdict, held, missing=sorted(truth.missing))
        obligations.append(excused_state(world, row))
    violations = [excused_absence(world, _violation(world, duty, *run)) for run in _runs(world, duty)]
    return obligations + _unknown(world, duty, held), violations


def _runs(world: World, duty: str) -> list[tuple[date, list[Case], list[Case]]]:
    """The unbroken runs of days on which a rule held and its state was known to be absent: first day, cases, and those
    of the first day.
    """
    runs: list[tuple[date, list[Case], list[Case]]] = []
    yesterday_absent = False
    for day in days(world.begins_on, world.as_of):
        absent = [c for c in _holding(world, duty, day) if _there(world, [c], day).value is False]
        if absent and not yesterday_absent:
            runs.append((day, [], absent))
        if absent:
            runs[-1][1].extend(c for c in absent if c not in runs[-1][1])
        yesterday_absent = bool(absent)
    return runs


def _violation(world: World, duty: str, opened_on: date, bases: list[Case], at_first: list[Case]) -> Row:
    lapsed_on = lapse_day(world, duty, bases, opened_on + ONE_DAY)
    there = [d for d in days(opened_on + ONE_DAY, world.as_of) if _there(world, bases, d).value is True]
    good_on = there[0] if there else None
    if lapsed_on is not None and (good_on is None or lapsed_on <= good_on):
        status, closed_on = "lapsed", lapsed_on
    else:
        status, closed_on = ("closed", good_on) if good_on else ("open", None)
    return {"duty": duty, "key": opened_on.isoformat(), "status": status, "due_on": None, "opened_on": opened_on,
            "closed_on": closed_on, "overdue_days": None, "streak": 1, "rules": ids(bases), "waiver": None,
            "at_first": at_first}


def _unknown(world: World, duty: str, held: list[Case]) -> list[Row]:
    """The row ``?``: for lack of a fact on D it is open whether yet another state is asked for."""
    asked = [c.data["state"] for c in held]
    doubtful, missing = [], set()
    for rule in world.book.of_duty(duty):
        options, facts = world.options(rule, world.as_of)
        more = [c for c in options if c is not None and c.data["state"] not in asked]
        if len(options) > 1 and more:
            doubtful += more
            missing |= facts
    return [obligation(duty, "?", "unknown", doubtful, missing=sorted(missing))] if doubtful else []
