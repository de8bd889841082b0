"""Where every command takes database, date and language from, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli import main
from tests.cli import ledger
from tests.cli.conftest import Run, shell
from tests.cli.ledger import SHEETS, write_folder

QUERY = ("query", ledger.RESTAURANT, "--format", "json")


@pytest.fixture
def elsewhere(folder: Path) -> str:
    """The URL of the database, which is not at the default place."""
    shutil.move("zhiben.db", "ledger.db")
    return f"sqlite:///{folder / 'ledger.db'}"


def test_database_before_or_after_the_command(run: Run, elsewhere: str) -> None:
    assert run("--db", elsewhere, *QUERY).stdout == run(*QUERY, "--db", elsewhere).stdout
    run(*QUERY, code=2)


def test_database_from_the_environment(run: Run, elsewhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBEN_DB", elsewhere)
    run(*QUERY)
    # What is said on the command line comes first, and what stands nearer to the command before that.
    run(*QUERY, "--db", "sqlite:///none.db", code=2)
    run("--db", "sqlite:///none.db", *QUERY, code=2)
    run("--db", "sqlite:///none.db", *QUERY, "--db", elsewhere)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("now", "today"), [
    ("2025-02-09T15:59:59+00:00", "2025-02-09"),
    ("2025-02-09T16:00:00Z", "2025-02-10"),
    ("2025-02-10T23:59:59", "2025-02-10"),
    ("2025-02-10T00:00:00", "2025-02-10"),
    ("2025-02-09T20:00:00-05:00", "2025-02-10"),
    ("2025-02-10", "2025-02-10"),
])
def test_today_is_that_of_shanghai(run: Run, monkeypatch: pytest.MonkeyPatch, now: str, today: str) -> None:
    monkeypatch.setenv("ZHIBEN_NOW", now)
    found = json.loads(run(*QUERY).stdout)
    assert found["as_of"] == today
    assert ("made_up" in {o["verdict"] for o in found["obligations"]}) is (today == "2025-02-10")


@pytest.mark.usefixtures("folder")
def test_without_a_set_clock_it_is_now(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZHIBEN_NOW")
    shanghai = timezone(timedelta(hours=8))
    before = datetime.now(shanghai).date().isoformat()
    found = json.loads(run(*QUERY).stdout)["as_of"]
    assert before <= found <= datetime.now(shanghai).date().isoformat()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("now", ["yesterday", "2025-02-30T00:00", "1"])
def test_a_clock_that_cannot_be_read(run: Run, monkeypatch: pytest.MonkeyPatch, now: str) -> None:
    monkeypatch.setenv("ZHIBEN_NOW", now)
    for words in (QUERY, ("sweep",), ("export", "violations", "--format", "json"), ("totals",)):
        result = run(*words, code=2)
        assert result.stdout == ""
        assert "ZHIBEN_NOW" in result.stderr


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("day", ["2024-13-01", "2023-02-29", "2024-8-1", "20240801", "2024/08/01", "2024-W31-4",
                                 "today", "", " 2024-08-01"])
def test_a_date_that_is_none(run: Run, day: str) -> None:
    result = run(*QUERY, "--as-of", day, code=2)
    assert result.stdout == ""
    assert "应如 2024-08-01" in result.stderr


@pytest.mark.usefixtures("folder")
def test_a_leap_day(run: Run) -> None:
    assert json.loads(run(*QUERY, "--as-of", "2024-02-29").stdout)["as_of"] == "2024-02-29"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("settings", "language"), [
    ({}, "zh"), ({"LANG": "C"}, "zh"), ({"LANG": "zh_CN.UTF-8"}, "zh"), ({"LANG": "en_US.UTF-8"}, "en"),
    ({"LANG": "de_DE.UTF-8"}, "zh"), ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB"}, "en"),
    ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN"}, "zh"), ({"LANG": "en_US.UTF-8", "LC_ALL": ""}, "en")])
def test_language_from_the_locale(run: Run, monkeypatch: pytest.MonkeyPatch, settings: dict, language: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert ("截至" in run("query", ledger.RESTAURANT).stdout) is (language == "zh")
    assert ("没有名称" in run("find", "nobody", code=2).stderr) is (language == "zh")


@pytest.mark.usefixtures("folder")
def test_language_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert "截至" in run("query", ledger.RESTAURANT, "--lang", "zh").stdout
    assert "截至" in run("--lang", "zh", "query", ledger.RESTAURANT).stdout
    for words in (("--as-of", "x", "--lang", "zh"), ("--lang", "zh", "--as-of", "x")):
        assert "应如" in run("query", ledger.RESTAURANT, *words, code=2).stderr
    run("query", ledger.RESTAURANT, "--lang", "de", code=2)


@pytest.mark.usefixtures("folder")
def test_documents_do_not_depend_on_the_language(run: Run) -> None:
    for words in (QUERY, ("why", ledger.RESTAURANT, "evacuation_drill", "--format", "json"),
                  ("totals", "--format", "json"), ("export", "violations", "--format", "json")):
        assert run(*words, "--lang", "zh").stdout == run(*words, "--lang", "en").stdout


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("words", [(), ("nonsense",), ("query",), ("query", "a", "b"), ("why", ledger.HOTEL),
                                   ("sweep", "--nonsense"), ("export", "--format", "csv"), ("export", "violations"),
                                   ("query", ledger.HOTEL, "--format", "xml")])
def test_wrong_usage(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words, code=2).stdout == ""


@pytest.mark.usefixtures("folder")
def test_a_failure_of_the_program_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    # 1 would say: done, and what was looked for was found.
    monkeypatch.setattr("engine.cli.lookups.judge", lambda *_: 1 / 0)
    result = CliRunner().invoke(main, QUERY)
    assert result.exit_code == 3
    assert "ZeroDivisionError" in result.stderr
    assert result.stdout == ""


@pytest.mark.usefixtures("folder")
def test_somebody_else_is_writing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facts.store.database.PATIENCE", 0)
    other = sqlite3.connect("zhiben.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        result = run("sweep", code=3)
    finally:
        other.close()
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("line", [
    "zhiben export obligations --format csv | head -n 1", f"zhiben query {ledger.HOTEL} | true",
    f"zhiben query {ledger.HOTEL} --format json | true"])
def test_whoever_stops_reading_is_no_error(line: str) -> None:
    ended = shell(line)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.usefixtures("folder")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full to write to")
@pytest.mark.parametrize("words", [f"query {ledger.HOTEL}", "export obligations --format json"])
def test_a_full_disk_under_the_output(words: str) -> None:
    ended = shell(f"zhiben {words} > /dev/full")
    assert ended.returncode == 3
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.usefixtures("folder")
def test_terminals_that_know_no_chinese() -> None:
    told = shell(f"zhiben query {ledger.RESTAURANT}", PYTHONIOENCODING="ascii")
    assert (told.returncode, told.stderr) == (0, "")
    document = shell(f"zhiben query {ledger.RESTAURANT} --format json", PYTHONIOENCODING="ascii")
    assert json.loads(document.stdout)["enterprise"]["name"] == "甲饭店"


def test_standard_output_has_the_document_alone(empty: Path, run: Run) -> None:
    rows = [SHEETS["records"][0], [ledger.RESTAURANT, "fire_check", "2025-03-02"]]
    warned = run("import", str(write_folder(empty / "in", {"enterprises": SHEETS["enterprises"], "records": rows})))
    assert "提示" in warned.stderr
    assert "提示" not in warned.stdout
    run("sweep", "--as-of", "2025-03-01")
    late = run("sweep", "--as-of", "2024-03-01", "--format", "json")
    assert late.stderr
    json.loads(late.stdout)
    assert sorted(os.listdir()) == ["in", "zhiben.db"]
