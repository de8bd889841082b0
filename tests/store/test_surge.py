"""Violations that come all at once, and that time does not explain, are asked about before they are recorded."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select

from engine.outcomes import StoredViolation, Sweep
from engine.packs import load_rulebook_texts
from engine.results import Status
from engine.rulebook import Rulebook
from engine.surge import FEW, SHARE, Sudden, Surge, sudden
from engine.sweep import Swept, sweep
from engine.violation_story import Standing
from facts.models import Row
from facts.store.database import reading
from facts.store.imports import apply_import
from facts.store.reading import newest_revision
from facts.store.undo import undo_import
from tests.store.rows import NOW, code, coverage, day, enterprise, ledger, record

PACK = """
pack: surge/drills
titles: {zh: 演练, en: drills}
documents:
  plan: {title: 方案, issuer: 局, date: 2023-01-01}
division: "120102"
effective: {from: 2023-01-01, to: 2026-12-31}
status: in_force
rules:
  - {id: drills.drill, duty: evacuation_drill, titles: {zh: 演练, en: drill}, clause: 一, quote: 组织演练, every: EVERY}
"""
MANY = 40


def rulebook(every: str = "quarter") -> Rulebook:
    return load_rulebook_texts({"drills.yaml": PACK.replace("EVERY", every)})


def drilled(numbers: range, *days: str) -> list[Row]:
    """Enterprises that held their drills on these days, all of which are entered."""
    rows: list[Row] = [coverage("evacuation_drill", "2023-01-01")]
    for number in numbers:
        rows.append(enterprise(number, "2023-01-01", division="120102", registered_on=day("2020-01-01")))
        rows += [record(number, on, "evacuation_drill") for on in days]
    return rows


def take(engine: Engine, *rows: Row) -> int:
    number = apply_import(engine, ledger(*rows), "rows.xlsx", NOW).id
    assert number is not None
    return number


def swept(engine: Engine, as_of: str, every: str = "quarter", share: float | None = SHARE) -> Swept:
    return sweep(engine, rulebook(every), day(as_of), workers=1, now=lambda: NOW, share=share)


def count(engine: Engine, model: Any = StoredViolation) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(model.table())) or 0


ALL_OF_2024 = ("02-01", "05-01", "08-01", "11-01")


@pytest.fixture
def good(engine: Engine) -> Engine:
    """Forty enterprises that have done everything so far, and were swept."""
    take(engine, *drilled(range(MANY), "2023-02-01", "2023-05-01", "2023-08-01", "2023-11-01", *ALL_OF_2024))
    assert swept(engine, "2024-12-31").counts.open == 0
    return engine


def test_a_first_sweep_has_nothing_to_compare_with(engine: Engine) -> None:
    take(engine, *drilled(range(MANY)))
    assert swept(engine, "2024-12-31").counts.opened > MANY


def test_a_bad_pack_is_stopped_and_nothing_is_written(good: Engine) -> None:
    sweeps = count(good, Sweep)
    with pytest.raises(Surge) as stopped:
        swept(good, "2025-01-01", every="month")
    assert "疏散逃生演练 40" in stopped.value.message.zh
    assert "surge/drills" in stopped.value.message.en
    assert (count(good), count(good, Sweep)) == (0, sweeps)
    assert swept(good, "2025-01-01", every="month", share=None).counts.opened > MANY


def test_when_a_quarter_ends_many_violations_are_no_surprise(good: Engine) -> None:
    """The packs are the same, and the quarter was not over when the last sweep looked."""
    assert swept(good, "2025-04-01").counts.opened == MANY


def test_the_same_quarter_under_a_pack_that_was_edited_is_asked_about(good: Engine) -> None:
    edited = load_rulebook_texts({"drills.yaml": PACK.replace("EVERY", "quarter").replace("组织", "应当组织")})
    with pytest.raises(Surge):
        sweep(good, edited, day("2025-04-01"), workers=1, now=lambda: NOW, share=SHARE)


def test_records_that_vanish_are_asked_about(engine: Engine) -> None:
    """A large import taken back: the violations had begun before the last sweep, which did not find them."""
    take(engine, *drilled(range(MANY)))
    records = take(engine, *(record(n, on, "evacuation_drill") for n in range(MANY) for on in (
        "2023-02-01", "2023-05-01", "2023-08-01", "2023-11-01", *ALL_OF_2024)))
    swept(engine, "2024-12-31")
    undo_import(engine, records, NOW)
    with pytest.raises(Surge, match="the facts have changed"):
        swept(engine, "2025-01-01")
    assert count(engine) == 0


def test_enterprises_that_were_not_there_are_no_surprise(good: Engine) -> None:
    take(good, *drilled(range(MANY, 3 * MANY)))
    assert swept(good, "2025-01-01").counts.opened >= 2 * MANY


def test_newcomers_are_found_by_index(good: Engine) -> None:
    """Of a million enterprises, asking each newer row of all the others takes a quarter of an hour."""
    if good.dialect.name != "sqlite":
        pytest.skip("reads SQLite's query plan")
    corrected = enterprise(1, "2023-01-01", division="120102", registered_on=day("2019-01-01"))
    take(good, corrected, *drilled(range(MANY, 2 * MANY)))
    asked: list[tuple[str, object]] = []
    event.listen(good, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
    with reading(good) as connection:
        found = sudden(connection, packs={}, known_in=newest_revision(connection), program="0")
        plans = {row[3] for statement, values in list(asked) if "added_in" in statement
                 for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)}
    assert found.newcomers == {code(number) for number in range(MANY, 2 * MANY)}
    for index in ("ix_enterprises_added (added_in>? AND added_in<?)", "ix_enterprises_current (uscc=?)",
                  "ix_enterprises_past (uscc=?)"):
        assert any(index in plan for plan in plans)


@pytest.mark.parametrize(("count", "subjects", "stops"), [
    (FEW, 3, False), (FEW + 1, 3, True), (20, 100, False), (21, 100, True), (8_000, 40_000, False)])
def test_how_many_are_too_many(count: int, subjects: int, stops: bool) -> None:
    found = Sudden(date(2025, 1, 1))
    duties = Counter({"evacuation_drill": count - 1, "report_hazards": 1})
    if stops:
        with pytest.raises(Surge, match=f"^{count} violations"):
            found.check(duties, SHARE, subjects)
    else:
        found.check(duties, SHARE, subjects)


@pytest.mark.parametrize(("days", "changed", "before", "counts"), [
    (0, (), None, True),
    (1, (), None, False),
    (1, ("pack",), None, True),
    (0, (), Status.CLOSED, True),
    (0, (), Status.WAIVED, False),
    (0, (), Status.OPEN, False),
])
def test_what_is_sudden(days: int, changed: tuple[str, ...], before: Status | None, counts: bool) -> None:
    since = date(2025, 1, 1)
    found = Sudden(since, changed, frozenset({code(2)}))
    was = None if before is None else opened(since, str(before))
    now = opened(since + timedelta(days=days))
    assert [found.counts(code(number), was, now) for number in (1, 2)] == [counts, False]


def opened(on: date | None, status: str = "open") -> Standing:
    assert on is not None
    return Standing(status, on, on, None, 1, ("rule",))
