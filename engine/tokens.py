"""Tokens (令牌): how an operator shows who he is.

A token is ``zb1_ID_SECRET``. Its secret has 256 random bits and is kept nowhere but with its owner; the database has a
hash of it. The ID is public: it says which hash is meant. A token is read from the environment or from a file, never
from an argument, which others can see.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from facts.errors import BadInput
from facts.language import Text

VARIABLE = "ZHIBEN_TOKEN"
FILE_VARIABLE = "ZHIBEN_TOKEN_FILE"

_PREFIX = "zb1"
_FORM = re.compile(rf"{_PREFIX}_([0-9a-f]{{10}})_([0-9a-f]{{64}})")
#: What looks like a token or a part of one that gives its secret away.
_LIKE = re.compile(rf"{_PREFIX}_[0-9a-f]{{4,}}_[0-9a-f]{{4,}}", re.IGNORECASE)
#: What a token file may hold at most, in bytes.
_LONGEST_FILE = 1024
# Some 50 ms on an ordinary processor. The secrets are random, so that nobody can try them out however fast hashing is.
_COST = {"time_cost": 2, "memory_cost": 19 * 1024, "parallelism": 1}


@dataclass(frozen=True, slots=True)
class Token:
    """A token; ``str()`` and ``repr()`` leave the secret out."""

    id: str
    _secret: str

    def __repr__(self) -> str:
        return f"{_PREFIX}_{self.id}_…"

    def written(self) -> str:
        """The token as its owner keeps it."""
        return f"{_PREFIX}_{self.id}_{self._secret}"

    def hashed(self) -> str:
        """A hash of the secret, with its own salt and the cost at which it was made."""
        return _hasher().hash(self._secret)

    def matches(self, kept: str) -> bool:
        """Whether ``kept`` is a hash of this secret."""
        from argon2.exceptions import Argon2Error, InvalidHashError

        try:
            return _hasher().verify(kept, self._secret)
        except (Argon2Error, InvalidHashError):
            return False


def new_token() -> Token:
    """A token that nobody had before."""
    return Token(secrets.token_hex(5), secrets.token_hex(32))


def made_otherwise(kept: str) -> bool:
    """Whether a hash was made at another cost than this program's and is to be made anew."""
    return _hasher().check_needs_rehash(kept)


def read_token() -> Token | None:
    """The token in ``ZHIBEN_TOKEN``, else in the file that ``ZHIBEN_TOKEN_FILE`` names, else in the usual file.

    ``None`` if there is none. Raises :class:`~facts.errors.BadInput` if it is no token, or if its file cannot be read
    or can be read by others.
    """
    if given := os.environ.get(VARIABLE):
        return _token(given, Text(f"环境变量 {VARIABLE}", VARIABLE))
    named = os.environ.get(FILE_VARIABLE)
    path = Path(named) if named else usual_file()
    if not named and not os.path.lexists(path):
        return None
    return _token(_content(path), Text(f"文件 {path}", f"file {path}"))


def usual_file() -> Path:
    """Where a token lies if nothing else is said."""
    given = os.environ.get("XDG_CONFIG_HOME") or ""
    # Relative paths are to be ignored, says the specification.
    home = Path(given) if os.path.isabs(given) else Path(os.environ.get("HOME") or os.path.expanduser("~")) / ".config"
    return home / "zhiben" / "token"


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            # What another user owns and lets its group read was put there for this one, as service managers do.
            seen_by = 0o077 if os.name == "posix" and status.st_uid == os.geteuid() else 0o007
            if os.name == "posix" and stat.S_ISREG(status.st_mode) and status.st_mode & seen_by:
                raise BadInput(Text(f"令牌文件 {path} 别人也能读写，不予使用；请运行 chmod 600，并考虑换发令牌",
                                    f"the token file {path} can be read or written by others and is not used; run "
                                    "chmod 600 on it, and consider a new token"))
            return file.read(_LONGEST_FILE + 1).decode("ascii", "replace")
    except OSError as error:
        raise BadInput(Text(f"读不了令牌文件 {path}：{error.strerror}",
                            f"the token file {path} cannot be read: {error.strerror}")) from None


def _token(text: str, where: Text) -> Token:
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise BadInput(Text(f"{where.zh}里的不是令牌；应为一行 {_PREFIX}_…，可能没有复制完整",
                            f"{where.en} holds no token; expected one line, {_PREFIX}_…, perhaps it was not copied "
                            "whole"))
    return Token(*found.groups())


def has_token(text: str) -> bool:
    """Whether a token stands in ``text``, where it would be seen."""
    return _LIKE.search(text) is not None


def _hasher():  # type: ignore[no-untyped-def]
    # Loaded only when there is a token to be checked: most commands read.
    from argon2 import PasswordHasher

    return PasswordHasher(**_COST)
