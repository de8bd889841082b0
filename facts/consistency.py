"""What the rows of a ledger say to one another, and to what is known already (台账一致性).

Errors: a blank ``valid_from`` that cannot be settled, two rows of one key that differ. Warnings: what lies in the
future, ends before it starts, or takes an object over from another enterprise. Whom the rows speak of is held against
what is known in :mod:`facts.subjects`.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar

from facts.language import Text
from facts.ledger import KnownEnterprise, KnownLedger
from facts.models import EnterpriseRow, Row
from facts.tables import Table, build
from facts.vocabulary import ACCIDENTS, CERTIFICATES, COVERAGE, ENTERPRISES, EXHIBITIONS, HAZARDS, RECORDS

_BULK = 5_000
_T = TypeVar("_T")

#: Days that are past when they are written down. Deadlines, openings and expiries may lie ahead.
PAST: Mapping[str, tuple[str, ...]] = {
    ENTERPRISES.name: ("last_drill", "last_leadership_inspection"),
    RECORDS.name: ("date",),
    HAZARDS.name: ("found_on", "reported_on", "rectified_on", "refused_on", "penalized_on"),
    ACCIDENTS.name: ("occurred_on", "penalized_on"),
    EXHIBITIONS.name: ("emergency_plan_on", "safety_plan_on", "permit_applied_on", "police_permit_on"),
    CERTIFICATES.name: ("renewed_on",),
}
#: (earlier, later): odd where the later day comes first.
ORDER: Mapping[str, tuple[tuple[str, str], ...]] = {
    ENTERPRISES.name: (("registered_on", "closed_on"), ("registered_on", "last_drill"),
                       ("registered_on", "last_leadership_inspection")),
    HAZARDS.name: (("found_on", "reported_on"), ("found_on", "rectified_on")),
    COVERAGE.name: (("complete_from", "complete_to"),),
}


def bulks(items: Iterable[_T]) -> Iterator[list[_T]]:
    """``items`` in lists of a size that suits a database."""
    iterator = iter(items)
    while bulk := list(islice(iterator, _BULK)):
        yield bulk


# ------------------------------------------------------------------ versions


def settle_versions(tables: Collection[Table], known: KnownLedger) -> dict[str, KnownEnterprise]:
    """Give every enterprise row its ``valid_from`` and make it an :class:`EnterpriseRow`.

    Returns what is known of these enterprises from earlier ledgers.
    """
    earlier: dict[str, KnownEnterprise] = {}
    for bulk in bulks(dict.fromkeys(values["uscc"] for table in tables for values in table.rows)):
        earlier |= known.enterprises(bulk)
    for table in tables:
        settled = [(_settle(table, number, values, earlier.get(values["uscc"])), number)
                   for number, values in zip(table.numbers, table.rows, strict=True)]
        table.rows = [row for row, _ in settled if row is not None]
        table.numbers = array("l", [number for row, number in settled if row is not None])
    return earlier


def _settle(table: Table, number: int, values: dict[str, Any], earlier: KnownEnterprise | None) -> EnterpriseRow | None:
    row = build(table, number, EnterpriseRow, values) if "valid_from" in values \
        else _with_valid_from(table, number, values, earlier)
    if row is None:
        table.culprits[number] = values["uscc"]
    return row


def _with_valid_from(table: Table, number: int, values: dict[str, Any],
                     earlier: KnownEnterprise | None) -> EnterpriseRow | None:
    versions = earlier.versions if earlier else {}
    current = [day for day, version in versions.items() if not version.void]
    row: EnterpriseRow | None = None
    for valid_from in sorted(versions, reverse=True):
        row = build(table, number, EnterpriseRow, {**values, "valid_from": valid_from})
        if row is None:
            return None
        if _same_but_void(row, versions[valid_from]):
            return row
    if values.get("void") and (current or "registered_on" not in values):
        table.spoil(number, "valid_from", None, Text("作废企业的一行，须填写该行的生效日期",
                                                     "to withdraw a row of an enterprise, state its valid_from"))
    elif current and row is not None:
        zh, en = _differences(row, versions[max(current)])
        table.spoil(number, "valid_from", None, Text(
            f"企业已在库中，本行与之不同（{zh}）；请填写自哪天起如此（生效日期）",
            f"the enterprise is known and this row differs ({en}); state from which day it holds (valid_from)"))
    elif "registered_on" not in values:
        table.spoil(number, "valid_from", None, Text("新企业须有生效日期或成立日期",
                                                     "a new enterprise needs valid_from or registered_on"))
    else:
        return build(table, number, EnterpriseRow, {**values, "valid_from": values["registered_on"]})
    return None


def _differences(row: EnterpriseRow, other: EnterpriseRow) -> tuple[str, str]:
    theirs = other.values()
    names = [name for name, value in row.values().items() if value != theirs[name] and name != "valid_from"]
    labels = {column.name: column.label.zh for column in ENTERPRISES.columns} | {"declared": "规则包声明的事实"}
    return "、".join(labels[name] for name in names), ", ".join(names)


def _same_but_void(row: EnterpriseRow, other: EnterpriseRow) -> bool:
    return {**row.values(), "void": False} == {**other.values(), "void": False}


# ------------------------------------------------------------------ keys


def check_keys(tables: Iterable[Table]) -> None:
    """Two rows of one key that differ are errors both; of rows that are the same, the first is kept."""
    first: dict[object, tuple[Table, int]] = {}
    clashes: dict[object, list[tuple[Table, int]]] = {}
    for table in tables:
        key_of = attrgetter(*table.sheet.key)
        for at, row in enumerate(table.rows):
            key = key_of(row)
            other, other_at = first.setdefault(key, (table, at))
            if other is table and other_at == at:
                continue
            if other.rows[other_at] == row:
                table.repeated.add(table.numbers[at])
            else:
                clashes.setdefault(key, [(other, other_at)]).append((table, at))
    for places in clashes.values():
        for table, at in places:
            others = [f"{t.raw.name}!{t.numbers[n]}" for t, n in places[:4] if (t, n) != (table, at)][:3]
            row = table.rows[at]
            name = row.sheet.key[-1] if len(row.sheet.key) > 1 else row.sheet.key[0]
            table.spoil(table.numbers[at], name, getattr(row, name), Text(
                f"与 {'、'.join(others)} 主键相同（{_key(row, 'zh')}）但内容不同；请只留一行",
                f"same key as {', '.join(others)} ({_key(row, 'en')}) but different content; keep one row"))


def _key(row: Row, language: str) -> str:
    return "＋".join(row.sheet.column(name).label.zh for name in row.sheet.key) if language == "zh" \
        else " + ".join(row.sheet.key)


# ------------------------------------------------------------------ days


def check_days(table: Table, today: date) -> None:
    """Warn of days in the future that should be past, and of ends before beginnings."""
    past = PAST.get(table.sheet.name, ())
    order = ORDER.get(table.sheet.name, ())
    for row, number in zip(table.rows, table.numbers, strict=True):
        if row.void:
            continue
        for name in past:
            day = getattr(row, name)
            if day is not None and day != "never" and day > today:
                table.warn(number, name, day, Text(f"晚于今天（{today}）", f"in the future (today is {today})"))
        for earlier, later in order:
            start, end = getattr(row, earlier), getattr(row, later)
            if start is not None and end is not None and end != "never" and end < start:
                label = table.sheet.column(earlier).label
                table.warn(number, later, end, Text(f"早于{label.zh} {start}", f"before {label.en} {start}"))


def check_owners(table: Table, known: KnownLedger) -> None:
    """Warn where an object that is known of one enterprise now comes as another's."""
    for bulk in bulks(zip(table.rows, table.numbers, strict=True)):
        earlier = known.rows(table.sheet.name, [row.key() for row, _ in bulk])
        for row, number in bulk:
            other = earlier.get(row.key())
            if other is not None and other.uscc != row.uscc and not other.void:
                table.warn(number, table.sheet.key[0], row.key()[0], Text(
                    f"这个编号原属 {other.uscc}，现改归 {row.uscc}",
                    f"this id belonged to {other.uscc} and now goes to {row.uscc}"))
