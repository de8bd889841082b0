"""Which terms a case has whose grounds have several."""

from __future__ import annotations

from engine.packs import load_rulebook_texts
from engine.procedures import Terms, terms_of
from engine.rulebook import Rulebook

PACK = """\
pack: test/a
titles: {zh: 甲, en: a}
documents:
  plan: {title: 方案}
division: "000000"
effective: {from: 2024-01-01}
recommendations:
  - id: a.first
    recommend: blacklist
    titles: {zh: 一, en: one}
    clause: 一
    quote: 列入黑名单
    for_each: accident
    from: accident.penalized_on
    competent: {zh: 应急管理部门, en: emergency department, assumption: 凭记忆}
    objection: {days: 5}
    term: {months: {assumption: 36, reason: 一省如此}}
    removable_after: {months: 12}
  - id: a.second
    recommend: blacklist
    titles: {zh: 二, en: two}
    clause: 二
    quote: 列入黑名单
    for_each: hazard
    from: hazard.refused_on
    competent: {zh: 应急管理部门, en: emergency department}
    objection: {days: {assumption: 10, reason: 没有写}}
    term: {months: 36}
    removable_after: {months: {assumption: 6, reason: 没有写}}
  - id: a.third
    recommend: blacklist
    titles: {zh: 三, en: three}
    clause: 三
    quote: 列入黑名单
    for_each: hazard
    from: hazard.found_on
"""


def book() -> Rulebook:
    return load_rulebook_texts({"a.yaml": PACK})


def test_one_rule_has_its_own_terms() -> None:
    terms = terms_of(book(), ["a.first"])
    assert [getattr(terms, key).value for key in ("objection", "term", "removable_after")] == [5, 36, 12]
    assert [(each.key, each.value) for each in terms.assumptions] == [("competent", "应急管理部门"), ("term", "36")]
    assert terms.competent == ({"zh": "应急管理部门", "en": "emergency department", "assumption": "凭记忆"},)


def test_of_several_the_kindest_counts_and_of_equals_the_one_with_a_source() -> None:
    terms = terms_of(book(), ["a.first", "a.second", "a.third"])
    assert [getattr(terms, key).value for key in ("objection", "term", "removable_after")] == [10, 36, 6]
    assert terms.term is not None
    assert terms.term.assumption is None
    assert {(each.rule, each.key) for each in terms.assumptions} == {
        ("a.second", "objection"), ("a.second", "removable_after")}
    assert [each["assumption"] for each in terms.competent] == [None]


def test_a_rule_that_says_nothing_or_is_not_there_has_none() -> None:
    assert terms_of(book(), ["a.third"]) == Terms()
    assert terms_of(book(), ["b.gone"]) == Terms()
