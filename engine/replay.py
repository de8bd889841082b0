"""Replaying (复算): a verdict computed again from its receipt, and held against what was recorded.

The receipt names the packs by the hash of their texts, which the database keeps, the revision of the ledger, the
waivers, the date and the version of the program. The files of the packs are not needed any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from typing import Any

from sqlalchemy import Connection, select

from engine.event_values import Event
from engine.event_wording import kind_text
from engine.horizons import StoredHorizon, judged_until
from engine.judgement import judge
from engine.lifecycle import State, after, step
from engine.outcomes import PackText, StoredObligation
from engine.packs import kept_rulebook
from engine.results import Judgement
from engine.rulebook import Rulebook
from engine.waiver_store import known_waivers
from engine.waivers import Waiver
from facts.errors import BadInput
from facts.fingerprint import fingerprint
from facts.language import Text
from facts.store import journal
from facts.store.journal import Entry, Seal, entry_hash
from facts.store.reading import dossier, dossiers


@dataclass(frozen=True, slots=True)
class Replayed:
    """An event, its receipt, and what comes of computing it again.

    ``now`` are the events that the same step yields today, ``recorded`` those that it yielded then; ``reasons`` what
    differs in what they rest on.
    """

    event_id: str
    event: Event
    receipt: Mapping[str, Any]
    recorded: tuple[Event, ...]
    now: tuple[Event, ...]
    reasons: tuple[Text, ...]
    judgement: Judgement | None

    @property
    def same(self) -> bool:
        """Whether the event comes out again, word for word."""
        return self.event in self.now


def replay(connection: Connection, event_id: str) -> Replayed:
    """Compute an event again. Raises :class:`~facts.errors.BadInput`: no such event, or none that was computed."""
    entry, index = _find(connection, event_id)
    seal = journal.seal(connection, entry.seal)
    event = entry.events[index]
    if seal is None or seal.kind != "sweep":
        kind = kind_text(event)
        raise BadInput(Text(f"{event_id} 不是判定得出的（{kind.zh}），无从复算；zhiben verify 核验它是否被改动",
                            f"{event_id} was not computed ({kind.en}), there is nothing to replay; zhiben verify "
                            "tells whether it was changed"))
    reasons: list[Text] = []
    if _changed(connection, entry):
        reasons.append(Text("日志条目本身被改动（见 zhiben verify）",
                            "the entry itself was changed (see zhiben verify)"))
    if seal.said["program"] != version("zhiben"):
        reasons.append(Text(f"程序版本：当时 {seal.said['program']}，现在 {version('zhiben')}",
                            f"program: {seal.said['program']} then, {version('zhiben')} now"))
    rulebook = rulebook_of(connection, seal)
    read = dossier(connection, entry.uscc, known_in=seal.said["known_in"])
    if (fingerprint(read) if read else "") != entry.said["facts"]:
        reasons.append(Text("当时读到的事实被改动（见 zhiben verify）",
                            "the facts that were read have been changed (see zhiben verify)"))
    waivers = _waivers(connection, entry)
    as_of = date.fromisoformat(entry.said["as_of"])
    found = judge(read, rulebook, as_of, waivers) if read else None
    before = _before(connection, entry)
    recorded = tuple(entry.events)
    now = tuple(each for each in step(before, found, as_of)[1] if _could_tell(each, before, rulebook, recorded))
    receipt = {name: seal.said[name] for name in ("packs", "rulebook", "known_in", "program")} | {
        "as_of": entry.said["as_of"], "facts": entry.said["facts"], "waivers": entry.said.get("waivers", []),
        "seal": seal.number, "at": journal.moment_text(seal.at)}
    return Replayed(entry.event_id(index), event, receipt, recorded, now, tuple(reasons), found)


def rulebook_of(connection: Connection, seal: Seal) -> Rulebook:
    """The packs that a sweep held the facts against. Raises :class:`~facts.errors.BadInput` if a text has gone."""
    table = PackText.table()
    texts = dict(connection.execute(select(table.c.sha256, table.c.text)).all())  # type: ignore[arg-type]
    named = seal.said["packs"]
    if gone := sorted(name for name, sha256 in named.items() if sha256 not in texts):
        raise BadInput(Text(f"规则包原文已不在数据库中：{'、'.join(gone)}；见 zhiben verify",
                            f"the texts of these packs are no longer in the database: {', '.join(gone)}; see zhiben "
                            "verify"))
    return kept_rulebook({name: texts[sha256] for name, sha256 in named.items()})


def differing(connection: Connection, seal: Seal) -> Iterator[tuple[str, ...]]:
    """Which stored obligations and horizons are not those of the sweep of ``seal``, and which of its are gone.

    Each as the name of its table and its identity. Every enterprise is judged again as it was then.
    """
    rulebook, as_of = rulebook_of(connection, seal), date.fromisoformat(seal.said["as_of"])
    waivers = known_waivers(connection, known_at=seal.at)
    stored: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for model in (StoredObligation, StoredHorizon):
        table, width = model.table(), len(model.identity)
        for row in connection.execute(select(*(table.c[name] for name in (*model.identity, *model.says)))):
            stored[model.__tablename__, *row[:width]] = tuple(row[width:])
    for read in dossiers(connection, known_in=seal.said["known_in"]):
        found, horizon = judged_until(read, rulebook, as_of, waivers.get(read.uscc, ()))
        its = {(StoredHorizon.__tablename__, read.uscc): horizon.row()}
        for obligation in found.obligations if found else ():
            identity = StoredObligation.__tablename__, read.uscc, obligation.duty, obligation.key
            its[identity] = StoredObligation.said(obligation)
        yield from (identity for identity, says in its.items() if stored.pop(identity, None) != says)
    yield from stored


def _find(connection: Connection, event_id: str) -> tuple[Entry, int]:
    uscc, _, rest = event_id.strip().partition("/")
    place, _, index = rest.partition("/")
    if place.isascii() and place.isdigit() and (not index or (index.isascii() and index.isdigit())):
        for entry in journal.entries(connection, uscc) or journal.entries(connection, uscc.upper()):
            if entry.place == int(place) and 0 <= (number := int(index or 1) - 1) < len(entry.events):
                return entry, number
    raise BadInput(Text(f"日志中没有事件“{event_id}”；应如 91120102XXXX00246A/3/1，zhiben log 列出各事件的编号",
                        f"there is no event {event_id!r}; expected e.g. 91120102XXXX00246A/3/1, zhiben log lists "
                        "them"))


def _changed(connection: Connection, entry: Entry) -> bool:
    chain = journal.entries(connection, entry.uscc)
    before = next((each.hash for each in chain if each.place == entry.place - 1), journal.BEGINNING)
    return entry_hash(before, entry.uscc, entry.place, entry.seal, entry.words) != entry.hash


def _before(connection: Connection, entry: Entry) -> State:
    earlier = (each for each in journal.entries(connection, entry.uscc) if each.place < entry.place)
    return after(State(), [event for each in earlier for event in each.events])


def _waivers(connection: Connection, entry: Entry) -> Sequence[Waiver]:
    """The waivers that were read, ended as they were known to be then."""
    read = dict(entry.said.get("waivers", []))
    return [waiver if read[waiver.id] is not None else
            replace(waiver, ended_on=None, ended_by=None, ended_because=None, void=False)
            for waiver in known_waivers(connection, uscc=entry.uscc).get(entry.uscc, ()) if waiver.id in read]


def _could_tell(event: Event, before: State, rulebook: Rulebook, recorded: Sequence[Event]) -> bool:
    """Whether the sweep could say so: what other packs had found it did not withdraw."""
    if event["kind"] not in ("withdrawn", "case_withdrawn", "grounds_gone") or event in recorded:
        return True
    rules = {rule.ref.id for rule in (*rulebook.rules, *rulebook.recommendations)}
    stood = (before.violations[event["duty"], event["key"]].rules if event["kind"] == "withdrawn"
             else [rule for rule, *_ in before.proposals[event["case"]].grounds])
    return rules.issuperset(stood)
