"""Commands that fill the ledger (台账命令): import, template."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from sqlalchemy import Engine

from engine import clock
from engine.cli.context import BAD_INPUT, Context, command_options
from engine.cli.files import whole_file
from engine.cli.lookups import legible
from engine.guard import Acting
from engine.logs import log
from engine.said import said
from facts.errors import BadInput, CouldNotBeDone, DatabaseMissing, ImportOvertaken
from facts.intake import EMPTY, KnownLedger, Ledger, read_ledger
from facts.language import Language, Text
from facts.ledger import escaped
from facts.rejects import write_rejected
from facts.store.database import open_database
from facts.store.imports import ImportReport, apply_import, compare_import, last_revision
from facts.store.known import StoredLedger
from facts.store.undo import UndoReport, undo_import
from facts.template import write_template
from facts.vocabulary import SHEETS

#: How many warnings are shown; the rest is counted.
MOST_WARNINGS = 100
#: Digits of the number of an import; databases have no longer ones.
LONGEST_NUMBER = 9
#: How often an import is tried while others come in between.
ATTEMPTS = 5


@click.command("import", context_settings={"ignore_unknown_options": False})
@click.argument("source", metavar="PATH | undo")
@click.argument("number", metavar="[ID]", required=False)
@click.option("--check", is_flag=True, help="report, write nothing · 只检查不写入")
@click.option("--skip-bad-rows", is_flag=True,
              help="take the good rows, write the others to a file to be mended · 跳过有误的行")
@click.option("--bad-rows", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="that file; default PATH's name with -bad-rows.xlsx, in the current folder · 有误行的去处")
@click.option("--by", "author", metavar="NAME", help="who says so; with a token not needed · 经办人")
@command_options(packs=True)
def import_(context: Context, source: str, number: str | None, check: bool, skip_bad_rows: bool,
            bad_rows: Path | None, author: str | None) -> None:
    """Take in a ledger, or take an import back · 导入台账，撤销导入.

    \b
    zhiben import PATH      a workbook (.xlsx), or a folder or zip of .csv files
    zhiben import undo ID   withdraw what import ID brought

    All or nothing: every bad cell is named on a line of its own, and then nothing has been changed.
    """
    # An empty path would be the current folder: more likely a variable of a script that was never set.
    if source and number is None and not (source == "undo" and not Path(source).exists()):
        if not check:
            _act(context, "import", author, Path(source).name)
        _import(context, Path(source), check, skip_bad_rows, bad_rows, ATTEMPTS)
    elif source == "undo" and number and not (check or skip_bad_rows or bad_rows):
        _act(context, "undo", author, number)
        _undo(context, number)
    else:
        raise click.UsageError(Text("只能是 zhiben import 路径 或 zhiben import undo 编号",
                                    "expected zhiben import PATH or zhiben import undo ID")(context.language))


def _act(context: Context, action: str, author: str | None, about: str) -> None:
    by = None if author is None else said(legible(author), Text("经办人", "name"))
    try:
        context.act(action, by, about=about)
    except DatabaseMissing:
        # Whether it may be made is said later, with what is wrong with the ledger.
        context.guard.acting = Acting(action, by)


def _import(context: Context, path: Path, check: bool, skip: bool, bad_rows: Path | None, attempts: int) -> None:
    now = clock.now()
    rulebook = context.rulebook()
    with _known(context) as (known, seen), _progress() as progress:
        ledger = read_ledger(path, known, rulebook.declared, rulebook.kinds, rulebook.sectors, now.date(), progress,
                             skip_bad_rows=skip, authority_kinds=rulebook.authority_kinds)
    _tell(context, ledger)
    if ledger.problems and (ledger.broken or not skip):
        context.say(Text("共 {n} 处有误，没有导入", "mistakes: {n}; nothing was imported"), n=len(ledger.problems))
        sys.exit(BAD_INPUT)
    rejected = sum(len(sheet.rows) for sheet in ledger.rejected)
    if check:
        _tell_of_check(context, ledger)
        return
    target = _write_bad_rows(context, path, ledger, bad_rows) if rejected else None
    try:
        engine = context.open(create=True)
        try:
            report = apply_import(engine, ledger, escaped(path.name or str(path.resolve()), but=""), now, seen=seen)
        finally:
            engine.dispose()
    except BaseException as error:
        if target:
            target.unlink(missing_ok=True)
        if not isinstance(error, ImportOvertaken) or attempts == 1:
            raise
        context.say(Text("核对期间另有一次导入或撤销，重新核对",
                         "another import or undo came in meanwhile, checking anew"))
        _import(context, path, check, skip, bad_rows, attempts - 1)
        return
    log.info("import_done", number=report.id, source=path.name, rejected=rejected,
             counts={sheet: asdict(counts) for sheet, counts in report.sheets.items()})
    _report(context, report)
    if target:
        context.say(Text("{n} 行未读入，连同原因写入 {file}；改好后可直接再导入",
                         "rows not taken: {n}; they stand with their reasons in {file}: mend it and import it"),
                    n=rejected, file=target)


@contextmanager
def _known(context: Context) -> Iterator[tuple[KnownLedger, int]]:
    """What the database knows, and the last revision that it takes account of."""
    engine: Engine | None = None
    try:
        try:
            engine = context.open()
        except DatabaseMissing:
            # Not made before the ledger is known to be good.
            yield EMPTY, 0
        else:
            yield StoredLedger(engine), last_revision(engine)
    finally:
        if engine is not None:
            engine.dispose()


@contextmanager
def _progress() -> Iterator:
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks: dict[str, int] = {}

        def advance(sheet: str, done: int, of: int) -> None:
            if sheet not in tasks:
                tasks[sheet] = bar.add_task(sheet.replace("[", "("), total=of)
            bar.update(tasks[sheet], completed=done, total=of)

        yield advance


def _tell(context: Context, ledger: Ledger) -> None:
    for problem in ledger.problems:
        click.echo(problem.line(context.language), err=True)
    for warning in ledger.warnings[:MOST_WARNINGS]:
        context.say(Text("提示：{line}", "warning: {line}"), line=warning.line(context.language))
    if (more := len(ledger.warnings) - MOST_WARNINGS) > 0:
        context.say(Text("提示：另有 {n} 处", "warning: and {n} more"), n=more)


def _write_bad_rows(context: Context, path: Path, ledger: Ledger, given: Path | None) -> Path:
    target = given or _free(f"{path.resolve().stem}-bad-rows")
    if target.exists():
        raise BadInput(Text(f"{target} 已存在，没有覆盖，也没有导入；请用 --bad-rows 另指定文件",
                            f"{target} exists, was not overwritten, and nothing was imported; "
                            "name another file with --bad-rows"))
    try:
        write_rejected(target, ledger.rejected, context.language)
    except Exception as error:
        target.unlink(missing_ok=True)
        raise CouldNotBeDone(Text(f"写不了 {target}（{error}），没有导入；请用 --bad-rows 另指定文件",
                                  f"{target} cannot be written ({error}), nothing was imported; "
                                  "name another file with --bad-rows")) from error
    return target


def _free(stem: str) -> Path:
    target, count = Path(f"{stem}.xlsx"), 1
    while target.exists():
        count += 1
        target = Path(f"{stem}-{count}.xlsx")
    return target


def counted(counts: dict[str, int], language: Language) -> str:
    """Rows by sheet, as a reader is told them."""
    labels = {sheet.name: sheet.label for sheet in SHEETS}
    shown = [f"{labels[name](language)} {count}" for name, count in counts.items()]
    return ("，" if language == "zh" else ", ").join(shown) or Text("没有行", "no rows")(language)


def _tell_of_check(context: Context, ledger: Ledger) -> None:
    try:
        engine = context.open()
    except DatabaseMissing:
        engine = open_database("sqlite://", create=True)
    try:
        report = compare_import(engine, ledger)
    finally:
        engine.dispose()
    click.echo(Text("检查完毕，没有写入；导入将会：", "checked, nothing was written; an import would bring:")(
        context.language))
    _tell_counts(context.language, report)


def _report(context: Context, report: ImportReport) -> None:
    language = context.language
    if report.id is None:
        known = any(counts.unchanged for counts in report.sheets.values())
        click.echo((Text("没有变化：这些行都已在库中", "nothing new: all rows were there already") if known else
                    Text("没有变化：没有可导入的行", "nothing new: no rows to be imported"))(language))
        return
    click.echo(Text("第 {id} 次导入完成；撤销：zhiben import undo {id}",
                    "import {id} done; to take it back: zhiben import undo {id}")(language, id=report.id))
    _tell_counts(language, report)


def _tell_counts(language: Language, report: ImportReport) -> None:
    labels = {sheet.name: sheet.label for sheet in SHEETS}
    for name, counts in report.sheets.items():
        if counts.new or counts.corrected or counts.unchanged or counts.voided:
            click.echo(Text("  {sheet}：新增 {new}，更正 {corrected}，未变 {unchanged}，作废 {voided}",
                            "  {sheet}: {new} new, {corrected} corrected, {unchanged} unchanged, {voided} withdrawn")(
                language, sheet=labels[name], new=counts.new, corrected=counts.corrected,
                unchanged=counts.unchanged, voided=counts.voided))


def _undo(context: Context, number: str) -> None:
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER):
        raise BadInput(Text(f"“{number}”不是导入编号；zhiben db imports 列出各次导入",
                            f"{number!r} is no import; zhiben db imports lists them"))
    engine = context.open()
    try:
        report: UndoReport = undo_import(engine, int(number), clock.now())
    finally:
        engine.dispose()
    log.info("undo_done", number=report.import_id,
             counts={sheet: asdict(counts) for sheet, counts in report.sheets.items()})
    click.echo(Text("第 {id} 次导入已撤销", "import {id} has been taken back")(context.language, id=report.import_id))
    labels = {sheet.name: sheet.label for sheet in SHEETS}
    for name, counts in report.sheets.items():
        if counts.withdrawn or counts.restored:
            click.echo(Text("  {sheet}：撤回 {withdrawn}，恢复 {restored}",
                            "  {sheet}: {withdrawn} withdrawn, {restored} restored")(
                context.language, sheet=labels[name], withdrawn=counts.withdrawn, restored=counts.restored))


@click.command()
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="default: 台账模板.xlsx or ledger-template.xlsx · 输出文件")
@click.option("--force", is_flag=True, help="overwrite a file of that name · 覆盖同名文件")
@command_options(packs=True)
def template(context: Context, output: Path | None, force: bool) -> None:
    """Write an empty workbook with headers, drop-downs and notes · 生成台账模板."""
    rulebook = context.rulebook()
    target = output or Path(Text("台账模板.xlsx", "ledger-template.xlsx")(context.language))
    if target.exists() and not force:
        raise BadInput(Text(f"{target} 已存在，没有覆盖；加 --force 覆盖，或用 -o 另指定文件",
                            f"{target} exists and was not overwritten; add --force, or name another file with -o"))
    with whole_file(target) as partial:
        write_template(partial, context.language, rulebook.declared, rulebook.kinds, rulebook.sectors,
                       rulebook.authority_kinds)
    click.echo(str(target))


commands = (import_, template)
