"""One broken pack a mistake: each is answered by place, code and words that tell what to do, in both languages.

The packs stand in ``broken_packs``. The comments at the head of a file say what is expected of it, one problem a line:
``LINE:COLUMN CODE | words of the message in Chinese | in English``. A folder is loaded as a whole.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.errors import PackError, PackProblem
from engine.packs import load_rulebook, load_rulebook_texts

BROKEN = Path(__file__).parent / "broken_packs"
FILES = sorted(BROKEN.glob("*.yaml"))
FOLDERS = sorted(path for path in BROKEN.iterdir() if path.is_dir())

PACK = """\
pack: test/a
titles: {zh: 甲, en: a}
documents: {plan: {title: 方案}}
division: "120102"
effective: {from: 2024-01-01}
rules:
  - {id: a.check, duty: fire_check, titles: {zh: 防火检查, en: fire check}, clause: 一, quote: 每月, every: month}
"""


def problems_of(path: Path | str) -> list[PackProblem]:
    with pytest.raises(PackError) as caught:
        load_rulebook([path])
    return list(caught.value.problems)


def expected_of(file: Path) -> list[tuple[str, str, str, str]]:
    """Place, code, Chinese words, English words."""
    head = re.findall(r"^# (\d+:\d+) (\S+) \| (.+) \| (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return [(f"{file}:{place}", code, zh, en) for place, code, zh, en in head]


def assert_found(found: list[PackProblem], expected: list[tuple[str, str, str, str]]) -> None:
    places = [(f"{p.file}:{p.line}:{p.column}", p.code) for p in found]
    assert places == [(place, code) for place, code, _, _ in expected]
    for problem, (_, _, zh, en) in zip(found, expected, strict=True):
        assert zh in problem.message.zh
        assert en in problem.message.en
        for language in ("zh", "en"):
            line = problem.show(language)
            assert line.startswith(f"{problem.file}:{problem.line}:{problem.column}: {problem.code}: ")
            assert "\n" not in line


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_mistake_is_named_with_its_place(file: Path) -> None:
    expected = expected_of(file)
    assert expected, "the head of the file says what is wrong with it"
    assert_found(problems_of(file), expected)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_mistakes_of_several_files_are_named_together(folder: Path) -> None:
    expected = [line for file in sorted(folder.glob("*.yaml")) for line in expected_of(file)]
    assert expected
    assert_found(problems_of(folder), expected)


def test_all_mistakes_of_all_files_are_named_at_once() -> None:
    with pytest.raises(PackError) as caught:
        load_rulebook(FILES)
    found = {(p.file, p.code) for p in caught.value.problems}
    # What is wrong with the shape of a file is said of each; what packs mean together needs files that can be read.
    for file in FILES:
        for _, code, _, _ in expected_of(file):
            if code in ("yaml", "value", "missing-key", "unknown-key"):
                assert any(at == str(file) for at, _ in found), file.name


def test_the_error_itself_lists_every_problem_on_a_line_of_its_own() -> None:
    with pytest.raises(PackError) as caught:
        load_rulebook([BROKEN / "every-file-has-its-own"])
    assert str(caught.value).splitlines() == [p.show("en") for p in caught.value.problems]


def test_loading_is_all_or_nothing() -> None:
    with pytest.raises(PackError) as caught:
        load_rulebook_texts({"good.yaml": PACK, "bad.yaml": PACK.replace("test/a", "test/b").replace("month", "week")})
    assert [p.file for p in caught.value.problems] == ["bad.yaml"]
    assert load_rulebook_texts({"good.yaml": PACK}).duties


# What cannot well be kept as a file in a repository


def test_a_file_that_is_not_there() -> None:
    (problem,) = problems_of("no-such-pack.yaml")
    assert problem.show("en") == (
        "no-such-pack.yaml:1:1: unreadable: this file cannot be read (No such file or directory)")
    assert "读不了这个文件" in problem.message.zh


def test_a_folder_without_packs(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path)
    assert problem.code == "no-pack"
    assert "没有找到规则包" in problem.message.zh


def test_a_file_in_gb18030(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"pack: test/a\n" + "titles: {zh: 甲, en: a}\n".encode("gb18030"))
    (problem,) = problems_of(file)
    assert (problem.line, problem.column, problem.code) == (2, 14, "unreadable")
    assert "请另存为 UTF-8" in problem.message.zh
    assert "not UTF-8" in problem.message.en


def test_an_unreadable_file_does_not_hide_the_mistakes_of_others(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe")
    (tmp_path / "b.yaml").write_text(PACK.replace("month", "week"), encoding="utf-8")
    found = [(Path(p.file).name, p.code) for p in problems_of(tmp_path)]
    assert found == [("a.yaml", "unreadable"), ("b.yaml", "value")]


@pytest.mark.parametrize("text", [
    pytest.param("a: " + "[" * 100_000 + "]" * 100_000, id="lists"),
    pytest.param("a: " + "{a: " * 100_000 + "}" * 100_000, id="mappings"),
    pytest.param("\n".join("- " * n + "a" for n in (1, 60)), id="blocks"),
])
def test_deep_nesting(text: str) -> None:
    with pytest.raises(PackError) as caught:
        load_rulebook_texts({"a.yaml": text})
    (problem,) = caught.value.problems
    assert problem.code == "yaml"
    assert "嵌套过深" in problem.message.zh
    assert "nested too deeply" in problem.message.en


def test_a_pack_may_nest_as_deep_as_conditions_need() -> None:
    condition = "{high_risk: true}"
    for _ in range(15):
        condition = f"{{not: {condition}}}"
    load_rulebook_texts({"a.yaml": PACK.replace("every: month", f"every: month, when: {condition}")})


def test_a_file_that_is_too_large() -> None:
    with pytest.raises(PackError) as caught:
        load_rulebook_texts({"a.yaml": PACK + "#" * 2_000_000})
    (problem,) = caught.value.problems
    assert (problem.message.zh, problem.message.en) == ("文件过大（上限 2 MB）", "the file is too large (limit 2 MB)")


def test_control_characters() -> None:
    with pytest.raises(PackError) as caught:
        load_rulebook_texts({"a.yaml": PACK.replace("每月", "每\0月")})
    assert [p.code for p in caught.value.problems] == ["yaml"]


def test_long_and_many_lined_values_are_shown_short_and_on_one_line() -> None:
    with pytest.raises(PackError) as caught:
        load_rulebook_texts({"a.yaml": PACK.replace("every: month", 'every: "' + "每月\\n" * 400 + '"')})
    (problem,) = caught.value.problems
    for language in ("zh", "en"):
        assert len(problem.show(language)) < 300
        assert "\n" not in problem.show(language)


@pytest.mark.parametrize("spelling", [
    pytest.param(lambda text: "\ufeff" + text, id="byte order mark"),
    pytest.param(lambda text: text.replace("\n", "\r\n"), id="CRLF"),
])
def test_what_other_editors_write_is_read(spelling, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(spelling(PACK).encode())
    assert list(load_rulebook([file]).duties) == ["fire_check"]
