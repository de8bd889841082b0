"""The command ``sweep`` (巡查)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

import click
from sqlalchemy import Engine

from engine import clock
from engine.cli import cards
from engine.cli.context import Context, as_of_option, command_options
from engine.cli.lookups import legible
from engine.cli.progress import progress_bar
from engine.cli.waivers import warn_of_endings
from engine.lease import Holding
from engine.nights import CATCH_UP, Night, Nights, night_of, nights, repetition
from engine.runs import SWEEP
from engine.said import said
from engine.schedule import job_named, jobs
from engine.surge import SHARE
from engine.sweep import Judging, Swept
from engine.waiver_store import known_waivers
from facts.errors import BadInput
from facts.language import Text
from facts.store.database import reading


@click.command()
@as_of_option
@click.option("--full", is_flag=True,
              help="judge all, also those of whom nothing can have changed since the last sweep · 全部重新判定")
@click.option("--catch-up", type=click.Choice(CATCH_UP),
              help="first the nights missed before the date, each with what was known then: all, the last or none · "
                   "先补查错过的各夜")
@click.option("--no-wait", is_flag=True, help="leave if another sweep is running · 另有巡查在进行时不等候")
@click.option("--allow-surge", is_flag=True,
              help="also if very many new violations would open at once · 允许一次新增大量违规")
@click.option("--surge-share", type=click.IntRange(0, 100), default=round(SHARE * 100), show_default=True,
              metavar="PERCENT", envvar="ZHIBEN_SURGE_SHARE",
              help="stop at more sudden violations than this share of the enterprises; else ZHIBEN_SURGE_SHARE "
                   "· 新增违规超过户数的百分之几即停下")
@click.option("--by", "author", metavar="NAME",
              help="who allows the surge; with a token not needed · 允许新增大量违规的人")
@click.option("--workers", type=click.IntRange(1, 64), help="processes; default: one a processor · 进程数")
@click.option("--cluster", metavar="ADDRESS",
              help="judge on the workers of this Dask scheduler (tcp://10.0.0.1:8786); PostgreSQL · 在集群上判定")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="output for people or for scripts · 输出格式")
@command_options(packs=True)
def sweep(context: Context, as_of: date, full: bool, catch_up: str | None, no_wait: bool, allow_surge: bool,
          surge_share: int, author: str | None, workers: int | None, cluster: str | None, form: str) -> None:
    """Judge all enterprises and record what changed · 全面判定并登记变化.

    Only one sweep runs at a time. One that would open very many violations at once, which the passing of time does
    not explain, stops and asks for --allow-surge; that, and a date still to come, takes an approver once operators are
    named.
    """
    ahead = as_of > clock.today()
    if allow_surge or surge_share > round(SHARE * 100) or ahead:
        by = None if author is None else said(legible(author), Text("经办人", "name"))
        context.act("allow_surge", by, about=str(as_of))
    elif author is not None:
        raise BadInput(Text("--by 只与 --allow-surge 同用", "--by goes with --allow-surge only"))
    if ahead:
        context.say(Text("提示：{as_of} 还没有到；登记之后，到那一天为止各夜只统计、不登记",
                         "warning: {as_of} is still to come; once it is recorded, nights until then are only counted"),
                    as_of=as_of)
    if cluster is not None and workers is not None:
        raise BadInput(Text("--workers 与 --cluster 不能同用：集群上有多少工作进程就用多少",
                            "--workers does not go with --cluster, which uses all workers that it has"))
    rulebook = context.rulebook()
    engine = context.open()
    night = Night(as_of)
    with reading(engine) as connection:
        at = job_named(SWEEP, jobs(connection)).time
        if catch_up is not None and as_of < clock.today():
            night = night_of(as_of, at)
        swept = None if full else repetition(connection, rulebook, night)
    caught_up: list[Swept] = []
    if swept is None:
        options = {"packs": [Path(p) for p in context.packs], "workers": workers, "again": full,
                   "share": None if allow_surge else surge_share / 100}
        with (_judging(cluster, engine) as judging,
              nights(engine, rulebook, clock.now, wait=not no_wait, waiting=partial(_say_who, context),
                     judging=judging, **options) as sweeps):
            for each in sweeps.missed(as_of, at, catch_up) if catch_up else ():
                caught_up.append(_sweep(context, sweeps, each))
            swept = _sweep(context, sweeps, night)
    if not swept.counts.recorded:
        context.say(Text("提示：已有更晚日期的判定登记在册，本次只统计、没有登记",
                         "warning: a sweep as of a later date is recorded already; this one was counted, not recorded"))
    warn_of_endings(context, known_waivers(engine).values(), as_of)
    documents = [each.document() for each in caught_up]
    if form == "json":
        context.document({**swept.document(), **({"caught_up": documents} if catch_up else {})}, indent=None)
    else:
        for document in (*documents, swept.document()):
            cards.summary(document, context.language)


@contextmanager
def _judging(address: str | None, engine: Engine) -> Iterator[Judging | None]:
    """What judges, where that is not this machine."""
    if address is None:
        yield None
        return
    from engine.cluster import connected

    with connected(address, engine, clock.now) as cluster:
        yield cluster


def _sweep(context: Context, sweeps: Nights, night: Night) -> Swept:
    with progress_bar(Text(f"判定 {night.as_of}", f"judging {night.as_of}"), context.language) as progress:
        return sweeps.sweep(night, progress)


def _say_who(context: Context, other: Holding) -> None:
    since = other.taken_at.astimezone(clock.SHANGHAI) if other.taken_at else None
    context.say(Text("{who} 正在巡查（{since} 起），等候其完成；--no-wait 则不等候",
                     "{who} is sweeping since {since}; waiting for it to end (--no-wait leaves)"),
                who=other.holder, since=f"{since:%H:%M:%S}" if since else "?")


commands = (sweep,)
