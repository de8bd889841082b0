"""Reading what is sound of a broken pack (残缺规则包的读取), so that all its mistakes can be named at once.

The loader refuses a file with the first mistake in its shape. For checking, entries whose shape is broken are left out
(a rule, a derived fact, a declared name), and the rest is read as if they were not there. What is left keeps the
places at which it stands in the file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from engine.errors import PackProblem, Problems
from engine.pack_messages import schema_problems
from engine.pack_schema import Pack
from engine.yaml_source import Path, Source, YamlError, parse

#: Keys whose entries stand for themselves: one can be left out and the others still be read.
_ENTRIES = ("rules", "recommendations", "ladders", "derived", "facts", "kinds", "sector_names")
#: Keys without which nothing can be said of the rest.
_NEEDED = ("pack", "titles", "documents", "division", "effective")


@dataclass(frozen=True, slots=True)
class Salvaged:
    """A pack as far as it can be read.

    ``whole``: nothing had to be left out; ``names_whole``: nothing that declares a name.
    """

    source: Source
    pack: Pack
    sha256: str
    whole: bool = True
    names_whole: bool = True


def salvage(file: str, text: str, problems: list[PackProblem]) -> Salvaged | None:
    """The pack in ``text``, its mistakes added to ``problems``; ``None`` when there is nothing left to read."""
    try:
        source = parse(text, file)
    except YamlError as error:
        problems.append(PackProblem(file, error.mark.line, error.mark.column, "yaml", error.message))
        return None
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    try:
        return Salvaged(source, Pack.model_validate(source.data), sha256)
    except ValidationError as error:
        found = Problems(source)
        schema_problems(error, found)
        problems.extend(found.found)
        dropped = {_entry(item["loc"]) for item in error.errors()}
        if any(path[:1] == ("rules",) for path in dropped):
            # A ladder names duties, and which there are is not known without all rules.
            dropped.add(("ladders",))
        rest = _without(source, dropped)
    if rest is None:
        return None
    # A key that is not known may be one of these, misspelt.
    silent = {"rules", "recommendations", "ladders", "sectors", "judged_from", "status"}
    return Salvaged(rest, Pack.model_validate(rest.data), sha256, False, all(path[0] in silent for path in dropped))


def _entry(loc: tuple[str | int, ...]) -> Path:
    """What has to go for the mistake at ``loc`` to be gone."""
    return loc[:2] if loc and loc[0] in _ENTRIES else loc[:1]


def _without(source: Source, dropped: set[Path]) -> Source | None:
    """The file without the entries at ``dropped``; ``None`` if one of them is needed, or if it is no mapping."""
    if not isinstance(source.data, dict) or any(not path or path[0] in _NEEDED for path in dropped):
        return None
    data: dict[str, Any] = {}
    moved: dict[Path, Path] = {}
    for key, value in source.data.items():
        if (key,) in dropped:
            continue
        if isinstance(value, list):
            kept = [i for i in range(len(value)) if (key, i) not in dropped]
            moved.update({(key, old): (key, new) for new, old in enumerate(kept)})
            data[key] = [value[i] for i in kept]
        elif isinstance(value, dict):
            data[key] = {name: part for name, part in value.items() if (key, name) not in dropped}
        else:
            data[key] = value

    def rekeyed(marks: dict[Path, Any]) -> dict[Path, Any]:
        return {(*moved.get(path[:2], path[:2]), *path[2:]): mark for path, mark in marks.items()
                if path[:1] not in dropped and path[:2] not in dropped}

    return Source(source.file, data, source.text, rekeyed(source.values), rekeyed(source.keys))
