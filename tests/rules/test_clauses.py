"""``zhiben rules coverage``: every clause of a document is accounted for, or the command says which is not."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from engine.clause_coverage import clause_coverage
from engine.packs import load_rulebook, packaged_files, packaged_packs, read_files
from tests.rules.conftest import Run

PACK = """\
pack: xin-shi/lifts
titles: {zh: 新市电梯, en: Lifts of Xin}
documents:
  plan: {title: 新市电梯方案}
  law: {title: 新市条例}
division: "990102"
status: draft
effective: {from: 2024-01-01}
kinds: {lift_check: {zh: 电梯检查, en: lift check}}
rules:
  - {id: xin.check, duty: lift_check, document: plan, titles: {zh: 电梯检查, en: Lift check}, clause: 三, quote: 每季度,
     every: quarter}
  - {id: xin.law, duty: lift_check, document: law, titles: {zh: 电梯检查, en: Lift check}, clause: 九, quote: 每年,
     every: year}
"""

LIST = """\
# 新市电梯方案的条款
document: plan
clauses:
  - {id: XIN-1, clause: 一, grade: A, bearer: enterprise, rules: [xin.check]}
  - {id: XIN-2, clause: 二, grade: B, bearer: street, judgement: 程度由人判断}
  - {id: XIN-3, clause: 三, grade: C, bearer: lift_office, not_a_duty: 只是划分阶段}
"""


@pytest.fixture
def lifts(run: Run) -> Path:
    """A pack with a sound list beside it, in the current folder."""
    Path("lifts.yaml").write_text(PACK, encoding="utf-8")
    Path("lifts.clauses.yaml").write_text(LIST, encoding="utf-8")
    return Path("lifts.clauses.yaml")


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_sound_list(run: Run, lifts: Path) -> None:
    # The second rule rests on another document, of which there is no list.
    found = json.loads(run("coverage", "lifts.yaml", "--format", "json").stdout)
    shared = {"pack": "xin-shi/lifts", "document": "新市电梯方案"}
    assert found["clauses"] == [
        {"id": "XIN-1", **shared, "clause": "一", "grade": "A", "bearer": "enterprise", "status": "encoded",
         "rules": ["xin.check"], "reason": None},
        {"id": "XIN-2", **shared, "clause": "二", "grade": "B", "bearer": "street", "status": "judgement", "rules": [],
         "reason": "程度由人判断"},
        {"id": "XIN-3", **shared, "clause": "三", "grade": "C", "bearer": "lift_office", "status": "not_a_duty",
         "rules": [], "reason": "只是划分阶段"}]
    assert found["counts"] == [{**shared, "clauses": 3, "encoded": 1, "judgement": 1, "not_a_duty": 1, "nowhere": 0}]
    assert (found["problems"], found["without_list"]) == ([], [])


def test_for_people(run: Run, lifts: Path) -> None:
    lines = [line.split() for line in run("coverage", ".").stdout.splitlines()]
    assert ["XIN-2", "二", "B", "街道", "由人判断", "程度由人判断"] in lines
    assert ["XIN-3", "三", "C", "lift_office", "不是义务", "只是划分阶段"] in lines
    assert ["新市电梯方案", "3", "1", "1", "1", "0"] in lines
    assert ["XIN-1", "一", "A", "enterprise", "encoded", "xin.check"] in [
        line.split() for line in run("coverage", "lifts.yaml", "--lang", "en").stdout.splitlines()]


@pytest.mark.parametrize(("old", "new", "place", "words"), [
    (", judgement: 程度由人判断", "", "5:10: clause-nowhere", ["XIN-2", "not_a_duty"]),
    ("judgement: 程度由人判断", "rules: ~", "5:10: clause-nowhere", ["XIN-2"]),
    ("judgement: 程度由人判断", "judgement: 程度由人判断, not_a_duty: 也不是义务", "5:73: clause-twice",
     ["judgement、not_a_duty"]),
    ("[xin.check]", "[xin.check, xin.chekc]", "4:77: unknown-rule", ["xin.chekc", "是否为“xin.check”"]),
    ("document: plan", "document: paln", "2:11: unknown-document", ["是否为“plan”"]),
    ("XIN-3", "XIN-2", "6:10: duplicate", ["XIN-2", "lifts.clauses.yaml:5"]),
    ("grade: B", "grade: D", "5:35: value", ["'A'、'B'、'C'"]),
    ("judgement: 程", "judgment: 程", "5:54: unknown-key", ["是否为“judgement”"]),
    ("not_a_duty: 只是划分阶段", "not_a_duty: ''", "6:71: value", ["不能为空"]),
    (", bearer: street", "", "5:5: missing-key", ["bearer"]),
    ("[xin.check]", "[]", "4:65: value", ["不能为空"]),
    ("[xin.check]", "xin.check", "4:65: value", ["应为列表"]),
    ("document: plan\n", "", "2:1: missing-key", ["document"]),
    ("  - {id: XIN-2", "  - XIN-2\n  - {id: XIN-2", "5:5: value", ["应为“键: 值”的映射"]),
    ("clauses:", "clauses: [", "4:3: yaml", []),
])
def test_each_mistake_is_named_with_its_place(run: Run, lifts: Path, old: str, new: str, place: str,
                                              words: list[str]) -> None:
    change(lifts, old, new)
    (error,) = run("coverage", "lifts.yaml", "--format", "json", code=1).stderr.splitlines()
    assert error.startswith(f"lifts.clauses.yaml:{place}: ")
    assert all(word in error for word in words)


def test_what_is_wrong_with_one_clause_hides_no_other(run: Run, lifts: Path) -> None:
    change(lifts, "grade: B", "grade: D")
    change(lifts, ", not_a_duty: 只是划分阶段", "")
    result = run("coverage", "lifts.yaml", "--format", "json", code=1)
    found = json.loads(result.stdout)
    assert [(clause["id"], clause["status"]) for clause in found["clauses"]] == [("XIN-1", "encoded"), ("XIN-3", None)]
    assert found["counts"][0]["nowhere"] == 1
    assert [(p["line"], p["code"]) for p in found["problems"]] == [(5, "value"), (6, "clause-nowhere")]
    assert len(result.stderr.splitlines()) == 2
    assert "没有着落" in run("coverage", "lifts.yaml", code=1).stdout


def test_a_rule_of_the_document_that_no_clause_names(run: Run, lifts: Path) -> None:
    change(lifts, "rules: [xin.check]", "judgement: 由人判断")
    assert run("coverage", "lifts.yaml", code=1).stderr.startswith("lifts.yaml:11:10: rule-nowhere: ")


def test_a_clause_may_name_rules_of_other_packs(run: Run, lifts: Path) -> None:
    change(lifts, "[xin.check]", "[xin.check, hedong-commerce.evacuation-drill]")
    run("coverage", "lifts.yaml")
    Path("more.yaml").write_text(PACK.replace("lifts", "more").replace("xin.", "more."), encoding="utf-8")
    change(lifts, "[xin.check,", "[xin.check, more.law,")
    run("coverage", "lifts.yaml", code=1)
    run("coverage", "lifts.yaml", "more.yaml")


def test_a_pack_without_a_list_is_skipped_and_named(run: Run, lifts: Path) -> None:
    lifts.unlink()
    result = run("coverage", "lifts.yaml", "--format", "json")
    assert json.loads(result.stdout)["without_list"] == ["xin-shi/lifts"]
    assert "xin-shi/lifts" in result.stderr


def test_packs_that_cannot_be_read(run: Run, lifts: Path) -> None:
    assert "没有规则包" in run("coverage", "elsewhere", code=2).stderr
    assert "条款清单" in run("coverage", str(lifts), code=2).stderr
    change(Path("lifts.yaml"), "every: year", "evry: year")
    result = run("coverage", "lifts.yaml", "--format", "json", code=2)
    assert "lifts.yaml:14:" in result.stderr
    assert result.stdout == ""


def test_a_clause_list_is_no_pack(run: Run, lifts: Path) -> None:
    assert list(read_files([Path(), lifts])[0]) == ["lifts.yaml"]
    assert [pack.name for pack in load_rulebook([Path()], drafts=True).packs] == ["xin-shi/lifts"]
    run("lint", ".", code=0)
    assert not [name for name in (*packaged_packs(), *map(str, packaged_files().values())) if "clauses" in name]


#: All clauses of the five documents: how many there are, and the hash of their ids, sorted, one a line.
CLAUSES = (341, "68ac39e5dd1e8079327ae50bba01071ed53b7d08cde9b50fb9b43d3c2196e8b6")


def test_all_clauses_of_the_five_documents_are_accounted_for() -> None:
    found = clause_coverage(list(packaged_files().values()))
    assert [problem.show("en") for problem in found.problems] == []
    ids = sorted(listed.clause.id for listed in found.clauses)
    assert (len(ids), hashlib.sha256("\n".join(ids).encode()).hexdigest()) == CLAUSES
    assert len({listed.document for listed in found.clauses}) == 5
