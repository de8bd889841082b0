"""What became of every clause (条款覆盖): the clause lists beside packs, held against the packs' rules.

A clause that the list says nothing of, a rule that does not exist, and a rule of the document that no clause names are
problems, each with its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.clause_list import Clause, ReadList, list_beside, read_list
from engine.errors import PackError, PackProblem, Problems, nearest
from engine.pack_salvage import Salvaged, salvage
from engine.pack_schema import Ladder, Recommendation, Rule
from engine.packs import packaged_files, read_text
from facts.language import Text


@dataclass(frozen=True, slots=True)
class Listed:
    """A clause, with the name of the pack beside which it is listed and the title of its document."""

    pack: str
    document: str
    clause: Clause


@dataclass(frozen=True, slots=True)
class ClauseCoverage:
    """The clauses in the order of the lists, the packs beside which there is no list, and what is wrong.

    ``bearers`` are the kinds of authority that the packs add, with their names.
    """

    clauses: tuple[Listed, ...]
    without_list: tuple[str, ...]
    problems: tuple[PackProblem, ...]
    bearers: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class _Beside:
    """A pack and the list beside it."""

    found: Salvaged
    clauses: ReadList | None
    has_list: bool


def clause_coverage(packs: Sequence[Path]) -> ClauseCoverage:
    """What became of the clauses listed beside the pack files ``packs``; drafts count.

    Clauses may name rules of these packs and of the product's others. Raises :class:`~engine.errors.PackError` if one
    of the packs itself cannot be read.
    """
    problems: list[PackProblem] = []
    checked = _read(packs, problems)
    replaced = {beside.found.pack.pack for beside in checked}
    company = _read([file for name, file in packaged_files().items() if name not in replaced], [])
    rules = {name for beside in (*checked, *company) for name in _encoding(beside)}
    named = {rule for beside in (*checked, *company) for clause in _clauses(beside) for rule in clause.rules or ()}
    # A rule that seems forgotten may be named in what could not be read.
    whole = not any(beside.has_list and not (beside.clauses and beside.clauses.whole) for beside in checked)
    first: dict[str, str] = {}
    for beside in checked:
        if beside.clauses is not None:
            problems += _check(beside.found, beside.clauses, rules, first)
            if whole:
                problems += _unnamed(beside, named)
    kinds = {name: titles.text() for beside in checked
             for name, titles in getattr(beside.found.pack, "authority_kinds", {}).items()}
    return ClauseCoverage(
        tuple(Listed(b.found.pack.pack, _title(b), clause) for b in checked for clause in _clauses(b)),
        tuple(beside.found.pack.pack for beside in checked if not beside.has_list),
        tuple(sorted(problems)), kinds)


def _read(files: Sequence[Path], problems: list[PackProblem]) -> list[_Beside]:
    """The packs in ``files`` with the lists beside them, by the packs' names; mistakes in lists go to ``problems``."""
    wrong: list[PackProblem] = []
    read = []
    for file in files:
        text, list_file = read_text(file, wrong), list_beside(file)
        found = salvage(str(file), text, wrong) if text is not None else None
        if found is None:
            continue
        said = read_text(list_file, problems) if list_file.is_file() else None
        clauses = read_list(said, str(list_file), problems) if said is not None else None
        read.append(_Beside(found, clauses, list_file.is_file()))
    if wrong:
        raise PackError(wrong)
    return sorted(read, key=lambda beside: beside.found.pack.pack)


def _encoding(beside: _Beside) -> Iterator[str]:
    """What a clause may name as encoding it: rules, recommendations, and the facts that are derived."""
    yield from (rule.id for rule in _rules(beside))
    yield from (item.fact for item in beside.found.pack.derived)


def _rules(beside: _Beside) -> tuple[Rule | Recommendation | Ladder, ...]:
    pack = beside.found.pack
    return (*pack.rules, *pack.recommendations, *pack.ladders)


def _clauses(beside: _Beside) -> tuple[Clause, ...]:
    return tuple(clause for _, clause in beside.clauses.clauses) if beside.clauses else ()


def _title(beside: _Beside) -> str:
    key = beside.clauses.document if beside.clauses else None
    document = beside.found.pack.documents.get(key or "")
    return document.title if document else key or ""


def _check(found: Salvaged, read: ReadList, rules: set[str], first: dict[str, str]) -> list[PackProblem]:
    """What is wrong with a list; ``first`` has the places of the clauses read so far, by id."""
    mistakes = Problems(read.source)
    documents = found.pack.documents
    if read.document is not None and read.document not in documents:
        near, known = nearest(read.document, documents), ", ".join(documents)
        mistakes.add(("document",), "unknown-document",
                     f"规则包没有文件“{read.document}”{near.zh or '；'}可用：{known}",
                     f"the pack has no document {read.document!r}{near.en or ';'} known: {known}")
    for i, clause in read.clauses:
        place = ("clauses", i, "id")
        mark = read.source.mark(place)
        before = first.setdefault(clause.id, here := f"{read.source.file}:{mark.line}")
        if before != here:
            mistakes.add(place, "duplicate", f"编号“{clause.id}”重复（{before} 已有）；请改用别的编号",
                         f"the id {clause.id!r} is taken ({before}); choose another")
        for n, rule in enumerate(clause.rules or ()):
            if rule not in rules:
                near = nearest(rule, rules)
                mistakes.add(("clauses", i, "rules", n), "unknown-rule",
                             f"没有规则“{rule}”{near.zh or '；请改正，或先写出这条规则'}",
                             f"there is no rule {rule!r}{near.en or '; mend it, or write that rule first'}")
    return mistakes.found


def _unnamed(beside: _Beside, named: set[str]) -> list[PackProblem]:
    """Rules of the listed document that no clause names: the list has forgotten a clause, or the rule has none."""
    pack, source, read = beside.found.pack, beside.found.source, beside.clauses
    mistakes = Problems(source)
    only = next(iter(pack.documents)) if len(pack.documents) == 1 else None
    for key, items in (("rules", pack.rules), ("recommendations", pack.recommendations), ("ladders", pack.ladders)):
        for i, rule in enumerate(items):
            if rule.id not in named and read is not None and (rule.document or only) == read.document:
                mistakes.add((key, i, "id"), "rule-nowhere",
                             f"没有条款写到规则“{rule.id}”；请在 {read.source.file} 中它所依据的条款的 rules 里写上它",
                             f"no clause names the rule {rule.id!r}; add it in {read.source.file}, under rules of the "
                             "clause that it rests on")
    return mistakes.found
