"""Undoing imports: what the ledger says afterwards, and that every earlier state can still be asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from facts.errors import ImportNotUndoable, UnknownImport
from facts.models import HazardRow
from facts.store.database import reading
from facts.store.imports import apply_import, past_imports
from facts.store.known import StoredLedger
from facts.store.reading import dossier
from facts.store.undo import UndoCounts, undo_import
from tests.store.rows import NOW, code, day, enterprise, ledger, record


def topic(engine: Engine) -> str | None:
    """What the ledger says of the record of 2 January: its topic, ``void`` or ``None``."""
    key = (code(1), "fire_check", day("01-02"))
    row = StoredLedger(engine).rows("records", [key]).get(key)
    return None if row is None else "void" if row.void else row.topic


def state(engine: Engine, said: str | None) -> int | None:
    """Import that the record of 2 January is about ``said`` (``None``: is void)."""
    row = record(1, "01-02", void=True) if said is None else record(1, "01-02", topic=said)
    return apply_import(engine, ledger(row), "x", NOW).id


def test_undo_withdraws_and_restores(engine: Engine) -> None:
    apply_import(engine, ledger(enterprise(1, name="甲"), record(1, "01-02", topic="旧")), "a", NOW)
    apply_import(engine, ledger(enterprise(2), record(1, "01-02", topic="新"), record(1, "01-09")), "b", NOW)
    report = undo_import(engine, 2, NOW + timedelta(days=1))
    assert (report.id, report.import_id) == (3, 2)
    assert report.sheets["records"] == UndoCounts(withdrawn=2, restored=1)
    assert report.sheets["enterprises"] == UndoCounts(withdrawn=1, restored=0)
    assert topic(engine) == "旧"
    assert dossier(engine, code(2)) is None
    assert [past.undone_in for past in past_imports(engine)] == [None, 3]


def test_a_later_import_stands(engine: Engine) -> None:
    for said in ("一", "二", "三"):
        state(engine, said)
    assert undo_import(engine, 2, NOW).sheets["records"] == UndoCounts(0, 0)
    assert topic(engine) == "三"
    undo_import(engine, 3, NOW)
    assert topic(engine) == "一"  # not 二, which was undone before
    undo_import(engine, 1, NOW)
    assert topic(engine) is None


def test_undoing_a_withdrawal_brings_the_row_back(engine: Engine) -> None:
    state(engine, "一")
    state(engine, None)
    assert topic(engine) == "void"
    assert undo_import(engine, 2, NOW).sheets["records"] == UndoCounts(withdrawn=0, restored=1)
    assert topic(engine) == "一"


def test_undoing_a_withdrawal_that_was_overruled_changes_nothing(engine: Engine) -> None:
    for said in ("一", None, "三"):
        state(engine, said)
    assert undo_import(engine, 2, NOW).sheets["records"] == UndoCounts(0, 0)
    assert topic(engine) == "三"


def test_a_withdrawal_outlives_the_undoing_of_what_came_after(engine: Engine) -> None:
    state(engine, "一")
    state(engine, None)
    state(engine, "三")
    undo_import(engine, 3, NOW)
    assert topic(engine) == "void"
    assert dossier(engine, code(1)) is None


def test_keys_of_one_column(engine: Engine) -> None:
    def hazard(**values: object) -> HazardRow:
        return HazardRow(hazard_id="H-1", uscc=code(1), **values)  # type: ignore[arg-type]

    apply_import(engine, ledger(enterprise(1), hazard(level="general")), "a", NOW)
    apply_import(engine, ledger(hazard(level="major")), "b", NOW)
    undo_import(engine, 2, NOW)
    found = dossier(engine, code(1))
    assert found is not None
    assert found.items[0].facts == {"level": "general"}


def test_undoing_twice_is_refused(engine: Engine) -> None:
    state(engine, "一")
    undo_import(engine, 1, NOW)
    with pytest.raises(ImportNotUndoable, match="before"):
        undo_import(engine, 1, NOW)
    with pytest.raises(ImportNotUndoable, match="itself an undo"):
        undo_import(engine, 2, NOW)
    with pytest.raises(UnknownImport, match="db imports"):
        undo_import(engine, 9, NOW)
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM revisions")) == 2


def test_what_was_undone_can_be_imported_again(engine: Engine) -> None:
    state(engine, "一")
    undo_import(engine, 1, NOW)
    assert state(engine, "一") == 3
    assert topic(engine) == "一"


# A ledger of three hazards, driven through imports and undos, against a plain list of what was said.
said = st.sampled_from(["甲", "乙", None])
actions = st.one_of(
    st.dictionaries(st.sampled_from(["H1", "H2", "H3"]), said, min_size=1).map(lambda rows: ("import", rows)),
    st.integers(0, 9).map(lambda which: ("undo", which)),
)


@settings(max_examples=30)
@given(st.lists(actions, max_size=8))
def test_any_history_can_be_asked_for_at_any_point(scratch, history) -> None:  # type: ignore[no-untyped-def]
    with scratch() as engine:
        _follow(engine, history)


def _follow(engine: Engine, history: list[tuple[str, Any]]) -> None:
    apply_import(engine, ledger(enterprise(1)), "x", NOW)
    statements: list[tuple[int, str, str | None]] = []  # (import, hazard, description; None: void)
    undone: set[int] = set()
    expected: dict[int, dict[str, str]] = {1: {}}

    def says(hazard: str) -> str | None:
        return next((said for by, about, said in reversed(statements) if about == hazard and by not in undone), None)

    for action, what in history:
        if action == "import":
            rows = [HazardRow(hazard_id=hazard, uscc=code(1), description=said, void=said is None)
                    for hazard, said in what.items()]  # fmt: skip
            changed = [(hazard, said) for hazard, said in what.items() if says(hazard) != said]
            number = apply_import(engine, ledger(*rows), "x", NOW).id
            assert (number is not None) == bool(changed)
            statements += [(number, hazard, said) for hazard, said in changed]
        elif candidates := sorted({by for by, _, _ in statements} - undone):
            undone.add(target := candidates[what % len(candidates)])
            number = undo_import(engine, target, NOW).id
        else:
            continue
        if number is not None:
            expected[number] = {h: said for h in ("H1", "H2", "H3") if (said := says(h)) is not None}

    for number, hazards in expected.items():
        found = dossier(engine, code(1), known_in=number)
        assert {item.id: item.facts["description"] for item in found.items} == hazards, number
    assert dossier(engine, code(1), known_in=0) is None
