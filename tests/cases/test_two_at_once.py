"""Two people decide on one case at the same time: one is told. Whoever decides while a sweep judges is heard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.event import listen

from engine.case_store import CaseOvertaken, cases, decisions, enter
from engine.cases import decide
from engine.clock import SHANGHAI
from engine.packs import load_rulebook
from engine.sweep import Swept, sweep
from facts.store.database import open_database, reading, writing
from facts.store.journal import entries
from facts.store.tables import metadata
from tests.cases.conftest import HEDONG, Run, called, ids
from tests.cli.ledger import write_folder
from tests.crash.victims import at_once
from tests.databases import BOTH

DATABASES = BOTH
NOW = datetime(2024, 8, 5, 9, tzinfo=SHANGHAI)


def test_two_processes_at_once(run: Run, db: str, tmp_path: Path) -> None:
    case = ids(run)["blacklist"]
    names = ("李四", "王五")
    calls = [("case", "reject", case, "--by", name, "--reason", f"{name}的理由") for name in names]
    said = dict(zip(names, at_once(calls, called("2024-08-05", db), tmp_path), strict=True))
    (winner,) = [name for name, (code, *_) in said.items() if code == 0]
    (loser,) = {*names} - {winner}
    code, _, error = said[loser]
    # Whoever looked at the case before the other had written could not do it; whoever looked later asked for too much.
    assert code in (2, 3)
    assert f"{winner}的理由" in error
    assert "Traceback" not in error
    (entered,) = decisions(open_database(db))[case]
    assert (entered.by, entered.kind) == (winner, "rejected")


@pytest.mark.parametrize("first", ["notify", "object"])
def test_whoever_has_not_seen_the_last_entry_changes_nothing(run: Run, db: str, first: str) -> None:
    id_, engine = ids(run)["blacklist"], open_database(db)
    if first == "object":
        run("case", "notify", id_, "--by", "李四", "--reason", "送达", on="2024-08-04")
    (seen,) = cases(engine, prefix=id_)
    say = {"on": NOW.date(), "reason": "事实清楚", "grounds": ({"rule": "r", "facts": []},)}
    with writing(engine, "outcomes") as connection:
        enter(connection, decide(seen, first, by="李四", **say), seen, now=NOW)
    later = decide(seen, "reject", by="王五", **say)
    with pytest.raises(CaseOvertaken, match="李四 on 2024-08-05") as told, writing(engine, "outcomes") as connection:
        enter(connection, later, seen, now=NOW)
    assert told.value.exit_code == 3
    (now,) = cases(engine, prefix=id_)
    assert [each.by for each in now.decisions][-1] == "李四"
    assert now.recorded == "notified"


def test_a_sweep_that_came_between_is_noticed(run: Run, db: str) -> None:
    id_, engine = ids(run)["blacklist"], open_database(db)
    (seen,) = cases(engine, prefix=id_)
    run("import", "undo", "1", on="2024-08-03")
    run("sweep", "--workers", "1", on="2024-08-03")
    entry = decide(seen, "reject", on=NOW.date(), by="王五", reason="事实不清")
    with pytest.raises(CaseOvertaken, match="sweep"), writing(engine, "outcomes") as connection:
        enter(connection, entry, seen, now=NOW)
    assert decisions(engine) == {}


def accident_is_void(run: Run, folder: Path) -> None:
    void = {"accidents": [["accident_id", "uscc", "void"], ["SG-1", HEDONG, "是"]]}
    run("import", str(write_folder(folder / "void", void)), on="2024-08-05")


def swept(engine: Engine, meanwhile: Callable[[], object] = lambda: None) -> Swept:
    """A sweep; ``meanwhile`` something happens, when all is judged and nothing is recorded."""
    return sweep(engine, load_rulebook(), NOW.date(), workers=1, now=lambda: NOW,
                 progress=lambda done, of: meanwhile() if done == of else None)


@pytest.mark.parametrize("full", [True, False])
def test_a_decision_while_a_sweep_judges_stands(run: Run, db: str, tmp_path: Path, full: bool) -> None:
    id_, engine = ids(run)["blacklist"], open_database(db)
    if full:
        # A claim that the ledger is complete concerns everybody.
        claim = {"coverage": [["kind", "complete_from"], ["leadership_inspection", "2024-01-01"]]}
        run("import", str(write_folder(tmp_path / "claim", claim)), on="2024-08-05")
    accident_is_void(run, tmp_path)
    (seen,) = cases(engine, prefix=id_)

    def decides() -> None:
        entry = decide(seen, "reject", on=NOW.date(), by="王五", reason="事实不清")
        with writing(engine, "outcomes") as connection:
            enter(connection, entry, seen, now=NOW)
        # SQLite lets nobody else read once a transaction has written more than it keeps in memory.
        listen(engine, "checkout", lambda *_: connections.append(engine.pool.checkedout()))

    connections: list[int] = []
    swept(engine, decides)
    assert max(connections) == 1
    (now,) = cases(engine, prefix=id_)
    assert now.recorded == "rejected"
    told = [event["kind"] for event in run("log", HEDONG, "--format", "json") if event.get("case") == id_]
    assert told == ["proposed", "rejected"]
    run("verify", on="2024-08-06")


def test_a_sweep_while_a_sweep_judges_leaves_it_nothing(run: Run, db: str, tmp_path: Path) -> None:
    engine = open_database(db)
    accident_is_void(run, tmp_path)
    between = []

    def another() -> None:
        swept(engine)
        between.append(rows(engine))

    counts = swept(engine, another).counts
    assert (counts.opened, counts.closed, counts.steps, counts.proposed) == (0, 0, 0, 0)
    assert rows(engine) == between[0]
    run("verify", on="2024-08-06")


def rows(engine: Engine) -> dict[str, list[str]]:
    """All rows of all tables."""
    with reading(engine) as connection:
        return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in metadata.sorted_tables}


def test_every_decision_is_an_event_that_says_all_of_its_row(run: Run, db: str) -> None:
    id_ = ids(run)["blacklist"]
    say = ("--by", "李四", "--reason", "事实清楚")
    run("case", "notify", id_, *say, on="2024-08-05")
    run("case", "confirm", id_, *say, "--waives-objection", "企业放弃", on="2024-08-06")
    engine = open_database(db)
    with reading(engine) as connection:
        events = [event for entry in entries(connection, HEDONG) for event in entry.events]
        stored = connection.exec_driver_sql("SELECT * FROM decisions ORDER BY place").mappings().all()
    told = [event for event in events if event["kind"] in ("notified", "confirmed") and event["case"] == id_]
    assert [(event["on"], event["place"]) for event in told] == [("2024-08-05", 1), ("2024-08-06", 2)]
    for row, event in zip(stored, told, strict=True):
        names = row.keys() - {"seal", "grounds", "competent", "assumptions"}
        assert {name: str(row[name]) for name in names} == {name: str(event[name]) for name in names}
    assert told[1]["expires_on"] == "2027-08-06"
    assert {each["key"] for each in told[1]["assumptions"]} == {"competent", "term", "removable_after"}
    assert told[1]["grounds"][0]["facts"][0]["fact"] == "accident:SG-1"
    assert run("verify", on="2024-08-07").exit_code == 0
