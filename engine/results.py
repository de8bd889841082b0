"""What judging an enterprise yields (判定结果): plain immutable values with the field names of the output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from engine.by_value import by_value
from engine.pack_schema import ORDERED_BY_OTHERS, Figure
from engine.rulebook import RuleRef
from engine.waivers import Waiver
from facts.dossier import FactValue


class Verdict(StrEnum):
    """The verdicts of SEMANTICS.md section 3."""

    FULFILLED = "fulfilled"
    PENDING = "pending"
    DUE_SOON = "due_soon"
    UNKNOWN = "unknown"
    VIOLATED = "violated"
    MADE_UP = "made_up"
    WAIVED = "waived"


class Status(StrEnum):
    """How a violation stands. ``withdrawn`` is a matter of history: it is said by the outcomes, not by judging."""

    OPEN = "open"
    CLOSED = "closed"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    WAIVED = "waived"


@by_value
@dataclass(frozen=True, slots=True)
class Obligation:
    """One obligation (义务) as of a date. ``done`` counts records, or adds up their hours or cases.

    ``missing`` names what is not known where the verdict is unknown: facts, or ``coverage:KIND`` for records that
    nobody claims to be complete. ``covered`` is false where records of the period are not claimed to be complete.
    ``waiver`` is what waives it, where the verdict is ``waived``.
    """

    duty: str
    key: str
    verdict: Verdict
    rules: tuple[RuleRef, ...]
    starts_on: date | None = None
    due_on: date | None = None
    required: int | None = None
    done: int | Decimal | None = None
    fulfilled_on: date | None = None
    missing: tuple[str, ...] = ()
    covered: bool | None = None
    waiver: Waiver | None = None


@by_value
@dataclass(frozen=True, slots=True)
class Step:
    """One step of a ladder that a violation has reached (督促措施), the ``level``-th of its ladder.

    ``due_on`` is the day on which it was reached, ``issued_on`` the first day from then on on which nothing held it
    back; ``None``: it is held back, or was until the violation ended. ``held_by`` says what holds it back, or did:
    ``suspended``, the cause of a further span, or ``missing:FACT`` where a fact that the step depends on is not known.
    ``ref`` cites the ladder, ``assumptions`` are its numbers that no source prints.
    """

    step: str
    level: int
    due_on: date
    ref: RuleRef
    issued_on: date | None = None
    held_by: str | None = None
    assumptions: tuple[Figure, ...] = ()

    @property
    def ladder(self) -> str:
        """The id of the ladder."""
        return self.ref.id

    @property
    def recommended(self) -> bool:
        """Whether only others may order it, so that it is recommended to them."""
        return self.step in ORDERED_BY_OTHERS


@by_value
@dataclass(frozen=True, slots=True)
class Violation:
    """One violation (违规) as of a date; identified by (enterprise, duty, key).

    ``waiver`` is what waives it, where the status is ``waived``; ``streak`` is 0 then. ``steps`` are those that it has
    reached, issued or held back, in the order of their ladder.

    ``joined`` are those of its rules that came to hold only after the day on which it opened, with the first day of
    each; ``excused`` the spans of days, both ends included, on which a waiver covered it, ``None`` where that lasts as
    long as the violation or up to the date of the verdict.
    """

    duty: str
    key: str
    status: Status
    opened_on: date
    rules: tuple[RuleRef, ...]
    due_on: date | None = None
    closed_on: date | None = None
    overdue_days: int | None = None
    streak: int = 1
    waiver: Waiver | None = None
    steps: tuple[Step, ...] = ()
    joined: tuple[tuple[date, str], ...] = ()
    excused: tuple[tuple[date, date | None], ...] = ()

    @property
    def issued(self) -> tuple[Step, ...]:
        """The steps that have been issued."""
        return tuple(step for step in self.steps if step.issued_on is not None)

    @property
    def held_back(self) -> tuple[Step, ...]:
        """The steps that were reached and not issued."""
        return tuple(step for step in self.steps if step.issued_on is None)


@by_value
@dataclass(frozen=True, slots=True)
class Ground:
    """One reason for a recommendation: a rule and the facts it was found true of.

    ``since`` is the first day on which it held; ``ended_on`` the day from which on it held no more.
    """

    rule: str
    document: str
    clause: str
    quote: str
    facts: tuple[str, ...]
    since: date | None = None
    ended_on: date | None = None


@by_value
@dataclass(frozen=True, slots=True)
class Recommendation:
    """What is recommended (建议), ``proposed``, or ``unknown`` while a fact is missing; a person decides.

    ``past`` are the grounds that ended before the date of the verdict, each with both its days.
    """

    id: str
    kind: str
    status: str
    since: date | None
    grounds: tuple[Ground, ...]
    missing: tuple[str, ...] = ()
    past: tuple[Ground, ...] = ()


@by_value
@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that follows for one enterprise, or one authority, as of a date, in the order of the output.

    ``past_recommendations`` are those that have past grounds alone: ``withdrawn``, without ``since`` and grounds.
    """

    uscc: str
    name: str | None
    division: str | None
    sectors: tuple[str, ...] | None
    high_risk: bool | None
    as_of: date
    facts: Mapping[str, FactValue]
    obligations: tuple[Obligation, ...]
    violations: tuple[Violation, ...]
    recommendations: tuple[Recommendation, ...]
    is_authority: bool = False
    authority_kind: str | None = None
    past_recommendations: tuple[Recommendation, ...] = ()


def by_due_date(row: Obligation | Violation) -> tuple[str, date, str]:
    """Sort key of the output: duty, then due date (empty ones last), then key."""
    return row.duty, row.due_on or date.max, row.key
