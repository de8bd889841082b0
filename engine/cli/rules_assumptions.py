"""``zhiben rules assumptions``: what no source prints, in all packs (假定一览)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from engine.assumptions import assumptions as assumptions_in
from engine.cli.context import Context, command_options
from engine.cli.terminal import Terminal
from engine.packs import ALL, is_clause_list, pack_paths
from facts.errors import BadInput
from facts.language import Text


@click.command()
@click.argument("names", nargs=-1, metavar="[PACK]…")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="output for people or for scripts · 输出格式")
@command_options()
def assumptions(context: Context, names: tuple[str, ...], form: str) -> None:
    """List every number and date that no source prints · 列出全部假定.

    PACK is a file, a folder or the name of one of the product's packs; without any: all of the product's, drafts too.
    """
    files = _files(names or (ALL,))
    found = assumptions_in(files)
    if form == "json":
        context.document([each.document() for each in found])
        return
    zh, out = context.language == "zh", Terminal()
    for pack, count in Counter(each.pack for each in found).items():
        rows = [(f"{_shown(each.file)}:{each.mark.line}", each.where, each.key, each.value, each.reason)
                for each in found if each.pack == pack]
        out.show(f"{pack}：{count} 处假定" if zh else f"{pack}: {count} assumption{'' if count == 1 else 's'}",
                 ("位置", "规则", "用处", "取值", "理由") if zh else ("place", "rule", "for", "value", "reason"), rows,
                 whole=(0, 2, 3))
    out.say()
    said = Text(f"规则包 {len(files)} 个，假定 {len(found)} 处", f"packs: {len(files)}, assumptions: {len(found)}")
    out.say(said(context.language))


def _files(words: tuple[str, ...]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in pack_paths(words):
        inside = sorted(path.rglob("*.y*ml")) if path.is_dir() else [path]
        found.update(dict.fromkeys(file for file in inside if not is_clause_list(file.name)))
    if not found:
        raise BadInput(Text(f"{words[0]} 中没有规则包（.yaml 文件）", f"there is no pack (.yaml file) in {words[0]}"))
    return list(found)


def _shown(file: str) -> str:
    """The path from the current folder, where the file lies below it."""
    path, here = Path(file), Path.cwd()
    return str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else file


commands = (assumptions,)
