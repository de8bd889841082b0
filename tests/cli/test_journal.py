"""The journal: whatever is changed by hand is found and named, and every verdict can be computed again."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from engine.cli import main
from engine.verification import mismatches
from facts.store.database import open_database, reading
from tests.cli.conftest import Run
from tests.cli.ledger import ACCIDENT, ORGANISER, RESTAURANT, SHEETS, write_folder

LATE = {"records": [["uscc", "kind", "date"], [RESTAURANT, "evacuation_drill", "2025-02-20"]],
        "hazards": [["hazard_id", "uscc", "level", "found_on"], ["H-9", ORGANISER, "major", "2025-02-01"]],
        "coverage": [["kind", "division", "complete_from"], ["fire_check", "120102", "2024-01-01"]],
        "certificates": [["certificate_id", "uscc", "expires_on"], ["C-9", ORGANISER, "2025-12-01"]],
        "authorities": [["code", "name", "division"], ["河东商务", "河东区商务局", "120102"]]}
WRONG = {"records": [["uscc", "kind", "date"], [RESTAURANT, "evacuation_drill", "2024-06-01"]]}
#: Numbers of rows without meaning, which nothing refers to.
MEANINGLESS = {"id"}
FACTS = {"enterprises", "records", "hazards", "accidents", "exhibitions", "coverage", "authorities", "certificates"}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with something in each of its tables: imports, an undo, sweeps, waivers, letters, cases."""
    folder = tmp_path_factory.mktemp("history")
    packs = "tianjin-hedong/commerce,tianjin-hedong/safety-committee,national/statutes"
    # Few enterprises: the whole database is verified once for each of its columns.
    few = {name: [head, *(row for row in rows if {RESTAURANT, ORGANISER, ACCIDENT}.intersection(map(str, row)))]
           for name, (head, *rows) in SHEETS.items()}
    for name, sheets in (("ledger", few), ("late", LATE), ("wrong", WRONG)):
        write_folder(folder / name, sheets)

    def at(moment: str, *words: str) -> str:
        result = CliRunner().invoke(main, [words[0], "--db", f"sqlite:///{folder / 'zhiben.db'}", *words[1:]]
                                    if words[0] not in ("waive", "notices", "case", "import") else
                                    ["--db", f"sqlite:///{folder / 'zhiben.db'}", *words],
                                    env={"ZHIBEN_NOW": moment, "ZHIBEN_PACKS": packs})
        assert result.exit_code == 0, (words, result.output, result.exception)
        return result.stdout

    at("2025-01-20T09:00", "import", str(folder / "ledger"))
    at("2025-01-20T10:00", "sweep")
    at("2025-01-21T09:00", "waive", RESTAURANT, "evacuation_drill", "--from", "2025-01-21", "--to", "2025-12-31",
       "--by", "张三", "--reason", "停电")
    at("2025-01-22T09:00", "notices", "-o", str(folder / "letters"))
    at("2025-01-23T09:00", "import", str(folder / "wrong"))
    at("2025-01-24T09:00", "import", "undo", "2")
    at("2025-02-25T09:00", "import", str(folder / "late"))
    at("2025-02-25T10:00", "sweep")
    at("2025-02-26T09:00", "waive", "end", "1", "--by", "李四", "--reason", "来电")
    register = json.loads(at("2025-02-27T09:00", "notices", "list", "--format", "json"))
    at("2025-02-27T10:00", "notices", "sent", register["letters"][0]["number"], "--by", "王五")
    cases = json.loads(at("2025-02-28T09:00", "cases", "--format", "json"))
    at("2025-02-28T10:00", "case", "notify", cases["cases"][0]["id"], "--by", "王五", "--reason", "已告知")
    return folder / "zhiben.db"


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


def tables(file: Path) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    with closing(sqlite3.connect(file)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            if name not in ("alembic_version", "sqlite_sequence"):
                yield name, connection.execute(f"PRAGMA table_info({name})").fetchall()


def other(value: Any, kind: str) -> Any:
    """Another value that the column could have."""
    if kind == "DATE":
        return "2024-01-01" if value is None else (date.fromisoformat(value) + timedelta(days=1)).isoformat()
    if kind in ("INTEGER", "BOOLEAN", "BIGINT"):
        return 1 if value is None else 1 - value if kind == "BOOLEAN" else value + 1
    if kind == "DATETIME":
        return "2024-01-01 00:00:00.000000" if value is None else value.replace("2025", "2026")
    if value is None:
        return '["x"]'
    if value.startswith(("[", "{")):
        read = json.loads(value)
        return json.dumps([*read, "x"] if isinstance(read, list) else {**read, "x": 1})
    return f"{value}x"


def test_an_untouched_database_is_sound(history: Path) -> None:
    assert found(history) == []
    empty = {name for name, _ in tables(history) if not count(history, name)}
    assert empty <= {"letter_voids"}


def count(file: Path, table: str) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def change(file: Path, *statements: tuple[str, tuple[Any, ...]]) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for statement, values in statements:
            connection.execute(statement, values)
        connection.commit()


def test_whatever_is_changed_by_hand_is_named(changed: Path) -> None:
    missed = []
    for table, columns in tables(changed):
        key = [name for _, name, _, _, _, part in columns if part]
        for _, name, kind, *_ in columns:
            if name in MEANINGLESS and table in FACTS:
                continue
            with closing(sqlite3.connect(changed)) as connection:
                rows = connection.execute(f"SELECT {name}, {', '.join(key)} FROM {table}").fetchall()
            if not rows:
                continue
            value, *identity = rows[len(rows) // 2]
            where = " AND ".join(f"{part} = ?" for part in key)
            now = other(value, kind)
            try:
                change(changed, (f"UPDATE {table} SET {name} = ? WHERE {where}", (now, *identity)))
            except sqlite3.IntegrityError:
                continue
            lines = found(changed)
            if not any(line.startswith((table, f"entries {identity[0]}")) for line in lines):
                missed.append((table, name, value, now, lines[:2]))
            changed_identity = [now if part == name else its for part, its in zip(key, identity, strict=True)]
            change(changed, (f"UPDATE {table} SET {name} = ? WHERE {where}", (value, *changed_identity)))
    assert missed == []
    assert found(changed) == []


def test_whatever_is_deleted_or_put_in_is_named(changed: Path) -> None:
    missed = []
    for table, columns in tables(changed):
        key = [name for _, name, _, _, _, part in columns if part]
        names = [name for _, name, *_ in columns]
        with closing(sqlite3.connect(changed)) as connection:
            rows = connection.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
        if not rows:
            continue
        row = dict(zip(names, rows[-1], strict=True))
        where = " AND ".join(f"{part} = ?" for part in key)
        change(changed, (f"DELETE FROM {table} WHERE {where}", tuple(row[part] for part in key)))
        if not any(line.startswith((table, "entries", "seals")) for line in found(changed)):
            missed.append((table, "deleted"))
        marks = ", ".join("?" for _ in names)
        change(changed, (f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", tuple(row.values())))
        strange = {**row, key[-1]: other(row[key[-1]], next(kind for _, name, kind, *_ in columns if name == key[-1]))}
        try:
            change(changed, (f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", tuple(strange.values())))
        except sqlite3.IntegrityError:
            continue
        if not any(line.startswith((table, "entries", "seals")) for line in found(changed)):
            missed.append((table, "put in", strange))
        change(changed, (f"DELETE FROM {table} WHERE {where}", tuple(strange[part] for part in key)))
    assert missed == []


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
