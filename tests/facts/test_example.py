"""The example ledger: read without a word, the same bytes every time, and with something of everything."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from engine.judgement import judge
from engine.packs import load_rulebook
from engine.results import Judgement, Verdict
from facts import example
from facts.intake import EMPTY, Ledger, read_ledger
from facts.store.database import open_database
from facts.store.imports import apply_import
from facts.store.reading import dossiers
from tests.store.rows import NOW


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("example") / "ledger.xlsx"
    example.build(path)
    return path


@pytest.fixture(scope="module")
def ledger(path: Path) -> Ledger:
    book = load_rulebook()
    return read_ledger(path, EMPTY, book.declared, book.kinds, book.sectors, example.TODAY,
                       authority_kinds=book.authority_kinds)  # fmt: skip


@pytest.fixture(scope="module")
def judgements(ledger: Ledger) -> list[Judgement]:
    """All subjects as of the ledger's last day."""
    book = load_rulebook()
    engine = open_database("sqlite://", create=True)
    apply_import(engine, ledger, "example", NOW)
    found = [judge(dossier, book, example.TODAY) for dossier in dossiers(engine)]
    engine.dispose()
    return [judgement for judgement in found if judgement is not None]


def test_it_is_read_without_a_word(ledger: Ledger) -> None:
    assert [problem.line("zh") for problem in [*ledger.problems, *ledger.warnings]] == []


def test_the_same_bytes_every_time(path: Path, tmp_path: Path) -> None:
    example.build(tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


def test_every_kind_of_row(ledger: Ledger) -> None:
    assert {sheet for sheet, rows in ledger.rows.items() if rows} == {
        "enterprises", "authorities", "records", "hazards", "accidents", "exhibitions", "coverage", "certificates",
    }  # fmt: skip
    kinds = {row.kind for row in ledger.rows["authorities"]}
    assert kinds == {"bureau", "committee_office", "street", "district_department", "superior_bureau"}
    with_records = {row.uscc for row in ledger.rows["records"]}
    assert {row.code for row in ledger.rows["authorities"]} <= with_records


@pytest.mark.parametrize("authorities", [False, True], ids=["enterprises", "authorities"])
def test_every_verdict_occurs_and_most_is_in_order(judgements: list[Judgement], authorities: bool) -> None:
    theirs = [each for each in judgements if each.is_authority is authorities]
    verdicts = Counter(obligation.verdict for each in theirs for obligation in each.obligations)
    assert set(verdicts) == set(Verdict) - {Verdict.WAIVED}  # no ledger can hold a waiver
    assert verdicts[Verdict.FULFILLED] > sum(verdicts.values()) * 2 / 3
    in_order = [each for each in theirs if not any(violation.status == "open" for violation in each.violations)]
    assert len(in_order) >= len(theirs) / 2


def test_routine_duties_are_known_and_missed_by_some(judgements: list[Judgement]) -> None:
    for duty in ("fire_check", "hazard_statistics", "hazard_statistics_annual", "fire_training", "fire_drill"):
        verdicts = Counter(o.verdict for each in judgements for o in each.obligations if o.duty == duty)
        assert verdicts[Verdict.VIOLATED] + verdicts[Verdict.MADE_UP] > 0, duty
        assert verdicts[Verdict.UNKNOWN] < verdicts[Verdict.FULFILLED] / 5, duty
