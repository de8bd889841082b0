"""Compiled rules (规则册): what packs mean, as plain immutable values for the engine.

Each case of a rule is a :class:`Rule` of its own; the cases of one written rule form a :class:`RuleGroup`, of which
at most one holds on a day. Rules are compared by identity: there is one of each in a rulebook.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from engine.conditions import Condition
from engine.inference import Derived
from engine.pack_schema import Figure
from engine.periods import REMIND_BEFORE_DEADLINE, Unit
from facts.dossier import Item
from facts.language import Text
from facts.models import DeclaredFact


@dataclass(frozen=True, slots=True)
class RuleRef:
    """What a verdict cites (依据): the rule and where its document says so."""

    id: str
    document: str
    clause: str
    quote: str


@dataclass(frozen=True, slots=True)
class Periodic:
    """Done at least ``at_least`` times in each period of ``unit``.

    ``within`` counts days of the period from 1, both inclusive: only records on these days count. ``measure`` is
    ``hours`` (学时) or ``cases`` (件) where the amounts of the records are added up instead of the records.
    """

    unit: Unit
    at_least: int
    within: tuple[int, int] | None = None
    remind_before: int | None = None
    measure: str | None = None

    def stricter_than(self, unit: Unit, at_least: int) -> bool:
        """More required per month; of two that require the same, the shorter."""
        mine, other = self.at_least * unit.months, at_least * self.unit.months
        return mine > other or (mine == other and self.unit.months < unit.months)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Done at least ``at_least`` times by ``due``; records before ``since`` do not count."""

    due: date
    at_least: int
    since: date | None = None
    remind_before: int = REMIND_BEFORE_DEADLINE
    measure: str | None = None


@dataclass(frozen=True, slots=True)
class PerObject:
    """Done for each object of ``kind`` by its due date; ``done_on`` names the object's date that shows it."""

    kind: str
    done_on: str
    due_of: str | None
    due_days: int
    due_date: date | None
    remind_before: int = REMIND_BEFORE_DEADLINE

    def due_for(self, item: Item) -> date | None:
        """The due date for one object; ``None`` where the date it depends on is not known."""
        if self.due_of is None:
            return self.due_date
        base = item.facts.get(self.due_of.partition(".")[2])
        return base + timedelta(days=self.due_days) if isinstance(base, date) else None


@dataclass(frozen=True, slots=True)
class State:
    """Something must be so while the rule holds."""

    condition: Condition


Asked = Periodic | Deadline | PerObject | State


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One case of one written rule.

    ``condition`` is true exactly where this case applies: the pack's scope, the rule's ``when``, this case's
    ``when`` and none of the earlier ones'. ``outcome`` is true where what it asks for comes out, of this case or of one
    beside it that asks for the same. It may hold on days from ``holds_from`` to ``holds_to``, both inclusive:
    its effective range, and not before the pack's ``judged_from``. ``assumed_range`` is the reason for that range
    where no source prints one.
    """

    ref: RuleRef
    case: int
    pack: str
    duty: str
    titles: Text
    holds_from: date
    holds_to: date
    condition: Condition
    outcome: Condition
    asked: Asked
    figures: tuple[Figure, ...] = ()
    assumed_range: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RuleGroup:
    """The cases of one written rule; ``none`` is true where no case applies."""

    id: str
    pack: str
    duty: str
    titles: Text
    cases: tuple[Rule, ...]
    none: Condition


@dataclass(frozen=True, slots=True, eq=False)
class Duty:
    """All that is asked under one duty's name (义务); never of more than one type.

    ``of_authorities``: it is asked of authorities (部门), not of enterprises. ``measure``: see :class:`Periodic`.
    """

    name: str
    label: Text
    type: type[Asked]
    record: str | None
    groups: tuple[RuleGroup, ...]
    of_authorities: bool = False
    measure: str | None = None
    #: Every case of every rule.
    rules: tuple[Rule, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", tuple(rule for group in self.groups for rule in group.cases))


@dataclass(frozen=True, slots=True)
class Procedure:
    """How a person comes to decide on a recommendation (办理程序); ``None``: no pack says.

    ``competent`` may order it, ``competent_assumed`` is why where no source names them. ``objection`` counts days from
    the notice, ``term`` and ``removable_after`` months from the confirmation.
    """

    competent: Text | None = None
    competent_assumed: str | None = None
    objection: Figure | None = None
    term: Figure | None = None
    removable_after: Figure | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RecommendationRule:
    """A ground for recommending ``kind`` (建议): ``condition`` on the enterprise and one object, from a date of it.

    On the date called ``until_fact``, and from then on, the ground stands no more. Where ``item_kind`` and
    ``from_fact`` are empty, the ground is the enterprise as a whole, on the days on which ``condition`` is known to be
    true; ``good_standing``: and nothing speaks against it. ``standing_assumed`` is why, where no source says so.
    """

    ref: RuleRef
    pack: str
    kind: str
    titles: Text
    holds_from: date
    holds_to: date
    item_kind: str
    from_fact: str
    condition: Condition
    until_fact: str | None = None
    figures: tuple[Figure, ...] = ()
    assumed_range: str | None = None
    good_standing: bool = False
    standing_assumed: str | None = None
    procedure: Procedure = Procedure()


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder (一级措施), the ``level``-th from its foot.

    Due ``after`` days from the day on which the violation opened, if it is at least the ``streak``-th in a row (0: no
    matter) and its hazard is of ``hazard_level`` (``None``: of any); with ``refused`` not before the hazard's date of
    refusal (拒不整改日期), with ``steps_taken`` not before so many of the steps below are due. ``ref`` cites the words
    that name the step.
    """

    step: str
    level: int
    after: int
    ref: RuleRef
    streak: int = 0
    hazard_level: str | None = None
    refused: bool = False
    steps_taken: int = 0
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """What follows upon violations of ``duties`` that open from ``first`` to ``last``, both included (督促梯次)."""

    ref: RuleRef
    pack: str
    division: str
    titles: Text
    duties: tuple[str, ...]
    first: date
    last: date
    steps: tuple[Rung, ...]
    assumed_range: str | None = None


@dataclass(frozen=True, slots=True)
class PackInfo:
    """What a loaded pack is called, its text, and what this hashes to."""

    name: str
    titles: Text
    sha256: str
    division: str
    holds_from: date
    holds_to: date
    text: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Rulebook:
    """All packs that are held against the facts together. ``inferred``: what derived facts are called."""

    packs: tuple[PackInfo, ...]
    duties: Mapping[str, Duty]
    recommendations: tuple[RecommendationRule, ...]
    derived: tuple[Derived, ...]
    scopes: Mapping[str, Condition]
    declared: Mapping[str, DeclaredFact] = field(default_factory=dict)
    kinds: Mapping[str, Text] = field(default_factory=dict)
    sectors: Mapping[str, Text] = field(default_factory=dict)
    authority_kinds: Mapping[str, Text] = field(default_factory=dict)
    inferred: Mapping[str, Text] = field(default_factory=dict)
    sha256: str = ""
    ladders: tuple[Ladder, ...] = ()

    @property
    def rules(self) -> Iterator[Rule]:
        """Every case of every rule, recommendations aside."""
        return (rule for duty in self.duties.values() for rule in duty.rules)

    def duties_of(self, *, authorities: bool) -> Iterator[Duty]:
        """The duties of authorities, or those of enterprises, by name."""
        return (duty for duty in self.duties.values() if duty.of_authorities is authorities)
