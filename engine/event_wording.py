"""What events of the journal are called in words (事件的说法)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.rulebook import Rulebook
from engine.wording import STEPS, duty_label, recommendation_label
from facts.language import Text
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
}

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
