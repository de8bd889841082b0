"""Violations that come all at once (违规激增): a sign of a bad pack or a bad import rather than of bad enterprises.

On the first of a quarter many violations open, and should. Those are explained by time: they opened after the sweep
before. *Sudden* is a violation that time does not explain: one that opened on or before the date of that sweep, which
did not find it, or any at all if the packs are others than that sweep's. What is found of enterprises that the ledger
did not have then is no surprise either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, exists, select

from engine.outcomes import Sweep
from engine.results import Status
from engine.violation_story import ENDED, Standing
from facts.errors import CouldNotBeDone
from facts.language import Text
from facts.store.tables import Authority, Enterprise

#: More sudden violations than this share of the enterprises are asked about first.
SHARE = 0.2
#: So many may always come, however small the ledger.
FEW = 10
#: How many duties the message names.
_NAMED = 3


class Surge(CouldNotBeDone):
    """A sweep would open more violations at once than is believed without asking; nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Sudden:
    """Which violations of a sweep are sudden; none on the first sweep, which has nothing to compare with.

    ``since`` is the date of the sweep before, ``changed`` names the packs, and the program, that have changed since.
    """

    since: date | None = None
    changed: tuple[str, ...] = ()
    newcomers: frozenset[str] = frozenset()

    def counts(self, uscc: str, before: Standing | None, now: Standing) -> bool:
        """Whether a violation is new or open anew, and sudden."""
        if self.since is None or now.status != Status.OPEN or uscc in self.newcomers:
            return False
        return (before is None or before.status in ENDED) and (bool(self.changed) or now.opened_on <= self.since)

    def check(self, duties: Counter[str], share: float, subjects: int,
              label: Callable[[str], Text] = lambda duty: Text(duty, duty)) -> None:
        """Raise :class:`Surge` if those in ``duties``, by duty, are more than ``share`` of ``subjects``, the
        enterprises and authorities.

        ``label`` is what a duty is called.
        """
        count = duties.total()
        if count <= max(FEW, share * subjects):
            return
        most = [(label(duty), n) for duty, n in duties.most_common(_NAMED)]
        more = " …" if len(duties) > _NAMED else ""
        named = Text("、".join(f"{duty.zh} {n}" for duty, n in most) + more,
                     ", ".join(f"{duty.en} {n}" for duty, n in most) + more)
        changed = ", ".join(self.changed)
        why = Text(f"自 {self.since} 以来有变：{changed}", f"changed since {self.since}: {changed}")
        if not changed:
            why = Text(f"规则包自 {self.since} 以来未变，变的是台账",
                       f"the packs are those of {self.since}, the facts have changed")
        raise Surge(Text(
            f"将一次新增违规 {count} 项（{named.zh}），超过 {subjects} 户的 {share:.0%}；{why.zh}。没有登记。"
            "核对后确属应当，请由审批人员加 --allow-surge 重新运行；比较规则包用 zhiben rules diff",
            f"{count} violations would open at once ({named.en}), more than {share:.0%} of {subjects} enterprises; "
            f"{why.en}. Nothing was recorded. If that is right, an approver runs it again with --allow-surge; to "
            "compare packs: zhiben rules diff"))


def sudden(connection: Connection, *, packs: Mapping[str, str], known_in: int, program: str) -> Sudden:
    """What to hold a sweep with these ``packs`` (hash by name) of the ledger at revision ``known_in`` against."""
    columns = Sweep.table().c
    before = connection.execute(
        select(columns.as_of, columns.packs, columns.known_in, columns.program)
        .order_by(columns.as_of.desc(), columns.id.desc()).limit(1)
    ).first()
    if before is None:
        return Sudden()
    changed = sorted(name for name, sha256 in packs.items() if before.packs.get(name) != sha256)
    if before.program != program:
        changed.append(f"zhiben {program}")
    newcomers: set[str] = set()
    if before.known_in != known_in:
        for model in (Enterprise, Authority):
            table = model.table()
            code = table.c[model.row.sheet.key[0]]
            earlier = table.alias()
            known = exists().where(earlier.c[code.name] == code, earlier.c.added_in <= before.known_in)
            # Asked of current rows and of past ones: they are indexed apart.
            newcomers.update(connection.scalars(select(code).distinct().where(
                table.c.added_in > before.known_in, table.c.added_in <= known_in,
                ~known.where(earlier.c.removed_in.is_(None)), ~known.where(earlier.c.removed_in.is_not(None)))))
    return Sudden(before.as_of, tuple(changed), frozenset(newcomers))
