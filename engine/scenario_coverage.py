"""What the scenarios touch (场景覆盖): in which a rule, case or condition of a pack held, and in which it did not.

A scenario touches a rule only if it says what must come out for its duty: what merely happened to hold beside it was
not checked. What held is read from the findings of inference, version by version and object by object. A step of a
ladder is touched by a scenario that says which steps there are about a violation of that ladder: it was issued, or not
yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from engine.applicability import applicability_of
from engine.conditions import Test
from engine.escalation import ladder_for
from engine.holding import in_range
from engine.inference import Findings
from engine.judgement import judge
from engine.pack_spots import RECOMMENDATIONS, Spot, Step, spots
from engine.rulebook import PerObject, RecommendationRule, Rule, Rulebook
from engine.scenario import World, run
from engine.scenario_packs import Played
from engine.sentences import match
from engine.subject import Span, Subject, subject_of
from engine.waivers import Waiver
from facts.dossier import Dossier, Item

#: The sentences that say which steps there are about one violation.
_ABOUT_STEPS = ("steps_exactly", "no_steps")

_Rules = Mapping[str, Sequence[Rule | RecommendationRule]]


@dataclass(frozen=True, slots=True)
class PackCoverage:
    """The spots of one pack file, in the order of its lines."""

    file: Path
    spots: tuple[Spot, ...]

    @property
    def untouched(self) -> tuple[Spot, ...]:
        """The spots of which scenarios do not show both sides."""
        return tuple(spot for spot in self.spots if not spot.touched)

    def document(self) -> dict[str, Any]:
        """The coverage for scripts."""
        return {"file": str(self.file), "untouched": len(self.untouched),
                "spots": [{"line": spot.mark.line, "column": spot.mark.column, "kind": spot.kind,
                           "rule": spot.about.where, "clause": spot.about.clause, "what": spot.what,
                           "fires": list(spot.held), "does_not_fire": list(spot.failed)} for spot in self.spots]}


def coverage(packs: Sequence[Path], scenarios: Iterable[Played]) -> list[PackCoverage]:
    """Play the scenarios that use ``packs``, all of which pass, and see what they touch."""
    using = [played for played in scenarios if any(pack.resolve() in played.resolved for pack in packs)]
    found = []
    for pack in packs:
        own = pack.resolve()
        beside = {file for played in using if own in played.resolved for file in played.resolved} - {own}
        found.append(PackCoverage(pack, tuple(spots(pack, sorted(beside)))))
    for played in using:
        checked = checked_duties(played)
        watched = [spot for one in found if one.file.resolve() in played.resolved for spot in one.spots
                   if not spot.about.checked_by or spot.about.checked_by & checked]
        world = run(played.scenario)
        _watch(world, watched, played.place)
        _watch_steps(world, [spot for spot in watched if isinstance(spot.probe, Step)], played)
    return found


def checked_duties(played: Played) -> set[str]:
    """The duties of which the scenario says what must come out; :data:`RECOMMENDATIONS` for those."""
    found = [match(step.type, step.name) for step in played.scenario.steps if step.type == "then"]
    return {m.blanks.get("duty", RECOMMENDATIONS if RECOMMENDATIONS in m.sentence.id else "") for m in found if m}


def _watch_steps(world: World, watched: Sequence[Spot], played: Played) -> None:
    found = [match(step.type, step.name) for step in played.scenario.steps if step.type == "then"]
    about = {(m.blanks["duty"], m.blanks["key"]) for m in found if m and m.sentence.id in _ABOUT_STEPS}
    if not about:
        return
    spots_of = {spot.probe: spot for spot in watched}
    for dossier, as_of, waivers in world.judgements:
        judgement, subject = judge(dossier, world.rulebook, as_of, waivers), subject_of(dossier, as_of)
        if judgement is None or subject is None:
            continue
        applicability = applicability_of(world.rulebook, authorities=dossier.is_authority)
        for violation in judgement.violations:
            ladder = ladder_for(subject, violation, applicability)
            if ladder is None or (violation.duty, violation.key) not in about:
                continue
            issued = {step.level for step in violation.issued}
            for rung in ladder.steps:
                if spot := spots_of.get(Step(ladder.ref.id, rung.level)):
                    (spot.held if rung.level in issued else spot.failed)[played.place] = None


def _watch(world: World, watched: Sequence[Spot], place: str) -> None:
    book = world.rulebook
    known: dict[str, list[Rule | RecommendationRule]] = {rule.ref.id: [rule] for rule in book.recommendations}
    for duty in book.duties.values():
        for rule in duty.rules:
            known.setdefault(rule.ref.id, []).append(rule)
    for subject, span, item, findings in _moments(world.judgements, book):
        for spot in watched:
            if spot.about.item == (item.kind if item else None):
                so = _so(spot, known, subject, span, item, findings)
                if so is not None:
                    (spot.held if so else spot.failed)[place] = None


def _moments(judged: Iterable[tuple[Dossier, date, tuple[Waiver, ...]]],
             book: Rulebook) -> Iterator[tuple[Subject, Span, Item | None, Findings]]:
    """Every version of the enterprise that was judged, alone and with each of its objects, and what was inferred."""
    for dossier, as_of, _ in judged:
        applicability = applicability_of(book, authorities=dossier.is_authority)
        subject = subject_of(dossier, as_of)
        if subject is None:
            continue
        kinds = dict.fromkeys(item.kind for item in dossier.items)
        items: list[Item | None] = [None, *(item for kind in kinds for item in subject.items(kind))]
        for span in subject.spans:
            for item in items:
                yield subject, span, item, applicability.explained(span.facts, item)


def _so(spot: Spot, known: _Rules, subject: Subject, span: Span, item: Item | None,
        findings: Findings) -> bool | None:
    """Whether the spot held of that version and object; ``None``: not known, or not for this version to say."""
    probe = spot.probe
    if isinstance(probe, Test):
        return findings.of(probe)
    if isinstance(probe, str):
        return findings.derived.get(probe)
    if isinstance(probe, Step):
        return None
    sides = [_holds(rule, subject, span, item, findings) for rule in known.get(probe.rule, ())
             if probe.number is None or (isinstance(rule, Rule) and rule.case == probe.number)]
    return True if True in sides else None if None in sides or not sides else False


def _holds(rule: Rule | RecommendationRule, subject: Subject, span: Span, item: Item | None,
           findings: Findings) -> bool | None:
    if isinstance(rule, Rule):
        first, last = in_range(subject, rule, span)
        if isinstance(rule.asked, PerObject) and item is not None:
            due = rule.asked.due_for(item)
            day = subject.today if due is None else min(due.toordinal(), subject.today)
            if not span.first <= day <= span.last:
                return None
            first, last = max(first, day), min(last, day)
    else:
        first, last = max(span.first, rule.holds_from.toordinal()), min(span.last, rule.holds_to.toordinal())
    return findings.of(rule.condition) if first <= min(last, subject.today) else False
