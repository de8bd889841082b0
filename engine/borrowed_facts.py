"""Facts that packs read and leave to others to derive (借用的推定): a plan reads 较大事故, a statute defines it.

Packs that are used without those others borrow how such a fact is derived: this and nothing else, no rule and no
recommendation.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.condition_reader import ledger_facts
from engine.pack_schema import Pack
from engine.yaml_source import Source, words
from facts.vocabulary import SECTORS

Loaded = tuple[Source, Pack, str]

#: Behind the name of a pack of which only facts were borrowed.
BORROWED = " (facts)"


def borrowed(packs: Sequence[Loaded], lenders: Sequence[Loaded]) -> list[Loaded]:
    """What of the ``lenders`` derives facts that ``packs`` mention and lack.

    Facts that the ledger has are not lacked. Each pack that lends is cut down to what it lends; it goes by its name
    with ``(facts)`` after it and by the hash of its whole text. Drafts lend nothing.
    """
    here = {pack.pack for _, pack, _ in packs}
    known = {*ledger_facts(SECTORS), *(fact.fact for _, pack, _ in packs for fact in pack.derived)}
    wanted = {word for source, _, _ in packs for word in words(source.data)} - known
    found = []
    for source, pack, sha256 in lenders:
        if pack.status == "draft" or pack.pack in here:
            continue
        # What is lent may itself read what has to be derived.
        while more := {w for fact in pack.derived if fact.fact in wanted for w in words(fact.when)} - wanted - known:
            wanted |= more
        lent = [fact for fact in pack.derived if fact.fact in wanted]
        if lent:
            cut = pack.model_copy(update={"pack": f"{pack.pack}{BORROWED}", "derived": lent, "rules": [], "ladders": [],
                                          "recommendations": []})
            found.append((source, cut, sha256))
    return found
