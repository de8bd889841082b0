"""Words that cannot be understood are answered in one line, in the reader's language, with what was expected."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from engine.cli import main


@pytest.mark.parametrize(("words", "zh", "en"), [
    ("query --formt json", "没有选项“--formt”；是否为“--format”？用法见 zhiben query --help",
     "there is no option “--formt”; did you mean '--format'? See zhiben query --help"),
    ("sweepy", "没有命令“sweepy”；是否为“sweep”？用法见 zhiben --help",
     "there is no command “sweepy”; did you mean 'sweep'? See zhiben --help"),
    ("case shw", "没有命令“shw”；是否为“show”？用法见 zhiben case --help",
     "there is no command “shw”; did you mean 'show'? See zhiben case --help"),
    ("frobnicate", "没有命令“frobnicate”；用法见 zhiben --help",
     "there is no command “frobnicate”; see zhiben --help"),
    ("sweep --workers 三", "--workers 不能是“三”；应为 1 至 64 的整数；用法见 zhiben sweep --help",
     "--workers cannot be “三”; expected a whole number from 1 to 64; see zhiben sweep --help"),
    ("sweep --workers 65", "--workers 不能是“65”；应为 1 至 64 的整数；用法见 zhiben sweep --help",
     "--workers cannot be “65”; expected a whole number from 1 to 64; see zhiben sweep --help"),
    ("sweep --format xls", "--format 不能是“xls”；应为 text 或 json；用法见 zhiben sweep --help",
     "--format cannot be “xls”; expected text or json; see zhiben sweep --help"),
    ("export violations", "缺少选项 --format；应为 csv、xlsx、json 或 jsonl；用法见 zhiben export --help",
     "option --format is missing; expected csv, xlsx, json or jsonl; see zhiben export --help"),
    ("query", "缺少参数 USCC；用法见 zhiben query --help", "argument USCC is missing; see zhiben query --help"),
    ("sweep 甲 乙", "多出了“甲 乙”；用法见 zhiben sweep --help", "“甲 乙” is too much; see zhiben sweep --help"),
    ("sweep --as-of", "选项 --as-of 后面缺少值", "option --as-of lacks its value"),
    ("sweep --full=3", "选项 --full 不带值", "option --full takes no value"),
    ("sweep --as-of 2024", "--as-of：“2024”不是 1900 至 2200 年的日期；应如 2024-08-01；用法见 zhiben sweep --help",
     "--as-of: “2024” is no date of the years 1900 to 2200; expected e.g. 2024-08-01; see zhiben sweep --help"),
    ("export violations --format csv -o .", "--output：“.”是文件夹；应为文件；用法见 zhiben export --help",
     "--output: “.” is a folder; expected a file; see zhiben export --help"),
])
def test_wrong_usage_is_one_line_in_either_language(words: str, zh: str, en: str) -> None:
    for language, expected in (("zh", zh), ("en", en)):
        result = CliRunner().invoke(main, ["--lang", language, *words.split()], prog_name="zhiben")
        assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"{expected}\n")


@pytest.mark.parametrize("words", [
    "sweep --lang en --foo", "--lang=en sweep --foo", "--lang en --foo", "sweep --foo --lang=en",
    "case show --lang en --foo"])
def test_whoever_asks_for_a_language_gets_it(words: str) -> None:
    result = CliRunner().invoke(main, words.split(), prog_name="zhiben", env={"LC_ALL": "zh_CN.UTF-8"})
    assert result.stderr.startswith("there is no option “--foo”")


def test_before_any_command_the_locale_says_which_language() -> None:
    for locale, expected in (("C.UTF-8", "没有选项“--dbb”；是否为“--db”？用法见 zhiben --help\n"),
                             ("en_GB.UTF-8", "there is no option “--dbb”; did you mean '--db'? See zhiben --help\n")):
        result = CliRunner().invoke(main, ["--dbb", "x"], prog_name="zhiben", env={"LC_ALL": locale})
        assert (result.exit_code, result.stderr) == (2, expected)


def test_signs_that_move_the_cursor_are_shown_and_not_obeyed() -> None:
    result = CliRunner().invoke(main, ["\x1b[2Jsw\neep"], prog_name="zhiben")
    assert result.exit_code == 2
    assert "\x1b" not in result.stderr
    assert result.stderr.count("\n") == 1
