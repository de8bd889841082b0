"""Whether the numbers that a pack asks for stand in its quotes (数字出处的检查)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from engine.findings import Findings, Level
from engine.numerals import least_counts, printed_numbers, prints_date, prints_frequency
from engine.pack_schema import Ask, Figure
from engine.periods import Unit
from engine.quotations import is_placeholder
from engine.written_rules import WrittenRule
from engine.yaml_source import Path


def check_numbers(rule: WrittenRule, findings: Findings) -> None:
    """Numbers, dates and frequencies of a rule that neither its quote prints nor its author calls an assumption."""
    written = rule.written
    if is_placeholder(written.quote):
        return
    quotes = " ".join([written.quote, *(case.quote for case in written.cases or () if case.quote)])
    _check_ask(written, rule.path, quotes, findings)
    check_condition(written.when, (*rule.path, "when"), quotes, findings)
    check_condition(written.state, (*rule.path, "state"), quotes, findings)
    _check_counts(rule, quotes, findings)
    if written.every is not None:
        _frequency(rule.cases[0].unit, rule.path, quotes, findings)
    for i, case in enumerate(written.cases or ()):
        path, own = (*rule.path, "cases", i), f"{written.quote} {case.quote or ''}"
        _check_ask(case, path, own, findings)
        check_condition(case.when, (*path, "when"), own, findings)
        check_condition(case.state, (*path, "state"), own, findings)
        if case.every is not None:
            _frequency(rule.cases[i].unit, path, own, findings)


def check_condition(raw: Any, path: Path, quote: str, findings: Findings) -> None:
    """Thresholds of one condition, as written in the file at ``path``, that ``quote`` does not print."""
    for place, op, value in _literals(raw, path):
        sourced = prints_date(quote, value) if isinstance(value, date) else _printed(quote, op, Decimal(value))
        if not sourced:
            _unsourced(place, value, findings)


def _literals(raw: Any, path: Path, op: str = "eq") -> Iterator[tuple[Path, str, Any]]:
    """Numbers and dates in a condition, each with its place and the test that it stands in."""
    match raw:
        case bool():
            return
        case int() | Decimal() | date():
            yield path, op, raw
        case list():
            for i, part in enumerate(raw):
                yield from _literals(part, (*path, i), op)
        case dict() if "assumption" not in raw:
            for key, part in raw.items():
                yield from _literals(part, (*path, key), key if key in _NEIGHBOUR else "eq")


#: 超过100人 may be written as at least 101, 100人以上 as more than 99: the number beside it is as good.
_NEIGHBOUR = {"ge": -1, "gt": 1, "le": 1, "lt": -1}


def _printed(quote: str, op: str, number: Decimal) -> bool:
    # To have one at all is said without a number: 应当配备, 有.
    if (op, number) in {("ge", 1), ("gt", 0), ("lt", 1), ("eq", 0), ("le", 0)}:
        return True
    numbers = printed_numbers(quote)
    as_good = {abs(number), abs(number + _NEIGHBOUR.get(op, 0)), number * 10_000}  # a column may count in 万元
    return bool(as_good & numbers)


def _check_ask(ask: Ask, path: Path, quote: str, findings: Findings) -> None:
    figures: list[tuple[str, Figure | None]] = [("at_least", ask.at_least), ("remind_before", ask.remind_before)]
    if ask.within is not None:
        figures += [("within.from_day", ask.within.from_day), ("within.to_day", ask.within.to_day)]
    if ask.due is not None:
        figures.append(("due.days", ask.due.days))
    for name, figure in figures:
        # At least once, from the first day and 0 days on are what is meant when nothing is written.
        usual = 0 if name == "due.days" else 1
        if figure is not None and figure.assumption is None and figure.value != usual \
                and not _printed(quote, "eq", Decimal(figure.value)):
            _unsourced((*path, *name.split(".")), figure.value, findings)
    for name, day in (("deadline", ask.deadline), ("since", ask.since), ("due.date", ask.due and ask.due.date)):
        if day is not None and not prints_date(quote, day):
            _unsourced((*path, *name.split(".")), day, findings)


def _check_counts(rule: WrittenRule, quotes: str, findings: Findings) -> None:
    """Counts that the quote asks for at least, where no case of the rule has one: at_least was forgotten."""
    cases = [case for case in rule.cases if {"every", "deadline"} & case.asks.keys()]
    if cases and all(case.at_least == 1 for case in cases):
        for count in sorted(least_counts(quotes) - {1}):
            findings.add(cases[0].path, "number-not-used", Level.WARNING,
                         f"引文要求至少 {count}，规则没有写 at_least: {count}",
                         f"the quote asks for at least {count}, the rule does not say at_least: {count}")


def check_figure(figure: Figure, path: Path, quote: str, findings: Findings) -> None:
    """A number at ``path`` that neither ``quote`` prints nor its author calls an assumption."""
    if figure.assumption is None and abs(figure.value) not in printed_numbers(quote):
        _unsourced(path, figure.value, findings)


def _unsourced(path: Path, value: Any, findings: Findings) -> None:
    if isinstance(value, date):
        findings.add(path, "number-without-source", Level.WARNING,
                     f"日期 {value} 不见于引文；请引全出处",
                     f"the date {value} is not in the quote; quote the words that set it")
    else:
        findings.add(path, "number-without-source", Level.WARNING,
                     f"数字 {value} 不见于引文；请引全出处，原文没有印出的写作 {{assumption: {value}, reason: 理由}}",
                     f"the number {value} is not in the quote; quote the words that set it, or if no source prints it "
                     f"write {{assumption: {value}, reason: text}}")


def _frequency(unit: Unit | None, path: Path, quote: str, findings: Findings) -> None:
    if unit is not None and not prints_frequency(quote, unit):
        findings.add((*path, "every"), "number-without-source", Level.WARNING,
                     "引文没有写这一频次（如“每季度”“每半年”）；请引全出处，或核对 every",
                     "the quote does not say how often (as “each quarter”); quote the words that do, or check every")
