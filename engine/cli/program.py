"""The program as a whole (程序): its commands under one name, and what is logged where none of them could begin."""

from __future__ import annotations

import click

from engine.logs import log

#: Exit status of wrong usage.
_USAGE = 2


class Program(click.Group):
    """A group of commands that logs words on the command line that are none of its commands' or options."""

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
