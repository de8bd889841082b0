"""What judging an enterprise yields (判定结果): plain immutable values with the field names of the output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from engine.rulebook import RuleRef
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


@dataclass(frozen=True, slots=True)
class Obligation:
    """One obligation (义务) as of a date. ``done`` counts records, or adds up their hours or cases.

    ``missing`` names what is not known where the verdict is unknown: facts, or ``coverage:KIND`` for records that
    nobody claims to be complete. ``covered`` is false where records of the period are not claimed to be complete.
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


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation (违规) as of a date; identified by (enterprise, duty, key)."""

    duty: str
    key: str
    status: Status
    opened_on: date
    rules: tuple[RuleRef, ...]
    due_on: date | None = None
    closed_on: date | None = None
    overdue_days: int | None = None
    streak: int = 1


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason for a recommendation: a rule and the facts it was found true of."""

    rule: str
    document: str
    clause: str
    quote: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What is recommended (建议), ``proposed``, or ``unknown`` while a fact is missing; a person decides."""

    id: str
    kind: str
    status: str
    since: date | None
    grounds: tuple[Ground, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that follows for one enterprise, or one authority, as of a date, in the order of the output."""

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


def by_due_date(row: Obligation | Violation) -> tuple[str, date, str]:
    """Sort key of the output: duty, then due date (empty ones last), then key."""
    return row.duty, row.due_on or date.max, row.key
