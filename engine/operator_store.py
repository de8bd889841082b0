"""Where operators are kept (经办人员登记): every change a further row; none is ever changed or deleted.

Each row is told by one seal of the kind ``operator``, so that nobody becomes an operator by writing to the table: a
table that is not what the seals tell counts for nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, UniqueConstraint, insert, inspect, select
from sqlmodel import Field

from engine.operators import Operator
from facts.store import journal
from facts.store.journal import Seal, StoredSeal, seal_reference, sealed
from facts.store.tables import Stored

#: The kind of seal that tells of a row.
KIND = "operator"
#: What is held against the seals; of the hash of a token, they have only a hash.
COMPARED = ("role", "token_id", "token_sha256", "seal")

Identity = tuple[str, int]


class StoredOperator(Stored, table=True):
    """How an operator stood from a change on, the ``place``-th from 1; see :class:`~engine.operators.Operator`."""

    __tablename__: ClassVar[str] = "operators"
    __table_args__: ClassVar[Any] = (UniqueConstraint("seal"),)

    name: str = Field(primary_key=True)
    place: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    role: str | None = None
    token_id: str | None = None
    token_hash: str | None = None
    seal: int = seal_reference()


def rows(connection: Connection) -> list[Operator]:
    """All rows, by name and place; none in a database that is older than the table."""
    table = StoredOperator.table()
    if not inspect(connection).has_table(table.name):
        return []
    question = select(table.c.name, table.c.place, table.c.role, table.c.token_id, table.c.token_hash, table.c.seal)
    return [Operator(*row) for row in connection.execute(question.order_by(table.c.name, table.c.place))]


def newest(found: Iterable[Operator]) -> dict[str, Operator]:
    """How everybody stands who ever was an operator, those removed too, by name."""
    return {each.name: each for each in sorted(found, key=lambda each: each.place)}


def standing(found: Iterable[Operator]) -> dict[str, Operator]:
    """The operators, by name."""
    return {name: each for name, each in newest(found).items() if each.role is not None}


def operator_seals(connection: Connection) -> list[Seal]:
    """The seals that tell of operators, in order."""
    columns = StoredSeal.table().c
    numbers = connection.scalars(select(columns.number).where(columns.kind == KIND).order_by(columns.number)).all()
    return [seal for number in numbers if (seal := journal.seal(connection, number)) is not None]


def told(seals: Iterable[Seal]) -> dict[Identity, dict[str, Any]]:
    """What the seals tell of each row, by name and place."""
    found = {}
    for seal in seals:
        if seal.kind == KIND:
            said = seal.said
            found[str(said.get("name")), said.get("place")] = {
                **{name: said.get(name) for name in COMPARED}, "seal": seal.number}
    return found


def held(found: Iterable[Operator]) -> dict[Identity, dict[str, Any]]:
    """The same of each row as it stands."""
    return {(each.name, each.place): {"role": each.role, "token_id": each.token_id,
                                      "token_sha256": _sha256(each.token_hash), "seal": each.seal} for each in found}


def is_sound(connection: Connection, found: Iterable[Operator]) -> bool:
    """Whether the rows are those that the seals tell of, no more and no fewer."""
    try:
        return told(operator_seals(connection)) == held(found)
    except (ValueError, TypeError, AttributeError):
        return False


def enter(connection: Connection, change: str, before: Operator | None, *, name: str, role: str | None,
          token_id: str | None, token_hash: str | None, now: datetime) -> Operator:
    """Add a row that follows ``before``, in a transaction that writes; ``change`` is what the seal calls it."""
    place = 1 if before is None else before.place + 1
    said = {"change": change, "name": name, "place": place, "role": role, "token_id": token_id,
            "token_sha256": _sha256(token_hash)}
    with sealed(connection, KIND, now, said) as entered:
        row = Operator(name, place, role, token_id, token_hash, entered.number)
        connection.execute(insert(StoredOperator.table()).values(
            name=name, place=place, role=role, token_id=token_id, token_hash=token_hash, seal=entered.number))
    return row


def since(connection: Connection) -> Mapping[str, datetime]:
    """When each name was first entered."""
    found: dict[str, datetime] = {}
    for seal in operator_seals(connection):
        found.setdefault(str(seal.said.get("name")), seal.at)
    return found


def _sha256(token_hash: str | None) -> str | None:
    return None if token_hash is None else hashlib.sha256(token_hash.encode()).hexdigest()
