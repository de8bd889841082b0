"""How cases look (案件的展示): the list, the file of one, and what follows upon an entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from engine.cases import ACTIONS, Case, Decision
from engine.cli.terminal import Terminal
from engine.output import Row
from engine.procedures import Terms
from engine.rulebook import Rulebook
from engine.wording import STATUSES, fact_label, object_label, recommendation_label, value_text
from facts.language import Language, Text
from facts.spelling import joined

NOTICE = Text("这是系统依文件提出的建议，不是决定；是否采取，由有权机关依法决定。",
              "This is a recommendation that follows from documents, no decision: whoever is competent decides by law.")

_NO_TERM = Text("没有期限：提前移出或撤销才终止", "no term: ends only when lifted or revoked")
_COLUMNS: Mapping[Language, Sequence[str]] = {
    "zh": ("编号", "建议", "状态", "代码", "企业", "自", "办理", "经办人", "异议至", "失效日"),
    "en": ("id", "recommendation", "status", "code", "enterprise", "since", "decided", "by", "objections until",
           "over on"),
}
_DAY = timedelta(days=1)


def listing(rows: Sequence[Row], rulebook: Rulebook, language: Language) -> None:
    """Cases, one a line."""
    out = Terminal()
    if not rows:
        out.say(Text("该日没有登记在册的建议；巡查（zhiben sweep）之后才有",
                     "no such recommendation was recorded by that date; zhiben sweep records them")(language))
        return
    out.show("", _COLUMNS[language], [
        (row["id"], recommendation_label(rulebook, row["kind"])(language), _status(row)(language),
         row["uscc"], row["name"] or "", row["since"] or "", row["decided_on"] or "", row["decided_by"] or "",
         (row["object_until"] or "") if row["status"] == "notified" else "", row["expires_on"] or "")
        for row in rows], whole=(0, 3, 5, 6, 8, 9))


def _status(row: Row) -> Text:
    status = STATUSES[row["status"]]
    if row["status"] == "confirmed" and row["withdrawn_on"]:
        return Text(f"{status.zh}（{row['withdrawn_on']} 起根据已不存在）",
                    f"{status.en} (its grounds are gone since {row['withdrawn_on']})")
    return status


def file(document: Row, rulebook: Rulebook, language: Language) -> None:
    """The file of one case."""
    out = Terminal()

    def say(text: Text, style: str | None = None, indent: int = 0) -> None:
        out.say(text(language), style, indent=indent)

    kind, status = recommendation_label(rulebook, document["kind"]), STATUSES[document["status"]]
    say(Text(f"{document['id']}  {kind.zh}：{status.zh}", f"{document['id']}  {kind.en}: {status.en}"), "bold")
    who = f"{document['name'] or ''} {document['uscc']}".strip()
    since = document["since"]
    say(Text(f"{who}，自 {since} 起", f"{who}, since {since}") if since else Text(who, who))
    say(NOTICE, "dim")
    if document["missing"]:
        missing = joined(fact_label(rulebook, fact) for fact in document["missing"])
        say(Text(f"缺：{missing.zh}", f"missing: {missing.en}"))
    _heading(out, Text("根据", "Grounds"), language)
    for ground in document["grounds"]:
        say(_cited(ground), indent=2)
        say(Text(f"“{ground['quote']}”", f"“{ground['quote']}”"), "dim", 4)
        for fact in ground["facts"]:
            say(_fact(fact, rulebook), indent=4)
    if not document["grounds_stand"]:
        say(Text(f"截至 {document['as_of']}，台账和所用规则包中已没有这样的根据",
                 f"as of {document['as_of']} the ledger and the packs in use have no such ground any more"), indent=2)
    _heading(out, Text("办理", "Procedure"), language)
    for line in _procedure(document):
        say(line, indent=2)
    for each in document["assumptions"]:
        about = _KEYS.get(each["key"], Text(each["key"], each["key"]))
        say(Text(f"假定（{each['rule']}）{about.zh} {each['value']}：{each['reason']}",
                 f"assumed ({each['rule']}), {about.en} {each['value']}: {each['reason']}"), "dim", 2)
    _heading(out, Text("经过", "History"), language)
    for entry in document["history"]:
        for line in _entry(entry):
            say(line, indent=2)
    if not document["history"]:
        say(Text("尚未办理", "nothing was decided yet"), indent=2)
    ways = [Text(f"{ACTIONS[way].zh}（zhiben case {way}）", f"{way}") for way in document["possible"]]
    if ways:
        possible = joined(ways)
        say(Text(f"可以办理：{possible.zh}", f"possible: zhiben case {possible.en}"))


_KEYS = {
    "competent": Text("有权机关", "competent"),
    "objection": Text("异议天数", "days for objections"),
    "term": Text("期限月数", "months of the term"),
    "removable_after": Text("可申请移出前的月数", "months before removal"),
}


def _heading(out: Terminal, text: Text, language: Language) -> None:
    out.say()
    out.say(text(language), "bold")


def _cited(ground: Mapping[str, Any]) -> Text:
    since = ground["since"]
    zh, en = f"《{ground['document']}》{ground['clause']}（{ground['rule']}）", (
        f"《{ground['document']}》{ground['clause']} ({ground['rule']})")
    return Text(f"{zh}，自 {since} 起", f"{en}, since {since}") if since else Text(zh, en)


def _fact(fact: Mapping[str, Any], rulebook: Rulebook) -> Text:
    """An object with its columns, or a column of the enterprise with its value."""
    values = []
    for name, value in fact["values"].items():
        value = tuple(value) if isinstance(value, list) else value
        label, shown = fact_label(rulebook, name), value_text(rulebook, name, value)
        short = label.zh.rpartition("·")[2]
        values.append(Text(f"{short} {shown.zh}",
                           f"{label.en.partition(' ')[2] if '.' in name else label.en} {shown.en}"))
    about, said = object_label(fact["fact"]), joined(values) if values else Text("", "")
    if fact["fact"] in fact["values"]:
        return said
    return Text(f"{about.zh}：{said.zh}" if values else about.zh, f"{about.en}: {said.en}" if values else about.en)


def _procedure(document: Row) -> Iterator[Text]:
    for each in document["competent"]:
        zh, en = ("（假定）", " (an assumption)") if each["assumption"] else ("", "")
        yield Text(f"有权机关：{each['zh']}{zh}", f"competent: {each['en']}{en}")
    if not document["competent"]:
        yield Text("有权机关：规则包没有写明", "competent: the pack does not say")
    terms = document["terms"]
    if document["status"] == "notified" and document["object_until"]:
        yield Text(f"异议期到 {document['object_until']}（含）为止",
                   f"objections until {document['object_until']} inclusive")
    elif terms["objection_days"]:
        yield Text(f"告知后 {terms['objection_days']} 日内可提异议",
                   f"objections within {terms['objection_days']} days of the notice")
    else:
        yield Text("没有规定异议期", "no time for objections is set")
    if document["expires_on"]:
        yield Text(f"{document['expires_on']} 起失效", f"over on {document['expires_on']}")
    elif terms["term_months"] and not _confirmed(document):
        yield Text(f"期限：自确认起 {terms['term_months']} 个月",
                   f"term: {terms['term_months']} months from the confirmation")
    else:
        yield _NO_TERM
    if document["removable_from"]:
        yield Text(f"{document['removable_from']} 起可提前移出", f"may be lifted from {document['removable_from']} on")
    elif terms["removable_after_months"] and not _confirmed(document):
        yield Text(f"确认满 {terms['removable_after_months']} 个月可提前移出",
                   f"may be lifted {terms['removable_after_months']} months after the confirmation")


def _confirmed(document: Row) -> bool:
    return any(entry["kind"] == "confirmed" for entry in document["history"])


def _entry(entry: Row) -> Iterator[Text]:
    status = STATUSES[entry["kind"]]
    yield Text(f"{entry['on']}  {status.zh}（{entry['by']}）：{entry['reason']}",
               f"{entry['on']}  {status.en} ({entry['by']}): {entry['reason']}")
    if entry["answers"]:
        yield Text(f"  以此答复此前 {entry['answers']} 次异议",
                   f"  this answers {entry['answers']} objection(s) before it")
    if entry["waives"]:
        yield Text(f"  不等异议期满：{entry['waives']}", f"  objections were not waited for: {entry['waives']}")


def what_follows(decision: Decision, seen: Case, terms: Terms) -> Iterator[Text]:
    """What an entry brings about: until when, from when, what it answers."""
    match decision.kind:
        case "notified" if decision.object_until:
            yield Text(f"异议期到 {decision.object_until}（含）为止，{decision.object_until + _DAY} 起可以确认",
                       f"objections until {decision.object_until} inclusive; may be confirmed from "
                       f"{decision.object_until + _DAY} on")
        case "notified":
            yield Text("没有规定异议期", "no time for objections is set")
        case "objected":
            until = seen.last.object_until if seen.last else None
            if until and decision.on > until:
                yield Text(f"异议期已于 {until} 届满；仍予登记",
                           f"the time for objections was over after {until}; noted all the same")
            yield Text("确认或不予采纳时，理由须答复这一异议", "the reason of the decision must answer it")
        case "confirmed" | "rejected":
            for objection in seen.objections:
                yield Text(f"所写理由即对 {objection.on} 异议的答复：{objection.reason}",
                           f"the reason given answers the objection of {objection.on}: {objection.reason}")
            if decision.kind == "confirmed":
                over = decision.expires_on
                yield Text(f"{over} 起失效", f"over on {over}") if over else _NO_TERM
                if decision.removable_from:
                    yield Text(f"{decision.removable_from} 起可提前移出",
                               f"may be lifted from {decision.removable_from} on")
