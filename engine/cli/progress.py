"""How far a long command is (进度): a bar on standard error, where somebody looks on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from facts.language import Language, Text


@contextmanager
def progress_bar(title: Text, language: Language) -> Iterator[Callable[[int, int], None]]:
    """A bar under ``title``, to be called with how much is done and of how much; nothing where nobody looks on."""
    console = Console(stderr=True)
    with Progress(TextColumn(title(language)), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
                  console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
