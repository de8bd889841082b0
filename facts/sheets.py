"""A sheet as it stands in a file, before anything is made of it (原始工作表): cells with their addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from facts.language import Text
from facts.ledger import Problem


class Unreadable(Exception):
    """A file or sheet of which nothing can be read; ``problem`` names it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.line("en"))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Area:
    """Merged cells (合并单元格): rows and columns counted from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{address(self.top, self.left)}:{address(self.bottom, self.right)}"


@dataclass(frozen=True, slots=True)
class MarkedCell:
    """A cell whose value cannot be taken as it is: a formula, an error value."""

    shown: str
    message: Text


@dataclass(slots=True)
class Grid:
    """The cells of a sheet. ``rows`` yields every row from row 1 on, from column A on; it can be read once.

    ``height`` is the number of rows, as far as it is known beforehand. ``marked`` has cells by row and column, counted
    from 0, of the rows that were yielded so far. ``separated``: the cells of a row are told apart by separators, so
    that one too many moves all that follow.
    """

    rows: Iterator[Sequence[object]]
    height: int
    merged: Sequence[Area] = ()
    marked: Mapping[int, Mapping[int, MarkedCell]] = field(default_factory=dict)
    separated: bool = False


@dataclass(frozen=True, slots=True)
class RawSheet:
    """A sheet that can be read: ``name`` as in the file, ``load`` raises :class:`Unreadable`."""

    file: str
    name: str
    load: Callable[[], Grid]


@dataclass(slots=True)
class Source:
    """What a path holds (台账来源): its sheets, and what was wrong or odd on the way to them."""

    sheets: list[RawSheet] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def letters(column: int) -> str:
    """The name of a column, counted from 0: ``A``, ``Z``, ``AA``."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_number(name: str) -> int:
    """The column of that name, counted from 0: the reverse of :func:`letters`."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number - 1


def address(row: int, column: int) -> str:
    """The address of a cell, row and column counted from 0: ``C7``."""
    return f"{letters(column)}{row + 1}"
