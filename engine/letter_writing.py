"""Filling in the Word templates of letters (通知文书的套打).

One template for each kind of letter, ``STEP.docx``, and ``common.docx`` for those that have none. A bureau's own folder
comes first; what is not there is taken from the product's. A template is checked before it is used: what it asks for
must be there, and its tags must be whole.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.errors import nearest
from engine.letter_words import OF_BASIS, OF_MATTER, PLACEHOLDERS
from engine.letters import KINDS
from facts.errors import BadInput
from facts.language import Text

#: The product's own templates.
TEMPLATES = Path(__file__).with_name("letter_templates")
#: The template of every kind of letter that has none of its own.
COMMON = "common"

#: What Jinja itself says of the turn of a loop.
_OF_LOOP = ("index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem")
_FIELDS = {*OF_MATTER, *OF_BASIS, *_OF_LOOP}
_FULL_WIDTH = re.compile(r"｛[｛{%％]|{[｛％]|[｝}%％]｝|[｝％]}")
_TAGS = re.compile(r"<[^>]+>")
#: As the zip format has it: the date that no zip file can be older than.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


class _Environment(ImmutableSandboxedEnvironment):
    """Templates may come from anywhere: they read what they are given and call nothing else. Each is compiled once."""

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
            self._content = path.read_bytes()
            with zipfile.ZipFile(io.BytesIO(self._content)) as packed:
                packed.getinfo("word/document.xml")
            parts = list(self._parts())
        except (zipfile.BadZipFile, KeyError, ValueError):
            raise self._mistake(Text("不是 Word 文档（.docx）；请用 Word 另存为 .docx", "no Word document; save it as "
                                     ".docx in Word")) from None
        except OSError as error:
            raise self._mistake(Text(f"读不了：{error.strerror}", f"cannot be read: {error.strerror}")) from None
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
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            raise self._mistake(Text(f"套打不了：{error}", f"it cannot be filled in: {error}")) from None
        made = io.BytesIO()
        document.save(made)
        return _dateless(made)

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
            self._environment.from_string(lines)
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
