"""What a letter says (通知用语): the values of a template's placeholders, in Chinese in any language.

Names and quotes come from ledgers and packs. Here they are made one plain line each; that they are no markup either is
seen to where the template is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.letters import DUE_SOON, TO_OTHERS, Standing
from engine.results import Judgement, Obligation, Violation
from engine.rulebook import Periodic, PerObject, Rulebook, RuleRef, State
from engine.wording import ITEMS, MEASURES, STEPS, duty_label, value_text
from facts.dossier import Item
from facts.language import Text

#: To be filled in by hand.
BLANK = "＿＿＿＿＿＿＿＿"

#: What each kind of letter is called.
LETTERS: Mapping[str, Text] = {DUE_SOON: Text("到期提醒", "due soon"), **STEPS}

#: The placeholders of a template, with what they stand for; those of one matter, and of one legal basis.
PLACEHOLDERS: Mapping[str, Text] = {
    "文号": Text("发文字号", "document number"),
    "日期": Text("成文日期，如 2024年8月1日", "date of the letter"),
    "发文机关": Text("发文机关；未给出时为空白线", "issuer, or a blank line"),
    "主送": Text("主送单位；送有关部门而未给出时为空白线", "addressee, or a blank line for an authority"),
    "单位": Text("企业或部门的名称", "name of the enterprise"),
    "代码": Text("统一社会信用代码或部门代码", "its code"),
    "措施": Text("措施名称，如“督促整改”", "what the step is called"),
    "要求期限": Text("要求完成的日期", "date by which to comply"),
    "件数": Text("事项的件数", "number of matters"),
    "事项": Text("各事项（列表）", "the matters, a list"),
    "依据": Text("各事项所依据的条款（列表，不重复）", "the legal bases of all matters, a list, each once"),
    "措施依据": Text("采取该措施所依据的条款（列表，不重复）", "the legal bases of the step, a list, each once"),
}
OF_MATTER: Mapping[str, Text] = {
    "序号": Text("1、2、3……", "1, 2, 3 …"),
    "事实": Text("写成一句话的事实", "the facts as one sentence"),
    "义务": Text("义务名称", "what the duty is called"),
    "期间": Text("期间，如“2024年第二季度”；不按期的为空", "period, blank if the duty has none"),
    "对象": Text("对象，如“重大隐患YH-1：……”；没有的为空", "object, blank if there is none"),
    "到期日": Text("到期日；没有的为空", "due date, blank if there is none"),
    "起始日": Text("违规起始日", "first day of the violation"),
    "逾期日数": Text("到成文日期逾期的日数；没有的为空", "days overdue on the date of the letter, blank if none"),
    "连续次数": Text("连续未完成的次数", "how many in a row"),
    "依据序号": Text("所依据条款在“依据”中的序号，如“1、2”", "which of the legal bases, as 1、2"),
    "依据": Text("该事项所依据的条款（列表）", "its legal bases, a list"),
}
OF_BASIS: Mapping[str, Text] = {
    "序号": Text("1、2、3……", "1, 2, 3 …"),
    "文件": Text("文件名，带书名号", "document, in title marks"),
    "条款": Text("条款", "clause"),
    "原文": Text("原文", "quote"),
}

_NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_INVISIBLE = re.compile(r"[\u200b\u200e\u200f\u061c\u2060\ufeff\u00ad\u202a-\u202e\u2066-\u2069]")
_MONTHS = re.compile(r"(\d{4})-(\d\d)")
_INNER = str.maketrans("“”", "‘’")


@dataclass(frozen=True, slots=True)
class Bureau:
    """What a bureau says of itself: who signs (发文机关), and to whom letters to others go."""

    issuer: str | None = None
    authority: str | None = None


def plain(text: object) -> str:
    """``text`` on one line, without characters that are no text or that turn the direction of others around."""
    return " ".join(_NO_TEXT.sub(" ", _INVISIBLE.sub("", str(text))).split())


def day_text(day: date | None) -> str:
    """2024年8月1日."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def period_text(key: str) -> str:
    """What a period is called: ``2024Q2`` is 2024年第二季度."""
    if match := re.fullmatch(r"(\d{4})Q([1-4])", key):
        return f"{match[1]}年第{'一二三四'[int(match[2]) - 1]}季度"
    if match := re.fullmatch(r"(\d{4})H([12])", key):
        return f"{match[1]}年{'上下'[int(match[2]) - 1]}半年"
    if match := re.fullmatch(r"(\d{4})(?:\.\.(\d{4}))?", key):
        return f"{match[1]}年至{match[2]}年" if match[2] else f"{match[1]}年度"
    months = [_MONTHS.fullmatch(part) for part in key.split("..")]
    if all(months):
        years = [match[1] for match in months if match]
        said = [f"{int(match[2])}月" if n and match[1] == years[0] else f"{match[1]}年{int(match[2])}月"
                for n, match in enumerate(months) if match]
        return "至".join(said)
    return plain(key)


def words(step: str, number: str, dated: date, comply_by: date | None, standing: Sequence[Standing],
          judgement: Judgement, items: Mapping[tuple[str, str], Item], rulebook: Rulebook,
          bureau: Bureau) -> dict[str, Any]:
    """The values of the placeholders of one letter; ``items`` are the enterprise's objects by kind and id."""
    # A violation may reach the same step twice on its ladder; it is told of once.
    about = {(each.about.duty, each.about.key): each for each in standing}.values()
    bases = _Bases()
    matters = [_matter(n, each, dated, judgement, items, rulebook, bases) for n, each in enumerate(about, 1)]
    measures = _Bases()
    for each in standing:
        if each.ref is not None:
            measures.add(each.ref)
    name = plain(judgement.name or judgement.uscc)
    return {
        "文号": number,
        "日期": day_text(dated),
        "发文机关": plain(bureau.issuer) if bureau.issuer else BLANK,
        "主送": _addressee(step, name, bureau),
        "单位": name,
        "代码": plain(judgement.uscc),
        "措施": LETTERS[step].zh,
        "要求期限": day_text(comply_by) if comply_by else "各事项到期日",
        "件数": str(len(matters)),
        "事项": matters,
        "依据": bases.listed,
        "措施依据": measures.listed,
    }


def _addressee(step: str, name: str, bureau: Bureau) -> str:
    if step not in TO_OTHERS:
        return name
    return plain(bureau.authority) if bureau.authority else f"{BLANK}（有关部门）"


class _Bases:
    """Legal bases, each once and numbered in the order in which they come."""

    def __init__(self) -> None:
        self.listed: list[dict[str, str]] = []
        self._places: dict[RuleRef, int] = {}

    def add(self, ref: RuleRef) -> dict[str, str]:
        # The same words can stand in several rules, or cases of one.
        cited = RuleRef("", ref.document, ref.clause, ref.quote)
        if cited not in self._places:
            self._places[cited] = len(self.listed)
            title = plain(ref.document)
            self.listed.append({"序号": str(len(self.listed) + 1), "条款": plain(ref.clause),
                                "文件": title if title.startswith("《") else f"《{title}》",
                                "原文": plain(ref.quote).translate(_INNER)})
        return self.listed[self._places[cited]]


def _matter(number: int, standing: Standing, dated: date, judgement: Judgement, items: Mapping[tuple[str, str], Item],
            rulebook: Rulebook, bases: _Bases) -> dict[str, Any]:
    about = standing.about
    duty = rulebook.duties[about.duty]
    cited = list({id(basis): basis for basis in map(bases.add, about.rules)}.values())
    kind = duty.rules[0].asked.kind if duty.type is PerObject else ""
    thing = plain(_object(kind, about.key, items, dated, rulebook)) if kind else ""
    overdue = (dated - about.due_on).days if about.due_on else None
    said = {
        "序号": str(number),
        "义务": plain(duty_label(rulebook, about.duty).zh),
        "期间": period_text(about.key) if duty.type is Periodic else "",
        "对象": thing,
        "到期日": day_text(about.due_on),
        "起始日": day_text(about.opened_on) if isinstance(about, Violation) else "",
        "逾期日数": str(overdue) if overdue is not None and overdue > 0 else "",
        "连续次数": str(about.streak) if isinstance(about, Violation) else "",
        "依据序号": "、".join(basis["序号"] for basis in cited),
        "依据": cited,
    }
    named = f"“{said['义务'].translate(_INNER)}”{said['期间']}" + (f"（{thing}）" if thing else "")
    said["事实"] = f"{named}{_fact(about, said, dated, duty.type is State, _count(about, judgement, rulebook))}。"
    return said


def _fact(about: Violation | Obligation, said: Mapping[str, Any], dated: date, state: bool, count: str) -> str:
    if state and isinstance(about, Violation):
        return f"自{said['起始日']}起不符合要求，截至{day_text(dated)}已持续{(dated - about.opened_on).days + 1}日"
    due = f"应于{said['到期日']}前完成{count}" if said["到期日"] else f"尚未完成{count}"
    if isinstance(about, Obligation):
        left = (about.due_on - dated).days if about.due_on else 0
        return f"{due}，截至{day_text(dated)}尚未完成" + (f"，距到期还有{left}日" if left > 0 else "，今日到期")
    late = f"，已逾期{said['逾期日数']}日" if said["逾期日数"] else ""
    again = f"，系连续第{about.streak}次未按期完成" if about.streak > 1 else ""
    return f"{due}，截至{day_text(dated)}仍未完成{late}{again}"


def _count(about: Violation | Obligation, judgement: Judgement, rulebook: Rulebook) -> str:
    """How many were asked for and how many are there, where more than one was."""
    same = (o for o in judgement.obligations if (o.duty, o.key) == (about.duty, about.key))
    obligation = next(same, None)
    if obligation is None or (obligation.required or 0) <= 1:
        return ""
    measure = rulebook.duties[about.duty].measure
    unit = MEASURES[measure].zh if measure else "次"
    return f"（应完成{obligation.required}{unit}，已完成{obligation.done or 0}{unit}）"


def _object(kind: str, id_: str, items: Mapping[tuple[str, str], Item], dated: date, rulebook: Rulebook) -> str:
    """What an object is called in a letter: 重大隐患YH-1：配电箱无防护，2025年1月10日发现."""
    facts: Mapping[str, Any] = items[kind, id_].facts if (kind, id_) in items else {}
    told = [str(facts[name]) for name in ("description", "trade") if facts.get(name)]
    for name, said in (("found_on", "发现"), ("refused_on", "拒不整改"), ("opens_on", "开幕"), ("expires_on", "到期")):
        day = facts.get(name)
        # What has happened by then; only an opening and an expiry are known beforehand.
        if isinstance(day, date) and (day <= dated or name in ("opens_on", "expires_on")):
            told.append(f"{day_text(day)}{said}")
    level = value_text(rulebook, f"{kind}.level", facts["level"]).zh if facts.get("level") else ""
    return f"{level}{ITEMS[kind].zh}{id_}" + (f"：{'，'.join(told)}" if told else "")
