"""Facts that packs read and leave to others to derive (借用的推定): a plan reads 较大事故, a statute defines it.

Packs that are used without those others borrow how such a fact is derived: this and nothing else, no rule and no
recommendation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from engine.condition_reader import ledger_facts
from engine.pack_schema import Pack
from engine.yaml_source import Source, parse
from facts.vocabulary import SECTORS

Loaded = tuple[Source, Pack, str]


def borrowed(packs: Sequence[Loaded], lenders: Mapping[str, str]) -> list[Loaded]:
    """What of the packs in ``lenders`` (sound texts by file name) derives facts that ``packs`` mention and lack.

    Facts that the ledger has are not lacked. Each pack that lends is cut down to what it lends; it goes by its name
    with ``(facts)`` after it and by the hash of its whole text. Drafts lend nothing.
    """
    here = {pack.pack for _, pack, _ in packs}
    known = {*ledger_facts(SECTORS), *(fact.fact for _, pack, _ in packs for fact in pack.derived)}
    wanted = {word for source, _, _ in packs for word in _words(source.data)} - known
    found = []
    for file, text in lenders.items():
        source, pack, sha256 = _lender(file, text)
        if pack.status == "draft" or pack.pack in here:
            continue
        # What is lent may itself read what has to be derived.
        while more := {w for fact in pack.derived if fact.fact in wanted for w in _words(fact.when)} - wanted - known:
            wanted |= more
        lent = [fact for fact in pack.derived if fact.fact in wanted]
        if lent:
            cut = pack.model_copy(update={"pack": f"{pack.pack} (facts)", "derived": lent, "rules": [], "ladders": [],
                                          "recommendations": []})
            found.append((source, cut, sha256))
    return found


@lru_cache(maxsize=64)
def _lender(file: str, text: str) -> Loaded:
    source = parse(text, file)
    return source, Pack.model_validate(source.data), hashlib.sha256(text.encode()).hexdigest()


def _words(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for part in value:
                yield from _words(part)
        case dict():
            yield from value
            for part in value.values():
                yield from _words(part)
