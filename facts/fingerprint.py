"""The hash of what is known of an enterprise or authority (事实指纹): equal facts, equal hashes, on every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
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
    parts = [*map(_text, (dossier.uscc, versions)), _of_records(dossier.records),
             *map(_text, (items, _of_claims(dossier.claims)))]
    # Left out where there is nothing to say, so that the hashes of facts without them stay what they were.
    if dossier.amounts:
        amounts = [[kind, *one] for kind, days in dossier.amounts.items() for one in days.items()]
        parts.append(_text({"amounts": sorted(amounts, key=lambda amount: amount[:2])}))
    if dossier.is_authority:
        parts.append(_text({"is_authority": True}))
    return _hash(f"[{','.join(parts)}]")


@lru_cache(maxsize=16)
def _of_claims(claims: tuple[Claim, ...]) -> str:
    return _hash(_text([[claim.kind, claim.complete_from, claim.complete_to, claim.division] for claim in claims]))


def _of_records(records: Mapping[str, Iterable[date]]) -> str:
    """What :func:`_text` makes of them, sooner: most of what is known are the days of records."""
    kinds = [f'{_text(kind)}:[{",".join(map(_day, records[kind]))}]' for kind in sorted(records)]
    return f"{{{','.join(kinds)}}}"


@lru_cache(maxsize=20_000)
def _day(day: date) -> str:
    return _text(day)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: Any) -> str:
    return _ENCODER.encode(value)


def _plain(value: Any) -> Any:
    # Marked by their type, so that a date is never taken for the text that looks like it.
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": f"{value.normalize():f}" if value else "0"}
    if value is NEVER:
        return {"never": True}
    raise TypeError(f"{type(value).__name__} is no fact")


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
