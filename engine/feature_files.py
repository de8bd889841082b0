"""Feature files (场景文件): which there are, and what keeps one from being read.

:func:`faults` finds what would otherwise go wrong in silence or far from its cause: pytest-bdd keeps scenarios by name,
so that of two namesakes one would never run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pytest_bdd.exceptions import GherkinParseError
from pytest_bdd.feature import get_feature
from pytest_bdd.gherkin_parser import get_gherkin_document

from engine.yaml_source import UNSEEN
from facts.csv_files import open_regular
from facts.errors import BadInput
from facts.language import Text

#: With the byte order mark that some editors put first, or without.
ENCODING = "utf-8-sig"
#: The largest of the product has a fortieth of this.
LIMIT_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a feature file cannot be used, and in which line (from 1)."""

    file: Path
    line: int
    message: Text


def feature_files(paths: Iterable[Path]) -> list[Path]:
    """The .feature files at ``paths``, folders searched through and through; each once, in order.

    Raises :class:`~facts.errors.BadInput` for a path that is not there or holds none.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise BadInput(Text(f"没有 {path} 这个文件或文件夹；请给出 .feature 文件或所在文件夹",
                                f"there is no {path}; name a .feature file, or a folder of them"))
        files = sorted(path.rglob("*.feature")) if path.is_dir() else [path]
        if not files:
            raise BadInput(Text(f"{path} 中没有 .feature 文件", f"there is no .feature file in {path}"))
        if path.suffix != ".feature" and not path.is_dir():
            raise BadInput(Text(f"{path} 不是 .feature 文件", f"{path} is no .feature file"))
        found.update(dict.fromkeys(files))
    return list(found)


def faults(file: Path) -> list[Fault]:
    """What is wrong with the file as a whole; nothing of it can run until that is mended."""
    nothing = Fault(file, 1, Text("文件里没有场景", "there is no scenario in this file"))
    try:
        with open_regular(file) as stream:
            content = stream.read(LIMIT_BYTES + 1)
        if len(content) > LIMIT_BYTES:
            return [Fault(file, 1, Text(f"文件过大（上限 {LIMIT_BYTES // 1_000_000} MB）；请分成几个文件",
                                        f"the file is too large (limit {LIMIT_BYTES // 1_000_000} MB); split it"))]
        text = content.decode(ENCODING)
        if found := UNSEEN.search(text.replace("\r\n", "\n")):
            line = text.replace("\r\n", "\n").count("\n", 0, found.start()) + 1
            code = f"U+{ord(found[0]):04X}"
            return [Fault(file, line, Text(f"含有看不见的控制字符 {code}；请删去",
                                           f"holds the control character {code}; remove it"))]
        if not re.search(r"^\s*[^#\s]", text, re.MULTILINE):
            return [nothing]
        document = get_gherkin_document(str(file), ENCODING)
        feature = get_feature(str(file.parent), file.name, ENCODING)
    except GherkinParseError as error:
        return [Fault(file, error.line, Text(
            f"读不懂这一行：“{error.line_content.strip()}”；关键字应为 功能、背景、场景、假如、当、那么、而且，"
            "并在第一行写 # language: zh-CN",
            f"this line cannot be read: {error.line_content.strip()!r} ({error.message})"))]
    except UnicodeDecodeError:
        return [Fault(file, 1, Text("这个文件不是 UTF-8 编码；请另存为 UTF-8",
                                    "this file is not UTF-8; save it as UTF-8"))]
    except OSError as error:
        return [Fault(file, 1, Text(f"读不了这个文件（{error.strerror}）",
                                    f"this file cannot be read ({error.strerror})"))]
    children = document.feature.children
    children = [inner for child in children for inner in (child.rule.children if child.rule else [child])]
    written = [child.scenario for child in children if child.scenario]
    if not written:
        return [nothing]
    found: list[Fault] = []
    first: dict[str, int] = {}
    for scenario in written:
        line = scenario.location.line
        if (other := first.setdefault(scenario.name, line)) != line:
            found.append(Fault(file, line, Text(f"场景“{scenario.name}”与第 {other} 行的重名；请换一个名称",
                                                f"the scenario {scenario.name!r} has the name of the one on line "
                                                f"{other}; choose another")))
        elif not any(step.type == "then" for step in feature.scenarios[scenario.name].steps):
            found.append(Fault(file, line, Text(
                f"场景“{scenario.name}”什么也没检验；请写“那么 …”",
                f"the scenario {scenario.name!r} checks nothing; say with Then what must come out")))
    return found
