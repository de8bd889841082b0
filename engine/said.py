"""What a person says with a decision (经办人、理由): a name or a reason, kept on one line."""

from __future__ import annotations

from facts.errors import BadInput
from facts.language import Text

#: Characters that a reason or a name may have, as in a cell of a ledger.
_LONGEST = 2_000


def said(text: str, what: Text) -> str:
    """``text`` on one line. Raises :class:`~facts.errors.BadInput` if it says nothing, or too much."""
    line = " ".join(text.split())
    if not any(character.isalnum() for character in line):
        raise BadInput(Text(f"{what.zh}不能为空", f"the {what.en} must not be blank"))
    if len(line) > _LONGEST:
        raise BadInput(Text(f"{what.zh}有 {len(line)} 字，最多 {_LONGEST} 字",
                            f"the {what.en} has {len(line)} characters; at most {_LONGEST}"))
    return line
