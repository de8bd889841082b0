"""``zhiben rules diff``: what a changed pack would have done to a ledger, with nothing written."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from engine import pack_diff
from tests.cli.conftest import Run, at, digest
from tests.cli.ledger import ACCIDENT, CLOSED, DAY, RESTAURANT, SHEETS, code, write_folder

#: Inspected once a month; its name is a formula.
SHOP = code(21)

PACK = """\
pack: test/{name}
titles: {{zh: 试验, en: trial}}
documents: {{doc: {{title: 试验方案{name}}}}}
division: "120102"
sectors: [catering]
effective: {{from: 2024-04-01}}
rules:
  - {{id: {name}.inspection, duty: leadership_inspection, titles: {{zh: 带队检查, en: Inspection}}, clause: {clause},
     quote: 检查, {asks}}}
"""


def pack(file: str, asks: str = "every: quarter", *, name: str = "a", clause: str = "一", more: str = "") -> str:
    Path(file).parent.mkdir(exist_ok=True, parents=True)
    Path(file).write_text(PACK.format(name=name, asks=asks, clause=clause) + more, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def all_imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The restaurant (inspected on 2024-05-20 and 2025-02-10) and one that closed on 2024-10-01, never inspected."""
    rows = {row[0]: row for row in SHEETS["enterprises"]}
    sheets = {"enterprises": [rows["uscc"], rows[RESTAURANT], rows[CLOSED],
                              [SHOP, "=1+1", *rows[RESTAURANT][2:]], rows[ACCIDENT]],
              "records": [*(row for row in SHEETS["records"] if row[0] in ("uscc", RESTAURANT)),
                          *([SHOP, "leadership_inspection", f"2024-{month:02}-01"] for month in range(1, 13)),
                          *([SHOP, "leadership_inspection", f"2025-{month:02}-01"] for month in range(1, 3))],
              "accidents": SHEETS["accidents"][:2]}
    folder = tmp_path_factory.mktemp("diff")
    at("2025-03-01T09:00", folder / "zhiben.db", "import", str(write_folder(folder / "ledger", sheets)))
    return folder / "zhiben.db"


@pytest.fixture
def ledger(empty: Path, all_imported: Path) -> None:
    """All that in the current folder's database."""
    shutil.copy(all_imported, empty)


def diff(run: Run, *words: str) -> dict:
    before = digest()
    result = run("rules", "diff", *words, "--to", DAY, "--format", "json")
    assert digest() == before
    assert not list(Path().glob("zhiben.db-*"))
    return json.loads(result.stdout)


def keys(found: dict, uscc: str) -> Sequence[tuple[str, str | None, str | None]]:
    return [(row["change"], row["old_key"], row["new_key"]) for row in found["rows"] if row["uscc"] == uscc]


@pytest.fixture
def quarterly(ledger: None) -> str:
    return pack("quarterly.yaml")


@pytest.mark.usefixtures("ledger")
def test_each_quarter_becomes_each_month(run: Run, quarterly: str) -> None:
    found = diff(run, quarterly, pack("monthly.yaml", "every: month"), "--packs", quarterly)
    # Missed quarters: Q3 and Q4, made up on 2025-02-10; missed months: all but May 2024 and February 2025.
    assert keys(found, RESTAURANT) == [
        ("appear", None, "2024-04"), ("appear", None, "2024-06"), ("move", "2024Q3", "2024-07"),
        ("appear", None, "2024-08"), ("appear", None, "2024-09"), ("move", "2024Q4", "2024-10"),
        ("appear", None, "2024-11"), ("appear", None, "2024-12"), ("appear", None, "2025-01")]
    # Up to the last whole month before closing.
    assert keys(found, CLOSED) == [
        ("move", "2024Q2", "2024-04"), ("appear", None, "2024-05"), ("appear", None, "2024-06"),
        ("move", "2024Q3", "2024-07"), ("appear", None, "2024-08"), ("appear", None, "2024-09")]
    # Inspected each month.
    assert keys(found, SHOP) == []
    assert found["violations"] == {"appear": 11, "vanish": 0, "move": 4}
    assert (found["enterprises"], found["touched"]) == (4, 2)
    assert found["rules"] == [{"rule": "a.inspection", "appear": 11, "vanish": 0, "move": 4, "enterprises": 2}]
    moved = next(row for row in found["rows"] if row["old_key"] == "2024Q4")
    assert moved["changed"] == "key; due_on; opened_on; streak"
    assert {name: (moved[f"old_{name}"], moved[f"new_{name}"])
            for name in ("due_on", "opened_on", "closed_on", "overdue_days", "streak", "status", "rules")} == {
        "due_on": ("2024-12-31", "2024-10-31"), "opened_on": ("2025-01-01", "2024-11-01"),
        "closed_on": ("2025-02-10", "2025-02-10"), "overdue_days": (41, 102), "streak": (2, 5),
        "status": ("closed", "closed"), "rules": ("a.inspection", "a.inspection")}


def test_back_again_what_appeared_vanishes(run: Run, quarterly: str) -> None:
    monthly = pack("monthly.yaml", "every: month")
    there, back = (diff(run, *sides, "--packs", quarterly) for sides in ((quarterly, monthly), (monthly, quarterly)))
    assert back["violations"] == {"appear": 0, "vanish": 11, "move": 4}
    turned = {"appear": "vanish", "move": "move"}
    assert sorted((turned[change], new, old) for change, old, new in keys(there, RESTAURANT)) == sorted(
        keys(back, RESTAURANT))


def test_what_was_over_before_the_span_is_left_out(run: Run, quarterly: str) -> None:
    monthly = pack("monthly.yaml", "every: month")
    found = diff(run, quarterly, monthly, "--packs", quarterly, "--from", "2024-10-02")
    # April was made up on 2024-05-20; the other lapsed on the first day on which it was closed.
    assert len(keys(found, RESTAURANT)) == 8
    assert len(keys(found, CLOSED)) == 6
    later = diff(run, quarterly, monthly, "--packs", quarterly, "--from", "2024-10-03")
    assert (len(keys(later, RESTAURANT)), keys(later, CLOSED)) == (8, [])
    assert later["from"] == "2024-10-03"


def test_nothing_changes(run: Run, quarterly: str) -> None:
    Path("reworded.yaml").write_text(Path(quarterly).read_text("utf-8").replace("quote: 检查", "quote: 查"), "utf-8")
    found = diff(run, quarterly, "reworded.yaml", "--packs", quarterly)
    assert (found["rows"], found["touched"], found["rules"]) == ([], 0, [])
    result = run("rules", "diff", quarterly, quarterly, "--packs", quarterly, "--to", DAY)
    assert "没有差别" in result.stdout
    assert result.stderr == ""


def test_another_clause_is_a_move_and_another_id_is_none(run: Run, quarterly: str) -> None:
    moved = diff(run, quarterly, pack("new.yaml", clause="二"), "--packs", quarterly)
    assert {row["changed"] for row in moved["rows"]} == {"clauses"}
    assert moved["violations"] == {"appear": 0, "vanish": 0, "move": 4}
    Path("renamed.yaml").write_text(Path(quarterly).read_text("utf-8").replace("a.inspection", "a.other"), "utf-8")
    assert diff(run, quarterly, "renamed.yaml", "--packs", quarterly)["rows"] == []


def test_a_deadline_that_is_put_off_moves(run: Run, quarterly: str) -> None:
    old, new = pack("old.yaml", "deadline: 2024-05-01"), pack("new.yaml", "deadline: 2024-05-10")
    found = diff(run, old, new, "--packs", old)
    assert keys(found, RESTAURANT) == [("move", "2024-05-01", "2024-05-10")]
    later = pack("later.yaml", "deadline: 2024-05-20")
    assert keys(diff(run, old, later, "--packs", old), RESTAURANT) == [("vanish", "2024-05-01", None)]


def test_a_state_asked_for_since_another_day_moves(run: Run, quarterly: str) -> None:
    old, new = (pack(f"{day}.yaml", f"effective: {{from: 2024-{day}-01}}, state: {{headcount: {{ge: 60}}}}")
                for day in ("05", "06"))
    found = diff(run, old, new, "--packs", old)
    assert keys(found, RESTAURANT) == [("move", "2024-05-01", "2024-06-01")]


def test_packs_beside_it_are_superseded_as_ever(run: Run, quarterly: str) -> None:
    beside = pack("beside.yaml", name="b")
    monthly, yearly = pack("monthly.yaml", "every: month"), pack("yearly.yaml", "every: year")
    found = diff(run, monthly, yearly, "--packs", f"{monthly},{beside}")
    assert ("move", "2024-07", "2024Q3") in keys(found, RESTAURANT)
    assert {rule["rule"] for rule in found["rules"]} == {"a.inspection", "b.inspection"}
    alone = diff(run, monthly, yearly, "--packs", monthly)
    assert ("vanish", "2024-07", None) in keys(alone, RESTAURANT)


def test_a_pack_that_one_side_lacks(run: Run, quarterly: str) -> None:
    pack("both/a.yaml")
    pack("both/b.yaml", "every: month", name="b")
    found = diff(run, "both", quarterly, "--packs", "both")
    assert (found["old"], found["new"]) == (["test/a", "test/b"], ["test/a"])
    assert found["violations"]["vanish"] == 11


def test_a_draft_counts_when_its_file_is_named(run: Run, quarterly: str) -> None:
    text = Path(quarterly).read_text("utf-8").replace("rules:", "status: draft\nrules:")
    Path("drafts").mkdir()
    Path("drafts/a.yaml").write_text(text, encoding="utf-8")
    assert diff(run, quarterly, "drafts/a.yaml", "--packs", quarterly)["rows"] == []
    assert diff(run, quarterly, "drafts", "--packs", quarterly)["violations"] == {"appear": 0, "vanish": 4, "move": 0}


LISTED = """\
recommendations:
  - {id: a.listed, recommend: blacklist, titles: {zh: 黑名单, en: Blacklist}, clause: 九, quote: 列入,
     for_each: accident, when: {accident.deaths: {ge: 3}}, from: accident.penalized_on}
"""


def test_recommendations(run: Run, quarterly: str) -> None:
    # Three died, in a wholesale firm.
    for number in (3, 4):
        text = Path(pack(f"{number}.yaml", more=LISTED.replace("ge: 3", f"ge: {number}"))).read_text("utf-8")
        Path(f"{number}.yaml").write_text(text.replace("[catering]", "[catering, wholesale]"), "utf-8")
    found = diff(run, "3.yaml", "4.yaml", "--packs", quarterly)
    assert found["violations"] == {"appear": 0, "vanish": 0, "move": 0}
    assert found["recommendations"] == {"appear": 0, "vanish": 1, "move": 0}
    (row,) = found["rows"]
    assert (row["uscc"], row["duty"], row["old_key"], row["old_since"], row["old_rules"]) == (
        ACCIDENT, "blacklist", "accident:SG-1", "2024-08-01", "a.listed")


def laddered(file: str, *steps: str, asks: str = "every: quarter") -> str:
    ladder = ("ladders:\n  - {id: a.ladder, titles: {zh: 梯次, en: Ladder}, clause: 八, quote: 督促, steps: ["
              + ", ".join(f"{{{step}}}" for step in steps) + "]}\n")
    return pack(file, asks, more=ladder)


def steps(found: dict, uscc: str) -> Sequence[tuple[str, str, str | None, str | None]]:
    rows = [row for row in found["rows"] if row["uscc"] == uscc and row["what"] == "step"]
    return [(row["change"], row["old_step"] or row["new_step"], row["old_issued_on"], row["new_issued_on"])
            for row in rows]


def test_steps_that_another_ladder_would_have_issued(run: Run, quarterly: str) -> None:
    # 2024Q3 and 2024Q4 opened on 2024-10-01 and 2025-01-01; both were made up on 2025-02-10.
    old = laddered("old.yaml", "step: remind, after: 0", "step: letter, after: 20")
    new = laddered("new.yaml", "step: letter, after: 30", "step: summon, after: 60")
    found = diff(run, old, new, "--packs", old)
    assert steps(found, RESTAURANT) == [
        ("vanish", "remind", "2024-10-01", None), ("move", "letter", "2024-10-21", "2024-10-31"),
        ("appear", "summon", None, "2024-11-30"),
        ("vanish", "remind", "2025-01-01", None), ("move", "letter", "2025-01-21", "2025-01-31")]
    # Its second quarter was missed from 2024-07-01 to 2024-10-02, when it had closed; its third lapsed a day later.
    assert steps(found, CLOSED) == [
        ("vanish", "remind", "2024-07-01", None), ("move", "letter", "2024-07-21", "2024-07-31"),
        ("appear", "summon", None, "2024-08-30"), ("vanish", "remind", "2024-10-01", None)]
    assert found["violations"] == dict.fromkeys(("appear", "vanish", "move"), 0)
    assert found["steps"] == {"appear": 2, "vanish": 4, "move": 3}
    assert found["rules"] == [{"rule": "a.ladder", "appear": 2, "vanish": 4, "move": 3, "enterprises": 2}]
    moved = next(row for row in found["rows"] if row["change"] == "move")
    assert {name: moved[name] for name in ("what", "duty", "changed", "old_key", "new_key", "old_level", "new_level",
                                           "old_due_on", "new_opened_on", "new_rules", "new_clauses")} == {
        "what": "step", "duty": "leadership_inspection", "changed": "due_on; issued_on", "old_key": "2024Q3",
        "new_key": "2024Q3", "old_level": 2, "new_level": 1, "old_due_on": "2024-10-21",
        "new_opened_on": "2024-10-01", "new_rules": "a.ladder", "new_clauses": "八"}


def test_steps_go_with_their_violations(run: Run, quarterly: str) -> None:
    old = laddered("old.yaml", "step: remind, after: 0")
    monthly = laddered("new.yaml", "step: remind, after: 0", asks="every: month")
    found = diff(run, old, monthly, "--packs", old)
    opened = {(row["change"], row["new_key"]): row["new_opened_on"] for row in found["rows"]
              if row["what"] == "violation"}
    issued = {(row["change"], row["new_key"]): row["new_issued_on"] for row in found["rows"] if row["what"] == "step"}
    assert issued == opened
    assert found["steps"] == found["violations"] != dict.fromkeys(("appear", "vanish", "move"), 0)


def test_steps_issued_before_the_span_are_left_out(run: Run, quarterly: str) -> None:
    old, new = quarterly, laddered("new.yaml", "step: remind, after: 0", "step: letter, after: 20")
    found = diff(run, old, new, "--packs", old, "--from", "2024-10-21")
    assert steps(found, RESTAURANT) == [("appear", "letter", None, "2024-10-21"),
                                        ("appear", "remind", None, "2025-01-01"),
                                        ("appear", "letter", None, "2025-01-21")]


def test_the_same_steps_are_no_change(run: Run, quarterly: str) -> None:
    old = laddered("old.yaml", "step: remind, after: 3")
    Path("renamed.yaml").write_text(Path(old).read_text("utf-8").replace("a.ladder", "a.other"), "utf-8")
    assert diff(run, old, "renamed.yaml", "--packs", old)["rows"] == []
    text = Path(old).read_text("utf-8").replace("clause: 八", "clause: 九")
    Path("cited.yaml").write_text(text, "utf-8")
    found = diff(run, old, "cited.yaml", "--packs", old)
    assert {(row["what"], row["changed"]) for row in found["rows"]} == {("step", "clauses")}


def test_steps_for_people(run: Run, quarterly: str) -> None:
    old = laddered("old.yaml", "step: remind, after: 0")
    words = [old, laddered("new.yaml", "step: summon, after: 1"), "--packs", old, "--to", DAY]
    shown = run("rules", "diff", *words, "--lang", "zh").stdout
    assert "已发出的措施：出现 3，消失 4，变动 0" in shown
    assert "2024Q3 约谈 2024-10-02" in shown
    run("rules", "diff", *words, "-o", "out.csv", "--readable")
    rows = list(csv.DictReader(io.StringIO(Path("out.csv").read_text("utf-8-sig"), newline="")))
    assert {(row["类别"], row["旧·措施"] or row["新·措施"]) for row in rows} == {("措施", "提醒"), ("措施", "约谈")}


def test_for_people(run: Run, quarterly: str) -> None:
    shown = run("rules", "diff", quarterly, pack("monthly.yaml", "every: month"), "--packs", quarterly, "--to", DAY,
                "--lang", "en").stdout
    assert "violations: 11 appear, 0 vanish, 4 move" in shown
    assert shown.split("By rule")[1].splitlines()[2].split() == ["a.inspection", "Inspection", "11", "0", "4", "2"]
    assert "2024Q4" in shown


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
@pytest.mark.parametrize("readable", [False, True])
def test_files(run: Run, quarterly: str, form: str, readable: bool) -> None:
    """The shop whose name is a formula is inspected each month, but not twice."""
    words = [quarterly, pack("twice.yaml", "every: month, at_least: 2"), "--packs", quarterly]
    found = diff(run, *words)["rows"]
    file = Path(f"out.{form}")
    written = json.loads(run("rules", "diff", *words, "--to", DAY, "--format", "json", "-o", str(file),
                             *["--readable"] * readable).stdout)
    assert "rows" not in written
    if form == "json":
        rows = json.loads(file.read_text("utf-8"))
    elif form == "csv":
        rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline="")))
    else:
        header, *cells = openpyxl.load_workbook(file).active.iter_rows(values_only=True)
        rows = [dict(zip(header, row, strict=True)) for row in cells]
    assert len(rows) == len(found) > 0
    name, change = ("企业名称", "变化") if readable else ("name", "change")
    assert ("'=1+1" if form == "csv" else "=1+1") in {row[name] for row in rows}
    assert {row[change] for row in rows} == ({"出现", "变动"} if readable else {"appear", "move"})
    if not readable and form != "csv":
        assert rows == found


def test_two_workers_find_what_one_finds(run: Run, quarterly: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_diff, "_RANGE", 2)
    words = (quarterly, pack("monthly.yaml", "every: month"), "--packs", quarterly)
    assert diff(run, *words, "--workers", "2") == diff(run, *words, "--workers", "1")


@pytest.mark.parametrize(("words", "said"), [
    (("a.yaml", "b.yaml"), "没有规则包“b.yaml”"),
    (("national/statuts", "a.yaml"), "是否为“national/statutes”"),
    (("a.yaml", "empty"), "empty 中没有规则包"),
    (("a.yaml", "broken.yaml"), "broken.yaml:2:1"),
    (("a.yaml", "a.yaml", "--from", "2025-03-02"), "晚于"),
    (("a.yaml", "a.yaml", "-o", "out.pdf"), ".csv"),
    (("a.yaml", "a.yaml", "--db", "sqlite:///none.db"), "zhiben import"),
])
@pytest.mark.usefixtures("quarterly")
def test_wrong_input(run: Run, words: tuple[str, ...], said: str) -> None:
    pack("a.yaml")
    Path("empty").mkdir()
    Path("broken.yaml").write_text("pack: [", encoding="utf-8")
    before = digest()
    result = run("rules", "diff", *words, "--to", DAY, code=2)
    assert said in result.stderr
    assert result.stdout == ""
    assert digest() == before
