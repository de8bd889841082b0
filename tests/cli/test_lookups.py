"""``zhiben find``, ``zhiben totals`` and the card of ``zhiben query``."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.cli import ledger
from tests.cli.conftest import Run, on_a_terminal
from tests.cli.ledger import DAY

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(("part", "uscc"), [
    ("甲饭", ledger.RESTAURANT), ("lucky STAR", ledger.CAFE), ("100%", ledger.PERCENT), ("%_", ledger.PERCENT),
    ("=1+1", ledger.FORMULA), ("[bold]", ledger.MARKUP), ("戊超市", ledger.MOVED)])
def test_find(run: Run, part: str, uscc: str) -> None:
    lines = run("find", part).stdout.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(uscc)


@pytest.mark.parametrize("part", ["没有的", "甲_店", "甲%", "", "  ", "\udcff"])
def test_find_nothing(run: Run, part: str) -> None:
    result = run("find", part, code=2)
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1


def test_find_says_when_there_are_more(run: Run) -> None:
    result = run("find", "店", "--limit", "2")
    assert len(result.stdout.splitlines()) == 3
    assert "--limit" in result.stderr
    assert run("find", "店", "--limit", "4").stderr == ""


def test_totals_count_what_export_lists(run: Run) -> None:
    found = json.loads(run("totals", "--as-of", DAY, "--format", "json").stdout)
    listed = json.loads(run("export", "obligations", "--as-of", DAY, "--format", "json").stdout)
    expected = Counter((row["division"], row["duty"], row["verdict"]) for row in listed)
    assert {(r["division"], r["duty"], r["verdict"]): r["count"] for r in found["totals"]} == expected
    assert found["enterprises"] == {"120102": 12, "120103": 2}


def test_totals_of_one_division(run: Run) -> None:
    shown = run("totals", "--as-of", DAY, "--division", "120103").stdout
    assert "120103 · 企业 2 家" in shown
    assert "120102" not in shown
    assert "疏散逃生演练" in shown
    assert "As of 2025-03-01: 2 enterprises" in run("totals", "--division", "120103", "--lang", "en").stdout
    assert run("totals", "--division", "99", code=2).stdout == ""


def test_the_card(run: Run) -> None:
    card = run("query", ledger.RESTAURANT, "--as-of", DAY).stdout
    head, violated, owed, settled, notes = card.split("\n\n")
    assert head == f"甲饭店  {ledger.RESTAURANT}\n120102 · 餐饮 · 非高危 · 截至 2025-03-01"
    assert re.findall(r"疏散逃生演练 +2024 +2025-01-01 +60 天 +\[1\]\[2\]", violated)
    assert [line.split()[:4] for line in owed.splitlines()[2:]] == [["疏散逃生演练", "2025", "2025-12-31", "305"]]
    assert [line.split()[1:5] for line in settled.splitlines()[2:]] == [
        ["2024Q2", "2024-06-30", "已履行", "2024-05-20"], ["2024Q3", "2024-09-30", "逾期补做", "2025-02-10"],
        ["2024Q4", "2024-12-31", "逾期补做", "2025-02-10"], ["2025Q1", "2025-03-31", "已履行", "2025-02-10"]]
    cited = set(re.findall(r"\[\d\]", violated + owed + settled))
    assert set(re.findall(r"^\[\d\]", notes, flags=re.MULTILINE)) == cited
    assert "[1] 《河东区商务局安全生产治本攻坚三年行动方案（2024年—2026年）》二（六）13" in notes


def test_the_card_in_english(run: Run) -> None:
    card = run("query", ledger.RESTAURANT, "--as-of", DAY, "--lang", "en").stdout
    assert re.search(r"Evacuation drill +2024 +2025-01-01 +60 days +\[1\]\[2\]", card)
    assert "、" not in card


def test_the_card_without_what_has_ended(run: Run) -> None:
    card = run("query", ledger.RESTAURANT, "--as-of", DAY, "--current").stdout
    assert "未了结的违规" in card
    assert "已有结果" not in card


def test_a_violation_stands_on_the_card_once(run: Run) -> None:
    card = run("query", ledger.HOTEL, "--as-of", DAY).stdout
    assert card.count("安全生产管理机构或专职安全管理人员") == 1
    assert re.search(r"安全生产管理机构或专职安全管理人员 +现状 +2024-06-01", card)
    assert "“主要负责人带队检查”台账是否齐全" in card


def test_what_lapsed_is_settled(run: Run) -> None:
    card = run("query", ledger.MOVED, "--as-of", DAY).stdout
    assert "没有未了结的违规" in card
    assert re.search(r"疏散逃生演练 +2024 +2024-12-31 +已失效 +2025-01-15", card)


def test_periods_not_known_alike_stand_in_one_line(run: Run) -> None:
    line = next(line for line in run("query", ledger.HOTEL, "--as-of", DAY).stdout.splitlines()
                if line.startswith("主要负责人带队检查") and "情况不明" in line)
    assert re.search(r"2024Q3 至 2024Q4（2 期） +2024-12-31 +情况不明", line)


def test_a_sector_that_no_pack_in_use_declares(run: Run) -> None:
    Path("own.yaml").write_text("""\
pack: own
titles: {zh: 自备, en: own}
documents: {doc: {title: 自备方案}}
division: "120102"
effective: {from: 2024-01-01}
sector_names: {escape_room: {zh: 密室逃脱, en: escape room}}
rules:
  - {id: own.drill, duty: evacuation_drill, titles: {zh: 演练, en: Drill}, clause: 一, quote: 每年, every: year}
""", encoding="utf-8")
    Path("more").mkdir()
    Path("more/enterprises.csv").write_text(
        "uscc,name,sectors,valid_from\n91120102MA00000A02,迷宫,密室逃脱,2024-01-01\n", encoding="utf-8")
    run("import", "more", "--packs", "own.yaml")
    assert "密室逃脱" in run("query", "91120102MA00000A02", "--packs", "own.yaml").stdout
    assert "escape_room" in run("query", "91120102MA00000A02").stdout


def test_recommendations_on_the_card(run: Run) -> None:
    card = run("query", ledger.ACCIDENT, "--as-of", DAY).stdout
    assert re.search(r"列入黑名单 +已提出 +2024-08-01 +事故 SG-1 ", card)
    assert re.search(r"列入黑名单 +缺情况，暂缓 ", card)


def test_what_is_due_today_and_tomorrow(run: Run) -> None:
    day = {d: run("query", ledger.HOTEL, "--as-of", d, "--lang", "en").stdout for d in ("2025-03-30", "2025-03-31")}
    assert re.search(r"2025Q1 +2025-03-31 +1 day +due soon", day["2025-03-30"])
    assert re.search(r"2025Q1 +2025-03-31 +today +due soon", day["2025-03-31"])


@pytest.mark.parametrize(("uscc", "lang"), [
    (ledger.MARKUP, "zh"), (ledger.MARKUP, "en"), (ledger.FORMULA, "zh"), (ledger.PERCENT, "en")])
def test_any_name_is_shown_as_it_is(run: Run, uscc: str, lang: str) -> None:
    name = json.loads(run("query", uscc, "--format", "json").stdout)["enterprise"]["name"]
    for words in (("query", uscc), ("why", uscc, "evacuation_drill"), ("find", name[:4])):
        assert name in run(*words, "--lang", lang).stdout


@pytest.mark.parametrize("columns", ["60", "200"])
def test_on_terminals_narrow_and_wide(columns: str) -> None:
    shown = on_a_terminal("query", ledger.HOTEL, COLUMNS=columns)
    for word in ("2024-06-01", "2025-03-31", "30 天", "情况不明"):
        assert word in shown


def test_reasons_are_folded_under_their_indent() -> None:
    shown = on_a_terminal("why", ledger.MARKUP, "evacuation_drill", COLUMNS="60")
    assert "[bold]某公司[/] :star:\\" in shown
    assert "\r\n\r\n• hedong-commerce.evacuation-drill" in shown
    assert re.search(r"^  《河东区商务局.*\r\n  \S", shown, flags=re.MULTILINE)
