"""Kills spread over the time that a command takes, and what is found afterwards.

Half of them fall at moments spread over the whole run, from its first instruction on. As a process spends most of a
short run on starting up, the other half are spread over the time in which it is inside a transaction that writes. All
processes are stopped first: what is seen then from outside is what the kill finds.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.crash.contents import Content, content, differences, numberless
from tests.crash.databases import Database, Sqlite
from tests.crash.deeds import LATER, Deed, Stages, outputs, run
from tests.crash.victims import Victim


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """A run that nobody disturbed: how long it took, how much of that it wrote, and what it left."""

    seconds: float
    writing: float
    before: Content
    after: Content
    outputs: dict[str, Any]
    files: frozenset[str]


@dataclass(frozen=True, slots=True)
class Kill:
    """A kill ``after`` so many seconds.

    ``inside``: a transaction that writes was open at that very moment; ``hot``: whoever opened the database next had
    something to roll back; ``kept``: the command's work was in the database already.
    """

    after: float
    inside: bool
    hot: bool
    kept: bool


@dataclass(slots=True)
class Tally:
    """The kills of one command on one kind of database."""

    place: str
    deed: str
    undisturbed: Undisturbed
    kills: list[Kill] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """What is to be told of them."""
        return {"place": self.place, "deed": self.deed, "seconds": round(self.undisturbed.seconds, 2),
                "writing": round(self.undisturbed.writing, 3), "kills": len(self.kills),
                "inside": sum(kill.inside for kill in self.kills), "hot": sum(kill.hot for kill in self.kills),
                "kept": sum(kill.kept for kill in self.kills)}


def tallied(stages: Stages, deed: Deed, kind: str, count: int, chance: random.Random, *,
            thorough: bool = False) -> Tally:
    """Kill ``deed`` so many times, each time on a database of its own, and check each for what is promised.

    ``thorough``: after every kill all that the program says of the database is compared. That follows from what the
    tables hold, which is compared in any case; otherwise little of it is, once.
    """
    tally = Tally(kind, deed.name, undisturbed(stages, deed, thorough=thorough))
    for number, (aimed, share) in enumerate(_moments(count, chance), 1):
        asked = (lambda url: outputs(url, thorough=thorough)) if thorough or number == count else None
        tally.kills.append(_killed(stages, deed, tally.undisturbed, aimed, share, asked))
    return tally


def _moments(count: int, chance: random.Random) -> Iterator[tuple[bool, float]]:
    """For each kill, whether it is aimed at transactions, and which share of that time is to go by first."""
    aimed = (count + 1) // 2
    for number in range(aimed):
        yield True, (number + chance.random()) / aimed
    for number in range(count - aimed):
        yield False, (number + chance.random()) / (count - aimed)


def undisturbed(stages: Stages, deed: Deed, *, thorough: bool = False) -> Undisturbed:
    """Run ``deed`` once to its end, and look at it from outside."""
    database, folder = stages.copy(deed.start), _folder(stages)
    before = _content(database)
    begun = time.monotonic()
    with Victim(deed.called(folder), deed.settings(database.url), folder) as victim:
        writing = sum(open_for for open_for in _open_times(database, victim))
        seconds = time.monotonic() - begun
        assert victim.wait() == 0, victim.said()
    after = _content(database)
    assert after != before
    _assert_sound(database)
    found = Undisturbed(seconds, writing, before, after, outputs(database.url, thorough=thorough),
                        _files(folder))
    database.drop()
    return found


Asked = Callable[[str], Any] | None


def _killed(stages: Stages, deed: Deed, run_: Undisturbed, aimed: bool, share: float, asked: Asked) -> Kill:
    while True:
        database, folder = stages.copy(deed.start), _folder(stages)
        with Victim(deed.called(folder), deed.settings(database.url), folder) as victim:
            begun = time.monotonic()
            if aimed:
                opened = 0.0
                for open_for in _open_times(database, victim):
                    opened += open_for
                    if opened >= share * run_.writing:
                        break
            else:
                while not victim.ended and time.monotonic() - begun < share * run_.seconds:
                    time.sleep(database.look)
            after = time.monotonic() - begun
            victim.stop()
            inside = database.written()
            killed = victim.kill()
        if killed:
            break
        # It was quicker than the one that was measured.
        database.drop()
        share *= 0.7
    kill = _check(database, deed, run_, after, inside, folder, asked)
    database.drop()
    return kill


def _open_times(database: Database, victim: Victim) -> Iterator[float]:
    """While the victim lives: for each look, how long a transaction that writes has been open since the one before."""
    last = time.monotonic()
    was = False
    while not victim.ended:
        now_open = database.written()
        now = time.monotonic()
        yield now - last if was or now_open else 0.0
        last, was = now, now_open
        time.sleep(database.look)


def _check(database: Database, deed: Deed, run_: Undisturbed, after: float, inside: bool, folder: Path,
           asked: Asked) -> Kill:
    """The promise: it opens, verifies, holds all of the command or nothing of it, and the next run ends right."""
    hot = not database.settled()
    found = _content(database)
    kept = found == run_.after and found != run_.before
    assert kept or found in (run_.before, _nothing(found)), "half of it is there"
    _assert_sound(database)
    again = deed.next_run(database.url, folder)
    assert again.exit_code == (deed.refused if kept and deed.refused else 0), again.output
    differing = differences(run_.after, _content(database))
    assert not differing, "\n".join(differing[:10])
    _assert_sound(database)
    assert _files(folder) >= run_.files
    assert asked is None or numberless(asked(database.url)) == numberless(run_.outputs)
    return Kill(after, inside, hot, kept)


def _assert_sound(database: Database) -> None:
    """``verify`` finds nothing, or there is no database yet, or one whose upgrade was asked for and not done."""
    verified = run(database.url, LATER, "verify", "--all")
    if verified.exit_code == 2:
        assert "there is no database yet" in verified.output
    elif verified.exit_code == 3:
        assert "zhiben db upgrade" in verified.output
    else:
        assert verified.exit_code == 0, verified.output


def _content(database: Database) -> Content:
    return content(database.tables(), exact=isinstance(database, Sqlite))


def _nothing(found: Content) -> Content | None:
    """``found``, if it is a database that was made and holds nothing yet."""
    rows = {name: held[1] if isinstance(held, tuple) else held for name, held in found.items()}
    return found if all(not each for name, each in rows.items() if name != "alembic_version") else None


def _files(folder: Path) -> frozenset[str]:
    """What it has written besides the database, by name."""
    return frozenset(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _folder(stages: Stages) -> Path:
    return Path(tempfile.mkdtemp(dir=stages.folder))
