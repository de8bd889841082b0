"""Authorities in the store: read in one stream with the enterprises, withdrawn and restored like them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, event, insert

import engine.outcomes  # noqa: F401  its tables belong to the schema
from facts.dossier import Dossier, Version
from facts.fingerprint import fingerprint
from facts.models import AuthorityRow, RecordRow
from facts.store import reading as store_reading
from facts.store import schema
from facts.store.database import open_database, reading, upgrade, writing
from facts.store.imports import SheetCounts, apply_import, revise
from facts.store.known import StoredLedger
from facts.store.reading import count, count_authorities, dossier, dossiers, find_by_name, ranges
from facts.store.statements import sayer
from facts.store.tables import TABLES, metadata
from facts.store.undo import UndoCounts, undo_import
from tests.store.rows import NOW, code, coverage, day, enterprise, ledger, record

#: Sorts before, between and after the credit codes 9112…; the longest one may be in characters of three bytes.
FIRST, BETWEEN, LAST = "11120102MB1234567R", f"{code(2)}-商务", "街" * 40


def authority(named: str, **values: object) -> AuthorityRow:
    return AuthorityRow(code=named, **values)


def done(by: str, on: str, **values: object) -> RecordRow:
    return RecordRow(uscc=by, kind="fire_check", date=day(on), **values)


def test_a_dossier_of_an_authority(engine: Engine) -> None:
    apply_import(
        engine,
        ledger(
            authority(LAST, name="区商务局", division="120102", kind="bureau"),
            authority(FIRST),
            done(LAST, "01-03", amount=Decimal("7.5")),
            done(LAST, "01-02"),
            coverage("fire_check"),
        ),
        "a",
        NOW,
    )
    found = dossier(engine, LAST)
    assert found == Dossier(
        LAST,
        (Version(date.min, {"division": "120102", "authority_kind": "bureau"}, "区商务局"),),
        {"fire_check": (day("01-02"), day("01-03"))},
        (),
        found.claims,
        {"fire_check": {day("01-03"): Decimal("7.5")}},
        is_authority=True,
    )
    assert [claim.kind for claim in found.claims] == ["fire_check"]
    # What is blank is not known.
    assert dossier(engine, FIRST) == Dossier(FIRST, (Version(date.min),), claims=found.claims, is_authority=True)


def test_amounts_are_those_that_are_stated(engine: Engine) -> None:
    rows = [enterprise(1), record(1, "01-02", amount=Decimal(60)), record(1, "01-03"),
            record(1, "01-02", "fire_training", amount=Decimal(0))]  # fmt: skip
    apply_import(engine, ledger(*rows), "a", NOW)
    apply_import(engine, ledger(record(1, "01-02", amount=Decimal("0.000001"))), "b", NOW)
    training = {"fire_training": {day("01-02"): Decimal(0)}}
    now, before = dossier(engine, code(1)), dossier(engine, code(1), known_in=1)
    assert now.amounts == {"fire_check": {day("01-02"): Decimal("0.000001")}} | training
    assert before.amounts == {"fire_check": {day("01-02"): Decimal(60)}} | training
    assert now.records == before.records
    assert not now.is_authority
    assert fingerprint(now) != fingerprint(before)


def test_a_fingerprint_tells_what_is_known(engine: Engine) -> None:
    apply_import(engine, ledger(authority(FIRST), done(FIRST, "01-02"), enterprise(1), record(1, "01-02")), "a", NOW)
    without = fingerprint(dossier(engine, FIRST))
    apply_import(engine, ledger(done(FIRST, "01-02", amount=Decimal(1))), "b", NOW)
    with_amount = fingerprint(dossier(engine, FIRST))
    apply_import(engine, ledger(authority(FIRST, kind="street")), "c", NOW)
    assert len({without, with_amount, fingerprint(dossier(engine, FIRST))}) == 3
    # Recorded with findings of earlier versions of the program, which knew neither amounts nor authorities.
    assert fingerprint(dossier(engine, code(1))) == "37bc1dc176f9fe6a4c67eb96fdb9609f5f8c11dff19d031ca1758c5f0920c264"


@pytest.fixture
def mixed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Five enterprises and three authorities, read three at a time."""
    monkeypatch.setattr(store_reading, "PAGE", 3)
    people = [enterprise(number, name=f"企业{number}") for number in (5, 2, 1, 4, 3)]
    offices = [authority(each, name=f"部门{each[0]}", division="120102") for each in (LAST, FIRST, BETWEEN)]
    rows = [record(1, "02-01"), done(LAST, "02-01"), done(BETWEEN, "02-01")]
    apply_import(engine, ledger(*people, *offices, *rows), "a", NOW)
    return engine


ALL = sorted([FIRST, *map(code, range(1, 6)), BETWEEN, LAST])


def codes(found: Iterator[Dossier]) -> list[str]:
    return [each.uscc for each in found]


def test_one_stream_in_the_order_of_the_codes(mixed: Engine) -> None:
    found = list(dossiers(mixed))
    assert codes(iter(found)) == ALL
    assert [each.uscc for each in found if each.is_authority] == [FIRST, BETWEEN, LAST]
    assert found == [dossier(mixed, each) for each in ALL]
    assert found == list(dossiers(mixed, usccs=[*ALL, "X"]))
    assert [each.uscc for each in found if each.records] == [code(1), BETWEEN, LAST]
    assert codes(dossiers(mixed, after=FIRST, through=BETWEEN)) == ALL[1:4]
    assert (count(mixed), count_authorities(mixed)) == (5, 3)


@pytest.mark.parametrize("parts", [1, 2, 3, 8, 20])
def test_ranges_hold_both_and_are_balanced(mixed: Engine, parts: int) -> None:
    pieces = [codes(dossiers(mixed, after=after, through=through)) for after, through in ranges(mixed, parts)]
    assert [each for piece in pieces for each in piece] == ALL
    assert len(pieces) == min(parts, len(ALL))
    assert max(map(len, pieces)) - min(map(len, pieces)) <= 1


def test_somebody_imports_while_a_sweep_reads(mixed: Engine) -> None:
    stream = dossiers(mixed)
    before = [next(stream)]
    apply_import(mixed, ledger(authority(LAST, name="改名", kind="bureau"), authority(BETWEEN, void=True),
                               authority("新局"), done(LAST, "02-02")), "b", NOW)  # fmt: skip
    before += stream
    assert before == list(dossiers(mixed, known_in=1))
    assert codes(iter(before)) == ALL
    assert codes(dossiers(mixed)) == sorted([*set(ALL) - {BETWEEN}, "新局"])
    now = dossier(mixed, LAST)
    assert (now.versions[0].name, len(now.records["fire_check"])) == ("改名", 2)
    assert dossier(mixed, LAST, known_in=1).versions[0].name == "部门街"


def test_undo(engine: Engine) -> None:
    apply_import(engine, ledger(authority(FIRST, name="旧")), "a", NOW)
    apply_import(engine, ledger(authority(FIRST, name="新"), authority(LAST)), "b", NOW)
    apply_import(engine, ledger(done(LAST, "02-01")), "c", NOW)
    assert undo_import(engine, 2, NOW).sheets["authorities"] == UndoCounts(withdrawn=2, restored=1)
    assert dossier(engine, FIRST).versions[0].name == "旧"
    # Its record stays behind, nobody's, as the records of an enterprise do.
    assert dossier(engine, LAST) is None
    assert codes(dossiers(engine)) == [FIRST]
    apply_import(engine, ledger(authority(LAST)), "d", NOW)
    assert dossier(engine, LAST).records == {"fire_check": (day("02-01"),)}


def test_an_enterprise_brought_back_keeps_its_code(engine: Engine) -> None:
    apply_import(engine, ledger(enterprise(1, name="甲"), enterprise(2)), "a", NOW)
    apply_import(engine, ledger(enterprise(1, void=True)), "b", NOW)
    apply_import(engine, ledger(authority(code(1), name="乙")), "c", NOW)
    assert dossier(engine, code(1)).is_authority
    undo_import(engine, 2, NOW)
    found = dossier(engine, code(1))
    assert (found.is_authority, found.versions[0].name) == (False, "甲")
    assert codes(dossiers(engine)) == [code(1), code(2)]
    assert len(ranges(engine, 2)) == 2


def test_importing_and_withdrawing(engine: Engine) -> None:
    rows = ledger(authority(FIRST, name="甲"), done(FIRST, "01-02"))
    assert apply_import(engine, rows, "a", NOW).sheets["authorities"] == SheetCounts(new=1)
    assert apply_import(engine, rows, "a", NOW).id is None
    correction = ledger(authority(FIRST, name="乙"))
    assert apply_import(engine, correction, "b", NOW).sheets["authorities"] == SheetCounts(corrected=1)
    known = StoredLedger(engine)
    assert known.rows("authorities", [(FIRST,), (LAST,)]) == {(FIRST,): authority(FIRST, name="乙")}
    apply_import(engine, ledger(authority(FIRST, void=True)), "c", NOW)
    assert known.rows("authorities", [(FIRST,)])[(FIRST,)].void
    assert dossier(engine, FIRST) is None
    assert count_authorities(engine) == 0


def test_find_by_name_finds_both(engine: Engine) -> None:
    rows = [enterprise(1, name="天津商务服务公司", division="120101"), enterprise(2, name="商务"),
            authority(LAST, name="商务局", division="120102"), authority(FIRST, name="天津市商务局"),
            authority(BETWEEN)]  # fmt: skip
    apply_import(engine, ledger(*rows), "a", NOW)
    assert find_by_name(engine, "商务") == [
        (code(2), "商务", None), (LAST, "商务局", "120102"), (code(1), "天津商务服务公司", "120101"),
        (FIRST, "天津市商务局", None),
    ]  # fmt: skip
    assert find_by_name(engine, "商务局", 1) == [(LAST, "商务局", "120102")]


def test_authorities_and_amounts_are_read_by_index(mixed: Engine) -> None:
    if mixed.dialect.name != "sqlite":
        pytest.skip("reads SQLite's query plan")
    asked: list[tuple[str, object]] = []
    event.listen(mixed, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
    list(dossiers(mixed))
    with reading(mixed) as connection:
        plans = {
            row[3]
            for statement, values in list(asked)
            if "authorities" in statement or "records.amount" in statement
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        }
    assert {plan for plan in plans if not plan.startswith("SEARCH")} == set()
    # Not by the index of all records, of which few state an amount.
    assert {plan.split()[4] for plan in plans if "records" in plan} == {"ix_records_amounts", "ix_records_past"}


def test_a_ledger_of_the_first_schema_is_upgraded(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tmp_path / "first" / "migrations"
    later = shutil.ignore_patterns("__pycache__", "000[2-9]*", "00[1-9][0-9]*")
    shutil.copytree(schema.MIGRATIONS, first, ignore=later)
    with monkeypatch.context() as old_program:
        old_program.setattr(schema, "MIGRATIONS", first)
        engine = open_database(url, create=True)
        with writing(engine) as connection:
            revise(connection, at=NOW, kind="import", source="a", counts={})
            for row in (enterprise(1, name="甲"), record(1, "02-03", topic="检查")):
                model = TABLES[row.sheet.name]
                said = dict(zip(model.names(), sayer(model)(row), strict=True))
                connection.execute(insert(model.table()).values(stated_in=1, added_in=1, void=False, **said))
        engine.dispose()
    assert upgrade(url) == ("0001", schema.head())
    engine = open_database(url)
    assert dossier(engine, code(1)).records == {"fire_check": (day("02-03"),)}
    apply_import(engine, ledger(authority(LAST, name="区商务局"), done(LAST, "01-02")), "b", NOW)
    assert dossier(engine, LAST).records == {"fire_check": (day("01-02"),)}
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()
