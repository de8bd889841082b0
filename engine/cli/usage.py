"""Words on the command line that cannot be understood (用法有误), said in the reader's language, in one line.

click says it in English and in four. What it says that is not foreseen here stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import click

from engine.errors import nearest
from facts.language import Language, Text
from facts.ledger import escaped

_NOTHING = Text("", "")


class WrongUsage(click.UsageError):
    """What is wrong with the words on the command line, in one language."""

    def __init__(self, error: click.UsageError, language: Language) -> None:
        super().__init__(said(error)(language), error.ctx)
        self._language = language

    def show(self, file: Any = None) -> None:
        """Write it to standard error, or to ``file``, and where help is."""
        message = self.format_message()
        if self.ctx is not None:
            asks = message.endswith(("？", "?"))
            message += Text("" if asks else "；", " See " if asks else "; see ")(self._language)
            message += Text("用法见 {path} --help", "{path} --help")(self._language, path=self.ctx.command_path)
        click.echo(escaped(message, but=""), file=file, err=file is None)


def said(error: click.UsageError) -> Text:
    """What ``error`` tells, without where help is."""
    match error:
        case click.NoSuchOption(option_name=name, ctx=ctx):
            known = [each for option in (ctx.command.params if ctx else ()) for each in option.opts if each[0] == "-"]
            near = nearest(name, known)
            return Text(f"没有选项“{name}”{near.zh}", f"there is no option “{name}”{near.en}")
        case click.exceptions.NoSuchCommand(command_name=name, ctx=ctx):
            near = nearest(name, ctx.command.list_commands(ctx)) if ctx else _NOTHING  # type: ignore[attr-defined]
            return Text(f"没有命令“{name}”{near.zh}", f"there is no command “{name}”{near.en}")
        case click.MissingParameter(param=click.Parameter() as param):
            what = Text("选项", "option") if isinstance(param, click.Option) else Text("参数", "argument")
            name, expected = _name(param), _expected(param.type)
            return Text(f"缺少{what.zh} {name}{expected.zh}", f"{what.en} {name} is missing{expected.en}")
        case click.BadOptionUsage(option_name=name):
            if "requires an argument" in error.message:
                return Text(f"选项 {name} 后面缺少值", f"option {name} lacks its value")
            if "does not take a value" in error.message:
                return Text(f"选项 {name} 不带值", f"option {name} takes no value")
        case click.BadParameter(param=click.Parameter() as param):
            return _wrong_value(param, error.message)
    if extra := re.fullmatch(r"Got unexpected extra arguments? \((.*)\)", error.format_message(), re.DOTALL):
        return Text(f"多出了“{extra[1]}”", f"“{extra[1]}” is too much")
    if error.format_message() == "Missing command.":
        return Text("缺少命令", "a command is missing")
    return Text(error.format_message(), error.format_message())


#: How click says what was found; of a file also what is wrong with it.
_WRONG = re.compile(
    r"(?:\w+ )?(?P<quote>['\"])(?P<value>.*)(?P=quote) (?P<what>.*)|(?P<number>\S+) is not in the range", re.DOTALL)


def _wrong_value(param: click.Parameter, message: str) -> Text:
    name, expected = _name(param), _expected(param.type)
    found = _WRONG.match(message)
    if found is None:
        # What the program's own types have to say is in the reader's language already.
        return Text(f"{name}：{message}", f"{name}: {message}")
    value = found["value"] or found["number"] or ""
    if isinstance(param.type, click.Path) and (why := _OF_FILES.get(found["what"])) is not None:
        return Text(f"{name}：“{value}”{why.zh}", f"{name}: “{value}” {why.en}")
    if expected == _NOTHING:
        return Text(f"{name}：{message}", f"{name}: {message}")
    return Text(f"{name} 不能是“{value}”{expected.zh}", f"{name} cannot be “{value}”{expected.en}")


_OF_FILES = {
    "does not exist.": Text("不存在", "does not exist"),
    "is a file.": Text("是文件；应为文件夹", "is a file; expected a folder"),
    "is a directory.": Text("是文件夹；应为文件", "is a folder; expected a file"),
    "is not readable.": Text("无法读取", "cannot be read"),
    "is not writable.": Text("无法写入", "cannot be written"),
}


def _expected(kind: click.ParamType[Any]) -> Text:
    """What a value of this kind is to be; empty where only the kind itself can tell."""
    if isinstance(kind, click.Choice):
        return _one_of([str(each) for each in kind.choices])
    number = Text("整数", "a whole number") if isinstance(kind, click.IntRange) else Text("数", "a number")
    if isinstance(kind, (click.IntRange, click.FloatRange)):
        low, high = kind.min, kind.max
        if low is not None and high is not None:
            return Text(f"；应为 {low} 至 {high} 的{number.zh}", f"; expected {number.en} from {low} to {high}")
        if low is not None:
            return Text(f"；应为不小于 {low} 的{number.zh}", f"; expected {number.en}, {low} or more")
    return _NOTHING


def _one_of(choices: Sequence[str]) -> Text:
    *others, last = choices
    if not others:
        return Text(f"；应为 {last}", f"; expected {last}")
    return Text(f"；应为 {'、'.join(others)} 或 {last}", f"; expected {', '.join(others)} or {last}")


def _name(param: click.Parameter) -> str:
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return param.metavar or (param.name or "").upper()
