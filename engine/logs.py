"""The log (运行日志): what the program does, for machines that watch it; one line of JSON each (structlog).

``ZHIBEN_LOG`` says where to: a file that lines are added to, ``-`` for standard error, ``fd:N`` for what a parent
process left open; without it nothing is logged. The daemon logs to standard error besides. A line is one write, so that
several processes do not tear each other's. A log that cannot be written is complained about once and stops nothing.

Neither passwords nor tokens stand in it, wherever they may have come from.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import socket
import stat
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from importlib.metadata import version
from time import monotonic
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from engine.clock import SHANGHAI
from engine.errors import PackError
from engine.operators import NotAllowed
from facts.errors import LedgerError
from facts.store.addresses import shown_text

VARIABLE = "ZHIBEN_LOG"

#: What stands first in a line, in this order.
_FIRST = ("moment", "level", "event", "command", "job", "run", "business_date")
#: Values longer than this are cut, in characters.
_LONGEST = 8_000
#: A password that is shorter may be a word like any other.
_SHORTEST_SECRET = 5

_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"([a-z][a-z0-9+.-]*://[^\s:/@?#]*):\S*@", re.IGNORECASE), r"\1:…@"),
    (re.compile(r"\b(\w*passw(?:or)?d|passfile|sslkey|oauth_client_secret)=[^\s&]+", re.IGNORECASE), r"\1=…"),
    (re.compile(r"zb1_[0-9a-f]{4,}_[0-9a-f]{4,}", re.IGNORECASE), "zb1_…"),
)

#: What all lines of the moment say besides.
_context: ContextVar[Mapping[str, Any]] = ContextVar("context", default=MappingProxyType({}))

_daemon = False
_handed: int | None = None
_complained: set[str] = set()
_passwords: set[str] = set()


class _Log:
    """What the program logs through: an event, and what is said of it."""

    def log(self, level: int, event: str, **said: Any) -> None:
        """``level`` is one of :mod:`logging`."""
        if _destinations():
            _logger().log(level, event, **said)

    def info(self, event: str, **said: Any) -> None:
        self.log(logging.INFO, event, **said)

    def warning(self, event: str, **said: Any) -> None:
        self.log(logging.WARNING, event, **said)

    def error(self, event: str, **said: Any) -> None:
        self.log(logging.ERROR, event, **said)


log = _Log()


@cache
def _logger() -> Any:
    # Imported where there is somewhere to log to: that takes a tenth of a short command's time.
    import structlog

    structlog.configure(
        processors=[_in_context, structlog.processors.add_log_level, _stamped, _without_secrets, _ready_for_output],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO), logger_factory=_Output,
        cache_logger_on_first_use=False)
    return structlog.get_logger("zhiben")


@contextmanager
def within(**said: Any) -> Iterator[None]:
    """All that is logged within, in this thread, says this too."""
    token = _context.set({**_context.get(), **said})
    try:
        yield
    finally:
        _context.reset(token)


@contextmanager
def command(name: str, database: str) -> Iterator[None]:
    """Log that a command begins and how it ends; all that is logged within names it.

    ``database`` is its address as it was given; its password is known as a secret from then on.
    """
    _keep_secret(database)
    began = monotonic()
    with within(command=name):
        log.info("command_started", database=shown_text(database), version=version("zhiben"))
        status, said = 0, {}
        try:
            yield
        except BaseException as error:
            status, said = _ending(error)
            if isinstance(error, NotAllowed):
                log.warning("operator_refused", message=error.message.en, **error.attempt)
            raise
        finally:
            level = logging.INFO if status == 0 else logging.WARNING if status == 1 else logging.ERROR
            log.log(level, "command_ended", status=status, seconds=round(monotonic() - began, 3), **said)


def _ending(error: BaseException) -> tuple[int, Mapping[str, Any]]:
    """The exit status of a command that an error ends, and what is said of it."""
    match error:
        case PackError():
            return 2, {"message": str(error).partition("\n")[0], "problems": len(error.problems)}
        case LedgerError():
            return error.exit_code, {"message": error.message.en, "error": type(error).__name__}
        case SystemExit():
            return (error.code if isinstance(error.code, int) else int(error.code is not None)), {}
        case BrokenPipeError():
            return 0, {}
        case KeyboardInterrupt():
            return 3, {"message": "stopped"}
    # Those of click carry theirs.
    status = getattr(error, "exit_code", None)
    if isinstance(status, int):
        return status, {"message": str(error)} if hasattr(error, "message") else {}
    if isinstance(error, OSError):
        return 3, {"message": str(error), "error": type(error).__name__}
    return 3, {"message": str(error), "error": type(error).__name__,
               "traceback": "".join(traceback.format_exception(error))}


@contextmanager
def to_standard_error() -> Iterator[None]:
    """Within, log to standard error besides, and what the scheduler's library has to say too."""
    global _daemon
    library = logging.getLogger("apscheduler")
    library.propagate = False
    library.handlers = [_Library(logging.WARNING)]
    _daemon = True
    try:
        yield
    finally:
        _daemon = False


def handed_on() -> tuple[dict[str, str], tuple[int, ...]]:
    """Settings and open files with which a child process logs where this daemon does, though its output is kept."""
    global _handed
    if not _daemon or os.environ.get(VARIABLE, "-") not in ("", "-"):
        return {}, ()
    if _handed is None:
        _handed = os.dup(2)
    return {VARIABLE: f"fd:{_handed}"}, (_handed,)


class _Library(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        said = {"message": record.getMessage()}
        if record.exc_info and record.exc_info[1]:
            said["traceback"] = "".join(traceback.format_exception(record.exc_info[1]))
        log.log(record.levelno, "scheduler", **said)


def _keep_secret(database: str) -> None:
    # As it was written, to the last sign that can end it, and as the server is told it.
    if written := re.search(r"://[^:/@]*:(.*)@", database, re.DOTALL):
        _passwords.update(word for word in (written[1], unquote(written[1])) if len(word) >= _SHORTEST_SECRET)


def _destinations() -> list[str]:
    given = os.environ.get(VARIABLE, "")
    return [*(["stderr"] if _daemon else []), *([given] if given and not (_daemon and given == "-") else [])]


def _in_context(_: Any, __: str, line: dict[str, Any]) -> dict[str, Any]:
    return {**_context.get(), **line}


def _stamped(_: Any, __: str, line: dict[str, Any]) -> dict[str, Any]:
    # The machine's own time, also where ZHIBEN_NOW sets the program's: a log is read beside other programs' logs.
    line["moment"] = datetime.now(SHANGHAI).isoformat(timespec="milliseconds")
    line["host"], line["pid"] = socket.gethostname(), os.getpid()
    first = {name: line.pop(name) for name in _FIRST if name in line}
    return {**first, **line}


def _without_secrets(_: Any, __: str, line: dict[str, Any]) -> dict[str, Any]:
    return {name: _safe(value) for name, value in line.items()}


def _safe(value: Any) -> Any:
    match value:
        case str():
            for pattern, instead in _SECRETS:
                value = pattern.sub(instead, value)
            for password in (*_passwords, os.environ.get("PGPASSWORD", "")):
                if len(password) >= _SHORTEST_SECRET:
                    value = value.replace(password, "…")
            return value if len(value) <= _LONGEST else value[:_LONGEST] + "…"
        case Mapping():
            return {str(name): _safe(each) for name, each in value.items()}
        case list() | tuple():
            return [_safe(each) for each in value]
        case bool() | int() | float() | None:
            return value
    return _safe(str(value))


class _Output:
    """Where a finished line goes; what structlog calls a logger."""

    def __init__(self, *_: Any) -> None:
        pass

    def write(self, line: dict[str, Any]) -> None:
        for place in _destinations():
            try:
                _put(place, line)
            except (OSError, ValueError) as error:
                _complain(place, error)

    debug = info = warning = error = critical = write


def _put(place: str, line: dict[str, Any]) -> None:
    if place == "stderr":
        _to_stream(line, shown=sys.stderr.isatty())
    elif place == "-":
        _to_stream(line, shown=False)
    elif place.startswith("fd:"):
        number = int(place[3:])
        _written(number, _for_people(line) if os.isatty(number) else _json(line))
    else:
        _append(place, _json(line))


def _to_stream(line: dict[str, Any], *, shown: bool) -> None:
    said = _for_people(line) if shown else _json(line)
    sys.stderr.flush()
    stream = getattr(sys.stderr, "buffer", None)
    if stream is None:
        sys.stderr.write(said.decode())
    else:
        stream.write(said)
    sys.stderr.flush()


def _append(path: str, said: bytes) -> None:
    # Neither a pipe without a reader nor one that is full is waited for. Opened for each line, so that the file may be
    # moved away at any time.
    waits_for_nothing = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | waits_for_nothing, 0o640)
    try:
        _written(file, b"\n" + said if _is_torn(path, file) else said)
    finally:
        os.close(file)


def _is_torn(path: str, file: int) -> bool:
    """Whether the last line is not whole: the disk was full, or its writer was killed."""
    status = os.fstat(file)
    if not stat.S_ISREG(status.st_mode) or not status.st_size:
        return False
    with suppress(OSError), open(path, "rb") as lines:
        lines.seek(-1, os.SEEK_END)
        return lines.read(1) != b"\n"
    return False


def _written(file: int, said: bytes) -> None:
    if os.write(file, said) < len(said):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _json(line: dict[str, Any]) -> bytes:
    # What some readers take for the end of a line is escaped, and what UTF-8 cannot say.
    text = re.sub("[\x7f-\x9f\u2028\u2029\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}",
                  json.dumps(line, ensure_ascii=False))
    return f"{text}\n".encode()


def _for_people(line: dict[str, Any]) -> bytes:
    from structlog.dev import ConsoleRenderer

    shown = ConsoleRenderer(timestamp_key="moment", sort_keys=False)(None, "", dict(line))
    return f"{shown}\n".encode(errors="backslashreplace")


def _complain(place: str, error: Exception) -> None:
    if place in _complained:
        return
    _complained.add(place)
    why = getattr(error, "strerror", None) or error
    with suppress(OSError, ValueError):
        print(f"提示：日志写不了 {place}（{why}），照常运行 · "
              f"warning: the log {place} cannot be written ({why}), going on", file=sys.stderr, flush=True)


def _ready_for_output(_: Any, __: str, line: dict[str, Any]) -> tuple[tuple[dict[str, Any]], dict[str, Any]]:
    return (line,), {}
