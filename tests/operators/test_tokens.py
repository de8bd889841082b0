"""Tokens: where they come from, when they are worth nothing, and that nobody else ever sees them."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine import clock, tokens
from engine.guard import Guard, allowed, guarded
from engine.operators import NotAllowed
from engine.waiver_store import end
from facts.errors import BadInput
from facts.store import database
from facts.store.database import open_database, writing
from facts.store.journal import sealed
from tests.cli.conftest import shell
from tests.cli.ledger import RESTAURANT
from tests.operators.conftest import NAMES, NOW, Office, call

_ROOT = Path(__file__).parents[2]
_ENDS = ("waive", "end", "1", "--reason", "来电")


def refused(office: Office, *words: str, **env: str) -> str:
    """The one line with which something is refused; that it was is the journal's newest seal."""
    before = len(office.seals)
    result = office.run(*words, code=3, **env)
    (new,) = office.seals[before:]
    assert new["kind"] == "refused"
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""
    return result.stderr


def test_a_token_that_is_nobodys(office: Office) -> None:
    mine, other = office.tokens["approver"], office.tokens["inspector"]
    changed = mine[:-1] + ("0" if mine[-1] != "0" else "1")
    crossed = "_".join((*other.split("_")[:2], mine.split("_")[2]))
    for wrong in (changed, crossed, tokens.new_token().written(), mine[:-1], mine + "0", mine.upper(), "令牌",
                  "x" * 9999):
        said = refused(office, *_ENDS, ZHIBEN_TOKEN=wrong)
        assert wrong[:40] not in said
        assert office.seals[-1]["said"]["why"] == "token"
        assert office.seals[-1]["author"] is None
    office.run(*_ENDS, role="approver")


@pytest.mark.parametrize("words", [("token", NAMES["approver"]), ("remove", NAMES["approver"])])
def test_a_token_that_was_taken_away(office: Office, words: tuple[str, ...]) -> None:
    made = office.run("operators", *words, role="admin").stdout.strip()
    assert "no longer" in refused(office, *_ENDS, ZHIBEN_TOKEN=office.tokens["approver"])
    if made:
        office.run(*_ENDS, ZHIBEN_TOKEN=made)


def test_a_token_of_somebody_else_than_by_says(office: Office) -> None:
    said = refused(office, *_ENDS, "--by", "李四", ZHIBEN_TOKEN=office.tokens["approver"])
    assert "李四" in said
    assert NAMES["approver"] in said
    last = office.seals[-1]
    assert (last["author"], last["said"]["claimed"], last["said"]["why"]) == (NAMES["approver"], "李四", "name")
    refused(office, *_ENDS, "--by", "", ZHIBEN_TOKEN=office.tokens["approver"])
    office.run(*_ENDS, "--by", f" {NAMES['approver']}", role="approver")
    assert office.seals[-1]["author"] == NAMES["approver"]


def test_a_token_file(office: Office) -> None:
    file = office.folder / "令 牌"
    file.write_text(office.tokens["approver"] + "\n")
    for mode in (0o644, 0o640, 0o604, 0o620, 0o602):
        file.chmod(mode)
        assert "chmod 600" in refused(office, *_ENDS, ZHIBEN_TOKEN_FILE=str(file))
    file.chmod(0o600)
    # What is in the environment comes first.
    refused(office, *_ENDS, ZHIBEN_TOKEN_FILE=str(file), ZHIBEN_TOKEN=office.tokens["viewer"])
    for content in (b"", b"\n", b"\xff\x00" * 50, b"x" * 10_000, office.tokens["approver"].encode() * 2):
        other = office.folder / "other"
        other.write_bytes(content)
        other.chmod(0o600)
        assert str(other) in refused(office, *_ENDS, ZHIBEN_TOKEN_FILE=str(other))
    for path in (office.folder / "nothing", office.folder, file / "x"):
        assert str(path) in refused(office, *_ENDS, ZHIBEN_TOKEN_FILE=str(path))
    office.run(*_ENDS, ZHIBEN_TOKEN_FILE=str(file))


def test_the_usual_file(office: Office) -> None:
    usual = office.folder / "config" / "zhiben" / "token"
    usual.parent.mkdir(parents=True)
    usual.symlink_to(office.folder / "gone")
    assert str(usual) in refused(office, *_ENDS)
    usual.unlink()
    usual.write_text(office.tokens["approver"])
    usual.chmod(0o644)
    assert "chmod 600" in refused(office, *_ENDS)
    usual.chmod(0o600)
    office.run(*_ENDS)
    # Settings that are no absolute path count for nothing.
    assert ".config/zhiben/token" in refused(office, *_ENDS, XDG_CONFIG_HOME="config", HOME=str(office.folder))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_that_the_system_put_there_for_its_group(office: Office) -> None:
    file = office.folder / "token"
    file.write_text(office.tokens["approver"])
    os.chown(file, 12345, -1)
    file.chmod(0o444)
    refused(office, *_ENDS, ZHIBEN_TOKEN_FILE=str(file))
    file.chmod(0o440)
    office.run(*_ENDS, ZHIBEN_TOKEN_FILE=str(file))


def test_a_token_is_seen_nowhere(office: Office, tmp_path: Path) -> None:
    """In no output, message, file, byte of the database or word of the journal, whatever was tried with it."""
    kept = tmp_path / "kept"
    log = tmp_path / "log"
    outputs = [call(office.folder, *words, token=office.tokens[role], ZHIBEN_LOG=str(log)).output
               for role in ("admin", "inspector") for words in (
        _ENDS, (*_ENDS, "--by", "李四"), ("operators", "list", "--format", "json"), ("log", "--format", "json"),
        ("operators", "token", NAMES["viewer"], "--token-file", str(kept)), ("verify", "--all"), ("no-command",),
        ("import", str(office.folder / "nothing")), ("notices", "-o", str(office.folder / "letters")),
        ("operators", "add", "谁", "--role", "king"), ("--db", "nonsense", *_ENDS))]
    outputs.append(log.read_text())
    secrets = [*office.tokens.values(), kept.read_text().strip()]
    outputs += [path.read_bytes().decode("latin-1") for path in office.folder.rglob("*") if path.is_file()]
    for each in secrets:
        assert not any(each.split("_")[2] in output for output in outputs)
    assert office.run("verify").exit_code == 0
    # The public part is: it tells which token is meant.
    assert any(office.tokens["admin"].split("_")[1] in output for output in outputs)


def test_a_token_in_the_wrong_place_is_not_kept(office: Office) -> None:
    token = office.tokens["approver"]
    before = len(office.seals)
    for words in ((*_ENDS, "--by", token), ("waive", "end", token, "--reason", "x"), ("case", "notify", token),
                  ("waive", RESTAURANT, token, "--to", "2025-12-31", "--reason", "x"),
                  ("waive", "end", "1", "--reason", f"see {token}"), ("operators", "add", token, "--role", "viewer"),
                  ("notices", "sent", token, "--how", token), ("import", token), ("notices", "--by", token),
                  ("import", "undo", "1", "--by", token)):
        for role in ("approver", "admin", "viewer"):
            result = call(office.folder, *words, token=office.tokens[role])
            assert result.exit_code in (2, 3), (words, result.output)
    assert {each["kind"] for each in office.seals[before:]} == {"refused"}
    assert token.split("_")[2].encode() not in office.file.read_bytes()
    assert token.split("_")[2] not in office.run("log").output


def test_nobody_reads_it_from_what_python_shows() -> None:
    token = tokens.new_token()
    assert token.written().split("_")[2] not in f"{token!r} {token} {[token]} {token.hashed()}"
    assert token.matches(token.hashed())
    assert not tokens.new_token().matches(token.hashed())
    assert token.hashed() != token.hashed()
    assert token.hashed().startswith("$argon2id$")
    assert not token.matches("no hash")
    assert tokens.has_token(f"x{token.written()}y")


def test_a_token_file_is_new_and_its_owners_alone(office: Office) -> None:
    file = office.folder / "token"
    os.umask(0o022)
    office.run("operators", "add", "新六", "--role", "approver", "--token-file", str(file), role="admin")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    token = file.read_text()
    before = len(office.seals)
    assert "exists" in office.run("operators", "token", "新六", "--token-file", str(file), role="admin", code=2).stderr
    assert (file.read_text(), len(office.seals)) == (token, before)
    office.run(*_ENDS, ZHIBEN_TOKEN_FILE=str(file))
    result = office.run("operators", "add", "七", "--role", "viewer", "--token-file", str(file / "x"), role="admin",
                        code=3)
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("where", [">/dev/full", ">&-", "| head -c 0"])
def test_a_token_that_reaches_nobody_makes_no_operator(nobody: Office, where: str) -> None:
    done = shell(f"zhiben operators add 管五 --role admin {where}", ZHIBEN_DB=f"sqlite:///{nobody.file}",
                 ZHIBEN_NOW=NOW)
    assert "Traceback" not in done.stderr
    if where != "| head -c 0":
        # A pipe takes what nobody reads any more, or not, as it happens.
        assert done.returncode == 3
        assert nobody.json("operators", "list")["operators"] == []
    assert (done.returncode == 0) is bool(nobody.json("operators", "list")["operators"])


def test_no_argument_shows_a_token(office: Office) -> None:
    """What ``ps`` shows, of the program and of the processes that it starts."""
    program = shell("zhiben sweep --workers 2 & pid=$!; for i in 1 2 3 4 5 6 7 8 9 10; do cat /proc/[0-9]*/cmdline "
                    "2>/dev/null | tr '\\0' ' '; sleep 0.3; done; wait $pid", ZHIBEN_DB=f"sqlite:///{office.file}",
                    ZHIBEN_TOKEN=office.tokens["admin"], ZHIBEN_NOW=NOW)
    assert "sweep" in program.stdout
    assert office.tokens["admin"].split("_")[2] not in program.stdout


def test_a_hash_made_at_another_cost_is_made_anew(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_COST", {"time_cost": 1, "memory_cost": 64, "parallelism": 1})
    token = office.run("operators", "token", NAMES["approver"], role="admin").stdout.strip()
    monkeypatch.undo()

    def hashes() -> list[str]:
        with closing(sqlite3.connect(office.file)) as connection:
            return [row[0] for row in connection.execute(
                "SELECT token_hash FROM operators WHERE name = ? ORDER BY place", (NAMES["approver"],))]

    assert "m=64," in hashes()[-1]
    before = len(hashes())
    office.run(*_ENDS, ZHIBEN_TOKEN=token)
    assert len(hashes()) == before + 1
    assert "m=64," not in hashes()[-1]
    assert not tokens.made_otherwise(hashes()[-1])
    refused(office, *_ENDS, ZHIBEN_TOKEN=office.tokens["approver"])
    assert call(office.folder, *_ENDS, token=token).exit_code == 2
    assert len(hashes()) == before + 1
    assert office.run("verify").exit_code == 0


def test_a_token_taken_away_while_a_command_runs_writes_nothing(office: Office,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBEN_TOKEN", office.tokens["approver"])
    monkeypatch.setenv("ZHIBEN_NOW", NOW)
    guard, engine = Guard(), open_database(f"sqlite:///{office.file}")
    guard.acting = allowed(engine, "end_waiver", None)
    office.run("operators", "role", NAMES["approver"], "inspector", role="admin")

    def ends() -> None:
        with writing(guarded(engine, guard), "waivers") as connection:
            end(connection, 1, author=NAMES["approver"], reason="x", now=clock.now())

    with pytest.raises(NotAllowed, match="may not"):
        ends()
    office.run("operators", "role", NAMES["approver"], "approver", role="admin")
    office.run("operators", "token", NAMES["approver"], role="admin")
    with pytest.raises(NotAllowed, match="taken away"):
        ends()
    assert office.json("waivers")["waivers"][0]["state"] == "in_force"
    engine.dispose()


def test_nothing_is_sealed_that_nobody_asked_for(office: Office) -> None:
    """A command that forgets to ask is refused by the journal itself."""
    engine = guarded(open_database(f"sqlite:///{office.file}"), Guard())
    for kind in ("case", "delivery", "undo", "something new"):
        with (pytest.raises(NotAllowed), writing(engine) as connection,
              sealed(connection, kind, clock.now(), {}, author="李四")):
            pass
    engine.dispose()


@pytest.fixture
def read_only(office: Office) -> Iterator[None]:
    """The office's folder, mounted so that nobody can write there."""
    mounts = (["mount", "--bind", str(office.folder), str(office.folder)],
              ["mount", "-o", "remount,ro,bind", str(office.folder)])
    if any(subprocess.run(each, capture_output=True, check=False).returncode for each in mounts):
        pytest.skip("nothing can be mounted here")
    yield
    subprocess.run(["umount", str(office.folder)], check=True)


@pytest.mark.usefixtures("read_only")
def test_a_database_that_cannot_be_written_to_still_refuses(office: Office) -> None:
    first, second = office.run(*_ENDS, code=3).stderr.splitlines()
    assert "ZHIBEN_TOKEN" in first
    assert "could not be entered in the journal" in second
    assert "read-only" in second


def test_nor_does_a_database_that_somebody_else_writes_to(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    before = len(office.seals)
    with closing(sqlite3.connect(office.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        first, second = office.run(*_ENDS, code=3).stderr.splitlines()
    assert "ZHIBEN_TOKEN" in first
    assert "another program is using" in second
    assert len(office.seals) == before


def test_where_a_token_is_looked_for_without_a_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ZHIBEN_TOKEN", "ZHIBEN_TOKEN_FILE", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert tokens.read_token() is None
    monkeypatch.setenv("ZHIBEN_TOKEN", "zb1_x")
    with pytest.raises(BadInput, match="holds no token"):
        tokens.read_token()


def test_a_token_from_a_pipe(office: Office) -> None:
    script = ("ZHIBEN_TOKEN_FILE=<(echo $TOKEN) exec $PYTHON -c "
              "'from engine.tokens import read_token; print(read_token())'")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, cwd=_ROOT,
                          env={**os.environ, "TOKEN": office.tokens["approver"], "PYTHON": sys.executable})
    assert done.stdout.strip() == office.tokens["approver"].rsplit("_", 1)[0] + "_…"
