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

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, delete, func, insert, select, true, update

from engine.by_value import by_value
from engine.horizons import Horizon, StoredHorizon
from engine.lifecycle import Competent, State, step
from engine.outcomes import (
    Outcome,
    PackText,
    StoredObligation,
    StoredRecommendation,
    StoredStep,
    StoredViolation,
    Sweep,
)
from engine.output import not_ended
from engine.results import Judgement, Status
from engine.rulebook import Rulebook
from engine.surge import Sudden, sudden
from engine.totals import Total, last_total
from engine.violation_story import ENDED, Issued
from facts.store.bulk import enter_rows
from facts.store.journal import Journal
from facts.store.statements import chunks

#: A range of credit codes: after the first, up to and including the second; ``None`` leaves an end open.
Span = tuple[str | None, str | None]
#: Which of a table's rows are compared.
Scope = Callable[[Table], ColumnElement[bool]]

@by_value
@dataclass(frozen=True, slots=True)
class Judged:
    """What a sweep found of one enterprise: its judgement, ``None`` if it has no version visible on the date.

    ``facts`` is the :func:`~facts.fingerprint.fingerprint` of the dossier that was read; ``waivers`` those that were,
    each with the day on which it was ended before its time. ``horizon``: how long this stands; ``None``: the ledger
    has no such enterprise.
    """

    uscc: str
    facts: str
    judgement: Judgement | None
    waivers: tuple[tuple[int, date | None], ...] = ()
    horizon: Horizon | None = None


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

    ``rules`` are the ids of all rules that the sweep judges by, ``obligations`` and ``horizons`` the totals of those
    stored, ``sudden`` the violations that come as a surprise. ``head`` is the newest seal of which the sweep knows all;
    ``changed`` are the codes of whom something was written.
    """

    as_of: date
    values: Mapping[str, Any]
    counts: Counts
    repeats: bool
    rulebook: Rulebook
    rules: frozenset[str]
    journal: Journal
    obligations: Total
    horizons: Total
    sudden: Sudden
    head: int
    changed: set[str] = field(default_factory=set)
    id: int | None = None


def newest_date(connection: Connection) -> date | None:
    """The date of the newest recorded sweep."""
    return connection.scalar(select(func.max(Sweep.table().c.as_of)))


def begin(
    connection: Connection, *, as_of: date, started_at: datetime, program: str, rulebook: Rulebook, known_in: int,
    head: int
) -> Run:
    """Start recording a sweep.

    ``program`` is the version of the engine; ``known_in`` the revision of the ledger that is read, ``head`` the newest
    seal of which the sweep knows all (:func:`engine.horizons.head`).
    """
    newest = newest_date(connection)
    identity = {"as_of": as_of, "program": program, "rulebook": rulebook.sha256, "known_in": known_in}
    columns, packs = Sweep.table().c, {pack.name: pack.sha256 for pack in rulebook.packs}
    return Run(
        as_of,
        {**identity, "started_at": started_at, "packs": packs},
        Counts(recorded=newest is None or as_of >= newest),
        repeats=connection.execute(
            select(columns.id).where(*(columns[name] == value for name, value in identity.items())).limit(1)
        ).first()
        is not None,
        rulebook=rulebook,
        journal=Journal(connection),
        obligations=last_total(connection),
        horizons=last_total(connection, "horizons"),
        head=head,
        sudden=sudden(connection, packs=packs, known_in=known_in, program=program),
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
        # A waiver may have changed what is still due and nothing else.
        totals = {"obligations": run.obligations.said(), "horizons": run.horizons.said()}
        if run.id is not None or not run.repeats or any(
                now != last_total(connection, of).said() for of, now in totals.items()):
            number, summary = _number(connection, run), {"finished_at": finished_at, "counts": asdict(run.counts)}
            connection.execute(update(sweeps).where(sweeps.c.id == number).values(summary))
            _keep_packs(connection, run.rulebook)
            said = {**run.values, "sweep": number, "counts": asdict(run.counts), "head": run.head, **totals,
                    "finished_at": finished_at}
            run.journal.close("sweep", run.values["started_at"], said)
    return run.counts


def _keep_packs(connection: Connection, rulebook: Rulebook) -> None:
    """The packs' texts, for whoever replays a verdict when the files have gone."""
    table = PackText.table()
    kept = set(connection.scalars(select(table.c.sha256)))
    new = {pack.sha256: {"sha256": pack.sha256, "name": pack.name, "text": pack.text} for pack in rulebook.packs}
    if rows := [row for sha256, row in new.items() if sha256 not in kept]:
        connection.execute(insert(table), rows)


def _number(connection: Connection, run: Run) -> int:
    """The number of the sweep, entered now if this is the first that is written of it."""
    if run.id is None:
        run.id = connection.execute(insert(Sweep.table()).values(**run.values)).inserted_primary_key[0]
    return run.id


def _within(table: Table, after: str | None, through: str | None) -> ColumnElement[bool]:
    lower = table.c.uscc > (after or "")
    return lower if through is None else lower & (table.c.uscc <= through)


def _record(connection: Connection, run: Run, batch: Sequence[Judged], scope: Scope) -> None:
    stored = _stored_states(connection, scope)
    judged = {each.uscc: each for each in batch}
    # What is stored of an enterprise that the ledger no longer has was judged too: there is nothing.
    judged |= {uscc: Judged(uscc, "", None) for uscc in stored if uscc not in judged}
    competent = _competence(connection, run)
    violations, steps = _Changes(StoredViolation), _Changes(StoredStep, swept=("first_swept",))
    proposals = _Changes(StoredRecommendation)
    said: dict[str, dict[str, Any]] = {}
    for uscc, each in sorted(judged.items()):
        before = stored.get(uscc, _NOTHING)
        after, events = step(before.state, each.judgement, run.as_of, before.competent(competent))
        _count(run.counts, before.state, after, events)
        if not run.counts.recorded:
            found = each.judgement.violations if each.judgement else ()
            run.counts.open += sum(violation.status is Status.OPEN for violation in found)
        if not events or not run.counts.recorded:
            continue
        for identity, standing in _differing(after.violations, before.state.violations):
            run.sudden.note(uscc, identity[0], before.state.violations.get(identity), standing)
            violations.put((uscc, *identity), identity in before.state.violations, StoredViolation.row(standing),
                           each.facts)
        for rung, issued in _differing(after.steps, before.state.steps):
            steps.put((uscc, *rung), False, StoredStep.row(issued), each.facts)
        for id_, proposal in _differing(after.proposals, before.state.proposals):
            proposals.put((id_,), id_ in before.state.proposals, StoredRecommendation.row(uscc, proposal), each.facts)
        waivers = {} if not each.waivers else {"waivers": [list(waiver) for waiver in each.waivers]}
        said[uscc] = {"events": events, "as_of": run.as_of, "facts": each.facts, **waivers}
    if run.counts.recorded:
        run.journal.enter(said)
        for changes in (violations, steps, proposals):
            changes.write(connection, run)
        run.changed.update(said)
        _record_obligations(connection, run, batch, scope)
        _record_horizons(connection, run, batch, scope)


def _count(counts: Counts, before: State, after: State, events: Iterable[Mapping[str, Any]]) -> None:
    for identity, now in _differing(after.violations, before.violations):
        known = before.violations.get(identity)
        was = None if known is None else known.status
        # Withdrawn violations are counted as over, whatever they were before.
        counts.opened += now.status != Status.WAIVED if was is None else was == Status.WAIVED and now.status == "open"
        counts.closed += now.status in ENDED if was is None else was == Status.OPEN and now.status != Status.OPEN
        if counts.recorded:
            counts.reopened += was in ENDED and now.status == Status.OPEN
    counts.steps += sum(event["kind"] == "step" for event in events)
    counts.proposed += sum(
        now.status == "proposed" and (id_ not in before.proposals or before.proposals[id_].status != "proposed")
        for id_, now in _differing(after.proposals, before.proposals))


def _differing(after: Mapping[Any, Any], before: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    return ((identity, now) for identity, now in after.items() if before.get(identity) != now)


@dataclass(slots=True)
class _Before:
    """What is stored of one enterprise, and the packs of the sweep that changed each of its rows last."""

    state: State
    last_swept: dict[frozenset[str], set[int]]

    def competent(self, of_sweeps: Callable[[Iterable[str], Iterable[int]], bool]) -> Competent:
        """Whether the sweep would have found what rests on given rules."""
        return lambda rules: of_sweeps(rules, self.last_swept.get(frozenset(rules), ()))


_NOTHING = _Before(State(), {})


def _competence(connection: Connection, run: Run) -> Callable[[Iterable[str], Iterable[int]], bool]:
    packs: dict[int, Any] = {}

    def competent(rules: Iterable[str], sweeps: Iterable[int]) -> bool:
        if not run.counts.recorded:
            # On an earlier date less was there to be seen.
            return False
        if run.rules.issuperset(rules):
            return True
        if not packs:
            table = Sweep.table()
            packs.update(connection.execute(select(table.c.id, table.c.packs)).all())  # type: ignore[arg-type]
        return all(run.values["packs"].keys() >= packs[number].keys() for number in sweeps)

    return competent


def _stored_states(connection: Connection, scope: Scope) -> dict[str, _Before]:
    """What is stored of the enterprises in ``scope``, by code."""
    found: dict[str, _Before] = {}

    def of(uscc: str) -> _Before:
        return found.setdefault(uscc, _Before(State({}, {}, {}), {}))

    for uscc, duty, key, *row, swept in _rows(connection, StoredViolation, scope, "last_swept"):
        standing = StoredViolation.standing(row)
        of(uscc).state.violations[duty, key] = standing
        of(uscc).last_swept.setdefault(frozenset(standing.rules), set()).add(swept)
    for uscc, duty, key, ladder, level, *row in _rows(connection, StoredStep, scope):
        of(uscc).state.steps[duty, key, ladder, level] = Issued(*row)
    for id_, uscc, *row, swept in _rows(connection, StoredRecommendation, scope, "last_swept"):
        proposal = StoredRecommendation.proposal((uscc, *row))
        of(uscc).state.proposals[id_] = proposal
        of(uscc).last_swept.setdefault(frozenset(rule for rule, *_ in proposal.grounds), set()).add(swept)
    return found


def stored_states(connection: Connection, scope: Scope = lambda table: true()) -> dict[str, State]:
    """What is stored of the enterprises in ``scope``, by code; of all of them by default."""
    return {uscc: before.state for uscc, before in _stored_states(connection, scope).items()}


def _rows(connection: Connection, model: type[Outcome], scope: Scope, *further: str) -> Sequence[Any]:
    table = model.table()
    names = (*model.identity, *model.says, *further)
    return connection.execute(select(*(table.c[name] for name in names)).where(scope(table))).all()


def _record_obligations(connection: Connection, run: Run, batch: Sequence[Judged], scope: Scope) -> None:
    width = len(StoredObligation.identity)
    stored = {tuple(row[:width]): tuple(row[width:]) for row in _rows(connection, StoredObligation, scope)}
    now = {(judged.uscc, obligation.duty, obligation.key): StoredObligation.said(obligation)
           for judged in batch if judged.judgement for obligation in judged.judgement.obligations
           if not_ended(obligation, run.as_of)}
    _replace(connection, run, StoredObligation, stored, now, run.obligations)


def _record_horizons(connection: Connection, run: Run, batch: Sequence[Judged], scope: Scope) -> None:
    stored = {(row[0],): tuple(row[1:]) for row in _rows(connection, StoredHorizon, scope)}
    now = {(judged.uscc,): judged.horizon.row() for judged in batch if judged.horizon is not None}
    _replace(connection, run, StoredHorizon, stored, now, run.horizons)


def _replace(connection: Connection, run: Run, model: type[Outcome], stored: Mapping[Any, Any], now: Mapping[Any, Any],
             total: Total) -> None:
    """Let the rows of ``model`` that are ``stored`` be those that are so ``now``, by their identities."""
    table, names = model.table(), (*model.identity, *model.says)
    gone = [(identity, says) for identity, says in stored.items() if now.get(identity) != says]
    come = [(identity, says) for identity, says in now.items() if stored.get(identity) != says]
    if gone:
        connection.execute(delete(table).where(_identified(model)), [_bound(model, identity) for identity, _ in gone])
    enter_rows(connection, table, names, [(*identity, *says) for identity, says in come])
    for identity, says in gone:
        total.take((*identity, *says))
    for identity, says in come:
        total.add((*identity, *says))
    run.changed.update(identity[0] for identity, _ in (*gone, *come))


def _identified(model: type[Outcome]) -> ColumnElement[bool]:
    return and_(*(model.table().c[name] == bindparam(f"its_{name}") for name in model.identity))


def _bound(model: type[Outcome], identity: Sequence[Any]) -> dict[str, Any]:
    return {f"its_{name}": value for name, value in zip(model.identity, identity, strict=True)}


class _Changes:
    """Rows to be entered or changed in a table that remembers its sweeps."""

    def __init__(self, model: type[Outcome], swept: Sequence[str] = ("first_swept", "last_swept")) -> None:
        self._model = model
        self._swept = swept
        self._entered: list[tuple[Any, ...]] = []
        self._changed: list[dict[str, Any]] = []

    def put(self, identity: tuple[Any, ...], known: bool, says: tuple[Any, ...], facts: str) -> None:
        """Note what the row of ``identity`` says now; whether it is ``known`` already."""
        model = self._model
        if known:
            values = {**dict(zip(model.says, says, strict=True)), "facts": facts}
            self._changed.append({**values, **_bound(model, identity)})
        else:
            self._entered.append((*identity, *says, facts))

    def write(self, connection: Connection, run: Run) -> None:
        """Write what was noted, and that this sweep did."""
        if not self._entered and not self._changed:
            return
        table, number = self._model.table(), _number(connection, run)
        if self._entered:
            names = (*self._model.identity, *self._model.says, "facts")
            enter_rows(connection, table, names, self._entered, dict.fromkeys(self._swept, number))
        if self._changed:
            change = update(table).where(_identified(self._model))
            connection.execute(change, [{**values, "last_swept": number} for values in self._changed])
