"""Reading a column of cells with a memory (成列读取)."""

from __future__ import annotations

from collections.abc import Sequence

from facts.cells import Cell, CellError, Reader
from facts.language import Text


class Bad:
    """Stands where a cell could not be read, with the reason."""

    __slots__ = ("message",)

    def __init__(self, message: Text) -> None:
        self.message = message


class Column(dict[str, object]):
    """A reader that remembers text cells it has read: dates, kinds and codes come by the thousand in a ledger.

    ``stumbled`` tells whether any cell so far was :class:`Bad`.
    """

    #: How many different cells are remembered; texts that never repeat would otherwise fill the memory.
    LIMIT = 50_000
    #: How long a text is remembered.
    LONGEST = 200

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._reader = reader
        self._others: dict[tuple[type, Cell], object] = {}
        self.stumbled = False

    def read(self, cells: Sequence[Cell]) -> list[object]:
        """The values of ``cells``: what the reader makes of each, or :class:`Bad`."""
        if len(self) > self.LIMIT:
            self.clear()
        if len(self._others) > self.LIMIT:
            self._others.clear()
        return [self[cell] if cell.__class__ is str else self._other(cell) for cell in cells]

    def __missing__(self, cell: str) -> object:
        value = self._read(cell)
        if len(cell) <= self.LONGEST:
            self[cell] = value
        return value

    def _other(self, cell: Cell) -> object:
        # 1, 1.0 and True are one key to a dictionary but not to a reader.
        key = (cell.__class__, cell)
        try:
            return self._others[key]
        except KeyError:
            value = self._others[key] = self._read(cell)
            return value

    def _read(self, cell: Cell) -> object:
        try:
            return self._reader(cell)
        except CellError as error:
            self.stumbled = True
            return Bad(error.message)
