"""Checking packs for their authors (规则包检查): all mistakes at once, and what no schema can see.

What keeps a pack from loading comes from the loader's own checks. Beyond them: rules that never apply, cases out of
reach, gaps and overlaps, contradictions, numbers without a source, names declared and not used, quotes that the
document does not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.case_checks import check_contradictions, check_rule, check_when
from engine.date_checks import check_dates, check_periods
from engine.errors import PackError, PackProblem, Problems, nearest
from engine.findings import Finding, Findings, Level
from engine.ladder_checks import check_ladder
from engine.pack_compiler import compile_packs
from engine.pack_names import Names, names_of
from engine.pack_salvage import Salvaged, salvage
from engine.packs import NAME_CODES, packaged_packs
from engine.quotations import check_placeholders, check_quotes
from engine.rulebook import Rulebook
from engine.satisfiability import Possibilities
from engine.sourcing import check_condition, check_numbers
from engine.wording import RECOMMENDATIONS
from engine.written_rules import WrittenRule, written_rules, written_whens
from engine.yaml_source import Source, words


def lint(texts: Mapping[str, str], *, beside: Mapping[str, str] | None = None, unreadable: Iterable[PackProblem] = (),
         documents: Sequence[str] = ()) -> tuple[Finding, ...]:
    """All that is wrong with the packs in ``texts`` (by file name), by file and line.

    ``beside``: sound packs that are loaded with them and not checked, by default those of the product that ``texts``
    does not replace. ``unreadable``: what is known of files that could not be read. ``documents``: whole texts in
    one of which every quote must stand.
    """
    beside = product_beside(texts) if beside is None else beside
    problems = list(unreadable)
    lost = bool(problems)
    checked = [found for file, text in texts.items() if (found := salvage(file, text, problems)) is not None]
    company = [found for file, text in beside.items() if (found := salvage(file, text, problems)) is not None]
    readable = len(checked) == len(texts) and not lost
    rulebook = _compiled(company, checked, problems,
                         names_whole=readable and all(found.names_whole for found in checked))
    findings = [Finding(problem) for problem in problems]
    names = _names([*company, *checked])
    places: dict[str, tuple[WrittenRule, Findings]] = {}
    collected = []
    for found in checked:
        here = Findings(found.source)
        collected.append(here)
        for rule in _check(found, names, documents, here):
            places[rule.written.id] = (rule, here)
    if rulebook is not None:
        check_periods(rulebook, places)
    findings.extend(f for here in collected for f in here.found)
    return tuple(sorted(findings, key=lambda f: (f.problem.file, f.problem.line, f.problem.column, f.problem.code)))


def product_beside(texts: Mapping[str, str]) -> dict[str, str]:
    """The product's packs in force, without those of which ``texts`` has another version."""
    replaced = {_name(text) for text in texts.values()}
    return {file: text for file, text in packaged_packs().items()
            if _name(text) not in replaced and not re.search(r"^status: draft\b", text, re.MULTILINE)}


def _name(text: str) -> str | None:
    """The name of a pack that may be too broken to be read."""
    found = re.search(r"^pack: *['\"]?([^'\"\s#]+)", text, re.MULTILINE)
    return found[1] if found else None


def _compiled(company: Sequence[Salvaged], checked: Sequence[Salvaged], problems: list[PackProblem], *,
              names_whole: bool) -> Rulebook | None:
    """Everything together, with what is wrong added to ``problems``.

    The packs checked come last, so that what clashes is said of them.
    """
    packs = [(found.source, found.pack, found.sha256) for found in (*company, *checked)]
    try:
        return compile_packs(packs)
    except PackError as error:
        # A name that is missing may be declared in what could not be read.
        problems.extend(p for p in error.problems if names_whole or p.code not in NAME_CODES)
    return None


def _names(found: Sequence[Salvaged]) -> Names:
    packs = [(each.source, each.pack, each.sha256) for each in found]
    return names_of(packs, {source.file: Problems(source) for source, _, _ in packs})


def _check(found: Salvaged, names: Names, documents: Sequence[str], findings: Findings) -> Iterator[WrittenRule]:
    """Checks one pack; yields its rules as written."""
    source, pack = found.source, found.pack
    possible = Possibilities({**names.facts, **names.authority_facts}, signed=names.declared)
    rules = tuple(written_rules(source, pack, names))
    for rule in rules:
        check_rule(rule, possible, findings)
        check_dates(rule, findings)
        check_numbers(rule, findings)
    check_contradictions(rules, possible, findings)
    for item in written_whens(source, pack, names):
        check_when(item, possible, findings)
        check_condition(item.written.when, (*item.path, "when"), item.written.quote, findings)
    for i, ladder in enumerate(pack.ladders):
        check_ladder(ladder, ("ladders", i), findings)
    check_placeholders(pack, findings)
    for i, item in enumerate(pack.recommendations):
        if item.recommend not in RECOMMENDATIONS and (near := nearest(item.recommend, RECOMMENDATIONS)).zh:
            findings.add(("recommendations", i, "recommend"), "unknown-value", Level.WARNING,
                         f"“{item.recommend}”是新的建议名称{near.zh}",
                         f"{item.recommend!r} is a new name of a recommendation{near.en}")
    if found.whole:
        _check_unused(source, findings)
    if documents:
        check_quotes(pack, documents, findings)
    yield from rules


def _check_unused(source: Source, findings: Findings) -> None:
    """Declared names and documents that nothing in the pack mentions."""
    data = source.data
    used = {*words([data.get(key) for key in ("rules", "derived", "recommendations", "ladders", "sectors")])}
    for key in ("documents", "facts", "kinds", "sector_names", "authority_kinds"):
        declared = data.get(key) or {}
        if key == "documents" and len(declared) == 1:
            continue
        for name in declared:
            if name not in used:
                findings.add((key, name), "unused", Level.WARNING, f"“{name}”已声明，但规则包里没有用到；请用上或删去",
                             f"{name!r} is declared and nothing in the pack uses it; use it or remove it", key=True)
