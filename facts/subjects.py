"""Whom the rows of a ledger speak of (行的主体): enterprises and authorities, of this ledger and of earlier ones.

Errors: a code that nobody knows, a code that would be an enterprise and an authority, a record before registration.
Warnings: what lies after closing, the code of an authority that looks like a mistyped credit code.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from facts.cells import CellError, read_uscc
from facts.consistency import bulks
from facts.language import Text
from facts.ledger import KnownEnterprise, KnownLedger
from facts.models import EnterpriseRow, is_uscc
from facts.tables import Table
from facts.vocabulary import ACCIDENTS, AUTHORITIES, EXHIBITIONS, HAZARDS, RECORDS

_UNKNOWN = Text("没有这家企业；应是企业表里或已入库的统一社会信用代码",
                "unknown enterprise; expected a code of the enterprise sheet or of an earlier import")
_UNKNOWN_TO_RECORDS = Text("没有这家企业，也没有这个部门；应是企业表、部门表里或已入库的代码",
                           "neither a known enterprise nor a known authority; expected a code of the enterprise sheet, "
                           "of the authorities sheet or of an earlier import")
_BOTH_IN_AUTHORITIES = Text("这是一家企业的代码；一个代码不能既是企业又是部门，请改用别的部门代码",
                            "this is the code of an enterprise; a code cannot be both, give the authority another one")
_BOTH_IN_ENTERPRISES = Text("已入库的部门用了这个代码；一个代码不能既是企业又是部门，请核对，或先作废该部门",
                            "an authority of an earlier import has this code, which cannot be both; "
                            "check it, or withdraw the authority first")
_ODD_CODE = Text("有 18 位，但不是有效的统一社会信用代码；如是自定的代码可不理会",
                 "18 characters, but no valid credit code; never mind if the code is of your own choice")

#: The day on which the thing a row tells of took place: not to lie before registration or after closing.
HAPPENED: Mapping[str, str] = {
    RECORDS.name: "date",
    HAZARDS.name: "found_on",
    ACCIDENTS.name: "occurred_on",
    EXHIBITIONS.name: "opens_on",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """When an enterprise was registered and closed, as far as is known."""

    registered_on: date | None
    closed_on: date | None


@dataclass(slots=True)
class Subjects:
    """Who is known, by this ledger and earlier ones together.

    ``authorities`` says of each code that ever was an authority's whether it is one still (not withdrawn). The two
    ``moot`` have the codes whose own row is unusable, with the place of that row. ``all_enterprises`` and
    ``all_authorities`` are false where a sheet could not be read: nobody knows then who stands in it.
    """

    standings: dict[str, Standing] = field(default_factory=dict)
    authorities: dict[str, bool] = field(default_factory=dict)
    moot_enterprises: dict[str, str] = field(default_factory=dict)
    moot_authorities: dict[str, str] = field(default_factory=dict)
    all_enterprises: bool = True
    all_authorities: bool = True


def gather_subjects(enterprises: Collection[Table], authorities: Collection[Table], others: Collection[Table],
                    earlier: Mapping[str, KnownEnterprise], known: KnownLedger) -> Subjects:
    """Who stands in the sheets of ``enterprises`` and ``authorities``, and whom the ``others`` speak of.

    ``earlier`` is what is known of the enterprises of the enterprise sheet. Marks the rows that would make a code both.
    """
    subjects = Subjects(all_enterprises=not any(table.broken for table in enterprises),
                        all_authorities=not any(table.broken for table in authorities))
    said = {row.code: not row.void for table in authorities for row, _ in _usable(table)}
    asked = [row.uscc for table in enterprises for row, _ in _usable(table) if not row.void] + \
        [row.uscc for table in others if table.sheet is RECORDS for row in table.rows]
    of_earlier_ledgers = _known_authorities((code for code in asked if code not in said), known)
    subjects.authorities = of_earlier_ledgers | said
    _refuse_authorities(enterprises, earlier, of_earlier_ledgers)

    subjects.standings = _standings_of(enterprises, earlier)
    asked = [row.uscc for table in others for row in table.rows] + [code for code in said if is_uscc(code)]
    _gather_standings((code for code in asked if code not in earlier), subjects.standings, known)
    _refuse_enterprises(authorities, subjects)

    subjects.moot_enterprises = _unusable(enterprises, "uscc")
    subjects.moot_authorities = _unusable(authorities, "code")
    return subjects


def check_subjects(table: Table, subjects: Subjects, *, report_moot: bool) -> None:
    """Rows of unknown codes and records before registration are errors, what lies after closing is a warning.

    What hangs on an unusable row is an error only with ``report_moot``, because mending that row mends it.
    """
    happened = HAPPENED.get(table.sheet.name)
    authorities = subjects.authorities if table.sheet is RECORDS else {}
    for row, number in zip(table.rows, table.numbers, strict=True):
        if row.void:
            if table.sheet is RECORDS and row.uscc not in authorities and not is_uscc(row.uscc):
                _report_unknown(table, number, row.uscc, subjects, report_moot)
            continue
        standing = subjects.standings.get(row.uscc)
        if standing is None:
            if not authorities.get(row.uscc):
                _report_unknown(table, number, row.uscc, subjects, report_moot)
            continue
        day = getattr(row, happened) if happened else None
        if day is None or not subjects.all_enterprises:
            continue
        if standing.registered_on and day < standing.registered_on:
            message = Text(f"早于企业成立日期 {standing.registered_on}；应不早于该日",
                           f"before the enterprise was registered on {standing.registered_on}; "
                           "expected that day or later")
            if table.sheet is RECORDS:
                table.spoil(number, happened, day, message)
            else:
                table.warn(number, happened, day, message)
        elif standing.closed_on and day > standing.closed_on:
            table.warn(number, happened, day, Text(f"晚于企业注销日期 {standing.closed_on}",
                                                   f"after the enterprise closed on {standing.closed_on}"))


def check_authorities(table: Table) -> None:
    """Warn of codes of authorities that look like credit codes and are none."""
    for row, number in zip(table.rows, table.numbers, strict=True):
        if len(row.code) == 18 and row.code.isascii() and not is_uscc(row.code):
            table.warn(number, "code", row.code, _ODD_CODE)


def _usable(table: Table) -> Iterable[tuple[Any, int]]:
    return ((row, number) for row, number in zip(table.rows, table.numbers, strict=True)
            if number not in table.unusable)


def _unusable(tables: Iterable[Table], name: str) -> dict[str, str]:
    """The codes of unusable rows, with the place of the row."""
    found: dict[str, str] = {}
    for table in tables:
        rows = zip(table.rows, table.numbers, strict=True)
        codes = [*table.culprits.items(), *((n, getattr(row, name)) for row, n in rows if n in table.unusable)]
        found |= {code: f"{table.raw.name}!{number}" for number, code in codes}
    return found


def _known_authorities(codes: Iterable[str], known: KnownLedger) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for bulk in bulks(dict.fromkeys(codes)):
        rows = known.rows(AUTHORITIES.name, [(code,) for code in bulk])
        found |= {row.code: not row.void for row in rows.values()}
    return found


def _refuse_authorities(enterprises: Iterable[Table], earlier: Mapping[str, KnownEnterprise],
                        authorities: Mapping[str, bool]) -> None:
    """New enterprises that have the code of an authority of earlier ledgers are errors."""
    for table in enterprises:
        for row, number in list(_usable(table)):
            if authorities.get(row.uscc) and not row.void and _standing_of(earlier.get(row.uscc)) is None:
                table.spoil(number, "uscc", row.uscc, _BOTH_IN_ENTERPRISES)


def _refuse_enterprises(authorities: Iterable[Table], subjects: Subjects) -> None:
    """Authorities that have the code of an enterprise are errors."""
    for table in authorities:
        for row, number in list(_usable(table)):
            if row.code in subjects.standings and not row.void:
                table.spoil(number, "code", row.code, _BOTH_IN_AUTHORITIES)
                subjects.authorities[row.code] = False


def _standing(versions: Iterable[EnterpriseRow]) -> Standing | None:
    """How an enterprise with these versions stands; ``None`` if all are withdrawn."""
    current = sorted((v for v in versions if not v.void), key=lambda v: v.valid_from, reverse=True)
    if not current:
        return None
    return Standing(next((v.registered_on for v in current if v.registered_on), None),
                    next((v.closed_on for v in current if v.closed_on), None))


def _standing_of(enterprise: KnownEnterprise | None) -> Standing | None:
    return _standing(enterprise.versions.values()) if enterprise else None


def _standings_of(tables: Iterable[Table], earlier: Mapping[str, KnownEnterprise]) -> dict[str, Standing]:
    """How the enterprises of the enterprise sheet stand, by what this and ``earlier`` ledgers say together."""
    versions: dict[str, dict[date, EnterpriseRow]] = {uscc: dict(e.versions) for uscc, e in earlier.items()}
    for table in tables:
        for row, _ in _usable(table):
            versions.setdefault(row.uscc, {})[row.valid_from] = row
    return {uscc: standing for uscc, rows in versions.items() if (standing := _standing(rows.values()))}


def _gather_standings(codes: Iterable[str], standings: dict[str, Standing], known: KnownLedger) -> None:
    """Add to ``standings`` those of ``codes`` that earlier ledgers know."""
    for bulk in bulks(dict.fromkeys(code for code in codes if code not in standings)):
        for uscc, enterprise in known.enterprises(bulk).items():
            if any(not version.void for version in enterprise.versions.values()):
                standings[uscc] = Standing(enterprise.registered_on, enterprise.closed_on)


def _report_unknown(table: Table, number: int, code: str, subjects: Subjects, report_moot: bool) -> None:
    of_records = table.sheet is RECORDS
    for moot, sheet in ((subjects.moot_enterprises, Text("企业行", "the row of the enterprise")),
                        (subjects.moot_authorities if of_records else {}, Text("部门行", "the row of the authority"))):
        if code in moot:
            if report_moot:
                table.spoil(number, "uscc", code, Text(f"{sheet.zh}（{moot[code]}）有误，本行随之未读入",
                                                       f"{sheet.en} ({moot[code]}) was not taken"))
            return
    if of_records and not is_uscc(code):
        if subjects.all_authorities:
            table.spoil(number, "uscc", code, _neither(code))
    elif subjects.all_enterprises and (subjects.all_authorities or not of_records):
        table.spoil(number, "uscc", code, _UNKNOWN_TO_RECORDS if of_records else _UNKNOWN)


def _neither(code: str) -> Text:
    """Why ``code`` is no credit code, and that it is no authority's either."""
    try:
        read_uscc(code)
    except CellError as error:
        return Text(f"没有部门用这个代码；若是企业的，{error.message.zh}",
                    f"no authority has this code; if it is an enterprise's, {error.message.en}")
    return _UNKNOWN_TO_RECORDS
