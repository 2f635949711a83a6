"""Days as offices count them: the calendar day in China Standard Time (UTC+8, no daylight saving since 1991)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)


def is_day(text: str) -> bool:
    """Whether the text is a day as it is written everywhere here, 2026-12-01: no week dates, no bare digits, which a
    reader takes for a number of seconds."""
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_moment(text: str) -> bool:
    """Whether the text has the form of a moment of RFC 3339, its offset aside."""
    return _MOMENT.fullmatch(text) is not None


def local_day(moment: datetime) -> date:
    """The office day a moment falls on."""
    return moment.astimezone(CHINA).date()


def local_time(moment: datetime) -> str:
    """RFC 3339 with +08:00 and whole seconds, as people read it."""
    return moment.astimezone(CHINA).isoformat(timespec="seconds")
