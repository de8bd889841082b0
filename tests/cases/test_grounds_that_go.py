"""What becomes of a case when its grounds are corrected away: nothing silently, and nothing twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases.conftest import HEDONG, SHEETS, Run
from tests.cli.ledger import write_folder

SAY = ("--by", "李四", "--reason", "据实办理")
HEAD = SHEETS["accidents"][0]


@pytest.fixture
def blacklist(run: Run) -> str:
    """The case that lists the enterprise of Hedong, notified."""
    cases = run("cases", "--format", "json")["cases"]
    (id_,) = [each["id"] for each in cases if (each["kind"], each["uscc"]) == ("blacklist", HEDONG)]
    run("case", "notify", id_, *SAY, on="2024-08-03")
    return id_


def corrected(tmp_path: Path, *row: object, head: list[str] = HEAD) -> str:
    return str(write_folder(tmp_path / "corrected", {"accidents": [head, row]}))


def told(run: Run, id_: str) -> list[str]:
    events: list[dict[str, Any]] = run("log", HEDONG, "--format", "json")
    return [each["kind"] for each in events if each.get("case") == id_]


def test_a_notified_case_whose_figures_are_gone_is_unknown_at_once(run: Run, blacklist: str, tmp_path: Path) -> None:
    run("import", corrected(tmp_path, "SG-1", HEDONG, "2024-05-05", "", "", "", "是", "2024-08-01"), on="2024-08-04")
    for _ in range(2):
        run("sweep", "--workers", "1", on="2024-08-04")
        (case,) = [c for c in run("cases", "--format", "json", on="2024-08-04")["cases"] if c["id"] == blacklist]
        assert case["status"] == "unknown"
        assert told(run, blacklist) == ["proposed", "notified", "case_corrected"]


def test_a_confirmed_case_says_once_that_its_grounds_have_gone(run: Run, blacklist: str, tmp_path: Path) -> None:
    run("case", "confirm", blacklist, "--waives-objection", "企业书面放弃", *SAY, on="2024-08-05")
    void = corrected(tmp_path, "SG-1", HEDONG, "是", head=["accident_id", "uscc", "void"])
    run("import", void, on="2024-08-06")
    for _ in range(2):
        run("sweep", "--workers", "1", on="2024-08-06")
        assert told(run, blacklist) == ["proposed", "notified", "confirmed", "grounds_gone"]
    (case,) = [c for c in run("cases", "--format", "json", on="2024-08-07")["cases"] if c["id"] == blacklist]
    assert (case["status"], case["withdrawn_on"]) == ("confirmed", "2024-08-06")
    assert "根据已不存在" in run("cases", on="2024-08-07").output
    run("import", "undo", "2", on="2024-08-08")
    run("sweep", "--workers", "1", on="2024-08-08")
    assert told(run, blacklist)[-1] == "grounds_back"
    assert "根据已不存在" not in run("cases", on="2024-08-08").output
    run("verify", on="2024-08-08")
