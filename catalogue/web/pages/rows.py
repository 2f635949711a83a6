"""Rows of a list of cases: how urgent each is, in words, by shape, and as a bar of the days used.

Amber: the promise is near or past, or the statutory limit ends today. Red: a statutory limit is past.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from catalogue.domain.calendar import Calendar
from catalogue.domain.problems import CalendarExhausted
from catalogue.domain.registry.revision import Revision
from catalogue.domain.text import Text
from catalogue.domain.value import Value

NEAR_DAYS = 1
"""A promise is near when so few working days are left."""

ROOM = 87.0
"""Percent of the bar's width at which the statutory limit stands; what lies behind it is overdue."""

_STOPPED = {
    "correction_notice": Text("待补正，中止计时", "awaiting corrections, clock stopped"),
    "special": Text("特别程序，中止计时", "special procedure, clock stopped"),
}
_DECIDED = frozenset(
    {"decided_grant", "decided_refuse", "cert_ready", "posted", "mail_returned", "mail_lost", "collected", "closed"}
)


class Clock(Value, frozen=True):
    """``level``: ok, amber, red, stopped or none; the words say the same."""

    level: str
    words: Text


class Bar(Value, frozen=True):
    """Percent along the bar; None where a mark is unknown."""

    used: float
    promised: float | None
    statutory: float | None
    level: str


def calendar_for(revision: Revision, region: str | None) -> Calendar | None:
    """The calendar by which a region's limits run."""
    found = revision.registry.regions.get(region or "")
    return None if found is None else revision.calendars.get(found.calendar)


def _between(calendar: Calendar | None, start: date, end: date) -> int | None:
    """Working days from ``start`` to ``end``, negative where it lies behind; None past the calendar."""
    if calendar is None:
        return None
    try:
        return calendar.between(start, end) if end >= start else -calendar.between(end, start)
    except CalendarExhausted:
        return None


def _days(left: int | None, zh: str, en: str) -> Text:
    number = abs(left) if left is not None else None
    if number is None:
        return Text(zh, en)
    return Text(f"{zh} {number} 个工作日", f"{en} {number} working day{'' if number == 1 else 's'}")


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def clock_of(line: Mapping[str, Any], calendar: Calendar | None, today: date) -> Clock:
    """How urgent a case of a list is."""
    if line["queue"] is None:
        return Clock("none", Text("已办结", "ended"))
    state = line["state"]
    if state in _STOPPED:
        return Clock("stopped", _STOPPED[state])
    due, statutory, promised = (_day(line[key]) for key in ("due_on", "statutory_by", "promised_by"))
    if line["queue"] == "to_check":
        return _check(due, calendar, today)
    if state in _DECIDED:
        return _delivery(due, calendar, today)
    if statutory is not None and statutory < today:
        return Clock("red", _days(_between(calendar, statutory, today), "法定超期", "past the statutory limit by"))
    if statutory is not None and statutory == today:
        return Clock("amber", Text("今日到法定期限", "statutory limit today"))
    if promised is not None and promised < today:
        return Clock("amber", _days(_between(calendar, promised, today), "超承诺时限", "past the promise by"))
    if due is None:
        return Clock("none", Text("期限未起算", "no limit runs yet"))
    left = _between(calendar, today, due)
    if promised is not None and due == promised and left is not None and left <= NEAR_DAYS:
        return Clock(
            "amber",
            Text("承诺今日到期", "promised for today") if left == 0 else _days(left, "临近承诺，剩", "promise near:"),
        )
    if statutory is None and promised is None:
        if due < today:
            return Clock("red", Text("告知期已过", "period for notice is past"))
        return Clock("ok", _days(left, "告知期剩", "for notice:"))
    return Clock("ok", _days(left, "剩", "left:"))


def _delivery(due: date | None, calendar: Calendar | None, today: date) -> Clock:
    if due is None:
        return Clock("none", Text("已决定", "decided"))
    if due < today:
        return Clock("red", _days(_between(calendar, due, today), "送达超期", "delivery late by"))
    if due == today:
        return Clock("amber", Text("今日到送达期限", "delivery due today"))
    return Clock("ok", _days(_between(calendar, today, due), "送达剩", "to deliver:"))


def _check(due: date | None, calendar: Calendar | None, today: date) -> Clock:
    """The later check of a commitment, whose day is a house rule of the registry and no limit of the law."""
    if due is None:
        return Clock("none", Text("待核查承诺", "commitment to check"))
    if due < today:
        return Clock("amber", _days(_between(calendar, due, today), "核查已过", "check late by"))
    return Clock("ok", _days(_between(calendar, today, due), "核查剩", "to check:"))


def bar_of(line: Mapping[str, Any], calendar: Calendar | None, today: date, level: str) -> Bar | None:
    """Working days used since receipt, with the two limits; None where nothing runs."""
    statutory, promised = _day(line["statutory_by"]), _day(line["promised_by"])
    last = statutory or promised
    if last is None or line["queue"] is None or level in ("stopped", "none") or line["state"] in _DECIDED:
        return None
    start = date.fromisoformat(line["received_on"])
    whole, used = _between(calendar, start, last), _between(calendar, start, today)
    if whole is None or used is None or whole < 1:
        return None

    def at(days: int) -> float:
        return round(min(max(days / whole * ROOM, 0.0), 100.0), 1)

    until = _between(calendar, start, promised) if promised is not None else None
    return Bar(at(used), None if until is None else at(until), ROOM if statutory else None, level)
