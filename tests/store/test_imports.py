"""Imports overwrite nothing, are all or nothing, and bring back exactly what they were given."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text

from facts.errors import ImportOvertaken
from facts.models import AccidentRow, HazardRow
from facts.store.database import reading
from facts.store.imports import (
    ImportReport,
    SheetCounts,
    apply_import,
    compare_import,
    last_revision,
    past_imports,
)
from facts.store.known import StoredLedger
from facts.store.tables import Record
from tests.store.rows import NOW, code, coverage, day, enterprise, ledger, record


def only(report: ImportReport) -> SheetCounts:
    """The counts of the one sheet that an import had."""
    (counts,) = report.sheets.values()
    return counts


def test_new_corrected_unchanged_voided(engine: Engine) -> None:
    first = apply_import(engine, ledger(record(1, "01-02"), record(1, "01-03"), record(1, "01-04")), "a.xlsx", NOW)
    assert only(first) == SheetCounts(new=3)
    second = apply_import(
        engine,
        ledger(
            record(1, "01-02"),
            record(1, "01-03", topic="消防"),
            record(1, "01-04", void=True),
            record(1, "01-05", void=True),
            record(2, "01-05"),
        ),
        "b.xlsx",
        NOW,
    )
    assert only(second) == SheetCounts(new=1, corrected=1, unchanged=2, voided=1)
    assert (first.id, second.id) == (1, 2)
    assert StoredLedger(engine).rows("records", [(code(1), "fire_check", day("01-03"))]) == {
        (code(1), "fire_check", day("01-03")): record(1, "01-03", topic="消防")
    }


def test_nothing_is_overwritten(engine: Engine) -> None:
    apply_import(engine, ledger(record(1, "01-02", topic="甲")), "a", NOW)
    apply_import(engine, ledger(record(1, "01-02", topic="乙")), "b", NOW)
    apply_import(engine, ledger(record(1, "01-02", void=True)), "c", NOW)
    table = Record.table().c
    with reading(engine) as connection:
        rows = connection.execute(
            select(table.topic, table.void, table.stated_in, table.added_in, table.removed_in).order_by(table.id)
        ).all()
    assert rows == [("甲", False, 1, 1, 2), ("乙", False, 2, 2, 3), (None, True, 3, 3, 3)]


def test_the_same_file_twice_changes_nothing(engine: Engine, file: Path) -> None:
    def dump() -> list[tuple[object, ...]]:
        with reading(engine) as connection:
            return [tuple(row) for table in ("revisions", "enterprises", "coverage", "records")
                    for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY id"))]  # fmt: skip

    rows = ledger(
        enterprise(1, sectors=("hotel", "catering"), declared={"risk_level": 3}, last_drill="never"),
        record(1, "01-02", amount=Decimal("2.50")),
        coverage("fire_check"),
        coverage("fire_check", division="120102"),
        record(2, "01-02", void=True),
    )
    apply_import(engine, rows, "a", NOW)
    before = dump(), file.exists() and file.read_bytes()
    again = apply_import(engine, rows, "a", NOW)
    assert again.id is None
    assert {counts.new + counts.corrected + counts.voided for counts in again.sheets.values()} == {0}
    assert (dump(), file.exists() and file.read_bytes()) == before


def test_sets_have_no_order_and_numbers_no_trailing_zeros(engine: Engine) -> None:
    said = ledger(enterprise(1, sectors=("hotel", "catering")), record(1, "01-02", amount=Decimal("2.50")))
    apply_import(engine, said, "a", NOW)
    same = ledger(enterprise(1, sectors=("catering", "hotel")), record(1, "01-02", amount=Decimal("2.5")))
    assert apply_import(engine, same, "b", NOW).id is None


def test_all_or_nothing(engine: Engine) -> None:
    twice = ledger(enterprise(1), record(1, "01-02"), record(1, "01-02", topic="另一次"))
    with pytest.raises(Exception, match=r"ix_records_current|UNIQUE"):
        apply_import(engine, twice, "a", NOW)
    with reading(engine) as connection:
        for table in ("revisions", "enterprises", "records"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0


def test_only_validated_rows_come_in(engine: Engine) -> None:
    class Looks:
        sheet = record(1, "01-02").sheet
        uscc, kind, date, void = "not a code", "fire_check", "yesterday", False

    rows = ledger(enterprise(1))
    rows.rows["records"] = [Looks()]  # type: ignore[list-item]
    with pytest.raises(TypeError, match="RecordRow"):
        apply_import(engine, rows, "a", NOW)
    rows.rows["records"] = [coverage("fire_check")]
    with pytest.raises(TypeError, match="RecordRow"):
        apply_import(engine, rows, "a", NOW)
    assert past_imports(engine) == []


def test_comparing_counts_alike_and_writes_nothing(engine: Engine) -> None:
    apply_import(engine, ledger(record(1, "01-02"), record(1, "01-03")), "a", NOW)
    rows = ledger(record(1, "01-02", void=True), record(1, "01-03", topic="消防"), record(1, "01-04"))
    foretold = compare_import(engine, rows)
    assert len(past_imports(engine)) == 1
    assert foretold.sheets == apply_import(engine, rows, "b", NOW).sheets


def test_an_import_overtaken_by_another_is_refused(engine: Engine) -> None:
    seen = last_revision(engine)
    apply_import(engine, ledger(enterprise(1)), "other", NOW, seen=seen)
    with pytest.raises(ImportOvertaken):
        apply_import(engine, ledger(enterprise(2)), "mine", NOW, seen=seen)
    assert [past.source for past in past_imports(engine)] == ["other"]
    assert apply_import(engine, ledger(enterprise(2)), "mine", NOW, seen=last_revision(engine)).id == 2


def test_past_imports_are_listed(engine: Engine) -> None:
    apply_import(engine, ledger(record(1, "01-02")), "一季度.xlsx", NOW)
    (past,) = past_imports(engine)
    assert (past.id, past.at, past.source, past.sha256, past.undone_in) == (1, NOW, "一季度.xlsx", "0" * 64, None)
    assert past.counts == {"records": {"new": 1, "corrected": 0, "unchanged": 0, "voided": 0}}


long_text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
days = st.dates(date(1900, 1, 1), date(2200, 12, 31))
amounts = st.decimals(0, 10**12 - 1, allow_nan=False, places=6)
declared = st.one_of(st.booleans(), st.integers(0, 2**31 - 1), long_text, amounts, days)


@settings(max_examples=50)
@given(
    name=long_text,
    sectors=st.none() | st.lists(long_text, unique=True).map(lambda names: tuple(sorted(names))),
    last=st.none() | st.just("never") | days,
    declared=st.dictionaries(st.sampled_from(["risk_level", "date", "decimal", "过磅"]), declared),
    loss=amounts,
    topic=st.none() | long_text,
)
def test_values_come_back_as_they_went_in(scratch, name, sectors, last, declared, loss, topic) -> None:  # type: ignore[no-untyped-def]
    rows = [
        enterprise(1, name=name, sectors=sectors, last_drill=last, declared=declared, suspended=False),
        record(1, "01-02", topic=topic, amount=loss),
        AccidentRow(accident_id=name, uscc=code(1), direct_loss=loss, deaths=0, responsible=True),
        HazardRow(hazard_id=name, uscc=code(1), level="major", description=topic),
        coverage(name, division=None, complete_to=day("12-31")),
    ]
    with scratch() as engine:
        apply_import(engine, ledger(*rows), "a", NOW)
        known = StoredLedger(engine)
        for row in rows:
            (back,) = known.rows(row.sheet.name, [row.key()]).values()
            assert back == row
            if row is rows[0]:
                assert {k: type(v) for k, v in back.declared.items()} == {k: type(v) for k, v in declared.items()}
