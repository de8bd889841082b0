"""``--packs``: paths, names of the product's packs, or all of them; and what a sweep with other packs leaves alone."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from engine.packs import pack_paths, packaged_files
from facts.errors import BadInput
from tests.cli.conftest import Run, digest
from tests.cli.ledger import ACCIDENT, DAY, RESTAURANT

DRAFT = "liaoning-lingyuan/commerce"
OWN = """\
pack: own
titles: {zh: 自备, en: own}
documents: {doc: {title: 自备方案}}
division: "120102"
effective: {from: 2024-01-01}
rules:
  - {id: own.drill, duty: evacuation_drill, titles: {zh: 演练, en: Drill}, clause: 一, quote: 每年, every: year}
"""


@pytest.fixture(autouse=True)
def _the_products_packs(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZHIBEN_PACKS")


@pytest.fixture
def own(empty: Path) -> str:
    Path("own.yaml").write_text(OWN, encoding="utf-8")
    return "own.yaml"


def swept_with(run: Run, *packs: str) -> set[str]:
    """The packs that a sweep with these options ran with."""
    run("sweep", "--as-of", DAY, "--allow-surge", *(word for pack in packs for word in ("--packs", pack)))
    with sqlite3.connect("zhiben.db") as database:
        ((found,),) = database.execute("SELECT packs FROM sweeps ORDER BY id DESC LIMIT 1").fetchall()
    return set(json.loads(found))


@pytest.mark.usefixtures("folder")
def test_which_packs_are_used(run: Run, own: str) -> None:
    product = set(packaged_files())
    assert DRAFT in product
    # Drafts only where they are named, one by one or all together.
    assert swept_with(run) == product - {DRAFT}
    assert swept_with(run, "all") == product
    assert {name for name in swept_with(run, DRAFT) if not name.endswith("(facts)")} == {DRAFT}
    assert swept_with(run, f"national/statutes, {own}") == {"national/statutes", "own"}
    assert swept_with(run, f"national/statutes，{own}") == {"national/statutes", "own"}
    assert swept_with(run, own, "national/statutes") == {"national/statutes", "own"}
    assert swept_with(run, own, "all") == {*product, "own"}


def test_a_pack_that_is_named_twice_is_read_once(run: Run, own: str, folder: Path) -> None:
    assert swept_with(run, own, f"{own},.", str(Path(own).resolve())) == {"own"}
    assert swept_with(run, "all,national/statutes", "all") == set(packaged_files())


LISTED = """\
recommendations:
  - {id: own.listed, recommend: blacklist, titles: {zh: 黑名单, en: Blacklist}, clause: 二, quote: 列入,
     for_each: accident, when: {accident.large_or_above: true}, from: accident.penalized_on}
"""
DERIVED = """\
derived:
  - {fact: accident.large_or_above, when: {accident.deaths: {ge: 4}}, clause: 三, quote: 较大}
"""


@pytest.mark.usefixtures("folder")
def test_packs_alone_borrow_only_the_facts_that_they_lack(run: Run, own: str) -> None:
    Path(own).write_text(OWN + LISTED, encoding="utf-8")
    words = ("query", ACCIDENT, "--as-of", DAY, "--format", "json", "--packs", own)
    found = json.loads(run(*words).stdout)
    # Three died: a large accident, as the statute has it.
    assert [(r["status"], [g["rule"] for g in r["grounds"]]) for r in found["recommendations"]] == [
        ("proposed", ["own.listed"]), ("unknown", ["own.listed"])]
    assert {o["duty"] for o in found["obligations"]} == {"evacuation_drill"}
    assert found["enterprise"]["high_risk"] is None
    assert swept_with(run, own) == {"own", "national/statutes (facts)"}
    assert swept_with(run, f"{own},national/statutes") == {"own", "national/statutes"}
    Path(own).write_text(OWN + LISTED + DERIVED, encoding="utf-8")
    assert [r["status"] for r in json.loads(run(*words).stdout)["recommendations"]] == ["unknown"]
    assert swept_with(run, own) == {"own"}


def test_a_fact_that_nobody_knows_is_still_a_mistake(run: Run, own: str, folder: Path) -> None:
    Path(own).write_text(OWN + LISTED.replace("large_or_above", "large_or_so"), encoding="utf-8")
    assert "own.yaml:10:33" in run("sweep", "--packs", own, code=2).stderr


def test_a_path_with_a_comma_is_a_path(own: str) -> None:
    Path("a,b.yaml").write_text(OWN, encoding="utf-8")
    assert pack_paths(["a,b.yaml"]) == [Path("a,b.yaml")]


def test_a_name_means_the_same_in_every_folder(empty: Path) -> None:
    (empty / "all").mkdir()
    (empty / "national" / "statutes").mkdir(parents=True)
    assert pack_paths(["all"]) == list(packaged_files().values())
    assert pack_paths(["national/statutes"]) == [packaged_files()["national/statutes"]]
    assert pack_paths(["./all"]) == [Path("all")]


@pytest.mark.parametrize(("word", "said"), [
    ("national/statuts", "是否为“national/statutes”"), ("nowhere.yaml", "nowhere.yaml"), ("", "“”"),
    ("national/statutes,", "“”"), ("al", "是否为“all”"), ("x.clauses.yaml", "条款清单"),
])
@pytest.mark.usefixtures("folder")
def test_what_is_no_pack(run: Run, word: str, said: str) -> None:
    Path("x.clauses.yaml").write_text("document: x\n", encoding="utf-8")
    before = digest()
    for words in (("sweep",), ("query", RESTAURANT), ("export", "violations", "--format", "csv")):
        result = run(*words, "--packs", word, code=2)
        assert result.stdout == ""
        (line,) = result.stderr.splitlines()
        assert said in line
    with pytest.raises(BadInput):
        pack_paths([word])
    assert digest() == before


def violations() -> list[tuple]:
    with sqlite3.connect("zhiben.db") as database:
        return database.execute("SELECT uscc, duty, key, status, rules FROM violations ORDER BY 1, 2, 3").fetchall()


@pytest.mark.usefixtures("folder")
def test_a_sweep_with_other_packs_leaves_alone_what_they_could_not_find(run: Run, own: str) -> None:
    run("sweep", "--as-of", DAY, "--packs", own)
    found = violations()
    assert (RESTAURANT, "evacuation_drill", "2024", "open", '["own.drill"]') in found
    Path("none.yaml").write_text(OWN.replace("pack: own", "pack: none").replace("own.drill", "none.drill")
                                 .replace("evacuation_drill", "risk_assessment"), encoding="utf-8")
    run("sweep", "--as-of", DAY, "--packs", "none.yaml")
    assert [row for row in violations() if "own.drill" in row[4]] == found
    # The pack itself has changed.
    Path(own).write_text(OWN.replace("every: year", "every: year, when: {headcount: {gt: 9999}}"), encoding="utf-8")
    run("sweep", "--as-of", DAY, "--packs", own)
    assert {row[3] for row in violations() if "own.drill" in row[4]} == {"withdrawn"}
    assert "open" in {row[3] for row in violations() if "none.drill" in row[4]}


@pytest.mark.usefixtures("folder")
def test_packs_may_be_set_for_all_commands(run: Run, own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBEN_PACKS", f"{own},national/statutes")
    assert swept_with(run) == {"own", "national/statutes"}
    assert swept_with(run, DRAFT) != {"own", "national/statutes"}
    monkeypatch.setenv("ZHIBEN_PACKS", "")
    assert swept_with(run) == set(packaged_files()) - {DRAFT}
