"""Reading enterprises and authorities back from the store (读取档案), one or all, in constant memory.

Both are read a page at a time, in the order of their codes: for each table one question a page, which an index answers
in that order. All pages show the ledger at one revision, also when somebody imports in between, and
between two pages no transaction is open, so that nobody waits for a slow reader.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    String,
    Table,
    case,
    cast,
    func,
    null,
    select,
    union,
    union_all,
)

from facts.dossier import NEVER, Claim, Dossier, Item, Version
from facts.store.columns import day_of
from facts.store.database import reading
from facts.store.statements import chunks
from facts.store.tables import TABLES, Authority, Coverage, Enterprise, Record, Revision
from facts.vocabulary import ITEM_SHEETS, LAST_COLUMNS

#: How many enterprises and authorities are read at once.
PAGE = 500

#: Columns of an enterprise's row that are not facts which conditions may read.
_ASIDE = ("uscc", "valid_from", "name", "registered_on", "history_from", "closed_on", "declared", *LAST_COLUMNS)
_FACTS = tuple(name for name in Enterprise.names() if name not in _ASIDE)


def dossiers(
    source: Engine | Connection,
    *,
    usccs: Sequence[str] | None = None,
    after: str | None = None,
    through: str | None = None,
    known_in: int | None = None,
) -> Iterator[Dossier]:
    """The enterprises and authorities of the ledger, ascending by code.

    ``usccs`` limits them to these codes, ``after`` and ``through`` to a range (without ``after``, with ``through``).
    ``known_in`` is a revision: the ledger as it was known then; without it the newest one at the start. A connection
    is read in its own transaction, an engine in one transaction a page.
    """
    with reading(source) as connection:
        newest = newest_revision(connection)
        at = newest if known_in is None else min(known_in, newest)
        claims = _claims(connection, at)
    if usccs is not None:
        for chunk in chunks(sorted(set(usccs)), PAGE):
            with reading(source) as connection:
                page = _page(connection, lambda table, wanted=chunk: _code(table).in_(wanted), at, claims)
            yield from page
        return
    while True:
        with reading(source) as connection:
            codes = _codes(connection, after, through, at)
            if not codes:
                return
            page = _page(connection, _range(after, codes[-1]), at, claims)
        yield from page
        after = codes[-1]


def dossier(source: Engine | Connection, uscc: str, *, known_in: int | None = None) -> Dossier | None:
    """The enterprise or authority with this code, or ``None`` if the ledger has none."""
    return next(dossiers(source, usccs=[uscc], known_in=known_in), None)


def ranges(source: Engine | Connection, parts: int) -> list[tuple[str | None, str | None]]:
    """The ledger in at most ``parts`` ranges of about as many enterprises and authorities each, as (after, through).

    Together they hold every code there can be, each once: the first has no beginning and the last no end.
    """
    codes = union(*(_current_codes(table) for table in (Enterprise.table(), Authority.table()))).subquery()
    with reading(source) as connection:
        total = connection.scalar(select(func.count()).select_from(codes)) or 0
        numbered = select(codes.c.uscc, func.row_number().over(order_by=codes.c.uscc).label("place")).subquery()
        last = numbered.c.place * parts // total > (numbered.c.place - 1) * parts // total
        bounds = connection.scalars(
            select(numbered.c.uscc).where(last, numbered.c.place < total).order_by(numbered.c.place)).all()
    return list(zip([None, *bounds], [*bounds, None], strict=True))


def count(source: Engine | Connection) -> int:
    """How many enterprises the ledger holds now."""
    return _count(source, Enterprise.table())


def count_authorities(source: Engine | Connection) -> int:
    """How many authorities the ledger holds now."""
    return _count(source, Authority.table())


def newest_revision(source: Engine | Connection) -> int:
    """The number of the newest revision of the ledger; 0 before the first."""
    with reading(source) as connection:
        return connection.scalar(select(func.max(Revision.table().c.id))) or 0


def find_by_name(engine: Engine, text: str, limit: int = 20) -> list[tuple[str, str, str | None]]:
    """Enterprises and authorities of which some version's name contains ``text``: (code, newest name, newest division).

    The full name comes first, then names that begin with it; Latin letters match in either case.
    """
    enterprises, authorities = Enterprise.table().c, Authority.table().c
    called = union_all(
        select(enterprises.uscc, enterprises.valid_from, enterprises.name, enterprises.division).where(
            enterprises.removed_in.is_(None)
        ),
        select(authorities.code, null(), authorities.name, authorities.division).where(
            authorities.removed_in.is_(None)
        ),
    ).subquery()
    wanted = text.strip().lower()
    name = func.lower(called.c.name)
    rank = func.min(case((name == wanted, 0), (name.startswith(wanted, autoescape=True), 1), else_=2))
    matches = (
        select(called.c.uscc)
        .where(name.contains(wanted, autoescape=True))
        .group_by(called.c.uscc)
        .order_by(rank, func.min(called.c.name), called.c.uscc)
        .limit(limit)
    )
    with reading(engine) as connection:
        codes = list(connection.scalars(matches))
        versions = (
            select(called.c.uscc, called.c.name, called.c.division)
            .where(called.c.uscc.in_(codes))
            .order_by(called.c.uscc, called.c.valid_from)
        )
        newest: dict[str, dict[str, str]] = defaultdict(dict)
        for uscc, known_as, division in connection.execute(versions):
            newest[uscc] |= {k: v for k, v in (("name", known_as), ("division", division)) if v is not None}
    return [(code, newest[code]["name"], newest[code].get("division")) for code in codes]


def _code(table: Table) -> ColumnElement[str]:
    """The column of ``table`` that says whose row it is."""
    return table.c.code if table is Authority.table() else table.c.uscc


def _current_codes(table: Table) -> Select[str]:
    return select(_code(table).label("uscc")).where(table.c.removed_in.is_(None)).distinct()


def _count(source: Engine | Connection, table: Table) -> int:
    with reading(source) as connection:
        return connection.scalar(select(func.count()).select_from(_current_codes(table).subquery())) or 0


def _range(after: str | None, through: str | None) -> Callable[[Table], ColumnElement[bool]]:
    def within(table: Table) -> ColumnElement[bool]:
        lower = _code(table) > (after if after is not None else "")
        return lower if through is None else lower & (_code(table) <= through)

    return within


def _codes(connection: Connection, after: str | None, through: str | None, at: int) -> list[str]:
    """The next codes; some may turn out to be of enterprises and authorities not known at the revision."""
    found: set[str] = set()
    for table in (Enterprise.table(), Authority.table()):
        code = _code(table)
        question = select(code).where(_range(after, through)(table)).distinct().order_by(code).limit(PAGE)
        found.update(connection.scalars(question.where(table.c.removed_in.is_(None))))
        found.update(connection.scalars(question.where(table.c.removed_in > at, table.c.removed_in.is_not(None))))
    return sorted(found)[:PAGE]


def _said(connection: Connection, question: Select[Any], table: Table, at: int) -> list[tuple[Any, ...]]:
    """The rows of ``question`` that the ledger says at revision ``at``."""
    known = question.where(table.c.added_in <= at)
    # Two questions, because each has an index of its own; of past rows there are few.
    current = known.where(table.c.removed_in.is_(None))
    past = known.where(table.c.removed_in.is_not(None), table.c.removed_in > at)
    return [*connection.execute(current).all(), *connection.execute(past).all()]  # type: ignore[list-item]


def _claims(connection: Connection, at: int) -> tuple[Claim, ...]:
    table = Coverage.table()
    columns = (table.c.kind, table.c.complete_from, table.c.complete_to, table.c.division)
    claims = [Claim(*row) for row in _said(connection, select(*columns), table, at)]
    return tuple(sorted(claims, key=lambda claim: (claim.kind, claim.division or "", claim.complete_from)))


def _page(
    connection: Connection, wanted: Callable[[Table], ColumnElement[bool]], at: int, claims: tuple[Claim, ...]
) -> list[Dossier]:
    enterprises = _versions(connection, wanted, at)
    authorities = _authorities(connection, wanted, at)
    # Undoing an import can bring an enterprise back whose code an authority has got meanwhile: the enterprise counts.
    versions = authorities | enterprises
    if not versions:
        return []
    records = _records(connection, wanted, at)
    amounts = _amounts(connection, wanted, at)
    items = _items(connection, wanted, at)
    return [
        Dossier(
            code,
            tuple(versions[code]),
            records.get(code, {}),
            tuple(items.get(code, ())),
            claims,
            amounts.get(code, {}),
            is_authority=code not in enterprises,
        )
        for code in sorted(versions)
    ]


def _versions(
    connection: Connection, wanted: Callable[[Table], ColumnElement[bool]], at: int
) -> dict[str, list[Version]]:
    table = Enterprise.table()
    columns = [table.c[name] for name in (*_ASIDE, *_FACTS)]
    found: dict[str, list[Version]] = defaultdict(list)
    for row in _said(connection, select(*columns).where(wanted(table)), table, at):
        uscc, valid_from, name, registered_on, history_from, closed_on, declared, *last = row[: len(_ASIDE)]
        facts = {fact: value for fact, value in zip(_FACTS, row[len(_ASIDE) :], strict=True) if value is not None}
        facts |= declared
        claims = {
            kind: NEVER if day == "never" else day
            for kind, day in zip(LAST_COLUMNS.values(), last, strict=True)
            if day is not None
        }
        found[uscc].append(Version(valid_from, facts, name, registered_on, history_from, closed_on, claims))
    for versions in found.values():
        versions.sort(key=lambda version: version.valid_from)
    return found


def _authorities(
    connection: Connection, wanted: Callable[[Table], ColumnElement[bool]], at: int
) -> dict[str, list[Version]]:
    table = Authority.table()
    question = select(table.c.code, table.c.name, table.c.division, table.c.kind).where(wanted(table))
    found: dict[str, list[Version]] = {}
    for code, name, division, kind in _said(connection, question, table, at):
        facts = {"division": division, "authority_kind": kind}
        known = {fact: value for fact, value in facts.items() if value is not None}
        found[code] = [Version(date.min, known, name)]
    return found


def _records(
    connection: Connection, wanted: Callable[[Table], ColumnElement[bool]], at: int
) -> dict[str, dict[str, tuple[date, ...]]]:
    # Records are nine tenths of a ledger: joined by the database, the dates of a kind come as one row, not as forty.
    table = Record.table()
    joined = func.aggregate_strings(cast(table.c.date, String), ",")
    question = select(table.c.uscc, table.c.kind, joined).where(wanted(table)).group_by(table.c.uscc, table.c.kind)
    found: dict[str, dict[str, tuple[date, ...]]] = defaultdict(dict)
    for uscc, kind, days in sorted(_said(connection, question, table, at)):
        kinds = found[uscc]
        kinds[kind] = tuple(sorted([*kinds.get(kind, ()), *map(day_of, days.split(","))]))
    return found


def _amounts(
    connection: Connection, wanted: Callable[[Table], ColumnElement[bool]], at: int
) -> dict[str, dict[str, dict[date, Decimal]]]:
    # An index of its own leads to the few records that state an amount.
    table = Record.table()
    question = select(table.c.uscc, table.c.kind, table.c.date, table.c.amount).where(
        wanted(table), table.c.amount.is_not(None)
    )
    found: dict[str, dict[str, dict[date, Decimal]]] = defaultdict(lambda: defaultdict(dict))
    for uscc, kind, day, amount in sorted(_said(connection, question, table, at)):
        found[uscc][kind][day] = amount
    return {uscc: dict(kinds) for uscc, kinds in found.items()}


def _items(connection: Connection, wanted: Callable[[Table], ColumnElement[bool]], at: int) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for kind, sheet in sorted(ITEM_SHEETS.items()):
        model = TABLES[sheet.name]
        table = model.table()
        identifier = sheet.key[0]
        names = [name for name in model.names() if name not in ("uscc", identifier)]
        question = select(table.c.uscc, table.c[identifier], *(table.c[name] for name in names)).where(wanted(table))
        for uscc, number, *values in sorted(_said(connection, question, table, at), key=lambda row: row[:2]):
            facts = {name: value for name, value in zip(names, values, strict=True) if value is not None}
            found[uscc].append(Item(kind, number, facts))
    return found
