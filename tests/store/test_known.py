"""What intake is told of earlier ledgers."""

from __future__ import annotations

from sqlalchemy import Engine

from facts.ledger import KnownEnterprise, KnownLedger
from facts.store.imports import apply_import
from facts.store.known import StoredLedger
from facts.store.undo import undo_import
from tests.store.rows import NOW, code, coverage, day, enterprise, ledger, record


def test_enterprises(engine: Engine) -> None:
    rows = [
        enterprise(1, "01-01", registered_on=day("2020-01-01"), closed_on=day("12-31")),
        enterprise(1, "06-01", registered_on=day("2020-01-02")),
        enterprise(1, "07-01", headcount=3),
        enterprise(2, "01-01"),
    ]
    apply_import(engine, ledger(*rows, enterprise(3)), "a", NOW)
    withdrawn = enterprise(1, "06-01", registered_on=day("2020-01-02"), void=True)
    apply_import(engine, ledger(withdrawn, enterprise(2, void=True)), "b", NOW)
    known: KnownLedger = StoredLedger(engine)
    assert known.enterprises([code(1), code(2), code(9)]) == {
        code(1): KnownEnterprise(
            {day("01-01"): rows[0], day("06-01"): withdrawn, day("07-01"): rows[2]}, day("2020-01-01"), day("12-31")
        ),
        code(2): KnownEnterprise({day("01-01"): enterprise(2, void=True)}),
    }


def test_rows_by_their_whole_key(engine: Engine) -> None:
    claims = [coverage("fire_check"), coverage("fire_check", division="120102"), coverage("fire_check", "06-01")]
    apply_import(engine, ledger(record(1, "01-02"), record(1, "01-03"), record(2, "01-02"), *claims), "a", NOW)
    known = StoredLedger(engine)
    assert known.rows("records", [record(1, "01-03").key(), record(2, "01-03").key()]) == {
        record(1, "01-03").key(): record(1, "01-03")
    }
    assert known.rows("coverage", [claims[0].key(), claims[1].key()]) == {c.key(): c for c in claims[:2]}
    assert known.rows("hazards", [("H-1",)]) == {}


def test_more_keys_than_one_question_takes(engine: Engine) -> None:
    rows = [record(number, "01-02") for number in range(1, 1203)]
    apply_import(engine, ledger(*rows), "a", NOW)
    assert len(StoredLedger(engine).rows("records", [row.key() for row in rows])) == len(rows)
    assert apply_import(engine, ledger(*rows), "a", NOW).id is None


def test_a_withdrawal_that_was_undone_is_forgotten(engine: Engine) -> None:
    key = record(1, "01-02").key()
    apply_import(engine, ledger(record(1, "01-02")), "a", NOW)
    apply_import(engine, ledger(record(1, "01-02", void=True)), "b", NOW)
    known = StoredLedger(engine)
    assert known.rows("records", [key])[key].void
    undo_import(engine, 1, NOW)
    assert known.rows("records", [key])[key].void
    undo_import(engine, 2, NOW)
    assert known.rows("records", [key]) == {}
