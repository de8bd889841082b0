"""Packs written and read (编写与检查规则包): lint, schema, reference, new, show."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from engine import clock
from engine.cli.context import Context, command_options
from engine.cli.rule_cards import show_ladder, show_recommendation, show_rule
from engine.cli.terminal import Terminal
from engine.errors import nearest
from engine.findings import Level
from engine.lint import lint as lint_packs
from engine.lint import product_beside
from engine.pack_json_schema import schema_text
from engine.packs import load_rulebook, load_rulebook_texts, read_files
from engine.reference_page import reference as reference_page
from engine.rulebook import Rulebook
from engine.skeleton import start_pack
from facts.csv_files import open_regular
from facts.errors import BadInput
from facts.language import Text

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH…")
@click.option("--source", "sources", multiple=True, type=_file, metavar="TEXT",
              help="the document as text: every quote must stand in it (or in one of several) · 核对引文的原文")
@click.option("--alone", is_flag=True, help="without the product's packs beside them · 不连同本产品的规则包")
@click.option("--strict", is_flag=True, help="warnings count as errors · 警告也算错误")
@command_options()
@click.pass_context
def lint(ctx: click.Context, context: Context, paths: tuple[Path, ...], sources: tuple[Path, ...], alone: bool,
         strict: bool) -> None:
    """Check packs: all mistakes at once, each with its place · 检查规则包.

    PATH is a pack, or a folder of packs. They are read together with the product's packs, so that facts derived there
    are known; a pack of the same name takes the place of the product's.

    Exit status 1 if there are errors, 0 if there are none (warnings and notes aside).
    """
    texts, _, unreadable = read_files(paths)
    if not texts and not unreadable:
        raise BadInput(Text(f"{paths[0]} 中没有规则包（.yaml 文件）", f"there is no pack (.yaml file) in {paths[0]}"))
    found = lint_packs(texts, beside={} if alone else None, unreadable=unreadable,
                       documents=[_text(file) for file in sources])
    for finding in found:
        click.echo(finding.show(context.language))
    levels = Counter(finding.level for finding in found)
    errors, warnings, notes = (levels[level] for level in (Level.ERROR, Level.WARNING, Level.NOTE))
    context.say(Text("规则包 {n} 个：错误 {errors}，警告 {warnings}，提示 {notes}",
                     "packs: {n}; errors: {errors}, warnings: {warnings}, notes: {notes}"),
                n=len(texts), errors=errors, warnings=warnings, notes=notes)
    if errors or (strict and warnings):
        ctx.exit(1)


def _text(file: Path) -> str:
    try:
        with open_regular(file) as stream:
            return stream.read().decode()
    except UnicodeDecodeError:
        raise BadInput(Text(f"{file} 不是 UTF-8 文本；请另存为 UTF-8 的 .txt",
                            f"{file} is no text in UTF-8; save it as .txt in UTF-8")) from None


@click.command()
@command_options()
def schema(context: Context) -> None:
    """Print the JSON Schema of packs, for editors · 输出规则包的 JSON Schema.

    Save it beside the packs and begin each with: # yaml-language-server: $schema=pack.schema.json
    """
    click.echo(schema_text().encode(), nl=False)


@click.command()
@command_options()
def reference(context: Context) -> None:
    """Every key of a pack, every fact, sector and kind · 规则包参考：全部的键和名称."""
    Terminal().say(reference_page(context.language))


@click.command()
@click.argument("name", metavar="NAME")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=Path(), metavar="FOLDER",
              help="folder of packs; default: the current one · 规则目录")
@command_options()
def new(context: Context, name: str, into: Path) -> None:
    """Start a pack: a commented skeleton and its scenarios · 新建规则包.

    NAME is the name of the pack, as chicago/food.
    """
    for file in start_pack(name, into, context.language):
        click.echo(str(file))


@click.command()
@click.argument("rule", metavar="RULE")
@click.option("--year", type=click.IntRange(1900, 9998),
              help="whose dates are listed; default: this one · 哪一年的日期")
@command_options(packs=True)
def show(context: Context, rule: str, year: int | None) -> None:
    """One rule in prose and its dates of a year · 一条规则的白话和年历.

    RULE is the rule's id, as hedong-commerce.evacuation-drill; --packs adds packs to the product's.
    """
    rulebook = _with_product(context.packs)
    shown = year or clock.today().year
    for duty in rulebook.duties.values():
        for group in duty.groups:
            if group.id == rule:
                show_rule(rulebook, duty, group, shown, context.language)
                return
    for recommendation in rulebook.recommendations:
        if recommendation.ref.id == rule:
            show_recommendation(rulebook, recommendation)
            return
    for ladder in rulebook.ladders:
        if ladder.ref.id == rule:
            show_ladder(rulebook, ladder)
            return
    near = nearest(rule, _ids(rulebook))
    raise BadInput(Text(f"没有规则“{rule}”{near.zh}", f"there is no rule “{rule}”{near.en}"))


def _ids(rulebook: Rulebook) -> list[str]:
    return [*(group.id for duty in rulebook.duties.values() for group in duty.groups),
            *(r.ref.id for r in rulebook.recommendations), *(ladder.ref.id for ladder in rulebook.ladders)]


def _with_product(paths: tuple[str, ...]) -> Rulebook:
    """All packs, drafts too: a rule can be read before it is used."""
    if not paths:
        return load_rulebook(drafts=True)
    texts, _, unreadable = read_files(paths)
    if unreadable:
        return load_rulebook(paths)  # says what is wrong
    return load_rulebook_texts({**product_beside(texts), **texts}, drafts=True)


commands = (lint, schema, reference, new, show)
