"""``zhiben rules assumptions``: every number and date that no source prints, with its place and reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from engine.numerals import printed_numbers
from engine.packs import load_rulebook, packaged_files
from tests.rules.conftest import Run

PACK = """\
pack: xin-shi/lifts
titles: {zh: 新市电梯, en: Lifts of Xin}
documents: {plan: {title: 新市电梯方案}}
division: "990102"
effective: {from: 2024-01-01, assumption: 原文未印日期}
derived:
  - {fact: high_risk, clause: 一, quote: 高危, when: {headcount: {ge: {assumption: 30, reason: 原文没有人数}}}}
rules:
  - id: xin.check
    duty: fire_check
    titles: {zh: 检查, en: check}
    clause: 二
    quote: 每季度
    effective: {from: 2024-03-01, to: 2025-12-31, assumption: 原文只写
      “春季”}
    cases:
      - when: {headcount: {ge: 5}}
        every: quarter
        at_least: {assumption: 2, reason: 原文只写“多次”}
ladders:
  - id: xin.ladder
    titles: {zh: 梯次, en: ladder}
    clause: 三
    quote: 提醒
    steps:
      - {step: remind, after: {assumption: 7, reason: 原文没有天数}}
      - step: summon
        after: {assumption: 9, reason: 原文没有天数}
        when: {streak: {ge: {assumption: 3, reason: 原文没有次数}}}
"""


def test_each_is_listed_with_place_value_and_reason(run: Run) -> None:
    Path("lifts.yaml").write_text(PACK, encoding="utf-8")
    found = json.loads(run("assumptions", "lifts.yaml", "--format", "json").stdout)
    assert [(each["line"], each["rule"], each["key"], each["value"], each["reason"]) for each in found] == [
        (5, "xin-shi/lifts", "effective", "2024-01-01 –", "原文未印日期"),
        (7, "high_risk", "when.headcount.ge", "30", "原文没有人数"),
        (14, "xin.check", "effective", "2024-03-01 – 2025-12-31", "原文只写 “春季”"),
        (19, "xin.check", "cases.1.at_least", "2", "原文只写“多次”"),
        (26, "xin.ladder", "steps.1.after", "7", "原文没有天数"),
        (28, "xin.ladder", "steps.2.after", "9", "原文没有天数"),
        (29, "xin.ladder", "steps.2.when.streak.ge", "3", "原文没有次数")]
    assert {(each["pack"], each["file"]) for each in found} == {("xin-shi/lifts", "lifts.yaml")}
    table = run("assumptions", "lifts.yaml", "--lang", "zh").stdout
    assert "lifts.yaml:26" in table
    assert "规则包 1 个，假定 7 处" in table


def test_without_packs_all_of_the_product_drafts_too(run: Run) -> None:
    found = json.loads(run("assumptions", "--format", "json").stdout)
    written = sum(len(re.findall(r"\bassumption:", file.read_text(encoding="utf-8")))
                  for file in packaged_files().values())
    assert len(found) == written > 0
    assert {each["pack"] for each in found} >= {"liaoning-lingyuan/commerce", "tianjin-hedong/safety-committee"}
    assert all(each["reason"] for each in found)


def test_every_assumption_that_the_engine_uses_is_listed(run: Run) -> None:
    listed = {(each["value"], each["reason"]) for each in json.loads(run("assumptions", "--format", "json").stdout)}
    book = load_rulebook(drafts=True)
    figures = [figure for duty in book.duties.values() for rule in duty.rules for figure in rule.figures]
    figures += [figure for ladder in book.ladders for rung in ladder.steps for figure in rung.figures]
    used = {(str(figure.value), figure.assumption) for figure in figures if figure.assumption}
    assert used
    assert used <= listed


def numbers(step: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The numbers of a step as written, each by its key."""
    yield "after", step["after"]
    for key in ("streak", "steps_taken"):
        if key in (when := step.get("when") or {}):
            yield f"when.{key}.ge", when[key]["ge"]


def test_every_number_of_a_ladder_has_a_source_or_is_listed_with_its_reason(run: Run) -> None:
    listed = {(each["file"], each["rule"], each["key"]): each
              for each in json.loads(run("assumptions", "--format", "json").stdout)}
    found = 0
    for name, file in packaged_files().items():
        text = file.read_text(encoding="utf-8")
        for ladder in yaml.safe_load(text).get("ladders", ()):
            for level, step in enumerate(ladder["steps"], 1):
                for key, number in numbers(step):
                    found += 1
                    if isinstance(number, int):
                        assert number in printed_numbers(step.get("quote", ladder["quote"])), (name, ladder["id"], key)
                        continue
                    one = listed.pop((str(file), ladder["id"], f"steps.{level}.{key}"))
                    assert (one["value"], one["pack"]) == (str(number["assumption"]), name)
                    assert one["reason"] == " ".join(number["reason"].split()) != ""
                    assert f"assumption: {number['assumption']}" in text.splitlines()[one["line"] - 1]
    ladders = load_rulebook(drafts=True).ladders
    assert found == sum(len(rung.figures) for ladder in ladders for rung in ladder.steps) > 0
    assert not [key for _, rule, key in listed if key.startswith("steps.")]


def test_what_cannot_be_read_is_said(run: Run) -> None:
    Path("broken.yaml").write_text("a: [", encoding="utf-8")
    assert "broken.yaml:2" in run("assumptions", "broken.yaml", code=2).stderr
    Path("empty").mkdir()
    assert "empty" in run("assumptions", "empty", code=2).stderr
