"""Where waivers are kept (豁免登记): entered and ended, each once; no row is ever changed or deleted.

Which day something was entered on is the civil date in Asia/Shanghai of the moment that is stored. As known at an
earlier moment, what was entered later is not there, and what was ended later is not ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, Engine, insert, select
from sqlmodel import Field
from sqlmodel.sql.sqltypes import UTCDateTime

from engine.clock import SHANGHAI
from engine.said import said
from engine.waivers import Waiver
from facts.errors import BadInput
from facts.language import Text
from facts.store.columns import CivilDate, CreditCode
from facts.store.database import reading
from facts.store.journal import sealed
from facts.store.tables import Stored


class StoredWaiver(Stored, table=True):
    """A waiver as it was entered (豁免). ``replaces`` is the waiver that was ended for this one to follow it."""

    __tablename__: ClassVar[str] = "waivers"

    id: int | None = Field(default=None, primary_key=True)
    uscc: str = Field(sa_type=CreditCode, index=True)
    duty: str
    key: str | None = None
    first_day: date = Field(sa_type=CivilDate)
    last_day: date = Field(sa_type=CivilDate)
    reason: str
    author: str
    entered_at: datetime = Field(sa_type=UTCDateTime)
    retroactive: str | None = None
    replaces: int | None = Field(default=None, foreign_key="waivers.id", unique=True)


class WaiverEnding(Stored, table=True):
    """What ended a waiver before its time (提前终止); ``void``: it was entered by mistake."""

    __tablename__: ClassVar[str] = "waiver_endings"

    waiver: int = Field(primary_key=True, foreign_key="waivers.id", sa_column_kwargs={"autoincrement": False})
    author: str
    reason: str
    ended_at: datetime = Field(sa_type=UTCDateTime)
    void: bool = False


def known_waivers(source: Engine | Connection, *, uscc: str | None = None,
                  known_at: datetime | None = None) -> Mapping[str, tuple[Waiver, ...]]:
    """All waivers, or those of ``uscc``, by credit code and in the order of entry; as known at a moment if one is
    given, that moment included."""
    waivers, endings = StoredWaiver.table().c, WaiverEnding.table().c
    ended = endings.waiver == waivers.id
    names = ("id", "uscc", "duty", "key", "first_day", "last_day", "reason", "author", "entered_at", "retroactive")
    if known_at is not None:
        ended &= endings.ended_at <= known_at
    question = select(*(waivers[name] for name in names), endings.ended_at, endings.author, endings.reason,
                      endings.void).outerjoin_from(StoredWaiver.table(), WaiverEnding.table(), ended)
    if uscc is not None:
        question = question.where(waivers.uscc == uscc)
    if known_at is not None:
        question = question.where(waivers.entered_at <= known_at)
    found: dict[str, tuple[Waiver, ...]] = {}
    with reading(source) as connection:
        for row in connection.execute(question.order_by(waivers.id)):
            waiver = _waiver(*row)
            found[waiver.uscc] = (*found.get(waiver.uscc, ()), waiver)
    return found


def _waiver(id_: int, uscc: str, duty: str, key: str | None, first: date, last: date, reason: str, author: str,
            entered_at: datetime, retroactive: str | None, ended_at: datetime | None, ended_by: str | None,
            ended_because: str | None, void: bool | None) -> Waiver:
    return Waiver(id_, uscc, duty, key, first, last, reason, author, day_of(entered_at), retroactive,
                  None if ended_at is None else day_of(ended_at), ended_by, ended_because, bool(void))


def day_of(moment: datetime) -> date:
    """The civil date of a moment in Asia/Shanghai."""
    return moment.astimezone(SHANGHAI).date()


def enter(connection: Connection, *, uscc: str, duty: str, key: str | None, first: date, last: date, reason: str,
          author: str, now: datetime, retroactive: str | None = None, replaces: int | None = None) -> Waiver:
    """Enter a waiver in a transaction that writes; ``replaces`` is ended on this day for it to follow.

    Whether there is such an enterprise, duty and key is for the caller to say. Raises
    :class:`~facts.errors.BadInput`: texts that are blank, a span that ends before it starts or reaches back without a
    reason (or has a reason without reaching back), another waiver of the same in force on a day of it, or a waiver to
    be replaced that is of something else or cannot be ended.
    """
    today = day_of(now)
    reason, author = said(reason, Text("理由", "reason")), said(author, Text("录入人", "author"))
    if first > last:
        raise BadInput(Text(f"豁免的止日 {last} 早于起日 {first}；请改正",
                            f"the waiver ends on {last}, before it starts on {first}; give a later end"))
    if first < today and retroactive is None:
        raise BadInput(Text(f"起日 {first} 早于今天（{today}）；确需追溯的，用 --retroactive 写明追溯的理由",
                            f"it starts on {first}, before today ({today}); if it must reach back, say why with "
                            "--retroactive"))
    if retroactive is not None:
        retroactive = said(retroactive, Text("追溯的理由", "reason for reaching back"))
        if first >= today:
            raise BadInput(Text(f"起日 {first} 不早于今天（{today}），并不追溯；请去掉 --retroactive",
                                f"it starts on {first}, not before today ({today}), and reaches back nowhere; leave "
                                "--retroactive out"))
    if replaces is not None:
        old = _one(connection, replaces)
        if (old.uscc, old.duty) != (uscc, duty):
            raise BadInput(Text(f"第 {old.id} 号豁免的是 {old.uscc} 的 {old.duty}，不能由这一项接替",
                                f"waiver {old.id} is of {old.uscc}, {old.duty}: this one cannot follow it"))
        end(connection, replaces, author=author, reason=reason, now=now)
    for other in known_waivers(connection, uscc=uscc).get(uscc, ()):
        until = other.last_day(date.max)
        if (other.duty, other.key) == (duty, key) and not other.void and (
                max(first, other.first) <= min(last, until)):
            raise BadInput(Text(
                f"第 {other.id} 号已豁免同一事项（{other.first} 至 {until}），期间重叠；可用 --replaces {other.id} "
                f"接替它，或先用 zhiben waive end {other.id} 终止",
                f"waiver {other.id} is of the same and overlaps ({other.first} to {until}); follow it with --replaces "
                f"{other.id}, or end it first: zhiben waive end {other.id}"))
    values: dict[str, Any] = {
        "uscc": uscc, "duty": duty, "key": key, "first_day": first, "last_day": last, "reason": reason,
        "author": author, "entered_at": now, "retroactive": retroactive, "replaces": replaces}
    number = connection.execute(insert(StoredWaiver.table()).values(**values)).inserted_primary_key[0]
    _tell(connection, uscc, "waiver", author, now, {**values, "id": number})
    return _one(connection, number)


def end(connection: Connection, number: int, *, author: str, reason: str, now: datetime, void: bool = False) -> Waiver:
    """End a waiver before its time: from today on it covers nothing further, or never did (``void``).

    Raises :class:`~facts.errors.BadInput`: there is none of this number, it has been ended before, or it is over (and
    not to be void), or a text is blank.
    """
    today = day_of(now)
    reason, author = said(reason, Text("理由", "reason")), said(author, Text("经办人", "author"))
    found = _one(connection, number)
    if found.ended_on is not None:
        raise BadInput(Text(f"第 {number} 号豁免已于 {found.ended_on} 由{found.ended_by}终止，未作改动",
                            f"waiver {number} was ended on {found.ended_on} by {found.ended_by}; nothing was changed"))
    if found.last < today and not void:
        raise BadInput(Text(f"第 {number} 号豁免已于 {found.last} 到期，无须终止；录入有误的，用 --void 作废",
                            f"waiver {number} was over after {found.last}, there is nothing to end; if it was entered "
                            "by mistake, add --void"))
    ending = {"waiver": number, "author": author, "reason": reason, "ended_at": now, "void": void}
    connection.execute(insert(WaiverEnding.table()).values(**ending))
    _tell(connection, found.uscc, "waiver_ended", author, now, ending)
    return _one(connection, number)


def _tell(connection: Connection, uscc: str, kind: str, author: str, now: datetime, values: dict[str, Any]) -> None:
    """Enter in the journal what was entered here."""
    with sealed(connection, kind, now, {}, author=author) as journal:
        journal.enter({uscc: {"events": [{"kind": kind, "on": day_of(now), **values}]}})


def _one(connection: Connection, number: int) -> Waiver:
    columns = StoredWaiver.table().c
    uscc = connection.scalar(select(columns.uscc).where(columns.id == number))
    for waiver in known_waivers(connection, uscc=uscc).get(uscc, ()) if uscc is not None else ():
        if waiver.id == number:
            return waiver
    raise BadInput(Text(f"没有第 {number} 号豁免；zhiben waivers 列出全部豁免",
                        f"there is no waiver {number}; zhiben waivers lists them"))
