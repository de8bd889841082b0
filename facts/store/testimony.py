"""What a revision stated, as the journal keeps it (存证): so that a row changed by hand is found, and named.

Of each enterprise and sheet, the hashes of the rows that a revision added and of those that it ended, in ascending
order: their first eight digits, which are enough to find the row, and one hash of them all. What the ledger claims of
itself (台账范围) belongs to no enterprise and stands in the seal.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from facts.store.journal import Journal, canonical_list
from facts.store.statements import Said, chunks
from facts.store.tables import TABLES, Statement

#: How many digits of each hash are kept.
SHORT = 8
#: How many enterprises are entered at once.
_AT_ONCE = 2_000


@dataclass(slots=True)
class Witnessed:
    """The hashes of the rows of one sheet that a revision added and ended."""

    added: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def said(self) -> dict[str, str]:
        """What the journal keeps of them."""
        added, ended = sorted(self.added), sorted(self.ended)
        kept = {"added": "".join(each[:SHORT] for each in added), "ended": "".join(each[:SHORT] for each in ended)}
        whole = hashlib.sha256("\n".join([*added, "", *ended]).encode()).hexdigest()
        return {**{name: short for name, short in kept.items() if short}, "sha256": whole}


def added_hash(model: type[Statement], stated_in: int, void: bool, said: Said) -> str:
    """The hash of a row at the revision that added it."""
    return _hash([model.row.sheet.name, stated_in, bool(void), *said])


def ended_hash(model: type[Statement], said: Said) -> str:
    """The hash of a row at the revision that ended it."""
    return _hash([model.row.sheet.name, *said])


def _hash(value: Sequence[Any]) -> str:
    return hashlib.sha256(canonical_list(value).encode()).hexdigest()


def subject_place(model: type[Statement]) -> int | None:
    """Where in what a row says the code stands of whom it is; ``None``: it is nobody's."""
    names = model.names()
    return next((names.index(name) for name in ("uscc", "code") if name in names), None)


class Testimony:
    """All that one revision changed."""

    def __init__(self) -> None:
        self._of: defaultdict[str, defaultdict[str, Witnessed]] = defaultdict(lambda: defaultdict(Witnessed))
        self._nobodys: defaultdict[str, Witnessed] = defaultdict(Witnessed)

    def add(self, model: type[Statement], stated_in: int, void: bool, rows: Iterable[Said]) -> None:
        """Rows that come."""
        for said, witnessed in self._each(model, rows):
            witnessed.added.append(added_hash(model, stated_in, void, said))

    def end(self, model: type[Statement], rows: Iterable[Said]) -> None:
        """Rows that the ledger says no longer."""
        for said, witnessed in self._each(model, rows):
            witnessed.ended.append(ended_hash(model, said))

    def _each(self, model: type[Statement], rows: Iterable[Said]) -> Iterable[tuple[Said, Witnessed]]:
        place, sheet = subject_place(model), model.row.sheet.name
        for said in rows:
            yield said, self._nobodys[sheet] if place is None else self._of[said[place]][sheet]

    def enter(self, journal: Journal, revision: int) -> None:
        """Make an entry for each enterprise."""
        for codes in chunks(sorted(self._of), _AT_ONCE):
            journal.enter({code: {"events": [{"kind": "facts", "revision": revision, "sheets": said(self._of[code])}]}
                           for code in codes})

    def of_nobody(self) -> dict[str, Any]:
        """What the seal says of the rows that are nobody's."""
        return said(self._nobodys)


def said(sheets: Mapping[str, Witnessed]) -> dict[str, Any]:
    """What the journal keeps, sheet by sheet."""
    return {sheet: witnessed.said() for sheet, witnessed in sorted(sheets.items())}


def of_revision(connection: Connection, revision: int) -> Testimony:
    """What an import or undo changed, read back from the tables."""
    found = Testimony()
    for model in TABLES.values():
        table = model.table()
        columns = [table.c[name] for name in model.names()]
        added = select(table.c.stated_in, table.c.void, *columns).where(table.c.added_in == revision)
        for stated_in, void, *row in connection.execute(added):
            found.add(model, stated_in, void, [tuple(row)])
        # A row that withdraws its key is ended by the revision that brings it: it comes, and nothing goes.
        ended = select(*columns).where(table.c.removed_in == revision, ~(table.c.void & (table.c.added_in == revision)))
        found.end(model, map(tuple, connection.execute(ended)))
    return found
