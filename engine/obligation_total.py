"""One number for all stored obligations (义务总和): what a seal keeps of a table whose rows come and go.

The sum of the rows' hashes, modulo 2^256: a row that comes is added, one that goes is taken off, in whatever order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

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

    def said(self) -> dict[str, Any]:
        """What a seal says of it."""
        return {"count": self.count, "sum": f"{self._sum:064x}"}


def total_of(rows: Iterable[Sequence[Any]]) -> Total:
    """The total of ``rows``."""
    total = Total()
    for row in rows:
        total.add(row)
    return total


def last_total(connection: Connection) -> Total:
    """What the newest seal that tells of obligations says of them."""
    columns = StoredSeal.table().c
    question = (select(StoredSeal.table()).where(columns.kind.in_(("sweep", "adopt")))
                .order_by(columns.number.desc()).limit(1))
    for row in connection.execute(question):
        said = json.loads(row.said)["obligations"]
        return Total(said["count"], int(said["sum"], 16))
    return Total()


def _hash(row: Sequence[Any]) -> int:
    return int.from_bytes(hashlib.sha256("\x1f".join(map(_plain, row)).encode()).digest(), "big")


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return canonical(value) if isinstance(value, (tuple, list, Decimal)) else str(value)
