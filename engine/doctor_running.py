"""Checks of what runs by itself (运行自检): sweeps and the nights that lack one, daemons, jobs, backups."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from engine import presence, runs, schedule
from engine.backup_files import newest_backup
from engine.clock import SHANGHAI
from engine.diagnosis import Patient, State, ok, problem, warning
from engine.doctor_machine import named_packs
from engine.horizons import ROUND
from engine.lease import alive, entered
from engine.metrics import missed_nights
from engine.nights import newest_swept
from engine.outcomes import Sweep
from engine.packs import load_rulebook
from facts.language import Text
from facts.store import journal
from facts.store.database import reading

Found = Iterator[tuple[State, Text, Text | None]]

#: A sweep that has run for longer, and ten times as long as the last, is asked about.
_LONG = timedelta(hours=6)
#: So late a job may be before its daemon is thought to hang.
_LATE = timedelta(minutes=15)
#: A backup may be so old where something was written since.
_OLD = timedelta(days=2)

_CATCH_UP = Text("运行 zhiben sweep --catch-up all，看它说什么；守护进程会自己补查",
                 "run zhiben sweep --catch-up all and see what it says; a daemon does so by itself")
_START = Text("启动守护进程（systemctl start zhiben，或 zhiben schedule run），"
              "或用 cron 运行 zhiben sweep --catch-up all",
              "start the daemon (systemctl start zhiben, or zhiben schedule run), or have cron run "
              "zhiben sweep --catch-up all")


def rulebook(patient: Patient) -> Found:
    """Are the packs those that the newest sweep was held against?"""
    with _reading(patient) as connection:
        columns = Sweep.table().c
        row = connection.execute(select(columns.as_of, columns.packs)
                                 .order_by(columns.as_of.desc(), columns.id.desc()).limit(1)).first()
    if row is None:
        return
    now = {pack.name: pack.sha256 for pack in load_rulebook(named_packs(patient)).packs}
    changed = sorted(name for name in {*now, *row.packs} if now.get(name) != row.packs.get(name))
    if not changed:
        yield ok(f"与 {row.as_of} 巡查所用的相同", f"those of the sweep of {row.as_of}")
        return
    names = ", ".join(changed[:5]) + (" …" if len(changed) > 5 else "")
    yield warning(Text(f"与 {row.as_of} 巡查所用的不同：{names}",
                       f"others than those of the sweep of {row.as_of}: {names}"),
                  Text("若是有意的，下次巡查即按新的判定；比较用 zhiben rules diff",
                       "if that is meant, the next sweep goes by them; compare them with zhiben rules diff"))


def sweeps(patient: Patient) -> Found:
    """Was every night swept, and is none missing?"""
    with _reading(patient) as connection:
        newest = newest_swept(connection)
        lacking = missed_nights(connection, patient.now)
    if newest is None:
        yield warning(Text("还没有巡查过", "nothing was swept yet"), Text("运行 zhiben sweep", "run zhiben sweep"))
    elif lacking:
        yield problem(Text(f"最近一次巡查是 {newest} 的，其后缺 {lacking} 夜",
                           f"the newest sweep is of {newest}; nights missing since: {lacking}"), _CATCH_UP)
    else:
        yield ok(f"最近一次巡查是 {newest} 的", f"the newest sweep is of {newest}")


def samples(patient: Patient) -> Found:
    """Were those whom the sweeps judged again without need as they are recorded?"""
    with _reading(patient) as connection:
        done = [run for run in runs.history(connection, job=runs.SWEEP, limit=ROUND) if run.state == runs.DONE]
    judged = 0
    if not done:
        return
    for run in done:
        said = run.said or {}
        if not said.get("sampled") and said.get("judged"):
            # It judged all: what was wrong before is put right.
            break
        judged += said.get("sampled", 0)
        if differing := said.get("differing"):
            yield problem(
                Text(f"{run.business_date} 的巡查抽查了 {said['sampled']} 家，其中 {differing} 家与登记的不符",
                     f"of {said['sampled']} judged again by the sweep of {run.business_date}, {differing} were not as "
                     "recorded"),
                Text("运行 zhiben verify；若相符，运行 zhiben sweep --full 全部重新判定，并报告此问题",
                     "run zhiben verify; if nothing is wrong there, judge all again with zhiben sweep --full, and "
                     "report this"))
            return
    yield ok(f"自上次全部判定以来抽查 {judged} 家，没有与登记不符的",
             f"{judged} judged again by turns since all were judged, none not as recorded")


def running(patient: Patient) -> Found:
    """Does a sweep run, and is it alive?"""
    with _reading(patient) as connection:
        lease, last = entered(connection, runs.SWEEP), runs.last(connection, runs.SWEEP)
        done = runs.last(connection, runs.SWEEP, state=runs.DONE)
    held = lease is not None and lease.holder is not None
    gone = lease is None or not held or alive(lease) is False
    if last is not None and last.state == runs.RUNNING and gone:
        yield problem(Text(f"{last.holder} 的巡查（{last.business_date}，{_at(last.started_at)} 起）中断了",
                           f"the sweep of {last.holder} (as of {last.business_date}, begun {_at(last.started_at)}) "
                           "ended without a word"), _CATCH_UP)
    elif lease is None or not held:
        yield ok("没有巡查在进行", "no sweep is running")
    elif gone:
        yield warning(Text(f"{lease.holder} 占着巡查的租约却已不在",
                           f"{lease.holder} holds the sweeps' lease and is gone"),
                      Text("不必处理：下次巡查会接手", "nothing: the next sweep takes it over"))
    else:
        usual = timedelta(seconds=10 * (done.said or {}).get("seconds", 0)) if done is not None else timedelta()
        since = lease.taken_at
        found = Text(f"{lease.holder} 正在巡查，{since and _at(since)} 起",
                     f"{lease.holder} is sweeping since {since and _at(since)}")
        if since is not None and patient.now - since > max(_LONG, usual):
            yield warning(found, Text("看该进程是否卡住；结束它不会丢失登记，下次巡查补上",
                                      "see whether that process hangs; ending it loses nothing that was recorded, the "
                                      "next sweep makes up for it"))
        else:
            yield ok(found.zh, found.en)


def daemons(patient: Patient) -> Found:
    """Does a daemon run, and does it keep its times?"""
    with _reading(patient) as connection:
        entries = presence.present(connection, presence.DAEMON)
        jobs = schedule.jobs(connection)
        swept = newest_swept(connection) is not None and not missed_nights(connection, patient.now)
        busy = any((last := runs.last(connection, job.name)) is not None and last.state == runs.RUNNING for job in jobs)
    there = [entry for entry in entries if alive(entry) is not False]
    for entry in entries:
        if entry not in there:
            yield problem(Text(f"守护进程 {entry.holder} 没有正常停止就不在了",
                               f"the daemon {entry.holder} has ended without a word"),
                          Text("看系统日志（journalctl -u zhiben），再启动它",
                               "look at the system's log (journalctl -u zhiben), then start it again"))
    late = [job for job in jobs if job.active and job.next_at is not None and job.next_at < patient.now - _LATE]
    next_ = min((job.next_at for job in jobs if job.active and job.next_at is not None), default=None)
    if there and late and not busy:
        yield problem(Text(f"守护进程 {there[0].holder} 没有按时运行 {late[0].name}（应在 {_at(late[0].next_at)}）",
                           f"the daemon {there[0].holder} did not run {late[0].name} at its time, "
                           f"{_at(late[0].next_at)}"),
                      Text("它可能卡住或已关机：看 journalctl -u zhiben，再重新启动",
                           "it may hang, or its machine be off: see journalctl -u zhiben, then start it again"))
    elif there:
        when = Text(f"，下一任务 {_at(next_)}", f", next job {_at(next_)}") if next_ is not None else Text("", "")
        yield ok(f"守护进程 {there[0].holder}{when.zh}", f"daemon {there[0].holder}{when.en}")
    elif not entries and swept:
        yield ok("没有守护进程；巡查由别的（如 cron）按时运行", "no daemon; something else, as cron, keeps the sweeps")
    elif not entries:
        yield warning(Text("没有守护进程，也没有别的按时巡查",
                           "no daemon runs, and nothing else keeps the sweeps"), _START)


def jobs(patient: Patient) -> Found:
    """How did each job end last, and is one overdue?"""
    wrong = False
    with _reading(patient) as connection:
        for job in schedule.jobs(connection):
            last = runs.last(connection, job.name)
            done = runs.last(connection, job.name, state=runs.DONE)
            if last is None or not job.active:
                continue
            if last.state in (runs.FAILED, runs.LOST):
                wrong = True
                said = (last.message or "").strip().splitlines()
                why = f": {said[-1]}" if said else ""
                yield problem(Text(f"{job.name}（{last.business_date}）没有完成{why}",
                                   f"{job.name} of {last.business_date} was not done{why}"),
                              Text(f"看 zhiben schedule history --job {job.name}，排除原因后重新运行",
                                   f"see zhiben schedule history --job {job.name}; then run it again"))
            elif (due := job.newest_due(patient.now - _LATE)) is not None and job.name != runs.SWEEP and (
                    done is not None and done.business_date < due and last.state != runs.RUNNING):
                wrong = True
                yield warning(Text(f"{job.name} 应在 {due} 运行而没有运行",
                                   f"{job.name} was due on {due} and was not run"), _START)
    if not wrong:
        yield ok("各任务最近一次都完成了", "all jobs were done the last time")


def backups(patient: Patient) -> Found:
    """Is there a backup of what has been written?"""
    with _reading(patient) as connection:
        made, seal = newest_backup(connection), journal.newest(connection)
    todo = Text("运行 zhiben db backup 文件夹，并设为任务：zhiben schedule set backup -- 文件夹",
                "run zhiben db backup FOLDER, and make it a job: zhiben schedule set backup -- FOLDER")
    if made is None:
        yield warning(Text("不知道有任何备份", "no backup is known"), todo)
    elif patient.now - made > _OLD and seal is not None and seal.at.astimezone(UTC) > made:
        yield warning(Text(f"最近的备份是 {_at(made)} 的，其后已有新的登记",
                           f"the newest backup is of {_at(made)}, and more was recorded since"), todo)
    else:
        yield ok(f"最近的备份是 {_at(made)} 的", f"the newest backup is of {_at(made)}")


def _at(moment: datetime | None) -> str:
    return "?" if moment is None else f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _reading(patient: Patient) -> AbstractContextManager[Connection]:
    assert patient.engine is not None
    return reading(patient.engine)

