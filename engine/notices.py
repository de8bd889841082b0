"""Planning and entering letters (通知文书): what is to be written as of a date, with which numbers.

Planning reads, and nothing is locked meanwhile, since filling in thousands of letters takes its time. If somebody has
written to the database since planning began, entering plans again while nobody else can write: if each letter would say
the same, it is as if they had been written before, and they are entered; else none of them is (:class:`Overtaken`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from engine import letter_store as store
from engine.comparing import newest_date
from engine.judgement import judge
from engine.letter_numbers import Number
from engine.letter_store import Letter
from engine.letters import (
    DAYS_TO_COMPLY,
    DUE_SOON,
    HeldBack,
    Matter,
    Standing,
    due_soon,
    examined,
    grouped,
    only_gravest,
    to_comply,
)
from engine.results import Judgement
from engine.rulebook import Rulebook
from engine.subject import reaches
from engine.waiver_store import known_waivers
from facts.dossier import Dossier, Item
from facts.errors import CouldNotBeDone
from facts.language import Text
from facts.store.database import reading, writing
from facts.store.journal import newest, seal, sealed
from facts.store.reading import count as number_of_enterprises
from facts.store.reading import count_authorities, dossiers

Progress = Callable[[int, int], None]

#: A plan for which more enterprises had to be judged is not made again while others wait.
_FEW = 1_000

Row = TypeVar("Row", Letter, Matter)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters, and how they are numbered.

    Empty ``steps``: of all steps; ``gravest``: of each violation only the gravest issued; ``first``:
    the least serial number.
    """

    as_of: date
    steps: frozenset[str] = frozenset()
    reminders: bool = False
    division: str | None = None
    prefix: str = ""
    first: int = 1
    days: int = DAYS_TO_COMPLY
    gravest: bool = False

    def asks_for(self, step: str) -> bool:
        """Whether letters of this kind are wanted; reminders of due dates only where they are asked for."""
        if step == DUE_SOON:
            return self.reminders
        return not self.steps or step in self.steps


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter to be written: ``again`` if it was before and still waits to be sent.

    ``standing`` are its matters that still are as they were, ``items`` the enterprise's objects by kind and id.
    """

    letter: Letter
    standing: tuple[Standing, ...]
    judgement: Judgement
    items: Mapping[tuple[str, str], Item]
    again: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A matter that is held back: of a letter that still waits, or (``letter`` is ``None``) of none yet."""

    held: HeldBack
    judgement: Judgement | None
    letter: Letter | None = None


@dataclass(slots=True)
class Plan:
    """What is to be written as of a date. ``swept``: the newest sweep; ``seen``: the newest seal when planning began.

    ``judged``: how many enterprises and authorities were judged for it; ``used``: the highest serial number in use.
    ``later``: the newest letter's date, if that is after the date.
    """

    as_of: date
    swept: date | None
    seen: int
    judged: int = 0
    used: int = 0
    drafts: list[Draft] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    later: date | None = None

    @property
    def new(self) -> list[Letter]:
        """The letters that are written for the first time."""
        return [draft.letter for draft in self.drafts if not draft.again]


def plan(source: Engine | Connection, rulebook: Rulebook, wanted: Wanted,
         progress: Progress = lambda done, of: None) -> Plan:
    """What is to be written: letters that still wait to be sent, and new ones of what was issued and has no letter."""
    as_of = wanted.as_of
    with reading(source) as connection:
        begun = newest(connection)
        made = Plan(as_of, newest_date(connection), begun.number if begun else 0)
        before = [each for each in store.letters(connection, unsent=True)
                  if wanted.asks_for(each.step) and each.dated <= as_of]
        matters = [each for each in store.steps_without_letter(connection, as_of) if wanted.asks_for(each.step)]
        told = store.reminded(connection) if wanted.reminders else set()
        made.used = store.highest(connection, wanted.prefix, as_of.year)
        newest_letter = store.newest_letter(connection)
        waivers = known_waivers(connection)
    made.later = newest_letter if newest_letter and newest_letter > as_of else None

    of_letters, of_steps = _by_code(before), _by_code(matters)
    codes = None if wanted.reminders else sorted({*of_letters, *of_steps})
    fresh: list[Draft] = []
    seen: set[str] = set()
    total = number_of_enterprises(source) + count_authorities(source) if codes is None else len(codes)
    made.judged = total
    for done, dossier in enumerate(dossiers(source, usccs=codes), 1):
        judgement = judge(dossier, rulebook, as_of, waivers.get(dossier.uscc, ()))
        seen.add(dossier.uscc)
        new = of_steps.get(dossier.uscc, [])
        if judgement is not None and wanted.reminders:
            new = [*new, *(each for each in due_soon(judgement) if each.identity not in told)]
        if _within(wanted.division, judgement):
            fresh += _of_one(made, of_letters.get(dossier.uscc, []), new, dossier, judgement, rulebook, wanted.gravest)
        progress(done, total)
    if wanted.division is None:
        for code in sorted({*of_letters, *of_steps} - seen):
            _of_one(made, of_letters.get(code, []), of_steps.get(code, []), None, None, rulebook)

    made.drafts.sort(key=lambda draft: draft.letter.number)
    made.waiting.sort(key=lambda each: each.held.matter.issued_on, reverse=True)
    numbers = count(max(made.used + 1, wanted.first))
    for draft in fresh:
        letter = replace(draft.letter, number=Number(wanted.prefix, as_of.year, next(numbers)),
                         comply_by=to_comply(draft.letter.step, as_of, wanted.days))
        made.drafts.append(replace(draft, letter=letter))
    return made


def _by_code(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.uscc, []).append(row)
    return found


def _within(division: str | None, judgement: Judgement | None) -> bool:
    return division is None or (judgement is not None and reaches(division, judgement.division))


def _of_one(made: Plan, before: Sequence[Letter], matters: Sequence[Matter], dossier: Dossier | None,
            judgement: Judgement | None, rulebook: Rulebook, gravest: bool = False) -> list[Draft]:
    """The drafts of new letters to one enterprise, not numbered yet; all else goes into the plan."""
    items = {(item.kind, item.id): item for item in dossier.items} if dossier else {}
    for letter in before:
        standing, held = _examined(letter.matters, judgement, rulebook)
        made.waiting += [Waiting(each, judgement, letter) for each in held]
        if standing and judgement is not None:
            made.drafts.append(Draft(letter, tuple(standing), judgement, items, again=True))
    standing, held = _examined(matters, judgement, rulebook)
    if gravest:
        standing, lower = only_gravest(standing)
        held += lower
    made.waiting += [Waiting(each, judgement) for each in held]
    if judgement is None:
        return []
    none_yet = Number("", 0, 0)
    return [Draft(Letter(none_yet, judgement.uscc, group[0].matter.step, made.as_of, None,
                         tuple(each.matter for each in group)), group, judgement, items)
            for group in grouped(standing)]


def _examined(matters: Iterable[Matter], judgement: Judgement | None,
              rulebook: Rulebook) -> tuple[list[Standing], list[HeldBack]]:
    found = [examined(matter, judgement, rulebook) for matter in matters]
    return [each for each in found if isinstance(each, Standing)], [e for e in found if isinstance(e, HeldBack)]


class Overtaken(CouldNotBeDone):
    """Somebody has written to the database since planning began, and some letter would say something else now."""


def enter(engine: Engine, made: Plan, now: datetime, planned: Callable[[Connection], Plan],
          says: Callable[[Draft], Any]) -> None:
    """Enter the new letters of a plan, in one transaction.

    ``planned`` makes the plan anew, ``says`` is what a letter says. Letters that have come to be written since are left
    to the next plan. Raises :class:`Overtaken` if one of this plan is not to be written any more, or says something
    else, or if their numbers are taken.
    """
    if not made.new:
        return
    with writing(engine, "outcomes") as connection:
        said = {"as_of": made.as_of, "letters": len(made.new)}
        with sealed(connection, "letters", now, said) as journal:
            if journal.number != made.seen + 1 and (
                    not few(made) or not _unchanged(made, planned(connection), says)):
                raise _overtaken(connection, journal.number - 1)
            store.enter(connection, journal, made.new)


class _Nothing(Exception):
    """There is nothing to be entered, and nothing to be sealed."""


def enter_while_others_wait(engine: Engine, now: datetime, as_of: date, planned: Callable[[Connection], Plan]) -> Plan:
    """Plan when nobody else can write, and enter the new letters of that plan.

    Everybody who writes waits for it, and is told after ten seconds: for plans of :func:`few` enterprises alone.
    """
    said = {"as_of": as_of, "letters": 0}
    made: list[Plan] = []
    with suppress(_Nothing), writing(engine, "outcomes") as connection, sealed(
            connection, "letters", now, said) as journal:
        made.append(planned(connection))
        said["letters"] = len(made[0].new)
        if not made[0].new:
            raise _Nothing
        store.enter(connection, journal, made[0].new)
    return made[0]


def few(made: Plan) -> bool:
    """Whether the plan can be made again while others wait."""
    return made.judged <= _FEW


def _unchanged(made: Plan, later: Plan, says: Callable[[Draft], Any]) -> bool:
    now = {_about(draft): draft for draft in later.drafts}
    return later.used == made.used and all(
        (draft := now.get(_about(each))) is not None and says(replace(draft, letter=each.letter)) == says(each)
        for each in made.drafts)


def _about(draft: Draft) -> tuple[Any, ...]:
    return draft.letter.uscc, draft.letter.step, draft.letter.matters, draft.again and draft.letter.number


def _overtaken(connection: Connection, number: int) -> Overtaken:
    last = seal(connection, number)
    by = Text(f"（{last.author}）", f" by {last.author}") if last and last.author else Text("", "")
    what = last.kind if last else "?"
    return Overtaken(Text(
        f"其间另有人写入了数据库：{what}{by.zh}；没有登记文号，也没有写出通知，请重新运行",
        f"somebody else wrote to the database meanwhile: {what}{by.en}; no letter was numbered or written, run this "
        "again"))
