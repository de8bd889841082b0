"""The two languages the program speaks (双语)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One message in both languages, side by side so that neither can be forgotten."""

    zh: str
    en: str

    def __call__(self, language: Language, /, **values: Any) -> str:
        """The message in ``language``, its ``{placeholders}`` filled from ``values``.

        Values that are themselves a :class:`Text` are rendered in the same language.
        """
        shown = {k: v(language) if isinstance(v, Text) else v for k, v in values.items()}
        template = self.zh if language == "zh" else self.en
        return template.format(**shown) if shown else template
