"""Every spoiler is told what is wrong with it, soon and in lines that can be shown; what is sound is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.facts.ledgers import lines, read
from tests.fuzz.effort import within
from tests.fuzz.spoilers import SPOILERS


@pytest.mark.parametrize("name", SPOILERS)
def test_a_spoiler(name: str, tmp_path: Path) -> None:
    make, says = SPOILERS[name]
    path = make(tmp_path)
    with within(20):
        ledger = read(path)
    said = lines(ledger)
    assert all(line.isprintable() for line in said)
    if says is None:
        assert said == []
        assert ledger.rows["enterprises"]
    else:
        assert any(says in line for line in said), said[:5]
        assert len(said) <= 20_001
