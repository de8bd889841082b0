"""By which terms a person decides on a recommendation (办理期限): those of the rules that are its grounds.

Where several rules say differently, the terms are those that are kindest to the enterprise: the longest time for
objections, the shortest term, the earliest removal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.pack_schema import Figure
from engine.rulebook import Procedure, Rulebook
from facts.language import Text


@dataclass(frozen=True, slots=True)
class Assumption:
    """A term that no source prints: the rule that has it, what it is for, and why."""

    rule: str
    key: str
    value: str
    reason: str

    def document(self) -> dict[str, str]:
        """The assumption for the journal and for scripts."""
        return {"rule": self.rule, "key": self.key, "value": self.value, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Terms:
    """Who is ``competent``, the days for an ``objection``, the months of the ``term`` and before a removal."""

    competent: tuple[Mapping[str, Any], ...] = ()
    objection: Figure | None = None
    term: Figure | None = None
    removable_after: Figure | None = None
    assumptions: tuple[Assumption, ...] = ()

    def assumed(self, *keys: str) -> tuple[dict[str, str], ...]:
        """The assumptions about ``keys``."""
        return tuple(each.document() for each in self.assumptions if each.key in keys)


def terms_of(rulebook: Rulebook, rules: Iterable[str]) -> Terms:
    """The terms of a recommendation that rests on ``rules``; of those that the packs in use do not have, none."""
    wanted = set(rules)
    found = {rule.ref.id: rule.procedure for rule in rulebook.recommendations if rule.ref.id in wanted}
    competent: dict[Text, str | None] = {}
    for procedure in found.values():
        if procedure.competent is not None and competent.get(procedure.competent, "") is not None:
            competent[procedure.competent] = procedure.competent_assumed
    objection, term, removable = (_of(found, key) for key in ("objection", "term", "removable_after"))
    chosen = {"objection": _kindest(objection, largest=True), "term": _kindest(term), "removable_after":
              _kindest(removable)}
    assumptions = [Assumption(rule, "competent", procedure.competent.zh, procedure.competent_assumed)
                   for rule, procedure in found.items() if procedure.competent and procedure.competent_assumed
                   and competent[procedure.competent]]
    for key, figures in (("objection", objection), ("term", term), ("removable_after", removable)):
        assumptions += [Assumption(rule, key, str(figure.value), figure.assumption) for rule, figure in figures.items()
                        if figure.assumption and figure == chosen[key]]
    return Terms(tuple({"zh": text.zh, "en": text.en, "assumption": reason} for text, reason in competent.items()),
                 chosen["objection"], chosen["term"], chosen["removable_after"], tuple(assumptions))


def _of(found: Mapping[str, Procedure], key: str) -> dict[str, Figure]:
    figures = ((rule, getattr(procedure, key)) for rule, procedure in found.items())
    return {rule: figure for rule, figure in figures if figure is not None}


def _kindest(figures: Mapping[str, Figure], *, largest: bool = False) -> Figure | None:
    """The kindest figure; of two that are equal, one that a source prints."""
    if not figures:
        return None
    return min(figures.values(), key=lambda f: (-f.value if largest else f.value, f.assumption is not None))
