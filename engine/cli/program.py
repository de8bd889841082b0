"""The program as a whole (程序): its commands under one name, and what is logged where none of them could begin.

A command's module is imported when the command is asked for: most of a short command's time is importing.
"""

from __future__ import annotations

from importlib import import_module

import click

from engine.logs import log

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

    def invoke(self, ctx: click.Context) -> object:
        """Begin the command that was asked for."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            log.error("usage_error", command=words_of(error.ctx), status=_USAGE, message=error.format_message())
            raise


def words_of(ctx: click.Context | None) -> str:
    """The words that name a command, without the program's own name."""
    words: list[str] = []
    while ctx is not None and ctx.parent is not None:
        words.insert(0, ctx.info_name or "")
        ctx = ctx.parent
    return " ".join(words)
