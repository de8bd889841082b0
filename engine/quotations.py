"""Whether the quotes of a pack stand in the document (引文的核对)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.findings import Findings, Level
from engine.pack_schema import Pack
from engine.yaml_source import Path

_PLACEHOLDER = re.compile(r"\s*(todo|tbd|xxx+|[?？….。]+|待补.*|待填.*)\s*\Z", re.IGNORECASE | re.DOTALL)
_OMISSION = re.compile(r"……|…|\.{3,}")
_SPACE = re.compile(r"[\s\u200b\ufeff]+")

#: How many signs of the document are shown where a quote departs from it.
_SHOWN = 20
#: Fewer signs than these are found in any document and place nothing.
_TELLING = 6


def is_placeholder(text: str) -> bool:
    """Whether ``text`` still waits to be written: 待填, TODO, …."""
    return bool(_PLACEHOLDER.match(text))


def quotes_of(pack: Pack) -> Iterator[tuple[Path, str]]:
    """Every quote of a pack and where it stands."""
    for key, items in (("derived", pack.derived), ("rules", pack.rules), ("recommendations", pack.recommendations)):
        for i, item in enumerate(items):
            yield (key, i, "quote"), item.quote
            for j, case in enumerate(getattr(item, "cases", None) or ()):
                if case.quote is not None:
                    yield (key, i, "cases", j, "quote"), case.quote
    for i, ladder in enumerate(pack.ladders):
        yield ("ladders", i, "quote"), ladder.quote
        for j, step in enumerate(ladder.steps):
            if step.quote is not None:
                yield ("ladders", i, "steps", j, "quote"), step.quote


def check_placeholders(pack: Pack, findings: Findings) -> None:
    """Citations that say nothing yet."""
    cited = list(quotes_of(pack))
    for key, items in (("derived", pack.derived), ("rules", pack.rules), ("recommendations", pack.recommendations)):
        for i, item in enumerate(items):
            cited.append(((key, i, "clause"), item.clause))
            cited += [((key, i, "cases", j, "clause"), case.clause)
                      for j, case in enumerate(getattr(item, "cases", None) or ()) if case.clause is not None]
    for i, ladder in enumerate(pack.ladders):
        cited.append((("ladders", i, "clause"), ladder.clause))
        cited += [(("ladders", i, "steps", j, "clause"), step.clause)
                  for j, step in enumerate(ladder.steps) if step.clause is not None]
    for path, text in cited:
        if is_placeholder(text):
            findings.add(path, "citation", Level.WARNING, f"“{text}”不是依据；请写明条款和原文",
                         f"{text!r} is no citation; give the clause and its words")


def check_quotes(pack: Pack, documents: Sequence[str], findings: Findings) -> None:
    """Quotes that stand in none of ``documents`` (whole texts), white space aside; … stands for words left out."""
    texts = [_SPACE.sub("", text) for text in documents]
    for path, quote in quotes_of(pack):
        parts = [part for part in (_SPACE.sub("", p) for p in _OMISSION.split(quote)) if part]
        if any(_in_order(parts, text) for text in texts):
            continue
        wrong, there, instead = _departure(parts, texts)
        if there:
            findings.add(path, "quote", Level.ERROR,
                         f"引文与原文不符：原文“{there[-_SHOWN:]}”之后是“{instead}”，引文是“{wrong}”",
                         f"the quote departs from the document: after “{there[-_SHOWN:]}” the document has "
                         f"“{instead}”, the quote “{wrong}”")
        else:
            findings.add(path, "quote", Level.ERROR, f"原文中没有“{wrong}”；请从原文复制",
                         f"the document does not have “{wrong}”; copy the words from it")


def _in_order(parts: Sequence[str], text: str) -> bool:
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _departure(parts: Sequence[str], texts: Sequence[str]) -> tuple[str, str, str]:
    """What the quote has, after which words that the document has too, and what the document has there."""
    part = next((p for p in parts if not any(p in text for text in texts)), parts[-1] if parts else "")
    best: tuple[int, str] = (0, "")
    for text in texts:
        length = best[0]
        while length < len(part) and part[:length + 1] in text:
            length += 1
        if length > best[0]:
            at = text.find(part[:length]) + length
            best = (length, text[at:at + _SHOWN])
    length, instead = best
    if length < min(_TELLING, len(part)):
        return part[:_SHOWN], "", ""
    return part[length:length + _SHOWN], part[:length], instead
