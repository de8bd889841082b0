"""Verifying (核验): whether the database still says what the journal recorded, and where it does not.

Everything is computed again from its text: the hashes of both kinds of chain, what stands in the tables of outcomes
from the events that led there, the rows of facts from what imports and undos entered, the total of the obligations.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Integer, Select, inspect, select

from engine import operator_store
from engine.comparing import stored_states
from engine.horizons import StoredHorizon
from engine.journal_rows import KEPT
from engine.lifecycle import State
from engine.mismatch import UNKNOWN, UNREADABLE, Mismatch, Range, Told, compared, within
from engine.operator_store import StoredOperator
from engine.outcomes import PackText, StoredObligation, StoredRecommendation, StoredViolation, Sweep
from engine.replay import differing
from engine.totals import stored_total, total_said
from engine.verified_facts import compare_sheets, facts_of, nobodys_facts, stated
from engine.verified_rows import kept_rows, kept_told, outcomes, receipts_of, swept
from facts.language import Text
from facts.store import journal
from facts.store.journal import BEGINNING, Seal, StoredEntry, entry_hash, seal_hash
from facts.store.tables import Revision, metadata

#: How many enterprises are compared at once.
_AT_ONCE = 500

#: What the seals of a kind say at least, so that the rest can be computed from it.
_NEEDED: Mapping[str, Sequence[str]] = {
    "import": ("revision", "sheets"), "undo": ("revision", "sheets"), "sweep": ("sweep", "packs", "obligations"),
    "adopt": ("revisions", "sweeps", "obligations"), "operator": ("name", "place"),
}

Progress = Callable[[int, int], None]


def mismatches(connection: Connection, progress: Progress = lambda done, of: None) -> Iterator[Mismatch]:
    """All places where the database differs from its journal, in the order in which things are looked at.

    The seals first, then enterprise by enterprise, then what belongs to none.
    """
    if unreadable := list(_unreadable(connection)):
        yield from unreadable
        return
    seals, found = _seals(connection)
    yield from found
    known = {seal.number: seal for seal in seals}
    ranges = _ranges(connection)
    for done, span in enumerate(ranges, 1):
        yield from _of_range(connection, span, known)
        progress(done, len(ranges))
    for kept in KEPT:
        for row in kept.orphans(connection):
            yield Mismatch(f"{kept.table} {' '.join(map(str, kept.identity(row)))}", UNKNOWN)
    yield from _revisions(connection, seals)
    yield from _sweeps(connection, seals)
    yield from _operators(connection, seals)
    yield from _packs(connection, seals)
    yield from _totals(connection, seals)


def _unreadable(connection: Connection) -> Iterator[Mismatch]:
    """Values that no column of their kind can hold, and tables that are gone: with them nothing can be computed."""
    there = set(inspect(connection).get_table_names())
    if gone := [table.name for table in metadata.sorted_tables if table.name not in there]:
        yield from (Mismatch(name, Text("整张表已被删除", "the whole table is gone")) for name in gone)
        return
    for table in metadata.sorted_tables:
        if _can_be_read(connection, select(table)):
            continue
        names = [column.name for column in table.columns]
        whose = next((name for name in ("uscc", "code") if name in names), None)
        codes = sorted(connection.scalars(select(table.c[whose]).distinct())) if whose else []
        places = [f"{table.name} {code}" for code in codes
                  if not _can_be_read(connection, select(table).where(table.c[whose] == code))]
        for place in places or [table.name]:
            yield Mismatch(place, UNREADABLE)
        if table.name in (StoredViolation.__tablename__, StoredRecommendation.__tablename__):
            return
    for model, read in ((StoredViolation, StoredViolation.standing),
                        (StoredRecommendation, StoredRecommendation.proposal)):
        table, width = model.table(), len(model.identity)
        names = ("uscc", *(name for name in model.identity if name != "uscc"), *model.says)
        for row in connection.execute(select(*(table.c[name] for name in names))):
            try:
                read(row[1 + width - ("uscc" in model.identity):])
            except (TypeError, KeyError, ValueError, AttributeError):
                yield Mismatch(f"{table.name} {' '.join(row[:width + ('uscc' not in model.identity)])}", UNREADABLE)


def _can_be_read(connection: Connection, question: Select[Any]) -> bool:
    # SQLite keeps any value in any column.
    numbers = [place for place, column in enumerate(question.selected_columns) if isinstance(column.type, Integer)]
    try:
        return all(isinstance(row[place], (int, type(None)))
                   for row in connection.execute(question, execution_options={"yield_per": 10_000})
                   for place in numbers)
    except (ValueError, ArithmeticError, TypeError, AttributeError):
        return False


def _seals(connection: Connection) -> tuple[list[Seal], list[Mismatch]]:
    """The seals that can be read, and where their chain is broken."""
    found: list[Mismatch] = []
    sound: list[Seal] = []
    before, expected = BEGINNING, 1
    digests = _digests(connection)
    for seal in journal.seals(connection):
        place = f"seals {seal.number}"
        if seal.number != expected:
            found.append(Mismatch(place, Text(f"之前缺少第 {expected} 号封签",
                                              f"seal {expected} before it is missing")))
        its = seal_hash(before, number=seal.number, at=seal.at, kind=seal.kind, author=seal.author, said=seal.words,
                        entries=seal.entries, digest=seal.digest)
        if its != seal.hash and seal.number == expected:
            found.append(Mismatch(place, Text("封签的内容与其哈希不符",
                                              "what it says is not what its hash was made of")))
        count, digest = digests.pop(seal.number, (0, hashlib.sha256().hexdigest()))
        if (count, digest) != (seal.entries, seal.digest):
            found.append(Mismatch(place, Text(
                f"其下条目与封存时不符：现有 {count} 条，封存 {seal.entries} 条",
                f"the entries under it are not those that it sealed: {count} now, {seal.entries} then")))
        try:
            if not all(name in json.loads(seal.words) for name in _NEEDED.get(seal.kind, ())):
                raise ValueError
            sound.append(seal)
        except (ValueError, TypeError):
            found.append(Mismatch(place, Text("封签的内容无法读取", "what it says cannot be read")))
        before, expected = seal.hash, seal.number + 1
    unsealed = Text("条目没有封签", "entries without a seal")
    found += [Mismatch(f"entries (seal {number})", unsealed) for number in digests]
    return sound, found


def _digests(connection: Connection) -> dict[int, tuple[int, str]]:
    columns = StoredEntry.table().c
    counts: Counter[int] = Counter()
    digests: defaultdict[int, Any] = defaultdict(hashlib.sha256)
    question = select(columns.seal, columns.uscc, columns.place, columns.hash)
    question = question.order_by(columns.seal, columns.uscc, columns.place)
    for seal, uscc, place, its in connection.execute(question, execution_options={"yield_per": 10_000}):
        counts[seal] += 1
        digests[seal].update(f"{uscc} {place} {its}\n".encode())
    return {seal: (count, digests[seal].hexdigest()) for seal, count in counts.items()}


def _ranges(connection: Connection) -> list[Range]:
    columns = StoredEntry.table().c
    codes = list(connection.scalars(select(columns.uscc).distinct().order_by(columns.uscc)))
    bounds = codes[_AT_ONCE - 1:-1:_AT_ONCE]
    return list(zip([None, *bounds], [*bounds, None], strict=True))


def _of_range(connection: Connection, span: Range, seals: Mapping[int, Seal]) -> Iterator[Mismatch]:
    chains: defaultdict[str, list[journal.Entry]] = defaultdict(list)
    for entry in journal.entries_between(connection, *span):
        chains[entry.uscc].append(entry)
    stored = stored_states(connection, lambda table: within(table, span))
    receipts = receipts_of(connection, span)
    facts = facts_of(connection, span)
    kept = {each: kept_rows(connection, each, span) for each in KEPT}
    codes = {*chains, *stored, *receipts, *facts, *(code for rows in kept.values() for code in rows)}
    for code in sorted(codes):
        events, found = _read(code, chains.get(code, ()))
        yield from found
        if events is None:
            continue
        yield from outcomes(code, events, stored.get(code, State()))
        yield from swept(code, chains.get(code, ()), seals, receipts.get(code, {}))
        yield from stated(code, events, facts.get(code, {}))
        for each, rows in kept.items():
            yield from kept_told(code, each, events, rows.get(code, []), seals)


def _read(code: str, chain: Iterable[journal.Entry]) -> tuple[Told | None, list[Mismatch]]:
    """All events of one enterprise with their seals; ``None`` where the chain is broken and nothing follows from it."""
    before, events = BEGINNING, []
    for expected, entry in enumerate(chain, 1):
        place = f"entries {code}/{entry.place}"
        if entry.place != expected:
            missing = f"{code}/{expected}"
            return None, [Mismatch(place, Text(f"之前缺少条目 {missing}", f"entry {missing} before it is missing"))]
        if entry_hash(before, code, entry.place, entry.seal, entry.words) != entry.hash:
            return None, [Mismatch(place, Text("条目的内容与其哈希不符",
                                               "what it says is not what its hash was made of"))]
        events += [(entry.seal, event) for event in entry.events]
        before = entry.hash
    return events, []


def _revisions(connection: Connection, seals: Sequence[Seal]) -> Iterator[Mismatch]:
    told: dict[int, Mapping[str, Any]] = {}
    for seal in seals:
        if seal.kind in ("import", "undo"):
            told[seal.said["revision"]] = {**seal.said, "kind": seal.kind, "at": journal.moment_text(seal.at)}
        elif seal.kind == "adopt":
            told |= {each["revision"]: each for each in seal.said["revisions"]}
    held = {row.id: row._mapping for row in connection.execute(select(Revision.table()))}
    yield from compared("revisions", ("kind", "at", "source", "sha256", "undoes", "counts"), told, held)
    facts = nobodys_facts(connection)
    for number in sorted({*told, *facts}):
        sheets = told.get(number, {}).get("sheets", {})
        yield from compare_sheets("", number, sheets, facts.get(number, {}))


def _sweeps(connection: Connection, seals: Sequence[Seal]) -> Iterator[Mismatch]:
    names = ("as_of", "program", "rulebook", "packs", "known_in", "started_at", "finished_at", "counts")
    told = {seal.said["sweep"]: seal.said for seal in seals if seal.kind == "sweep"}
    for seal in seals:
        if seal.kind == "adopt":
            told |= {each["sweep"]: each for each in seal.said["sweeps"]}
    held = {row.id: row._mapping for row in connection.execute(select(Sweep.table()))}
    yield from compared("sweeps", names, told, held)


def _operators(connection: Connection, seals: Sequence[Seal]) -> Iterator[Mismatch]:
    told = operator_store.told(seals)
    held = operator_store.held(operator_store.rows(connection))
    yield from compared(StoredOperator.__tablename__, operator_store.COMPARED, told, held)


def _packs(connection: Connection, seals: Sequence[Seal]) -> Iterator[Mismatch]:
    held = {row.sha256: row for row in connection.execute(select(PackText.table()))}
    named = {(sha256, name) for seal in seals if seal.kind == "sweep" for name, sha256 in seal.said["packs"].items()}
    for sha256, row in sorted(held.items()):
        if (sha256, row.name) not in named:
            yield Mismatch(f"pack_texts {row.name}", UNKNOWN)
        if hashlib.sha256(row.text.encode()).hexdigest() != sha256:
            yield Mismatch(f"pack_texts {row.name}", Text("规则包原文与其哈希不符",
                                                          "the text of the pack is not what its hash was made of"))
    for seal in seals:
        for name, sha256 in seal.said.get("packs", {}).items() if seal.kind == "sweep" else ():
            if sha256 not in held:
                yield Mismatch(f"pack_texts {name}", Text(f"第 {seal.number} 号封签所用的规则包原文已不在",
                                                          f"the text that seal {seal.number} names is gone"))


#: The tables of which a sweep's seal keeps the total, and what their rows are.
_TOTALLED = (
    (StoredObligation, Text("当前义务", "the current obligations")),
    (StoredHorizon, Text("判定有效期", "the days until which verdicts stand")),
)


def _totals(connection: Connection, seals: Sequence[Seal]) -> Iterator[Mismatch]:
    told = next((seal for seal in reversed(seals) if seal.kind in ("sweep", "adopt")), None)
    said = {} if told is None else told.said
    wrong = {}
    for model, what in _TOTALLED:
        then, now = total_said(said, model.__tablename__).said(), stored_total(connection, model).said()
        if then != now:
            wrong[model.__tablename__] = Text(
                f"{what.zh}与最近一次巡查登记的不符：现有 {now['count']} 条，登记 {then['count']} 条",
                f"{what.en} are not those that the newest sweep recorded: {now['count']} now, {then['count']} then")
    if not wrong:
        return
    differ = Text("与最近一次巡查登记的不符", "is not as the newest sweep recorded it")
    named = differing(connection, told) if told is not None and told.kind == "sweep" else iter(())
    yield from (Mismatch(" ".join(identity), differ) for identity in named if identity[0] in wrong)
    yield from (Mismatch(table, message) for table, message in wrong.items())
