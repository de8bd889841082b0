"""A violation that a later import shows never to have been is withdrawn, and stays to be seen."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run
from tests.cli.ledger import RESTAURANT, write_folder

DRILL = {"records": [["uscc", "kind", "date"], [RESTAURANT, "evacuation_drill", "2024-05-05"]]}


def violations(run: Run, as_of: str, *options: str) -> list[tuple[str, str, str | None]]:
    result = run("export", "violations", "--format", "json", "--as-of", as_of, *options)
    rows = [row for row in json.loads(result.stdout) if row["uscc"] == RESTAURANT and row["duty"] == "evacuation_drill"]
    return [(row["key"], row["status"], row["closed_on"]) for row in rows]


def test_a_violation_that_never_was_is_withdrawn(run: Run, folder: Path) -> None:
    run("sweep", "--as-of", "2025-03-01")
    assert violations(run, "2025-03-01") == [("2024", "open", None)]
    write_folder(folder / "late", DRILL)
    run("import", str(folder / "late"))
    assert violations(run, "2025-03-02") == []
    run("sweep", "--as-of", "2025-03-02")
    assert violations(run, "2025-03-02") == [("2024", "withdrawn", "2025-03-02")]
    assert violations(run, "2025-03-02", "--status", "closed") == [("2024", "withdrawn", "2025-03-02")]
    assert violations(run, "2025-03-02", "--status", "open") == []
    assert violations(run, "2025-03-01") == []
    shown = json.loads(run("query", RESTAURANT, "--as-of", "2025-03-02", "--format", "json").stdout)["violations"]
    assert [(v["key"], v["status"]) for v in shown if v["duty"] == "evacuation_drill"] == [("2024", "withdrawn")]
