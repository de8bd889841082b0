"""Duties with one due date: by a deadline, or for each object."""

from __future__ import annotations

from datetime import date

from facts.dossier import Item

from .amounts import MISSING, Done, required_of
from .book import Case
from .excusing import excused
from .violating import Row, missed, obligation, running, verdict_of
from .world import World

REMIND = 30


def _binding(world: World, duty: str, item: Item | None = None) -> tuple[list[Case], list[tuple[Case, frozenset[str]]]]:
    """The cases that bind, and those that may bind with the facts that are missing to tell.

    A rule binds if it holds on its due date; before it, or where there is none: on D. Whether a fact is missing is
    judged on D: what was in doubt on the due date and is so no more asks no question.
    """
    binding, doubtful = [], []
    for rule in world.book.of_duty(duty):
        for case in rule.cases:
            if item is not None and case.data["for_each"] != item.kind:
                continue
            day = min(world.due(case, item) or world.as_of, world.as_of)
            options_then, _ = world.options(rule, day, item)
            options_now, missing = world.options(rule, world.as_of, item)
            if world.holding(rule, day, item) is case:
                binding.append(case)
            elif case in options_then and case in options_now and missing:
                doubtful.append((case, missing))
    return binding, doubtful


def _unknown(duty: str, doubtful: list[tuple[Case, frozenset[str]]]) -> list[Row]:
    if not doubtful:
        return []
    missing = frozenset().union(*(facts for _, facts in doubtful))
    return [obligation(duty, "?", "unknown", [c for c, _ in doubtful], missing=sorted(missing))]


def deadline_rows(world: World, duty: str) -> tuple[list[Row], list[Row]]:
    """Obligations and violations of a duty that is done once, by a date."""
    binding, doubtful = _binding(world, duty)
    obligations, violations = [], []
    settled_by = date.max
    for due_on in sorted({world.due(c) for c in binding}):
        row, violation = _by(world, duty, due_on, [c for c in binding if world.due(c) == due_on])
        left, still = excused(world, row, violation)
        obligations += [left] if left else []
        violations += [still] if still else []
        if row and row["verdict"] != "unknown" and (violation is None or violation["status"] != "lapsed"):
            settled_by = due_on
            break
    # What is in doubt changes what is asked only up to the date that settles the matter: by a date of its own, or by
    # asking for more.
    more = [(c, facts) for c, facts in doubtful if world.due(c) <= settled_by
            and all(c.at_least > b.at_least for b in binding if world.due(b) == world.due(c))]
    return obligations + _unknown(duty, more), violations


def _by(world: World, duty: str, due_on: date, bases: list[Case]) -> tuple[Row | None, Row | None]:
    since = max(c.data.get("since", date.min) for c in bases)
    kind = bases[0].record
    required, in_time = required_of(bases), Done(world, bases[0], since, due_on)
    violation, fulfilled_on, missing = None, in_time.reached_on(required), []
    if fulfilled_on:
        verdict = "fulfilled"
    elif world.as_of <= due_on:
        verdict = running(world, due_on, max(c.remind_before(REMIND) for c in bases))
    elif missing := _lacking(world, kind, due_on, in_time):
        verdict = "unknown"
    else:
        good_on = Done(world, bases[0], since, world.as_of).reached_on(required)
        violation = missed(world, duty, due_on.isoformat(), bases, due_on, good_on)
        if violation is None:
            return None, None
        verdict = verdict_of(violation)
    return obligation(duty, due_on.isoformat(), verdict, bases, due_on=due_on, required=required,
                      done=in_time.known, fulfilled_on=fulfilled_on, missing=missing), violation


def _lacking(world: World, kind: str, due_on: date, in_time: Done) -> list[str]:
    """What would have to be known to say that it was missed."""
    claim = [] if _claimed(world, kind, due_on) else [f"coverage:{kind}"]
    return claim + ([MISSING] if in_time.not_stated else [])


def _claimed(world: World, kind: str, due_on: date) -> bool:
    """A claim of completeness reaches the due date or a later day up to D."""
    return any(world.covered(kind, date.fromordinal(n)) for n in range(due_on.toordinal(), world.as_of.toordinal() + 1))


def object_rows(world: World, duty: str) -> tuple[list[Row], list[Row]]:
    """Obligations and violations of a duty that is owed for each object."""
    obligations, violations, doubtful = [], [], []
    for item in world.dossier.items:
        if not _visible(world, item):
            continue
        binding, maybe = _binding(world, duty, item)
        dated = [c for c in binding if world.due(c, item) is not None]
        due_on = min((world.due(c, item) for c in dated), default=None)
        if binding:
            row, violation = excused(world, *_of(world, duty, item, due_on, dated or binding))
            obligations += [row] if row else []
            violations += [violation] if violation else []
        doubtful += [(c, facts) for c, facts in maybe if not binding or _earlier(world.due(c, item), due_on)]
    return obligations + _unknown(duty, doubtful), violations


def _earlier(due_on: date | None, than: date | None) -> bool:
    return due_on is not None and (than is None or due_on < than)


def _visible(world: World, item: Item) -> bool:
    """A hazard is visible from ``found_on``, an accident from ``occurred_on``; the rest whenever a rule binds.

    One that is entered without that date is there all the same.
    """
    seen_on = item.facts.get({"hazard": "found_on", "accident": "occurred_on"}.get(item.kind, ""))
    return seen_on is None or seen_on <= world.as_of


def _of(world: World, duty: str, item: Item, due_on: date | None,
        bases: list[Case]) -> tuple[Row | None, Row | None]:
    known = world.item_facts(item)
    done_on = known.get(bases[0].data["done_on"].partition(".")[2])
    starts_on = known.get("found_on") if item.kind == "hazard" else None
    in_time = done_on is not None and (due_on is None or done_on <= due_on)
    violation, fulfilled_on, missing = None, None, []
    if due_on is None:
        verdict, missing = "unknown", sorted({c.data["due"]["of"] for c in bases})
    elif in_time:
        verdict, fulfilled_on = "fulfilled", done_on
    elif world.as_of <= due_on:
        verdict = running(world, due_on, max(c.remind_before(REMIND) for c in bases))
    else:
        violation = missed(world, duty, item.id, bases, due_on, done_on, item)
        if violation is None:
            return None, None
        verdict = verdict_of(violation)
    return obligation(duty, item.id, verdict, bases, starts_on=starts_on, due_on=due_on, required=1,
                      done=int(in_time), fulfilled_on=fulfilled_on, missing=missing), violation
