"""How long verdicts stand: what is judged on any day up to the last one is the same, and on the next it need not be."""

from __future__ import annotations

import operator
import pickle
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from engine.case_story import proposal
from engine.horizons import judged_until
from engine.judgement import judge
from engine.outcomes import StoredObligation
from engine.outlook import Outlook, stands_until, unwatched
from engine.output import not_ended
from engine.results import Judgement
from engine.rulebook import Rulebook
from engine.violation_story import standing
from engine.waivers import Waiver
from facts.dossier import Dossier
from tests.engine.test_good_standing import situations as situations_of_good_standing
from tests.reference.strategies import Pack, yaml_text
from tests.test_oracle import Situation, rulebook_of, situations, situations_of_authorities

DAY = date(2025, 6, 15)
COMPARISONS = (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)
#: What may be asked of a date, given another and how they are compared.
QUESTIONS: tuple[Callable[[date, date, Any], bool], ...] = (
    lambda today, day, compare: compare(today, day),
    lambda today, day, compare: compare(day, today),
    lambda today, day, compare: compare(today.toordinal(), day.toordinal()),
    lambda today, day, compare: compare(day.toordinal(), today.toordinal()),
    lambda today, day, compare: compare(day.toordinal() - today.toordinal(), 2),
    lambda today, day, compare: compare(2, day.toordinal() - today.toordinal()),
    lambda today, day, compare: compare(today.toordinal() - day.toordinal(), -2),
    lambda today, day, compare: compare(today - timedelta(days=3), day),
    lambda today, day, compare: compare(timedelta(days=3) + today, day),
    lambda today, day, compare: compare(1 + today.toordinal() - 2, day.toordinal()),
    lambda today, day, compare: compare(day.toordinal() - today.toordinal(), today.toordinal() - day.toordinal()),
    lambda today, day, compare: compare(today.toordinal() + 1, today.toordinal()),
)


@pytest.mark.parametrize("question", range(len(QUESTIONS)))
@pytest.mark.parametrize("compare", COMPARISONS)
def test_every_comparison_is_noticed_to_the_day(question: int, compare: Any) -> None:
    for shift in range(-7, 8):
        def asked(today: date, shift: int = shift) -> bool:
            return QUESTIONS[question](today, DAY + timedelta(days=shift), compare)

        outlook = Outlook(DAY)
        assert asked(outlook.as_of) == asked(DAY)
        found = [DAY + timedelta(days=n) for n in range(40) if asked(DAY + timedelta(days=n)) != asked(DAY)]
        assert outlook.until == (found[0] - timedelta(days=1) if found else None)


UNNOTICED: dict[str, Callable[[date], object]] = {
    "year": lambda today: today.year,
    "month": lambda today: today.month,
    "day": lambda today: today.day,
    "text": lambda today: today.isoformat(),
    "days since": lambda today: today - date(2025, 1, 1),
    "days until": lambda today: date(2026, 1, 1) - today,
    "weekday": lambda today: today.weekday(),
    "another day": lambda today: today.replace(day=1),
    "weeks": lambda today: today.toordinal() // 7,
    "rest": lambda today: today.toordinal() % 7,
    "twice": lambda today: 2 * today.toordinal(),
    "sum": lambda today: today.toordinal() + today.toordinal(),
    "format": lambda today: f"{today}",
}


@pytest.mark.parametrize("what", UNNOTICED)
def test_what_would_go_unnoticed_is_refused(what: str) -> None:
    with pytest.raises(TypeError):
        UNNOTICED[what](Outlook(DAY).as_of)


def test_what_was_worked_out_elsewhere_is_noted_and_what_is_kept_is_a_plain_date() -> None:
    outlook = Outlook(DAY)
    stands_until(outlook.as_of.toordinal(), DAY.toordinal() + 3)
    assert outlook.until == DAY + timedelta(days=3)
    stands_until(DAY.toordinal(), DAY.toordinal())
    assert outlook.until == DAY + timedelta(days=3)
    assert type(unwatched(outlook.as_of)) is date


def recorded(judged: Judgement | None, verdicts: Mapping[str, int], as_of: date) -> Any:
    """All that a sweep as of the date would store of a judgement, and how it counts its verdicts."""
    if judged is None:
        return None
    return (
        {str(verdict): count for verdict, count in verdicts.items() if count},
        [(each.duty, each.key, *StoredObligation.said(each)) for each in judged.obligations if not_ended(each, as_of)],
        [(each.duty, each.key, standing(each), [(step.ladder, step.level, step.due_on, step.issued_on)
                                                for step in each.issued]) for each in judged.violations],
        [(each.id, proposal(each)) for each in (*judged.recommendations, *judged.past_recommendations)],
    )


def plainly(dossier: Dossier, rulebook: Rulebook, as_of: date, waivers: list[Waiver]) -> Any:
    """The same, judged with nothing watched and nothing left out."""
    judged = judge(dossier, rulebook, as_of, waivers)
    return recorded(judged, Counter(each.verdict for each in judged.obligations) if judged else {}, as_of)


def _stands(situation: Situation, shares: list[float]) -> None:
    packs, subjects = situation
    rulebook = rulebook_of(packs)
    for dossier, waivers, days in subjects:
        for as_of in days:
            judged, horizon = judged_until(dossier, rulebook, as_of, waivers)
            found = recorded(judged, horizon.verdicts, as_of)
            assert found == plainly(dossier, rulebook, as_of, waivers)
            assert b"engine.outlook" not in pickle.dumps((judged, horizon)), "what is kept must not go on watching"
            last = min(horizon.until or date.max, as_of + timedelta(days=1_500))
            between = {as_of + timedelta(days=round(share * (last - as_of).days)) for share in (*shares, 1)}
            for day in sorted(between):
                later = plainly(dossier, rulebook, day, waivers)
                if later != found:
                    note("\n".join([f"as of {as_of} until {horizon.until}, not so on {day}", repr(dossier),
                                    repr(waivers), *map(yaml_text, packs)]))
                assert later == found


AMPLE = settings(max_examples=max(1, settings.default.max_examples // 3), deadline=None,
                 suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
SHARES = st.lists(st.floats(0, 1), max_size=4)


@AMPLE
@given(situations(), SHARES)
def test_verdicts_stand_as_long_as_is_said(situation: Situation, shares: list[float]) -> None:
    _stands(situation, shares)


@AMPLE
@given(situations_of_authorities(), SHARES)
def test_verdicts_about_authorities_stand_as_long_as_is_said(situation: Situation, shares: list[float]) -> None:
    _stands(situation, shares)


@AMPLE
@given(situations_of_good_standing(), SHARES)
def test_verdicts_where_unknown_ones_matter_stand_as_long_as_is_said(
        situation: tuple[list[Pack], Dossier, list[date]], shares: list[float]) -> None:
    packs, dossier, days = situation
    _stands((packs, [(dossier, [], days)]), shares)
