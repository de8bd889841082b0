"""``python -m engine`` is ``zhiben`` (命令行入口)."""

from engine.cli import main

main(prog_name="zhiben")
