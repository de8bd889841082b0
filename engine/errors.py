"""Errors of rule packs, as authors see them (规则包错误)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.yaml_source import Mark, Path, Source
from facts.language import Language, Text
from facts.ledger import escaped


@dataclass(frozen=True, slots=True, order=True)
class PackProblem:
    """One mistake in a pack: where it stands, what is wrong and what is expected."""

    file: str
    line: int
    column: int
    code: str
    message: Text

    def show(self, language: Language) -> str:
        """``file:line:column: code: message``, one line."""
        return escaped(f"{self.file}:{self.line}:{self.column}: {self.code}: {self.message(language)}", but="")


class PackError(Exception):
    """Packs cannot be used; nothing of them was loaded. ``problems`` has every mistake found."""

    def __init__(self, problems: Iterable[PackProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file, p.line, p.column, p.code)))
        super().__init__("\n".join(problem.show("en") for problem in self.problems))


class Problems:
    """Collects the mistakes of one file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[PackProblem] = []

    def add(self, path: Path, code: str, zh: str, en: str, *, key: bool = False) -> None:
        """A mistake at ``path``; with ``key`` at the key itself rather than its value."""
        self.add_at(self.source.mark(path, key=key), code, Text(zh, en))

    def add_at(self, mark: Mark, code: str, message: Text) -> None:
        """A mistake at a mark."""
        self.found.append(PackProblem(self.source.file, mark.line, mark.column, code, message))


def shown(value: object) -> str:
    """What an author wrote, on one line and not too long, for messages."""
    match value:
        case None:
            text = ""
        case bool():
            text = str(value).lower()
        case list():
            text = f"[{', '.join(map(shown, value))}]"
        case dict():
            text = "{" + ", ".join(f"{key}: {shown(part)}" for key, part in value.items()) + "}"
        case _:
            text = " ".join(str(value).split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def nearest(word: str, known: Iterable[str]) -> Text:
    """“did you mean …?” in both languages, empty when nothing is near.

    Where ``known`` maps names to what they are called, a Chinese word is answered with the name of what is called so.
    """
    match = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    if not match and isinstance(known, Mapping):
        match = [name for name, called in known.items() if _called(called) == str(word)]
    return Text(f"；是否为“{match[0]}”？", f"; did you mean {match[0]!r}?") if match else Text("", "")


def _called(value: object) -> str | None:
    label = getattr(value, "label", value)
    return label.zh if isinstance(label, Text) else None
