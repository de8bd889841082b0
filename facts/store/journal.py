"""The journal (日志): what happened, in an order and in words that cannot be changed unnoticed.

Whatever writes to the database enters it in the same transaction, as one *seal* (封签) and any number of *entries*:

- an entry belongs to one enterprise or authority and has what happened to it, as a list of events. Its hash is that of
  the entry before it and of its own text, so the entries of an enterprise are a chain;
- a seal says what was run or decided, when and by whom. Its hash is that of the seal before it, of its own text, and
  of the last hashes of all the entries it seals, so the seals are one chain that holds all the others.

Nothing is ever changed or deleted; a correction is a further entry. The hash of the newest seal stands for everything
before it: printed in the minutes, it shows later whether anything was rewritten. An event is named by enterprise,
entry and place, as ``91120102XXXX00246A/3/1``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring
from types import NoneType
from typing import Any, ClassVar, Protocol

from sqlalchemy import Column, Connection, ForeignKey, Index, Integer, func, insert, select, text
from sqlmodel import Field
from sqlmodel.sql.sqltypes import UTCDateTime

from facts.store.bulk import enter_rows
from facts.store.columns import CreditCode
from facts.store.statements import chunks
from facts.store.tables import Stored

#: The hash that the first link of every chain follows.
BEGINNING = "0" * 64

Event = Mapping[str, Any]


class StoredSeal(Stored, table=True):
    """One seal (封签). ``kind`` is what was done: ``import``, ``undo``, ``sweep``, ``waive`` …

    ``said`` is its text, in canonical JSON; ``entries`` how many entries it seals, ``digest`` the hash of their hashes.
    """

    __tablename__: ClassVar[str] = "seals"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UTCDateTime)
    kind: str
    author: str | None = None
    said: str
    entries: int
    digest: str
    hash: str = Field(unique=True)


def seal_reference() -> Any:
    """The column of a row that names the seal it was entered under; the seal is entered last, when all is there."""
    return Field(sa_column=Column(Integer, ForeignKey("seals.number", deferrable=True, initially="DEFERRED"),
                                  nullable=False))


class StoredEntry(Stored, table=True):
    """One entry (条目) of an enterprise's chain, the ``place``-th from 1; ``said`` is its text, in canonical JSON."""

    __tablename__: ClassVar[str] = "entries"
    __table_args__: ClassVar[Any] = (Index("ix_entries_seal", "seal", "uscc"), {"sqlite_with_rowid": False})

    uscc: str = Field(primary_key=True, sa_type=CreditCode)
    place: int = Field(primary_key=True)
    seal: int = seal_reference()
    said: str
    hash: str


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal as it was read; ``words`` is its text."""

    number: int
    at: datetime
    kind: str
    author: str | None
    words: str
    entries: int
    digest: str
    hash: str

    @property
    def said(self) -> Mapping[str, Any]:
        """What the seal says. Raises ``ValueError`` if its text is no JSON: then it was changed by hand."""
        return json.loads(self.words)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it was read; ``words`` is its text."""

    uscc: str
    place: int
    seal: int
    words: str
    hash: str

    @property
    def said(self) -> Mapping[str, Any]:
        """``events``, and what they rest on (凭据) beside them. Raises ``ValueError`` as that of a seal."""
        return _read(self.words)

    @property
    def events(self) -> Sequence[Event]:
        """What happened, in order."""
        return self.said["events"]

    def event_id(self, index: int) -> str:
        """What the ``index``-th event, from 0, is called."""
        return f"{self.uscc}/{self.place}/{index + 1}"


@lru_cache(maxsize=256)
def _read(words: str) -> Any:
    # Whoever looks at an entry asks for what it says several times. Nobody changes it.
    return json.loads(words)


class Pass(Protocol):
    """What a :class:`Guard` lets pass: this one seal."""

    def sealing(self, kind: str, said: Mapping[str, Any], author: str | None) -> tuple[Mapping[str, Any], str | None]:
        """What the seal says and who did it, as they are to be entered. Raises if this is not allowed."""


class Guard(Protocol):
    """Who may make which seals (把关). A connection carries it as the execution option :data:`GUARD`, or none."""

    def admit(self, connection: Connection) -> Pass:
        """Asked before anything is entered, when nobody else can seal any more. Raises if nothing is allowed."""


GUARD = "zhiben_guard"


class Journal:
    """A seal being made, in a transaction that writes; one at a time. Its ``number`` is known from the start."""

    def __init__(self, connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('zhiben journal'))"))
        guard: Guard | None = connection.get_execution_options().get(GUARD)
        self._pass = None if guard is None else guard.admit(connection)
        before = newest(connection)
        self._connection = connection
        self._before = BEGINNING if before is None else before.hash
        self.number = 1 if before is None else before.number + 1

    def enter(self, said: Mapping[str, Mapping[str, Any]]) -> None:
        """Add one entry for each enterprise in ``said``: its ``events``, and what they rest on.

        An enterprise without events gets no entry. Give many at once: their chains are looked up together.
        """
        self.enter_words({uscc: canonical(what) for uscc, what in said.items() if what["events"]})

    def enter_words(self, said: Mapping[str, str]) -> None:
        """The same, with what is said in words already (:func:`canonical`)."""
        if not said:
            return
        heads = _heads(self._connection, said)
        rows = []
        for uscc, words in sorted(said.items()):
            place, before = heads.get(uscc, (0, BEGINNING))
            rows.append((uscc, place + 1, self.number, words,
                         entry_hash(before, uscc, place + 1, self.number, words)))
        enter_rows(self._connection, StoredEntry.table(), ("uscc", "place", "seal", "said", "hash"), rows)

    def close(self, kind: str, at: datetime, said: Mapping[str, Any], *, author: str | None = None) -> None:
        """Seal what was entered. ``said`` is what was done, ``author`` who did it, where a person did."""
        if self._pass is not None:
            said, author = self._pass.sealing(kind, said, author)
        count, digest = digest_of(self._connection, self.number)
        made = {"number": self.number, "at": at, "kind": kind, "author": author, "said": canonical(said),
                "entries": count, "digest": digest}
        values = {**made, "hash": seal_hash(self._before, **made)}
        self._connection.execute(insert(StoredSeal.table()).values(**values))


@contextmanager
def sealed(connection: Connection, kind: str, at: datetime, said: Mapping[str, Any], *,
           author: str | None = None) -> Iterator[Journal]:
    """Within, entries can be made; at the end they are sealed. ``said`` is read then."""
    journal = Journal(connection)
    yield journal
    journal.close(kind, at, said, author=author)


def canonical(value: Any) -> str:
    """The one text in JSON that stands for ``value``; dates, moments and decimal numbers as text."""
    return _ENCODER.encode(value)


def canonical_list(values: Iterable[Any]) -> str:
    """What :func:`canonical` makes of a list of ``values``, sooner: an import hashes them by the million."""
    return f"[{','.join([_WRITTEN.get(value.__class__, canonical)(value) for value in values])}]"


@lru_cache(maxsize=1 << 14)
def _day(value: date) -> str:
    return f'"{value.isoformat()}"'


_WRITTEN: Mapping[type, Callable[[Any], str]] = {
    str: encode_basestring, date: _day, NoneType: lambda _: "null", bool: lambda value: "true" if value else "false"}


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    raise TypeError(f"{type(value).__name__} has no place in the journal")


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def moment_text(moment: datetime) -> str:
    """A moment as it is hashed: in UTC, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def entry_hash(before: str, uscc: str, place: int, seal: int, said: str) -> str:
    """The hash of an entry that follows one with the hash ``before``."""
    return hashlib.sha256(f"{before}\n{uscc}\n{place}\n{seal}\n{said}".encode()).hexdigest()


def seal_hash(before: str, *, number: int, at: datetime, kind: str, author: str | None, said: str, entries: int,
              digest: str) -> str:
    """The hash of a seal that follows one with the hash ``before``."""
    text = canonical([before, number, moment_text(at), kind, author, said, entries, digest])
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of(connection: Connection, seal: int) -> tuple[int, str]:
    """How many entries lie under a seal, and the hash of their hashes in the order of codes and places."""
    columns = StoredEntry.table().c
    question = (select(columns.uscc, columns.place, columns.hash).where(columns.seal == seal)
                .order_by(columns.uscc, columns.place))
    count, digest = 0, hashlib.sha256()
    for uscc, place, its in connection.execute(question, execution_options={"yield_per": 10_000}):
        digest.update(f"{uscc} {place} {its}\n".encode())
        count += 1
    return count, digest.hexdigest()


def newest(connection: Connection) -> Seal | None:
    """The newest seal; ``None`` if there is none yet."""
    columns = StoredSeal.table().c
    row = connection.execute(select(StoredSeal.table()).order_by(columns.number.desc()).limit(1)).first()
    return None if row is None else _seal(row)


def seals(connection: Connection) -> Iterator[Seal]:
    """All seals in order."""
    for row in connection.execute(select(StoredSeal.table()).order_by(StoredSeal.table().c.number)):
        yield _seal(row)


def seal(connection: Connection, number: int) -> Seal | None:
    """One seal."""
    row = connection.execute(select(StoredSeal.table()).where(StoredSeal.table().c.number == number)).first()
    return None if row is None else _seal(row)


def entries(connection: Connection, uscc: str) -> list[Entry]:
    """The chain of one enterprise, oldest first."""
    columns = StoredEntry.table().c
    question = select(StoredEntry.table()).where(columns.uscc == uscc).order_by(columns.place)
    return [_entry(row) for row in connection.execute(question)]


def entries_between(connection: Connection, after: str | None, through: str | None) -> Iterator[Entry]:
    """The chains of a range of codes: after the first, up to and including the second, ``None`` leaves an end open."""
    columns = StoredEntry.table().c
    question = select(StoredEntry.table()).where(columns.uscc > (after or "")).order_by(columns.uscc, columns.place)
    if through is not None:
        question = question.where(columns.uscc <= through)
    for row in connection.execute(question):
        yield _entry(row)


def _heads(connection: Connection, usccs: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Place and hash of the last entry of each of ``usccs`` that has one."""
    table = StoredEntry.table()
    found: dict[str, tuple[int, str]] = {}
    for chunk in chunks(sorted(usccs)):
        last = (select(table.c.uscc, func.max(table.c.place).label("place")).where(table.c.uscc.in_(chunk))
                .group_by(table.c.uscc).subquery())
        question = select(table.c.uscc, table.c.place, table.c.hash).join(
            last, (last.c.uscc == table.c.uscc) & (last.c.place == table.c.place))
        found.update({uscc: (place, its) for uscc, place, its in connection.execute(question)})
    return found


def _seal(row: Any) -> Seal:
    return Seal(row.number, row.at, row.kind, row.author, row.said, row.entries, row.digest, row.hash)


def _entry(row: Any) -> Entry:
    return Entry(row.uscc, row.place, row.seal, row.said, row.hash)
