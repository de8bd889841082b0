"""What is known of a case (案卷): its grounds with the facts and their values, and what a judgement says of it.

A decision keeps the grounds that it was made on, so that they can be read years later, whatever the ledger and the
packs say by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from engine.case_story import ground_identity
from engine.cases import DECIDED, Case, Decision
from engine.procedures import terms_of
from engine.results import Ground, Judgement, Recommendation
from engine.rulebook import Rulebook
from engine.subject import subject_of
from engine.wording import RECOMMENDATIONS, recommendation_label
from facts.dossier import Dossier, FactValue


@dataclass(frozen=True, slots=True)
class CasedRecommendation(Recommendation):
    """A recommendation with how its case stands; ``status`` is then that of the case.

    ``label`` is what it is called in letters, so it is Chinese in any language; ``competent`` who may order it.
    """

    label: str = ""
    competent: tuple[Mapping[str, Any], ...] = ()
    decided_on: date | None = None
    decided_by: str | None = None
    reason: str | None = None
    object_until: date | None = None
    expires_on: date | None = None


def grounds_of(recommendation: Recommendation | None, dossier: Dossier | None, judgement: Judgement | None,
               ) -> tuple[dict[str, Any], ...]:
    """The grounds of a recommendation as they are kept with a decision: rule, words, facts with their values."""
    return tuple(_ground(ground, dossier, judgement) for ground in recommendation.grounds) if recommendation else ()


def _ground(ground: Ground, dossier: Dossier | None, judgement: Judgement | None) -> dict[str, Any]:
    facts = [{"fact": fact, "values": _values(fact, dossier, judgement)} for fact in ground.facts]
    return {"rule": ground.rule, "document": ground.document, "clause": ground.clause, "quote": ground.quote,
            "since": ground.since.isoformat() if ground.since else None, "facts": facts}


def _values(fact: str, dossier: Dossier | None, judgement: Judgement | None) -> dict[str, Any]:
    """What the ledger says of an object, by column; of a fact of the enterprise its value."""
    kind, _, id_ = fact.partition(":")
    if id_:
        subject = subject_of(dossier, judgement.as_of) if dossier and judgement else None
        items = subject.items(kind) if subject else ()
        found = next((item.facts for item in items if item.id == id_), {})
        return {f"{kind}.{name}": _plain(value) for name, value in sorted(found.items())}
    value = judgement.facts.get(fact) if judgement else None
    return {} if value is None else {fact: _plain(value)}


def _plain(value: FactValue) -> Any:
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case tuple():
            return list(value)
    return value


def with_cases(judgement: Judgement, cases: Iterable[Case], rulebook: Rulebook, *, withdrawn: bool = False,
               ) -> tuple[CasedRecommendation, ...]:
    """The recommendations of an enterprise with how their cases stand on the date of the judgement.

    What a person has decided stays, also where no ground is found any more; ``withdrawn`` adds what sweeps took back.
    """
    known = {case.id: case for case in cases}
    found = [_cased(each, known.get(each.id), judgement.as_of, rulebook) for each in judgement.recommendations]
    present = {each.id for each in found}
    for case in known.values():
        status = case.status(judgement.as_of)
        if case.id in present or not (status in DECIDED or (withdrawn and status == "withdrawn")):
            continue
        if case.since is None or case.since <= judgement.as_of:
            bare = Recommendation(case.id, case.recommendation, status, case.since, kept_grounds(case, judgement.as_of))
            found.append(_cased(bare, case, judgement.as_of, rulebook))
    return tuple(sorted(found, key=lambda each: (each.kind, each.since or date.max, each.id)))


def kept_grounds(case: Case, day: date) -> tuple[Ground, ...]:
    """The grounds that the newest decision up to ``day`` was made on."""
    kept = next((each.grounds for each in reversed(case.seen(day).decisions) if each.grounds), ())
    return tuple(Ground(each["rule"], each["document"], each["clause"], each["quote"],
                        tuple(fact["fact"] for fact in each["facts"]),
                        date.fromisoformat(each["since"]) if each["since"] else None) for each in kept)


def _cased(each: Recommendation, case: Case | None, day: date, rulebook: Rulebook) -> CasedRecommendation:
    plain = {field.name: getattr(each, field.name) for field in fields(Recommendation)}
    competent: Sequence[Mapping[str, Any]] = terms_of(rulebook, [ground.rule for ground in each.grounds]).competent
    plain["label"] = RECOMMENDATIONS[each.kind].zh if each.kind in RECOMMENDATIONS else recommendation_label(
        rulebook, each.kind).zh
    last = _standing_decision(case, each, day)
    if case is None or last is None:
        return CasedRecommendation(**plain, competent=tuple(competent))
    plain["status"] = case.status(day)
    return CasedRecommendation(
        **plain, competent=tuple(last.competent or competent), decided_on=last.on, decided_by=last.by,
        reason=last.reason, object_until=last.object_until, expires_on=_expiry(case, day))


def _standing_decision(case: Case | None, each: Recommendation, day: date) -> Decision | None:
    """The decision that counts on ``day``; ``None``: as the engine says, since nothing was decided, or it is void."""
    last = case.seen(day).last if case is not None else None
    if case is None or last is None or case.status(day) in ("proposed", "unknown", "withdrawn"):
        return None
    if case.status(day) in ("rejected", "expired", "lifted", "revoked") and each.status == "proposed":
        # What is over is not proposed again, unless on a ground that was not there then.
        known = {ground_identity(ground) for ground in kept_grounds(case, day)}
        if known and not {ground_identity(ground) for ground in each.grounds} <= known:
            return None
    if last.kind == "notified" and each.status == "unknown":
        return None
    return last


def _expiry(case: Case, day: date) -> date | None:
    return next((each.expires_on for each in reversed(case.seen(day).decisions) if each.kind == "confirmed"), None)

