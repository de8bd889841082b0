"""What every command is given (命令的环境): database, language, and the errors that end it with a plain message."""

from __future__ import annotations

import errno
import functools
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine

from engine import clock, logs
from engine.cli.program import language_of, words_of
from engine.errors import PackError
from engine.guard import Guard, allowed, guarded, refusal
from engine.inference import InferenceError
from engine.operators import NotAllowed
from engine.packs import load_rulebook, pack_paths
from engine.rulebook import Rulebook
from facts.errors import DatabaseDamaged, DatabaseMissing, LedgerError, NotALedger, SchemaOutdated, SchemaTooNew
from facts.language import Language, Text
from facts.ledger import escaped, show
from facts.models import FIRST_DAY, LAST_DAY
from facts.store.database import connect, open_database

DEFAULT_DATABASE = "sqlite:///zhiben.db"

BAD_INPUT = 2
NOT_DONE = 3


@dataclass(slots=True)
class Context:
    """Options that all commands share. ``packs`` are the files and folders that ``--packs`` names."""

    db: str
    language: Language
    packs: tuple[str, ...] = ()
    guard: Guard = field(default_factory=Guard)

    def open(self, *, create: bool = False) -> Engine:
        """The database, on which nothing is sealed that was not allowed (:meth:`act`).

        Raises :class:`~facts.errors.LedgerError` when it cannot be used.
        """
        return guarded(open_database(self.db, create=create), self.guard)

    def act(self, action: str, by: str | None = None, *, about: str | None = None) -> str | None:
        """Ask whether ``action`` (:data:`engine.operators.ACTIONS`) may be done; the name to be entered for it.

        ``by`` is what ``--by`` says, ``about`` what it is done to. As long as there are no operators, that is ``by``,
        whatever it is. Raises :class:`~engine.operators.NotAllowed`, which ends the command and is entered in the
        journal; and :class:`~facts.errors.LedgerError` as :meth:`open` does.
        """
        engine = self.open()
        try:
            self.guard.acting = allowed(engine, action, by, about)
        finally:
            engine.dispose()
        return self.guard.acting.name

    def act_on_any(self, action: str, by: str | None = None, *, about: str | None = None) -> str | None:
        """The same where the database may be of another schema, or is none: then there is nobody to ask."""
        try:
            return self.act(action, by, about=about)
        except (DatabaseDamaged, DatabaseMissing, NotALedger):
            return by
        except (SchemaOutdated, SchemaTooNew):
            engine = connect(self.db)
            try:
                return allowed(engine, action, by, about).name
            finally:
                engine.dispose()

    def rulebook(self) -> Rulebook:
        """The packs named by ``--packs``, or the product's. Raises :class:`~engine.errors.PackError`."""
        return load_rulebook([Path(path) for path in self.packs] or None)

    def say(self, text: Text, **values: Any) -> None:
        """A line for the reader on standard error, where it disturbs no output."""
        click.echo(escaped(text(self.language, **values)), err=True)

    def document(self, document: Any, *, indent: int | None = 2) -> None:
        """The one JSON document on standard output, in UTF-8 whatever the terminal speaks."""
        click.echo(json.dumps(document, ensure_ascii=False, indent=indent).encode())


class CivilDate(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            if len(value) == 10 and value[4] == value[7] == "-":
                day = date.fromisoformat(value)
                if FIRST_DAY <= day <= LAST_DAY:
                    return day
        except ValueError:
            pass
        return self.fail(Text("“{value}”不是 {first} 至 {last} 年的日期；应如 2024-08-01",
                              "“{value}” is no date of the years {first} to {last}; expected e.g. 2024-08-01")(
            language_of(ctx), value=show(value), first=FIRST_DAY.year, last=LAST_DAY.year), param, ctx)


def command_options(*, packs: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds ``--db``, ``--lang`` (and ``--packs``) to a command and calls it with a :class:`Context` first.

    Errors that are known end the command with their message and exit status.
    """

    takes_packs = packs

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        @click.pass_context
        def run(ctx: click.Context, /, db: str | None, lang: Language | None, packs: tuple[str, ...] = (),
                **options: Any) -> None:
            shared = ctx.find_root().params
            context = Context(
                db=db or shared.get("db") or os.environ.get("ZHIBEN_DB") or DEFAULT_DATABASE,
                language=lang or language_of(ctx))
            if sys.stdout is None:
                # Closed by whoever called: no file that is opened later must take its place.
                sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  stays open to the end
            if "utf" not in (sys.stdout.encoding or "utf").lower():
                with suppress(AttributeError):
                    sys.stdout.reconfigure(errors="replace")

            def command() -> None:
                with logs.command(words_of(ctx), context.db):
                    # Within the command, so that a pack that does not exist is an error like any other.
                    named = packs or tuple(filter(None, [takes_packs and os.environ.get("ZHIBEN_PACKS")]))
                    context.packs = tuple(map(str, pack_paths(named))) if named else ()
                    function(context, **options)
                    sys.stdout.flush()

            status = _run(context, command, options)
            if status:
                sys.exit(status)

        for option in shared_options:
            run = option(run)
        if packs:
            run = click.option("--packs", multiple=True, metavar="PACK[,…]",
                               help="rule packs to use instead of the product's in force: files, folders, names of the "
                                    "product's, or all (its drafts too); else ZHIBEN_PACKS · 改用这些规则包")(run)
        return run

    return decorate


shared_options = (
    click.option("--db", metavar="URL", help=f"database; else ZHIBEN_DB, else {DEFAULT_DATABASE} · 数据库"),
    click.option("--lang", type=click.Choice(["zh", "en"]),
                 help="language; default from the locale, else zh · 语言"),
)

#: What every option --by says.
BY_HELP = "who says so; needed, unless a token tells · 经办人（必填；有令牌的可不写）"

#: Today is read when the command runs, so that a clock that cannot be read is an error like any other.
as_of_option = click.option("--as-of", type=CivilDate(), show_default="today in Asia/Shanghai",
                            help="date of the verdict · 判定日期")


#: Which disk it is, the system does not say.
_NO_ROOM = Text("磁盘已满，没有完成；请在输出所在的磁盘和临时文件夹（{folder}）所在的磁盘上腾出空间后重试",
                "the disk is full, it was not done; free some space where the output goes and where temporary files go "
                "({folder}), and try again")


def _run(context: Context, command: Callable[[], None], options: dict[str, Any]) -> int:
    """Run a command to its end, with all that it wrote; the exit status. Known errors end in a message."""
    try:
        if options.get("as_of", ...) is None:
            options["as_of"] = clock.today()
        command()
        sys.stdout.flush()
        return 0
    except LedgerError as error:
        _settle_output()
        context.say(error.message)
        if isinstance(error, NotAllowed):
            _enter_refusal(context, error)
        return error.exit_code
    except PackError as error:
        for problem in error.problems:
            click.echo(problem.show(context.language), err=True)
        return BAD_INPUT
    except InferenceError as error:
        context.say(Text("推理引擎的结果不可信，已停止：{error}",
                         "the rule engine cannot be trusted, stopped: {error}"), error=error)
    except BrokenPipeError:
        _drop_output()
        return 0
    except OSError as error:
        _drop_output()
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        context.say(_NO_ROOM if full else Text("没有完成：{error}", "could not be done: {error}"), error=error,
                    folder=tempfile.gettempdir() if full else "")
    except KeyboardInterrupt:
        context.say(Text("已中止", "stopped"))
    except (click.ClickException, click.exceptions.Exit):
        raise
    except Exception:
        traceback.print_exc()
        context.say(Text("程序出错，没有完成；请把以上内容报告给开发者",
                         "the program failed and did not finish; please report the lines above"))
    return NOT_DONE


def _enter_refusal(context: Context, error: NotAllowed) -> None:
    try:
        engine = open_database(context.db)
        try:
            refusal(engine, error, clock.now())
        finally:
            engine.dispose()
    except LedgerError as trouble:
        context.say(Text("此次拒绝没有记入日志：{why}", "this refusal could not be entered in the journal: {why}"),
                    why=trouble.message)


def _settle_output() -> None:
    """Write what is still buffered, if it can be: else the end of the program would stumble over it."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        _drop_output()


def _drop_output() -> None:
    """Let what is still buffered go nowhere, so that ending the program does not stumble over it again."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
