"""Commands that look something up (查询): query, why, find, totals."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

import click

from engine.cli import cards
from engine.cli.context import Context, as_of_option, command_options
from engine.errors import nearest
from engine.explain import explain
from engine.judgement import judge
from engine.output import judgement_document
from engine.rulebook import Duty, Rulebook
from facts.dossier import Dossier
from facts.errors import BadInput
from facts.language import Text
from facts.store.reading import dossier, dossiers, find_by_name

_format = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
                       help="output for people or for scripts · 输出格式")


@click.command()
@click.argument("uscc", metavar="USCC")
@as_of_option
@click.option("--current", is_flag=True, help="only obligations not yet ended · 只列未到期的义务")
@_format
@command_options(packs=True)
def query(context: Context, uscc: str, as_of: date, current: bool, form: str) -> None:
    """One enterprise: what it owes, what is violated, what is recommended · 一家企业的判定.

    Needs no sweep before it and writes nothing.
    """
    rulebook = context.rulebook()
    judgement = judge(_known(context, uscc), rulebook, as_of)
    if judgement is None:
        raise _not_there(uscc, as_of)
    if form == "json":
        click.echo(json.dumps(judgement_document(judgement, current=current), ensure_ascii=False, indent=2))
    else:
        cards.enterprise(judgement, rulebook, context.language, everything=not current)


@click.command()
@click.argument("uscc", metavar="USCC")
@click.argument("duty", metavar="DUTY")
@as_of_option
@_format
@command_options(packs=True)
def why(context: Context, uscc: str, duty: str, as_of: date, form: str) -> None:
    """Why a duty is judged as it is: each rule, the values read, the clause · 为什么这样判定.

    DUTY is a duty's name (leadership_inspection) or its title (主要负责人带队检查).
    """
    rulebook = context.rulebook()
    found = duty_named(rulebook, duty)
    explanation = explain(_known(context, uscc), rulebook, as_of, found)
    if explanation is None:
        raise _not_there(uscc, as_of)
    if form == "json":
        click.echo(json.dumps(cards.explanation_document(explanation), ensure_ascii=False, indent=2))
    else:
        cards.explanation(explanation, rulebook, context.language)


@click.command()
@click.argument("name", metavar="NAME")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="rows at most · 最多几行")
@command_options()
def find(context: Context, name: str, limit: int) -> None:
    """Find an enterprise's credit code by part of its name · 按名称查统一社会信用代码."""
    found = find_by_name(context.open(), name, limit)
    if not found:
        raise BadInput(Text(f"没有名称含“{name}”的企业", f"no enterprise has {name!r} in its name"))
    cards.listing(found, context.language)


@click.command()
@as_of_option
@click.option("--division", metavar="CODE", help="only this division, trailing pairs of zeros open · 行政区划")
@_format
@command_options(packs=True)
def totals(context: Context, as_of: date, division: str | None, form: str) -> None:
    """Obligations counted by division, duty and verdict · 按区划和义务统计."""
    rulebook = context.rulebook()
    check_division(division)
    counts: Counter[tuple[str, str, str]] = Counter()
    enterprises: Counter[str] = Counter()
    for judgement in judged(context, rulebook, as_of, division):
        place = judgement.division or "?"
        enterprises[place] += 1
        for obligation in judgement.obligations:
            counts[place, obligation.duty, str(obligation.verdict)] += 1
    if form == "json":
        rows = [{"division": place, "duty": duty, "verdict": verdict, "count": count}
                for (place, duty, verdict), count in sorted(counts.items())]
        click.echo(json.dumps({"as_of": as_of.isoformat(), "enterprises": dict(sorted(enterprises.items())),
                               "totals": rows}, ensure_ascii=False, indent=2))
    else:
        cards.totals(counts, enterprises, rulebook, as_of, context.language)


def judged(context: Context, rulebook: Rulebook, as_of: date, division: str | None = None):
    """The judgement of every enterprise visible on ``as_of``, in the order of the codes."""
    from engine.subject import reaches

    for each in dossiers(context.open()):
        judgement = judge(each, rulebook, as_of)
        if judgement is not None and (division is None or reaches(division, judgement.division)):
            yield judgement


def check_division(code: str | None) -> None:
    """Raises :class:`~facts.errors.BadInput` unless ``code`` is six digits."""
    if code is not None and not (len(code) == 6 and code.isascii() and code.isdigit()):
        raise BadInput(Text(f"行政区划代码“{code}”应为 6 位数字，如 120102", f"division {code!r}: expected 6 digits, as 120102"))


def duty_named(rulebook: Rulebook, name: str) -> Duty:
    """The duty of this name or title. Raises :class:`~facts.errors.BadInput`."""
    for duty in rulebook.duties.values():
        if name in (duty.name, duty.label.zh, duty.label.en):
            return duty
    near = nearest(name, [n for duty in rulebook.duties.values() for n in (duty.name, duty.label.zh)])
    known = "、".join(rulebook.duties)
    raise BadInput(Text(f"没有义务“{name}”{near.zh}；可用：{known}", f"there is no duty {name!r}{near.en}; known: {known}"))


def _known(context: Context, uscc: str) -> Dossier:
    found = dossier(context.open(), uscc.strip().upper())
    if found is None:
        raise BadInput(Text(f"台账中没有统一社会信用代码“{uscc}”；可用 zhiben find 按名称查",
                            f"no enterprise has the code {uscc!r}; zhiben find looks it up by name"))
    return found


def _not_there(uscc: str, as_of: date) -> BadInput:
    return BadInput(Text(f"{uscc} 在 {as_of} 还没有生效的企业信息", f"{uscc} has no version that is valid on {as_of}"))


commands = (query, why, find, totals)
