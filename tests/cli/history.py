"""A database with something in each of its tables."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from engine.cli import main
from tests.cli.ledger import ACCIDENT, ORGANISER, RESTAURANT, SHEETS, write_folder

LATE = {"records": [["uscc", "kind", "date"], [RESTAURANT, "evacuation_drill", "2025-02-20"]],
        "hazards": [["hazard_id", "uscc", "level", "found_on"], ["H-9", ORGANISER, "major", "2025-02-01"]],
        "coverage": [["kind", "division", "complete_from"], ["fire_check", "120102", "2024-01-01"]],
        "certificates": [["certificate_id", "uscc", "expires_on"], ["C-9", ORGANISER, "2025-12-01"]],
        "authorities": [["code", "name", "division"], ["河东商务", "河东区商务局", "120102"]]}
WRONG = {"records": [["uscc", "kind", "date"], [RESTAURANT, "evacuation_drill", "2024-06-01"]]}


def write_history(folder: Path) -> Path:
    """Imports, an undo, sweeps, waivers, letters, cases, operators: an SQLite database in ``folder``."""
    packs = "tianjin-hedong/commerce,tianjin-hedong/safety-committee,national/statutes"
    # Few enterprises: the whole database is verified once for each of its columns.
    few = {name: [head, *(row for row in rows if {RESTAURANT, ORGANISER, ACCIDENT}.intersection(map(str, row)))]
           for name, (head, *rows) in SHEETS.items()}
    for name, sheets in (("ledger", few), ("late", LATE), ("wrong", WRONG)):
        write_folder(folder / name, sheets)

    def at(moment: str, *words: str, token: str = "", code: int = 0) -> str:
        result = CliRunner().invoke(main, [words[0], "--db", f"sqlite:///{folder / 'zhiben.db'}", *words[1:]]
                                    if words[0] not in ("waive", "notices", "case", "import", "operators") else
                                    ["--db", f"sqlite:///{folder / 'zhiben.db'}", *words],
                                    env={"ZHIBEN_NOW": moment, "ZHIBEN_PACKS": packs, "ZHIBEN_TOKEN": token})
        assert result.exit_code == code, (words, result.output, result.exception)
        return result.stdout

    at("2025-01-20T09:00", "import", str(folder / "ledger"))
    at("2025-01-20T10:00", "sweep")
    at("2025-01-21T09:00", "waive", RESTAURANT, "evacuation_drill", "--from", "2025-01-21", "--to", "2025-12-31",
       "--by", "张三", "--reason", "停电")
    at("2025-01-22T09:00", "notices", "-o", str(folder / "letters"))
    at("2025-01-23T09:00", "import", str(folder / "wrong"))
    at("2025-01-24T09:00", "import", "undo", "2")
    at("2025-02-25T09:00", "import", str(folder / "late"))
    at("2025-02-25T10:00", "sweep")
    at("2025-02-26T09:00", "waive", "end", "1", "--by", "李四", "--reason", "来电")
    register = json.loads(at("2025-02-27T09:00", "notices", "list", "--format", "json"))
    at("2025-02-27T10:00", "notices", "sent", register["letters"][0]["number"], "--by", "王五")
    token = at("2025-02-27T11:00", "operators", "add", "赵六", "--role", "admin").strip()
    at("2025-02-27T11:10", "operators", "add", "钱七", "--role", "viewer", token=token)
    at("2025-02-27T11:20", "operators", "role", "钱七", "inspector", token=token)
    at("2025-02-27T11:30", "import", "undo", "1", code=3)
    cases = json.loads(at("2025-02-28T09:00", "cases", "--format", "json"))
    at("2025-02-28T10:00", "case", "notify", cases["cases"][0]["id"], "--reason", "已告知", token=token)
    return folder / "zhiben.db"
