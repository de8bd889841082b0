"""What is known about one enterprise or authority (档案): the only input that verdicts are made from.

Plain immutable values without database, file or clock. Dates are civil dates in Asia/Shanghai. Whoever builds a
dossier leaves out what is *not known* (未知): a missing key is unknown, it is never ``None``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum


class Never(Enum):
    """The claim 无 / 从未 / never in a ``last_…`` column: nothing of that kind was ever done."""

    NEVER = "never"


NEVER = Never.NEVER

#: A known value: yes/no, whole number, decimal number, text, date, or the set of sectors.
FactValue = bool | int | Decimal | str | date | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One row of the enterprise sheet (企业版本): holds from ``valid_from`` until the next version starts.

    ``facts`` has the row's known attributes by their English name (``division``, ``sectors``, ``headcount``,
    ``high_risk``, ``suspended`` …, and facts declared by packs). ``last`` maps a kind of record to the date of a
    ``last_…`` column, or to :data:`NEVER`.
    """

    valid_from: date
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    name: str | None = None
    registered_on: date | None = None
    history_from: date | None = None
    closed_on: date | None = None
    last: Mapping[str, date | Never] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """A hazard, accident, exhibition or certificate (隐患、事故、展会、证书).

    ``kind`` is ``hazard``, ``accident``, ``exhibition`` or ``certificate``; ``facts`` has its known columns by
    their English name, dates as dates, without the id and the credit code.
    """

    kind: str
    id: str
    facts: Mapping[str, FactValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """A row of the coverage sheet (台账范围): records of ``kind`` are complete from … to, both days included.

    ``division`` ``None`` means all divisions; ``complete_to`` ``None`` means open.
    """

    kind: str
    complete_from: date
    complete_to: date | None = None
    division: str | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is known about one enterprise, or about one authority (部门).

    ``versions`` ascend by ``valid_from``. ``records`` maps a kind to its distinct dates, ascending; the dates of
    ``last_…`` columns are *not* repeated there. ``amounts`` gives, by kind and date, the amount (数量: hours, cases) of
    those records that state one. ``items`` ascend by (kind, id). ``claims`` are those of the whole ledger: which of
    them reach this enterprise on a day is for the engine to say.

    An authority has one version, from the first day there is, with the facts ``division`` and ``authority_kind``; its
    code stands in ``uscc``.
    """

    uscc: str
    versions: tuple[Version, ...]
    records: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    items: tuple[Item, ...] = ()
    claims: tuple[Claim, ...] = ()
    amounts: Mapping[str, Mapping[date, Decimal]] = field(default_factory=dict)
    is_authority: bool = False
