"""Days as offices count them: the calendar day in China Standard Time (UTC+8, no daylight saving since 1991)."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


def local_day(moment: datetime) -> date:
    """The office day a moment falls on."""
    return moment.astimezone(CHINA).date()


def local_time(moment: datetime) -> str:
    """RFC 3339 with +08:00 and whole seconds, as people read it."""
    return moment.astimezone(CHINA).isoformat(timespec="seconds")
