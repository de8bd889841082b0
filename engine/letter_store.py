"""Where letters are kept (发文登记): written, delivered or made void, each entered once and in the journal.

No row is ever changed or deleted. Each is wholly told by one event of the enterprise's journal, which has the row's
columns under their own names: ``letter``, ``letter_item``, ``delivered``, ``letter_void``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import (
    Connection,
    Engine,
    Index,
    Table,
    UniqueConstraint,
    func,
    insert,
    select,
)
from sqlmodel import Field

from engine.letter_numbers import Number
from engine.letters import Matter
from engine.outcomes import StoredStep
from facts.store.columns import CivilDate, CreditCode
from facts.store.database import reading
from facts.store.journal import Journal, seal_reference
from facts.store.tables import Stored


class _Told(Stored):
    """A table of which each row is told by one event of the journal, of the kind ``event``."""

    event: ClassVar[str] = ""


class StoredLetter(_Told, table=True):
    """A letter as it was first written (通知). ``dated`` and ``comply_by`` stay, however often it is written again."""

    __tablename__: ClassVar[str] = "letters"
    __table_args__: ClassVar[Any] = (UniqueConstraint("prefix", "year", "serial"), Index("ix_letters_uscc", "uscc"))
    event: ClassVar[str] = "letter"

    number: str = Field(primary_key=True)
    prefix: str
    year: int
    serial: int
    uscc: str = Field(sa_type=CreditCode)
    step: str
    dated: date = Field(sa_type=CivilDate)
    comply_by: date | None = Field(default=None, sa_type=CivilDate)
    seal: int = seal_reference()


class StoredLetterItem(_Told, table=True):
    """A matter that a letter speaks of (事项), the ``place``-th from 1; see :class:`~engine.letters.Matter`."""

    __tablename__: ClassVar[str] = "letter_items"
    __table_args__: ClassVar[Any] = (Index("ix_letter_items_about", "uscc", "duty", "key"),)
    event: ClassVar[str] = "letter_item"

    number: str = Field(primary_key=True, foreign_key="letters.number")
    place: int = Field(primary_key=True)
    uscc: str = Field(sa_type=CreditCode)
    duty: str
    key: str
    ladder: str
    level: int
    due_on: date = Field(sa_type=CivilDate)
    issued_on: date = Field(sa_type=CivilDate)
    seal: int = seal_reference()


class StoredDelivery(_Told, table=True):
    """That a letter was sent (送达), for the ``place``-th time from 1; ``because`` is why it was sent again."""

    __tablename__: ClassVar[str] = "deliveries"
    event: ClassVar[str] = "delivered"

    number: str = Field(primary_key=True, foreign_key="letters.number")
    place: int = Field(primary_key=True)
    sent_on: date = Field(sa_type=CivilDate)
    sent_by: str
    how: str | None = None
    because: str | None = None
    seal: int = seal_reference()


class StoredLetterVoid(_Told, table=True):
    """That a letter will not be sent (作废): its number stays used, its matters are free for another letter."""

    __tablename__: ClassVar[str] = "letter_voids"
    event: ClassVar[str] = "letter_void"

    number: str = Field(primary_key=True, foreign_key="letters.number")
    void_on: date = Field(sa_type=CivilDate)
    void_by: str
    reason: str
    seal: int = seal_reference()


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery."""

    on: date
    by: str
    how: str | None
    because: str | None


@dataclass(frozen=True, slots=True)
class Void:
    """Why a letter will not be sent."""

    on: date
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, what it speaks of, and what became of it."""

    number: Number
    uscc: str
    step: str
    dated: date
    comply_by: date | None
    matters: tuple[Matter, ...] = ()
    sent: tuple[Sent, ...] = ()
    void: Void | None = None

    @property
    def waits(self) -> bool:
        """Whether it is still to be sent."""
        return not self.sent and self.void is None


_LETTER = ("prefix", "year", "serial", "uscc", "step", "dated", "comply_by")


def letters(source: Engine | Connection, *, numbers: Collection[Number] | None = None,
            unsent: bool = False) -> list[Letter]:
    """The letters of these numbers, or all, in the order of their prefixes and numbers; ``unsent``: that still wait."""
    tables = letter, delivery, void = StoredLetter.table(), StoredDelivery.table(), StoredLetterVoid.table()
    question = select(letter.c.number, *(letter.c[name] for name in _LETTER))
    if unsent:
        question = question.where(*(letter.c.number.not_in(select(each.c.number)) for each in (delivery, void)))
    with reading(source) as connection:
        if numbers is None:
            found = connection.execute(question).all()
        else:
            names = [str(number) for number in numbers]
            found = [row for name in names for row in connection.execute(question.where(letter.c.number == name))]
        few = numbers is not None

        def told(table: Table, *order: str) -> Mapping[str, list[Any]]:
            rows: defaultdict[str, list[Any]] = defaultdict(list)
            asked = select(table)
            if few:
                asked = asked.where(table.c.number.in_([row.number for row in found]))
            elif unsent:
                asked = asked.where(*(table.c.number.not_in(select(each.c.number)) for each in tables[1:]))
            for row in connection.execute(asked.order_by(*(table.c[name] for name in order))):
                rows[row.number].append(row)
            return rows

        items = told(StoredLetterItem.table(), "number", "place")
        sent, voids = told(delivery, "number", "place"), told(void, "number")
    return sorted((_letter(row, items[row.number], sent[row.number], voids[row.number]) for row in found),
                  key=lambda each: each.number)


def _letter(row: Any, items: Iterable[Any], sent: Iterable[Any], voids: Sequence[Any]) -> Letter:
    return Letter(
        Number(row.prefix, row.year, row.serial), row.uscc, row.step, row.dated, row.comply_by,
        tuple(Matter(i.uscc, i.duty, i.key, row.step, i.ladder, i.level, i.due_on, i.issued_on) for i in items),
        tuple(Sent(s.sent_on, s.sent_by, s.how, s.because) for s in sent),
        Void(voids[0].void_on, voids[0].void_by, voids[0].reason) if voids else None)


def numbers(source: Engine | Connection) -> list[Number]:
    """The numbers of all letters."""
    columns = StoredLetter.table().c
    with reading(source) as connection:
        return [Number(*row) for row in connection.execute(select(columns.prefix, columns.year, columns.serial))]


def highest(source: Engine | Connection, prefix: str, year: int) -> int:
    """The highest serial number used with this prefix in this year; 0 if there is none."""
    columns = StoredLetter.table().c
    question = select(func.max(columns.serial)).where(columns.prefix == prefix, columns.year == year)
    with reading(source) as connection:
        return connection.scalar(question) or 0


def newest_letter(source: Engine | Connection) -> date | None:
    """The date of the newest letter."""
    with reading(source) as connection:
        return connection.scalar(select(func.max(StoredLetter.table().c.dated)))


def steps_without_letter(source: Engine | Connection, as_of: date) -> list[Matter]:
    """The steps that sweeps recorded as issued by ``as_of`` and no letter speaks of, in the order of the codes."""
    steps, items, voids = StoredStep.table(), StoredLetterItem.table(), StoredLetterVoid.table()
    same = ("uscc", "duty", "key", "ladder", "level")
    spoken_of = (select(1).where(*(items.c[name] == steps.c[name] for name in same),
                                 items.c.number.not_in(select(voids.c.number))).correlate(steps).exists())
    question = select(*(steps.c[name] for name in ("uscc", "duty", "key", "step", "ladder", "level", "due_on",
                                                   "issued_on")))
    question = question.where(steps.c.issued_on <= as_of, ~spoken_of)
    with reading(source) as connection:
        found = [Matter(*row) for row in connection.execute(question)]
    # Here, since each server has an order of letters of its own.
    return sorted(found, key=lambda each: (each.uscc, each.duty, each.key, each.ladder, each.level))


def reminded(source: Engine | Connection) -> set[tuple[Any, ...]]:
    """The identities of the obligations that a letter has reminded of."""
    items, voids = StoredLetterItem.table().c, StoredLetterVoid.table().c
    question = select(items.uscc, items.duty, items.key, items.ladder, items.level, items.due_on).where(
        items.ladder == "", items.number.not_in(select(voids.number)))
    with reading(source) as connection:
        return {tuple(row) for row in connection.execute(question)}


def enter(connection: Connection, journal: Journal, written: Iterable[Letter]) -> None:
    """Enter letters that are written for the first time."""
    rows: dict[type[_Told], list[dict[str, Any]]] = {StoredLetter: [], StoredLetterItem: []}
    events: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)

    def tell(model: type[_Told], subject: str, /, **columns: Any) -> None:
        rows[model].append({**columns, "seal": journal.number})
        events[subject].append({"kind": model.event, "on": letter.dated, **columns})

    for letter in written:
        n = letter.number
        tell(StoredLetter, letter.uscc, number=str(n), prefix=n.prefix, year=n.year, serial=n.serial, uscc=letter.uscc,
             step=letter.step, dated=letter.dated, comply_by=letter.comply_by)
        for place, m in enumerate(letter.matters, 1):
            tell(StoredLetterItem, letter.uscc, number=str(n), place=place, uscc=m.uscc, duty=m.duty, key=m.key,
                 ladder=m.ladder, level=m.level, due_on=m.due_on, issued_on=m.issued_on)
    for model, entered in rows.items():
        if entered:
            connection.execute(insert(model.table()), entered)
    journal.enter({uscc: {"events": told} for uscc, told in events.items()})


def enter_fate(connection: Connection, journal: Journal, model: type[StoredDelivery] | type[StoredLetterVoid],
               rows: Mapping[Number, Mapping[str, Any]], on: date) -> None:
    """Enter what became of letters on a day: a row of ``model`` for each, given without number and seal."""
    found = {letter.number: letter.uscc for letter in letters(connection, numbers=list(rows))}
    events: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for number, columns in rows.items():
        told = {"number": str(number), **columns}
        connection.execute(insert(model.table()).values(**told, seal=journal.number))
        events[found[number]].append({"kind": model.event, "on": on, **told})
    journal.enter({uscc: {"events": told} for uscc, told in events.items()})
