"""Verifying rows (核验结论): those of outcomes by the events that led there, others by those that tell them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from engine.event_values import Event
from engine.journal_rows import Kept
from engine.lifecycle import State, after
from engine.mismatch import Mismatch, Range, Told, compared, differences, within
from engine.outcomes import StoredRecommendation, StoredStep, StoredViolation
from facts.language import Text
from facts.store.journal import Entry, Seal


def outcomes(code: str, events: Told, stored: State) -> Iterator[Mismatch]:
    """Where what sweeps recorded is not what the events led to."""
    try:
        state = after(State(), [event for _, event in events])
    except (KeyError, ValueError, TypeError):
        yield Mismatch(f"entries {code}", Text("事件前后不连贯", "the events do not follow upon each other"))
        return
    for model, told, held, row in (
            (StoredViolation, state.violations, stored.violations, StoredViolation.row),
            (StoredStep, state.steps, stored.steps, StoredStep.row),
            (StoredRecommendation, state.proposals, stored.proposals,
             lambda each: StoredRecommendation.row(code, each))):
        yield from compared(f"{model.__tablename__} {code}", model.says, *(
            {identity: dict(zip(model.says, row(each), strict=True)) for identity, each in found.items()}
            for found in (told, held)))


#: Of each row that sweeps write: the first and the last of them, and the hash of the facts that the last one read.
_SWEPT = ((StoredViolation, ("duty", "key"), ("first_swept", "last_swept", "facts")),
          (StoredStep, ("duty", "key", "ladder", "level"), ("first_swept", "facts")),
          (StoredRecommendation, ("id",), ("first_swept", "last_swept", "facts")))


def receipts_of(connection: Connection, span: Range) -> dict[str, dict[tuple[Any, ...], dict[str, Any]]]:
    """The sweeps that rows name, by code."""
    found: defaultdict[str, dict[tuple[Any, ...], dict[str, Any]]] = defaultdict(dict)
    for model, identity, names in _SWEPT:
        table = model.table()
        question = select(table.c.uscc, *(table.c[name] for name in (*identity, *names))).where(within(table, span))
        for code, *row in connection.execute(question):
            place = len(identity)
            found[code][model.__tablename__, *row[:place]] = dict(zip(names, row[place:], strict=True))
    return found


def swept(code: str, chain: Iterable[Entry], seals: Mapping[int, Seal],
           held: Mapping[tuple[Any, ...], Mapping[str, Any]]) -> Iterator[Mismatch]:
    """Whether each row names the sweeps that wrote it."""
    told: dict[tuple[Any, ...], dict[str, Any]] = {}
    older: set[tuple[Any, ...]] = set()
    for entry in chain:
        seal = seals.get(entry.seal)
        for event in entry.events if seal is not None else ():
            identity = _identity(event)
            if identity is None or seal.kind not in ("sweep", "adopt"):
                continue
            if seal.kind == "adopt":
                older.add(identity)
                continue
            sweep, facts = seal.said["sweep"], entry.said["facts"]
            told.setdefault(identity, {"first_swept": sweep})
            told[identity] |= {"last_swept": sweep, "facts": facts}
    for identity in sorted({*told, *held}, key=str):
        now, then = held.get(identity, {}), told.get(identity, {})
        # The first sweep of what is older than the journal is not in it.
        names = [name for name in now if name in then and not (name == "first_swept" and identity in older)]
        if any(now[name] != then[name] for name in names):
            place = " ".join(map(str, (identity[0], code, *identity[1:])))
            yield Mismatch(place, differences(names, [then[name] for name in names], [now[name] for name in names]))


def _identity(event: Event) -> tuple[Any, ...] | None:
    if event["kind"] == "step":
        return "steps", event["duty"], event["key"], event["ladder"], event["level"]
    if "case" in event:
        return "recommendations", event["case"]
    return ("violations", event["duty"], event["key"]) if "duty" in event and "id" not in event else None


def kept_rows(connection: Connection, kept: Kept, span: Range) -> dict[str, list[dict[str, Any]]]:
    """The rows of one table in a range of codes, by code."""
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for code, row in kept.rows(connection, lambda table, column: within(table, span, column)):
        found[code].append(row)
    return found


def kept_told(code: str, kept: Kept, events: Told, rows: list[dict[str, Any]],
              seals: Mapping[int, Seal]) -> Iterator[Mismatch]:
    """Where the rows of one table are not those that the events tell of."""
    told = {}
    for number, event in events:
        if event["kind"] in kept.kinds and number in seals:
            row = kept.told(event, seals[number])
            told[kept.identity(row)] = row
    held = {kept.identity(row): row for row in rows}
    names = [column.name for column in kept.model.table().columns]
    yield from compared(f"{kept.table} {code}", names, told, held)
