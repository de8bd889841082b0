"""The tables of what sweeps concluded (结论表): sweeps, current obligations, violations, steps, recommendations.

Every row can be computed again from facts and packs; what the tables add is memory: when a violation was first
recorded, that it was withdrawn, that a person has decided on a recommendation. A row is written only when what it says
changes. Its *receipt* (凭据) is the sweep that changed it last, which names date, packs by content hash, state of the
ledger and version of the program, together with the hash of the facts that were read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Index, and_, bindparam, text
from sqlmodel import Field
from sqlmodel.sql.sqltypes import UTCDateTime

from engine.case_story import Proposal
from engine.results import Obligation
from engine.violation_story import Issued, Standing
from facts.store.columns import CivilDate, CreditCode, ExactDecimal, Json, TextSet
from facts.store.tables import Stored


class Outcome(Stored):
    """A table of outcomes: ``identity`` are the columns that identify a row, ``says`` those that it compares by.

    ``swept`` are the columns that name the sweeps which wrote a row, the first or the last; such a row also has the
    hash of the ``facts`` that were read.
    """

    identity: ClassVar[tuple[str, ...]] = ()
    says: ClassVar[tuple[str, ...]] = ()
    swept: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The columns of a row as it is entered, without those that name sweeps."""
        return (*cls.identity, *cls.says, *(("facts",) if cls.swept else ()))

    @classmethod
    def is_identified(cls) -> ColumnElement[bool]:
        """Holds of the row whose identity is bound as :meth:`identified` has it."""
        return and_(*(cls.table().c[name] == bindparam(f"its_{name}") for name in cls.identity))

    @classmethod
    def identified(cls, identity: Sequence[Any]) -> dict[str, Any]:
        """The values that bind an identity."""
        return {f"its_{name}": value for name, value in zip(cls.identity, identity, strict=True)}


class Sweep(Outcome, table=True):
    """One sweep (巡查) that was recorded. ``packs`` maps each pack to the hash of its content.

    ``known_in`` is the revision of the ledger that was read, ``counts`` the summary that was printed.
    """

    __tablename__: ClassVar[str] = "sweeps"

    id: int | None = Field(default=None, primary_key=True)
    as_of: date = Field(sa_type=CivilDate, index=True)
    started_at: datetime = Field(sa_type=UTCDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    program: str
    rulebook: str
    packs: Any = Field(sa_type=Json, nullable=False)
    known_in: int = Field()
    counts: Any = Field(default=None, sa_type=Json, nullable=True)


class StoredObligation(Outcome, table=True):
    """An obligation not yet ended (当前义务), as of the newest recorded sweep; earlier ones can be computed."""

    identity: ClassVar[tuple[str, ...]] = ("uscc", "duty", "key")
    says: ClassVar[tuple[str, ...]] = (
        "starts_on", "due_on", "verdict", "required", "done", "fulfilled_on", "rules", "missing", "covered"
    )  # fmt: skip

    __tablename__: ClassVar[str] = "obligations"
    __table_args__: ClassVar[Any] = ({"sqlite_with_rowid": False},)

    uscc: str = Field(primary_key=True, sa_type=CreditCode)
    duty: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    starts_on: date | None = Field(default=None, sa_type=CivilDate)
    due_on: date | None = Field(default=None, sa_type=CivilDate)
    verdict: str
    required: int | None = None
    done: Any = Field(default=None, sa_type=ExactDecimal, nullable=True)
    fulfilled_on: date | None = Field(default=None, sa_type=CivilDate)
    rules: Any = Field(sa_type=TextSet, nullable=False)
    missing: Any = Field(sa_type=TextSet, nullable=False)
    covered: bool | None = None

    @staticmethod
    def said(obligation: Obligation) -> tuple[Any, ...]:
        """The values of ``says`` for ``obligation``."""
        return (
            obligation.starts_on,
            obligation.due_on,
            str(obligation.verdict),
            obligation.required,
            None if obligation.done is None else Decimal(obligation.done),
            obligation.fulfilled_on,
            _sorted(rule.id for rule in obligation.rules),
            _sorted(obligation.missing),
            obligation.covered,
        )


class StoredViolation(Outcome, table=True):
    """A violation (违规), by its identity (enterprise, duty, key).

    ``status`` is ``open``, ``closed``, ``lapsed``, ``withdrawn`` or ``waived``. ``withdrawn_on`` is the date of the
    sweep that no longer found it. ``rules`` are the ids of its legal bases.
    """

    identity: ClassVar[tuple[str, ...]] = ("uscc", "duty", "key")
    says: ClassVar[tuple[str, ...]] = (
        "status", "due_on", "opened_on", "closed_on", "streak", "rules", "withdrawn_on", "joined", "excused"
    )  # fmt: skip
    swept: ClassVar[tuple[str, ...]] = ("first_swept", "last_swept")

    __tablename__: ClassVar[str] = "violations"
    __table_args__: ClassVar[Any] = (
        Index("ix_violations_open", "duty", "uscc", sqlite_where=text("status = 'open'"),
              postgresql_where=text("status = 'open'")),
        {"sqlite_with_rowid": False},
    )  # fmt: skip

    uscc: str = Field(primary_key=True, sa_type=CreditCode)
    duty: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    status: str
    due_on: date | None = Field(default=None, sa_type=CivilDate)
    opened_on: date = Field(sa_type=CivilDate)
    closed_on: date | None = Field(default=None, sa_type=CivilDate)
    streak: int
    rules: Any = Field(sa_type=TextSet, nullable=False)
    withdrawn_on: date | None = Field(default=None, sa_type=CivilDate)
    joined: Any = Field(default=None, sa_type=Json, nullable=True)
    excused: Any = Field(default=None, sa_type=Json, nullable=True)
    facts: str
    first_swept: int = Field(foreign_key="sweeps.id")
    last_swept: int = Field(foreign_key="sweeps.id")

    @staticmethod
    def row(standing: Standing) -> tuple[Any, ...]:
        """The values of ``says`` for ``standing``."""
        return (standing.status, standing.due_on, standing.opened_on, standing.closed_on, standing.streak,
                standing.rules, standing.withdrawn_on, _listed(standing.joined), _listed(standing.excused))

    @staticmethod
    def standing(row: Sequence[Any]) -> Standing:
        """The standing that a row's values of ``says`` are."""
        *plain, rules, withdrawn_on, joined, excused = row
        return Standing(*plain, tuple(rules), withdrawn_on, _tuples(joined), _tuples(excused))


class StoredStep(Outcome, table=True):
    """A step of a ladder that was issued (已发出的措施), by violation, ladder and level.

    It says what the sweep found that first recorded it, and is never changed: what was issued stays in the history,
    also when the violation is withdrawn.
    """

    identity: ClassVar[tuple[str, ...]] = ("uscc", "duty", "key", "ladder", "level")
    says: ClassVar[tuple[str, ...]] = ("step", "due_on", "issued_on")
    swept: ClassVar[tuple[str, ...]] = ("first_swept",)

    __tablename__: ClassVar[str] = "steps"
    __table_args__: ClassVar[Any] = ({"sqlite_with_rowid": False},)

    uscc: str = Field(primary_key=True, sa_type=CreditCode)
    duty: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    ladder: str = Field(primary_key=True)
    level: int = Field(primary_key=True)
    step: str
    due_on: date = Field(sa_type=CivilDate)
    issued_on: date = Field(sa_type=CivilDate)
    facts: str
    first_swept: int = Field(foreign_key="sweeps.id")

    @staticmethod
    def row(issued: Issued) -> tuple[Any, ...]:
        """The values of ``says`` for ``issued``."""
        return issued.step, issued.due_on, issued.issued_on


class StoredRecommendation(Outcome, table=True):
    """A recommendation (建议), by its id.

    ``status`` is ``proposed``, ``unknown`` (held back for the facts in ``missing``) or ``withdrawn`` as far as sweeps
    go; any other is a person's decision, which no sweep touches. ``since`` is empty where unknown.
    """

    identity: ClassVar[tuple[str, ...]] = ("id",)
    says: ClassVar[tuple[str, ...]] = (
        "uscc", "kind", "status", "since", "grounds", "missing", "withdrawn_on", "past", "expires_on"
    )  # fmt: skip
    swept: ClassVar[tuple[str, ...]] = ("first_swept", "last_swept")

    __tablename__: ClassVar[str] = "recommendations"
    __table_args__: ClassVar[Any] = (Index("ix_recommendations_uscc", "uscc"),)

    id: str = Field(primary_key=True)
    uscc: str = Field(sa_type=CreditCode)
    kind: str
    status: str
    since: date | None = Field(default=None, sa_type=CivilDate)
    grounds: Any = Field(sa_type=Json, nullable=False)
    missing: Any = Field(sa_type=TextSet, nullable=False)
    withdrawn_on: date | None = Field(default=None, sa_type=CivilDate)
    past: Any = Field(default=None, sa_type=Json, nullable=True)
    expires_on: date | None = Field(default=None, sa_type=CivilDate)
    facts: str
    first_swept: int = Field(foreign_key="sweeps.id")
    last_swept: int = Field(foreign_key="sweeps.id")

    @staticmethod
    def row(uscc: str, proposal: Proposal) -> tuple[Any, ...]:
        """The values of ``says`` for ``proposal``."""
        grounds = [{"rule": rule, "facts": list(facts), "since": since} for rule, facts, since in proposal.grounds]
        past = [{"rule": rule, "facts": list(facts), "since": since, "ended_on": ended}
                for rule, facts, since, ended in proposal.past]
        return (uscc, proposal.kind, proposal.status, proposal.since, grounds, proposal.missing,
                proposal.withdrawn_on, past or None, proposal.expires_on)

    @staticmethod
    def proposal(row: Sequence[Any]) -> Proposal:
        """The proposal that a row's values of ``says`` are."""
        _, kind, status, since, grounds, missing, withdrawn_on, past, expires_on = row
        return Proposal(
            kind, status, since,
            tuple(sorted((g["rule"], tuple(g["facts"]), g.get("since") or (since and since.isoformat()))
                         for g in grounds)),
            tuple(missing), withdrawn_on,
            tuple((g["rule"], tuple(g["facts"]), g["since"], g["ended_on"]) for g in past or ()), expires_on)


class PackText(Outcome, table=True):
    """The text of a pack that a sweep was held against (规则包原文), by the hash of its content."""

    __tablename__: ClassVar[str] = "pack_texts"

    sha256: str = Field(primary_key=True)
    name: str
    text: str


def _listed(pairs: Iterable[Sequence[Any]]) -> list[list[Any]] | None:
    return [list(pair) for pair in pairs] or None


def _tuples(pairs: Iterable[Iterable[Any]] | None) -> tuple[Any, ...]:
    return tuple(tuple(pair) for pair in pairs or ())


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))

