"""What every command is given (命令的环境): database, language, and the errors that end it with a plain message."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine

from engine import clock
from engine.errors import PackError
from engine.inference import InferenceError
from engine.packs import load_rulebook
from engine.rulebook import Rulebook
from facts.errors import LedgerError
from facts.language import Language, Text
from facts.store.database import open_database

DEFAULT_DATABASE = "sqlite:///zhiben.db"

BAD_INPUT = 2
NOT_DONE = 3


@dataclass(slots=True)
class Context:
    """Options that all commands share."""

    db: str
    language: Language
    packs: tuple[str, ...] = ()

    def open(self, *, create: bool = False) -> Engine:
        """The database; raises :class:`~facts.errors.LedgerError` when it cannot be used."""
        return open_database(self.db, create=create)

    def rulebook(self) -> Rulebook:
        """The packs named by ``--packs``, or the product's. Raises :class:`~engine.errors.PackError`."""
        return load_rulebook([Path(path) for path in self.packs] or None)

    def say(self, text: Text, **values: Any) -> None:
        """A line for the reader on standard error, where it disturbs no output."""
        click.echo(text(self.language, **values), err=True)


class CivilDate(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            if len(value) == 10 and value[4] == value[7] == "-":
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.fail(Text("“{value}”不是日期；应如 2024-08-01", "{value!r} is no date; expected e.g. 2024-08-01")(
            _language(ctx), value=value), param, ctx)


def command_options(*, packs: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds ``--db``, ``--lang`` (and ``--packs``) to a command and calls it with a :class:`Context` first.

    Errors that are known end the command with their message and exit status.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        @click.pass_context
        def run(ctx: click.Context, /, db: str | None, lang: Language | None, packs: tuple[str, ...] = (),
                **options: Any) -> None:
            shared = ctx.find_root().params
            context = Context(
                db=db or shared.get("db") or os.environ.get("ZHIBEN_DB") or DEFAULT_DATABASE,
                language=lang or _language(ctx), packs=packs)
            try:
                function(context, **options)
            except LedgerError as error:
                context.say(error.message)
                sys.exit(error.exit_code)
            except PackError as error:
                for problem in error.problems:
                    click.echo(problem.show(context.language), err=True)
                sys.exit(BAD_INPUT)
            except InferenceError as error:
                context.say(Text("推理引擎的结果不可信，已停止：{error}", "the rule engine cannot be trusted, stopped: {error}"),
                            error=error)
                sys.exit(NOT_DONE)
            except BrokenPipeError:
                sys.stderr.close()
                sys.exit(0)

        for option in shared_options:
            run = option(run)
        if packs:
            run = click.option("--packs", multiple=True, type=click.Path(exists=True), metavar="PATH",
                               help="rule packs to use instead of the product's · 改用这些规则包")(run)
        return run

    return decorate


shared_options = (
    click.option("--db", metavar="URL", help=f"database; else ZHIBEN_DB, else {DEFAULT_DATABASE} · 数据库"),
    click.option("--lang", type=click.Choice(["zh", "en"]), help="language; default from the locale, else zh · 语言"),
)

as_of_option = click.option("--as-of", type=CivilDate(), default=clock.today, show_default="today in Asia/Shanghai",
                            help="date of the verdict · 判定日期")


def _language(ctx: click.Context | None) -> Language:
    """``--lang`` wherever it stands, else the locale's language, else Chinese."""
    while ctx is not None:
        if ctx.params.get("lang"):
            return ctx.params["lang"]
        ctx = ctx.parent
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "en" if value.lower().startswith("en") else "zh"
    return "zh"
