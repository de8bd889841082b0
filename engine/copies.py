"""Copies of the whole database (整库副本), each held against its journal before it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

import engine.lease
import engine.operator_store
import engine.parts
import engine.runs
import engine.schedule  # noqa: F401  every table that a copy must not leave behind belongs to one of these
from engine.mismatch import Mismatch
from engine.verification import mismatches
from facts.errors import BadInput, CouldNotBeDone
from facts.language import Text
from facts.store import addresses, journal
from facts.store.copying import Progress, copy_database
from facts.store.database import connect, place_of
from facts.store.journal import Seal


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that was made: the rows of each table, the journal's newest seal (``None``: it is empty).

    ``mismatch`` is the first place where source and copy alike differ from the journal; ``None`` if there is none.
    """

    rows: Mapping[str, int]
    seal: Seal | None
    mismatch: Mismatch | None


def copy(source: Engine, target: str, *, progress: Progress = lambda done, of: None) -> Copy:
    """Copy the database to ``target``, a URL at which nothing is yet, wholly or not at all.

    The copy is faithful: one of a database that does not verify is made too, and does not verify either. Raises
    :class:`~facts.errors.BadInput`, :class:`~facts.store.copying.TargetNotEmpty` or another
    :class:`~facts.errors.LedgerError`.
    """
    engine = connect(target)
    try:
        if engine.url == source.url or place_of(engine) == place_of(source):
            shown = addresses.shown(engine.url)
            raise BadInput(Text(f"{shown}：不能复制到自身", f"{shown}: a database cannot be copied to itself"))
        found: list[Mismatch | None] = []
        rows = copy_database(source, engine, progress=progress,
                             check=lambda origin, made: found.append(compared(origin, made, place_of(engine))))
        with engine.connect() as connection:
            return Copy(rows, journal.newest(connection), found[0])
    finally:
        engine.dispose()


def compared(origin: Connection, made: Connection, place: str) -> Mismatch | None:
    """The first mismatch of a copy. Raises if its source does not have the same."""
    first = next(mismatches(made), None)
    same_head = journal.newest(origin) == journal.newest(made)
    if not same_head or (first is not None and next(mismatches(origin), None) != first):
        raise CouldNotBeDone(Text(f"{place}：副本与日志不符，而原库相符，已全部撤回；请报告此问题",
                                  f"{place}: the copy does not verify although its source does; all was taken back, "
                                  "please report this"))
    return first
