"""Commands about what runs by itself (定时任务命令): schedule run, list, history, set, off."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click
from click.core import ParameterSource

from engine import clock, runs, schedule
from engine.cli.context import Context, command_options
from engine.cli.files import not_a_database
from engine.cli.terminal import Terminal
from engine.logs import to_standard_error
from engine.nights import CATCH_UP
from engine.output import Row
from engine.schedule import Job
from facts.errors import BadInput
from facts.language import Language, Text
from facts.store.database import reading, writing

_STATES = {
    runs.RUNNING: Text("进行中", "running"),
    runs.DONE: Text("完成", "done"),
    runs.FAILED: Text("失败", "failed"),
    runs.STOPPED: Text("被中止", "stopped"),
    runs.LOST: Text("中断", "lost"),
    runs.SKIPPED: Text("未补查", "skipped"),
}

_format = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
                       help="output for people or for scripts · 输出格式")


@click.group("schedule")
def schedule_() -> None:
    """What runs by itself, and when · 定时任务."""


@schedule_.command("run")
@click.option("--catch-up", type=click.Choice(CATCH_UP), default="all", show_default=True,
              help="which missed nights are swept, each as of its own date · 补查错过的哪些夜")
@click.option("--metrics", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="keep the metrics for Prometheus in this file (…/zhiben.prom) · 指标文件")
@command_options(packs=True)
def run(context: Context, catch_up: str, metrics: Path | None) -> None:
    """Run the jobs at their times, until stopped · 常驻运行.

    SIGTERM or Ctrl-C stops it: the command that runs is stopped, what it has not recorded is done again next time.
    """
    # Loaded only here: no other command needs the scheduler.
    from engine.daemon import Daemon

    if metrics is not None:
        not_a_database(metrics)
    context.rulebook()
    engine = context.open()
    with to_standard_error():
        Daemon(engine, context.db, clock.now, catch_up=catch_up, packs=context.packs, metrics_file=metrics).run()


@schedule_.command("list")
@_format
@command_options()
def list_(context: Context, form: str) -> None:
    """List the jobs, when they run, and how they last ended · 列出任务."""
    with reading(context.open()) as connection:
        rows = [_row(job, runs.last(connection, job.name)) for job in schedule.jobs(connection)]
    if form == "json":
        context.document(rows)
        return
    out = Terminal()
    for row in rows:
        when = f"{row['time']} {row['days']}" if row["active"] else _OFF(context.language)
        title = row["title"][context.language]
        out.say("  ".join((f"{row['name']:<10}", f"{when:<14}", title, _next(row, context.language))))
        if row["last"] is not None:
            out.say(_past(row["last"], context.language), "dim", indent=4)


_OFF = Text("停用", "off")


@schedule_.command()
@click.option("--job", metavar="JOB", help="only this job · 只列该任务")
@click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, metavar="N",
              help="how many · 条数")
@_format
@command_options()
def history(context: Context, job: str | None, limit: int, form: str) -> None:
    """List what was run, the newest first · 列出历次运行."""
    with reading(context.open()) as connection:
        named = schedule.job_named(job, schedule.jobs(connection)).name if job else None
        rows = [_run_row(each) for each in runs.history(connection, job=named, limit=limit)]
    if form == "json":
        context.document(rows)
        return
    out = Terminal()
    if not rows:
        out.say(Text("还没有运行过", "nothing was run yet")(context.language))
    for row in rows:
        out.say(f"{row['id']}  {row['job']}  {_past(row, context.language)}")


@schedule_.command("set")
@click.argument("name", metavar="JOB")
@click.argument("words", nargs=-1, metavar="[-- WORDS…]")
@click.option("--time", "at", metavar="HH:MM", help="time of day in Asia/Shanghai · 时间")
@click.option("--days", metavar="DAYS", help="days of the week, as mon-fri or mon,thu · 星期")
@command_options()
def set_(context: Context, name: str, words: tuple[str, ...], at: str | None, days: str | None) -> None:
    """Set when a job runs, and further words of its command; it is then on · 设定任务.

    \b
    zhiben schedule set sweep --time 01:30
    zhiben schedule set notices --days mon-fri -- -o /srv/letters/{date} --prefix 津河东商安

    {date} stands for the day. Words once given stay until others are given.
    """
    changes = {"active": True}
    if at is not None:
        changes["time"] = schedule.checked_time(at)
    if days is not None:
        changes["days"] = schedule.checked_days(days)
    if words:
        changes["words"] = words
    _change(context, name, changes)


#: What the daemon itself sets.
_ITS_OWN = {"db", "as_of", "catch_up", "lang"}


def _check_words(job: Job) -> None:
    """Raise a usage error, or :class:`~facts.errors.BadInput`, unless its command takes the words of the job."""
    command: click.Command = click.get_current_context().find_root().command
    line, ctx = job.line(clock.today()), click.get_current_context().find_root()
    for word in job.command:
        if isinstance(command, click.Group) and (found := command.get_command(ctx, word)) is not None:
            command, line = found, line[1:]
    if unknown := [word for word in line if "{" in word]:
        raise BadInput(Text(f"“{unknown[0]}”：花括号里只能是 {schedule.DATE}",
                            f"“{unknown[0]}”: only {schedule.DATE} stands for anything"))
    with command.make_context(" ".join(job.command), line, parent=ctx) as called:
        given = [option.opts[0] for option in command.params if option.name in _ITS_OWN
                 and called.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE]
    if given:
        raise BadInput(Text(f"{'、'.join(given)} 由守护进程决定；请去掉",
                            f"{', '.join(given)}: the daemon sets this; leave it out"))


@schedule_.command()
@click.argument("name", metavar="JOB")
@command_options()
def off(context: Context, name: str) -> None:
    """Run a job no longer by itself · 停用任务."""
    _change(context, name, {"active": False})


def _change(context: Context, name: str, changes: Row) -> None:
    with writing(context.open(), "outcomes") as connection:
        job = replace(schedule.job_named(name, schedule.jobs(connection)), **changes)
        if job.active:
            _check_words(job)
        schedule.set_job(connection, job, clock.now())
    line = f"{job.time:%H:%M} {job.days}  zhiben {' '.join((*job.command, *job.words))}"
    click.echo(f"{job.name}  {line if job.active else _OFF(context.language)}")


def _row(job: Job, last: runs.PastRun | None) -> Row:
    return {"name": job.name, "title": {"zh": job.title.zh, "en": job.title.en}, "time": f"{job.time:%H:%M}",
            "days": job.days, "command": [*job.command, *job.words], "active": job.active,
            "next_at": _moment(job.next_at), "last": None if last is None else _run_row(last)}


def _run_row(run: runs.PastRun) -> Row:
    return {"id": run.id, "job": run.job, "business_date": run.business_date.isoformat(), "state": run.state,
            "holder": run.holder, "known_at": _moment(run.known_at), "started_at": _moment(run.started_at),
            "ended_at": _moment(run.ended_at), "said": run.said, "message": run.message}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(clock.SHANGHAI).isoformat(timespec="seconds")


def _next(row: Row, language: Language) -> str:
    if not row["active"]:
        return ""
    if row["next_at"] is None or datetime.fromisoformat(row["next_at"]) < clock.now():
        return Text("（没有守护进程在运行）", "(no daemon runs)")(language)
    return Text("下次 {at}", "next {at}")(language, at=row["next_at"][:16].replace("T", " "))


def _past(row: Row, language: Language) -> str:
    at = (row["ended_at"] or row["started_at"])[:16].replace("T", " ")
    said = f"{row['business_date']}  {_STATES[row['state']](language)}  {at}  {row['holder']}"
    message = (row["message"] or "").splitlines()
    return f"{said}  {message[-1]}" if message and row["state"] in (runs.FAILED, runs.STOPPED) else said


commands = (schedule_,)
