"""Which letters follow from what was issued (通知文书): a pure function of steps, judgements and earlier letters.

A letter speaks of *matters* (事项): steps of ladders that were issued for violations, or obligations that are about to
be due. There is one letter for each enterprise and step, with all violations that have reached the step. Each matter is
held against the judgement of the day: what was closed, waived or withdrawn since is held back with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from engine.pack_schema import MEASURES, ORDERED_BY_OTHERS, STEPS, Figure
from engine.results import Judgement, Obligation, Status, Verdict, Violation
from engine.rulebook import Rulebook, RuleRef
from engine.wording import STEPS as STEP_LABELS
from engine.wording import VERDICTS, held_text
from facts.language import Text

#: What the letter is called that reminds of due dates to come; it is no step of a ladder.
DUE_SOON = "due_soon"
#: Every kind of letter, in the order in which an enterprise's letters are numbered.
KINDS = (DUE_SOON, *STEPS)
#: Letters that go to others, with the enterprise as their subject.
TO_OTHERS = ("circular", "hand_over", "expose", *ORDERED_BY_OTHERS)
#: How many days a letter gives. No document says, so it is an assumption wherever it is shown.
DAYS_TO_COMPLY = 15


@dataclass(frozen=True, slots=True)
class Matter:
    """What a letter speaks of: the step of a violation, reached on ``due_on`` and issued on ``issued_on``.

    If the letter reminds of an obligation, ``ladder`` is empty, ``level`` 0 and ``due_on`` the obligation's due date.
    """

    uscc: str
    duty: str
    key: str
    step: str
    ladder: str
    level: int
    due_on: date
    issued_on: date

    @property
    def identity(self) -> tuple[str, str, str, str, int, date | None]:
        """What makes it the same matter: a step is issued once, an obligation reminded of once for each due date."""
        return (self.uscc, self.duty, self.key, self.ladder, self.level, None if self.ladder else self.due_on)


@dataclass(frozen=True, slots=True)
class Standing:
    """A matter that is to be written of, with what was judged. ``ref`` cites the step's own words (措施依据)."""

    matter: Matter
    about: Violation | Obligation
    ref: RuleRef | None = None
    assumptions: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A matter that is not written of, and why."""

    matter: Matter
    reason: Text


def examined(matter: Matter, judgement: Judgement | None, rulebook: Rulebook) -> Standing | HeldBack:
    """Whether a matter still is as it was when it was issued, by a judgement of the day (``None``: not there)."""
    if judgement is None:
        return HeldBack(matter, Text("台账中没有这家单位了", "the ledger has no such enterprise any more"))
    if matter.step == DUE_SOON:
        return _reminder(matter, judgement)
    violation = _found(judgement.violations, matter)
    if violation is None or violation.status == Status.WITHDRAWN:
        return HeldBack(matter, Text("违规已撤回", "the violation was withdrawn"))
    if violation.status != Status.OPEN:
        return HeldBack(matter, _over(violation))
    step = next((s for s in violation.steps
                 if (s.ladder, s.level, s.step) == (matter.ladder, matter.level, matter.step)), None)
    if step is None:
        return HeldBack(matter, Text("按现有情况和规则没有到这一措施",
                                     "by what is known now and these packs, the step is not reached"))
    if step.issued_on is None:
        cause = held_text(step.held_by or "", rulebook)
        return HeldBack(matter, Text(f"按现有情况暂缓：{cause.zh}", f"held back by what is known now: {cause.en}"))
    return Standing(matter, violation, step.ref, step.assumptions)


def _reminder(matter: Matter, judgement: Judgement) -> Standing | HeldBack:
    obligation = _found(judgement.obligations, matter)
    if obligation is None or obligation.due_on != matter.due_on:
        return HeldBack(matter, Text("该义务已不再要求，或到期日已变",
                                     "it is no longer asked for, or due on another day"))
    if obligation.verdict != Verdict.DUE_SOON:
        verdict = VERDICTS[obligation.verdict]
        return HeldBack(matter, Text(f"现为“{verdict.zh}”", f"now: {verdict.en}"))
    return Standing(matter, obligation)


def _found(rows: Iterable[Violation | Obligation], matter: Matter) -> Violation | Obligation | None:
    return next((row for row in rows if (row.duty, row.key) == (matter.duty, matter.key)), None)


def _over(violation: Violation) -> Text:
    match violation.status:
        case Status.CLOSED:
            return Text(f"{violation.closed_on} 已补做了结", f"made good on {violation.closed_on}")
        case Status.LAPSED:
            return Text(f"{violation.closed_on} 已失效", f"lapsed on {violation.closed_on}")
    waiver = violation.waiver
    named = Text(f"（第 {waiver.id} 号）", f" (waiver {waiver.id})") if waiver else Text("", "")
    return Text(f"已豁免{named.zh}", f"waived{named.en}")


def only_gravest(standing: Iterable[Standing]) -> tuple[list[Standing], list[HeldBack]]:
    """Of each violation only the highest measure issued on its ladder, lower ones held back.

    What is recommended to others stays: it is not graver than a measure, but of another kind.
    """
    kept: list[Standing] = []
    held: list[HeldBack] = []
    for each in standing:
        matter, about = each.matter, each.about
        above = [step for step in (about.issued if isinstance(about, Violation) else ())
                 if step.ladder == matter.ladder and step.level > matter.level and step.step in MEASURES]
        if above and matter.step in MEASURES:
            label = STEP_LABELS[above[-1].step]
            held.append(HeldBack(matter, Text(f"已到更高措施“{label.zh}”", f"a graver step was issued: {label.en}")))
        else:
            kept.append(each)
    return kept, held


def due_soon(judgement: Judgement) -> list[Matter]:
    """The obligations of which an enterprise can be reminded on the date of the judgement."""
    return [Matter(judgement.uscc, o.duty, o.key, DUE_SOON, "", 0, o.due_on, judgement.as_of)
            for o in judgement.obligations if o.verdict == Verdict.DUE_SOON and o.due_on is not None]


def grouped(standing: Iterable[Standing]) -> list[tuple[Standing, ...]]:
    """One group for each letter: by enterprise and step, enterprises by code and steps from the mildest up."""
    groups: defaultdict[tuple[str, int], list[Standing]] = defaultdict(list)
    for each in standing:
        groups[each.matter.uscc, KINDS.index(each.matter.step)].append(each)
    return [tuple(sorted(groups[group], key=lambda each: in_order(each.matter))) for group in sorted(groups)]


def in_order(matter: Matter) -> tuple[str, date, str, int]:
    """Sort key of the matters of one letter."""
    return matter.duty, matter.due_on, matter.key, matter.level


def to_comply(step: str, dated: date, days: int) -> date | None:
    """By when what a letter of ``dated`` asks for is to be done; ``None`` where each obligation's due date says so."""
    return None if step == DUE_SOON else dated + timedelta(days=days)
