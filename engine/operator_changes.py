"""Changing operators (变更经办人员): each in a transaction that writes, and in which nobody else changes them.

A new token is handed over before the change is committed: what did not reach anybody does not count, so that nobody
is locked out by a full disk or a closed pipe.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from engine.operator_store import enter, newest, rows, standing
from engine.operators import ADMIN, Operator, admins, check_admin_left, checked_name, same_name
from engine.said import said
from engine.tokens import Token, new_token
from facts.errors import BadInput
from facts.language import Text

#: Where a new token goes.
Deliver = Callable[[Token], None]


def add(connection: Connection, given: str, role: str, now: datetime, deliver: Deliver) -> Operator:
    """Name an operator. The first is an admin.

    Raises :class:`~facts.errors.BadInput`: somebody has or had this name, or one that looks the same.
    """
    name, known = checked_name(given), newest(rows(connection))
    for other in known.values():
        if same_name(name, other.name):
            was = Text("已有经办人员", "there is an operator") if other.role else Text("曾有经办人员",
                                                                                 "there was an operator")
            raise BadInput(Text(f"{was.zh}“{other.name}”；姓名不重复使用，请另取一个，如加上部门",
                                f"{was.en} “{other.name}”; names are never used again: take another, as with the "
                                "department"))
    if role != ADMIN and not admins(known):
        raise BadInput(Text("第一名经办人员须是管理人员：--role admin",
                            "the first operator must be an admin: --role admin"))
    token = new_token()
    made = enter(connection, "added", None, name=name, role=role, token_id=token.id, token_hash=token.hashed(), now=now)
    deliver(token)
    return made


def set_role(connection: Connection, given: str, role: str, now: datetime) -> Operator:
    """Give an operator another role; the token stays. Raises :class:`~facts.errors.BadInput`."""
    found = _named(connection, given)
    if found.role == role:
        raise BadInput(Text(f"{found.name}的角色已是 {role}，未作改动", f"{found.name} is {role} already"))
    check_admin_left(standing(rows(connection)), found, role)
    return enter(connection, "role", found, name=found.name, role=role, token_id=found.token_id,
                 token_hash=found.token_hash, now=now)


def renew(connection: Connection, given: str, now: datetime, deliver: Deliver) -> Operator:
    """Give an operator a new token; the old one is worth nothing any more. Raises :class:`~facts.errors.BadInput`."""
    found, token = _named(connection, given), new_token()
    made = enter(connection, "token", found, name=found.name, role=found.role, token_id=token.id,
                 token_hash=token.hashed(), now=now)
    deliver(token)
    return made


def remove(connection: Connection, given: str, now: datetime) -> Operator:
    """Let somebody be an operator no longer; the name stays taken. Raises :class:`~facts.errors.BadInput`."""
    found = _named(connection, given)
    check_admin_left(standing(rows(connection)), found, None)
    return enter(connection, "removed", found, name=found.name, role=None, token_id=None, token_hash=None, now=now)


def _named(connection: Connection, given: str) -> Operator:
    name = said(given, Text("姓名", "name"))
    known = standing(rows(connection))
    found = known.get(name) or next((each for each in known.values() if same_name(each.name, name)), None)
    if found is None:
        raise BadInput(Text(f"没有经办人员“{name}”；zhiben operators list 列出全部",
                            f"there is no operator “{name}”; zhiben operators list lists them"))
    return found
