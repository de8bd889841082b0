"""Compiles the ladders of packs, and checks what they mean (督促措施梯次的编译).

A ladder follows upon violations of duties that its own pack asks for: another pack's duty is another document's to
follow up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Protocol

from engine.errors import Problems, nearest
from engine.pack_schema import Ladder as WrittenLadder
from engine.pack_schema import LadderStep, Pack, StepWhen
from engine.rulebook import Ladder, RuleRef, Rung
from engine.yaml_source import Path

#: A step later than this is a slip of the pen.
_LIMIT_DAYS = 3660


class Citer(Protocol):
    """Says what a document is called that a pack cites at a place."""

    def __call__(self, pack: Pack, name: str | None, path: Path, problems: Problems) -> str: ...


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a pack asks under the name of a duty, as far as ladders care."""

    authorities: bool
    periodic: bool
    hazards: bool


def compile_ladders(pack: Pack, problems: Problems, cite: Citer) -> Iterator[Ladder]:
    """The ladders of one pack; mistakes go to ``problems``."""
    asked = _asked(pack)
    found: list[tuple[Path, Ladder]] = []
    for i, written in enumerate(pack.ladders):
        path: Path = ("ladders", i)
        duties = _duties(written, path, asked, problems)
        first, last = _range(pack, written)
        if first > last:
            problems.add((*path, "effective"), "dead-rule", f"生效区间是空的：自 {first} 至 {last}",
                         f"the effective range is empty: from {first} to {last}")
        title = cite(pack, written.document, path, problems)
        ref = RuleRef(written.id, title, written.clause, written.quote)
        rungs = tuple(_rung(written, number, ref, cite(pack, step.document, (*path, "steps", number), problems)
                            if step.document else title) for number, step in enumerate(written.steps))
        for number in range(len(rungs)):
            _check_step(written.steps[number], number, (*path, "steps", number),
                        {name: asked[name] for name in duties}, problems)
        own = written.effective
        reason = own.assumption if own is not None and own.assumption else pack.effective.assumption
        found.append((path, Ladder(ref, pack.pack, pack.division, written.titles.text(), duties, first, last, rungs,
                                   reason)))
    for (_, one), (path, other) in combinations(found, 2):
        shared = sorted(set(one.duties) & set(other.duties))
        if shared and one.first <= other.last and other.first <= one.last:
            problems.add(path, "duplicate",
                         f"义务“{shared[0]}”在同一天有两个梯次：“{one.ref.id}”和“{other.ref.id}”；请分开生效区间或义务",
                         f"two ladders for the duty {shared[0]!r} on the same day: {one.ref.id!r} and "
                         f"{other.ref.id!r}; set their ranges or duties apart")
    yield from (ladder for _, ladder in found)


def _asked(pack: Pack) -> Mapping[str, _Asked]:
    """The duties that the rules of the pack ask for; read as written, so that a broken rule still names its duty."""
    found: dict[str, _Asked] = {}
    for rule in pack.rules:
        before = found.get(rule.duty, _Asked(rule.bearer is not None, False, False))
        asks = (rule, *(rule.cases or ()))
        found[rule.duty] = _Asked(before.authorities, before.periodic or any(ask.every for ask in asks),
                                  before.hazards or any(ask.for_each == "hazard" for ask in asks))
    return found


def _duties(written: WrittenLadder, path: Path, asked: Mapping[str, _Asked], problems: Problems) -> tuple[str, ...]:
    if written.duties is None:
        own = tuple(sorted(name for name, about in asked.items() if not about.authorities))
        if not own:
            problems.add(path, "dead-rule", "规则包没有企业承担的义务，这一梯次没有用处；请删去，或用 duties 指明义务",
                         "the pack asks nothing of enterprises, so the ladder serves nothing; remove it, or name "
                         "duties")
        return own
    for i, name in enumerate(written.duties):
        if name not in asked:
            near, known = nearest(name, asked), sorted(asked)
            problems.add((*path, "duties", i), "unknown-value",
                         f"本规则包没有义务“{name}”{near.zh or '；'}可用：{'、'.join(known) or '无'}",
                         f"no rule of this pack asks for the duty {name!r}{near.en or ';'} possible: "
                         f"{', '.join(known) or 'none'}")
        elif name in written.duties[:i]:
            problems.add((*path, "duties", i), "duplicate", f"义务“{name}”写了两次；请删去其一",
                         f"the duty {name!r} is named twice; remove one")
    return tuple(sorted({name for name in written.duties if name in asked}))


def _range(pack: Pack, written: WrittenLadder) -> tuple[date, date]:
    """The days of opening that the ladder is for, not before judged_from; its own range does not narrow the pack's.

    What is missed in the last period of a pack opens the day after its last day, and a ladder may say that it is for
    that too.
    """
    own = written.effective or pack.effective
    return max(own.from_, pack.judged_from or own.from_), own.to or pack.effective.to or date.max


def _rung(written: WrittenLadder, number: int, ref: RuleRef, document: str) -> Rung:
    step = written.steps[number]
    when = step.when or StepWhen()
    least = {name: figure.ge for name in ("streak", "steps_taken") if (figure := getattr(when, name)) is not None}
    return Rung(
        step.step, number + 1, step.after.value,
        RuleRef(ref.id, document, step.clause or ref.clause, step.quote or ref.quote),
        streak=least["streak"].value if "streak" in least else 0,
        hazard_level=when.hazard_level,
        refused=when.refused is True,
        steps_taken=least["steps_taken"].value if "steps_taken" in least else 0,
        figures=(step.after, *least.values()),
    )


def _check_step(step: LadderStep, number: int, path: Path, duties: Mapping[str, _Asked], problems: Problems) -> None:
    if not 0 <= step.after.value <= _LIMIT_DAYS:
        problems.add((*path, "after"), "value", f"“{step.after.value}”应在 0 至 {_LIMIT_DAYS} 之间",
                     f"{step.after.value}: expected 0 to {_LIMIT_DAYS}")
    when = step.when
    if when is None:
        return
    if not when.model_fields_set:
        problems.add((*path, "when"), "condition", "空的条件", "an empty condition")
    if when.steps_taken is not None and when.steps_taken.ge.value > number:
        problems.add((*path, "when", "steps_taken"), "dead-rule",
                     f"永远到不了这一级：它之前只有 {number} 级",
                     f"this step is never reached: there are only {number} before it")
    if not duties:
        return
    for key, given in (("hazard.level", when.hazard_level), ("refused", when.refused)):
        if given is not None and not any(about.hazards for about in duties.values()):
            problems.add((*path, "when", key), "dead-rule",
                         f"永远到不了这一级：所列义务都不是逐项的隐患义务（for_each: hazard），没有“{key}”",
                         f"this step is never reached: none of the duties is asked of each hazard, so there is no "
                         f"{key!r}", key=True)
    if when.streak is not None and when.streak.ge.value > 1 and not any(about.periodic for about in duties.values()):
        problems.add((*path, "when", "streak"), "dead-rule",
                     "永远到不了这一级：所列义务都不是定期的，没有连续期数",
                     "this step is never reached: none of the duties is periodic, so nothing is missed in a row",
                     key=True)
