"""`zhiben rules test`: authors run their scenarios and are told what is wrong, without a line of Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli import scenario_options
from tests.rules_try.conftest import ENGLISH, FEATURE, Run

ROOT = Path(__file__).parents[2]


def write(author: Path, text: str, name: str = "tried.feature") -> str:
    (author / "features" / name).write_text(text, encoding="utf-8")
    return f"features/{name}"


def test_scenarios_in_either_language_run_against_a_pack_outside_the_repository(author: Path, rules: Run) -> None:
    assert rules("test").stdout.strip() == "通过 4，不通过 0"


def test_only_what_is_named_runs(author: Path, rules: Run) -> None:
    assert rules("test", "features/elsewhere.feature", "--lang", "en").stdout.strip() == "passed 1, failed 0"


def test_plain_pytest_runs_the_same_files(author: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "engine.bindings", "features"], cwd=author, check=False,
        capture_output=True, text=True, encoding="utf-8", env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"})
    assert "4 passed" in done.stdout, done.stdout


def test_settings_that_lie_around_change_nothing(author: Path, rules: Run) -> None:
    (author / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (author / "features" / "conftest.py").write_text("raise SystemExit\n")
    assert "通过 4" in rules("test").stdout


def test_a_failing_scenario_is_told_with_its_line_what_was_expected_and_what_came_out(author: Path, rules: Run) -> None:
    file = write(author, FEATURE.replace("| 2024Q1 | 已履行 | 2024-03-31 |", "| 2024Q1 | 违规   | 2024-03-31 |"))
    said = rules("test", file, code=1).stdout
    assert f"{file}:13: 每季度一次" in said
    assert "应有而没有: | 2024Q1 | 违规 | 2024-03-31 |" in said
    assert "实际: | 2024Q1 | 已履行 | 2024-03-31 |" in said
    assert said.splitlines()[-1] == "通过 2，不通过 1"
    assert "in fact: | 2024Q1 | fulfilled | 2024-03-31 |" in rules("test", file, "--lang", "en", code=1).stdout


def test_a_failing_example_says_which(author: Path, rules: Run) -> None:
    file = write(author, FEATURE.replace("| 260  |", "| 26   |"))
    assert f"{file}:23: 百人以上每月一次（人数 = 26）" in rules("test", file, code=1).stdout


def test_an_unknown_step_is_answered_with_the_nearest_sentence(author: Path, rules: Run) -> None:
    file = write(author, FEATURE.replace("截至 2024-04-02 判定", "截止 2024-04-02 判断"))
    said = rules("test", file, code=2).stdout
    assert f"{file}:12: 每季度一次" in said
    assert "最接近的是：截至 {date} 判定" in said


def test_all_unknown_steps_of_a_scenario_are_told_at_once(author: Path, rules: Run) -> None:
    text = FEATURE.replace("截至 2024-04-02 判定", "截止 2024-04-02 判断").replace("的记录有", "有记录")
    said = rules("test", write(author, text), code=2).stdout
    assert ":11:" in said
    assert ":12:" in said


def test_a_sentence_after_the_wrong_word_is_told_the_right_one(author: Path, rules: Run) -> None:
    file = write(author, FEATURE.replace("当 截至 2024-04-02 判定", "而且 截至 2024-04-02 判定"))
    assert "应写在“当”之后" in rules("test", file, code=2).stdout


def test_a_period_that_is_none_is_not_taken_for_one_that_is_not_asked_for(author: Path, rules: Run) -> None:
    file = write(author, ENGLISH.replace('there are no obligations of "lift_check"',
                                         '"lift_check" does not ask for "2024-Q2"'))
    assert "'2024-Q2' is no period; expected e.g. 2024-03, 2024Q1" in rules("test", file, "--lang", "en", code=2).stdout


def test_a_mistake_in_the_pack_is_told_with_its_place(author: Path, rules: Run) -> None:
    pack = author / "features" / "lifts.yaml"
    pack.write_text(pack.read_text("utf-8").replace("headcount", "headcont"), encoding="utf-8")
    assert "lifts.yaml:16:16: unknown-fact" in rules("test", code=2).stdout


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        (FEATURE.replace("场景: 每季度一次", "场影: 每季度一次"), 7, "关键字"),
        (FEATURE.replace("场景大纲: 百人以上每月一次", "场景大纲: 每季度一次"), 18, "重名"),
        (FEATURE[:FEATURE.index("    那么")], 7, "什么也没检验"),
        ("# language: zh-CN\n功能: 空的\n", 1, "没有场景"),
        ("# 只有一句话\n", 1, "没有场景"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_line(author: Path, rules: Run, text: str, line: int,
                                                          word: str) -> None:
    file = write(author, text)
    said = rules("test", file, code=2).stdout
    assert f"{file}:{line}" in said
    assert word in said


def test_the_byte_order_mark_of_some_editors_does_no_harm(author: Path, rules: Run) -> None:
    assert "通过 3" in rules("test", write(author, f"\ufeff{FEATURE}")).stdout


@pytest.mark.parametrize(("path", "word"), [("nowhere", "没有 nowhere"), ("features/lifts.yaml", "不是 .feature"),
                                            ("empty", "没有 .feature 文件")])
def test_wrong_paths(author: Path, rules: Run, path: str, word: str) -> None:
    (author / "empty").mkdir()
    assert word in rules("test", path, code=2).stderr


def test_what_to_install_is_said_in_one_sentence(author: Path, rules: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario_options, "find_spec", lambda name: None)
    for command in (["test"], ["sentences"], ["mutate"], ["coverage", "--scenarios"]):
        said = rules(*command, code=2).stderr
        assert len(said.splitlines()) == 1
        assert "pip install 'zhiben[scenarios]'" in said
