"""The sweep (巡查): every enterprise judged as of one date, and what changed recorded.

Judging reads, recording writes, and the two never overlap: what workers conclude is set aside first, range by range,
and then recorded in one transaction. So a sweep is recorded wholly or not at all, and nobody who reads waits long.
"""

from __future__ import annotations

import os
import pickle
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from importlib.metadata import version
from itertools import count as count_from
from pathlib import Path
from time import monotonic
from typing import IO, Any, Protocol

from sqlalchemy import Connection, Engine

from engine import recording
from engine.judgement import judge
from engine.known_at import KnownAt
from engine.output import not_ended
from engine.packs import load_rulebook
from engine.results import Verdict
from engine.rulebook import Rulebook
from engine.waiver_store import known_waivers
from engine.waivers import Waiver
from engine.wording import duty_label
from engine.workers import shared_out
from facts.errors import DatabaseBusy
from facts.fingerprint import fingerprint
from facts.language import Text
from facts.store.database import open_database, writing
from facts.store.reading import count, dossiers, newest_revision, ranges

#: Enterprises that one worker judges at a time.
_RANGE = 500
#: Below this many enterprises, starting a second process takes longer than it saves.
_WORTH_WORKERS = 2_000
#: How often recording waits for its turn to write.
_ATTEMPTS = 30

Range = tuple[str | None, str | None]
Progress = Callable[[int, int], None]
#: All waivers, by credit code.
Waivers = Mapping[str, tuple[Waiver, ...]]


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found and changed; ``obligations`` counts every obligation visible on ``as_of``."""

    as_of: date
    enterprises: int
    authorities: int
    obligations: dict[str, int]
    counts: recording.Counts
    seconds: float

    def document(self) -> dict[str, Any]:
        """The summary as CONTRACT.md has it; steps are counted that no earlier sweep has recorded."""
        return {
            "as_of": self.as_of.isoformat(),
            "enterprises": self.enterprises,
            "authorities": self.authorities,
            "obligations": self.obligations,
            "violations": {"opened": self.counts.opened, "closed": self.counts.closed, "open": self.counts.open},
            "steps_issued": self.counts.steps,
            "recommendations_proposed": self.counts.proposed,
            "seconds": round(self.seconds, 2),
        }


@dataclass(frozen=True, slots=True)
class Part:
    """What was concluded about one range; ``judged`` without obligations that have ended, which are not stored."""

    span: Range
    enterprises: int
    authorities: int
    verdicts: Counter[str]
    judged: list[recording.Judged]


class Judging(Protocol):
    """Judges elsewhere than in this process and its workers (:mod:`engine.cluster`)."""

    def __call__(self, rulebook: Rulebook, as_of: date, known_in: int, spans: list[Range],
                 waivers: Waivers) -> Iterator[Any]:
        """What is concluded about each of ``spans``, in their order: a :class:`Part`, or what has its attributes."""


class Watch(Protocol):
    """Who sees to it that only one sweep is recorded at a time (:mod:`engine.nights`)."""

    def check(self, connection: Connection) -> None:
        """Called first in the transaction that records; raises an error if it must not."""

    def done(self, connection: Connection, swept: Swept) -> None:
        """Called last in that transaction."""


def sweep(engine: Engine, rulebook: Rulebook, as_of: date, *, packs: Iterable[Path] = (), workers: int | None = None,
          now: Callable[[], datetime], progress: Progress = lambda done, of: None, known: KnownAt | None = None,
          share: float | None = None, watch: Watch | None = None, judging: Judging | None = None) -> Swept:
    """Judge every enterprise and authority as of ``as_of`` and record what changed; sweeping twice changes nothing.

    ``packs`` are the paths that ``rulebook`` was loaded from (none: the product's), for the workers to load them too.
    ``workers`` processes judge side by side; by default as many as there are processors, and one for a small ledger.
    ``known``: by what was known then; by default now. ``share``: stop if more violations than this share of the
    enterprises come at once (:mod:`engine.surge`). ``judging`` does what ``workers`` would do.
    Raises :class:`~facts.errors.LedgerError`; nothing is recorded then.
    """
    started, started_at = monotonic(), now()
    known_in, total = newest_revision(engine) if known is None else known.revision, count(engine)
    waivers = known_waivers(engine, known_at=None if known is None else known.moment)
    spans = ranges(engine, max(1, -(-total // _RANGE)))
    if workers is None:
        workers = (os.cpu_count() or 1) if total >= _WORTH_WORKERS else 1
    enterprises, authorities, verdicts = 0, 0, Counter[str]()
    with tempfile.TemporaryFile() as aside:
        parts = (_concluded(engine, rulebook, tuple(packs), as_of, known_in, spans, workers, waivers)
                 if judging is None else judging(rulebook, as_of, known_in, spans, waivers))
        for done, part in enumerate(parts, 1):
            pickle.dump(part, aside, pickle.HIGHEST_PROTOCOL)
            enterprises += part.enterprises
            authorities += part.authorities
            verdicts += part.verdicts
            progress(done, len(spans))
        found = {str(v): verdicts[v] for v in Verdict if verdicts[v]}
        with _writing(engine) as connection:
            if watch is not None:
                watch.check(connection)
            counts = _record(connection, rulebook, as_of, known_in, started_at, aside, len(spans), now,
                             share, enterprises + authorities)
            swept = Swept(as_of, enterprises, authorities, found, counts, monotonic() - started)
            if watch is not None:
                watch.done(connection, swept)
    return swept


@contextmanager
def _writing(engine: Engine) -> Iterator[Connection]:
    """A transaction to record in: what was hours in judging waits longer than others for those who write."""
    with ExitStack() as stack:
        for attempt in count_from(1):
            try:
                connection = stack.enter_context(writing(engine, "outcomes"))
                break
            except DatabaseBusy:
                if attempt == _ATTEMPTS:
                    raise
        yield connection


def _record(connection: Connection, rulebook: Rulebook, as_of: date, known_in: int, started_at: datetime,
            aside: IO[bytes], parts: int, now: Callable[[], datetime], share: float | None,
            subjects: int) -> recording.Counts:
    aside.seek(0)
    run = recording.begin(connection, as_of=as_of, started_at=started_at, program=version("zhiben"),
                          rulebook=rulebook, known_in=known_in)
    for _ in range(parts):
        part = pickle.load(aside)
        recording.record(connection, run, part.judged, span=part.span)
    if share is not None:
        run.sudden.check(share, subjects, partial(duty_label, rulebook))
    return recording.end(connection, run, finished_at=now())


def _concluded(engine: Engine, rulebook: Rulebook, packs: tuple[Path, ...], as_of: date, known_in: int,
               spans: list[Range], workers: int, waivers: Waivers) -> Iterator[Part]:
    if workers == 1:
        for span in spans:
            yield conclude(engine, rulebook, as_of, known_in, span, waivers)
        return
    url = engine.url.render_as_string(hide_password=False)
    yield from shared_out(_conclude_here, [(as_of, known_in, span) for span in spans], workers=workers, start=_start,
                          given=(url, packs, waivers), lost=_LOST)


_LOST = Text("一个工作进程中途退出，没有登记；请重试，或用 --workers 1",
             "a worker process ended midway, nothing was recorded; try again, or use --workers 1")


_here: dict[str, Any] = {}


def _start(url: str, packs: tuple[Path, ...], waivers: Waivers) -> None:
    _here["engine"] = open_database(url)
    _here["rulebook"] = load_rulebook(packs or None)
    # Those that the sweep began with, whichever are entered meanwhile.
    _here["waivers"] = waivers


def _conclude_here(job: tuple[date, int, Range]) -> Part:
    return conclude(_here["engine"], _here["rulebook"], *job, _here["waivers"])


def conclude(engine: Engine, rulebook: Rulebook, as_of: date, known_in: int, span: Range, waivers: Waivers) -> Part:
    after, through = span
    verdicts: Counter[str] = Counter()
    enterprises = authorities = 0
    judged: list[recording.Judged] = []
    for dossier in dossiers(engine, after=after, through=through, known_in=known_in):
        judgement = judge(dossier, rulebook, as_of, waivers.get(dossier.uscc, ()))
        if judgement is not None:
            enterprises += not judgement.is_authority
            authorities += judgement.is_authority
            verdicts.update(str(o.verdict) for o in judgement.obligations)
            kept = tuple(o for o in judgement.obligations if not_ended(o, as_of))
            judgement = replace(judgement, obligations=kept, facts={})
        read = tuple((waiver.id, waiver.ended_on) for waiver in waivers.get(dossier.uscc, ()))
        judged.append(recording.Judged(dossier.uscc, fingerprint(dossier), judgement, read))
    return Part(span, enterprises, authorities, verdicts, judged)
