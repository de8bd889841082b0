"""The wheel is the whole program: installed in an empty folder, with the locked runtime packages and nothing else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.markers import Marker

ROOT = Path(__file__).parents[1]
PACKAGES = ("facts", "engine", "rules")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the working tree."""
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", target], cwd=ROOT, check=True)
    (built,) = target.glob("zhiben-*.whl")
    return built


def _link_locked_packages(site: Path) -> None:
    """Puts what requirements.txt names into ``site``, so that neither a test tool nor the source tree is to be seen."""
    for name, marker in re.findall(r"^([\w.-]+)==[^;\n]*?(?:; (.*?))? \\$", (ROOT / "requirements.txt").read_text(),
                                   flags=re.MULTILINE):
        if marker and not Marker(marker).evaluate():
            continue
        installed = distribution(name)
        for top in {file.parts[0] for file in installed.files or ()} - {"..", "__pycache__"}:
            if not (site / top).exists():
                (site / top).symlink_to(Path(str(installed.locate_file(top))).resolve())


@pytest.fixture(scope="module")
def zhiben(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs the installed program in an empty folder."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home / "venv", symlinks=True)
    python = home / "venv" / "bin" / "python"
    (site,) = (home / "venv" / "lib").glob("python*/site-packages")
    _link_locked_packages(site)
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    subprocess.run([*pip, "install", "--quiet", "--no-index", "--no-deps", str(wheel)], check=True)
    subprocess.run([*pip, "check"], check=True)
    folder = home / "empty"
    folder.mkdir()
    environment = {"PATH": os.defpath, "HOME": str(home), "ZHIBEN_DB": "sqlite:///ledger.db"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(home / "venv" / "bin" / "zhiben"), *arguments]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8")

    return run


def test_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    source = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == source


def test_main_job_from_an_empty_folder(zhiben: Run) -> None:
    for arguments in (
        ("example", "-o", "ledger.xlsx"),
        ("import", "ledger.xlsx"),
        ("sweep", "--as-of", "2025-03-31", "--format", "json"),
        ("export", "violations", "--as-of", "2025-03-31", "--format", "json"),
    ):
        done = zhiben(*arguments)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    violations = json.loads(done.stdout)
    assert violations, "the example ledger has violations"
    queried = zhiben("query", violations[0]["uscc"], "--as-of", "2025-03-31", "--format", "json")
    assert queried.returncode == 0, queried.stderr
    assert json.loads(queried.stdout)["violations"]
