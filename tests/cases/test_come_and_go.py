"""Fewer inspections: proposed, taken back and proposed again, told alike by nightly sweeps and by one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli import main
from facts.store.database import open_database, reading
from facts.store.journal import entries
from tests.cases.conftest import HEDONG, called, document
from tests.cli.ledger import write_folder

PACK = """\
pack: test/a
titles: {zh: 甲, en: a}
documents:
  plan: {title: 方案}
division: "120000"
effective: {from: 2024-01-01}
rules:
  - id: a.check
    duty: fire_check
    titles: {zh: 防火检查, en: fire check}
    clause: 一
    quote: 每月
    every: month
  - id: a.alarm
    duty: gas_alarm
    titles: {zh: 燃气报警装置, en: gas alarm}
    clause: 二
    quote: 应当安装
    when: {uses_gas: true}
    state: {gas_alarm: true}
recommendations:
  - id: a.fewer
    recommend: reduce_inspections
    titles: {zh: 减少检查频次, en: fewer inspections}
    clause: 三
    quote: 减少
    when: {standardization: 二级}
    good_standing: true
"""
SHEETS = {
    "enterprises": [
        ["uscc", "name", "division", "standardization", "uses_gas", "gas_alarm", "registered_on", "valid_from",
         "history_from"],
        [HEDONG, "甲饭店", "120102", "二级", "否", "", "2024-01-01", "2024-01-01", "2024-01-01"],
        [HEDONG, "甲饭店", "120102", "二级", "是", "", "2024-01-01", "2024-01-20", "2024-01-01"],
        [HEDONG, "甲饭店", "120102", "二级", "是", "是", "2024-01-01", "2024-01-25", "2024-01-01"],
    ],
    "records": [["uscc", "kind", "date"], [HEDONG, "fire_check", "2024-01-05"], [HEDONG, "fire_check", "2024-03-04"]],
}
#: Good standing until the alarm was not known, from when it was, until February was missed, since that was made good.
STORY = [("proposed", "2024-01-01"), ("ended", "2024-01-20"), ("proposed", "2024-01-25"), ("ended", "2024-03-01"),
         ("proposed", "2024-03-04")]
SAY = ("--by", "李四", "--reason", "信用良好")


@pytest.fixture
def imported(tmp_path: Path) -> Path:
    (tmp_path / "a.yaml").write_text(PACK, encoding="utf-8")
    call(tmp_path / "zhiben.db", "import", str(write_folder(tmp_path / "ledger", SHEETS)), on="2024-03-20")
    return tmp_path / "zhiben.db"


def call(db: Path, *words: str, on: str) -> str:
    result = CliRunner().invoke(main, words, env={**called(on, db), "ZHIBEN_PACKS": str(db.parent / "a.yaml")})
    assert result.exit_code == 0, result.output
    return result.output


def told(db: Path) -> list[dict[str, Any]]:
    """What the journal has of the case."""
    with reading(open_database(f"sqlite:///{db}")) as connection:
        return [dict(event) for entry in entries(connection, HEDONG) for event in entry.events if "case" in event]


def test_the_same_story_each_night_and_once(imported: Path) -> None:
    nightly = imported.with_name("nightly.db")
    shutil.copy(imported, nightly)
    for day in ("01-10", "01-19", "01-20", "01-24", "01-25", "02-29", "03-01", "03-03", "03-04", "03-20"):
        call(nightly, "sweep", "--workers", "1", "--as-of", f"2024-{day}", on="2024-03-20")
    call(imported, "sweep", "--workers", "1", "--as-of", "2024-03-20", on="2024-03-20")
    assert [(event["kind"], event["on"]) for event in told(imported)] == STORY
    assert told(nightly) == told(imported)


def test_one_that_was_notified_is_taken_back_when_the_standing_is_lost(imported: Path) -> None:
    call(imported, "sweep", "--workers", "1", "--as-of", "2024-02-20", on="2024-03-20")
    packs = ("--packs", str(imported.with_name("a.yaml")))
    (case,) = document(imported, "cases", *packs, on="2024-02-20")["cases"]
    assert (case["status"], case["since"], case["label"]) == ("proposed", "2024-01-25", "减少检查频次")
    call(imported, "case", "notify", case["id"], *SAY, on="2024-02-21")
    call(imported, "sweep", "--workers", "1", on="2024-03-02")
    assert document(imported, "case", "show", case["id"], *packs, on="2024-03-02")["status"] == "withdrawn"
    call(imported, "sweep", "--workers", "1", on="2024-03-05")
    again = document(imported, "case", "show", case["id"], *packs, on="2024-03-05")
    assert (again["status"], again["since"], again["possible"]) == ("proposed", "2024-03-04", ["notify", "reject"])
    (ground,) = again["grounds"]
    assert ground["facts"] == [{"fact": "standardization", "values": {"standardization": "二级"}}]
    call(imported, "case", "notify", case["id"], *SAY, on="2024-03-05")
    call(imported, "case", "confirm", case["id"], *SAY, on="2024-03-05")
    assert "没有期限" in call(imported, "case", "show", case["id"], on="2024-03-06")
    call(imported, "verify", on="2024-03-06")


def test_standing_that_was_lost_and_regained_is_proposed_anew_after_the_end(imported: Path) -> None:
    call(imported, "sweep", on="2024-01-10")
    (case,) = document(imported, "cases", on="2024-01-10")["cases"]
    call(imported, "case", "notify", case["id"], *SAY, on="2024-01-10")
    call(imported, "case", "confirm", case["id"], "--waives-objection", "企业同意", *SAY, on="2024-01-11")
    call(imported, "case", "lift", case["id"], "--early", *SAY, on="2024-01-12")
    call(imported, "sweep", on="2024-01-13")
    assert document(imported, "cases", on="2024-01-13")["cases"][0]["status"] == "lifted"
    call(imported, "sweep", on="2024-01-26")
    (again,) = document(imported, "cases", on="2024-01-26")["cases"]
    assert (again["status"], again["since"]) == ("proposed", "2024-01-25")
