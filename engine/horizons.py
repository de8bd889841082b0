"""Until when what a sweep recorded of an enterprise stands (判定有效期), and of whom the next one must judge again.

A *horizon* is the last day on which the verdicts about an enterprise or authority stay as they are if nobody states,
waives or decides anything about it (:mod:`engine.outlook`), together with how its verdicts count. A night judges again
those whose horizon has passed and those of whom the journal tells something since the sweep before; what was recorded
of all others is what judging them again would find. Other packs, another program, an earlier date or a changed claim
that the ledger is complete concern everybody: then all are judged.

Besides, a few are judged each night whose turn it is by their place in the ledger, so that all come round once in
:data:`ROUND` nights: with them nothing may change.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, func, select
from sqlmodel import Field

from engine.by_value import by_value
from engine.judgement import judge
from engine.outcomes import Outcome, StoredRecommendation
from engine.outlook import Outlook
from engine.output import not_ended
from engine.results import Judgement, Verdict
from engine.rulebook import Rulebook
from engine.waivers import Waiver
from facts.dossier import Dossier
from facts.store.columns import CivilDate, CreditCode
from facts.store.journal import StoredEntry, StoredSeal, newest

#: In how many nights everybody is judged again at least once.
ROUND = 400

#: Of whom a row is.
ENTERPRISE, AUTHORITY = "enterprise", "authority"


class StoredHorizon(Outcome, table=True):
    """The horizon of one enterprise or authority: ``until`` is included, ``None``: nothing will change by itself.

    ``subject`` is empty as long as none of its versions is visible. The verdicts are how many obligations have each.
    """

    identity: ClassVar[tuple[str, ...]] = ("uscc",)
    says: ClassVar[tuple[str, ...]] = ("until", "subject", *map(str, Verdict))

    __tablename__: ClassVar[str] = "horizons"
    __table_args__: ClassVar[Any] = ({"sqlite_with_rowid": False},)

    uscc: str = Field(primary_key=True, sa_type=CreditCode)
    until: date | None = Field(default=None, sa_type=CivilDate, index=True)
    subject: str | None = None
    fulfilled: int
    pending: int
    due_soon: int
    unknown: int
    violated: int
    made_up: int
    waived: int


@by_value
@dataclass(frozen=True, slots=True)
class Horizon:
    """What is stored as a row, of one enterprise or authority."""

    until: date | None
    subject: str | None
    verdicts: Mapping[str, int]

    def row(self) -> tuple[Any, ...]:
        """The values of ``says``."""
        return (self.until, self.subject, *(self.verdicts.get(str(verdict), 0) for verdict in Verdict))


@dataclass(frozen=True, slots=True)
class Summed:
    """How many subjects are visible, and the verdicts about all of them."""

    enterprises: int
    authorities: int
    verdicts: Counter[str]

    def __add__(self, other: Summed) -> Summed:
        return Summed(self.enterprises + other.enterprises, self.authorities + other.authorities,
                      self.verdicts + other.verdicts)


def judged_until(dossier: Dossier, rulebook: Rulebook, as_of: date, waivers: Collection[Waiver] = (),
                 ) -> tuple[Judgement | None, Horizon]:
    """What follows as of a date, without the obligations that have ended, and how long that stands."""
    outlook = Outlook(as_of)
    verdicts = Counter[str]()
    judgement = judge(dossier, rulebook, outlook.as_of, waivers, over=verdicts)
    if judgement is None:
        return None, Horizon(outlook.until, None, {})
    current, today = [], as_of.toordinal()
    for each in judgement.obligations:
        verdicts[each.verdict] += 1
        if not_ended(each, as_of):
            current.append(each)
            if each.due_on is not None:
                outlook.note(each.due_on.toordinal() - today + 1)
    subject = AUTHORITY if judgement.is_authority else ENTERPRISE
    return replace(judgement, obligations=tuple(current)), Horizon(outlook.until, subject, verdicts)


def summed(connection: Connection) -> Summed:
    """The sum of all horizons."""
    columns = StoredHorizon.table().c
    sums = [func.sum(columns[str(verdict)]) for verdict in Verdict]
    rows = connection.execute(select(columns.subject, func.count(), *sums).group_by(columns.subject)).all()
    counts = {row[0]: row[1] for row in rows}
    verdicts = Counter({str(verdict): int(sum(row[place] for row in rows)) for place, verdict in enumerate(Verdict, 2)})
    return Summed(counts.get(ENTERPRISE, 0), counts.get(AUTHORITY, 0), +verdicts)


def head(connection: Connection, moment: datetime | None) -> int:
    """The newest seal up to which everything was known at ``moment``; ``None``: now. Ask before waivers are read."""
    columns = StoredSeal.table().c
    later = None if moment is None else connection.scalar(
        select(func.min(columns.number)).where(columns.at > moment))
    last = newest(connection)
    return later - 1 if later is not None else 0 if last is None else last.number


def last_known(connection: Connection, revision: int) -> int:
    """The newest seal before those of the revisions of the ledger that came after ``revision``."""
    columns = StoredSeal.table().c
    found = newest(connection)
    number = 0 if found is None else found.number
    revisions = select(columns.number, columns.said).where(columns.kind.in_(("import", "undo")))
    for its, said in connection.execute(revisions.order_by(columns.number.desc())):
        if json.loads(said)["revision"] <= revision:
            break
        number = its - 1
    return number


def touched(connection: Connection, by: Mapping[str, Any]) -> list[str] | None:
    """Of whom a sweep must judge again, ascending; ``None``: of all.

    ``by`` has what the sweep goes by: ``as_of``, ``program``, ``rulebook``, ``known_in`` and ``head``.
    """
    columns, entries, horizons = StoredSeal.table().c, StoredEntry.table().c, StoredHorizon.table().c
    words = connection.scalar(select(columns.said).where(columns.kind.in_(("sweep", "adopt")))
                              .order_by(columns.number.desc()).limit(1))
    base = json.loads(words) if words is not None else {}
    if "head" not in base or any(base[name] != by[name] for name in ("program", "rulebook")):
        return None
    if by["as_of"].isoformat() < base["as_of"] or any(by[name] < base[name] for name in ("known_in", "head")):
        return None
    since = select(columns.number, columns.kind, columns.said).where(columns.number > base["head"])
    told = []
    for number, kind, said in connection.execute(since.where(columns.kind != "sweep")):
        if kind in ("import", "undo") and json.loads(said)["sheets"]:
            return None
        told.append(number)
    as_of = by["as_of"]
    cases = StoredRecommendation.table().c
    questions = [
        select(horizons.uscc).where(horizons.until < as_of),
        select(cases.uscc).where(cases.status == "confirmed", cases.expires_on <= as_of),
        *(select(entries.uscc).where(entries.seal == number) for number in told),
    ]
    return sorted({code for question in questions for code in connection.scalars(question)})


def whose_turn(connection: Connection, as_of: date, without: Sequence[str]) -> list[str]:
    """Who is judged again on this night although nothing is known to have changed, ascending."""
    codes = StoredHorizon.table().c.uscc
    numbered = select(codes, func.row_number().over(order_by=codes).label("place")).subquery()
    wanted = select(numbered.c.uscc).where(numbered.c.place % ROUND == as_of.toordinal() % ROUND)
    return sorted({*connection.scalars(wanted)} - {*without})
