"""The hash of what is known about an enterprise (事实指纹): equal dossiers, equal hashes, on every machine."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from facts.dossier import NEVER, Claim, Dossier


def fingerprint(dossier: Dossier) -> str:
    """SHA-256, in hexadecimal, of all facts in ``dossier``, the ledger's claims of completeness included."""
    versions = [
        [v.valid_from, v.facts, v.name, v.registered_on, v.history_from, v.closed_on, v.last] for v in dossier.versions
    ]
    items = [[item.kind, item.id, item.facts] for item in dossier.items]
    return _hash([dossier.uscc, versions, dossier.records, items, _of_claims(dossier.claims)])


@lru_cache(maxsize=16)
def _of_claims(claims: tuple[Claim, ...]) -> str:
    return _hash([[claim.kind, claim.complete_from, claim.complete_to, claim.division] for claim in claims])


def _hash(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    # Marked by their type, so that a date is never taken for the text that looks like it.
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": f"{value.normalize():f}" if value else "0"}
    if value is NEVER:
        return {"never": True}
    raise TypeError(f"{type(value).__name__} is no fact")
