"""The rows of a ledger as the program accepts them (台账行), one class a sheet.

Field names are the column names of :mod:`facts.vocabulary`; ``None`` means *not known* (未知). The classes are strict:
they take values of the right type only, so what stands in a row is what was meant. Turning the text of a cell into
such a value is the business of :mod:`facts.cells`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date as Date
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, TypeVar, dataclass_transform

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic.dataclasses import dataclass as pydantic_dataclass

from facts.language import Text
from facts.vocabulary import (
    ACCIDENTS,
    AUTHORITIES,
    CERTIFICATES,
    COVERAGE,
    ENTERPRISES,
    EXHIBITIONS,
    HAZARDS,
    RECORDS,
    Sheet,
    Type,
)

#: Longest free text of a cell, in characters.
TEXT_LIMIT = 2000
#: Longest identifier, name, kind or other short text, in characters.
SHORT_LIMIT = 200
#: Shortest and longest code of an authority, in characters.
CODE_LIMITS = 2, 40
#: Largest whole number; fits a signed 32-bit column.
INT_LIMIT = 2**31 - 1
#: Decimal numbers are below this and have at most :data:`DECIMAL_PLACES` places.
DECIMAL_LIMIT = Decimal(10) ** 12
DECIMAL_PLACES = 6
#: Dates outside these years are taken for slips of the pen; both ends are allowed.
FIRST_DAY, LAST_DAY = Date(1900, 1, 1), Date(2200, 12, 31)

_T = TypeVar("_T")
# A class learns how to validate when its first row is made: most commands make none.
_STRICT = ConfigDict(strict=True, extra="forbid", defer_build=True)
_USCC_FORM = re.compile(r"[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")


@lru_cache(maxsize=1 << 17)
def check_uscc(code: str) -> str:
    """``code`` itself if it is a unified social credit code (统一社会信用代码, GB 32100); else ``ValueError``.

    Asks python-stdnum for the check character only: its ``validate`` wants two digits in front, which refuses the
    codes of village collectives and cooperatives (N…), the army (A…) and others (Y…).
    """
    if not _USCC_FORM.fullmatch(code):
        raise ValueError("a credit code has 18 characters: digits and capital letters without I, O, S, V, Z")
    # Imported here, since it brings along half of the standard library, and most commands read no ledger.
    from stdnum.cn import uscc as gb32100

    if gb32100.calc_check_digit(code) != code[-1]:
        raise ValueError("the check character of the credit code is wrong")
    return code


def is_uscc(text: str) -> bool:
    """Whether ``text`` is a unified social credit code."""
    try:
        check_uscc(text)
    except ValueError:
        return False
    return True


Uscc = Annotated[str, AfterValidator(check_uscc)]
#: The code of an authority (部门代码): any text without white space.
AuthorityCode = Annotated[str, StringConstraints(min_length=CODE_LIMITS[0], max_length=CODE_LIMITS[1],
                                                 pattern=r"^\S+$")]
Division = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Short = Annotated[str, StringConstraints(min_length=1, max_length=SHORT_LIMIT)]
Long = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_LIMIT)]
Whole = Annotated[int, Field(ge=0, le=INT_LIMIT)]
Number = Annotated[Decimal, Field(ge=0, lt=DECIMAL_LIMIT, decimal_places=DECIMAL_PLACES)]
Day = Annotated[Date, Field(ge=FIRST_DAY, le=LAST_DAY)]
Last = Day | Literal["never"]


def _sorted_set(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


#: A set of names: order and repetitions say nothing, so rows that differ in them are equal.
Names = Annotated[tuple[Short, ...], AfterValidator(_sorted_set)]
#: What a fact declared by a pack may be: yes/no, whole number, decimal number, text, date.
Declared = bool | int | Decimal | Date | Annotated[str, StringConstraints(min_length=1, max_length=TEXT_LIMIT)]


@dataclass(frozen=True, slots=True)
class DeclaredFact:
    """A further fact of the enterprise that a rule pack declares (规则包声明的企业事实).

    ``type`` is one of BOOL, INT, DECIMAL, TEXT and DATE.
    """

    name: str
    label: Text
    type: Type


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(Field,))
def _row(cls: type[_T]) -> type[_T]:
    # Slotted dataclasses: a district's ledger has rows by the hundred thousand, and a BaseModel takes eight times
    # the memory and twice the time of these.
    return pydantic_dataclass(config=_STRICT, frozen=True, slots=True, kw_only=True)(cls)


@_row
class Row:
    """One row of a sheet; equal rows say the same. ``void`` withdraws the row of this key (作废)."""

    sheet: ClassVar[Sheet]

    void: bool = False

    def key(self) -> tuple[object, ...]:
        """The values that identify the row within its sheet, in the order of ``sheet.key``."""
        return tuple([getattr(self, name) for name in self.sheet.key])

    def values(self) -> dict[str, Any]:
        """The row as a mapping of column name to value, ``None`` for what is not known."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@_row
class EnterpriseRow(Row):
    """One version of an enterprise (企业版本). ``declared`` holds the known facts that packs declare, by name."""

    sheet: ClassVar[Sheet] = ENTERPRISES

    uscc: Uscc
    valid_from: Day
    name: Short | None = None
    division: Division | None = None
    sectors: Names | None = None
    industry_code: Short | None = None
    headcount: Whole | None = None
    dust_workers: Whole | None = None
    safety_officers: Whole | None = None
    safety_department: bool | None = None
    uses_gas: bool | None = None
    gas_alarm: bool | None = None
    high_risk: bool | None = None
    labor_intensive: bool | None = None
    plant_in_plant: bool | None = None
    above_limit: bool | None = None
    standardization: Short | None = None
    registered_on: Day | None = None
    closed_on: Day | None = None
    suspended: bool | None = None
    history_from: Day | None = None
    last_drill: Last | None = None
    last_leadership_inspection: Last | None = None
    declared: dict[str, Declared] = Field(default_factory=dict)


@_row
class AuthorityRow(Row):
    """An authority (部门): a bureau, a department, a street and the like, which has duties of its own."""

    sheet: ClassVar[Sheet] = AUTHORITIES

    code: AuthorityCode
    name: Short | None = None
    division: Division | None = None
    kind: Short | None = None


@_row
class RecordRow(Row):
    """Something done (履职记录); two on one day are one. ``uscc`` is the code of an enterprise or of an authority."""

    sheet: ClassVar[Sheet] = RECORDS

    uscc: AuthorityCode
    kind: Short
    date: Day
    amount: Number | None = None
    topic: Long | None = None
    evidence: Long | None = None


@_row
class HazardRow(Row):
    """A hidden danger (隐患)."""

    sheet: ClassVar[Sheet] = HAZARDS

    hazard_id: Short
    uscc: Uscc
    level: Literal["major", "general"] | None = None
    description: Long | None = None
    source: Literal["self_check", "inspection", "tip_off"] | None = None
    found_on: Day | None = None
    reported_on: Day | None = None
    deadline: Day | None = None
    rectified_on: Day | None = None
    refused_on: Day | None = None
    adverse_impact: bool | None = None
    penalized_on: Day | None = None


@_row
class AccidentRow(Row):
    """An accident (事故); ``direct_loss`` in 万元 (10 000 yuan)."""

    sheet: ClassVar[Sheet] = ACCIDENTS

    accident_id: Short
    uscc: Uscc
    occurred_on: Day | None = None
    deaths: Whole | None = None
    serious_injuries: Whole | None = None
    direct_loss: Number | None = None
    responsible: bool | None = None
    penalized_on: Day | None = None


@_row
class ExhibitionRow(Row):
    """An exhibition (展会)."""

    sheet: ClassVar[Sheet] = EXHIBITIONS

    exhibition_id: Short
    uscc: Uscc
    opens_on: Day | None = None
    expected_attendance: Whole | None = None
    emergency_plan_on: Day | None = None
    safety_plan_on: Day | None = None
    permit_applied_on: Day | None = None
    police_permit_on: Day | None = None


@_row
class CoverageRow(Row):
    """A claim that records of ``kind`` are complete from … to, both days included (台账范围).

    ``division`` ``None`` means all divisions, ``complete_to`` ``None`` an open end.
    """

    sheet: ClassVar[Sheet] = COVERAGE

    kind: Short
    division: Division | None = None
    complete_from: Day
    complete_to: Day | None = None


@_row
class CertificateRow(Row):
    """A special-operations certificate (特种作业证); ``expires_on`` is the last day it is good for."""

    sheet: ClassVar[Sheet] = CERTIFICATES

    certificate_id: Short
    uscc: Uscc
    trade: Short | None = None
    expires_on: Day | None = None
    renewed_on: Day | None = None


#: The class of each sheet's rows, by the sheet's English name.
ROWS: Mapping[str, type[Row]] = {
    model.sheet.name: model
    for model in (EnterpriseRow, AuthorityRow, RecordRow, HazardRow, AccidentRow, ExhibitionRow, CoverageRow,
                  CertificateRow)
}
