"""What people read in the terminal (终端显示): the card of an enterprise, and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from rich.text import Text as Styled

from engine.cli.terminal import Terminal
from engine.output import not_ended
from engine.results import Judgement, Obligation, Verdict, Violation
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
from facts.spelling import joined

_STYLES = {"violated": "bold red", "due_soon": "yellow", "unknown": "magenta", "fulfilled": "green", "made_up": "cyan"}

#: What is owed next, most urgent first; what is violated has a table of its own.
_OWED = (Verdict.DUE_SOON, Verdict.UNKNOWN, Verdict.PENDING)


class _Footnotes:
    """Citations by number, so that a table stays narrow and every clause is still named below it."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._numbers: dict[str, int] = {}

    def cite(self, *citations: tuple[str, str]) -> str:
        """Numbers for (document, clause) pairs, as [1][2]."""
        shown = [f"《{d}》{c}" if self._language == "zh" else f"{d}, {c}" for d, c in dict.fromkeys(citations)]
        return "".join(f"[{self._numbers.setdefault(text, len(self._numbers) + 1)}]" for text in shown)

    def show(self, out: Terminal) -> None:
        """The numbered list."""
        for text, number in self._numbers.items():
            out.say(f"[{number}] {text}", "dim")


def enterprise(judgement: Judgement, rulebook: Rulebook, language: Language, *, everything: bool,
               known_at: str | None = None) -> None:
    """The card of one enterprise: who, what is violated, owed next, waived, recommended and done."""
    _Card(judgement, rulebook, language).show(everything=everything, known_at=known_at)


def by_what(as_of: date, known_at: str | None) -> Text:
    """The date of the verdict, and when what it goes by was known, if that was asked for."""
    if known_at is None:
        return Text(f"截至 {as_of}", f"as of {as_of}")
    return Text(f"截至 {as_of}（按 {known_at} 已知的情况）", f"as of {as_of} (by what was known on {known_at})")


class _Card:
    def __init__(self, judgement: Judgement, rulebook: Rulebook, language: Language) -> None:
        self._judgement, self._rulebook, self._language = judgement, rulebook, language
        self._notes = _Footnotes(language)
        self._out = Terminal()

    def _say(self, zh: str, en: str) -> str:
        return zh if self._language == "zh" else en

    def show(self, *, everything: bool, known_at: str | None) -> None:
        j, out = self._judgement, self._out
        out.say(f"{j.name}  {j.uscc}" if j.name else j.uscc, "bold")
        out.say(" · ".join((j.division or self._say("区划不明", "division not known"), *self._attributes(),
                            by_what(j.as_of, known_at)(self._language))))
        self._violations()
        self._steps()
        self._owed()
        self._waived(everything=everything)
        self._recommended()
        if everything:
            self._settled()
        out.say()
        self._notes.show(out)

    def _attributes(self) -> tuple[str, ...]:
        """What an enterprise does and whether that is high-risk, or what kind of authority it is."""
        j = self._judgement
        if j.is_authority:
            kind = self._rulebook.authority_kinds.get(j.authority_kind or "", Text("部门类别不明", "kind not known"))
            return (kind(self._language),)
        # A sector that none of these packs knows was declared by one that is not used now.
        sectors = joined(self._rulebook.sectors.get(s, Text(s, s)) for s in j.sectors or ())(self._language)
        risk = {True: Text("高危", "high-risk"), False: Text("非高危", "not high-risk"),
                None: Text("是否高危不明", "high-risk not known")}[j.high_risk]
        return sectors or self._say("行业领域不明", "sectors not known"), risk(self._language)

    def _violations(self) -> None:
        found = [v for v in self._judgement.violations if v.status == "open"]
        if not found:
            self._out.say()
            self._out.say(self._say("没有未了结的违规", "No open violation"), "green")
            return
        self._out.show(
            self._say("未了结的违规", "Open violations"),
            self._columns(("义务", "期间或对象", "违规自", "逾期", "连续", "依据"),
                          ("duty", "period or object", "since", "overdue", "in a row", "by")),
            [(self._duty(v.duty), self._key(v), str(v.opened_on), self._days(v.overdue_days),
              str(v.streak) if v.streak > 1 else "", self._by(v)) for v in found],
            style="red", whole=(2, 3))

    def _steps(self) -> None:
        """What was done about the open violations, and what is held back and why."""
        found = [(v, step) for v in self._judgement.violations if v.status == "open" for step in v.steps]
        if found:
            self._out.show(
                self._say("督促措施", "Steps"),
                self._columns(("义务", "期间或对象", "措施", "应于", "发出", "暂缓原因", "依据"),
                              ("duty", "period or object", "step", "due", "issued", "held back by", "by")),
                [(self._duty(v.duty), self._key(v), STEPS[step.step](self._language), str(step.due_on),
                  str(step.issued_on or ""), held_text(step.held_by, self._rulebook)(self._language)
                  if step.held_by else "", self._notes.cite((step.ref.document, step.ref.clause)))
                 for v, step in found], whole=(3, 4))
        taken_back = [(v, step) for v in self._judgement.violations if v.status == "withdrawn" for step in v.issued]
        if taken_back:
            self._out.show(
                self._say("违规已撤回，撤回前已发出的措施", "Steps issued before their violations were withdrawn"),
                self._columns(("义务", "期间或对象", "措施", "应于", "发出", "违规撤回"),
                              ("duty", "period or object", "step", "due", "issued", "withdrawn")),
                [(self._duty(v.duty), self._key(v), STEPS[step.step](self._language), str(step.due_on),
                  str(step.issued_on), str(v.closed_on)) for v, step in taken_back], whole=(3, 4, 5))

    def _owed(self) -> None:
        found = [o for o in self._judgement.obligations if o.verdict in _OWED]
        if not found:
            if not self._judgement.obligations:
                self._out.say(self._say("没有应尽的义务", "Nothing is owed"))
            return
        found.sort(key=lambda o: (_OWED.index(o.verdict), o.due_on or date.max, o.duty))
        self._out.show(
            self._say("待办和不明", "Owed next, and not known"),
            self._columns(("义务", "期间或对象", "到期", "还有", "判定", "依据", "所缺"),
                          ("duty", "period or object", "due", "left", "verdict", "by", "missing")),
            [(self._duty(o.duty), self._span(o, first, n), str(o.due_on or ""), self._left(o),
              self._verdict(o.verdict), self._by(o), self._missing(o.missing)) for first, o, n in _in_one(found)],
            whole=(2, 3, 4))

    def _waived(self, *, everything: bool) -> None:
        """What waivers cover and by whose word; violations of a state by the days on which they began."""
        rows: list[tuple[Any, ...]] = []
        for o in self._judgement.obligations:
            if o.waiver is not None and (everything or not_ended(o, self._judgement.as_of)):
                back = self._say("；追溯：", "; retroactive: ") + o.waiver.retroactive if o.waiver.retroactive else ""
                rows.append((self._duty(o.duty), self._key(o), str(o.due_on or ""), str(o.waiver.id),
                             str(o.waiver.last_day(self._judgement.as_of)), o.waiver.reason + back, o.waiver.author))
        if rows:
            self._out.show(
                self._say("已豁免", "Waived"),
                self._columns(("义务", "期间或对象", "到期", "豁免编号", "至", "理由", "经办人"),
                              ("duty", "period or object", "due", "waiver", "until", "reason", "by")), rows,
                whole=(2, 3, 4))

    def _recommended(self) -> None:
        if not self._judgement.recommendations:
            return
        self._out.show(
            self._say("建议（由人决定）", "Recommendations (a person decides)"),
            self._columns(("建议", "状态", "自", "事实", "依据", "所缺"),
                          ("recommendation", "status", "since", "facts", "by", "missing")),
            [(recommendation_label(self._rulebook, r.kind)(self._language), STATUSES[r.status](self._language),
              str(r.since or ""),
              joined(object_label(f) for f in dict.fromkeys(f for g in r.grounds for f in g.facts))(self._language),
              self._notes.cite(*((g.document, g.clause) for g in r.grounds)), self._missing(r.missing))
             for r in self._judgement.recommendations],
            whole=(2,))

    def _settled(self) -> None:
        violations = {(v.duty, v.key): v for v in self._judgement.violations}
        rows: list[tuple[Any, ...]] = []
        for o in self._judgement.obligations:
            v = violations.get((o.duty, o.key))
            if o.verdict in (Verdict.FULFILLED, Verdict.MADE_UP):
                shown = self._verdict(o.verdict)
            elif o.verdict is Verdict.VIOLATED and v is not None and v.status != "open":
                shown = Styled(STATUSES[v.status](self._language))
            else:
                continue
            on = o.fulfilled_on or (v.closed_on if v else None)
            rows.append((self._duty(o.duty), self._key(o), str(o.due_on or ""), shown, str(on or ""), self._by(o)))
        if rows:
            self._out.show(
                self._say("已有结果", "Settled"),
                self._columns(("义务", "期间或对象", "到期", "判定", "日期", "依据"),
                              ("duty", "period or object", "due", "verdict", "on", "by")), rows, whole=(2, 3, 4))

    def _columns(self, zh: Sequence[str], en: Sequence[str]) -> Sequence[str]:
        return zh if self._language == "zh" else en

    def _duty(self, duty: str) -> str:
        return duty_label(self._rulebook, duty)(self._language)

    def _key(self, row: Obligation | Violation) -> str:
        """The period or object; what must be so at all times has neither."""
        if row.key == "state" or (isinstance(row, Violation) and row.due_on is None):
            return STATE(self._language)
        return row.key

    def _span(self, row: Obligation, first: Obligation, number: int) -> str:
        """The period or object; of several periods that are not known alike, the first and the last."""
        if number == 1:
            return self._key(row)
        return self._say(f"{first.key} 至 {row.key}（{number} 期）", f"{first.key} to {row.key} ({number} periods)")

    def _by(self, row: Obligation | Violation) -> str:
        return self._notes.cite(*((ref.document, ref.clause) for ref in row.rules))

    def _verdict(self, verdict: Verdict) -> Styled:
        return Styled(VERDICTS[verdict](self._language), _STYLES.get(verdict, ""))

    def _missing(self, facts: Sequence[str]) -> str:
        return joined(fact_label(self._rulebook, fact) for fact in facts)(self._language)

    def _days(self, number: int | None) -> str:
        if number is None:
            return ""
        return self._say(f"{number} 天", f"{number} day{'' if number == 1 else 's'}")

    def _left(self, obligation: Obligation) -> str:
        left = (obligation.due_on - self._judgement.as_of).days if obligation.due_on else -1
        if left < 0:
            return ""
        return self._say("今天到期", "today") if left == 0 else self._days(left)


def _in_one(found: Sequence[Obligation]) -> Iterator[tuple[Obligation, Obligation, int]]:
    """First, last and number of obligations in one line: periods of a duty that lack the same go together."""
    lines: dict[Any, list[Obligation]] = {}
    for o in found:
        alone = o.verdict is not Verdict.UNKNOWN or o.required is None or o.starts_on is None
        line = (o.duty, o.key) if alone else (o.duty, o.missing, o.rules)
        lines.setdefault(line, []).append(o)
    yield from ((line[0], line[-1], len(line)) for line in lines.values())


def listing(found: Sequence[tuple[str, str, str | None]], language: Language) -> None:
    """Enterprises by code, division and name."""
    columns = ("统一社会信用代码", "区划", "名称") if language == "zh" else ("code", "division", "name")
    Terminal().show("", columns, [(uscc, division or "", name) for uscc, name, division in found], whole=(0, 1))


def totals(counts: Counter[tuple[str, str, str]], enterprises: Counter[str], authorities: Counter[str],
           rulebook: Rulebook, as_of: date, language: Language, *, known_at: str | None = None) -> None:
    """Counts by division and duty, one column a verdict."""
    out, zh = Terminal(), language == "zh"
    shown = [v for v in VERDICTS if any(verdict == v for _, _, verdict in counts)]
    said = _who(enterprises.total(), authorities.total())
    head = by_what(as_of, known_at)
    out.say(f"{head.zh}：{said.zh}" if zh else f"A{head.en[1:]}: {said.en}", "bold")
    for place in sorted({*enterprises, *authorities}):
        title = f"{place} · {_who(enterprises[place], authorities[place])(language)}"
        duties = sorted({duty for where, duty, _ in counts if where == place})
        out.show(title, ("义务" if zh else "duty", *(VERDICTS[v](language) for v in shown)),
                 [(duty_label(rulebook, duty)(language), *(str(counts[place, duty, v] or "·") for v in shown))
                  for duty in duties],
                 whole=range(1, len(shown) + 1), right=range(1, len(shown) + 1))


def _who(enterprises: int, authorities: int) -> Text:
    """How many enterprises and, if there are any, how many authorities."""
    zh, en = f"企业 {enterprises} 家", f"{enterprises} enterprise{'' if enterprises == 1 else 's'}"
    if authorities:
        zh, en = f"{zh}、部门 {authorities} 个", f"{en} and {authorities} authorit{'y' if authorities == 1 else 'ies'}"
    return Text(zh, en)


def summary(result: Mapping[str, Any], language: Language) -> None:
    """What a sweep found."""
    out, zh = Terminal(), language == "zh"
    said = _who(result["enterprises"], result["authorities"])
    out.say(f"截至 {result['as_of']}：{said.zh}" if zh else f"As of {result['as_of']}: {said.en}", "bold")
    counted = [Text(f"{VERDICTS[v].zh} {n}", f"{n} {VERDICTS[v].en}") for v, n in result["obligations"].items()]
    out.say(("义务：" if zh else "Obligations: ")
            + (("，" if zh else ", ").join(text(language) for text in counted) or ("无" if zh else "none")))
    v = result["violations"]
    out.say(f"违规：新发现 {v['opened']}，了结 {v['closed']}，未了结 {v['open']}" if zh else
            f"Violations: {v['opened']} opened, {v['closed']} closed, {v['open']} open")
    out.say(f"措施：新发出 {result['steps_issued']}" if zh else f"Steps: {result['steps_issued']} issued")
    out.say(f"建议：新提出 {result['recommendations_proposed']}（用时 {result['seconds']} 秒）" if zh else
            f"Recommendations: {result['recommendations_proposed']} proposed ({result['seconds']} s)")
