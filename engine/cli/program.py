"""The program as a whole (程序): its commands under one name, and what is logged where none of them could begin.

A command's module is imported when the command is asked for: most of a short command's time is importing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import pairwise
from typing import Any

import click

from engine.logs import log
from facts.language import Language

#: Where a context has the language that the command line asks for.
_LANGUAGE = "zhiben.language"
#: Exit status of wrong usage.
_USAGE = 2
#: The commands and the modules of :mod:`engine.cli` that have them.
_MODULES = {
    **dict.fromkeys(("import", "template"), "ledger"),
    "db": "database",
    "sweep": "sweep",
    **dict.fromkeys(("export", "example"), "export"),
    **dict.fromkeys(("query", "why", "find", "totals"), "lookups"),
    **dict.fromkeys(("waive", "waivers"), "waivers"),
    "notices": "notices",
    **dict.fromkeys(("cases", "case"), "cases"),
    **dict.fromkeys(("verify", "replay", "log"), "journal"),
    "schedule": "schedule",
    **dict.fromkeys(("metrics", "doctor"), "health"),
    "operators": "operators",
    "rules": "rules",
}


class Program(click.Group):
    """The group of all commands; it logs words on the command line that are none of its commands' or options."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return list(_MODULES)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of this name, ``None`` if there is none."""
        if name not in _MODULES:
            return None
        module = import_module(f"engine.cli.{_MODULES[name]}")
        return next(command for command in module.commands if command.name == name)

    def make_context(self, info_name: str | None, args: list[str], parent: click.Context | None = None,
                     **extra: Any) -> click.Context:
        """Read the words before the command's name."""
        language = _asked_for(args)
        with _understood(language):
            context = super().make_context(info_name, args, parent, **extra)
        context.meta[_LANGUAGE] = language
        return context

    def invoke(self, ctx: click.Context) -> object:
        """Begin the command that was asked for."""
        with _understood(language_of(ctx)):
            return super().invoke(ctx)


@contextmanager
def _understood(language: Language | None) -> Iterator[None]:
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        log.error("usage_error", command=words_of(error.ctx), status=_USAGE, message=error.format_message())
        # Only now, for it is seldom wanted.
        from engine.cli.usage import WrongUsage

        raise WrongUsage(error, language or language_of(None)) from None


def _asked_for(words: Sequence[str]) -> Language | None:
    """The language of ``--lang``, also where the words around it cannot be understood."""
    found: Language | None = None
    for word, following in pairwise([*words, ""]):
        said = following if word == "--lang" else word.removeprefix("--lang=")
        if said in ("zh", "en") and word.startswith("--lang"):
            found = said
    return found


def language_of(ctx: click.Context | None) -> Language:
    """``--lang`` wherever it stands, else the locale's language, else Chinese."""
    if ctx is not None and (asked := ctx.meta.get(_LANGUAGE)) is not None:
        return asked
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "en" if value.lower().startswith("en") else "zh"
    return "zh"


def words_of(ctx: click.Context | None) -> str:
    """The words that name a command, without the program's own name."""
    words: list[str] = []
    while ctx is not None and ctx.parent is not None:
        words.insert(0, ctx.info_name or "")
        ctx = ctx.parent
    return " ".join(words)
