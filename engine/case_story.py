"""The story of a recommendation (建议的经过): proposed on its grounds, decided by people, ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engine.event_values import Event, day_of, event_of, ordered, text_of
from engine.results import Ground, Recommendation
from facts.vocabulary import ITEM_SHEETS

#: How a recommendation can stand as long as no person has decided.
UNDECIDED = ("proposed", "unknown", "withdrawn")


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a recommendation stands. ``grounds`` and ``past`` have rule, facts, first day and the day of the end.

    ``status`` is a person's decision where it is not of :data:`UNDECIDED`; ``expires_on`` comes with a confirmation.
    """

    kind: str
    status: str
    since: date | None
    grounds: tuple[tuple[str, tuple[str, ...], str | None], ...]
    missing: tuple[str, ...] = ()
    withdrawn_on: date | None = None
    past: tuple[tuple[str, tuple[str, ...], str | None, str], ...] = ()
    expires_on: date | None = None


def proposal(recommendation: Recommendation) -> Proposal:
    """What is recorded of a recommendation. Its wording is left out: rewording a rule is no new ground."""
    past = tuple(sorted(((g.rule, g.facts, text_of(g.since), g.ended_on.isoformat()) for g in recommendation.past
                         if g.ended_on), key=_ground_order))
    if recommendation.status == "withdrawn" or (recommendation.status == "unknown" and past):
        # It stood and ended; that it may stand again once a fact is known is no event.
        return Proposal(recommendation.kind, "withdrawn", None, (), (), max(day_of(ended) for *_, ended in past), past)
    return Proposal(
        recommendation.kind, recommendation.status, recommendation.since,
        _grounds(recommendation.grounds, recommendation.since), ordered(recommendation.missing), None, past)


def proposed(id_: str, before: Proposal | None, now: Proposal, as_of: date) -> Iterable[Event]:
    if before is None and now.status == "unknown":
        # Nothing is proposed, so nothing has happened; who asks is told what is missing.
        return []
    if before is not None and before.status == "confirmed":
        return _confirmed(id_, before, as_of, stands=now.status == "proposed")
    if before is not None and before.status not in UNDECIDED and (
            before.status != "notified" or now.status == "proposed"):
        # What a person has decided stands, unless it is over and a ground has come that was not there then.
        known = {_told_apart(*ground[:3]) for ground in (*before.grounds, *before.past)}
        over = before.status not in ("notified", "confirmed")
        if not over or now.status != "proposed" or known >= {_told_apart(*ground) for ground in now.grounds}:
            return []
        return [event_of("case_corrected", as_of, case=id_, **proposal_said(now))]
    if before == now:
        return []
    if "unknown" not in (now.status, before and before.status):
        story, told = _case_story(id_, now), _case_story(id_, before) if before else []
        if all(event in story for event in told):
            further = [event for event in story if event not in told]
            if further and _case_folded(before, further) == now:
                return further
    return [event_of("case_corrected", as_of, case=id_, **proposal_said(now))]


def _confirmed(id_: str, before: Proposal, as_of: date, *, stands: bool) -> Iterable[Event]:
    """What was confirmed stays so, for a person to lift or revoke; but that its grounds have gone is told, once."""
    if stands is (before.withdrawn_on is None):
        return []
    return [event_of("grounds_back" if stands else "grounds_gone", as_of, case=id_)]


def unfounded(id_: str, before: Proposal, as_of: date) -> Iterable[Event]:
    """What becomes of a recommendation that is found no more."""
    if before.status == "confirmed":
        return _confirmed(id_, before, as_of, stands=False)
    if before.status in ("proposed", "unknown", "notified"):
        return [event_of("case_withdrawn", as_of, case=id_)]
    return []


def ground_identity(ground: Ground) -> tuple[Any, ...]:
    """What makes a ground another one: of an object never its day, which may be corrected; of the enterprise that too.

    Standing that was lost and regained is another ground; the accident that somebody decided on is not.
    """
    return _told_apart(ground.rule, ground.facts, text_of(ground.since))


def _told_apart(rule: str, facts: tuple[str, ...], since: str | None) -> tuple[Any, ...]:
    return (rule, facts) if any(fact.partition(":")[0] in ITEM_SHEETS for fact in facts) else (rule, facts, since)


def _case_folded(before: Proposal | None, events: Iterable[Event]) -> Proposal | None:
    for each in events:
        before = OF_PROPOSALS[each["kind"]](before, each)
    return before


def _case_story(id_: str, now: Proposal) -> list[Event]:
    """What time alone brought a recommendation: proposed with the grounds of its first day, then the others."""
    held = sorted([*((since, None, rule, facts) for rule, facts, since in now.grounds),
                   *((since, ended, rule, facts) for rule, facts, since, ended in now.past)],
                  key=lambda ground: (ground[0], ground[2], ground[3]))
    story: list[Event] = []
    standing_: set[tuple[str, tuple[str, ...], str]] = set()
    days = sorted({since for since, *_ in held} | {ended for _, ended, *_ in held if ended})
    for day in days:
        ending = [(rule, facts, since) for since, ended, rule, facts in held if ended == day and since != day]
        starting = [(rule, facts, since) for since, ended, rule, facts in held if since == day and ended != day]
        was = bool(standing_)
        standing_ = (standing_ - {*ending}) | {*starting}
        if not was and standing_:
            story.append(event_of("proposed", day_of(day), case=id_, recommendation=now.kind,
                                grounds=[_ground(*ground) for ground in starting]))
            continue
        if was and not standing_:
            story.append(event_of("ended", day_of(day), case=id_))
            continue
        story += [event_of("ground_ended", day_of(day), case=id_, **_ground(*ground)) for ground in ending]
        story += [event_of("ground", day_of(day), case=id_, **_ground(*ground)) for ground in starting]
    return story


def proposal_said(now: Proposal) -> dict[str, Any]:
    return {"recommendation": now.kind, "status": now.status, "since": text_of(now.since),
            "grounds": [_ground(*ground) for ground in now.grounds], "missing": list(now.missing),
            "withdrawn_on": text_of(now.withdrawn_on),
            "past": [{**_ground(*ground), "ended_on": ended} for *ground, ended in now.past]}


def _ground(rule: str, facts: Iterable[str], since: str | None) -> dict[str, Any]:
    return {"rule": rule, "facts": list(facts), "since": since}


def _of(ground: Mapping[str, Any]) -> tuple[str, tuple[str, ...], str | None]:
    return ground["rule"], tuple(ground["facts"]), ground["since"]


def _grounds(grounds: Iterable[Ground], since: date | None) -> tuple[tuple[str, tuple[str, ...], str | None], ...]:
    return tuple(sorted(((g.rule, g.facts, text_of(g.since or since)) for g in grounds), key=_ground_order))


def _ground_order(ground: Sequence[Any]) -> tuple[Any, ...]:
    return ground[0], ground[1], ground[2] or ""


def _standing_on(before: Proposal, grounds: Iterable[tuple[str, tuple[str, ...], str | None]]) -> Proposal:
    ordered = tuple(sorted(grounds, key=_ground_order))
    return replace(before, grounds=ordered, since=min((day_of(day) for *_, day in ordered if day), default=None))


def _is_proposed(before: Proposal | None, event: Mapping[str, Any]) -> Proposal:
    past = before.past if before else ()
    return _standing_on(Proposal(event["recommendation"], "proposed", None, (), past=past),
                        map(_of, event["grounds"]))


def _ground_joins(before: Proposal | None, event: Mapping[str, Any]) -> Proposal:
    before = _case(before)
    return _standing_on(before, [*before.grounds, _of(event)])


def _ground_ends(before: Proposal | None, event: Mapping[str, Any]) -> Proposal:
    before, gone = _case(before), _of(event)
    return _standing_on(replace(before, past=_past(before, [gone], event["on"])),
                        [ground for ground in before.grounds if ground != gone])


def _ends(before: Proposal | None, event: Mapping[str, Any]) -> Proposal:
    before = _case(before)
    ended = replace(before, status="withdrawn", withdrawn_on=day_of(event["on"]),
                    past=_past(before, before.grounds, event["on"]))
    return _standing_on(ended, ())


def _past(before: Proposal, gone: Iterable[tuple[str, tuple[str, ...], str | None]], on: str) -> tuple[Any, ...]:
    return tuple(sorted([*before.past, *((*ground, on) for ground in gone)], key=_ground_order))


def _case_corrected(before: Proposal | None, event: Mapping[str, Any]) -> Proposal:
    return Proposal(event["recommendation"], event["status"], day_of(event["since"]),
                    tuple(map(_of, event["grounds"])), tuple(event["missing"]), day_of(event["withdrawn_on"]),
                    tuple((*_of(ground), ground["ended_on"]) for ground in event["past"]))


def _case_withdrawn(before: Proposal | None, event: Mapping[str, Any]) -> Proposal:
    return replace(_case(before), status="withdrawn", withdrawn_on=day_of(event["on"]))


def _founded(before: Proposal | None, event: Mapping[str, Any]) -> Proposal:
    return replace(_case(before), withdrawn_on=day_of(event["on"]) if event["kind"] == "grounds_gone" else None)


def _decided(before: Proposal | None, event: Mapping[str, Any]) -> Proposal:
    before = _case(before)
    if event["kind"] == "objected":
        return before
    expires_on = day_of(event.get("expires_on")) if event["kind"] == "confirmed" else before.expires_on
    return replace(before, status=event["kind"], expires_on=expires_on)


def _case(before: Proposal | None) -> Proposal:
    if before is None:
        raise ValueError("nothing was proposed")
    return before


OF_PROPOSALS: Mapping[str, Callable[[Proposal | None, Mapping[str, Any]], Proposal]] = {
    "proposed": _is_proposed, "ground": _ground_joins, "ground_ended": _ground_ends, "ended": _ends,
    "case_corrected": _case_corrected, "case_adopted": _case_corrected, "case_withdrawn": _case_withdrawn,
    "grounds_gone": _founded, "grounds_back": _founded,
    **dict.fromkeys(("notified", "objected", "confirmed", "rejected", "lifted", "revoked", "expired"), _decided),
}
