"""Commands about cases (建议的办理): cases lists them, case shows one and enters what a person decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import click
from sqlalchemy import Engine

from engine import clock
from engine.case_file import grounds_of, kept_grounds
from engine.case_store import cases as known_cases
from engine.case_store import enter
from engine.cases import ALL, DECIDED, OPEN, POSSIBLE, Case, Decision, decide
from engine.cli import case_cards
from engine.cli.context import BY_HELP, Context, as_of_option, command_options
from engine.cli.lookups import check_division, kind_named, legible
from engine.errors import nearest
from engine.judgement import judge
from engine.output import Row
from engine.procedures import Terms, terms_of
from engine.results import Judgement, Recommendation
from engine.rulebook import Rulebook
from engine.subject import reaches, subject_of
from engine.waiver_store import known_waivers
from engine.wording import RECOMMENDATIONS, STATUSES, recommendation_label
from facts.dossier import Dossier
from facts.errors import BadInput
from facts.language import Text
from facts.spelling import half_width
from facts.store.database import writing
from facts.store.reading import dossier, dossiers

#: How many cases a message lists.
_LISTED = 12

_format = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
                       help="output for people or for scripts · 输出格式")


@click.command()
@as_of_option
@click.option("--status", type=click.Choice(["open", "closed", "all", *ALL]), default="all", show_default=True,
              help="open: proposed, unknown, notified or confirmed · 状态")
@click.option("--kind", metavar="KIND", help="only this kind, as blacklist or 黑名单 · 建议的种类")
@click.option("--division", metavar="CODE", help="only this division, trailing pairs of zeros open · 行政区划")
@_format
@command_options(packs=True)
def cases(context: Context, as_of: date, status: str, kind: str | None, division: str | None, form: str) -> None:
    """List the recommendations that sweeps have recorded, and how each stands · 列出建议及其办理情况.

    As of an earlier date: what was decided later is not seen. What a sweep has not recorded yet is no case.
    """
    rulebook = context.rulebook()
    check_division(division)
    wanted = kind_named(rulebook, kind) if kind is not None else None
    engine = context.open()
    found = [case for case in known_cases(engine) if _wanted(case, as_of, status, wanted)]
    of = {each.uscc: each for each in dossiers(engine, usccs=sorted({c.uscc for c in found}))} if found else {}
    rows = [row for case in found if (row := _row(case, of.get(case.uscc), rulebook, as_of)) is not None
            and (division is None or reaches(division, row["division"]))]
    rows.sort(key=lambda row: (row["kind"], row["since"] or "9999", row["uscc"], row["id"]))
    if form == "json":
        context.document({"as_of": as_of.isoformat(), "cases": rows})
    else:
        case_cards.listing(rows, rulebook, context.language)


def _wanted(case: Case, as_of: date, status: str, kind: str | None) -> bool:
    now = case.status(as_of)
    if (kind is not None and case.recommendation != kind) or (case.since is not None and case.since > as_of):
        return False
    return status in ("all", now) or (status == "open" and now in OPEN) or (status == "closed" and now not in OPEN)


def _row(case: Case, found: Dossier | None, rulebook: Rulebook, as_of: date) -> Row:
    subject = subject_of(found, as_of) if found else None
    place, seen = subject.current.facts.get("division") if subject else None, case.seen(as_of)
    status, last = case.status(as_of), seen.last
    confirmed = next((each for each in reversed(seen.decisions) if each.kind == "confirmed"), None)
    counts = status in ("notified", *DECIDED)
    return {
        "id": case.id,
        "uscc": case.uscc,
        "name": subject.name if subject else None,
        "division": place if isinstance(place, str) else None,
        "kind": case.recommendation,
        "label": label_of(case.recommendation, rulebook).zh,
        "status": status,
        "since": _iso(case.since),
        "missing": list(case.missing) if status == "unknown" else [],
        "withdrawn_on": _iso(case.withdrawn_on) if status in ("withdrawn", "confirmed") else None,
        "decided_on": _iso(last.on) if last and counts else None,
        "decided_by": last.by if last and counts else None,
        "reason": last.reason if last and counts else None,
        "objections": len(seen.objections) if counts else 0,
        "object_until": _iso(last.object_until) if last and counts else None,
        "expires_on": _iso(confirmed.expires_on) if confirmed and counts else None,
        "removable_from": _iso(confirmed.removable_from) if confirmed and counts else None,
    }


def label_of(kind: str, rulebook: Rulebook) -> Text:
    """What a kind of recommendation is called."""
    return RECOMMENDATIONS.get(kind) or recommendation_label(rulebook, kind)


@dataclass(frozen=True, slots=True)
class _Look:
    """A case with what the ledger and the packs say of it on a day; ``grounds`` are empty where none stands."""

    case: Case
    dossier: Dossier | None
    judgement: Judgement | None
    recommendation: Recommendation | None
    grounds: tuple[Mapping[str, Any], ...]
    terms: Terms


def _look(engine: Engine, rulebook: Rulebook, case: Case, day: date) -> _Look:
    found = dossier(engine, case.uscc)
    waivers = known_waivers(engine, uscc=case.uscc).get(case.uscc, ())
    judgement = judge(found, rulebook, day, waivers) if found else None
    each = next((r for r in judgement.recommendations if r.id == case.id), None) if judgement else None
    grounds = grounds_of(each, found, judgement) if each and each.status == "proposed" else ()
    rules = [ground["rule"] for ground in grounds] or [ground.rule for ground in kept_grounds(case, day)]
    return _Look(case, found, judgement, each, grounds, terms_of(rulebook, rules))


@click.group()
def case() -> None:
    """One recommendation: its file, and what a person decides on it · 办理一件建议.

    \b
    proposed -> notified -> confirmed -> expired, lifted or revoked
    proposed or notified -> rejected

    ID is what query, export and cases show, or its beginning.
    """


_id = click.argument("named", metavar="ID")


@case.command()
@_id
@as_of_option
@_format
@command_options(packs=True)
def show(context: Context, named: str, as_of: date, form: str) -> None:
    """The file of a case: grounds, who is competent, terms, what was decided · 查看案卷."""
    rulebook, engine = context.rulebook(), context.open()
    found = case_named(engine, named)
    looked = _look(engine, rulebook, found, as_of)
    document = _document(looked, rulebook, as_of)
    if form == "json":
        context.document(document)
    else:
        case_cards.file(document, rulebook, context.language)


def _document(looked: _Look, rulebook: Rulebook, as_of: date) -> Row:
    """The file as one document. What was decided counts as it was frozen then, the rest as the packs say now."""
    seen, terms = looked.case.seen(as_of), looked.terms
    kept = next((each for each in reversed(seen.decisions) if each.grounds), None)
    last = next((each for each in reversed(seen.decisions) if each.competent), None)
    row = _row(looked.case, looked.dossier, rulebook, as_of)
    assumptions = [dict(a) for d in seen.decisions for a in d.assumptions] or [a.document() for a in terms.assumptions]
    return {
        **row,
        "as_of": as_of.isoformat(),
        "notice": {"zh": case_cards.NOTICE.zh, "en": case_cards.NOTICE.en},
        "competent": [dict(each) for each in (last.competent if last else terms.competent)],
        "grounds": [dict(each) for each in (
            kept.grounds if kept and row["status"] in ("notified", "withdrawn", *DECIDED) else looked.grounds)],
        "grounds_stand": bool(looked.grounds),
        "terms": {"objection_days": terms.objection and terms.objection.value,
                  "term_months": terms.term and terms.term.value,
                  "removable_after_months": terms.removable_after and terms.removable_after.value},
        "assumptions": [dict(pairs) for pairs in dict.fromkeys(tuple(sorted(a.items())) for a in assumptions)],
        "history": [decision_row(each) for each in seen.decisions],
        "possible": list(POSSIBLE.get(row["status"], ())),
    }


def decision_row(decision: Decision) -> Row:
    """One entry of the file."""
    return {"kind": decision.kind, "on": _iso(decision.on), "by": decision.by, "reason": decision.reason,
            "waives": decision.waives, "answers": decision.answers, "object_until": _iso(decision.object_until),
            "expires_on": _iso(decision.expires_on), "removable_from": _iso(decision.removable_from)}


def _entering(action: str, *further: Callable[[Any], Any]) -> Callable[[Callable[..., Any]], click.Command]:
    """A command below ``case`` that enters a decision: ID, --by and --reason, and ``further`` options."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        command = command_options(packs=True)(function)
        for option in (*further,
                       click.option("--reason", metavar="TEXT", help="why, needed · 理由（必填）"),
                       click.option("--by", "author", metavar="NAME", help=BY_HELP), _id):
            command = option(command)
        return case.command(action)(command)

    return decorate


@_entering("notify")
def notify(context: Context, named: str, author: str | None, reason: str | None) -> None:
    """The enterprise was told what is proposed and why · 登记已告知企业.

    From then on it may object, for as many days as the pack says.
    """
    _enter(context, "notify", named, author, reason)


@_entering("object")
def object_(context: Context, named: str, author: str | None, reason: str | None) -> None:
    """The enterprise objects: REASON is what it says · 登记企业的异议.

    May be entered several times. The reason of the decision must answer it.
    """
    _enter(context, "object", named, author, reason)


@_entering("confirm", click.option("--waives-objection", "waives", metavar="TEXT",
                                   help="why objections need not be waited for · 不等异议期满的理由"))
def confirm(context: Context, named: str, author: str | None, reason: str | None, waives: str | None) -> None:
    """The competent authority has decided as proposed · 登记有权机关已确认.

    After the days for objections, or once an objection was made; the reason answers it.
    """
    _enter(context, "confirm", named, author, reason, waives=waives)


@_entering("reject")
def reject(context: Context, named: str, author: str | None, reason: str | None) -> None:
    """It is not done; never proposed again on these grounds · 不予采纳."""
    _enter(context, "reject", named, author, reason)


@_entering("lift", click.option("--early", is_flag=True,
                                help="before removal may be applied for · 早于可申请移出之日"))
def lift(context: Context, named: str, author: str | None, reason: str | None, early: bool) -> None:
    """A confirmed one ends before its term · 提前移出."""
    _enter(context, "lift", named, author, reason, early=early)


@_entering("revoke")
def revoke(context: Context, named: str, author: str | None, reason: str | None) -> None:
    """A confirmed one was wrong · 撤销错误的确认."""
    _enter(context, "revoke", named, author, reason)


def _enter(context: Context, action: str, named: str, author: str | None, reason: str | None, *,
           waives: str | None = None, early: bool = False) -> None:
    author = context.act(action, author, about=named)
    lacking = [option for option, value in {"--by": author, "--reason": reason}.items() if value is None]
    if lacking:
        raise BadInput(Text(f"缺少 {'、'.join(lacking)}", f"missing: {', '.join(lacking)}"))
    assert author is not None
    assert reason is not None
    now = clock.now()
    rulebook, engine = context.rulebook(), context.open()
    seen = case_named(engine, named)
    looked = _look(engine, rulebook, seen, now.date())
    decision = decide(seen, action, on=now.date(), by=legible(author), reason=legible(reason), terms=looked.terms,
                      grounds=looked.grounds, waives=None if waives is None else legible(waives), early=early)
    with writing(engine, "outcomes") as connection:
        enter(connection, decision, seen, now=now)
    _say(context, decision, seen, looked, rulebook)


def _say(context: Context, decision: Decision, seen: Case, looked: _Look, rulebook: Rulebook) -> None:
    """What was entered, on standard output, and what follows from it."""
    kind, status = label_of(decision.recommendation, rulebook), STATUSES[decision.kind]
    click.echo(Text(f"{decision.case} {decision.uscc} {kind.zh}：{status.zh}（{decision.by}，{decision.on}）",
                    f"{decision.case} {decision.uscc} {kind.en}: {status.en} ({decision.by}, {decision.on})")(
        context.language))
    for line in case_cards.what_follows(decision, seen, looked.terms):
        click.echo(line(context.language))


def case_named(engine: Engine, named: str) -> Case:
    """The case whose id this is, or begins so. Raises :class:`~facts.errors.BadInput`."""
    wanted = half_width(legible(named)).strip().lower()
    found = known_cases(engine, prefix=wanted) if wanted else []
    if not found:
        near = nearest(wanted, [each.id for each in known_cases(engine)])
        raise BadInput(Text(
            f"没有登记编号为“{wanted}”的建议{near.zh or '；'}zhiben cases 列出全部；"
            "刚查到、尚未登记的，请先运行 zhiben sweep",
            f"no recommendation “{wanted}” is recorded{near.en or ';'} zhiben cases lists them; one that only a query "
            "shows is recorded by zhiben sweep: run that first"))
    if len(found) > 1:
        ids = [each.id for each in found[:_LISTED]] + ["…"] * (len(found) > _LISTED)
        raise BadInput(Text(f"“{wanted}”开头的有 {len(found)} 件：{'、'.join(ids)}；请多写几位",
                            f"{len(found)} cases begin with “{wanted}”: {', '.join(ids)}; give more of the id"))
    return found[0]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


commands: Sequence[click.Command] = (cases, case)
