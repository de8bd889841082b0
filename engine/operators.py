"""Operators (经办人员): people with a name and a role, and the one table of who may do what.

Everything that changes what an enterprise is held to is an *action*. Reading, and sweeping as every night, are none:
they are guarded by who can reach the database at all. Nothing here knows of database, token or clock.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from engine.said import said
from facts.errors import BadInput, CouldNotBeDone
from facts.language import Text

ROLES: Mapping[str, Text] = {
    "viewer": Text("查看", "viewer"),
    "inspector": Text("检查", "inspector"),
    "author": Text("规则编写", "author"),
    "approver": Text("审批", "approver"),
    "admin": Text("管理", "admin"),
}
ADMIN = "admin"

#: Characters that a name may have.
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Action:
    """What may be allowed: ``roles`` may do it besides admins; ``seals`` are the kinds of seal that it makes."""

    label: Text
    roles: frozenset[str]
    seals: tuple[str, ...]

    def allowed_to(self, role: str) -> bool:
        """Whether somebody with this role may do it."""
        return role == ADMIN or role in self.roles


def _action(zh: str, en: str, role: str, *seals: str) -> Action:
    return Action(Text(zh, en), frozenset([role]), seals)


_FACTS_AND_LETTERS, _DECISIONS, _NOBODY_ELSE = "inspector", "approver", ADMIN
#: Who may do what. Those who enter what is known do not decide on it; viewers and authors change nothing in a
#: database: what authors write are packs, which are files.
ACTIONS: Mapping[str, Action] = {
    "import": _action("导入台账", "import a ledger", _FACTS_AND_LETTERS, "import"),
    "letters": _action("制发文书", "write letters", _FACTS_AND_LETTERS, "letters"),
    "sent": _action("登记文书发出", "record letters as sent", _FACTS_AND_LETTERS, "delivery"),
    "void": _action("作废文书", "make letters void", _FACTS_AND_LETTERS, "letter_void"),
    "notify": _action("登记告知", "enter a notice", _FACTS_AND_LETTERS, "case"),
    "object": _action("登记异议", "enter an objection", _FACTS_AND_LETTERS, "case"),
    "undo": _action("撤销导入", "take an import back", _DECISIONS, "undo"),
    "waive": _action("豁免", "waive", _DECISIONS, "waiver", "waiver_ended"),
    "end_waiver": _action("终止豁免", "end a waiver", _DECISIONS, "waiver_ended"),
    "confirm": _action("确认", "confirm", _DECISIONS, "case"),
    "reject": _action("不予采纳", "reject", _DECISIONS, "case"),
    "lift": _action("提前移出", "lift", _DECISIONS, "case"),
    "revoke": _action("撤销确认", "revoke", _DECISIONS, "case"),
    "allow_surge": _action("放行违规激增", "allow a surge", _DECISIONS, "sweep"),
    "restore": _action("恢复备份", "restore a backup", _NOBODY_ELSE),
    "operators": _action("变更经办人员", "change operators", _NOBODY_ELSE, "operator"),
    # Asked for by the program itself, with the token of whoever is there.
    "hash_anew": Action(Text("重算令牌哈希", "hash a token anew"), frozenset(ROLES), ("operator",)),
}
#: Seals that nobody has to be allowed to make; every other kind needs an action.
OPEN_SEALS = frozenset(["sweep", "adopt", "refused"])


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody as the newest of the rows with this name says, the ``place``-th; ``role`` is ``None`` once removed.

    ``token_id`` is the public part of the token, ``token_hash`` what its secret is checked against.
    """

    name: str
    place: int
    role: str | None
    token_id: str | None
    token_hash: str | None
    seal: int


class NotAllowed(CouldNotBeDone):
    """Refused; ``attempt`` is what the journal is told: what was tried, under which name, and why not."""

    def __init__(self, message: Text, attempt: Mapping[str, str | None]) -> None:
        super().__init__(message)
        self.attempt = attempt


def checked_name(given: str) -> str:
    """A name for a new operator. Raises :class:`~facts.errors.BadInput`: blank, too long, with unseen characters."""
    name = unicodedata.normalize("NFKC", said(given, Text("姓名", "name")))
    unseen = [sign for sign in name if unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cn", "Zl", "Zp")]
    if len(name) > _LONGEST or unseen:
        raise BadInput(Text(f"姓名最多 {_LONGEST} 字，不能有看不见的字符",
                            f"a name has at most {_LONGEST} characters and none that cannot be seen"))
    return name


def same_name(one: str, other: str) -> bool:
    """Whether two names are one to the eye: full-width letters, case and spaces make no difference."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def admins(standing: Mapping[str, Operator]) -> list[str]:
    """The names of those who may change operators."""
    return [each.name for each in standing.values() if each.role == ADMIN]


def check_admin_left(standing: Mapping[str, Operator], changed: Operator, role: str | None) -> None:
    """Raises :class:`~facts.errors.BadInput` if nobody would be admin once ``changed`` has this role, or none."""
    if changed.role == ADMIN and role != ADMIN and admins(standing) == [changed.name]:
        raise BadInput(Text(f"{changed.name}是仅有的管理人员，不能移除或改作他职；请先另设一名（--role admin）",
                            f"{changed.name} is the only admin and can neither be removed nor be given another role; "
                            "make somebody else admin first"))
