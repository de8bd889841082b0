"""Invented enterprises with realistic shares of trades (基准台账的企业), each a pure function of its number.

The ledger of the benchmarks is that of whom a province watches: the enterprises that the Shandong briefing counts, its
key units of fire protection, and industry of which it gives no count.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate

from stdnum.cn import uscc

SEED = 20240311
FIRST, LAST = date(2023, 1, 1), date(2025, 12, 31)

#: Enterprises by trade in Shandong, as the Shandong briefing (2024) counts them: 煤矿84处; 金属冶炼企业1342家,
#: 深井铸造企业74家, 涉氨制冷企业2304家, 涉爆粉尘企业4690家; 5万平方米以上大型商业综合体155家;
#: 瓶装液化石油气企业944家、管道天然气企业388家.
COUNTED: Mapping[str, int] = {
    "coal_mine": 84,
    "metal_smelting": 1342,
    "deep_well_casting": 74,
    "ammonia_refrigeration": 2304,
    "dust_explosion": 4690,
    "shopping_complex": 155,
    "gas": 944 + 388,
}
#: 消防安全重点单位4.5万家, of the same page, less the shopping complexes. How they divide by trade is assumed.
KEY_UNITS = 45_000 - COUNTED["shopping_complex"]
KEY_UNITS_BY_TRADE: Mapping[str, float] = {
    "catering": 0.26, "retail": 0.17, "hotel": 0.15, "mall": 0.10, "entertainment": 0.09, "medical": 0.07,
    "wholesale": 0.05, "wet_market": 0.04, "household_services": 0.02, "fuel_retail": 0.02, "scenic_area": 0.01,
    "exhibition": 0.01, "heritage": 0.01,
}
#: Trades of which the briefing gives no count; assumed.
UNCOUNTED: Mapping[str, int] = {
    "other_industry": 2500, "machinery": 2000, "hazardous_chemicals": 2000, "construction": 2000, "transport": 1000,
    "footwear_apparel": 600, "spraying": 500, "confined_space": 400, "non_coal_mine": 300, "recyclables": 200,
    "fishery": 200, "steel": 100, "scrap_vehicle": 60, "fireworks": 60, "civil_explosives": 30, "rail_transit": 10,
}
TRADES: Mapping[str, float] = {
    **COUNTED, **{trade: KEY_UNITS * share for trade, share in KEY_UNITS_BY_TRADE.items()}, **UNCOUNTED}

#: Where they are, as shares: half in Shandong, districts that have plans of their own, and the rest of the nation.
DIVISIONS: Mapping[str, float] = {
    "120102": 0.20, "350304": 0.10, "211382": 0.05,
    **dict.fromkeys(("370102", "370203", "370306", "370502", "370602", "370702", "370811", "371302", "371502",
                     "371702"), 0.05),
    **dict.fromkeys(("110105", "310115", "330106", "440305", "510107"), 0.03),
}

_DUSTY = {"dust_explosion", "machinery", "footwear_apparel", "other_industry", "spraying"}
_GAS_USERS = {"catering", "hotel", "mall", "shopping_complex", "wet_market"}
_LABOR_INTENSIVE = {"footwear_apparel", "machinery", "ammonia_refrigeration", "other_industry"}
_SAID_HIGH_RISK = {"dust_explosion", "ammonia_refrigeration", "metal_smelting", "gas"}

#: Days between two records of a kind where nothing is left out.
_EVERY = {"leadership_inspection": 91, "evacuation_drill": 182, "fire_check": 91, "hazard_statistics": 91,
          "emergency_plan_drill": 365, "risk_assessment": 365, "fire_training": 365, "principal_training": 365,
          "responsibility_system": 1096, "hazard_self_check_list": 1096}
#: Of the diligent, the middling and the negligent: their share, how much of it is in the ledger, and how many say that
#: their records are complete. Together about ten records an enterprise; assumed.
_DILIGENCE = ((0.10, 0.92, 0.8), (0.50, 0.16, 0.02), (0.40, 0.02, 0.02))

Row = dict[str, object]


def _weighted(shares: Mapping[str, float]) -> tuple[list[str], list[float]]:
    return list(shares), list(accumulate(shares.values()))


_TRADES, _TRADE_BOUNDS = _weighted(TRADES)
_PLACES, _PLACE_BOUNDS = _weighted(DIVISIONS)


@dataclass(slots=True)
class Enterprise:
    """Its rows, sheet by sheet, named and valued as in the vocabulary; ``enterprises`` has its versions."""

    number: int
    code: str
    enterprises: list[Row]
    records: list[tuple[str, date]] = field(default_factory=list)
    hazards: list[Row] = field(default_factory=list)
    certificates: list[Row] = field(default_factory=list)
    accidents: list[Row] = field(default_factory=list)
    exhibitions: list[Row] = field(default_factory=list)


def code(number: int, division: str) -> str:
    """A valid, invented credit code."""
    digits = f"91{division}{number:09d}"
    return digits + uscc.calc_check_digit(digits)


def attributes(number: int, chance: random.Random, complete: float = 0) -> Row:
    """The newest row of the enterprise sheet; ``None`` where the ledger is blank.

    ``complete`` is how likely it says that its records are complete.
    """
    trade = chance.choices(_TRADES, cum_weights=_TRADE_BOUNDS)[0]
    division = chance.choices(_PLACES, cum_weights=_PLACE_BOUNDS)[0]
    second = "confined_space" if chance.random() < 0.03 and trade != "confined_space" else None
    headcount = max(3, min(5000, int(chance.lognormvariate(3.7, 1.1))))
    officers = chance.choice((0, 0, 1)) if headcount <= 100 else chance.choice((0, 1, 1, 2, 3))
    uses_gas = trade in _GAS_USERS and chance.random() < 0.7
    opened = FIRST - timedelta(days=chance.randrange(30, 5000))
    if chance.random() < 0.08:
        opened = FIRST + timedelta(days=chance.randrange(700))
    closed = LAST - timedelta(days=chance.randrange(300)) if chance.random() < 0.02 else None
    return {
        "uscc": code(number, division), "name": f"基准企业{number:07d}有限公司", "division": division,
        "sectors": (trade, second) if second else (trade,), "headcount": headcount,
        "dust_workers": chance.randrange(0, min(headcount, 80)) if trade in _DUSTY and chance.random() < 0.8 else None,
        "safety_officers": officers, "safety_department": headcount > 100 and chance.random() < 0.8,
        "uses_gas": uses_gas, "gas_alarm": (chance.random() < 0.75) if uses_gas and chance.random() < 0.9 else None,
        "high_risk": True if trade in _SAID_HIGH_RISK and chance.random() < 0.5 else None,
        "labor_intensive": trade in _LABOR_INTENSIVE and headcount > 100, "plant_in_plant": chance.random() < 0.04,
        "above_limit": headcount > 50 and chance.random() < 0.6,
        "standardization": chance.choice(("一级", "二级", "三级")) if chance.random() < 0.1 else None,
        "registered_on": opened, "closed_on": closed, "valid_from": max(FIRST, opened),
        "history_from": max(FIRST, opened) if chance.random() < complete else None,
    }


def enterprise(number: int) -> Enterprise:
    """The enterprise of this number: the same in each run, and in a ledger of any size."""
    chance = random.Random(SEED * 10_000_000 + number)
    done, complete = _habits(number)
    row = attributes(number, chance, complete)
    made = Enterprise(number, str(row["uscc"]), [row])
    starts: date = row["valid_from"]
    ends: date = row["closed_on"] or LAST
    if chance.random() < 0.1 and starts < date(2024, 6, 1) < ends:
        made.enterprises.insert(0, {**row, "headcount": row["headcount"] + 10})
        row["valid_from"] = date(2024, 7, 1)
    _add_records(made, chance, starts, ends, done)
    days = (ends - starts).days
    if chance.random() < 0.15:
        made.hazards.append(_hazard(made, chance, starts + timedelta(days=chance.randrange(days))))
    if chance.random() < 0.2:
        expires = starts + timedelta(days=chance.randrange(days))
        made.certificates.append({
            "certificate_id": f"TZ-{number}", "uscc": made.code, "trade": "焊接与热切割作业", "expires_on": expires,
            "renewed_on": expires - timedelta(days=20) if chance.random() < 0.7 else None})
    if chance.random() < 0.001:
        made.accidents.append({
            "accident_id": f"SG-{number}", "uscc": made.code, "deaths": chance.choice((0, 1, 1, 3, 10)),
            "occurred_on": starts + timedelta(days=chance.randrange(days)), "serious_injuries": chance.randrange(5),
            "direct_loss": chance.randrange(10, 2000), "responsible": chance.random() < 0.7})
    if "exhibition" in row["sectors"] or chance.random() < 0.003:
        opens = starts + timedelta(days=chance.randrange(days))
        done = opens - timedelta(days=40) if chance.random() < 0.7 else None
        made.exhibitions.append({
            "exhibition_id": f"ZH-{number}", "uscc": made.code, "opens_on": opens, "emergency_plan_on": done,
            "expected_attendance": chance.randrange(200, 5000), "safety_plan_on": done, "permit_applied_on": done,
            "police_permit_on": done})
    return made


def _habits(number: int) -> tuple[float, float]:
    place = number * 7919 % 1000 / 1000
    for share, done, complete in _DILIGENCE:
        if place < share:
            return done, complete
        place -= share
    return done, complete


def _add_records(made: Enterprise, chance: random.Random, starts: date, ends: date, done: float) -> None:
    days = (ends - starts).days
    for kind, step in _EVERY.items():
        kept = {starts + timedelta(days=min(days, at + chance.randrange(step // 2)))
                for at in range(0, days, step) if chance.random() < done}
        made.records += [(kind, day) for day in sorted(kept)]
    if (made.enterprises[-1]["dust_workers"] or 0) >= 10 and chance.random() < 0.5:
        made.records.append(("monitoring_connected", starts + timedelta(days=chance.randrange(days))))


def _hazard(made: Enterprise, chance: random.Random, found: date) -> Row:
    def later(likely: float, days: int) -> date | None:
        return min(LAST, found + timedelta(days=chance.randrange(days))) if chance.random() < likely else None

    return {"hazard_id": f"YH-{made.number}", "uscc": made.code,
            "level": "major" if chance.random() < 0.15 else "general", "found_on": found, "reported_on": later(0.7, 10),
            "source": chance.choice(("self_check", "inspection", "tip_off")), "deadline": found + timedelta(days=30),
            "rectified_on": later(0.75, 60)}
