"""Writing to the terminal (终端): names from a ledger are shown as they are, never run as markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

#: Columns of a table when the output is no terminal that could tell its own.
_WIDTH_OF_A_FILE = 120


class Terminal(Console):
    """Standard output for people. Whoever stops reading ends the command like any other way of writing."""

    def __init__(self) -> None:
        super().__init__(markup=False, emoji=False, highlight=False)
        if not self.is_terminal:
            self.width = _WIDTH_OF_A_FILE

    def on_broken_pipe(self) -> NoReturn:
        """Left to whoever called the command, for whom a closed pipe is no failure."""
        raise BrokenPipeError

    def say(self, text: str = "", style: str | None = None, *, indent: int = 0) -> None:
        """A paragraph; on a terminal it is folded under its indent, in a file it stays one line."""
        if self.is_terminal and text:
            self.print(Padding.indent(self.render_str(text, style=style or ""), indent))
        else:
            self.print(" " * indent + text, style=style, soft_wrap=True)

    def show(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, style: str | None = None,
             whole: Iterable[int] = (), right: Iterable[int] = ()) -> None:
        """A table under its title, without columns that would stay blank.

        Columns ``whole`` are never broken into lines, ``right`` are numbers.
        """
        rows, whole, right = [tuple(row) for row in rows], set(whole), set(right)
        used = [n for n in range(len(columns)) if not rows or any(len(row[n]) for row in rows)]
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for n in used:
            table.add_column(columns[n], header_style="dim", overflow="fold", no_wrap=n in whole,
                             min_width=None if n else 12, justify="right" if n in right else "left")
        for row in rows:
            table.add_row(*(row[n] for n in used), style=style)
        if title:
            self.print(f"\n{title}", style="bold")
        self.print(table)
