"""Commands on the journal (日志): verify, replay, log."""

from __future__ import annotations

from typing import Any

import click

from engine import clock
from engine.cli.context import Context, command_options
from engine.cli.lookups import legible
from engine.cli.progress import progress_bar
from engine.cli.terminal import Terminal
from engine.event_wording import SEALS, author_text, event_text, seal_text
from engine.replay import replay as replayed
from engine.verification import mismatches
from facts.errors import BadInput
from facts.language import Text
from facts.spelling import half_width
from facts.store import journal
from facts.store.database import reading
from facts.store.journal import Seal

#: How many mismatches are listed; the rest is counted.
_LISTED = 100
#: Digits of a hash that are enough to tell seals apart.
_LEAST_DIGITS = 12

_format = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
                       help="output for people or for scripts · 输出格式")


@click.command()
@click.option("--head", metavar="HASH", help="also: was this the newest seal once? · 核对以前记下的封签哈希")
@click.option("--all", "every", is_flag=True, help="go on after the first place · 列出全部不符之处")
@_format
@command_options()
@click.pass_context
def verify(ctx: click.Context, context: Context, head: str | None, every: bool, form: str) -> None:
    """Is the database what its journal recorded? · 核验数据库与日志是否一致.

    Names the first place where an event, a stored verdict or a fact differs from what was recorded, and exits with 1.
    Prints the hash of the newest seal: note it in the minutes, and check it later with --head. A journal that was
    rewritten as a whole does not have it any more.
    """
    language = context.language
    with reading(context.open()) as connection, progress_bar(Text("核验", "verifying"), language) as progress:
        newest = journal.newest(connection)
        found = []
        for mismatch in mismatches(connection, progress):
            found.append(mismatch)
            if not every:
                break
        seal = _sealed_as(connection, head) if head is not None else None
    lost = head is not None and seal is None
    if form == "json":
        context.document({
            "head": newest and newest.hash, "seal": newest and newest.number, "sound": not found and not lost,
            "mismatches": [{"place": each.place, "zh": each.found.zh, "en": each.found.en} for each in found],
            "asked": None if head is None else {"head": head, "seal": seal and seal.number}})
    else:
        for each in found[:_LISTED]:
            click.echo(each.line(language))
        if len(found) > _LISTED:
            click.echo(Text("……另有 {n} 处", "… and {n} more")(language, n=len(found) - _LISTED))
        if lost:
            click.echo(Text("封签链中没有 {head}：此后日志被改写，或它来自别的数据库",
                            "no seal has the hash {head}: the journal was rewritten since, or it is of another database"
                            )(language, head=head))
        elif seal is not None:
            click.echo(Text("{head} 是第 {n} 号封签（{at}），在链中", "{head} is seal {n} ({at}), in the chain")(
                language, head=head, n=seal.number, at=_at(seal)))
        if newest is None:
            click.echo(Text("日志是空的", "the journal is empty")(language))
        else:
            click.echo(Text("最新封签：第 {n} 号，{at}，{hash}", "newest seal: {n}, {at}, {hash}")(
                language, n=newest.number, at=_at(newest), hash=newest.hash))
        if not found and not lost:
            click.echo(Text("一致", "sound")(language))
    ctx.exit(1 if found or lost else 0)


def _sealed_as(connection: Any, head: str) -> Seal | None:
    wanted = head.strip().lower()
    if len(wanted) < _LEAST_DIGITS or not wanted.isalnum():
        raise BadInput(Text(f"--head “{legible(head)}”应为封签哈希，至少 {_LEAST_DIGITS} 位",
                            f"--head “{legible(head)}”: expected the hash of a seal, at least {_LEAST_DIGITS} digits"))
    return next((seal for seal in journal.seals(connection) if seal.hash.startswith(wanted)), None)


@click.command()
@click.argument("event", metavar="EVENT")
@_format
@command_options()
@click.pass_context
def replay(ctx: click.Context, context: Context, event: str, form: str) -> None:
    """Compute a recorded verdict again from its receipt · 按凭据复算.

    EVENT is an event's name, as `zhiben log` shows it: 91120102XXXX00246A/3/1. The packs are those whose texts the
    database keeps, the facts those known then. Exits with 1 if something else comes out, and says what has changed.
    """
    language = context.language
    with reading(context.open()) as connection:
        found = replayed(connection, half_width(legible(event)))
    if form == "json":
        context.document({
            "event": {"id": found.event_id, **found.event}, "same": found.same, "receipt": found.receipt,
            "recorded": found.recorded, "now": found.now,
            "changed": [{"zh": each.zh, "en": each.en} for each in found.reasons]})
        ctx.exit(0 if found.same else 1)
    rulebook = context.rulebook()
    out = Terminal()
    out.say(f"{found.event_id}  {found.event['on']}  {event_text(found.event, rulebook)(language)}", "bold")
    receipt = found.receipt
    packs = ", ".join(f"{name} {sha256[:12]}" for name, sha256 in sorted(receipt["packs"].items()))
    out.say(Text("凭据：判定日期 {as_of}，台账第 {known_in} 号，事实 {facts}，程序 {program}，规则包 {packs}",
                 "receipt: as of {as_of}, ledger {known_in}, facts {facts}, program {program}, packs {packs}")(
        language, **{**receipt, "facts": receipt["facts"][:12], "packs": packs}), indent=2)
    if found.same:
        out.say(Text("复算结果相同", "the same comes out")(language))
    else:
        out.say(Text("复算结果不同；现在得出：", "something else comes out; now it is:")(language))
        about = [each for each in found.now if _about(each) == _about(found.event)]
        for each in about:
            out.say(f"{each['on']}  {event_text(each, rulebook)(language)}", indent=2)
        if not about:
            out.say(Text("没有这样的事件", "no such event")(language), indent=2)
    for each in found.reasons:
        out.say(each(language), indent=2)
    ctx.exit(0 if found.same else 1)


def _about(event: Any) -> tuple[Any, ...]:
    return event.get("duty"), event.get("key"), event.get("case")


@click.command()
@click.argument("uscc", metavar="[USCC]", required=False)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="only the newest N · 只列最近的几条")
@_format
@command_options(packs=True)
def log(context: Context, uscc: str | None, limit: int | None, form: str) -> None:
    """What happened, in order · 日志.

    With USCC the story of one enterprise or authority: what was entered, found, decided and sent, each with the day
    that it is of, the moment at which it was recorded, and the name by which `zhiben replay` knows it. Without it the
    imports, sweeps and decisions.
    """
    with reading(context.open()) as connection:
        seals = {seal.number: seal for seal in journal.seals(connection)}
        chain = [] if uscc is None else journal.entries(connection, half_width(legible(uscc)))
        if uscc is not None and not chain:
            chain = journal.entries(connection, half_width(legible(uscc)).upper())
    if uscc is None:
        _show_seals(context, list(seals.values())[-limit if limit else 0:], form)
        return
    if not chain:
        raise BadInput(Text(f"日志中没有“{legible(uscc)}”；可用 zhiben find 按名称查代码",
                            f"the journal has nothing of “{legible(uscc)}”; zhiben find looks codes up by name"))
    told = [(entry.event_id(index), seals[entry.seal], event)
            for entry in chain if entry.seal in seals for index, event in enumerate(entry.events)]
    told = told[-limit if limit else 0:]
    if form == "json":
        context.document([_row(id_, seal, event) for id_, seal, event in told])
        return
    rulebook = context.rulebook()
    out, last = Terminal(), None
    for id_, seal, event in told:
        if seal.number != last:
            out.say(_heading(seal, context), "bold")
            last = seal.number
        out.say(f"{event.get('on', '')}  {event_text(event, rulebook)(context.language)}  [{id_}]".strip(), indent=2)


def _row(id_: str, seal: Seal, event: Any) -> dict[str, Any]:
    # A waiver's own number must not stand in the place of the event's name.
    own = {"waiver" if name == "id" else name: value for name, value in event.items()}
    return {**own, "id": id_, "at": journal.moment_text(seal.at), "seal": seal.number,
            "author": own.get("author", seal.author), "author_by": seal.said.get("author_by")}


def _heading(seal: Seal, context: Context) -> str:
    kind = SEALS.get(seal.kind, Text(seal.kind, seal.kind))(context.language)
    what, author = seal_text(seal)(context.language), author_text(seal)(context.language)
    return "  ".join(part for part in (_at(seal), kind, what, author) if part)


def _show_seals(context: Context, seals: list[Seal], form: str) -> None:
    if form == "json":
        context.document([{"seal": seal.number, "at": journal.moment_text(seal.at), "kind": seal.kind,
                           "author": seal.author, "entries": seal.entries, "hash": seal.hash, "said": seal.said}
                          for seal in seals])
        return
    out = Terminal()
    for seal in seals:
        entries = Text("{n} 条", "entries: {n}")(context.language, n=seal.entries)
        out.say(f"{seal.number}  {_heading(seal, context)}  {entries}  {seal.hash[:16]}")


def _at(seal: Seal) -> str:
    return f"{seal.at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"


commands = (verify, replay, log)
