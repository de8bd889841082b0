"""What two databases have to have in common to be the same: everything, but for what only tells how a run went.

A run that was killed may have used up numbers: PostgreSQL hands them out and does not take them back. So there rows
are compared by the order of their numbers, and hashes, which are made of the numbers too, are left to ``verify``. On
SQLite every value is compared as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.crash.databases import Tables

#: They tell of the running of the program, and nothing that anybody is judged by.
_OPERATIONS = {"leases", "runs", "jobs"}
#: Columns that hold a number of a row of another table.
_REFERENCES = {"stated_in": "revisions", "added_in": "revisions", "removed_in": "revisions", "undoes": "revisions",
               "known_in": "revisions", "first_swept": "sweeps", "last_swept": "sweeps", "replaces": "waivers",
               "waiver": "waivers"}
#: Tables whose own numbers others refer to.
_NUMBERED = {"revisions", "sweeps", "waivers"}
_HASHES = {"hash", "digest"}
#: Names under which the journal's texts hold numbers of rows; the rows themselves are compared.
_NUMBERS = {"revision", "revisions", "known_in", "undoes", "sweep", "sweeps", "waiver", "waivers", "id", "replaces"}
#: Names under which they hold hashes that are made of numbers of rows too: that there are as many is compared.
_OF_NUMBERS = {"added", "ended", "sha256"}

Content = Mapping[str, Any]


def content(tables: Tables, *, exact: bool) -> Content:
    """The tables in a form in which equal ones are equal. ``exact``: numbers and hashes too."""
    kept = {name: table for name, table in tables.items() if name not in _OPERATIONS}
    if exact:
        return {name: (columns, sorted(rows, key=repr)) for name, (columns, rows) in kept.items()}
    places: dict[str, dict[Any, int]] = {
        name: {number: place for place, number in enumerate(sorted(row[columns.index("id")] for row in rows), 1)}
        for name, (columns, rows) in kept.items() if name in _NUMBERED}
    return {name: sorted((_row(name, columns, row, places) for row in rows), key=repr)
            for name, (columns, rows) in kept.items()}


def _row(table: str, columns: tuple[str, ...], row: tuple[Any, ...],
         places: Mapping[str, Mapping[Any, int]]) -> dict[str, Any]:
    said = {}
    for name, value in zip(columns, row, strict=True):
        if name in _HASHES or (name == "id" and isinstance(value, int) and table not in _NUMBERED):
            continue
        if name == "id" and table in _NUMBERED:
            value = places[table][value]
        elif name in _REFERENCES and value is not None:
            value = places[_REFERENCES[name]].get(value, value)
        elif name == "said":
            value = _numberless(json.loads(value))
        said[name] = value
    return said


def _numberless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: len(each) if name in _OF_NUMBERS else _numberless(each)
                for name, each in value.items() if name not in _NUMBERS}
    return [_numberless(each) for each in value] if isinstance(value, list) else value


def numberless(said: Any) -> Any:
    """What the program says, without the numbers of rows."""
    if isinstance(said, dict):
        return {name: numberless(each) for name, each in said.items()
                if not (name in _NUMBERS and isinstance(each, int))}
    return [numberless(each) for each in said] if isinstance(said, list) else said


def differences(one: Content, other: Content) -> list[str]:
    """The rows that only one of two has, in so many words."""
    found = []
    for name in sorted({*one, *other}):
        if one.get(name) != other.get(name):
            first, second = ({repr(row) for row in _rows_of(each.get(name, []))} for each in (one, other))
            found += [f"{name}: only before: {row}" for row in sorted(first - second)]
            found += [f"{name}: only now: {row}" for row in sorted(second - first)]
    return found


def _rows_of(table: Any) -> Any:
    return table[1] if isinstance(table, tuple) else table
