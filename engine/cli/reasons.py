"""How ``zhiben why`` is shown (判定理由): each rule in both languages with its words, then each obligation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from engine.cli.cards import by_what
from engine.cli.terminal import Terminal
from engine.explain import Explanation, RuleReason
from engine.output import obligation_row, step_row
from engine.pack_schema import Figure
from engine.results import Obligation, Step, Verdict, Violation
from engine.rulebook import Rulebook
from engine.waivers import Waiver
from engine.wording import STEPS, VERDICTS, asked_text, duty_label, fact_label, held_text
from facts.language import Language, Text
from facts.spelling import joined

_STANDINGS: Mapping[str, Text] = {
    "applies": Text("适用", "applies"),
    "not_in_force": Text("不在生效期内", "not in force"),
    "not_applicable": Text("不适用", "not applicable"),
    "unknown": Text("不能判定是否适用", "cannot be told"),
}

#: Of several obligations that rest on one rule, the one that tells most comes first.
_TELLING = (Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.DUE_SOON, Verdict.PENDING)

Told = tuple[Obligation, Violation | None, tuple[date, ...]]


def show(found: Explanation, rulebook: Rulebook, language: Language, *, known_at: str | None = None) -> None:
    """Why a duty is judged as it is."""
    out, j = Terminal(), found.judgement
    label = duty_label(rulebook, found.duty.name)
    out.say(f"{label.zh} · {label.en} ({found.duty.name})", "bold")
    out.say(f"{j.name or ''} {j.uscc} · ".lstrip() + by_what(j.as_of, known_at)(language))
    told = {o.key: (o, v, days) for o, v, days in found.obligations}
    for reason in found.rules:
        _show_rule(out, reason, told, rulebook)
    out.say()
    out.say("各期间或对象 · periods or objects", "bold")
    if not found.obligations:
        out.say("没有要求 · nothing is asked for", indent=2)
    for o, v, days in found.obligations:
        verdict, because = VERDICTS[o.verdict], obligation_reason(o, v, days, rulebook)
        out.say(f"{_key(o)}  {verdict.zh} · {verdict.en}", indent=2)
        out.say(because.zh, indent=4)
        out.say(because.en, indent=4)
        for step in v.steps if v else ():
            _show_step(out, step, rulebook)


def _show_step(out: Terminal, step: Step, rulebook: Rulebook) -> None:
    """One step that the violation has reached, with the words that name it and the numbers that none prints."""
    said, ref = step_reason(step, rulebook), step.ref
    out.say(f"{step.level}. {said.zh}", indent=4)
    out.say(said.en, indent=7)
    out.say(f"《{ref.document}》{ref.clause}：“{ref.quote}”", "dim", indent=7)
    _show_assumptions(out, step.assumptions, indent=7)


def step_reason(step: Step, rulebook: Rulebook) -> Text:
    """When a step was due and issued, or what holds it back."""
    label = STEPS[step.step]
    zh, en = f"{label.zh}：应于 {step.due_on}", f"{label.en}: due on {step.due_on}"
    held = held_text(step.held_by, rulebook) if step.held_by else None
    if step.issued_on is None:
        return Text(f"{zh}，暂缓（{held.zh}）", f"{en}, held back ({held.en})") if held else Text(zh, en)
    if held is not None:
        return Text(f"{zh}，因{held.zh}暂缓，{step.issued_on} 发出",
                    f"{en}, held back ({held.en}), issued on {step.issued_on}")
    return Text(f"{zh}，当日发出", f"{en}, issued on that day")


def _show_assumptions(out: Terminal, figures: Sequence[Figure], *, indent: int) -> None:
    for figure in figures:
        if figure.assumption:
            out.say(f"数字 {figure.value} 是假定：{figure.assumption}", "dim", indent=indent)
            out.say(f"the number {figure.value} is an assumption that no source prints", "dim", indent=indent)


def _show_rule(out: Terminal, reason: RuleReason, told: Mapping[str, Told], rulebook: Rulebook) -> None:
    ref, titles = reason.rule.ref, reason.rule.titles
    item = f" [{reason.item}]" if reason.item else ""
    asked, standing, outcome = asked_text(reason.rule.asked), _STANDINGS[reason.standing], _outcome(reason, told)
    out.say()
    out.say(f"• {ref.id} — {titles.zh} · {titles.en}{item}")
    out.say(f"《{ref.document}》{ref.clause}：“{ref.quote}”", "dim", indent=2)
    out.say(f"{asked.zh} · {asked.en}", indent=2)
    _show_assumptions(out, reason.rule.figures, indent=4)
    if outcome is None:
        out.say(f"{standing.zh} · {standing.en}", "bold", indent=2)
    else:
        verdict = VERDICTS[outcome.verdict]
        out.say(f"{standing.zh}，{verdict.zh} · {standing.en}, {verdict.en} ({_key(outcome)})", "bold", indent=2)
    for text in (*reason.reasons, *reason.state):
        out.say(text.zh, indent=4)
        out.say(text.en, indent=4)
    if outcome is not None:
        because = obligation_reason(*told[outcome.key], rulebook)
        out.say(because.zh, indent=4)
        out.say(because.en, indent=4)


def _outcome(reason: RuleReason, told: Mapping[str, Told]) -> Obligation | None:
    """Of the obligations that rest on a rule the one told beside it: the newest with an open violation, and so on."""
    resting = [told[o.key] for o in reason.obligations]
    for verdict in _TELLING:
        if found := [o for o, v, _ in resting if o.verdict is verdict and (v is None or v.status == "open")]:
            return found[-1]
    return reason.obligations[-1] if reason.obligations else None


def _key(obligation: Obligation) -> str:
    return "现状 · state" if obligation.key == "state" else obligation.key


def obligation_reason(o: Obligation, v: Violation | None, days: Sequence[date], rulebook: Rulebook) -> Text:
    """One sentence on one obligation: by which record, since when, or for lack of what."""
    done = joined(Text(str(day), str(day)) for day in days)
    if o.missing:
        lacking = joined(fact_label(rulebook, fact) for fact in o.missing)
        return Text(f"缺：{lacking.zh}", f"missing: {lacking.en}")
    if o.waiver is not None:
        return waiver_reason(o.waiver, v)
    match o.verdict:
        case Verdict.FULFILLED:
            return Text(f"{done.zh} 有记录", f"record of {done.en}") if days else Text("现状符合", "it is so")
        case Verdict.PENDING | Verdict.DUE_SOON:
            claimed = Text("", "") if o.covered is not False else Text(
                "；这一期的台账未声明齐全", "; the ledger is not claimed to be complete for it")
            return Text(f"应在 {o.due_on} 前（含当日）完成，已有 {o.done}/{o.required}{claimed.zh}",
                        f"due by {o.due_on} inclusive, {o.done} of {o.required} done{claimed.en}")
        case Verdict.MADE_UP if v is not None:
            return Text(f"{o.due_on} 到期未完成，{v.closed_on} 补做，逾期 {v.overdue_days} 天",
                        f"missed on {o.due_on}, made up on {v.closed_on}, {_days(v.overdue_days)} overdue")
        case Verdict.VIOLATED if v is not None:
            since = Text(f"自 {v.opened_on} 起违规", f"violated since {v.opened_on}")
            if v.status == "lapsed":
                return Text(f"{since.zh}，{v.closed_on} 失效", f"{since.en}, lapsed on {v.closed_on}")
            streak = Text(f"，连续第 {v.streak} 次", f", {v.streak} in a row") if v.streak > 1 else Text("", "")
            return Text(since.zh + streak.zh, since.en + streak.en)
    return Text("", "")


def waiver_reason(waiver: Waiver, v: Violation | None) -> Text:
    """By which waiver, whose word and for what reason something is waived, and what is waived if it was missed."""
    zh = f"第 {waiver.id} 号豁免（{waiver.first} 至 {waiver.last}，{waiver.author} {waiver.entered_on} 录入）"
    en = f"waiver {waiver.id} ({waiver.first} to {waiver.last}, entered by {waiver.author} on {waiver.entered_on})"
    zh, en = f"{zh}：{waiver.reason}", f"{en}: {waiver.reason}"
    if waiver.retroactive:
        zh, en = f"{zh}；追溯：{waiver.retroactive}", f"{en}; retroactive: {waiver.retroactive}"
    if waiver.ended_on is not None:
        zh, en = f"{zh}；{waiver.ended_on} 终止", f"{en}; ended on {waiver.ended_on}"
    if v is not None:
        zh, en = f"{zh}；自 {v.opened_on} 起未做", f"{en}; missed since {v.opened_on}"
    return Text(zh, en)


def _days(number: int | None) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def document(found: Explanation, rulebook: Rulebook) -> dict[str, Any]:
    """The explanation for scripts."""
    return {
        "uscc": found.judgement.uscc,
        "as_of": found.judgement.as_of.isoformat(),
        "duty": found.duty.name,
        "rules": [_rule_row(reason) for reason in found.rules],
        "obligations": [{**obligation_row(o), "records": [day.isoformat() for day in days],
                         "opened_on": v.opened_on.isoformat() if v else None,
                         "escalation": [step_row(step) for step in v.issued] if v else [],
                         "held_back": [step_row(step) for step in v.held_back] if v else [],
                         "reason": _row(obligation_reason(o, v, days, rulebook))}
                        for o, v, days in found.obligations],
    }


def _rule_row(reason: RuleReason) -> dict[str, Any]:
    rule = reason.rule
    return {
        "id": rule.ref.id, "case": rule.case, "object": reason.item, "standing": reason.standing,
        "document": rule.ref.document, "clause": rule.ref.clause, "quote": rule.ref.quote,
        "assumptions": [{"value": f.value, "reason": f.assumption} for f in rule.figures if f.assumption],
        "reasons": [_row(text) for text in (*reason.reasons, *reason.state)],
        "obligations": [{"key": o.key, "verdict": str(o.verdict)} for o in reason.obligations],
    }


def _row(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
