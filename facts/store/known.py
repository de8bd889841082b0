"""What the store already knows, as intake asks for it (已知台账)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Engine

from facts.ledger import KnownEnterprise
from facts.models import EnterpriseRow, Row
from facts.store.database import reading
from facts.store.statements import current, withdrawals
from facts.store.tables import TABLES, Enterprise, Statement


class StoredLedger:
    """A :class:`facts.ledger.KnownLedger` on a database. Rows are withdrawn (``void``) if that was said last."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rows(self, sheet: str, keys: Iterable[tuple[object, ...]]) -> Mapping[tuple[object, ...], Row]:
        """The rows of those ``keys`` of the sheet (English name) that exist, withdrawn ones included."""
        wanted = set(keys)
        found = self._about(TABLES[sheet], {key[0] for key in wanted})
        return {key: row for key, row in found.items() if key in wanted}

    def enterprises(self, usccs: Iterable[str]) -> Mapping[str, KnownEnterprise]:
        """Those of ``usccs`` of which there is any row, withdrawn or not."""
        versions: dict[str, dict[date, EnterpriseRow]] = defaultdict(dict)
        for row in self._about(Enterprise, usccs).values():
            assert isinstance(row, EnterpriseRow)
            versions[row.uscc][row.valid_from] = row
        return {uscc: _known(rows) for uscc, rows in versions.items()}

    def _about(self, model: type[Statement], leads: Iterable[Any]) -> dict[tuple[object, ...], Row]:
        leads, names = set(leads), model.names()
        with reading(self._engine) as connection:
            rows = [
                model.row(void=void, **dict(zip(names, said, strict=True)))
                # What the ledger says comes last and so prevails: whatever withdrew it came before.
                for void, statements in ((True, withdrawals), (False, current))
                for _, said in statements(connection, model, leads)
            ]
        return {row.key(): row for row in rows}


def _known(versions: dict[date, EnterpriseRow]) -> KnownEnterprise:
    newest_first = [row for _, row in sorted(versions.items(), reverse=True) if not row.void]

    def newest(name: str) -> date | None:
        return next((day for row in newest_first if (day := getattr(row, name)) is not None), None)

    return KnownEnterprise(versions, newest("registered_on"), newest("closed_on"))
