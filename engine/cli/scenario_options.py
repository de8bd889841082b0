"""What the commands that play scenarios are given (场景与规则包的选择): feature files and packs, found and checked."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.errors import PackError
from engine.packs import pack_paths, packaged_files, read_files
from facts.errors import BadInput
from facts.language import Text

if TYPE_CHECKING:  # needs the extra `scenarios`, which the rest of the program does without
    from engine.scenario_packs import Played

#: Where the scenarios are when nothing else is said.
FEATURES = Path("features")

form_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
                           help="output for people or for scripts · 输出格式")
features_option = click.option("--features", multiple=True, type=click.Path(path_type=Path), metavar="PATH",
                               help="feature files, or folders of them; default: ./features, or else beside the pack "
                                    "· 场景文件")
packs_argument = click.argument("names", nargs=-1, metavar="[PACK]...")


def need_scenarios() -> None:
    """Raises :class:`~facts.errors.BadInput` where the packages that read feature files are not installed."""
    if any(find_spec(name) is None for name in ("parse", "pytest", "pytest_bdd")):
        raise BadInput(Text("运行场景还需要 pytest-bdd，请执行：pip install 'zhiben[scenarios]'",
                            "scenarios also need pytest-bdd; run: pip install 'zhiben[scenarios]'"))


def feature_files(paths: Sequence[Path], packs: Sequence[Path] = ()) -> list[Path]:
    """The feature files at ``paths``, or in ./features, or else beside ``packs``, where `rules new` puts them.

    Raises :class:`~facts.errors.BadInput`.
    """
    from engine import feature_files

    beside = sorted({pack.parent for pack in packs if any(pack.parent.glob("*.feature"))})
    return feature_files.feature_files(paths or (beside if beside and not FEATURES.is_dir() else (FEATURES,)))


def pack_files(names: Sequence[str]) -> list[Path]:
    """The files of those packs, each given by a path or by the name of one of the product's; of none: all of these.

    Raises :class:`~facts.errors.BadInput`, or :class:`~engine.errors.PackError` for files that cannot be read.
    """
    paths = pack_paths(names)
    texts, _, unreadable = read_files(paths or packaged_files().values())
    if unreadable:
        raise PackError(unreadable)
    if not texts:
        raise BadInput(Text(f"{paths[0]} 中没有规则包（.yaml 文件）", f"there is no pack (.yaml file) in {paths[0]}"))
    return [Path(file).resolve() for file in texts]


def require_green(scenarios: Sequence[Played], packs: Sequence[Path]) -> None:
    """Raises :class:`~facts.errors.BadInput` if one of the packs has no scenario, or one that fails as it is."""
    from engine.scenario_packs import red

    users = {pack: [played for played in scenarios if pack.resolve() in played.resolved] for pack in packs}
    for pack, played in users.items():
        if not played:
            raise BadInput(Text(
                f"没有场景用到 {near(pack)}；请先写场景，或用 --features 指明场景文件",
                f"no scenario uses {near(pack)}; write one first, or say with --features where they are"))
    if place := red(dict.fromkeys(chain.from_iterable(users.values()))):
        raise BadInput(Text(f"{place}：这个场景现在就不通过；请先用 zhiben rules test 查明",
                            f"{place}: this scenario fails as it is; see zhiben rules test first"))


def near(file: Path) -> Path:
    """``file`` as seen from the current folder, where it is below it."""
    here = Path.cwd()
    return file.resolve().relative_to(here) if file.resolve().is_relative_to(here) else file
