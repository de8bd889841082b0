"""Parts are written once, for a sweep that is not over, and read back as they were found."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from engine import cluster_tasks, parts
from engine.cluster_tasks import Given, Refused, given_of, packed, unpacked
from engine.packs import load_rulebook
from engine.sweep import conclude
from engine.waivers import Waiver
from facts.store.database import open_database, reading, writing
from tests.cli.ledger import RESTAURANT, SHEETS, write_folder
from tests.crash.deeds import done

_AT = datetime(2025, 3, 1, tzinfo=UTC)
_DAY = date(2025, 3, 1)
_WAIVER = Waiver(1, RESTAURANT, "evacuation_drill", None, _DAY, _DAY, "停电", "张三", _DAY)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A database with the small ledger."""
    url = f"sqlite:///{tmp_path / 'zhiben.db'}"
    done(url, "2025-02-01T09:00", "import", str(write_folder(tmp_path / "ledger", SHEETS)))
    made = open_database(url)
    yield made
    made.dispose()


def test_what_is_judged_comes_back_as_it_was(engine: Engine) -> None:
    part = conclude(engine, load_rulebook(), _DAY, 1, (None, None), {RESTAURANT: (_WAIVER,)})
    assert any(each.waivers for each in part.judged)
    assert unpacked(packed(part.judged)) == part.judged


def test_a_part_is_written_once_and_only_while_it_is_wanted(engine: Engine) -> None:
    with writing(engine) as connection:
        sweep = parts.enter(connection, b"given", [["A", "B"], ("B", None)], _AT)
        assert parts.begin(connection, sweep, 0, "one") == ["A", "B"]
        assert parts.begin(connection, sweep, 1, "one") == ("B", None)
        assert parts.begin(connection, sweep, 1, "other") == ("B", None)
        parts.finish(connection, sweep, 1, b"first")
        parts.finish(connection, sweep, 1, b"second")
        content, begun = parts.take(connection, sweep, 1)
        assert (zlib.decompress(content), begun) == (b"first", 2)
        assert parts.take(connection, sweep, 1) is None
        assert parts.begin(connection, sweep, 1, "late") is None
        assert parts.take(connection, sweep, 0) == (None, 1)
        other = parts.enter(connection, b"given", [(None, None)], _AT)
        parts.clear(connection, sweep)
        assert parts.given(connection, sweep) is None
        assert parts.given(connection, other) == b"given"


def test_the_next_sweep_clears_away_what_a_killed_one_left(engine: Engine) -> None:
    with writing(engine) as connection:
        left = parts.enter(connection, b"given", [(None, None)], _AT)
    done(str(engine.url), "2025-03-01T09:00", "sweep")
    with reading(engine) as connection:
        assert parts.given(connection, left) is None


def test_another_database_or_program_is_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="is not the database that is swept"):
        given_of(engine, "another")
    rulebook = load_rulebook()
    with writing(engine) as connection:
        sweep = parts.enter(connection, Given.of(rulebook, _DAY, 1, {}).packed(), [(None, None)], _AT)
    given, found = given_of(engine, sweep)
    assert (given.as_of, given.known_in, found.sha256) == (_DAY, 1, rulebook.sha256)
    monkeypatch.setattr(cluster_tasks, "_last", None)
    monkeypatch.setattr(cluster_tasks, "version", lambda name: "0.0.1")
    with pytest.raises(Refused, match=r"Zhiben 0\.0\.1 is installed here"):
        given_of(engine, sweep)
