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

#: Codes of problems with names that another file might declare.
NAME_CODES = {"unknown-fact", "unknown-kind", "unknown-value"}


def load_rulebook(paths: Iterable[FilePath | str] | None = None, *, drafts: bool = False) -> Rulebook:
    """The packs at ``paths`` (files, or folders with .yaml or .yml files below them); ``None``: those of the product.

    A pack with ``status: draft`` in a folder is left out unless ``drafts``; one named by its file is always loaded.
    Raises :class:`PackError`.
    """
    if paths is None:
        return _load_all(packaged_packs(), drafts, set(), [])
    texts, named, problems = read_files(paths)
    return _load_all(texts, drafts, named, problems)


def read_files(paths: Iterable[FilePath | str]) -> tuple[dict[str, str], set[str], list[PackProblem]]:
    """Text of every pack file at ``paths`` by name, the files that were named themselves, and what cannot be read."""
    texts: dict[str, str] = {}
    named: set[str] = set()
    problems: list[PackProblem] = []
    for path in map(FilePath, paths):
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.suffix in (".yaml", ".yml") and file.is_file())
        else:
            files = [path]
            named.add(str(path))
        for file in files:
            try:
                texts[str(file)] = file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                problems.append(_unreadable(file, error))
    return texts, named, problems


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
    return _load_all(texts, drafts, set(named), [])


def _load_all(texts: Mapping[str, str], drafts: bool, named: set[str], problems: list[PackProblem]) -> Rulebook:
    packs: list[Loaded] = []
    for file, text in texts.items():
        loaded = _load(file, text, problems)
        if loaded is not None and (drafts or file in named or loaded[1].status == "in_force"):
            packs.append(loaded)
    if not texts and not problems:
        problems.append(PackProblem("rules", 1, 1, "no-pack",
                                    Text("没有找到规则包（.yaml 文件）", "no pack (.yaml file) found")))
    incomplete = bool(problems)
    try:
        rulebook = compile_packs(sorted(packs, key=lambda loaded: loaded[1].pack))
    except PackError as error:
        # A name that is missing may stand in a file that could not be read.
        problems.extend(p for p in error.problems if not (incomplete and p.code in NAME_CODES))
    if problems:
        raise PackError(problems)
    return rulebook


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


def _unreadable(file: FilePath, error: OSError | UnicodeDecodeError) -> PackProblem:
    if isinstance(error, UnicodeDecodeError):
        before = error.object[:error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        return PackProblem(str(file), line, column, "unreadable",
                           Text("这个文件不是 UTF-8 编码；请另存为 UTF-8", "this file is not UTF-8; save it as UTF-8"))
    reason = error.strerror or str(error)
    return PackProblem(str(file), 1, 1, "unreadable",
                       Text(f"读不了这个文件（{reason}）", f"this file cannot be read ({reason})"))
