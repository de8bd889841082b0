"""The command line (命令行): ``zhiben COMMAND --help`` tells all of it."""

from __future__ import annotations

import signal
import threading

import click

from engine.memory import collect_seldom

# First of all, since importing makes many objects too.
collect_seldom()

from engine.cli.program import Program  # noqa: E402


@click.group(name="zhiben", cls=Program,
             context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="zhiben", prog_name="zhiben")
@click.option("--db", metavar="URL", help="database; else ZHIBEN_DB, else sqlite:///zhiben.db · 数据库")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="language; default from the locale, else zh · 语言")
def main(db: str | None, lang: str | None) -> None:
    """Zhiben (治本): work-safety duties as rules, a ledger in, verdicts out · 安全生产义务判定."""
    if threading.current_thread() is threading.main_thread():
        # Asked to stop by the system or the daemon, a command ends as by Ctrl-C: it says so and leaves nothing behind.
        signal.signal(signal.SIGTERM, signal.default_int_handler)

