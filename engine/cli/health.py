"""Commands that tell how the program is (运行状况): metrics, doctor."""

from __future__ import annotations

from pathlib import Path

import click

from engine import clock, doctor, metrics
from engine.cli.context import Context, command_options
from engine.cli.files import not_a_database
from engine.cli.terminal import Terminal
from engine.diagnosis import Finding, Patient, State
from facts.errors import LedgerError
from facts.language import Text

_STATES = {
    State.OK: (Text("正常", "ok"), None),
    State.WARNING: (Text("注意", "warning"), "yellow"),
    State.PROBLEM: (Text("问题", "problem"), "bold red"),
}


@click.command("metrics")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="a file that node_exporter reads (…/zhiben.prom); default: standard output · 输出文件")
@command_options()
def metrics_(context: Context, output: Path | None) -> None:
    """Tell Prometheus how things stand · 运行指标.

    A file is there whole or as it was before. Where the database cannot be read, zhiben_up is 0 and the exit status 3.
    """
    now = clock.now()
    try:
        engine = context.open()
        found = metrics.text_of(engine, now)
        engine.dispose()
    except LedgerError:
        _put(metrics.text_of(None, now), output)
        raise
    _put(found, output)


def _put(found: bytes, output: Path | None) -> None:
    if output is None:
        click.echo(found, nl=False)
    else:
        metrics.put(found, not_a_database(output))


@click.command("doctor")
@click.option("--quick", is_flag=True,
              help="not every page and every entry: the newest, and the chain of seals · 只作快速检查")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="output for people or for scripts · 输出格式")
@click.option("--packs", "named", multiple=True, metavar="PACK[,…]",
              help="the rule packs that sweeps use, if not the product's; else ZHIBEN_PACKS · 巡查所用的规则包")
@command_options()
@click.pass_context
def doctor_(ctx: click.Context, context: Context, quick: bool, named: tuple[str, ...], form: str) -> None:
    """Is everything as it should be, and if not, what to do? · 自检.

    Looks at database, journal, packs, schedule, clock, disk, backups and permissions, and changes nothing. Exits with
    1 if something was found.
    """
    found = doctor.examine(Patient(context.db, named, clock.now(), quick=quick))
    if form == "json":
        context.document([_document(each) for each in found])
    else:
        out = Terminal()
        for each in found:
            word, style = _STATES[each.state]
            todo = "" if each.todo is None else f" → {each.todo(context.language)}"
            out.say(f"{word(context.language):<8} {each.check:<12} {each.found(context.language)}{todo}", style)
    ctx.exit(0 if all(each.state is State.OK for each in found) else 1)


def _document(each: Finding) -> dict[str, object]:
    todo = None if each.todo is None else {"zh": each.todo.zh, "en": each.todo.en}
    return {"check": each.check, "state": str(each.state), "zh": each.found.zh, "en": each.found.en, "todo": todo}


commands = (metrics_, doctor_)
