"""Changes as flat rows (改动影响的清单): one row for each violation, step or recommendation that changes."""

from __future__ import annotations

from collections.abc import Mapping

from engine.export import LABELS
from engine.judgement_diff import Change, Found, Issued, Kind
from engine.output import Row, recommendation_row, step_row, violation_row
from engine.results import Recommendation
from engine.rulebook import Rulebook
from engine.wording import STATUSES, STEPS, duty_label, object_label, recommendation_label
from facts.language import Language, Text

KINDS: Mapping[Kind, Text] = {
    Kind.APPEAR: Text("出现", "appears"),
    Kind.VANISH: Text("消失", "vanishes"),
    Kind.MOVE: Text("变动", "moves"),
}
WHAT: Mapping[str, Text] = {
    "violation": Text("违规", "violation"),
    "step": Text("措施", "step"),
    "recommendation": Text("建议", "recommendation"),
}

_BOTH = ("key", "status", "due_on", "opened_on", "closed_on", "overdue_days", "streak", "since", "rules", "documents",
         "clauses", "step", "level", "issued_on")
_SIDES: Mapping[str, Text] = {"old": Text("旧", "old"), "new": Text("新", "new")}

#: ``duty`` is the duty's name, of recommendations what is recommended; ``key`` of these is the object. Of steps
#: ``key``, ``status`` and ``opened_on`` are the violation's, ``due_on`` is their own, and ``rules`` is the ladder.
COLUMNS = ("uscc", "name", "division", "change", "what", "duty", "changed",
           *(f"{side}_{column}" for column in _BOTH for side in _SIDES))


def row(change: Change) -> Row:
    """One change; what does not exist on a side is ``None``."""
    found = change.new or change.old
    sides = {side: _side(each) for side, each in (("old", change.old), ("new", change.new))}
    return {
        "uscc": change.uscc,
        "name": change.name,
        "division": change.division,
        "change": str(change.kind),
        "what": _what(found),
        "duty": _about(found),
        "changed": _joined(change.changed),
        **{f"{side}_{column}": sides[side].get(column) for column in _BOTH for side in _SIDES},
    }


def _what(found: Found | None) -> str:
    if isinstance(found, Issued):
        return "step"
    return "recommendation" if isinstance(found, Recommendation) else "violation"


def _about(found: Found | None) -> str:
    if isinstance(found, Issued):
        return found.about.duty
    assert found is not None
    return found.kind if isinstance(found, Recommendation) else found.duty


def _side(found: Found | None) -> Row:
    if found is None:
        return {}
    if isinstance(found, Issued):
        violation, flat = violation_row(found.about), step_row(found.step)
        flat |= {column: violation[column] for column in ("key", "status", "opened_on")}
        cited = [{**flat, "id": flat["ladder"]}]
    elif not isinstance(found, Recommendation):
        flat = violation_row(found)
        cited = flat["rules"]
    else:
        flat = recommendation_row(found)
        cited = [{**ground, "id": ground["rule"]} for ground in flat["grounds"]]
        flat["key"] = _joined(fact for ground in cited for fact in ground["facts"])
    return {**flat, "rules": _joined(c["id"] for c in cited), "documents": _joined(c["document"] for c in cited),
            "clauses": _joined(c["clause"] for c in cited)}


def _joined(values: object) -> str | None:
    return "; ".join(dict.fromkeys(values)) or None  # type: ignore[call-overload]


def label(column: str) -> Text:
    """The heading of a column for people."""
    side, _, rest = column.partition("_")
    if side in _SIDES and rest in LABELS:
        return Text(f"{_SIDES[side].zh}·{LABELS[rest].zh}", f"{_SIDES[side].en} {LABELS[rest].en}")
    return {"change": Text("变化", "change"), "what": Text("类别", "what"),
            "changed": Text("变动的项目", "what moved")}.get(column) or LABELS[column]


def readable(found: Row, rulebooks: tuple[Rulebook, Rulebook], language: Language) -> Row:
    """The row with names for people instead of identifiers, under headings for people."""
    shown = dict(found)
    shown["change"] = KINDS[Kind(found["change"])](language)
    shown["what"] = WHAT[found["what"]](language)
    shown["duty"] = subject(found, rulebooks)(language)
    if found["changed"]:
        shown["changed"] = "; ".join(LABELS[name](language) for name in found["changed"].split("; "))
    for side in _SIDES:
        status, key, step = (found[f"{side}_{column}"] for column in ("status", "key", "step"))
        shown[f"{side}_step"] = STEPS[step](language) if step else None
        shown[f"{side}_status"] = STATUSES[status](language) if status in STATUSES else status
        if key and found["what"] == "recommendation":
            shown[f"{side}_key"] = "; ".join(object_label(each)(language) for each in key.split("; "))
    return {label(column)(language): shown[column] for column in COLUMNS}


def subject(found: Row, rulebooks: tuple[Rulebook, Rulebook]) -> Text:
    """What a row is about: the duty, or what is recommended."""
    name = found["duty"]
    if found["what"] == "recommendation":
        proposing = (book for book in reversed(rulebooks) if any(rule.kind == name for rule in book.recommendations))
        return recommendation_label(next(proposing, rulebooks[0]), name)
    return duty_label(next((book for book in reversed(rulebooks) if name in book.duties), rulebooks[0]), name)
