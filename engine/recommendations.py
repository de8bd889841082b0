"""Recommendations (建议): blacklist, withheld support, lifetime ban … the engine recommends, a person decides.

One recommendation for each kind and object; several rules that lead to it are several grounds. A ground that is an
object stands from its day on, until what ends it happens. A ground that is the enterprise as a whole stands on the days
on which its condition is known to be true and, where the rule asks for it, nothing speaks against the enterprise; it
may come and go. SEMANTICS.md sections 4 and 6.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from engine.applicability import Applicability, applicability_of
from engine.conditions import facts_read
from engine.good_standing import Days, Standing, standing_of
from engine.results import Ground, Obligation, Recommendation, Violation
from engine.rulebook import RecommendationRule, Rulebook
from engine.subject import Subject
from engine.waivers import Waiver
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


#: What past recommendations are, of which no ground stands any more.
PAST = "withdrawn"


@dataclass(slots=True)
class _Found:
    """What was found of one kind and object: grounds that stand, that ended, and that are not certain."""

    stands: list[Ground] = field(default_factory=list)
    past: list[Ground] = field(default_factory=list)
    unknown: list[tuple[tuple[str, ...], Ground]] = field(default_factory=list)


_About = tuple[str, str]


def recommendations(subject: Subject, applicability: Applicability, obligations: Sequence[Obligation] = (),
                    violations: Sequence[Violation] = (), waivers: Collection[Waiver] = (),
                    ) -> tuple[Recommendation, ...]:
    """All that is recommended, or would be if a missing fact were known, by kind and date.

    Last of all come those that were recommended once, with the status :data:`PAST`. ``obligations`` and ``violations``
    are those of the enterprise as of the date of the verdict.
    """
    found: defaultdict[_About, _Found] = defaultdict(_Found)
    rules = applicability.rulebook.recommendations
    for rule in rules:
        for item in subject.items(rule.item_kind) if rule.item_kind else ():
            _of_object(subject, rule, item, applicability, found[rule.kind, f"{item.kind}:{item.id}"])
    of_objects = _recommendations(subject, found)
    standing: Standing | None = None
    whole: defaultdict[_About, _Found] = defaultdict(_Found)
    for rule in applicability.recommending(subject):
        spans = _true_on(subject, rule, applicability)
        if not spans:
            continue
        if rule.good_standing and standing is None:
            doubts = _doubts(subject, applicability)
            standing = standing_of(subject, applicability, obligations, violations, of_objects, doubts, waivers)
        _of_enterprise(subject, rule, spans, standing if rule.good_standing else None,
                       whole[rule.kind, f"enterprise:{subject.dossier.uscc}"])
    return tuple(sorted((*of_objects, *_recommendations(subject, whole)),
                        key=lambda r: (r.status == PAST, r.kind, r.since or date.max,
                                       (r.grounds or r.past)[0].facts)))


def standing_matters(subject: Subject, applicability: Applicability) -> bool:
    """Whether something is recommended where nothing speaks against an enterprise, nor may."""
    return any(rule.good_standing and _true_on(subject, rule, applicability)
               for rule in applicability.recommending(subject))


def _recommendations(subject: Subject, found: dict[_About, _Found]) -> list[Recommendation]:
    return [one for (kind, about), its in found.items() if (one := _recommendation(subject, kind, about, its))]


def _recommendation(subject: Subject, kind: str, about: str, found: _Found) -> Recommendation | None:
    id_, past = _id(subject, kind, about), tuple(found.past)
    if found.stands:
        since = min(ground.since for ground in found.stands if ground.since)
        return Recommendation(id_, kind, "proposed", since, tuple(found.stands), past=past)
    if found.unknown:
        missing = {fact for facts, _ in found.unknown for fact in facts}
        return Recommendation(id_, kind, "unknown", None, tuple(ground for _, ground in found.unknown),
                              tuple(sorted(missing)), past)
    return Recommendation(id_, kind, PAST, None, (), past=past) if past else None


def _of_object(subject: Subject, rule: RecommendationRule, item: Item, applicability: Applicability,
               found: _Found) -> None:
    about, until = f"{item.kind}:{item.id}", _until(subject, rule, item)
    since = _since(subject, rule, item, applicability, until)
    if since is not None:
        (found.stands if until is None else found.past).append(_ground(rule, (about,), since, until))
    elif until is None and (missing := _missing(subject, rule, item, applicability)):
        found.unknown.append((missing, _ground(rule, (about,))))


def _of_enterprise(subject: Subject, rule: RecommendationRule, spans: Iterable[Days], standing: Standing | None,
                   found: _Found) -> None:
    """The stretches of days on which the ground stood without a break; the last may reach the date of the verdict."""
    facts = _facts_of(rule) or (f"enterprise:{subject.dossier.uscc}",)
    stretches: list[Days] = []
    for span in spans:
        for days in standing.good(span.first, span.last) if standing else [span]:
            if stretches and stretches[-1].last + 1 == days.first:
                days = Days(stretches.pop().first, days.last)
            stretches.append(days)
        if span.last == subject.today and standing and (missing := standing.missing(subject.today)):
            found.unknown.append((missing, _ground(rule, facts)))
    for days in stretches:
        ended_on = None if days.last == subject.today else date.fromordinal(days.last + 1)
        ground = _ground(rule, facts, date.fromordinal(days.first), ended_on)
        (found.stands if ended_on is None else found.past).append(ground)


def _doubts(subject: Subject, applicability: Applicability) -> list[Days]:
    """The days on which it was not known whether an object was a ground."""
    found = []
    for rule in applicability.rulebook.recommendations:
        for item in subject.items(rule.item_kind) if rule.item_kind else ():
            start, until = _starts(rule, item), _until(subject, rule, item)
            if start is None:
                continue
            for span in subject.spans:
                first = max(span.first, start, rule.holds_from.toordinal(), subject.registered)
                last = min(span.last, rule.holds_to.toordinal(), subject.last_open, until.toordinal() - 1 if until
                           else subject.today)
                if first <= last and (missing := _unknown(rule, span.facts, item, applicability)):
                    found.append(Days(first, last, missing))
    return found


def _true_on(subject: Subject, rule: RecommendationRule, applicability: Applicability) -> list[Days]:
    """The days up to the date of the verdict on which the rule holds and its condition is known to be true."""
    found = []
    for span in subject.spans:
        first = max(span.first, rule.holds_from.toordinal(), subject.registered)
        last = min(span.last, rule.holds_to.toordinal(), subject.last_open, subject.today)
        if first <= last and applicability.of(rule.condition, span.facts):
            found.append(Days(first, last))
    return found


@cache
def _facts_of(rule: RecommendationRule) -> tuple[str, ...]:
    """The facts of the enterprise that the rule's own condition reads, those of its pack's scope aside."""
    return tuple(sorted(fact for fact in facts_read(rule.condition) if not fact.startswith(("scope_", "division_"))))


def _ground(rule: RecommendationRule, facts: tuple[str, ...], since: date | None = None,
            ended_on: date | None = None) -> Ground:
    return Ground(rule.ref.id, rule.ref.document, rule.ref.clause, rule.ref.quote, facts, since, ended_on)


def _since(subject: Subject, rule: RecommendationRule, item: Item, applicability: Applicability,
           until: date | None) -> date | None:
    """The first day up to the date of the verdict, and before ``until``, on which all grounds held."""
    start = _starts(rule, item)
    if start is None:
        return None
    end = subject.today if until is None else until.toordinal() - 1
    for span in subject.spans:
        first = max(span.first, start, rule.holds_from.toordinal(), subject.registered)
        last = min(span.last, rule.holds_to.toordinal(), subject.last_open, end)
        if first <= last and applicability.of(rule.condition, span.facts, item):
            return date.fromordinal(first)
    return None


def _missing(subject: Subject, rule: RecommendationRule, item: Item, applicability: Applicability) -> tuple[str, ...]:
    """The facts that hold a proposal back on the date of the verdict."""
    start = _starts(rule, item)
    in_range = rule.holds_from <= subject.as_of <= rule.holds_to and subject.exists_on(subject.today)
    if start is None or not in_range:
        return ()
    return _unknown(rule, subject.current.facts, item, applicability)


def _unknown(rule: RecommendationRule, facts: Mapping[str, FactValue], item: Item,
             applicability: Applicability) -> tuple[str, ...]:
    """The facts for lack of which the condition is unknown, those of the object with its id."""
    if applicability.of(rule.condition, facts, item) is not None:
        return ()
    missing = _base_facts(applicability.missing(rule.condition, facts, item), facts, item, applicability)
    return tuple(sorted(f"{item.kind}:{item.id}.{fact.partition('.')[2]}" if "." in fact else fact
                        for fact in missing))


def _base_facts(missing: tuple[str, ...], facts: Mapping[str, FactValue], item: Item,
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


def _until(subject: Subject, rule: RecommendationRule, item: Item) -> date | None:
    """The day on which what ends the ground has happened, ``None`` if it has not."""
    if rule.until_fact is None:
        return None
    value = item.facts.get(rule.until_fact.partition(".")[2])
    return value if isinstance(value, date) and value <= subject.as_of else None


def _id(subject: Subject, kind: str, about: str) -> str:
    text = f"{subject.dossier.uscc}\n{kind}\n{about}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]
