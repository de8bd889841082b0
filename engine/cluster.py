"""A sweep judged on a Dask cluster (集群巡查): parts handed out, begun again where workers die, taken back in order.

The database is shared by all machines, so it is PostgreSQL. Each part is judged as of the same date, by the same
revision of the ledger, waivers and packs, and written once (:mod:`engine.parts`); whoever sweeps takes the parts back
in order, one at a time, and records them as those of a sweep on one machine. So the result is the same, and nothing is
recorded unless all of it is.

A worker that dies is noticed by Dask, which gives its parts to others. What a worker raises is tried again elsewhere;
where it refuses, because it has other packs, another program or another database, the sweep ends.
"""

from __future__ import annotations

import logging
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from engine import parts
from engine.cluster_tasks import Found, Given, Refused, TryElsewhere, hash_of, judge_part, unpacked
from engine.comparing import Judged
from engine.inference import InferenceError
from engine.lease import LeaseLost
from engine.logs import log
from engine.rulebook import Rulebook
from engine.sweep import Range, Share, Waivers
from facts.errors import BadInput, CouldNotBeDone, LedgerError
from facts.language import Text
from facts.store.database import writing

if TYPE_CHECKING:
    from distributed import Client, Future

#: How long to go on without a single worker, or without a word from the scheduler, in seconds.
PATIENCE = 60.0
#: How long a scheduler may take to answer, in seconds.
_TO_CONNECT = 10.0
#: How often to look whether there are workers, in seconds.
_LOOK = 1.0
#: Parts handed out at a time, for each worker: enough that none waits for the next.
_AHEAD = 3
#: How often a part is tried again that could not be judged, deaths of workers aside.
_RETRIES = 2


@contextmanager
def connected(address: str, engine: Engine, now: Callable[[], datetime]) -> Iterator[Cluster]:
    """The cluster whose scheduler is at ``address``, to judge what is in the database of ``engine``.

    Raises :class:`~facts.errors.BadInput` if the database is not shared or the address is none,
    :class:`~facts.errors.CouldNotBeDone` if nobody answers there.
    """
    if engine.dialect.name != "postgresql":
        raise BadInput(Text("--cluster 需要各机共用的 PostgreSQL 数据库；SQLite 请不用 --cluster（见 zhiben db copy）",
                            "--cluster needs a PostgreSQL database that all machines share; sweep SQLite without it, "
                            "or see zhiben db copy"))
    client = _client(address)
    cluster = Cluster(client, address, engine, now)
    try:
        log.info("cluster_joined", address=address, workers=cluster.workers())
        yield cluster
    finally:
        cluster.tidy()
        _in_time(lambda: client.close(timeout=_TO_CONNECT))
        # Else it would try again when it is thrown away, and complain if it cannot.
        client.status = "closed"


def _client(address: str) -> Client:
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise CouldNotBeDone(Text("未安装 Dask；请运行 pip install 'zhiben[cluster]'",
                                  "Dask is not installed; run pip install 'zhiben[cluster]'")) from None
    # What it logs is said here in one line.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    answers: SimpleQueue[Client | Exception] = SimpleQueue()

    def join() -> None:
        try:
            answers.put(Client(address, timeout=_TO_CONNECT, set_as_default=False, name="zhiben"))
        except Exception as error:
            answers.put(error)

    # Dask waits without end for somebody who listens there and says nothing.
    threading.Thread(target=join, daemon=True).start()
    try:
        answer = answers.get(timeout=2 * _TO_CONNECT)
    except Empty:
        answer = TimeoutError(f"no answer in {2 * _TO_CONNECT:.0f} s")
    if not isinstance(answer, Exception):
        return answer
    why = " ".join(str(answer).split()) or type(answer).__name__
    if isinstance(answer, (TypeError, ValueError)):
        raise BadInput(Text(f"“{address}”用不了（{why}）；应为 Dask 调度器的地址，如 tcp://10.0.0.1:8786",
                            f"{address!r} cannot be used ({why}); expected the address of a Dask scheduler, e.g. "
                            "tcp://10.0.0.1:8786"))
    raise CouldNotBeDone(Text(f"{address}：连不上 Dask 调度器（{why}）；没有登记任何内容",
                              f"{address}: no Dask scheduler answers ({why}); nothing was recorded")) from answer


def _in_time(do: Callable[[], object]) -> None:
    """Do what cleans up, as far as it can be done: Dask waits without end for a connection that says nothing."""

    def tried() -> None:
        with suppress(Exception):
            do()

    thread = threading.Thread(target=tried, daemon=True)
    thread.start()
    thread.join(_TO_CONNECT)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A :class:`~engine.sweep.Part` as it was taken back, unpacked only when it is compared."""

    span: Range | None
    enterprises: int
    authorities: int
    verdicts: Counter[str]
    content: bytes

    @property
    def judged(self) -> list[Judged]:
        """What was judged."""
        return unpacked(zlib.decompress(self.content))


@dataclass(slots=True)
class Cluster:
    """A cluster that was joined; it judges one sweep at a time (:class:`engine.sweep.Judging`)."""

    client: Client
    address: str
    engine: Engine
    now: Callable[[], datetime]
    _sweep: str | None = None
    _running: dict[Future[Any], int] = field(default_factory=dict)
    _finished: SimpleQueue[Future[Any]] = field(default_factory=SimpleQueue)
    _workers: int = 0
    _looked: float = 0.0
    _seen: float = 0.0

    def __call__(self, rulebook: Rulebook, as_of: date, known_in: int, shares: Sequence[Share],
                 waivers: Waivers) -> Iterator[TakenBack]:
        """Judge the ``shares``; the parts in their order. Raises :class:`~facts.errors.CouldNotBeDone`."""
        given = Given.of(rulebook, as_of, known_in, waivers).packed()
        with writing(self.engine, "parts") as connection:
            self._sweep = parts.enter(connection, given, shares, self.now())
        try:
            yield from self._parts(shares)
        finally:
            self.tidy()

    def workers(self) -> int:
        """How many workers there are now. Raises :class:`~facts.errors.CouldNotBeDone` if the scheduler is gone."""
        try:
            return len(self.client.nthreads(callback_timeout=PATIENCE))
        except Exception as error:
            raise self._lost() from error

    def tidy(self) -> None:
        """Call off what is still to be judged, and take away its parts."""
        running, self._running = [*self._running], {}
        if running:
            _in_time(lambda: self.client.cancel(running, force=True))
        self._finished = SimpleQueue()
        sweep, self._sweep = self._sweep, None
        if sweep is not None:
            with suppress(LedgerError), writing(self.engine, "parts") as connection:
                parts.clear(connection, sweep)

    def _parts(self, shares: Sequence[Share]) -> Iterator[TakenBack]:
        numbers, found, again = iter(range(len(shares))), dict[int, Found](), 0
        self._seen = monotonic()
        self._look()
        for due, share in enumerate(shares):
            while due not in found:
                self._hand_out(numbers)
                with suppress(Empty):
                    future = self._finished.get(timeout=_LOOK)
                    found[self._running.pop(future)] = self._answer(future)
                if monotonic() - self._looked > _LOOK:
                    self._look()
            self._hand_out(numbers)
            content, begun = self._taken(due)
            its = found.pop(due)
            again += begun > 1
            if hash_of(zlib.decompress(content)) != its.sha256:
                raise CouldNotBeDone(Text(f"第 {due} 片与工作进程判定的不符，没有登记；请报告此问题",
                                          f"part {due} is not what a worker found, nothing was recorded; please report "
                                          "this"))
            span = share if isinstance(share, tuple) else None
            yield TakenBack(span, its.enterprises, its.authorities, Counter(its.verdicts), content)
        if again:
            log.warning("parts_begun_again", parts=again, of=len(shares))

    def _hand_out(self, numbers: Iterator[int]) -> None:
        while len(self._running) < _AHEAD * self._workers and (number := next(numbers, None)) is not None:
            # One group of tasks, which Dask keeps back until a worker is free.
            future = self.client.submit(judge_part, self._sweep, number, key=(f"zhiben-{self._sweep}", number),
                                        pure=False, retries=_RETRIES)
            self._running[future] = number
            future.add_done_callback(self._finished.put)

    def _look(self) -> None:
        """See how many workers there are. Raises if there has been none for too long."""
        self._workers, self._looked = self.workers(), monotonic()
        if self._workers:
            self._seen = self._looked
        elif self._looked - self._seen > PATIENCE:
            seconds = round(PATIENCE)
            raise CouldNotBeDone(Text(f"{self.address}：{seconds} 秒没有一个工作进程，没有登记任何内容",
                                      f"{self.address}: no worker for {seconds} seconds, nothing was recorded"))

    def _answer(self, future: Future[Any]) -> Found:
        """What a worker found. Raises what it had to say instead."""
        if future.status == "cancelled":
            raise self._lost()
        try:
            answer = future.result(timeout=PATIENCE)
        except InferenceError:
            raise
        except TryElsewhere as error:
            raise CouldNotBeDone(Text(*error.args)) from error
        except Exception as error:
            why = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise CouldNotBeDone(Text(f"有一片判定不了，没有登记任何内容（{why}）",
                                      f"a part could not be judged, nothing was recorded ({why})")) from error
        if isinstance(answer, Text):
            raise Refused(answer)
        if answer is None:
            raise self._overtaken()
        return answer

    def _taken(self, number: int) -> tuple[bytes, int]:
        """What was found in a part, and how often it was begun."""
        assert self._sweep is not None
        with writing(self.engine, "parts") as connection:
            taken = parts.take(connection, self._sweep, number)
        if taken is None or taken[0] is None:
            raise self._overtaken()
        return taken[0], taken[1]

    def _overtaken(self) -> LeaseLost:
        return LeaseLost(Text("本次巡查的分片已被他人清除：其间已由他人接手；没有登记任何内容",
                              "the parts of this sweep were cleared away: somebody else has taken over; nothing of it "
                              "was recorded"))

    def _lost(self) -> CouldNotBeDone:
        return CouldNotBeDone(Text(f"{self.address}：与 Dask 调度器失去联系，没有登记任何内容",
                                   f"{self.address}: the Dask scheduler was lost, nothing was recorded"))
