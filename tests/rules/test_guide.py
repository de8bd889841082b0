"""The author's guide: what it shows is sound, what it says to run runs, and it names every kind of finding."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner

from engine.cli import main
from engine.errors import PackError
from engine.lint import lint
from engine.pack_schema import Ask, Rule
from engine.packs import load_rulebook_texts
from engine.reference_page import reference
from engine.yaml_source import parse
from tests.rules.test_lint import BROKEN, FLAWED

ROOT = Path(__file__).parents[2]
GUIDES = ("GUIDE.md", "GUIDE.zh.md")
LOCALES = {"GUIDE.md": "en_GB.UTF-8", "GUIDE.zh.md": "zh_CN.UTF-8"}


def guide(name: str) -> str:
    return (ROOT / "rules" / name).read_text(encoding="utf-8")


def examples(name: str) -> dict[str, str]:
    """The files that the guide shows, by name."""
    return dict(re.findall(r"<!-- example: (\S+) -->\n```\w+\n(.*?)```\n", guide(name), re.DOTALL))


def commands(name: str) -> list[list[str]]:
    """The indented lines of the guide, in order, as words."""
    lines = re.findall(r"^    ((?:zhiben|export) .+)$", guide(name), re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


def run(words: list[str], environment: dict[str, str]) -> str:
    result = CliRunner().invoke(main, words[1:], env=environment)
    assert result.exit_code == 0, (words, result.output, result.exception)
    return result.output


@pytest.mark.parametrize("name", GUIDES)
def test_the_commands_run_as_written(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {"LC_ALL": LOCALES[name]}
    first, *others = commands(name)
    assert first[:3] == ["zhiben", "rules", "new"]
    run(first, environment)
    for file, text in examples(name).items():
        place = tmp_path / ("beihai" if file.startswith("food.") else "") / file
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, encoding="utf-8")
    pack = examples(name)["food.yaml"]
    for words in others:
        if words[0] == "export":
            environment |= dict([words[1].split("=", 1)])
        elif words[1:3] == ["rules", "diff"]:
            Path(words[3]).write_text(pack.replace("- every: quarter", "- every: year"), encoding="utf-8")
            assert "91450502MA00000010" in run(words, environment)
        else:
            # As written it uses every processor; the other tests want some too.
            run([*words, "--workers", "1"] if "mutate" in words else words, environment)
    (csv,) = tmp_path.glob("*.csv")
    written = csv.read_text(encoding="utf-8-sig").splitlines()
    assert sorted(line.split(",")[0] for line in written[1:]) == [
        *["91450502MA00000010"] * 2, *["91450502MA00000023"] * 2, "JD-01"]


@pytest.mark.parametrize("name", GUIDES)
def test_the_example_is_without_fault(name: str) -> None:
    shown = examples(name)
    assert lint({"food.yaml": shown["food.yaml"]}, documents=[text for file, text in shown.items()
                                                              if file.endswith(".txt")]) == ()


@pytest.mark.parametrize("name", GUIDES)
def test_the_ladder_shown_fits_the_example(name: str) -> None:
    shown = examples(name)
    assert lint({"food.yaml": shown["food.yaml"] + shown["ladder.yaml"]}) == ()


@pytest.mark.parametrize("name", GUIDES)
def test_every_command_that_is_named_exists(name: str) -> None:
    named = re.findall(r"`(zhiben [^`]+)`", guide(name))
    for words in [*map(shlex.split, named), *(words for words in commands(name) if words[0] == "zhiben")]:
        command: click.Command = main
        for word in words[1:]:
            if isinstance(command, click.Group) and re.fullmatch(r"[a-z]+", word):
                found = command.get_command(click.Context(command), word)
                assert found is not None, words
                command = found
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= known, words


def test_both_guides_show_the_same_pack() -> None:
    en, zh = (parse(examples(name)["food.yaml"], name).data for name in GUIDES)
    assert en == zh


def test_both_guides_are_built_alike() -> None:
    """The same headings, commands, rows and points, in the same order; the code in the rows is the same too."""

    def shape(name: str) -> Iterator[object]:
        text = re.sub(r"```.*?```", "```", guide(name), flags=re.DOTALL)
        for line in text.splitlines():
            if line.startswith("|"):
                yield sorted(re.findall(r"`([a-z][^`]*)`", line))
            elif found := re.match(r"(#+|- \*\*|    |<!--|```)", line):
                yield found[1]

    en, zh = (list(shape(name)) for name in GUIDES)
    assert en == zh


def pieces(name: str) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """What the third section writes for each row's words, as pairs of key and value."""
    (section,) = re.findall(r"^## (?:3\.|三、).*?(?=^## )", guide(name), re.DOTALL | re.MULTILINE)
    for row, rule in re.findall(r"^\| (.+?) \| (.+) \|$", section, re.MULTILINE)[1:]:
        said = [parse(text, row).data for text in re.findall(r"`([a-z_]+: [^`]+)`", rule)]
        yield row, [pair for piece in said for pair in piece.items()]


class Plain(yaml.SafeDumper):
    """Writes everything out: packs have no anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def pack_with(key: str, value: Any, row: Mapping[str, Any]) -> str:
    """A pack in which ``key`` stands where it belongs, with what it needs beside it; ``row``: what its row has."""
    cited = {"clause": "一", "quote": "原文"}
    titled = {"titles": {"zh": "甲", "en": "a"}, **cited}
    rule: dict[str, Any] = {"id": "a.rule", "duty": "fire_check", **titled}
    pack: dict[str, Any] = {"pack": "test/a", "titles": titled["titles"], "documents": {"plan": {"title": "方案"}},
                            "division": "450500", "effective": {"from": date(2024, 1, 1)}, "rules": [rule]}
    pack |= {name: part for name, part in row.items() if name == "facts"}
    (item, *_) = *re.findall(r"hazard|accident|exhibition|certificate", f"{value}"), None
    objects = {"for_each": item or "hazard"}
    match key:
        case "effective" | "judged_from" | "facts":
            pack[key] = value
        case "fact":
            pack["derived"] = [{key: value, "when": {"headcount": {"ge": 1}}, **cited}]
        case "recommend" | "from" | "until":
            usual = {"recommend": "blacklist", "from": f"{objects['for_each']}.penalized_on"}
            pack["recommendations"] = [{"id": "a.proposal", **titled, **objects, **usual, key: value}]
        case "days":
            rule["due"] = {"of": "hazard.found_on", key: value}
        case _ if key in Rule.model_fields:
            rule[key] = value
        case _:
            rule["when"] = {key: value}
    if key == "division":
        rule["bearer"] = "superior_bureau"
    if (item or key in ("days", "due")) and key not in ("recommend", "from", "until"):
        done = {"hazard": "reported_on", "accident": "penalized_on", "exhibition": "safety_plan_on",
                "certificate": "renewed_on"}[objects["for_each"]]
        usual = {**objects, "done_on": f"{objects['for_each']}.{done}", "due": {"date": date(2024, 12, 31)}}
        pack["rules"] = [{**usual, **rule}]
    elif not {"every", "deadline", "state"} & set(rule):
        rule |= {"deadline": date(2024, 12, 31)} if key == "since" else {"every": "year"}
    return yaml.dump(pack, Dumper=Plain, allow_unicode=True)


@pytest.mark.parametrize("name", GUIDES)
def test_what_the_guide_writes_for_the_words_of_a_document_can_be_loaded(name: str) -> None:
    rows = list(pieces(name))
    for row, written in rows:
        for key, value in written:
            try:
                load_rulebook_texts({"a.yaml": pack_with(key, value, dict(written))}, borrow=True)
            except PackError as error:
                pytest.fail(f"{row}: {key}: {error}")
    assert len(rows) > 20
    assert {key for _, written in rows for key, _ in written} >= {
        *Ask.model_fields.keys() - {"record", "remind_before"}, "when", "bearer", "recommend", "fact", "facts"}


def codes() -> set[str]:
    """Every code that a finding can have, read from the calls that make findings."""
    found = set()
    for file in sorted((ROOT / "engine").glob("*.py")):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match call:
                # Sets have an `add` too, with one argument.
                case ast.Call(func=ast.Attribute(attr="add" | "add_at"), args=[_, code, _, *_]):
                    pass
                case ast.Call(func=ast.Name("PackProblem"), args=[_, _, _, code, *_]):
                    pass
                case _:
                    continue
            match code:
                case ast.Constant(str(text)):
                    found.add(text)
                case _:
                    # The collectors hand on what they are given.
                    assert ast.unparse(code) == "code", f"{file}:{code.lineno}: which code is this?"
    return found


@pytest.mark.parametrize("name", GUIDES)
def test_the_codes_that_are_explained_are_those_of_the_findings(name: str) -> None:
    section = guide(name).rpartition("\n## ")[2]
    cells = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
    assert {code for cell in cells for code in re.findall(r"`([a-z-]+)`", cell)} == codes()


def test_the_codes_of_the_findings_were_all_found() -> None:
    heads = [file.read_text(encoding="utf-8") for file in (*BROKEN.rglob("*.yaml"), *FLAWED)]
    seen = {code for head in heads for code in re.findall(r"^# \d+:\d+ (\S+) \| ", head, re.MULTILINE)}
    assert len(seen) > 15
    assert seen <= codes()


def test_the_checked_in_reference_is_current() -> None:
    assert guide("REFERENCE.md") == reference("zh", "en")
