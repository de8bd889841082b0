"""Calling ``zhiben rules`` as authors do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli import main

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run("lint", …, code=0)``: call a command of ``zhiben rules`` in an empty folder and check its exit status."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZHIBEN_NOW", "2025-03-01T09:00")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, ["rules", *words])
        assert result.exit_code == code, (result.output, result.exception)
        assert "Traceback" not in result.output
        return result

    return invoke
