"""What verdicts, statuses and recommendations are called in both languages (用语)."""

from __future__ import annotations

from collections.abc import Mapping

from engine.pack_names import AUTHORITY_KIND
from engine.periods import Unit
from engine.rulebook import Asked, Deadline, Periodic, PerObject, Rulebook
from engine.tally import MISSING_AMOUNT
from facts.language import Text
from facts.spelling import joined
from facts.vocabulary import AUTHORITIES, ENTERPRISES, ITEM_SHEETS, RECORDS, Column

VERDICTS: Mapping[str, Text] = {
    "fulfilled": Text("已履行", "fulfilled"),
    "pending": Text("未到期", "pending"),
    "due_soon": Text("即将到期", "due soon"),
    "unknown": Text("情况不明", "unknown"),
    "violated": Text("违规", "violated"),
    "made_up": Text("逾期补做", "made up"),
    "waived": Text("已豁免", "waived"),
}

STATUSES: Mapping[str, Text] = {
    "open": Text("未了结", "open"),
    "closed": Text("已补做了结", "closed"),
    "lapsed": Text("已失效", "lapsed"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "waived": Text("已豁免", "waived"),
    "proposed": Text("已提出", "proposed"),
    "unknown": Text("缺情况，暂缓", "held back, a fact is missing"),
    "notified": Text("已告知", "notified"),
    "objected": Text("提出异议", "objected"),
    "confirmed": Text("已确认", "confirmed"),
    "rejected": Text("未采纳", "rejected"),
    "expired": Text("已到期", "expired"),
    "lifted": Text("已提前移出", "lifted"),
    "revoked": Text("已撤销", "revoked"),
}

RECOMMENDATIONS: Mapping[str, Text] = {
    "blacklist": Text("列入黑名单", "blacklist"),
    "withhold_policy_support": Text("不再给予示范、引导性政策支持", "withhold policy support"),
    "lifetime_ban": Text("终身不得担任本行业主要负责人", "lifetime ban"),
    "standardization_veto": Text("标准化一票否决", "standardization veto"),
    "reduce_inspections": Text("减少检查频次", "reduce inspections"),
}

#: The steps of ladders, the last three as recommendations to those who may order them.
STEPS: Mapping[str, Text] = {
    "remind": Text("提醒", "reminder"),
    "urge": Text("督促整改", "urged to rectify"),
    "letter": Text("函告", "notice by letter"),
    "circular": Text("通报", "circular"),
    "summon": Text("约谈", "summons to a talk"),
    "listed_supervision": Text("挂牌督办", "listed supervision"),
    "hand_over": Text("移交", "handed over"),
    "expose": Text("曝光", "public exposure"),
    "treat_as_accident": Text("建议参照事故调查处理", "recommended: to be investigated like an accident"),
    "suspend_business": Text("建议停产整顿", "recommended: business to be suspended"),
    "punish_unit_and_person": Text("建议一案双罚", "recommended: unit and person both to be punished"),
}

#: What holds a step back.
HELD: Mapping[str, Text] = {
    "suspended": Text("停产停业", "business suspended"),
    "waived": Text("已豁免", "waived"),
}

ACCIDENT_CLASSES: Mapping[str, Text] = {
    "ordinary": Text("一般事故", "ordinary accident"),
    "large": Text("较大事故", "large accident"),
    "major": Text("重大事故", "major accident"),
    "extraordinary": Text("特别重大事故", "extraordinary accident"),
}

#: What the amounts of records are counted in.
MEASURES: Mapping[str, Text] = {"hours": Text("学时", "hours"), "cases": Text("件", "cases")}

#: Instead of a period or object, where something must be so at all times.
STATE = Text("现状", "at all times")

ITEMS: Mapping[str, Text] = {
    "hazard": Text("隐患", "hazard"),
    "accident": Text("事故", "accident"),
    "exhibition": Text("展会", "exhibition"),
    "certificate": Text("证书", "certificate"),
}


def duty_label(rulebook: Rulebook, duty: str) -> Text:
    """What a duty is called."""
    label = rulebook.duties[duty].label if duty in rulebook.duties else Text(duty, duty)
    return Text(label.zh, label.en[:1].upper() + label.en[1:])


def fact_label(rulebook: Rulebook, fact: str) -> Text:
    """What a fact is called: a column's label, ``hazard.level`` as 隐患·等级, a missing claim as 台账是否齐全."""
    if fact.startswith("coverage:"):
        kind = rulebook.kinds.get(fact.partition(":")[2], Text(fact, fact))
        return Text(f"“{kind.zh}”台账是否齐全", f"whether records of “{kind.en}” are complete")
    if fact in rulebook.declared:
        return rulebook.declared[fact].label
    if fact in rulebook.inferred and _column(fact) is None:
        return rulebook.inferred[fact]
    if fact == AUTHORITY_KIND:
        return AUTHORITIES.column("kind").label
    if fact == MISSING_AMOUNT:
        return Text(f"{RECORDS.label.zh}的{RECORDS.column('amount').label.zh}", "the amount of a record")
    about, _, name = fact.rpartition(".")
    kind, _, id = about.partition(":")
    column = _column(fact)
    label = column.label if column else Text(name, name)
    if kind not in ITEMS:
        return label
    return Text(f"{ITEMS[kind].zh}{id}·{label.zh}", f"{ITEMS[kind].en} {id} {label.en}".replace("  ", " "))


def recommendation_label(rulebook: Rulebook, kind: str) -> Text:
    """What a recommendation is called; a kind that the program does not know goes by the titles of its rule."""
    titled = (rule.titles for rule in rulebook.recommendations if rule.kind == kind)
    return RECOMMENDATIONS.get(kind) or next(titled, Text(kind, kind))


def held_text(cause: str, rulebook: Rulebook) -> Text:
    """What holds a step back; a cause that is not known here stands for itself."""
    kind, _, fact = cause.partition(":")
    if kind == "missing" and fact:
        label = fact_label(rulebook, fact)
        return Text(f"缺：{label.zh}", f"missing: {label.en}")
    return HELD.get(cause, Text(cause, cause))


def object_label(identified: str) -> Text:
    """What a fact is called on which a recommendation rests: ``accident:SG-001`` as 事故 SG-001, a column by its label.
    """
    kind, _, id = identified.partition(":")
    if kind == "enterprise":
        return Text(f"企业 {id}", f"enterprise {id}")
    if kind in ITEMS:
        return Text(f"{ITEMS[kind].zh} {id}", f"{ITEMS[kind].en} {id}")
    column = _column(identified)
    return column.label if column else Text(identified, identified)


def value_text(rulebook: Rulebook, fact: str, value: object) -> Text:
    """A value of ``fact`` as people write it: 是/否, a sector or a level by its name; ``None`` is not known."""
    named = {"sectors": rulebook.sectors, AUTHORITY_KIND: rulebook.authority_kinds}
    column = _column(fact)
    choices = named.get(fact) or (column.choices if column and column.choices else {})
    match value:
        case None:
            return Text("未知", "not known")
        case bool():
            return Text("是", "yes") if value else Text("否", "no")
        case tuple():
            return joined(value_text(rulebook, fact, v) for v in value) if value else Text("无", "none")
        case str() if value in choices:
            return choices[value]
    return Text(str(value), str(value))


def _column(fact: str) -> Column | None:
    about, _, name = fact.rpartition(".")
    sheet = ITEM_SHEETS.get(about.partition(":")[0], ENTERPRISES)
    return next((column for column in sheet.columns if column.name == name), None)


def asked_text(asked: Asked) -> Text:
    """What one case of a rule asks for, in a few words."""
    match asked:
        case Periodic(unit, at_least, within, _, measure):
            per, count = _unit(unit), _count(at_least, measure)
            zh, en = f"每{per.zh}至少 {count.zh}", f"at least {count.en} {per.en}"
            if within is not None:
                zh += f"，在其第 {within[0]} 至 {within[1]} 日内"
                en += f", on its days {within[0]} to {within[1]}"
            return Text(zh, en)
        case Deadline(due, at_least, _, _, measure):
            count = _count(at_least, measure)
            return Text(f"{due} 前（含当日）至少 {count.zh}", f"at least {count.en} by {due} inclusive")
        case PerObject(kind, _, None, _, due):
            return Text(f"每项{ITEMS[kind].zh}：{due} 前（含当日）", f"each {ITEMS[kind].en}: by {due} inclusive")
        case PerObject(kind, _, of, days):
            column = _column(of)
            label = column.label if column else Text(of, of)
            zh = f"{'后' if days > 0 else '前'} {abs(days)} 日" if days else ""
            en = f"{abs(days)} day{'s' * (abs(days) != 1)} {'after' if days > 0 else 'before'} its " if days else "its "
            return Text(f"每项{ITEMS[kind].zh}：不晚于{label.zh}{zh}",
                        f"each {ITEMS[kind].en}: no later than {en}{label.en}")
    return Text("应始终如此", "at all times")


def _count(at_least: int, measure: str | None) -> Text:
    if measure is None:
        return Text(f"{at_least} 次", str(at_least))
    name = MEASURES[measure]
    return Text(f"{at_least} {name.zh}", f"{at_least} {name.en}")


def _unit(unit: Unit) -> Text:
    named = {1: Text("月", "a month"), 3: Text("季度", "a quarter"), 6: Text("半年", "a half-year"),
             12: Text("年", "a year")}
    if unit.months in named:
        return named[unit.months]
    if unit.months > 12:
        return Text(f" {unit.months // 12} 年", f"every {unit.months // 12} years")
    return Text(f" {unit.months} 个月", f"every {unit.months} months")
