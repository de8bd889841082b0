"""What a changed pack would have done to a ledger (规则包改动的影响): every enterprise judged by the old and the new.

Old and new take the place of the packs of the same names among all others, since packs ask together: what one asks
for can supersede what another does. Nothing is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from engine.errors import PackError
from engine.judgement import judge
from engine.judgement_diff import Change, Issued, Kind, changes
from engine.packs import load_rulebook_texts, packaged_packs, read_files
from engine.results import Recommendation
from engine.rulebook import Rulebook
from engine.waiver_store import known_waivers
from engine.workers import shared_out, worthwhile
from engine.yaml_source import YamlError, parse
from facts.errors import BadInput
from facts.language import Text
from facts.store.database import open_database
from facts.store.reading import count, dossiers, newest_revision, ranges

#: Enterprises that one worker judges at a time.
_RANGE = 500
#: Each is judged twice: a second process is worth starting sooner.
_WORTH_WORKERS = 1_000

Range = tuple[str | None, str | None]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Packs:
    """All packs of one side, by file name; ``named`` are the files that count also as drafts.

    ``compared`` are the names of those that make the difference.
    """

    texts: dict[str, str]
    named: frozenset[str]
    compared: tuple[str, ...]

    def rulebook(self) -> Rulebook:
        """The rulebook. Raises :class:`~engine.errors.PackError`."""
        return load_rulebook_texts(self.texts, named=self.named, borrow=True)


@dataclass(frozen=True, slots=True)
class Part:
    """What differs in one range of the ledger, enterprise by enterprise; ``judged``: how many enterprises it has."""

    judged: int
    changes: list[Change]


@dataclass(slots=True)
class Summary:
    """Counts of changes, for violations, for steps and for recommendations, and by rule or ladder.

    ``touched`` are the enterprises for which something changes. Changes of one enterprise have to come together.
    """

    judged: int = 0
    touched: int = 0
    violations: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    steps: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    recommendations: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    by_rule: dict[str, dict[Kind, int]] = field(default_factory=dict)
    touched_by_rule: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _latest: dict[str | None, str] = field(default_factory=dict)

    def add(self, change: Change) -> None:
        """Count one change: once in all, and once for each rule that it rests on, in the old packs or the new."""
        self._of(change)[change.kind] += 1
        self.touched += self._is_next(None, change.uscc)
        for rule in change.rules:
            self.by_rule.setdefault(rule, dict.fromkeys(Kind, 0))[change.kind] += 1
            self.touched_by_rule[rule] += self._is_next(rule, change.uscc)

    @property
    def rows(self) -> int:
        """How many changes there are in all."""
        return sum((*self.violations.values(), *self.steps.values(), *self.recommendations.values()))

    def _of(self, change: Change) -> dict[Kind, int]:
        found = change.new or change.old
        if isinstance(found, Issued):
            return self.steps
        return self.recommendations if isinstance(found, Recommendation) else self.violations

    def _is_next(self, rule: str | None, uscc: str) -> bool:
        """Whether the enterprise is another than the last one counted for ``rule``."""
        before, self._latest[rule] = self._latest.get(rule), uscc
        return before != uscc


def two_sides(old: Iterable[Path], new: Iterable[Path], beside: Iterable[Path] = ()) -> tuple[Packs, Packs]:
    """The old and the new packs, each among the packs at ``beside`` (none: those of the product).

    What either side names is taken from there alone, also where the other side lacks it. Raises
    :class:`~facts.errors.BadInput` for a side without packs, :class:`~engine.errors.PackError` for files that cannot
    be read.
    """
    beside = tuple(beside)
    texts, named = _read(beside) if beside else (packaged_packs(), set())
    sides = [_read(tuple(paths)) for paths in (old, new)]
    names = [frozenset(filter(None, map(_name, found.values()))) for found, _ in sides]
    rest = {file: text for file, text in texts.items() if _name(text) not in names[0] | names[1]}
    before, after = (Packs({**rest, **found}, frozenset(named | its), tuple(sorted(compared)))
                     for (found, its), compared in zip(sides, names, strict=True))
    return before, after


def _read(paths: tuple[Path, ...]) -> tuple[dict[str, str], set[str]]:
    texts, named, unreadable = read_files(paths)
    if unreadable:
        raise PackError(unreadable)
    if not texts:
        raise BadInput(Text(f"{paths[0]} 中没有规则包（.yaml 文件）", f"there is no pack (.yaml file) in {paths[0]}"))
    return texts, named


def _name(text: str) -> str | None:
    """The name of the pack; a text that is none is left to the loader, which says what is wrong with it."""
    with suppress(YamlError):
        data = parse(text, "").data
        name = data.get("pack") if isinstance(data, dict) else None
        return name if isinstance(name, str) else None
    return None


def compare(engine: Engine, sides: tuple[Packs, Packs], rulebooks: tuple[Rulebook, Rulebook], until: date, *,
            since: date | None = None, workers: int | None = None,
            progress: Progress = lambda done, of: None) -> Iterator[Part]:
    """What differs as of ``until``, range by range in the order of the codes, without what was over before ``since``.

    ``sides`` are the old and the new packs, for the workers, and ``rulebooks`` what they come to. All ranges show the
    ledger at one revision. ``workers`` as for :func:`engine.sweep.sweep`. Raises :class:`~facts.errors.LedgerError`.
    """
    known_in, total = newest_revision(engine), count(engine)
    spans = ranges(engine, max(1, -(-total // _RANGE)))
    if workers is None:
        workers = worthwhile(total, _WORTH_WORKERS)
    question = until, since, known_in
    if workers == 1:
        for done, span in enumerate(spans, 1):
            yield _part(engine, rulebooks, *question, span)
            progress(done, len(spans))
        return
    url = engine.url.render_as_string(hide_password=False)
    parts = shared_out(_part_here, [(*question, span) for span in spans], workers=workers, start=_start,
                       given=(url, sides))
    for done, part in enumerate(parts, 1):
        yield part
        progress(done, len(spans))


_here: dict[str, Any] = {}


def _start(url: str, sides: tuple[Packs, Packs]) -> None:
    _here["engine"] = open_database(url)
    _here["rulebooks"] = tuple(side.rulebook() for side in sides)


def _part_here(job: tuple[date, date | None, int, Range]) -> Part:
    return _part(_here["engine"], _here["rulebooks"], *job)


def _part(engine: Engine, rulebooks: tuple[Rulebook, Rulebook], until: date, since: date | None, known_in: int,
          span: Range) -> Part:
    judged, found = 0, []
    after, through = span
    waivers = known_waivers(engine)
    for dossier in dossiers(engine, after=after, through=through, known_in=known_in):
        old, new = (judge(dossier, rulebook, until, waivers.get(dossier.uscc, ())) for rulebook in rulebooks)
        judged += new is not None
        found += changes(old, new, *rulebooks, since=since)
    return Part(judged, found)
