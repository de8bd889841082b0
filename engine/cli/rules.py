"""``zhiben rules`` (规则作者的工作台): packs checked, shown, started, tried against scenarios and ledgers."""

from __future__ import annotations

import click

from engine.cli import rules_assumptions, rules_check, rules_diff, rules_try


@click.group()
def rules() -> None:
    """For those who write rule packs · 编写规则包的工具."""


for _command in (*rules_check.commands, *rules_assumptions.commands, *rules_try.commands, *rules_diff.commands):
    rules.add_command(_command)

commands = (rules,)
