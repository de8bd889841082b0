"""Filling in the Word templates of letters (通知文书的套打).

One template for each kind of letter, ``STEP.docx``, and ``common.docx`` for those that have none. A bureau's own folder
comes first; what is not there is taken from the product's. A template is checked before it is used: what it asks for
must be there, and its tags must be whole.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from docxtpl import DocxTemplate
from jinja2 import (
    StrictUndefined,
    TemplateError,
    TemplateRuntimeError,
    TemplateSyntaxError,
    UndefinedError,
    meta,
    nodes,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.errors import nearest
from engine.letter_grammar import fault
from engine.letter_words import OF_BASIS, OF_MATTER, PLACEHOLDERS
from engine.letters import KINDS
from facts.archive import open_archive
from facts.csv_files import open_regular
from facts.errors import BadInput
from facts.language import Text
from facts.sheets import Unreadable

#: The product's own templates.
TEMPLATES = Path(__file__).with_name("letter_templates")
#: Bytes of a template; a letterhead with its pictures has some hundred thousand.
MOST_BYTES = 20 << 20
#: Bytes of one part of it, and characters of what it is filled in to. A letter of a hundred pages has a tenth of this.
MOST_TEXT = 5 << 20
#: Braces in a part times its bytes, which is how long it takes to find the tags: three seconds at most. The product's
#: templates have a thousandth of this.
MOST_WORK = 300_000_000
#: The template of every kind of letter that has none of its own.
COMMON = "common"

#: What Jinja itself says of the turn of a loop.
_OF_LOOP = ("index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem")
_FIELDS = {*OF_MATTER, *OF_BASIS, *_OF_LOOP}
_FULL_WIDTH = re.compile(r"｛[｛{%％]|{[｛％]|[｝}%％]｝|[｝％]}")
_TAGS = re.compile(r"<[^>]+>")
#: As the zip format has it: the date that no zip file can be older than.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def _concat(pieces: Iterable[str]) -> str:
    found, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > MOST_TEXT:
            raise TemplateRuntimeError(f"> {MOST_TEXT}")
        found.append(piece)
    return "".join(found)


class _Environment(ImmutableSandboxedEnvironment):
    """Templates may come from anywhere: they read what they are given and call nothing else. Each is compiled once."""

    concat = staticmethod(_concat)

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=True)
        self._compiled: dict[str, Any] = {}

    def from_string(self, source: Any, *others: Any, **options: Any) -> Any:
        if source not in self._compiled:
            self._compiled[source] = super().from_string(source, *others, **options)
        return self._compiled[source]


class _Torn(Exception):
    """What a template was filled in to is no document any more."""


@lru_cache(maxsize=64)
def _patched(xml: str) -> str:
    # Does not depend on the document, and costs more than all the rest of a letter.
    return DocxTemplate.patch_xml(None, xml)  # type: ignore[arg-type]


class _Docx(DocxTemplate):
    def patch_xml(self, src_xml: str) -> str:
        return _patched(src_xml)

    def fix_tables(self, xml: str) -> Any:
        # The parser that follows mends what is torn, by leaving out what it cannot read.
        try:
            ElementTree.fromstring(xml)
        except ElementTree.ParseError as error:
            raise _Torn(str(error)) from error
        return super().fix_tables(xml)


class Template:
    """One checked template. Raises :class:`~facts.errors.BadInput` when it is made from a file that has a mistake."""

    def __init__(self, path: Path, environment: _Environment) -> None:
        self.path = path
        self._environment = environment
        try:
            with open_regular(path) as stream:
                self._content = stream.read(MOST_BYTES + 1)
            self._check_package()
            parts = list(self._parts())
        except OSError as error:
            raise self._mistake(Text(f"读不了：{error.strerror}", f"cannot be read: {error.strerror}")) from None
        except Unreadable as error:
            raise self._mistake(error.problem.message) from None
        except BadInput:
            raise
        except Exception:  # what reads Word documents lets whatever happens inside it through
            raise self._mistake(Text("不是 Word 文档（.docx）；请用 Word 另存为 .docx", "no Word document; save it as "
                                     ".docx in Word")) from None
        for part in parts:
            self._check(part)

    def fill(self, words: Mapping[str, Any]) -> bytes:
        """The letter as a Word document; the same words give the same bytes. Raises as at the start."""
        document = _Docx(io.BytesIO(self._content))
        try:
            document.render(dict(words), self._environment, autoescape=True)
        except UndefinedError as error:
            raise self._mistake(Text(f"占位符不对：{error.message}",
                                     f"a placeholder is wrong: {error.message}")) from None
        except _Torn as error:
            raise self._mistake(_torn(error)) from None
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError,
                MemoryError) as error:
            raise self._mistake(Text(f"套打不了：{error}", f"it cannot be filled in: {error}")) from None
        made = io.BytesIO()
        document.save(made)
        return _dateless(made)

    def _check_package(self) -> None:
        """Refuse what would take too much memory or time to be read."""
        if len(self._content) > MOST_BYTES:
            raise self._mistake(Text(f"超过 {MOST_BYTES >> 20} MB；请缩小其中的图片",
                                     f"more than {MOST_BYTES >> 20} MB; make its pictures smaller"))
        with open_archive(io.BytesIO(self._content), self.path.name) as packed:
            packed.getinfo("word/document.xml")
            for entry in packed.infolist():
                text = entry.filename.endswith((".xml", ".rels"))
                if entry.file_size > (MOST_TEXT if text else MOST_BYTES * 2):
                    raise self._mistake(Text(f"其中的 {entry.filename} 过大", f"{entry.filename} in it is too large"))
                content = packed.read(entry) if text else b""
                # docxtpl looks for the end of each tag to the end of the document.
                if content.count(b"{") * len(content) > MOST_WORK:
                    raise self._mistake(Text("标签过多；请删减模板", "too many tags; shorten the template"))
                if b"<!DOCTYPE" in content:
                    raise self._mistake(Text("含有文档类型声明（DOCTYPE），Word 从不这样写；请用 Word 重新另存为 .docx",
                                             "it declares a document type (DOCTYPE), which Word never does; save it "
                                             "anew as .docx"))

    def _parts(self) -> Iterator[str]:
        """The text of the document, its headers and its footers, as Jinja is to read it."""
        document = _Docx(io.BytesIO(self._content))
        document.init_docx()
        yield document.patch_xml(document.get_xml())
        for uri in (document.HEADER_URI, document.FOOTER_URI):
            for _, part in document.get_headers_footers(uri):
                yield document.patch_xml(document.get_part_xml(part))

    def _check(self, part: str) -> None:
        lines = re.sub(r"<w:p([ >])", r"\n<w:p\1", part)
        if found := _FULL_WIDTH.search(_TAGS.sub("", part)):
            raise self._mistake(Text(f"“{found[0]}”是全角括号；占位符应写作半角的 {{{{ }}}} 或 {{% %}}",
                                     f"“{found[0]}”: full-width braces; placeholders have {{{{ }}}} or {{% %}}"))
        try:
            tree = self._environment.parse(lines)
            # Before it is compiled: Jinja works out then what does not depend on the letter, however large.
            if said := fault(tree):
                raise self._mistake(said)
            self._environment.from_string(lines)
        except RecursionError:
            raise self._mistake(Text("标签嵌套过深", "tags are nested too deeply")) from None
        except TemplateSyntaxError as error:
            near = _TAGS.sub("", "".join(lines.split("\n")[error.lineno - 1:error.lineno])).strip()[:40]
            raise self._mistake(Text(f"“{near}”附近的标签有误：{error.message}",
                                     f"a wrong tag near “{near}”: {error.message}")) from None
        for name in sorted(meta.find_undeclared_variables(tree)):
            if name not in PLACEHOLDERS:
                raise self._unknown(name, PLACEHOLDERS)
        for name in _fields(tree):
            if name not in _FIELDS:
                raise self._unknown(name, {**OF_MATTER, **OF_BASIS})

    def _unknown(self, name: str, known: Mapping[str, Text]) -> BadInput:
        near = nearest(name, list(known))
        return self._mistake(Text(f"没有占位符“{name}”{near.zh or '；'}可用：{'、'.join(known)}",
                                  f"there is no placeholder “{name}”{near.en or ';'} known: {', '.join(known)}"))

    def _mistake(self, message: Text) -> BadInput:
        one_line = [" ".join(said.split()) for said in (message.zh, message.en)]
        return BadInput(Text(f"模板 {self.path}：{one_line[0]}", f"template {self.path}: {one_line[1]}"))


def _torn(error: _Torn) -> Text:
    return Text(f"套打后不成文档，多半是循环或条件的标签没有各占一段（写作 {{%p … %}}）：{error}",
                f"filled in it is no document, probably since the tags of a loop or condition do not stand in "
                f"paragraphs of their own (as {{%p … %}}): {error}")


def _fields(tree: nodes.Template) -> list[str]:
    """Every name after a dot or in brackets, in order."""
    dotted = {node.attr for node in tree.find_all(nodes.Getattr)}
    bracketed = {node.arg.value for node in tree.find_all(nodes.Getitem)
                 if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str)}
    return sorted(dotted | bracketed)


class Templates:
    """The templates in use. All in ``folder`` are checked at once; raises :class:`~facts.errors.BadInput`."""

    def __init__(self, folder: Path | None = None) -> None:
        environment = _Environment()
        self._environment = environment
        self._own: dict[str, Template] = {}
        self._products: dict[str, Template] = {}
        if folder is None:
            return
        if not folder.is_dir():
            raise BadInput(Text(f"没有文件夹 {folder}；zhiben notices templates -o DIR 可取出模板",
                                f"there is no folder {folder}; zhiben notices templates -o DIR writes the templates"))
        # Word leaves a file ~$… beside one that is open.
        for path in sorted(each for each in folder.iterdir() if not each.name.startswith(("~$", "."))):
            if path.suffix.lower() not in (".docx", ".doc", ".dotx", ".docm", ".wps"):
                continue
            if path.suffix.lower() != ".docx" or path.stem not in (*KINDS, COMMON):
                near = nearest(path.stem, [*KINDS, COMMON])
                names = ", ".join(f"{name}.docx" for name in (*KINDS, COMMON))
                raise BadInput(Text(f"模板 {path}：不对应任何措施{near.zh or '；'}可用：{names}",
                                    f"template {path}: of no step{near.en or ';'} known: {names}"))
            self._own[path.stem] = Template(path, environment)

    def of(self, step: str) -> Template:
        """The template for letters of a kind: the bureau's, the bureau's common one, the product's."""
        for name in (step, COMMON):
            if name in self._own:
                return self._own[name]
        name = step if (TEMPLATES / f"{step}.docx").exists() else COMMON
        if name not in self._products:
            self._products[name] = Template(TEMPLATES / f"{name}.docx", self._environment)
        return self._products[name]


def _dateless(made: io.BytesIO) -> bytes:
    """The zip file without the time at which it was made."""
    again = io.BytesIO()
    with zipfile.ZipFile(made) as packed, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as out:
        for name in packed.namelist():
            out.writestr(zipfile.ZipInfo(name, _LONG_AGO), packed.read(name), zipfile.ZIP_DEFLATED)
    return again.getvalue()
