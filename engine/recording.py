"""Writing what a sweep concluded (登记结论): compared with what is stored, and only what changed.

A sweep runs in one transaction: :func:`begin`, then :func:`record` for each batch of enterprises, then :func:`end`.
Recording the same conclusions again writes nothing, not even that it was done.

A sweep with other packs says nothing of what these could not have found: a stored violation or recommendation that is
no longer found is withdrawn only if each of its rules is among those of the sweep, or if the sweep has every pack that
the one had which changed it last (then a rule that is missing was taken out of its pack).

Stored conclusions move forward only. A sweep as of a date before the newest recorded one is compared and counted like
any other and writes nothing, since on that date less was known and fewer violations were there to be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, delete, func, insert, select, update

from engine.outcomes import Outcome, StoredObligation, StoredRecommendation, StoredStep, StoredViolation, Sweep
from engine.output import not_ended
from engine.results import Judgement, Status
from engine.rulebook import Rulebook
from facts.store.statements import chunks

#: A range of credit codes: after the first, up to and including the second; ``None`` leaves an end open.
Span = tuple[str | None, str | None]
#: Which of a table's rows are compared.
Scope = Callable[[Table], ColumnElement[bool]]

#: How a violation can be over.
ENDED = (Status.CLOSED, Status.LAPSED, Status.WITHDRAWN)
#: How a recommendation can stand as long as no person has decided.
UNDECIDED = ("proposed", "unknown", "withdrawn")


@dataclass(frozen=True, slots=True)
class Judged:
    """What a sweep found of one enterprise: its judgement, ``None`` if it has no version visible on the date.

    ``facts`` is the :func:`~facts.fingerprint.fingerprint` of the dossier that was read.
    """

    uscc: str
    facts: str
    judgement: Judgement | None


@dataclass(slots=True)
class Counts:
    """What a sweep changed.

    ``opened``: violations that were recorded for the first time, or are open again because a waiver ended; ``closed``:
    those of which the end (closed, lapsed or withdrawn) was, and open ones that are waived; ``reopened``: those
    recorded as over before and open again; ``open``: those open afterwards; ``steps``: steps issued that were not
    recorded before; ``proposed``: recommendations that were not proposed before. ``recorded`` is false if the sweep's
    date lies before the newest recorded one: then nothing was written, and ``open`` are the violations open as of that
    date.
    """

    recorded: bool = True
    opened: int = 0
    closed: int = 0
    reopened: int = 0
    open: int = 0
    steps: int = 0
    proposed: int = 0


@dataclass(slots=True)
class Run:
    """A sweep being recorded. ``id`` is ``None`` until something has to be written; ``repeats``: recorded before.

    ``rules`` are the ids of all rules that the sweep judges by.
    """

    as_of: date
    values: Mapping[str, Any]
    counts: Counts
    repeats: bool
    rules: frozenset[str]
    id: int | None = None


def newest_date(connection: Connection) -> date | None:
    """The date of the newest recorded sweep."""
    return connection.scalar(select(func.max(Sweep.table().c.as_of)))


def begin(
    connection: Connection, *, as_of: date, started_at: datetime, program: str, rulebook: Rulebook, known_in: int
) -> Run:
    """Start recording a sweep.

    ``program`` is the version of the engine; ``known_in`` the revision of the ledger that is read.
    """
    newest = newest_date(connection)
    identity = {"as_of": as_of, "program": program, "rulebook": rulebook.sha256, "known_in": known_in}
    columns = Sweep.table().c
    return Run(
        as_of,
        {**identity, "started_at": started_at, "packs": {pack.name: pack.sha256 for pack in rulebook.packs}},
        Counts(recorded=newest is None or as_of >= newest),
        repeats=connection.execute(
            select(columns.id).where(*(columns[name] == value for name, value in identity.items())).limit(1)
        ).first()
        is not None,
        rules=frozenset(rule.ref.id for rule in (*rulebook.rules, *rulebook.recommendations)),
    )


def record(connection: Connection, run: Run, batch: Sequence[Judged], *, span: Span | None = None) -> None:
    """Record one batch. No enterprise may come twice in a sweep.

    With ``span`` the batch is all that the ledger has in that range of credit codes, and what is stored of any other
    enterprise in it is withdrawn. Without it nothing is said of enterprises outside the batch.
    """
    if span is not None:
        after, through = span
        _record(connection, run, batch, lambda table: _within(table, after, through))
        return
    for part in chunks(batch):
        codes = [judged.uscc for judged in part]
        _record(connection, run, part, lambda table, codes=codes: table.c.uscc.in_(codes))


def end(connection: Connection, run: Run, *, finished_at: datetime) -> Counts:
    """Finish recording, and return what was changed."""
    if run.counts.recorded:
        violations, sweeps = StoredViolation.table(), Sweep.table()
        is_open = select(func.count()).select_from(violations).where(violations.c.status == str(Status.OPEN))
        run.counts.open = connection.scalar(is_open) or 0
        if run.id is not None or not run.repeats:
            summary = {"finished_at": finished_at, "counts": asdict(run.counts)}
            connection.execute(update(sweeps).where(sweeps.c.id == _number(connection, run)).values(summary))
    return run.counts


def _number(connection: Connection, run: Run) -> int:
    """The number of the sweep, entered now if this is the first that is written of it."""
    if run.id is None:
        run.id = connection.execute(insert(Sweep.table()).values(**run.values)).inserted_primary_key[0]
    return run.id


def _within(table: Table, after: str | None, through: str | None) -> ColumnElement[bool]:
    lower = table.c.uscc > (after or "")
    return lower if through is None else lower & (table.c.uscc <= through)


def _record(connection: Connection, run: Run, batch: Sequence[Judged], scope: Scope) -> None:
    _record_violations(connection, run, batch, scope)
    _record_steps(connection, run, batch, scope)
    _record_recommendations(connection, run, batch, scope)
    if run.counts.recorded:
        _record_obligations(connection, run, batch, scope)


def _record_violations(connection: Connection, run: Run, batch: Sequence[Judged], scope: Scope) -> None:
    counts = run.counts
    stored = _stored(connection, StoredViolation, scope)
    changes = _Changes(StoredViolation)
    for judged in batch:
        for violation in judged.judgement.violations if judged.judgement else ():
            identity = (judged.uscc, violation.duty, violation.key)
            before, says = stored.pop(identity, None), StoredViolation.said(violation)
            was = None if before is None else before[0]
            now = says[0]
            counts.opened += now != Status.WAIVED if was is None else was == Status.WAIVED and now == Status.OPEN
            counts.closed += now in ENDED if was is None else was == Status.OPEN and now != Status.OPEN
            if counts.recorded:
                counts.reopened += was in ENDED and now == Status.OPEN
            else:
                counts.open += says[0] == Status.OPEN
            changes.put(identity, before, says, judged.facts)
    if counts.recorded:
        facts = {judged.uscc: judged.facts for judged in batch}
        left = {identity: before[5] for identity, before in stored.items() if before[0] != Status.WITHDRAWN}
        for identity in _refuted(connection, run, StoredViolation, scope, left):
            before = stored[identity]
            counts.closed += before[0] == Status.OPEN
            says = (str(Status.WITHDRAWN), *before[1:-1], run.as_of)
            changes.put(identity, before, says, facts.get(identity[0], ""))
        changes.write(connection, run)


def _record_steps(connection: Connection, run: Run, batch: Sequence[Judged], scope: Scope) -> None:
    """Enter the steps that were issued and are not recorded yet; those that are stay as they are."""
    issued = {
        (judged.uscc, violation.duty, violation.key, step.ladder, step.level): (StoredStep.said(step), judged.facts)
        for judged in batch
        for violation in (judged.judgement.violations if judged.judgement else ())
        for step in violation.issued
    }
    stored = _stored(connection, StoredStep, scope) if issued else {}
    entered = [
        {**dict(zip((*StoredStep.identity, *StoredStep.says), (*identity, *says), strict=True)), "facts": facts}
        for identity, (says, facts) in issued.items()
        if identity not in stored
    ]
    run.counts.steps += len(entered)
    if entered and run.counts.recorded:
        number = _number(connection, run)
        connection.execute(insert(StoredStep.table()), [{**values, "first_swept": number} for values in entered])


def _record_recommendations(connection: Connection, run: Run, batch: Sequence[Judged], scope: Scope) -> None:
    counts = run.counts
    stored = _stored(connection, StoredRecommendation, scope)
    changes = _Changes(StoredRecommendation)
    for judged in batch:
        for recommendation in judged.judgement.recommendations if judged.judgement else ():
            identity = (recommendation.id,)
            before, says = stored.pop(identity, None), StoredRecommendation.said(judged.uscc, recommendation)
            if before is not None and before[2] not in UNDECIDED:
                continue
            counts.proposed += says[2] == "proposed" and (before is None or before[2] != "proposed")
            changes.put(identity, before, says, judged.facts)
    if counts.recorded:
        facts = {judged.uscc: judged.facts for judged in batch}
        left = {
            identity: [ground["rule"] for ground in before[4]]
            for identity, before in stored.items()
            if before[2] in UNDECIDED and before[2] != "withdrawn"
        }
        for identity in _refuted(connection, run, StoredRecommendation, scope, left):
            before = stored[identity]
            says = (*before[:2], "withdrawn", *before[3:-1], run.as_of)
            changes.put(identity, before, says, facts.get(before[0], ""))
        changes.write(connection, run)


def _record_obligations(connection: Connection, run: Run, batch: Sequence[Judged], scope: Scope) -> None:
    table = StoredObligation.table()
    stored = _stored(connection, StoredObligation, scope)
    names = (*StoredObligation.identity, *StoredObligation.says)
    entered: list[dict[str, Any]] = []
    for judged in batch:
        for obligation in judged.judgement.obligations if judged.judgement else ():
            identity, says = (judged.uscc, obligation.duty, obligation.key), StoredObligation.said(obligation)
            if not_ended(obligation, run.as_of) and stored.get(identity) != says:
                entered.append(dict(zip(names, (*identity, *says), strict=True)))
            elif not_ended(obligation, run.as_of):
                del stored[identity]
    # What is left is over, gone or about to be entered anew.
    if stored:
        gone = delete(table).where(_identified(StoredObligation))
        connection.execute(gone, [_bound(StoredObligation, identity) for identity in stored])
    if entered:
        connection.execute(insert(table), entered)


def _stored(connection: Connection, model: type[Outcome], scope: Scope) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """What is stored of the enterprises in ``scope``, by identity."""
    table, width = model.table(), len(model.identity)
    question = select(*(table.c[name] for name in (*model.identity, *model.says))).where(scope(table))
    return {row[:width]: row[width:] for row in connection.execute(question).all()}


def _refuted(
    connection: Connection,
    run: Run,
    model: type[Outcome],
    scope: Scope,
    left: Mapping[tuple[Any, ...], Iterable[str]],
) -> list[tuple[Any, ...]]:
    """Which of the rows in ``left``, given with their rules, the sweep would have found if they were still so."""
    foreign = {identity for identity, rules in left.items() if not run.rules.issuperset(rules)}
    if foreign:
        table, sweeps = model.table(), Sweep.table()
        packs = dict(connection.execute(select(sweeps.c.id, sweeps.c.packs)).all())  # type: ignore[arg-type]
        question = select(*(table.c[name] for name in model.identity), table.c.last_swept).where(scope(table))
        for *identity, number in connection.execute(question):
            if run.values["packs"].keys() >= packs[number].keys():
                foreign.discard(tuple(identity))
    return [identity for identity in left if identity not in foreign]


def _identified(model: type[Outcome]) -> ColumnElement[bool]:
    return and_(*(model.table().c[name] == bindparam(f"its_{name}") for name in model.identity))


def _bound(model: type[Outcome], identity: Sequence[Any]) -> dict[str, Any]:
    return {f"its_{name}": value for name, value in zip(model.identity, identity, strict=True)}


class _Changes:
    """Rows to be entered or changed in a table that remembers its sweeps."""

    def __init__(self, model: type[Outcome]) -> None:
        self._model = model
        self._entered: list[dict[str, Any]] = []
        self._changed: list[dict[str, Any]] = []

    def put(self, identity: tuple[Any, ...], before: tuple[Any, ...] | None, says: tuple[Any, ...], facts: str) -> None:
        """Note what the row of ``identity`` says now, if that is not what it said ``before``."""
        if says == before:
            return
        model = self._model
        values = {**dict(zip(model.says, says, strict=True)), "facts": facts}
        if before is None:
            self._entered.append({**values, **dict(zip(model.identity, identity, strict=True))})
        else:
            self._changed.append({**values, **_bound(model, identity)})

    def write(self, connection: Connection, run: Run) -> None:
        """Write what was noted, and that this sweep did."""
        if not self._entered and not self._changed:
            return
        table, number = self._model.table(), _number(connection, run)
        if self._entered:
            swept = {"first_swept": number, "last_swept": number}
            connection.execute(insert(table), [{**values, **swept} for values in self._entered])
        if self._changed:
            change = update(table).where(_identified(self._model))
            connection.execute(change, [{**values, "last_swept": number} for values in self._changed])
