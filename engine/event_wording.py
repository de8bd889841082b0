"""What events of the journal are called in words (事件的说法)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.operators import ACTIONS, ROLES
from engine.rulebook import Rulebook
from engine.wording import STEPS, duty_label, recommendation_label
from facts.language import Text
from facts.store.journal import Seal
from facts.vocabulary import SHEETS

Event = Mapping[str, Any]

#: What a seal's kind is called.
SEALS: Mapping[str, Text] = {
    "import": Text("导入", "import"),
    "undo": Text("撤销导入", "import undone"),
    "sweep": Text("巡查", "sweep"),
    "waiver": Text("豁免", "waiver"),
    "waiver_ended": Text("终止豁免", "waiver ended"),
    "adopt": Text("补记", "entered afterwards"),
    "letters": Text("制发文书", "letters written"),
    "delivery": Text("送达", "letters sent"),
    "letter_void": Text("文书作废", "letter void"),
    "case": Text("办理建议", "case"),
    "operator": Text("变更经办人员", "operators changed"),
    "refused": Text("拒绝办理", "refused"),
}

#: How an author is known.
_KNOWN_BY: Mapping[str, Text] = {
    "token": Text("凭令牌", "by token"),
    "said": Text("自称", "as said"),
}
_CHANGES: Mapping[str, Text] = {
    "added": Text("登记", "added"),
    "role": Text("变更角色", "role changed"),
    "token": Text("换发令牌", "new token"),
    "removed": Text("移除", "removed"),
    "hashed anew": Text("重算令牌哈希", "token hashed anew"),
}
_WHY: Mapping[str, Text] = {
    "no token": Text("没有令牌", "no token"),
    "token": Text("令牌无效", "token not valid"),
    "name": Text("姓名与令牌不符", "name is not the token's"),
    "role": Text("角色不允许", "not allowed to the role"),
    "operators changed": Text("经办人员表被改动", "the table of operators was changed"),
    "action": Text("未获准", "not allowed"),
}


def author_text(seal: Seal) -> Text:
    """Who made a seal, and how that is known; empty where nobody is named."""
    if seal.author is None:
        return Text("", "")
    known = _KNOWN_BY.get(_said(seal).get("author_by", ""))
    return Text(f"{seal.author}（{known.zh}）", f"{seal.author} ({known.en})") if known else _same(seal.author)


def seal_text(seal: Seal) -> Text:
    """What a seal is about, in one line."""
    said = _said(seal)
    if seal.kind == "operator":
        change, role = _CHANGES.get(str(said.get("change")), _same("?")), ROLES.get(str(said.get("role")), _same(""))
        return Text(f"{change.zh} {said.get('name')} {role.zh}".rstrip(),
                    f"{change.en} {said.get('name')} {role.en}".rstrip())
    if seal.kind == "refused":
        action, why = ACTIONS.get(str(said.get("action"))), _WHY.get(str(said.get("why")), _same("?"))
        label = action.label if action else _same(str(said.get("action")))
        about = " ".join(filter(None, (said.get("about"), said.get("claimed") and f"--by {said['claimed']}")))
        return Text(" ".join(filter(None, (label.zh, about, f"（{why.zh}）"))),
                    " ".join(filter(None, (label.en, about, f"({why.en})"))))
    return _same(" ".join(str(said[name]) for name in ("as_of", "source", "revision") if said.get(name) is not None))


def _said(seal: Seal) -> Mapping[str, Any]:
    try:
        return seal.said
    except ValueError:
        return {"source": "?"}

_KINDS: Mapping[str, Text] = {
    "facts": Text("台账登记", "facts entered"),
    "adopted": Text("违规（补记）", "violation (entered afterwards)"),
    "opened": Text("违规发生", "violation opened"),
    "joined": Text("增加依据", "a further legal basis"),
    "waived": Text("受豁免", "waived"),
    "resumed": Text("豁免期满，违规继续", "no longer waived"),
    "closed": Text("违规了结", "violation closed"),
    "lapsed": Text("违规终止", "violation lapsed"),
    "withdrawn": Text("违规撤回", "violation withdrawn"),
    "corrected": Text("违规更正", "violation corrected"),
    "reopened": Text("违规重新计入", "violation open again"),
    "found_again": Text("违规再次认定", "violation found again"),
    "step": Text("措施", "step"),
    "proposed": Text("提出建议", "proposed"),
    "ground": Text("建议增加理由", "a further ground"),
    "ground_ended": Text("建议的一项理由消失", "a ground ended"),
    "ended": Text("建议的理由消失", "its grounds ended"),
    "case_corrected": Text("建议更正", "recommendation corrected"),
    "case_adopted": Text("建议（补记）", "recommendation (entered afterwards)"),
    "grounds_gone": Text("已确认的建议不再有根据", "grounds of what was confirmed have gone"),
    "grounds_back": Text("已确认的建议又有根据", "grounds of what was confirmed are back"),
    "case_withdrawn": Text("建议撤回", "recommendation withdrawn"),
    "notified": Text("告知", "notified"),
    "objected": Text("提出异议", "objection"),
    "confirmed": Text("确认", "confirmed"),
    "rejected": Text("不予采纳", "rejected"),
    "expired": Text("期满", "expired"),
    "lifted": Text("提前移出", "lifted"),
    "revoked": Text("撤销", "revoked"),
    "waiver": Text("录入豁免", "waiver entered"),
    "waiver_ended": Text("终止豁免", "waiver ended"),
    "letter": Text("制发文书", "letter written"),
    "letter_item": Text("文书事项", "matter of a letter"),
    "delivered": Text("文书送达", "letter sent"),
    "letter_void": Text("文书作废", "letter void"),
}


def kind_text(event: Event) -> Text:
    """What kind of event it is."""
    return _KINDS.get(event["kind"], Text(event["kind"], event["kind"]))


def event_text(event: Event, rulebook: Rulebook) -> Text:
    """One event in one line, without its date."""
    about = [kind_text(event), *_about(event, rulebook)]
    return Text(" ".join(text.zh for text in about if text.zh), " ".join(text.en for text in about if text.en))


def _about(event: Event, rulebook: Rulebook) -> list[Text]:
    found: list[Text] = []
    if "step" in event and event["kind"] == "step":
        label = STEPS[event["step"]]
        found.append(Text(f"“{label.zh}”（{event['due_on']} 到期）", f"“{label.en}” (due on {event['due_on']})"))
    if event.get("duty"):
        label = duty_label(rulebook, event["duty"])
        found.append(Text(label.zh, label.en))
    found += [_same(str(event[name])) for name in ("key", "number", "id", "waiver") if event.get(name) is not None]
    if event.get("case"):
        if event.get("recommendation"):
            label = recommendation_label(rulebook, event["recommendation"])
            found.append(Text(f"“{label.zh}”", f"“{label.en}”"))
        found.append(_same(event["case"]))
    for names, say in _FURTHER:
        found += [say(event[name]) for name in names if event.get(name) not in (None, "", [])]
    if event["kind"] == "facts":
        found.append(_facts(event))
    return found


def _same(text: str) -> Text:
    return Text(text, text)


def _facts(event: Event) -> Text:
    """Which sheets an import or undo changed, with the number of rows that came and went."""
    shown = []
    for name, kept in event["sheets"].items():
        label = next(sheet.label for sheet in SHEETS if sheet.name == name)
        came, went = len(kept.get("added", "")) // 8, len(kept.get("ended", "")) // 8
        shown.append(Text(f"{label.zh} +{came}" + (f" −{went}" if went else ""),
                          f"{label.en} +{came}" + (f" −{went}" if went else "")))
    return Text(f"（第 {event['revision']} 号）" + "、".join(t.zh for t in shown),
                f"({event['revision']}) " + ", ".join(t.en for t in shown))


_FURTHER: tuple[tuple[tuple[str, ...], Callable[[Any], Text]], ...] = (
    (("rules",), lambda rules: Text(f"依据 {'、'.join(rules)}", f"by {', '.join(rules)}")),
    (("rule",), lambda rule: Text(f"依据 {rule}", f"by {rule}")),
    (("grounds",), lambda grounds: Text("理由 " + "、".join(g["rule"] for g in grounds),
                                        "on " + ", ".join(g["rule"] for g in grounds))),
    (("first_day",), lambda day: Text(f"自 {day}", f"from {day}")),
    (("last_day",), lambda day: Text(f"至 {day}", f"to {day}")),
    (("by", "author", "sent_by", "void_by"), lambda name: Text(f"经办 {name}", f"by {name}")),
    (("reason", "because"), lambda reason: Text(f"：{reason}", f": {reason}")),
    (("expires_on",), lambda day: Text(f"（至 {day}）", f"(until {day})")),
)
