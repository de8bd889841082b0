"""Good standing: judging each night and judging once, later, tell of the same days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from engine.judgement import judge
from engine.packs import load_rulebook_texts
from engine.results import Judgement, Recommendation
from engine.waivers import Waiver
from facts.dossier import Claim, Dossier, FactValue, Item, Version
from tests.reference.strategies import RECORD_KINDS, Pack, as_of_dates, books, dossiers, yaml_text

RULE: Pack = {
    "id": "z.fewer", "recommend": "reduce_inspections", "titles": {"zh": "减少检查频次", "en": "fewer inspections"},
    "clause": "一", "quote": "减少", "good_standing": True,
}
PACK = """\
pack: test/a
titles: {zh: 甲, en: a}
documents:
  plan: {title: 方案}
division: "000000"
effective: {from: 2024-01-01, to: 2024-12-31}
rules:
  - id: a.check
    duty: fire_check
    titles: {zh: 防火检查, en: fire check}
    clause: 一
    quote: 每月
    every: month
  - id: a.alarm
    duty: gas_alarm
    titles: {zh: 燃气报警装置, en: gas alarm}
    clause: 二
    quote: 应当安装
    when: {uses_gas: true}
    state: {gas_alarm: true}
recommendations:
  - id: a.fewer
    recommend: reduce_inspections
    titles: {zh: 减少检查频次, en: fewer inspections}
    clause: 三
    quote: 减少
    good_standing: true
  - id: a.list
    recommend: blacklist
    titles: {zh: 黑名单, en: blacklist}
    clause: 四
    quote: 列入
    for_each: accident
    when: {accident.deaths: {ge: 3}}
    from: accident.penalized_on
"""
BOOK = load_rulebook_texts({"a.yaml": PACK})
USCC = "91120102MA05XYAB1C"


def day(text: str) -> date:
    return date.fromisoformat(f"2024-{text}")


def firm(*facts: tuple[str, dict[str, FactValue]], records: tuple[str, ...] = (), items: tuple[Item, ...] = (),
         covered: bool = True, closed_on: date | None = None) -> Dossier:
    """An enterprise of 2024 with a version from each of the days on."""
    versions = tuple(Version(day(since), {"division": "120102", "uses_gas": False, **its}, registered_on=day("01-01"),
                             closed_on=closed_on) for since, its in facts or (("01-01", {}),))
    claims = (Claim("fire_check", day("01-01")),) if covered else ()
    return Dossier(USCC, versions, {"fire_check": tuple(map(day, records))}, items, claims)


def fewer(judgement: Judgement | None) -> Recommendation | None:
    found = (*judgement.recommendations, *judgement.past_recommendations) if judgement else ()
    return next((each for each in found if each.kind == "reduce_inspections"), None)


def said(dossier: Dossier, as_of: str, *waivers: Waiver) -> tuple[str, str | None] | None:
    found = fewer(judge(dossier, BOOK, day(as_of), waivers))
    if found is None or found.status == "withdrawn":
        return None
    return found.status, found.since.strftime("%m-%d") if found.since else None


def test_a_violation_ends_it_and_its_end_begins_it_anew() -> None:
    missed = firm(records=("01-05", "03-03", "03-04"))
    assert [said(missed, on) for on in ("02-29", "03-01", "03-02", "03-03", "03-31")] == [
        ("proposed", "01-01"), None, None, ("proposed", "03-03"), ("proposed", "03-03")]
    found = fewer(judge(missed, BOOK, day("03-31")))
    assert found is not None
    assert [(ground.since, ground.ended_on) for ground in found.past] == [(day("01-01"), day("03-01"))]


def test_what_is_not_known_holds_it_back_until_it_no_longer_matters() -> None:
    unknown = firm(records=("02-10",), covered=False)
    found = fewer(judge(unknown, BOOK, day("02-09")))
    assert found is not None
    assert (found.status, found.missing) == ("unknown", ("coverage:fire_check",))
    assert said(unknown, "01-31") == ("proposed", "01-01")
    # Had January been missed, the record would have made it good.
    assert said(unknown, "02-10") == ("proposed", "02-10")


def test_a_state_that_is_not_known() -> None:
    gas = firm(("01-01", {"uses_gas": True}), ("01-10", {"uses_gas": True, "gas_alarm": True}), records=("01-05",))
    assert [said(gas, on) for on in ("01-09", "01-10")] == [("unknown", None), ("proposed", "01-10")]
    perhaps = firm(("01-01", {}), ("01-10", {"uses_gas": True, "gas_alarm": False}), ("01-20", {}), records=("01-05",))
    assert [said(perhaps, on) for on in ("01-09", "01-10", "01-20")] == [
        ("proposed", "01-01"), None, ("proposed", "01-20")]


def test_hazards() -> None:
    major = Item("hazard", "H-1", {"level": "major", "found_on": day("01-03"), "rectified_on": day("01-08")})
    vague = Item("hazard", "H-2", {"found_on": day("01-12"), "rectified_on": day("01-14")})
    minor = Item("hazard", "H-3", {"level": "general", "found_on": day("01-16")})
    found = firm(items=(major, vague, minor))
    assert [said(found, on) for on in ("01-02", "01-03", "01-07", "01-08", "01-12", "01-14", "01-20")] == [
        ("proposed", "01-01"), None, None, ("proposed", "01-08"), ("unknown", None), ("proposed", "01-14"),
        ("proposed", "01-14")]


def test_a_recommendation_on_account_of_an_accident() -> None:
    large = Item("accident", "A-1", {"deaths": 3, "occurred_on": day("01-03"), "penalized_on": day("01-10")})
    vague = Item("accident", "A-2", {"occurred_on": day("01-03"), "penalized_on": day("01-10")})
    assert [said(firm(items=(large,)), on) for on in ("01-09", "01-10")] == [("proposed", "01-01"), None]
    assert [said(firm(items=(vague,)), on) for on in ("01-09", "01-10")] == [("proposed", "01-01"), ("unknown", None)]
    found = fewer(judge(firm(items=(vague,)), BOOK, day("01-10")))
    assert found is not None
    assert found.missing == ("accident:A-2.deaths",)


def test_waived_is_not_against_it() -> None:
    waiver = Waiver(1, USCC, "fire_check", None, day("01-15"), day("01-31"), "停业改造", "李四", day("01-02"))
    assert said(firm(), "02-10") is None
    assert said(firm(), "02-10", waiver) == ("proposed", "01-01")


def test_it_ends_with_the_enterprise_and_with_the_rule() -> None:
    monthly = tuple(f"{month:02}-05" for month in range(1, 13))
    closed = firm(records=monthly, closed_on=day("03-10"))
    assert [said(closed, on) for on in ("03-10", "03-11")] == [("proposed", "01-01"), None]
    assert said(firm(records=monthly), "12-31") == ("proposed", "01-01")
    assert [r.kind for r in judge(firm(records=monthly), BOOK, date(2025, 1, 1)).recommendations] == []


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Pack], Dossier, list[date]]:
    """Packs with a rule on good standing, an enterprise, and days.

    Rows that tell something new of days before their own are left out: what is learnt late, nobody knew each night.
    """
    packs = draw(books())
    pack = packs[0]
    rule = dict(RULE)
    if when := draw(st.sampled_from((None, {"standardization": {"in": ["一级", "二级"]}}, {"uses_gas": False}))):
        rule["when"] = when
    pack["recommendations"] = [*pack.get("recommendations", ()), rule]
    pack["division"] = "000000"
    pack.pop("sectors", None)
    dossier = draw(dossiers(packs))
    if draw(st.booleans()):
        dossier = replace(dossier, claims=tuple(Claim(kind, date(2022, 1, 1)) for kind in RECORD_KINDS))
    first = dossier.versions[0]
    versions = tuple(replace(
        version, registered_on=first.registered_on, history_from=first.history_from,
        closed_on=version.closed_on if version.closed_on and version.closed_on >= version.valid_from else None)
        for version in dossier.versions)
    dossier = replace(dossier, versions=versions)
    days = st.one_of(as_of_dates(dossier, packs), st.dates(date(2023, 1, 1), date(2026, 12, 31)))
    return packs, dossier, draw(st.lists(days, min_size=4, max_size=10))


@settings(max_examples=max(40, settings.default.max_examples // 2), deadline=None,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(situations())
def test_each_night_and_once_later(situation: tuple[list[Pack], Dossier, list[date]]) -> None:
    packs, dossier, days = situation
    rulebook: Any = load_rulebook_texts({f"{pack['pack']}.yaml": yaml_text(pack) for pack in packs})
    late = fewer(judge(dossier, rulebook, max(days)))
    stood = [(ground.since, ground.ended_on or date.max) for ground in (*late.grounds, *late.past)
             if ground.since] if late else []
    edges = {edge + timedelta(days=shift) for pair in stood for edge in pair if edge < date.max for shift in (-1, 0)}
    for night in sorted(each for each in {*days, *edges} if each <= max(days)):
        found = fewer(judge(dossier, rulebook, night))
        since = found.since if found is not None and found.status == "proposed" else None
        expected = next((first for first, after in stood if first <= night < after), None)
        if since != expected:
            note("\n".join([f"on {night}, judged on {max(days)}", repr(dossier), *map(yaml_text, packs)]))
        assert since == expected
