"""Rule packs (规则包): loading, checking and compiling YAML into a :class:`~engine.rulebook.Rulebook`.

Loading is all or nothing: any mistake in any file raises :class:`~engine.errors.PackError` with all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path as FilePath

from pydantic import ValidationError

from engine.errors import PackError, PackProblem, Problems
from engine.pack_compiler import compile_packs
from engine.pack_messages import schema_problems
from engine.pack_schema import Pack
from engine.rulebook import Rulebook
from engine.yaml_source import Source, YamlError, parse
from facts.language import Text

Loaded = tuple[Source, Pack, str]


def load_rulebook(paths: Iterable[FilePath | str] | None = None, *, drafts: bool = False) -> Rulebook:
    """The packs at ``paths`` (files, or folders with .yaml files below them); ``None``: those of the product.

    A pack with ``status: draft`` in a folder is left out unless ``drafts``; one named by its file is always loaded.
    Raises :class:`PackError`.
    """
    texts: dict[str, str] = {}
    named: set[str] = set()
    if paths is None:
        texts.update(packaged_packs())
    for path in map(FilePath, paths or ()):
        if path.is_dir():
            files = sorted(path.rglob("*.yaml"))
        else:
            files = [path]
            named.add(str(path))
        for file in files:
            texts[str(file)] = _read(file)
    return load_rulebook_texts(texts, drafts=drafts, named=named)


def packaged_packs() -> dict[str, str]:
    """File name to text of every pack that the product contains, e.g. ``rules/national/statutes.yaml``."""
    found: dict[str, str] = {}

    def walk(folder: Traversable, prefix: str) -> None:
        for entry in sorted(folder.iterdir(), key=lambda e: e.name):
            if entry.is_dir():
                walk(entry, f"{prefix}/{entry.name}")
            elif entry.name.endswith(".yaml"):
                found[f"{prefix}/{entry.name}"] = entry.read_text(encoding="utf-8")

    walk(resources.files("rules"), "rules")
    return found


def load_rulebook_texts(texts: Mapping[str, str], *, drafts: bool = False, named: Iterable[str] = ()) -> Rulebook:
    """A rulebook from pack texts by file name. Raises :class:`PackError` with the mistakes of all files."""
    problems: list[PackProblem] = []
    packs: list[Loaded] = []
    for file, text in texts.items():
        loaded = _load(file, text, problems)
        if loaded is not None and (drafts or file in set(named) or loaded[1].status == "in_force"):
            packs.append(loaded)
    if not texts:
        problems.append(PackProblem("rules", 1, 1, "no-pack", Text("没有找到规则包（.yaml 文件）", "no pack (.yaml file) found")))
    if problems:
        raise PackError(problems)
    return compile_packs(sorted(packs, key=lambda loaded: loaded[1].pack))


def _load(file: str, text: str, problems: list[PackProblem]) -> Loaded | None:
    try:
        source = parse(text, file)
        pack = Pack.model_validate(source.data)
    except YamlError as error:
        problems.append(PackProblem(file, error.mark.line, error.mark.column, "yaml", error.message))
        return None
    except ValidationError as error:
        found = Problems(source)
        schema_problems(error, found)
        problems.extend(found.found)
        return None
    return source, pack, hashlib.sha256(text.encode()).hexdigest()


def _read(file: FilePath) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise PackError([PackProblem(str(file), 1, 1, "unreadable",
                                     Text(f"读不了这个文件（{reason}）", f"this file cannot be read ({reason})"))]) from None
