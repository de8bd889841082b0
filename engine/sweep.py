"""The sweep (巡查): every enterprise judged as of one date, and what changed recorded.

Judging reads, recording writes, and the two never overlap: what workers conclude is compared with what is stored and
set aside first, range by range, and then recorded in one transaction. So a sweep is recorded wholly or not at all, and
nobody who writes waits long.
"""

from __future__ import annotations

import pickle
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from engine.comparing import Basis, Compared, Counts, Judged, basis_of, compare
from engine.horizons import (
    AUTHORITY,
    ENTERPRISE,
    Summed,
    head,
    judged_until,
    last_known,
    summed,
    touched,
    whose_turn,
)
from engine.known_at import KnownAt
from engine.logs import log
from engine.packs import load_rulebook
from engine.results import Verdict
from engine.rulebook import Rulebook
from engine.waiver_store import known_waivers
from engine.waivers import Waiver
from engine.wording import duty_label
from engine.workers import shared_out, worthwhile
from facts.errors import DatabaseBusy
from facts.fingerprint import fingerprint
from facts.language import Text
from facts.store.database import open_database, reading, writing
from facts.store.reading import count, dossiers, newest_revision, ranges
from facts.store.statements import chunks

#: Enterprises that one worker judges at a time.
_RANGE = 500
#: How often recording waits for its turn to write.
_ATTEMPTS = 30

#: A longer list of those to be judged again, as a share of all, is no quicker than judging all.
_MOST = 0.4
#: How many of those that differ are named in the log.
_NAMED = 20

Range = tuple[str | None, str | None]
#: What one worker judges at a time: a range (after the first code, through the second), or a list of codes.
Share = Range | list[str]
Progress = Callable[[int, int], None]
#: All waivers, by credit code.
Waivers = Mapping[str, tuple[Waiver, ...]]


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found and changed; ``obligations`` counts every obligation visible on ``as_of``.

    ``judged`` is how many enterprises and authorities it judged, ``sampled`` how many of them without need, and
    ``differing`` how many of these were not as they were recorded: always 0, or the program or the database is faulty.
    """

    as_of: date
    enterprises: int
    authorities: int
    obligations: dict[str, int]
    counts: Counts
    seconds: float
    judged: int = 0
    sampled: int = 0
    differing: int = 0

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
    """What was concluded about one range, or about some codes (``span`` is ``None``).

    ``judged`` is without obligations that have ended, which are not stored.
    """

    span: Range | None
    enterprises: int
    authorities: int
    verdicts: Counter[str]
    judged: list[Judged]


@dataclass(frozen=True, slots=True)
class _Packed:
    """A part as it is set aside. Whoever gathers the parts need not know what is to be written, but how much there is.

    ``content`` are a list of :class:`~engine.comparing.Compared`, compressed: of 100 000 enterprises, some 30 MB
    instead of 250 or more, where temporary files may well lie in memory.
    """

    enterprises: int
    authorities: int
    verdicts: Counter[str]
    content: bytes

    @classmethod
    def of(cls, engine: Engine, basis: Basis, part: Any) -> _Packed:
        """The part, or what has its attributes, compared with what is stored."""
        with reading(engine) as connection:
            found = compare(connection, basis, part.judged, span=part.span)
        content = zlib.compress(pickle.dumps(found, pickle.HIGHEST_PROTOCOL), zlib.Z_BEST_SPEED)
        return cls(part.enterprises, part.authorities, part.verdicts, content)


class Judging(Protocol):
    """Judges elsewhere than in this process and its workers (:mod:`engine.cluster`)."""

    def __call__(self, rulebook: Rulebook, as_of: date, known_in: int, shares: Sequence[Share],
                 waivers: Waivers) -> Iterator[Any]:
        """What is concluded about each of ``shares``, in their order: a :class:`Part`, or what has its attributes."""


class Watch(Protocol):
    """Who sees to it that only one sweep is recorded at a time (:mod:`engine.nights`)."""

    def check(self, connection: Connection) -> None:
        """Called first in the transaction that records; raises an error if it must not."""

    def done(self, connection: Connection, swept: Swept) -> None:
        """Called last in that transaction."""


def sweep(engine: Engine, rulebook: Rulebook, as_of: date, *, packs: Iterable[Path] = (), workers: int | None = None,
          now: Callable[[], datetime], progress: Progress = lambda done, of: None, known: KnownAt | None = None,
          share: float | None = None, watch: Watch | None = None, full: bool = False,
          judging: Judging | None = None) -> Swept:
    """Judge every enterprise and authority as of ``as_of`` and record what changed; sweeping twice changes nothing.

    Those of whom judging again would find what is recorded already are left out (:mod:`engine.horizons`), unless it is
    to be ``full``.

    ``packs`` are the paths that ``rulebook`` was loaded from (none: the product's), for the workers to load them too.
    ``workers`` processes judge side by side; by default as many as there are processors, and one for a small ledger.
    ``known``: by what was known then; by default now. ``share``: stop if more violations than this share of the
    enterprises come at once (:mod:`engine.surge`). ``judging`` does what ``workers`` would do.
    Raises :class:`~facts.errors.LedgerError`; nothing is recorded then.
    """
    started, started_at = monotonic(), now()
    total = count(engine)
    work = _work(engine, rulebook, as_of, known, total, full=full)
    waivers = known_waivers(engine, known_at=None if known is None else known.moment)
    if workers is None:
        workers = worthwhile(work.subjects)
    found = Summed(0, 0, Counter())
    with tempfile.TemporaryFile() as aside:
        parts = (_concluded(engine, rulebook, tuple(packs), as_of, work, workers, waivers) if judging is None else
                 (_Packed.of(engine, work.basis, part)
                  for part in judging(rulebook, as_of, work.known_in, work.shares, waivers)))
        for done, part in enumerate(parts, 1):
            pickle.dump(part.content, aside)
            found += Summed(part.enterprises, part.authorities, part.verdicts)
            progress(done, len(work.shares))
        aside.seek(0)
        with _writing(engine) as connection:
            if watch is not None:
                watch.check(connection)
            swept = _record(connection, rulebook, as_of, work, found, waivers, started_at, aside, now, share)
            swept = replace(swept, seconds=monotonic() - started)
            if watch is not None:
                watch.done(connection, swept)
    return swept


@dataclass(frozen=True, slots=True)
class _Work:
    """Of whom a sweep judges: in ranges, or in lists of codes. ``sample`` are those who need not be judged again."""

    basis: Basis
    known_in: int
    head: int
    shares: Sequence[Share]
    subjects: int
    whole: bool
    sample: frozenset[str] = frozenset()


def _work(engine: Engine, rulebook: Rulebook, as_of: date, known: KnownAt | None, total: int, *, full: bool) -> _Work:
    with reading(engine) as connection:
        # Whatever comes in while this is being asked is of after the head, and judged again next time.
        newest = head(connection, None if known is None else known.moment)
        known_in = newest_revision(connection) if known is None else known.revision
        newest = min(newest, last_known(connection, known_in))
        basis = basis_of(connection, rulebook, as_of, known_in=known_in, program=version("zhiben"))
        codes = None if full else touched(connection, {
            "as_of": as_of, "program": version("zhiben"), "rulebook": rulebook.sha256, "known_in": known_in,
            "head": newest})
        if codes is None or len(codes) > _MOST * total:
            return _Work(basis, known_in, newest, ranges(connection, max(1, -(-total // _RANGE))), total, True)
        sample = whose_turn(connection, as_of, codes)
        wanted = sorted({*codes, *sample})
        return _Work(basis, known_in, newest, list(chunks(wanted, _RANGE)), len(wanted), False, frozenset(sample))


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


def _record(connection: Connection, rulebook: Rulebook, as_of: date, work: _Work, found: Summed, waivers: Waivers,
            started_at: datetime, aside: IO[bytes], now: Callable[[], datetime], share: float | None) -> Swept:
    run = recording.begin(connection, as_of=as_of, started_at=started_at, program=version("zhiben"),
                          rulebook=rulebook, known_in=work.known_in, head=work.head, basis=work.basis)
    decided, overtaken = recording.decided_since(connection, work.basis), []

    def judge_again(share: Share) -> None:
        # In the transaction itself: SQLite lets nobody else read once it has written much.
        part = conclude(connection, rulebook, as_of, work.known_in, share, waivers)
        recording.record(connection, run, compare(connection, run.basis, part.judged, span=part.span))

    for its in work.shares:
        compared: list[Compared] = pickle.loads(zlib.decompress(pickle.load(aside)))
        if run.basis is not work.basis:
            judge_again(its)
        else:
            recording.record(connection, run, [each for each in compared if each.of not in decided])
            overtaken += [each.of for each in compared if each.of in decided]
    if overtaken:
        judge_again(sorted(overtaken))
    if not work.whole:
        found = summed(connection)
    if share is not None:
        run.basis.sudden.check(run.sudden, share, found.enterprises + found.authorities, partial(duty_label, rulebook))
    if differing := sorted(work.sample & run.changed):
        log.error("sample_differs", codes=differing[:_NAMED], differing=len(differing), sampled=len(work.sample))
    verdicts = {str(v): found.verdicts[v] for v in Verdict if found.verdicts[v]}
    # What is not as it was recorded may have been counted wrongly too.
    counts = recording.end(connection, run, finished_at=now(), count=work.whole or bool(differing))
    return Swept(as_of, found.enterprises, found.authorities, verdicts, counts, 0.0, work.subjects, len(work.sample),
                 len(differing))


def _concluded(engine: Engine, rulebook: Rulebook, packs: tuple[Path, ...], as_of: date, work: _Work, workers: int,
               waivers: Waivers) -> Iterator[_Packed]:
    if workers == 1:
        for share in work.shares:
            yield _Packed.of(engine, work.basis, conclude(engine, rulebook, as_of, work.known_in, share, waivers))
        return
    url = engine.url.render_as_string(hide_password=False)
    yield from shared_out(_conclude_here, [(as_of, work.known_in, share) for share in work.shares], workers=workers,
                          start=_start, given=(url, packs, work.basis, waivers), lost=_LOST)


_LOST = Text("一个工作进程中途退出，没有登记；请重试，或用 --workers 1",
             "a worker process ended midway, nothing was recorded; try again, or use --workers 1")


_here: dict[str, Any] = {}


def _start(url: str, packs: tuple[Path, ...], basis: Basis, waivers: Waivers) -> None:
    _here["engine"] = open_database(url)
    _here["rulebook"] = load_rulebook(packs or None)
    _here["basis"] = basis
    # Those that the sweep began with, whichever are entered meanwhile.
    _here["waivers"] = waivers


def _conclude_here(job: tuple[date, int, Share]) -> _Packed:
    part = conclude(_here["engine"], _here["rulebook"], *job, _here["waivers"])
    return _Packed.of(_here["engine"], _here["basis"], part)


def conclude(source: Engine | Connection, rulebook: Rulebook, as_of: date, known_in: int, share: Share,
             waivers: Waivers) -> Part:
    if isinstance(share, tuple):
        span, codes, found = share, (), dossiers(source, after=share[0], through=share[1], known_in=known_in)
    else:
        span, codes, found = None, share, dossiers(source, usccs=share, known_in=known_in)
    verdicts: Counter[str] = Counter()
    subjects: Counter[str | None] = Counter()
    judged: list[Judged] = []
    for dossier in found:
        of_it = waivers.get(dossier.uscc, ())
        judgement, horizon = judged_until(dossier, rulebook, as_of, of_it)
        subjects[horizon.subject] += 1
        verdicts.update(horizon.verdicts)
        judged.append(Judged(
            dossier.uscc, fingerprint(dossier), judgement and replace(judgement, facts={}),
            tuple((waiver.id, waiver.ended_on) for waiver in of_it), horizon))
    # Of these the ledger has nothing (any more): nor does what is recorded of them stand.
    there = {each.uscc for each in judged}
    judged += [Judged(code, "", None) for code in codes if code not in there]
    return Part(span, subjects[ENTERPRISE], subjects[AUTHORITY], verdicts, judged)
