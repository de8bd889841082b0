"""What a night leaves out would have been found as it is recorded: sweeping in full afterwards changes no row."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from engine import horizons
from engine.horizons import StoredHorizon
from engine.known_at import known_at
from engine.outcomes import StoredViolation
from engine.packs import load_rulebook
from engine.rulebook import Rulebook
from engine.sweep import Swept, sweep
from engine.waiver_store import end, enter
from facts.errors import BadInput
from facts.models import CoverageRow, EnterpriseRow, RecordRow, Row
from facts.store.database import reading, writing
from facts.store.imports import apply_import
from facts.store.tables import metadata
from facts.store.undo import undo_import
from tests.store.rows import code, day, ledger
from tests.store.test_histories import FIRST, LAST, ONE_DAY, at, database, random_rows

PACKS = Path(__file__).parents[2] / "rules"
NATIONAL = PACKS / "national" / "statutes.yaml"


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    """The product's packs."""
    return load_rulebook()


def everything(engine: Engine) -> dict[str, list[Any]]:
    """All rows of all tables."""
    with reading(engine) as connection:
        return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in metadata.sorted_tables}


def swept(engine: Engine, rulebook: Rulebook, as_of: date, *, full: bool = False) -> Swept:
    return sweep(engine, rulebook, as_of, workers=1, now=lambda: at(as_of), full=full)


def open_now(engine: Engine) -> int:
    """How many violations are open, counted: a sweep adds up what has changed."""
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).where(StoredViolation.table().c.status == "open")) or 0


def summary(found: Swept) -> Any:
    """What does not hang on how much was judged."""
    return found.enterprises, found.authorities, found.obligations, found.counts.open


class Office:
    """People who enter this and that by day."""

    def __init__(self, engine: Engine, seed: int) -> None:
        self.engine = engine
        self.chance = random.Random(seed)
        rows = random_rows(self.chance)
        self.known = [row for row in rows if isinstance(row, (EnterpriseRow, CoverageRow))]
        self.later = [row for row in rows if row not in self.known]
        self.chance.shuffle(self.later)
        self.imports: list[int] = []
        self.waivers: list[int] = []
        self.take_in(self.known, FIRST)

    def take_in(self, rows: Sequence[Row], on: date) -> None:
        number = apply_import(self.engine, ledger(*rows), "rows", at(on) + timedelta(hours=1)).id
        if number is not None:
            self.imports.append(number)

    def work(self, on: date) -> None:
        """One thing, or none."""
        deeds = [self.rows_come, self.rows_come, self.a_correction, self.a_claim, self.an_undo, self.a_waiver,
                 self.a_waiver_ends, self.somebody_closes, lambda on: None]
        self.chance.choice(deeds)(on)

    def rows_come(self, on: date) -> None:
        self.take_in([self.later.pop() for _ in range(min(len(self.later), 3))], on)

    def a_correction(self, on: date) -> None:
        of = self.chance.choice([row for row in self.known if isinstance(row, EnterpriseRow)])
        self.take_in([replace(of, valid_from=on + ONE_DAY * self.chance.randrange(-60, 20),
                              headcount=self.chance.choice([8, 120, None]),
                              high_risk=self.chance.choice([True, False, None]))], on)

    def a_claim(self, on: date) -> None:
        if self.chance.random() < 0.4:
            self.take_in([CoverageRow(kind="leadership_inspection", complete_from=on - 200 * ONE_DAY)], on)

    def an_undo(self, on: date) -> None:
        if len(self.imports) > 1:
            number = self.imports.pop(self.chance.randrange(1, len(self.imports)))
            undo_import(self.engine, number, at(on) + timedelta(hours=1))

    def a_waiver(self, on: date) -> None:
        # One of the same may be in force.
        with suppress(BadInput), writing(self.engine, "waivers") as connection:
            self.waivers.append(enter(
                connection, uscc=code(self.chance.randrange(1, 6)), duty="leadership_inspection", key=None, first=on,
                last=on + ONE_DAY * self.chance.randrange(40), reason="装修停业", author="张三",
                now=at(on) + timedelta(hours=1), retroactive=None, replaces=None).id)

    def a_waiver_ends(self, on: date) -> None:
        if self.waivers:
            # One that is over cannot be ended.
            with suppress(BadInput), writing(self.engine, "waivers") as connection:
                end(connection, self.waivers.pop(), author="李四", reason="复工", now=at(on) + timedelta(hours=1),
                    void=self.chance.random() < 0.3)

    def somebody_closes(self, on: date) -> None:
        of = self.chance.choice([row for row in self.known if isinstance(row, EnterpriseRow)])
        self.take_in([replace(of, valid_from=on, closed_on=on + ONE_DAY * self.chance.randrange(-5, 15))], on)


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_left_to_be_found_in_full(tmp_path: Path, rulebook: Rulebook, seed: int) -> None:
    engine = database(tmp_path, "office")
    office, chance = Office(engine, seed), random.Random(seed)
    national = load_rulebook([NATIONAL])
    judged = total = 0
    on = FIRST
    while on <= LAST:
        by = national if chance.random() < 0.08 else rulebook
        found = swept(engine, by, on)
        judged, total = judged + found.judged, total + 5
        assert found.differing == 0
        assert found.counts.open == open_now(engine)
        before = everything(engine)
        again = swept(engine, by, on, full=True)
        after = everything(engine)
        assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
        assert summary(again) == summary(found)
        office.work(on)
        # Days on which nobody sweeps too.
        on += ONE_DAY * chance.choice([1, 1, 1, 2, 9])
    assert judged < total


def test_a_quiet_night_judges_those_alone_whose_day_has_come(tmp_path: Path, rulebook: Rulebook) -> None:
    engine = database(tmp_path, "quiet")
    office = Office(engine, 1)
    on, left_out = day("2025-01-10"), 0
    assert swept(engine, rulebook, on).judged == 5
    for _ in range(30):
        on += ONE_DAY
        with reading(engine) as connection:
            come = connection.scalar(select(func.count()).where(StoredHorizon.table().c.until < on))
        found = swept(engine, rulebook, on)
        assert found.judged - found.sampled == come
        left_out += 5 - found.judged
    assert left_out > 100
    office.take_in([RecordRow(uscc=code(3), kind="evacuation_drill", date=on)], on)
    with reading(engine) as connection:
        come = set(connection.scalars(select(StoredHorizon.table().c.uscc).where(StoredHorizon.table().c.until <= on)))
    found = swept(engine, rulebook, on + ONE_DAY)
    assert found.judged - found.sampled == len(come | {code(3)})


def test_all_come_round_and_who_differs_is_told_and_put_right(
    tmp_path: Path, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = database(tmp_path, "round")
    Office(engine, 1)
    swept(engine, rulebook, day("2025-01-11"))
    with writing(engine, "outcomes") as connection:
        connection.execute(update(StoredHorizon.table()).values(waived=7))
    monkeypatch.setattr(horizons, "ROUND", 3)
    nights = [swept(engine, rulebook, day(f"2025-01-{n}")) for n in (12, 13, 14)]
    assert sum(night.sampled for night in nights) >= 4
    assert sum(night.differing for night in nights) > 0
    with reading(engine) as connection:
        assert max(connection.scalars(select(StoredHorizon.table().c.waived))) == 0


def test_a_wrong_number_of_open_violations_is_put_right(
    tmp_path: Path, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = database(tmp_path, "counted")
    Office(engine, 1)
    on = day("2025-01-11")
    assert swept(engine, rulebook, on).counts.open == open_now(engine) > 0
    for full in (True, False):
        # By hand, so that the next sweep opens anew what the number has as open already.
        with writing(engine, "outcomes") as connection:
            connection.execute(update(StoredViolation.table()).where(StoredViolation.table().c.status == "open").values(
                status="closed", closed_on=on))
        monkeypatch.setattr(horizons, "ROUND", 1)
        on += ONE_DAY
        assert swept(engine, rulebook, on, full=full).counts.open == open_now(engine) > 0


def test_who_knows_less_than_the_sweep_before_judges_all(tmp_path: Path, rulebook: Rulebook) -> None:
    """A clock ran ahead when a waiver was entered; the night that is made up for does not know of it yet."""
    engine = database(tmp_path, "ahead")
    office = Office(engine, 1)
    swept(engine, rulebook, day("2025-01-10"))
    office.a_waiver(day("2025-01-20"))
    assert office.waivers
    swept(engine, rulebook, day("2025-01-11"))
    known = known_at(engine, at(day("2025-01-12")))
    made_up_for = sweep(engine, rulebook, day("2025-01-12"), workers=1, now=lambda: at(day("2025-01-13")), known=known)
    assert made_up_for.judged == 5
