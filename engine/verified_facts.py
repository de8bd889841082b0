"""Verifying facts (核验事实): the rows of the sheets against what imports and undos entered of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from engine.mismatch import Mismatch, Range, Told, shown, within
from facts.language import Text
from facts.store.tables import TABLES, Statement
from facts.store.testimony import SHORT, Witnessed, added_hash, ended_hash, subject_place

#: Of an enterprise, by revision and sheet: the rows by hash, each with what identifies it.
Facts = defaultdict[int, defaultdict[str, "Rows"]]


class Rows:
    """The rows of one sheet that a revision added and ended."""

    def __init__(self) -> None:
        self.witnessed = Witnessed()
        self.keys: dict[str, str] = {}


def facts_of(connection: Connection, span: Range) -> dict[str, Facts]:
    """The rows of a range of codes, by code."""
    found: defaultdict[str, Facts] = defaultdict(lambda: defaultdict(lambda: defaultdict(Rows)))
    for model in TABLES.values():
        place = subject_place(model)
        if place is not None:
            table = model.table()
            for row in _statements(connection, model, within(table, span, model.names()[place])):
                _witness(found[row[4 + place]], model, row)
    return found


def nobodys_facts(connection: Connection) -> Facts:
    """The rows that belong to no enterprise (台账范围)."""
    found: Facts = defaultdict(lambda: defaultdict(Rows))
    for model in TABLES.values():
        if subject_place(model) is None:
            for row in _statements(connection, model, None):
                _witness(found, model, row)
    return found


def _statements(connection: Connection, model: type[Statement], condition: Any) -> Sequence[Any]:
    table = model.table()
    columns = (table.c.stated_in, table.c.added_in, table.c.removed_in, table.c.void)
    question = select(*columns, *(table.c[name] for name in model.names()))
    return connection.execute(question if condition is None else question.where(condition)).all()


def _witness(facts: Facts, model: type[Statement], row: Sequence[Any]) -> None:
    stated_in, added_in, removed_in, void, *values = row
    sheet = model.row.sheet
    values = tuple(values)
    key = " ".join(shown(values[model.names().index(name)]) for name in sheet.key)
    rows = facts[added_in][sheet.name]
    its = added_hash(model, stated_in, void, values)
    rows.witnessed.added.append(its)
    rows.keys[its] = key
    if removed_in is not None and not (void and removed_in == added_in):
        rows = facts[removed_in][sheet.name]
        its = ended_hash(model, values)
        rows.witnessed.ended.append(its)
        rows.keys[its] = key


def stated(code: str, events: Told, facts: Facts | Mapping[int, Any]) -> Iterator[Mismatch]:
    """Where the rows of one enterprise are not those that its events tell of."""
    told = {event["revision"]: event["sheets"] for _, event in events if event["kind"] == "facts"}
    for revision in sorted({*told, *facts}):
        yield from compare_sheets(code, revision, told.get(revision, {}), facts.get(revision, {}))


def compare_sheets(code: str, revision: int, told: Mapping[str, Any], held: Mapping[str, Rows]) -> Iterator[Mismatch]:
    """Where the rows of one revision are not those that it entered."""
    for sheet in sorted({*told, *held}):
        rows = held.get(sheet) or Rows()
        now = rows.witnessed.said()
        then = told.get(sheet) or Witnessed().said()
        if now == then:
            continue
        about = Text(f"（第 {revision} 号导入或撤销）", f"(import or undo {revision})")
        strange = _strange(rows, now, then)
        for key in strange:
            place = f"{sheet} {key}" if code in key else f"{sheet} {code} {key}".rstrip()
            yield Mismatch(place, Text(f"与导入时不符{about.zh}", f"is not as it was imported {about.en}"))
        if not strange:
            place = f"{sheet} {code}".rstrip()
            yield Mismatch(place, Text(f"有记录被删除或不再如导入时{about.zh}",
                                       f"rows are gone or not as they were imported {about.en}"))


def _strange(rows: Rows, now: Mapping[str, str], then: Mapping[str, str]) -> list[str]:
    """The keys of the rows that the journal does not know."""
    found = []
    for what, hashes in (("added", rows.witnessed.added), ("ended", rows.witnessed.ended)):
        known = Counter(_shorts(then.get(what, "")))
        for its in sorted(hashes):
            if known[its[:SHORT]]:
                known[its[:SHORT]] -= 1
            else:
                found.append(rows.keys[its])
    return sorted(set(found))


def _shorts(joined: str) -> list[str]:
    return [joined[place:place + SHORT] for place in range(0, len(joined), SHORT)]
