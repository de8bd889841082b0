"""YAML with positions: plain data, and for each place in it the line and column where it stands.

PyYAML composes the nodes; this module turns them into dicts, lists and scalars and remembers their marks, so that
an error found later can still name file, line and column. Anchors and aliases are refused: a pack reads as it is
written, and none can explode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from facts.language import Text

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

Path = tuple[str | int, ...]

#: A pack is a few hundred lines; what is larger is not a pack.
LIMIT_BYTES = 2_000_000
LIMIT_DEPTH = 40
#: Keys, values and brackets; the largest pack of the product has 1 500.
LIMIT_PARTS = 60_000

#: Terminals obey some of them, others turn the direction of the text around; titles and quotes need none.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
                    "\ud800-\udfff\ufffe\uffff]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_INT = re.compile(r"-?(0|[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,6}\Z")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; line and column count from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Source:
    """Parsed YAML: its ``text``, its ``data``, and the mark of each value and
    (``keys``) of each mapping key, by path."""

    file: str
    data: Any = None
    text: str = ""
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)

    def mark(self, path: Path, *, key: bool = False) -> Mark:
        """Where ``path`` stands, or else the nearest place above it that does."""
        marks = (self.keys, self.values) if key else (self.values, self.keys)
        while True:
            for table in marks:
                if path in table:
                    return table[path]
            if not path:
                return Mark(1, 1)
            path = path[:-1]


class YamlError(Exception):
    """The text is not YAML as packs are written; ``mark`` and ``message`` say where and why."""

    def __init__(self, mark: Mark, message: Text) -> None:
        super().__init__(message.en)
        self.mark, self.message = mark, message


def parse(text: str, file: str) -> Source:
    """Parse one YAML document. Raises :class:`YamlError` at the first place that cannot be read."""
    if len(text.encode("utf-8", "replace")) > LIMIT_BYTES:
        raise YamlError(Mark(1, 1), Text("文件过大（上限 2 MB）", "the file is too large (limit 2 MB)"))
    source = Source(file, text=text)
    try:
        _refuse_what_packs_do_not_use(text)
        node = yaml.compose(text, _Loader)
    except yaml.YAMLError as error:
        raise _yaml_error(error, text.splitlines()) from None
    if node is None:
        raise YamlError(Mark(1, 1), Text("文件是空的，应为一个规则包", "the file is empty; expected a pack"))
    source.data = _build(node, (), source)
    return source


def _refuse_what_packs_do_not_use(text: str) -> None:
    """Anchors, aliases, tags and deep nesting, found in the stream of events: composing nodes recurses in C."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, _Loader)):
        mark = Mark(event.start_mark.line + 1, event.start_mark.column + 1)
        if number > LIMIT_PARTS:
            raise YamlError(mark, Text(f"内容过多（上限 {LIMIT_PARTS} 项）；请分成几个规则包",
                                       f"too much in one file (limit {LIMIT_PARTS} parts); split the pack"))
        if getattr(event, "anchor", None) is not None:
            raise YamlError(mark, Text("不允许使用锚点和别名（& *）；请写全",
                                       "anchors and aliases (& *) are not allowed; write it out"))
        if getattr(event, "tag", None) is not None:
            raise YamlError(mark, Text(f"不允许使用标签“{event.tag}”（!）；请删去",
                                       f"tags (!) are not allowed, found {event.tag!r}; remove it"))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > LIMIT_DEPTH:
                raise YamlError(mark, Text(f"嵌套过深（上限 {LIMIT_DEPTH} 层）",
                                           f"nested too deeply (limit {LIMIT_DEPTH})"))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _yaml_error(error: yaml.YAMLError, lines: Sequence[str]) -> YamlError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = (getattr(error, part, None) for part in ("context", "problem", "reason"))
    problem = ", ".join(filter(None, said)) or "not readable"
    # A quote that is never closed is noticed at the end of the file, and was forgotten where it was opened.
    if "quoted scalar" in problem and getattr(error, "context_mark", None):
        mark = error.context_mark  # type: ignore[attr-defined]
    where = Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)
    told = next((zh for en, zh in _PROBLEMS.items() if en in problem), problem)
    hint = _hint(lines, where.line) or Text("请检查缩进、冒号和引号", "check indentation, colons and quotes")
    return YamlError(where, Text(f"不是合法的 YAML：{told}；{hint.zh}", f"not valid YAML: {problem}; {hint.en}"))


#: What the YAML library complains of, for Chinese readers.
_PROBLEMS = {
    "mapping values are not allowed": "这里不应有冒号",
    "could not find expected ':'": "缺少冒号",
    "cannot start any token": "有不能用在这里的字符",
    "quoted scalar": "引号没有配对",
    "did not find expected ',' or": "括号里缺逗号或右括号",
    "did not find expected key": "缩进不一致，或上一行没有写完",
    "did not find expected '-' indicator": "缩进不一致，或列表的一项前面缺“- ”",
    "did not find expected node content": "冒号或逗号之后缺内容",
    "block sequence entries are not allowed": "这里不应有列表的一项（“- ”）",
}
#: Slips of the pen, and what they look like.
_SLIPS: tuple[tuple[re.Pattern[str], Text], ...] = (
    (re.compile(r"^\s*\t"), Text("第 {line} 行用了制表符缩进，请改用空格",
                                 "line {line} is indented by a tab; use spaces")),
    (re.compile(r"^\s*\u3000"), Text("第 {line} 行用了全角空格缩进，请改用半角空格",
                                     "line {line} is indented by full-width spaces; use plain ones")),
    (re.compile(r"^\s*(- )?[\w.]+\s*："), Text("第 {line} 行的冒号是全角的“：”，请改为半角冒号加空格“: ”",
                                            "line {line} has a full-width colon; write a plain one and a space")),
    (re.compile(r"^\s*(- )?[A-Za-z_]\w*:[^\s/]"), Text("第 {line} 行的冒号后面缺空格",
                                                    "line {line} lacks a space after the colon")),
    (re.compile(r"[\[{][^\]}]*，"), Text("第 {line} 行括号里的逗号是全角的“，”，请改为半角",
                                       "line {line} has a full-width comma in brackets; write a plain one")),
)


def _hint(lines: Sequence[str], line: int) -> Text | None:
    """The slip that explains the error: on its line, or on the one before, where many an error begins."""
    for number in (line, line - 1):
        if 1 <= number <= len(lines):
            for slip, hint in _SLIPS:
                if slip.search(lines[number - 1]):
                    return Text(hint.zh.format(line=number), hint.en.format(line=number))
    return None


def _mark(node: yaml.Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)


def _build(node: yaml.Node, path: Path, source: Source) -> Any:
    mark = _mark(node)
    source.values[path] = mark
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, source)
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*path, i), source) for i, child in enumerate(node.value)]
    return _scalar(node, mark)


def _mapping(node: yaml.MappingNode, path: Path, source: Source) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        mark = _mark(key_node)
        if not isinstance(key_node, yaml.ScalarNode):
            raise YamlError(mark, Text("键应为文字", "a key must be plain text"))
        key = _checked(key_node.value, mark)
        if key in result:
            first = source.keys[(*path, key)]
            raise YamlError(mark, Text(f"键“{key}”重复（第 {first.line} 行已有）；请删去其一，"
                                       "如果这里是列表的另一项，则在它的第一个键前补“- ”",
                                       f"duplicate key {key!r} (first on line {first.line}); remove one of them, or "
                                       "put '- ' before the first key if a new entry of a list begins here"))
        source.keys[(*path, key)] = mark
        result[key] = _build(value_node, (*path, key), source)
    return result


def _checked(text: str, mark: Mark) -> str:
    if not text.isprintable() and (found := UNSEEN.search(text)):
        code = f"U+{ord(found[0]):04X}"
        raise YamlError(mark, Text(f"含有看不见的控制字符 {code}；请删去",
                                   f"holds the control character {code}; remove it"))
    return text


def _scalar(node: yaml.ScalarNode, mark: Mark) -> Any:
    text = _checked(node.value, mark)
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INT.match(text):
        return int(text)
    if _DECIMAL.match(text):
        return Decimal(text)
    if _DATE.match(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise YamlError(mark, Text(f"日期 {text} 不存在", f"there is no date {text}")) from None
    return text


def words(value: Any) -> Iterator[str]:
    """Every text in parsed data, keys among them."""
    match value:
        case str():
            yield value
        case list():
            for part in value:
                yield from words(part)
        case dict():
            yield from value
            for part in value.values():
                yield from words(part)
