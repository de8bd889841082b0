"""What a worker of a Dask cluster does for a sweep (集群上的一片): judge one part, and write what it found.

Through Dask passes only the name of a sweep and the number of a part, and back the hash of what was found. All else is
read from the database and written there, in JSON and never as pickled objects, since others may write there too; the
hash shows whether what is read back is what the worker found. Of the database a worker knows what its own ``ZHIBEN_DB``
says, so no password is ever sent.

durable-rules is not safe for threads: a worker must have one thread alone, and one that has more judges nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Engine

from engine import parts
from engine.errors import PackError
from engine.lease import holder
from engine.packs import kept_rulebook
from engine.rulebook import Rulebook
from engine.sweep import Part, conclude
from engine.waivers import Waiver
from facts.errors import CouldNotBeDone, DatabaseBusy, DatabaseUnreachable, LedgerError
from facts.language import Text
from facts.store.database import open_database, place_of, reading, writing


@dataclass(frozen=True, slots=True)
class Given:
    """What all parts of a sweep are judged by. ``packs`` are texts by name, ``rulebook`` what they hash to together.

    ``known_in`` is the revision of the ledger, ``waivers`` are those that the sweep began with, by credit code.
    """

    as_of: date
    known_in: int
    program: str
    rulebook: str
    packs: Mapping[str, str]
    waivers: Mapping[str, tuple[Waiver, ...]]

    @classmethod
    def of(cls, rulebook: Rulebook, as_of: date, known_in: int, waivers: Mapping[str, tuple[Waiver, ...]]) -> Given:
        """What is judged by this program with these packs."""
        texts = {pack.name: pack.text for pack in rulebook.packs}
        return cls(as_of, known_in, version("zhiben"), rulebook.sha256, texts, waivers)


class Refused(CouldNotBeDone):
    """A worker must not judge for this sweep; none like it may."""


class TryElsewhere(Exception):
    """A worker could not reach the database; another, or the same a little later, may. Holds the words in both
    languages, so that it travels."""


#: How a worker answers: the hash of what it found, or the words in which it refuses.
Answer = tuple[str, str | None, str | None]


def judge_part(sweep: str, number: int) -> Answer:
    """Judge one part on the worker that runs this. Raises :class:`TryElsewhere`, and what nobody has foreseen."""
    try:
        return _judged(sweep, number), None, None
    except (DatabaseBusy, DatabaseUnreachable) as error:
        raise TryElsewhere(*_told(error.message)) from None
    except LedgerError as error:
        return "", *_told(error.message)
    except PackError as error:
        return "", *_told(Text(error.problems[0].show("zh"), error.problems[0].show("en")))


def answered(answer: Answer) -> str:
    """The hash of what a worker found. Raises :class:`Refused`."""
    found, zh, en = answer
    if zh is not None and en is not None:
        raise Refused(Text(zh, en))
    return found


def packed(value: Given | Part) -> bytes:
    """``value`` as JSON: equal values, equal bytes."""
    return _adapter(type(value)).dump_json(value)


def part_of(packed: bytes) -> Part:
    """The part that was packed so."""
    return _adapter(Part).validate_json(packed, strict=True)


def hash_of(packed: bytes) -> str:
    """The hash by which a part is known."""
    return hashlib.sha256(packed).hexdigest()


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _told(message: Text) -> tuple[str, str]:
    return f"{holder()}：{message.zh}", f"{holder()}: {message.en}"


def _judged(sweep: str, number: int) -> str:
    _check_alone()
    url = os.environ.get("ZHIBEN_DB")
    if not url:
        raise Refused(Text("工作进程没有设置 ZHIBEN_DB；应与巡查的数据库相同",
                           "this worker has no ZHIBEN_DB; set it to the database that is swept"))
    engine = open_database(url)
    try:
        given, rulebook = _given(engine, sweep)
        with writing(engine, f"part {number} of {sweep}") as connection:
            span = parts.begin(connection, sweep, number, holder())
        if span is None:
            # Nobody reads this: the sweep is over, or has the part already.
            return ""
        found = packed(conclude(engine, rulebook, given.as_of, given.known_in, span, given.waivers))
        with writing(engine, f"part {number} of {sweep}") as connection:
            parts.finish(connection, sweep, number, found)
        return hash_of(found)
    finally:
        engine.dispose()


def _check_alone() -> None:
    from distributed import get_worker

    threads = get_worker().state.nthreads
    if threads != 1:
        raise Refused(Text(f"工作进程有 {threads} 个线程，规则引擎只能用一个；请以 --nthreads 1 启动 dask worker",
                           f"this worker has {threads} threads, and the rule engine can do with one alone; start dask "
                           "worker with --nthreads 1"))


#: The sweep that this process judged for last: its name, what it is judged by, the packs.
_last: tuple[str, Given, Rulebook] | None = None


def _given(engine: Engine, sweep: str) -> tuple[Given, Rulebook]:
    """What is judged by, read once a sweep; packs that are the same as those of the sweep before are kept."""
    global _last
    if _last is None or _last[0] != sweep:
        with reading(engine) as connection:
            words = parts.given(connection, sweep)
        if words is None:
            place = place_of(engine)
            raise Refused(Text(f"ZHIBEN_DB（{place}）不是正在巡查的数据库；请以同一个数据库启动 dask worker",
                               f"its ZHIBEN_DB ({place}) is not the database that is swept; start dask worker with the "
                               "same one"))
        given: Given = _adapter(Given).validate_json(words, strict=True)
        if given.program != version("zhiben"):
            raise Refused(Text(f"这里装的治本是 {version('zhiben')}，巡查用的是 {given.program}；请装同一版本",
                               f"Zhiben {version('zhiben')} is installed here, and {given.program} sweeps; install the "
                               "same"))
        same = _last is not None and _last[2].sha256 == given.rulebook
        rulebook = _last[2] if _last is not None and same else kept_rulebook(given.packs)
        if rulebook.sha256 != given.rulebook:
            raise Refused(Text("这里由同样的规则包得出不同的规则；请装同一版本的治本",
                               "the same packs mean something else here; install the same version of Zhiben"))
        _last = sweep, given, rulebook
    return _last[1:]
