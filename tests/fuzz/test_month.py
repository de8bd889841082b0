"""A month of uploads (一个月的上报): good ledgers, bad ones and spoilers, day by day, into one database.

The oracle is a second database that is only given what was accepted: both must say the same of every enterprise.
"""

from __future__ import annotations

import hashlib
import random
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli import main
from facts.store.database import open_database
from facts.store.reading import dossiers
from tests.facts.ledgers import code, write_folder, write_workbook
from tests.fuzz.effort import TIMES
from tests.fuzz.spoilers import SPOILERS

ENTERPRISES = ("统一社会信用代码", "企业名称", "成立日期", "生效日期", "从业人员数", "行业领域")
RECORDS = ("统一社会信用代码", "事项", "日期", "佐证")
#: What people write into cells.
ODD = (
    "=1+1",
    "'",
    "2024-02-30",
    "\u202e甲",
    "１２",
    "1e5",
    "x" * 3000,
    "\x1b[31m",
    "NaN",
    "",
    " ",
    "无",
    "-1",
    "九人",
    "#N/A",
)
SLOW = {
    "a_million_blank_rows_and_more",
    "nothing_but_mistakes",
    "one_key_ten_thousand_times",
    "twenty_megabytes_in_a_cell",
}
DAYS = 30


def run(db: Path, *words: str, day: date) -> Result:
    return CliRunner().invoke(main, ["--db", f"sqlite:///{db}", *words], env={"ZHIBEN_NOW": f"{day}T09:00"})


def upload(folder: Path, dice: random.Random, day: date) -> Path:
    """What comes in on a day."""
    folder.mkdir()
    what = dice.choice(("good", "good", "odd", "odd", "damaged", "spoiler"))
    if what == "spoiler":
        make, _ = SPOILERS[dice.choice(sorted(SPOILERS.keys() - SLOW))]
        return make(folder)
    codes = [code(n) for n in dice.sample(range(1, 12), dice.randint(1, 6))]
    enterprises = [
        [c, f"企业{dice.randint(1, 99)}", "2019-01-01", day.isoformat(), dice.randint(0, 300), "餐饮"] for c in codes
    ]
    records = [
        [c, dice.choice(("防火检查", "疏散逃生演练")), (day - timedelta(dice.randint(0, 9))).isoformat(), f"照片{c}"]
        for c in codes
        for _ in range(dice.randint(0, 2))
    ]
    sheets = {"企业": [ENTERPRISES, *enterprises], "履职记录": [RECORDS, *records]}
    if what == "odd":
        for _ in range(dice.randint(1, 3)):
            row = dice.choice(enterprises + records)
            row[dice.randrange(len(row))] = dice.choice(ODD)
    path = (
        write_workbook(folder / "台账.xlsx", sheets) if dice.random() < 0.5 else write_folder(folder / "台账", sheets)
    )
    if what == "damaged":
        victim = path if path.is_file() else path / "企业.csv"
        content = bytearray(victim.read_bytes())
        for _ in range(dice.randint(1, 6)):
            content[dice.randrange(len(content))] = dice.randrange(256)
        victim.write_bytes(content[: dice.randint(1, len(content))] if dice.random() < 0.3 else content)
    return path


@pytest.mark.parametrize("seed", range(TIMES))
def test_a_month_of_uploads(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    ours, theirs = tmp_path / "ours.db", tmp_path / "theirs.db"
    statuses: list[int] = []
    for number in range(DAYS):
        day = date(2025, 3, 1) + timedelta(number)
        path = upload(tmp_path / str(number), dice, day)
        before = ours.read_bytes() if ours.exists() else b""
        result = run(ours, "import", str(path), day=day)
        assert result.exit_code in (0, 2), (path, result.output)
        assert "Traceback" not in result.output
        statuses.append(result.exit_code)
        if result.exit_code == 0:
            assert run(theirs, "import", str(path), day=day).exit_code == 0
        else:
            assert result.stderr.strip()
            now = ours.read_bytes() if ours.exists() else b""
            assert hashlib.sha256(now).digest() == hashlib.sha256(before).digest()
        shutil.rmtree(tmp_path / str(number))
    # Otherwise nothing has been shown.
    assert statuses.count(0) >= 5
    assert statuses.count(2) >= 5
    last = date(2025, 4, 1)
    assert run(ours, "verify", day=last).exit_code == 0
    told = [list(dossiers(open_database(f"sqlite:///{db}"))) for db in (ours, theirs)]
    assert told[0] == told[1]
    assert told[0]
