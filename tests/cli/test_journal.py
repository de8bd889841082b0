"""The journal: whatever is changed by hand is found and named, and every verdict can be computed again."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from engine.verification import mismatches
from facts.store.database import open_database, reading
from tests.cli.conftest import Run
from tests.cli.ledger import ACCIDENT, ORGANISER, RESTAURANT


@pytest.fixture
def changed(history: Path, tmp_path: Path) -> Path:
    """A copy, to be changed."""
    return Path(shutil.copy(history, tmp_path / "zhiben.db"))


@cache
def engine_of(file: Path) -> Engine:
    """One engine a file: it remembers the statements that it has compiled."""
    return open_database(f"sqlite:///{file}")


def found(file: Path) -> list[str]:
    with reading(engine_of(file)) as connection:
        return [each.line("en") for each in mismatches(connection)]


def change(file: Path, *statements: tuple[str, tuple[Any, ...]]) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for statement, values in statements:
            connection.execute(statement, values)
        connection.commit()


@pytest.mark.parametrize(("table", "value"), [
    ("violations", "due_on = 5"), ("violations", "rules = 5"), ("violations", "joined = 'x'"),
    ("violations", "excused = '[1]'"), ("recommendations", "missing = 5"), ("recommendations", "past = 'x'"),
    ("recommendations", "grounds = '5'"), ("obligations", "rules = 5"), ("sweeps", "as_of = 'x'"),
    ("sweeps", "packs = 'x'"), ("seals", "at = 5"), ("entries", "said = 'x'"), ("seals", "said = 'x'"),
    ("enterprises", "removed_in = '2024-01-05'"), ("records", "removed_in = 'x'"), ("steps", "due_on = 'x'"),
    ("letters", "dated = 5"), ("decisions", "decided_on = 5"), ("revisions", "counts = 'x'"),
])
def test_a_value_that_no_column_of_its_kind_holds_is_named(changed: Path, table: str, value: str) -> None:
    change(changed, (f"UPDATE {table} SET {value}", ()))
    assert any(line.startswith((table, "seals")) for line in found(changed))


def test_the_head_shows_that_a_journal_was_rewritten(run: Run, changed: Path, tmp_path: Path,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    head = json.loads(run("verify", "--format", "json").stdout)["head"]
    assert "seal" in run("--lang", "en", "verify", "--head", head).stdout
    # The newest seal and all that it sealed is taken away: what is left is a chain without a flaw.
    with closing(sqlite3.connect(changed)) as connection:
        (last,) = connection.execute("SELECT max(number) FROM seals").fetchone()
        (code,) = connection.execute("SELECT uscc FROM entries WHERE seal = ?", (last,)).fetchone()
        connection.execute("DELETE FROM entries WHERE seal = ?", (last,))
        connection.execute("DELETE FROM decisions WHERE seal = ?", (last,))
        connection.execute("DELETE FROM seals WHERE number = ?", (last,))
        connection.execute("UPDATE recommendations SET status = 'proposed' WHERE uscc = ?", (code,))
        connection.commit()
    run("verify")
    asked = run("--lang", "en", "verify", "--head", head, code=1)
    assert "no seal has the hash" in asked.stdout
    run("verify", "--head", "no-hash", code=2)


def test_verify_says_the_first_place_and_exits_with_1(run: Run, changed: Path, tmp_path: Path,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    change(changed, ("UPDATE violations SET opened_on = '2020-01-01'", ()),
           (("UPDATE records SET date = '2024-07-07' WHERE uscc = ? AND kind = 'leadership_inspection' "
            "AND date = '2024-05-20'"), (RESTAURANT,)))
    first = run("--lang", "en", "verify", code=1).stdout.splitlines()
    assert first[0].startswith("violations ")
    assert "opened_on 2020-01-01 ≠ " in first[0]
    assert len(first) == 2
    every = run("--lang", "en", "verify", "--all", code=1).stdout
    row = f"records {RESTAURANT} leadership_inspection 2024-07-07"
    assert f"{row}: is not as it was imported (import or undo 1)" in every


def test_every_verdict_of_the_history_comes_out_again(run: Run, changed: Path, tmp_path: Path,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # Whichever packs lie on disk by now.
    monkeypatch.setenv("ZHIBEN_PACKS", str(Path(__file__).parent / "packs"))
    kinds = set()
    for uscc in (RESTAURANT, ORGANISER, ACCIDENT):
        told = json.loads(run("log", uscc, "--format", "json").stdout)
        assert [each["at"] for each in told] == sorted(each["at"] for each in told)
        for each in told:
            if each["kind"] in ("opened", "closed", "step", "proposed", "waived", "resumed"):
                kinds.add(each["kind"])
                document = json.loads(run("replay", each["id"], "--format", "json").stdout)
                assert document["same"]
                assert document["changed"] == []
    assert {"opened", "closed", "step", "proposed"} <= kinds


def test_replay_says_what_has_changed(run: Run, changed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = json.loads(run("log", RESTAURANT, "--format", "json").stdout)
    opened = next(each for each in told if each["kind"] == "opened" and each["duty"] == "leadership_inspection")
    change(changed, ("UPDATE records SET date = '2024-07-07' WHERE uscc = ? AND date = '2025-02-10'", (RESTAURANT,)))
    shown = run("--lang", "en", "replay", opened["id"], code=1).stdout
    assert "something else comes out" in shown
    assert "the facts that were read have been changed" in shown
    change(changed, ("DELETE FROM pack_texts", ()))
    assert "no longer in the database" in run("--lang", "en", "replay", opened["id"], code=2).output


@pytest.mark.parametrize("event", ["", "x", "X/1/1", f"{RESTAURANT}/99", f"{RESTAURANT}/1/99", f"{RESTAURANT}/0/1",
                                   f"{RESTAURANT}/1/1"])
def test_what_cannot_be_replayed(run: Run, changed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                 event: str) -> None:
    monkeypatch.chdir(tmp_path)
    run("replay", event, code=2)


def test_the_log_tells_the_story_in_words(run: Run, changed: Path, tmp_path: Path,
                                          monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    story = run("--lang", "zh", "log", RESTAURANT).stdout
    for words in ("台账登记", "违规发生", "措施 “提醒”", "录入豁免", "停电", "终止豁免", "2025-01-20 09:00"):
        assert words in story
    seals = run("--lang", "zh", "log").stdout.splitlines()
    assert ["导入" in seals[0], "巡查" in seals[1], "豁免" in seals[2]] == [True] * 3
    assert run("--lang", "en", "log", RESTAURANT, "--limit", "1").stdout.count("[") == 1
    assert "nothing of" in run("--lang", "en", "log", "NOBODY", code=2).output
