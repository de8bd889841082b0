"""What sweeps leave behind: only what changed, forward only, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, text, update

from engine import recording
from engine.comparing import Counts, Judged, Span, compare, newest_date
from engine.outcomes import Outcome, StoredObligation, StoredRecommendation, StoredViolation, Sweep
from engine.results import Ground, Judgement, Obligation, Recommendation, Status, Verdict, Violation
from engine.rulebook import RuleRef
from facts.store.database import reading, writing
from facts.store.journal import entries, moment_text, seals
from tests.store.rows import NOW, code, day

RULE = RuleRef("hedong.drill", "河东区方案", "二（四）9", "每季度")
OPEN = Violation("drill", "2024Q1", Status.OPEN, day("04-01"), (RULE,), due_on=day("03-31"), streak=1)
CLOSED = replace(OPEN, status=Status.CLOSED, closed_on=day("05-02"))
LAPSED = replace(OPEN, status=Status.LAPSED, closed_on=day("05-03"))
DUE = Obligation("drill", "2024Q2", Verdict.PENDING, (RULE,), day("04-01"), day("06-30"), 1, 0)
PAST = Obligation("drill", "2024Q1", Verdict.VIOLATED, (RULE,), day("01-01"), day("03-31"), 1, 0)
GROUND = Ground("hedong.blacklist", "河东区方案", "四（三）", "黑名单", ("accident:A-1",))
LISTED = Recommendation("r-1", "blacklist", "proposed", day("04-05"), (GROUND,))


def judged(number: int, *found: Any, facts: str = "f1") -> Judged:
    """What was found of enterprise ``number``."""

    def of(kind: type) -> tuple[Any, ...]:
        return tuple(each for each in found if isinstance(each, kind))

    judgement = Judgement(
        code(number), "企业", "120102", None, None, day("04-10"), {}, of(Obligation), of(Violation), of(Recommendation)
    )
    return Judged(code(number), facts, judgement)


def sweep(engine: Engine, batches: Iterable[tuple[list[Judged], Span | None]], as_of: date, **known: Any) -> Counts:
    """One whole sweep, in one transaction."""
    with writing(engine, "outcomes") as connection:
        run = begin(connection, as_of, **known)
        for batch, span in batches:
            recording.record(connection, run, compare(connection, run.basis, batch, span=span))
        return recording.end(connection, run, finished_at=NOW)


def begin(
    connection: Connection, as_of: date, known_in: int = 1, sha256: str = "r1",
    packs: tuple[str, ...] = ("national/statutes",), rules: tuple[str, ...] = (),
) -> recording.Run:
    known = [SimpleNamespace(ref=SimpleNamespace(id=rule)) for rule in rules]
    loaded = tuple(SimpleNamespace(name=name, sha256="p1", text="pack: p") for name in packs)
    rulebook = SimpleNamespace(sha256=sha256, packs=loaded, rules=known, recommendations=known)
    return recording.begin(
        connection, as_of=as_of, started_at=NOW, program="0.1.0", rulebook=rulebook, known_in=known_in, head=0  # type: ignore[arg-type]
    )  # fmt: skip


def everything(engine: Engine, *found: Judged, as_of: str = "04-10", **known: Any) -> Counts:
    """A sweep of the whole ledger in one batch."""
    return sweep(engine, [(list(found), (None, None))], day(as_of), **known)


def rows(engine: Engine, model: type[Outcome], *names: str) -> list[tuple[Any, ...]]:
    table = model.table()
    with reading(engine) as connection:
        columns = [table.c[name] for name in names]
        return [tuple(row) for row in connection.execute(select(*columns).order_by(*table.primary_key))]


def violations(engine: Engine) -> list[tuple[Any, ...]]:
    return rows(engine, StoredViolation, "uscc", "status", "closed_on", "withdrawn_on", "first_swept", "last_swept")


def dump(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with reading(engine) as connection:
        return {name: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))]
                for name in ("sweeps", "obligations", "violations", "recommendations")}  # fmt: skip


def test_a_first_sweep_is_stored_with_its_receipt(engine: Engine) -> None:
    counts = everything(engine, judged(1, PAST, DUE, OPEN, LISTED))
    assert counts == Counts(opened=1, open=1, proposed=1)
    assert rows(engine, StoredObligation, *StoredObligation.identity, *StoredObligation.says) == [
        (code(1), "drill", "2024Q2", day("04-01"), day("06-30"), "pending", 1, 0, None, ("hedong.drill",), (), None)
    ]
    assert rows(engine, StoredViolation, *StoredViolation.says, "facts", "first_swept", "last_swept") == [
        ("open", day("03-31"), day("04-01"), None, 1, ("hedong.drill",), None, None, None, "f1", 1, 1)
    ]
    assert rows(engine, StoredRecommendation, "id", *StoredRecommendation.says, "facts") == [
        ("r-1", code(1), "blacklist", "proposed", day("04-05"),
         [{"rule": "hedong.blacklist", "facts": ["accident:A-1"], "since": "2024-04-05"}], (), None, None, None, "f1")
    ]  # fmt: skip
    ((finished_at, counted),) = rows(engine, Sweep, "finished_at", "counts")
    assert (finished_at, counted["opened"]) == (NOW, 1)
    with reading(engine) as connection:
        (seal,) = seals(connection)
        (entry,) = entries(connection, code(1))
    assert {**seal.said, "counts": None, "obligations": None, "horizons": None} == {
        "as_of": "2024-04-10", "program": "0.1.0", "rulebook": "r1", "packs": {"national/statutes": "p1"},
        "known_in": 1, "sweep": 1, "counts": None, "obligations": None, "horizons": None, "head": 0,
        "started_at": moment_text(NOW), "finished_at": moment_text(NOW)}
    assert (entry.seal, entry.said["facts"], entry.said["as_of"]) == (1, "f1", "2024-04-10")
    assert [event["kind"] for event in entry.events] == ["opened", "proposed"]


def test_a_receipt_is_of_the_sweep_that_changed_the_row(engine: Engine) -> None:
    everything(engine, judged(1, OPEN), judged(2, OPEN))
    everything(engine, judged(1, CLOSED, facts="f2"), judged(2, OPEN, facts="f2"), as_of="05-10", known_in=7)
    with reading(engine) as connection:
        chain = [(entry.seal, entry.said["facts"], entry.events[0]["kind"]) for entry in entries(connection, code(1))]
        assert chain == [(1, "f1", "opened"), (2, "f2", "closed")]
        assert [seal.said["known_in"] for seal in seals(connection)] == [1, 7]
        assert len(entries(connection, code(2))) == 1


def test_sweeping_twice_writes_nothing(engine: Engine) -> None:
    found = [judged(1, PAST, DUE, OPEN, LISTED), judged(2, DUE, CLOSED)]
    everything(engine, *found)
    before = dump(engine)
    again = everything(engine, *found)
    assert again == Counts(open=1)
    assert dump(engine) == before


def test_the_end_of_a_violation_is_counted_once(engine: Engine) -> None:
    everything(engine, judged(1, OPEN), judged(2, OPEN))
    assert everything(engine, judged(1, CLOSED), judged(2, LAPSED), as_of="05-10") == Counts(closed=2)
    assert everything(engine, judged(1, CLOSED), judged(2, LAPSED), as_of="05-11") == Counts()
    assert violations(engine) == [
        (code(1), "closed", day("05-02"), None, 1, 2),
        (code(2), "lapsed", day("05-03"), None, 1, 2),
    ]


def test_a_late_first_sweep_opens_and_closes_at_once(engine: Engine) -> None:
    assert everything(engine, judged(1, CLOSED), as_of="05-10") == Counts(opened=1, closed=1)


def test_a_violation_no_longer_found_is_withdrawn(engine: Engine) -> None:
    everything(engine, judged(1, OPEN), judged(2, CLOSED), judged(3, OPEN))
    # 1: facts learnt later; 2: had ended before; 3: no version visible any more; 4: never there.
    now = [judged(1, facts="f2"), judged(2), Judged(code(3), "f2", None), judged(4)]
    assert everything(engine, *now, known_in=2) == Counts(closed=2)
    assert violations(engine) == [
        (code(1), "withdrawn", None, day("04-10"), 1, 2),
        (code(2), "withdrawn", day("05-02"), day("04-10"), 1, 2),
        (code(3), "withdrawn", None, day("04-10"), 1, 2),
    ]
    assert rows(engine, StoredViolation, "facts") == [("f2",), ("f1",), ("f2",)]
    before = dump(engine)
    assert everything(engine, *now, known_in=2) == Counts()
    assert dump(engine) == before


def test_a_withdrawn_violation_can_come_back(engine: Engine) -> None:
    everything(engine, judged(1, OPEN))
    everything(engine, judged(1), known_in=2)
    assert everything(engine, judged(1, OPEN), known_in=3) == Counts(reopened=1, open=1)
    assert violations(engine) == [(code(1), "open", None, None, 1, 3)]


def stand(engine: Engine) -> tuple[str, str]:
    """How the one violation and the one recommendation stand."""
    ((violation,),) = rows(engine, StoredViolation, "status")
    ((recommendation,),) = rows(engine, StoredRecommendation, "status")
    return violation, recommendation


FOUND_BY = {"packs": ("hedong", "national"), "rules": ("hedong.drill", "hedong.blacklist", "law.drill")}


def test_other_packs_withdraw_nothing_that_they_could_not_have_found(engine: Engine) -> None:
    everything(engine, judged(1, OPEN, LISTED), **FOUND_BY)
    before = dump(engine)
    counts = everything(engine, judged(1), sha256="r2", packs=("national", "shandong"), rules=("law.drill",))
    assert counts == Counts(open=1)
    after = dump(engine)
    assert len(after.pop("sweeps")) == len(before.pop("sweeps")) + 1
    assert after == before
    assert everything(engine, judged(1), known_in=2, **FOUND_BY) == Counts(closed=1)
    assert stand(engine) == ("withdrawn", "withdrawn")


def test_packs_that_have_all_its_rules_withdraw_it(engine: Engine) -> None:
    everything(engine, judged(1, OPEN, LISTED), **FOUND_BY)
    everything(engine, judged(1), sha256="r2", packs=("hedong",), rules=("hedong.drill", "hedong.blacklist"))
    assert stand(engine) == ("withdrawn", "withdrawn")


def test_of_two_grounds_one_out_of_sight_is_enough_to_keep_it(engine: Engine) -> None:
    law = replace(RULE, id="law.drill")
    everything(engine, judged(1, replace(OPEN, rules=(RULE, law)), LISTED), **FOUND_BY)
    everything(engine, judged(1), sha256="r2", packs=("hedong",), rules=("hedong.drill", "hedong.blacklist"))
    assert stand(engine) == ("open", "withdrawn")


def test_what_a_rule_that_was_taken_out_found_is_withdrawn(engine: Engine) -> None:
    everything(engine, judged(1, OPEN, LISTED), **FOUND_BY)
    everything(engine, judged(1), sha256="r2", packs=("hedong", "more", "national"), rules=("law.drill",))
    assert stand(engine) == ("withdrawn", "withdrawn")


def test_rewording_a_rule_changes_nothing(engine: Engine) -> None:
    everything(engine, judged(1, OPEN, DUE, LISTED))
    reworded = replace(RULE, clause="十", quote="改写")
    found = judged(1, replace(OPEN, rules=(reworded,)), replace(DUE, rules=(reworded,)),
                   replace(LISTED, grounds=(replace(GROUND, quote="改写"),)))  # fmt: skip
    before = dump(engine)
    everything(engine, found)
    assert dump(engine) == before


def test_an_earlier_date_is_counted_and_moves_nothing(engine: Engine) -> None:
    everything(engine, judged(1, CLOSED, LISTED, DUE), judged(2, OPEN), as_of="05-10")
    before = dump(engine)
    other = replace(OPEN, key="2023Q4")
    counts = everything(engine, judged(1, OPEN), judged(2, other), as_of="04-10")
    assert counts == Counts(recorded=False, opened=1, open=2)
    assert dump(engine) == before


def test_current_obligations_are_replaced(engine: Engine) -> None:
    state = Obligation("officer", "state", Verdict.VIOLATED, (RULE,))
    everything(engine, judged(1, DUE, state), judged(2, DUE))
    done = replace(DUE, verdict=Verdict.FULFILLED, done=1, fulfilled_on=day("04-11"))
    everything(engine, judged(1, done), judged(2, DUE), as_of="04-11")
    names = ("uscc", "duty", "key", "verdict", "done")
    assert rows(engine, StoredObligation, *names) == [
        (code(1), "drill", "2024Q2", "fulfilled", 1),
        (code(2), "drill", "2024Q2", "pending", 0),
    ]
    everything(engine, judged(1, done), judged(2, DUE), as_of="07-01")
    assert rows(engine, StoredObligation, *names) == []


def test_a_span_speaks_for_its_range_and_no_further(engine: Engine) -> None:
    everything(engine, *(judged(number, OPEN, DUE) for number in (1, 2, 3, 4)))
    sweep(engine, [([judged(3)], (code(1), code(3)))], day("04-11"))
    assert [status for _, status, *_ in violations(engine)] == ["open", "withdrawn", "withdrawn", "open"]
    assert [uscc for (uscc,) in rows(engine, StoredObligation, "uscc")] == [code(1), code(4)]
    sweep(engine, [([], (code(3), None))], day("04-12"))
    assert [status for _, status, *_ in violations(engine)] == ["open", "withdrawn", "withdrawn", "withdrawn"]


def test_without_a_span_only_the_batch_is_spoken_of(engine: Engine) -> None:
    everything(engine, *(judged(number, OPEN) for number in (1, 2, 3)))
    assert sweep(engine, [([judged(2)], None)], day("04-11")) == Counts(closed=1, open=2)
    assert [status for _, status, *_ in violations(engine)] == ["open", "withdrawn", "open"]


def test_a_decided_recommendation_is_left_alone(engine: Engine) -> None:
    everything(engine, judged(1, LISTED))
    table = StoredRecommendation.table()
    with writing(engine) as connection:
        connection.execute(update(table).values(status="rejected"))
    before = dump(engine)["recommendations"]
    assert everything(engine, judged(1, LISTED), known_in=2).proposed == 0
    assert everything(engine, judged(1), known_in=3).proposed == 0
    assert dump(engine)["recommendations"] == before


def test_recommendations_come_and_go(engine: Engine) -> None:
    unknown = replace(LISTED, status="unknown", since=None, missing=("accident:A-1.deaths",))
    names = ("status", "since", "missing", "withdrawn_on")
    assert everything(engine, judged(1, unknown)).proposed == 0
    assert rows(engine, StoredRecommendation, *names) == []
    assert everything(engine, judged(1, LISTED), known_in=2).proposed == 1
    assert everything(engine, judged(1, unknown), known_in=2).proposed == 0
    assert rows(engine, StoredRecommendation, *names) == [("unknown", None, ("accident:A-1.deaths",), None)]
    assert everything(engine, judged(1), known_in=3).proposed == 0
    assert rows(engine, StoredRecommendation, *names) == [("withdrawn", None, ("accident:A-1.deaths",), day("04-10"))]
    assert everything(engine, judged(1, LISTED), known_in=4).proposed == 1


def test_a_sweep_that_fails_leaves_nothing(engine: Engine) -> None:
    everything(engine, judged(1, OPEN))
    before = dump(engine)

    def halves() -> Iterator[tuple[list[Judged], Span | None]]:
        yield [judged(1), judged(2, OPEN, DUE)], (None, code(2))
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        sweep(engine, halves(), day("04-11"))
    assert dump(engine) == before


def test_a_date_without_news_is_remembered(engine: Engine) -> None:
    everything(engine, judged(1, OPEN))
    everything(engine, judged(1, OPEN), as_of="04-11")
    assert rows(engine, Sweep, "id", "as_of") == [(1, day("04-10")), (2, day("04-11"))]
    assert violations(engine)[0][-2:] == (1, 1)
    with reading(engine) as connection:
        assert newest_date(connection) == day("04-11")


def test_new_packs_make_a_new_receipt(engine: Engine) -> None:
    everything(engine, judged(1, OPEN))
    everything(engine, judged(1, OPEN), sha256="r2")
    assert rows(engine, Sweep, "rulebook") == [("r1",), ("r2",)]
