"""Operators on both kinds of database: kept as the journal tells, and changed by one at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from engine import operator_changes, operator_store
from engine.guard import Acting, Guard, allowed, guarded
from engine.operators import NotAllowed
from engine.tokens import Token
from engine.verification import mismatches
from facts.errors import BadInput
from facts.store import journal
from facts.store.database import open_database, reading, writing
from tests.crash.victims import Victim, at_once
from tests.store.rows import NOW


def given(url: str, token: str = "") -> dict[str, str]:
    """What a process of the program is told by its environment."""
    return {"ZHIBEN_DB": url, "ZHIBEN_TOKEN": token, "XDG_CONFIG_HOME": "/nowhere"}


def sound(engine: Engine) -> bool:
    with reading(engine) as connection:
        return not list(mismatches(connection))


def standing(engine: Engine) -> dict[str, str | None]:
    with reading(engine) as connection:
        return {name: each.role for name, each in operator_store.standing(operator_store.rows(connection)).items()}


def kinds(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return [seal.kind for seal in journal.seals(connection)]


@pytest.fixture
def admin(engine: Engine) -> Token:
    """The token of 甲, who is the only operator."""
    made: list[Token] = []
    with writing(engine, "operators") as connection:
        operator_changes.add(connection, "甲", "admin", NOW, made.append)
    return made[0]


def test_of_several_first_admins_one_wins_and_the_others_are_told(url: str, tmp_path: Path) -> None:
    """On a database that is not there yet either."""
    names = ["甲", "乙", "丙", "丁"]
    ended = at_once([("operators", "add", name, "--role", "admin") for name in names], given(url), tmp_path)
    assert sorted(status for status, *_ in ended) == [0, 3, 3, 3], ended
    assert [out.startswith("zb1_") for status, out, _ in ended if status == 0] == [True]
    for status, out, err in ended:
        if status:
            assert out == ""
            assert len(err.splitlines()) == 1
            assert "token" in err
    engine = open_database(url)
    winner = names[[status for status, *_ in ended].index(0)]
    assert standing(engine) == {winner: "admin"}
    assert kinds(engine).count("operator") == 1
    assert kinds(engine).count("refused") == 3
    assert sound(engine)
    engine.dispose()


def test_the_same_name_at_once_is_taken_once(engine: Engine, admin: Token, tmp_path: Path) -> None:
    address = engine.url.render_as_string(hide_password=False)
    ended = at_once([("operators", "add", "乙", "--role", "viewer")] * 3, given(address, admin.written()), tmp_path)
    assert sorted(status for status, *_ in ended) == [0, 2, 2], ended
    assert standing(engine) == {"甲": "admin", "乙": "viewer"}
    assert sound(engine)


def test_two_admins_who_remove_each_other_leave_one(engine: Engine, admin: Token, tmp_path: Path) -> None:
    others: list[Token] = []
    with writing(engine, "operators") as connection:
        operator_changes.add(connection, "乙", "admin", NOW, others.append)
    address = engine.url.render_as_string(hide_password=False)
    with (Victim(("operators", "remove", "乙"), given(address, admin.written()), tmp_path) as one,
          Victim(("operators", "remove", "甲"), given(address, others[0].written()), tmp_path) as other):
        ended = [(run.wait(), run.said()) for run in (one, other)]
    assert sorted(status for status, _ in ended) == [0, 3], ended
    assert len(standing(engine)) == 1
    assert sound(engine)


@pytest.mark.parametrize("change", [
    "UPDATE operators SET role = 'admin' WHERE name = '乙'", "UPDATE operators SET name = '丙' WHERE name = '乙'",
    "UPDATE operators SET place = 2 WHERE name = '乙'", "UPDATE operators SET token_id = 'x' WHERE name = '乙'",
    "UPDATE operators SET token_hash = 'x' WHERE name = '乙'", "UPDATE operators SET token_hash = NULL",
    "DELETE FROM operators", "UPDATE seals SET said = replace(said, 'viewer', 'admin')",
])
def test_a_row_changed_by_hand_is_named_and_counts_for_nothing(engine: Engine, admin: Token, change: str,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    with writing(engine, "operators") as connection:
        operator_changes.add(connection, "乙", "viewer", NOW, lambda token: None)
    assert sound(engine)
    with engine.begin() as connection:
        connection.execute(text(change))
    with reading(engine) as connection:
        places = [each.place for each in mismatches(connection)]
    assert any(place.startswith(("operators", "seals")) for place in places)
    monkeypatch.setenv("ZHIBEN_TOKEN", admin.written())
    with pytest.raises(NotAllowed, match="not what the journal recorded"):
        allowed(engine, "operators", None)


def test_nothing_is_written_once_operators_are_named(engine: Engine) -> None:
    """By somebody who was believed when his command began."""
    guard = Guard()
    guard.acting = allowed(engine, "undo", "李四")
    assert guard.acting == Acting("undo", "李四")
    with writing(engine, "operators") as connection:
        operator_changes.add(connection, "甲", "admin", NOW, lambda token: None)
    with (pytest.raises(NotAllowed, match="meanwhile"), writing(guarded(engine, guard)) as connection,
          journal.sealed(connection, "undo", NOW, {}, author="李四")):
        pass
    assert kinds(engine) == ["operator"]


def test_rows_are_only_added(engine: Engine, admin: Token) -> None:
    del admin
    with writing(engine, "operators") as connection:
        operator_changes.add(connection, "乙", "viewer", NOW, lambda token: None)
        operator_changes.set_role(connection, "乙", "approver", NOW)
        operator_changes.renew(connection, "乙", NOW, lambda token: None)
        operator_changes.remove(connection, "乙", NOW)
        with pytest.raises(BadInput, match="never used again"):
            operator_changes.add(connection, "乙", "viewer", NOW, lambda token: None)
    with reading(engine) as connection:
        rows = [each for each in operator_store.rows(connection) if each.name == "乙"]
    assert [(each.place, each.role) for each in rows] == [(1, "viewer"), (2, "approver"), (3, "approver"), (4, None)]
    assert rows[0].token_id == rows[1].token_id != rows[2].token_id
    assert (rows[3].token_id, rows[3].token_hash) == (None, None)
    assert sound(engine)


def test_a_token_that_could_not_be_handed_over_was_never_made(engine: Engine, admin: Token) -> None:
    del admin
    before = kinds(engine)

    def lost(token: Token) -> None:
        raise OSError(28, "No space left on device")

    for change in (lambda c: operator_changes.add(c, "乙", "viewer", NOW, lost),
                   lambda c: operator_changes.renew(c, "甲", NOW, lost)):
        with pytest.raises(OSError, match="No space"), writing(engine, "operators") as connection:
            change(connection)
    assert kinds(engine) == before
