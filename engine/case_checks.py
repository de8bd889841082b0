"""Rules and cases that cannot do what they seem to (规则与情形的检查): dead, gaps, overlaps, contradictions.

Each question is put to :class:`~engine.satisfiability.Possibilities`; a rule that is too complex for it is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from engine.conditions import ALWAYS, Condition, Not, TooComplex, all_of, facts_read
from engine.findings import Findings, Level
from engine.satisfiability import Possibilities, Witness, witness_text
from engine.written_rules import WrittenCase, WrittenRule, WrittenWhen
from engine.yaml_source import Path


def check_rule(rule: WrittenRule, possible: Possibilities, findings: Findings) -> None:
    """What is wrong with one rule by itself."""
    try:
        if possible.witness(rule.base) is None:
            _dead_when(rule.path, rule.base, findings)
            return
        live = _check_reached(rule, possible, findings)
        _check_gap(rule, possible, findings)
        _check_overlaps(rule, live, possible, findings)
        for case in live:
            _check_state(rule, case, possible, findings)
    except TooComplex:
        return


def check_when(item: WrittenWhen, possible: Possibilities, findings: Findings) -> None:
    """Whether a derived fact or recommendation can ever come about."""
    try:
        if possible.witness(item.condition) is None:
            _dead_when(item.path, item.condition, findings)
    except TooComplex:
        return


def _dead_when(path: Path, condition: Condition, findings: Findings) -> None:
    facts = [fact for fact in facts_read(condition) if fact != "sectors"]
    zh, en = "、".join(facts), ", ".join(facts)
    if not facts:
        zh, en = "sectors（连同规则包的 sectors）", "sectors (with the pack's sectors)"
    findings.add((*path, "when"), "dead-rule", Level.ERROR,
                 f"条件自相矛盾，永远不成立；请检查 {zh}",
                 f"the conditions contradict each other and never hold; check {en}", key=True)


def _check_reached(rule: WrittenRule, possible: Possibilities, findings: Findings) -> list[WrittenCase]:
    """The cases that something can match; the others are reported."""
    live: list[WrittenCase] = []
    for n, case in enumerate(rule.cases):
        earlier = rule.cases[:n]
        # A case after one without `when` is the loader's to report.
        if any(other.matches == ALWAYS for other in earlier):
            break
        if possible.witness(rule.base, case.matches) is None:
            _dead_when(case.path, case.matches, findings)
        elif possible.witness(rule.base, case.matches, *(Not(other.matches) for other in earlier)) is None:
            covering = [k for k, other in enumerate(earlier) if possible.witness(
                rule.base, case.matches, Not(other.matches)) is None]
            zh = f"第 {covering[0] + 1} 个情形（第 {findings.line(rule.cases[covering[0]].path)} 行）" \
                if covering else "前面各情形合起来"
            en = f"case {covering[0] + 1} (line {findings.line(rule.cases[covering[0]].path)})" \
                if covering else "those before it together"
            findings.add(case.path, "dead-rule", Level.ERROR,
                         f"永远轮不到第 {n + 1} 个情形：{zh}已包括它的全部条件；请把较窄的情形移到前面，或删去",
                         f"case {n + 1} can never apply: {en} took all of it already; put the narrower case first, or "
                         "remove this one")
        else:
            live.append(case)
    return live


def _check_gap(rule: WrittenRule, possible: Possibilities, findings: Findings) -> None:
    left = possible.witness(rule.base, *(Not(case.matches) for case in rule.cases))
    if left is not None and rule.written.cases:
        read = {fact for case in rule.cases for fact in facts_read(case.matches)}
        shown = _shown({fact: value for fact, value in left.items() if fact in read})
        findings.add((*rule.path, "cases"), "gap", Level.WARNING,
                     f"各情形之间有空当，例如 {shown} 时不要求任何事；"
                     "若属有意，请把共同的前提写进规则的 when，否则补一个情形",
                     f"the cases leave a gap: nothing is asked with {shown}; put what they have in common into the "
                     "rule's when if that is meant, or else add a case", key=True)


def _check_overlaps(rule: WrittenRule, live: Sequence[WrittenCase], possible: Possibilities,
                    findings: Findings) -> None:
    for one, other in combinations(live, 2):
        if one.asks == other.asks or other.matches == ALWAYS or possible.implies(one.matches, other.matches):
            continue
        both = possible.witness(rule.base, one.matches, other.matches)
        if both is None:
            continue
        loose = one.looser_than(other)
        first, second = (rule.cases.index(case) + 1 for case in (one, other))
        shown = _shown(both)
        zh = f"第 {first}、{second} 个情形都符合 {shown}，以先写的为准"
        en = f"cases {first} and {second} both match {shown}; the first one counts"
        if loose:
            zh, en = f"{zh}，而先写的要求较松；请核对次序", f"{en}, and it asks for less; check their order"
        findings.add(other.path, "overlap", Level.WARNING if loose else Level.NOTE, zh, en)


def _check_state(rule: WrittenRule, case: WrittenCase, possible: Possibilities, findings: Findings) -> None:
    if case.state is None:
        return
    if possible.witness(rule.base, case.matches, case.state) is None:
        findings.add((*case.path, "state"), "impossible", Level.ERROR,
                     "适用本规则的企业谁也达不到这一状态：它与适用条件矛盾",
                     "nobody to whom the rule applies can be in this state: it contradicts the rule's conditions",
                     key=True)
    elif possible.witness(rule.base, case.matches, Not(case.state)) is None:
        findings.add((*case.path, "state"), "dead-rule", Level.ERROR,
                     "适用本规则的企业必然处于这一状态，规则等于没有要求",
                     "whoever the rule applies to is in this state anyway; the rule asks for nothing", key=True)


def check_contradictions(rules: Sequence[WrittenRule], possible: Possibilities, findings: Findings) -> None:
    """Rules of one duty that ask differently of the very same enterprises at the same time.

    Of one document that is an error; two documents may disagree, and the stricter is what the engine asks for.
    """
    for one, other in combinations(rules, 2):
        if one.written.duty != other.written.duty or one.first > other.last or other.first > one.last:
            continue
        for a, b in ((a, b) for a in one.cases for b in other.cases):
            try:
                mine, theirs = _applies(one, a), _applies(other, b)
                if not _differ(a, b) or possible.witness(mine) is None or not possible.equal(mine, theirs):
                    continue
            except TooComplex:
                continue
            same = one.document == other.document
            line = findings.line(a.path)
            findings.add(b.path, "contradiction", Level.ERROR if same else Level.WARNING,
                         f"与第 {line} 行的规则“{one.written.id}”条件相同而要求不同（同一义务“{one.written.duty}”）；"
                         "请改正其一、合并，或写明各自的条件",
                         f"same conditions as the rule {one.written.id!r} on line {line}, but another demand (of the "
                         f"duty {one.written.duty!r}); correct one, join them, or say how their conditions differ")
            break


def _differ(a: WrittenCase, b: WrittenCase) -> bool:
    """Whether both demands cannot be meant of one enterprise."""
    if a.asks == b.asks or a.asks.keys() & {"state"} or b.asks.keys() & {"state"}:
        return False
    # Two dates of an object each bind, the earlier first; two terms from one date do not.
    if "for_each" in a.asks and "for_each" in b.asks:
        return a.asks["due"][0] == b.asks["due"][0]
    return True


def _applies(rule: WrittenRule, case: WrittenCase) -> Condition:
    """To whom this case applies: none of the earlier ones does."""
    earlier = rule.cases[:rule.cases.index(case)]
    return all_of(rule.base, case.matches, *(Not(other.matches) for other in earlier))


def _shown(values: Witness) -> str:
    return f"{{{witness_text(values)}}}"
