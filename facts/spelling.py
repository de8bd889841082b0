"""Recognising a word of the vocabulary however it is written (词语识别): full width, case, spaces, either language."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from facts.language import Text

#: Full-width forms and the ideographic space to their plain counterparts.
HALF_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20, 0xA0: 0x20}
# Zero-width characters and byte order marks come along when text is copied from web pages and chat programs.
# So do marks of the direction of writing, which turn the characters around them and are not seen themselves.
_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD, *range(0x200E, 0x2010), 0x61C,
                            *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
#: How many unknown spellings are compared with every known one: enough to see what went wrong, and soon done.
_MOST_GUESSES = 1_000
_IGNORED = re.compile(r"[\s_\-]+")
_UNIT = re.compile(r"\([^()]*\)$")


def half_width(text: str) -> str:
    """``text`` with full-width letters, digits and signs made plain, without invisible characters and outer spaces."""
    if text.isascii():
        return text.strip()
    return text.translate(HALF_WIDTH).translate(_INVISIBLE).strip()


def fold(text: str) -> str:
    """The form in which two spellings of one word are equal: case, width, spaces, ``_`` and ``-`` do not count."""
    return _IGNORED.sub("", half_width(text).casefold())


class Words:
    """A closed list of words, found by identifier or by label in either language.

    ``aliases`` maps further spellings to identifiers. Where two words share a spelling the first one keeps it.
    """

    def __init__(self, words: Mapping[str, Text], aliases: Mapping[str, str] | None = None) -> None:
        self.words = words
        self._guesses = 0
        self._names: dict[str, str] = {}
        for name, label in words.items():
            for spelling in (name, label.zh, label.en, _UNIT.sub("", half_width(label.zh))):
                self._names.setdefault(fold(spelling), name)
        for spelling, name in (aliases or {}).items():
            self._names.setdefault(fold(spelling), name)

    def find(self, text: str) -> str | None:
        """The identifier of the word that ``text`` spells, or ``None``."""
        return self._names.get(fold(text))

    def nearest(self, text: str) -> Text | None:
        """The known word that looks most like ``text``, or ``None`` if none comes near or too many were asked for."""
        self._guesses += 1
        if len(text) > 100 or self._guesses > _MOST_GUESSES:
            return None
        close = difflib.get_close_matches(fold(text), self._names, n=1, cutoff=0.55)
        return self.label(self._names[close[0]]) if close else None

    def label(self, name: str) -> Text:
        """How a word is shown: the Chinese label, or the identifier in English."""
        return Text(self.words[name].zh, name)

    def listed(self) -> Text:
        """All the words on one line."""
        return joined(self.label(name) for name in self.words)


def joined(texts: Iterable[Text]) -> Text:
    """Several texts as an enumeration."""
    texts = list(texts)
    return Text("、".join(t.zh for t in texts), ", ".join(t.en for t in texts))
