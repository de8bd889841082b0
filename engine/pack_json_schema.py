"""The JSON Schema of packs (规则包的 JSON Schema), made from the models of :mod:`engine.pack_schema`.

Editors complete and check packs by it; the program itself does not read it. Descriptions stand in ``pack_keys.yaml``.
Where a validator reads a value in its own way, its shape is told here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml
from pydantic import BaseModel

from engine import pack_schema
from engine.condition_reader import FactType, ledger_facts
from engine.pack_schema import LadderStep, Pack
from facts.language import Text
from facts.vocabulary import AUTHORITY_KINDS, KINDS, SECTORS, Type

#: Where the published copy stands, below the package of packs.
PUBLISHED = "pack.schema.json"

_INTEGER = {"type": "integer"}
_ASSUMPTION = {
    "type": "object", "additionalProperties": False, "required": ["assumption", "reason"],
    "description": "原文没有印出的数字，写明理由\n\na number that no source prints, with the reason for it",
    "properties": {"assumption": _INTEGER, "reason": {"type": "string", "minLength": 1}},
}
_FIGURE = {"anyOf": [_INTEGER, _ASSUMPTION]}
_DEMAND = {"anyOf": [{"const": True}, {
    **_ASSUMPTION, "description": "原文没有写明，写明理由\n\nwhat no source says, with the reason for it",
    "properties": {**_ASSUMPTION["properties"], "assumption": {"const": True}}}]}
_EVERY = {"anyOf": [
    {"enum": ["month", "quarter", "half_year", "year"]},
    {"type": "object", "additionalProperties": False, "required": ["months"],
     "properties": {"months": {"enum": [2, 4]}}},
    {"type": "object", "additionalProperties": False, "required": ["years"],
     "properties": {"years": {"type": "integer", "minimum": 2, "maximum": 50}}},
]}


@cache
def key_descriptions() -> Mapping[str, Mapping[str, Text]]:
    """What each key means, by the name of its model; ``everywhere`` has those that several share."""
    page = yaml.safe_load(resources.files("engine").joinpath("pack_keys.yaml").read_text(encoding="utf-8"))
    return {part: {key: Text(**text) for key, text in keys.items()} for part, keys in page.items()}


def describe(model: type[BaseModel], key: str) -> Text:
    """What ``key`` means in ``model``. Raises ``KeyError`` when that is not written."""
    page = key_descriptions()
    for part in (*(base.__name__ for base in model.__mro__), "everywhere"):
        if key in page.get(part, {}):
            return page[part][key]
    raise KeyError(f"{model.__name__}.{key}")


def pack_json_schema() -> dict[str, Any]:
    """The schema as a JSON document."""
    schema = Pack.model_json_schema()
    parts: dict[str, Any] = schema["$defs"]
    parts["Figure"], parts["Every"], parts["Demand"] = _FIGURE, _EVERY, _DEMAND
    parts["Condition"], parts["Test"] = _condition(ledger_facts(SECTORS)), _ANY_TEST
    for name, part in (("Pack", schema), *parts.items()):
        model = getattr(pack_schema, name, None)
        if isinstance(model, type) and issubclass(model, BaseModel):
            _complete(model, part)
    schema["properties"]["sectors"] |= {"items": _suggested(SECTORS)}
    for part in (parts["Rule"], parts["Case"]):
        part["properties"]["record"] |= _suggested(KINDS)
    parts["Rule"]["properties"]["duty"] |= _suggested(KINDS)
    kind = _suggested(AUTHORITY_KINDS)
    described = parts["Rule"]["properties"]["bearer"]["description"]
    parts["Rule"]["properties"]["bearer"] = {
        "anyOf": [*kind["anyOf"], {"type": "array", "minItems": 1, "items": kind}], "description": described}
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Zhiben rule pack · 治本规则包", **schema}


def schema_text() -> str:
    """The schema as it is published."""
    return json.dumps(pack_json_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _complete(model: type[BaseModel], part: dict[str, Any]) -> None:
    """Descriptions in, and out with what pydantic says of its own affairs: titles of fields, null, defaults."""
    part.pop("title", None)
    part.pop("description", None)
    for key, found in part.get("properties", {}).items():
        shape = {k: v for k, v in found.items() if k not in ("title", "default")}
        branches = [b for b in shape.get("anyOf", ()) if b != {"type": "null"}]
        if branches:
            shape.pop("anyOf")
            shape |= branches[0] if len(branches) == 1 else {"anyOf": branches}
        if key in ("when", "state") and model is not LadderStep:
            shape = {"$ref": "#/$defs/Condition"}
        # Beside a reference nothing else counts in this version of JSON Schema.
        if "$ref" in shape:
            shape = {"allOf": [{"$ref": shape["$ref"]}]}
        text = describe(model, key)
        part["properties"][key] = shape | {"description": f"{text.zh}\n\n{text.en}"}


def _suggested(names: Iterable[str]) -> dict[str, Any]:
    """Any name, for packs declare their own, with these offered."""
    return {"anyOf": [{"enum": sorted(names)}, {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}]}


_ANY_TEST = {"type": ["boolean", "integer", "number", "string", "object"]}


def _condition(facts: Mapping[str, FactType]) -> dict[str, Any]:
    nested = {"$ref": "#/$defs/Condition"}
    several = {"type": "array", "minItems": 1, "items": nested}
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {
            "all": several | {"description": "各条都须符合\n\nevery one must hold"},
            "any": several | {"description": "符合其一即可\n\none of them is enough"},
            "not": {"allOf": [nested], "description": "不符合时\n\nmust not hold"},
            **{name: _test(fact) | {"description": f"{fact.label.zh}\n\n{fact.label.en}"}
               for name, fact in sorted(facts.items())},
        },
        # Packs may declare facts of their own.
        "additionalProperties": {"$ref": "#/$defs/Test"},
    }


def _test(fact: FactType) -> dict[str, Any]:
    literal = _literal(fact)
    if fact.type is Type.SET:
        names = {"type": "array", "minItems": 1, "items": literal}
        return {"type": "object", "additionalProperties": False, "minProperties": 1, "properties": {
            "any": names | {"description": "有其中之一\n\nhas one of them"},
            "none": names | {"description": "一个也没有\n\nhas none of them"}}}
    signs = ["eq", "ne", *(["gt", "ge", "lt", "le"] if fact.type in (Type.INT, Type.DECIMAL, Type.DATE) else [])]
    compared = dict.fromkeys(signs, literal) | {"in": {"type": "array", "minItems": 1, "items": literal}}
    return {"anyOf": [literal, {"type": "object", "additionalProperties": False, "minProperties": 1,
                                "properties": compared}]}


def _literal(fact: FactType) -> dict[str, Any]:
    match fact.type:
        case Type.BOOL:
            return {"type": "boolean"}
        case Type.INT:
            return _FIGURE
        case Type.DECIMAL:
            return {"anyOf": [{"type": "number"}, _ASSUMPTION]}
        case Type.DATE:
            return {"type": "string", "format": "date"}
        case Type.SET:
            return _suggested(fact.choices or ())
        case Type.CODE:
            return {"enum": sorted(fact.choices or ())}
    return {"type": "string"}
