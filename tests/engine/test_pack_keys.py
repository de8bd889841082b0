"""Every key of a pack has an effect, and for each there is a test here that shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from engine import pack_schema
from engine.judgement import judge
from engine.packs import load_rulebook, load_rulebook_texts, packaged_packs
from engine.procedures import terms_of
from engine.results import Judgement, Obligation
from engine.rulebook import Rulebook
from facts.dossier import Claim, Dossier, FactValue, Item, Version
from facts.language import Text
from facts.vocabulary import DUTIES, Type

PACK = """\
pack: test/a
titles: {zh: 甲, en: a}
documents:
  plan: {title: 方案}
division: "120102"
effective: {from: 2024-01-01}
rules:
  - id: a.check
    duty: fire_check
    titles: {zh: 防火检查, en: fire check}
    clause: 一
    quote: 每月
    every: month
"""
EVERY = "    every: month\n"
REPORTING = """\
    for_each: hazard
    done_on: hazard.reported_on
    due: {of: hazard.found_on, days: 3}
"""
RECOMMENDATION = """\
recommendations:
  - id: a.list
    recommend: blacklist
    titles: {zh: 列入黑名单, en: put on the blacklist}
    clause: 九
    quote: 列入黑名单
    for_each: accident
    from: accident.penalized_on
"""
D = date(2024, 3, 10)

_shown: set[str] = set()


def shows(*keys: str) -> Callable[[Any], Any]:
    """Marks the keys of which a test shows the effect, as ``Model.key``."""
    _shown.update(keys)
    return lambda test: test


def keys() -> set[str]:
    """All keys of the pack format, each at the model that brings it."""
    models = [m for m in vars(pack_schema).values() if isinstance(m, type) and issubclass(m, BaseModel)]
    return {f"{model.__name__}.{field.alias or name}" for model in models
            for name, field in model.model_fields.items() if name in model.__annotations__}


def book(text: str = PACK) -> Rulebook:
    return load_rulebook_texts({"a.yaml": text})


def asking(text: str, pack: str = PACK) -> str:
    """The pack with another way of asking."""
    return pack.replace(EVERY, text)


def with_also(text: str, pack: str = PACK) -> str:
    """The pack with more keys in its rule."""
    return pack.replace(EVERY, EVERY + text)


def on_top(text: str, pack: str = PACK) -> str:
    """The pack with more keys of its own."""
    return pack.replace("rules:\n", text + "rules:\n")


def judged(text: str = PACK, as_of: date = D, *, records: tuple[date, ...] = (), kind: str = "fire_check",
           items: tuple[Item, ...] = (), **facts: FactValue) -> Judgement:
    version = Version(date(2023, 1, 1), {"division": "120102", **facts}, history_from=date(2023, 1, 1))
    found = judge(Dossier("91120102MA05XYAB1C", (version,), {kind: records}, items), book(text), as_of)
    assert found is not None
    return found


def asked(text: str = PACK, as_of: date = D, **known: Any) -> list[str]:
    """Keys of what is asked for."""
    return [o.key for o in judged(text, as_of, **known).obligations]


def one(text: str = PACK, as_of: date = D, **known: Any) -> Obligation:
    (obligation,) = judged(text, as_of, **known).obligations
    return obligation


HAZARD = Item("hazard", "H-1", {"found_on": date(2024, 3, 1), "level": "major"})
ACCIDENT = Item("accident", "A-1", {"deaths": 3, "penalized_on": date(2024, 2, 1)})


@shows("Pack.pack", "Pack.titles", "Titles.zh", "Titles.en")
def test_a_pack_has_a_name_and_titles() -> None:
    (pack,) = book().packs
    assert (pack.name, pack.titles) == ("test/a", Text("甲", "a"))


@shows("Pack.documents", "Document.title", "Rule.document")
def test_a_rule_cites_one_of_the_documents() -> None:
    assert one(as_of=date(2024, 1, 2)).rules[0].document == "方案"
    two = PACK.replace("  plan:", "  law: {title: 法}\n  plan:")
    assert one(with_also("    document: law\n", two), date(2024, 1, 2)).rules[0].document == "法"


@shows("Pack.division")
def test_a_pack_reaches_its_division() -> None:
    assert asked() == ["2024-01", "2024-02", "2024-03"]
    assert asked(PACK.replace("120102", "120103")) == []
    assert asked(PACK.replace("120102", "120000")) == asked(PACK.replace("120102", "000000")) == asked()


@shows("Pack.sectors")
def test_a_pack_reaches_its_sectors() -> None:
    pack = PACK.replace("effective:", "sectors: [hotel, retail]\neffective:")
    assert asked(pack, sectors=("retail",)) == asked()
    assert asked(pack, sectors=("catering",)) == []
    assert asked(pack) == ["?"]


@shows("Pack.effective", "Effective.from", "Effective.to", "Rule.effective")
def test_a_rule_is_in_force_in_its_range_and_its_packs() -> None:
    assert asked(PACK.replace("2024-01-01", "2024-02-10")) == ["2024-02", "2024-03"]
    assert asked(PACK.replace("2024-01-01}", "2024-01-01, to: 2024-02-29}")) == ["2024-01", "2024-02"]
    assert asked(with_also("    effective: {from: 2024-02-01, to: 2024-02-29}\n")) == ["2024-02"]


@shows("Pack.judged_from")
def test_judging_may_start_later_than_the_effective_range() -> None:
    assert asked(PACK.replace("rules:", "judged_from: 2024-02-01\nrules:")) == ["2024-02", "2024-03"]


@shows("Pack.status")
def test_a_draft_is_loaded_only_when_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(PACK.replace("rules:", "status: draft\nrules:"), encoding="utf-8")
    assert load_rulebook([tmp_path]).packs == ()
    assert len(load_rulebook([tmp_path], drafts=True).packs) == 1
    assert len(load_rulebook([file]).packs) == 1
    assert load_rulebook_texts({"a.yaml": PACK.replace("rules:", "status: in_force\nrules:")}).duties


@shows("Pack.facts", "DeclaredFact.type", "DeclaredFact.titles")
@pytest.mark.parametrize(("type_", "value", "test", "met"), [
    ("bool", True, "true", True),
    ("int", 2, "{le: 2}", True),
    ("int", 3, "{le: 2}", False),
    ("decimal", None, "{le: 2.5}", None),
    ("text", "甲", "甲", True),
    ("date", date(2024, 1, 1), "{lt: 2024-01-01}", False),
])
def test_a_pack_may_declare_facts(type_: str, value: Any, test: str, met: bool | None) -> None:
    pack = on_top(f"facts:\n  grade: {{type: {type_}, titles: {{zh: 级, en: grade}}}}\n",
                  with_also(f"    when: {{grade: {test}}}\n"))
    declared = book(pack).declared["grade"]
    assert (declared.name, declared.type, declared.label) == ("grade", Type(type_), Text("级", "grade"))
    known = {} if value is None else {"grade": value}
    assert asked(pack, **known) == {True: ["2024-01", "2024-02", "2024-03"], False: [], None: ["?"]}[met]


@shows("Pack.kinds", "Ask.record")
def test_a_pack_may_declare_kinds_of_record() -> None:
    pack = on_top("kinds: {pest_control: {zh: 虫害防治, en: pest control}}\n", with_also("    record: pest_control\n"))
    assert book(pack).kinds["pest_control"] == Text("虫害防治", "pest control")
    done = judged(pack, records=(D,), kind="pest_control").obligations
    assert {o.duty for o in done} == {"fire_check"}
    assert [o.verdict for o in done if o.key == "2024-03"] == ["fulfilled"]


@shows("Pack.sector_names")
def test_a_pack_may_declare_sectors() -> None:
    pack = on_top("sector_names: {bakery: {zh: 烘焙, en: bakery}}\n",
                  with_also("    when: {sectors: {any: [bakery]}}\n"))
    assert book(pack).sectors["bakery"] == Text("烘焙", "bakery")
    assert asked(pack, sectors=("bakery",)) == asked()
    assert asked(pack, sectors=("hotel",)) == []


@shows("Pack.derived", "DerivedFact.fact", "DerivedFact.when")
def test_a_fact_may_be_derived() -> None:
    pack = on_top("derived:\n  - {fact: high_risk, when: {sectors: {any: [coal_mine]}}, clause: 一, quote: 高危}\n",
                  with_also("    when: {high_risk: true}\n"))
    assert asked(pack, sectors=("coal_mine",)) == asked()
    assert asked(pack, sectors=("hotel",)) == []
    assert asked(pack, sectors=("coal_mine",), high_risk=False) == []
    assert asked(with_also("    when: {high_risk: true}\n"), sectors=("coal_mine",)) == ["?"]


@shows("DerivedFact.document")
def test_a_derived_fact_cites_a_document_that_is_there() -> None:
    pack = on_top("derived:\n  - {fact: high_risk, when: {uses_gas: true}, clause: 一, quote: 高危, document: plan}\n")
    assert book(pack).derived


@shows("Pack.rules", "Rule.id", "Rule.duty", "Rule.clause", "Rule.quote")
def test_a_rule_asks_and_is_cited() -> None:
    obligation = one(as_of=date(2024, 1, 2))
    assert obligation.duty == "fire_check"
    (ref,) = obligation.rules
    assert (ref.id, ref.clause, ref.quote) == ("a.check", "一", "每月")


@shows("Rule.titles")
def test_titles_of_a_rule_name_a_duty_that_no_kind_of_record_names() -> None:
    pack = asking("    state: {gas_alarm: true}\n").replace("duty: fire_check", "duty: alarm")
    assert book(pack).duties["alarm"].label == Text("防火检查", "fire check")
    assert book(pack.replace("duty: alarm", "duty: gas_alarm")).duties["gas_alarm"].label == DUTIES["gas_alarm"]
    assert book().duties["fire_check"].label == Text("防火检查", "fire check")


@shows("Rule.when")
def test_a_rule_may_have_a_condition() -> None:
    pack = with_also("    when: {headcount: {gt: 100}}\n")
    assert asked(pack, headcount=101) == asked()
    assert asked(pack, headcount=100) == []


@shows("Rule.cases", "Case.when", "Case.clause", "Case.quote")
def test_the_first_case_that_matches_asks() -> None:
    pack = asking("    cases:\n"
                  "      - {when: {headcount: {ge: 300}}, every: month, clause: 二, quote: 三百人以上每月}\n"
                  "      - {when: {headcount: {ge: 100}}, every: quarter}\n"
                  "      - {every: year}\n")
    assert asked(pack, headcount=300) == ["2024-01", "2024-02", "2024-03"]
    assert asked(pack, headcount=100) == ["2024Q1"]
    assert asked(pack, headcount=99) == ["2024"]
    (ref,) = judged(pack, headcount=300).obligations[0].rules
    assert (ref.clause, ref.quote) == ("二", "三百人以上每月")
    (ref,) = one(pack, headcount=99).rules
    assert (ref.clause, ref.quote) == ("一", "每月")


@shows("Ask.every")
@pytest.mark.parametrize(("every", "key"), [
    ("month", "2024-03"), ("quarter", "2024Q1"), ("half_year", "2024H1"), ("year", "2024"),
    ("{months: 2}", "2024-03..2024-04"), ("{months: 4}", "2024-01..2024-04"), ("{years: 3}", "2024..2026"),
])
def test_every(every: str, key: str) -> None:
    assert asked(asking(f"    every: {every}\n"))[-1] == key


def test_years_are_counted_from_the_rules_own_effective_range() -> None:
    own = asking("    every: {years: 2}\n    effective: {from: 2025-01-01}\n")
    assert asked(own, date(2025, 6, 1)) == ["2025..2026"]
    assert asked(asking("    every: {years: 2}\n"), date(2025, 6, 1)) == ["2024..2025"]


@shows("Ask.within", "Within.from_day", "Within.to_day")
def test_within_narrows_a_period() -> None:
    march = judged(with_also("    within: {from_day: 5, to_day: 15}\n")).obligations[-1]
    assert (march.key, march.starts_on, march.due_on) == ("2024-03", date(2024, 3, 5), date(2024, 3, 15))
    march = judged(with_also("    within: {to_day: 15}\n")).obligations[-1]
    assert march.starts_on == date(2024, 3, 1)


@shows("Ask.deadline")
def test_a_deadline() -> None:
    obligation = one(asking("    deadline: 2024-12-31\n"))
    assert (obligation.key, obligation.due_on, obligation.starts_on) == ("2024-12-31", date(2024, 12, 31), None)


@shows("Ask.since")
def test_since_leaves_out_older_records() -> None:
    old = (date(2023, 5, 1),)
    assert one(asking("    deadline: 2024-12-31\n"), records=old).verdict == "fulfilled"
    assert one(asking("    deadline: 2024-12-31\n    since: 2023-05-01\n"), records=old).verdict == "fulfilled"
    assert one(asking("    deadline: 2024-12-31\n    since: 2023-05-02\n"), records=old).verdict == "pending"


@shows("Ask.for_each", "Ask.done_on", "Ask.due", "Due.of", "Due.days")
def test_for_each_object() -> None:
    obligation = one(asking(REPORTING), items=(HAZARD, ACCIDENT))
    assert (obligation.key, obligation.due_on, obligation.verdict) == ("H-1", date(2024, 3, 4), "violated")
    reported = Item("hazard", "H-1", {**HAZARD.facts, "reported_on": date(2024, 3, 4)})
    assert one(asking(REPORTING), items=(reported,)).verdict == "fulfilled"


@shows("Due.date")
def test_an_object_may_be_due_on_a_fixed_date() -> None:
    pack = asking(REPORTING.replace("{of: hazard.found_on, days: 3}", "{date: 2024-12-31}"))
    assert one(pack, items=(HAZARD,)).due_on == date(2024, 12, 31)


@shows("Ask.state")
def test_a_state() -> None:
    pack = asking("    state: {gas_alarm: true}\n")
    assert one(pack, gas_alarm=True).verdict == "fulfilled"
    assert one(pack, gas_alarm=False).verdict == "violated"
    assert one(pack).missing == ("gas_alarm",)


@shows("Ask.at_least")
def test_at_least() -> None:
    pack = with_also("    at_least: 2\n")
    done = judged(pack, records=(date(2024, 3, 1), date(2024, 3, 5))).obligations[-1]
    assert (done.required, done.done, done.verdict, done.fulfilled_on) == (2, 2, "fulfilled", date(2024, 3, 5))
    assert judged(pack, records=(D,)).obligations[-1].verdict == "pending"


@shows("Ask.remind_before")
def test_remind_before() -> None:
    assert judged().obligations[-1].verdict == "pending"
    assert judged(with_also("    remind_before: 21\n")).obligations[-1].verdict == "due_soon"
    assert judged(with_also("    remind_before: 20\n")).obligations[-1].verdict == "pending"


def test_a_number_that_no_source_prints_counts_and_keeps_its_reason() -> None:
    pack = asking(REPORTING.replace("days: 3", "days: {assumption: 5, reason: 原文只写“及时”}"))
    assert one(pack, items=(HAZARD,)).due_on == date(2024, 3, 6)
    (rule,) = book(pack).duties["fire_check"].rules
    assert [(f.value, f.assumption) for f in rule.figures] == [(5, "原文只写“及时”")]
    (rule,) = book(with_also("    when: {headcount: {gt: {assumption: 9, reason: 无}}}\n")).duties["fire_check"].rules
    assert [(f.value, f.assumption) for f in rule.figures] == [(9, "无")]


@shows("Pack.recommendations", "Recommendation.id", "Recommendation.recommend", "Recommendation.clause",
       "Recommendation.quote", "Recommendation.for_each", "Recommendation.from")
def test_a_recommendation_and_its_ground() -> None:
    (found,) = judged(PACK + RECOMMENDATION, items=(ACCIDENT, HAZARD)).recommendations
    assert (found.kind, found.since) == ("blacklist", date(2024, 2, 1))
    (ground,) = found.grounds
    assert (ground.rule, ground.clause, ground.quote, ground.facts) == ("a.list", "九", "列入黑名单", ("accident:A-1",))


@shows("Recommendation.document")
def test_a_recommendation_cites_one_of_the_documents() -> None:
    two = with_also("    document: law\n", PACK.replace("  plan:", "  law: {title: 法}\n  plan:"))
    (found,) = judged(two + RECOMMENDATION + "    document: plan\n", items=(ACCIDENT,)).recommendations
    assert found.grounds[0].document == "方案"


@shows("Recommendation.when")
def test_a_recommendation_may_have_a_condition() -> None:
    when = PACK + RECOMMENDATION + "    when: {accident.deaths: {ge: %d}}\n"
    assert judged(when % 3, items=(ACCIDENT,)).recommendations
    assert not judged(when % 4, items=(ACCIDENT,)).recommendations


@shows("Recommendation.effective")
def test_a_recommendation_has_its_range() -> None:
    (found,) = judged(PACK + RECOMMENDATION + "    effective: {from: 2024-03-01}\n", items=(ACCIDENT,)).recommendations
    assert found.since == date(2024, 3, 1)


@shows("Recommendation.titles")
def test_a_recommendation_has_titles() -> None:
    (rule,) = book(PACK + RECOMMENDATION).recommendations
    assert rule.titles == Text("列入黑名单", "put on the blacklist")


@shows("Recommendation.until")
def test_a_recommendation_may_end() -> None:
    until = PACK + RECOMMENDATION.replace("each: accident", "each: hazard").replace(
        "accident.penalized_on", "hazard.found_on\n    until: hazard.rectified_on")
    mended = Item("hazard", "H-1", {**HAZARD.facts, "rectified_on": D})
    assert judged(until, date(2024, 3, 9), items=(mended,)).recommendations
    assert not judged(until, D, items=(mended,)).recommendations


#: A grade is asked for, and good standing; nothing was missed yet.
STANDING = """\
recommendations:
  - id: a.fewer
    recommend: reduce_inspections
    titles: {zh: 减少检查频次, en: fewer inspections}
    clause: 九
    quote: 减少检查频次
    when: {standardization: 二级}
"""


def test_a_recommendation_may_be_about_the_enterprise_as_a_whole() -> None:
    (found,) = judged(PACK + STANDING, standardization="二级").recommendations
    assert (found.status, found.since, found.grounds[0].facts) == ("proposed", date(2024, 1, 1), ("standardization",))
    assert not judged(PACK + STANDING, standardization="一级").recommendations
    assert not judged(PACK + STANDING).recommendations


@shows("Recommendation.good_standing")
def test_a_recommendation_may_ask_for_good_standing() -> None:
    good = PACK + STANDING + "    good_standing: {assumption: true, reason: 无}\n"
    monthly = (date(2024, 1, 31), date(2024, 2, 5))
    (found,) = judged(good, standardization="二级", records=monthly).recommendations
    assert (found.status, found.since) == ("proposed", date(2024, 1, 1))
    assert not judged(good, standardization="二级").recommendations
    assert judged(PACK + STANDING, standardization="二级").recommendations
    (rule,) = book(good).recommendations
    assert (rule.good_standing, rule.standing_assumed) == (True, "无")


@shows("Recommendation.competent", "Competent.assumption")
def test_who_may_order_what_is_recommended() -> None:
    competent = "    competent: {zh: 应急管理部门, en: emergency department, assumption: 凭记忆}\n"
    (rule,) = book(PACK + RECOMMENDATION + competent).recommendations
    assert rule.procedure.competent == Text("应急管理部门", "emergency department")
    assert rule.procedure.competent_assumed == "凭记忆"


@shows("Recommendation.objection", "Objection.days", "Recommendation.term", "Recommendation.removable_after",
       "Term.months")
def test_the_terms_of_a_decision() -> None:
    terms = ("    objection: {days: {assumption: 10, reason: 没有写}}\n    term: {months: 36}\n"
             "    removable_after: {months: 12}\n")
    found = terms_of(book(PACK + RECOMMENDATION + terms), ["a.list"])
    assert [figure.value for figure in (found.objection, found.term, found.removable_after) if figure] == [10, 36, 12]
    assert [(each.key, each.reason) for each in found.assumptions] == [("objection", "没有写")]
    assert terms_of(book(PACK + RECOMMENDATION), ["a.list"]).term is None


def street(text: str, as_of: date = D, *, amounts: dict[date, Decimal] | None = None, **facts: str) -> Judgement:
    version = Version(date.min, {"division": "120102", "authority_kind": "street", **facts})
    claim = Claim("fire_check", date(2024, 1, 1))
    found = judge(Dossier("JD-1", (version,), {"fire_check": tuple(amounts or ())}, (), (claim,),
                          {"fire_check": amounts or {}}, is_authority=True), book(text), as_of)
    assert found is not None
    return found


@shows("Rule.bearer")
def test_a_rule_for_authorities() -> None:
    pack = with_also("    bearer: [street, bureau]\n")
    assert [o.key for o in street(pack).obligations] == ["2024-01", "2024-02", "2024-03"]
    assert not street(pack, authority_kind="government").obligations
    assert not judged(pack).obligations
    assert not street(PACK).obligations


@shows("Rule.division")
def test_a_rule_for_authorities_of_another_division() -> None:
    pack = with_also('    bearer: street\n    division: "130000"\n')
    assert not street(pack).obligations
    assert street(pack, division="130100").obligations


@shows("Pack.authority_kinds")
def test_a_kind_of_authority_of_its_own() -> None:
    pack = on_top("authority_kinds: {port: {zh: 港口办, en: port office}}\n", with_also("    bearer: port\n"))
    assert street(pack, authority_kind="port").obligations
    assert not street(pack).obligations
    assert book(pack).authority_kinds["port"] == Text("港口办", "port office")


@shows("Ask.measured_in")
def test_amounts_may_be_added_up() -> None:
    hours = with_also("    bearer: street\n    at_least: 4\n    measured_in: hours\n")
    held = {date(2024, 3, 1): Decimal("1.5"), date(2024, 3, 5): Decimal("2.5")}
    done = street(hours, amounts=held).obligations[-1]
    assert (done.required, done.done, done.verdict, done.fulfilled_on) == (4, 4, "fulfilled", date(2024, 3, 5))
    counted = street(hours.replace("    measured_in: hours\n", ""), amounts=held).obligations[-1]
    assert (counted.done, counted.verdict) == (2, "pending")


@shows("Effective.assumption")
def test_a_range_may_be_assumed() -> None:
    (rule,) = book(PACK.replace("from: 2024-01-01}", "from: 2024-01-01, assumption: 原文无日期}")).duties[
        "fire_check"].rules
    assert rule.assumed_range == "原文无日期"
    (rule,) = book().duties["fire_check"].rules
    assert rule.assumed_range is None


LADDER = """\
ladders:
  - id: a.ladder
    titles: {zh: 梯次, en: ladder}
    clause: 二
    quote: 3日函告
    steps:
      - {step: letter, after: 3}
"""
OVERDUE = Item("hazard", "H-1", {"found_on": date(2024, 1, 20), "level": "major"})


def laddered(text: str = LADDER, pack: str = PACK) -> str:
    """The pack with a ladder."""
    return pack + text


def steps(text: str, as_of: date = D, **known: Any) -> list[tuple[int, str, date]]:
    """The steps about what was missed in January."""
    violation = next(v for v in judged(text, as_of, **known).violations if v.key in ("2024-01", "H-1"))
    return [(step.level, step.step, step.due_on) for step in violation.issued]


@shows("Pack.ladders", "Ladder.steps", "LadderStep.step", "LadderStep.after")
def test_a_step_follows_upon_a_violation_after_so_many_days() -> None:
    assert steps(laddered()) == [(1, "letter", date(2024, 2, 4))]
    assert steps(laddered(), date(2024, 2, 3)) == []
    assert steps(laddered(LADDER.replace("letter", "urge").replace("after: 3", "after: 0"))) == [
        (1, "urge", date(2024, 2, 1))]
    assert steps(PACK) == []


@shows("Ladder.id", "Ladder.titles", "Ladder.clause", "Ladder.quote", "LadderStep.clause", "LadderStep.quote")
def test_a_step_cites_its_ladder_or_words_of_its_own() -> None:
    text = laddered(LADDER + "      - {step: expose, after: 9, clause: 三, quote: 9日曝光}\n")
    (ladder,) = book(text).ladders
    assert (ladder.ref.id, ladder.titles, ladder.pack) == ("a.ladder", Text("梯次", "ladder"), "test/a")
    first, second = judged(text).violations[0].steps
    assert (first.ladder, first.ref.clause, first.ref.quote) == ("a.ladder", "二", "3日函告")
    assert (second.ladder, second.ref.clause, second.ref.quote) == ("a.ladder", "三", "9日曝光")


@shows("Ladder.document", "LadderStep.document")
def test_a_ladder_cites_one_of_the_documents() -> None:
    two = PACK.replace("  plan:", "  law: {title: 法}\n  plan:").replace(EVERY, EVERY + "    document: plan\n")
    text = laddered(LADDER.replace("    clause: 二\n", "    document: law\n    clause: 二\n"), two)
    text += "      - {step: expose, after: 9, document: plan}\n"
    assert [step.ref.document for step in judged(text).violations[0].steps] == ["法", "方案"]


@shows("Ladder.duties")
def test_a_ladder_is_for_some_duties_or_for_all_that_enterprises_bear() -> None:
    alarm = """\
  - {id: a.alarm, duty: gas_alarm, titles: {zh: 报警, en: alarm}, clause: 一, quote: 安装, state: {gas_alarm: true}}
  - {id: a.street, duty: street_report, record: fire_check, bearer: street, titles: {zh: 报, en: report}, clause: 一,
     quote: 每月, every: month}
"""
    both = laddered(pack=PACK + alarm)
    one_only = both.replace("    clause: 二\n", "    duties: [gas_alarm]\n    clause: 二\n")
    for text, duties in ((both, {"fire_check", "gas_alarm"}), (one_only, {"gas_alarm"})):
        (ladder,) = book(text).ladders
        assert set(ladder.duties) == duties
        assert {v.duty for v in judged(text, gas_alarm=False).violations if v.steps} == duties


@shows("Ladder.effective")
def test_a_ladder_is_for_violations_that_open_in_its_range() -> None:
    def ranged(first: str, last: str) -> str:
        return laddered(LADDER.replace("    clause:", f"    effective: {{from: {first}, to: {last}}}\n    clause:"))

    assert steps(ranged("2024-02-01", "2024-02-01"))
    assert not steps(ranged("2024-02-02", "2024-03-01"))
    assert not steps(ranged("2024-01-01", "2024-01-31"))
    ending = PACK.replace("from: 2024-01-01}", "from: 2024-01-01, to: 2024-01-31}")
    assert not steps(laddered(pack=ending))
    assert steps(ranged("2024-02-01", "2024-02-01").replace("from: 2024-01-01}", "from: 2024-01-01, to: 2024-01-31}"))


@shows("LadderStep.when", "StepWhen.streak", "AtLeast.ge")
def test_a_step_for_what_is_missed_in_a_row() -> None:
    text = laddered(LADDER.replace("after: 3", "after: 3, when: {streak: {ge: 2}}"))
    found = {v.key: [step.due_on for step in v.steps] for v in judged(text).violations}
    assert found == {"2024-01": [], "2024-02": [date(2024, 3, 4)]}


@shows("StepWhen.hazard.level", "StepWhen.refused")
def test_a_step_for_a_level_of_hazard_or_upon_refusal() -> None:
    reporting = asking(REPORTING).replace("fire_check", "hazard_reporting")

    def given(when: str, **facts: FactValue) -> list[tuple[int, str, date]]:
        item = Item("hazard", "H-1", {**OVERDUE.facts, **facts})
        return steps(laddered(LADDER.replace("after: 3", f"after: 3, when: {{{when}}}"), reporting), items=(item,))

    due_on = date(2024, 1, 27)
    assert given("hazard.level: major") == [(1, "letter", due_on)]
    assert given("hazard.level: general") == []
    assert given("hazard.level: general", level="general") == [(1, "letter", due_on)]
    assert given("refused: true") == []
    assert given("refused: true", refused_on=date(2024, 1, 25)) == [(1, "letter", due_on)]
    assert given("refused: true", refused_on=date(2024, 2, 9)) == [(1, "letter", date(2024, 2, 9))]


@shows("StepWhen.steps_taken")
def test_a_step_after_so_many_others() -> None:
    text = laddered(LADDER + "      - {step: expose, after: 1, when: {steps_taken: {ge: 1}}}\n")
    assert steps(text) == [(1, "letter", date(2024, 2, 4)), (2, "expose", date(2024, 2, 4))]


#: Keys that stand in packs for the reader of the pack alone.
_FOR_THE_READER = {"Document.issuer", "Document.number", "Document.date",
                   "DerivedFact.titles", "DerivedFact.clause", "DerivedFact.quote"}


def test_every_key_of_the_format_is_shown_here() -> None:
    assert keys() - _FOR_THE_READER == _shown


@pytest.mark.parametrize(("old", "new"), [
    ("{title: 方案}", "{title: 方案, issuer: 某局, number: 1号, date: 2024-03-11}"),
    ("rules:\n", """derived:
  - {fact: high_risk, titles: {zh: 高危, en: high risk}, when: {uses_gas: true}, clause: 一, quote: 二}
rules:
"""),
])
def test_keys_for_the_reader_are_accepted(old: str, new: str) -> None:
    assert asked(PACK.replace(old, new)) == asked()


def test_packs_of_the_product_are_called_as_their_files() -> None:
    assert [f"rules/{pack.name}.yaml" for pack in load_rulebook(drafts=True).packs] == sorted(packaged_packs())
