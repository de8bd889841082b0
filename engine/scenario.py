"""What the sentences of a scenario do (场景的执行).

The wording of each sentence stands in ``sentences.yaml``; here each id has the function that carries it out. A
scenario runs in a :class:`World` of its own: it tells facts, judges once or several times, and says what must come out.
:func:`run` plays one scenario; :mod:`engine.bindings` gives the same sentences to pytest-bdd.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from pytest_bdd.feature import get_feature
from pytest_bdd.parser import Scenario, Step

from engine.expectations import Unmet, actual, compare, rows, word
from engine.feature_files import ENCODING
from engine.judgement import judge
from engine.packs import Rulebook, load_rulebook
from engine.recommendations import accident_class
from engine.results import Judgement
from engine.rulebook import Periodic
from engine.scenario_facts import ScenarioError, ScenarioFacts, Words
from engine.scenario_waivers import waiver_of_sentence, waivers_of_table
from engine.sentences import Match, match, nearest, sentences, tables, words
from engine.waivers import Waiver
from facts.dossier import Dossier, Item
from facts.headers import Dictionary
from facts.language import Language, Text
from facts.vocabulary import COVERAGE, RECORDS, SHEETS

RawTable = Sequence[Sequence[str]]
#: Where a scenario gets the rulebook of its packs from.
Loader = Callable[[tuple[Path, ...]], Rulebook]

_PERIOD = re.compile(r"\d{4}(-\d\d|Q[1-4]|H[12])?|\d{4}-\d\d\.\.\d{4}-\d\d|\d{4}\.\.\d{4}|\?")
_QUOTED = re.compile(r'"([^"]+)"')
_BETWEEN = re.compile(r"[、，,；;\s]+|\band\b|和|及")


@lru_cache(maxsize=256)
def rulebook_of(paths: tuple[Path, ...]) -> Rulebook:
    """The packs at ``paths`` together, loaded once. Raises :class:`~engine.errors.PackError`."""
    return load_rulebook(paths)


@lru_cache(maxsize=256)
def _words(paths: tuple[Path, ...]) -> Words:
    if not paths:
        return Words(Dictionary({}, {}, {}))
    book = rulebook_of(paths)
    return Words(Dictionary(book.declared, book.kinds, book.sectors, book.authority_kinds))


@dataclass(slots=True)
class World:
    """One scenario under way. ``folder`` is where its feature file stands: packs are looked for from there.

    ``load`` gives the rulebook of the packs chosen; ``judgements`` has every dossier judged so far, its date and the
    waivers told by then.
    """

    folder: Path
    language: Language = "zh"
    packs: tuple[Path, ...] = ()
    facts: ScenarioFacts = field(default_factory=ScenarioFacts)
    judged: bool = False
    judgement: Judgement | None = None
    load: Loader = rulebook_of
    judgements: list[tuple[Dossier, date, tuple[Waiver, ...]]] = field(default_factory=list)
    waivers: list[Waiver] = field(default_factory=list)

    @property
    def rulebook(self) -> Rulebook:
        """The packs chosen so far, loaded together."""
        if not self.packs:
            raise ScenarioError(Text("请先写“规则包 …”", "first choose the rule packs"))
        return self.load(self.packs)

    @property
    def words(self) -> Words:
        """The vocabulary, with what the chosen packs declare."""
        return _words(self.packs)

    def result(self) -> Judgement:
        """What was judged last."""
        if not self.judged:
            raise ScenarioError(Text("请先写“当 截至 … 判定”", "first judge as of a date"))
        if self.judgement is None:
            raise Unmet(Text("企业尚不在册", "the enterprise is not there yet"))
        return self.judgement

    def duty(self, name: str) -> str:
        """``name``, if one of the chosen packs has a rule of that duty."""
        known = self.rulebook.duties
        if name not in known:
            raise ScenarioError(Text(f"所选规则包没有职责“{name}”；有：{'、'.join(sorted(known))}",
                                     f"the chosen packs have no duty {name!r}; they have: {', '.join(sorted(known))}"))
        return name


Action = Callable[[World, Match, RawTable | None], None]
_ACTIONS: dict[str, Action] = {}


def _does(*ids: str) -> Callable[[Action], Action]:
    def register(action: Action) -> Action:
        for id_ in ids:
            _ACTIONS[id_] = action
        return action

    return register


def _table(table: RawTable | None) -> RawTable:
    if table is None:
        raise ScenarioError(Text("这句话后面应有一张表", "this sentence wants a table below it"))
    return table


@_does("packs")
def _packs(world: World, found: Match, table: RawTable | None) -> None:
    world.packs += packs_named(found.blanks["packs"], world.folder)


def packs_named(text: str, folder: Path) -> tuple[Path, ...]:
    """The files of the packs quoted in ``text``, for a feature that stands in ``folder``."""
    return tuple((folder / name).resolve() if name.endswith((".yaml", ".yml")) else packaged_pack(name)
                 for name in _QUOTED.findall(text))


def packaged_pack(name: str) -> Path:
    """Where the product's pack of that name stands, or would."""
    return Path(str(resources.files("rules").joinpath(f"{name}.yaml")))


def _tell(sheet_name: str) -> Action:
    sheet = next(sheet for sheet in SHEETS if sheet.name == sheet_name)

    def action(world: World, found: Match, table: RawTable | None) -> None:
        world.facts.add_table(sheet, _table(table), world.words)

    return action


for _sentence in sentences():
    if _sentence.step == "given" and _sentence.table in {sheet.name for sheet in SHEETS}:
        _ACTIONS[_sentence.id] = _tell(_sentence.table)


@_does("records")
def _records(world: World, found: Match, table: RawTable | None) -> None:
    kind = world.words.kind(found.blanks["kind"])
    for text in filter(None, _BETWEEN.split(found.blanks["dates"])):
        world.facts.add(RECORDS, {"kind": kind, "date": world.words.date(text)})


@_does("history")
def _history(world: World, found: Match, table: RawTable | None) -> None:
    world.facts.complete_from(world.words.date(found.blanks["date"]))


@_does("coverage_from", "coverage_between")
def _coverage(world: World, found: Match, table: RawTable | None) -> None:
    row = {"kind": world.words.kind(found.blanks["kind"]), "complete_from": world.words.date(found.blanks["date"])}
    if "date_to" in found.blanks:
        row["complete_to"] = world.words.date(found.blanks["date_to"])
    world.facts.add(COVERAGE, row)


@_does("waived_duty", "waived_key", "waivers")
def _waivers(world: World, found: Match, table: RawTable | None) -> None:
    told = waivers_of_table(_table(table), world.words) if found.sentence.id == "waivers" else [
        waiver_of_sentence(found.blanks, world.words)]
    for waiver in told:
        world.duty(waiver.duty)
        world.waivers.append(replace(waiver, id=len(world.waivers) + 1))


@_does("judge")
def _judge(world: World, found: Match, table: RawTable | None) -> None:
    dossier, as_of = world.facts.dossier(), world.words.date(found.blanks["date"])
    world.judgement = judge(dossier, world.rulebook, as_of, world.waivers)
    world.judged = True
    world.judgements.append((dossier, as_of, tuple(world.waivers)))


def _rule_ids(thing: Any) -> list[str]:
    return [rule.id for rule in thing.rules]


def _reaching_back(thing: Any) -> str | None:
    return thing.waiver.retroactive if thing.waiver else None


_JUDGED: dict[str, Callable[[Any], Any]] = {"rules": _rule_ids, "retroactive": _reaching_back}


def _compare_duty(part: str, *, exactly: bool) -> Action:
    def action(world: World, found: Match, table: RawTable | None) -> None:
        duty = world.duty(found.blanks["duty"])
        names, expected = rows(tables()[part], _table(table), world.words)
        things = [thing for thing in getattr(world.result(), part) if thing.duty == duty]
        compare(names, expected, [actual(names, t, _JUDGED) for t in things], exactly=exactly)

    return action


for _part in ("obligations", "violations"):
    _ACTIONS[f"{_part}_exactly"] = _compare_duty(_part, exactly=True)
    _ACTIONS[f"{_part}_include"] = _compare_duty(_part, exactly=False)


def _compare_none(part: str) -> Action:
    def action(world: World, found: Match, table: RawTable | None) -> None:
        duty = world.duty(found.blanks["duty"])
        names = list(tables()[part].columns)[:2]
        things = [thing for thing in getattr(world.result(), part) if thing.duty == duty]
        compare(names, [], [actual(names, t, {}) for t in things], exactly=True)

    return action


_ACTIONS["no_obligations"] = _compare_none("obligations")
_ACTIONS["no_violations"] = _compare_none("violations")


def _verdicts(world: World, duty: str) -> dict[str, str]:
    duty = world.duty(duty)
    return {o.key: str(o.verdict) for o in world.result().obligations if o.duty == duty}


@_does("obligation_is")
def _obligation_is(world: World, found: Match, table: RawTable | None) -> None:
    wanted, verdicts = word("verdict", found.blanks["verdict"]), _verdicts(world, found.blanks["duty"])
    compare(("key", "verdict"), [(found.blanks["key"], wanted)], list(verdicts.items()), exactly=False)


@_does("not_asked")
def _not_asked(world: World, found: Match, table: RawTable | None) -> None:
    key, verdicts = found.blanks["key"], _verdicts(world, found.blanks["duty"])
    if world.rulebook.duties[world.duty(found.blanks["duty"])].type is Periodic and not _PERIOD.fullmatch(key):
        raise ScenarioError(Text(f"“{key}”不是期间；应如 2024-03、2024Q1、2024H1、2024、2024-01..2024-02、2024..2026",
                                 f"{key!r} is no period; expected e.g. 2024-03, 2024Q1, 2024H1, 2024, "
                                 "2024-01..2024-02, 2024..2026"))
    if key in verdicts:
        verdict = words("verdict")[verdicts[key]]
        raise Unmet(Text(f"不应要求 {key}；实际：{verdict.zh}",
                         f"{key} should not be asked for; in fact: {verdict.en}"))


_STEP: dict[str, Callable[[Any], Any]] = {"clause": lambda step: step.ref.clause}


@_does("steps_exactly", "no_steps")
def _steps(world: World, found: Match, table: RawTable | None) -> None:
    duty, key = world.duty(found.blanks["duty"]), found.blanks["key"]
    violation = next((v for v in world.result().violations if (v.duty, v.key) == (duty, key)), None)
    if violation is None:
        raise Unmet(Text(f"{key} 不是违规", f"{key} is no violation"))
    raw = [["level", "step"]] if found.sentence.id == "no_steps" else _table(table)
    names, expected = rows(tables()["steps"], raw, world.words)
    compare(names, expected, [actual(names, step, _STEP) for step in violation.steps], exactly=True)


_RECOMMENDED: dict[str, Callable[[Any], Any]] = {
    "rules": lambda r: {ground.rule for ground in r.grounds},
    "clauses": lambda r: {ground.clause for ground in r.grounds},
    "facts": lambda r: {fact for ground in r.grounds for fact in ground.facts},
}


@_does("recommendations_exactly", "no_recommendations")
def _recommendations(world: World, found: Match, table: RawTable | None) -> None:
    raw = table if table is not None else [["kind", "status"]]
    names, expected = rows(tables()["recommendations"], raw, world.words)
    compare(names, expected, [actual(names, r, _RECOMMENDED) for r in world.result().recommendations], exactly=True)


def _accident(world: World, id_: str) -> Item:
    for item in world.facts.dossier().items:
        if (item.kind, item.id) == ("accident", id_):
            return item
    raise ScenarioError(Text(f"没有编号为“{id_}”的事故", f"there is no accident {id_!r}"))


@_does("accident_class", "accident_class_at_least")
def _class(world: World, found: Match, table: RawTable | None) -> None:
    wanted = (word("class", found.blanks["class"]), found.sentence.id == "accident_class")
    name, exact = accident_class(_accident(world, found.blanks["item"]), world.rulebook)
    if (str(name), exact) != wanted:
        expected, found = _bound(*wanted), _bound(str(name), exact)
        raise Unmet(Text(f"应为{expected.zh}；实际：{found.zh}", f"expected {expected.en}; in fact: {found.en}"))


def _bound(name: str, exact: bool) -> Text:
    label = words("class")[name]
    return label if exact else Text(f"至少{label.zh}", f"at least {label.en}")


@_does("enterprise_is")
def _enterprise_is(world: World, found: Match, table: RawTable | None) -> None:
    names, expected = rows(tables()["enterprise"], _table(table), world.words)
    compare(names, expected, [actual(names, world.result(), {})], exactly=True)


@_does("not_there")
def _not_there(world: World, found: Match, table: RawTable | None) -> None:
    if not world.judged:
        world.result()
    if world.judgement is not None:
        raise Unmet(Text("企业已在册", "the enterprise is there"))


def perform(world: World, found: Match, table: RawTable | None) -> None:
    """Do what one sentence says. Raises :class:`ScenarioError` (cannot be read) or :class:`Unmet` (not so)."""
    _ACTIONS[found.sentence.id](world, found, table)


def run(scenario: Scenario, load: Loader = rulebook_of) -> World:
    """Play one scenario from its first step to its last; its world afterwards. Raises what :func:`perform` raises."""
    world = World(Path(scenario.feature.filename).parent, language_of(scenario), load=load)
    for step in scenario.steps:
        found = match(step.type, step.name)
        if found is None:
            raise ScenarioError(unknown_sentence(step, world.language))
        perform(world, found, step.datatable.raw() if step.datatable else None)
    return world


def language_of(scenario: Scenario) -> Language:
    """The language in which the feature is written."""
    return "zh" if scenario.feature.language.startswith("zh") else "en"


def unknown_sentence(step: Step, language: Language) -> Text:
    """What to tell the author of a step that is no sentence of its kind: the line, and the nearest sentence."""
    for kind, keyword in _KEYWORDS.items():
        if match(kind, step.name) is not None:
            return Text(f"第 {step.line_number} 行：“{step.name}”应写在“{keyword.zh}”之后",
                        f"line {step.line_number}: {step.name!r} belongs after {keyword.en}")
    close = nearest(step.name, language)
    zh, en = (f"最接近的是：{close}", f"the nearest is: {close}") if close else (
        "全部句子见 zhiben rules sentences", "zhiben rules sentences lists all there are")
    return Text(f"第 {step.line_number} 行：没有“{step.name}”这句话；{zh}",
                f"line {step.line_number}: there is no sentence {step.name!r}; {en}")


_KEYWORDS = {"given": Text("假如", "Given"), "when": Text("当", "When"), "then": Text("那么", "Then")}


def scenarios_of(feature_file: Path) -> Iterator[Scenario]:
    """The scenarios of a feature file, each row of an outline's examples as one."""
    feature = get_feature(str(feature_file.parent), feature_file.name, ENCODING)
    for template in feature.scenarios.values():
        contexts = [context for examples in template.examples for context in examples.as_contexts()]
        for context in contexts or [{}]:
            yield template.render(context)
