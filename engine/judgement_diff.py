"""Two judgements of the same facts by different packs (判定的比较): what appears, what vanishes, what moves.

A violation of one judgement is the same as one of the other

- if it is of the same duty and period, object or state;
- else, of a periodic duty, if its period begins on the same day (a month that became a quarter);
- else, of a duty with a deadline, by the order of the deadlines (one that was put off);
- else, of a state duty, if a part of the same days is meant (it is asked for since another day).

One without a counterpart appears or vanishes. Two that differ in key, status, dates, streak or clauses have moved;
wording and the ids of rules are no part of it. Recommendations are the same if kind and object are. Steps that were
issued are the same if they are the same measure about the same violation; a step that is held back was not issued.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import zip_longest

from engine.results import Judgement, Recommendation, Step, Violation
from engine.rulebook import Deadline, Periodic, Rulebook, State

#: What of a violation, recommendation or step is compared.
_COMPARED = ("key", "status", "due_on", "opened_on", "closed_on", "streak", "since", "issued_on")


class Kind(StrEnum):
    """How something differs between the two rulebooks (出现、消失、变动)."""

    APPEAR = "appear"
    VANISH = "vanish"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Issued:
    """A step (督促措施) that was issued about a violation."""

    about: Violation
    step: Step

    @property
    def due_on(self) -> date:
        """The day on which it was reached."""
        return self.step.due_on

    @property
    def issued_on(self) -> date:
        """The day on which it was issued."""
        assert self.step.issued_on is not None
        return self.step.issued_on


Found = Violation | Recommendation | Issued


@dataclass(frozen=True, slots=True)
class Change:
    """One violation, recommendation or step that differs: ``old``, ``new`` or, for a move, both.

    ``changed`` names what of it moved, by the field names of the output.
    """

    uscc: str
    name: str | None
    division: str | None
    old: Found | None
    new: Found | None
    changed: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """Whether it appears, vanishes or moves."""
        if self.old is None:
            return Kind.APPEAR
        return Kind.VANISH if self.new is None else Kind.MOVE

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules (of a step: of the ladder) that it rests on, on either side."""
        sides = [side for side in (self.old, self.new) if side is not None]
        return tuple(dict.fromkeys(rule for side in sides for rule in rules_of(side)))


def rules_of(found: Found) -> tuple[str, ...]:
    """The ids of the rules that a violation or recommendation rests on; of a step that of its ladder."""
    if isinstance(found, Issued):
        return (found.step.ladder,)
    if isinstance(found, Violation):
        return tuple(rule.id for rule in found.rules)
    return tuple(ground.rule for ground in found.grounds)


def changes(old: Judgement | None, new: Judgement | None, old_rules: Rulebook, new_rules: Rulebook,
            since: date | None = None) -> Iterator[Change]:
    """What differs between two judgements of the same enterprise on the same date.

    ``since`` leaves out what was over before that day under both.
    """
    said = new or old
    if said is None:
        return
    pairs: list[tuple[Found | None, Found | None]] = []
    for pair in _violations(old, new, old_rules, new_rules):
        pairs += [pair, *_steps(*pair)]
    for before, after in (*pairs, *_recommendations(old, new)):
        if not (_reaches(before, since) or _reaches(after, since)):
            continue
        changed = _changed(before, after) if before is not None and after is not None else ()
        if changed or before is None or after is None:
            yield Change(said.uscc, said.name, said.division, before, after, changed)


def _reaches(found: Found | None, since: date | None) -> bool:
    """Whether it was there on ``since`` or later; of a step, whether it was issued then or later."""
    if found is None:
        return False
    ended = None
    if not isinstance(found, Recommendation):
        ended = found.issued_on if isinstance(found, Issued) else found.closed_on
    return since is None or ended is None or ended >= since


def _changed(old: Found, new: Found) -> tuple[str, ...]:
    fields = [name for name in _COMPARED if getattr(old, name, None) != getattr(new, name, None)]
    return (*fields, "clauses") if _clauses(old) != _clauses(new) else tuple(fields)


def _clauses(found: Found) -> set[tuple[str, str]]:
    if isinstance(found, Issued):
        return {(found.step.ref.document, found.step.ref.clause)}
    cited = found.rules if isinstance(found, Violation) else found.grounds
    return {(each.document, each.clause) for each in cited}


def _recommendations(old: Judgement | None, new: Judgement | None,
                     ) -> Iterator[tuple[Recommendation | None, Recommendation | None]]:
    before, after = ({r.id: r for r in judgement.recommendations if r.status == "proposed"} if judgement else {}
                     for judgement in (old, new))
    for identity in dict.fromkeys((*before, *after)):
        yield before.get(identity), after.get(identity)


def _steps(old: Violation | None, new: Violation | None) -> Iterator[tuple[Issued | None, Issued | None]]:
    """The steps issued about a violation under either rulebook, measure by measure, in the order of the ladders."""
    before, after = (_issued(violation) if violation else {} for violation in (old, new))
    for measure in dict.fromkeys((*before, *after)):
        yield before.get(measure), after.get(measure)


def _issued(violation: Violation) -> dict[tuple[str, int], Issued]:
    """By measure; a ladder may have the same one several times."""
    times: Counter[str] = Counter()
    found = {}
    for step in violation.issued:
        times[step.step] += 1
        found[step.step, times[step.step]] = Issued(violation, step)
    return found


Pair = tuple[Violation | None, Violation | None]


def _violations(old: Judgement | None, new: Judgement | None, old_rules: Rulebook, new_rules: Rulebook,
                ) -> list[Pair]:
    before, after = ({(v.duty, v.key): v for v in judgement.violations} if judgement else {}
                     for judgement in (old, new))
    pairs: list[Pair] = [(before[key], after[key]) for key in before if key in after]
    for duty in sorted({duty for duty, _ in before.keys() ^ after.keys()}):
        left = [v for key, v in before.items() if key[0] == duty and key not in after]
        come = [v for key, v in after.items() if key[0] == duty and key not in before]
        kinds = {book.duties[duty].type for book in (old_rules, new_rules) if duty in book.duties}
        pairs += _matched(left, come, kinds.pop() if len(kinds) == 1 else None, _starts(old, duty), _starts(new, duty))
    return sorted(pairs, key=lambda pair: _place(pair[1] or pair[0]))


def _place(found: Violation | None) -> tuple[str, date, str]:
    assert found is not None
    return found.duty, found.opened_on, found.key


def _starts(judgement: Judgement | None, duty: str) -> dict[str, date | None]:
    """The first day of each period, by key."""
    return {o.key: o.starts_on for o in judgement.obligations if o.duty == duty} if judgement else {}


def _matched(left: list[Violation], come: list[Violation], kind: type | None, old_starts: dict[str, date | None],
             new_starts: dict[str, date | None]) -> Iterable[Pair]:
    """Those of one duty that have other keys, each with its counterpart."""
    if kind is Deadline:
        def by_due(found: list[Violation]) -> list[Violation]:
            return sorted(found, key=lambda v: v.due_on or date.max)

        return zip_longest(by_due(left), by_due(come))
    same: Callable[[Violation, Violation], bool]
    if kind is Periodic:
        def same(a: Violation, b: Violation) -> bool:
            return old_starts.get(a.key) is not None and old_starts.get(a.key) == new_starts.get(b.key)
    elif kind is State:
        def same(a: Violation, b: Violation) -> bool:
            return a.opened_on <= (b.closed_on or date.max) and b.opened_on <= (a.closed_on or date.max)
    else:
        def same(a: Violation, b: Violation) -> bool:
            return False
    pairs: list[Pair] = []
    waiting = list(come)
    for violation in left:
        partner = next((other for other in waiting if same(violation, other)), None)
        if partner is not None:
            waiting.remove(partner)
        pairs.append((violation, partner))
    return [*pairs, *((None, violation) for violation in waiting)]
