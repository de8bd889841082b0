"""Hypothesis strategies for what follows upon a violation: ladders, and waivers that crowd around what they cover."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from engine.pack_schema import STEPS
from engine.waivers import Waiver
from facts.dossier import Dossier

from .strategies import EDGES, PERIODIC, RECORD_OF, Pack, _number, _packs, around, dates, rarely

ONE_DAY = timedelta(days=1)
AFTER = (0, 0, 1, 3, 10, 30, 45, 90)
#: Days on which what was due at the end of a month, a quarter or a year is first overdue, and their neighbours.
TURNS = tuple(edge for edge in EDGES if edge >= date(2024, 1, 1))

#: What may be waived: the duty, the key (``state`` for states), and the day on which it falls due or is so.
Waivable = tuple[str, str, date]


def _duties_of(pack: Pack) -> tuple[list[str], set[str]]:
    """The pack's duties of enterprises, and which of them are about hazards."""
    borne = [rule for rule in pack["rules"] if "bearer" not in rule]
    return sorted({rule["duty"] for rule in borne}), {r["duty"] for r in borne if r.get("for_each") == "hazard"}


@st.composite
def _ranges(draw: st.DrawFn, pack: Pack) -> list[dict[str, date] | None]:
    """When the ladders of one duty begin and end, one after the other; None: when the pack does."""
    how = draw(st.sampled_from(("pack", "pack", "from", "both", "two", "gap")))
    last = pack["effective"].get("to", date.max)
    if how == "pack":
        return [None]
    # A ladder that ends before the pack judges would be refused as serving nothing.
    earliest = max(pack["effective"]["from"], pack.get("judged_from", date.min))
    turns = [turn for turn in TURNS if turn > earliest]
    first, second = sorted(draw(st.lists(st.sampled_from(turns), min_size=2, max_size=2, unique=True)))
    if how == "from":
        return [{"from": first} if first <= last else None]
    if how == "both":
        return [{"from": first, "to": second}]
    begins = draw(st.sampled_from((date(2023, 1, 1), earliest)))
    resumed = first + (ONE_DAY if how == "two" else draw(st.sampled_from((1, 31, 60))) * ONE_DAY)
    ends = draw(rarely()) or resumed > last
    return [{"from": begins, "to": first}, {"from": resumed} | ({"to": max(second, resumed)} if ends else {})]


@st.composite
def _step(draw: st.DrawFn, level: int, *, periodic: bool, hazards: bool) -> dict[str, Any]:
    step = {"step": draw(st.sampled_from(sorted(STEPS))), "after": draw(st.sampled_from(AFTER).flatmap(_number))}
    when: dict[str, Any] = {}
    if level > 1 and draw(rarely()):
        when["steps_taken"] = {"ge": draw(st.integers(1, level - 1).flatmap(_number))}
    if periodic and draw(st.sampled_from((False, False, True))):
        when["streak"] = {"ge": draw(st.sampled_from((2, 2, 3, 1)).flatmap(_number))}
    if hazards and draw(st.booleans()):
        when |= draw(st.sampled_from(({"refused": True}, {"hazard.level": "major"}, {"hazard.level": "general"},
                                      {"refused": True, "hazard.level": "major"})))
    return step | ({"when": when} if when else {})


@st.composite
def _ladders(draw: st.DrawFn, pack: Pack) -> list[dict[str, Any]]:
    duties, about_hazards = _duties_of(pack)
    if not duties:
        return []
    groups: list[list[str] | None] = [None]
    if draw(st.booleans()):
        groups = [[duty] for duty in draw(st.lists(st.sampled_from(duties), min_size=1, unique=True))]
    name = pack["rules"][0]["id"].partition(".")[0]
    found = []
    for group in groups:
        for effective in draw(_ranges(pack)):
            served = set(group or duties)
            steps = [draw(_step(level, periodic=bool(served & set(PERIODIC)), hazards=bool(served & about_hazards)))
                     for level in range(1, draw(st.integers(1, 5)) + 1)]
            ladder = {"id": f"{name}.l{len(found)}", "titles": {"zh": "梯次", "en": "ladder"}, "clause": "五",
                      "quote": "提醒、督促整改、函告", "steps": steps}
            more = {"duties": group, "effective": effective}
            found.append(ladder | {key: value for key, value in more.items() if value})
    return found


@st.composite
def books_of_hazards(draw: st.DrawFn) -> list[Pack]:
    """Packs that meet in the rectification of hazards: their ladders ask for levels and refusals."""
    return draw(_packs(["hazard_rectification", *draw(st.lists(st.sampled_from(sorted(PERIODIC)), max_size=1))]))


@st.composite
def with_ladders(draw: st.DrawFn, packs: list[Pack]) -> list[Pack]:
    """The packs, most of them with ladders of their own for some of their duties or for all."""
    found = []
    for pack in packs:
        ladders = [] if draw(rarely()) else draw(_ladders(pack))
        found.append({**pack, "ladders": ladders} if ladders else pack)
    return found


@st.composite
def with_pauses(draw: st.DrawFn, dossier: Dossier, said: dict[str, Any] | None) -> Dossier:
    """The enterprise, now and then suspended for a while from a day on or near which a violation opened."""
    opened = sorted({v["opened_on"] for v in said["violations"]}) if said else []
    if not opened or draw(st.booleans()):
        return dossier
    first = draw(st.sampled_from(opened)) + draw(st.sampled_from((0, -1, 1, 10, 11, 30))) * ONE_DAY
    turns = {first: True}
    if not draw(rarely()):
        turns[first + draw(st.sampled_from((1, 2, 20, 60))) * ONE_DAY] = False
    versions = {v.valid_from: v for v in dossier.versions}
    for day, suspended in turns.items():
        before = [v for start, v in versions.items() if start <= day]
        if before:
            now = max(before, key=lambda v: v.valid_from)
            facts = {**now.facts, "suspended": suspended}
            versions[day] = replace(now, valid_from=day, facts=facts)
    return replace(dossier, versions=tuple(versions[start] for start in sorted(versions)))


@st.composite
def with_late_records(draw: st.DrawFn, dossier: Dossier, said: dict[str, Any] | None) -> Dossier:
    """The dossier, more often than not with what was missed done on or near a day on which a step is due."""
    missed = [(v, s["due_on"]) for v in said["violations"] if v["due_on"] for s in v["steps"]] if said else []
    if not missed or draw(rarely()):
        return dossier
    one, due_on = draw(st.sampled_from(missed))
    day = due_on + draw(st.sampled_from((0, 0, 1, -1))) * ONE_DAY
    done_on = {"hazard_rectification": "rectified_on", "hazard_reporting": "reported_on",
               "certificate_renewal": "renewed_on", "exhibition_police_permit": "police_permit_on"}.get(one["duty"])
    if done_on:
        return replace(dossier, items=tuple(
            replace(i, facts={**i.facts, done_on: day}) if i.id == one["key"] and done_on in i.facts else i
            for i in dossier.items))
    kind = RECORD_OF.get(one["duty"]) or one["duty"]
    days = tuple(sorted({*dossier.records.get(kind, ()), day}))
    return replace(dossier, records={**dossier.records, kind: days})


def waivable(said: dict[str, Any] | None) -> list[Waivable]:
    """What there is to waive in a judgement of the reference evaluator: violations, of the rest what is due last."""
    if said is None:
        return []
    missed = [(v["duty"], v["key"], v["due_on"]) for v in said["violations"] if v["due_on"]]
    absent = [(v["duty"], "state", v[on]) for v in said["violations"] if v["due_on"] is None
              for on in ("opened_on", "closed_on") if v[on]]
    others = [(o["duty"], o["key"], o["due_on"] or said["as_of"]) for o in said["obligations"]
              if o["verdict"] in ("pending", "due_soon", "unknown", "fulfilled")]
    return missed + absent + others[-4:]


@st.composite
def waivers(draw: st.DrawFn, dossier: Dossier, rows: Collection[Waivable]) -> list[Waiver]:
    """Up to four waivers that begin and end at or near the days on which something falls due, or long before and after.

    Some are for one period and some for the duty, some reach back, some were ended early or made void, some overlap.
    """
    drawn = []
    for _ in range(draw(st.sampled_from((1, 0, 2, 4))) if rows else 0):
        duty, key, day = draw(st.sampled_from(sorted(rows)))
        first = day - timedelta(days=draw(st.sampled_from((0, 1, -1, 40, 200))))
        last = max(first, day + timedelta(days=draw(st.sampled_from((0, -1, 1, 40, 400)))))
        reaches_back = draw(st.sampled_from((0, 0, 0, 1, 100)))
        entered_on = first + timedelta(days=reaches_back or -draw(st.sampled_from((0, 0, 1, 30))))
        ended_on = draw(st.sampled_from((None, None, first, day, day + ONE_DAY, last)))
        drawn.append({
            "duty": duty, "key": draw(st.sampled_from((None, key))), "first": first, "last": last,
            "entered_on": entered_on, "retroactive": "late" if reaches_back else None,
            "ended_on": ended_on and max(ended_on, entered_on),
            "void": ended_on is not None and draw(st.sampled_from((False, False, True)))})
    drawn.sort(key=lambda one: one["entered_on"])
    whose = draw(st.sampled_from((dossier.uscc, dossier.uscc, dossier.uscc, "91120102MA0000000P")))
    return [Waiver(id=number, uscc=whose if number == 1 else dossier.uscc, reason="r", author="a", **one)
            for number, one in enumerate(drawn, 1)]


def turning_days(said: dict[str, Any] | None, given: Collection[Waiver]) -> st.SearchStrategy[date]:
    """Dates as of which to judge: at and around the days on which steps are reached, and waivers begin and end."""
    opened = [v["opened_on"] for v in said["violations"]] if said else []
    days = [day + after * ONE_DAY for day in opened for after in AFTER]
    days += [day for w in given for day in (w.entered_on, w.first, w.last, w.ended_on) if day]
    return around(days) if days else dates()
