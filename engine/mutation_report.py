"""What a mutation run found, pack by pack (变异检验结果)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from engine.mutation import Fate, Tried


@dataclass(frozen=True, slots=True)
class PackResult:
    """The mutants of one pack file."""

    file: Path
    tried: tuple[Tried, ...]

    def count(self, *fates: Fate) -> int:
        """How many mutants had one of these fates."""
        return sum(tried.fate in fates for tried in self.tried)

    @property
    def counted(self) -> int:
        """Mutants that a scenario has to notice: they load, and mean something else."""
        return self.count(Fate.CAUGHT, Fate.SURVIVED)

    @property
    def survivors(self) -> tuple[Tried, ...]:
        """Mutants that no scenario noticed, in the order of their lines."""
        return tuple(tried for tried in self.tried if tried.fate is Fate.SURVIVED)

    def document(self) -> dict[str, Any]:
        """The result for scripts."""
        return {"file": str(self.file), "mutants": self.counted, "caught": self.count(Fate.CAUGHT),
                "refused": self.count(Fate.REFUSED), "same": self.count(Fate.SAME),
                "survivors": [{"line": t.mutant.mark.line, "column": t.mutant.mark.column, "rule": t.mutant.where,
                               "change": {"zh": t.mutant.what.zh, "en": t.mutant.what.en}} for t in self.survivors]}


def by_pack(tried: Iterable[Tried]) -> Iterator[PackResult]:
    """The results of each pack, as soon as all of its mutants are through."""
    for file, group in groupby(tried, key=lambda one: one.file):
        yield PackResult(file, tuple(group))


def share(caught: int, counted: int) -> float:
    """Caught mutants in per cent, rounded down to a tenth so that 100 means all; of none: 100."""
    return 100.0 if not counted else caught * 1000 // counted / 10
