"""Sweeps by business date (按业务日期巡查): one at a time, missed nights in order, each with what was known then.

A sweep holds the lease ``sweep`` from before it reads until it has recorded; its run is entered as it begins and is
done in the transaction that records. A business date that was swept with the same packs, and since when nobody has
written to the database, is not swept again: the answer is the one of then, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.metadata import version
from typing import Any

from sqlalchemy import Connection, Engine

from engine import parts, runs
from engine.clock import SHANGHAI
from engine.comparing import Counts, newest_date
from engine.known_at import KnownAt, known_at
from engine.lease import Holding, Lease, LeaseLost, held
from engine.logs import log, within
from engine.rulebook import Rulebook
from engine.surge import Surge
from engine.sweep import Progress, Swept, sweep
from facts.errors import CouldNotBeDone, LedgerError
from facts.language import Text
from facts.store.database import reading, writing
from facts.store.journal import newest

#: More missed nights than a quarter has are more likely a clock that is wrong.
MOST_MISSED = 92

CATCH_UP = ("none", "last", "all")

#: A moment at which all that is known is known, also what a clock that ran fast has dated.
EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Night:
    """A business date, and the moment by what was known at which it is swept; ``None``: by all that is known."""

    as_of: date
    moment: datetime | None = None


class TooManyMissed(CouldNotBeDone):
    """So many nights were missed that the clock is asked about first."""


def missed(connection: Connection, until: date, at: time) -> list[Night]:
    """The nights between the newest that was swept and ``until``, both exclusive, in order.

    ``at`` is the time of day, in Shanghai, at which each should have been swept. Before the first sweep none is missed.
    """
    since = newest_swept(connection)
    if since is None:
        return []
    return [night_of(since + timedelta(days=n), at) for n in range(1, (until - since).days)]


def newest_swept(connection: Connection) -> date | None:
    """The newest business date that was swept; ``None``: none was."""
    known = (runs.newest_swept(connection), newest_date(connection))
    return max((day for day in known if day is not None), default=None)


def night_of(as_of: date, at: time) -> Night:
    """The night of a business date, by what was known at ``at`` of that day in Shanghai."""
    return Night(as_of, datetime.combine(as_of, at, SHANGHAI))


def to_make_up_for(nights: Sequence[Night], catch_up: str) -> Sequence[Night]:
    """Which missed nights are swept: ``all``, the ``last`` or ``none``.

    Raises :class:`TooManyMissed` where all are more than :data:`MOST_MISSED`.
    """
    if catch_up == "all" and len(nights) > MOST_MISSED:
        first, last, part = nights[0].as_of, nights[-1].as_of, nights[MOST_MISSED - 1].as_of
        raise TooManyMissed(Text(
            f"从 {first} 到 {last} 有 {len(nights)} 夜没有巡查，先请看本机时钟是否正确。若正确，可分段补查"
            f"（zhiben sweep --catch-up all --as-of {part} 等等），或用 --catch-up last、none 不逐夜补查",
            f"{len(nights)} nights were missed, {first} to {last}: is this machine's clock right? If so, make up for "
            f"them in parts (zhiben sweep --catch-up all --as-of {part}, and so on), or leave them out with "
            "--catch-up last or none"))
    return {"none": (), "last": nights[-1:]}.get(catch_up, nights)


class Nights:
    """Sweeps of a database by a rulebook, under one lease.

    ``options`` are those of :func:`engine.sweep.sweep`; ``again``: also a date that was swept already.
    """

    def __init__(self, engine: Engine, lease: Lease, rulebook: Rulebook, now: Callable[[], datetime], *,
                 again: bool = False, **options: Any) -> None:
        self._engine = engine
        self._lease = lease
        self._rulebook = rulebook
        self._now = now
        self._again = again
        self._options = options

    def missed(self, until: date, at: time, catch_up: str) -> Sequence[Night]:
        """The missed nights before ``until`` that are to be made up for; it is entered that the others are not."""
        with reading(self._engine) as connection:
            nights = missed(connection, until, at)
        wanted = to_make_up_for(nights, catch_up)
        if len(wanted) < len(nights):
            with writing(self._engine, "outcomes") as connection:
                self._lease.check(connection)
                for night in nights:
                    skipped = runs.last(connection, runs.SWEEP, business_date=night.as_of)
                    if night not in wanted and (skipped is None or skipped.state != runs.SKIPPED):
                        log.warning("night_skipped", business_date=night.as_of.isoformat())
                        runs.skip(connection, night.as_of, self._now(), holder=self._lease.holder)
        return wanted

    def sweep(self, night: Night, progress: Progress = lambda done, of: None) -> Swept:
        """Sweep as of a business date."""
        with reading(self._engine) as connection:
            known = _known(connection, night)
            repeated = None if self._again else repetition(connection, self._rulebook, night)
        if repeated is not None:
            return repeated
        number = self._begin(night, known)
        with (within(run=number, business_date=night.as_of.isoformat()), _logged(),
              _told(self._engine, number, self._now)):
            log.info("sweep_begun", fence=self._lease.fence, known_in=known.revision, rulebook=self._rulebook.sha256)
            swept = sweep(self._engine, self._rulebook, night.as_of, now=self._now, known=known, progress=progress,
                          watch=_Watch(self._lease, number, inputs(self._rulebook, known), self._now),
                          full=self._again, **self._options)
            log.info("sweep_done", seconds=round(swept.seconds, 3), enterprises=swept.enterprises,
                     authorities=swept.authorities, obligations=swept.obligations, counts=asdict(swept.counts),
                     judged=swept.judged)
            return swept

    def _begin(self, night: Night, known: KnownAt) -> int:
        at = self._now()
        with writing(self._engine, "outcomes") as connection:
            self._lease.check(connection)
            if given_up := runs.lose(connection, runs.SWEEP, at):
                log.warning("sweep_lost", runs=given_up)
            parts.clear(connection)
            return runs.begin(connection, runs.SWEEP, night.as_of, at, holder=self._lease.holder,
                              fence=self._lease.fence, known_at=at if known.moment == EVER else known.moment)


@dataclass(frozen=True, slots=True)
class _Watch:
    """Holds the lease while a sweep is recorded, and enters that it is done."""

    lease: Lease
    number: int
    by: Mapping[str, Any]
    now: Callable[[], datetime]

    def check(self, connection: Connection) -> None:
        self.lease.check(connection)

    def done(self, connection: Connection, swept: Swept) -> None:
        said = {"enterprises": swept.enterprises, "authorities": swept.authorities, "obligations": swept.obligations,
                "counts": asdict(swept.counts), "seconds": round(swept.seconds, 2), "by": self.by,
                "judged": swept.judged, "sampled": swept.sampled, "differing": swept.differing}
        runs.end(connection, self.number, runs.DONE, self.now(), seal=_seal(connection), said=said)


def inputs(rulebook: Rulebook, known: KnownAt) -> Mapping[str, Any]:
    """What a sweep's verdicts rest on, beside its date and what people have decided."""
    return {"program": version("zhiben"), "rulebook": rulebook.sha256, "known_in": known.revision}


def repetition(connection: Connection, rulebook: Rulebook, night: Night) -> Swept | None:
    """What the sweep of this night said, if it was the last and nobody has written since; it changes nothing now."""
    run = runs.last(connection, runs.SWEEP, state=runs.DONE)
    if (run is None or run.said is None or run.business_date != night.as_of or run.seal != _seal(connection)
            or run.said["by"] != inputs(rulebook, _known(connection, night))):
        return None
    log.info("sweep_repeated", run=run.id, business_date=night.as_of.isoformat())
    return _told_of(run)


def _known(connection: Connection, night: Night) -> KnownAt:
    """What is known for a night; what an earlier sweep has seen stays seen."""
    before = runs.last(connection, runs.SWEEP, state=runs.DONE)
    moment = EVER if night.moment is None else night.moment
    if before is not None and before.known_at is not None:
        moment = max(moment, before.known_at)
    return known_at(connection, moment)


def _seal(connection: Connection) -> int:
    seal = newest(connection)
    return 0 if seal is None else seal.number


def _told_of(run: runs.PastRun) -> Swept:
    said = run.said or {}
    before = Counts(**said["counts"])
    counts = Counts(recorded=before.recorded, open=before.open)
    return Swept(run.business_date, said["enterprises"], said["authorities"], said["obligations"], counts, 0.0)


@contextmanager
def _logged() -> Iterator[None]:
    """Log how a sweep failed, also where the database does not take it any more."""
    try:
        yield
    except Surge as error:
        log.error("sweep_surge", message=error.message.en)
        raise
    except LeaseLost as error:
        log.error("lease_lost", message=error.message.en)
        raise
    except BaseException as error:
        log.error("sweep_failed", message=str(error) or type(error).__name__, error=type(error).__name__)
        raise


@contextmanager
def _told(engine: Engine, number: int, now: Callable[[], datetime]) -> Iterator[None]:
    """Enter how a run failed, where the database still takes it."""
    try:
        yield
    except LeaseLost:
        # Whoever took over has said so of this run.
        raise
    except BaseException as error:
        stopped, message = isinstance(error, (KeyboardInterrupt, SystemExit)), getattr(error, "message", None)
        said = f"{message.zh} / {message.en}" if isinstance(message, Text) else f"{type(error).__name__}: {error}"
        with suppress(LedgerError), writing(engine, "outcomes") as connection:
            runs.end(connection, number, runs.STOPPED if stopped else runs.FAILED, now(),
                     message=None if stopped else said[:2_000])
        raise


@contextmanager
def nights(engine: Engine, rulebook: Rulebook, now: Callable[[], datetime], *, wait: bool = True,
           waiting: Callable[[Holding], None] = lambda other: None, **options: Any) -> Iterator[Nights]:
    """Sweeps under the lease, which is waited for (or not: then :class:`~engine.lease.LeaseHeld` is raised)."""
    with held(engine, runs.SWEEP, now, wait=wait, waiting=waiting) as lease:
        yield Nights(engine, lease, rulebook, now, **options)
