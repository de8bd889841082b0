"""What was known at a moment (何时得知): the revision of the ledger that was newest then.

Waivers have moments of their own (:mod:`engine.waiver_store`). ``--as-of`` says for which day is judged, this by which
facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select

from facts.store.database import reading
from facts.store.tables import Revision


@dataclass(frozen=True, slots=True)
class KnownAt:
    """A moment, and the ledger's newest revision then; 0: nothing had been imported yet. The moment is included."""

    moment: datetime
    revision: int


def known_at(source: Engine | Connection, moment: datetime) -> KnownAt:
    """What the ledger was at ``moment``, which has a time zone."""
    columns = Revision.table().c
    with reading(source) as connection:
        revision = connection.scalar(select(func.max(columns.id)).where(columns.at <= moment))
    return KnownAt(moment, revision or 0)
