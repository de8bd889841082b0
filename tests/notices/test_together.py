"""Two people at once: whoever comes second is told, and nothing is numbered or sent twice."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from engine.cli import notices as command
from engine.clock import SHANGHAI
from engine.letter_fates import Refused, Sending, record_sent
from engine.letter_store import letters
from engine.notices import Wanted, enter, plan
from engine.packs import load_rulebook
from facts.errors import CouldNotBeDone
from facts.store.database import open_database
from tests.cli.conftest import Run
from tests.crash.victims import at_once
from tests.databases import BOTH, here
from tests.notices.conftest import DAY, PACKS

DATABASES = BOTH
pytestmark = pytest.mark.usefixtures("swept")

NOW = datetime(2025, 3, 20, 9, tzinfo=SHANGHAI)


def test_of_two_plans_the_second_is_not_entered() -> None:
    engine, rulebook = open_database(here()), load_rulebook([PACKS])
    one = plan(engine, rulebook, Wanted(date.fromisoformat(DAY)))
    other = plan(engine, rulebook, Wanted(date.fromisoformat(DAY)))
    enter(engine, one, NOW)
    with pytest.raises(CouldNotBeDone, match="letters"):
        enter(engine, other, NOW)
    assert [each.number for each in letters(engine)] == [draft.letter.number for draft in one.drafts]
    enter(engine, plan(engine, rulebook, Wanted(date.fromisoformat(DAY))), NOW)
    assert len(letters(engine)) == len(one.drafts)


def test_a_waiver_entered_meanwhile_is_taken_account_of(run: Run) -> None:
    engine, rulebook = open_database(here()), load_rulebook([PACKS])
    made = plan(engine, rulebook, Wanted(date.fromisoformat(DAY)))
    run("waive", made.new[0].uscc, "evacuation_drill", "--to", "2025-12-31", "--reason", "停业", "--by", "张三")
    with pytest.raises(CouldNotBeDone) as caught:
        enter(engine, made, NOW)
    assert "张三" in caught.value.message.zh
    assert letters(engine) == []


def test_of_two_who_write_at_once_the_second_writes_nothing(run: Run, swept: Path,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    write_register = command.write_register

    def overtaken(*words: object) -> None:
        monkeypatch.setattr(command, "write_register", write_register)
        run("notices", "-o", "one")
        write_register(*words)

    monkeypatch.setattr(command, "write_register", overtaken)
    assert "请重新运行" in run("notices", "-o", "two", code=3).stderr
    assert sorted(each.name for each in swept.iterdir() if each.is_dir()) == ["one"]
    found = letters(open_database(here()))
    assert [each.number.serial for each in found] == list(range(1, 9))
    assert len({matter.identity for each in found for matter in each.matters}) == sum(
        len(each.matters) for each in found)


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
