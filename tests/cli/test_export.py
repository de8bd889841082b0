"""``zhiben export``: every kind in every format, and cells that a spreadsheet cannot run."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from pathlib import Path

import openpyxl
import pytest

from engine import everyone
from tests.cli import ledger
from tests.cli.conftest import Run, digest
from tests.cli.ledger import DAY

pytestmark = pytest.mark.usefixtures("folder")

KINDS = ["violations", "obligations", "escalations", "recommendations"]
FIELDS = {
    "violations": {"duty", "key", "status", "due_on", "opened_on", "closed_on", "overdue_days", "streak"},
    "obligations": {"duty", "key", "starts_on", "due_on", "verdict", "required", "done", "fulfilled_on"},
    "escalations": {"duty", "key", "step", "label", "level", "due_on"},
    "recommendations": {"id", "status", "kind", "since"},
}


def export(run: Run, kind: str, form: str = "json", *words: str, day: str = DAY) -> str:
    result = run("export", kind, "--format", form, "--as-of", day, *words)
    assert result.stderr == ""
    return result.stdout_bytes.decode()


def rows(run: Run, kind: str, *words: str, day: str = DAY) -> list[dict]:
    return json.loads(export(run, kind, "json", *words, day=day))


def spreadsheet(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_rows_in_every_format(run: Run, kind: str) -> None:
    found = rows(run, kind)
    assert bool(found) is (kind != "escalations")
    for row in found:
        assert list(row)[:2] == ["uscc", "name"]
        assert FIELDS[kind] <= set(row)
    assert [json.loads(line) for line in export(run, kind, "jsonl").splitlines()] == found
    plain = [{k: "" if v is None else str(v) for k, v in row.items()} for row in found]
    for row in plain:
        row["name"] = {"=1+1": "'=1+1", "+86便利店": "'+86便利店"}.get(row["name"], row["name"])
    assert spreadsheet(export(run, kind, "csv")) == plain
    export_file = run("export", kind, "--format", "xlsx", "--as-of", DAY, "-o", "out.xlsx")
    assert export_file.stdout == ""
    sheet = openpyxl.load_workbook("out.xlsx").active
    header, *cells = sheet.iter_rows(values_only=True)
    assert FIELDS[kind] <= set(header)
    assert [dict(zip(header, row, strict=True)) for row in cells] == found


@pytest.mark.parametrize("kind", KINDS)
def test_export_says_what_query_says(run: Run, kind: str) -> None:
    asked = json.loads(run("query", ledger.ORGANISER, "--as-of", DAY, "--format", "json").stdout)
    mine = [row for row in rows(run, kind) if row["uscc"] == ledger.ORGANISER]
    expected = asked.get(kind, [])
    shared = FIELDS[kind] & set(expected[0]) if expected else set()
    assert [{k: row[k] for k in shared} for row in mine] == [{k: row[k] for k in shared} for row in expected]


def test_enterprises_come_in_the_order_of_their_codes(run: Run) -> None:
    codes = [row["uscc"] for row in rows(run, "obligations")]
    assert codes == sorted(codes)
    # All but the one that was never in Hedong.
    assert len(set(codes)) == 13


def test_text_stays_text_and_numbers_stay_numbers(run: Run) -> None:
    run("export", "violations", "--format", "xlsx", "--as-of", DAY, "-o", "v.xlsx")
    run("export", "obligations", "--format", "xlsx", "--as-of", DAY, "-o", "o.xlsx")
    header, *cells = openpyxl.load_workbook("v.xlsx").active.iter_rows()
    column = {cell.value: n for n, cell in enumerate(header)}
    for row in cells:
        assert {row[column[name]].data_type for name in ("uscc", "key", "opened_on", "division")} == {"s"}
        assert row[column["streak"]].data_type == "n"
    names = {row[1].value: row[1].data_type for row in openpyxl.load_workbook("o.xlsx").active.iter_rows(min_row=2)}
    assert names["=1+1"] == "s"
    assert names["+86便利店"] == "s"


def test_no_csv_cell_can_run(run: Run) -> None:
    for row in spreadsheet(export(run, "obligations", "csv")):
        assert not any((value or "").startswith(("=", "+", "-", "@", "\t", "\r")) for value in row.values())


@pytest.mark.parametrize(("status", "expected"), [
    ("all", {"2024": "open", "2024Q3": "closed", "2024Q4": "closed"}), ("open", {"2024": "open"}),
    ("closed", {"2024Q3": "closed", "2024Q4": "closed"})])
def test_by_status(run: Run, status: str, expected: dict[str, str]) -> None:
    found = rows(run, "violations", "--status", status)
    assert {r["key"]: r["status"] for r in found if r["uscc"] == ledger.RESTAURANT} == expected


def test_closed_includes_lapsed(run: Run) -> None:
    statuses = {r["status"] for r in rows(run, "violations", "--status", "closed")}
    assert statuses == {"closed", "lapsed"}
    assert {r["status"] for r in rows(run, "violations", "--status", "open")} == {"open"}


def test_status_of_obligations_and_recommendations(run: Run) -> None:
    assert {r["verdict"] for r in rows(run, "obligations", "--status", "closed")} == {"fulfilled", "made_up"}
    everything = rows(run, "obligations")
    assert len(rows(run, "obligations", "--status", "open")) + len(
        rows(run, "obligations", "--status", "closed")) == len(everything)
    assert {r["status"] for r in rows(run, "recommendations", "--status", "open")} == {"proposed", "unknown"}


@pytest.mark.parametrize(("division", "expected"), [
    ("120103", {"戊超市"}), ("120104", set()), ("130000", set())])
def test_by_division(run: Run, division: str, expected: set[str]) -> None:
    assert {r["name"] for r in rows(run, "obligations", "--division", division)} == expected


def test_open_divisions_reach_those_within(run: Run) -> None:
    assert rows(run, "obligations", "--division", "120100") == rows(run, "obligations")
    assert rows(run, "obligations", "--division", "000000") == rows(run, "obligations")


@pytest.mark.parametrize("duty", ["evacuation_drill", "疏散逃生演练", "Evacuation drill"])
def test_by_duty(run: Run, duty: str) -> None:
    found = rows(run, "violations", "--duty", duty)
    assert {r["duty"] for r in found} == {"evacuation_drill"}
    assert len(found) == len([r for r in rows(run, "violations") if r["duty"] == "evacuation_drill"])


@pytest.mark.parametrize(("words", "said"), [
    (("--duty", "evacuation_dril"), "evacuation_drill"), (("--division", "12"), "120102"),
    (("--status", "lapsed"), "closed"), (("--as-of", "2025-02-30"), "2024-08-01"), (("--format", "pdf"), "xlsx")])
def test_wrong_words(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run("export", "violations", "--format", "csv", *words, code=2)
    assert result.stdout == ""
    assert said in result.stderr


def test_an_empty_result_still_has_its_columns(run: Run) -> None:
    nothing = ("--as-of", "2019-01-01")
    assert spreadsheet(run("export", "violations", "--format", "csv", *nothing).stdout) == []
    assert run("export", "violations", "--format", "csv", *nothing).stdout.startswith("\ufeffuscc,name,")
    assert json.loads(run("export", "violations", "--format", "json", *nothing).stdout) == []
    assert run("export", "violations", "--format", "jsonl", *nothing).stdout == ""
    run("export", "violations", "--format", "xlsx", *nothing, "-o", "nothing.xlsx")
    assert [row[:2] for row in openpyxl.load_workbook("nothing.xlsx").active.iter_rows(values_only=True)] == [
        ("uscc", "name")]


@pytest.mark.parametrize("form", ["csv", "xlsx", "json", "jsonl"])
def test_a_folder_that_is_not_there(run: Run, form: str) -> None:
    before = sorted(os.listdir())
    result = run("export", "violations", "--format", form, "-o", "no/such/file", code=3)
    assert len(result.stderr.splitlines()) == 1
    assert sorted(os.listdir()) == before


def test_a_file_is_replaced_only_by_a_whole_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("out.csv").write_text("what was there", encoding="utf-8")
    words = ("export", "violations", "--format", "csv", "--as-of", DAY, "-o", "out.csv")
    files = sorted(os.listdir())
    run(*words, "--db", "sqlite:///other.db", code=2)
    run(*words, "--duty", "no such duty", code=2)
    with monkeypatch.context() as broken:
        broken.setattr("engine.export.violation_row", _fail)
        run(*words, code=3)
    assert Path("out.csv").read_text(encoding="utf-8") == "what was there"
    assert sorted(os.listdir()) == files
    run(*words)
    assert Path("out.csv").read_bytes().startswith(b"\xef\xbb\xbfuscc,name")
    assert sorted(os.listdir()) == files


def _fail(_: object) -> None:
    raise OSError(28, "No space left on device")


def test_xlsx_needs_a_file(run: Run) -> None:
    assert "-o" in run("export", "violations", "--format", "xlsx", code=2).stderr


def test_names_for_people(run: Run) -> None:
    words = ("export", "violations", "--format", "csv", "--as-of", DAY, "--readable")
    zh, en = spreadsheet(run(*words).stdout), spreadsheet(run(*words, "--lang", "en").stdout)
    assert list(zh[0])[:3] == ["统一社会信用代码", "企业名称", "行政区划代码"]
    assert {"疏散逃生演练", "主要负责人带队检查"} <= {row["义务"] for row in zh}
    assert {row["状态"] for row in zh} == {"未了结", "已补做了结", "已失效"}
    assert {row["status"] for row in en} == {"open", "closed", "lapsed"}
    assert len(zh) == len(en)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("words", [
    ("export", "violations", "--format", "csv", "-o", "zhiben.db"),
    ("export", "violations", "--format", "xlsx", "-o", "zhiben.db-journal"),
    ("metrics", "-o", "zhiben.db"),
    ("example", "-o", "zhiben.db"),
    ("db", "backup", "zhiben.db", "--force"),
    ("schedule", "run", "--metrics", "zhiben.db"),
])
def test_no_output_takes_the_place_of_a_database(run: Run, words: tuple[str, ...]) -> None:
    before = digest()
    assert "zhiben.db" in run(*words, code=2).stderr
    assert digest() == before


def test_several_processes_say_what_one_says(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = export(run, "obligations", "jsonl", "--readable")
    monkeypatch.setattr(everyone, "worthwhile", lambda subjects: 2)
    monkeypatch.setattr(everyone, "RANGE", 2)
    assert export(run, "obligations", "jsonl", "--readable") == alone


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("words", [("export", "violations", "--format", "json", "-o"), ("example", "-o"),
                                   ("metrics", "-o")])
def test_what_is_no_file_stays_what_it_is(run: Run, words: tuple[str, ...]) -> None:
    """As root a device would else be gone, for all programs."""
    os.mkfifo("pipe")
    Path("real").write_text("before")
    Path("link").symlink_to("real")
    for place in ("pipe", ""):
        run(*words, place, code=3 if words[0] == "metrics" else 2)
    assert stat.S_ISFIFO(Path("pipe").stat().st_mode)
    run(*words, "link")
    assert Path("link").readlink() == Path("real")
    assert Path("real").read_bytes() != b"before"
