"""The author's reference of sentences."""

from __future__ import annotations

import json
from pathlib import Path

from engine.sentence_page import page
from engine.sentences import sentences
from tests.rules_try.conftest import Run

ROOT = Path(__file__).parents[2]


def test_the_checked_in_page_is_current() -> None:
    assert (ROOT / "features" / "SENTENCES.md").read_text(encoding="utf-8") == page("zh", "en")


def test_the_reference_has_every_sentence_in_the_language_asked_for(author: Path, rules: Run) -> None:
    zh, en = rules("sentences").stdout, rules("sentences", "--lang", "en").stdout
    for sentence in sentences():
        assert f"`{sentence.wording.zh}`" in zh
        assert f"`{sentence.wording.en}`" in en
    assert "期间、结论、起始" in zh
    assert "key、verdict、starts_on" in en


def test_the_completion_list_has_every_sentence(author: Path, rules: Run) -> None:
    listed = json.loads(rules("sentences", "--format", "json").stdout)
    assert [row["id"] for row in listed] == [sentence.id for sentence in sentences()]
