"""The README tells of every command and every make target, and of none that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from engine.cli import main

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_commands_of_the_readme_are_those_of_the_program(readme: str) -> None:
    listed = re.findall(r"^\| `zhiben ([a-z]+)", (ROOT / readme).read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert set(listed) == set(main.list_commands(click.Context(main)))


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_make_targets_of_the_readme_exist(readme: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    text = (ROOT / readme).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^    |`)make ([a-z]+)", text, flags=re.MULTILINE))
    assert {"run", "test"} <= named <= targets


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_enterprise_of_the_readme_is_the_one_that_make_shows(readme: str) -> None:
    (shown,) = re.findall(r"^ENTERPRISE := (\w+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    codes = set(re.findall(r"\b91[0-9A-Z]{16}\b", (ROOT / readme).read_text(encoding="utf-8")))
    assert codes == {shown}
