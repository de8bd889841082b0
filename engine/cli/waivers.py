"""Commands about waivers (豁免): waive, waivers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import click
from sqlalchemy import Engine

from engine import clock
from engine.cli.context import BY_HELP, CivilDate, Context, as_of_option, command_options
from engine.cli.lookups import duty_named, legible, subject_named
from engine.cli.terminal import Terminal
from engine.output import Row, waiver_row
from engine.rulebook import Duty, Rulebook
from engine.subject import subject_of
from engine.waiver_matches import keys_due, matches, why_nothing
from engine.waiver_store import end, enter, known_waivers
from engine.waivers import Waiver
from engine.wording import STATE, duty_label
from facts.dossier import Dossier
from facts.errors import BadInput
from facts.language import Language, Text
from facts.spelling import half_width
from facts.store.database import writing
from facts.store.reading import dossiers

#: How many days before its end a waiver is warned of.
WARNED = 30
#: How many keys a message lists.
_LISTED = 12

_STATES = {
    "coming": Text("未到起日", "not begun"),
    "in_force": Text("有效", "in force"),
    "over": Text("已到期", "over"),
    "ended": Text("已终止", "ended"),
    "void": Text("已作废", "void"),
}


@click.command()
@click.argument("subject", metavar="USCC | end")
@click.argument("named", metavar="DUTY | ID")
@click.option("--key", metavar="KEY", help="only this period, deadline or object; default: all · 期间或对象")
@click.option("--from", "first", type=CivilDate(), show_default="today in Asia/Shanghai",
              help="first day: what falls due from then on · 起日")
@click.option("--to", "last", type=CivilDate(), help="last day, needed: what falls due up to then · 止日（必填）")
@click.option("--reason", metavar="TEXT", help="why, needed · 理由（必填）")
@click.option("--by", "author", metavar="NAME", help=BY_HELP)
@click.option("--retroactive", metavar="REASON", help="why it must reach back before today · 追溯的理由")
@click.option("--replaces", type=click.IntRange(1, 999_999_999), metavar="ID",
              help="end waiver ID today, this one follows it · 接替的豁免编号")
@click.option("--void", is_flag=True, help="with end: entered by mistake, covers nothing at all · 录入有误，作废")
@command_options(packs=True)
def waive(context: Context, subject: str, named: str, key: str | None, first: date | None, last: date | None,
          reason: str | None, author: str | None, retroactive: str | None, replaces: int | None, void: bool) -> None:
    """Waive a duty of an enterprise or authority, or end a waiver · 豁免一项义务，终止豁免.

    \b
    zhiben waive USCC DUTY --to D --reason TEXT --by NAME
    zhiben waive end ID --by NAME --reason TEXT

    It covers what falls due from --from to --to, both days included, and of what must be so at all times those days.
    A waiver is never changed: to change one, enter another with --replaces.
    """
    ending = subject == "end"
    author = context.act("end_waiver" if ending else "waive", author, about=f"{subject} {named}")
    wanted = {"--reason": reason, "--by": author}
    given = {"--key": key, "--from": first, "--to": last, "--retroactive": retroactive, "--replaces": replaces}
    if not ending:
        wanted = {"--to": last, **wanted}
    lacking = [option for option, value in wanted.items() if value is None]
    if lacking:
        raise BadInput(Text(f"缺少 {'、'.join(lacking)}", f"missing: {', '.join(lacking)}"))
    surplus = [option for option, value in given.items() if value is not None] if ending else ["--void"] * void
    if surplus:
        raise BadInput(Text(f"{'、'.join(surplus)} 在这里没有意义；请去掉",
                            f"{', '.join(surplus)} means nothing here; leave it out"))
    assert reason is not None
    assert author is not None
    if ending:
        _end(context, named, author, reason, void)
        return
    assert last is not None
    _enter(context, subject, named, key, first, last, reason, author, retroactive, replaces)


def _enter(context: Context, code: str, named: str, key: str | None, first: date | None, last: date, reason: str,
           author: str, retroactive: str | None, replaces: int | None) -> None:
    now = clock.now()
    first = first or now.date()
    rulebook, engine = context.rulebook(), context.open()
    dossier, duty = subject_named(engine, code), duty_named(rulebook, named)
    _check_bearer(duty, dossier)
    if key is not None and first <= last:
        key = _checked_key(half_width(legible(key)), duty, dossier, first, last)
    with writing(engine, "waivers") as connection:
        entered = enter(connection, uscc=dossier.uscc, duty=duty.name, key=key, first=first, last=last,
                        reason=legible(reason), author=legible(author), now=now,
                        retroactive=None if retroactive is None else legible(retroactive), replaces=replaces)
    found = matches(entered, dossier, rulebook)
    what = _what(entered, rulebook)
    click.echo(Text("第 {id} 号豁免已登记：{uscc} {what}，{first} 至 {last}{back}",
                    "waiver {id} entered: {uscc}, {what}, {first} to {last}{back}")(
        context.language, id=entered.id, uscc=entered.uscc, what=what, first=first, last=last,
        back=_RETROACTIVE if entered.retroactive else Text("", "")))
    if replaces is not None:
        click.echo(Text("第 {id} 号豁免自今日起终止", "waiver {id} ends today")(context.language, id=replaces))
    if not found:
        context.say(Text("提示：目前它没有对应任何义务：{why}", "warning: so far it covers nothing: {why}"),
                    why=why_nothing(entered, dossier, rulebook))


_RETROACTIVE = Text("（追溯）", " (retroactive)")


def _end(context: Context, number: str, author: str, reason: str, void: bool) -> None:
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise BadInput(Text(f"“{legible(number)}”不是豁免编号；zhiben waivers 列出全部豁免",
                            f"“{legible(number)}” is no waiver; zhiben waivers lists them"))
    with writing(context.open(), "waivers") as connection:
        ended = end(connection, int(number), author=legible(author), reason=legible(reason), now=clock.now(),
                    void=void)
    said = Text("第 {id} 号豁免已作废", "waiver {id} is void") if void else Text(
        "第 {id} 号豁免自今日起终止；此前到期的义务仍受其豁免",
        "waiver {id} ends today; what fell due before stays waived by it")
    click.echo(said(context.language, id=ended.id))


def _check_bearer(duty: Duty, dossier: Dossier) -> None:
    if duty.of_authorities is not dossier.is_authority:
        raise BadInput(Text(
            f"“{duty.label.zh}”是{'部门' if duty.of_authorities else '企业'}的义务，{dossier.uscc} "
            f"是{'部门' if dossier.is_authority else '企业'}",
            f"{duty.name} is a duty of {'authorities' if duty.of_authorities else 'enterprises'}, {dossier.uscc} is an "
            f"{'authority' if dossier.is_authority else 'enterprise'}"))


def _checked_key(key: str, duty: Duty, dossier: Dossier, first: date, last: date) -> str:
    keys = keys_due(duty, dossier, first, last)
    if key in keys:
        return key
    some = [*keys[:_LISTED], *(["…"] if len(keys) > _LISTED else [])]
    raise BadInput(Text(
        f"“{duty.label.zh}”在 {first} 至 {last} 之间没有“{key}”到期；到期的有：{'、'.join(some) or '无'}",
        f"“{key}” of {duty.name} does not fall due from {first} to {last}; what does: {', '.join(some) or 'nothing'}"))


@dataclass(frozen=True, slots=True)
class _Listed:
    waiver: Waiver
    name: str | None
    state: str
    covers: tuple[str, ...]
    nothing: Text | None


@click.command()
@as_of_option
@click.option("--ending-within", type=click.IntRange(0, 36_500), metavar="DAYS",
              help="only those in force that end within so many days · 多少天内到期的")
@click.option("--unused", is_flag=True, help="only those that cover no obligation, and why · 没有对应任何义务的")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="output for people or for scripts · 输出格式")
@command_options(packs=True)
def waivers(context: Context, as_of: date, ending_within: int | None, unused: bool, form: str) -> None:
    """List the waivers, with what they cover · 列出豁免.

    Warns of those that end within 30 days. Ended and void ones are listed too, but not as unused.
    """
    rulebook, engine = context.rulebook(), context.open()
    known = known_waivers(engine)
    listed = _listed(engine, rulebook, [w for each in known.values() for w in each], as_of)
    if ending_within is not None:
        listed = [row for row in listed if ends_within(row.waiver, as_of, ending_within)]
    if unused:
        listed = [row for row in listed if row.nothing is not None]
    if form == "json":
        context.document({"as_of": as_of.isoformat(), "waivers": [_row(row) for row in listed]})
    else:
        _show(listed, rulebook, context.language)
    warn_of_endings(context, known.values(), as_of)


def ends_within(waiver: Waiver, as_of: date, days: int) -> bool:
    """Whether it is in force on ``as_of`` and ends at most ``days`` days later."""
    return waiver.covers(as_of, as_of) and waiver.last_day(as_of) <= as_of + timedelta(days=days)


def warn_of_endings(context: Context, known: Iterable[Sequence[Waiver]], as_of: date) -> None:
    """A line on standard error if waivers are about to end."""
    ending = sorted((w.last, w.id) for each in known for w in each if ends_within(w, as_of, WARNED))
    if ending:
        context.say(Text("提示：{days} 天内到期的豁免有 {n} 项，最早的是第 {id} 号（{day}）；"
                         "查看：zhiben waivers --ending-within {days}",
                         "warning: waivers that end within {days} days: {n}, the first of them {id} on {day}; to see "
                         "them: zhiben waivers --ending-within {days}"),
                    days=WARNED, n=len(ending), id=ending[0][1], day=ending[0][0])


def _listed(engine: Engine, rulebook: Rulebook, known: Sequence[Waiver], as_of: date) -> list[_Listed]:
    of = {each.uscc: each for each in dossiers(engine, usccs=[w.uscc for w in known])} if known else {}
    return [_one(waiver, of.get(waiver.uscc), rulebook, as_of) for waiver in sorted(known, key=lambda w: w.id)]


def _one(waiver: Waiver, dossier: Dossier | None, rulebook: Rulebook, as_of: date) -> _Listed:
    subject = subject_of(dossier, date.max) if dossier else None
    found, state = matches(waiver, dossier, rulebook), _state(waiver, as_of)
    nothing = why_nothing(waiver, dossier, rulebook) if not found and state not in ("ended", "void") else None
    return _Listed(waiver, subject.name if subject else None, state, found, nothing)  # type: ignore[arg-type]


def _state(waiver: Waiver, as_of: date) -> str:
    if waiver.void:
        return "void"
    if waiver.ended_on is not None and waiver.ended_on <= as_of:
        return "ended"
    return "coming" if as_of < waiver.first else "over" if waiver.last < as_of else "in_force"


def _row(row: _Listed) -> Row:
    nothing = None if row.nothing is None else {"zh": row.nothing.zh, "en": row.nothing.en}
    return {**waiver_row(row.waiver), "name": row.name, "state": row.state, "covers": list(row.covers),
            "covers_nothing": nothing}


def _show(listed: Sequence[_Listed], rulebook: Rulebook, language: Language) -> None:
    out = Terminal()
    if not listed:
        out.say(Text("没有豁免", "no waivers")(language))
        return
    for row in listed:
        w = row.waiver
        span = Text(f"{w.first} 至 {w.last}", f"{w.first} to {w.last}")
        about = (_STATES[row.state], span, _whose(row), _what(w, rulebook), _count(row))
        out.say("  ".join((str(w.id), *(text(language) for text in about))))
        out.say(_because(w)(language), "dim", indent=4)


def _whose(row: _Listed) -> Text:
    named = f"{row.name or ''} {row.waiver.uscc}".strip()
    return Text(named, named)


def _what(waiver: Waiver, rulebook: Rulebook) -> Text:
    label = duty_label(rulebook, waiver.duty)
    if waiver.key is None:
        return label
    key = STATE if waiver.key == "state" else Text(waiver.key, waiver.key)
    return Text(f"{label.zh} {key.zh}", f"{label.en} {key.en}")


def _count(row: _Listed) -> Text:
    if row.nothing is not None:
        return Text(f"（没有对应：{row.nothing.zh}）", f"(covers nothing: {row.nothing.en})")
    number = len(row.covers)
    return Text(f"（{number} 项）", f"(covers {number})")


def _because(waiver: Waiver) -> Text:
    zh = f"{waiver.reason}（{waiver.author}，{waiver.entered_on} 录入）"
    en = f"{waiver.reason} ({waiver.author}, entered on {waiver.entered_on})"
    if waiver.retroactive:
        zh, en = f"{zh}；追溯：{waiver.retroactive}", f"{en}; retroactive: {waiver.retroactive}"
    if waiver.ended_on is not None:
        zh += f"；{waiver.ended_on} {waiver.ended_by}{'作废' if waiver.void else '终止'}：{waiver.ended_because}"
        en += (f"; {'made void' if waiver.void else 'ended'} on {waiver.ended_on} by {waiver.ended_by}: "
               f"{waiver.ended_because}")
    return Text(zh, en)


commands = (waive, waivers)
