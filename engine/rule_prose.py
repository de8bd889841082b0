"""A rule told in sentences (规则的白话): what is asked, of whom, when, and on what it rests, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from engine.conditions import OPPOSITE, All, AnyOf, Condition, Not, Test
from engine.rulebook import (
    Deadline,
    Duty,
    Ladder,
    Periodic,
    PerObject,
    Procedure,
    RecommendationRule,
    Rule,
    Rulebook,
    Rung,
    State,
)
from engine.wording import (
    ITEMS,
    MEASURES,
    STEPS,
    asked_text,
    duty_label,
    fact_label,
    recommendation_label,
    value_text,
)
from facts.language import Text
from facts.spelling import joined
from facts.vocabulary import ITEM_SHEETS

_SIGNS = {
    "eq": Text("为 {}", "is {}"), "ne": Text("不为 {}", "is not {}"), "gt": Text("超过 {}", "is more than {}"),
    "ge": Text("至少为 {}", "is at least {}"), "lt": Text("不到 {}", "is less than {}"),
    "le": Text("至多为 {}", "is at most {}"), "has": Text("含 {}", "includes {}"),
    "lacks": Text("不含 {}", "does not include {}"),
}
_DATE_SIGNS = _SIGNS | {
    "gt": Text("晚于 {}", "is after {}"), "ge": Text("不早于 {}", "is {} or later"),
    "lt": Text("早于 {}", "is before {}"), "le": Text("不晚于 {}", "is {} or earlier"),
}


def rule_prose(rulebook: Rulebook, duty: Duty, rule: Rule) -> Iterator[Text]:
    """One case of a rule, a line each: what is asked, of whom, when, what shows it, what was assumed."""
    if isinstance(rule.asked, State):
        asked = condition_text(rulebook, rule.asked.condition)
        yield Text(f"要求始终：{asked.zh}", f"Asked at all times: {asked.en}")
    else:
        asked = asked_text(rule.asked)
        yield Text(f"要求：{asked.zh}", f"Asked: {asked.en}")
    yield from _whom(rulebook, rule.condition, authorities=duty.of_authorities)
    yield _when(rule.holds_from, rule.holds_to)
    yield from _shown_by(rulebook, duty, rule)
    yield from _assumed(rule)


def recommendation_prose(rulebook: Rulebook, rule: RecommendationRule) -> Iterator[Text]:
    """A ground for a recommendation, a line each."""
    kind = recommendation_label(rulebook, rule.kind)
    yield Text(f"建议：{kind.zh}（由人决定）", f"Recommended: {kind.en} (a person decides)")
    yield from _ground(rulebook, rule)
    yield from _whom(rulebook, rule.condition)
    yield _when(rule.holds_from, rule.holds_to)
    yield from _assumed(rule)
    yield from _procedure(rule.procedure)


def _ground(rulebook: Rulebook, rule: RecommendationRule) -> Iterator[Text]:
    if not rule.item_kind:
        yield Text("根据：企业本身，自各项条件符合之日起，不再符合之日止",
                   "Ground: the enterprise as a whole, from the day on which all of it is so until it no longer is")
        if rule.good_standing:
            yield Text("须处于良好状态：没有未了结的违规、未整改的重大隐患和因事故隐患提出的建议，也没有不明的义务",
                       "In good standing: no open violation, no major hazard that is not rectified, no recommendation "
                       "on account of an accident or hazard, and no obligation that is unknown")
        if rule.standing_assumed:
            yield Text(f"这一要求是假定：{rule.standing_assumed}",
                       f"That this is asked is assumed: {rule.standing_assumed}")
        return
    item, since = ITEMS[rule.item_kind], fact_label(rulebook, rule.from_fact)
    zh, en = "", ""
    if rule.until_fact is not None:
        until = fact_label(rulebook, rule.until_fact)
        zh, en = f"，至{until.zh}前一日止", f" until the day before its {until.en}"
    yield Text(f"根据：每项{item.zh}，自{since.zh}起{zh}", f"Ground: each {item.en}, from its {since.en}{en}")


def _procedure(procedure: Procedure) -> Iterator[Text]:
    """Who is competent, and which terms run."""
    if procedure.competent is not None:
        yield Text(f"有权机关：{procedure.competent.zh}", f"Competent: {procedure.competent.en}")
        if procedure.competent_assumed:
            yield Text(f"有权机关是假定：{procedure.competent_assumed}",
                       f"That they are is assumed: {procedure.competent_assumed}")
    for figure, zh, en in (
            (procedure.objection, "告知后 {} 日内可提异议", "Objections: within {} days of the notice"),
            (procedure.term, "期限：自确认起 {} 个月", "Term: {} months from the confirmation"),
            (procedure.removable_after, "确认满 {} 个月可提前移出", "May be lifted {} months after the confirmation")):
        if figure is not None:
            yield Text(zh.format(figure.value), en.format(figure.value))
            if figure.assumption:
                yield Text(f"数字 {figure.value} 是假定：{figure.assumption}",
                           f"The number {figure.value} is an assumption: {figure.assumption}")
    if procedure.term is None:
        yield Text("没有期限：提前移出或撤销才终止", "No term: ends only when lifted or revoked")


def ladder_prose(rulebook: Rulebook, ladder: Ladder) -> Iterator[Text]:
    """A ladder, a line each: for which violations, and every step with what brings it and what was assumed."""
    labels = ((duty_label(rulebook, duty), duty) for duty in ladder.duties)
    duties = joined(Text(f"{label.zh}（{duty}）", f"{label.en} ({duty})") for label, duty in labels)
    yield Text(f"用于：{duties.zh}", f"For: {duties.en}")
    last = ladder.last if ladder.last != date.max else None
    yield Text(f"违规发生于 {ladder.first} {f'至 {last}' if last else '起'}",
               f"Violations that open from {ladder.first} {f'to {last}' if last else 'on'}")
    if ladder.assumed_range is not None:
        yield Text(f"时间为假定：{ladder.assumed_range}", f"These dates are assumed: {ladder.assumed_range}")
    for rung in ladder.steps:
        label, further = STEPS[rung.step], list(_brought_by(rung))
        day = Text("违规发生当日", "on the day on which the violation opens") if rung.after == 0 else Text(
            f"违规发生后第 {rung.after} 天", f"{rung.after} days after the violation opened")
        zh = "，".join([f"{rung.level}. {label.zh}：{day.zh}", *(text.zh for text in further)])
        en = ", ".join([f"{rung.level}. {label.en}: {day.en}", *(text.en for text in further)])
        yield Text(f"{zh}（{rung.ref.clause}）", f"{en} ({rung.ref.clause})")
        for figure in dict.fromkeys(rung.figures):
            if figure.assumption:
                yield Text(f"数字 {figure.value} 是假定：{figure.assumption}",
                           f"The number {figure.value} is an assumption: {figure.assumption}")


def _brought_by(rung: Rung) -> Iterator[Text]:
    """What a step waits for besides its day."""
    if rung.streak:
        yield Text(f"连续 {rung.streak} 期未做的", f"if at least {rung.streak} were missed in a row")
    if rung.hazard_level:
        level = (ITEM_SHEETS["hazard"].column("level").choices or {})[rung.hazard_level]
        yield Text(f"限{level.zh}隐患", f"only of a {level.en} hazard")
    if rung.refused:
        yield Text("且企业拒不整改，不早于拒不整改日期", "once rectification is refused")
    if rung.steps_taken:
        yield Text(f"且之前已到 {rung.steps_taken} 级", f"once {rung.steps_taken} of the steps before are due")


def _assumed(rule: Rule | RecommendationRule) -> Iterator[Text]:
    """What no source prints, with the reason for it."""
    if rule.assumed_range is not None:
        yield Text(f"时间为假定：{rule.assumed_range}", f"These dates are assumed: {rule.assumed_range}")
    for figure in dict.fromkeys(rule.figures):
        if figure.assumption:
            yield Text(f"假定：{figure.value}（{figure.assumption}）", f"Assumed: {figure.value} ({figure.assumption})")


def _whom(rulebook: Rulebook, condition: Condition, *, authorities: bool = False) -> Iterator[Text]:
    parts = tuple(_parts(rulebook, condition))
    if not parts:
        yield Text("对象：所有企业", "Of whom: every enterprise")
        return
    who = Text("部门", "authorities") if authorities else Text("企业", "enterprises")
    yield Text(f"对象：同时符合以下各项的{who.zh}", f"Of whom: {who.en} of which all of this is true")
    for part in parts:
        text = condition_text(rulebook, part)
        yield Text(f"  - {text.zh}", f"  - {text.en}")


def _parts(rulebook: Rulebook, condition: Condition) -> Iterator[Condition]:
    """The conditions that all must hold, those of the pack's scope among them."""
    match condition:
        case All(parts):
            for part in parts:
                yield from _parts(rulebook, part)
        case Test(fact) if fact.startswith("scope_"):
            yield from _parts(rulebook, {d.fact: d.condition for d in rulebook.derived}[fact])
        case _:
            yield condition


def _when(first: date, last: date) -> Text:
    if last.year == date.max.year:
        return Text(f"时间：自 {first} 起", f"When: from {first} on")
    return Text(f"时间：{first} 至 {last}（含首尾）", f"When: {first} to {last}, both included")


def _shown_by(rulebook: Rulebook, duty: Duty, rule: Rule) -> Iterator[Text]:
    match rule.asked:
        case Periodic(unit=unit, remind_before=remind):
            days = unit.remind_before if remind is None else remind
        case Deadline(since=since, remind_before=days):
            if since is not None:
                yield Text(f"此前的记录不算：{since}", f"Records before this day do not count: {since}")
        case PerObject(_, done_on, _, _, _, days):
            label = fact_label(rulebook, done_on)
            yield Text(f"凭证：{label.zh}", f"Shown by: the {label.en} of the object")
        case _:
            return
    if duty.record is not None:
        kind = rulebook.kinds[duty.record]
        zh, en = f"凭证：履职记录“{kind.zh}”（{duty.record}）", f"Shown by: records of “{kind.en}” ({duty.record})"
        if duty.measure is not None:
            measure = MEASURES[duty.measure]
            zh, en = f"{zh}的数量（{measure.zh}）", f"{en}, by their amounts ({measure.en})"
        yield Text(zh, en)
    yield Text(f"提醒：到期前 {days} 日", f"Reminder: {days} days before it is due")


def condition_text(rulebook: Rulebook, condition: Condition) -> Text:
    """A condition in words."""
    match condition:
        case Test(fact) if fact.startswith("scope_"):
            return condition_text(rulebook, {d.fact: d.condition for d in rulebook.derived}[fact])
        case Test(fact, op, value) if fact.startswith("division_"):
            code = f"{value:0<6}"
            zh, en = ("", "") if op == "eq" else ("不", "not ")
            return Text(f"行政区划{zh}属 {code}", f"the division is {en}within {code}")
        case Test(fact, "eq" | "ne" as op, bool() as value):
            label, shown = fact_label(rulebook, fact), value_text(rulebook, fact, value is (op == "eq"))
            return Text(f"{label.zh}：{shown.zh}", f"{label.en}: {shown.en}")
        case Test(fact, op, value):
            sign = (_DATE_SIGNS if isinstance(value, date) else _SIGNS)[op]
            label, shown = fact_label(rulebook, fact), value_text(rulebook, fact, value)
            return Text(f"{label.zh}{sign.zh.format(shown.zh)}", f"{label.en} {sign.en.format(shown.en)}")
        case Not(Test(fact, op, value)):
            return condition_text(rulebook, Test(fact, OPPOSITE[op], value))
        case Not(Not(part)):
            return condition_text(rulebook, part)
        case Not(All(parts)):
            return condition_text(rulebook, AnyOf(tuple(Not(part) for part in parts)))
        case Not(AnyOf(parts)) if not _members(parts):
            return condition_text(rulebook, All(tuple(Not(part) for part in parts)))
        case Not(AnyOf(parts)):
            names = _names(rulebook, parts)
            return Text(f"行业领域不含：{names.zh}", f"sectors include none of {names.en}")
        case AnyOf(parts) if _members(parts):
            names = _names(rulebook, parts)
            return Text(f"行业领域含其中之一：{names.zh}", f"sectors include one of {names.en}")
        case AnyOf(parts):
            return _linked(rulebook, parts, Text(" 或 ", " or "))
        case All(parts):
            return _linked(rulebook, parts, Text(" 且 ", " and "))
    raise AssertionError(condition)


def _members(parts: tuple[Condition, ...]) -> bool:
    return bool(parts) and all(isinstance(part, Test) and part.op == "has" for part in parts)


def _names(rulebook: Rulebook, parts: tuple[Condition, ...]) -> Text:
    return joined(value_text(rulebook, "sectors", part.value) for part in parts if isinstance(part, Test))


def _linked(rulebook: Rulebook, parts: tuple[Condition, ...], word: Text) -> Text:
    texts = [condition_text(rulebook, part) for part in parts]
    if len(texts) == 1:
        return texts[0]
    return Text(f"（{word.zh.join(t.zh for t in texts)}）", f"({word.en.join(t.en for t in texts)})")
