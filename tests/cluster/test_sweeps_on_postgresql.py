"""A sweep on a cluster ends as one on this machine does, whoever is killed meanwhile."""

from __future__ import annotations

import json
import os
import signal
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from engine import cluster as clusters
from tests.cli.ledger import HOTEL
from tests.cluster.dask_processes import Dask, Sweeping, no_password_told
from tests.crash.contents import content, differences
from tests.crash.databases import Postgres
from tests.crash.deeds import done, run
from tests.crash.messages import said_once


@pytest.fixture(scope="module", autouse=True)
def workers(dask: Dask, shared: Postgres) -> Iterator[None]:
    """Three workers."""
    for _ in range(3):
        dask.work(shared.url)
    yield
    dask.kill()


def same(one: Postgres, other: Postgres) -> None:
    """Two databases hold the same, row for row, number for number and hash for hash."""
    assert not differences(content(one.tables(), exact=True), content(other.tables(), exact=True))


def sweeping(dask: Dask, database: Postgres, night: str, folder: Path, *words: str) -> Sweeping:
    """A sweep of all enterprises on the cluster."""
    settings = {"ZHIBEN_DB": database.url, "ZHIBEN_NOW": night, "ZHIBEN_LOG": str(folder / "log")}
    return Sweeping(["--full", "--cluster", dask.address, *words], settings, folder)


def held(database: Postgres, sweep: Sweeping) -> int:
    """The process of a worker that has begun a part and not finished it: it stands still from then on."""
    with psycopg.connect(_address(database), autocommit=True) as watching:
        asked = "SELECT number, holder FROM parts WHERE begun > 0 AND content IS NULL"
        while not sweep.ended:
            for number, holder in watching.execute(asked).fetchall():
                pid = int(holder.rpartition(", ")[2])
                os.kill(pid, signal.SIGSTOP)
                time.sleep(0.05)
                if (number, holder) in watching.execute(asked).fetchall():
                    return pid
                os.kill(pid, signal.SIGCONT)
            time.sleep(0.005)
    pytest.fail(f"no part was seen while a worker had it: {sweep.said()}")


def _address(database: Postgres) -> str:
    return make_url(database.url).set(drivername="postgresql").render_as_string(hide_password=False)


def logged(folder: Path, event: str) -> dict[str, object]:
    """What the sweep logged."""
    lines = map(json.loads, (folder / "log").read_text().splitlines())
    return next(line for line in lines if line["event"] == event)


def test_a_worker_killed_while_it_holds_a_part(dask: Dask, shared: Postgres, night: str, tmp_path: Path) -> None:
    local = shared.copy()
    with sweeping(dask, shared, night, tmp_path) as sweep:
        dask.kill(held(shared, sweep))
        assert sweep.wait() == 0, sweep.said()
    assert logged(tmp_path, "parts_begun_again")["parts"] == 1
    done(local.url, night, "sweep", "--workers", "1")
    same(shared, local)
    assert shared.tables()["violations"][1]
    assert run(shared.url, night, "verify", "--all").exit_code == 0
    no_password_told(dask, shared)
    local.drop()
    dask.work(shared.url)


def test_an_ordinary_night(dask: Dask, shared: Postgres, night: str) -> None:
    local = shared.copy()
    for database, how in ((shared, ("--cluster", dask.address)), (local, ("--workers", "1"))):
        done(database.url, night, "waive", HOTEL, "evacuation_drill", "--to", "2025-12-31", "--by", "张三", "--reason",
             "装修")
        said = json.loads(done(database.url, night, "sweep", "--format", "json", *how))
        assert said["enterprises"] > 300
    same(shared, local)
    local.drop()


def test_packs_that_the_workers_do_not_have(dask: Dask, shared: Postgres, night: str, tmp_path: Path) -> None:
    local = shared.copy()
    packs = tmp_path / "mine.yaml"
    source = Path(clusters.__file__).parents[1] / "rules" / "tianjin-hedong" / "commerce.yaml"
    packs.write_text(source.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    for database, how in ((shared, ("--cluster", dask.address)), (local, ("--workers", "1"))):
        done(database.url, night, "sweep", "--packs", str(packs), *how)
    same(shared, local)
    local.drop()


def test_one_who_sweeps_killed(dask: Dask, shared: Postgres, night: str, tmp_path: Path) -> None:
    local = shared.copy()
    with sweeping(dask, shared, night, tmp_path) as sweep:
        pid = held(shared, sweep)
        sweep.process.kill()
        sweep.wait()
        assert len(shared.tables()["parts"][1]) > 0
        os.kill(pid, signal.SIGCONT)
    for database, how in ((shared, ("--cluster", dask.address)), (local, ("--workers", "1"))):
        done(database.url, night, "sweep", "--full", *how)
    same(shared, local)
    local.drop()


def test_a_sweep_that_is_stopped_leaves_nothing(dask: Dask, shared: Postgres, night: str, tmp_path: Path) -> None:
    before = content(shared.tables(), exact=True)
    with sweeping(dask, shared, night, tmp_path) as sweep:
        pid = held(shared, sweep)
        sweep.process.send_signal(signal.SIGTERM)
        assert sweep.wait() == 3
        assert sweep.said() == "stopped\n"
    assert content(shared.tables(), exact=True) == before
    # What it finishes now, nobody wants.
    os.kill(pid, signal.SIGCONT)
    done(shared.url, night, "sweep", "--cluster", dask.address)


def test_a_part_that_somebody_else_wrote(dask: Dask, shared: Postgres, night: str) -> None:
    before = content(shared.tables(), exact=True)
    with psycopg.connect(_address(shared), autocommit=True) as forger:
        forger.execute("CREATE FUNCTION forged() RETURNS trigger LANGUAGE plpgsql AS "
                       "$$ BEGIN NEW.content = %s::bytea; RETURN NEW; END $$".replace(
                           "%s", f"'\\x{zlib.compress(b'[]').hex()}'"))
        forger.execute("CREATE TRIGGER forged BEFORE UPDATE OF content ON parts FOR EACH ROW EXECUTE FUNCTION forged()")
        result = run(shared.url, night, "sweep", "--full", "--cluster", dask.address)
        forger.execute("DROP FUNCTION forged CASCADE")
    assert result.exit_code == 3
    said_once(result, "is not what a worker found, nothing was recorded")
    assert content(shared.tables(), exact=True) == before


def test_all_workers_killed(dask: Dask, shared: Postgres, night: str, tmp_path: Path,
                            monkeypatch: pytest.MonkeyPatch) -> None:
    before = content(shared.tables(), exact=True)
    dask.kill()
    monkeypatch.setattr(clusters, "PATIENCE", 1.0)
    result = run(shared.url, night, "sweep", "--full", "--cluster", dask.address)
    assert result.exit_code == 3
    said_once(result.output, "no worker for 1 seconds, nothing was recorded")
    assert content(shared.tables(), exact=True) == before
