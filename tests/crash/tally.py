"""What the kills of a run of the tests came to, in a few lines (杀进程统计)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

#: Under this name a test records the figures of its kills.
KILLS = "kills"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print them, whichever process ran the tests."""
    told = [json.loads(value) for reports in terminalreporter.stats.values() for report in reports
            if getattr(report, "when", None) == "call" for name, value in report.user_properties if name == KILLS]
    if told:
        terminalreporter.section("killed from outside with SIGKILL")
        for line in lines(told):
            terminalreporter.write_line(line)


def lines(kills: Iterable[Mapping[str, Any]]) -> list[str]:
    """The figures that the tests recorded under ``kills``, line by line, and their sum for each kind of database."""
    rows = sorted(kills, key=lambda row: row["place"] != "sqlite")
    said = [_line(f"{row['place']}, {row['deed']}", row) + f"; undisturbed it takes {row['seconds']} s and writes for "
            f"{row['writing']} s of them" for row in rows]
    for place in dict.fromkeys(row["place"] for row in rows):
        of = [row for row in rows if row["place"] == place]
        total = {name: sum(row[name] for row in of) for name in ("kills", "inside", "hot", "kept")}
        said.append(_line(f"{place}, all (seed {of[0]['seed']})", total))
    return said


def _line(what: str, row: Mapping[str, Any]) -> str:
    text = f"{what}: {row['kills']} killed, {row['inside']} of them inside a transaction that writes"
    if row["hot"]:
        text += f", {row['hot']} left something to be rolled back"
    return text + (f", {row['kept']} had done their work" if row["kept"] else "")
