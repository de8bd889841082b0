"""An enterprise as it stands on a date (判定对象): what is visible, in which state on which day, what is covered.

Days are ordinals here (``date.toordinal``), spans include both ends. SEMANTICS.md section 1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from facts.dossier import NEVER, Dossier, FactValue, Item, Version

FIRST_DAY = date.min.toordinal()
LAST_DAY = date.max.toordinal()

#: Dates of objects that may lie after the date of the verdict; any other later date reads as blank.
_MAY_LIE_AHEAD = {"opens_on", "expires_on", "deadline"}
#: The date on which an object comes into being; before it, the object is not visible.
_VISIBLE_FROM = {"hazard": "found_on", "accident": "occurred_on"}


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``first`` to ``last`` with one version's facts; ``last`` of the last one is the end of time."""

    first: int
    last: int
    facts: Mapping[str, FactValue]

    @property
    def suspended(self) -> bool:
        """停产停业 on these days; not known counts as no."""
        return self.facts.get("suspended") is True


class Subject:
    """One enterprise as of ``as_of``. Build with :func:`subject_of`."""

    def __init__(self, dossier: Dossier, versions: tuple[Version, ...], as_of: date) -> None:
        self.dossier = dossier
        self.as_of = as_of
        self.today = as_of.toordinal()
        starts = [version.valid_from.toordinal() for version in versions]
        ends = [*(start - 1 for start in starts[1:]), LAST_DAY]
        self.spans = tuple(Span(*span, attributes(v.facts)) for *span, v in zip(starts, ends, versions, strict=True))
        self._starts = starts
        self._versions = versions
        self.name = self._newest("name")
        registered, closed = self._newest("registered_on"), self._newest("closed_on")
        self.registered = registered.toordinal() if registered else FIRST_DAY
        #: The last day open, once the date of the verdict has passed it; otherwise the end of time.
        self.last_open = closed.toordinal() if closed and as_of > closed else LAST_DAY
        self._coverage: dict[str, list[tuple[int, int]]] = {}
        self._records: dict[str, tuple[int, ...]] = {}
        self._items: dict[str, tuple[Item, ...]] = {}
        #: Where it is a counter, periods that are over are counted there by verdict, and not listed among the
        #: obligations; those of which the verdict is unknown are listed where ``doubts_matter``.
        self.over: Counter[str] | None = None
        self.doubts_matter = True
        #: What :mod:`engine.applicability` has found of its spans.
        self.answers: dict[object, tuple[Any, ...]] = {}
        #: What :mod:`engine.ending` has found of each duty.
        self.inapplicable: dict[object, list[tuple[int, int]]] = {}

    def _newest(self, attribute: str) -> object:
        return next((v for version in reversed(self._versions) if (v := getattr(version, attribute)) is not None), None)

    @property
    def current(self) -> Span:
        """The span of the date of the verdict, which holds for all days after it too."""
        return self.spans[-1]

    def span_on(self, day: int) -> Span | None:
        """The span that contains ``day``; ``None`` before the first version."""
        index = bisect_right(self._starts, day) - 1
        return self.spans[index] if index >= 0 else None

    def exists_on(self, day: int) -> bool:
        """Registered and not closed on ``day``."""
        return self.registered <= day <= self.last_open

    def records(self, kind: str) -> tuple[int, ...]:
        """Distinct days up to the date of the verdict on which a record of ``kind`` was made, ascending."""
        if kind not in self._records:
            days = {day.toordinal() for day in self.dossier.records.get(kind, ())}
            days.update(last.toordinal() for v in self._versions if isinstance(last := v.last.get(kind), date))
            self._records[kind] = tuple(sorted(day for day in days if day <= self.today))
        return self._records[kind]

    def covers(self, kind: str, first: int, last: int) -> bool:
        """Whether records of ``kind`` are claimed to be complete on every day from ``first`` to ``last``."""
        return any(start <= first and last <= end for start, end in self.covered(kind))

    def covers_some(self, kind: str, first: int, last: int) -> bool:
        """Whether records of ``kind`` are claimed to be complete on some day from ``first`` to ``last``."""
        return any(start <= last and first <= end for start, end in self.covered(kind))

    def covered(self, kind: str) -> list[tuple[int, int]]:
        """The spans of days on which records of ``kind`` are claimed to be complete, ascending and apart."""
        if kind not in self._coverage:
            self._coverage[kind] = _merged(self._claims(kind))
        return self._coverage[kind]

    def _claims(self, kind: str) -> Iterable[tuple[int, int]]:
        history = self._newest("history_from")
        if isinstance(history, date):
            yield history.toordinal(), LAST_DAY
        for version in self._versions:
            last = version.last.get(kind)
            if last is NEVER:
                yield self.registered, LAST_DAY
            elif isinstance(last, date) and last <= self.as_of:
                yield last.toordinal(), LAST_DAY
        for claim in self.dossier.claims:
            if claim.kind != kind:
                continue
            start = claim.complete_from.toordinal()
            end = claim.complete_to.toordinal() if claim.complete_to else LAST_DAY
            if claim.division is None:
                yield start, end
                continue
            for span in self.spans:
                if reaches(claim.division, span.facts.get("division")):
                    yield max(start, span.first), min(end, span.last)

    def items(self, kind: str) -> tuple[Item, ...]:
        """The objects of ``kind`` that are visible, without dates that lie after the date of the verdict."""
        if kind not in self._items:
            self._items[kind] = tuple(visible for item in self.dossier.items
                                      if item.kind == kind and (visible := self._visible(item)) is not None)
        return self._items[kind]

    def _visible(self, item: Item) -> Item | None:
        appears = item.facts.get(_VISIBLE_FROM.get(item.kind, ""))
        if isinstance(appears, date) and appears > self.as_of:
            return None
        facts = {name: value for name, value in item.facts.items()
                 if not isinstance(value, date) or value <= self.as_of or name in _MAY_LIE_AHEAD}
        return item if len(facts) == len(item.facts) else Item(item.kind, item.id, facts)


def subject_of(dossier: Dossier, as_of: date) -> Subject | None:
    """The enterprise as of ``as_of``; ``None`` if no version of it is visible yet."""
    versions = tuple(version for version in dossier.versions if version.valid_from <= as_of)
    return Subject(dossier, versions, as_of) if versions else None


def attributes(facts: Mapping[str, FactValue]) -> dict[str, FactValue]:
    """A version's facts as rules read them: a division also by its open levels, 12 · 1201 · 120102."""
    result = dict(facts)
    division = facts.get("division")
    if isinstance(division, str):
        result.update((f"division_{digits}", division[:digits]) for digits in (2, 4, 6))
    return result


def fixed_digits(division: str) -> str:
    """The digits of a division (行政区划代码) without the trailing pairs of zeros, which are open."""
    while division.endswith("00"):
        division = division[:-2]
    return division


def reaches(code: str, division: object) -> bool:
    """Whether a claim for ``code`` reaches an enterprise of ``division``: trailing pairs of zeros are open."""
    code = fixed_digits(code)
    return not code or (isinstance(division, str) and division.startswith(code))


def _merged(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(i for i in intervals if i[0] <= i[1]):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
