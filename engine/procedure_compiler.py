"""How a person comes to decide, as a pack says (办理程序的编译): who is competent, which terms run."""

from __future__ import annotations

from engine.errors import Problems
from engine.pack_schema import Recommendation
from engine.rulebook import Procedure
from engine.yaml_source import Path

#: Longer than any term that a person will wait for: a slip of the pen.
_MONTHS = 600
_DAYS = 366


def procedure_of(written: Recommendation) -> Procedure:
    """The procedure of a recommendation as written."""
    competent = written.competent
    return Procedure(
        competent and competent.text(), competent and competent.assumption,
        written.objection and written.objection.days, written.term and written.term.months,
        written.removable_after and written.removable_after.months)


def check_procedure(written: Recommendation, path: Path, problems: Problems) -> None:
    """Terms that nobody can have meant."""
    term, removable = written.term, written.removable_after
    for key, unit, most, figure in (("objection", "days", _DAYS, written.objection and written.objection.days),
                                    ("term", "months", _MONTHS, term and term.months),
                                    ("removable_after", "months", _MONTHS, removable and removable.months)):
        if figure is not None and figure.value > most:
            problems.add((*path, key, unit), "value", f"“{figure.value}”过大，最多 {most}",
                         f"{figure.value} is too much; at most {most}")
    if term is not None and removable is not None and removable.months.value >= term.months.value:
        problems.add((*path, "removable_after", "months"), "value",
                     f"第 {removable.months.value} 个月才可申请移出，而 {term.months.value} 个月就到期了",
                     f"removal after {removable.months.value} months comes too late: the term is "
                     f"{term.months.value} months")
