"""The shape of a pack file (规则包格式): what keys it may have and what may stand in them.

Pydantic models of the author's YAML. What the keys mean together (facts that exist, duties that are not mixed) is
checked in :mod:`engine.packs`; conditions are read in :mod:`engine.condition_reader`.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from facts.language import Text
from facts.vocabulary import ITEM_SHEETS


def refuse(zh: str, en: str) -> PydanticCustomError:
    """An error of a pack's value in both languages, for validators to raise."""
    return PydanticCustomError("pack", "{en}", {"zh": zh, "en": en})


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a pack; ``assumption`` is the reason why it stands there when no source prints it (假定)."""

    value: int
    assumption: str | None = None


def read_figure(value: Any) -> Figure:
    """``3``, or ``{assumption: 3, reason: …}``; raises a validation error."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Figure(value)
    if isinstance(value, dict) and set(value) == {"assumption", "reason"}:
        number, reason = value["assumption"], value["reason"]
        if isinstance(number, int) and not isinstance(number, bool) and isinstance(reason, str) and reason.strip():
            return Figure(number, reason)
    raise refuse("应为整数；原文没有印出的数字写作 {assumption: 数字, reason: 理由}",
                 "expected a whole number; one that no source prints is written {assumption: number, reason: text}")


@dataclass(frozen=True, slots=True)
class Every:
    """``every:`` as written: a named unit, or a count of months or years."""

    name: str | None = None
    months: int = 0
    years: int = 0


def _read_every(value: Any) -> Every:
    if value in ("month", "quarter", "half_year", "year"):
        return Every(name=value)
    if isinstance(value, dict) and len(value) == 1:
        (key, count), = value.items()
        if key == "months" and count in (2, 4):
            return Every(months=count)
        named = {"months": {1: "month", 3: "quarter", 6: "half_year", 12: "year"}, "years": {1: "year"}}
        if isinstance(count, int) and (name := named.get(key, {}).get(count)):
            raise refuse(f"应写作 {name}", f"write it as {name}")
        if key == "years" and isinstance(count, int) and not isinstance(count, bool) and 2 <= count <= 50:
            return Every(years=count)
    raise refuse("应为 month、quarter、half_year、year，或 {months: 2}、{months: 4}、{years: n}（n ≥ 2）",
                 "expected month, quarter, half_year, year, or {months: 2}, {months: 4}, {years: n} with n at least 2")


def _read_bearers(value: Any) -> tuple[str, ...]:
    kinds = [value] if isinstance(value, str) else value
    if isinstance(kinds, list) and kinds and all(isinstance(kind, str) for kind in kinds):
        return tuple(kinds)
    raise refuse("应为部门类别，如 street，或几个类别的列表，如 [bureau, street]",
                 "expected a kind of authority, as street, or a list of them, as [bureau, street]")


@dataclass(frozen=True, slots=True)
class Demand:
    """Something that is asked for; ``assumption`` is the reason where no source says so (假定)."""

    assumption: str | None = None


def _read_demand(value: Any) -> Demand:
    if value is True:
        return Demand()
    if isinstance(value, dict) and set(value) == {"assumption", "reason"}:
        reason = value["reason"]
        if value["assumption"] is True and isinstance(reason, str) and reason.strip():
            return Demand(reason)
    raise refuse("应为 true；原文没有写明的，写作 {assumption: true, reason: 理由}；不要求的，请去掉",
                 "expected true; what no source says is written {assumption: true, reason: text}; leave it out where "
                 "it is not asked for")


def _positive(figure: Figure) -> Figure:
    if figure.value < 1:
        raise refuse("应至少为 1", "expected at least 1")
    return figure


Number = Annotated[Figure, BeforeValidator(read_figure)]
Count = Annotated[Figure, BeforeValidator(lambda v: _positive(read_figure(v)))]
Good = Annotated[Demand, BeforeValidator(_read_demand)]
EveryUnit = Annotated[Every, BeforeValidator(_read_every)]
Written = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(pattern=re.compile(r"^[a-z][a-z0-9_]*$"))]
RuleId = Annotated[str, StringConstraints(pattern=re.compile(r"^[a-z0-9][a-z0-9.-]*$"))]
Division = Annotated[str, StringConstraints(pattern=re.compile(r"^\d{6}$"))]
#: What an authority does about a violation, from the mildest to the gravest (督促措施).
MEASURES = ("remind", "urge", "letter", "circular", "summon", "listed_supervision", "hand_over", "expose")
#: What only others may order, so that it is recommended to them (建议有权机关采取).
ORDERED_BY_OTHERS = ("treat_as_accident", "suspend_business", "punish_unit_and_person")
#: Every step that a ladder may have.
STEPS = (*MEASURES, *ORDERED_BY_OTHERS)
#: 重大, 一般.
HazardLevel = Literal[tuple(ITEM_SHEETS["hazard"].column("level").choices or {})]  # type: ignore[valid-type]
#: One kind of authority or several.
Bearers = Annotated[tuple[str, ...], BeforeValidator(lambda value: _read_bearers(value))]


class Model(BaseModel):
    """Base of all pack models: unknown keys are errors, nothing is converted."""

    model_config = ConfigDict(defer_build=True, extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


class Titles(Model):
    """A title in both languages."""

    zh: Written
    en: Written

    def text(self) -> Text:
        return Text(self.zh, self.en)


class Document(Model):
    """A document that rules cite (依据文件)."""

    title: Written
    issuer: Written | None = None
    number: Written | None = None
    date: datetime.date | None = None


class Effective(Model):
    """From and to, both inclusive; ``to`` left out: open.

    ``assumption`` is the reason for these dates where the document prints none (假定).
    """

    from_: datetime.date = Field(alias="from")
    to: datetime.date | None = None
    assumption: Written | None = None


class DeclaredFact(Model):
    """A further fact of the enterprise that the pack brings along (声明的企业情况)."""

    type: Literal["bool", "int", "decimal", "text", "date"]
    titles: Titles


class Within(Model):
    """The days of a period that count, numbered from 1, both inclusive."""

    from_day: Count = Figure(1)
    to_day: Count


class Due(Model):
    """Due date of an object: a date of the object plus ``days`` (may be negative), or one fixed date."""

    of: Written | None = None
    days: Number = Figure(0)
    date: datetime.date | None = None


class Ask(Model):
    """What is asked for. Exactly one of ``every``, ``deadline``, ``for_each``, ``state``."""

    every: EveryUnit | None = None
    within: Within | None = None
    deadline: datetime.date | None = None
    since: datetime.date | None = None
    for_each: Literal[tuple(ITEM_SHEETS)] | None = None  # type: ignore[valid-type]
    done_on: Written | None = None
    due: Due | None = None
    state: dict[str, Any] | None = None
    record: Name | None = None
    at_least: Count | None = None
    measured_in: Literal["hours", "cases"] | None = None
    remind_before: Number | None = None


class Case(Ask):
    """One case of a rule (情形); without ``when`` it matches always."""

    when: dict[str, Any] | None = None
    clause: Written | None = None
    quote: Written | None = None


class Rule(Ask):
    """One rule (规则): a duty, the clause that asks for it, and what is asked, case by case if need be."""

    id: RuleId
    duty: Name
    titles: Titles
    bearer: Bearers | None = None
    division: Division | None = None
    document: Name | None = None
    clause: Written
    quote: Written
    effective: Effective | None = None
    when: dict[str, Any] | None = None
    cases: list[Case] | None = Field(default=None, min_length=1)


class DerivedFact(Model):
    """A yes/no fact inferred from others where its value is not given (推定)."""

    fact: Annotated[str, StringConstraints(pattern=re.compile(r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$"))]
    when: dict[str, Any]
    titles: Titles | None = None
    document: Name | None = None
    clause: Written
    quote: Written


class Competent(Titles):
    """Who may order what is recommended (有权机关); ``assumption``: the reason, where no source names them."""

    assumption: Written | None = None


class Term(Model):
    """A number of months from the day of a decision."""

    months: Count


class Objection(Model):
    """How many days after the notice an objection may be made (提出异议的期限)."""

    days: Count


class Recommendation(Model):
    """What the engine recommends and on which ground (建议); without ``for_each`` of the enterprise as a whole."""

    id: RuleId
    recommend: Name
    titles: Titles
    document: Name | None = None
    clause: Written
    quote: Written
    effective: Effective | None = None
    for_each: Literal[tuple(ITEM_SHEETS)] | None = None  # type: ignore[valid-type]
    when: dict[str, Any] | None = None
    from_: Written | None = Field(default=None, alias="from")
    until: Written | None = None
    good_standing: Good | None = None
    competent: Competent | None = None
    objection: Objection | None = None
    term: Term | None = None
    removable_after: Term | None = None


class AtLeast(Model):
    """A least number, itself included."""

    ge: Count


class StepWhen(Model):
    """What brings a step besides the days that have gone by; all of the keys that are given must hold."""

    streak: AtLeast | None = None
    hazard_level: HazardLevel | None = Field(default=None, alias="hazard.level")
    refused: Literal[True] | None = None
    steps_taken: AtLeast | None = None


class LadderStep(Model):
    """One step of a ladder (一级措施): ``after`` counts days from the day on which the violation opened."""

    step: Literal[STEPS]  # type: ignore[valid-type]
    after: Number
    when: StepWhen | None = None
    document: Name | None = None
    clause: Written | None = None
    quote: Written | None = None


class Ladder(Model):
    """What follows upon a violation, step by step (督促措施的梯次)."""

    id: RuleId
    titles: Titles
    duties: list[Name] | None = Field(default=None, min_length=1)
    document: Name | None = None
    clause: Written
    quote: Written
    effective: Effective | None = None
    steps: list[LadderStep] = Field(min_length=1)


class Pack(Model):
    """One pack file."""

    pack: Annotated[str, StringConstraints(pattern=re.compile(r"^[a-z0-9-]+(/[a-z0-9-]+)*$"))]
    titles: Titles
    documents: dict[str, Document] = Field(min_length=1)
    division: Division
    sectors: list[str] | None = Field(default=None, min_length=1)
    effective: Effective
    judged_from: datetime.date | None = None
    status: Literal["in_force", "draft"] = "in_force"
    facts: dict[Name, DeclaredFact] = {}
    kinds: dict[Name, Titles] = {}
    sector_names: dict[Name, Titles] = {}
    authority_kinds: dict[Name, Titles] = {}
    derived: list[DerivedFact] = []
    rules: list[Rule] = []
    recommendations: list[Recommendation] = []
    ladders: list[Ladder] = []
