"""A connection is cut, or the server dies, in the middle of the work: that is said, and the next run ends right."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.crash.cluster import Cluster, why_not
from tests.crash.contents import content
from tests.crash.databases import Postgres
from tests.crash.deeds import LATER, Deed, Stages, done, run
from tests.crash.disks import small_disk
from tests.crash.messages import refused, said_once
from tests.crash.victims import Victim
from tests.databases import Server

LOST = "the connection to the database was lost"


def begun(database: Postgres, deed: Deed, folder: Path) -> Victim:
    """The deed, as soon as it is inside a transaction that writes."""
    victim = Victim(deed.called(folder), deed.settings(database.url), folder)
    while not (victim.ended or database.written()):
        time.sleep(0.0005)
    return victim


@pytest.mark.parametrize("name", ["import, new", "import", "sweep", "db upgrade"])
def test_a_connection_that_is_cut(on_postgresql: Stages, folder: Path, name: str) -> None:
    deed = on_postgresql.deed(name)
    calm, cut = on_postgresql.copy(deed.start), on_postgresql.copy(deed.start)
    assert isinstance(cut, Postgres)
    done(calm.url, deed.at, *deed.called(folder))
    with begun(cut, deed, folder) as victim:
        assert cut.cut() > 0
        assert victim.wait() == 3, victim.said()
        said_once(victim.said(), LOST)
        assert str(make_url(cut.url).database) in victim.said()
    assert deed.next_run(cut.url, folder).exit_code == 0
    assert content(cut.tables(), exact=False) == content(calm.tables(), exact=False)
    assert run(cut.url, LATER, "verify", "--all").exit_code == 0
    for database in (calm, cut):
        database.drop()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A server that may be killed."""
    if reason := why_not():
        pytest.skip(reason)
    with Cluster() as made:
        yield made


def test_a_server_that_is_killed(cluster: Cluster, folder: Path) -> None:
    assert {cluster.setting(name) for name in ("fsync", "full_page_writes", "synchronous_commit")} == {"on"}
    server = Server(cluster.url)
    stages = Stages(Postgres(server), folder / "stages")
    deed = stages.deed("import")
    calm, struck = stages.copy(deed.start), stages.copy(deed.start)
    assert isinstance(struck, Postgres)
    done(calm.url, deed.at, *deed.called(folder))
    before, after = (content(each.tables(), exact=False) for each in (struck, calm))
    with begun(struck, deed, folder) as victim:
        cluster.kill()
        assert victim.wait() == 3, victim.said()
        said_once(victim.said(), LOST)
    refused = run(struck.url, LATER, "verify")
    assert refused.exit_code == 3
    said_once(refused.output, "cannot be opened or reached")
    cluster.start()
    assert content(struck.tables(), exact=False) == before
    assert run(struck.url, LATER, "verify", "--all").exit_code == 0
    assert deed.next_run(struck.url, folder).exit_code == 0
    assert content(struck.tables(), exact=False) == after
    assert run(struck.url, LATER, "verify", "--all").exit_code == 0
    # What was said to be done stands, though the server dies at once.
    cluster.kill()
    cluster.start()
    assert content(struck.tables(), exact=False) == after


def test_a_server_that_is_stopped(cluster: Cluster, folder: Path) -> None:
    server = Server(cluster.url)
    stages = Stages(Postgres(server), folder / "stages")
    database = stages.copy("imported")
    cluster.stop("fast")
    for words in (("sweep",), ("verify",), ("import", str(stages.late))):
        refused = run(database.url, LATER, *words)
        assert refused.exit_code == 3
        said_once(refused.output, "whether the server runs")
    cluster.start()
    assert run(database.url, LATER, "verify", "--all").exit_code == 0


def test_a_server_without_room(cluster: Cluster, folder: Path) -> None:
    server = Server(cluster.url)
    stages = Stages(Postgres(server), folder / "stages")
    deed = stages.deed("import")
    calm, struck = stages.copy(deed.start), stages.copy(deed.start)
    assert isinstance(struck, Postgres)
    done(calm.url, deed.at, *deed.called(folder))
    before = content(struck.tables(), exact=False)
    with small_disk(cluster.folder / "disk", 64) as disk:
        cluster.own(disk.folder)
        struck.move(disk.folder)
        disk.fill(but=32_768)
        refused(struck.url, deed.at, *deed.called(folder), zh="磁盘已满", en="the disk is full")
        disk.clear()
        assert content(struck.tables(), exact=False) == before
        assert run(struck.url, LATER, "verify", "--all").exit_code == 0
        done(struck.url, deed.at, *deed.called(folder))
        assert content(struck.tables(), exact=False) == content(calm.tables(), exact=False)
        assert run(struck.url, LATER, "verify", "--all").exit_code == 0
        struck.drop()
        cluster.stop("fast")
    cluster.start()
