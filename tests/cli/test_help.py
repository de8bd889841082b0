"""``zhiben COMMAND --help`` tells all of it, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from engine.cli import main
from tests.cli.conftest import Run

OF_CLICK = {"--help", "-h", "--version"}


def members(group: click.Group) -> dict[str, click.Command]:
    context = click.Context(group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def commands(group: click.Group = main, *before: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in members(group).items():
        yield (*before, name), command
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)


EVERY = list(commands())


@pytest.mark.parametrize(("words", "command"), EVERY, ids=[" ".join(words) for words, _ in EVERY])
def test_help_tells_every_option_in_both_languages(run: Run, words: tuple[str, ...], command: click.Command) -> None:
    shown = run(*words, "--help").stdout
    assert shown.startswith(f"Usage: zhiben {' '.join(words)} ")
    assert bilingual(command.help or "")
    for option in command.params:
        if isinstance(option, click.Option):
            assert bilingual(option.help or ""), option.name
            assert all(name in shown for name in option.opts)
        else:
            assert option.make_metavar(click.Context(command)).strip("[]{}").split("|")[0].strip() in shown


def bilingual(text: str) -> bool:
    english, _, chinese = text.partition(" · ")
    return bool(re.search(r"[A-Za-z]{3}", english) and re.search(r"[\u4e00-\u9fff]{2}", chinese))


def test_the_list_of_commands(run: Run) -> None:
    shown = run("--help").stdout
    assert {"import", "sweep", "query", "why", "find", "totals", "export", "template", "example", "db"} <= set(
        re.findall(r"^  ([a-z]+) ", shown, flags=re.MULTILINE))
    for option in ("--db", "--lang", "--version"):
        assert option in shown


def test_no_command_is_cut_short_in_the_list() -> None:
    listed = CliRunner().invoke(main, ["--help"], terminal_width=100).stdout.partition("Commands:")[2]
    assert "sweep" in listed
    assert "..." not in listed


@pytest.mark.parametrize("words", [("-h",), ("query", "-h"), ("db", "-h")])
def test_the_short_form(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).stdout.startswith("Usage: zhiben")


@pytest.mark.parametrize(("command", "options"), [
    ("sweep", ["--as-of", "--full", "--workers", "--format", "--db", "--lang"]),
    ("query", ["--as-of", "--format", "--current", "--db", "--lang"]),
    ("why", ["--as-of", "--db", "--lang"]),
    ("export", ["--format", "--as-of", "--status", "--division", "--duty", "-o", "--db", "--lang"]),
    ("import", ["--check", "--skip-bad-rows", "--db", "--lang"]),
])
def test_what_others_build_on(command: str, options: list[str]) -> None:
    known = {name for option in members(main)[command].params for name in option.opts}
    assert set(options) <= known


def test_version(run: Run) -> None:
    assert re.fullmatch(r"zhiben, version \d+\.\d+\.\d+\n", run("--version").stdout)
