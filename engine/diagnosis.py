"""What a check of ``zhiben doctor`` is given and gives (自检的所见)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine

from facts.language import Text


class State(StrEnum):
    """How something is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found: one line, and what to do unless all is well."""

    check: str
    state: State
    found: Text
    todo: Text | None = None


@dataclass(slots=True)
class Patient:
    """What is examined: the database at an address, with packs (none: the product's), at a moment.

    ``engine`` is the database once it has been found to be one; checks that need it are left out before.
    """

    url: str
    packs: Sequence[str]
    now: datetime
    quick: bool = False
    engine: Engine | None = field(default=None)


#: Yields a state, what was found and what to do about it.
Check = Callable[[Patient], Iterator[tuple[State, Text, Text | None]]]


def ok(zh: str, en: str) -> tuple[State, Text, None]:
    """All is well."""
    return State.OK, Text(zh, en), None


def warning(found: Text, todo: Text) -> tuple[State, Text, Text]:
    """Something may go wrong, or is not as it usually is."""
    return State.WARNING, found, todo


def problem(found: Text, todo: Text) -> tuple[State, Text, Text]:
    """Something is wrong."""
    return State.PROBLEM, found, todo
