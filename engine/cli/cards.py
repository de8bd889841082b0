"""What people read in the terminal (终端显示): cards and tables, drawn by rich."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.explain import Explanation, RuleReason
from engine.output import obligation_row
from engine.results import Judgement, Obligation, Verdict, Violation
from engine.rulebook import Rulebook
from engine.wording import RECOMMENDATIONS, STATUSES, VERDICTS, asked_text, duty_label, fact_label
from facts.language import Language, Text

_STYLES = {"violated": "bold red", "due_soon": "yellow", "unknown": "magenta", "fulfilled": "green", "made_up": "cyan",
           "open": "bold red"}

_STANDINGS: Mapping[str, Text] = {
    "applies": Text("适用", "applies"),
    "not_in_force": Text("不在生效期内", "not in force"),
    "not_applicable": Text("不适用", "not applicable"),
    "unknown": Text("不能判定是否适用", "cannot be told"),
}

_FIRST = (Verdict.VIOLATED, Verdict.DUE_SOON, Verdict.UNKNOWN, Verdict.PENDING)


#: Columns when the output is no terminal that could tell its own.
_WIDTH_OF_A_FILE = 120


class _Footnotes:
    """Citations by number, so that a table stays narrow and every clause is still named below it."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._numbers: dict[str, int] = {}

    def cite(self, *citations: tuple[str, str]) -> str:
        """Numbers for (document, clause) pairs, as [1][2]."""
        shown = [f"《{d}》{c}" if self._language == "zh" else f"{d}, {c}" for d, c in dict.fromkeys(citations)]
        return "".join(f"[{self._numbers.setdefault(text, len(self._numbers) + 1)}]" for text in shown)

    def show(self, out: Console) -> None:
        for text, number in self._numbers.items():
            out.print(escape(f"[{number}] {text}"), style="dim")


def _console() -> Console:
    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=_WIDTH_OF_A_FILE)


def enterprise(judgement: Judgement, rulebook: Rulebook, language: Language, *, everything: bool) -> None:
    """The card of one enterprise: who, what is violated, what is owed next, what is recommended, what is done."""
    out, zh = _console(), language == "zh"
    sectors = "、".join(rulebook.sectors[s](language) for s in judgement.sectors or ()) or ("未知" if zh else "not known")
    risk = {True: "高危" if zh else "high-risk", False: "非高危" if zh else "not high-risk",
            None: "是否高危不明" if zh else "high-risk not known"}[judgement.high_risk]
    out.print(f"[bold]{escape(judgement.name or judgement.uscc)}[/bold]  {judgement.uscc}")
    out.print(f"{judgement.division or '?'} · {escape(sectors)} · {risk} · " + (
        f"截至 {judgement.as_of}" if zh else f"as of {judgement.as_of}"))
    notes = _Footnotes(language)
    _violations(out, judgement, rulebook, language, notes)
    _owed(out, judgement, rulebook, language, notes)
    _recommended(out, judgement, rulebook, language, notes)
    if everything:
        _settled(out, judgement, rulebook, language)
    out.print()
    notes.show(out)


def _violations(out: Console, judgement: Judgement, rulebook: Rulebook, language: Language, notes: _Footnotes) -> None:
    zh = language == "zh"
    found = [v for v in judgement.violations if v.status == "open"]
    if not found:
        out.print("\n" + ("没有未了结的违规" if zh else "No open violation"), style="green")
        return
    table = _table("未了结的违规" if zh else "Open violations",
                   ("义务", "期间或对象", "违规自", "逾期", "连续", "依据") if zh else
                   ("duty", "period or object", "since", "overdue", "in a row", "by"))
    for v in found:
        days = "" if v.overdue_days is None else f"{v.overdue_days} 天" if zh else f"{v.overdue_days} days"
        table.add_row(duty_label(rulebook, v.duty)(language), escape(v.key), str(v.opened_on), days, str(v.streak),
                      escape(_by(v, notes)), style="red")
    out.print(table)


def _owed(out: Console, judgement: Judgement, rulebook: Rulebook, language: Language, notes: _Footnotes) -> None:
    zh = language == "zh"
    found = [o for o in judgement.obligations if o.verdict in _FIRST]
    if not found:
        return
    table = _table("待办和不明" if zh else "Owed next, and not known",
                   ("义务", "期间或对象", "到期", "判定", "依据", "所缺") if zh else
                   ("duty", "period or object", "due", "verdict", "by", "missing"))
    for o in sorted(found, key=lambda o: (_FIRST.index(o.verdict), o.due_on or date.max, o.duty)):
        missing = "、".join(fact_label(rulebook, f)(language) for f in o.missing)
        table.add_row(duty_label(rulebook, o.duty)(language), escape(o.key), _due(o, judgement.as_of, language),
                      f"[{_STYLES.get(o.verdict, 'default')}]{VERDICTS[o.verdict](language)}[/]",
                      escape(_by(o, notes)), escape(missing))
    out.print(table)


def _due(obligation: Obligation, as_of: date, language: Language) -> str:
    if obligation.due_on is None:
        return ""
    left = (obligation.due_on - as_of).days
    if left < 0:
        return str(obligation.due_on)
    return f"{obligation.due_on}（还有 {left} 天）" if language == "zh" else f"{obligation.due_on} (in {left} days)"


def _recommended(out: Console, judgement: Judgement, rulebook: Rulebook, language: Language, notes: _Footnotes) -> None:
    zh = language == "zh"
    if not judgement.recommendations:
        return
    table = _table("建议（由人决定）" if zh else "Recommendations (a person decides)",
                   ("建议", "状态", "自", "事实", "依据", "所缺") if zh else
                   ("recommendation", "status", "since", "facts", "by", "missing"))
    for r in judgement.recommendations:
        table.add_row(RECOMMENDATIONS.get(r.kind, Text(r.kind, r.kind))(language), STATUSES[r.status](language),
                      str(r.since or ""), escape("、".join(dict.fromkeys(f for g in r.grounds for f in g.facts))),
                      escape(notes.cite(*((g.document, g.clause) for g in r.grounds))),
                      escape("、".join(fact_label(rulebook, f)(language) for f in r.missing)))
    out.print(table)


def _settled(out: Console, judgement: Judgement, rulebook: Rulebook, language: Language) -> None:
    zh = language == "zh"
    violations = {(v.duty, v.key): v for v in judgement.violations}
    found = [o for o in judgement.obligations if o.verdict in (Verdict.FULFILLED, Verdict.MADE_UP)
             or (o.verdict is Verdict.VIOLATED and o.key != "state" and violations[o.duty, o.key].status != "open")]
    if not found:
        return
    table = _table("已有结果" if zh else "Settled", ("义务", "期间或对象", "到期", "判定", "日期") if zh else
                   ("duty", "period or object", "due", "verdict", "on"))
    for o in found:
        v = violations.get((o.duty, o.key))
        on = o.fulfilled_on or (v.closed_on if v else None)
        shown = VERDICTS[o.verdict](language) if v is None or v.status == "closed" else STATUSES[v.status](language)
        table.add_row(duty_label(rulebook, o.duty)(language), escape(o.key), str(o.due_on or ""),
                      f"[{_STYLES.get(o.verdict, 'default')}]{shown}[/]", str(on or ""))
    out.print(table)


def _by(row: Obligation | Violation, notes: _Footnotes) -> str:
    return notes.cite(*((ref.document, ref.clause) for ref in row.rules))


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=f"\n{title}" if title else None, title_justify="left", title_style="bold", box=None,
                  pad_edge=False, padding=(0, 2, 0, 0))
    for number, column in enumerate(columns):
        table.add_column(column, no_wrap=number < len(columns) - 1, header_style="dim",
                         overflow="fold")
    return table


def listing(found: Sequence[tuple[str, str, str | None]], language: Language) -> None:
    """Enterprises by code, division and name."""
    table = _table("", ("统一社会信用代码", "区划", "名称") if language == "zh" else ("code", "division", "name"))
    for uscc, name, division in found:
        table.add_row(uscc, division or "", escape(name))
    _console().print(table)


def totals(counts: Counter[tuple[str, str, str]], enterprises: Counter[str], rulebook: Rulebook, as_of: date,
           language: Language) -> None:
    """Counts by division and duty, one column a verdict."""
    out, zh = _console(), language == "zh"
    shown = [v for v in VERDICTS if any(verdict == v for _, _, verdict in counts)]
    out.print(f"[bold]截至 {as_of}[/bold]" if zh else f"[bold]As of {as_of}[/bold]")
    for place, number in sorted(enterprises.items()):
        title = f"{place} · {number} 家企业" if zh else f"{place} · {number} enterprises"
        table = _table(title, ("义务" if zh else "duty", *(VERDICTS[v](language) for v in shown)))
        for column in table.columns[1:]:
            column.justify = "right"
        for duty in sorted({duty for where, duty, _ in counts if where == place}):
            table.add_row(duty_label(rulebook, duty)(language), *(str(counts[place, duty, v] or "·") for v in shown))
        out.print(table)


def summary(result: Mapping[str, Any], language: Language) -> None:
    """What a sweep found."""
    out, zh = _console(), language == "zh"
    out.print((f"[bold]截至 {result['as_of']}[/bold]：企业 {result['enterprises']} 家" if zh else
               f"[bold]As of {result['as_of']}[/bold]: {result['enterprises']} enterprises"))
    out.print(("义务：" if zh else "Obligations: ") + ("，" if zh else ", ").join(
        f"{VERDICTS[v](language)} {n}" for v, n in result["obligations"].items()))
    v = result["violations"]
    out.print(f"违规：新发现 {v['opened']}，了结 {v['closed']}，未了结 {v['open']}" if zh else
              f"Violations: {v['opened']} opened, {v['closed']} closed, {v['open']} open")
    out.print(f"建议：新提出 {result['recommendations_proposed']}（用时 {result['seconds']} 秒）" if zh else
              f"Recommendations: {result['recommendations_proposed']} proposed ({result['seconds']} s)")


def explanation(found: Explanation, rulebook: Rulebook, language: Language) -> None:
    """Why a duty is judged as it is: the rules in both languages with clause and quote, then the obligations."""
    out, zh = _console(), language == "zh"
    j = found.judgement
    label = found.duty.label
    out.print(f"[bold]{label.zh} · {label.en}[/bold] ({found.duty.name})")
    out.print(f"{escape(j.name or '')} {j.uscc} · " + (f"截至 {j.as_of}" if zh else f"as of {j.as_of}"))
    for reason in found.rules:
        _rule_reason(out, reason, language)
    out.print("\n[bold]" + ("各期间或对象" if zh else "Periods or objects") + "[/bold]")
    if not found.obligations:
        out.print("没有要求" if zh else "nothing is asked for")
    for o, v, days in found.obligations:
        out.print(f"  {escape(o.key)}  [{_STYLES.get(o.verdict, 'default')}]{VERDICTS[o.verdict](language)}[/]  "
                  + escape(obligation_reason(o, v, days, rulebook)(language)))


def _rule_reason(out: Console, reason: RuleReason, language: Language) -> None:
    ref, titles = reason.rule.ref, reason.rule.titles
    item = f" [{reason.item}]" if reason.item else ""
    standing = _STANDINGS[reason.standing]
    asked = asked_text(reason.rule.asked)
    out.print(f"\n• {escape(ref.id)} — {titles.zh} · {titles.en}{escape(item)}")
    out.print(f"  {asked.zh} · {asked.en}")
    out.print(f"  《{escape(ref.document)}》{escape(ref.clause)}：“{escape(ref.quote)}”", style="dim")
    out.print(f"  [bold]{standing.zh} · {standing.en}[/bold]")
    for text in reason.reasons:
        out.print(f"    {escape(text.zh)}\n    {escape(text.en)}")


def obligation_reason(o: Obligation, v: Violation | None, days: Sequence[date], rulebook: Rulebook) -> Text:
    """One sentence on one obligation: by which record, since when, or for lack of what."""
    done = "、".join(map(str, days))
    if o.missing:
        labels = [fact_label(rulebook, fact) for fact in o.missing]
        return Text("缺：" + "、".join(t.zh for t in labels), "missing: " + ", ".join(t.en for t in labels))
    match o.verdict:
        case Verdict.FULFILLED:
            return Text(f"{done} 有记录" if done else "现状符合", f"record of {done}" if done else "it is so")
        case Verdict.PENDING | Verdict.DUE_SOON:
            return Text(f"应在 {o.due_on} 前（含当日）完成，已有 {o.done}/{o.required}",
                        f"due by {o.due_on} inclusive, {o.done} of {o.required} done")
        case Verdict.MADE_UP if v is not None:
            return Text(f"{o.due_on} 到期未完成，{v.closed_on} 补做，逾期 {v.overdue_days} 天",
                        f"missed on {o.due_on}, made up on {v.closed_on}, {v.overdue_days} days overdue")
        case Verdict.VIOLATED if v is not None:
            since = Text(f"自 {v.opened_on} 起违规", f"violated since {v.opened_on}")
            if v.status == "lapsed":
                return Text(f"{since.zh}，{v.closed_on} 失效", f"{since.en}, lapsed on {v.closed_on}")
            streak = Text(f"，连续第 {v.streak} 次", f", {v.streak} in a row") if v.streak > 1 else Text("", "")
            return Text(since.zh + streak.zh, since.en + streak.en)
    return Text("", "")


def explanation_document(found: Explanation) -> dict[str, Any]:
    """The explanation for scripts."""
    return {
        "uscc": found.judgement.uscc,
        "as_of": found.judgement.as_of.isoformat(),
        "duty": found.duty.name,
        "rules": [{"id": r.rule.ref.id, "case": r.rule.case, "object": r.item, "standing": r.standing,
                   "document": r.rule.ref.document, "clause": r.rule.ref.clause, "quote": r.rule.ref.quote,
                   "reasons": [{"zh": t.zh, "en": t.en} for t in r.reasons]} for r in found.rules],
        "obligations": [{**obligation_row(o), "records": [day.isoformat() for day in days]}
                        for o, _, days in found.obligations],
    }
