"""Work shared out among processes (多进程).

Workers are started afresh and not forked: a forked one would share its parent's database connection and what the rule
engine holds in C.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from typing import Any, TypeVar

from engine.memory import collect_seldom
from facts.errors import CouldNotBeDone
from facts.language import Text

LOST = Text("一个工作进程中途退出；请重试，或用 --workers 1",
            "a worker process ended midway; try again, or use --workers 1")

#: Jobs under way for each process: one that it does, and some that are done or wait.
AHEAD = 3

Job = TypeVar("Job")
Result = TypeVar("Result")


def worthwhile(subjects: int, enough: int = 2_000) -> int:
    """How many processes are worth starting: one for each processor, or one in all below ``enough`` enterprises.

    Below that, starting a second one takes longer than it saves.
    """
    return (os.cpu_count() or 1) if subjects >= enough else 1


def shared_out(work: Callable[[Job], Result], jobs: Iterable[Job], *, workers: int, start: Callable[..., None],
               given: tuple[Any, ...], lost: Text = LOST) -> Iterator[Result]:
    """``work`` on each of ``jobs`` in ``workers`` processes; the results in the order of the jobs.

    Each process begins with ``start(*given)``. Jobs and results are not piled up: a job is taken when there is a
    process for it soon, and waits when nobody asks for results. Raises :class:`~facts.errors.CouldNotBeDone` with
    ``lost`` when one of them dies. Whoever stops early, stops what is still waiting.
    """
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin, (start, given))
    try:
        waiting: deque[Future[Result]] = deque()
        for job in jobs:
            waiting.append(pool.submit(work, job))
            if len(waiting) > AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise CouldNotBeDone(lost) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(start: Callable[..., None], given: tuple[Any, ...]) -> None:
    collect_seldom()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    start(*given)


def _end_with_parent() -> None:
    # A worker holds both ends of the pipe on which it waits for work: it would not notice, and stay for ever.
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
