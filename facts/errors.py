"""What can go wrong between a ledger and its database, on one screen (台账与数据库的错误).

Every error carries its message in both languages and the exit status that CONTRACT.md gives it: 2 for wrong usage or
bad input, 3 for what could not be done. In either case nothing has been changed.
"""

from __future__ import annotations

from typing import ClassVar

from facts.language import Text


class LedgerError(Exception):
    """Something was asked for and not done; ``message`` says what, where, and what to do."""

    exit_code: ClassVar[int] = 3

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


class BadInput(LedgerError):
    """What was given is wrong."""

    exit_code = 2


class BadDatabaseUrl(BadInput):
    """The text after ``--db`` or in ``ZHIBEN_DB`` names no database that Zhiben can use."""


class DatabaseMissing(BadInput):
    """There is no ledger at that place yet."""


class UnknownImport(BadInput):
    """No import has this number."""


class CouldNotBeDone(LedgerError):
    """The request was right; the circumstances were not."""


class ImportNotUndoable(CouldNotBeDone):
    """The import has been undone before, or is itself an undo."""


class NotALedger(CouldNotBeDone):
    """The place holds something else than a Zhiben database; it is left alone."""


class SchemaOutdated(CouldNotBeDone):
    """The database was written by an older version of the program and has to be upgraded first."""


class SchemaTooNew(CouldNotBeDone):
    """The database was written by a newer version of the program."""


class MigrationFailed(CouldNotBeDone):
    """An upgrade would have left rows that contradict each other; it was taken back."""


class DatabaseBusy(CouldNotBeDone):
    """Somebody else is writing, and did not finish in time."""


class ImportOvertaken(CouldNotBeDone):
    """Another import or undo came in after the ledger was held against the store."""


class DatabaseReadOnly(CouldNotBeDone):
    """The database cannot be written to."""


class DiskFull(CouldNotBeDone):
    """No room left where the database lies."""


class DatabaseUnreachable(CouldNotBeDone):
    """The file cannot be opened, or the server not be reached, or the connection was lost."""


class DatabaseDamaged(CouldNotBeDone):
    """The database file is damaged, or the disk under it fails."""
