"""Judging everyone for those who only read (全体判定), range by range; nothing of it is kept.

Everybody is judged by one state of the ledger, that of the beginning, whatever is imported meanwhile. Of a large ledger
several processes judge a range each; what they find comes in the order of the codes and is waited for, never piled up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine

from engine.case_file import with_cases
from engine.case_store import cases as known_cases
from engine.cases import Case
from engine.judgement import judge
from engine.known_at import known_at
from engine.packs import load_rulebook
from engine.results import Judgement, Violation
from engine.rulebook import Rulebook
from engine.subject import reaches
from engine.waiver_store import known_waivers
from engine.waivers import Waiver
from engine.withdrawn import with_withdrawn, withdrawn
from engine.workers import shared_out, worthwhile
from facts.store.database import open_database
from facts.store.reading import count, dossiers, newest_revision, ranges

#: Enterprises of one range.
RANGE = 250

Range = tuple[str | None, str | None]
Result = TypeVar("Result")
#: What is made of the judgements of a range. A function of a module, or a partial of one: processes are told its name.
Work = Callable[[Iterable[Judgement], Rulebook], Result]


@dataclass(frozen=True, slots=True)
class Memory:
    """What the verdicts of a date rest on besides facts and packs: what was entered, decided and recorded, by code."""

    as_of: date
    division: str | None
    revision: int
    waivers: Mapping[str, Sequence[Waiver]]
    withdrawn: Mapping[str, list[Violation]]
    cases: Mapping[str, list[Case]]


def memory(engine: Engine, rulebook: Rulebook, as_of: date, division: str | None = None,
           known: datetime | None = None) -> Memory:
    """The memory for ``as_of``, for those whom ``division`` reaches; as it was at the moment ``known`` if one is
    given."""
    cases: dict[str, list[Case]] = {}
    for case in known_cases(engine, known_at=known):
        cases.setdefault(case.uscc, []).append(case)
    return Memory(as_of, division, newest_revision(engine) if known is None else known_at(engine, known).revision,
                  known_waivers(engine, known_at=known), dict(withdrawn(engine, rulebook, as_of, known_at=known)),
                  cases)


def judgements(engine: Engine, rulebook: Rulebook, memory: Memory, span: Range = (None, None)) -> Iterator[Judgement]:
    """The judgement of every enterprise and authority of a range of codes visible on the date, in their order."""
    after, through = span
    for dossier in dossiers(engine, after=after, through=through, known_in=memory.revision):
        judgement = judge(dossier, rulebook, memory.as_of, memory.waivers.get(dossier.uscc, ()))
        if judgement is None or not (memory.division is None or reaches(memory.division, judgement.division)):
            continue
        judgement = with_withdrawn(judgement, memory.withdrawn)
        cases = memory.cases.get(judgement.uscc, ())
        yield replace(judgement, recommendations=with_cases(judgement, cases, rulebook, withdrawn=True))


def worked_out(engine: Engine, rulebook: Rulebook, memory: Memory, work: Work[Result], *,
               packs: Iterable[Path] = (), workers: int | None = None) -> Iterator[Result]:
    """What ``work`` makes of each range of codes, in their order.

    ``packs`` are the paths that ``rulebook`` was loaded from (none: the product's); ``workers`` is by default one for
    each processor, and one in all for a small ledger.
    """
    total = count(engine)
    if workers is None:
        workers = worthwhile(total)
    spans = ranges(engine, max(1, -(-total // RANGE)))
    if workers == 1:
        yield from (work(judgements(engine, rulebook, memory, span), rulebook) for span in spans)
        return
    url = engine.url.render_as_string(hide_password=False)
    yield from shared_out(_work_here, spans, workers=workers, start=_start, given=(url, tuple(packs), memory, work))


_here: dict[str, Any] = {}


def _start(url: str, packs: tuple[Path, ...], memory: Memory, work: Work[Any]) -> None:
    _here.update(engine=open_database(url), rulebook=load_rulebook(packs or None), memory=memory, work=work)


def _work_here(span: Range) -> Any:
    rulebook: Rulebook = _here["rulebook"]
    return _here["work"](judgements(_here["engine"], rulebook, _here["memory"], span), rulebook)
