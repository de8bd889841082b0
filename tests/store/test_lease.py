"""Leases: one holds, the others wait; who is dead or silent is replaced, and cannot write afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine

from engine.lease import Holding, LeaseHeld, LeaseLost, StoredLease, held, looked_at, silence
from facts.errors import BadInput
from facts.store.database import writing
from tests.store.rows import NOW

#: Takes the lease, says so, and then does what it is told, line by line.
HOLDER = """
import sys
from datetime import UTC, datetime
from engine.lease import held
from facts.store.database import open_database, writing
engine = open_database(sys.argv[1])
with held(engine, "sweep", lambda: datetime.now(UTC)) as lease:
    print("held", lease.fence, flush=True)
    for line in sys.stdin:
        if line == "end\\n":
            break
        with writing(engine, "outcomes") as connection:
            try:
                lease.check(connection)
                print("still", flush=True)
            except Exception as error:
                print(type(error).__name__, flush=True)
"""


@contextmanager
def another(engine: Engine, **env: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lease."""
    url = engine.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", HOLDER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **env}) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("held")
        yield process
        process.kill()


def asked(process: subprocess.Popen[str]) -> str:
    """Whether it still may write."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("check\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def now() -> object:
    return NOW


def test_one_after_the_other(engine: Engine) -> None:
    fences = []
    for _ in range(3):
        with held(engine, "sweep", now) as lease:
            fences.append(lease.fence)
            standing = looked_at(engine, "sweep")
            assert standing is not None
            assert standing.holder == lease.holder
        standing = looked_at(engine, "sweep")
        assert standing is not None
        assert standing.holder is None
    assert fences == [1, 2, 3]


def test_who_does_not_wait_is_told_who_holds_it(engine: Engine) -> None:
    with another(engine) as process:
        with pytest.raises(LeaseHeld, match=f", {process.pid}"), held(engine, "sweep", now, wait=False):
            pytest.fail("held twice")
        assert asked(process) == "still"


def test_the_same_fence_of_another_process_is_not_its_own(engine: Engine) -> None:
    """As after a backup was put back."""
    with held(engine, "sweep", now) as lease:
        with writing(engine, "leases") as connection:
            connection.execute(StoredLease.table().update().values(place="elsewhere", process="1 1"))
        with pytest.raises(LeaseLost), writing(engine, "outcomes") as connection:
            lease.check(connection)


def test_who_waits_gets_it_when_it_is_given_back(engine: Engine) -> None:
    told: list[Holding] = []

    def waiting(other: Holding) -> None:
        told.append(other)
        assert process.stdin is not None
        process.stdin.write("end\n")
        process.stdin.flush()

    with another(engine) as process, held(engine, "sweep", now, waiting=waiting) as lease:
        assert lease.fence == 2
    assert [each.fence for each in told] == [1]


def test_of_a_process_that_was_killed_it_is_taken_at_once(engine: Engine) -> None:
    with another(engine) as process:
        process.kill()
        process.wait()
        begun = monotonic()
        with held(engine, "sweep", now, wait=False) as lease:
            assert lease.fence == 2
        assert monotonic() - begun < 10


def test_of_a_machine_that_is_gone_it_is_taken_after_a_silence(
        engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBEN_LEASE_SECONDS", "2")
    with writing(engine, "leases") as connection:
        connection.execute(StoredLease.table().insert().values(
            name="sweep", fence=7, beats=3, place="elsewhere", process="1 1", holder="host9, 1", taken_at=NOW))
    begun = monotonic()
    with held(engine, "sweep", now) as lease:
        assert lease.fence == 8
        assert monotonic() - begun >= 2


@pytest.mark.parametrize("given", ["x", "0", "-5", "nan", "99999999999999999999", ""])
def test_a_silence_that_is_no_time(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBEN_LEASE_SECONDS", given)
    with pytest.raises(BadInput, match="ZHIBEN_LEASE_SECONDS"):
        silence()


def test_one_that_beats_is_waited_for(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBEN_LEASE_SECONDS", "1")
    with another(engine, ZHIBEN_LEASE_SECONDS="1") as process:
        taken = threading.Event()

        def wait() -> None:
            with held(engine, "sweep", now):
                taken.set()

        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not taken.wait(2.5)
        assert asked(process) == "still"
        process.kill()
        waiting.join(20)
        assert taken.is_set()


def test_a_paused_holder_that_wakes_up_cannot_write(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBEN_LEASE_SECONDS", "1")
    with another(engine, ZHIBEN_LEASE_SECONDS="1") as process:
        os.kill(process.pid, signal.SIGSTOP)
        with held(engine, "sweep", now) as lease:
            assert lease.fence == 2
            os.kill(process.pid, signal.SIGCONT)
            assert asked(process) == "LeaseLost"
            with writing(engine, "outcomes") as connection:
                lease.check(connection)
            # Its beats, and its giving back, are those of the former fence and harm nobody.
            assert process.stdin is not None
            process.stdin.write("end\n")
            process.stdin.flush()
            process.wait()
            sleep(1)
            standing = looked_at(engine, "sweep")
            assert standing is not None
            assert (standing.fence, standing.holder) == (2, lease.holder)


def test_nobody_takes_it_from_who_is_writing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facts.store.database.PATIENCE", 0.3)
    monkeypatch.setenv("ZHIBEN_LEASE_SECONDS", "1")
    with held(engine, "sweep", now) as lease:
        lease._over.set()  # it beats no more, as if paused
        lease._beating.join()
        with writing(engine, "outcomes") as connection:
            lease.check(connection)
            taken = threading.Event()

            def take() -> None:
                with held(engine, "sweep", now):
                    taken.set()

            other = threading.Thread(target=take)
            other.start()
            assert not taken.wait(2.5)
            lease.check(connection)
        assert taken.wait(20)
        other.join()
        with pytest.raises(LeaseLost), writing(engine, "outcomes") as connection:
            lease.check(connection)
