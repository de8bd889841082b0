"""Writing what a sweep concluded (登记结论): only what changed.

A sweep runs in one transaction: :func:`begin`, then :func:`record` for each part, then :func:`end`. What is to be
written was found before that (:mod:`engine.comparing`). Recording the same conclusions again writes nothing, not even
that it was done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from engine.comparing import Basis, Changes, Compared, Counts, basis_of, newest_sweep
from engine.horizons import StoredHorizon
from engine.outcomes import (
    Outcome,
    PackText,
    StoredObligation,
    StoredRecommendation,
    StoredStep,
    StoredViolation,
    Sweep,
)
from engine.results import Status
from engine.rulebook import Rulebook
from engine.totals import Total, last_total
from facts.store.bulk import enter_fit
from facts.store.journal import Journal, StoredEntry, StoredSeal

#: The tables of conclusions, by name.
_TABLES: Mapping[str, type[Outcome]] = {model.__tablename__: model for model in (
    StoredViolation, StoredStep, StoredRecommendation, StoredObligation, StoredHorizon)}


@dataclass(slots=True)
class Run:
    """A sweep being recorded. ``id`` is ``None`` until something has to be written; ``repeats``: recorded before.

    ``totals`` are those of what is stored, by table, ``sudden`` the violations that come as a surprise, by duty.
    ``head`` is the newest seal of which the sweep knows all; ``changed`` are the codes of whom something was written.
    """

    basis: Basis
    values: Mapping[str, Any]
    counts: Counts
    repeats: bool
    rulebook: Rulebook
    journal: Journal
    totals: Mapping[str, Total]
    head: int
    sudden: Counter[str] = field(default_factory=Counter)
    changed: set[str] = field(default_factory=set)
    id: int | None = None


def begin(
    connection: Connection, *, as_of: date, started_at: datetime, program: str, rulebook: Rulebook, known_in: int,
    head: int, basis: Basis | None = None
) -> Run:
    """Start recording a sweep.

    ``program`` is the version of the engine; ``known_in`` the revision of the ledger that is read, ``head`` the newest
    seal of which the sweep knows all (:func:`engine.horizons.head`). ``basis`` is what it was compared by; another is
    taken if a sweep was recorded since, and by default.
    """
    if basis is None or basis.sweep != newest_sweep(connection):
        basis = basis_of(connection, rulebook, as_of, known_in=known_in, program=program)
    identity = {"as_of": as_of, "program": program, "rulebook": rulebook.sha256, "known_in": known_in}
    columns, packs = Sweep.table().c, {pack.name: pack.sha256 for pack in rulebook.packs}
    return Run(
        basis,
        {**identity, "started_at": started_at, "packs": packs},
        Counts(recorded=basis.recorded, open=_open(connection, basis) if basis.recorded else 0),
        repeats=connection.execute(
            select(columns.id).where(*(columns[name] == value for name, value in identity.items())).limit(1)
        ).first()
        is not None,
        rulebook=rulebook,
        journal=Journal(connection),
        totals={name: last_total(connection, name) for name in ("obligations", "horizons")},
        head=head,
    )


def _open(connection: Connection, basis: Basis) -> int:
    """How many violations are open, as the newest sweep has it: counting takes long."""
    columns = Sweep.table().c
    counts = connection.scalar(select(columns.counts).where(columns.id == basis.sweep))
    return 0 if counts is None else counts["open"]


def decided_since(connection: Connection, basis: Basis) -> frozenset[str]:
    """The codes of those on whose cases somebody has decided since ``basis`` was asked for."""
    entries, seals = StoredEntry.table().c, StoredSeal.table().c
    return frozenset(connection.scalars(select(entries.uscc).join(StoredSeal.table(), seals.number == entries.seal)
                                        .where(seals.number > basis.seal, seals.kind == "case")))


def record(connection: Connection, run: Run, found: Iterable[Compared]) -> None:
    """Record what was found to have changed; it was compared by the run's basis, and of nobody on whom somebody has
    decided since."""
    for each in found:
        run.counts.add(each.counts)
        run.sudden.update(each.sudden)
        run.changed.update(each.changed)
        run.journal.enter_words(each.entries)
        for name, changes in each.tables.items():
            _write(connection, run, _TABLES[name], changes)
        for name, total in each.totals.items():
            run.totals[name].join(total)


def _write(connection: Connection, run: Run, model: type[Outcome], changes: Changes) -> None:
    table = model.table()
    if changes.gone:
        connection.execute(delete(table).where(model.is_identified()),
                           [model.identified(identity) for identity in changes.gone])
    if changes.come:
        enter_fit(connection, table, model.names(), changes.come,
                  {name: _number(connection, run) for name in model.swept})
    if changes.change:
        change = update(table).where(model.is_identified()).values(last_swept=_number(connection, run))
        connection.execute(change, changes.change)


def end(connection: Connection, run: Run, *, finished_at: datetime, count: bool = True) -> Counts:
    """Finish recording, and return what was changed.

    Unless told to ``count``, it adds to the number of open violations that the sweep before had what has changed.
    """
    if run.counts.recorded:
        if count:
            violations = StoredViolation.table()
            run.counts.open = connection.scalar(
                select(func.count()).select_from(violations).where(violations.c.status == str(Status.OPEN))) or 0
        # A waiver may have changed what is still due and nothing else.
        totals = {name: total.said() for name, total in run.totals.items()}
        if run.id is not None or not run.repeats or any(
                now != last_total(connection, of).said() for of, now in totals.items()):
            number, table = _number(connection, run), Sweep.table()
            connection.execute(update(table).where(table.c.id == number).values(
                finished_at=finished_at, counts=asdict(run.counts)))
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


