"""Reading enterprises back from the store (读取企业档案), one or all, in constant memory.

Enterprises are read a page at a time, in the order of their credit codes: for each table one question a page, which an
index answers in that order. All pages show the ledger at one revision, also when somebody imports in between, and
between two pages no transaction is open, so that nobody waits for a slow reader.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, String, Table, case, cast, func, select

from facts.dossier import NEVER, Claim, Dossier, Item, Version
from facts.store.columns import day_of
from facts.store.database import reading
from facts.store.statements import chunks
from facts.store.tables import TABLES, Coverage, Enterprise, Record, Revision
from facts.vocabulary import ITEM_SHEETS, LAST_COLUMNS

#: How many enterprises are read at once.
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
    """The enterprises of the ledger, ascending by credit code.

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
                page = _page(connection, lambda table, wanted=chunk: table.c.uscc.in_(wanted), at, claims)
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
    """The enterprise with this credit code, or ``None`` if the ledger has none."""
    return next(dossiers(source, usccs=[uscc], known_in=known_in), None)


def ranges(source: Engine | Connection, parts: int) -> list[tuple[str | None, str | None]]:
    """The ledger in at most ``parts`` ranges of about as many enterprises each, as (after, through).

    Together they hold every credit code there can be, each once: the first has no beginning and the last no end.
    """
    table = Enterprise.table()
    codes = select(table.c.uscc).where(table.c.removed_in.is_(None)).distinct()
    with reading(source) as connection:
        total = connection.scalar(select(func.count()).select_from(codes.subquery())) or 0
        places = sorted({total * part // parts - 1 for part in range(1, parts)} - {-1})
        bounds = [connection.scalar(codes.order_by(table.c.uscc).limit(1).offset(place)) for place in places]
    return list(zip([None, *bounds], [*bounds, None], strict=True))


def count(source: Engine | Connection) -> int:
    """How many enterprises the ledger holds now."""
    table = Enterprise.table()
    codes = select(table.c.uscc).where(table.c.removed_in.is_(None)).distinct()
    with reading(source) as connection:
        return connection.scalar(select(func.count()).select_from(codes.subquery())) or 0


def newest_revision(source: Engine | Connection) -> int:
    """The number of the newest revision of the ledger; 0 before the first."""
    with reading(source) as connection:
        return connection.scalar(select(func.max(Revision.id))) or 0


def find_by_name(engine: Engine, text: str, limit: int = 20) -> list[tuple[str, str, str | None]]:
    """Enterprises of which some version's name contains ``text``, as (credit code, newest name, newest division).

    The full name comes first, then names that begin with it; Latin letters match in either case.
    """
    table = Enterprise.table()
    wanted = text.strip().lower()
    name = func.lower(table.c.name)
    rank = func.min(case((name == wanted, 0), (name.startswith(wanted, autoescape=True), 1), else_=2))
    matches = (
        select(table.c.uscc)
        .where(table.c.removed_in.is_(None), name.contains(wanted, autoescape=True))
        .group_by(table.c.uscc)
        .order_by(rank, func.min(table.c.name), table.c.uscc)
        .limit(limit)
    )
    with reading(engine) as connection:
        codes = list(connection.scalars(matches))
        versions = (
            select(table.c.uscc, table.c.name, table.c.division)
            .where(table.c.removed_in.is_(None), table.c.uscc.in_(codes))
            .order_by(table.c.uscc, table.c.valid_from)
        )
        newest: dict[str, dict[str, str]] = defaultdict(dict)
        for uscc, called, division in connection.execute(versions):
            newest[uscc] |= {k: v for k, v in (("name", called), ("division", division)) if v is not None}
    return [(code, newest[code]["name"], newest[code].get("division")) for code in codes]


def _range(after: str | None, through: str | None) -> Callable[[Table], ColumnElement[bool]]:
    def within(table: Table) -> ColumnElement[bool]:
        lower = table.c.uscc > after if after is not None else table.c.uscc > ""
        return lower if through is None else lower & (table.c.uscc <= through)

    return within


def _codes(connection: Connection, after: str | None, through: str | None, at: int) -> list[str]:
    """The next credit codes; some may turn out to be of enterprises not known at the revision."""
    table = Enterprise.table()
    question = select(table.c.uscc).where(_range(after, through)(table)).distinct().order_by(table.c.uscc).limit(PAGE)
    found = set(connection.scalars(question.where(table.c.removed_in.is_(None))))
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
    versions = _versions(connection, wanted, at)
    if not versions:
        return []
    records = _records(connection, wanted, at)
    items = _items(connection, wanted, at)
    return [
        Dossier(uscc, tuple(versions[uscc]), records.get(uscc, {}), tuple(items.get(uscc, ())), claims)
        for uscc in sorted(versions)
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
