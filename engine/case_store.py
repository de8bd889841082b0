"""Where decisions on recommendations are kept (办理登记): each entered once; no row is ever changed or deleted.

Each is wholly told by one event of the enterprise's journal, which has the row's columns under their own names; its
kind is that of the decision.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, Engine, Index, insert, select, update
from sqlmodel import Field

from engine.cases import Case, Decision
from engine.outcomes import StoredRecommendation
from engine.wording import STATUSES
from facts.errors import CouldNotBeDone
from facts.language import Text
from facts.store.columns import CivilDate, CreditCode, Json
from facts.store.database import reading
from facts.store.journal import StoredSeal, seal_reference, sealed
from facts.store.tables import Stored


class CaseOvertaken(CouldNotBeDone):
    """Somebody else has decided in the meantime."""


class StoredDecision(Stored, table=True):
    """One entry in the file of a case (办理记录); see :class:`~engine.cases.Decision`. ``seal`` sealed its event."""

    __tablename__: ClassVar[str] = "decisions"
    __table_args__: ClassVar[Any] = (Index("ix_decisions_uscc", "uscc"),)

    case_id: str = Field(primary_key=True)
    place: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    uscc: str = Field(sa_type=CreditCode)
    recommendation: str
    since: date | None = Field(default=None, sa_type=CivilDate)
    kind: str
    decided_on: date = Field(sa_type=CivilDate)
    author: str
    reason: str
    grounds: Any = Field(sa_type=Json, nullable=False)
    competent: Any = Field(sa_type=Json, nullable=False)
    assumptions: Any = Field(sa_type=Json, nullable=False)
    object_until: date | None = Field(default=None, sa_type=CivilDate)
    expires_on: date | None = Field(default=None, sa_type=CivilDate)
    removable_from: date | None = Field(default=None, sa_type=CivilDate)
    waives: str | None = None
    answers: int | None = None
    seal: int = seal_reference()


def event_of(decision: Decision) -> dict[str, Any]:
    """The event that says all that a row does, its seal aside; ``case`` and ``on`` are the names that events have."""
    return {**_row_of(decision), "case": decision.case, "on": decision.on}


def _row_of(decision: Decision) -> dict[str, Any]:
    return {
        "case_id": decision.case, "place": decision.place, "uscc": decision.uscc,
        "recommendation": decision.recommendation, "since": decision.since, "kind": decision.kind,
        "decided_on": decision.on, "author": decision.by, "reason": decision.reason,
        "grounds": [dict(each) for each in decision.grounds], "competent": [dict(each) for each in decision.competent],
        "assumptions": [dict(each) for each in decision.assumptions], "object_until": decision.object_until,
        "expires_on": decision.expires_on, "removable_from": decision.removable_from, "waives": decision.waives,
        "answers": decision.answers}


def decisions(source: Engine | Connection, *, uscc: str | None = None, case: str | None = None,
              known_at: datetime | None = None) -> Mapping[str, tuple[Decision, ...]]:
    """All decisions, or those of one enterprise or case, by case and in their order.

    As known at a moment if one is given, that moment included.
    """
    columns, seals = StoredDecision.table().c, StoredSeal.table().c
    question = select(StoredDecision.table()).order_by(columns.case_id, columns.place)
    if uscc is not None:
        question = question.where(columns.uscc == uscc)
    if case is not None:
        question = question.where(columns.case_id == case)
    if known_at is not None:
        question = question.join(StoredSeal.table(), seals.number == columns.seal).where(seals.at <= known_at)
    found: defaultdict[str, list[Decision]] = defaultdict(list)
    with reading(source) as connection:
        for row in connection.execute(question):
            found[row.case_id].append(Decision(
                row.case_id, row.place, row.uscc, row.recommendation, row.since, row.kind, row.decided_on, row.author,
                row.reason, tuple(row.grounds), tuple(row.competent), tuple(row.assumptions), row.object_until,
                row.expires_on, row.removable_from, row.waives, row.answers))
    return {id_: tuple(entries) for id_, entries in found.items()}


def cases(source: Engine | Connection, *, prefix: str = "", uscc: str | None = None,
          known_at: datetime | None = None) -> list[Case]:
    """The recommendations that sweeps have recorded, whose id begins so, or of one enterprise, by id.

    As known at a moment: with the decisions entered by then, and standing as these left them.
    """
    columns = StoredRecommendation.table().c
    question = select(columns.id, columns.uscc, columns.kind, columns.status, columns.since, columns.withdrawn_on,
                      columns.missing).where(columns.id.startswith(prefix, autoescape=True)).order_by(columns.id)
    if uscc is not None:
        question = question.where(columns.uscc == uscc)
    with reading(source) as connection:
        found = connection.execute(question).all()
        of = decisions(connection, uscc=uscc, case=found[0].id if len(found) == 1 else None, known_at=known_at)
    return [Case(id_, code, kind, status if known_at is None else _left(of.get(id_, ())), since, of.get(id_, ()),
                 withdrawn_on, tuple(missing))
            for id_, code, kind, status, since, withdrawn_on, missing in found]


def _left(made: Sequence[Decision]) -> str:
    """How the newest decision left a case."""
    return next((each.kind for each in reversed(made) if each.kind != "objected"), "proposed")


def enter(connection: Connection, decision: Decision, seen: Case, *, now: datetime) -> None:
    """Enter a decision that was made on a case as it was ``seen``, in a transaction that writes.

    Raises :class:`CaseOvertaken` if the case does not stand so any more: then nothing is changed.
    """
    found = next(iter(cases(connection, prefix=decision.case)), None)
    if found != seen:
        raise CaseOvertaken(_overtaken(seen, found))
    said = {"case": decision.case, "uscc": decision.uscc, "decision": decision.kind}
    with sealed(connection, "case", now, said, author=decision.by) as journal:
        journal.enter({decision.uscc: {"events": [event_of(decision)]}})
        connection.execute(insert(StoredDecision.table()).values(**_row_of(decision), seal=journal.number))
        if decision.kind != "objected":
            table = StoredRecommendation.table()
            changed: dict[str, Any] = {"status": decision.kind}
            if decision.kind == "confirmed":
                changed["expires_on"] = decision.expires_on
            connection.execute(update(table).where(table.c.id == decision.case).values(**changed))


def _overtaken(seen: Case, found: Case | None) -> Text:
    """Who did what in the meantime."""
    new: Sequence[Decision] = () if found is None else found.decisions[len(seen.decisions):]
    if not new:
        return Text(f"{seen.id} 刚刚被一次巡查改动，未作登记；请重新查看：zhiben case show {seen.id}",
                    f"{seen.id} was changed by a sweep in the meantime, nothing was entered; look at it again: "
                    f"zhiben case show {seen.id}")
    zh = "；".join(f"{each.by} 于 {each.on} 登记“{STATUSES[each.kind].zh}”：{each.reason}" for each in new)
    en = "; ".join(f"{each.by} on {each.on}, {STATUSES[each.kind].en}: {each.reason}" for each in new)
    return Text(f"{seen.id} 刚刚已有人办理，未作登记（{zh}）；请重新查看：zhiben case show {seen.id}",
                f"{seen.id} was decided on in the meantime, nothing was entered ({en}); look at it again: zhiben case "
                f"show {seen.id}")
