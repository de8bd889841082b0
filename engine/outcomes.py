"""The tables of what sweeps concluded (结论表): sweeps, current obligations, violations, steps, recommendations.

Every row can be computed again from facts and packs; what the tables add is memory: when a violation was first
recorded, that it was withdrawn, that a person has decided on a recommendation. A row is written only when what it says
changes. Its *receipt* (凭据) is the sweep that changed it last, which names date, packs by content hash, state of the
ledger and version of the program, together with the hash of the facts that were read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import Connection, Index, Table, select, text
from sqlmodel import Field
from sqlmodel.sql.sqltypes import UTCDateTime

from engine.results import Obligation, Recommendation, Step, Violation
from facts.store.columns import CivilDate, CreditCode, ExactDecimal, Json, TextSet
from facts.store.tables import Stored


class Outcome(Stored):
    """A table of outcomes: ``identity`` are the columns that identify a row, ``says`` those that it compares by."""

    identity: ClassVar[tuple[str, ...]] = ()
    says: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def table(cls) -> Table:
        """The table itself, for statements in bulk."""
        return cls.__table__  # type: ignore[attr-defined]


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
    __table_args__: ClassVar[Any] = (Index("ix_obligations_due_on", "due_on"), {"sqlite_with_rowid": False})

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
        "status", "due_on", "opened_on", "closed_on", "streak", "rules", "withdrawn_on"
    )  # fmt: skip

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
    facts: str
    first_swept: int = Field(foreign_key="sweeps.id")
    last_swept: int = Field(foreign_key="sweeps.id")

    @staticmethod
    def said(violation: Violation) -> tuple[Any, ...]:
        """The values of ``says`` for ``violation``."""
        return (
            str(violation.status),
            violation.due_on,
            violation.opened_on,
            violation.closed_on,
            violation.streak,
            _sorted(rule.id for rule in violation.rules),
            None,
        )


class StoredStep(Outcome, table=True):
    """A step of a ladder that was issued (已发出的措施), by violation, ladder and level.

    It says what the sweep found that first recorded it, and is never changed: what was issued stays in the history,
    also when the violation is withdrawn.
    """

    identity: ClassVar[tuple[str, ...]] = ("uscc", "duty", "key", "ladder", "level")
    says: ClassVar[tuple[str, ...]] = ("step", "due_on", "issued_on")

    __tablename__: ClassVar[str] = "steps"
    __table_args__: ClassVar[Any] = (Index("ix_steps_issued_on", "issued_on"), {"sqlite_with_rowid": False})

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
    def said(step: Step) -> tuple[Any, ...]:
        """The values of ``says`` for ``step``."""
        return step.step, step.due_on, step.issued_on


class StoredRecommendation(Outcome, table=True):
    """A recommendation (建议), by its id.

    ``status`` is ``proposed``, ``unknown`` (held back for the facts in ``missing``) or ``withdrawn`` as far as sweeps
    go; any other is a person's decision, which no sweep touches. ``since`` is empty where unknown.
    """

    identity: ClassVar[tuple[str, ...]] = ("id",)
    says: ClassVar[tuple[str, ...]] = ("uscc", "kind", "status", "since", "grounds", "missing", "withdrawn_on")

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
    facts: str
    first_swept: int = Field(foreign_key="sweeps.id")
    last_swept: int = Field(foreign_key="sweeps.id")

    @staticmethod
    def said(uscc: str, recommendation: Recommendation) -> tuple[Any, ...]:
        """The values of ``says`` for ``recommendation``. Its wording is left out: rewording a rule is no new ground."""
        return (
            uscc,
            recommendation.kind,
            str(recommendation.status),
            recommendation.since,
            [{"rule": ground.rule, "facts": list(ground.facts)} for ground in recommendation.grounds],
            _sorted(recommendation.missing),
            None,
        )


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def receipt(
    connection: Connection, model: type[StoredViolation] | type[StoredRecommendation], *identity: str
) -> dict[str, Any] | None:
    """What the row of ``identity`` rests on (凭据), ``None`` if there is none: all that is needed to judge it again.

    ``facts`` is empty where nothing was known of the enterprise any more.
    """
    table, sweeps = model.table(), Sweep.table()
    names = ("as_of", "program", "rulebook", "packs", "known_in")
    row = connection.execute(
        select(*(sweeps.c[name] for name in names), table.c.facts)
        .join_from(table, sweeps, table.c.last_swept == sweeps.c.id)
        .where(*(table.c[name] == value for name, value in zip(model.identity, identity, strict=True)))
    ).first()
    return None if row is None else dict(zip((*names, "facts"), row, strict=True))
