"""The author's reference of all sentences (场景句子一览), generated from ``sentences.yaml``.

``features/SENTENCES.md`` is this page in both languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.sentences import blanks, pattern, sentences, tables, words
from facts.language import Language, Text
from facts.vocabulary import SHEETS, Column

_STEPS = {
    "given": Text("假如：说明情况", "Given: the facts"),
    "when": Text("当：判定", "When: judging"),
    "then": Text("那么：应有的结果", "Then: what must come out"),
}
_INTRODUCTION = Text(
    "场景文件（.feature）第一行写 `# language: zh-CN`。引号可用直引号或弯引号，汉字旁的空格不计；一句话可接“而且”。"
    "表格的列只写用到的，空格子表示不详（结果表中表示没有）。一个场景只讲一家企业。"
    "运行：`zhiben rules test 文件或文件夹`。",
    "Scenario files (.feature) may be written in English or, with `# language: zh-CN` on the first line, in Chinese. "
    "Quotes may be straight or curly. Tables give only the columns needed; a blank cell is not known (in a table of "
    "results: nothing there). A scenario tells of one enterprise. To run them: `zhiben rules test FILE-OR-FOLDER`.")
_LABELS = {
    "title": Text("场景句子一览", "Sentences of scenarios"),
    "columns": Text("列", "columns"),
    "example": Text("例", "example"),
    "blanks": Text("空格里写什么", "What stands in the blanks"),
    "words": Text("词语", "Words"),
}
_GROUPS = {
    "verdict": Text("结论", "verdict"),
    "status": Text("状态", "status"),
    "class": Text("事故等级", "class of accident"),
    "step": Text("措施", "step"),
    "held_by": Text("暂缓原因", "what holds a step back"),
    "kind": Text("建议", "kind of recommendation"),
}


def page(*languages: Language) -> str:
    """The reference as Markdown, every entry in each of ``languages``, in their order."""
    return "\n".join(_lines(languages)) + "\n"


def completions() -> list[dict[str, Any]]:
    """Every sentence with its blanks, for editors to offer."""
    return [{"id": sentence.id, "step": sentence.step, "zh": sentence.wording.zh, "en": sentence.wording.en,
             "blanks": sorted(pattern(sentence.wording.en).named_fields), "table": sentence.table,
             "does": {"zh": sentence.does.zh, "en": sentence.does.en},
             "example": {"zh": sentence.example.zh, "en": sentence.example.en}} for sentence in sentences()]


def _lines(languages: tuple[Language, ...]) -> Iterator[str]:
    def both(text: Text) -> str:
        return " · ".join(text(language) for language in languages)

    yield f"# {both(_LABELS['title'])}"
    for language in languages:
        yield from ("", _INTRODUCTION(language))
    for step, title in _STEPS.items():
        yield from ("", f"## {both(title)}")
        for sentence in (s for s in sentences() if s.step == step):
            yield from ("", f"### {' · '.join(f'`{sentence.wording(language)}`' for language in languages)}", "")
            yield from (f"- {sentence.does(language)}" for language in languages)
            examples = dict.fromkeys(sentence.example(language) for language in languages)
            yield f"- {both(_LABELS['example'])}: {' · '.join(f'`{example}`' for example in examples)}"
            if sentence.table:
                columns = " · ".join("、".join(_columns(sentence.table, language)) for language in languages)
                yield f"- {both(_LABELS['columns'])}: {columns}"
    yield from ("", f"## {both(_LABELS['blanks'])}", "")
    yield from (f"- `{{{name}}}`: {both(text)}" for name, text in blanks().items())
    yield from ("", f"## {both(_LABELS['words'])}", "")
    for group, title in _GROUPS.items():
        yield f"- {both(title)}: {'、'.join(both(text) for text in words(group).values())}"


def _columns(table: str, language: Language) -> Iterator[str]:
    """What the columns of a sheet of the ledger, or of a table of results, are called."""
    for sheet in SHEETS:
        if sheet.name == table:
            yield from (_called(column, language) for column in sheet.columns)
            return
    yield from (label(language) for label in tables()[table].columns.values())


def _called(column: Column, language: Language) -> str:
    return column.label.zh if language == "zh" else column.name
