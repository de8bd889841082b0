"""Rows that one event of the journal tells wholly (日志所载): waivers, letters, deliveries, decisions.

Their tables are only ever added to, so each of their rows can be held against the event that told of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, select

from engine.case_store import StoredDecision
from engine.letter_store import StoredDelivery, StoredLetter, StoredLetterItem, StoredLetterVoid
from engine.waiver_store import StoredWaiver, WaiverEnding, day_of
from facts.store.journal import Seal

Row = dict[str, Any]
#: Which rows are asked for: a table and the name of its column with the code.
Within = Callable[[Table, str], Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """A table, and the kinds of event that tell of its rows, each of one.

    ``owner`` is the table with the code of the enterprise and the columns by which a row refers to it, where the row
    has none itself. What the event cannot know is the number of its own seal (``seal``).
    """

    model: Any
    kinds: tuple[str, ...]
    owner: tuple[Any, str, str] | None = None

    @property
    def table(self) -> str:
        """The name of the table."""
        return self.model.__tablename__

    def identity(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """What identifies a row."""
        return tuple(row[column.name] for column in self.model.table().primary_key)

    def told(self, event: Mapping[str, Any], seal: Seal) -> Row:
        """The row that ``event`` tells of."""
        names = [column.name for column in self.model.table().columns]
        return {name: seal.number if name == "seal" else event.get(name) for name in names}

    def rows(self, connection: Connection, within: Within) -> Iterator[tuple[str, Row]]:
        """Code and row of all rows within a range of codes."""
        table = self.model.table()
        if self.owner is None:
            question = select(table.c.uscc, *table.columns).where(within(table, "uscc"))
        else:
            owner, refers, to = self.owner[0].table(), self.owner[1], self.owner[2]
            question = (select(owner.c.uscc, *table.columns).join(owner, owner.c[to] == table.c[refers])
                        .where(within(owner, "uscc")))
        names = [column.name for column in table.columns]
        for code, *values in connection.execute(question):
            yield code, dict(zip(names, values, strict=True))

    def orphans(self, connection: Connection) -> Iterator[Row]:
        """Rows that refer to a row which is not there."""
        if self.owner is None:
            return
        table, owner, refers, to = self.model.table(), self.owner[0].table(), self.owner[1], self.owner[2]
        question = (select(*table.columns).outerjoin(owner, owner.c[to] == table.c[refers])
                    .where(owner.c[to].is_(None)))
        names = [column.name for column in table.columns]
        yield from (dict(zip(names, row, strict=True)) for row in connection.execute(question))


_WAIVER = Kept(StoredWaiver, ("waiver",))
_ENDING = Kept(WaiverEnding, ("waiver_ended",), (StoredWaiver, "waiver", "id"))
KEPT = (
    _WAIVER,
    _ENDING,
    Kept(StoredLetter, (StoredLetter.event,)),
    Kept(StoredLetterItem, (StoredLetterItem.event,)),
    Kept(StoredDelivery, (StoredDelivery.event,), (StoredLetter, "number", "number")),
    Kept(StoredLetterVoid, (StoredLetterVoid.event,), (StoredLetter, "number", "number")),
    Kept(StoredDecision, ("notified", "objected", "confirmed", "rejected", "lifted", "revoked")),
)


def waiver_events(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """The events that tell of all waivers and their endings, by code."""
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for kept, moment in ((_WAIVER, "entered_at"), (_ENDING, "ended_at")):
        for code, row in kept.rows(connection, lambda table, column: table.c[column].is_not(None)):
            found[code].append({"kind": kept.kinds[0], "on": day_of(row[moment]), **row})
    return found
