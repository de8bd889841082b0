"""One enterprise or authority as known on D: which version holds on a day, what is read, what holds and is covered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from facts.dossier import NEVER, Dossier, Item, Version
from facts.vocabulary import ENTERPRISES, ITEM_SHEETS

from .book import Book, Case, Data, Rule
from .excusing import excuse
from .logic import NO, YES, Reading, Truth, all_of, any_of, judge, number

#: Dates of objects that may lie after D; any other later date reads as blank.
MAY_LIE_AHEAD = {"opens_on", "expires_on", "deadline"}

COLUMNS = {c.name for c in ENTERPRISES.columns} | {
    f"{kind}.{c.name}" for kind, sheet in ITEM_SHEETS.items() for c in sheet.columns}


def division_prefix(code: str) -> str:
    """The digits of a division code that are not open."""
    while code.endswith("00"):
        code = code[:-2]
    return code


def _not_known(fact: str) -> Truth:
    return Truth(None, frozenset([fact]))


def _lies_in(code: str, version: Version) -> Truth:
    """Whether the subject is in the division; every one is in the whole country."""
    prefix = division_prefix(code)
    division = version.facts.get("division")
    if not prefix:
        return YES
    return _not_known("division") if division is None else Truth(division.startswith(prefix))


def _in_sectors(pack: Data, version: Version) -> Truth:
    """Whether the enterprise has one of the pack's sectors; a pack that names none is for all."""
    wanted, sectors = pack.get("sectors"), version.facts.get("sectors")
    if wanted is None:
        return YES
    return _not_known("sectors") if sectors is None else Truth(any(s in wanted for s in sectors))


class World:
    """The dossier and the packs as of D (``as_of``); ``versions`` are the visible ones, ``waivers`` are anybody's."""

    def __init__(self, dossier: Dossier, book: Book, as_of: date, waivers: Iterable[Any] = ()) -> None:
        self.dossier, self.book, self.as_of = dossier, book, as_of
        self.waivers = [w for w in waivers if w.uscc == dossier.uscc]
        self.versions = [v for v in dossier.versions if v.valid_from <= as_of]
        self.registered_on: date | None = self.newest("registered_on")
        self.history_from: date | None = self.newest("history_from")
        self.closed_on: date | None = self.newest("closed_on")
        self._memory: dict[Any, Any] = {}

    @property
    def begins_on(self) -> date:
        """Before this day no rule can hold. An authority's only version reaches back to the first day there is."""
        ranges = [r.first for r in (*self.book.rules, *self.book.recommendations)]
        return max(self.versions[0].valid_from, min(ranges, default=self.as_of))

    def newest(self, name: str) -> Any:
        """What the newest visible row that gives ``name`` says."""
        given = [getattr(v, name) for v in self.versions if getattr(v, name) is not None]
        return given[-1] if given else None

    def version(self, day: date) -> Version | None:
        """The version of the day; days after D use the version of D."""
        started = [v for v in self.versions if v.valid_from <= day]
        return started[-1] if started else None

    def closed(self, day: date) -> bool:
        """``closed_on``, once D has passed it, is the last day open."""
        return self.closed_on is not None and self.as_of > self.closed_on and day > self.closed_on

    def open(self, day: date) -> bool:
        """Registered and not closed."""
        return (self.registered_on is None or self.registered_on <= day) and not self.closed(day)

    def suspended(self, day: date) -> bool:
        version = self.version(day)
        return version is not None and version.facts.get("suspended", False)

    def excuse(self, duty: str, key: str, day: date | None) -> int | None:
        """The id of the waiver that covers what falls due on the day, as of D; of several that which is named."""
        return excuse(self.waivers, duty, key, day, self.as_of)

    # What is read

    def item_facts(self, item: Item) -> dict[str, Any]:
        """The object's known columns as of D."""
        return {name: value for name, value in item.facts.items()
                if not isinstance(value, date) or value <= self.as_of or name in MAY_LIE_AHEAD}

    def reader(self, version: Version, item: Item | None = None) -> Callable[[str], Reading]:
        """Reads facts of the version and of the object; what is not given is derived where a pack says how."""
        given = dict(version.facts)
        if item is not None:
            given |= {f"{item.kind}.{name}": value for name, value in self.item_facts(item).items()}

        def read(name: str) -> Reading:
            if name in given:
                return Reading(True, given[name])
            derived = self._derive(name, version, read)
            if derived.value is not None:
                return Reading(True, derived.value)
            # What the ledger has a column for is what is missing; of any other fact, what it would be derived from.
            by_itself = name in COLUMNS or not derived.missing
            return Reading(False, missing=frozenset([name]) if by_itself else derived.missing)

        return read

    def _derive(self, name: str, version: Version, read: Callable[[str], Reading]) -> Truth:
        """What the packs say that are for this enterprise; where none is, nothing is known."""
        certain, perhaps = [], []
        for pack, derivation in self.book.derived.get(name, ()):
            scope, when = self._of_enterprises(pack, version), judge(derivation.get("when"), read)
            if scope.value is True:
                certain.append(when)
            elif scope.value is None:
                perhaps.append((scope, all_of([scope, when])))
        if certain:
            return any_of([*certain, *(both for _, both in perhaps)])
        return Truth(None, frozenset().union(*(scope.missing | both.missing for scope, both in perhaps)))

    def _of_enterprises(self, pack: Data, version: Version) -> Truth:
        """Whether the pack is for an enterprise of this division and these sectors."""
        return all_of([_lies_in(str(pack.get("division", "000000")), version), _in_sectors(pack, version)])

    def scope(self, rule: Rule, version: Version) -> Truth:
        """Whether the rule is for this enterprise, or, where it names who bears it, for this authority."""
        if bool(rule.bearers) != self.dossier.is_authority:
            return NO
        place = _lies_in(rule.division, version)
        if not self.dossier.is_authority:
            return all_of([place, _in_sectors(rule.pack, version)])
        kind = version.facts.get("authority_kind")
        return all_of([place, _not_known("authority_kind") if kind is None else Truth(kind in rule.bearers)])

    def applies(self, rule: Rule, version: Version, item: Item | None = None) -> Truth:
        """The rule's conditions without its cases, those of its pack included."""
        key = "applies", rule.id, version.valid_from, item and (item.kind, item.id)
        if key not in self._memory:
            when = judge(rule.data.get("when"), self.reader(version, item))
            self._memory[key] = all_of([self.scope(rule, version), when])
        return self._memory[key]

    # What holds

    def options(self, rule: Rule, day: date, item: Item | None = None) -> tuple[list[Case | None], frozenset[str]]:
        """The cases that can apply on the day (None among them: perhaps no case), and the facts that would tell.

        First match wins: what stands below a case that is true cannot apply.
        """
        if not rule.in_range(day) or not self.open(day) or (version := self.version(day)) is None:
            return [None], frozenset()
        key = "options", rule.id, version.valid_from, item and (item.kind, item.id)
        if key not in self._memory:
            self._memory[key] = self._cases(rule, version, item)
        return self._memory[key]

    def _cases(self, rule: Rule, version: Version, item: Item | None) -> tuple[list[Case | None], frozenset[str]]:
        applies = self.applies(rule, version, item)
        if applies.value is False:
            return [None], frozenset()
        found: list[Case | None] = [None] if applies.value is None else []
        missing = applies.missing
        for case in rule.cases:
            truth = judge(case.when, self.reader(version, item))
            missing |= truth.missing
            if truth.value is not False:
                found.append(case)
            if truth.value is True:
                return found, missing
        return [*found, None], missing

    def truths(self, rule: Rule, day: date) -> list[Truth]:
        """What on the day the rule's own conditions come to, and then those of each of its cases."""
        version = self.version(day)
        return [self.applies(rule, version), *(judge(c.when, self.reader(version)) for c in rule.cases)]

    def holding(self, rule: Rule, day: date, item: Item | None = None) -> Case | None:
        """The case of the rule that holds on the day: of those that can apply the loosest."""
        found, _ = self.options(rule, day, item)
        return None if None in found else self._loosest([c for c in found if c is not None], item)

    def _loosest(self, cases: list[Case], item: Item | None) -> Case:
        loosest = cases[0]
        for case in cases[1:]:
            if case.type == "periodic" and loosest.ask.stricter_than(case.ask):
                loosest = case
            if case.type in ("deadline", "object"):
                loosest = max(loosest, case, key=lambda c: (self.due(c, item) or date.max, -c.at_least))
        return loosest

    def due(self, case: Case, item: Item | None = None) -> date | None:
        """The due date of a deadline or of an object; None if the date it is reckoned from is blank."""
        if case.type == "deadline":
            return case.data["deadline"]
        due = case.data["due"]
        if "date" in due:
            return due["date"]
        reckoned_from = self.item_facts(item).get(due["of"].partition(".")[2])
        return None if reckoned_from is None else reckoned_from + timedelta(days=number(due.get("days", 0)))

    def known_not_to_apply(self, rule: Rule, day: date, item: Item | None = None) -> bool:
        """The conditions of the rule, in all its cases, are known to be false on the day, whatever its dates."""
        version = self.version(day)
        if version is None:
            return False
        key = "conditions", rule.id, version.valid_from, item and (item.kind, item.id)
        if key not in self._memory:
            self._memory[key] = self._conditions(rule, version, item).value is False
        return self._memory[key]

    def _conditions(self, rule: Rule, version: Version, item: Item | None) -> Truth:
        cases = any_of([judge(c.when, self.reader(version, item)) for c in rule.cases])
        return all_of([self.applies(rule, version, item), cases])

    # What was done, and whether that is all

    def records(self, kind: str) -> list[date]:
        """The dates up to D on which it was done, each once, ascending; ``last_…`` dates are records too."""
        dates = set(self.dossier.records.get(kind, ()))
        dates |= {v.last[kind] for v in self.versions if kind in v.last and v.last[kind] is not NEVER}
        return sorted(d for d in dates if d <= self.as_of)

    def covered(self, kind: str, day: date) -> bool:
        """Whether somebody claims that the ledger is complete for the kind on that day."""
        if self.history_from is not None and self.history_from <= day:
            return True
        for version in self.versions:
            last = version.last.get(kind)
            if last is NEVER and (self.registered_on is None or self.registered_on <= day):
                return True
            if isinstance(last, date) and last <= day:
                return True
        return any(self._reaches(claim, kind, day) for claim in self.dossier.claims)

    def _reaches(self, claim: Any, kind: str, day: date) -> bool:
        if claim.kind != kind or day < claim.complete_from or (claim.complete_to and day > claim.complete_to):
            return False
        if claim.division is None:
            return True
        version = self.version(day)
        if version is None:
            return False
        prefix = division_prefix(claim.division)
        return not prefix or version.facts.get("division", "").startswith(prefix)

    def all_covered(self, kind: str, over: Iterable[date]) -> bool:
        return all(self.covered(kind, day) for day in over)
