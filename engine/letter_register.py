"""The register of letters (发文登记表): a workbook with what was written, what it speaks of, and what was held back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter

from engine.letter_words import LETTERS, plain
from engine.letters import DUE_SOON, Matter, Standing
from engine.notices import Draft, Plan, Waiting
from engine.results import Violation
from engine.rulebook import Rulebook
from engine.wording import STATE, duty_label
from facts.language import Language, Text

#: Characters that a cell holds.
_LONGEST = 32_767

LETTERS_SHEET = Text("发文登记表", "register")
MATTERS_SHEET = Text("事项明细", "matters")
HELD_SHEET = Text("暂不发出", "held back")

#: Each column with its heading and its width in characters.
_COLUMNS: Mapping[str, tuple[Text, int]] = {
    "number": (Text("发文字号", "number"), 24),
    "dated": (Text("成文日期", "dated"), 12),
    "uscc": (Text("统一社会信用代码", "credit code"), 21),
    "name": (Text("单位名称", "name"), 32),
    "division": (Text("行政区划代码", "division"), 13),
    "step": (Text("措施", "step"), 16),
    "addressee": (Text("主送", "addressee"), 32),
    "matters": (Text("事项数", "matters"), 8),
    "comply_by": (Text("要求期限", "comply by"), 12),
    "assumptions": (Text("假定的数字", "assumed numbers"), 60),
    "state": (Text("状态", "state"), 20),
    "file": (Text("文件", "file"), 52),
    "sent_on": (Text("发出日期", "sent on"), 12),
    "sent_by": (Text("经办人", "sent by"), 12),
    "how": (Text("送达方式", "how"), 16),
    "duty": (Text("义务", "duty"), 32),
    "key": (Text("期间或对象", "period or object"), 20),
    "due_on": (Text("到期日", "due on"), 12),
    "opened_on": (Text("违规起始日", "opened on"), 12),
    "streak": (Text("连续次数", "streak"), 9),
    "reached_on": (Text("措施应于", "step due on"), 12),
    "issued_on": (Text("措施发出日", "step issued on"), 14),
    "ladder": (Text("梯次", "ladder"), 28),
    "level": (Text("级次", "level"), 6),
    "clause": (Text("措施条款", "clause of the step"), 18),
    "quote": (Text("措施原文", "quote of the step"), 48),
    "clauses": (Text("义务条款", "clauses of the duty"), 30),
    "reason": (Text("原因", "reason"), 44),
}
_OF_LETTERS = ("number", "dated", "uscc", "name", "division", "step", "addressee", "matters", "comply_by",
               "assumptions", "state", "file", "sent_on", "sent_by", "how")
_OF_MATTERS = ("number", "uscc", "name", "step", "duty", "key", "due_on", "opened_on", "streak", "reached_on",
               "issued_on", "ladder", "level", "clause", "quote", "clauses", "assumptions")
_OF_HELD = ("reason", "number", "uscc", "name", "step", "duty", "key", "reached_on", "issued_on", "ladder", "level")

FIRST_TIME = Text("新发文号", "new")
AGAIN = Text("再次写出，文号不变", "written again")
LATE = Text("，要求期限已过", ", the date to comply by has passed")


def assumptions_of(draft: Draft) -> list[Text]:
    """Every number in or behind a letter that no document prints, with the reason."""
    found = []
    comply_by = draft.letter.comply_by
    if comply_by is not None:
        days = (comply_by - draft.letter.dated).days
        found.append(Text(f"要求期限 {days} 日：没有文件规定天数",
                          f"{days} days to comply: no document gives a number"))
    figures = dict.fromkeys((figure.value, plain(figure.assumption or ""))
                            for each in draft.standing for figure in each.assumptions)
    return [*found, *(Text(f"{value}：{reason}", f"{value}: {reason}") for value, reason in figures)]


def state_of(draft: Draft, as_of: date) -> Text:
    """Whether a letter is new, or was written before and still waits."""
    if not draft.again:
        return FIRST_TIME
    late = draft.letter.comply_by is not None and draft.letter.comply_by < as_of
    return Text(AGAIN.zh + LATE.zh, AGAIN.en + LATE.en) if late else AGAIN


def write_register(path: Path, made: Plan, addressees: Sequence[str], files: Sequence[str], rulebook: Rulebook,
                   language: Language) -> None:
    """Write the workbook; ``addressees`` and ``files`` are those of the plan's drafts, in their order."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": datetime.combine(made.as_of, time())})
        letters = (_letter_row(draft, made.as_of, addressee, file, language)
                   for draft, addressee, file in zip(made.drafts, addressees, files, strict=True))
        _sheet(book, LETTERS_SHEET, _OF_LETTERS, letters, language)
        matters = (_matter_row(draft, each, rulebook, language) for draft in made.drafts for each in draft.standing)
        _sheet(book, MATTERS_SHEET, _OF_MATTERS, matters, language)
        _sheet(book, HELD_SHEET, _OF_HELD, (_held_row(each, rulebook, language) for each in made.waiting), language)


def _letter_row(draft: Draft, as_of: date, addressee: str, file: str, language: Language) -> dict[str, Any]:
    letter, judgement = draft.letter, draft.judgement
    return {
        "number": str(letter.number), "dated": letter.dated, "uscc": letter.uscc, "name": judgement.name,
        "division": judgement.division, "step": LETTERS[letter.step](language), "addressee": addressee,
        "matters": len(draft.standing), "comply_by": letter.comply_by,
        "assumptions": "; ".join(text(language) for text in assumptions_of(draft)),
        "state": state_of(draft, as_of)(language), "file": file,
    }


def _matter_row(draft: Draft, standing: Standing, rulebook: Rulebook, language: Language) -> dict[str, Any]:
    about, ref = standing.about, standing.ref
    violation = about if isinstance(about, Violation) else None
    return {
        **_of_matter(standing.matter, rulebook, language), "number": str(draft.letter.number),
        "name": draft.judgement.name, "due_on": about.due_on, "opened_on": violation and violation.opened_on,
        "streak": violation and violation.streak, "clause": ref and ref.clause, "quote": ref and ref.quote,
        "clauses": "; ".join(dict.fromkeys(rule.clause for rule in about.rules)),
        "assumptions": "; ".join(f"{figure.value}: {figure.assumption}" for figure in standing.assumptions),
    }


def _held_row(waiting: Waiting, rulebook: Rulebook, language: Language) -> dict[str, Any]:
    return {
        **_of_matter(waiting.held.matter, rulebook, language), "reason": waiting.held.reason(language),
        "number": str(waiting.letter.number) if waiting.letter else None,
        "name": waiting.judgement and waiting.judgement.name,
    }


def _of_matter(matter: Matter, rulebook: Rulebook, language: Language) -> dict[str, Any]:
    step = matter.step != DUE_SOON
    return {
        "uscc": matter.uscc, "step": LETTERS[matter.step](language),
        "duty": duty_label(rulebook, matter.duty)(language),
        "key": STATE(language) if matter.key == "state" else matter.key,
        "reached_on": matter.due_on if step else None, "issued_on": matter.issued_on if step else None,
        "ladder": matter.ladder or None, "level": matter.level if step else None,
    }


def _sheet(book: xlsxwriter.Workbook, title: Text, columns: Sequence[str], rows: Iterable[Mapping[str, Any]],
           language: Language) -> None:
    sheet = book.add_worksheet(title(language))
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    number = book.add_format({"valign": "top"})
    day = book.add_format({"valign": "top", "num_format": "yyyy-mm-dd"})
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    for place, column in enumerate(columns):
        label, width = _COLUMNS[column]
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, label(language), head)
    last = 0
    for last, row in enumerate(rows, 1):
        for place, column in enumerate(columns):
            match row.get(column):
                # Text is always written as text: what a name begins with is never run.
                case str(value):
                    sheet.write_string(last, place, plain(value)[:_LONGEST], text)
                case date() as value:
                    sheet.write_datetime(last, place, datetime.combine(value, time()), day)
                case int(value):
                    sheet.write_number(last, place, value, number)
    sheet.autofilter(0, 0, last, len(columns) - 1)
