"""What a person says with a decision (经办人、理由): a name or a reason, kept on one line."""

from __future__ import annotations

from engine.tokens import has_token
from facts.errors import BadInput
from facts.language import Text

#: Characters that a reason or a name may have, as in a cell of a ledger.
_LONGEST = 2_000


def check_no_token(text: str) -> None:
    """Raises :class:`~facts.errors.BadInput` if somebody put a token where it would be kept and seen."""
    if has_token(text):
        raise BadInput(Text("参数里有令牌，没有登记；命令行别人看得到，请换发这个令牌（zhiben operators token）",
                            "an argument contains a token, nothing was entered; others can see arguments, so renew "
                            "that token (zhiben operators token)"))


def said(text: str, what: Text) -> str:
    """``text`` on one line. Raises :class:`~facts.errors.BadInput` if it says nothing, or too much."""
    line = " ".join(text.split())
    if not any(character.isalnum() for character in line):
        raise BadInput(Text(f"{what.zh}不能为空", f"the {what.en} must not be blank"))
    check_no_token(line)
    if len(line) > _LONGEST:
        raise BadInput(Text(f"{what.zh}有 {len(line)} 字，最多 {_LONGEST} 字",
                            f"the {what.en} has {len(line)} characters; at most {_LONGEST}"))
    return line
