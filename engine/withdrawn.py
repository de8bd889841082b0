"""Violations that were recorded and are no longer found (撤回的违规): the only part of an answer that sweeps remember.

A fact learnt later showed that there never was a violation; what was issued about it meanwhile stays in the history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection, Engine, and_, select

from engine.outcomes import StoredStep, StoredViolation, Sweep
from engine.results import Judgement, Status, Step, Violation, by_due_date
from engine.rulebook import Rulebook, RuleRef, Rung
from facts.store.database import reading


def withdrawn(engine: Engine, rulebook: Rulebook, as_of: date, uscc: str | None = None, *,
              known_at: datetime | None = None) -> Mapping[str, list[Violation]]:
    """Violations that a sweep as of ``as_of`` or earlier withdrew, by credit code.

    ``closed_on`` is the date of that sweep, ``steps`` are those that had been issued. As known at a moment: what
    sweeps begun by then withdrew and issued.
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
        rows = connection.execute(question).all()
        steps = _issued(connection, rulebook, as_of, uscc, known_at) if rows else {}
        for code, duty, key, opened_on, due_on, on, streak, rules in rows:
            cited = tuple(refs.get(id_, RuleRef(id_, "", "", "")) for id_ in rules)
            found[code].append(Violation(duty, key, Status.WITHDRAWN, opened_on, cited, due_on, on, None, streak,
                                         steps=tuple(steps.get((code, duty, key), ()))))
    return found


def _issued(connection: Connection, rulebook: Rulebook, as_of: date, uscc: str | None,
            known_at: datetime | None) -> Mapping[tuple[str, str, str], list[Step]]:
    """The steps of withdrawn violations that sweeps recorded, those of each in the order of its ladder."""
    violation, step = StoredViolation.table().c, StoredStep.table().c
    of_it = and_(*(step[name] == violation[name] for name in StoredViolation.identity))
    question = (
        select(step.uscc, step.duty, step.key, step.ladder, step.level, step.step, step.due_on, step.issued_on)
        .join_from(StoredStep.table(), StoredViolation.table(), of_it)
        .where(violation.status == str(Status.WITHDRAWN), step.issued_on <= as_of))
    if uscc is not None:
        question = question.where(step.uscc == uscc)
    if known_at is not None:
        sweeps = Sweep.table().c
        question = question.join(Sweep.table(), sweeps.id == step.first_swept).where(sweeps.started_at <= known_at)
    rungs = {(ladder.ref.id, rung.level, rung.step): rung for ladder in rulebook.ladders for rung in ladder.steps}
    found: defaultdict[tuple[str, str, str], list[Step]] = defaultdict(list)
    # In this order, since each server has one of its own for letters.
    for code, duty, key, ladder, level, name, due_on, issued_on in sorted(connection.execute(question).all(),
                                                                          key=lambda row: row[:5]):
        rung = rungs.get((ladder, level, name)) or Rung(name, level, 0, RuleRef(ladder, "", "", ""))
        assumed = tuple(figure for figure in rung.figures if figure.assumption)
        found[code, duty, key].append(Step(name, level, due_on, rung.ref, issued_on, None, assumed))
    return found


def with_withdrawn(judgement: Judgement, history: Mapping[str, list[Violation]]) -> Judgement:
    """The judgement with its enterprise's withdrawn violations, save those that are found again."""
    present = {(v.duty, v.key) for v in judgement.violations}
    further = [v for v in history.get(judgement.uscc, ()) if (v.duty, v.key) not in present]
    if not further:
        return judgement
    return replace(judgement, violations=tuple(sorted((*judgement.violations, *further), key=by_due_date)))
