"""The waivers that a scenario tells of (场景中的豁免), held to the rules of those that are entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.scenario_facts import USCC, ScenarioError, Words
from engine.sentences import tables
from engine.waivers import Waiver
from facts.language import Text


def waiver_of_sentence(blanks: Mapping[str, str], words: Words) -> Waiver:
    """The waiver of a sentence with ``duty``, ``date``, ``date_to`` and perhaps ``key``."""
    return _waiver({"duty": blanks["duty"], "key": blanks.get("key", ""), "from": blanks["date"],
                    "to": blanks["date_to"]}, words)


def waivers_of_table(table: Sequence[Sequence[str]], words: Words) -> list[Waiver]:
    """The waivers of a table, one a row. Raises :class:`~engine.scenario_facts.ScenarioError`."""
    columns = tables()["waivers"]
    names = [columns.column(header) for header in table[0]]
    for header, name in zip(table[0], names, strict=True):
        if name is None:
            known = [*columns.columns.values()]
            raise ScenarioError(Text(f"没有“{header}”这一列；可用：{'、'.join(text.zh for text in known)}",
                                     f"no column {header!r}; there are: {', '.join(text.en for text in known)}"))
    return [_waiver({str(name): text.strip() for name, text in zip(names, line, strict=True)}, words)
            for line in table[1:]]


def _waiver(cells: Mapping[str, str], words: Words) -> Waiver:
    lacking = [tables()["waivers"].columns[name] for name in ("duty", "from", "to") if not cells.get(name)]
    if lacking:
        raise ScenarioError(Text(f"豁免缺少“{'、'.join(text.zh for text in lacking)}”",
                                 f"a waiver lacks {', '.join(text.en for text in lacking)}"))
    first, last = words.date(cells["from"]), words.date(cells["to"])
    entered_on = words.date(cells["entered_on"]) if cells.get("entered_on") else first
    retroactive = cells.get("retroactive") or None
    if first > last:
        raise ScenarioError(Text(f"豁免的止日 {last} 早于起日 {first}", f"a waiver ends on {last}, before it starts"))
    if (first < entered_on) is not (retroactive is not None):
        raise ScenarioError(Text("录入晚于起日的豁免须写追溯理由，其他豁免不写",
                                 "a waiver entered after its first day must say why (retroactive), no other may"))
    return Waiver(0, USCC, cells["duty"], cells.get("key") or None, first, last, "", "", entered_on, retroactive,
                  words.date(cells["ended_on"]) if cells.get("ended_on") else None)
