"""How long one query takes in a process that is up (单户查询): ``answering.py DATABASE AS_OF CODE…``.

Prints the seconds of each as a JSON list of pairs: by the clock and of processor time.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import redirect_stdout
from datetime import date

from sqlalchemy import Engine

from engine.cli.context import Context
from engine.cli.lookups import query
from engine.rulebook import Rulebook


class Desk(Context):
    """The command ``query`` in a process that has loaded the packs and opened the database."""

    def __init__(self, db: str) -> None:
        super().__init__(db, "en")
        self._held = super().rulebook(), super().open()

    def rulebook(self) -> Rulebook:
        return self._held[0]

    def open(self, *, create: bool = False) -> Engine:
        return self._held[1]

    def answer(self, code: str, as_of: date) -> None:
        """What the command does, its JSON thrown away."""
        with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
            query.callback.__wrapped__(self, code, as_of, False, None, "json")


def main() -> None:
    database, as_of, *codes = sys.argv[1:]
    desk, seconds = Desk(database), []
    for code in codes:
        started, began = time.perf_counter(), time.process_time()
        desk.answer(code, date.fromisoformat(as_of))
        seconds.append((time.perf_counter() - started, time.process_time() - began))
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
