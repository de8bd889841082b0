"""What is worked out once for many enterprises is what is found of each alone: none is taken for another."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.applicability import applicability_of
from engine.horizons import judged_until
from facts.dossier import Claim, Dossier
from tests.engine.test_boundaries import book, firm, pack

#: Rules begin within a month, a quarter and a year, and one ends: before, on and after each of their days all differs.
BOOK = book(
    pack("a", "every: month, when: {high_risk: true}", effective="{from: 2024-02-10, to: 2024-10-15}"),
    pack("b", "every: quarter", effective="{from: 2024-02-10}"),
    pack("c", "every: year, at_least: 2", effective="{from: 2024-05-01}"),
)
DAYS = st.sampled_from([date(2023, 12, 31), date(2024, 1, 15), date(2024, 2, 1), date(2024, 2, 10), date(2024, 2, 11),
                        date(2024, 2, 20), date(2024, 3, 5), date(2024, 5, 1), date(2024, 8, 20)])
FACTS = st.sampled_from([{"high_risk": True}, {"high_risk": False}, {}, {"high_risk": True, "suspended": True}])
#: What may be so of an enterprise; nearly all have no record.
ATTRIBUTES: dict[str, st.SearchStrategy[Any]] = {
    "versions": st.dictionaries(DAYS, FACTS, min_size=1, max_size=2),
    "registered_on": st.sampled_from([None, date(2024, 1, 15), date(2024, 2, 1), date(2024, 2, 10), date(2024, 3, 5)]),
    "closed_on": st.sampled_from([None, None, date(2024, 3, 31), date(2024, 9, 1)]),
    "history_from": st.sampled_from([None, date(2024, 1, 15), date(2024, 2, 1)]),
    "claimed": st.sampled_from([(), (), (date(2024, 1, 1), None), (date(2024, 4, 1), date(2024, 6, 30))]),
    "records": st.sampled_from([(), (), (), (date(2024, 2, 15),)]),
}


@st.composite
def much_alike(draw: st.DrawFn) -> list[Dossier]:
    """An enterprise, and others that differ from it in one thing or two."""
    first = {name: draw(values) for name, values in ATTRIBUTES.items()}
    found = [first]
    for _ in range(8):
        changed = draw(st.sets(st.sampled_from(list(ATTRIBUTES)), min_size=1, max_size=2))
        found.append(first | {name: draw(ATTRIBUTES[name]) for name in sorted(changed)})
    return [enterprise(**each) for each in found]


def enterprise(versions: dict[date, Any], claimed: tuple[date, date | None] | tuple[()], **given: Any) -> Dossier:
    claims = (Claim("fire_check", *claimed),) if claimed else ()
    return firm(*sorted(versions.items()), claims=claims, **given)


@settings(max_examples=150)
@given(much_alike(), st.sampled_from([date(2024, 3, 31), date(2024, 7, 1), date(2025, 1, 2)]))
def test_one_after_the_other_and_each_alone_the_same_is_found(firms: list[Dossier], as_of: date) -> None:
    applicability_of.cache_clear()
    together = [judged_until(each, BOOK, as_of) for each in firms]
    for each, found in zip(firms, together, strict=True):
        # What is remembered goes with the inference that it rests on.
        applicability_of.cache_clear()
        assert judged_until(each, BOOK, as_of) == found
