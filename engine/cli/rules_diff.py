"""A changed pack held against a ledger (规则包改动的影响): diff."""

from __future__ import annotations

import io
import json
import pickle
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import IO, Any

import click

from engine import clock, diff_rows
from engine import export as exporting
from engine.cli.context import CivilDate, Context, command_options
from engine.cli.files import whole_file
from engine.cli.progress import progress_bar
from engine.cli.terminal import Terminal
from engine.judgement_diff import Kind
from engine.long_workbook import write_workbook
from engine.output import Row
from engine.pack_diff import Packs, Summary, compare, two_sides
from engine.packs import pack_paths
from engine.rulebook import Rulebook
from facts.errors import BadInput
from facts.language import Language, Text

#: Rows shown in the terminal; a file has them all.
MOST_ROWS = 100

_SUFFIXES = (".csv", ".xlsx", ".json")


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--from", "since", type=CivilDate(),
              help="leave out what was over before this day; default: nothing · 起始日期")
@click.option("--to", "until", type=CivilDate(), show_default="today in Asia/Shanghai",
              help="date of the verdicts · 截止日期")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True,
              help="output for people or for scripts · 输出格式")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="the rows as .csv, .xlsx or .json instead · 清单写入文件")
@click.option("--readable", is_flag=True,
              help="in that file, names for people instead of identifiers · 用通俗名称代替标识")
@click.option("--workers", type=click.IntRange(1, 64), help="processes; default: one a processor · 进程数")
@command_options(packs=True)
def diff(context: Context, old: str, new: str, since: date | None, until: date | None, form: str, output: Path | None,
         readable: bool, workers: int | None) -> None:
    """What a changed pack would have done to the ledger · 规则包改动的影响.

    Tells which violations, steps issued about them, and recommendations appear, vanish or move, by rule and
    enterprise. OLD and NEW are each a pack's file, a folder of packs, or the name of one of the product's; among all
    other packs they take the place of those of the same names. Nothing is written to the database.
    """
    until = until or clock.today()
    if since is not None and since > until:
        raise BadInput(Text(f"--from {since} 晚于 --to {until}", f"--from {since} is after --to {until}"))
    if output is not None and output.suffix.lower() not in _SUFFIXES:
        raise BadInput(Text(f"{output}：文件名应以 {'、'.join(_SUFFIXES)} 结尾",
                            f"{output}: the name should end in {', '.join(_SUFFIXES)}"))
    sides = two_sides(pack_paths([old]), pack_paths([new]), map(Path, context.packs))
    rulebooks = sides[0].rulebook(), sides[1].rulebook()
    engine, summary = context.open(), Summary()
    with tempfile.TemporaryFile() as aside:
        with progress_bar(Text("比较", "comparing"), context.language) as progress:
            for part in compare(engine, sides, rulebooks, until, since=since, workers=workers, progress=progress):
                summary.judged += part.judged
                for change in part.changes:
                    summary.add(change)
                    pickle.dump(diff_rows.row(change), aside, pickle.HIGHEST_PROTOCOL)
        rows = _set_aside(aside, summary)
        if output is not None:
            count = _write(rows, output, rulebooks, context.language if readable else None)
        if form == "json":
            _document(_head(summary, sides, since, until), None if output else rows)
        else:
            _show(summary, rulebooks, () if output else rows, context.language)
    if output is not None:
        context.say(Text("{n} 行写入 {file}", "{n} rows written to {file}"), n=count, file=output)


def _set_aside(aside: IO[bytes], summary: Summary) -> Iterator[Row]:
    aside.seek(0)
    for _ in range(summary.rows):
        yield pickle.load(aside)


def _write(rows: Iterator[Row], output: Path, rulebooks: tuple[Rulebook, Rulebook], language: Language | None) -> int:
    headings = list(diff_rows.COLUMNS)
    if language:
        headings = [diff_rows.label(column)(language) for column in headings]
        rows = (diff_rows.readable(row, rulebooks, language) for row in rows)
    with whole_file(output) as partial:
        if output.suffix.lower() == ".xlsx":
            return write_workbook(rows, headings, Text("改动", "changes")(language or "en"), partial)
        with partial.open("w", encoding="utf-8", newline="") as stream:
            if output.suffix.lower() == ".csv":
                return exporting.write_csv(rows, headings, stream)
            return exporting.write_json(rows, stream)


def _head(summary: Summary, sides: tuple[Packs, Packs], since: date | None, until: date) -> dict[str, Any]:
    return {
        "from": since.isoformat() if since else None,
        "to": until.isoformat(),
        "old": list(sides[0].compared),
        "new": list(sides[1].compared),
        "enterprises": summary.judged,
        "touched": summary.touched,
        "violations": {str(kind): n for kind, n in summary.violations.items()},
        "steps": {str(kind): n for kind, n in summary.steps.items()},
        "recommendations": {str(kind): n for kind, n in summary.recommendations.items()},
        "rules": [{"rule": rule, **{str(kind): n for kind, n in counts.items()},
                   "enterprises": summary.touched_by_rule[rule]} for rule, counts in sorted(summary.by_rule.items())],
    }


def _document(head: dict[str, Any], rows: Iterator[Row] | None) -> None:
    """One JSON document, with the rows written as they come; without ``rows`` the counts alone."""
    sys.stdout.flush()
    stream = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=True)
    try:
        text = json.dumps(head, ensure_ascii=False, indent=2)
        if rows is None:
            stream.write(f"{text}\n")
        else:
            stream.write(f"{text[:-2]},\n  \"rows\": ")
            exporting.write_json(rows, stream)
            stream.write("}\n")
    finally:
        stream.detach()


def _show(summary: Summary, rulebooks: tuple[Rulebook, Rulebook], rows: Iterator[Row] | tuple[()],
          language: Language) -> None:
    terminal = Terminal()
    if not summary.touched:
        terminal.say(_SAME(language, n=summary.judged))
        return
    terminal.say(_IN_ALL(language, n=summary.judged, touched=summary.touched), "bold")
    for title, counts in ((_VIOLATIONS, summary.violations), (_STEPS, summary.steps),
                          (_RECOMMENDATIONS, summary.recommendations)):
        terminal.say(title(language, **{str(kind): n for kind, n in counts.items()}))
    titles = _titles(rulebooks)
    terminal.show(_BY_RULE(language), [column(language) for column in _RULE_COLUMNS],
                  [(rule, titles.get(rule, Text("", ""))(language), *map(str, counts.values()),
                    str(summary.touched_by_rule[rule])) for rule, counts in sorted(summary.by_rule.items())],
                  right=(2, 3, 4, 5))
    shown = [_cells(row, rulebooks, language) for row in islice(rows, MOST_ROWS)]
    if shown:
        terminal.show(_ROWS(language), [column(language) for column in _ROW_COLUMNS], shown, whole=(0,))
    more = summary.rows - len(shown)
    if shown and more:
        terminal.say(_MORE(language, n=more))


def _cells(row: Row, rulebooks: tuple[Rulebook, Rulebook], language: Language) -> tuple[str, ...]:
    labels = {column: diff_rows.label(column)(language) for column in diff_rows.COLUMNS}
    shown = diff_rows.readable(row, rulebooks, language)
    who = f"{row['name']} {row['uscc']}" if row["name"] else row["uscc"]
    return (shown[labels["change"]], who, shown[labels["duty"]],
            *(_side(shown, labels, side) for side in ("old", "new")), shown[labels["changed"]] or "")


def _side(shown: Row, labels: dict[str, str], side: str) -> str:
    """One side of a row in short: which period or object, how it stands, from when to when; which step, when."""
    key, status, opened, closed, since, step, issued = (
        shown[labels[f"{side}_{column}"]] for column in
        ("key", "status", "opened_on", "closed_on", "since", "step", "issued_on"))
    if step:
        return " ".join((key, step, issued))
    days = f"{opened or since or ''}–{closed or ''}" if opened or since else ""
    return " ".join(filter(None, (key, status, days)))


def _titles(rulebooks: tuple[Rulebook, Rulebook]) -> dict[str, Text]:
    return {rule.ref.id: rule.titles for book in rulebooks
            for rule in (*book.rules, *book.ladders, *book.recommendations)}


_SAME = Text("判定 {n} 家，两套规则包的结论没有差别",
             "enterprises and authorities judged: {n}; both packs come to the same")
_IN_ALL = Text("判定 {n} 家，结论有变的 {touched} 家",
               "enterprises and authorities judged: {n}; with another outcome: {touched}")
_VIOLATIONS = Text("违规：出现 {appear}，消失 {vanish}，变动 {move}",
                   "violations: {appear} appear, {vanish} vanish, {move} move")
_STEPS = Text("已发出的措施：出现 {appear}，消失 {vanish}，变动 {move}",
              "steps issued: {appear} appear, {vanish} vanish, {move} move")
_RECOMMENDATIONS = Text("建议：出现 {appear}，消失 {vanish}，变动 {move}",
                        "recommendations: {appear} appear, {vanish} vanish, {move} move")
_BY_RULE = Text("按规则和梯次（依据不止一条的，每条各计一次）",
                "By rule or ladder (what rests on several counts once for each)")
_ROWS = Text("逐项", "One by one")
_MORE = Text("另有 {n} 项没有列出；用 -o 写入文件", "{n} more are not listed; -o writes all of them to a file")
_RULE_COLUMNS = (Text("规则或梯次", "rule or ladder"), Text("名称", "title"), *(diff_rows.KINDS[kind] for kind in Kind),
                 Text("涉及家数", "enterprises"))
_ROW_COLUMNS = (Text("变化", "change"), Text("企业或部门", "who"), Text("义务或建议", "duty or recommendation"),
                Text("旧", "old"), Text("新", "new"), diff_rows.label("changed"))

commands: tuple[click.Command, ...] = (diff,)
