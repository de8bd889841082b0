"""Do the scenarios notice? (变异检验): every mutant of a pack is tried against the scenarios that use the pack.

A mutant is caught when one scenario no longer holds. Scenarios are parsed once, a mutant's packs compiled once, and
what caught the mutant before is tried first, for neighbours tend to be caught by the same scenario.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.errors import PackError
from engine.mutants import Mutant, mutants
from engine.pack_schema import Pack
from engine.pack_spots import RECOMMENDATIONS
from engine.packs import together
from engine.rulebook import Rulebook
from engine.scenario import run
from engine.scenario_coverage import checked_duties
from engine.scenario_packs import scenarios_with_packs
from engine.workers import shared_out
from engine.yaml_source import Source, parse

#: Mutants that one worker tries in a row: neighbours, which the same scenario tends to catch.
_BATCH = 12


class Fate(StrEnum):
    """What became of a mutant."""

    CAUGHT = "caught"
    SURVIVED = "survived"
    #: The pack no longer loads: its author would hear of it without any scenario.
    REFUSED = "refused"
    #: The pack means exactly what it meant before; nothing could notice.
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Tried:
    """A mutant of the pack at ``file`` and its fate; ``by`` is the scenario that caught it, as file:line."""

    file: Path
    mutant: Mutant
    fate: Fate
    by: str = ""


def try_mutants(packs: Sequence[Path], features: Sequence[Path], workers: int | None = None) -> Iterator[Tried]:
    """Try every mutant of ``packs`` against the scenarios in the feature files ``features``, pack by pack.

    All scenarios hold with the packs as they are; see :func:`engine.scenario_packs.red`. ``workers`` processes, by
    default as many as there are processors. Raises :class:`~facts.errors.CouldNotBeDone` when one of them dies.
    """
    jobs = [(pack, numbers) for pack in packs
            for numbers in _batches(len(_mutants(pack)))]
    workers = min(workers or os.cpu_count() or 1, len(jobs))
    if workers <= 1:
        bench = _Bench(features)
        yield from chain.from_iterable(bench.try_all(*job) for job in jobs)
        return
    yield from chain.from_iterable(shared_out(_try_here, jobs, workers=workers, start=_start, given=(tuple(features),)))


def _batches(count: int) -> Iterator[range]:
    return (range(first, min(first + _BATCH, count)) for first in range(0, count, _BATCH))


_here: dict[str, _Bench] = {}


def _start(features: tuple[Path, ...]) -> None:
    _here["bench"] = _Bench(features)


def _try_here(job: tuple[Path, Sequence[int]]) -> list[Tried]:
    return list(_here["bench"].try_all(*job))


@lru_cache(maxsize=256)
def _source(pack: Path) -> Source:
    return parse(pack.read_text(encoding="utf-8"), str(pack))


@lru_cache(maxsize=256)
def _written(pack: Path) -> Pack:
    return Pack.model_validate(_source(pack).data)


@lru_cache(maxsize=256)
def _mutants(pack: Path) -> list[Mutant]:
    return mutants(_source(pack))


class _Bench:
    """The scenarios, those first that caught something last."""

    def __init__(self, features: Sequence[Path]) -> None:
        self._played = list(scenarios_with_packs(features))
        self._meaning = lru_cache(maxsize=64)(lambda paths: _meaning(_compiled(paths)))

    def try_all(self, pack: Path, numbers: Sequence[int]) -> Iterator[Tried]:
        """Try those mutants of ``pack``, one after the other."""
        for number in numbers:
            yield self._try(pack, _mutants(pack)[number])

    def _try(self, pack: Path, mutant: Mutant) -> Tried:
        own = pack.resolve()
        about = _about(_source(pack).data, mutant)
        # First those that say what must come out for what was changed; among them, the one that caught something last.
        users = sorted((played for played in self._played if own in played.resolved),
                       key=lambda played: about not in checked_duties(played))
        try:
            changed = Pack.model_validate(mutant.apply(_source(pack).data))
        except ValidationError:
            return Tried(pack, mutant, Fate.REFUSED)
        books: dict[tuple[Path, ...], Rulebook] = {}

        def load(paths: tuple[Path, ...]) -> Rulebook:
            if paths not in books:
                books[paths] = _compiled(paths, own, changed)
            return books[paths]

        for played in users:
            try:
                run(played.scenario, load)
            except PackError:
                return Tried(pack, mutant, Fate.REFUSED)
            except Exception:  # whatever it is, the author sees red
                self._played.remove(played)
                self._played.insert(0, played)
                return Tried(pack, mutant, Fate.CAUGHT, played.place)
        same = all(self._meaning(paths) == _meaning(book) for paths, book in books.items())
        return Tried(pack, mutant, Fate.SAME if same and books else Fate.SURVIVED)


def _about(data: Mapping[str, Any], mutant: Mutant) -> str | None:
    """The duty of the rule that was changed, or that recommendations were; ``None``: what all rules rest on was."""
    match mutant.path:
        case ("rules", int() as number, *_):
            return data["rules"][number]["duty"]
        case ("recommendations", int(), *_):
            return RECOMMENDATIONS
    return None


def _compiled(paths: tuple[Path, ...], own: Path | None = None, changed: Pack | None = None) -> Rulebook:
    """The packs at ``paths`` together; the one at ``own`` as ``changed``. Raises :class:`PackError`."""
    packs = [(_source(path), changed if changed is not None and path.resolve() == own else _written(path), "")
             for path in dict.fromkeys(paths)]
    return together(packs)


def _meaning(book: Rulebook) -> tuple[Any, ...]:
    """All that judging reads of a rulebook, comparable."""
    return repr(book.duties), repr(book.recommendations), repr(book.derived), repr(book.scopes), repr(book.ladders)
