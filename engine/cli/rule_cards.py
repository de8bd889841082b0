"""How ``zhiben rules show`` looks (规则的展示): citation, prose in both languages, and the calendar of a year."""

from __future__ import annotations

from collections.abc import Iterable

from engine.cli.terminal import Terminal
from engine.rule_calendar import calendar_of
from engine.rule_prose import ladder_prose, recommendation_prose, rule_prose
from engine.rulebook import Duty, Ladder, PerObject, RecommendationRule, Rule, Rulebook, RuleGroup, RuleRef, State
from engine.wording import asked_text, duty_label
from facts.language import Language, Text


def show_rule(rulebook: Rulebook, duty: Duty, group: RuleGroup, year: int, language: Language) -> None:
    """A rule, case by case, and its dates in ``year``."""
    out, label = Terminal(), duty_label(rulebook, duty.name)
    out.say(f"{group.titles.zh} · {group.titles.en}", "bold")
    out.say(f"{group.id} · {group.pack} · {label.zh} · {label.en} ({duty.name})")
    cited: RuleRef | None = None
    for n, rule in enumerate(group.cases, 1):
        if cited is None or (cited.clause, cited.quote) != (rule.ref.clause, rule.ref.quote):
            _cite(out, rule.ref)
            cited = rule.ref
        title = f"情形 {n} · case {n}" if len(group.cases) > 1 else ""
        _both(out, title, rule_prose(rulebook, duty, rule))
    for n, rule in enumerate(group.cases, 1):
        _calendar(out, rule, f"{n} " if len(group.cases) > 1 else "", year, language)


def show_recommendation(rulebook: Rulebook, rule: RecommendationRule) -> None:
    """A ground for a recommendation."""
    out = Terminal()
    out.say(f"{rule.titles.zh} · {rule.titles.en}", "bold")
    out.say(f"{rule.ref.id} · {rule.pack}")
    _cite(out, rule.ref)
    _both(out, "", recommendation_prose(rulebook, rule))


def show_ladder(rulebook: Rulebook, ladder: Ladder) -> None:
    """What follows upon violations, step by step."""
    out = Terminal()
    out.say(f"{ladder.titles.zh} · {ladder.titles.en}", "bold")
    out.say(f"{ladder.ref.id} · {ladder.pack}")
    _cite(out, ladder.ref)
    _both(out, "", ladder_prose(rulebook, ladder))


def _cite(out: Terminal, ref: RuleRef) -> None:
    out.say()
    out.say(f"《{ref.document}》{ref.clause}")
    out.say(f"“{ref.quote}”", "dim")


def _both(out: Terminal, title: str, lines: Iterable[Text]) -> None:
    lines = list(lines)
    out.say()
    if title:
        out.say(title, "bold")
    for language in ("zh", "en"):
        for line in lines:
            out.say(line(language), indent=2)
        if language == "zh":
            out.say()


def _calendar(out: Terminal, rule: Rule, number: str, year: int, language: Language) -> None:
    asked = asked_text(rule.asked)(language)
    title = Text(f"{year} 年日历：{number}{asked}", f"Calendar of {year}: {number}{asked}")(language)
    entries = calendar_of(rule, year)
    if not entries:
        out.say()
        out.say(title, "bold")
        out.say(_nothing(rule, year)(language), indent=2)
        return
    columns = {"zh": ("期间", "起", "到期", "提醒自", "说明"), "en": ("period", "from", "due", "reminder from", "note")}
    out.show(title, columns[language],
             [(e.key, str(e.starts_on or ""), str(e.due_on or ""), str(e.remind_on or ""),
               e.note(language) if e.note else "") for e in entries], whole=(0, 1, 2, 3))


def _nothing(rule: Rule, year: int) -> Text:
    if rule.holds_from.year > year or rule.holds_to.year < year:
        return Text("这一年规则不生效", "the rule does not hold in this year")
    if isinstance(rule.asked, State):
        return Text("生效期内每一天", "every day on which the rule holds")
    if isinstance(rule.asked, PerObject) and rule.asked.due_date is None:
        return Text("日期随各个对象而定，见上", "its dates depend on each object, see above")
    return Text("这一年没有到期的日子", "no date in this year")
