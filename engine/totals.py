"""One number for all rows of a table that come and go (总和), which a sweep's seal keeps: obligations, horizons.

The sum of the rows' hashes, modulo 2^256: a row that comes is added, one that goes is taken off, in whatever order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from engine.outcomes import Outcome
from facts.store.journal import StoredSeal, canonical

_MODULUS = 1 << 256


class Total:
    """A count of rows and the sum of their hashes."""

    def __init__(self, count: int = 0, total: int = 0) -> None:
        self.count = count
        self._sum = total

    def add(self, row: Sequence[Any]) -> None:
        """Count a row in: its identity, then what it says."""
        self.count += 1
        self._sum = (self._sum + _hash(row)) % _MODULUS

    def take(self, row: Sequence[Any]) -> None:
        """Count a row out."""
        self.count -= 1
        self._sum = (self._sum - _hash(row)) % _MODULUS

    def join(self, other: Total) -> None:
        """Count in all that ``other`` counts in and out."""
        self.count += other.count
        self._sum = (self._sum + other._sum) % _MODULUS

    def said(self) -> dict[str, Any]:
        """What a seal says of it."""
        return {"count": self.count, "sum": f"{self._sum:064x}"}


def stored_total(connection: Connection, model: type[Outcome]) -> Total:
    """The total of the rows as they stand in the table of ``model``."""
    table = model.table()
    question = select(*(table.c[name] for name in (*model.identity, *model.says)))
    return total_of(connection.execute(question, execution_options={"yield_per": 10_000}))


def total_of(rows: Iterable[Sequence[Any]]) -> Total:
    """The total of ``rows``."""
    total = Total()
    for row in rows:
        total.add(row)
    return total


def last_total(connection: Connection, of: str = "obligations") -> Total:
    """What the newest seal of a sweep, or of an adoption, says of them, or of ``horizons``."""
    columns = StoredSeal.table().c
    question = (select(columns.said).where(columns.kind.in_(("sweep", "adopt")))
                .order_by(columns.number.desc()).limit(1))
    for words in connection.scalars(question):
        return total_said(json.loads(words), of)
    return Total()


def total_said(said: Mapping[str, Any], of: str) -> Total:
    """The total that a seal which says this tells of; seals made before there were such rows tell nothing."""
    total = said.get(of, Total().said())
    return Total(total["count"], int(total["sum"], 16))


def _hash(row: Sequence[Any]) -> int:
    whose, *says = row
    text = f"{whose}\x1f{_text(tuple(says))}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


@lru_cache(maxsize=20_000)
def _text(says: tuple[Any, ...]) -> str:
    # Of many enterprises the very same is said.
    return "\x1f".join([value if value.__class__ is str else _plain(value) for value in says])


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return canonical(value) if isinstance(value, (tuple, list, Decimal)) else str(value)
