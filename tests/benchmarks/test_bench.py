"""What the benchmarks stand on: ledgers that are taken without a complaint, and engines that do the same work."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from facts.intake import EMPTY, read_ledger
from facts.vocabulary import KINDS, SECTORS
from tests.benchmarks.bench import BEGIN, END, put
from tests.benchmarks.ledger import FIRST_SWEEP, write
from tests.benchmarks.loops import ENGINES
from tests.benchmarks.measuring import measured
from tests.benchmarks.population import TRADES
from tests.benchmarks.ten_rules import RULES, flat_fact


def test_all_engines_find_the_same_rules_to_hold() -> None:
    facts = [flat_fact(number) for number in range(400)]
    wanted, *others = (ENGINES[name]()(facts) for name in ("Python", "durable-rules", "rule-engine", "zen-engine"))
    assert all(found == wanted for found in others)
    assert 1.5 < sum(each.bit_count() for each in wanted) / len(facts) < 2.5
    assert {n for n in range(len(RULES)) for each in wanted if each >> n & 1} == set(range(len(RULES)))


def test_ledger_is_taken_without_a_complaint_and_has_about_ten_records_an_enterprise(tmp_path: Path) -> None:
    (folder,), records = write(tmp_path, 300)
    ledger = read_ledger(folder, EMPTY, {}, KINDS, SECTORS, FIRST_SWEEP)
    assert (ledger.problems, ledger.warnings) == ([], [])
    assert len(ledger.rows["records"]) == records
    assert 8 < records / 300 < 12
    assert set(TRADES) <= set(SECTORS)


def test_memory_is_that_of_the_largest_process_also_of_one_that_was_started_by_another(tmp_path: Path) -> None:
    grown = "import time; held = bytearray(200_000_000); time.sleep(0.3)"
    words = (sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grown!r}])")
    assert 200e6 < measured(*words, cwd=tmp_path, env={}).peak < 300e6


def test_table_replaces_the_one_between_the_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    put(page, "new")
    assert page.read_text(encoding="utf-8") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    page.write_text("no markers", encoding="utf-8")
    with pytest.raises(ValueError, match="no <!--"):
        put(tmp_path / "page.md", "new")
