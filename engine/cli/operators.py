"""Commands about operators (经办人员): operators add, list, role, token, remove."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Connection

from engine import clock, operator_changes, operator_store
from engine.cli.context import Context, command_options
from engine.cli.lookups import legible
from engine.cli.terminal import Terminal
from engine.guard import Acting
from engine.operators import ROLES
from engine.tokens import Token
from facts.errors import BadInput, CouldNotBeDone, DatabaseMissing
from facts.language import Text
from facts.store.database import reading, writing


@click.group()
def operators() -> None:
    """Who may do what · 经办人员及其权限.

    As long as there is none, everybody is believed. From the first on, which is an admin, whatever changes a verdict
    takes the token of an operator whose role allows it: ZHIBEN_TOKEN, or the file that ZHIBEN_TOKEN_FILE names, or
    ~/.config/zhiben/token.

    \b
    viewer     reads, as everybody does who can reach the database
    inspector  import, notices, notices sent|void, case notify|object
    author     writes rule packs, which are files: in the database no more than a viewer
    approver   waive, case confirm|reject|lift|revoke, import undo, sweep --allow-surge
    admin      all of these, operators and db restore
    """


_name = click.argument("name", metavar="NAME")
_role = click.Choice(list(ROLES))
_file = click.option("--token-file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
                     help="write the token to this new file, which only you can read, not to standard output "
                          "· 令牌写入文件（不打印）")


@operators.command()
@_name
@click.option("--role", type=_role, required=True, help="what he may do, see zhiben operators --help · 角色")
@_file
@command_options()
def add(context: Context, name: str, role: str, token_file: Path | None) -> None:
    """Name an operator, and print his token, once · 登记经办人员并发给令牌.

    The first one is an admin, and makes the database if there is none yet.
    """
    with (_handed_over(token_file) as place,
          _changing(context, f"add {name} {role}", create=True) as connection):
        made = operator_changes.add(connection, legible(name), role, clock.now(), place.take)
    context.say(Text("已登记{name}（{role}）", "{name} is an operator now ({role})"), name=made.name, role=ROLES[role])
    _say_where(context, token_file)


@operators.command()
@_name
@click.argument("role", type=_role)
@command_options()
def role(context: Context, name: str, role: str) -> None:
    """Give an operator another role · 变更角色."""
    with _changing(context, f"role {name} {role}") as connection:
        made = operator_changes.set_role(connection, legible(name), role, clock.now())
    context.say(Text("{name}现为{role}", "{name} is {role} now"), name=made.name, role=ROLES[role])


@operators.command()
@_name
@_file
@command_options()
def token(context: Context, name: str, token_file: Path | None) -> None:
    """Print a new token, once; the old one is worth nothing any more · 换发令牌."""
    with _handed_over(token_file) as place, _changing(context, f"token {name}") as connection:
        made = operator_changes.renew(connection, legible(name), clock.now(), place.take)
    context.say(Text("已给{name}换发令牌，旧令牌即刻作废", "{name} has a new token; the old one is void"),
                name=made.name)
    _say_where(context, token_file)


@operators.command()
@_name
@command_options()
def remove(context: Context, name: str) -> None:
    """Let somebody be an operator no longer; what he did stays under his name · 移除经办人员."""
    with _changing(context, f"remove {name}") as connection:
        made = operator_changes.remove(connection, legible(name), clock.now())
    context.say(Text("{name}不再是经办人员，令牌即刻作废", "{name} is no operator any more; the token is void"),
                name=made.name)


@operators.command("list")
@click.option("--all", "every", is_flag=True, help="those removed too · 包括已移除的")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="output for people or for scripts · 输出格式")
@command_options()
def list_(context: Context, every: bool, form: str) -> None:
    """List the operators · 列出经办人员."""
    with reading(context.open()) as connection:
        known, first = operator_store.newest(operator_store.rows(connection)), operator_store.since(connection)
    found = [each for each in known.values() if every or each.role is not None]
    moments = {name: at.astimezone(clock.SHANGHAI) for name, at in first.items()}
    if form == "json":
        context.document({"operators": [
            {"name": each.name, "role": each.role, "token_id": each.token_id,
             "since": moments[each.name].isoformat(timespec="seconds") if each.name in moments else None}
            for each in found]})
        return
    out = Terminal()
    if not found:
        out.say(Text("没有经办人员：--by 写谁就是谁", "no operators: --by is believed")(context.language))
    for each in found:
        label = ROLES.get(each.role or "", Text("已移除", "removed"))(context.language)
        at = moments.get(each.name)
        out.say("  ".join(filter(None, (each.name, label, f"{at:%Y-%m-%d}" if at else "", each.token_id or ""))))


@contextmanager
def _changing(context: Context, about: str, *, create: bool = False) -> Iterator[Connection]:
    try:
        context.act("operators", about=about)
    except DatabaseMissing:
        if not create:
            raise
        context.guard.acting = Acting("operators", None)
    engine = context.open(create=create)
    try:
        with writing(engine, "operators") as connection:
            # Asked again here, where nobody else changes operators any more: of two first admins, one is refused.
            context.guard.admit(connection)
            yield connection
    finally:
        engine.dispose()


class _Place:
    """Where a token goes: standard output, or a file that is new."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.made = False

    def take(self, token: Token) -> None:
        """Raises an error if it does not get there."""
        if self.file is None:
            try:
                if sys.__stdout__ is None:
                    raise OSError(errno.EBADF, os.strerror(errno.EBADF))
                click.echo(token.written())
            except OSError as error:
                raise CouldNotBeDone(Text(f"令牌没有送出，没有登记：{error.strerror}",
                                          f"the token reached nobody, nothing was entered: {error.strerror}")) from None
            return
        try:
            opened = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise BadInput(Text(f"{self.file} 已存在，没有覆盖，也没有换发；请另指定文件",
                                f"{self.file} exists; it was not overwritten and no token was made: name another "
                                "file")) from None
        self.made = True
        with open(opened, "w", encoding="ascii") as written:
            written.write(token.written() + "\n")
            written.flush()
            os.fsync(opened)


@contextmanager
def _handed_over(file: Path | None) -> Iterator[_Place]:
    place = _Place(file)
    try:
        yield place
    except BaseException:
        if place.made and place.file is not None:
            place.file.unlink(missing_ok=True)
        raise


def _say_where(context: Context, file: Path | None) -> None:
    if file is None:
        context.say(Text("上面一行是令牌，只显示这一次；请交本人妥善保存",
                         "the line above is the token, shown this once; hand it to its owner, who keeps it"))
    else:
        context.say(Text("令牌写入 {file}，只有您能读；请交本人妥善保存",
                         "the token is in {file}, which only you can read; hand it to its owner, who keeps it"),
                    file=file)


commands = (operators,)
