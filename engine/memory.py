"""How this process keeps its memory (内存)."""

from __future__ import annotations

import atexit
import gc

#: New objects after which those among them that only hold each other are looked for, and rounds of that after which
#: older ones are looked through too.
_NEW, _ROUNDS = 500_000, 1_000


def collect_seldom() -> None:
    """Look for objects that only hold each other less often than Python does by itself, in the whole process.

    What a ledger becomes in memory, and what is judged of it, holds no such circles worth mentioning, and is made by
    the million: Python would look through it again and again. Nor does it at the end, when the system takes back all
    memory anyway: that took a quarter of a second of every command.
    """
    gc.set_threshold(_NEW, _ROUNDS, _ROUNDS)
    atexit.register(gc.freeze)
