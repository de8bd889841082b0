"""Compiles checked pack files into a rulebook, and checks what they mean together (规则包编译)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from engine.condition_reader import ConditionReader
from engine.conditions import ALWAYS, Condition, Not, Test, TooComplex, all_of, any_of, disjuncts, facts_read
from engine.errors import PackError, PackProblem, Problems, nearest
from engine.inference import Derived
from engine.ladder_compiler import compile_ladders
from engine.pack_names import AUTHORITY_KIND, names_of
from engine.pack_schema import Ask, Case, Every, Figure, Pack
from engine.pack_schema import Recommendation as WrittenRecommendation
from engine.pack_schema import Rule as WrittenRule
from engine.periods import REMIND_BEFORE_DEADLINE, Unit
from engine.procedure_compiler import check_procedure, procedure_of
from engine.rulebook import (
    Asked,
    Deadline,
    Duty,
    Ladder,
    PackInfo,
    Periodic,
    PerObject,
    RecommendationRule,
    Rule,
    Rulebook,
    RuleGroup,
    RuleRef,
    State,
)
from engine.subject import fixed_digits
from engine.yaml_source import Path, Source
from facts.language import Text
from facts.vocabulary import DUTIES, Type

FOREVER = date(9999, 12, 31)

#: A due date further than this from the object's date is a slip of the pen.
_LIMIT_DAYS = 3660

_ASK_KEYS = ("every", "deadline", "for_each", "state")
#: Which further keys go with which way of asking.
_GOES_WITH = {
    "every": {"within", "record", "at_least", "measured_in", "remind_before"},
    "deadline": {"since", "record", "at_least", "measured_in", "remind_before"},
    "for_each": {"done_on", "due", "remind_before"},
    "state": set(),
}
_DETAIL_KEYS = ("within", "since", "done_on", "due", "record", "at_least", "measured_in", "remind_before")


def compile_packs(packs: Sequence[tuple[Source, Pack, str]]) -> Rulebook:
    """One rulebook of all packs, which are in the order of their names. Raises :class:`PackError`."""
    return _Compiler(packs).rulebook()


_OF_AUTHORITIES = Text(f"；部门的规则只能读 {AUTHORITY_KIND}", f"; a rule for authorities reads only {AUTHORITY_KIND}")


@lru_cache(maxsize=4096)
def _few_enough(condition: Condition) -> bool:
    """Whether inference can take the condition. Remembered: where one rule is changed, the others stay as they were."""
    try:
        disjuncts(condition), disjuncts(condition, holds=False)
    except TooComplex:
        return False
    return True


#: A rule as compiled: where it stands, its record kind, and whether authorities bear it.
_Entry = tuple[Problems, Path, RuleGroup, str | None, bool]


class _Compiler:
    def __init__(self, packs: Sequence[tuple[Source, Pack, str]]) -> None:
        self.packs = packs
        self.problems = {source.file: Problems(source) for source, _, _ in packs}
        self.names = names_of(packs, self.problems)
        self.ids: set[str] = set()
        self.groups: list[_Entry] = []
        self.recommendations: list[RecommendationRule] = []
        self.ladders: list[Ladder] = []

    def rulebook(self) -> Rulebook:
        self._check_packs()
        scopes, derived = self._scopes_and_derived()
        for source, pack, _ in self.packs:
            problems = self.problems[source.file]
            for i, written in enumerate(pack.rules):
                self._rule(pack, written, ("rules", i), scopes[pack.pack], problems)
            for i, recommended in enumerate(pack.recommendations):
                self._recommendation(pack, recommended, ("recommendations", i), scopes[pack.pack], problems)
            for i, ladder in enumerate(pack.ladders):
                self._id(ladder.id, ("ladders", i), problems)
            self.ladders += compile_ladders(pack, problems, self._document)
        duties = self._duties()
        found: list[PackProblem] = [p for problems in self.problems.values() for p in problems.found]
        if found:
            raise PackError(found)
        hashes = "\n".join(f"{pack.pack} {sha256}" for _, pack, sha256 in self.packs)
        return Rulebook(
            packs=tuple(PackInfo(pack.pack, pack.titles.text(), sha256, pack.division, *range_of(pack, None),
                                 source.text)
                        for source, pack, sha256 in self.packs),
            duties=duties,
            recommendations=tuple(self.recommendations),
            derived=tuple(derived),
            scopes=scopes,
            declared=self.names.declared,
            kinds=self.names.kinds,
            sectors=self.names.sectors,
            authority_kinds=self.names.authority_kinds,
            inferred={item.fact: self.names.facts[item.fact].label for _, pack, _ in self.packs
                      for item in pack.derived if item.titles is not None},
            sha256=hashlib.sha256(hashes.encode()).hexdigest(),
            ladders=tuple(self.ladders),
        )

    def _check_packs(self) -> None:
        seen: dict[str, str] = {}
        for source, pack, _ in self.packs:
            problems = self.problems[source.file]
            if (other := seen.setdefault(pack.pack, source.file)) != source.file:
                problems.add(("pack",), "duplicate", f"规则包“{pack.pack}”已在 {other} 中",
                             f"the pack {pack.pack!r} is in {other} already")
            if pack.effective.to is not None and pack.effective.from_ > pack.effective.to:
                problems.add(("effective",), "dead-rule",
                             f"生效区间是空的：自 {pack.effective.from_} 至 {pack.effective.to}",
                             f"the effective range is empty: from {pack.effective.from_} to {pack.effective.to}")
            for i, sector in enumerate(pack.sectors or ()):
                if sector not in self.names.sectors:
                    near = nearest(sector, self.names.sectors)
                    problems.add(("sectors", i), "unknown-value", f"没有行业领域“{sector}”{near.zh}",
                                 f"there is no sector {sector!r}{near.en}")

    def _scopes_and_derived(self) -> tuple[dict[str, Condition], list[Derived]]:
        scopes: dict[str, Condition] = {}
        derived: list[Derived] = []
        for number, (_, pack, _) in enumerate(self.packs):
            scope = _scope(pack)
            scopes[pack.pack] = ALWAYS
            if scope != ALWAYS:
                scopes[pack.pack] = Test(f"scope_{number}", "eq", True)
                derived.append(Derived(f"scope_{number}", scope))
        alternatives: dict[str, list[tuple[Condition, Condition]]] = {}
        rests_on: dict[str, set[str]] = {}
        for source, pack, _ in self.packs:
            problems = self.problems[source.file]
            reader = ConditionReader(self.names.facts, problems)
            for i, item in enumerate(pack.derived):
                kind = item.fact.partition(".")[0] if "." in item.fact else None
                when = reader.read(item.when, ("derived", i, "when"), kind)
                self._document(pack, item.document, ("derived", i), problems)
                self._expand(when, ("derived", i, "when"), problems)
                rests_on.setdefault(item.fact, set()).update(facts_read(when))
                if _rests_on_itself(item.fact, rests_on):
                    problems.add(("derived", i, "when"), "circular", f"“{item.fact}”绕了一圈，由自身推定",
                                 f"{item.fact!r} is derived from itself, directly or by way of others")
                alternatives.setdefault(item.fact, []).append((scopes[pack.pack], when))
        for fact, parts in sorted(alternatives.items()):
            condition = any_of(*(all_of(scope, when) for scope, when in parts))
            derived.append(Derived(fact, condition, any_of(*(scope for scope, _ in parts))))
        return scopes, derived

    def _document(self, pack: Pack, name: str | None, path: Path, problems: Problems) -> str:
        if name is None and len(pack.documents) == 1:
            name = next(iter(pack.documents))
        if name in pack.documents:
            return pack.documents[name].title
        zh, en = "、".join(pack.documents), ", ".join(pack.documents)
        if name is None:
            problems.add(path, "citation", f"请用 document: 指明依据文件，可用：{zh}",
                         f"say with document: which document is cited; possible: {en}")
        else:
            near = nearest(name, pack.documents)
            problems.add((*path, "document"), "citation", f"documents 中没有“{name}”{near.zh or '；'}可用：{zh}",
                         f"there is no {name!r} under documents{near.en or ';'} possible: {en}")
        return ""

    def _expand(self, condition: Condition, path: Path, problems: Problems) -> bool:
        """Whether the condition has few enough alternatives; otherwise a problem at ``path``."""
        if not _few_enough(condition):
            problems.add(path, "condition", "条件过于复杂，请拆成几条规则",
                         "the conditions are too complex; split the rule")
            return False
        return True

    def _check_range(self, pack: Pack, written: WrittenRule | WrittenRecommendation, path: Path,
                     problems: Problems) -> None:
        holds_from, holds_to = range_of(pack, written)
        # Where the pack's own range is empty, that is said once, there.
        if holds_from > holds_to and pack.effective.from_ <= (pack.effective.to or FOREVER):
            problems.add((*path, "effective"), "dead-rule",
                         f"生效区间是空的：自 {holds_from} 至 {holds_to}（规则、规则包和 judged_from 一并计算）",
                         f"the effective range is empty: from {holds_from} to {holds_to} (of the rule, its pack and "
                         "judged_from together)")

    def _id(self, id: str, path: Path, problems: Problems) -> None:
        if id in self.ids:
            problems.add((*path, "id"), "duplicate", f"规则编号“{id}”重复，请换一个",
                         f"the rule id {id!r} is used twice; choose another")
        self.ids.add(id)

    def _rule(self, pack: Pack, written: WrittenRule, path: Path, scope: Condition, problems: Problems) -> None:
        self._id(written.id, path, problems)
        document = self._document(pack, written.document, path, problems)
        self._check_range(pack, written, path, problems)
        cases = written.cases or [Case()]
        item = _first(written.for_each, *(case.for_each for case in cases))
        if written.bearer is not None:
            scope = self._authorities(pack, written, item, path, problems)
        elif written.division is not None:
            problems.add((*path, "division"), "value", "规则自己的 division 只与 bearer 同用；企业按规则包的 division",
                         "a rule has a division of its own only with bearer; enterprises are reached by the pack's",
                         key=True)
        if written.bearer is None:
            reader = ConditionReader(self.names.facts, problems)
        else:
            reader = ConditionReader(self.names.authority_facts, problems, _OF_AUTHORITIES)
        when = reader.read(written.when, (*path, "when"), item)
        asks: list[tuple[Asked, RuleRef, tuple[Figure, ...]]] = []
        matches: list[Condition] = []
        records: set[str | None] = set()
        for i, case in enumerate(cases):
            place = (*path, "cases", i) if written.cases else path
            # A condition that could not be read is no missing one.
            if any(not earlier.when for earlier in cases[:i]):
                problems.add(place, "dead-rule", "永远轮不到这一情形：前面已有不带 when 的；请把不带 when 的放在最后",
                             "this case can never apply: one before it has no when; put the case without when last")
                return
            matches.append(reader.read(case.when, (*place, "when"), item) if written.cases else ALWAYS)
            asked, record, figures = self._asked(pack, written, case, place, reader, problems)
            if asked is None:
                return
            records.add(record)
            ref = RuleRef(written.id, document, case.clause or written.clause, case.quote or written.quote)
            asks.append((asked, ref, (*figures, *reader.figures)))
        rules = []
        for i, (asked, ref, figures) in enumerate(asks):
            alike = [_alike(asked, other) for other, _, _ in asks]
            first = next(j for j in range(i, -1, -1) if j == 0 or not alike[j - 1])
            last = next(j for j in range(i, len(asks)) if j == len(asks) - 1 or not alike[j + 1])
            condition = all_of(scope, when, matches[i], *map(Not, matches[:i]))
            outcome = all_of(scope, when, any_of(*matches[first:last + 1]), *map(Not, matches[:first]))
            rules.append(Rule(ref, i, pack.pack, written.duty, written.titles.text(), *range_of(pack, written),
                              condition, outcome, asked, figures, _assumed_range(pack, written)))
        none = Not(all_of(scope, when, any_of(*matches)))
        conditions = (none, *(c for rule in rules for c in (rule.condition, rule.outcome)))
        if not all(self._expand(condition, path, problems) for condition in conditions):
            return
        if len({type(rule.asked) for rule in rules}) > 1 or len(records) > 1:
            problems.add(path, "mixed-duty", "同一规则的各情形应为同一类要求、同一种记录",
                         "all cases of a rule must ask in the same way and for the same kind of record")
            return
        group = RuleGroup(written.id, pack.pack, written.duty, written.titles.text(), tuple(rules), none)
        self.groups.append((problems, path, group, records.pop(), written.bearer is not None))

    def _authorities(self, pack: Pack, written: WrittenRule, item: object, path: Path, problems: Problems) -> Condition:
        """Which authorities the rule binds: their kind, and the division of the rule or its pack."""
        if item is not None:
            problems.add(path, "asks", "部门没有隐患、展会等对象：bearer 不能与 for_each 同用",
                         "authorities have no objects: for_each does not go with bearer")
        for i, kind in enumerate(written.bearer or ()):
            if kind not in self.names.authority_kinds:
                near = nearest(kind, self.names.authority_kinds)
                place = (*path, "bearer", i)
                problems.add(place, "unknown-value",
                             f"没有部门类别“{kind}”{near.zh or '；'}可在 authority_kinds: 中声明",
                             f"there is no kind of authority {kind!r}{near.en or ';'} declare it under "
                             "authority_kinds:")
        kinds = any_of(*(Test(AUTHORITY_KIND, "eq", kind) for kind in written.bearer or ()))
        return all_of(_division_test(written.division or pack.division), kinds)

    def _asked(self, pack: Pack, written: WrittenRule, case: Case, path: Path, reader: ConditionReader,
               problems: Problems) -> tuple[Asked | None, str | None, list[Figure]]:
        given = {key: value for key in (*_ASK_KEYS, *_DETAIL_KEYS)
                 if (value := _first(getattr(case, key), getattr(written, key))) is not None}
        ways = [key for key in _ASK_KEYS if key in given]
        nothing = (None, None, [])
        if len(ways) != 1:
            problems.add(path, "asks", f"应恰有 every、deadline、for_each、state 之一，现有：{'、'.join(ways) or '无'}",
                         f"expected exactly one of every, deadline, for_each, state; found {', '.join(ways) or 'none'}")
            return nothing
        way, = ways
        for key in given:
            if key != way and key not in _GOES_WITH[way]:
                problems.add((*path, key), "asks", f"“{key}”不能与“{way}”同用", f"{key!r} does not go with {way!r}",
                             key=True)
                return nothing
        ask = Ask.model_construct(**given)
        figures = [f for f in (ask.at_least, ask.remind_before, ask.due and ask.due.days) if isinstance(f, Figure)]
        if ask.within is not None:
            figures += [ask.within.from_day, ask.within.to_day]
        remind = ask.remind_before.value if ask.remind_before is not None else None
        if remind is not None and remind < 0:
            problems.add((*path, "remind_before"), "value", f"“{remind}”应至少为 0", f"{remind}: expected at least 0")
        at_least = ask.at_least.value if ask.at_least is not None else 1
        record = (ask.record or written.duty) if way in ("every", "deadline") else None
        if record is not None and record not in self.names.kinds:
            near = nearest(record, self.names.kinds)
            problems.add((*path, "record") if ask.record else (*path, "duty"), "unknown-kind",
                         f"没有履职记录事项“{record}”{near.zh or '；'}可用 record: 指明，或在 kinds: 中声明",
                         f"there is no kind of record {record!r}{near.en or ';'} name one with record:, "
                         "or declare it under kinds:")
            return nothing
        match way:
            case "every":
                within = None
                if ask.within is not None:
                    within = (ask.within.from_day.value, ask.within.to_day.value)
                unit = unit_of(ask.every, (written.effective or pack.effective).from_.year)
                # The shortest period still has a day of it; one that is shorter than to_day ends it.
                first, last = 28 * unit.months, 31 * unit.months
                if within and not (within[0] <= within[1] <= last and within[0] <= first):
                    problems.add((*path, "within"), "value",
                                 f"第 {within[0]} 至 {within[1]} 天：from_day 应在 1 至 {first} 之间，"
                                 f"to_day 不早于它且不超过 {last}",
                                 f"days {within[0]} to {within[1]}: expected from_day in 1 to {first}, to_day from "
                                 f"there to {last}")
                return Periodic(unit, at_least, within, remind, ask.measured_in), record, figures
            case "deadline":
                if ask.since is not None and ask.since > ask.deadline:
                    problems.add((*path, "since"), "value", f"{ask.since} 晚于期限 {ask.deadline}，谁也办不到",
                                 f"{ask.since} is later than the deadline {ask.deadline}; nobody could meet it")
                days = REMIND_BEFORE_DEADLINE if remind is None else remind
                return Deadline(ask.deadline, at_least, ask.since, days, ask.measured_in), record, figures
            case "state":
                if not ask.state:
                    problems.add((*path, "state"), "asks", "state 下应为一个条件，如 {safety_department: true}",
                                 "expected a condition under state, as {safety_department: true}")
                return State(reader.read(ask.state, (*path, "state"))), None, figures
        return self._per_object(ask, path, remind, problems), None, figures

    def _per_object(self, ask: Ask, path: Path, remind: int | None, problems: Problems) -> PerObject | None:
        kind, due = ask.for_each, ask.due
        if ask.done_on is None or due is None:
            problems.add(path, "asks", "for_each 需要 done_on 和 due", "for_each needs done_on and due")
            return None
        if (due.of is None) == (due.date is None) or (due.date is not None and due.days.value):
            problems.add((*path, "due"), "asks", "due 应写 {of: 日期, days: 天数} 或 {date: 日期}",
                         "write due as {of: a date of the object, days: n} or {date: a date}")
            return None
        if abs(due.days.value) > _LIMIT_DAYS:
            problems.add((*path, "due", "days"), "value", f"“{due.days.value}”超出 {_LIMIT_DAYS} 天",
                         f"{due.days.value}: more than {_LIMIT_DAYS} days")
            return None
        for key, fact in (("done_on", ask.done_on), ("due", due.of)):
            if fact is not None and fact not in self._dates_of(kind):
                self._no_date(kind, fact, (*path, key) if key == "done_on" else (*path, "due", "of"), problems)
                return None
        return PerObject(kind, ask.done_on, due.of, due.days.value, due.date,
                         REMIND_BEFORE_DEADLINE if remind is None else remind)

    def _dates_of(self, kind: str) -> list[str]:
        return [name for name, fact in self.names.facts.items() if fact.item == kind and fact.type is Type.DATE]

    def _no_date(self, kind: str, fact: str, path: Path, problems: Problems) -> None:
        dates = self._dates_of(kind)
        near = nearest(fact, dates)
        problems.add(path, "unknown-fact", f"“{fact}”不是 {kind} 的日期{near.zh or '；'}可用：{'、'.join(dates)}",
                     f"{fact!r} is no date of {kind}{near.en or ';'} possible: {', '.join(dates)}")

    def _recommendation(self, pack: Pack, written: WrittenRecommendation, path: Path, scope: Condition,
                        problems: Problems) -> None:
        self._id(written.id, path, problems)
        document = self._document(pack, written.document, path, problems)
        self._check_range(pack, written, path, problems)
        self._check_ground(written, path, problems)
        check_procedure(written, path, problems)
        reader = ConditionReader(self.names.facts, problems)
        when = reader.read(written.when, (*path, "when"), written.for_each)
        self._expand(all_of(scope, when), (*path, "when"), problems)
        ref = RuleRef(written.id, document, written.clause, written.quote)
        good = written.good_standing
        self.recommendations.append(RecommendationRule(
            ref, pack.pack, written.recommend, written.titles.text(), *range_of(pack, written), written.for_each or "",
            written.from_ or "", all_of(scope, when), written.until, tuple(reader.figures),
            _assumed_range(pack, written), good is not None, good and good.assumption, procedure_of(written)))

    def _check_ground(self, written: WrittenRecommendation, path: Path, problems: Problems) -> None:
        """An object has a date from which it is a ground; the enterprise as a whole has a condition instead."""
        for key, fact in (("from", written.from_), ("until", written.until)):
            if fact is None:
                continue
            if written.for_each is None:
                problems.add((*path, key), "asks", f"{key} 只与 for_each 同用：企业本身没有这样的日期",
                             f"{key} goes with for_each only: the enterprise as a whole has no such date", key=True)
            elif fact not in self._dates_of(written.for_each):
                self._no_date(written.for_each, fact, (*path, key), problems)
        if written.for_each is None:
            if not written.when and written.good_standing is None and written.from_ is None:
                problems.add(path, "asks", "没有根据：请写 for_each 和 from，或 when，或 good_standing",
                             "there is no ground: give for_each and from, or when, or good_standing")
            return
        if written.from_ is None:
            problems.add(path, "missing-key", "缺少键“from”：自对象的哪个日期起",
                         "the key 'from' is missing: from which date of the object on")
        if written.good_standing is not None:
            problems.add((*path, "good_standing"), "asks", "good_standing 说的是企业本身，不能与 for_each 同用",
                         "good_standing is about the enterprise as a whole and does not go with for_each", key=True)

    def _duties(self) -> dict[str, Duty]:
        by_duty: dict[str, list[_Entry]] = {}
        for entry in self.groups:
            by_duty.setdefault(entry[2].duty, []).append(entry)
        duties: dict[str, Duty] = {}
        for name, entries in sorted(by_duty.items()):
            _, _, first, record, authorities = entries[0]
            shape = _shape(first, record)
            for problems, path, group, kind, others in entries[1:]:
                if others is not authorities:
                    problems.add(path, "mixed-duty",
                                 f"义务“{name}”在规则“{first.id}”中由{'部门' if authorities else '企业'}承担；"
                                 "部门的义务与企业的义务请分别命名",
                                 f"the duty {name!r} is borne by {'authorities' if authorities else 'enterprises'} in "
                                 f"the rule {first.id!r}; name the duties of authorities and of enterprises apart")
                elif _shape(group, kind) != shape:
                    problems.add(path, "mixed-duty",
                                 f"义务“{name}”在规则“{first.id}”中是另一类要求；"
                                 "一项义务只能是定期、限期、逐项或状态之一，同一种记录，同一种计量；"
                                 f"可另取义务名，并写 record: {record or name}",
                                 f"the duty {name!r} is asked in another way by the rule {first.id!r}; a duty is "
                                 "periodic, deadline, object or state, never mixed, and shown by one kind of record, "
                                 f"measured in one way; give it another name, with record: {record or name}")
            label = self.names.kinds.get(name) or DUTIES.get(name) or first.titles
            groups = tuple(entry[2] for entry in entries)
            asked = first.cases[0].asked
            duties[name] = Duty(name, label, type(asked), record, groups, authorities, _measure(asked))
        return duties


def _shape(group: RuleGroup, record: str | None) -> tuple[object, ...]:
    asked = group.cases[0].asked
    return (type(asked), record, _measure(asked),
            *((asked.kind, asked.done_on) if isinstance(asked, PerObject) else ()))


def _measure(asked: Asked) -> str | None:
    return asked.measure if isinstance(asked, Periodic | Deadline) else None


def _rests_on_itself(fact: str, rests_on: Mapping[str, set[str]]) -> bool:
    """Whether ``fact`` is among the facts that it is derived from, over any number of steps."""
    seen: set[str] = set()
    waiting = [fact]
    while waiting:
        for base in rests_on.get(waiting.pop(), ()):
            if base == fact:
                return True
            if base not in seen:
                seen.add(base)
                waiting.append(base)
    return False


def _alike(one: Asked, other: Asked) -> bool:
    """Whether both ask for the same, however early they remind."""
    if isinstance(one, Periodic) and isinstance(other, Periodic):
        return replace(one, remind_before=None) == replace(other, remind_before=None)
    return one == other


def _first(*values: object) -> object:
    return next((value for value in values if value is not None), None)


def range_of(pack: Pack, written: WrittenRule | WrittenRecommendation | None) -> tuple[date, date]:
    """First and last day on which a rule may hold: its effective range within the pack's, not before judged_from."""
    own = written.effective if written is not None else None
    starts = [pack.effective.from_, pack.judged_from, own and own.from_]
    ends = [pack.effective.to, own and own.to, FOREVER]
    return max(d for d in starts if d), min(d for d in ends if d)


def unit_of(every: Every, anchor: int) -> Unit:
    """The unit that an author wrote; ``anchor`` is the year from which periods of several years count."""
    if every.name:
        return Unit.named(every.name)
    return Unit.of_months(every.months) if every.months else Unit.of_years(every.years, anchor)


def _assumed_range(pack: Pack, written: WrittenRule | WrittenRecommendation) -> str | None:
    """Why the range of a rule is what it is where no source prints it: its own, else its pack's."""
    own = written.effective
    return own.assumption if own is not None and own.assumption else pack.effective.assumption


def _division_test(division: str) -> Condition:
    """Whoever is of the division."""
    digits = fixed_digits(division)
    return Test(f"division_{len(digits)}", "eq", digits) if digits else ALWAYS


def _scope(pack: Pack) -> Condition:
    """Division and sectors that the pack reaches."""
    parts = [_division_test(pack.division)]
    if pack.sectors is not None:
        parts.append(any_of(*(Test("sectors", "has", sector) for sector in pack.sectors)))
    return all_of(*parts)
