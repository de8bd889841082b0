"""Cases (建议的办理): what people decide on a recommendation, step by step. SEMANTICS.md section 6.

The engine proposes; a named person notifies the enterprise, notes what it objects, confirms or rejects; a confirmed
case ends when its term is over, is lifted before that (提前移出), or revoked because it was wrong (撤销). Nothing here
knows of clock or database: the day of a decision is given, and what was decided before.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from engine.case_story import UNDECIDED
from engine.procedures import Terms
from engine.said import said
from engine.wording import STATUSES
from facts.errors import BadInput
from facts.language import Text

#: What a person may do, and how the case stands afterwards (its status, which is the kind of the decision too).
OUTCOMES: Mapping[str, str] = {
    "notify": "notified", "object": "objected", "confirm": "confirmed", "reject": "rejected", "lift": "lifted",
    "revoke": "revoked",
}
#: What may be done to a case that stands so; nothing to any other.
POSSIBLE: Mapping[str, tuple[str, ...]] = {
    "proposed": ("notify", "reject"),
    "notified": ("object", "confirm", "reject"),
    "confirmed": ("lift", "revoke"),
}
#: How a case can stand, those that are still running first.
OPEN = ("proposed", "unknown", "notified", "confirmed")
ALL = (*OPEN, "rejected", "expired", "lifted", "revoked", "withdrawn")
#: How a case stands whatever the facts say now, since a person has decided.
DECIDED = ("confirmed", "rejected", "expired", "lifted", "revoked")

ACTIONS: Mapping[str, Text] = {
    "notify": Text("告知", "notify"),
    "object": Text("登记异议", "object"),
    "confirm": Text("确认", "confirm"),
    "reject": Text("不予采纳", "reject"),
    "lift": Text("提前移出", "lift"),
    "revoke": Text("撤销", "revoke"),
}

_DAY = timedelta(days=1)
_NO_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry in the file of a case (办理记录), the ``place``-th from 1; ``kind`` is one of :data:`OUTCOMES`'.

    ``recommendation`` and ``since`` are those of the case on that day, ``grounds`` what was known of its grounds then.
    ``object_until`` is the last day for objections, ``expires_on`` the first day on which a confirmation is over,
    ``removable_from`` the first on which removal may be applied for; ``assumptions`` those of these that no source
    prints. ``answers`` counts the objections that a decision answers, ``waives`` says why none was waited for.
    """

    case: str
    place: int
    uscc: str
    recommendation: str
    since: date | None
    kind: str
    on: date
    by: str
    reason: str
    grounds: Sequence[Mapping[str, Any]] = ()
    competent: Sequence[Mapping[str, Any]] = ()
    assumptions: Sequence[Mapping[str, Any]] = ()
    object_until: date | None = None
    expires_on: date | None = None
    removable_from: date | None = None
    waives: str | None = None
    answers: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A recommendation that a sweep has recorded, with all that was decided on it.

    ``recorded`` is how the newest sweep or decision left it; ``withdrawn_on`` when a sweep found no ground any more.
    """

    id: str
    uscc: str
    recommendation: str
    recorded: str
    since: date | None
    decisions: tuple[Decision, ...] = ()
    withdrawn_on: date | None = None
    missing: tuple[str, ...] = field(default=())

    @property
    def last(self) -> Decision | None:
        """The newest entry that changed how the case stands."""
        return next((each for each in reversed(self.decisions) if each.kind != "objected"), None)

    def status(self, day: date) -> str:
        """How the case stands on ``day``, for all that is recorded now; what was decided later is not seen."""
        last = self.seen(day).last
        if last is None or (last.kind == "notified" and last is self.last and self.recorded != "notified"):
            # A sweep has taken the grounds away since, or proposed it anew: the notice is void.
            undecided = self.recorded if self.recorded in ("unknown", "withdrawn") else "proposed"
            late = undecided == "withdrawn" and self.withdrawn_on is not None and day < self.withdrawn_on
            return ("proposed" if last is None else "notified") if late else undecided
        expired = last.kind == "confirmed" and last.expires_on is not None and last.expires_on <= day
        if (expired or last.kind in ("rejected", "lifted", "revoked")) and last is self.last and (
                self.recorded in UNDECIDED):
            # A sweep has proposed it anew, on a ground that was not there when it was decided on.
            return self.recorded
        return "expired" if expired else last.kind

    def seen(self, day: date) -> Case:
        """The case with what was decided up to ``day``."""
        found = tuple(each for each in self.decisions if each.on <= day)
        if len(found) == len(self.decisions):
            return self
        recorded = self.recorded if self.recorded in ("unknown", "withdrawn") else "proposed"
        last = next((each for each in reversed(found) if each.kind != "objected"), None)
        return Case(self.id, self.uscc, self.recommendation, last.kind if last else recorded, self.since, found,
                    self.withdrawn_on, self.missing)

    @property
    def objections(self) -> tuple[Decision, ...]:
        """What was objected since the newest notice."""
        found: list[Decision] = []
        for each in self.decisions:
            if each.kind == "notified":
                found.clear()
            elif each.kind == "objected":
                found.append(each)
        return tuple(found)


def decide(case: Case, action: str, *, on: date, by: str, reason: str, terms: Terms = _NO_TERMS,
           grounds: Sequence[Mapping[str, Any]] = (), waives: str | None = None, early: bool = False) -> Decision:
    """The entry that ``action`` makes in the file of ``case`` on the day ``on``.

    ``grounds`` are those that stand today: without one, nothing is notified or confirmed. ``waives`` is the reason for
    not waiting for objections; ``early``: lifted before removal may be applied for. Raises
    :class:`~facts.errors.BadInput`: blank texts, a day before the newest entry, what is not possible as the case
    stands, a confirmation while objections may still be made.
    """
    by, reason = said(by, Text("经办人", "name")), said(reason, Text("理由", "reason"))
    if waives is not None:
        waives = said(waives, Text("不等异议期的理由", "reason for not waiting"))
    if case.decisions and on < case.decisions[-1].on:
        raise BadInput(Text(f"今天是 {on}，早于该案上一次登记（{case.decisions[-1].on}）；请核对系统日期",
                            f"today is {on}, before the newest entry of the case ({case.decisions[-1].on}); check the "
                            "clock"))
    status = case.status(on)
    if action not in POSSIBLE.get(status, ()):
        raise BadInput(_not_possible(case, action, status, on))
    if action in ("notify", "confirm") and not grounds:
        raise BadInput(Text(f"{case.id} 截至今天已无根据（台账或规则包有变动），不能{ACTIONS[action].zh}；"
                            "请运行 zhiben sweep，或用 case reject",
                            f"{case.id} has no ground as of today (the ledger or the packs have changed), it cannot be "
                            f"{OUTCOMES[action]}; run zhiben sweep, or reject it"))
    entry = Decision(case.id, len(case.decisions) + 1, case.uscc, case.recommendation, case.since, OUTCOMES[action],
                     on, by, reason, tuple(grounds))
    return _with_terms(case, entry, terms, waives, early=early)


def _with_terms(case: Case, entry: Decision, terms: Terms, waives: str | None, *, early: bool) -> Decision:
    last = case.last
    match entry.kind:
        case "notified":
            until = None if terms.objection is None else entry.on + timedelta(days=terms.objection.value)
            return replace(entry, competent=terms.competent, assumptions=terms.assumed("competent", "objection"),
                           object_until=until)
        case "objected":
            return replace(entry, grounds=())
        case "confirmed":
            assert last is not None
            if not case.objections and waives is None and last.object_until and entry.on <= last.object_until:
                raise BadInput(Text(
                    f"{case.id} 于 {last.on} 告知，异议期到 {last.object_until}（含）为止，尚无异议；"
                    f"{last.object_until + _DAY} 起可以确认，企业放弃异议的用 --waives-objection 写明",
                    f"{case.id} was notified on {last.on}, objections may be made up to and including "
                    f"{last.object_until}; confirm it from {last.object_until + _DAY} on, or say with "
                    "--waives-objection why there will be none"))
            return replace(
                entry, competent=terms.competent, waives=waives, answers=len(case.objections) or None,
                assumptions=terms.assumed("competent", "term", "removable_after"),
                expires_on=None if terms.term is None else months_after(entry.on, terms.term.value),
                removable_from=None if terms.removable_after is None else months_after(
                    entry.on, terms.removable_after.value))
        case "rejected":
            return replace(entry, answers=len(case.objections) or None)
        case "lifted":
            assert last is not None
            if last.removable_from is not None and entry.on < last.removable_from and not early:
                assumed = any(each["key"] == "removable_after" for each in last.assumptions)
                zh, en = ("（假定，见案卷）", " (an assumption, see the file)") if assumed else ("", "")
                raise BadInput(Text(
                    f"{case.id} 于 {last.on} 确认，{last.removable_from} 起方可提前移出{zh}；确需更早的加 --early",
                    f"{case.id} was confirmed on {last.on}, it may be lifted from {last.removable_from} on{en}; if it "
                    "must be earlier, add --early"))
    return replace(entry, grounds=() if entry.kind in ("lifted", "revoked") else entry.grounds)


def _not_possible(case: Case, action: str, status: str, on: date) -> Text:
    """What stands in the way: how the case stands, who brought it there when, and what is possible."""
    last, label = case.seen(on).last, STATUSES[status]
    if status == "expired" and last is not None:
        who = Text(f"{last.expires_on} 到期（{last.by} 于 {last.on} 确认）",
                   f"since {last.expires_on} (confirmed by {last.by} on {last.on})")
    elif last is not None and last.kind == status:
        who = Text(f"{last.by} 于 {last.on} 登记：{last.reason}", f"by {last.by} on {last.on}: {last.reason}")
    elif status == "withdrawn":
        who = Text(f"{case.withdrawn_on} 起根据不再存在", f"its grounds are gone since {case.withdrawn_on}")
    else:
        who = Text(f"自 {case.since} 起", f"since {case.since}") if case.since else Text("", "")
    ways = POSSIBLE.get(status, ())
    zh = "、".join(f"{way}（{ACTIONS[way].zh}）" for way in ways) or "无"
    en = ", ".join(ways) or "nothing"
    return Text(f"{case.id} 现为“{label.zh}”{f'（{who.zh}）' if who.zh else ''}，不能{ACTIONS[action].zh}；"
                f"可以办理的：{zh}",
                f"{case.id} is {label.en}{f' ({who.en})' if who.en else ''}; it cannot be {OUTCOMES[action]}; "
                f"possible: {en}")


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last day of a month that is too short."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
