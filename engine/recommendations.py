"""Recommendations (建议): blacklist, withheld support, lifetime ban … the engine recommends, a person decides.

One recommendation for each kind and object; several rules that lead to it are several grounds. SEMANTICS.md
sections 4 and 6.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import date

from engine.applicability import Applicability, applicability_of
from engine.results import Ground, Recommendation
from engine.rulebook import RecommendationRule, Rulebook
from engine.subject import Subject
from facts.dossier import FactValue, Item

#: Accident classes from the highest down: name, and the derived fact that says it is reached (493号令 第三条).
_CLASSES = (
    ("extraordinary", "accident.extraordinary"),
    ("major", "accident.major_or_above"),
    ("large", "accident.large_or_above"),
)


def accident_class(item: Item, rulebook: Rulebook) -> tuple[str, bool]:
    """The class of an accident, and whether it is exact; with blank figures it may be a lower bound.

    ``extraordinary`` 特别重大, ``major`` 重大, ``large`` 较大, ``ordinary`` 一般.
    """
    derived = applicability_of(rulebook).derived({}, item)
    exact = True
    for name, fact in _CLASSES:
        if derived.get(fact):
            return name, exact
        exact = exact and fact in derived
    return "ordinary", exact


def recommendations(subject: Subject, applicability: Applicability) -> tuple[Recommendation, ...]:
    """All that is recommended, or would be if a missing fact were known, by kind and date."""
    proposed: defaultdict[tuple[str, str], list[tuple[date, Ground]]] = defaultdict(list)
    unknown: defaultdict[tuple[str, str], list[tuple[tuple[str, ...], Ground]]] = defaultdict(list)
    for rule in applicability.rulebook.recommendations:
        for item in subject.items(rule.item_kind):
            since = _since(subject, rule, item, applicability)
            about = f"{item.kind}:{item.id}"
            ground = Ground(rule.ref.id, rule.ref.document, rule.ref.clause, rule.ref.quote, (about,))
            if since is not None:
                proposed[rule.kind, about].append((since, ground))
            elif missing := _missing(subject, rule, item, applicability):
                unknown[rule.kind, about].append((missing, ground))
    found = [
        Recommendation(_id(subject, kind, about), kind, "proposed", min(since for since, _ in grounds),
                       tuple(ground for _, ground in grounds))
        for (kind, about), grounds in proposed.items()
    ] + [
        Recommendation(_id(subject, kind, about), kind, "unknown", None, tuple(ground for _, ground in grounds),
                       tuple(sorted({f"{about}.{fact.partition('.')[2]}" if "." in fact else fact
                                     for missing, _ in grounds for fact in missing})))
        for (kind, about), grounds in unknown.items() if (kind, about) not in proposed
    ]
    return tuple(sorted(found, key=lambda r: (r.kind, r.since or date.max, r.grounds[0].facts)))


def _since(subject: Subject, rule: RecommendationRule, item: Item, applicability: Applicability) -> date | None:
    """The first day up to the date of the verdict on which all grounds held."""
    start = _starts(rule, item)
    if start is None or _over(subject, rule, item):
        return None
    for span in subject.spans:
        first = max(span.first, start, rule.holds_from.toordinal(), subject.registered)
        last = min(span.last, rule.holds_to.toordinal(), subject.last_open, subject.today)
        if first <= last and applicability.of(rule.condition, span.facts, item):
            return date.fromordinal(first)
    return None


def _missing(subject: Subject, rule: RecommendationRule, item: Item, applicability: Applicability) -> tuple[str, ...]:
    """The facts that hold a proposal back on the date of the verdict."""
    start = _starts(rule, item)
    in_range = rule.holds_from <= subject.as_of <= rule.holds_to and subject.exists_on(subject.today)
    if start is None or not in_range or _over(subject, rule, item):
        return ()
    facts = subject.current.facts
    if applicability.of(rule.condition, facts, item) is not None:
        return ()
    return _base_facts(applicability.missing(rule.condition, facts, item), facts, item, applicability)


def _base_facts(missing: tuple[str, ...], facts: dict[str, FactValue], item: Item,
                applicability: Applicability) -> tuple[str, ...]:
    """Derived facts of the object replaced by the blank columns they are derived from."""
    derived = {d.fact: d for d in applicability.rulebook.derived if "." in d.fact}
    result: set[str] = set()
    for fact in missing:
        inner = (derived[fact].condition, derived[fact].said) if fact in derived else ()
        result.update({name for c in inner for name in applicability.missing(c, facts, item)} or {fact})
    return tuple(sorted(result))


def _starts(rule: RecommendationRule, item: Item) -> int | None:
    value = item.facts.get(rule.from_fact.partition(".")[2])
    return value.toordinal() if isinstance(value, date) else None


def _over(subject: Subject, rule: RecommendationRule, item: Item) -> bool:
    """Whether what ends the ground has happened."""
    if rule.until_fact is None:
        return False
    value = item.facts.get(rule.until_fact.partition(".")[2])
    return isinstance(value, date) and value <= subject.as_of


def _id(subject: Subject, kind: str, about: str) -> str:
    text = f"{subject.dossier.uscc}\n{kind}\n{about}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]
