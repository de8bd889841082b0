"""What holds for every test."""

from __future__ import annotations

import gc
import os
from typing import Any

from hypothesis import settings
from sqlalchemy import Connection, Engine, event

pytest_plugins = ["tests.databases", "tests.crash.tally"]

# A slow machine is no failure, and CI answers the same on the same commit.
settings.register_profile("zhiben", deadline=None, max_examples=25, derandomize=bool(os.environ.get("CI")))
settings.register_profile("deep", deadline=None, max_examples=5_000)
settings.load_profile("zhiben")


class _Compiled(dict[tuple[Any, ...], Any]):
    """Statements as SQLAlchemy has compiled them, by kind of database instead of by engine.

    A test opens its own databases, hundreds of them in one process: each would compile every statement anew.
    """

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), compiled)


_compiled = _Compiled()


@event.listens_for(Engine, "engine_connect")
def _compile_once(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_compiled)


def pytest_collection_finish() -> None:
    """Thousands of tests stay for the whole run: they need not be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
