"""The JSON Schema for editors: current, complete, and named by every pack of the product."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from engine import pack_schema
from engine.pack_json_schema import PUBLISHED, describe, key_descriptions, pack_json_schema, schema_text
from engine.packs import packaged_files
from facts.vocabulary import KINDS, SECTORS

RULES = Path(__file__).parents[2] / "rules"
MODELS = [m for m in vars(pack_schema).values()
          if isinstance(m, type) and issubclass(m, BaseModel) and m not in (BaseModel, pack_schema.Model)]


def keys_of(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def test_the_published_schema_is_current() -> None:
    published = (RULES / PUBLISHED).read_text(encoding="utf-8")
    assert published == schema_text(), f"run: zhiben rules schema > rules/{PUBLISHED}"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_is_described_in_both_languages(model: type[BaseModel]) -> None:
    for key in keys_of(model):
        text = describe(model, key)
        assert re.search(r"[\u4e00-\u9fff]", text.zh)
        assert text.en.isascii() or "二" in text.en


def test_no_description_is_of_a_key_that_packs_do_not_have() -> None:
    known = {model.__name__: set(keys_of(model)) for model in MODELS}
    known["everywhere"] = set().union(*known.values())
    for part, keys in key_descriptions().items():
        assert set(keys) <= known[part], part


def test_references_lead_somewhere() -> None:
    schema = pack_json_schema()
    for name in re.findall(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(schema)):
        assert name in schema["$defs"]


def test_editors_are_offered_keys_and_names() -> None:
    schema = pack_json_schema()
    rule = schema["$defs"]["Rule"]
    assert rule["additionalProperties"] is False
    assert set(keys_of(pack_schema.Rule)) == set(rule["properties"])
    assert {"id", "duty", "titles", "clause", "quote"} == set(rule["required"])
    assert set(KINDS) <= set(rule["properties"]["record"]["anyOf"][0]["enum"])
    assert set(SECTORS) <= set(schema["properties"]["sectors"]["items"]["anyOf"][0]["enum"])
    condition = schema["$defs"]["Condition"]["properties"]
    assert {"all", "any", "not", "high_risk", "headcount", "hazard.level"} <= set(condition)
    assert condition["high_risk"]["anyOf"][0] == {"type": "boolean"}


@pytest.mark.parametrize("file", packaged_files().values(), ids=packaged_files())
def test_a_pack_names_its_schema_for_the_editor(file: Path) -> None:
    first = file.read_text(encoding="utf-8").splitlines()[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found
    assert (file.parent / found[1]).resolve() == RULES / PUBLISHED
