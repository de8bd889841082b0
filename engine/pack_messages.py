"""What a pack's author is told when a key or value has the wrong shape (规则包格式错误的说法)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from engine.errors import Problems, nearest, shown
from engine.pack_schema import Pack
from facts.language import Text

_EXPECTED = {
    "string_type": Text("应为文字", "expected text"),
    "string_too_short": Text("不能为空", "must not be empty"),
    "string_too_long": Text("文字过长", "the text is too long"),
    "date_type": Text("应为日期，如 2024-03-11", "expected a date, as 2024-03-11"),
    "dict_type": Text("应为“键: 值”的映射", "expected a mapping of keys to values"),
    "model_type": Text("应为“键: 值”的映射", "expected a mapping of keys to values"),
    "list_type": Text("应为列表，如 [catering, hotel]", "expected a list, as [catering, hotel]"),
    "too_short": Text("不能为空", "must not be empty"),
}
_UNQUOTED = Text("应为文字，请加引号", "expected text; put it in quotes")

_PATTERNS = {
    r"^\d{6}$": Text(
        "应为 6 位行政区划代码并加引号，如 \"120102\"",
        "expected a 6-digit division code in quotes, as \"120102\""),
    r"^[a-z][a-z0-9_]*$": Text(
        "应由小写字母、数字和下划线组成",
        "expected lower-case letters, digits and underscores"),
    r"^[a-z0-9][a-z0-9.-]*$": Text(
        "应由小写字母、数字、点和连字符组成",
        "expected lower-case letters, digits, dots and hyphens"),
    r"^[a-z0-9-]+(/[a-z0-9-]+)*$": Text(
        "应为规则包在规则目录下的路径，不带 .yaml，如 national/statutes",
        "expected the pack's path below the folder of packs, without .yaml, as national/statutes"),
    r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$": Text(
        "应为情况的名称，如 high_risk 或 accident.large_or_above",
        "expected the name of a fact, as high_risk or accident.large_or_above"),
}


def schema_problems(error: ValidationError, problems: Problems, model: type[BaseModel] = Pack) -> None:
    """Turns pydantic's errors about a file into problems with place, expectation and the nearest known key.

    ``model`` is what the file should be.
    """
    for item in error.errors(include_url=False, include_input=True):
        path = tuple(part for part in item["loc"] if part != "[key]")
        kind, found = item["type"], shown(item["input"])
        if kind == "extra_forbidden":
            known = _keys_at(path[:-1], model)
            near = nearest(str(path[-1]), known)
            problems.add(path, "unknown-key", f"不认识的键“{path[-1]}”{near.zh or '；'}此处可用：{'、'.join(known)}",
                         f"unknown key {str(path[-1])!r}{near.en or ';'} known here: {', '.join(known)}", key=True)
        elif kind == "missing":
            problems.add(path[:-1], "missing-key", f"缺少键“{path[-1]}”", f"the key {str(path[-1])!r} is missing",
                         key=True)
        elif kind == "pack":
            problems.add(path, "value", f"“{found}”{item['ctx']['zh']}", f"{found!r}: {item['ctx']['en']}")
        elif kind == "literal_error":
            choices = item["ctx"]["expected"].replace("True", "true")
            near = nearest(str(item["input"]), choices.replace("'", "").replace(" or ", ", ").split(", "))
            problems.add(path, "value",
                         f"没有取值“{found}”，应为 {choices.replace(' or ', '、').replace(', ', '、')}{near.zh}",
                         f"no value {found!r}; expected {choices}{near.en}")
        elif kind == "string_pattern_mismatch":
            expected = _PATTERNS[item["ctx"]["pattern"]]
            problems.add(path, "value", f"“{found}”{expected.zh}", f"{found!r}: {expected.en}",
                         key=item["loc"][-1] == "[key]")
        else:
            expected = _EXPECTED.get(kind, Text(f"不符合格式（{item['msg']}）", item["msg"]))
            if kind == "string_type" and isinstance(item["input"], bool | int | Decimal | date):
                expected = _UNQUOTED
            problems.add(path, "value", f"“{found}”{expected.zh}", f"{found!r}: {expected.en}")


def _keys_at(path: tuple[Any, ...], model: type[BaseModel]) -> list[str]:
    """The keys that the format knows at ``path``."""
    annotation: Any = model
    for part in path:
        annotation = _bare(annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            fields = {f.alias or name: f.annotation for name, f in annotation.model_fields.items()}
            annotation = fields.get(str(part))
        else:
            arguments = get_args(annotation)
            annotation = arguments[-1] if arguments else None
    annotation = _bare(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [f.alias or name for name, f in annotation.model_fields.items()]
    return []


def _bare(annotation: Any) -> Any:
    """The annotation without ``| None`` and ``Annotated``."""
    while get_origin(annotation) in (Union, UnionType, Annotated):
        arguments = [a for a in get_args(annotation) if a is not NoneType]
        annotation = arguments[0]
    return annotation
