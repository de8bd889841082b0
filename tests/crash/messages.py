"""What a person is told when something cannot be done."""

from __future__ import annotations

from collections.abc import Sequence

from click.testing import Result

from tests.crash.deeds import run


def refused(url: str, at: str, *words: str, zh: str, en: str, languages: Sequence[str] = ("zh", "en")) -> None:
    """The command ends with exit status 3 and one plain line, in each of the languages."""
    for language in languages:
        result = run(url, at, *words, "--lang", language)
        assert result.exit_code == 3, (words, result.output)
        said_once(result, zh if language == "zh" else en)


def said_once(result: Result | str, words: str) -> None:
    """It is one line that says so, warnings aside, and no traceback."""
    output = result if isinstance(result, str) else result.output
    lines = [line for line in output.splitlines() if not line.startswith(("warning:", "提示："))]
    assert len(lines) == 1, output
    assert words in lines[0], output
