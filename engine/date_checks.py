"""Rules that no day can bring to bear (规则日期的检查): dates outside the effective range, ranges without a period."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from engine.calendar import asked_periods
from engine.findings import Findings, Level
from engine.holding import Holding
from engine.rulebook import Periodic, Rule, Rulebook
from engine.written_rules import WrittenCase, WrittenRule
from engine.yaml_source import Path

#: A range that is open, or longer than this, has a period of any unit whole within it.
_SEVERAL_YEARS = timedelta(days=3 * 366)


def check_dates(rule: WrittenRule, findings: Findings) -> None:
    """Deadlines and fixed due dates that lie outside the days on which the rule may hold."""
    for case in rule.cases:
        deadline, due = case.asks.get("deadline"), case.asks.get("due")
        for key, day in (("deadline", deadline), ("due", due[2] if due else None)):
            if day is None or rule.first <= day <= rule.last:
                continue
            path = (*_holder(rule, case, key), key)
            if day < rule.first:
                findings.add(path, "dead-rule", Level.ERROR,
                             f"期限 {day} 早于规则生效之日 {rule.first}（含 judged_from），谁也不会受它约束",
                             f"the date {day} lies before the first day on which the rule holds, {rule.first} "
                             "(judged_from counted); it binds nobody")
            else:
                findings.add(path, "dead-rule", Level.WARNING,
                             f"期限 {day} 晚于规则失效之日 {rule.last}，到期时规则已失效，不会判为违规",
                             f"the date {day} lies after the last day on which the rule holds, {rule.last}; missing it "
                             "will never be a violation")


def _holder(rule: WrittenRule, case: WrittenCase, key: str) -> Path:
    """Where ``key`` is written: in the case itself or in its rule."""
    return case.path if getattr(case.written, key) is not None else rule.path


def check_periods(rulebook: Rulebook, places: Mapping[str, tuple[WrittenRule, Findings]]) -> None:
    """Periodic rules, alone in their duty, in whose effective range not one period is ever in force."""
    for duty in rulebook.duties.values():
        for rule in duty.rules:
            if len(duty.groups) > 1 or rule.ref.id not in places or not isinstance(rule.asked, Periodic):
                continue
            if rule.holds_to - rule.holds_from > max(_SEVERAL_YEARS, timedelta(days=62 * rule.asked.unit.months)):
                continue
            if not asked_periods((always(rule),), (), rule.holds_to.toordinal()):
                written, findings = places[rule.ref.id]
                findings.add(written.cases[rule.case].path, "dead-rule", Level.ERROR,
                             f"自 {rule.holds_from} 至 {rule.holds_to} 没有一个期间过半生效并延续到期末，"
                             "规则什么也不要求",
                             f"from {rule.holds_from} to {rule.holds_to} no period has half of its days and its last "
                             "day; the rule asks for nothing")


def always(rule: Rule, until: date | None = None) -> Holding:
    """The rule held on every day on which it may hold, for asking which periods that gives."""
    return Holding(rule, rule.holds_from.toordinal(), min(until or rule.holds_to, rule.holds_to).toordinal())
