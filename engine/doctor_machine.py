"""Checks of the machine and the program on it (本机自检): rule engine, packs, clock, disk, permissions, output."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import make_url

from engine import clock as program_clock
from engine import logs, tokens
from engine.backup_files import folders
from engine.diagnosis import Patient, State, ok, problem, warning
from engine.errors import PackError
from engine.packs import load_rulebook, pack_paths
from facts.errors import BadInput
from facts.language import Text

Found = Iterator[tuple[State, Text, Text | None]]

#: The one version of durable_rules whose faults engine/inference.py knows.
DURABLE_RULES = "2.0.28"

_MIB = 1 << 20
#: With less than this nothing can be done any more; with less than that, or than the database has, a sweep may not be.
_HARDLY_ANY, _LITTLE = 16 * _MIB, 100 * _MIB
#: Before this year the program was not written: a clock that says so has been set back.
_WRITTEN = 2025


def rule_engine(_: Patient) -> Found:
    """Is durable_rules here, in the version that is known?"""
    install = Text(f"重新安装：pip install --force-reinstall durable_rules=={DURABLE_RULES}（Python 3.13 另见 README）",
                   f"install it anew: pip install --force-reinstall durable_rules=={DURABLE_RULES} "
                   "(for Python 3.13 see the README)")
    try:
        import durable_rules_engine  # noqa: F401

        found = version("durable_rules")
    except (ImportError, PackageNotFoundError) as error:
        yield problem(Text(f"推理引擎 durable_rules 不能载入：{error}",
                           f"the rule engine durable_rules cannot be loaded: {error}"), install)
        return
    if found != DURABLE_RULES:
        yield problem(Text(f"durable_rules 的版本是 {found}，应为 {DURABLE_RULES}",
                           f"durable_rules is {found}, expected {DURABLE_RULES}"), install)
        return
    ours, python = version("zhiben"), ".".join(map(str, sys.version_info[:3]))
    yield ok(f"zhiben {ours}，durable_rules {found}，Python {python}",
             f"zhiben {ours}, durable_rules {found}, Python {python}")


def packs(patient: Patient) -> Found:
    """Can the packs be loaded, and which are drafts?"""
    try:
        paths = named_packs(patient)
        loaded = {pack.name for pack in load_rulebook(paths).packs}
        drafts = set() if patient.quick else {pack.name for pack in load_rulebook(paths, drafts=True).packs} - loaded
    except BadInput as error:
        yield problem(error.message, Text("改正 --packs 或 ZHIBEN_PACKS", "mend --packs or ZHIBEN_PACKS"))
    except PackError as error:
        first, count = error.problems[0], len(error.problems)
        yield problem(Text(f"规则包有 {count} 处错误，首先是 {first.show('zh')}",
                           f"the packs have mistakes: {count}, first {first.show('en')}"),
                      Text("运行 zhiben rules check 并改正", "run zhiben rules check and mend them"))
    else:
        left_out = Text(f"；草案未用：{'、'.join(sorted(drafts))}", f"; drafts, not used: {', '.join(sorted(drafts))}")
        more = left_out if drafts else Text("", "")
        yield ok(f"规则包 {len(loaded)} 个{more.zh}", f"packs: {len(loaded)}{more.en}")


def named_packs(patient: Patient) -> list[Path] | None:
    """The files and folders of the packs that are named; ``None``: the product's.

    Raises :class:`~facts.errors.BadInput` if there is no such pack.
    """
    named = patient.packs or tuple(filter(None, [os.environ.get("ZHIBEN_PACKS")]))
    return pack_paths(named) if named else None


def clock(patient: Patient) -> Found:
    """Is the clock the machine's own, and do time zones mean what they should?"""
    if os.environ.get("ZHIBEN_NOW"):
        yield warning(Text(f"时钟由 ZHIBEN_NOW 定为 {patient.now:%Y-%m-%d %H:%M}",
                           f"the clock is set by ZHIBEN_NOW to {patient.now:%Y-%m-%d %H:%M}"),
                      Text("除试验外不要设 ZHIBEN_NOW", "unset ZHIBEN_NOW; it is for trials"))
    if (here := datetime.now(program_clock.SHANGHAI)).year < _WRITTEN:
        yield problem(Text(f"本机时钟是 {here:%Y-%m-%d %H:%M}，不可能",
                           f"this machine's clock says {here:%Y-%m-%d %H:%M}, which cannot be"),
                      Text("校正时钟并启用时间同步（timedatectl set-ntp true）",
                           "set it, and turn on synchronization (timedatectl set-ntp true)"))
        return
    try:
        known = here.astimezone(ZoneInfo("Asia/Shanghai")).utcoffset()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = None
    if known is not None and known != timedelta(hours=8):
        yield warning(Text("本机的时区数据说 Asia/Shanghai 不是 UTC+8", "this machine's time zone data says that "
                           "Asia/Shanghai is not UTC+8"), Text("更新时区数据（tzdata）", "update tzdata"))
    own = datetime.now().astimezone()
    same = own.utcoffset() == timedelta(hours=8)
    mind = Text("", "") if same else Text(f"；本机时区是 {own.tzname()}，cron 和 systemd 按它计时",
                                          f"; this machine's zone is {own.tzname()}, which cron and systemd go by")
    yield ok(f"Asia/Shanghai {patient.now:%Y-%m-%d %H:%M}{mind.zh}",
             f"{patient.now:%Y-%m-%d %H:%M} in Asia/Shanghai{mind.en}")


def disk(patient: Patient) -> Found:
    """Is there room where the database, temporary files and backups lie?"""
    file = _file(patient)
    places = {Text("临时文件", "temporary files"): Path(tempfile.gettempdir())}
    if file is not None:
        places[Text("数据库", "the database")] = file.absolute().parent
    for folder in folders(patient.engine):
        places[Text("备份", "backups")] = folder
    needed = max(_LITTLE, file.stat().st_size if file is not None and file.exists() else 0)
    for what, folder in places.items():
        if not folder.is_dir():
            yield problem(Text(f"{what.zh}的文件夹 {folder} 不存在",
                               f"the folder of {what.en}, {folder}, does not exist"),
                          Text("建立该文件夹，或改设任务 backup", "create it, or set the job backup anew"))
            continue
        yield _room(what, folder, needed)


def _room(what: Text, folder: Path, needed: int) -> tuple[State, Text, Text | None]:
    free = shutil.disk_usage(folder).free
    nodes = os.statvfs(folder) if hasattr(os, "statvfs") else None
    found = Text(f"{what.zh}所在 {folder} 余 {free / _MIB:.0f} MiB",
                 f"{what.en} in {folder}: {free / _MIB:.0f} MiB free")
    if free < _HARDLY_ANY or (nodes is not None and nodes.f_files and not nodes.f_favail):
        return problem(found, Text("磁盘（或其索引节点）已满：腾出空间，失败的任务会再试",
                                   "the disk, or its inodes, are used up: free some; failed jobs are tried again"))
    if free < needed:
        return warning(found, Text(f"巡查可能要用 {needed / _MIB:.0f} MiB：腾出空间",
                                   f"a sweep may need {needed / _MIB:.0f} MiB: free some"))
    return ok(found.zh, found.en)


def permissions(patient: Patient) -> Found:
    """Can the database be written to, and only by those who should? Is the token for its owner's eyes only?"""
    wrong = False
    file = _file(patient)
    if file is not None and file.exists():
        for finding in _of_file(file):
            wrong = True
            yield finding
    try:
        token = tokens.read_token()
    except BadInput as error:
        wrong = True
        yield problem(error.message, Text("换用有效的令牌，或不设 ZHIBEN_TOKEN", "use a valid token, or none"))
    else:
        if not wrong:
            own = Text("文件可写，他人不可读", "the file can be written to, and not be read by others")
            rest = Text("有令牌", "there is a token") if token is not None else Text("没有令牌", "there is no token")
            there = file is not None and file.exists()
            yield ok(f"{own.zh}；{rest.zh}" if there else rest.zh, f"{own.en}; {rest.en}" if there else rest.en)


def _of_file(file: Path) -> Found:
    folder = file.absolute().parent
    for each in (file, folder):
        if not os.access(each, os.W_OK):
            yield problem(Text(f"{each} 不可写", f"{each} cannot be written to"),
                          Text("检查权限、属主和挂载方式（mount 是否 ro）",
                               "look at its permissions, owner and mount (ro?)"))
            return
    mode = file.stat().st_mode
    if mode & stat.S_IWOTH and _reached_by_all(folder):
        yield problem(Text(f"{file} 人人可写", f"{file} can be written to by everybody"), _close_it(file))
    elif mode & stat.S_IROTH and _reached_by_all(folder):
        yield warning(Text(f"{file} 人人可读", f"{file} can be read by everybody"), _close_it(file))


def _close_it(file: Path) -> Text:
    return Text(f"运行 chmod o-rwx {file}", f"run chmod o-rwx {file}")


def _reached_by_all(folder: Path) -> bool:
    return all(each.stat().st_mode & stat.S_IXOTH for each in (folder, *folder.parents))


def log_file(_: Patient) -> Found:
    """Can the log be written?"""
    given = os.environ.get(logs.VARIABLE, "")
    if not given:
        yield ok("没有设 ZHIBEN_LOG，命令不记运行日志", "ZHIBEN_LOG is not set, commands keep no log")
        return
    if given == "-" or given.startswith("fd:"):
        yield ok("运行日志写到标准错误", "the log goes to standard error")
        return
    path = Path(given)
    target = path if path.exists() else path.absolute().parent
    if path.is_dir() or not os.access(target, os.W_OK):
        yield problem(Text(f"运行日志 {given} 写不了", f"the log {given} cannot be written"),
                      Text("建立其文件夹，检查权限，或改设 ZHIBEN_LOG", "create its folder, look at its permissions, "
                           "or set ZHIBEN_LOG to another file"))
    else:
        yield ok(f"运行日志写到 {given}", f"the log goes to {given}")


def terminal(_: Patient) -> Found:
    """Can Chinese be shown here, and stand in file names?"""
    speaks = sys.stdout.encoding or "utf-8"
    try:
        "治本“义务”".encode(speaks)
        os.fsencode("台账.xlsx")
    except (UnicodeError, LookupError):
        yield warning(Text(f"终端或文件名的编码（{speaks}，{sys.getfilesystemencoding()}）写不了中文",
                           f"Chinese cannot be written in the encoding of the terminal or of file names ({speaks}, "
                           f"{sys.getfilesystemencoding()})"),
                      Text("设 LANG=zh_CN.UTF-8 或 C.UTF-8；文件和 JSON 不受影响",
                           "set LANG=C.UTF-8; files and JSON are in UTF-8 in any case"))
    else:
        yield ok(f"编码 {speaks}", f"encoding {speaks}")


def _file(patient: Patient) -> Path | None:
    """The file that the database is; ``None`` if it is on a server."""
    try:
        url = make_url(patient.url)
    except Exception:
        return None
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))
