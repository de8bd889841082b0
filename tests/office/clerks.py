"""An office at work: processes that import, sweep, ask, waive, decide and send, all on one database at the same time.

``python -m tests.office.clerks URL SECONDS FOLDER NAME…`` lets one clerk of each name work, each in a process of its
own; what was done for good is written to FOLDER, one line of JSON each.
"""

from __future__ import annotations

import csv
import json
import os
import random
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from click.testing import CliRunner

from engine.cli import main
from tests.cli.ledger import code

DAY = "2025-03-20"
ENVIRONMENT = {"ZHIBEN_NOW": f"{DAY}T09:00", "ZHIBEN_TOKEN": "", "LANG": "", "LC_ALL": "zh",
               "ZHIBEN_PACKS": "tianjin-hedong/commerce,tianjin-hedong/safety-committee,national/statutes"}
#: The enterprises that are there from the beginning; all of them had an accident and missed their drills.
PRESENT = range(1, 13)
#: Whose records all importers write.
SHARED = code(1)
#: Somebody else was quicker, or is writing for too long: to be tried again.
NOT_NOW = 3


class Clerk:
    """Somebody at work; ``done`` says what was done for good."""

    def __init__(self, url: str, folder: Path, name: str, until: float) -> None:
        self.name = name
        self.folder = folder
        self._url = url
        self._until = until
        self._log = (folder / f"{name}.jsonl").open("w", encoding="utf-8")

    def at_work(self) -> Iterator[int]:
        """One after the other, at least one, until it is time to go."""
        yield 0
        number = 0
        while monotonic() < self._until:
            yield (number := number + 1)

    def run(self, *words: str, allowed: tuple[int, ...] = (0,)) -> Any:
        """Call the program, again as long as it says that it could not be done now."""
        end = monotonic() + 120
        while True:
            result = CliRunner().invoke(main, words, env={**ENVIRONMENT, "ZHIBEN_DB": self._url})
            if result.exception is not None and not isinstance(result.exception, SystemExit):
                raise result.exception
            assert "Traceback" not in result.output, result.output
            if result.exit_code in allowed:
                return result
            assert result.exit_code == NOT_NOW, (words, result.exit_code, result.output)
            assert monotonic() < end, (words, result.output)
            self.done("again", words=words[:2], why=result.stderr.strip())

    def done(self, what: str, **said: Any) -> None:
        """Write down what was done."""
        self._log.write(json.dumps({"what": what, "by": self.name, **said}, ensure_ascii=False) + "\n")
        self._log.flush()


def write(folder: Path, **sheets: list[list[Any]]) -> str:
    """A ledger of .csv files."""
    folder.mkdir(parents=True)
    for sheet, rows in sheets.items():
        with (folder / f"{sheet}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
    return str(folder)


def enterprise(number: int) -> list[Any]:
    """A restaurant of Hedong."""
    return [code(number), f"第{number}饭店", "120102", "餐饮", "2020-01-01", "2020-01-01", "2020-01-01"]


def waiving(uscc: str, key: str, by: str) -> tuple[str, ...]:
    """How one waives the drill of a year."""
    return ("waive", uscc, "evacuation_drill", "--key", key, "--from", DAY, "--to", "2199-12-31", "--reason", "停业",
            "--by", by)


def first_number(said: str) -> str:
    """The number by which the program calls what it has entered."""
    found = re.search(r"\d+", said)
    assert found is not None, said
    return found[0]


COLUMNS = ["uscc", "name", "division", "sectors", "registered_on", "valid_from", "history_from"]


def imports(clerk: Clerk) -> None:
    """A new enterprise each time, and a record of the one that all write to."""
    own = int(clerk.name[-1])
    for number in clerk.at_work():
        new, day = 1000 * own + number, f"2024-{number // 28 % 12 + 1:02d}-{number % 28 + 1:02d}"
        kind = ("fire_check", "fire_training", "risk_assessment", "responsibility_system")[own]
        ledger = write(clerk.folder / f"{clerk.name}-{number}", enterprises=[COLUMNS, enterprise(new)],
                       records=[["uscc", "kind", "date"], [SHARED, kind, day], [code(new), "fire_check", day]])
        said = clerk.run("import", ledger).stdout
        clerk.done("import", id=int(first_number(said)), ledger=ledger, new=code(new), record=[kind, day])


def sweeps(clerk: Clerk) -> None:
    """Sweeps, one after the other."""
    for _ in clerk.at_work():
        said = clerk.run("sweep", "--as-of", DAY, "--workers", "1", "--format", "json")
        clerk.done("sweep", **json.loads(said.stdout))


def asks(clerk: Clerk) -> None:
    """Whoever only reads is never refused, and always gets one state of the whole."""
    for _ in clerk.at_work():
        one = json.loads(clerk.run("query", SHARED, "--as-of", DAY, "--format", "json").stdout)
        assert one["enterprise"]["uscc"] == SHARED
        assert json.loads(clerk.run("verify", "--format", "json").stdout)["sound"]
        clerk.done("asked")


def waives(clerk: Clerk) -> None:
    """Waives a duty, and ends each second waiver."""
    chosen = random.Random(clerk.name)
    for number in clerk.at_work():
        whose, key = code(chosen.choice(PRESENT)), f"{2025 + number % 4}"
        words = waiving(whose, key, clerk.name)
        result = clerk.run(*words, allowed=(0, 2))
        if result.exit_code:
            # Somebody has waived it already.
            assert "重叠" in result.stderr, result.stderr
            clerk.done("refused", words=words[1:5])
            continue
        id_ = first_number(result.stdout)
        clerk.done("waive", id=int(id_), uscc=whose, key=key)
        if number % 2:
            clerk.run("waive", "end", id_, "--reason", "复业", "--by", clerk.name)
            clerk.done("waive end", id=int(id_))


def decides(clerk: Clerk) -> None:
    """Turns down every case there is; whoever comes second is told so."""
    listed = json.loads(clerk.run("cases", "--format", "json").stdout)["cases"]
    ids = [each["id"] for each in listed]
    random.Random(clerk.name).shuffle(ids)
    for number in clerk.at_work():
        if number == len(ids):
            return
        words = ("case", "reject", ids[number], "--by", clerk.name, "--reason", "不属实")
        while (result := CliRunner().invoke(main, words, env={**ENVIRONMENT, "ZHIBEN_DB": clerk._url})).exit_code == 3:
            # Overtaken by a sweep, or by the other: looked at anew.
            clerk.done("again", words=words[:2], why=result.stderr.strip())
        assert result.exit_code in (0, 2), result.output
        assert result.exit_code == 0 or "（decides" in result.stderr, result.output
        clerk.done("reject" if result.exit_code == 0 else "too late", case=ids[number])


def sends(clerk: Clerk) -> None:
    """Writes what letters there are to be written, and sends them."""
    for number in clerk.at_work():
        clerk.run("notices", "-o", str(clerk.folder / f"{clerk.name}-{number}"))
        letters = json.loads(clerk.run("notices", "list", "--format", "json").stdout)["letters"]
        for letter in [each for each in letters if each["state"] == "unsent"][:3]:
            result = clerk.run("notices", "sent", letter["number"], "--by", clerk.name, allowed=(0, 2))
            if result.exit_code == 0:
                clerk.done("sent", number=letter["number"])


TRADES: dict[str, Callable[[Clerk], None]] = {
    "imports": imports, "sweeps": sweeps, "asks": asks, "waives": waives, "decides": decides, "sends": sends}


def work(url: str, seconds: float, folder: Path, names: list[str]) -> bool:
    """Let all of them work; whether all went well."""
    until, children = monotonic() + seconds, []
    for name in names:
        if (child := os.fork()) == 0:
            status = 1
            with suppress(BaseException):
                try:
                    TRADES[name.rstrip("0123456789")](Clerk(url, folder, name, until))
                    status = 0
                except BaseException:
                    (folder / f"{name}.failed").write_text(traceback.format_exc())
            os._exit(status)
        children.append(child)
    failed = [child for child in children if os.waitpid(child, 0)[1]]
    return not failed


if __name__ == "__main__":
    sys.exit(not work(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]))
