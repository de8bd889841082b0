"""Dossiers as the engine gets them, one or all."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlalchemy import Engine, event, text

from facts.dossier import NEVER, Claim, Dossier, Item, Version
from facts.models import AccidentRow, CertificateRow, HazardRow
from facts.store import reading as store_reading
from facts.store.database import reading, writing
from facts.store.imports import apply_import
from facts.store.reading import dossier, dossiers, find_by_name, newest_revision, ranges
from tests.store.rows import NOW, code, coverage, day, enterprise, ledger, record


def test_a_dossier_has_what_is_known_and_nothing_else(engine: Engine) -> None:
    apply_import(
        engine,
        ledger(
            enterprise(1, "06-01", name="乙", headcount=120, suspended=False, last_leadership_inspection=day("05-01")),
            enterprise(1, "01-01", name="甲", division="120102", sectors=("hotel", "catering"), headcount=0,
                       registered_on=day("2020-02-29"), history_from=day("01-01"), closed_on=day("12-31"),
                       last_drill="never", declared={"risk_level": 3, "area": Decimal("1.5"), "seen": day("01-02")}),
            record(1, "03-02"),
            record(1, "03-01"),
            record(1, "03-01", "evacuation_drill"),
            record(1, "03-03", void=True),
            HazardRow(hazard_id="H-2", uscc=code(1), level="major", found_on=day("02-01")),
            HazardRow(hazard_id="H-1", uscc=code(1)),
            AccidentRow(accident_id="A-1", uscc=code(1), direct_loss=Decimal("1000"), deaths=0, responsible=True),
            CertificateRow(certificate_id="C-1", uscc=code(2), expires_on=day("02-01")),
            coverage("fire_check", division="120102"),
            coverage("fire_check", complete_to=day("06-30")),
        ),
        "a",
        NOW,
    )  # fmt: skip
    assert dossier(engine, code(1)) == Dossier(
        code(1),
        (
            Version(
                day("01-01"),
                {"division": "120102", "sectors": ("catering", "hotel"), "headcount": 0, "risk_level": 3,
                 "area": Decimal("1.5"), "seen": day("01-02")},
                "甲", day("2020-02-29"), day("01-01"), day("12-31"), {"evacuation_drill": NEVER},
            ),
            Version(day("06-01"), {"headcount": 120, "suspended": False}, "乙",
                    last={"leadership_inspection": day("05-01")}),
        ),
        {"evacuation_drill": (day("03-01"),), "fire_check": (day("03-01"), day("03-02"))},
        (
            Item("accident", "A-1", {"direct_loss": Decimal(1000), "deaths": 0, "responsible": True}),
            Item("hazard", "H-1", {}),
            Item("hazard", "H-2", {"level": "major", "found_on": day("02-01")}),
        ),
        (Claim("fire_check", day("01-01"), day("06-30")), Claim("fire_check", day("01-01"), None, "120102")),
    )  # fmt: skip
    assert dossier(engine, code(2)) is None  # a certificate alone makes no enterprise


@pytest.fixture
def seven(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Seven enterprises with two versions and records each, read three at a time."""
    monkeypatch.setattr(store_reading, "PAGE", 3)
    rows = [row for number in (5, 2, 7, 1, 4, 6, 3)
            for row in (enterprise(number, "06-01"), enterprise(number, "01-01", name=f"企业{number}"),
                        record(number, "02-02"), record(number, "02-01"))]  # fmt: skip
    apply_import(engine, ledger(*rows), "a", NOW)
    return engine


def codes(found: Iterator[Dossier]) -> list[str]:
    return [each.uscc for each in found]


def test_all_come_in_order_and_whole(seven: Engine) -> None:
    found = list(dossiers(seven))
    assert codes(iter(found)) == [code(number) for number in range(1, 8)]
    assert {len(each.versions) for each in found} == {2}
    assert {each.records["fire_check"] for each in found} == {(day("02-01"), day("02-02"))}
    assert found == [dossier(seven, each.uscc) for each in found]


def test_parts_of_the_ledger(seven: Engine) -> None:
    assert codes(dossiers(seven, after=code(2), through=code(6))) == [code(number) for number in (3, 4, 5, 6)]
    assert codes(dossiers(seven, through=code(2))) == [code(1), code(2)]
    assert codes(dossiers(seven, after=code(7))) == []
    wanted = [code(number) for number in (6, 9, 1, 2, 3)]
    assert codes(dossiers(seven, usccs=wanted)) == [code(number) for number in (1, 2, 3, 6)]
    assert codes(dossiers(seven, usccs=[])) == []


@pytest.mark.parametrize("parts", [1, 2, 3, 7, 20])
def test_ranges_hold_every_enterprise_once(seven: Engine, parts: int) -> None:
    found = ranges(seven, parts)
    assert len(found) <= parts
    assert (found[0][0], found[-1][1]) == (None, None)
    pieces = [codes(dossiers(seven, after=after, through=through)) for after, through in found]
    assert [each for piece in pieces for each in piece] == [code(number) for number in range(1, 8)]
    assert max(map(len, pieces)) - min(map(len, pieces)) <= 1


def test_ranges_of_an_empty_ledger(engine: Engine) -> None:
    assert ranges(engine, 4) == [(None, None)]


def test_somebody_imports_while_a_sweep_reads(seven: Engine) -> None:
    stream = dossiers(seven)
    before = [next(stream)]
    apply_import(seven, ledger(enterprise(5, "01-01", name="改名"), enterprise(6, "01-01", void=True),
                               enterprise(8), record(4, "02-03"), coverage("fire_check")), "b", NOW)  # fmt: skip
    before += stream
    assert before == list(dossiers(seven, known_in=1))
    assert [each.versions[0].name for each in before] == [f"企业{number}" for number in range(1, 8)]
    assert codes(dossiers(seven)) == [code(number) for number in range(1, 9)]
    assert len(dossier(seven, code(6)).versions) == 1
    assert dossier(seven, code(4)).records["fire_check"][-1] == day("02-03")
    assert newest_revision(seven) == 2


def test_a_connection_sees_what_it_has_written(seven: Engine) -> None:
    with writing(seven) as connection:
        connection.execute(text("UPDATE enterprises SET name = '新'"))
        assert {each.versions[0].name for each in dossiers(connection)} == {"新"}


def test_questions_grow_with_pages_and_not_with_enterprises(seven: Engine) -> None:
    asked: list[str] = []
    event.listen(seven, "before_cursor_execute", lambda *args: asked.append(args[2]))
    list(dossiers(seven, through=code(3)))
    one_page = len(asked)
    asked.clear()
    list(dossiers(seven))
    assert len(asked) <= 3 * one_page


def test_a_page_is_read_by_index_and_never_sorted_or_scanned(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("reads SQLite's query plan")
    apply_import(engine, ledger(enterprise(1), record(1, "01-02")), "a", NOW)
    asked: list[tuple[str, object]] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
    list(dossiers(engine))
    with reading(engine) as connection:
        plans = {
            (statement, row[3])
            for statement, values in list(asked)
            if "uscc" in statement
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        }
    assert any("ix_records_current (uscc>? AND uscc<?)" in plan for _, plan in plans)
    assert {(statement, plan) for statement, plan in plans if not plan.startswith("SEARCH")} == set()


def test_find_by_name(engine: Engine) -> None:
    apply_import(
        engine,
        ledger(
            enterprise(1, name="天津河东大酒店"),
            enterprise(2, name="河东", division="120102"),
            enterprise(3, name="河东商场"),
            enterprise(3, "06-01", name="海河商场", division="120103"),
            enterprise(3, "07-01", headcount=3),
            enterprise(4, name="100%_KTV"),
            enterprise(5, name="河东旧店"),
            enterprise(6),
        ),
        "a",
        NOW,
    )
    apply_import(engine, ledger(enterprise(5, void=True)), "b", NOW)
    assert find_by_name(engine, " 河东 ") == [
        (code(2), "河东", "120102"),
        (code(3), "海河商场", "120103"),
        (code(1), "天津河东大酒店", None),
    ]
    assert find_by_name(engine, "河东", 1) == [(code(2), "河东", "120102")]
    assert find_by_name(engine, "%_k") == [(code(4), "100%_KTV", None)]
    assert find_by_name(engine, "_东") == []
