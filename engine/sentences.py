"""The sentences that scenarios may use (场景句子), as declared in ``sentences.yaml``.

The page beside this module is the only place where a sentence is worded; what it does to a scenario stands in
:mod:`engine.scenario`. Words are compared after :func:`plain`, so that curly quotes and stray spaces do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import parse
import yaml

from facts.language import Language, Text

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "＂": '"', "「": '"', "」": '"', "\u3000": " "})
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_SPACE_BESIDE_WIDE = re.compile(rf"(?<=[{_WIDE}])\s+|\s+(?=[{_WIDE}])")
_FILLED = re.compile(r'"[^"]*"|\{\w+\}|\d[\d\-/.年月日、,]*')
_BLANK = re.compile(r"(\"?)\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: ``step`` is given, when or then; ``table`` names the table that must follow it, if any."""

    id: str
    step: str
    wording: Text
    does: Text
    example: Text
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A step read as a sentence; ``blanks`` has the text that stood in each ``{…}``."""

    sentence: Sentence
    blanks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a table of expected results, by English name."""

    name: str
    columns: Mapping[str, Text]

    def column(self, label: str) -> str | None:
        """The English name of the column that an author calls ``label``; ``None`` if there is none."""
        wanted = plain(label).casefold()
        for name, text in self.columns.items():
            if wanted in (name, text.zh, text.en):
                return name
        return None


def plain(text: str) -> str:
    """``text`` with straight quotes, single spaces, and none beside Chinese characters and full-width signs."""
    return _SPACE_BESIDE_WIDE.sub("", " ".join(text.translate(_QUOTES).split()))


@parse.with_pattern(r'[^"]+')
def _quoted(text: str) -> str:
    return text.strip()


@parse.with_pattern(r".+")
def _bare(text: str) -> str:
    return text.strip()


@cache
def pattern(wording: str) -> parse.Parser:
    """The parser of one sentence in one language."""
    typed = _BLANK.sub(lambda m: f"{m[1]}{{{m[2]}:{'Quoted' if m[1] else 'Bare'}}}", plain(wording))
    return parse.compile(typed, {"Quoted": _quoted, "Bare": _bare})


@cache
def _page() -> dict[str, Any]:
    text = resources.files("engine").joinpath("sentences.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


@cache
def sentences() -> tuple[Sentence, ...]:
    """All sentences, in the order of the page."""
    return tuple(
        Sentence(row["id"], row["step"], Text(row["zh"], row["en"]), Text(**row["does"]), Text(**row["example"]),
                 row.get("table"))
        for row in _page()["sentences"]
    )


@cache
def tables() -> Mapping[str, Table]:
    """The tables of expected results, by name."""
    return {
        name: Table(name, {column: Text(**text) for column, text in columns.items()})
        for name, columns in _page()["tables"].items()
    }


@cache
def blanks() -> Mapping[str, Text]:
    """What may stand in each ``{…}``."""
    return {name: Text(**text) for name, text in _page()["blanks"].items()}


@cache
def words(group: str) -> Mapping[str, Text]:
    """The words of one group (``verdict``, ``status``, ``class``, ``kind``) by their English name."""
    return {name: Text(zh, name) for name, zh in _page()["words"][group].items()}


def read(sentence: Sentence, text: str) -> Match | None:
    """``text`` read as that sentence, in either language; ``None`` if it is another."""
    wanted = plain(text)
    for wording in (sentence.wording.zh, sentence.wording.en):
        found = pattern(wording).parse(wanted)
        if found is not None:
            return Match(sentence, found.named)
    return None


@lru_cache(maxsize=8192)
def match(step: str, text: str) -> Match | None:
    """The sentence that ``text`` is, among those of ``step`` (given, when, then); ``None`` if it is none of them."""
    found = (read(sentence, text) for sentence in sentences() if sentence.step == step)
    return next((match for match in found if match is not None), None)


def nearest(text: str, language: Language) -> str | None:
    """The wording most like ``text``, for the author of a step that is no sentence; ``None`` if none is close."""
    wordings = {_bones(sentence.wording(language)): sentence.wording(language) for sentence in sentences()}
    close = get_close_matches(_bones(text), wordings, n=1, cutoff=0.4)
    return wordings[close[0]] if close else None


def _bones(text: str) -> str:
    """``text`` without what an author fills in: quoted names, blanks, numbers and dates."""
    return _FILLED.sub("", plain(text))
