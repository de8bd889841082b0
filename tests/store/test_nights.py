"""Business dates: missed nights are made up for, each as of its own date, with what was known then."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from engine import nights as by_night
from engine import runs
from engine.clock import SHANGHAI
from engine.lease import LeaseLost, StoredLease, held
from engine.nights import MOST_MISSED, Night, TooManyMissed, night_of, nights, repetition
from engine.outcomes import Sweep
from engine.packs import load_rulebook
from engine.rulebook import Rulebook
from engine.waiver_store import enter
from facts.models import RecordRow, Row
from facts.store.database import reading, writing
from facts.store.imports import apply_import, past_imports
from facts.store.journal import newest
from facts.store.undo import undo_import
from tests.store.rows import code, day, ledger
from tests.store.test_histories import FIRST, LAST, NIGHTS, ONE_DAY, database, random_rows, standing, told

AT = time(2, 30)
RETURN = LAST - timedelta(days=31)


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    """The product's packs."""
    return load_rulebook()


def at_night(day: date) -> Callable[[], datetime]:
    return lambda: datetime.combine(day, AT, SHANGHAI)


def by_day(day: date) -> datetime:
    """When people work."""
    return datetime.combine(day, time(15, 0), SHANGHAI)


def the_work_of(day: date, engine: Engine, rows: dict[date, Sequence[Row]]) -> None:
    """What people enter by day: rows in several imports, one of them wrong and taken back, a waiver."""
    if day in rows:
        apply_import(engine, ledger(*rows[day]), f"{day}.xlsx", by_day(day))
    if day == RETURN + 5 * ONE_DAY:
        wrong = [RecordRow(uscc=code(number), kind="evacuation_drill", date=RETURN) for number in range(1, 6)]
        apply_import(engine, ledger(*wrong), "wrong.xlsx", by_day(day))
    if day == RETURN + 9 * ONE_DAY:
        undo_import(engine, max(past.id for past in past_imports(engine) if past.source == "wrong.xlsx"), by_day(day))
    if day == RETURN + 12 * ONE_DAY:
        with writing(engine, "waivers") as connection:
            enter(connection, uscc=code(1), duty="leadership_inspection", key=None, first=day, last=LAST,
                  reason="装修停业", author="张三", now=by_day(day), retroactive=None, replaces=None)


def _sweeps_of(engine: Engine) -> Sequence[Any]:
    with reading(engine) as connection:
        return connection.execute(select(Sweep.table())).all()


def in_parts(rows: Sequence[Row], chance: random.Random) -> dict[date, Sequence[Row]]:
    """Enterprises at the beginning, the rest in five parts on days of which most lie in the outage."""
    first = [row for row in rows if type(row).__name__ in ("EnterpriseRow", "CoverageRow")]
    rest = [row for row in rows if row not in first]
    days = [RETURN - 5 * ONE_DAY, *sorted(chance.sample([d for d in NIGHTS if RETURN < d < LAST], 4))]
    return {FIRST - ONE_DAY: first, **{each: rest[n::5] for n, each in enumerate(days)}}


@pytest.mark.parametrize("seed", [20])
def test_a_months_outage_ends_where_an_undisturbed_month_does(tmp_path: Any, rulebook: Rulebook, seed: int) -> None:
    """People go on importing, undoing and waiving while no night is swept; then all nights are made up for."""
    rows = in_parts(random_rows(random.Random(seed)), random.Random(seed))
    found = []
    for name in ("undisturbed", "outage"):
        engine = database(tmp_path, name)
        the_work_of(FIRST - ONE_DAY, engine, rows)
        for each in NIGHTS[NIGHTS.index(RETURN) - 10:]:
            if name == "undisturbed" or each <= RETURN or each == LAST:
                with nights(engine, rulebook, at_night(each), workers=1) as sweeps:
                    caught_up = sweeps.missed(each, AT, "all")
                    for night in caught_up:
                        sweeps.sweep(night)
                    sweeps.sweep(Night(each))
                assert [night.as_of for night in caught_up] == ([] if name == "undisturbed" or each != LAST else
                                                                [d for d in NIGHTS if RETURN < d < LAST])
            the_work_of(each, engine, rows)
        found.append((told(engine), standing(engine), [(row.as_of, row.known_in) for row in _sweeps_of(engine)]))
    assert found[0] == found[1]
    assert any('"kind":"withdrawn"' in event or '"kind":"corrected"' in event for event in found[0][0])


@pytest.mark.parametrize(("catch_up", "swept"), [("none", 0), ("last", 1), ("all", 4)])
def test_what_is_not_made_up_for_is_said(engine: Engine, rulebook: Rulebook, catch_up: str, swept: int) -> None:
    one_night(engine, rulebook, FIRST)
    today = FIRST + 5 * ONE_DAY
    with nights(engine, rulebook, at_night(today), workers=1) as sweeps:
        for night in sweeps.missed(today, AT, catch_up):
            sweeps.sweep(night)
        sweeps.sweep(Night(today))
    with reading(engine) as connection:
        states = {run.business_date: run.state for run in runs.history(connection)}
    assert sorted(states) == [FIRST + n * ONE_DAY for n in range(6)]
    assert list(states.values()).count(runs.SKIPPED) == 4 - swept
    assert states[today] == runs.DONE
    with nights(engine, rulebook, at_night(today), workers=1) as sweeps:
        assert sweeps.missed(today, AT, "all") == []


def one_night(engine: Engine, rulebook: Rulebook, as_of: date, **options: Any) -> Any:
    with nights(engine, rulebook, at_night(as_of), workers=1, **options) as sweeps:
        return sweeps.sweep(Night(as_of))


def test_before_the_first_sweep_no_night_is_missed(engine: Engine) -> None:
    with reading(engine) as connection:
        assert by_night.missed(connection, LAST, AT) == []


def test_a_clock_that_is_years_ahead_is_asked_about(engine: Engine, rulebook: Rulebook) -> None:
    one_night(engine, rulebook, FIRST)
    later = FIRST + timedelta(days=MOST_MISSED + 1)
    with nights(engine, rulebook, at_night(later), workers=1) as sweeps:
        assert len(sweeps.missed(later, AT, "all")) == MOST_MISSED
        with pytest.raises(TooManyMissed, match=f"{MOST_MISSED + 1} nights were missed"):
            sweeps.missed(later + ONE_DAY, AT, "all")
        assert [night.as_of for night in sweeps.missed(later + ONE_DAY, AT, "last")] == [later]


def test_a_clock_that_went_back_misses_nothing_and_forgets_nothing(engine: Engine, rulebook: Rulebook) -> None:
    """What was entered by a clock that ran ahead is known all the same."""
    rows = random_rows(random.Random(4))
    apply_import(engine, ledger(*rows), "ahead.xlsx", by_day(LAST))
    with nights(engine, rulebook, at_night(FIRST), workers=1) as sweeps:
        assert sweeps.missed(FIRST, AT, "all") == []
        assert sweeps.sweep(Night(FIRST)).enterprises == 5


def test_what_a_sweep_has_seen_stays_seen(engine: Engine, rulebook: Rulebook) -> None:
    """Somebody sweeps by hand in the afternoon; a night that is made up for goes by what that sweep knew."""
    rows = random_rows(random.Random(5))
    apply_import(engine, ledger(*rows), "rows.xlsx", by_day(FIRST + 3 * ONE_DAY))
    with nights(engine, rulebook, lambda: by_day(FIRST + 3 * ONE_DAY), workers=1) as sweeps:
        sweeps.sweep(Night(FIRST))
        assert sweeps.sweep(night_of(FIRST + ONE_DAY, AT)).enterprises == 5


def test_the_same_night_again_is_answered_from_what_was_said(engine: Engine, rulebook: Rulebook) -> None:
    apply_import(engine, ledger(*random_rows(random.Random(6))), "rows.xlsx", by_day(FIRST))
    first = one_night(engine, rulebook, LAST)
    assert first.counts.opened
    with reading(engine) as connection:
        again = repetition(connection, rulebook, Night(LAST))
        seal, entered = newest(connection), runs.history(connection)
        assert repetition(connection, rulebook, Night(LAST - ONE_DAY)) is None
    assert again is not None
    assert (again.obligations, again.counts.open) == (first.obligations, first.counts.open)
    assert (again.counts.opened, again.counts.closed, again.counts.steps, again.counts.proposed) == (0, 0, 0, 0)
    assert one_night(engine, rulebook, LAST).document() == again.document()
    full = one_night(engine, rulebook, LAST, again=True)
    assert {**full.document(), "seconds": 0.0} == again.document()
    with reading(engine) as connection:
        assert newest(connection) == seal
        assert len(runs.history(connection)) == len(entered) + 1


@pytest.mark.parametrize("what", ["facts", "waiver"])
def test_what_was_written_since_is_swept(engine: Engine, rulebook: Rulebook, what: str) -> None:
    apply_import(engine, ledger(*random_rows(random.Random(6))), "rows.xlsx", by_day(FIRST))
    one_night(engine, rulebook, LAST)
    if what == "facts":
        row = RecordRow(uscc=code(1), kind="fire_check", date=FIRST)
        apply_import(engine, ledger(row), "more.xlsx", by_day(LAST))
    else:
        with writing(engine, "waivers") as connection:
            enter(connection, uscc=code(1), duty="evacuation_drill", key=None, first=day("2024-01-01"), last=LAST,
                  reason="停业", author="张三", now=by_day(LAST), retroactive="补录", replaces=None)
    with reading(engine) as connection:
        assert repetition(connection, rulebook, Night(LAST)) is None


def test_a_run_that_died_is_given_up_by_the_next(engine: Engine, rulebook: Rulebook) -> None:
    with writing(engine, "outcomes") as connection:
        runs.begin(connection, runs.SWEEP, FIRST, by_day(FIRST), holder="host9, 1", fence=1)
    one_night(engine, rulebook, FIRST)
    with reading(engine) as connection:
        assert [run.state for run in runs.history(connection)] == [runs.DONE, runs.LOST]


def test_a_sweep_whose_lease_was_taken_over_records_nothing(engine: Engine, rulebook: Rulebook) -> None:
    apply_import(engine, ledger(*random_rows(random.Random(6))), "rows.xlsx", by_day(FIRST))

    def taken_over(done: int, of: int) -> None:
        table = StoredLease.table()
        with writing(engine, "leases") as connection:
            connection.execute(table.update().values(fence=table.c.fence + 1, holder="host9, 1", place="elsewhere"))

    with pytest.raises(LeaseLost), nights(engine, rulebook, at_night(LAST), workers=1) as sweeps:
        sweeps.sweep(Night(LAST), taken_over)
    with reading(engine) as connection:
        assert connection.execute(select(Sweep.table())).all() == []
        assert [run.state for run in runs.history(connection)] == [runs.RUNNING]


def test_a_failure_is_entered_with_its_reason(engine: Engine, rulebook: Rulebook) -> None:
    apply_import(engine, ledger(*random_rows(random.Random(6))), "rows.xlsx", by_day(FIRST))

    def broken(done: int, of: int) -> None:
        raise RuntimeError("no more paper")

    with pytest.raises(RuntimeError), nights(engine, rulebook, at_night(LAST), workers=1) as sweeps:
        sweeps.sweep(Night(LAST), broken)
    with reading(engine) as connection:
        (run,) = runs.history(connection)
    assert (run.state, run.message) == (runs.FAILED, "RuntimeError: no more paper")
    with held(engine, runs.SWEEP, lambda: datetime.now(UTC), wait=False):
        pass
