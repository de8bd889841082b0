"""``zhiben waive`` and ``zhiben waivers``, and waivers in what the other commands say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli import ledger
from tests.cli.conftest import Run, digest
from tests.cli.ledger import CHEMICALS, HOTEL, ORGANISER, RESTAURANT

pytestmark = pytest.mark.usefixtures("folder")

WHY = ("--reason", "停业改造", "--by", "张三")
SPRING = ("--from", "2025-03-01", "--to", "2025-06-30")
#: The restaurant never had a drill; the year 2024 was due before today.
BACK = ("--from", "2024-12-01", "--to", "2025-01-31", "--retroactive", "文件遗失")


def row(run: Run, uscc: str, part: str, duty: str, key: str, *options: str) -> dict[str, Any]:
    document = json.loads(run("query", uscc, "--format", "json", *options).stdout)
    (found,) = [each for each in document[part] if (each["duty"], each["key"]) == (duty, key)]
    return found


def refused(run: Run, *words: str) -> str:
    before = digest()
    result = run(*words, code=2)
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert digest() == before
    return result.stderr


def test_a_missed_year_is_waived_and_says_that_it_was_afterwards(run: Run) -> None:
    said = run("waive", RESTAURANT, "疏散逃生演练", *BACK, *WHY).stdout
    assert "第 1 号豁免已登记" in said
    assert "追溯" in said
    obligation = row(run, RESTAURANT, "obligations", "evacuation_drill", "2024")
    violation = row(run, RESTAURANT, "violations", "evacuation_drill", "2024")
    assert (obligation["verdict"], violation["status"], violation["streak"]) == ("waived", "waived", 0)
    assert obligation["waiver"] == violation["waiver"] == {
        "id": 1, "uscc": RESTAURANT, "duty": "evacuation_drill", "key": None, "from": "2024-12-01", "to": "2025-01-31",
        "reason": "停业改造", "by": "张三", "entered_on": "2025-03-01", "retroactive": "文件遗失", "ended": None}
    assert row(run, RESTAURANT, "obligations", "evacuation_drill", "2025")["waiver"] is None
    card = run("query", RESTAURANT).stdout
    assert "没有未了结的违规" in card
    assert "追溯：文件遗失" in card
    why = run("why", RESTAURANT, "evacuation_drill", "--lang", "en").stdout
    assert "2024  已豁免 · waived" in why
    assert "第 1 号豁免（2024-12-01 至 2025-01-31，张三 2025-03-01 录入）：停业改造；追溯：文件遗失" in why
    assert "waiver 1 (2024-12-01 to 2025-01-31, entered by 张三 on 2025-03-01): 停业改造; retroactive: 文件遗失" in why
    assert "retroactive: 文件遗失" in run("waivers", "--lang", "en").stdout


def test_exports_and_totals_take_it_into_account(run: Run) -> None:
    options = ("--division", "120102", "--duty", "evacuation_drill", "--format", "json")
    before = json.loads(run("export", "violations", "--status", "open", *options).stdout)
    run("waive", RESTAURANT, "evacuation_drill", *BACK, *WHY)
    after = json.loads(run("export", "violations", "--status", "open", *options).stdout)
    assert [r for r in before if r["uscc"] != RESTAURANT] == after
    (closed,) = [r for r in json.loads(run("export", "violations", "--status", "closed", *options).stdout)
                 if r["uscc"] == RESTAURANT]
    assert (closed["status"], closed["waiver"], closed["waived_to"], closed["retroactive"]) == (
        "waived", 1, "2025-01-31", "文件遗失")
    counted = json.loads(run("totals", "--format", "json").stdout)["totals"]
    assert [r["count"] for r in counted if r["verdict"] == "waived"] == [1]
    assert "豁免" in run("totals").stdout


def test_a_state_is_waived_while_the_waiver_lasts_and_violated_again_since_the_same_day(run: Run) -> None:
    run("sweep", "--as-of", "2025-03-01")
    run("waive", HOTEL, "safety_officer", "--key", "state", "--to", "2025-03-10", *WHY)
    assert row(run, HOTEL, "violations", "safety_officer", "2024-06-01")["status"] == "waived"
    swept = run("sweep", "--as-of", "2025-03-02", "--format", "json")
    assert "豁免" in swept.stderr
    assert json.loads(swept.stdout)["violations"]["closed"] == 1
    assert json.loads(run("sweep", "--as-of", "2025-03-02", "--format", "json").stdout)["violations"]["closed"] == 0
    again = row(run, HOTEL, "violations", "safety_officer", "2024-06-01", "--as-of", "2025-03-11")
    assert (again["status"], again["opened_on"], again["waiver"]) == ("open", "2024-06-01", None)
    counts = json.loads(run("sweep", "--as-of", "2025-03-11", "--format", "json").stdout)["violations"]
    assert counts["opened"] == 1
    late = json.loads(run("sweep", "--as-of", "2025-03-12", "--format", "json").stdout)["violations"]
    assert late == {"opened": 0, "closed": 0, "open": counts["open"]}


def test_a_sweep_without_waivers_says_nothing_of_them(run: Run) -> None:
    result = run("sweep", "--as-of", "2025-03-01")
    assert result.stderr == ""
    assert "豁免" not in result.stdout


@pytest.mark.parametrize("workers", ["1", "2"])
def test_every_worker_knows_the_waivers(run: Run, workers: str) -> None:
    run("waive", RESTAURANT, "evacuation_drill", *BACK, *WHY)
    run("waive", CHEMICALS, "evacuation_drill", *BACK, *WHY)
    counted = json.loads(run("sweep", "--workers", workers, "--format", "json").stdout)["obligations"]
    assert counted["waived"] == 2


@pytest.mark.parametrize(("words", "said"), [
    ((RESTAURANT, "evacuation_drill", "--reason", "x", "--by", "y"), "--to"),
    ((RESTAURANT, "evacuation_drill", *SPRING), "--reason、--by"),
    ((RESTAURANT, "evacuation_drill", *SPRING, "--reason", "", "--by", "y"), "理由"),
    ((RESTAURANT, "evacuation_drill", *SPRING, "--reason", "x", "--by", " "), "录入人"),
    ((RESTAURANT, "evacuation_drill", "--from", "2025-07-01", "--to", "2025-06-30", *WHY), "早于起日"),
    ((RESTAURANT, "evacuation_drill", "--to", "2025-02-01", *WHY), "早于起日"),
    ((RESTAURANT, "evacuation_drill", "--from", "2025-02-01", "--to", "2025-06-30", *WHY), "--retroactive"),
    ((RESTAURANT, "evacuation_drill", *SPRING, "--retroactive", "x", *WHY), "--retroactive"),
    ((RESTAURANT, "evacuation_drils", *SPRING, *WHY), "evacuation_drill"),
    ((ledger.code(99), "evacuation_drill", *SPRING, *WHY), "没有企业或部门"),
    ((RESTAURANT, "leadership_inspection", "--key", "2025Q5", *SPRING, *WHY), "2025Q1、2025-04"),
    ((RESTAURANT, "leadership_inspection", "--key", "2025Q3", *SPRING, *WHY), "2025Q3"),
    ((ORGANISER, "hazard_rectification", "--key", "YH-9", *BACK, *WHY), "没有“YH-9”到期"),
    ((RESTAURANT, "evacuation_drill", *SPRING, "--void", *WHY), "--void"),
    ((RESTAURANT, "evacuation_drill", *SPRING, "--replaces", "3", *WHY), "第 3 号"),
    (("end", "1", "--by", "y"), "--reason"),
    (("end", "1", *WHY), "第 1 号"),
    (("end", "x", *WHY), "“x”不是豁免编号"),
    (("end", "1", *SPRING, *WHY), "--from、--to"),
])
def test_nonsense_is_refused_in_one_line(run: Run, words: tuple[str, ...], said: str) -> None:
    assert said in refused(run, "waive", *words)
    english = refused(run, "waive", *words, "--lang", "en")
    assert english.isascii() or not any("\u4e00" <= c <= "\u9fff" for c in english.replace("疏散逃生演练", ""))


def test_an_object_is_waived_alone(run: Run) -> None:
    run("waive", ORGANISER, "exhibition_emergency_plan", "--key", "ZH-2", *SPRING, *WHY)
    assert row(run, ORGANISER, "obligations", "exhibition_emergency_plan", "ZH-2")["verdict"] == "waived"
    assert row(run, ORGANISER, "obligations", "exhibition_emergency_plan", "ZH-1")["verdict"] == "fulfilled"


def test_the_same_twice_is_refused_and_a_change_follows_the_old_one(run: Run) -> None:
    run("waive", RESTAURANT, "evacuation_drill", *SPRING, *WHY)
    assert "--replaces 1" in refused(run, "waive", RESTAURANT, "evacuation_drill", "--to", "2025-12-31", *WHY)
    changed = run("waive", RESTAURANT, "evacuation_drill", "--to", "2025-12-31", "--replaces", "1", *WHY).stdout
    assert "第 2 号豁免已登记" in changed
    assert "第 1 号豁免自今日起终止" in changed
    old, new = json.loads(run("waivers", "--format", "json").stdout)["waivers"]
    assert old["ended"] == {"on": "2025-03-01", "by": "张三", "reason": "停业改造", "void": False}
    assert (old["state"], new["state"], old["to"], new["to"]) == ("ended", "in_force", "2025-06-30", "2025-12-31")
    assert row(run, RESTAURANT, "obligations", "evacuation_drill", "2025")["waiver"]["id"] == 2


def test_ending_and_voiding(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("waive", RESTAURANT, "evacuation_drill", *BACK, *WHY)
    run("waive", RESTAURANT, "leadership_inspection", "--to", "2025-12-31", *WHY)
    monkeypatch.setenv("ZHIBEN_NOW", "2025-07-01T09:00")
    assert "--void" in refused(run, "waive", "end", "1", *WHY)
    run("waive", "end", "1", "--void", "--reason", "录错企业", "--by", "李四")
    assert row(run, RESTAURANT, "violations", "evacuation_drill", "2024")["status"] == "open"
    assert row(run, RESTAURANT, "obligations", "leadership_inspection", "2025Q2")["verdict"] == "waived"
    run("waive", "end", "2", "--reason", "复业", "--by", "李四")
    assert row(run, RESTAURANT, "obligations", "leadership_inspection", "2025Q2")["verdict"] == "waived"
    assert row(run, RESTAURANT, "obligations", "leadership_inspection", "2025Q3")["verdict"] == "pending"
    assert "已于 2025-07-01" in refused(run, "waive", "end", "2", *WHY)
    shown = run("waivers").stdout
    assert "已作废" in shown
    assert "已终止" in shown


def test_those_that_cover_nothing_are_told_apart(run: Run, tmp_path: Path) -> None:
    covering = run("waive", RESTAURANT, "leadership_inspection", *SPRING, *WHY)
    assert covering.stderr == ""
    nothing = run("waive", RESTAURANT, "safety_officer", *SPRING, *WHY)
    assert "没有对应任何义务" in nothing.stderr
    run("waive", HOTEL, "safety_officer", *SPRING, *WHY)
    unused = json.loads(run("waivers", "--unused", "--format", "json").stdout)["waivers"]
    assert [(each["id"], each["covers"]) for each in unused] == [(2, [])]
    assert "期间内没有" in unused[0]["covers_nothing"]["zh"]
    every = json.loads(run("waivers", "--format", "json").stdout)["waivers"]
    assert [each["covers"] for each in every] == [["2025Q1", "2025Q2"], [], ["state", "2024-06-01"]]
    assert every[0]["name"] == "甲饭店"
    run("waive", "end", "2", "--reason", "录错", "--by", "李四")
    assert run("waivers", "--unused").stdout == "没有豁免\n"
    run("import", "undo", "1")
    assert "台账中没有这个代码" in run("waivers", "--unused").stdout


def test_those_about_to_end_are_warned_of(run: Run) -> None:
    run("waive", RESTAURANT, "evacuation_drill", "--to", "2025-03-31", *WHY)
    run("waive", RESTAURANT, "leadership_inspection", "--to", "2025-04-01", *WHY)
    for command in ("waivers", "sweep"):
        said = run(command).stderr
        assert len(said.splitlines()) == 1
        assert "30 天内到期的豁免有 1 项，最早的是第 1 号（2025-03-31）" in said
    assert "第 1 号" in run("waivers", "--as-of", "2025-03-31").stderr
    assert run("waivers", "--as-of", "2025-04-02").stderr == ""

    def within(days: str) -> list[int]:
        found = json.loads(run("waivers", "--ending-within", days, "--format", "json").stdout)["waivers"]
        return [each["id"] for each in found]

    assert (within("29"), within("30"), within("31")) == ([], [1], [1, 2])


def test_packs_compared_on_the_ledger_know_the_waivers(run: Run) -> None:
    run("waive", RESTAURANT, "evacuation_drill", *BACK, *WHY)
    same = run("rules", "diff", "national/statutes", "national/statutes")
    assert same.exit_code == 0


def test_a_sweep_that_changes_only_what_is_still_due_is_sealed(run: Run) -> None:
    run("sweep")
    run("waive", RESTAURANT, "evacuation_drill", "--key", "2025", "--to", "2026-06-30", *WHY)
    run("sweep")
    assert run("verify").stdout.endswith("一致\n")
    before = digest()
    run("sweep")
    assert digest() == before
