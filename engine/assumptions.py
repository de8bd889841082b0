"""Every assumption in packs (假定): each number and range of dates that no source prints, with its reason and place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from engine.errors import PackError, PackProblem
from engine.packs import read_text
from engine.yaml_source import Mark, Path, Source, YamlError, parse


@dataclass(frozen=True, slots=True)
class Assumption:
    """One assumption. ``where`` is the rule, ladder or fact that rests on it, or its pack; ``key`` what it is for.

    ``value`` is a number, the first and last day of a range, or who is competent.
    """

    pack: str
    file: str
    mark: Mark
    where: str
    key: str
    value: str
    reason: str

    def document(self) -> dict[str, Any]:
        """The assumption for scripts."""
        return {"pack": self.pack, "file": self.file, "line": self.mark.line, "column": self.mark.column,
                "rule": self.where, "key": self.key, "value": self.value, "reason": self.reason}


def assumptions(files: Sequence[FilePath]) -> list[Assumption]:
    """The assumptions of the pack files, in their order and that of their lines.

    Raises :class:`~engine.errors.PackError` for files that are no YAML.
    """
    problems: list[PackProblem] = []
    found: list[Assumption] = []
    for file in files:
        text = read_text(file, problems)
        if text is None:
            continue
        try:
            source = parse(text, str(file))
        except YamlError as error:
            problems.append(PackProblem(str(file), error.mark.line, error.mark.column, "yaml", error.message))
            continue
        found += sorted(_below(source, (), source.data), key=lambda each: (each.mark.line, each.mark.column))
    if problems:
        raise PackError(problems)
    return found


def _below(source: Source, path: Path, value: Any) -> Iterator[Assumption]:
    match value:
        case {"assumption": number, "reason": str(reason)}:
            yield _at(source, path, "true" if number is True else str(number), reason)
        case {"zh": str(name), "assumption": str(reason)}:
            yield _at(source, path, name, reason)
        case {"from": first, "assumption": str(reason)}:
            yield _at(source, path, f"{first} – {value.get('to') or ''}".rstrip(), reason)
        case dict():
            for key, part in value.items():
                yield from _below(source, (*path, key), part)
        case list():
            for i, part in enumerate(value):
                yield from _below(source, (*path, i), part)


def _at(source: Source, path: Path, value: str, reason: str) -> Assumption:
    data = source.data
    entry: Any = data[path[0]][path[1]] if len(path) > 1 and isinstance(data[path[0]], list) else {}
    named = entry.get("id") or entry.get("fact") if isinstance(entry, dict) else None
    key = path[2:] if named else path
    return Assumption(str(data.get("pack")), source.file, source.mark(path, key=True), str(named or data.get("pack")),
                      ".".join(str(step + 1) if isinstance(step, int) else step for step in key), value,
                      " ".join(reason.split()))
