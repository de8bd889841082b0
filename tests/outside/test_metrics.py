"""What Prometheus is told, held against the database and against its own rules for names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from engine import metrics, runs
from engine.clock import SHANGHAI
from engine.lease import held
from facts.store import schema
from facts.store.database import connect, open_database, writing
from tests.cli.conftest import Run
from tests.databases import Server
from tests.outside.conftest import NOW, fill

DATABASES = ("sqlite", "postgresql")
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(found: str) -> Samples:
    return {(sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(found) for sample in family.samples}


@pytest.fixture
def url(backend: str, swept: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database that was swept as of 2025-03-01."""
    if backend == "sqlite":
        yield f"sqlite:///{swept / 'zhiben.db'}"
        return
    server: Server = request.getfixturevalue("server")
    with server.database(swept / "zhiben.db") as made:
        yield made


def told(run: Run, url: str) -> Samples:
    return samples(run("metrics", "--db", url).stdout)


def value(found: Samples, name: str, **labels: str) -> float:
    return found[f"zhiben_{name}", frozenset(labels.items())]


#: Steps and recommendations, which the packs of these tests lead to only later.
_FURTHER = ("""
INSERT INTO steps (uscc, duty, key, ladder, level, step, due_on, issued_on, facts, first_swept)
SELECT uscc, duty, key, 'commerce.ladder', 2, 'talk', opened_on, opened_on, facts, first_swept
FROM violations ORDER BY 1, 2, 3 LIMIT 3""", *(f"""
INSERT INTO recommendations (id, uscc, kind, status, grounds, missing, facts, first_swept, last_swept)
SELECT '{name}', uscc, 'blacklist', 'proposed', '[]', '', facts, first_swept, last_swept FROM violations LIMIT 1"""
               for name in "ab"))


def total(found: Samples, name: str) -> float:
    return sum(number for (each, _), number in found.items() if each == f"zhiben_{name}")


def test_what_stands_in_the_database(run: Run, url: str) -> None:
    engine = open_database(url)
    with writing(engine, "outcomes") as connection:
        for statement in _FURTHER:
            connection.execute(text(statement))
    found = told(run, url)
    with engine.connect() as connection:
        def one(question: str) -> int:
            return connection.execute(text(question)).scalar_one()

        last = runs.last(connection, runs.SWEEP)
        assert last is not None
        assert last.said is not None
        is_open = "SELECT count(*) FROM violations WHERE status = 'open'"
        assert total(found, "violations_open") == one(is_open) > 0
        duty = connection.execute(text("SELECT max(duty) FROM violations WHERE status = 'open'")).scalar_one()
        assert value(found, "violations_open", duty=duty) == one(f"{is_open} AND duty = '{duty}'")
        assert value(found, "steps", ladder="commerce.ladder", level="2") == 3
        blacklisted = "SELECT count(*) FROM recommendations WHERE kind = 'blacklist' AND status = 'proposed'"
        assert value(found, "recommendations", kind="blacklist", status="proposed") == one(blacklisted) >= 2
        assert total(found, "recommendations") == one("SELECT count(*) FROM recommendations")
        assert value(found, "journal_newest_seal") == one("SELECT max(number) FROM seals")
    for verdict, count in last.said["obligations"].items():
        assert value(found, "last_sweep_obligations", verdict=verdict) == count
    assert value(found, "last_sweep_enterprises") == last.said["enterprises"]
    assert value(found, "last_sweep_duration_seconds") == last.said["seconds"]
    assert value(found, "last_sweep_violations", change="opened") == last.said["counts"]["opened"]
    assert value(found, "up") == 1
    assert value(found, "schema_version") == int(schema.head())
    assert [dict(labels)["version"] for name, labels in found if name == "zhiben_build_info"] == [version("zhiben")]
    assert value(found, "database_size_bytes") > 100_000
    assert value(found, "newest_business_date_timestamp_seconds") == datetime(2025, 3, 1, tzinfo=SHANGHAI).timestamp()
    assert value(found, "newest_business_date_age_days") == 0
    assert value(found, "runs_total", job="sweep", state="done") == 1
    assert value(found, "job_last_state", job="sweep", state="done") == 1
    assert value(found, "job_last_state", job="sweep", state="failed") == 0
    assert value(found, "job_last_success_timestamp_seconds", job="sweep") == pytest.approx(
        datetime.fromisoformat(NOW).replace(tzinfo=SHANGHAI).timestamp())
    assert value(found, "job_active", job="sweep") == 1
    assert value(found, "job_active", job="notices") == 0


def test_what_is_counted_is_counted_anew_when_something_was_recorded(run: Run, url: str) -> None:
    before = told(run, url)
    run("import", "undo", "1", "--db", url)
    run("sweep", "--db", url, "--allow-surge")
    after = told(run, url)
    assert total(before, "violations_open") > total(after, "violations_open") == 0
    assert value(after, "journal_newest_seal") == value(before, "journal_newest_seal") + 2


@pytest.mark.parametrize(("now", "missed", "age"), [
    ("2025-03-02T02:29", 0, 1), ("2025-03-02T02:30", 1, 1), ("2025-03-05T01:00", 3, 4), ("2025-03-05T09:00", 4, 4),
    ("2025-02-27T09:00", 0, -2),
])
def test_nights_that_are_missing(run: Run, url: str, monkeypatch: pytest.MonkeyPatch, now: str, missed: int,
                                 age: int) -> None:
    monkeypatch.setenv("ZHIBEN_NOW", now)
    found = told(run, url)
    assert (value(found, "missed_nights"), value(found, "newest_business_date_age_days")) == (missed, age)


def test_a_sweep_that_runs(run: Run, url: str) -> None:
    assert value(told(run, url), "sweep_running") == 0
    since = datetime(2025, 3, 1, 8, 30, tzinfo=SHANGHAI)
    with held(open_database(url), runs.SWEEP, lambda: since):
        found = told(run, url)
    assert value(found, "sweep_running") == 1
    assert value(found, "sweep_running_since_timestamp_seconds") == since.timestamp()
    assert value(told(run, url), "sweep_running") == 0


def test_how_runs_ended(run: Run, url: str) -> None:
    engine, at = open_database(url), datetime(2025, 3, 1, 4, tzinfo=SHANGHAI)
    with writing(engine, "outcomes") as connection:
        for state in (runs.DONE, runs.DONE, runs.FAILED):
            runs.end(connection, runs.begin(connection, "backup", at.date(), at, holder="x, 1"), state, at)
        runs.begin(connection, "verify", at.date(), at, holder="x, 1")
    found = told(run, url)
    assert value(found, "runs_total", job="backup", state="done") == 2
    assert value(found, "runs_total", job="backup", state="failed") == 1
    assert value(found, "job_last_state", job="backup", state="failed") == 1
    assert value(found, "job_last_state", job="verify", state="running") == 1
    assert ("zhiben_runs_total", frozenset({("job", "verify"), ("state", "running")})) not in found
    assert value(found, "last_backup_timestamp_seconds") == at.timestamp()


def test_names_and_help_are_as_prometheus_wants_them(run: Run, url: str) -> None:
    written = run("metrics", "--db", url).stdout
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", written, re.MULTILINE))
    helps = dict(re.findall(r"^# HELP (\S+) (.+)$", written, re.MULTILINE))
    assert types.keys() == helps.keys()
    for name, kind in types.items():
        assert re.fullmatch(r"zhiben_[a-z_]+", name)
        assert (kind == "counter") == name.endswith("_total"), name
        assert helps[name].endswith("."), name
        assert not name.endswith(("_ms", "_minutes", "_hours", "_kb")), name
        assert "timestamp" not in name or name.endswith("_timestamp_seconds"), name
    lines = [line for line in written.splitlines() if line and not line.startswith("#")]
    assert len({line.rpartition(" ")[0] for line in lines}) == len(lines) > 40


def test_a_database_before_its_first_sweep(run: Run, folder: Path) -> None:
    found = told(run, f"sqlite:///{folder / 'zhiben.db'}")
    assert value(found, "missed_nights") == 0
    assert not any(name.startswith(("zhiben_newest_business_date", "zhiben_last_sweep")) for name, _ in found)


def test_a_file_is_written_whole(run: Run, swept: Path) -> None:
    result = run("metrics", "-o", "zhiben.prom")
    assert result.stdout == ""
    assert samples(Path("zhiben.prom").read_text()).keys() == samples(run("metrics").stdout).keys()
    assert sorted(path.name for path in swept.iterdir()) == ["zhiben.db", "zhiben.prom"]


def test_a_database_that_cannot_be_read_is_down(run: Run, swept: Path) -> None:
    run("metrics", "-o", "zhiben.prom")
    Path("zhiben.db").write_bytes(b"not a database, " * 100)
    run("metrics", "-o", "zhiben.prom", code=3)
    assert value(samples(Path("zhiben.prom").read_text()), "up") == 0
    assert value(samples(run("metrics", code=3).stdout), "up") == 0
    assert value(samples(run("metrics", "--db", "sqlite:///none.db", code=2).stdout), "up") == 0
    assert not metrics.write(connect(f"sqlite:///{swept / 'zhiben.db'}"), Path("again.prom"), datetime.now(SHANGHAI))
    assert value(samples(Path("again.prom").read_text()), "up") == 0


@pytest.mark.usefixtures("swept")
def test_a_full_disk_leaves_the_file_as_it_was(run: Run, small_disk: Path) -> None:
    target = small_disk / "zhiben.prom"
    run("metrics", "-o", str(target))
    before = target.read_bytes()
    fill(small_disk)
    result = run("metrics", "-o", str(target), "--lang", "en", code=3)
    assert "disk is full" in result.stderr
    assert target.read_bytes() == before
    assert sorted(path.name for path in small_disk.iterdir()) == ["filling", "zhiben.prom"]

