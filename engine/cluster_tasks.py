"""What a worker of a Dask cluster does for a sweep (集群上的一片): judge one part, and write what it found.

Through Dask passes only the name of a sweep and the number of a part, and back how much was found and its hash. All
else is read from the database and written there, in JSON and never as pickled objects, since others may write there
too; the hash shows whether what is read back is what the worker found. Of the database a worker knows what its own
``ZHIBEN_DB`` says, so no password is ever sent.

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
from engine.comparing import Judged
from engine.errors import PackError
from engine.lease import holder
from engine.packs import kept_rulebook
from engine.rulebook import Rulebook
from engine.sweep import conclude
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

    def packed(self) -> bytes:
        """This as JSON."""
        return _adapter(Given).dump_json(self)


class Refused(CouldNotBeDone):
    """This worker must not judge for this sweep."""


class TryElsewhere(Exception):
    """A worker could not reach the database; another, or the same a little later, may. Holds the words in both
    languages, so that it travels."""


@dataclass(frozen=True, slots=True)
class Found:
    """How much a worker found in a part, and the hash of what it wrote."""

    enterprises: int
    authorities: int
    verdicts: Mapping[str, int]
    sha256: str


def judge_part(sweep: str, number: int) -> Found | Text | None:
    """Judge one part on the worker that runs this. A text says why it refuses; ``None``: the sweep is over.

    Raises :class:`TryElsewhere`, and what nobody has foreseen.
    """
    try:
        return _judged(sweep, number)
    except (DatabaseBusy, DatabaseUnreachable) as error:
        said = _told(error.message)
        raise TryElsewhere(said.zh, said.en) from None
    except LedgerError as error:
        return _told(error.message)
    except PackError as error:
        return _told(Text(error.problems[0].show("zh"), error.problems[0].show("en")))


def packed(judged: list[Judged]) -> bytes:
    """What was judged, as JSON: equal values, equal bytes."""
    return _adapter(list[Judged]).dump_json(judged)


def unpacked(content: bytes) -> list[Judged]:
    """What was packed so."""
    return _adapter(list[Judged]).validate_json(content, strict=True)


def hash_of(content: bytes) -> str:
    """The hash by which a part's content is known."""
    return hashlib.sha256(content).hexdigest()


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _told(message: Text) -> Text:
    return Text(f"{holder()}：{message.zh}", f"{holder()}: {message.en}")


def _judged(sweep: str, number: int) -> Found | None:
    _check_alone()
    url = os.environ.get("ZHIBEN_DB")
    if not url:
        raise Refused(Text("工作进程没有设置 ZHIBEN_DB；应与巡查的数据库相同",
                           "this worker has no ZHIBEN_DB; set it to the database that is swept"))
    engine = open_database(url)
    try:
        given, rulebook = given_of(engine, sweep)
        with writing(engine, f"part {number} of {sweep}") as connection:
            share = parts.begin(connection, sweep, number, holder())
        if share is None:
            return None
        part = conclude(engine, rulebook, given.as_of, given.known_in, share, given.waivers)
        content = packed(part.judged)
        with writing(engine, f"part {number} of {sweep}") as connection:
            parts.finish(connection, sweep, number, content)
        return Found(part.enterprises, part.authorities, dict(part.verdicts), hash_of(content))
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


def given_of(engine: Engine, sweep: str) -> tuple[Given, Rulebook]:
    """What is judged by, read once a sweep; packs that are the same as those of the sweep before are kept.

    Raises :class:`Refused` if the database has no such sweep, or this is another program.
    """
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
