"""Who may do what: every command that decides, by somebody of every role and by nobody."""

from __future__ import annotations

import json

import pytest

from engine.operators import ACTIONS, ROLES
from tests.cli.ledger import ACCIDENT, RESTAURANT
from tests.operators.conftest import NAMES, Office

_WHY = ("--reason", "事实清楚")
_NOTIFIED = ("case", "notify", "{case}", *_WHY)
_OBJECTED = ("case", "object", "{case}", *_WHY)
_CONFIRMED = ("case", "confirm", "{case}", *_WHY)
_WRITTEN = ("notices", "-o", "{folder}/letters")

#: What is allowed, by action: who may besides admins, the command, what an admin has to do before, the seal it makes.
COMMANDS: dict[str, tuple[str | None, tuple[str, ...], tuple[tuple[str, ...], ...], str]] = {
    "import": ("inspector", ("import", "{folder}/late"), (), "import"),
    "letters": ("inspector", _WRITTEN, (), "letters"),
    "sent": ("inspector", ("notices", "sent", "{letter}"), (_WRITTEN,), "delivery"),
    "void": ("inspector", ("notices", "void", "{letter}", *_WHY), (_WRITTEN,), "letter_void"),
    "notify": ("inspector", _NOTIFIED, (), "case"),
    "object": ("inspector", _OBJECTED, (_NOTIFIED,), "case"),
    "undo": ("approver", ("import", "undo", "2"), (), "undo"),
    "waive": ("approver", ("waive", ACCIDENT, "evacuation_drill", "--to", "2025-12-31", *_WHY), (), "waiver"),
    "end_waiver": ("approver", ("waive", "end", "1", *_WHY), (), "waiver_ended"),
    "confirm": ("approver", _CONFIRMED, (_NOTIFIED, _OBJECTED), "case"),
    "reject": ("approver", ("case", "reject", "{case}", *_WHY), (), "case"),
    "lift": ("approver", ("case", "lift", "{case}", "--early", *_WHY), (_NOTIFIED, _OBJECTED, _CONFIRMED), "case"),
    "revoke": ("approver", ("case", "revoke", "{case}", *_WHY), (_NOTIFIED, _OBJECTED, _CONFIRMED), "case"),
    "operators": (None, ("operators", "add", "新六", "--role", "viewer"), (), "operator"),
}
#: Tested elsewhere, or asked for by the program itself.
_OTHERS = {"allow_surge", "restore", "hash_anew"}
_LATE = "uscc,kind,date\n" + f"{RESTAURANT},evacuation_drill,2025-01-10\n"


def prepared(office: Office, action: str) -> list[str]:
    """The words of a command, all that it needs done by an admin."""
    _, words, before, _ = COMMANDS[action]
    (office.folder / "late").mkdir()
    (office.folder / "late" / "records.csv").write_text(_LATE)
    for each in before:
        office.run(*office.fill(each), role="admin")
    return office.fill(words)


def test_every_action_is_tried() -> None:
    assert COMMANDS.keys() | _OTHERS == ACTIONS.keys()
    assert NAMES.keys() == ROLES.keys()
    for action, (role, *_) in COMMANDS.items():
        assert {each for each in ROLES if ACTIONS[action].allowed_to(each)} == {role or "admin", "admin"}


@pytest.mark.parametrize("action", COMMANDS)
def test_whose_role_allows_it_does_it_under_his_name(office: Office, action: str) -> None:
    role, _, _, kind = COMMANDS[action]
    words = prepared(office, action)
    before = len(office.seals)
    office.run(*words, role=role or "admin")
    new = office.seals[before:]
    assert [(each["kind"], each["author"], each["said"]["author_by"]) for each in new] == [
        (kind, NAMES[role or "admin"], "token")]
    assert office.run("verify").exit_code == 0


@pytest.mark.parametrize("action", COMMANDS)
def test_nobody_else_does_it_and_each_refusal_is_entered(office: Office, action: str) -> None:
    role, *_ = COMMANDS[action]
    words = prepared(office, action)
    before = office.seals
    others = [other for other in ROLES if other not in (role, "admin")]
    for other in others:
        result = office.run(*words, role=other, code=3)
        assert NAMES[other] in result.stderr
        assert len(result.stderr.splitlines()) == 1
        assert result.stdout == ""
    assert "ZHIBEN_TOKEN" in office.run(*words, code=3).stderr
    new = office.seals[len(before):]
    assert [(each["kind"], each["author"], each["said"]["action"], each["said"]["why"]) for each in new] == [
        *(("refused", NAMES[other], action, "role") for other in others), ("refused", None, action, "no token")]
    assert {each["entries"] for each in new} == {0}
    assert office.run("verify").exit_code == 0


def test_an_admin_may_all(office: Office) -> None:
    for action in ("import", "waive", "reject"):
        words = prepared(Office(office.folder, office.tokens), action) if action == "import" else office.fill(
            COMMANDS[action][1])
        office.run(*words, role="admin")
    assert [each["author"] for each in office.seals[-3:]] == [NAMES["admin"]] * 3


@pytest.mark.parametrize("words", [
    ("query", RESTAURANT), ("cases",), ("waivers",), ("notices", "list"), ("verify",), ("log",), ("operators", "list"),
    ("sweep", "--workers", "1"), ("import", "{folder}/ledger", "--check"), ("db", "imports"),
    ("export", "violations", "--format", "csv"),
])
def test_reading_and_the_nightly_sweep_take_no_token(office: Office, words: tuple[str, ...]) -> None:
    before = len(office.seals)
    office.run(*office.fill(words))
    office.run(*office.fill(words), ZHIBEN_TOKEN="rubbish")
    assert {each["kind"] for each in office.seals[before:]} <= {"sweep"}
    assert {each["author"] for each in office.seals[before:]} <= {None}


def test_a_waiver_that_replaces_another_is_one_decision(office: Office) -> None:
    office.run("waive", RESTAURANT, "evacuation_drill", "--to", "2025-06-30", "--replaces", "1", *_WHY, role="approver")
    assert [(each["kind"], each["author"]) for each in office.seals[-2:]] == [
        ("waiver_ended", NAMES["approver"]), ("waiver", NAMES["approver"])]


def test_what_was_said_and_what_a_token_showed_is_told_apart(nobody: Office) -> None:
    token = nobody.run("operators", "add", "管五", "--role", "admin").stdout.strip()
    nobody.run("waive", "end", "1", *_WHY, ZHIBEN_TOKEN=token)
    waived, named, ended = (each["said"].get("author_by") for each in nobody.seals[-3:])
    assert (waived, named, ended) == ("said", None, "token")
    shown = nobody.run("log", lang="zh").stdout
    assert "张三（自称）" in shown
    assert "管五（凭令牌）" in shown
    assert "登记 管五 管理" in shown
    told = json.loads(nobody.run("log", RESTAURANT, "--format", "json").stdout)
    assert [(each["author"], each["author_by"]) for each in told if each["kind"].startswith("waiver")] == [
        ("张三", "said"), ("管五", "token")]
