"""How the clauses of documents are shown (条款覆盖的显示): as tables for people, as one document for scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from engine.clause_coverage import ClauseCoverage, Listed
from engine.cli.terminal import Terminal
from facts.language import Language, Text
from facts.spelling import joined
from facts.vocabulary import AUTHORITY_KINDS

#: What became of a clause; ``None``: the list does not say.
STATUSES: Mapping[str | None, Text] = {
    "encoded": Text("已编成规则", "encoded"),
    "judgement": Text("由人判断", "judged by people"),
    "not_a_duty": Text("不是义务", "not a duty"),
    None: Text("没有着落", "nowhere"),
}
#: Who bears a clause; packs add further kinds of authority, and other words are shown as they are.
_BEARERS: Mapping[str, Text] = {
    "enterprise": Text("企业", "enterprise"),
    "principal": Text("主要负责人", "person in charge"),
    "organizer": Text("主办者", "organizer"),
    "state_enterprise": Text("区属企业", "district-owned enterprise"),
    "zone_operator": Text("园区、基地运营方", "operator of a zone"),
    "association": Text("行业协会", "association"),
    "officer": Text("执法人员", "officer"),
    "bureau_section": Text("局内科室", "section of the bureau"),
    "main_responsible_comrade": Text("主要负责同志", "head of the authority"),
    **AUTHORITY_KINDS,
    "municipal_committee": Text("市安委会", "municipal committee"),
    "organisation_department": Text("组织部门", "organisation department"),
    "development_reform": Text("发展改革部门", "development and reform"),
    "planning": Text("规划编制部门", "planning"),
    "government_services": Text("政务服务部门", "government services"),
    "urban_management": Text("城市管理部门", "urban management"),
    "trade_union": Text("工会", "trade union"),
    "youth_league": Text("共青团", "youth league"),
}
_COLUMNS = (Text("编号", "id"), Text("条款", "clause"), Text("等级", "grade"), Text("承担者", "borne by"),
            Text("状态", "status"), Text("规则或理由", "rules or reason"))


def show_clauses(found: ClauseCoverage, language: Language) -> None:
    """The clauses, document by document, and how many of each there are."""
    terminal = Terminal()
    names = {**_BEARERS, **found.bearers}
    for (pack, document), listed in groupby(found.clauses, key=lambda each: (each.pack, each.document)):
        rows = [(each.clause.id, each.clause.clause, each.clause.grade,
                 joined(names.get(word, Text(word, word)) for word in each.clause.bearer.split("+"))(language),
                 STATUSES[each.clause.status](language), _outcome(each)) for each in listed]
        terminal.show(f"{pack}  {document}", [column(language) for column in _COLUMNS], rows, whole=(0,))
    if found.clauses:
        counted = counts(found)
        title = Text("合计", "in all")(language)
        columns = (Text("文件", "document"), Text("条款", "clauses"), *STATUSES.values())
        rows = [(row["document"], *(str(row[key]) for key in _NUMBERS)) for row in counted]
        total = (title, *(str(sum(row[key] for row in counted)) for key in _NUMBERS))
        terminal.show(title, [column(language) for column in columns], [*rows, total], right=range(1, len(columns)))


_STATUSES = ("encoded", "judgement", "not_a_duty", "nowhere")
_NUMBERS = ("clauses", *_STATUSES)


def counts(found: ClauseCoverage) -> list[dict[str, Any]]:
    """How many clauses of each status each document has."""
    rows = []
    for (pack, document), listed in groupby(found.clauses, key=lambda each: (each.pack, each.document)):
        by_status = Counter(each.clause.status or "nowhere" for each in listed)
        rows.append({"pack": pack, "document": document, "clauses": by_status.total(),
                     **{key: by_status[key] for key in _STATUSES}})
    return rows


def clauses_document(found: ClauseCoverage, language: Language) -> dict[str, Any]:
    """The same as one JSON document; ``status`` is null for a clause that is nowhere."""
    return {
        "clauses": [{"id": each.clause.id, "pack": each.pack, "document": each.document, "clause": each.clause.clause,
                     "grade": each.clause.grade, "bearer": each.clause.bearer, "status": each.clause.status,
                     "rules": each.clause.rules or [], "reason": each.clause.reason} for each in found.clauses],
        "counts": counts(found),
        "without_list": list(found.without_list),
        "problems": [{"file": p.file, "line": p.line, "column": p.column, "code": p.code,
                      "message": p.message(language)} for p in found.problems],
    }


def _outcome(listed: Listed) -> str:
    return ", ".join(listed.clause.rules or ()) or listed.clause.reason or ""
