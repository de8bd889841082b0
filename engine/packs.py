"""Rule packs (规则包): loading, checking and compiling YAML into a :class:`~engine.rulebook.Rulebook`.

Loading is all or nothing: any mistake in any file raises :class:`~engine.errors.PackError` with all of them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path as FilePath

from pydantic import ValidationError

from engine.borrowed_facts import BORROWED, Loaded, borrowed
from engine.errors import PackError, PackProblem, Problems, nearest
from engine.pack_compiler import compile_packs
from engine.pack_messages import schema_problems
from engine.pack_schema import Pack
from engine.rulebook import Rulebook
from engine.yaml_source import LIMIT_BYTES, YamlError, parse
from facts.csv_files import open_regular
from facts.errors import BadInput
from facts.language import Text

#: Codes of problems with names that another file might declare.
NAME_CODES = {"unknown-fact", "unknown-kind", "unknown-value"}

#: Instead of a name: every packaged pack.
ALL = "all"


def load_rulebook(paths: Iterable[FilePath | str] | None = None, *, drafts: bool = False) -> Rulebook:
    """The packs at ``paths`` (files, or folders with .yaml or .yml files below them); ``None``: those of the product.

    A pack with ``status: draft`` in a folder is left out unless ``drafts``; one named by its file is always loaded.
    Facts that the packs at ``paths`` leave to the product's others to derive are borrowed from these.
    Raises :class:`PackError`.
    """
    if paths is None:
        return _load_all(packaged_packs(), drafts, set(), [])
    texts, named, problems = read_files(paths)
    return _load_all(texts, drafts, named, problems, borrow=True)


def read_files(paths: Iterable[FilePath | str]) -> tuple[dict[str, str], set[str], list[PackProblem]]:
    """Text of every pack file at ``paths`` by name, the files that were named themselves, and what cannot be read."""
    texts: dict[str, str] = {}
    named: set[str] = set()
    problems: list[PackProblem] = []
    taken: dict[FilePath, str] = {}
    for path in map(FilePath, paths):
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            if is_clause_list(file.name) or (file is not path and file.suffix not in (".yaml", ".yml")):
                continue
            name = taken.setdefault(file.resolve(), str(file))
            if file is path:
                named.add(name)
            if name not in texts and (text := read_text(file, problems)) is not None:
                texts[name] = text
    return texts, named, problems


def read_text(file: FilePath, problems: list[PackProblem]) -> str | None:
    """The text of a file; ``None`` if it cannot be read, and then why among the ``problems``."""
    try:
        with open_regular(file) as stream:
            # One byte more than a pack may have, which the parser then refuses.
            return stream.read(LIMIT_BYTES + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(_unreadable(file, error))
        return None


def is_clause_list(name: str) -> bool:
    """Whether a file of that name lists the clauses of a document (条款清单): such a file is no pack."""
    return name.endswith((".clauses.yaml", ".clauses.yml"))


def packaged_packs() -> dict[str, str]:
    """File name to text of every pack that the product contains, e.g. ``rules/national/statutes.yaml``."""
    found: dict[str, str] = {}

    def walk(folder: Traversable, prefix: str) -> None:
        for entry in sorted(folder.iterdir(), key=lambda e: e.name):
            if entry.is_dir():
                walk(entry, f"{prefix}/{entry.name}")
            elif entry.name.endswith(".yaml") and not is_clause_list(entry.name):
                found[f"{prefix}/{entry.name}"] = entry.read_text(encoding="utf-8")

    walk(resources.files("rules"), "rules")
    return found


def packaged_files() -> dict[str, FilePath]:
    """Name to file of every pack that the product contains, drafts included, e.g. ``national/statutes``."""
    root = FilePath(str(resources.files("rules")))
    return {file.relative_to(root).with_suffix("").as_posix(): file for file in sorted(root.rglob("*.yaml"))
            if not is_clause_list(file.name)}


def pack_paths(words: Iterable[str]) -> list[FilePath]:
    """The files and folders that ``words`` name, each once, in order.

    A word is the name of a packaged pack, ``all`` for every one of these, the path of a file or folder, or several of
    them with commas between. A name comes before a path that is spelt like it. Raises
    :class:`~facts.errors.BadInput`.
    """
    known = packaged_files()
    found: dict[FilePath, None] = {}
    for word in words:
        whole = word in known or word == ALL or (word and FilePath(word).exists())
        for part in [word] if whole else map(str.strip, re.split("[,，]", word)):
            found.update(dict.fromkeys(known.values() if part == ALL else [known.get(part) or _existing(part, known)]))
    return list(found)


def _existing(word: str, known: Iterable[str]) -> FilePath:
    path = FilePath(word)
    if is_clause_list(path.name):
        raise BadInput(Text(f"{word} 是条款清单，不是规则包", f"{word} lists clauses, it is no pack"))
    if not word or not path.exists():
        names = [*known]
        close, zh, en = nearest(word, [*names, ALL]), "、".join(names), ", ".join(names)
        raise BadInput(Text(
            f"没有规则包“{word}”{close.zh or '；'}可写文件或文件夹的路径、{ALL}（本产品的全部），或：{zh}",
            f"there is no pack {word!r}{close.en or ';'} give the path of a file or folder, {ALL} (all of the "
            f"product's), or one of: {en}"))
    return path


def load_rulebook_texts(texts: Mapping[str, str], *, drafts: bool = False, named: Iterable[str] = (),
                        borrow: bool = False) -> Rulebook:
    """A rulebook from pack texts by file name; with ``borrow`` facts are borrowed as by :func:`load_rulebook`.

    Raises :class:`PackError` with the mistakes of all files.
    """
    return _load_all(texts, drafts, set(named), [], borrow=borrow)


def kept_rulebook(texts: Mapping[str, str]) -> Rulebook:
    """The rulebook that had packs of these names and texts (see :attr:`~engine.rulebook.Rulebook.packs`).

    Raises :class:`PackError` if this program cannot read one of them any more.
    """
    return _kept(tuple(texts.items()))


@lru_cache(maxsize=8)
def _kept(texts: tuple[tuple[str, str], ...]) -> Rulebook:
    problems: list[PackProblem] = []
    loaded = {name: _load(name, text, problems) for name, text in texts}
    if problems:
        raise PackError(problems)
    packs = [pack for name, pack in loaded.items() if pack and not name.endswith(BORROWED)]
    lenders = [pack for name, pack in loaded.items() if pack and name.endswith(BORROWED)]
    return together(packs, lenders=lambda: lenders)


def _load_all(texts: Mapping[str, str], drafts: bool, named: set[str], problems: list[PackProblem], *,
              borrow: bool = False) -> Rulebook:
    if problems:
        return _compiled(texts, drafts, named, problems, borrow)
    return _of_texts(tuple(texts.items()), drafts, frozenset(named), borrow)


@lru_cache(maxsize=8)
def _of_texts(texts: tuple[tuple[str, str], ...], drafts: bool, named: frozenset[str], borrow: bool) -> Rulebook:
    """The same texts are the same rulebook, with all that was inferred by it."""
    return _compiled(dict(texts), drafts, named, [], borrow)


def _compiled(texts: Mapping[str, str], drafts: bool, named: Collection[str], problems: list[PackProblem],
              borrow: bool) -> Rulebook:
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
        rulebook = together(packs, lenders=_lenders if borrow else tuple)
    except PackError as error:
        # A name that is missing may stand in a file that could not be read.
        problems.extend(p for p in error.problems if not (incomplete and p.code in NAME_CODES))
    if problems:
        raise PackError(problems)
    return rulebook


def together(packs: list[Loaded], *, lenders: Callable[[], Sequence[Loaded]] | None = None) -> Rulebook:
    """One rulebook of ``packs``, with the facts that they lack borrowed from ``lenders``, by default the product's.

    Raises :class:`PackError`.
    """
    def compiled(found: list[Loaded]) -> Rulebook:
        return compile_packs(sorted(found, key=lambda loaded: loaded[1].pack))

    try:
        return compiled(packs)
    except PackError as error:
        lacks = any(problem.code == "unknown-fact" for problem in error.problems)
        if not (lacks and (further := borrowed(packs, (lenders or _lenders)()))):
            raise
    return compiled([*packs, *further])


@cache
def _lenders() -> tuple[Loaded, ...]:
    """The product's packs."""
    problems: list[PackProblem] = []
    loaded = [_load(file, text, problems) for file, text in packaged_packs().items()]
    if problems:
        raise PackError(problems)
    return tuple(pack for pack in loaded if pack is not None)


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
