"""How one value is kept in a column (列类型): exactly, and readable in any database browser.

Python sees dates, decimals, tuples and dicts; the database sees ISO dates, plain decimals and JSON. SQLite knows no
dates and no exact decimals, so there both are text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import BigInteger, Date, Integer, Numeric, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from facts.models import CODE_LIMITS, DECIMAL_PLACES


@lru_cache(maxsize=1 << 16)
def day_of(text: str) -> date:
    """The date that ``text`` is (YYYY-MM-DD). Remembered: a sweep reads dates by the million and few distinct ones."""
    return date.fromisoformat(text)


class _IsoDate(UserDefinedType[date]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "DATE"

    def bind_processor(self, dialect: Dialect) -> Callable[[date | None], str | None]:
        return lambda value: None if value is None else value.isoformat()

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], date | None]:
        return lambda text: None if text is None else day_of(text)


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal number that comes back as it went in, digit for digit (trailing zeros aside)."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        exact = Numeric(12 + DECIMAL_PLACES, DECIMAL_PLACES) if dialect.name == "postgresql" else String()
        return dialect.type_descriptor(exact)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        return value if value is None or dialect.name == "postgresql" else plain_decimal(value)

    def process_result_value(self, value: Decimal | str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(plain_decimal(Decimal(value)))


class TextSet(TypeDecorator[tuple[str, ...]]):
    """A set of names as a sorted JSON list; ``None`` (not known) is not the empty set."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else _joined(tuple(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else _names(value)


@lru_cache(maxsize=1 << 14)
def _joined(names: tuple[str, ...]) -> str:
    return json.dumps(sorted(set(names)), ensure_ascii=False)


@lru_cache(maxsize=1 << 14)
def _names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


class LastDay(TypeDecorator[date | Literal["never"]]):
    """A ``last_…`` column: a date, or the claim ``never``."""

    impl = String
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(10)

    def process_bind_param(self, value: date | Literal["never"] | None, dialect: Dialect) -> str | None:
        return value.isoformat() if isinstance(value, date) else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | Literal["never"] | None:
        return value if value is None or value == "never" else day_of(value)


class DeclaredFacts(TypeDecorator[dict[str, Any]]):
    """Facts that packs declare, by name, as one JSON object; decimals and dates are marked as such."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        return None if value is None else json_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:
        if value is None:
            return None
        return {name: _unmarked(fact) for name, fact in json.loads(value).items()} if value != "{}" else {}


class OpenDivision(TypeDecorator[str]):
    """A division that is part of a key. Blank (all divisions) is kept as empty text: no two NULLs are equal."""

    impl = String
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(6)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str:
        return value or ""

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return value or None


class Json(TypeDecorator[Any]):
    """Any value of lists, mappings, text and numbers as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


#: A row number that a country's ledger does not exhaust.
Identifier = BigInteger().with_variant(Integer(), "sqlite")
#: The code of an authority. Compared byte by byte everywhere, so that key ranges mean the same in every database.
AuthorityCode = String(CODE_LIMITS[1]).with_variant(String(CODE_LIMITS[1], collation="C"), "postgresql")
#: The code of an enterprise or of an authority. The first schema declared these columns for credit codes alone: SQLite
#: holds no text to a declared length, and would have to copy whole tables to declare another.
CreditCode = String(18).with_variant(String(CODE_LIMITS[1], collation="C"), "postgresql")
#: A civil date.
CivilDate = Date().with_variant(_IsoDate(), "sqlite")


def plain_decimal(value: Decimal) -> str:
    """``value`` without exponent and without trailing zeros: equal numbers, equal text."""
    return f"{value.normalize():f}" if value else "0"


def json_text(value: Any) -> str:
    """``value`` as canonical JSON: sorted keys, no spaces; dates and decimals as one-key objects."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_marked)


def _marked(value: object) -> dict[str, str]:
    if isinstance(value, Decimal):
        return {"decimal": plain_decimal(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    raise TypeError(f"{type(value).__name__} has no place in a column")


def _unmarked(value: Any) -> Any:
    match value:
        case {"decimal": text}:
            return Decimal(text)
        case {"date": text}:
            return date.fromisoformat(text)
    return value
