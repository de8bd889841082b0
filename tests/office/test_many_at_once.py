"""An office works on one database: nothing that was acknowledged is lost or there twice, and nobody waits for ever.

``ZHIBEN_SOAK_SECONDS`` says for how long they work; by default a few seconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, select, text

from engine.case_store import StoredDecision
from engine.cli import main
from engine.letter_store import StoredDelivery, StoredLetter, StoredLetterItem
from engine.outcomes import StoredObligation, StoredRecommendation, StoredViolation
from engine.waiver_store import StoredWaiver, WaiverEnding
from facts.store.database import open_database, reading
from facts.store.tables import TABLES, Revision
from tests.cli.ledger import code
from tests.databases import BOTH
from tests.office.clerks import (
    COLUMNS,
    DAY,
    ENVIRONMENT,
    PRESENT,
    SHARED,
    enterprise,
    first_number,
    waiving,
    write,
)

DATABASES = BOTH
SECONDS = float(os.environ.get("ZHIBEN_SOAK_SECONDS", 0))
#: By default, and who is at work then: more on a server than SQLite is made for.
SHORT = {"sqlite": 3, "postgresql": 5}
AT_WORK = {
    "sqlite": ("imports1", "sweeps1", "asks1", "waives1", "decides1", "decides2", "sends1"),
    "postgresql": ("imports1", "imports2", "sweeps1", "sweeps2", "asks1", "waives1", "waives2", "decides1", "decides2",
                   "sends1", "sends2"),
}


def call(url: str, *words: str) -> str:
    result = CliRunner().invoke(main, words, env={**ENVIRONMENT, "ZHIBEN_DB": url})
    assert result.exit_code == 0, (words, result.output, result.exception)
    return result.stdout


@pytest.fixture(scope="session")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Restaurants that had an accident and missed their drills, swept once."""
    folder = tmp_path_factory.mktemp("beginning")
    accidents = [["accident_id", "uscc", "occurred_on", "deaths", "responsible", "penalized_on"],
                 *([f"SG-{n}", code(n), "2024-05-05", 4, "是", "2024-08-01"] for n in PRESENT)]
    ledger = write(folder / "ledger", enterprises=[COLUMNS, *map(enterprise, PRESENT)], accidents=accidents)
    url = f"sqlite:///{folder / 'zhiben.db'}"
    call(url, "import", ledger)
    call(url, "sweep", "--as-of", DAY, "--workers", "1")
    return folder / "zhiben.db"


@pytest.fixture
def office(beginning: Path, backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The database they work on."""
    if backend == "postgresql":
        with request.getfixturevalue("server").database(beginning) as url:
            yield url
        return
    (tmp_path / "zhiben.db").write_bytes(beginning.read_bytes())
    yield f"sqlite:///{tmp_path / 'zhiben.db'}"


def rows(engine: Engine, question: Any) -> list[tuple[Any, ...]]:
    with reading(engine) as connection:
        return sorted(map(tuple, connection.execute(question)), key=repr)


def stated(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """What the ledger says now, sheet by sheet."""
    return {name: rows(engine, select(*(model.table().c[each] for each in model.names()))
                       .where(model.table().c.removed_in.is_(None))) for name, model in TABLES.items()}


def concluded(engine: Engine) -> list[list[tuple[Any, ...]]]:
    """What the last sweep found of everybody.

    A violation that was withdrawn stays as it was last found, which hangs on the sweeps that there were in between.
    """
    found = [rows(engine, select(*(model.table().c[each] for each in (*model.identity, *model.says))))
             for model in (StoredObligation, StoredViolation, StoredRecommendation)]
    last = len(StoredViolation.identity) + 1
    found[1] = [row[:last] if "withdrawn" in row else row for row in found[1]]
    return found


def test_all_that_was_acknowledged_is_there_once(office: str, beginning: Path, backend: str, tmp_path: Path,
                                                  record_property: Any) -> None:
    clerks = AT_WORK[backend]
    folder = tmp_path / "office"
    folder.mkdir()
    done = subprocess.run([sys.executable, "-m", "tests.office.clerks", office, str(SECONDS or SHORT[backend]),
                           str(folder), *clerks], cwd=Path(__file__).parents[2], check=False, text=True,
                          capture_output=True)
    assert done.returncode == 0, (done.stderr, [each.read_text() for each in folder.glob("*.failed")])
    told = [json.loads(line) for name in clerks for line in (folder / f"{name}.jsonl").read_text().splitlines()]
    assert {each["by"] for each in told} == {*clerks}
    engine = open_database(office)

    def of(what: str) -> list[dict[str, Any]]:
        return [each for each in told if each["what"] == what]

    counts = Counter(each["what"] for each in told)
    record_property("office", {"database": backend, **counts})
    print(backend, dict(counts), {each["why"] for each in of("again")})
    assert json.loads(call(office, "verify", "--format", "json"))["sound"]

    imports, waivers, ends = of("import"), of("waive"), of("waive end")
    assert {id_ for id_, in rows(engine, select(Revision.id))} == {1, *(each["id"] for each in imports)}
    assert len({each["id"] for each in imports}) == len(imports)
    there = {row[0] for row in stated(engine)["enterprises"]}
    assert there == {code(n) for n in PRESENT} | {each["new"] for each in imports}
    shared = [(row[1], str(row[2])) for row in stated(engine)["records"] if row[0] == SHARED]
    assert sorted(shared) == sorted({tuple(each["record"]) for each in imports})
    columns = StoredWaiver.table().c
    assert rows(engine, select(columns.id, columns.uscc, columns.key, columns.author)) == sorted(
        ((each["id"], each["uscc"], each["key"], each["by"]) for each in waivers), key=repr)
    assert rows(engine, select(WaiverEnding.table().c.waiver)) == sorted(((each["id"],) for each in ends), key=repr)
    columns = StoredDecision.table().c
    assert rows(engine, select(columns.case_id, columns.kind, columns.author)) == sorted(
        ((each["case"], "rejected", each["by"]) for each in of("reject")), key=repr)
    # Each case was turned down by one, whoever else tried.
    assert len({each["case"] for each in of("reject")}) == len(of("reject"))
    columns = StoredDelivery.table().c
    assert rows(engine, select(columns.number, columns.place, columns.sent_by)) == sorted(
        ((each["number"], 1, each["by"]) for each in of("sent")), key=repr)
    numbers = [serial for serial, in rows(engine, select(StoredLetter.table().c.serial))]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    columns = StoredLetterItem.table().c
    matters = rows(engine, select(columns.uscc, columns.duty, columns.key, columns.ladder, columns.level))
    assert len({*matters}) == len(matters) > 0

    if backend == "postgresql":
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
                                     ) == 0
    afterwards = _one_after_the_other(beginning, tmp_path, told)
    call(office, "sweep", "--as-of", DAY, "--workers", "1")
    assert stated(engine) == stated(afterwards)
    assert concluded(engine) == concluded(afterwards)
    assert json.loads(call(office, "verify", "--format", "json"))["sound"]
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(StoredViolation.table())) > 0
    engine.dispose()
    afterwards.dispose()


def _one_after_the_other(beginning: Path, folder: Path, told: list[dict[str, Any]]) -> Engine:
    """The same done by one person in peace."""
    (folder / "peace.db").write_bytes(beginning.read_bytes())
    url = f"sqlite:///{folder / 'peace.db'}"
    for each in sorted((each for each in told if each["what"] == "import"), key=lambda each: each["id"]):
        call(url, "import", each["ledger"])
    ended = {each["id"]: each["by"] for each in told if each["what"] == "waive end"}
    for each in sorted((each for each in told if each["what"] == "waive"), key=lambda each: each["id"]):
        said = call(url, *waiving(each["uscc"], each["key"], each["by"]))
        if each["id"] in ended:
            call(url, "waive", "end", first_number(said), "--reason", "复业", "--by", ended[each["id"]])
    for each in told:
        if each["what"] == "reject":
            call(url, "case", "reject", each["case"], "--by", each["by"], "--reason", "不属实")
    call(url, "sweep", "--as-of", DAY, "--workers", "1")
    return open_database(url)
