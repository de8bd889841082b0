"""Templates of letters that would take for ever, take all memory, or read what is none of their business."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.letter_words import OF_MATTER, PLACEHOLDERS
from engine.letter_writing import TEMPLATES, Templates
from facts.errors import BadInput
from tests.fuzz.effort import examples, within

MATTER = {
    **{name: f"<{name}>" for name in OF_MATTER},
    "依据": [{"序号": "1", "文件": "《方案》", "条款": "一", "原文": "检查"}],
}
WORDS = {**{name: f"<{name}>" for name in PLACEHOLDERS}, "事项": [MATTER] * 30, "依据": MATTER["依据"], "措施依据": []}
SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LOOPS = "{%% for 甲 in 事项 %%}" * 6 + "x" + "{%% endfor %%}" * 6


def template(folder: Path, text: str = "", *, document: str | bytes | None = None, **parts: bytes) -> Path:
    """A folder with one template for all letters."""
    with (
        zipfile.ZipFile(TEMPLATES / "common.docx") as product,
        zipfile.ZipFile(folder / "common.docx", "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in product.namelist():
            content: str | bytes = product.read(name)
            if name == "word/document.xml":
                paragraph = f"<w:body><w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>"
                content = document or product.read(name).decode().replace("<w:body>", paragraph)
            packed.writestr(name, content)
        for name, part in parts.items():
            packed.writestr(f"word/media/{name}", part)
    return folder


@pytest.mark.parametrize(
    "text",
    [
        '{{ "a" * 1000000000 }}',
        "{{ 9**9**9 }}",
        '{{ "a"|center(10000000000) }}',
        '{{ "%1000000000d" % 1 }}',
        "{{ [1] * 10**9 }}",
        "{{ 单位.__class__ }}",
        '{{ 单位|attr("__class__") }}',
        '{{ 单位["__cla" ~ "ss__"] }}',
        '{{ "{0.__class__}".format(1) }}',
        "{{ range(3) }}",
        "{{ lipsum() }}",
        "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{% for 甲 in 事项 recursive %}{{ loop(事项) }}{% endfor %}",
        "{% for 甲 in 事项|batch(2) %}{% endfor %}",
        LOOPS.replace("%%", "%"),
        '{% include "/etc/passwd" %}',
        '{% import "os" as os %}',
        "{% extends 单位 %}",
        "{% set 甲 = 单位 ~ 单位 %}",
        "{{ 单位|safe }}",
        "{{ 单位|replace('a', 'b') }}",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{% if 单位 %}" * 2000,
        "{{ 单位 }}" * 6_000,
        "{{ " * 9_000,
    ],
)
def test_what_a_template_may_not_say(tmp_path: Path, text: str) -> None:
    with within(10), pytest.raises(BadInput) as caught:
        Templates(template(tmp_path, text)).of("remind").fill(WORDS)
    assert caught.value.message.zh.startswith(f"模板 {tmp_path / 'common.docx'}：")
    assert "\n" not in caught.value.message.zh


def test_what_it_may() -> None:
    for name in ("remind", "hand_over", "no_such_step"):
        assert Templates().of(name).fill(WORDS)


def test_loops_lists_and_conditions_are_filled_in(tmp_path: Path) -> None:
    text = (
        "{% for 项 in 事项 %}{{ loop.index }}{% for 据 in 项.依据 %}{{ 据.文件 }}{% if not loop.last %}，{% endif %}"
        "{% endfor %}{% endfor %}{{ 措施依据|length }}{{ 单位|default('无') }}{{ 单位 if 件数 else '' }}"
    )
    assert Templates(template(tmp_path, text)).of("remind").fill(WORDS)


@pytest.mark.parametrize(
    ("document", "parts", "says"),
    [
        (None, {"a.png": bytes(64 << 20)}, "压缩炸弹"),
        (f"<w:document {SPACE}><w:body>" + "<w:p/>" * 1_500_000 + "</w:body></w:document>", {}, "过大"),
        (
            f'<!DOCTYPE a [<!ENTITY a "哈"><!ENTITY b "{"&a;" * 99}">]><w:document {SPACE}>&b;</w:document>',
            {},
            "DOCTYPE",
        ),
        (f'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:document {SPACE}>&a;</w:document>', {}, "DOCTYPE"),
        (f"<w:document {SPACE}>" + "<w:p>" * 50_000, {}, "不是 Word 文档"),
        ("", {}, None),
        (b"\xff\xfe\0", {}, "不是 Word 文档"),
        (
            f"<w:document {SPACE}><w:body><w:p><w:r><w:t>{'{' * 90_000}</w:t></w:r></w:p></w:body></w:document>",
            {},
            "标签过多",
        ),
    ],
    ids=["bomb", "large", "laughs", "file from elsewhere", "deep", "sound", "no XML", "braces"],
)
def test_documents_that_would_not_end(
    tmp_path: Path, document: str | bytes | None, parts: dict[str, bytes], says: str | None
) -> None:
    folder = template(tmp_path, "{{ 单位 }}", document=document, **parts)
    with within(10):
        if says is None:
            assert Templates(folder).of("remind").fill(WORDS)
            return
        with pytest.raises(BadInput) as caught:
            Templates(folder)
    assert says in caught.value.message.zh


@examples(20)
@given(
    text=st.lists(
        st.sampled_from(
            [
                "{{",
                "}}",
                "{%",
                "%}",
                " 单位 ",
                " 事项 ",
                "for x in ",
                "endfor",
                "if ",
                "endif",
                "x.期间",
                "|join('，')",
                "|length",
                ".",
                "[",
                "]",
                "(",
                ")",
                "'",
                "甲",
                "{%p ",
                "{%tr ",
                "{#",
                "#}",
                "~",
                "+1",
                "loop.index",
            ]
        ),
        max_size=12,
    ).map(" ".join)
)
def test_any_template_is_filled_in_or_refused(tmp_path: Path, text: str) -> None:
    folder = template(tmp_path, text)
    with within(5):
        try:
            Templates(folder).of("remind").fill(WORDS)
        except BadInput as error:
            if not error.message.zh.isprintable():
                pytest.fail(error.message.zh)
