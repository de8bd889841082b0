"""Naming operators and changing them; what somebody changes in the table by hand counts for nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.cli.ledger import ACCIDENT, RESTAURANT
from tests.operators.conftest import NAMES, Office, call

_ENDS = ("waive", "end", "1", "--reason", "来电")


def change(office: Office, *statements: str) -> None:
    with closing(sqlite3.connect(office.file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_until_somebody_is_named_everybody_is_believed(nobody: Office) -> None:
    assert nobody.json("operators", "list") == {"operators": []}
    assert "--by" in nobody.run(*_ENDS, code=2).stderr
    # A token that nobody asked for does not matter.
    nobody.run(*_ENDS, "--by", "李四", ZHIBEN_TOKEN="rubbish")
    assert (nobody.seals[-1]["author"], nobody.seals[-1]["said"]["author_by"]) == ("李四", "said")


def test_the_first_is_an_admin_and_the_last_admin_stays(nobody: Office) -> None:
    before = nobody.seals
    for role in ("viewer", "inspector", "author", "approver"):
        assert "admin" in nobody.run("operators", "add", "甲", "--role", role, code=2).stderr
    assert nobody.seals == before
    token = nobody.run("operators", "add", "甲", "--role", "admin").stdout.strip()
    for words in (("remove", "甲"), ("role", "甲", "approver")):
        assert "only admin" in nobody.run("operators", *words, code=2, ZHIBEN_TOKEN=token).stderr
    other = nobody.run("operators", "add", "乙", "--role", "admin", ZHIBEN_TOKEN=token).stdout.strip()
    nobody.run("operators", "remove", "甲", ZHIBEN_TOKEN=token)
    nobody.run("operators", "role", "乙", "viewer", ZHIBEN_TOKEN=token, code=3)
    assert "only admin" in nobody.run("operators", "role", "乙", "viewer", ZHIBEN_TOKEN=other, code=2).stderr
    assert [each["name"] for each in nobody.json("operators", "list")["operators"]] == ["乙"]
    assert [(each["name"], each["role"]) for each in nobody.json("operators", "list", "--all")["operators"]] == [
        ("乙", "admin"), ("甲", None)]


def test_names_are_never_used_again_nor_ones_that_look_the_same(office: Office) -> None:
    office.run("operators", "add", "Zhang San", "--role", "viewer", role="admin")
    office.run("operators", "remove", NAMES["viewer"], role="admin")
    for name in (NAMES["viewer"], NAMES["admin"], " ".join(NAMES["admin"]), "zhang san", "ＺＨＡＮＧ　ＳＡＮ",
                 " Zhang  San "):
        said = office.run("operators", "add", name, "--role", "viewer", role="admin", code=2).stderr
        assert "never used again" in said
    for name in ("", " ", "……", "x" * 61, "a\u202eb", "a\u200bb", "a\x1b[31mb", "a\x00b"):
        office.run("operators", "add", name, "--role", "viewer", role="admin", code=2)
    for words in (("remove", "没有"), ("role", NAMES["viewer"], "author"), ("token", NAMES["viewer"]),
                  ("role", NAMES["author"], "author"), ("role", NAMES["author"], "king")):
        assert office.run("operators", *words, role="admin", code=2).stdout == ""
    assert office.run("verify").exit_code == 0


def test_a_role_that_is_changed_counts_at_once_and_the_token_stays(office: Office) -> None:
    office.run(*_ENDS, role="viewer", code=3)
    office.run("operators", "role", NAMES["viewer"], "approver", role="admin")
    office.run(*_ENDS, role="viewer")


def test_operators_can_be_named_before_anything_is_imported(nobody: Office) -> None:
    nobody.file.unlink()
    assert "no database yet" in nobody.run("operators", "remove", "甲", code=2).stderr
    token = nobody.run("operators", "add", "甲", "--role", "admin").stdout.strip()
    nobody.run("import", str(nobody.folder / "ledger"), code=3)
    nobody.run("import", str(nobody.folder / "ledger"), ZHIBEN_TOKEN=token)
    assert [each["kind"] for each in nobody.seals] == ["operator", "refused", "import"]
    nobody.run("verify")


_COPY = "INSERT INTO operators SELECT {}, token_id, token_hash, {} FROM operators WHERE name = '观一'"
#: What somebody could try who can write to the database's file.
_FORGERIES = {
    "made himself admin": ["UPDATE operators SET role = 'admin' WHERE name = '观一'"],
    "an admin of his own": [_COPY.format("'黑客', 1, 'admin'", 999)],
    "a further row": [_COPY.format("name, 2, 'admin'", 998)],
    "his token for another": [f"UPDATE operators SET {column} = (SELECT {column} FROM operators WHERE name = '观一') "
                              "WHERE name = '管五'" for column in ("token_id", "token_hash")],
    "another hash": ["UPDATE operators SET token_hash = token_hash || 'x' WHERE name = '批四'"],
    "another token": ["UPDATE operators SET token_id = 'aaaaaaaaaa' WHERE name = '批四'"],
    "another name": ["UPDATE operators SET name = '批四四' WHERE name = '批四'"],
    "another seal": ["UPDATE operators SET seal = 997 WHERE name = '批四'"],
    "another place": ["UPDATE operators SET place = 7 WHERE name = '批四'"],
    "everybody gone": ["DELETE FROM operators"],
    "one gone": ["DELETE FROM operators WHERE name = '管五'"],
    "no table": ["DROP TABLE operators"],
    "no role": ["UPDATE operators SET role = NULL WHERE name = '管五'"],
    "a seal gone": ["DELETE FROM seals WHERE kind = 'operator'"],
    "a seal changed": ["UPDATE seals SET said = replace(said, 'viewer', 'admin') WHERE kind = 'operator'",
                       "UPDATE operators SET role = 'admin' WHERE name = '观一'"],
    "another kind of seal": ["UPDATE seals SET kind = 'sweep' WHERE kind = 'operator'", "DELETE FROM operators"],
}


@pytest.mark.parametrize("what", _FORGERIES)
def test_whoever_changes_the_table_is_seen(office: Office, what: str) -> None:
    change(office, *_FORGERIES[what])
    found = office.run("verify", "--all", code=1).stdout
    assert any(line.startswith(("operators", "seals")) for line in found.splitlines())
    if what in ("a seal changed", "another kind of seal"):
        # These hold together by themselves; only the chain of hashes tells.
        return
    for role in ("viewer", "admin", ""):
        said = office.run(*_ENDS, "--by", "观一", role=role, code=3).stderr
        assert "not what the journal recorded" in said
    assert office.json("waivers")["waivers"][0]["state"] == "in_force"
    if what != "a seal gone":
        assert {(each["kind"], each["said"]["why"]) for each in office.seals[-3:]} == {("refused", "operators changed")}


def test_somebody_who_was_removed_does_not_come_back(office: Office) -> None:
    office.run("operators", "remove", NAMES["approver"], role="admin")
    change(office, "DELETE FROM operators WHERE name = '批四' AND place = 2")
    assert "operators 批四 2: the row is gone" in office.run("verify", code=1).stdout
    office.run(*_ENDS, role="approver", code=3)


def test_a_database_from_before_there_were_operators(nobody: Office) -> None:
    # Its seals tell of horizons already: these are put by.
    change(nobody, "CREATE TABLE kept AS SELECT * FROM horizons", "DROP TABLE operators", "DROP TABLE leases",
           "DROP TABLE runs", "DROP TABLE jobs", "DROP TABLE parts", "DROP TABLE shared_sweeps", "DROP TABLE horizons",
           "CREATE INDEX ix_obligations_due_on ON obligations (due_on)",
           "CREATE INDEX ix_steps_issued_on ON steps (issued_on)", "UPDATE alembic_version SET version_num = '0007'")
    assert "db upgrade" in nobody.run(*_ENDS, "--by", "李四", code=3).stderr
    nobody.run("db", "upgrade")
    change(nobody, "INSERT INTO horizons SELECT * FROM kept", "DROP TABLE kept")
    nobody.run("verify")
    nobody.run(*_ENDS, "--by", "李四")
    nobody.run("waive", ACCIDENT, "evacuation_drill", "--to", "2025-12-31", "--by", "李四", "--reason", "x")
    nobody.run("import", str(nobody.folder / "wrong"))
    nobody.run("import", "undo", "2")
    assert nobody.seals[-1]["author"] is None
    assert call(nobody.folder, "waive", RESTAURANT, "no_duty").exit_code == 2


def test_a_surge_takes_an_approver_and_so_does_a_looser_guard(office: Office) -> None:
    for day, words in (("22", ("--allow-surge",)), ("23", ("--surge-share", "100"))):
        for role in ("inspector", "author", ""):
            office.run("sweep", *words, role=role, code=3)
        office.run("sweep", *words, "--workers", "1", role="approver", now=f"2025-01-{day}T09:00")
        assert (office.seals[-1]["kind"], office.seals[-1]["author"]) == ("sweep", NAMES["approver"])
    office.run("sweep", ZHIBEN_SURGE_SHARE="100", code=3)
    office.run("sweep", "--by", "谁", code=2)
    before = len(office.seals)
    office.run("sweep", "--full", "--surge-share", "1", "--workers", "1", role="viewer")
    assert [each["author"] for each in office.seals[before:]] in ([None], [])


def test_a_backup_over_a_database_takes_its_admin(office: Office) -> None:
    backup = office.folder / "backup.db"
    office.run("db", "backup", str(backup))
    for role in ("approver", "viewer", ""):
        office.run("db", "restore", str(backup), "--force", role=role, code=3)
    office.run("db", "restore", str(backup), "--force", role="admin")
    # Where nothing is yet there is nobody to ask, and nobody gains anything: the operators come with the backup.
    other = f"sqlite:///{office.folder / 'other.db'}"
    office.run("db", "restore", str(backup), ZHIBEN_DB=other)
    office.run(*_ENDS, ZHIBEN_DB=other, code=3)
    office.run(*_ENDS, ZHIBEN_DB=other, role="approver")


def test_a_backup_over_an_older_schema_takes_its_admin_too(office: Office) -> None:
    backup = office.folder / "backup.db"
    office.run("db", "backup", str(backup))
    for number in ("0008", "9999"):
        change(office, f"UPDATE alembic_version SET version_num = '{number}'")
        office.run("db", "restore", str(backup), "--force", role="approver", code=3)
    assert office.file.exists()
