"""Templates of a bureau: what they may say, and what is said of those with a mistake."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from docx import Document

from engine.letter_words import OF_BASIS, OF_MATTER, PLACEHOLDERS
from engine.letter_writing import COMMON, TEMPLATES, Templates
from engine.letters import KINDS
from facts.errors import BadInput
from tests.cli.conftest import Run, digest
from tests.notices.conftest import UGLY, WORST, written

#: As many values as a letter has, each of which shows what it is.
MATTER = {name: [{n: f"<{n}>" for n in OF_BASIS}] if name == "依据" else f"<{name}>" for name in OF_MATTER}
WORDS = {**{name: f"<{name}>" for name in PLACEHOLDERS}, "事项": [MATTER] * 3, "依据": MATTER["依据"] * 2,
         "措施依据": MATTER["依据"]}


def template(folder: Path, name: str, *paragraphs: str, header: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    document.save(str(folder / f"{name}.docx"))
    return folder


def text_of(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs]


@pytest.mark.parametrize("step", KINDS)
def test_every_kind_of_letter_has_a_template_that_says_what_a_letter_must(step: str) -> None:
    assert (TEMPLATES / f"{step}.docx").exists()
    content = Templates().of(step).fill(WORDS)
    lines = text_of(content)
    text = "\n".join(lines)
    assert "{{" not in text
    assert "{%" not in text
    assert lines[1:3] == ["<文号>", "<主送>："]
    assert lines[-2:] == ["<发文机关>", "<日期>"]
    assert text.count("<事实>") == 3
    assert text.count("<文件><条款>：“<原文>”") >= 2
    if step != "due_soon":
        assert "<要求期限>" in text
        assert text.count("依据<文件><条款>：“<原文>”") == 1
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        styles = packed.read("word/styles.xml").decode()
        for name in packed.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(packed.read(name))
    assert {"仿宋", "黑体", "宋体"} <= set(re.findall(r'w:eastAsia="([^"]+)"', styles))
    assert 'w:firstLineChars="200"' in styles


def test_the_common_template_serves_any_kind() -> None:
    assert "<单位>" in "".join(text_of(Templates().of("no_such_step").fill(WORDS)))
    assert {path.stem for path in TEMPLATES.iterdir()} == {*KINDS, COMMON}


def test_a_bureaus_own_comes_first_then_its_common_one_then_the_products(tmp_path: Path) -> None:
    folder = template(tmp_path / "own", "remind", "自备：{{ 单位 }}", header="{{ 发文机关 }}文件")
    found = Templates(folder)
    assert text_of(found.of("remind").fill(WORDS)) == ["自备：<单位>"]
    header = Document(io.BytesIO(found.of("remind").fill(WORDS))).sections[0].header
    assert header.paragraphs[0].text == "<发文机关>文件"
    assert found.of("urge").path == TEMPLATES / "urge.docx"
    template(folder, COMMON, "通用：{{ 单位 }}{% for 项 in 事项 %}，{{ 项.期间 }}{% endfor %}")
    (folder / "~$remind.docx").write_bytes(b"Word has it open")
    (folder / "说明.txt").write_text("x", encoding="utf-8")
    assert text_of(Templates(folder).of("urge").fill(WORDS)) == ["通用：<单位>，<期间>，<期间>，<期间>"]


@pytest.mark.parametrize(("paragraphs", "said"), [
    (["{{ 单位名 }}"], "没有占位符“单位名”；是否为“单位”？可用"),
    (["{{ unit }}"], "没有占位符“unit”"),
    (["{%p for 项 in 事项 %}", "{{ 项.期限 }}", "{%p endfor %}"], "没有占位符“期限”"),
    (["{%p for 项 in 事项 %}", "{{ 项['期限'] }}", "{%p endfor %}"], "没有占位符“期限”"),
    (["{%p if 单位 %}", "{{ 单位 }}"], "标签有误"),
    (["甲{{ 单位 | nosuch }}"], "“甲{{ 单位 | nosuch }}”附近的标签有误"),
    (["{{ 单位 "], "标签有误"),
    (["｛｛ 单位 ｝｝"], "全角"),
    (["{{ 单位 ｝}"], "全角"),
    (["{% for 项 in 事项 %}", "{{ 项.期间 }}", "{% endfor %}"], None),
    (["{{ 事项.期间 }}"], "期间"),
    (["{{ 单位.__class__.__mro__ }}"], "没有占位符“__class__”"),
    (["{{ 单位 - 2 }}"], "套打不了"),
    (["{{ 单位 * 999999999 }}"], "“mul”不能用在模板里"),
])
def test_a_mistake_is_one_line_that_names_file_and_placeholder(tmp_path: Path, paragraphs: list[str],
                                                              said: str | None) -> None:
    folder = template(tmp_path / "own", "remind", *paragraphs)
    if said is None:
        assert "<期间>" in "".join(text_of(Templates(folder).of("remind").fill(WORDS)))
        return
    with pytest.raises(BadInput) as caught:
        Templates(folder).of("remind").fill(WORDS)
    assert said in caught.value.message.zh
    for message in (caught.value.message.zh, caught.value.message.en):
        assert str(folder / "remind.docx") in message
        assert "\n" not in message


def test_a_loop_that_tears_the_document_is_told_of(tmp_path: Path) -> None:
    folder = template(tmp_path / "own", "remind", "甲{% for 项 in 事项 %}", "{{ 项.期间 }}", "{%p endfor %}")
    with pytest.raises(BadInput, match=r"remind\.docx: filled in it is no document"):
        Templates(folder).of("remind").fill(WORDS)


@pytest.mark.parametrize(("name", "content"), [
    ("remind.docx", b"no zip"), ("remind.docx", b""), ("remnd.docx", None), ("提醒.docx", None), ("remind.doc", b"x")])
def test_a_file_that_is_no_template_is_told_of(tmp_path: Path, name: str, content: bytes | None) -> None:
    folder = template(tmp_path / "own", "urge", "x")
    (folder / name).write_bytes((folder / "urge.docx").read_bytes() if content is None else content)
    with pytest.raises(BadInput) as caught:
        Templates(folder)
    assert name in caught.value.message.en


@pytest.mark.usefixtures("swept")
def test_nothing_is_written_or_numbered_if_a_template_has_a_mistake(run: Run) -> None:
    before = digest()
    for paragraph in ("{{ 单位名 }}", "{{ 事项.期间 }}"):
        folder = template(Path("own"), "summon", paragraph)
        refused = run("notices", "-o", "out", "--templates", str(folder), code=2)
        assert len(refused.stderr.splitlines()) == 1
        assert "summon.docx" in refused.stderr
        assert digest() == before
        assert sorted(each.name for each in Path().iterdir()) == ["own", "zhiben.db"]


@pytest.mark.usefixtures("swept")
def test_templates_are_taken_out_edited_and_used(run: Run) -> None:
    assert "13" in run("notices", "templates", "-o", "own").stdout
    assert {each.name for each in Path("own").iterdir()} == {f"{name}.docx" for name in (*KINDS, COMMON)}
    assert "没有覆盖" in run("notices", "templates", "-o", "own", code=2).stderr
    template(Path("own"), "remind", "{{ 文号 }}致{{ 单位 }}")
    said = written(run, "-o", "out", "--templates", "own")
    (remind,) = [each for each in said["letters"] if (each["uscc"], each["step"]) == (UGLY, "remind")]
    assert text_of((Path("out") / remind["file"]).read_bytes()) == [
        f"{remind['number']}致=天津<国际>&{{{{ 7*7 }}}}{{% if x %}}公司"]


@pytest.mark.usefixtures("swept")
def test_the_placeholders_are_listed(run: Run) -> None:
    for language in ("zh", "en"):
        shown = run("notices", "templates", "--lang", language).stdout
        assert all(f"  {name}\t" in shown for name in (*PLACEHOLDERS, *OF_MATTER, *OF_BASIS))


@pytest.mark.usefixtures("swept")
def test_every_placeholder_has_a_value(run: Run) -> None:
    """In a letter with a matter of each kind there is none that is always blank."""
    folder = template(Path("own"), "remind", *(f"{name}={{{{ {name} }}}}" for name in PLACEHOLDERS
                                               if name not in ("事项", "依据", "措施依据")),
                      "{%p for 项 in 事项 %}", *(f"{name}={{{{ 项.{name} }}}}" for name in OF_MATTER if name != "依据"),
                      "{%p for 据 in 项.依据 %}", *(f"{name}={{{{ 据.{name} }}}}" for name in OF_BASIS),
                      "{%p endfor %}", "{%p endfor %}")
    said = json.loads(run("notices", "-o", "out", "--templates", str(folder), "--issuer", "某局", "--format",
                          "json").stdout)
    (remind,) = [each for each in said["letters"] if (each["uscc"], each["step"]) == (WORST, "remind")]
    lines = text_of((Path("out") / remind["file"]).read_bytes())
    for name in {*PLACEHOLDERS, *OF_MATTER, *OF_BASIS} - {"事项", "依据", "措施依据"}:
        assert any(line.startswith(f"{name}=") and len(line) > len(name) + 1 for line in lines), name
