"""What becomes of letters (发出与作废): each is sent once, or again for a reason that is recorded, or made void.

What stands in the database is read again in the transaction that writes: of two people who record the same, the second
is told what the first one did.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from engine import letter_store as store
from engine.letter_numbers import meant
from engine.letter_store import Letter
from facts.language import Text
from facts.store.database import writing
from facts.store.journal import sealed


@dataclass(frozen=True, slots=True)
class Sending:
    """That letters were sent: on which day, by whom and how; ``again`` is why they were sent once more."""

    on: date
    by: str
    how: str | None = None
    again: str | None = None


class Refused(Exception):
    """Nothing was recorded; ``problems`` has a line for each letter that stood against it."""

    def __init__(self, problems: Collection[Text]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.en for problem in self.problems))


def record_sent(engine: Engine, given: Sequence[str], sending: Sending, now: datetime) -> list[Letter]:
    """Record that letters were sent; returns them as they were before.

    Raises :class:`Refused` if one of the numbers is not known or means several letters, or if a letter is void, bears
    a later date, was sent before (unless again) or was not (if again).
    """
    with writing(engine, "outcomes") as connection:
        found, problems = _named(connection, given)
        problems += [problem for letter in found if (problem := _against_sending(letter, sending)) is not None]
        if problems:
            raise Refused(problems)
        row = {"sent_on": sending.on, "sent_by": sending.by, "how": sending.how, "because": sending.again}
        said = {"on": sending.on, "letters": len(found)}
        with sealed(connection, "delivery", now, said, author=sending.by) as journal:
            store.enter_fate(connection, journal, store.StoredDelivery,
                             {each.number: {"place": len(each.sent) + 1, **row} for each in found}, sending.on)
    return found


def make_void(engine: Engine, given: Sequence[str], by: str, reason: str, now: datetime) -> list[Letter]:
    """Record that letters will not be sent: their numbers stay used, what they speak of is written of anew.

    Raises :class:`Refused` if one of the numbers is not known or means several letters, or if a letter was sent or is
    void.
    """
    with writing(engine, "outcomes") as connection:
        found, problems = _named(connection, given)
        problems += [problem for letter in found if (problem := _over(letter)) is not None]
        if problems:
            raise Refused(problems)
        row = {"void_on": now.date(), "void_by": by, "reason": reason}
        said = {"reason": reason, "letters": len(found)}
        with sealed(connection, "letter_void", now, said, author=by) as journal:
            store.enter_fate(connection, journal, store.StoredLetterVoid,
                             {each.number: row for each in found}, now.date())
    return found


def _named(connection: Connection, given: Sequence[str]) -> tuple[list[Letter], list[Text]]:
    """The letters of these numbers, each once, and what is wrong with the others."""
    known = store.numbers(connection)
    numbers, problems = [], []
    for text in given:
        said = " ".join(text.split())
        match meant(text, known):
            case [number]:
                numbers.append(number)
            case []:
                problems.append(Text(f"没有文号“{said}”；zhiben notices list 列出全部通知",
                                     f"there is no letter “{said}”; zhiben notices list lists them"))
            case several:
                listed = [str(number) for number in sorted(several)]
                problems.append(Text(f"“{said}”可以是 {'、'.join(listed)}；请写全",
                                     f"“{said}” may be {', '.join(listed)}; write it in full"))
    return store.letters(connection, numbers=list(dict.fromkeys(numbers))), problems


def _over(letter: Letter) -> Text | None:
    """Why nothing more becomes of a letter."""
    number = letter.number
    if letter.void is not None:
        return Text(f"{number}已于 {letter.void.on} 由{letter.void.by}作废：{letter.void.reason}",
                    f"{number} was made void on {letter.void.on} by {letter.void.by}: {letter.void.reason}")
    if letter.sent:
        last = letter.sent[-1]
        how = f"（{last.how}）" if last.how else ""
        return Text(f"{number}已于 {last.on} 由{last.by}发出{how}",
                    f"{number} was sent on {last.on} by {last.by}{f' ({last.how})' if last.how else ''}")
    return None


def _against_sending(letter: Letter, sending: Sending) -> Text | None:
    if sending.on < letter.dated:
        return Text(f"{letter.number}成文于 {letter.dated}，不会在 {sending.on} 发出；请核对 --on",
                    f"{letter.number} is dated {letter.dated} and cannot have been sent on {sending.on}; check --on")
    over = _over(letter)
    if letter.void is not None:
        return over
    if over is not None and sending.again is None:
        return Text(f"{over.zh}；确需再次发出的，用 --again 写明理由",
                    f"{over.en}; if it was sent again, say why with --again")
    if over is None and sending.again is not None:
        return Text(f"{letter.number}还没有登记发出；请去掉 --again",
                    f"{letter.number} was not sent before; leave --again out")
    return None
