"""Lists of a document's clauses (条款清单): what became of each clause of the document that a pack is made from.

The list stands beside its pack: ``commerce.clauses.yaml`` beside ``commerce.yaml``. Each clause is encoded (by which
rules), judged by people (why), or no duty (why).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from engine.errors import PackProblem, Problems
from engine.pack_messages import schema_problems
from engine.pack_schema import Model, Name, RuleId, Written
from engine.yaml_source import Source, YamlError, parse

Status = Literal["encoded", "judgement", "not_a_duty"]


class Clause(Model):
    """One clause (条款). ``grade``: A has a number, a date or a yes/no; B a state or event; C an exhortation.

    Exactly one of ``rules`` (encoded by these), ``judgement`` (why people judge it) and ``not_a_duty`` (why it is none)
    has to be given.
    """

    id: Written
    clause: Written
    grade: Literal["A", "B", "C"]
    bearer: Written
    rules: list[RuleId] | None = Field(default=None, min_length=1)
    judgement: Written | None = None
    not_a_duty: Written | None = None

    @property
    def given(self) -> tuple[Status, ...]:
        """The statuses that the clause is given: one, unless the list is wrong."""
        said: dict[Status, object] = {"encoded": self.rules, "judgement": self.judgement, "not_a_duty": self.not_a_duty}
        return tuple(status for status, value in said.items() if value is not None)

    @property
    def status(self) -> Status | None:
        """What became of the clause; ``None`` where the list does not say, or says two things."""
        return self.given[0] if len(self.given) == 1 else None

    @property
    def reason(self) -> str | None:
        """Why the clause is not encoded."""
        return self.judgement or self.not_a_duty


class ClauseList(Model):
    """One file; ``document`` is the key by which the pack calls the document."""

    document: Name
    clauses: list[Clause] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class ReadList:
    """A list as far as it can be read; ``clauses`` have their places in it, ``document`` is ``None`` if it has none.

    ``whole``: nothing had to be left out.
    """

    source: Source
    document: str | None
    clauses: tuple[tuple[int, Clause], ...]
    whole: bool = True


def list_beside(pack: Path) -> Path:
    """Where the clause list of the pack in that file stands, or would."""
    return pack.with_suffix(".clauses.yaml")


def read_list(text: str, file: str, problems: list[PackProblem]) -> ReadList | None:
    """The list in ``text``, its mistakes added to ``problems``; ``None`` when there is nothing to read."""
    try:
        source = parse(text, file)
    except YamlError as error:
        problems.append(PackProblem(file, error.mark.line, error.mark.column, "yaml", error.message))
        return None
    found = Problems(source)
    try:
        written = ClauseList.model_validate(source.data)
        read = ReadList(source, written.document, tuple(enumerate(written.clauses)))
    except ValidationError as error:
        schema_problems(error, found, ClauseList)
        read = _sound(source, {item["loc"] for item in error.errors()})
    for i, clause in read.clauses:
        _check_status(clause, i, found)
    problems.extend(found.found)
    return read


def _sound(source: Source, wrong: set[tuple[int | str, ...]]) -> ReadList:
    """What can be read although the places ``wrong`` are."""
    data = source.data if isinstance(source.data, dict) else {}
    document, clauses = data.get("document"), data.get("clauses")
    broken = {place[1] for place in wrong if len(place) > 1}
    kept = [] if ("clauses",) in wrong else [i for i in range(len(clauses or ())) if i not in broken]
    return ReadList(source, None if ("document",) in wrong else document,
                    tuple((i, Clause.model_validate(clauses[i])) for i in kept), whole=False)


def _check_status(clause: Clause, i: int, found: Problems) -> None:
    if not clause.given:
        found.add(("clauses", i, "id"), "clause-nowhere",
                  f"条款“{clause.id}”没有着落；请写上 rules（由哪些规则落实）、judgement（为什么由人判断）、"
                  "not_a_duty（为什么不是义务）之一",
                  f"nothing is said of clause {clause.id!r}; give one of rules (which encode it), judgement (why "
                  "people judge it), not_a_duty (why it is none)")
    elif len(clause.given) > 1:
        keys = [{"encoded": "rules"}.get(status, status) for status in clause.given]
        found.add(("clauses", i, keys[1]), "clause-twice",
                  f"条款“{clause.id}”同时写了 {'、'.join(keys)}；请只留其一",
                  f"clause {clause.id!r} has {' and '.join(keys)}; keep one of them", key=True)
