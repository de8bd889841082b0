"""Databases that are older than the journal (补记): what they hold is entered once, so that it too can be verified."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import URL, Connection, select

from engine.comparing import stored_states
from engine.journal_rows import waiver_events
from engine.lifecycle import adopted
from engine.outcomes import StoredObligation, Sweep
from engine.totals import stored_total
from engine.waiver_store import day_of
from facts.store import database
from facts.store.journal import Journal, newest
from facts.store.tables import Revision
from facts.store.testimony import of_revision


def upgrade(url: str | URL, now: datetime) -> tuple[str, str]:
    """Bring the database at ``url`` to this program's schema and enter what it holds, wholly or not at all.

    Returns the schema before and after; raises what :func:`facts.store.database.upgrade` does.
    """
    return database.upgrade(url, lambda connection: adopt(connection, now))


def adopt(connection: Connection, now: datetime) -> None:
    """Enter all that the database holds, if it has no journal yet, in a transaction that writes."""
    if newest(connection) is not None:
        return
    revisions = connection.execute(select(Revision.table()).order_by(Revision.table().c.id)).all()
    if not revisions:
        return
    journal = Journal(connection)
    told = [_revision(connection, journal, row) for row in revisions]
    events = {uscc: list(adopted(state, day_of(now))) for uscc, state in stored_states(connection).items()}
    for uscc, further in waiver_events(connection).items():
        events.setdefault(uscc, []).extend(further)
    journal.enter({uscc: {"events": each} for uscc, each in events.items()})
    names = ("as_of", "program", "rulebook", "packs", "known_in", "started_at", "finished_at", "counts")
    sweeps = [{"sweep": row.id, **{name: getattr(row, name) for name in names}}
              for row in connection.execute(select(Sweep.table()).order_by(Sweep.table().c.id))]
    journal.close("adopt", now, {"revisions": told, "sweeps": sweeps,
                                  "obligations": stored_total(connection, StoredObligation).said()})


def _revision(connection: Connection, journal: Journal, row: Any) -> dict[str, Any]:
    testimony = of_revision(connection, row.id)
    testimony.enter(journal, row.id)
    return {"revision": row.id, "kind": row.kind, "at": row.at, "source": row.source, "sha256": row.sha256,
            "undoes": row.undoes, "counts": row.counts, "sheets": testimony.of_nobody()}
