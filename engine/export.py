"""Flat rows for spreadsheets and scripts (导出): one row an obligation, violation, step or recommendation.

CSV carries a BOM and opens in Excel as it is; text that a spreadsheet would run as a formula is written as text.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any

from engine.output import Row, is_open, obligation_row, recommendation_row, violation_row
from engine.results import Judgement
from engine.rulebook import Rulebook
from engine.wording import (
    STATE,
    STATUSES,
    STEPS,
    VERDICTS,
    duty_label,
    fact_label,
    held_text,
    object_label,
    recommendation_label,
)
from facts.language import Language, Text

#: First characters by which a spreadsheet takes a cell of a CSV file for a formula; a Chinese one the full-width ones.
_RUNNABLE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_CITATION = ("rules", "documents", "clauses", "quotes")
_WAIVED = ("waiver", "waived_to", "retroactive")

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "obligations": ("uscc", "name", "division", "duty", "key", "starts_on", "due_on", "verdict", "required", "done",
                    "fulfilled_on", "missing", *_CITATION, *_WAIVED),
    "violations": ("uscc", "name", "division", "duty", "key", "status", "due_on", "opened_on", "closed_on",
                   "overdue_days", "streak", *_CITATION, *_WAIVED),
    "escalations": ("uscc", "name", "division", "duty", "key", "status", "opened_on", "step", "label", "level",
                    "due_on", "issued_on", "held_by", "recommended", "ladder", "ladder_document", "ladder_clause",
                    "ladder_quote", "assumptions", *_CITATION),
    "recommendations": ("uscc", "name", "division", "id", "status", "kind", "label", "since", "missing", "facts",
                        *_CITATION, "competent", "decided_on", "decided_by", "reason", "object_until", "expires_on"),
}

LABELS: Mapping[str, Text] = {
    "uscc": Text("统一社会信用代码", "credit code"),
    "name": Text("企业名称", "name"),
    "division": Text("行政区划代码", "division"),
    "duty": Text("义务", "duty"),
    "key": Text("期间或对象", "period or object"),
    "starts_on": Text("起始日期", "starts on"),
    "due_on": Text("到期日", "due on"),
    "verdict": Text("判定", "verdict"),
    "required": Text("应有数量", "required"),
    "done": Text("已有数量", "done"),
    "fulfilled_on": Text("履行日期", "fulfilled on"),
    "missing": Text("所缺情况", "missing"),
    "status": Text("状态", "status"),
    "opened_on": Text("违规起始日", "opened on"),
    "closed_on": Text("了结日期", "closed on"),
    "overdue_days": Text("逾期天数", "days overdue"),
    "streak": Text("连续次数", "streak"),
    "step": Text("措施", "step"),
    "label": Text("措施名称", "label"),
    "level": Text("级次", "level"),
    "issued_on": Text("发出日期", "issued on"),
    "held_by": Text("曾暂缓的原因", "was held back by"),
    "recommended": Text("向有权机关建议", "recommended to those who may order it"),
    "ladder": Text("梯次", "ladder"),
    "ladder_document": Text("措施依据文件", "document of the step"),
    "ladder_clause": Text("措施条款", "clause of the step"),
    "ladder_quote": Text("措施原文", "quote of the step"),
    "assumptions": Text("假定的数字", "assumed numbers"),
    "waiver": Text("豁免编号", "waiver"),
    "waived_to": Text("豁免止日", "waived to"),
    "retroactive": Text("追溯豁免的理由", "waived retroactively because"),
    "id": Text("建议编号", "id"),
    "kind": Text("建议", "recommendation"),
    "since": Text("自何日起", "since"),
    "competent": Text("有权机关", "who may order it"),
    "decided_on": Text("办理日期", "decided on"),
    "decided_by": Text("经办人", "decided by"),
    "reason": Text("理由", "reason"),
    "object_until": Text("异议截止日", "objections until"),
    "expires_on": Text("失效日", "over on"),
    "facts": Text("事实", "facts"),
    "rules": Text("规则", "rules"),
    "documents": Text("依据文件", "documents"),
    "clauses": Text("条款", "clauses"),
    "quotes": Text("原文", "quotes"),
}


def rows(kind: str, judgement: Judgement, *, status: str = "all", duty: str | None = None,
         recommended: str | None = None) -> Iterator[Row]:
    """The rows of one enterprise: ``kind`` is one of :data:`COLUMNS`, ``status`` open, closed or all.

    Only those of ``duty``, or of the kind of recommendation that is ``recommended``.
    """
    found: dict[str, tuple[Iterable[Any], Callable[[Any], Row]]] = {
        "obligations": (judgement.obligations, obligation_row),
        "violations": (judgement.violations, violation_row),
        "escalations": (judgement.violations, violation_row),
        "recommendations": (judgement.recommendations, recommendation_row),
    }
    results, as_row = found[kind]
    for result in results:
        if status != "all" and is_open(result) is not (status == "open"):
            continue
        if duty is not None and getattr(result, "duty", duty) != duty:
            continue
        if recommended is not None and getattr(result, "kind", recommended) != recommended:
            continue
        flat = {"uscc": judgement.uscc, "name": judgement.name, "division": judgement.division, **as_row(result)}
        for row in _issued(flat) if kind == "escalations" else (flat,):
            yield {column: _flat(row, column) for column in COLUMNS[kind]}


def rows_of_all(judgements: Iterable[Judgement], rulebook: Rulebook, *, kind: str, status: str, duty: str | None,
                recommended: str | None, language: Language | None) -> list[Row]:
    """The rows of several enterprises; with a ``language`` they are for people, see :func:`readable`."""
    found = [row for judgement in judgements
             for row in rows(kind, judgement, status=status, duty=duty, recommended=recommended)]
    return [readable(kind, row, rulebook, language) for row in found] if language else found


def _issued(violation: Row) -> Iterator[Row]:
    """The steps issued for a violation, each with what is said of the violation; a step's date stands for its own."""
    for step in violation["escalation"]:
        cited = {f"ladder_{part}": step[part] for part in ("document", "clause", "quote")}
        yield {**violation, **step, **cited}


def _flat(row: Row, column: str) -> Any:
    cited = row.get("grounds") or row.get("rules") or []
    match column:
        case "rules":
            return _joined(c.get("id") or c.get("rule") for c in cited)
        case "documents" | "clauses" | "quotes":
            return _joined(c[column[:-1]] for c in cited)
        case "facts":
            return _joined(fact for c in cited for fact in c["facts"])
        case "missing":
            return _joined(row["missing"])
        case "competent":
            return _joined(each["zh"] for each in row["competent"])
        case "waiver" | "waived_to" | "retroactive":
            waiver = row["waiver"] or {}
            return waiver.get({"waiver": "id", "waived_to": "to"}.get(column, column))
        case "assumptions":
            return _joined(f"{each['value']}: {each['reason']}" for each in row["assumptions"])
    return row[column]


def _joined(values: Iterable[str]) -> str | None:
    """Each once, in order; the values themselves may contain commas."""
    return "; ".join(dict.fromkeys(values)) or None


def readable(kind: str, row: Row, rulebook: Rulebook, language: Language) -> Row:
    """The row with names for people instead of identifiers, under headings for people."""
    shown = dict(row)
    if "kind" in shown:
        shown["kind"] = recommendation_label(rulebook, shown["kind"])(language)
    for column, names in (("verdict", VERDICTS), ("status", STATUSES)):
        if column in shown and shown[column] in names:
            shown[column] = names[shown[column]](language)
    if "duty" in shown:
        shown["duty"] = duty_label(rulebook, shown["duty"])(language)
    if shown.get("missing"):
        shown["missing"] = "; ".join(fact_label(rulebook, fact)(language) for fact in shown["missing"].split("; "))
    if shown.get("facts"):
        shown["facts"] = "; ".join(object_label(fact)(language) for fact in shown["facts"].split("; "))
    if "step" in shown:
        shown["label"] = STEPS[shown["step"]](language)
        shown["held_by"] = held_text(shown["held_by"], rulebook)(language) if shown["held_by"] else None
    if shown.get("key") == "state":
        shown["key"] = STATE(language)
    return {LABELS[column](language): shown[column] for column in COLUMNS[kind]}


def headings(kind: str, language: Language | None) -> list[str]:
    """The column headings: field names, or with a language names for people."""
    return [LABELS[c](language) if language else c for c in COLUMNS[kind]]


def write_json(found: Iterable[Row], out: IO[str]) -> int:
    """One JSON array, written as the rows come; the number of rows."""
    count = 0
    out.write("[")
    for row in found:
        out.write(",\n" if count else "\n")
        out.write(json.dumps(row, ensure_ascii=False))
        count += 1
    out.write("\n]\n" if count else "]\n")
    return count


def write_jsonl(found: Iterable[Row], out: IO[str]) -> int:
    """One JSON object a line; the number of rows."""
    count = 0
    for row in found:
        out.write(json.dumps(row, ensure_ascii=False) + "\n")
        count += 1
    return count


def write_csv(found: Iterable[Row], columns: list[str], out: IO[str]) -> int:
    """CSV with a BOM; the number of rows."""
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(columns)
    count = 0
    for row in found:
        writer.writerow([_inert(value) for value in row.values()])
        count += 1
    return count


def _inert(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_RUNNABLE):
        return "'" + value
    return value
