"""Which rules apply to which attributes (适用性): inference results, kept per set of attributes that rules read.

Applicability depends on few attributes, so it is inferred once per distinct set of them and not once per enterprise.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.conditions import OPPOSITE, Condition, Test, disjuncts, nodes
from engine.inference import Derived, Findings, Inference
from engine.rulebook import Duty, PerObject, RecommendationRule, Rule, Rulebook, RuleGroup, State
from engine.signature import Signature
from engine.subject import Subject
from facts.dossier import FactValue, Item

#: Sets of attributes remembered before the memory is emptied.
_REMEMBERED = 10_000
#: Mappings of attributes remembered as such, alone and with an object: those of the enterprise that is being judged.
_RECENT = 64


@dataclass(frozen=True, slots=True)
class Standing:
    """How the cases of one written rule stand to given attributes.

    ``possible`` are the cases that could apply (of which one certainly does if it is the only one and not
    ``none_possible``); ``none_possible`` says that perhaps no case does.
    """

    possible: tuple[Rule, ...]
    none_possible: bool

    @property
    def certain(self) -> bool:
        """Nothing unknown can change which case applies."""
        return len(self.possible) + self.none_possible == 1

    @property
    def known_false(self) -> bool:
        """No case can apply."""
        return not self.possible


class Applicability:
    """Answers of inference for one rulebook, about enterprises or about authorities.

    Not for use by several threads at once.
    """

    def __init__(self, rulebook: Rulebook, *, authorities: bool = False) -> None:
        self.rulebook = rulebook
        self._authorities = authorities
        self._engines: dict[str, _Engine] = {}
        self._possible: dict[tuple[object, ...], list[Duty]] = {}
        self._duties = [(duty, asked.kind if isinstance(asked := duty.rules[0].asked, PerObject) else None)
                        for duty in rulebook.duties_of(authorities=authorities)]

    def standing(self, group: RuleGroup, facts: Mapping[str, FactValue], item: Item | None = None) -> Standing:
        """How ``group`` stands to an enterprise with ``facts`` and, for object duties, one object."""
        return self._answer(facts, item).standings[group.id]

    def unclear(self, facts: Mapping[str, FactValue]) -> frozenset[str]:
        """The duties, those of objects aside, of which something unknown decides which case of a rule applies."""
        return self._answer(facts, None).unclear

    def possible(self, subject: Subject) -> Collection[Duty]:
        """The duties of which some rule may have held on some day: no other is asked of an enterprise, nor unclear.

        A rule about objects may hold if there is an object of its kind.
        """
        kinds = frozenset([item.kind for item in subject.dossier.items])
        key = kinds, *self.answers(subject)
        if key not in self._possible:
            if len(self._possible) >= _REMEMBERED:
                self._possible.clear()
            found = {name for answer in self.answers(subject) for name in answer.possible}
            self._possible[key] = [duty for duty, kind in self._duties
                                   if (duty.name in found if kind is None else kind in kinds)]
        return self._possible[key]

    def answers(self, subject: Subject) -> tuple[Answer, ...]:
        """All that inference says of each of the subject's spans: the same answer, to the same question."""
        if self not in subject.answers:
            subject.answers[self] = tuple([self._answer(span.facts, None) for span in subject.spans])
        return subject.answers[self]

    def recommending(self, subject: Subject) -> list[RecommendationRule]:
        """The rules about enterprises as a whole by which, of what was so on some day, something is recommended."""
        found = {rule for answer in self.answers(subject) for rule in answer.recommending}
        return [rule for rule in self.rulebook.recommendations if rule in found] if found else []

    def of(self, condition: Condition, facts: Mapping[str, FactValue], item: Item | None = None) -> bool | None:
        """Whether a condition of the rulebook is true; ``None``: unknown."""
        return self._answer(facts, item).findings.of(condition)

    def derived(self, facts: Mapping[str, FactValue], item: Item | None = None) -> Mapping[str, bool]:
        """The facts inferred from the given ones."""
        return self._answer(facts, item).findings.derived

    def missing(self, condition: Condition, facts: Mapping[str, FactValue],
                item: Item | None = None) -> tuple[str, ...]:
        """Names of the facts for lack of which ``condition`` is unknown, sorted; empty when it is not unknown."""
        engine = self._engine(item.kind if item else "", explain=True)
        answer = engine.answer(_known(facts, item))
        conditions = {d.fact: d.condition for d in engine.derived}
        return tuple(sorted(_missing(condition, answer.findings, conditions)))

    def explained(self, facts: Mapping[str, FactValue], item: Item | None = None) -> Findings:
        """Findings that also say of every part of every condition how it stands; slower than the others."""
        return self._engine(item.kind if item else "", explain=True).answer(_known(facts, item)).findings

    def _answer(self, facts: Mapping[str, FactValue], item: Item | None) -> Answer:
        if item is None:
            return self._engine("").answer_of(facts)
        return self._engine(item.kind).answer_of(facts, item)

    def _engine(self, kind: str, *, explain: bool = False) -> _Engine:
        name = f"{kind} explained" if explain else kind
        if name not in self._engines:
            self._engines[name] = _Engine(self.rulebook, kind, explain, self._authorities)
        return self._engines[name]


@lru_cache(maxsize=16)
def applicability_of(rulebook: Rulebook, *, authorities: bool = False) -> Applicability:
    """The inference of a rulebook about enterprises, or about ``authorities``, compiled once."""
    return Applicability(rulebook, authorities=authorities)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What follows from one set of attributes, known by its identity alone."""

    findings: Findings
    standings: Mapping[str, Standing]
    unclear: frozenset[str]
    possible: frozenset[str]
    recommending: frozenset[RecommendationRule]


class _Engine:
    """Inference over enterprises, or over enterprises each with one object of a kind, or over authorities."""

    def __init__(self, rulebook: Rulebook, kind: str, explain: bool, authorities: bool) -> None:
        self.groups = [g for duty in rulebook.duties_of(authorities=authorities) for g in duty.groups
                       if getattr(g.cases[0].asked, "kind", "") == kind]
        conditions: list[Condition] = []
        for group in self.groups:
            conditions.append(group.none)
            for rule in group.cases:
                conditions.append(rule.condition)
                if isinstance(rule.asked, State):
                    conditions.append(rule.asked.condition)
        self.recommendations = [r for r in rulebook.recommendations if r.item_kind == kind]
        conditions += [r.condition for r in self.recommendations]
        # What packs derive are facts of enterprises and their objects.
        self.derived: list[Derived] = [] if authorities else [
            d for d in rulebook.derived if "." not in d.fact or d.fact.startswith(f"{kind}.")]
        if explain:
            conditions += [rule.outcome for group in self.groups for rule in group.cases]
            conditions += [c for d in self.derived for c in (d.condition, d.said)]
            conditions = [node for condition in conditions for node in nodes(condition)]
        self._inference = Inference(self.derived, conditions)
        inner = [c for d in self.derived for c in (d.condition, d.said)]
        self._signature = Signature(self._inference.reads, [*conditions, *inner])
        self._answers: dict[tuple[object, ...], Answer] = {}
        self._recent: dict[tuple[int, int], tuple[Mapping[str, FactValue], Item | None, Answer]] = {}

    def answer_of(self, facts: Mapping[str, FactValue], item: Item | None = None) -> Answer:
        """The answer for attributes that do not change and are asked about again and again, as those of a version."""
        key = id(facts), id(item)
        found = self._recent.get(key)
        if found is None or found[0] is not facts or found[1] is not item:
            if len(self._recent) >= _RECENT:
                self._recent.clear()
            found = self._recent[key] = facts, item, self.answer(_known(facts, item))
        return found[2]

    def answer(self, known: Mapping[str, FactValue]) -> Answer:
        """The answer for these attributes, inferred or remembered."""
        key = self._signature.of(known)
        answer = self._answers.get(key)
        if answer is None:
            if len(self._answers) >= _REMEMBERED:
                self._answers.clear()
            findings = self._inference.infer(known)
            standings = {group.id: _standing(group, findings) for group in self.groups}
            unclear = frozenset(group.duty for group in self.groups if not standings[group.id].certain)
            possible = frozenset(group.duty for group in self.groups if not standings[group.id].known_false)
            recommending = frozenset(rule for rule in self.recommendations if findings.of(rule.condition))
            answer = Answer(findings, standings, unclear, possible, recommending)
            self._answers[key] = answer
        return answer


def _standing(group: RuleGroup, findings: Findings) -> Standing:
    found = [(rule, findings.of(rule.condition)) for rule in group.cases]
    certain = tuple(rule for rule, holds in found if holds is True)
    if certain:
        return Standing(certain, False)
    possible = tuple(rule for rule, holds in found if holds is None)
    return Standing(possible, not possible or findings.of(group.none) is not False)


def _known(facts: Mapping[str, FactValue], item: Item | None) -> Mapping[str, FactValue]:
    if item is None:
        return facts
    return {**facts, **{f"{item.kind}.{name}": value for name, value in item.facts.items()}}


def _missing(condition: Condition, findings: Findings, derived: Mapping[str, Condition]) -> set[str]:
    """Facts in the shortest alternatives that are still open: no other blank can change what comes out."""
    if findings.of(condition) is not None:
        return set()
    alternatives: list[frozenset[Test]] = []
    for conjunct in disjuncts(condition):
        found = {test: _status(test, findings) for test in conjunct}
        if False not in found.values():
            alternatives.append(frozenset(test for test, status in found.items() if status is None))
    shortest = [one for one in alternatives if not any(other < one for other in alternatives)]
    facts: set[str] = set()
    for fact in {test.fact for one in shortest for test in one}:
        if fact.startswith("scope_"):
            facts |= _missing(derived[fact], findings, derived)
        else:
            facts.add("division" if fact.startswith("division_") else fact)
    return facts


def _status(test: Test, findings: Findings) -> bool | None:
    """How a test stands of which the conditions may only have the opposite."""
    found = findings.of(test)
    if found is None and (opposite := findings.of(Test(test.fact, OPPOSITE[test.op], test.value))) is not None:
        return not opposite
    return found
