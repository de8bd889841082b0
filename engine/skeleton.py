"""The beginning of a new pack (新规则包的骨架): the pack, its scenarios, and the schema for the author's editor."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from string import Template

from engine.pack_json_schema import PUBLISHED
from facts.errors import BadInput, CouldNotBeDone
from facts.language import Language, Text

_NAME = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*\Z")


def start_pack(name: str, folder: Path, language: Language) -> tuple[Path, ...]:
    """Writes pack ``name`` and its scenarios (in ``language``) below ``folder``; the files written.

    ``chicago/food`` becomes chicago/food.yaml and chicago/food.feature, beside them the schema unless it is there.
    Raises :class:`~facts.errors.BadInput` for a name that packs cannot have and where a file stands already, and
    :class:`~facts.errors.CouldNotBeDone` where it cannot be written.
    """
    if not _NAME.match(name):
        raise BadInput(Text(f"“{name}”不能作规则包的名称；应由小写字母、数字和连字符组成，可用 / 分级，如 chicago/food",
                            f"“{name}” cannot name a pack; use lower-case letters, digits and hyphens, with / for "
                            "levels, as chicago/food"))
    pack, feature = folder / f"{name}.yaml", folder / f"{name}.feature"
    for file in (pack, feature):
        if file.exists():
            raise BadInput(Text(f"{file} 已经存在，没有改动；请换一个名称",
                                f"{file} exists already and was left as it is; choose another name"))
    values = {"pack": name, "prefix": name.replace("/", "-").strip("-"), "file": pack.name, "feature": feature.name,
              "schema": PUBLISHED}
    schema = pack.parent / PUBLISHED
    texts = {pack: _filled("pack.yaml", values), feature: _filled(f"{language}.feature", values)}
    if not schema.exists():
        texts[schema] = resources.files("rules").joinpath(PUBLISHED).read_text(encoding="utf-8")
    try:
        pack.parent.mkdir(parents=True, exist_ok=True)
        for file, text in texts.items():
            with file.open("x", encoding="utf-8") as stream:
                stream.write(text)
    except OSError as error:
        raise CouldNotBeDone(Text(f"写不了 {file}：{error.strerror}",
                                  f"{file} cannot be written: {error.strerror}")) from error
    return tuple(texts)


def _filled(skeleton: str, values: dict[str, str]) -> str:
    text = resources.files("engine").joinpath("skeletons", skeleton).read_text(encoding="utf-8")
    return Template(text).substitute(values)
