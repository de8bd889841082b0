"""Commands that look something up (查询): query, why, find, totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import click
from sqlalchemy import Engine

from engine.case_file import with_cases
from engine.case_store import cases as known_cases
from engine.cli import cards, reasons
from engine.cli.context import Context, as_of_option, command_options
from engine.cli.known_at import known_at_option, known_then, shown
from engine.errors import nearest
from engine.everyone import judgements, memory
from engine.explain import explain
from engine.judgement import judge
from engine.output import judgement_document
from engine.results import Judgement
from engine.rulebook import Duty, Rulebook
from engine.waiver_store import known_waivers
from engine.withdrawn import with_withdrawn, withdrawn
from engine.wording import RECOMMENDATIONS, recommendation_label
from facts.dossier import Dossier
from facts.errors import BadInput
from facts.language import Text
from facts.spelling import fold, half_width
from facts.store.reading import dossier, find_by_name

_format = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
                       help="output for people or for scripts · 输出格式")


@click.command()
@click.argument("uscc", metavar="USCC")
@as_of_option
@click.option("--current", is_flag=True, help="only obligations not yet ended · 只列未到期的义务")
@known_at_option
@_format
@command_options(packs=True)
def query(context: Context, uscc: str, as_of: date, current: bool, known: datetime | None, form: str) -> None:
    """What one enterprise or authority owes and violates · 一家企业或一个部门的判定.

    With what is recommended, and by which clause. Needs no sweep before it and writes nothing.
    """
    rulebook = context.rulebook()
    engine = context.open()
    then = known_then(engine, known)
    found = subject_named(engine, uscc, then and then.revision)
    waivers = known_waivers(engine, uscc=found.uscc, known_at=known).get(found.uscc, ())
    judgement = judge(found, rulebook, as_of, waivers)
    if judgement is None:
        raise _not_there(uscc, as_of)
    history = withdrawn(engine, rulebook, as_of, judgement.uscc, known_at=known)
    judgement = with_withdrawn(judgement, history)
    decided = with_cases(judgement, known_cases(engine, uscc=judgement.uscc, known_at=known), rulebook)
    judgement = replace(judgement, recommendations=decided)
    if form == "json":
        context.document({**judgement_document(judgement, current=current), "known_at": shown(known)})
    else:
        cards.enterprise(judgement, rulebook, context.language, everything=not current, known_at=shown(known))


@click.command()
@click.argument("uscc", metavar="USCC")
@click.argument("duty", metavar="DUTY")
@as_of_option
@known_at_option
@_format
@command_options(packs=True)
def why(context: Context, uscc: str, duty: str, as_of: date, known: datetime | None, form: str) -> None:
    """Why a duty is judged as it is · 为什么这样判定.

    Tells of each rule what was read and what follows, with the clause and its words, in both languages.

    DUTY is a duty's name (leadership_inspection) or its title (主要负责人带队检查).
    """
    rulebook = context.rulebook()
    found = duty_named(rulebook, duty)
    engine = context.open()
    then = known_then(engine, known)
    subject = subject_named(engine, uscc, then and then.revision)
    waivers = known_waivers(engine, uscc=subject.uscc, known_at=known).get(subject.uscc, ())
    explanation = explain(subject, rulebook, as_of, found, waivers)
    if explanation is None:
        raise _not_there(uscc, as_of)
    if form == "json":
        context.document({**reasons.document(explanation, rulebook), "known_at": shown(known)})
    else:
        reasons.show(explanation, rulebook, context.language, known_at=shown(known))


@click.command()
@click.argument("name", metavar="NAME")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="rows at most · 最多几行")
@command_options()
def find(context: Context, name: str, limit: int) -> None:
    """Find the code of an enterprise or authority by part of its name · 按名称查代码."""
    wanted = legible(name).strip()
    if not wanted:
        raise BadInput(Text("请给出企业或部门的名称，或其中一部分", "give a name or a part of it"))
    found = find_by_name(context.open(), wanted, limit + 1)
    if not found:
        raise BadInput(Text(f"没有名称含“{wanted}”的企业或部门",
                            f"no enterprise or authority has “{wanted}” in its name"))
    cards.listing(found[:limit], context.language)
    if len(found) > limit:
        context.say(Text("还有更多，没有列出；请多写几个字，或用 --limit 增加行数",
                         "there are more; give more of the name, or raise --limit"))


@click.command()
@as_of_option
@click.option("--division", metavar="CODE", help="only this division, trailing pairs of zeros open · 行政区划")
@known_at_option
@_format
@command_options(packs=True)
def totals(context: Context, as_of: date, division: str | None, known: datetime | None, form: str) -> None:
    """Obligations counted by division, duty and verdict · 按区划和义务统计."""
    rulebook = context.rulebook()
    check_division(division)
    counts: Counter[tuple[str, str, str]] = Counter()
    enterprises: Counter[str] = Counter()
    authorities: Counter[str] = Counter()
    for judgement in judged(context, rulebook, as_of, division, known):
        place = judgement.division or "?"
        (authorities if judgement.is_authority else enterprises)[place] += 1
        for obligation in judgement.obligations:
            counts[place, obligation.duty, str(obligation.verdict)] += 1
    if form == "json":
        rows = [{"division": place, "duty": duty, "verdict": verdict, "count": count}
                for (place, duty, verdict), count in sorted(counts.items())]
        context.document({"as_of": as_of.isoformat(), "known_at": shown(known),
                          "enterprises": dict(sorted(enterprises.items())),
                          "authorities": dict(sorted(authorities.items())), "totals": rows})
    else:
        cards.totals(counts, enterprises, authorities, rulebook, as_of, context.language, known_at=shown(known))


def judged(context: Context, rulebook: Rulebook, as_of: date, division: str | None = None,
           known: datetime | None = None) -> Iterator[Judgement]:
    """The judgement of every enterprise and authority visible on ``as_of``, in the order of the codes.

    By what is known now, or was at the moment ``known``. The database is opened at once: if it cannot be, nothing has
    been written yet.
    """
    engine = context.open()
    then = known_then(engine, known)
    return judgements(engine, rulebook, memory(engine, rulebook, as_of, division, then and then.moment))


def check_division(code: str | None) -> None:
    """Raises :class:`~facts.errors.BadInput` unless ``code`` is six digits."""
    if code is not None and not (len(code) == 6 and code.isascii() and code.isdigit()):
        raise BadInput(Text(f"行政区划代码“{legible(code)}”应为 6 位数字，如 120102",
                            f"division “{legible(code)}”: expected 6 digits, as 120102"))


def duty_named(rulebook: Rulebook, name: str) -> Duty:
    """The duty of this name or title, in either case. Raises :class:`~facts.errors.BadInput`."""
    for duty in rulebook.duties.values():
        if fold(name) in map(fold, (duty.name, duty.label.zh, duty.label.en)):
            return duty
    near = nearest(name, [n for duty in rulebook.duties.values() for n in (duty.name, duty.label.zh)])
    raise BadInput(Text(
        f"没有义务“{legible(name)}”{near.zh or '；'}可用：{'、'.join(rulebook.duties)}",
        f"there is no duty “{legible(name)}”{near.en or ';'} known: {', '.join(rulebook.duties)}"))


def kind_named(rulebook: Rulebook, name: str) -> str:
    """The kind of recommendation of this name or title, or a part of one that no other has, in either case.

    Raises :class:`~facts.errors.BadInput`.
    """
    kinds = dict.fromkeys((*RECOMMENDATIONS, *(rule.kind for rule in rulebook.recommendations)))
    called = {kind: tuple(map(fold, (kind, *_both(recommendation_label(rulebook, kind))))) for kind in kinds}
    wanted = fold(legible(name))
    found = [kind for kind in kinds if wanted in called[kind]] or [
        kind for kind in kinds if wanted and any(wanted in each for each in called[kind])]
    if len(found) == 1:
        return found[0]
    near = nearest(name, kinds)
    raise BadInput(Text(
        f"没有这种建议“{legible(name)}”{near.zh or '；'}可用：{'、'.join(kinds)}",
        f"there is no kind of recommendation “{legible(name)}”{near.en or ';'} known: {', '.join(kinds)}"))


def _both(text: Text) -> tuple[str, str]:
    return text.zh, text.en


def subject_named(engine: Engine, uscc: str, known_in: int | None = None) -> Dossier:
    """The enterprise or authority with this code, as known in a revision if one is given.

    Raises :class:`~facts.errors.BadInput`.
    """
    given = legible(half_width(uscc))
    # Credit codes are kept in capitals; the code of an authority as its ledger writes it.
    found = dossier(engine, given, known_in=known_in) or dossier(engine, given.upper(), known_in=known_in)
    if found is None and known_in is not None and subject_named(engine, uscc):
        raise BadInput(Text(f"{given} 当时还不在台账中；可用较晚的 --known-at",
                            f"{given} was not in the ledger then; give a later --known-at"))
    if found is None:
        raise BadInput(Text(f"台账中没有企业或部门的代码是“{given}”；可用 zhiben find 按名称查",
                            f"no enterprise or authority has the code “{given}”; zhiben find looks it up by name"))
    return found


def legible(text: str) -> str:
    """``text`` from the command line without bytes that are no text, which neither database nor terminal would take."""
    return text.encode(errors="replace").decode()


def _not_there(uscc: str, as_of: date) -> BadInput:
    return BadInput(Text(f"{uscc} 在 {as_of} 还没有生效的企业信息", f"{uscc} has no version that is valid on {as_of}"))


commands = (query, why, find, totals)
