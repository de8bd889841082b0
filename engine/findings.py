"""What checking a pack brings to light (检查结果): mistakes, warnings and notes, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from engine.errors import PackProblem
from engine.yaml_source import Path, Source
from facts.language import Language, Text


class Level(IntEnum):
    """How much a finding weighs; only errors keep a pack from being used or make a rule pointless."""

    NOTE = 0
    WARNING = 1
    ERROR = 2


_PREFIX: Mapping[Level, Text] = {
    Level.ERROR: Text("", ""),
    Level.WARNING: Text("警告：", "warning: "),
    Level.NOTE: Text("提示：", "note: "),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding and its weight."""

    problem: PackProblem
    level: Level = Level.ERROR

    def show(self, language: Language) -> str:
        """``file:line:column: code: message``, one line; warnings and notes say so before the message."""
        p = self.problem
        prefix = _PREFIX[self.level](language)
        return f"{p.file}:{p.line}:{p.column}: {p.code}: {prefix}{p.message(language)}"


class Findings:
    """Collects the findings of one file."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.found: list[Finding] = []

    def add(self, path: Path, code: str, level: Level, zh: str, en: str, *, key: bool = False) -> None:
        """A finding at ``path``; with ``key`` at the key itself rather than its value."""
        mark = self._source.mark(path, key=key)
        self.found.append(Finding(PackProblem(self._source.file, mark.line, mark.column, code, Text(zh, en)), level))

    def line(self, path: Path) -> int:
        """The line at which ``path`` stands."""
        return self._source.mark(path).line
