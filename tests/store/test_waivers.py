"""Waivers are entered and ended, never changed, and what was known of them at a moment stays known."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from engine.clock import SHANGHAI
from engine.known_at import known_at
from engine.waiver_store import StoredWaiver, WaiverEnding, end, enter, known_waivers
from engine.waivers import Waiver
from facts.errors import BadInput
from facts.store.database import reading, writing
from facts.store.imports import revise
from tests.store.rows import code

#: Half past midnight in Shanghai, when it is still the day before in London.
NOW = datetime(2025, 3, 1, 0, 30, tzinfo=SHANGHAI)
TODAY = NOW.date()
LAST = date(2025, 6, 30)


def entered(engine: Engine, now: datetime = NOW, **more: Any) -> Waiver:
    values: dict[str, Any] = {"uscc": code(1), "duty": "drill", "key": None, "first": TODAY, "last": LAST,
                              "reason": "停业改造", "author": "张三", **more}
    with writing(engine, "waivers") as connection:
        return enter(connection, now=now, **values)


def ended(engine: Engine, number: int, now: datetime = NOW, **more: Any) -> Waiver:
    with writing(engine, "waivers") as connection:
        return end(connection, number, author="李四", reason="已复业", now=now, **more)


def refused(engine: Engine, *words: str, **more: Any) -> None:
    with pytest.raises(BadInput) as caught:
        entered(engine, **more)
    for word in words:
        assert word in caught.value.message.zh
    assert "\n" not in caught.value.message.zh + caught.value.message.en


def test_what_was_entered_comes_back(engine: Engine) -> None:
    one = entered(engine, key="2025Q1")
    assert one == Waiver(1, code(1), "drill", "2025Q1", TODAY, LAST, "停业改造", "张三", TODAY)
    other = entered(engine, uscc=code(2), first=date(2025, 1, 1), retroactive="补录", reason=" 两行\n理由 ")
    assert (other.retroactive, other.reason) == ("补录", "两行 理由")
    assert known_waivers(engine) == {code(1): (one,), code(2): (other,)}
    assert known_waivers(engine, uscc=code(2)) == {code(2): (other,)}
    assert known_waivers(engine, uscc=code(3)) == {}


def test_ending_takes_nothing_away(engine: Engine) -> None:
    one = entered(engine)
    later = NOW + timedelta(days=9)
    after = ended(engine, one.id, later)
    assert (after.ended_on, after.ended_by, after.ended_because, after.void) == (later.date(), "李四", "已复业", False)
    assert known_waivers(engine, known_at=later - timedelta(microseconds=1)) == {code(1): (one,)}
    assert known_waivers(engine, known_at=later) == {code(1): (after,)}
    assert known_waivers(engine, known_at=NOW - timedelta(microseconds=1)) == {}


@pytest.mark.parametrize(("more", "words"), [
    ({"first": LAST, "last": TODAY}, ["早于起日"]),
    ({"first": date(2025, 2, 28)}, ["--retroactive", "2025-03-01"]),
    ({"first": date(2025, 2, 28), "retroactive": "  "}, ["追溯的理由"]),
    ({"retroactive": "并不追溯"}, ["并不追溯"]),
    ({"reason": ""}, ["理由"]),
    ({"reason": " —\n"}, ["理由"]),
    ({"author": "\t"}, ["录入人"]),
    ({"reason": "长" * 2001}, ["2000"]),
    ({"replaces": 7}, ["第 7 号"]),
])
def test_nonsense_is_refused_and_nothing_is_entered(engine: Engine, more: dict[str, Any], words: list[str]) -> None:
    refused(engine, *words, **more)
    assert known_waivers(engine) == {}


def test_two_of_the_same_on_one_day_are_refused(engine: Engine) -> None:
    entered(engine)
    refused(engine, "第 1 号", "--replaces 1", first=LAST, last=LAST + timedelta(days=9))
    entered(engine, first=LAST + timedelta(days=1), last=LAST + timedelta(days=9))
    entered(engine, key="2025Q1")
    entered(engine, uscc=code(2))
    entered(engine, duty="other")
    ended(engine, 1)
    entered(engine)


def test_a_void_one_is_in_nobodys_way(engine: Engine) -> None:
    entered(engine, first=date(2025, 1, 1), last=date(2025, 1, 31), retroactive="补录")
    refused(engine, "第 1 号", first=date(2025, 1, 31), last=LAST, retroactive="补录")
    assert ended(engine, 1, void=True).void
    entered(engine, first=date(2025, 1, 31), last=LAST, retroactive="补录")


def test_a_change_ends_one_and_starts_another(engine: Engine) -> None:
    entered(engine)
    later = NOW + timedelta(days=9)
    new = entered(engine, later, first=later.date(), last=LAST + timedelta(days=30), replaces=1)
    (old, found) = known_waivers(engine)[code(1)]
    assert found == new
    assert (old.last, old.ended_on, old.last_day(later.date())) == (LAST, new.first, new.first - timedelta(days=1))
    with reading(engine) as connection:
        assert connection.scalar(select(StoredWaiver.table().c.replaces).where(StoredWaiver.table().c.id == 2)) == 1


def test_a_change_that_is_refused_ends_nothing(engine: Engine) -> None:
    entered(engine)
    entered(engine, key="2025Q1")
    refused(engine, "第 1 号", replaces=1, duty="other")
    refused(engine, "第 2 号", replaces=1, key="2025Q1")
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(WaiverEnding.table())) == 0


@pytest.mark.parametrize(("now", "void", "words"), [
    (NOW + timedelta(days=3), False, ["已于 2025-03-02", "李四"]),
    (NOW + timedelta(days=3), True, ["已于 2025-03-02", "李四"]),
])
def test_what_is_ended_is_not_ended_again(engine: Engine, now: datetime, void: bool, words: list[str]) -> None:
    entered(engine)
    ended(engine, 1, NOW + timedelta(days=1))
    with pytest.raises(BadInput) as caught:
        ended(engine, 1, now, void=void)
    assert all(word in caught.value.message.zh for word in words)


def test_what_is_over_needs_no_ending_but_can_be_void(engine: Engine) -> None:
    entered(engine)
    after = datetime(2025, 7, 1, 9, tzinfo=SHANGHAI)
    with pytest.raises(BadInput, match="over"):
        ended(engine, 1, after)
    assert ended(engine, 1, after, void=True).void
    with pytest.raises(BadInput, match="no waiver 2"):
        ended(engine, 2)


def test_the_revision_that_was_newest_then(engine: Engine) -> None:
    assert known_at(engine, NOW).revision == 0
    for days in (0, 1):
        with writing(engine) as connection:
            revise(connection, at=NOW + timedelta(days=days), kind="import", counts={})
    assert [known_at(engine, NOW + timedelta(seconds=s)).revision for s in (-1, 0, 1, 86_399, 86_400)] == [
        0, 1, 1, 1, 2]
