"""The password in a database's address is told nowhere."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url

from engine.cli import main
from facts.store.addresses import shown, shown_text
from facts.store.database import connect, place_of
from tests.cli.conftest import shell

SECRET = "gEheim8rW0rt"
#: Addresses that lead nowhere, each with a password: where it belongs, and where people put it.
ADDRESSES = [
    f"postgresql+psycopg://user:{SECRET}@127.0.0.1:1/db",
    f"postgresql+psycopg://user:{SECRET}%40%2Fx@127.0.0.1:1/db",
    f"postgresql+psycopg://user:a@{SECRET}@127.0.0.1:1/db",
    f"postgresql+psycopg://user:a/{SECRET}@127.0.0.1:1/db",
    f"postgresql+psycopg://user:a:{SECRET}@127.0.0.1:1/db",
    f"postgresql+psycopg://user:a?{SECRET}#x@127.0.0.1:1/db",
    f"postgresql+psycopg://user:{SECRET}@127.0.0.1:x/db",
    f"postgresql+psycopg://user:{SECRET}",
    f"postgresql+psycopg://127.0.0.1:1/db?user=u&password={SECRET}",
    f"postgresql+psycopg://127.0.0.1:1/db?user=u&PASSWORD={SECRET}",
    f"postgresql+psycopg://127.0.0.1:1/db?sslpassword={SECRET}",
    f"postgresql+psycopg://user:{SECRET}@127.0.0.1:1/db?bogus=1",
    f"postgresql://user:{SECRET}@127.0.0.1:1/db",
    f"postgres://user:{SECRET}@127.0.0.1:1/db",
    f"mysql://user:{SECRET}@127.0.0.1:1/db",
    f"user:{SECRET}@127.0.0.1/db",
    f"host=127.0.0.1 user=u password={SECRET}",
    f"sqlite://user:{SECRET}@127.0.0.1/db",
    f" postgresql+psycopg://user:{SECRET}@127.0.0.1:1/db",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_message_and_no_log_has_the_password(address: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZHIBEN_LOG", str(tmp_path / "log"))
    for words in (("verify",), ("operators", "list"), ("import", "undo", "1"), ("db", "upgrade"),
                  ("db", "copy", address)):
        for language in ("zh", "en"):
            result = CliRunner().invoke(main, ["--lang", language, "--db", address, *words])
            assert result.exit_code in (2, 3), result.output
            assert SECRET not in result.output
    assert SECRET not in (tmp_path / "log").read_text()
    assert SECRET not in shown_text(address)


def test_not_even_where_the_program_itself_fails() -> None:
    done = shell(f"zhiben verify --db 'postgresql+psycopg://user:{SECRET}@127.0.0.1:1/db'",
                 PYTHONDEVMODE="1", PYTHONWARNINGS="ignore")
    assert done.returncode == 3
    assert SECRET not in done.stdout + done.stderr
    assert "user:***@127.0.0.1:1/db" in done.stderr


def test_addresses_are_shown_as_far_as_they_are_no_secret() -> None:
    for text in ("sqlite:///台账/zhiben.db", "zhiben.db", "./a b.db", "postgresql://host/db", ""):
        assert shown_text(text) == text
    assert shown(make_url("sqlite:///台账/zhiben.db")) == "台账/zhiben.db"
    assert shown(make_url("postgresql+psycopg://u:p@h:5/d?sslmode=require&password=x")) == (
        "postgresql+psycopg://u:***@h:5/d?sslmode=require")
    engine = connect(f"postgresql+psycopg://u:{SECRET}@h/d")
    assert SECRET not in f"{place_of(engine)} {engine!r} {engine.url!r}"
