"""Equal dossiers have equal hashes; any fact makes another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from facts.dossier import NEVER, Claim, Dossier, Item, Version
from facts.fingerprint import fingerprint

DAY = date(2024, 1, 1)
VERSION = Version(DAY, {"headcount": 1, "sectors": ("hotel",)}, "甲", DAY, DAY, None, {"fire_check": DAY})
ITEM = Item("hazard", "H", {"level": "major"})
DOSSIER = Dossier("91", (VERSION,), {"fire_check": (DAY,)}, (ITEM,), (Claim("a", DAY),))


def test_order_of_mappings_and_trailing_zeros_do_not_matter() -> None:
    one = replace(DOSSIER, versions=(replace(VERSION, facts={"a": Decimal("1.50"), "b": 2}),))
    other = replace(DOSSIER, versions=(replace(VERSION, facts={"b": 2, "a": Decimal("1.5")}),))
    assert fingerprint(one) == fingerprint(other)


def test_every_fact_matters() -> None:
    others = [
        replace(DOSSIER, uscc="92"),
        replace(DOSSIER, versions=()),
        *(
            replace(DOSSIER, versions=(replace(VERSION, **change),))
            for change in (
                {"valid_from": date(2024, 1, 2)},
                {"facts": {"headcount": 2, "sectors": ("hotel",)}},
                {"facts": {"headcount": 1, "sectors": ("mall",)}},
                {"facts": {"headcount": True, "sectors": ("hotel",)}},
                {"facts": {"headcount": "1", "sectors": ("hotel",)}},
                {"facts": {"headcount": Decimal(1), "sectors": ("hotel",)}},
                {"facts": {"headcount": DAY, "sectors": ("hotel",)}},
                {"facts": {"headcount": "2024-01-01", "sectors": ("hotel",)}},
                {"name": "乙"},
                {"registered_on": None},
                {"history_from": None},
                {"closed_on": DAY},
                {"last": {"fire_check": NEVER}},
                {"last": {"evacuation_drill": DAY}},
            )
        ),
        replace(DOSSIER, records={}),
        replace(DOSSIER, records={"fire_check": (date(2024, 1, 2),)}),
        replace(DOSSIER, records={"evacuation_drill": (DAY,)}),
        replace(DOSSIER, items=()),
        replace(DOSSIER, items=(Item("hazard", "H", {"level": "general"}),)),
        replace(DOSSIER, items=(Item("hazard", "G", {"level": "major"}),)),
        replace(DOSSIER, claims=()),
        replace(DOSSIER, claims=(Claim("a", DAY, DAY),)),
        replace(DOSSIER, claims=(Claim("a", DAY, None, "120102"),)),
    ]
    assert len({fingerprint(each) for each in [DOSSIER, *others]}) == len(others) + 1
