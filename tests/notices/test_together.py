"""Two people at once: whoever comes second is told, and nothing is numbered or sent twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from engine.cli import notices as command
from engine.clock import SHANGHAI
from engine.letter_fates import Refused, Sending, record_sent
from engine.letter_store import letters
from engine.notices import Draft, Overtaken, Plan, Wanted, enter, enter_while_others_wait, plan
from engine.packs import load_rulebook
from facts.store.database import open_database
from tests.cli.conftest import Run
from tests.cli.ledger import code, write_folder
from tests.crash.victims import at_once
from tests.databases import BOTH, here
from tests.notices.conftest import DAY, DRILL, PACKS

DATABASES = BOTH
pytestmark = pytest.mark.usefixtures("swept")

NOW = datetime(2025, 3, 20, 9, tzinfo=SHANGHAI)


Again = Callable[[Engine | Connection], Plan]


@pytest.fixture
def again() -> Again:
    """Makes the plan of the day."""
    rulebook = load_rulebook([PACKS])
    return lambda source: plan(source, rulebook, Wanted(date.fromisoformat(DAY)))


def says(draft: Draft) -> Any:
    """What a letter speaks of."""
    return draft.letter.number, draft.standing, draft.judgement.name


def test_of_two_plans_the_second_is_not_entered(again: Again) -> None:
    engine = open_database(here())
    one, other = again(engine), again(engine)
    enter(engine, one, NOW, again, says)
    with pytest.raises(Overtaken, match="letters"):
        enter(engine, other, NOW, again, says)
    assert [each.number for each in letters(engine)] == [draft.letter.number for draft in one.drafts]
    enter(engine, again(engine), NOW, again, says)
    assert len(letters(engine)) == len(one.drafts)


def test_a_waiver_entered_meanwhile_is_taken_account_of(run: Run, again: Again) -> None:
    engine = open_database(here())
    made = again(engine)
    run("waive", DRILL, "evacuation_drill", "--from", "2024-01-01", "--to", "2025-12-31", "--retroactive", "录错",
        "--reason", "停业", "--by", "张三")
    with pytest.raises(Overtaken) as caught:
        enter(engine, made, NOW, again, says)
    assert "张三" in caught.value.message.zh
    assert letters(engine) == []


def test_what_changes_no_letter_is_in_nobodys_way(run: Run, again: Again, swept: Path,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_database(here())
    made = again(engine)
    new = [["uscc", "name", "registered_on", "valid_from"], [code(299), "新店", "2025-01-01", "2025-01-01"]]
    run("import", str(write_folder(swept / "new", {"enterprises": new})))
    with monkeypatch.context() as few:
        few.setattr("engine.notices._FEW", made.judged - 1)
        with pytest.raises(Overtaken):
            enter(engine, made, NOW, again, says)
    enter(engine, made, NOW, again, says)
    assert [each.number for each in letters(engine)] == [draft.letter.number for draft in made.drafts]


def interrupted(run: Run, monkeypatch: pytest.MonkeyPatch, times: int, *words: str) -> list[int]:
    """Let somebody else call the program whenever the register of letters has been written."""
    write_register, done = command.write_register, []

    def overtaken(*given: Any) -> None:
        write_register(*given)
        if len(done) < times:
            done.append(len(done))
            run(*(word.format(n=len(done)) for word in words))

    monkeypatch.setattr(command, "write_register", overtaken)
    return done


def test_of_two_who_write_at_once_the_second_writes_the_same_again(run: Run, swept: Path,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(run, monkeypatch, 1, "notices", "-o", "one")
    said = json.loads(run("notices", "-o", "two", "--format", "json").stdout)["letters"]
    assert all(each["again"] for each in said)
    one, two = ({each.name: each.read_bytes() for each in (swept / name).glob("*.docx")} for name in ("one", "two"))
    assert one.keys() == two.keys() == {each["file"] for each in said}
    found = letters(open_database(here()))
    assert [each.number.serial for each in found] == list(range(1, 9))
    assert len({matter.identity for each in found for matter in each.matters}) == sum(
        len(each.matters) for each in found)


def test_letters_that_are_not_to_be_written_any_more_are_taken_away(run: Run, swept: Path,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(run, monkeypatch, 1, "waive", DRILL, "evacuation_drill", "--from", "2024-01-01", "--to", "2025-12-31",
                "--retroactive", "录错", "--reason", "停业", "--by", "张三")
    said = json.loads(run("notices", "-o", "out", "--format", "json").stdout)["letters"]
    assert said
    assert DRILL not in {each["uscc"] for each in said}
    assert {each.name for each in (swept / "out").glob("*.docx")} == {each["file"] for each in said}
    assert [each.uscc for each in letters(open_database(here()))] == [each["uscc"] for each in said]


@pytest.fixture
def renamed(swept: Path) -> None:
    """Ledgers in which a shop has another name each time."""
    for n in range(1, 5):
        write_folder(swept / f"more{n}", {"enterprises": [
            ["uscc", "name", "division", "sectors", "registered_on", "valid_from"],
            [DRILL, f"乙商店{n}", "120102", "retail", "2020-01-01", f"2025-01-0{n}"]]})


@pytest.mark.usefixtures("renamed")
def test_who_is_overtaken_again_and_again_lets_the_others_wait(run: Run, swept: Path,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    done = interrupted(run, monkeypatch, 3, "import", "more{n}")
    said = json.loads(run("notices", "-o", "out", "--format", "json").stdout)["letters"]
    assert len(done) == 3
    assert {each["name"] for each in said if each["uscc"] == DRILL} == {"乙商店3"}
    assert {each.name for each in (swept / "out").glob("*.docx")} == {each["file"] for each in said}
    assert len(letters(open_database(here()))) == len(said)
    assert json.loads(run("verify", "--format", "json").stdout)["sound"]


@pytest.mark.usefixtures("renamed")
def test_many_letters_do_not_let_others_wait(run: Run, swept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.notices._FEW", 1)
    done = interrupted(run, monkeypatch, 4, "import", "more{n}")
    assert "请重新运行" in run("notices", "-o", "out", code=3).stderr
    assert len(done) == 3
    assert not (swept / "out").exists()
    assert letters(open_database(here())) == []


def test_nothing_is_sealed_where_nothing_is_new(run: Run, again: Again) -> None:
    run("notices", "-o", "one")
    engine = open_database(here())
    before = json.loads(run("verify", "--format", "json").stdout)["head"]
    assert enter_while_others_wait(engine, NOW, date.fromisoformat(DAY), again).new == []
    assert json.loads(run("verify", "--format", "json").stdout)["head"] == before


def test_two_processes_send_and_one_is_told_who_did(lettered: Path) -> None:
    names = ("张三", "李四")
    settings = {"ZHIBEN_DB": here(), "ZHIBEN_NOW": NOW.isoformat(), "ZHIBEN_PACKS": str(PACKS), "LANG": "zh_CN.UTF-8"}
    done = dict(zip(names, at_once([("notices", "sent", "2025-1", "--by", name) for name in names], settings, lettered),
                    strict=True))
    assert sorted(status for status, *_ in done.values()) == [0, 2]
    (first,) = [name for name, (status, *_) in done.items() if status == 0]
    (told,) = [err for status, _, err in done.values() if status == 2]
    assert f"由{first}发出" in told


@pytest.mark.usefixtures("lettered")
def test_what_is_sent_is_read_again_in_the_transaction() -> None:
    engine = open_database(here())
    record_sent(engine, ["2025-1"], Sending(NOW.date(), "张三"), NOW)
    with pytest.raises(Refused, match="张三"):
        record_sent(engine, ["2025-1", "2025-2"], Sending(NOW.date(), "李四"), NOW)
    assert [each.sent for each in letters(engine)][1] == ()
