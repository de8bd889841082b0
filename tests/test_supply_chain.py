"""What the program is made of, and what is known against it: nothing is called safe that was not looked up."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).parents[1]
_LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-audit.txt")
_AUDIT = _ROOT / ".audit"


def _loaded() -> Any:
    spec = importlib.util.spec_from_file_location("audit", _ROOT / ".ci" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


audit = _loaded()


@pytest.fixture
def lock(tmp_path: Path) -> str:
    file = tmp_path / "lock.txt"
    file.write_text("# made by hand\nalpha==1.0 \\\n    --hash=sha256:00\n    # via beta\n"
                    "Beta_C[extra]==2.0 ; sys_platform == 'win32' \\\n    --hash=sha256:01\n")
    return str(file)


def told(**services: Mapping[str, Sequence[str] | None]) -> Any:
    """A service that knows so much of each package; ``None``: nothing could be found out."""

    def ask(service: str, packages: Mapping[str, str]) -> list[dict[str, Any]]:
        of = services.get(service, {})
        return [{"name": name, "skip_reason": "not found"} if of[name] is None else
                {"name": name, "version": version, "vulns": [{"id": each, "fix_versions": ["9"]} for each in of[name]]}
                for name, version in packages.items() if name in of]

    return ask


def test_the_lock_is_read_for_every_system(lock: str) -> None:
    assert audit.pinned(lock) == {"alpha": "1.0", "beta-c": "2.0"}
    for name in _LOCKS:
        text = (_ROOT / name).read_text()
        assert len(audit.pinned(_ROOT / name)) == len(re.findall(r"^[\w.\[\]-]+==", text, re.MULTILINE)) > 20


@pytest.mark.parametrize(("services", "status", "out", "err"), [
    ({"pypi": {"alpha": [], "beta-c": []}}, 0, "no known vulnerabilities", ""),
    ({"pypi": {"alpha": [], "beta-c": None}, "osv": {"alpha": [], "beta-c": []}}, 0, "no known vulnerabilities", ""),
    ({"pypi": {"alpha": ["X-1"], "beta-c": []}}, 1, "alpha 1.0: X-1", ""),
    ({"pypi": {"alpha": ["X-1"], "beta-c": None}}, 1, "alpha 1.0: X-1", "1 of 2"),
    ({"pypi": {"alpha": [], "beta-c": None}}, 3, "", "beta-c==2.0"),
    ({"pypi": {"alpha": []}}, 3, "", "NOT AUDITED"),
    ({"pypi": {"alpha": None, "beta-c": None}}, 3, "", "2 of 2"),
    ({}, 3, "", "未能审计"),
])
def test_what_could_not_be_looked_up_is_never_called_safe(lock: str, services: Any, status: int, out: str, err: str,
                                                          capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.audit([lock], told(**services)) == status
    said = capsys.readouterr()
    assert out in said.out
    assert err in said.err
    if status:
        assert "no known" not in said.out + said.err


def test_every_locked_package_has_hashes() -> None:
    for name in _LOCKS:
        for part in re.split(r"\n(?=[\w.\[\]-]+==)", (_ROOT / name).read_text())[1:]:
            assert "--hash=sha256:" in part, part


@pytest.mark.skipif(not list(_AUDIT.glob("ready-*")), reason="`make sbom` has not been run here")
def test_the_list_of_parts_names_every_package_and_is_always_the_same(tmp_path: Path) -> None:
    made = []
    for name in ("one.json", "two.json"):
        subprocess.run([_AUDIT / "bin" / "cyclonedx-py", "requirements", "--output-reproducible", "--validate",
                        "--spec-version", "1.6", "--pyproject", "pyproject.toml", "-o", tmp_path / name,
                        "requirements.txt"], cwd=_ROOT, check=True, capture_output=True,
                       env={**os.environ, "PYTHONWARNINGS": "ignore"})
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    document = json.loads(made[0])
    assert {each["name"]: each["version"] for each in document["components"]} == audit.pinned(
        _ROOT / "requirements.txt")
    hashes = {hash_["content"] for each in document["components"] for reference in each["externalReferences"]
              for hash_ in reference["hashes"]}
    assert hashes == set(re.findall(r"sha256:([0-9a-f]{64})", (_ROOT / "requirements.txt").read_text()))
    assert str(_ROOT) not in made[0].decode()
