"""Packs and scenarios of every make: rules, or lines that name the place, soon."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from engine.cli import main
from engine.errors import PackError
from engine.feature_files import faults
from engine.packs import load_rulebook, load_rulebook_texts
from engine.yaml_source import LIMIT_BYTES
from tests.fuzz.effort import examples, within

PACK = """pack: x/y
titles: {zh: 甲, en: A}
documents: {d: {title: 方案, issuer: 局, date: 2024-01-01}}
division: "120102"
effective: {from: 2024-01-01}
rules:
  - id: x.y
    duty: fire_check
    titles: {zh: 防火检查, en: fire check}
    clause: 一
    quote: 检查
    every: month
"""
DEEP = 20_000
BOMBS = {
    "anchors that explode": "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n",
    "brackets": "[" * DEEP,
    "braces": "{a: " * DEEP,
    "dashes": "- " * DEEP,
    "question marks": "? " * DEEP,
    "brackets that end": "[" * DEEP + "]" * DEEP,
    "a quote without end": '"' + "\\" * 1_000_001,
    "tags": "!!python/object:os.system x",
    "a key of a megabyte": "a" * 1_000_000 + ": 1",
    "a hundred thousand keys": "".join(f"k{n}: 1\n" for n in range(100_000)),
    "too large": "# " + "x" * LIMIT_BYTES,
    "escape sequences": PACK.replace("防火检查", '"\\e[31m红"'),
    "direction of writing": PACK.replace("防火检查", '"\\u202e红"'),
    "half a pair": PACK.replace("防火检查", '"\\ud800"'),
    "another alphabet": PACK.replace("fire_check", "fire_сheck"),
    "NUL": PACK.replace("甲", '"\\0"'),
    "conditions sixty deep": PACK + "    when: " + "{any: [" * 60 + "{high_risk: true}" + "]}" * 60 + "\n",
    "a number of a thousand digits": PACK + f"    at_least: {'9' * 1000}\n",
    "infinity": PACK + "    at_least: .inf\n",
    "digits of another alphabet": PACK + "    at_least: ٣\n",
    "a day that never was": PACK.replace("2024-01-01}}", "2024-02-30}}"),
    "the year 9999": PACK.replace("{from: 2024-01-01}", "{from: 2024-01-01, to: 9999-12-32}"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb(name: str) -> None:
    with within(10), pytest.raises(PackError) as caught:
        load_rulebook_texts({"y.yaml": BOMBS[name]})
    for problem in caught.value.problems:
        for language in ("zh", "en"):
            assert problem.show(language).startswith("y.yaml:")
            assert problem.show(language).isprintable()


@examples(50)
@given(
    at=st.integers(0, len(PACK)),
    cut=st.integers(0, 12),
    put=st.one_of(
        st.text(max_size=8),
        st.sampled_from(
            [
                "- ",
                "{",
                "}",
                "[",
                ": ",
                "\n",
                "    ",
                "&a ",
                "*a",
                "!",
                "|",
                ">",
                "\t",
                "99999999999",
                "-1",
                "null",
                "true",
                "2024-13-01",
                "'",
                '"',
                "#",
                "%",
            ]
        ),
    ),
)
def test_a_pack_with_a_slip_is_loaded_or_refused(at: int, cut: int, put: str) -> None:
    text = PACK[:at] + put + PACK[at + cut :]
    with within(5):
        try:
            load_rulebook_texts({"y.yaml": text.encode("utf-8", "replace").decode()})
        except PackError as error:
            said = [problem.show("zh") for problem in error.problems]
            if not all(line.isprintable() for line in said):
                pytest.fail("\n".join(said))


def test_pipes_and_devices_are_no_packs_and_no_scenarios(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "y.yaml")
    os.mkfifo(tmp_path / "y.feature")
    for path in (tmp_path / "y.yaml", Path("/dev/zero")):
        with within(5), pytest.raises(PackError, match="cannot be read"):
            load_rulebook([path])
        with within(5):
            assert "读不了" in faults(path)[0].message.zh
    with within(5):
        assert "读不了" in faults(tmp_path / "y.feature")[0].message.zh


SCENARIO = "# language: zh-CN\n功能: 甲\n  场景: 乙\n    假如 丙\n    那么 丁\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SCENARIO.replace("丙", "\x1b[31m丙"), "U+001B"),
        (SCENARIO.replace("丙", "\0"), "U+0000"),
        (SCENARIO.replace("丙", "\u202e丙"), "U+202E"),
        (SCENARIO + "#" + "x" * 2_000_000, "文件过大"),
        ("\ud83d".encode("utf-16-le", "surrogatepass").decode("latin-1"), "场景"),
    ],
    ids=["escape", "nul", "direction", "large", "no scenario"],
)
def test_scenarios_that_are_none(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "y.feature"
    path.write_text(text, encoding="utf-8")
    with within(5):
        found = faults(path)
    assert found
    assert any(says in fault.message.zh for fault in found)


@pytest.mark.parametrize(
    "now", ["9999-12-31T23:59", "0001-01-01", "9999-12-31T23:59:59-12:00", "2024-02-30", "now", "\x1b[31m"]
)
def test_a_clock_that_cannot_be(now: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["--db", f"sqlite:///{tmp_path}/a.db", "import", str(tmp_path)], env={"ZHIBEN_NOW": now}
    )
    assert result.exit_code == 2
    assert "ZHIBEN_NOW" in result.stderr
    assert "\x1b" not in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "day", ["9999-12-31", "0001-01-01", "2024-02-30", "２０２４-01-01", "2024-1-1", "", "2024-01-01\n"]
)
def test_a_date_that_cannot_be(day: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--db", f"sqlite:///{tmp_path}/a.db", "sweep", "--as-of", day])
    assert result.exit_code == 2
    assert "Traceback" not in result.output
