"""pyproject.toml declares what the packages import: nothing missing, nothing left over."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("facts", "engine", "rules")
_INSTALLED = packages_distributions()
#: The only modules that need these extras.
EXTRAS = {
    extra: {ROOT / "engine" / f"{name}.py" for name in names} for extra, names in {
        "scenarios": ("bindings", "feature_files", "scenario", "scenario_packs", "scenario_runs", "sentences"),
        "cluster": ("cluster", "cluster_tasks"),
    }.items()
}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _declared(requirements: list[str]) -> set[str]:
    return {_canonical(re.match(r"[\w.-]+", requirement)[0]) for requirement in requirements}


def _imported(path: Path) -> Iterator[str]:
    """The distributions that a module imports from; raises ``KeyError`` for one that is not installed."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        for top in {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - set(PACKAGES):
            yield _canonical(_INSTALLED[top][0])


def test_every_import_is_declared_and_every_declaration_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    modules = {path for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    plain = modules.difference(*EXTRAS.values())
    imported = {name for path in plain for name in _imported(path)} - {"pydantic-core"}
    assert imported == _declared(project["dependencies"])
    for extra, of_it in EXTRAS.items():
        further = {name for path in of_it for name in _imported(path)} - imported
        assert further == _declared(project["optional-dependencies"][extra])


def test_every_declaration_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert _declared(project["dependencies"]) <= set(map(_canonical, locked))
