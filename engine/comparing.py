"""What a sweep concluded, compared with what is stored (比对): what is to be written, ready to be entered.

Comparing only reads, so it is done wherever judging is, a part at a time, before the transaction that writes begins.
What it went by is its :class:`Basis`. Nothing changes the stored conclusions but a sweep, and a decision on a case:
where one of them came in between, it is compared again (:func:`engine.recording.decided_since`). So those of whom a
recommendation is stored, on which somebody may decide, are each compared by themselves.

A sweep with other packs says nothing of what these could not have found: a stored violation or recommendation that is
no longer found is withdrawn only if each of its rules is among those of the sweep, or if the sweep has every pack that
the one had which changed it last (then a rule that is missing was taken out of its pack).

Stored conclusions move forward only. A sweep as of a date before the newest recorded one is compared and counted like
any other and writes nothing, since on that date less was known and fewer violations were there to be seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, Table, func, select, true

from engine.by_value import by_value
from engine.case_story import Proposal
from engine.horizons import Horizon, StoredHorizon
from engine.lifecycle import Competent, State, step
from engine.outcomes import Outcome, StoredObligation, StoredRecommendation, StoredStep, StoredViolation, Sweep
from engine.output import not_ended
from engine.results import Judgement, Status
from engine.rulebook import Rulebook
from engine.surge import Sudden, sudden
from engine.totals import Total
from engine.violation_story import ENDED, Issued, Standing
from facts.store.bulk import fit_rows
from facts.store.journal import canonical, newest
from facts.store.statements import chunks

#: A range of credit codes: after the first, up to and including the second; ``None`` leaves an end open.
Span = tuple[str | None, str | None]
#: Which of a table's rows are compared.
Scope = Callable[[Table], ColumnElement[bool]]
#: A row as the database takes it, and the identity of one.
Row = tuple[Any, ...]


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
    recorded as over before and open again; ``open``: those open afterwards, or how many more than before of a part;
    ``steps``: steps issued that were not recorded before; ``proposed``: recommendations that were not proposed before.
    ``recorded`` is false if the sweep's date lies before the newest recorded one: then nothing was written, and
    ``open`` are the violations open as of that date.
    """

    recorded: bool = True
    opened: int = 0
    closed: int = 0
    reopened: int = 0
    open: int = 0
    steps: int = 0
    proposed: int = 0

    def add(self, further: Counts) -> None:
        """Count in what was changed further."""
        for each in fields(self):
            if each.name != "recorded":
                setattr(self, each.name, getattr(self, each.name) + getattr(further, each.name))


@dataclass(frozen=True, slots=True)
class Basis:
    """What a sweep's conclusions are compared by.

    ``recorded`` is false if they are only counted. ``rules`` are the ids of all rules that the sweep judges by,
    ``packs`` the names of its packs, ``sudden`` tells which violations come as a surprise. ``sweep`` is the newest
    recorded sweep, ``seal`` the newest seal when that was asked.
    """

    as_of: date
    recorded: bool
    rules: frozenset[str]
    packs: frozenset[str]
    sudden: Sudden
    sweep: int | None
    seal: int


def basis_of(connection: Connection, rulebook: Rulebook, as_of: date, *, known_in: int, program: str) -> Basis:
    """What a sweep as of ``as_of``, of the ledger at the revision ``known_in``, is compared by now."""
    packs = {pack.name: pack.sha256 for pack in rulebook.packs}
    day, seal = newest_date(connection), newest(connection)
    return Basis(
        as_of,
        recorded=day is None or as_of >= day,
        rules=frozenset(rule.ref.id for rule in (*rulebook.rules, *rulebook.recommendations)),
        packs=frozenset(packs),
        sudden=sudden(connection, packs=packs, known_in=known_in, program=program),
        sweep=newest_sweep(connection),
        seal=0 if seal is None else seal.number,
    )


def newest_date(connection: Connection) -> date | None:
    """The date of the newest recorded sweep."""
    return connection.scalar(select(func.max(Sweep.table().c.as_of)))


def newest_sweep(connection: Connection) -> int | None:
    """The sweep that was recorded last."""
    return connection.scalar(select(func.max(Sweep.table().c.id)))


@dataclass(slots=True)
class Changes:
    """What is to be changed in one table: rows that ``come``, as the database takes them, without what only the
    transaction knows; values that ``change``, and identities of rows that are ``gone``."""

    come: list[Row] = field(default_factory=list)
    change: list[dict[str, Any]] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Compared:
    """What is to be written of some enterprises, or of that of the code ``of``, on which somebody may decide.

    ``tables`` has the changes by the table's name, ``entries`` are the words that the journal has for each, ``totals``
    what the totals change by, ``sudden`` how many violations of each duty are sudden, ``changed`` the codes of whom
    something is written.
    """

    counts: Counts
    entries: dict[str, str] = field(default_factory=dict)
    tables: dict[str, Changes] = field(default_factory=dict)
    totals: dict[str, Total] = field(default_factory=dict)
    sudden: Counter[str] = field(default_factory=Counter)
    changed: set[str] = field(default_factory=set)
    of: str | None = None


def compare(connection: Connection, basis: Basis, batch: Sequence[Judged], *, span: Span | None = None,
            ) -> list[Compared]:
    """What one batch changes. No enterprise may come twice in a sweep.

    With ``span`` the batch is all that the ledger has in that range of credit codes, and what is stored of any other
    enterprise in it is withdrawn. Without it nothing is said of enterprises outside the batch.
    """
    if span is not None:
        after, through = span
        return [*_one_by_one(connection, basis, batch, lambda table: _within(table, after, through))]
    return [found for part in chunks(batch)
            for found in _one_by_one(connection, basis, part, _among([judged.uscc for judged in part]))]


def _within(table: Table, after: str | None, through: str | None) -> ColumnElement[bool]:
    lower = table.c.uscc > (after or "")
    return lower if through is None else lower & (table.c.uscc <= through)


def _among(codes: Sequence[str]) -> Scope:
    return lambda table: table.c.uscc.in_(codes)


@dataclass(slots=True)
class _Stored:
    """What is stored of some enterprises: states by code, and the rows of other tables by their identities."""

    states: dict[str, _Before] = field(default_factory=dict)
    obligations: dict[Row, Row] = field(default_factory=dict)
    horizons: dict[Row, Row] = field(default_factory=dict)


def _one_by_one(connection: Connection, basis: Basis, batch: Sequence[Judged], scope: Scope) -> Iterator[Compared]:
    """What changes of those on whom somebody may decide, of each by itself, and then of all others."""
    states, competent = _stored_states(connection, scope), _competence(connection, basis)
    alone = {code: _Stored({code: before}) for code, before in states.items() if before.state.proposals}
    others = _Stored({code: before for code, before in states.items() if code not in alone})
    for identity, says in _stored_rows(connection, StoredObligation, scope):
        alone.get(identity[0], others).obligations[identity] = says
    for identity, says in _stored_rows(connection, StoredHorizon, scope):
        alone.get(identity[0], others).horizons[identity] = says
    judged = {each.uscc: each for each in batch}
    for code, stored in sorted(alone.items()):
        its = {code: judged.pop(code)} if code in judged else {}
        found = _compared(basis, its, stored, competent, connection.dialect)
        found.of = code
        yield found
    yield _compared(basis, judged, others, competent, connection.dialect)


def _compared(basis: Basis, judged: Mapping[str, Judged], stored: _Stored,
              competent: Callable[[Iterable[str], Iterable[int]], bool], dialect: Dialect) -> Compared:
    # What is stored of an enterprise that the ledger no longer has was judged too: there is nothing.
    gone = {uscc: Judged(uscc, "", None) for uscc in stored.states if uscc not in judged}
    found = Compared(Counts(recorded=basis.recorded))
    violations, steps = _Noted(StoredViolation), _Noted(StoredStep)
    proposals = _Noted(StoredRecommendation)
    for uscc, each in sorted({**judged, **gone}.items()):
        before = stored.states.get(uscc, _NOTHING)
        after, events = step(before.state, each.judgement, basis.as_of, before.competent(competent))
        standings = _differing(after.violations, before.state.violations)
        proposed = _differing(after.proposals, before.state.proposals)
        _count(found.counts, before.state, standings, proposed, events)
        if not basis.recorded:
            of_it = each.judgement.violations if each.judgement else ()
            found.counts.open += sum(violation.status is Status.OPEN for violation in of_it)
        if not events or not basis.recorded:
            continue
        for identity, standing in standings:
            known = before.state.violations.get(identity)
            if basis.sudden.counts(uscc, known, standing):
                found.sudden[identity[0]] += 1
            violations.note((uscc, *identity), known is not None, StoredViolation.row(standing), each.facts)
        for rung, issued in _differing(after.steps, before.state.steps):
            steps.note((uscc, *rung), False, StoredStep.row(issued), each.facts)
        for id_, proposal in proposed:
            proposals.note((id_,), id_ in before.state.proposals, StoredRecommendation.row(uscc, proposal), each.facts)
        waivers = {} if not each.waivers else {"waivers": [list(waiver) for waiver in each.waivers]}
        found.entries[uscc] = canonical({"events": events, "as_of": basis.as_of, "facts": each.facts, **waivers})
    if basis.recorded:
        found.changed.update(found.entries)
        for noted in (violations, steps, proposals):
            noted.put_into(found, dialect)
        owed = {(each.uscc, obligation.duty, obligation.key): StoredObligation.said(obligation)
                for each in judged.values() if each.judgement for obligation in each.judgement.obligations
                if not_ended(obligation, basis.as_of)}
        _compare_rows(found, StoredObligation, stored.obligations, owed, dialect)
        standing_until = {(each.uscc,): each.horizon.row() for each in judged.values() if each.horizon is not None}
        _compare_rows(found, StoredHorizon, stored.horizons, standing_until, dialect)
    return found


def _count(counts: Counts, before: State, standings: Iterable[tuple[Any, Standing]],
           proposed: Iterable[tuple[Any, Proposal]], events: Iterable[Mapping[str, Any]]) -> None:
    for identity, now in standings:
        known = before.violations.get(identity)
        was = None if known is None else known.status
        # Withdrawn violations are counted as over, whatever they were before.
        counts.opened += now.status != Status.WAIVED if was is None else was == Status.WAIVED and now.status == "open"
        counts.closed += now.status in ENDED if was is None else was == Status.OPEN and now.status != Status.OPEN
        if counts.recorded:
            counts.reopened += was in ENDED and now.status == Status.OPEN
            counts.open += (now.status == Status.OPEN) - (was == Status.OPEN)
    counts.steps += sum(event["kind"] == "step" for event in events)
    counts.proposed += sum(
        now.status == "proposed" and (id_ not in before.proposals or before.proposals[id_].status != "proposed")
        for id_, now in proposed)


def _differing(after: Mapping[Any, Any], before: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    if not before:
        return [*after.items()]
    return [(identity, now) for identity, now in after.items() if before.get(identity) != now]


@dataclass(slots=True)
class _Before:
    """What is stored of one enterprise, and the packs of the sweep that changed each of its rows last."""

    state: State
    last_swept: dict[frozenset[str], set[int]]

    def competent(self, of_sweeps: Callable[[Iterable[str], Iterable[int]], bool]) -> Competent:
        """Whether the sweep would have found what rests on given rules."""
        return lambda rules: of_sweeps(rules, self.last_swept.get(frozenset(rules), ()))


_NOTHING = _Before(State(), {})


def _competence(connection: Connection, basis: Basis) -> Callable[[Iterable[str], Iterable[int]], bool]:
    packs: dict[int, Any] = {}

    def competent(rules: Iterable[str], sweeps: Iterable[int]) -> bool:
        if not basis.recorded:
            # On an earlier date less was there to be seen.
            return False
        if basis.rules.issuperset(rules):
            return True
        if not packs:
            table = Sweep.table()
            packs.update(connection.execute(select(table.c.id, table.c.packs)).all())  # type: ignore[arg-type]
        return all(basis.packs >= packs[number].keys() for number in sweeps)

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


def _stored_rows(connection: Connection, model: type[Outcome], scope: Scope) -> Iterator[tuple[Row, Row]]:
    """Identity and what it says of each row of ``model`` in ``scope``."""
    width = len(model.identity)
    return ((tuple(row[:width]), tuple(row[width:])) for row in _rows(connection, model, scope))


def _compare_rows(found: Compared, model: type[Outcome], stored: Mapping[Row, Row], now: Mapping[Row, Row],
                  dialect: Dialect) -> None:
    """Note what makes the rows of ``model`` that are ``stored`` those that are so ``now``, by their identities."""
    table, total = model.table(), Total()
    gone = [(identity, says) for identity, says in stored.items() if now.get(identity) != says]
    come = [(identity, says) for identity, says in now.items() if stored.get(identity) != says]
    for identity, says in gone:
        total.take((*identity, *says))
    for identity, says in come:
        total.add((*identity, *says))
    rows = fit_rows(dialect, table, model.names(), [(*identity, *says) for identity, says in come])
    found.tables[table.name] = Changes(rows, gone=[identity for identity, _ in gone])
    found.totals[table.name] = total
    found.changed.update(identity[0] for identity, _ in (*gone, *come))


class _Noted:
    """Rows to be entered or changed in a table that remembers its sweeps."""

    def __init__(self, model: type[Outcome]) -> None:
        self._model = model
        self._rows: list[Row] = []
        self._changed: list[dict[str, Any]] = []

    def note(self, identity: Row, known: bool, says: Row, facts: str) -> None:
        """Note what the row of ``identity`` says now; whether it is ``known`` already."""
        if known:
            values = {**dict(zip(self._model.says, says, strict=True)), "facts": facts}
            self._changed.append({**values, **self._model.identified(identity)})
        else:
            self._rows.append((*identity, *says, facts))

    def put_into(self, found: Compared, dialect: Dialect) -> None:
        """Put what was noted with what else was found."""
        table, names = self._model.table(), self._model.names()
        found.tables[table.name] = Changes(fit_rows(dialect, table, names, self._rows), self._changed)
