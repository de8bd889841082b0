"""The names that packs bring along (规则包声明的名称): facts, kinds of record, sectors … each with one meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.condition_reader import FactType, ledger_facts
from engine.errors import Problems, nearest
from engine.pack_schema import DerivedFact, Pack
from engine.yaml_source import Path, Source
from facts.language import Text
from facts.models import DeclaredFact
from facts.vocabulary import AUTHORITIES, AUTHORITY_KINDS, ENTERPRISES, ITEM_SHEETS, KINDS, SECTORS, Type

#: The fact that says what kind of authority one is (部门类别).
AUTHORITY_KIND = "authority_kind"

#: Columns of the enterprise sheet; most are facts already, the others say who and since when.
_COLUMNS = frozenset(column.name for column in ENTERPRISES.columns) | {AUTHORITY_KIND}
#: What inference calls its own attributes.
_INTERNAL = re.compile(r"(id|sid|one|(scope|division)_\d+|.*__.*)\Z")


@dataclass(frozen=True, slots=True)
class Names:
    """All names that packs may use: those of the ledger and those that they declare or derive."""

    facts: Mapping[str, FactType]
    declared: Mapping[str, DeclaredFact]
    kinds: Mapping[str, Text]
    sectors: Mapping[str, Text]
    authority_kinds: Mapping[str, Text]

    @property
    def authority_facts(self) -> Mapping[str, FactType]:
        """What the conditions of a rule for authorities may read."""
        return {AUTHORITY_KIND: FactType(Type.CODE, AUTHORITIES.column("kind").label, None, self.authority_kinds)}


def names_of(packs: Sequence[tuple[Source, Pack, str]], problems: Mapping[str, Problems]) -> Names:
    """The names of all packs together; names with two meanings go to the ``problems`` of their file."""
    files = [(pack, problems[source.file]) for source, pack, _ in packs]
    sectors = _titled(files, "sector_names", SECTORS)
    kinds = _titled(files, "kinds", KINDS)
    authority_kinds = _titled(files, "authority_kinds", AUTHORITY_KINDS)
    facts = ledger_facts(sectors)
    declared: dict[str, DeclaredFact] = {}
    for pack, found in files:
        for name, written in pack.facts.items():
            fact = DeclaredFact(name=name, label=written.titles.text(), type=Type(written.type))
            if name in _COLUMNS or declared.get(name, fact) != fact:
                found.add(("facts", name), "duplicate", f"“{name}”已有别的含义，请换名",
                          f"{name!r} already means something else; choose another name", key=True)
                continue
            _refuse_internal(name, ("facts", name), found, key=True)
            declared[name] = fact
            facts[name] = FactType(fact.type, fact.label)
    for pack, found in files:
        for i, item in enumerate(pack.derived):
            _derived(item, ("derived", i, "fact"), facts, found)
    return Names(facts, declared, kinds, sectors, authority_kinds)


def _titled(files: Sequence[tuple[Pack, Problems]], where: str, known: Mapping[str, Text]) -> dict[str, Text]:
    """``known``, and what the packs declare under ``where``: the same name again with the same titles does no harm."""
    result = dict(known)
    for pack, problems in files:
        for name, titles in getattr(pack, where).items():
            first = result.setdefault(name, titles.text())
            if first != titles.text():
                problems.add((where, name), "duplicate",
                             f"“{name}”已叫“{first.zh}”（{first.en}）；请用同样的名称，或换名",
                             f"{name!r} is called {first.zh!r} ({first.en}) already; use the same titles, or another "
                             "name", key=True)
    return result


def _derived(item: DerivedFact, path: Path, facts: dict[str, FactType], problems: Problems) -> None:
    name = item.fact
    kind = name.partition(".")[0] if "." in name else None
    known = facts.get(name)
    _refuse_internal(name, path, problems)
    if kind is not None and kind not in ITEM_SHEETS:
        near = nearest(kind, ITEM_SHEETS)
        problems.add(path, "unknown-value", f"没有对象“{kind}”{near.zh or '；'}可用：{'、'.join(ITEM_SHEETS)}",
                     f"there is no object {kind!r}{near.en or ';'} possible: {', '.join(ITEM_SHEETS)}")
    if (name in _COLUMNS and known is None) or (known is not None and known.type is not Type.BOOL):
        problems.add(path, "value", f"“{name}”不是是/否，不能推定",
                     f"{name!r} is not a yes/no fact and cannot be derived")
    called = item.titles.text() if item.titles is not None else Text(name, name)
    facts.setdefault(name, FactType(Type.BOOL, called, kind))


def _refuse_internal(name: str, path: Path, problems: Problems, *, key: bool = False) -> None:
    if _INTERNAL.match(name):
        problems.add(path, "value", f"“{name}”是系统内部用名（id、sid、one、scope_1、division_2 或含“__”），请换名",
                     f"{name!r} is used inside the program (as are id, sid, one, scope_1, division_2 and what has '__' "
                     "in it); choose another name", key=key)
