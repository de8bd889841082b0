"""The program's clock (时钟): the one place that reads the time.

``ZHIBEN_NOW`` (ISO date and time) sets it. Times without a zone are those of Asia/Shanghai, which has had no summer
time since 1991, long before any date that matters here.
"""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta, timezone

from facts.errors import BadInput
from facts.language import Text
from facts.ledger import show
from facts.models import FIRST_DAY, LAST_DAY

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def now() -> datetime:
    """The current time in Asia/Shanghai. Raises :class:`~facts.errors.BadInput` if ``ZHIBEN_NOW`` is no time."""
    given = os.environ.get("ZHIBEN_NOW")
    if not given:
        return datetime.now(SHANGHAI)
    try:
        moment = datetime.fromisoformat(given)
        moment = moment.astimezone(SHANGHAI) if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
        if FIRST_DAY <= moment.date() <= LAST_DAY:
            return moment
    except (ValueError, OverflowError):
        pass
    raise BadInput(Text(
        f"环境变量 ZHIBEN_NOW“{show(given)}”不是 {FIRST_DAY.year} 至 {LAST_DAY.year} 年的时间；应如 2024-08-01T09:00",
        f"ZHIBEN_NOW “{show(given)}” is no time of the years {FIRST_DAY.year} to {LAST_DAY.year}; expected e.g. "
        "2024-08-01T09:00"))


def today() -> date:
    """Today's civil date in Asia/Shanghai."""
    return now().date()
