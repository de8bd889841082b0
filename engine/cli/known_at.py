"""The option ``--known-at`` (何时得知): judge by what was known at a moment, not by what is known now."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import click
from sqlalchemy import Engine

from engine import clock
from engine.cli.program import language_of
from engine.known_at import KnownAt, known_at
from facts.errors import BadInput
from facts.language import Text

_EXPECTED = Text("“{value}”不是日期或时间；应如 2024-08-01 或 2024-08-01T09:00",
                 "“{value}” is neither date nor time; expected e.g. 2024-08-01 or 2024-08-01T09:00")


class Moment(click.ParamType[datetime]):
    """A date (its last moment in Asia/Shanghai), or a date and time (of Asia/Shanghai unless it names its zone)."""

    name = "YYYY-MM-DD[THH:MM]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment. Fails with a usage error."""
        if isinstance(value, datetime):
            return value
        try:
            if len(value) >= 10 and value[4] == value[7] == "-":
                if len(value) == 10:
                    return datetime.combine(date.fromisoformat(value), time.max, clock.SHANGHAI)
                moment = datetime.fromisoformat(value)
                # The year one of another zone may be no year in this one.
                return moment.astimezone(clock.SHANGHAI) if moment.tzinfo else moment.replace(tzinfo=clock.SHANGHAI)
        except (ValueError, OverflowError):
            pass
        return self.fail(_EXPECTED(language_of(ctx), value=value), param, ctx)


known_at_option = click.option("--known-at", "known", type=Moment(), metavar="T",
                               help="judge by what was known then: a date, its end, or a date and time; default: now "
                                    "· 按何时已知的情况判定")


def known_then(engine: Engine, moment: datetime | None) -> KnownAt | None:
    """What was known at ``moment``; ``None``: all that is known now. Raises :class:`~facts.errors.BadInput`."""
    if moment is None:
        return None
    if moment.date() > clock.today():
        raise BadInput(Text(f"--known-at {moment.date()} 还没有到；应不晚于今天（{clock.today()}）",
                            f"--known-at {moment.date()} is still to come; give today ({clock.today()}) or earlier"))
    return known_at(engine, moment)


def shown(moment: datetime | None) -> str | None:
    """The moment as people write it, in Shanghai: only the date if it is the end of one."""
    if moment is None:
        return None
    local = moment.astimezone(clock.SHANGHAI)
    return local.date().isoformat() if local.time() == time.max else local.replace(tzinfo=None).isoformat()
