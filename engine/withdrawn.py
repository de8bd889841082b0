"""Violations that were recorded and are no longer found (撤回的违规): the only part of an answer that sweeps remember.

A fact learnt later showed that there never was a violation; what was recorded meanwhile stays in the history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Engine, select

from engine.outcomes import StoredViolation, Sweep
from engine.results import Judgement, Status, Violation, by_due_date
from engine.rulebook import Rulebook, RuleRef
from facts.store.database import reading


def withdrawn(engine: Engine, rulebook: Rulebook, as_of: date, uscc: str | None = None, *,
              known_at: datetime | None = None) -> Mapping[str, list[Violation]]:
    """Violations that a sweep as of ``as_of`` or earlier withdrew, by credit code.

    ``closed_on`` is the date of that sweep. As known at a moment: those that a sweep begun by then withdrew.
    """
    table = StoredViolation.table().c
    question = select(table.uscc, table.duty, table.key, table.opened_on, table.due_on, table.withdrawn_on,
                      table.streak, table.rules).where(table.status == str(Status.WITHDRAWN),
                                                       table.withdrawn_on <= as_of)
    if uscc is not None:
        question = question.where(table.uscc == uscc)
    if known_at is not None:
        sweeps = Sweep.table().c
        question = question.join(Sweep.table(), sweeps.id == table.last_swept).where(sweeps.started_at <= known_at)
    refs = {rule.ref.id: rule.ref for rule in rulebook.rules}
    found: defaultdict[str, list[Violation]] = defaultdict(list)
    with reading(engine) as connection:
        for code, duty, key, opened_on, due_on, on, streak, rules in connection.execute(question):
            cited = tuple(refs.get(id_, RuleRef(id_, "", "", "")) for id_ in rules)
            found[code].append(Violation(duty, key, Status.WITHDRAWN, opened_on, cited, due_on, on, None, streak))
    return found


def with_withdrawn(judgement: Judgement, history: Mapping[str, list[Violation]]) -> Judgement:
    """The judgement with its enterprise's withdrawn violations, save those that are found again."""
    present = {(v.duty, v.key) for v in judgement.violations}
    further = [v for v in history.get(judgement.uscc, ()) if (v.duty, v.key) not in present]
    if not further:
        return judgement
    return replace(judgement, violations=tuple(sorted((*judgement.violations, *further), key=by_due_date)))
