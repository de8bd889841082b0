"""Why, and why not (为什么): for each rule of a duty what was read and what follows, always on.

Reads the same findings as judging does; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from engine.applicability import Applicability, applicability_of
from engine.conditions import OPPOSITE, All, AnyOf, Condition, Not, Test
from engine.inference import Findings
from engine.judgement import judge
from engine.results import Judgement, Obligation, Verdict, Violation
from engine.rulebook import Duty, PerObject, Rule, Rulebook
from engine.subject import Subject, subject_of
from engine.wording import fact_label
from facts.dossier import Dossier, FactValue, Item
from facts.language import Language, Text

_SIGNS = {"eq": "=", "ne": "≠", "gt": ">", "ge": "≥", "lt": "<", "le": "≤", "has": "∋", "lacks": "∌"}


@dataclass(frozen=True, slots=True)
class RuleReason:
    """How one case of one rule stands: ``standing`` is ``applies``, ``not_in_force``, ``not_applicable`` or ``unknown``."""

    rule: Rule
    standing: str
    item: str | None
    reasons: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that ``zhiben why`` tells: each rule's standing, and each obligation with the records that decided it."""

    judgement: Judgement
    duty: Duty
    rules: tuple[RuleReason, ...]
    obligations: tuple[tuple[Obligation, Violation | None, tuple[date, ...]], ...]


def explain(dossier: Dossier, rulebook: Rulebook, as_of: date, duty: Duty) -> Explanation | None:
    """Why ``duty`` is as it is on ``as_of``; ``None`` if the enterprise is not there yet."""
    subject = subject_of(dossier, as_of)
    judgement = judge(dossier, rulebook, as_of)
    if subject is None or judgement is None:
        return None
    applicability = applicability_of(rulebook)
    items: tuple[Item | None, ...] = (None,)
    if duty.type is PerObject:
        asked = duty.rules[0].asked
        assert isinstance(asked, PerObject)
        items = subject.items(asked.kind) or ()
    reasons = tuple(_reason(subject, rule, item, applicability) for rule in duty.rules for item in items)
    violations = {v.key: v for v in judgement.violations if v.duty == duty.name}
    obligations = tuple((o, _violation(o, violations), _evidence(subject, duty, o))
                        for o in judgement.obligations if o.duty == duty.name)
    return Explanation(judgement, duty, reasons, obligations)


def _violation(obligation: Obligation, violations: dict[str, Violation]) -> Violation | None:
    if obligation.key == "state" and obligation.verdict is Verdict.VIOLATED:
        return max((v for v in violations.values() if v.closed_on is None), key=lambda v: v.opened_on, default=None)
    return violations.get(obligation.key)


def _evidence(subject: Subject, duty: Duty, obligation: Obligation) -> tuple[date, ...]:
    """The dates of the records that were counted for the obligation."""
    if duty.record is None or obligation.due_on is None:
        return (obligation.fulfilled_on,) if obligation.fulfilled_on else ()
    start = obligation.starts_on or date.min
    days = map(date.fromordinal, subject.records(duty.record))
    return tuple(day for day in days if start <= day <= obligation.due_on)


def _reason(subject: Subject, rule: Rule, item: Item | None, applicability: Applicability) -> RuleReason:
    about = item.id if item else None
    facts = subject.current.facts
    day = subject.as_of
    asked = rule.asked
    if isinstance(asked, PerObject) and item is not None and (due := asked.due_for(item)) is not None and due < day:
        day = due
        span = subject.span_on(due.toordinal())
        if span is None:
            return RuleReason(rule, "not_in_force", about, (
                Text(f"到期日 {due} 时台账中还没有这家企业", f"on its due date {due} the enterprise is not in the ledger yet"),))
        facts = span.facts
    if not rule.holds_from <= day <= rule.holds_to:
        until = "" if rule.holds_to.year == 9999 else rule.holds_to.isoformat()
        return RuleReason(rule, "not_in_force", about, (
            Text(f"规则自 {rule.holds_from} 起{f'至 {until} 止' if until else ''}判定，{day} 不在其内",
                 f"the rule is judged from {rule.holds_from}{f' to {until}' if until else ''}; {day} lies outside"),))
    if not subject.exists_on(day.toordinal()):
        return RuleReason(rule, "not_in_force", about, (
            Text(f"{day} 企业未成立或已注销", f"on {day} the enterprise is not registered or is closed"),))
    findings = applicability.explained(facts, item)
    holds = findings.of(rule.condition)
    if holds is None:
        labels = [fact_label(applicability.rulebook, fact) for fact in applicability.missing(rule.condition, facts, item)]
        return RuleReason(rule, "unknown", about, (
            Text("缺：" + "、".join(label.zh for label in labels), "missing: " + ", ".join(label.en for label in labels)),))
    reader = _Reader(applicability, findings, facts, item)
    standing = "applies" if holds else "not_applicable"
    return RuleReason(rule, standing, about, tuple(dict.fromkeys(reader.decisive(rule.condition, holds))))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Tells which values were read that decided a condition."""

    applicability: Applicability
    findings: Findings
    facts: Mapping[str, FactValue]
    item: Item | None

    def decisive(self, condition: Condition, found: bool, *, negated: bool = False) -> Iterator[Text]:
        """The tests that make ``condition`` come out as ``found``, each with the value read.

        ``negated``: the condition stands under an odd number of ``not``, so that what is required is its opposite.
        """
        match condition:
            case Not(part):
                yield from self.decisive(part, not found, negated=not negated)
            case Test(fact) if fact.startswith("scope_"):
                inner = {d.fact: d.condition for d in self.applicability.rulebook.derived}[fact]
                yield from self.decisive(inner, found, negated=negated)
            case Test():
                yield self._read(condition, found, negated)
            case AnyOf(parts) if all(isinstance(p, Test) and p.op == "has" for p in parts):
                yield self._members(parts, found, negated)
            case All(parts) | AnyOf(parts):
                for part in parts:
                    if self.findings.of(part) is found:
                        yield from self.decisive(part, found, negated=negated)
                        if isinstance(condition, All) is not found:
                            break

    def _read(self, test: Test, found: bool, negated: bool) -> Text:
        fact = "division" if test.fact.startswith("division_") else test.fact
        sign = _SIGNS[OPPOSITE[test.op] if negated else test.op]
        return self._sentence(fact, test.fact, f"{sign} ", f"{sign} ", (test.value,), found is not negated)

    def _members(self, tests: tuple[Condition, ...], found: bool, negated: bool) -> Text:
        fact = tests[0].fact
        zh, en = ("均非：", "none of: ") if negated else ("为其中之一：", "one of: ")
        return self._sentence(fact, fact, zh, en, tuple(t.value for t in tests), found is not negated)

    def _sentence(self, name: str, fact: str, zh: str, en: str, wanted: tuple[object, ...], met: bool) -> Text:
        value = self._value(name)
        derived = value is None and fact in self.findings.derived
        if derived:
            value = self.findings.derived[fact]
        label = fact_label(self.applicability.rulebook, name)
        shown = {language: (self.show(value, language), "、".join(self.show(w, language) for w in wanted))
                 for language in ("zh", "en")}
        return Text(
            f"{label.zh}：读到 {shown['zh'][0]}{'（推定）' if derived else ''}，要求{zh}{shown['zh'][1]}，{'' if met else '不'}符合",
            f"{label.en}: read {shown['en'][0]}{' (derived)' if derived else ''}, required {en}{shown['en'][1]}: "
            f"{'met' if met else 'not met'}")

    def _value(self, fact: str) -> FactValue | None:
        if self.item is not None and fact.startswith(f"{self.item.kind}."):
            return self.item.facts.get(fact.partition(".")[2])
        return self.facts.get(fact)

    def show(self, value: object, language: Language) -> str:
        """A value as people write it: 是/否, sectors by their names."""
        sectors = self.applicability.rulebook.sectors
        if value is None:
            return "未知" if language == "zh" else "not known"
        if isinstance(value, bool):
            return ("是" if value else "否") if language == "zh" else ("yes" if value else "no")
        if isinstance(value, tuple):
            return "、".join(self.show(v, language) for v in value) or "—"
        if isinstance(value, str) and value in sectors:
            return sectors[value](language)
        return str(value)
