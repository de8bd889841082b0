"""Keeping watch (把关): whether somebody may do what he asks for, and what is entered when he may not.

As long as no operator is named, everybody is believed. Afterwards a token is asked for, first when a command begins,
so that nobody works in vain, and again in the transaction that writes, when nothing can change any more: a token that
was taken away in between is worth nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from engine import clock, operator_store, tokens
from engine.operators import ACTIONS, OPEN_SEALS, ROLES, Action, NotAllowed, Operator, same_name
from facts.errors import BadInput, CouldNotBeDone
from facts.language import Text
from facts.store.database import reading, writing
from facts.store.journal import GUARD, sealed

#: How a seal's author is known: by a token, or by what was said.
BY_TOKEN, BY_WORD = "token", "said"

#: How much of what was tried is entered.
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Acting:
    """Who is allowed to do what; without ``token_id`` somebody is believed. ``name`` may then be ``None``."""

    action: str
    name: str | None
    token_id: str | None = None
    about: str | None = None

    @property
    def what(self) -> Action:
        """The action."""
        return ACTIONS[self.action]


class Guard:
    """Watches over all seals that are made with one command; see :class:`facts.store.journal.Guard`."""

    def __init__(self) -> None:
        self.acting: Acting | None = None

    def admit(self, connection: Connection) -> _Pass:
        """Raises :class:`~engine.operators.NotAllowed` if what was allowed is so no longer."""
        if self.acting is not None:
            _still_allowed(connection, self.acting)
        return _Pass(connection, self.acting)


@dataclass(frozen=True, slots=True)
class _Pass:
    connection: Connection
    acting: Acting | None

    def sealing(self, kind: str, said: Mapping[str, Any], author: str | None) -> tuple[Mapping[str, Any], str | None]:
        """What is sealed, with how its author is known."""
        acting = self.acting
        if acting is not None and kind in acting.what.seals:
            author = author or acting.name
            if acting.token_id is not None and author != acting.name:
                raise _refused(acting, "name", _other_name(author, acting.name))
            known = BY_WORD if acting.token_id is None else BY_TOKEN
            return ({**said, "author_by": known} if author is not None else said), author
        if kind not in OPEN_SEALS and (acting is not None or operator_store.rows(self.connection)):
            # No command gets here: it asks before it begins.
            raise _refused(acting or Acting(kind, author), "action", Text(
                f"没有获准登记“{kind}”，未作登记", f"nothing of the kind “{kind}” was allowed, nothing was entered"))
        return said, author


def allowed(engine: Engine | Connection, action: str, by: str | None, about: str | None = None) -> Acting:
    """Who is to be entered for ``action``: the operator of the token, or, without operators, whoever ``by`` names.

    ``about`` is what it is done to. Raises :class:`~engine.operators.NotAllowed`.
    """
    asked = Acting(action, by, about=about)
    with reading(engine) as connection:
        known = _sound_rows(connection, asked)
    if not known:
        return asked
    try:
        token = tokens.read_token()
    except BadInput as error:
        raise _refused(asked, "token", error.message) from None
    if token is None:
        raise _refused(asked, "no token", Text(
            f"库中已登记经办人员，{asked.what.label.zh}须出示令牌：环境变量 {tokens.VARIABLE}，"
            f"或 {tokens.FILE_VARIABLE} 所指的文件，或 {tokens.usual_file()}",
            f"operators are named in this database: to {asked.what.label.en} takes a token, in {tokens.VARIABLE}, in "
            f"the file that {tokens.FILE_VARIABLE} names, or in {tokens.usual_file()}"))
    operator = next((each for each in operator_store.standing(known).values() if each.token_id == token.id), None)
    if operator is None or operator.token_hash is None or not token.matches(operator.token_hash):
        raise _refused(asked, "token", Text(
            "令牌不是（或不再是）任何经办人员的；请向管理人员申请换发（zhiben operators token）",
            "the token is not, or no longer, that of an operator; ask an admin for a new one (zhiben operators token)"))
    if by is not None and not same_name(by, operator.name):
        raise _refused(asked, "name", _other_name(by.strip(), operator.name), operator.name)
    _check_role(asked, operator)
    acting = Acting(action, operator.name, token.id, about)
    if tokens.made_otherwise(operator.token_hash) and isinstance(engine, Engine):
        _hash_anew(engine, operator, token)
    return acting


def guarded(engine: Engine, guard: Guard) -> Engine:
    """The same database, on which nothing is sealed past ``guard``."""
    return engine.execution_options(**{GUARD: guard})


def refusal(engine: Engine, refused: NotAllowed, now: datetime) -> None:
    """Enter in the journal that something was refused."""
    attempt = dict(refused.attempt)
    author = attempt.pop("operator", None)
    said = {name: value for name, value in attempt.items() if value is not None}
    if author is not None:
        said["author_by"] = BY_TOKEN
    with writing(engine, "operators") as connection, sealed(connection, "refused", now, said, author=author):
        pass


def _still_allowed(connection: Connection, acting: Acting) -> None:
    known = _sound_rows(connection, acting)
    operator = None if acting.name is None else operator_store.standing(known).get(acting.name)
    if acting.token_id is None:
        if known:
            raise _refused(acting, "no token", Text(
                "其间库中登记了经办人员，未作登记；请出示令牌后重试",
                "operators were named meanwhile, nothing was entered; try again with a token"))
        return
    if operator is None or operator.token_id != acting.token_id:
        raise _refused(acting, "token", Text("其间令牌已被停用，未作登记",
                                             "the token was taken away meanwhile, nothing was entered"))
    _check_role(acting, operator)


def _sound_rows(connection: Connection, asked: Acting) -> Sequence[Operator]:
    known = operator_store.rows(connection)
    if not operator_store.is_sound(connection, known):
        raise _refused(asked, "operators changed", Text(
            "经办人员表与日志不符，一律不予办理；zhiben verify --all 指出不符之处，须恢复原状或恢复备份",
            "the table of operators is not what the journal recorded, so nobody is allowed anything; zhiben verify "
            "--all names the place: put it right, or restore a backup"))
    return known


def _check_role(acting: Acting, operator: Operator) -> None:
    if operator.role is not None and acting.what.allowed_to(operator.role):
        return
    role = ROLES.get(operator.role or "", Text("?", "?"))
    may = [ROLES[each] for each in ROLES if acting.what.allowed_to(each)]
    raise _refused(acting, "role", Text(
        f"{operator.name}的角色是“{role.zh}”，不能{acting.what.label.zh}；可以的有：{'、'.join(r.zh for r in may)}",
        f"{operator.name} is {role.en} and may not {acting.what.label.en}; who may: {', '.join(r.en for r in may)}"),
        operator.name)


def _hash_anew(engine: Engine, operator: Operator, token: tokens.Token) -> None:
    """Keep a hash at today's cost. What stands in the way of it does not stand in the way of the command."""
    guard = Guard()
    guard.acting = Acting("hash_anew", operator.name, token.id)
    try:
        with writing(guarded(engine, guard), "operators") as connection:
            if operator_store.standing(operator_store.rows(connection)).get(operator.name) == operator:
                operator_store.enter(connection, "hashed anew", operator, name=operator.name, role=operator.role,
                                     token_id=token.id, token_hash=token.hashed(), now=clock.now())
    except CouldNotBeDone:
        return


def _other_name(given: str | None, owner: str | None) -> Text:
    given = _short(given or "")
    return Text(f"--by 写的是“{given}”，令牌却是{owner}的；请去掉 --by，或用本人的令牌",
                f"--by says “{given}”, but the token is that of {owner}; leave --by out, or use your own token")


def _refused(acting: Acting, why: str, message: Text, operator: str | None = None) -> NotAllowed:
    """``operator`` is whose token it was, where that is certain."""
    return NotAllowed(message, {"action": acting.action, "claimed": _short(acting.name), "why": why,
                                "about": _short(acting.about), "operator": operator})


def _short(text: str | None) -> str | None:
    """What was given, as it can be entered: one line, not long, and no token that was put in the wrong place."""
    if text is None:
        return None
    line = " ".join(text.encode(errors="replace").decode().split())
    return "…" if tokens.has_token(line) else line if len(line) <= _LONGEST else line[:_LONGEST] + "…"
