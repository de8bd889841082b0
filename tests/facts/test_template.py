"""The template reads back as an empty ledger, and what is chosen from its lists is understood."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from facts.language import Language, Text
from facts.models import DeclaredFact
from facts.template import write_template
from facts.vocabulary import AUTHORITIES, AUTHORITY_KINDS, KINDS, RECORDS, SECTORS, SHEETS, Type
from tests.facts.ledgers import A, lines, read, warnings

DECLARED = {"risk_level": DeclaredFact("risk_level", Text("风险等级", "risk level"), Type.INT)}
KIND = {"pest_control": Text("虫害防治", "pest control")}
SECTOR = {"bakery": Text("烘焙", "bakery")}
AUTHORITY_KIND = {"fire_rescue": Text("消防救援", "fire rescue")}


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


@pytest.fixture
def path(tmp_path: Path, language: Language) -> Path:
    write_template(tmp_path / "template.xlsx", language, DECLARED, KIND, SECTOR, AUTHORITY_KIND)
    return tmp_path / "template.xlsx"


def test_it_reads_back_without_a_word(path: Path) -> None:
    ledger = read(path, declared=DECLARED.values())
    assert lines(ledger) == []
    assert warnings(ledger) == []
    assert set(ledger.rows) == {sheet.name for sheet in SHEETS}


def test_every_column_is_there(path: Path, language: Language) -> None:
    book = openpyxl.load_workbook(path)
    for sheet in SHEETS:
        headers = [cell.value for cell in book[sheet.label(language)][1]]
        expected = [column.label(language) for column in sheet.columns]
        if sheet.name == "enterprises":
            expected.insert(-1, DECLARED["risk_level"].label(language))
        assert headers == expected


def test_every_choice_is_understood(path: Path, language: Language) -> None:
    book = openpyxl.load_workbook(path)
    notes = book[Text("说明", "notes")(language)]
    lists = [[c.value for c in column if c.value][1:] for column in notes.iter_cols(min_row=6, max_col=3)]
    assert [len(words) for words in lists] == [len(SECTORS) + 1, len(KINDS) + 1, len(AUTHORITY_KINDS) + 1]
    enterprises, authorities, records = (book[sheet.label(language)] for sheet in SHEETS[:3])
    at = {cell.value: cell.column for cell in enterprises[1]}
    enterprises.cell(2, at[SHEETS[0].column("uscc").label(language)], A)
    enterprises.cell(2, at[SHEETS[0].column("registered_on").label(language)], "2020-01-01")
    enterprises.cell(2, at[SHEETS[0].column("sectors").label(language)], "；".join(lists[0]))
    for row, kind in enumerate(lists[1], 2):
        for column, value in enumerate([A, kind, "2024-01-01"], 1):
            records.cell(row, column, value)
    for row, kind in enumerate(lists[2], 2):
        for column, value in ((1, f"BM-{row}"), (4, kind)):
            authorities.cell(row, column, value)
    book.save(path)
    ledger = read(path, declared=DECLARED.values(), kinds=KIND, sectors=SECTOR, authority_kinds=AUTHORITY_KIND)
    assert lines(ledger) == []
    assert set(ledger.rows["enterprises"][0].sectors) == set(SECTORS) | {"bakery"}
    assert {row.kind for row in ledger.rows["records"]} == set(KINDS) | {"pest_control"}
    assert {row.kind for row in ledger.rows["authorities"]} == set(AUTHORITY_KINDS) | {"fire_rescue"}


def test_drop_downs_and_notes(path: Path, language: Language) -> None:
    book = openpyxl.load_workbook(path)
    page = book[SHEETS[0].label(language)]
    ranges = {str(v.sqref).split(":")[0]: v.formula1 for v in page.data_validations.dataValidation}
    at = {cell.value: cell for cell in page[1]}
    gas = at[SHEETS[0].column("uses_gas").label(language)]
    assert ranges[f"{gas.column_letter}2"] == ('"是,否"' if language == "zh" else '"yes,no"')
    sectors = at[SHEETS[0].column("sectors").label(language)]
    assert "$A$7:$A$" in ranges[f"{sectors.column_letter}2"]
    drill = at[SHEETS[0].column("last_drill").label(language)]
    assert ("无" if language == "zh" else "never") in drill.comment.text


def test_authorities_have_their_drop_down_and_notes(path: Path, language: Language) -> None:
    book = openpyxl.load_workbook(path)
    page, records = book[AUTHORITIES.label(language)], book[RECORDS.label(language)]
    code, _, _, kind, _ = page[1]
    [formula] = [v.formula1 for v in page.data_validations.dataValidation if str(v.sqref).startswith("D2:")]
    assert kind.value == AUTHORITIES.column("kind").label(language)
    assert formula.endswith(f"$C$7:$C${6 + len(AUTHORITY_KINDS) + 1}")
    assert ("2 至 40 个字符" if language == "zh" else "2 to 40 characters") in code.comment.text
    assert ("部门代码" if language == "zh" else "authority") in records["A1"].comment.text
