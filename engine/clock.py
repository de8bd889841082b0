"""The program's clock (时钟): the one place that reads the time.

``ZHIBEN_NOW`` (ISO date and time) sets it. Times without a zone are those of Asia/Shanghai, which has had no summer
time since 1991, long before any date that matters here.
"""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta, timezone

from facts.errors import BadInput
from facts.language import Text

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def now() -> datetime:
    """The current time in Asia/Shanghai. Raises :class:`~facts.errors.BadInput` if ``ZHIBEN_NOW`` is no time."""
    given = os.environ.get("ZHIBEN_NOW")
    if not given:
        return datetime.now(SHANGHAI)
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise BadInput(Text(f"环境变量 ZHIBEN_NOW“{given}”不是时间；应如 2024-08-01T09:00",
                            f"ZHIBEN_NOW {given!r} is no time; expected e.g. 2024-08-01T09:00")) from None
    return moment.astimezone(SHANGHAI) if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def today() -> date:
    """Today's civil date in Asia/Shanghai."""
    return now().date()
