"""Steps as users see them: query, why, export, sweep, with the product's own packs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

AS_OF = ("--as-of", "2025-03-01")


@pytest.fixture
def laddered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shared ledger, judged by packs that have ladders."""
    monkeypatch.setenv("ZHIBEN_PACKS", "tianjin-hedong/commerce,tianjin-hedong/safety-committee,national/statutes")
    return folder


def exported(run: Run, kind: str, *options: str) -> list[dict[str, Any]]:
    return json.loads(run("export", kind, "--format", "json", *AS_OF, *options).stdout)


def with_steps(run: Run) -> dict[str, Any]:
    """The violation with the most steps, and whose it is."""
    rows = exported(run, "escalations")
    most = max(rows, key=lambda row: row["level"])
    found = json.loads(run("query", most["uscc"], "--format", "json", *AS_OF).stdout)
    (violation,) = [v for v in found["violations"] if (v["duty"], v["key"]) == (most["duty"], most["key"])]
    return {**violation, "uscc": most["uscc"]}


def test_query_lists_the_steps_issued(laddered: Path, run: Run) -> None:
    found = with_steps(run)
    assert len(found["escalation"]) > 1
    for step in found["escalation"]:
        assert {"step", "label", "level", "due_on"} <= step.keys()
        assert found["opened_on"] <= step["due_on"] <= step["issued_on"] <= "2025-03-01"
        assert step["assumptions"], "no source prints the days"
        assert (step["document"], step["quote"]) != ("", "")
    assert [step["level"] for step in found["escalation"]] == sorted({step["level"] for step in found["escalation"]})
    assert found["escalation"][0]["label"] == {"remind": "提醒", "urge": "督促整改"}[found["escalation"][0]["step"]]


def test_export_has_a_row_for_each_step_issued(laddered: Path, run: Run) -> None:
    rows = exported(run, "escalations")
    identities = [(row["uscc"], row["duty"], row["key"], row["ladder"], row["level"]) for row in rows]
    assert rows
    assert len(set(identities)) == len(rows)
    for row in rows:
        assert row["due_on"] <= row["issued_on"] <= "2025-03-01"
        assert all(row[column] for column in ("ladder_clause", "ladder_quote", "rules", "assumptions"))
    still, over = (exported(run, "escalations", "--status", status) for status in ("open", "closed"))
    assert sorted(map(str, (*still, *over))) == sorted(map(str, rows))
    assert {row["status"] for row in still} == {"open"}


def test_export_for_people(laddered: Path, run: Run) -> None:
    text = run("export", "escalations", "--format", "csv", "--readable", "--lang", "en", *AS_OF).stdout
    first, *others = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    assert {row["label"] for row in (first, *others)} >= {"reminder"}
    assert first["issued on"]


def test_a_sweep_counts_the_steps_that_none_had_recorded(laddered: Path, run: Run) -> None:
    def steps(as_of: str) -> int:
        return json.loads(run("sweep", "--as-of", as_of, "--format", "json").stdout)["steps_issued"]

    before = steps("2025-01-01")
    assert before > 0
    assert steps("2025-01-01") == 0
    assert steps("2025-03-01") == len(exported(run, "escalations")) - before


def test_the_card_and_the_reasons_show_steps_and_what_was_assumed(laddered: Path, run: Run) -> None:
    found = with_steps(run)
    step = found["escalation"][-1]
    why = run("why", found["uscc"], found["duty"], *AS_OF).stdout
    assert f"{step['level']}. {step['label']}：应于 {step['due_on']}" in why
    assert f"数字 {step['assumptions'][0]['value']} 是假定：{step['assumptions'][0]['reason']}" in why
    told = json.loads(run("why", found["uscc"], found["duty"], "--format", "json", *AS_OF).stdout)
    (obligation,) = [o for o in told["obligations"] if o["escalation"] and o["escalation"][-1] == step]
    assert obligation["held_back"] == found["held_back"]
    if found["status"] == "open":
        card = run("query", found["uscc"], "--lang", "zh", *AS_OF).stdout
        assert "督促措施" in card
        assert step["label"] in card


def test_what_is_held_back_is_shown_with_its_cause(laddered: Path, run: Run, tmp_path: Path) -> None:
    ledger = tmp_path / "idle"
    ledger.mkdir()
    code = "91120102MA0000001T"
    (ledger / "enterprises.csv").write_text(
        "uscc,name,division,sectors,high_risk,suspended,history_from,valid_from\n"
        f"{code},Idle,120102,retail,no,no,2024-01-01,2023-01-01\n"
        f"{code},Idle,120102,retail,no,yes,2024-01-01,2025-01-05\n", encoding="utf-8")
    run("import", str(ledger), "--db", "sqlite:///idle.db")
    shared = (code, "--db", "sqlite:///idle.db", *AS_OF)
    found = json.loads(run("query", *shared, "--format", "json").stdout)
    (held,) = [v for v in found["violations"] if (v["duty"], v["key"]) == ("leadership_inspection", "2024Q4")]
    assert [(s["step"], s["due_on"]) for s in held["escalation"]] == [("remind", "2025-01-01")]
    assert [(s["step"], s["due_on"], s["issued_on"], s["held_by"]) for s in held["held_back"]] == [
        ("urge", "2025-01-11", None, "suspended"), ("circular", "2025-01-31", None, "suspended")]
    assert "停产停业" in run("query", *shared, "--lang", "zh").stdout
    why = run("why", code, "leadership_inspection", *shared[1:]).stdout
    assert "督促整改：应于 2025-01-11，暂缓（停产停业）" in why
