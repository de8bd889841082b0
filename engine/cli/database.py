"""Commands on the database itself (数据库命令): db upgrade, imports, copy, backup, restore."""

from __future__ import annotations

from pathlib import Path

import click

from engine import clock
from engine.adoption import upgrade as upgrade_database
from engine.backups import backup as take_backup
from engine.backups import backup_name, prune
from engine.cli.context import Context, command_options
from engine.cli.ledger import counted
from engine.cli.lookups import legible
from engine.cli.progress import progress_bar
from engine.copies import copy as copy_all
from engine.logs import log
from engine.mismatch import Mismatch
from engine.restoring import restore as put_back
from engine.said import said
from facts.errors import BadInput, SchemaOutdated
from facts.language import Text
from facts.store import addresses
from facts.store.database import connect
from facts.store.imports import past_imports
from facts.store.journal import Seal

#: What `verify` says of a database that is not what its journal recorded.
_FOUND = 1


@click.group()
def db() -> None:
    """The database itself · 数据库."""


@db.command()
@command_options()
def upgrade(context: Context) -> None:
    """Bring an older database to this program's schema · 升级数据库结构."""
    before, after = upgrade_database(context.db, clock.now())
    log.info("migration_done", before=before, after=after)
    click.echo(Text("数据库结构：{before} → {after}", "schema: {before} → {after}")(
        context.language, before=before, after=after))


@db.command()
@command_options()
def imports(context: Context) -> None:
    """List the imports, oldest first · 列出各次导入."""
    engine = context.open()
    try:
        for past in past_imports(engine):
            undone = Text("（已撤销）", " (taken back)")(context.language) if past.undone_in else ""
            counts = {sheet: n for sheet, c in past.counts.items() if (n := sum(c.values()) - c.get("unchanged", 0))}
            shown = counted(counts, context.language)
            at = past.at.astimezone(clock.SHANGHAI)
            click.echo(f"{past.id}\t{at:%Y-%m-%d %H:%M}\t{past.source}\t{shown}{undone}")
    finally:
        engine.dispose()


@db.command()
@click.argument("target", metavar="URL")
@command_options()
@click.pass_context
def copy(ctx: click.Context, context: Context, target: str) -> None:
    """Copy everything to another database · 整库复制到另一个数据库.

    Between SQLite and PostgreSQL either way: zhiben --db sqlite:///zhiben.db db copy postgresql+psycopg://…/NAME

    The database at URL must be empty, or not exist yet if it is a file. All tables are copied as they stand at one
    moment, compared row by row and verified by the journal; all or nothing. Exits with 1 if the database copied, and
    so its copy, is not what its journal recorded.
    """
    source = context.open()
    try:
        with progress_bar(Text("复制", "copying"), context.language) as progress:
            made = copy_all(source, target, progress=progress)
    finally:
        source.dispose()
    shown = addresses.shown(connect(target).url)
    log.info("copy_done", target=shown, rows=sum(made.rows.values()))
    click.echo(Text("已复制到 {target}：{tables} 张表，{rows} 行", "copied to {target}: {tables} tables, {rows} rows")(
        context.language, target=shown, tables=len(made.rows), rows=sum(made.rows.values())))
    ctx.exit(_tell(context, made.seal, made.mismatch))


@db.command()
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--keep", type=click.IntRange(1), metavar="N",
              help="FILE is a folder: keep its newest N backups, delete older ones · 只保留最近几份")
@click.option("--force", is_flag=True, help="overwrite a file of that name · 覆盖同名文件")
@command_options()
@click.pass_context
def backup(ctx: click.Context, context: Context, target: Path, keep: int | None, force: bool) -> None:
    """Back everything up to a file, while others go on working · 备份整库到一个文件.

    FILE becomes an SQLite database, whichever kind is backed up, with its checksum beside it (FILE.sha256). It is read
    through and verified before it takes its name. If FILE is a folder, the backup is named by date and time. Exits
    with 1 if the database, and so its backup, is not what its journal recorded.
    """
    into_folder = target.is_dir()
    if keep is not None and not into_folder:
        raise BadInput(Text(f"--keep 只用于文件夹，{target} 不是文件夹",
                            f"--keep is for a folder, and {target} is none"))
    file = target / backup_name(clock.now()) if into_folder else target
    try:
        source = context.open()
    except SchemaOutdated:
        # Before an upgrade a backup is what one wants.
        source = connect(context.db)
        if source.dialect.name != "sqlite":
            raise
    try:
        made = take_backup(source, file, overwrite=force)
    finally:
        source.dispose()
    log.info("backup_done", file=str(made.file), bytes=made.size, sha256=made.sha256)
    click.echo(Text("已备份：{file}（{size} 字节，sha256 {sha256}）",
                    "backed up: {file} ({size} bytes, sha256 {sha256})")(
        context.language, file=made.file, size=made.size, sha256=made.sha256))
    if keep is not None:
        for gone in prune(target, keep):
            click.echo(Text("已删除旧备份：{file}", "old backup deleted: {file}")(context.language, file=gone))
    ctx.exit(_tell(context, made.seal, made.mismatch))


@db.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True,
              help="also where there is a database: what is there is kept aside · 已有数据库时另存原库后恢复")
@click.option("--by", "author", metavar="NAME", help="who says so; with a token not needed · 经办人")
@command_options()
def restore(context: Context, file: Path, force: bool, author: str | None) -> None:
    """Put a backup back · 恢复备份.

    Into the database of --db, which must be empty or not exist yet, or with --force be moved aside. The backup is
    verified first, an older one is upgraded on the way; the file itself stays as it is.
    """
    by = None if author is None else said(legible(author), Text("经办人", "name"))
    context.act_on_any("restore", by, about=file.name)
    restored = put_back(file, context.db, now=clock.now(), force=force)
    log.info("restore_done", file=str(file), aside=restored.aside and str(restored.aside))
    click.echo(Text("已恢复 {file}", "restored {file}")(context.language, file=file))
    if restored.aside is not None:
        click.echo(Text("原有数据另存于 {aside}", "what was there is kept in {aside}")(
            context.language, aside=restored.aside))
    _tell(context, restored.seal, None)


def _tell(context: Context, seal: Seal | None, mismatch: Mismatch | None) -> int:
    """Tell the newest seal and whether all is sound; the exit status."""
    if seal is not None:
        click.echo(Text("最新封签：第 {n} 号，{hash}", "newest seal: {n}, {hash}")(
            context.language, n=seal.number, hash=seal.hash))
    if mismatch is None:
        return 0
    context.say(Text("注意：数据库与其日志不符，副本照原样保存（{line}）",
                     "mind: the database is not what its journal recorded, and was copied as it is ({line})"),
                line=mismatch.line(context.language))
    return _FOUND


commands = (db,)
