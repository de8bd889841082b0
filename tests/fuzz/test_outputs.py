"""What comes in as odd text goes out as text: no formula, no escape sequence, no path."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli import main
from tests.cli.conftest import on_a_terminal
from tests.facts.ledgers import code, write_folder

NAMES = (
    "=cmd|' /C calc'!A0",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "＝1+1",
    "[red]红[/red]",
    "{{ 7*7 }}",
    "a\u202egpj.exe",
    "<w:p>&amp;",
    "../../etc/passwd",
    "%s{0}{x}",
    "“引号”",
    "'=1",
)
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def run(*words: str) -> Result:
    result = CliRunner().invoke(main, ["--lang", "zh", *words], env={"ZHIBEN_NOW": "2025-03-01T09:00"})
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a database of enterprises and an authority that have odd names."""
    monkeypatch.chdir(tmp_path)
    write_folder(
        Path("台账"),
        {
            "企业": [
                ["统一社会信用代码", "企业名称", "行政区划代码", "行业领域", "高危", "成立日期", "台账起始日期"],
                *(
                    [code(n), name, "120102", "餐饮", "是", "2020-01-01", "2020-01-01"]
                    for n, name in enumerate(NAMES, 1)
                ),
            ],
            "部门": [["部门代码", "部门名称", "行政区划代码", "部门类别"], ["../../x|=1", "=1+1", "120102", "商务局"]],
        },
    )
    run("import", "台账")
    return tmp_path


def test_exports_cannot_run(folder: Path) -> None:
    text = run("export", "violations", "--format", "csv").stdout
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert {row[1].lstrip("'").strip() for row in rows[1:]} >= {name.lstrip("'").strip() for name in NAMES[:4]}
    assert not [cell for row in rows for cell in row if cell.startswith(FORMULAS)]
    run("export", "violations", "--format", "xlsx", "-o", "a.xlsx")
    with zipfile.ZipFile("a.xlsx") as packed:
        assert not any(b"<f>" in packed.read(name) for name in packed.namelist() if "sheets/" in name)
    named = {row["name"] for row in json.loads(run("export", "violations", "--format", "json").stdout)}
    assert "=cmd|' /C calc'!A0" in named


def test_a_terminal_obeys_nobody_but_the_program(folder: Path) -> None:
    shown = on_a_terminal(
        "query", code(7), ZHIBEN_DB="sqlite:///zhiben.db", ZHIBEN_NOW="2025-03-01T09:00", LANG="zh_CN.UTF-8"
    )
    assert "[red]红[/red]" in shown
    shown = on_a_terminal(
        "find", "gpj", ZHIBEN_DB="sqlite:///zhiben.db", ZHIBEN_NOW="2025-03-01T09:00", LANG="zh_CN.UTF-8"
    )
    assert "agpj.exe" in shown
    assert "\x1b" not in shown


def test_letters_stay_in_their_folder_and_run_nothing(folder: Path) -> None:
    run("sweep", "--as-of", "2025-03-01")
    before = set(folder.rglob("*"))
    run("notices", "-o", "letters", "--as-of", "2025-03-01")
    made = set(folder.rglob("*")) - before
    assert len(made) > len(NAMES)
    assert all(path == folder / "letters" or path.parent == folder / "letters" for path in made)
    letters = {}
    for path in made - {folder / "letters"}:
        with zipfile.ZipFile(path) as packed:
            parts = {name: packed.read(name).decode() for name in packed.namelist() if name.endswith(".xml")}
        assert not any("<f>" in part for part in parts.values())
        letters[path.name] = parts.get("word/document.xml", "")
    assert any("{{ 7*7 }}" in text for text in letters.values())
    assert any("&lt;w:p&gt;&amp;amp;" in text for text in letters.values())
