"""Parts of a sweep that is judged on several machines (分片巡查): what each part holds, and what was found there.

Whoever sweeps enters the shares into which the ledger is cut, and what all of them are judged by. A worker notes that
it has begun a share, and writes what it found there, once: of two that judged the same share, the first counts. The one
who sweeps reads the parts and takes them away. None of this is a verdict yet; a sweep that is over leaves nothing here,
and what a killed one left is cleared away by the next (:func:`clear`). So a worker of a sweep that is over cannot
write.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select, update
from sqlmodel import Field
from sqlmodel.sql.sqltypes import UTCDateTime

from facts.store.columns import Json
from facts.store.tables import Stored

Range = tuple[str | None, str | None]
#: Of whom a part is: a range, after the first code up to and including the second, or some codes.
Share = Range | Sequence[str]


class StoredSharing(Stored, table=True):
    """A sweep that is shared out (分片巡查). ``given`` is what its parts are judged by, compressed."""

    __tablename__: ClassVar[str] = "shared_sweeps"

    id: str = Field(primary_key=True)
    begun_at: datetime = Field(sa_type=UTCDateTime)
    given: bytes


class StoredPart(Stored, table=True):
    """One part (分片). ``share`` says of whom it is: a range, or a list of codes.

    ``begun`` counts how often a worker has begun it, ``holder`` is the last of them; ``content`` is what was found,
    compressed; ``None`` until one has finished.
    """

    __tablename__: ClassVar[str] = "parts"

    sweep: str = Field(primary_key=True, foreign_key="shared_sweeps.id")
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    share: Any = Field(sa_type=Json)
    begun: int = 0
    holder: str | None = None
    content: bytes | None = None


def enter(connection: Connection, given: bytes, shares: Sequence[Share], at: datetime) -> str:
    """Enter a sweep that is judged by ``given``, cut into ``shares``, which are numbered from 0; what it is called.

    The name cannot be guessed: whoever finds it in a database has found the database that is swept.
    """
    sweep = uuid4().hex
    connection.execute(insert(StoredSharing.table()).values(id=sweep, begun_at=at, given=zlib.compress(given)))
    rows = [{"sweep": sweep, "number": number, "begun": 0,
             "share": {"range" if isinstance(share, tuple) else "codes": list(share)}}
            for number, share in enumerate(shares)]
    if rows:
        connection.execute(insert(StoredPart.table()), rows)
    return sweep


def given(connection: Connection, sweep: str) -> bytes | None:
    """What the parts of a sweep are judged by; ``None``: this database has no such sweep, or none any more."""
    columns = StoredSharing.table().c
    found = connection.scalar(select(columns.given).where(columns.id == sweep))
    return None if found is None else zlib.decompress(found)


def begin(connection: Connection, sweep: str, number: int, holder: str) -> Share | None:
    """Note that ``holder`` has begun a part; of whom it is. ``None``: the sweep is over, or the part is not wanted."""
    table = StoredPart.table()
    its = update(table).where(table.c.sweep == sweep, table.c.number == number)
    share = connection.scalar(its.values(begun=table.c.begun + 1, holder=holder).returning(table.c.share))
    if share is None:
        return None
    return tuple(share["range"]) if "range" in share else share["codes"]


def finish(connection: Connection, sweep: str, number: int, content: bytes) -> None:
    """Write what was found in a part, unless another has done so or nobody wants it any more."""
    columns = StoredPart.table().c
    connection.execute(update(StoredPart.table()).where(
        columns.sweep == sweep, columns.number == number, columns.content.is_(None),
    ).values(content=zlib.compress(content)))


def take(connection: Connection, sweep: str, number: int) -> tuple[bytes | None, int] | None:
    """Take a part away: what was found in it, compressed (``None``: nobody has finished), how often it was begun.

    ``None``: it is not there.
    """
    table = StoredPart.table()
    its = delete(table).where(table.c.sweep == sweep, table.c.number == number)
    row = connection.execute(its.returning(table.c.content, table.c.begun)).first()
    return None if row is None else (row.content, row.begun)


def clear(connection: Connection, sweep: str | None = None) -> None:
    """Take away all that is left of a sweep, or of all of them."""
    for column in (StoredPart.table().c.sweep, StoredSharing.table().c.id):
        connection.execute(delete(column.table).where(*(() if sweep is None else (column == sweep,))))
