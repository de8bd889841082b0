"""Why, and why not (为什么): for each rule of a duty what was read and what follows, always on.

Reads the same findings as judging does; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from engine.applicability import Applicability, applicability_of
from engine.conditions import OPPOSITE, All, AnyOf, Condition, Not, Test
from engine.inference import Findings
from engine.judgement import judge
from engine.results import Judgement, Obligation, Verdict, Violation
from engine.rulebook import Deadline, Duty, Periodic, PerObject, Rule, Rulebook, State
from engine.subject import Subject, subject_of
from engine.waivers import Waiver
from engine.wording import ITEMS, fact_label, value_text
from facts.dossier import Dossier, FactValue, Item
from facts.language import Text
from facts.spelling import joined

_SIGNS = {"eq": "=", "ne": "≠", "gt": ">", "ge": "≥", "lt": "<", "le": "≤", "has": "∋", "lacks": "∌"}


@dataclass(frozen=True, slots=True)
class RuleReason:
    """How one case of one rule stands.

    ``standing`` is ``applies``, ``not_in_force``, ``not_applicable`` or ``unknown``, and ``reasons`` tell why;
    ``state`` what was read of that which a state duty asks for; ``obligations`` are those that rest on this case
    where it applies.
    """

    rule: Rule
    standing: str
    item: str | None
    reasons: tuple[Text, ...]
    state: tuple[Text, ...] = ()
    obligations: tuple[Obligation, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that ``zhiben why`` tells: each rule's standing, and each obligation with the records that decided it."""

    judgement: Judgement
    duty: Duty
    rules: tuple[RuleReason, ...]
    obligations: tuple[tuple[Obligation, Violation | None, tuple[date, ...]], ...]


def explain(dossier: Dossier, rulebook: Rulebook, as_of: date, duty: Duty,
            waivers: Collection[Waiver] = ()) -> Explanation | None:
    """Why ``duty`` is as it is on ``as_of``; ``None`` if the enterprise is not there yet."""
    subject = subject_of(dossier, as_of)
    judgement = judge(dossier, rulebook, as_of, waivers)
    if subject is None or judgement is None:
        return None
    applicability = applicability_of(rulebook, authorities=dossier.is_authority)
    found = tuple(o for o in judgement.obligations if o.duty == duty.name)
    reasons = tuple(_with_outcome(reason, subject, found, applicability) for rule in duty.rules
                    for reason in _reasons(subject, rule, applicability))
    violations = {v.key: v for v in judgement.violations if v.duty == duty.name}
    obligations = tuple((o, _violation(o, violations), _evidence(subject, duty, o)) for o in found)
    return Explanation(judgement, duty, reasons, obligations)


def _reasons(subject: Subject, rule: Rule, applicability: Applicability) -> Iterator[RuleReason]:
    """One for each object that the rule could be about, one for any other rule."""
    if not isinstance(rule.asked, PerObject):
        yield _reason(subject, rule, None, applicability)
        return
    items = subject.items(rule.asked.kind)
    for item in items:
        yield _reason(subject, rule, item, applicability)
    if not items:
        called = ITEMS[rule.asked.kind]
        yield RuleReason(rule, "not_applicable", None, (
            Text(f"到 {subject.as_of} 台账中没有这家企业的{called.zh}",
                 f"up to {subject.as_of} the ledger has no {called.en} of this enterprise"),))


def _with_outcome(reason: RuleReason, subject: Subject, found: tuple[Obligation, ...],
                  applicability: Applicability) -> RuleReason:
    """``reason`` with the obligations that rest on it, and what was read of the state that it asks for."""
    if reason.standing != "applies":
        return reason
    rule = reason.rule
    if isinstance(rule.asked, PerObject):
        return _with_object(reason, rule.asked, subject, found)
    resting = tuple(o for o in found if rule.ref in o.rules and _is_of(o, rule))
    state: tuple[Text, ...] = ()
    if isinstance(rule.asked, State):
        facts = subject.current.facts
        findings = applicability.explained(facts)
        present = findings.of(rule.asked.condition)
        if present is not None:
            reader = _Reader(applicability, findings, facts, None)
            state = tuple(dict.fromkeys(reader.decisive(rule.asked.condition, present)))
    return replace(reason, obligations=resting, state=state)


def _with_object(reason: RuleReason, asked: PerObject, subject: Subject, found: tuple[Obligation, ...]) -> RuleReason:
    """``reason`` with the obligation of its object, unless that is asked for by the date of another rule.

    What another rule asks for sooner was not missed, or done in time, under this one.
    """
    obligation = next((o for o in found if o.key == reason.item), None)
    due = next((asked.due_for(item) for item in subject.items(asked.kind) if item.id == reason.item), None)
    if obligation is None or obligation.due_on == due:
        return replace(reason, obligations=() if obligation is None else (obligation,))
    other = Text(f"该项按另一规则应在 {obligation.due_on} 前完成",
                 f"another rule asks for it by {obligation.due_on}")
    own = Text("本规则对该项没有到期日", "this rule sets no date for it") if due is None else Text(
        f"按本规则到期日为 {due}", f"by this rule it is due on {due}")
    return replace(reason, reasons=(*reason.reasons, Text(f"{own.zh}；{other.zh}", f"{own.en}; {other.en}")))


def _is_of(obligation: Obligation, rule: Rule) -> bool:
    """Whether the obligation is of the period or date that this case asks for."""
    if isinstance(rule.asked, Periodic):
        day = obligation.starts_on
        return day is not None and rule.asked.unit.period_of(day).key == obligation.key
    return not isinstance(rule.asked, Deadline) or obligation.due_on == rule.asked.due


def _violation(obligation: Obligation, violations: dict[str, Violation]) -> Violation | None:
    if obligation.key == "state" and obligation.verdict in (Verdict.VIOLATED, Verdict.WAIVED):
        return max((v for v in violations.values() if v.closed_on is None), key=lambda v: v.opened_on, default=None)
    return violations.get(obligation.key)


def _evidence(subject: Subject, duty: Duty, obligation: Obligation) -> tuple[date, ...]:
    """The dates of the records that were counted for the obligation."""
    if duty.record is None or obligation.due_on is None:
        return (obligation.fulfilled_on,) if obligation.fulfilled_on else ()
    start = obligation.starts_on or max(
        (rule.asked.since for rule in duty.rules if isinstance(rule.asked, Deadline) and rule.asked.since
         and rule.asked.due == obligation.due_on and rule.ref in obligation.rules), default=date.min)
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
                Text(f"到期日 {due} 时台账中还没有这家企业",
                     f"on its due date {due} the enterprise is not in the ledger yet"),))
        facts = span.facts
    if not rule.holds_from <= day <= rule.holds_to:
        until = "" if rule.holds_to.year == 9999 else rule.holds_to.isoformat()
        return RuleReason(rule, "not_in_force", about, (
            Text(f"规则自 {rule.holds_from} 起{f'至 {until} 止' if until else ''}判定，{day} 不在其内",
                 f"the rule is judged from {rule.holds_from}{f' to {until}' if until else ''}; {day} lies outside"),))
    if day.toordinal() < subject.registered:
        return RuleReason(rule, "not_in_force", about, (
            Text(f"{day} 企业尚未成立", f"on {day} the enterprise is not registered yet"),))
    if not subject.exists_on(day.toordinal()):
        return RuleReason(rule, "not_in_force", about, (
            Text(f"{day} 企业已注销", f"on {day} the enterprise is closed"),))
    findings = applicability.explained(facts, item)
    holds = findings.of(rule.condition)
    if holds is None:
        lacking = joined(fact_label(applicability.rulebook, fact)
                         for fact in applicability.missing(rule.condition, facts, item))
        return RuleReason(rule, "unknown", about, (Text(f"缺：{lacking.zh}", f"missing: {lacking.en}"),))
    reasons = list(_Reader(applicability, findings, facts, item).decisive(rule.condition, holds))
    if holds and not reasons:
        reasons.append(Text("没有适用条件", "it has no conditions"))
    if day != subject.as_of:
        reasons.append(Text(f"以上取自到期日 {day} 的情况", f"as things stood on its due date {day}"))
    if holds and isinstance(asked, Periodic) and subject.current.suspended:
        reasons.append(Text("停产停业：这些天不计", "suspended: these days do not count"))
    return RuleReason(rule, "applies" if holds else "not_applicable", about, tuple(dict.fromkeys(reasons)))


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
        fact, value = test.fact, test.value
        if fact.startswith("division_"):
            fact, value = "division", f"{value:0<6}"
        op = OPPOSITE[test.op] if negated else test.op
        if op == "ne" and isinstance(value, bool):
            op, value = "eq", not value
        sign, wanted = _SIGNS[op], value_text(self.applicability.rulebook, fact, value)
        return self._sentence(fact, Text(f"{sign} {wanted.zh}", f"{sign} {wanted.en}"), found is not negated)

    def _members(self, tests: tuple[Condition, ...], found: bool, negated: bool) -> Text:
        """Of a list of which one is asked for: the ones found, or else the whole list."""
        fact = tests[0].fact
        shown = [test for test in tests if self.findings.of(test)] if found else tests
        names = joined(value_text(self.applicability.rulebook, fact, test.value) for test in shown)
        if not found:
            wanted = Text(f"为其中之一：{names.zh}", f"one of {names.en}")
        else:
            wanted = Text(f"为所列 {len(tests)} 项之一（{names.zh}）", f"one of {len(tests)} listed ({names.en})")
        if negated:
            wanted = Text(f"不{wanted.zh}", f"not {wanted.en}")
        return self._sentence(fact, wanted, found is not negated)

    def _sentence(self, fact: str, wanted: Text, met: bool) -> Text:
        value = self._value(fact)
        derived = value is None and fact in self.findings.derived
        if derived:
            value = self.findings.derived[fact]
        rulebook = self.applicability.rulebook
        label, read = fact_label(rulebook, fact), value_text(rulebook, fact, value)
        inferred = Text("（推定）", " (derived)") if derived else Text("", "")
        return Text(
            f"{label.zh}：读到 {read.zh}{inferred.zh}，要求{_spaced(wanted.zh)}，{'' if met else '不'}符合",
            f"{label.en}: read {read.en}{inferred.en}, required {wanted.en}, {'' if met else 'not '}met")

    def _value(self, fact: str) -> FactValue | None:
        if self.item is not None and fact.startswith(f"{self.item.kind}."):
            return self.item.facts.get(fact.partition(".")[2])
        return self.facts.get(fact)


def _spaced(text: str) -> str:
    """A sign stands apart from the Chinese before it."""
    return text if text[0] in "为不" else f" {text}"
