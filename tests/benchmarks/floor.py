"""How long a district takes: `python tests/benchmarks/floor.py [ENTERPRISES]` imports and sweeps an invented ledger.

Three years of records for each enterprise, seeded; prints seconds, rates and the peak memory of the largest process.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter
from stdnum.cn import uscc

from facts.vocabulary import SECTORS

FIRST = date(2023, 1, 1)
DAYS = 3 * 365
COMMERCE = ["catering", "retail", "hotel", "mall", "wholesale", "wet_market", "fuel_retail", "household_services"]


def code(number: int) -> str:
    """A valid, invented credit code."""
    digits = f"91120102{number:09d}"
    return digits + uscc.calc_check_digit(digits)


def build(path: Path, enterprises: int) -> int:
    """Write the ledger; the number of records in it."""
    chance = random.Random(20240311)
    records = 0
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("企业")
        sheet.write_row(0, 0, ["统一社会信用代码", "企业名称", "行政区划代码", "行业领域", "从业人员数",
                               "专职安全管理人员数", "安全生产管理机构", "成立日期", "生效日期", "台账起始日期"])
        for n in range(enterprises):
            sector = chance.choice(COMMERCE) if n % 5 else chance.choice(sorted(SECTORS))
            sheet.write_row(n + 1, 0, [code(n), f"测试企业{n:06d}", "120102", SECTORS[sector].zh,
                                       chance.randint(3, 300), chance.randint(0, 2), chance.choice(["是", "否"]),
                                       "2019-05-01", "2023-01-01", chance.choice(["2023-01-01", "2023-01-01", ""])])
        sheet = book.add_worksheet("履职记录")
        sheet.write_row(0, 0, ["统一社会信用代码", "事项", "日期"])
        kinds = [("主要负责人带队检查", 91), ("疏散逃生演练", 300), ("应急预案演练", 182), ("防火检查", 60)]
        for n in range(enterprises):
            days = {(kind, (FIRST + timedelta(days=offset + chance.randint(0, step // 2))).isoformat())
                    for kind, step in kinds for offset in range(0, DAYS, step) if chance.random() < 0.9}
            for kind, day in sorted(days):
                records += 1
                sheet.write_row(records, 0, [code(n), kind, day])
        sheet = book.add_worksheet("隐患")
        sheet.write_row(0, 0, ["隐患编号", "统一社会信用代码", "等级", "发现日期", "上报日期", "整改期限",
                               "整改完成日期"])
        for n in range(enterprises // 5):
            found = FIRST + timedelta(days=chance.randint(0, DAYS))
            later = [found + timedelta(days=chance.randint(0, 60)) for _ in range(3)]
            sheet.write_row(n + 1, 0, [f"YH-{n}", code(n * 5), chance.choice(["重大", "一般"]), found.isoformat(),
                                       *(d.isoformat() if chance.random() < 0.8 else "" for d in later)])
    return records


def timed(*command: str) -> float:
    """Seconds that one command takes as a process of its own."""
    started = time.monotonic()
    subprocess.run([str(Path(sys.executable).with_name("zhiben")), *command], check=True)
    return time.monotonic() - started


def main() -> None:
    enterprises = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        ledger, database = Path(folder) / "ledger.xlsx", f"sqlite:///{folder}/zhiben.db"
        records = build(ledger, enterprises)
        imported = timed("--db", database, "import", str(ledger))
        swept = timed("--db", database, "sweep", "--as-of", "2025-12-31")
        again = timed("--db", database, "sweep", "--as-of", "2025-12-31")
        asked = timed("--db", database, "query", code(7), "--as-of", "2025-12-31", "--format", "json")
        exported = timed("--db", database, "export", "violations", "--format", "xlsx", "--as-of", "2025-12-31", "-o",
                         f"{folder}/violations.xlsx")
        size = Path(f"{folder}/zhiben.db").stat().st_size / 1e6
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{enterprises} enterprises, {records} records, database {size:.0f} MB, largest process {peak:.0f} MB")
    for name, seconds in (("import", imported), ("sweep", swept), ("sweep again", again), ("query", asked),
                          ("export", exported)):
        print(f"{name:12} {seconds:7.2f} s {enterprises / seconds:10.0f} enterprises/s")


if __name__ == "__main__":
    main()
