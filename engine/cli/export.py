"""Commands that write files (写文件的命令): results, and the example ledger."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO

import click

from engine import export as exporting
from engine.cli.context import Context, as_of_option, command_options
from engine.cli.files import whole_file
from engine.cli.known_at import known_at_option, known_then
from engine.cli.lookups import check_division, duty_named, kind_named
from engine.everyone import memory, worked_out
from engine.long_workbook import write_workbook
from engine.output import Row
from facts import example as example_ledger
from facts.errors import BadInput
from facts.language import Text


@click.command()
@click.argument("kind", type=click.Choice(list(exporting.COLUMNS)))
@click.option("--format", "form", type=click.Choice(["csv", "xlsx", "json", "jsonl"]), required=True,
              help="file format · 文件格式")
@as_of_option
@click.option("--status", type=click.Choice(["open", "closed", "all"]), default="all", show_default=True,
              help="closed includes lapsed and withdrawn · 状态")
@click.option("--division", metavar="CODE", help="only this division, trailing pairs of zeros open · 行政区划")
@click.option("--duty", metavar="NAME", help="only this duty · 义务")
@click.option("--kind", "recommended", metavar="KIND",
              help="only this kind of recommendation, as blacklist or 黑名单 · 建议的种类")
@known_at_option
@click.option("--readable", is_flag=True, help="names for people instead of identifiers · 用通俗名称代替标识")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="default: standard output; xlsx needs it · 输出文件")
@command_options(packs=True)
def export(context: Context, kind: str, form: str, as_of: date, status: str, division: str | None, duty: str | None,
           recommended: str | None, known: datetime | None, readable: bool, output: Path | None) -> None:
    """Write results as a file, one row each · 导出清单.

    Computes as of the date and needs no sweep.
    """
    rulebook = context.rulebook()
    check_division(division)
    name = duty_named(rulebook, duty).name if duty else None
    if recommended is not None and kind != "recommendations":
        raise BadInput(Text("--kind 只用于 recommendations", "--kind is for recommendations only"))
    wanted = kind_named(rulebook, recommended) if recommended is not None else None
    if form == "xlsx" and output is None:
        raise BadInput(Text("xlsx 请用 -o 指定文件", "xlsx needs a file: add -o FILE"))
    engine = context.open()
    then = known_then(engine, known)
    work = partial(exporting.rows_of_all, kind=kind, status=status, duty=name, recommended=wanted,
                   language=context.language if readable else None)
    found = chain.from_iterable(worked_out(
        engine, rulebook, memory(engine, rulebook, as_of, division, then and then.moment), work,
        packs=[Path(p) for p in context.packs]))
    headings = exporting.headings(kind, context.language if readable else None)
    if output is None:
        sys.stdout.flush()
        stream = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=True)
        try:
            _write(found, headings, form, stream)
        finally:
            stream.detach()
        return
    with whole_file(output) as partly:
        if form == "xlsx":
            count = write_workbook(found, headings, _TITLES[kind](context.language), partly)
        else:
            with partly.open("w", encoding="utf-8", newline="") as stream:
                count = _write(found, headings, form, stream)
    context.say(Text("{n} 行写入 {file}", "{n} rows written to {file}"), n=count, file=output)


_TITLES = {
    "violations": Text("违规", "violations"),
    "obligations": Text("义务", "obligations"),
    "escalations": Text("督促措施", "escalations"),
    "recommendations": Text("建议", "recommendations"),
}


def _write(found: Iterator[Row], headings: list[str], form: str, stream: IO[str]) -> int:
    if form == "csv":
        return exporting.write_csv(found, headings, stream)
    return exporting.write_json(found, stream) if form == "json" else exporting.write_jsonl(found, stream)


@click.command()
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE",
              help="an .xlsx file · 输出文件")
@command_options()
def example(context: Context, output: Path) -> None:
    """Write an example ledger of invented enterprises · 生成示例台账."""
    with whole_file(output) as partial:
        example_ledger.build(partial)
    context.say(Text("示例台账写入 {file}", "example ledger written to {file}"), file=output)


commands = (export, example)
