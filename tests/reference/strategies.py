"""Hypothesis strategies: small packs, dossiers and dates that crowd around the boundaries of the semantics.

Everything lies between 2023 and 2027, in few divisions and sectors, so that what is drawn meets often.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import yaml
from hypothesis import strategies as st

from facts.dossier import NEVER, Claim, Dossier, Item, Version

Pack = dict[str, Any]

USCC = "91120102MA05XYAB1C"
DIVISIONS = ("120102", "120103", "370102")
PACK_DIVISIONS = ("000000", "120102", "120102", "000000", "120100", "120000", "370000")
SECTORS = ("hotel", "catering", "coal_mine", "construction")
UNITS: tuple[Any, ...] = ("month", "quarter", "half_year", "year", {"months": 2}, {"months": 4}, {"years": 2},
                          {"years": 3})
COMMON_UNITS: tuple[Any, ...] = ("month", "quarter", "half_year")
PERIODIC = {"leadership_inspection": None, "evacuation_drill": None, "night_patrol": "fire_check"}
DEADLINE = {"monitoring_connected": None, "responsibility_system": None}
RECORD_KINDS = ("leadership_inspection", "evacuation_drill", "fire_check", *DEADLINE)
#: What authorities owe, and the kind of record that shows it.
OWED_PERIODICALLY = {"enforcement_training": "fire_training", "supervision": "fire_check"}
OWED_ONCE = {"expert_training": "principal_training"}
OWED_STATE = {"standing": {"authority_kind": {"ne": "street"}}}
AUTHORITY_RECORD_KINDS = ("fire_training", "fire_check", "principal_training")
RECORD_OF = PERIODIC | DEADLINE | OWED_PERIODICALLY | OWED_ONCE
AUTHORITY_KINDS = ("street", "bureau", "port_office")
PORT_OFFICE = {"port_office": {"zh": "港口办", "en": "port office"}}
MEASURES = ("hours", "cases", None, "hours", None)
Records = dict[str, tuple[date, ...]]
Amounts = dict[str, dict[date, Decimal]]
#: Hours or cases of a record; one to five are asked for.
AMOUNTS = (None, Decimal(1), Decimal(2), None, Decimal("0.5"), Decimal("1.5"), Decimal(0), Decimal("2.5"), None)
LAST_KINDS = ("leadership_inspection", "evacuation_drill")
DEADLINES = (date(2024, 2, 29), date(2024, 6, 30), date(2024, 12, 31))
EFFECTIVE_FROM = (date(2023, 1, 1), date(2023, 1, 1), date(2024, 1, 1), date(2024, 1, 1), date(2024, 2, 29),
                  date(2024, 3, 11), date(2024, 4, 16), date(2024, 4, 17), date(2025, 1, 1))
EFFECTIVE_TO = (date(2024, 5, 31), date(2024, 8, 15), date(2024, 12, 31), date(2025, 3, 30), date(2026, 12, 31))


def rarely() -> st.SearchStrategy[bool]:
    """True about one time in five; shrinks to False."""
    return st.sampled_from((False, False, False, False, True))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The strategy, or None."""
    return st.none() | strategy


# Dates


def _edges() -> tuple[date, ...]:
    """First and last day of each month, the day before half of it is over and the day after."""
    edges = {date(2024, 2, 28), date(2024, 3, 11), date(2024, 4, 15)}
    for year in (2023, 2024, 2025):
        for month in range(1, 13):
            first = date(year, month, 1)
            edges |= {first, first - timedelta(days=1), date(year, month, 16)}
    return tuple(sorted(edges))


EDGES = _edges()
EDGES_OF_2024 = tuple(e for e in EDGES if e.year == 2024)


def dates() -> st.SearchStrategy[date]:
    """Mostly at the edges of periods, mostly in 2024, seldom anywhere."""
    return st.one_of(st.sampled_from(EDGES_OF_2024), st.sampled_from(EDGES_OF_2024), st.sampled_from(EDGES),
                     st.dates(date(2023, 1, 1), date(2027, 12, 31)))


def around(days: list[date]) -> st.SearchStrategy[date]:
    """One of the days, the day before, or the day after."""
    return st.builds(lambda day, shift: day + timedelta(days=shift), st.sampled_from(days), st.sampled_from((0, 1, -1)))


# Packs


def _number(n: int) -> st.SearchStrategy[Any]:
    """A number as a pack may write it."""
    return st.sampled_from((n, {"assumption": n, "reason": "原文没有数字"}))


def tests_of_enterprise() -> st.SearchStrategy[Mapping[str, Any]]:
    """One test of one fact of the enterprise."""
    truth = st.booleans()
    return st.one_of(
        truth.map(lambda b: {"high_risk": b}),
        truth.map(lambda b: {"uses_gas": b}),
        st.sampled_from(("gt", "ge", "lt", "le", "eq", "ne")).flatmap(
            lambda op: st.sampled_from((100, 101, {"assumption": 100, "reason": "原文没有数字"})).map(
                lambda n: {"headcount": {op: n}})),
        st.sampled_from(("any", "none")).flatmap(
            lambda op: st.lists(st.sampled_from(SECTORS), min_size=1, max_size=2, unique=True).map(
                lambda some: {"sectors": {op: some}})),
        st.sampled_from(({"standardization": "一级"}, {"standardization": {"in": ["一级", "二级"]}},
                         {"headcount": 100}, {"headcount": {"ge": 30, "lt": 101}})),
    )


def tests_of_authority() -> st.SearchStrategy[Mapping[str, Any]]:
    """One test of the kind of authority, the only fact that a rule for authorities may read."""
    kinds = st.sampled_from(AUTHORITY_KINDS)
    return st.one_of(kinds, kinds.map(lambda kind: {"ne": kind}), kinds.map(lambda kind: {"in": [kind, "government"]})
                     ).map(lambda test: {"authority_kind": test})


def conditions(leaf: st.SearchStrategy[Mapping[str, Any]]) -> st.SearchStrategy[Mapping[str, Any]]:
    """A condition of one to three such tests."""
    pair = st.lists(leaf, min_size=2, max_size=2)
    return st.one_of(leaf, leaf, pair.map(lambda c: {"all": c}), pair.map(lambda c: {"any": c}),
                     leaf.map(lambda c: {"not": c}),
                     st.builds(lambda a, b: {"all": [a, {"not": {"any": b}}]}, leaf, pair))


@st.composite
def _range(draw: st.DrawFn, within: Mapping[str, date] | None = None) -> dict[str, date]:
    within = within or {}
    first, last = within.get("from", date.min), within.get("to", date.max)
    start = draw(st.sampled_from([d for d in EFFECTIVE_FROM if first <= d <= last] or [first]))
    end = draw(st.sampled_from([None, None, None, *(d for d in EFFECTIVE_TO if start <= d <= last)]))
    return {"from": start} | ({"to": end} if end else {})


@st.composite
def _asks(draw: st.DrawFn, duty: str, book: Mapping[str, Any]) -> dict[str, Any]:
    every = draw(st.sampled_from(COMMON_UNITS) | st.sampled_from(UNITS))
    asks: dict[str, Any] = {"every": every}
    at_least = draw(_at_least(book["measured_in"][duty]))
    if at_least > 1:
        asks["at_least"] = draw(_number(at_least))
    if draw(rarely()):
        asks["remind_before"] = draw(st.sampled_from((0, 3, 20)).flatmap(_number))
    if window := book["windows"].get(f"{duty} {every}"):
        asks["within"] = window
    return asks


def _at_least(measured_in: str | None) -> st.SearchStrategy[int]:
    return st.sampled_from((1, 1, 1, 2, 3) if measured_in is None else (2, 3, 1, 5))


def _shown_by(duty: str, book: Mapping[str, Any]) -> dict[str, Any]:
    """Which records count, and in what they are measured."""
    shown = {"record": RECORD_OF[duty], "measured_in": book["measured_in"][duty]}
    return {key: value for key, value in shown.items() if value}


@st.composite
def _periodic(draw: st.DrawFn, duty: str, leaf: st.SearchStrategy[Any], book: Mapping[str, Any]) -> dict[str, Any]:
    rule = _shown_by(duty, book)
    if draw(st.booleans()):
        return rule | draw(_asks(duty, book))
    cases = [{"when": draw(conditions(leaf)), **draw(_asks(duty, book))} for _ in range(draw(st.integers(1, 2)))]
    if draw(st.booleans()):
        cases.append(draw(_asks(duty, book)))
    return {**rule, "cases": cases}


@st.composite
def _deadline(draw: st.DrawFn, duty: str, leaf: st.SearchStrategy[Any], book: Mapping[str, Any]) -> dict[str, Any]:
    rule = _shown_by(duty, book)
    if not draw(rarely()):
        return rule | draw(_by(duty, book))
    return {**rule, "cases": [{"when": draw(conditions(leaf)), **draw(_by(duty, book))}, draw(_by(duty, book))]}


@st.composite
def _by(draw: st.DrawFn, duty: str, book: Mapping[str, Any]) -> dict[str, Any]:
    due = draw(st.sampled_from(DEADLINES))
    rule: dict[str, Any] = {"deadline": due}
    if since := book["since"][due]:
        rule["since"] = since
    at_least = draw(_at_least(book["measured_in"][duty]))
    if at_least > 1:
        rule["at_least"] = draw(_number(at_least))
    if draw(rarely()):
        rule["remind_before"] = draw(st.sampled_from((0, 60)))
    return rule


@st.composite
def _object(draw: st.DrawFn, duty: str) -> dict[str, Any]:
    """A rule for each object; its own condition, if it has one, is under ``when``."""
    major = {"hazard.level": "major"}
    match duty:
        case "hazard_reporting":
            days = draw(st.sampled_from((3, 30)).flatmap(_number))
            return {"for_each": "hazard", "when": major, "done_on": "hazard.reported_on",
                    "due": {"of": "hazard.found_on", "days": days}}
        case "hazard_rectification":
            rule = {"for_each": "hazard", "done_on": "hazard.rectified_on"}
            return rule | draw(st.sampled_from((
                {"due": {"of": "hazard.deadline"}},
                {"due": {"of": "hazard.deadline"}, "when": major},
                {"due": {"date": date(2024, 12, 31)},
                 "when": {**major, "hazard.found_on": {"le": date(2023, 12, 31)}}},
            )))
        case "certificate_renewal":
            return {"for_each": "certificate", "done_on": "certificate.renewed_on",
                    "due": {"of": "certificate.expires_on"}}
    return {"for_each": "exhibition", "done_on": "exhibition.police_permit_on",
            "when": {"exhibition.expected_attendance": {"ge": 1000}},
            "due": {"of": "exhibition.opens_on", "days": -1}}


STATES = {
    "safety_officer": {"any": [{"safety_officers": {"ge": 1}}, {"safety_department": True}]},
    "gas_alarm": {"gas_alarm": True},
}
OBJECTS = ("hazard_reporting", "hazard_rectification", "certificate_renewal", "exhibition_police_permit")


@st.composite
def _rule(draw: st.DrawFn, duty: str, effective: Mapping[str, date], book: Mapping[str, Any]) -> dict[str, Any]:
    of_authorities = duty in (*OWED_PERIODICALLY, *OWED_ONCE, *OWED_STATE)
    leaf = tests_of_authority() if of_authorities else tests_of_enterprise()
    if duty in PERIODIC or duty in OWED_PERIODICALLY:
        asks = draw(_periodic(duty, leaf, book))
    elif duty in DEADLINE or duty in OWED_ONCE:
        asks = draw(_deadline(duty, leaf, book))
    elif duty in OBJECTS:
        asks = draw(_object(duty))
    else:
        asks = {"state": STATES[duty] if duty in STATES else OWED_STATE[duty]}
    if of_authorities:
        asks |= draw(_borne())
    own = [asks.pop("when")] if "when" in asks else []
    if draw(st.sampled_from((False, False, True))):
        own.append(draw(conditions(leaf)))
    if own:
        asks["when"] = own[0] if len(own) == 1 else {"all": own}
    if draw(rarely()):
        asks["effective"] = draw(_range(effective))
    return {"duty": duty, **_titles(duty), "clause": "二", "quote": "每季度至少1次", **asks}


@st.composite
def _borne(draw: st.DrawFn) -> dict[str, Any]:
    """By which kinds of authority, and of which division if not that of the pack."""
    kinds = st.sampled_from(AUTHORITY_KINDS)
    borne = {"bearer": draw(kinds | st.lists(kinds, min_size=1, max_size=2, unique=True))}
    if draw(rarely()):
        borne["division"] = draw(st.sampled_from(PACK_DIVISIONS))
    return borne


def _titles(name: str) -> dict[str, Any]:
    return {"titles": {"zh": f"事项 {name}", "en": f"title {name}"}}


HIGH_RISK = {"fact": "high_risk", "when": {"sectors": {"any": ["coal_mine", "construction"]}},
             "clause": "一", "quote": "高危行业领域"}
HIGH_RISK_ALSO = {**HIGH_RISK, "when": {"all": [{"sectors": {"any": ["hotel"]}}, {"headcount": {"gt": 100}}]}}
LARGE = {"fact": "accident.large_or_above", "clause": "三", "quote": "较大事故", "when": {"any": [
    {"accident.deaths": {"ge": 3}}, {"accident.serious_injuries": {"ge": 10}}, {"accident.direct_loss": {"ge": 1000}}]}}
RECOMMENDATIONS = (
    {"recommend": "blacklist", "for_each": "accident", "when": {"accident.large_or_above": True},
     "from": "accident.penalized_on"},
    {"recommend": "lifetime_ban", "for_each": "accident", "from": "accident.penalized_on",
     "when": {"all": [{"accident.large_or_above": True}, {"accident.responsible": True}]}},
    {"recommend": "blacklist", "for_each": "hazard", "when": {"hazard.adverse_impact": True},
     "from": "hazard.refused_on"},
    {"recommend": "blacklist", "for_each": "hazard", "when": {"hazard.level": "major"},
     "from": "hazard.found_on", "until": "hazard.rectified_on"},
    {"recommend": "standardization_veto", "for_each": "hazard", "when": {"hazard.level": "major"},
     "from": "hazard.found_on", "until": "hazard.deadline"},
    {"recommend": "blacklist", "for_each": "accident", "when": {"accident.large_or_above": True},
     "from": "accident.occurred_on", "until": "accident.penalized_on"},
)


@st.composite
def _pack(draw: st.DrawFn, name: str, duties: list[str], book: Mapping[str, Any]) -> Pack:
    effective = draw(_range())
    pack: Pack = {"pack": f"test/{name}", **_titles(name),
                  "documents": {"plan": {"title": f"方案 {name}", "issuer": "某局", "date": date(2023, 1, 1)}},
                  "division": draw(st.sampled_from(PACK_DIVISIONS)), "effective": effective,
                  "kinds": {}, "authority_kinds": PORT_OFFICE, "facts": {}, "derived": [],
                  "rules": [], "recommendations": []}
    if draw(rarely()):
        pack["sectors"] = draw(st.lists(st.sampled_from(SECTORS), min_size=1, max_size=3, unique=True))
    if draw(rarely()):
        pack["judged_from"] = draw(st.sampled_from((date(2024, 1, 1), date(2024, 5, 17))))
    pack["status"] = "draft" if draw(rarely()) and draw(rarely()) else "in_force"
    for number in range(draw(st.integers(2, 4))):
        rule = draw(_rule(draw(st.sampled_from(duties)), effective, book))
        pack["rules"].append({"id": f"{name}.r{number}", **rule})
    if "bearer" not in pack["rules"][0] and draw(rarely()):
        pack["facts"] = {f"grade_{name}": {"type": "int", **_titles("grade")}}
        pack["rules"][0]["when"] = {"all": [{f"grade_{name}": {"le": 2}}, pack["rules"][0].get("when") or {
            f"grade_{name}": {"ne": 1}}]}
    pack["derived"] = draw(st.sampled_from(([HIGH_RISK], [], [HIGH_RISK_ALSO], [HIGH_RISK, HIGH_RISK_ALSO])))
    chosen = draw(st.lists(st.sampled_from(RECOMMENDATIONS), max_size=2, unique_by=id))
    if chosen:
        pack["derived"] = [*pack["derived"], LARGE]
    for number, recommendation in enumerate(chosen):
        written = {"id": f"{name}.s{number}", **_titles("recommendation"), "clause": "四", "quote": "黑名单",
                   **recommendation}
        if draw(rarely()):
            written["effective"] = draw(_range(effective))
        pack["recommendations"].append(written)
    return {key: value for key, value in pack.items() if value not in ([], {})}


@st.composite
def books(draw: st.DrawFn) -> list[Pack]:
    """One to three packs that meet in two or three duties of enterprises, one of them periodic and one not."""
    duties = [draw(st.sampled_from(sorted(PERIODIC))), draw(st.sampled_from((*DEADLINE, *OBJECTS, *STATES)))]
    if draw(st.booleans()):
        duties.append(draw(st.sampled_from([d for d in (*PERIODIC, *OBJECTS, *STATES, *OWED_ONCE) if d not in duties])))
    return draw(_packs(duties))


@st.composite
def books_for_authorities(draw: st.DrawFn) -> list[Pack]:
    """One to three packs that meet in one or two duties of authorities, now and then in one of enterprises."""
    owed = st.sampled_from((*OWED_PERIODICALLY, *OWED_ONCE, *OWED_STATE))
    duties = draw(st.lists(owed, min_size=1, max_size=2, unique=True))
    if draw(rarely()):
        duties.append("leadership_inspection")
    return draw(_packs(duties))


@st.composite
def _packs(draw: st.DrawFn, duties: list[str]) -> list[Pack]:
    # Rules of one duty and unit share their window, deadlines of one day their `since`, those of a duty their measure.
    windows = {f"{duty} {every}": draw(st.sampled_from(({"from_day": 1, "to_day": 15}, {"from_day": 5, "to_day": 28})))
               for duty in duties for every in ("month", "quarter") if draw(rarely())}
    book = {"windows": windows, "since": {d: draw(st.none() | st.just(date(2024, 1, 1))) for d in DEADLINES},
            "measured_in": {duty: draw(st.sampled_from(MEASURES)) for duty in duties if duty in RECORD_OF}}
    names = ("a", "b", "c")[:draw(st.sampled_from((1, 2, 2, 3)))]
    return [draw(_pack(name, duties, book)) for name in names]


class _Plain(yaml.SafeDumper):
    """Writes a value that occurs twice in full each time, as an author would."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def yaml_text(pack: Pack) -> str:
    """The pack as an author would save it."""
    return yaml.dump(pack, Dumper=_Plain, allow_unicode=True, default_flow_style=False)


# Dossiers


def _facts_of_enterprise(declared: tuple[str, ...]) -> dict[str, st.SearchStrategy[Any]]:
    """Each fact of a version; None is a blank cell. Most firms are where the packs are."""
    return {
        "division": st.sampled_from(("120102", "120102", "120102", None, *DIVISIONS)),
        "sectors": maybe(st.lists(st.sampled_from(SECTORS), min_size=1, max_size=2, unique=True).map(
            lambda s: tuple(sorted(s)))),
        "headcount": st.sampled_from((100, 101, 30, None)),
        "high_risk": st.sampled_from((None, None, True, False)),
        "uses_gas": st.sampled_from((True, False, None)),
        "gas_alarm": st.sampled_from((True, False, None)),
        "safety_officers": st.sampled_from((0, 1, None)),
        "safety_department": st.sampled_from((False, True, None)),
        "standardization": st.sampled_from((None, "一级", "二级", "三级")),
        "suspended": st.sampled_from((None, None, None, False, True)),
    } | {name: st.sampled_from((1, 2, 3, None)) for name in declared}


@st.composite
def _versions(draw: st.DrawFn, declared: tuple[str, ...]) -> tuple[Version, ...]:
    starts = sorted(draw(st.lists(dates(), min_size=0, max_size=3, unique=True)))
    first = draw(st.sampled_from((date(2023, 6, 1), date(2023, 6, 1), date(2024, 1, 1), None))) or draw(dates())
    starts = [first, *(s for s in starts if s > first)]
    strategies = _facts_of_enterprise(declared)
    facts = {name: draw(strategy) for name, strategy in strategies.items()}
    versions = []
    for number, start in enumerate(starts):
        if number:
            for name in draw(st.lists(st.sampled_from(sorted(strategies)), min_size=1, max_size=3, unique=True)):
                facts[name] = draw(strategies[name])
        known = {name: value for name, value in facts.items() if value is not None}
        registered = draw(st.sampled_from((date(2020, 1, 1), start)) | dates()) if draw(rarely()) else None
        last = {kind: draw(st.just(NEVER) | dates()) for kind in LAST_KINDS if draw(rarely())}
        versions.append(Version(
            start, known,
            name=draw(st.sampled_from(("甲公司", "乙公司", None))),
            registered_on=registered,
            history_from=draw(dates()) if draw(rarely()) else draw(
                st.sampled_from((None, None, date(2023, 1, 1), date(2024, 1, 1)))),
            closed_on=draw(dates()) if draw(rarely()) and draw(st.booleans()) else None,
            last=last))
    return tuple(versions)


@st.composite
def _claims(draw: st.DrawFn, kinds: tuple[str, ...]) -> tuple[Claim, ...]:
    claims = []
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.just(date(2023, 1, 1)) | dates())
        end = draw(maybe(dates()))
        claims.append(Claim(draw(st.sampled_from(kinds)), start, end if end is None else max(start, end),
                            draw(maybe(st.sampled_from(PACK_DIVISIONS)))))
    return tuple(claims)


@st.composite
def _items(draw: st.DrawFn) -> tuple[Item, ...]:
    later = st.sampled_from((0, 1, 2, 3, 4, 30, 31, 90))
    items = []

    def item(kind: str, **facts: Any) -> None:
        number = sum(i.kind == kind for i in items) + 1
        items.append(Item(kind, f"{kind[0].upper()}-{number}", {k: v for k, v in facts.items() if v is not None}))

    def after(day: date) -> date | None:
        return draw(maybe(later.map(lambda n: day + timedelta(days=n))))

    for _ in range(draw(st.integers(0, 2))):
        penalized_on = draw(maybe(dates()))
        occurred_on = draw(maybe(dates())) if penalized_on is None else penalized_on - timedelta(days=draw(later))
        item("accident", deaths=draw(st.sampled_from((None, 0, 2, 3, 30))),
             serious_injuries=draw(st.sampled_from((None, 0, 9, 10))),
             direct_loss=draw(st.sampled_from((None, Decimal("999.99"), Decimal(1000)))),
             responsible=draw(maybe(st.booleans())), penalized_on=penalized_on, occurred_on=occurred_on)
    for _ in range(draw(st.integers(1, 2))):
        expires_on = draw(dates())
        renewed_on = draw(maybe(around([expires_on])))
        item("certificate", expires_on=None if draw(rarely()) else expires_on, renewed_on=renewed_on, trade="焊工")
    for _ in range(draw(st.integers(1, 2))):
        opens_on = draw(dates())
        item("exhibition", opens_on=None if draw(rarely()) else opens_on,
             expected_attendance=draw(st.sampled_from((1000, 999, None))),
             police_permit_on=draw(maybe(around([opens_on, opens_on - timedelta(days=1)]))))
    for _ in range(draw(st.integers(1, 3))):
        found_on = draw(st.sampled_from((date(2023, 12, 31), date(2024, 1, 1))) | dates())
        item("hazard", level=draw(st.sampled_from(("major", "major", "general", None))),
             found_on=None if draw(rarely()) and draw(rarely()) else found_on, reported_on=after(found_on),
             deadline=after(found_on), rectified_on=after(found_on), refused_on=after(found_on),
             adverse_impact=draw(maybe(st.booleans())))
    return tuple(items)


@st.composite
def _records(draw: st.DrawFn, kinds: Iterable[str], measured: frozenset[str]) -> tuple[Records, Amounts]:
    """Records, with amounts of those that are measured, some blank, nought or broken; now and then of others too."""
    records, amounts = {}, {}
    for kind in kinds:
        at_least = draw(st.sampled_from((1, 2, 4)))
        records[kind] = tuple(sorted(draw(st.lists(dates(), min_size=at_least, max_size=7, unique=True))))
        if kind in measured or draw(rarely()):
            stated = {day: draw(st.sampled_from(AMOUNTS)) for day in records[kind]}
            amounts[kind] = {day: amount for day, amount in stated.items() if amount is not None}
    return records, amounts


@st.composite
def dossiers(draw: st.DrawFn, packs: list[Pack]) -> Dossier:
    """One enterprise, with the further facts that the packs declare."""
    kinds = [kind for kind in RECORD_KINDS if draw(st.booleans())]
    records, amounts = draw(_records(kinds, measured_kinds(packs)))
    return Dossier(USCC, draw(_versions(declared_facts(packs))), records, draw(_items()), draw(_claims(RECORD_KINDS)),
                   amounts)


@st.composite
def authorities(draw: st.DrawFn, packs: list[Pack]) -> Dossier:
    """One authority; its division and its kind may be blank."""
    facts = {"division": draw(st.sampled_from((*["120102"] * 8, "120100", "120000", "370102", None))),
             "authority_kind": draw(st.sampled_from((*AUTHORITY_KINDS * 3, "government", None)))}
    version = Version(date.min, {name: value for name, value in facts.items() if value is not None},
                      name=draw(st.sampled_from(("区商务局", None))))
    records, amounts = draw(_records(AUTHORITY_RECORD_KINDS, measured_kinds(packs)))
    complete = tuple(Claim(kind, date(2023, 1, 1)) for kind in AUTHORITY_RECORD_KINDS)
    claims = draw(st.sampled_from((complete, complete, None))) or draw(_claims(AUTHORITY_RECORD_KINDS))
    return Dossier("HD-01", (version,), records, (), claims, amounts, is_authority=True)


def measured_kinds(packs: list[Pack]) -> frozenset[str]:
    """The kinds of record whose amounts some pack adds up."""
    return frozenset(rule.get("record", rule["duty"]) for pack in packs for rule in pack["rules"]
                     if "measured_in" in rule)


def declared_facts(packs: list[Pack]) -> tuple[str, ...]:
    """The further facts that the packs declare."""
    return tuple(sorted({name for pack in packs for name in pack.get("facts", ())}))


def as_of_dates(dossier: Dossier, packs: list[Pack]) -> st.SearchStrategy[date]:
    """Dates as of which to judge: at and around whatever happens to the enterprise or in the packs."""
    happening = [v.valid_from for v in dossier.versions if not dossier.is_authority]
    happening += [v.closed_on for v in dossier.versions if v.closed_on]
    of_items = [d for item in dossier.items for d in item.facts.values() if isinstance(d, date)]
    happening += of_items
    happening += [d for dates_of in dossier.records.values() for d in dates_of]
    happening += [d for pack in packs for d in pack["effective"].values()]
    begins = [dossier.versions[0].valid_from, *(pack["effective"]["from"] for pack in packs)]
    start = max(*begins, date(2024, 3, 1))
    late = [e for e in EDGES if e >= start] or [start]
    return st.one_of(st.sampled_from(late), st.sampled_from(late), around(happening), around(of_items or happening),
                     around(list(DEADLINES)), dates(), st.dates(start, date(2027, 12, 31)))


def accidents() -> st.SearchStrategy[Item]:
    """An accident whose figures stand at the bounds of the classes, or are blank."""
    def figure(*bounds: int) -> st.SearchStrategy[int | None]:
        return st.none() | st.sampled_from([b + n for b in bounds for n in (-1, 0)])

    loss = st.none() | st.sampled_from([Decimal(b) + n for b in (1000, 5000, 10000) for n in (0, Decimal("-0.01"))])
    return st.builds(
        lambda **figures: Item("accident", "A-1", {name: n for name, n in figures.items() if n is not None}),
        deaths=figure(1, 3, 10, 30), serious_injuries=figure(1, 10, 50, 100), direct_loss=loss)
