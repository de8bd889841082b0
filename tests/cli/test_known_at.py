"""``--known-at``: by what was known at a moment, beside ``--as-of``: for which day."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run, at
from tests.cli.ledger import RESTAURANT, code, write_folder
from tests.databases import BOTH, in_folder

#: A drill of the year that counts as missed without it.
DATABASES = BOTH
DRILL = {"records": [["uscc", "kind", "date"], [RESTAURANT, "evacuation_drill", "2024-05-05"]]}
NEW = code(77)


@pytest.fixture(scope="module")
def all_learnt(imported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger came in on 2025-03-01 at 9; the drill on 03-02 at 10, a new enterprise with it; a waiver on 03-03."""
    folder = tmp_path_factory.mktemp("learnt")
    file = Path(shutil.copy(imported, folder))
    at("2025-03-01T12:00", file, "sweep")
    enterprise = [["uscc", "name", "division", "sectors", "registered_on", "valid_from"],
                  [NEW, "新店", "120102", "retail", "2024-01-01", "2024-01-01"]]
    at("2025-03-02T10:00", file, "import", str(write_folder(folder / "late", {**DRILL, "enterprises": enterprise})))
    at("2025-03-02T20:00", file, "sweep")
    at("2025-03-03T09:00", file, "waive", RESTAURANT, "leadership_inspection", "--to", "2025-12-31", "--reason", "停业",
       "--by", "张三")
    return file


@pytest.fixture(autouse=True)
def learnt(empty: Path, all_learnt: Path, backend: str, request: pytest.FixtureRequest,
           monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All that in the current folder's database; it is the morning of 2025-03-05."""
    monkeypatch.setenv("ZHIBEN_NOW", "2025-03-05T09:00")
    with in_folder(backend, request, all_learnt, monkeypatch):
        yield


def verdicts(run: Run, *options: str) -> dict[str, str]:
    document = json.loads(run("query", RESTAURANT, "--as-of", "2025-03-01", "--format", "json", *options).stdout)
    return {f"{o['duty']} {o['key']}": o["verdict"] for o in document["obligations"]}


@pytest.mark.parametrize(("moment", "drill"), [
    ("2025-03-01", "violated"), ("2025-03-02", "fulfilled"), ("2025-03-05", "fulfilled"),
    ("2025-03-02T09:59", "violated"), ("2025-03-02T10:00", "fulfilled"), ("2025-03-02 09:59:59", "violated"),
    ("2025-03-02T02:00+00:00", "fulfilled"), ("2025-03-02T01:59Z", "violated"),
])
def test_the_facts_of_the_moment(run: Run, moment: str, drill: str) -> None:
    assert verdicts(run, "--known-at", moment)["evacuation_drill 2024"] == drill


def test_a_waiver_is_known_from_the_moment_it_was_entered(run: Run) -> None:
    def status(moment: str) -> str:
        document = json.loads(run("query", RESTAURANT, "--as-of", "2025-03-04", "--known-at", moment,
                                  "--format", "json").stdout)
        (found,) = [o for o in document["obligations"] if (o["duty"], o["key"]) == ("evacuation_drill", "2025")]
        (waived,) = [o for o in document["obligations"] if (o["duty"], o["key"]) == ("leadership_inspection", "2025Q1")]
        assert found["verdict"] == "pending"
        assert waived["verdict"] == "fulfilled"
        later = json.loads(run("query", RESTAURANT, "--as-of", "2025-04-01", "--known-at", moment,
                               "--format", "json").stdout)
        (coming,) = [o for o in later["obligations"] if (o["duty"], o["key"]) == ("leadership_inspection", "2025Q2")]
        return coming["verdict"]

    assert (status("2025-03-02"), status("2025-03-03T08:59"), status("2025-03-03T09:00")) == (
        "pending", "pending", "waived")


def test_now_is_what_is_known_today(run: Run) -> None:
    plain, today = (json.loads(run("query", RESTAURANT, "--format", "json", *options).stdout)
                    for options in ((), ("--known-at", "2025-03-05")))
    assert (plain.pop("known_at"), today.pop("known_at")) == (None, "2025-03-05")
    assert plain == today


def test_what_sweeps_withdrew_is_known_from_then_on(run: Run) -> None:
    def found(moment: str) -> list[str]:
        document = json.loads(run("query", RESTAURANT, "--as-of", "2025-03-04", "--known-at", moment,
                                  "--format", "json").stdout)
        return [v["status"] for v in document["violations"] if v["duty"] == "evacuation_drill"]

    assert (found("2025-03-01"), found("2025-03-02T15:00"), found("2025-03-02T20:00")) == (["open"], [], ["withdrawn"])


def test_why_export_and_totals(run: Run) -> None:
    why = run("why", RESTAURANT, "evacuation_drill", "--as-of", "2025-03-01", "--known-at", "2025-03-01").stdout
    assert "截至 2025-03-01（按 2025-03-01 已知的情况）" in why
    assert "2024  违规" in why
    then = ("--as-of", "2025-03-01", "--known-at", "2025-03-01")
    exported = run("export", "obligations", *then, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(exported.removeprefix("\ufeff"))))
    assert NEW not in {row["uscc"] for row in rows}
    totals = json.loads(run("totals", "--as-of", "2025-03-01", "--known-at", "2025-03-01", "--format", "json").stdout)
    now = json.loads(run("totals", "--as-of", "2025-03-01", "--format", "json").stdout)
    assert (totals["known_at"], now["known_at"]) == ("2025-03-01", None)
    assert now["enterprises"]["120102"] == totals["enterprises"]["120102"] + 1
    shown = run("totals", "--known-at", "2025-03-02T09:00", "--lang", "en").stdout
    assert "(by what was known on 2025-03-02T09:00:00)" in shown
    before = json.loads(run("totals", "--known-at", "2025-02-28", "--format", "json").stdout)
    assert (before["enterprises"], before["totals"]) == ({}, [])


@pytest.mark.parametrize(("words", "said"), [
    ((NEW, "--known-at", "2025-03-01"), "当时还不在台账中"),
    ((RESTAURANT, "--known-at", "2025-02-28"), "当时还不在台账中"),
    ((code(98), "--known-at", "2025-03-01"), "没有企业或部门"),
    ((RESTAURANT, "--known-at", "2025-03-06"), "还没有到"),
    ((RESTAURANT, "--known-at", "2025-3-1"), "不是日期或时间"),
    ((RESTAURANT, "--known-at", "20250301"), "不是日期或时间"),
    ((RESTAURANT, "--known-at", "2025-02-30"), "不是日期或时间"),
    ((RESTAURANT, "--known-at", "2025-03-01T25:00"), "不是日期或时间"),
    ((RESTAURANT, "--known-at", "0001-01-01T00:00+23:00"), "不是日期或时间"),
])
def test_what_cannot_be(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run("query", *words, code=2)
    assert said in result.stderr
    assert result.stdout == ""
