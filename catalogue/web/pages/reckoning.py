"""How a day was reckoned 日子怎么算: the strip of days from the start of a limit to its end, by the home calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from catalogue.domain.calendar import Calendar
from catalogue.domain.case import Case
from catalogue.domain.clocks import is_stopped
from catalogue.domain.days import local_day
from catalogue.domain.text import Text
from catalogue.domain.value import Value

WEEK = 7
ONE_ROW = 9
"""As many days as stand in one row; a longer span stands in weeks."""
LONGEST = 19 * WEEK
"""A span beyond this is told in words only."""


class Day(Value, frozen=True):
    """One day of the strip. ``number``: the working day it is counted as; ``css``: off, now, end or nothing."""

    date: date
    number: int | None
    marks: tuple[Text, ...]
    css: str


class Reckoning(Value, frozen=True):
    """The strip and its sentence. ``kind``: decision or notice."""

    kind: str
    start: date
    end: date
    total: int
    days: tuple[Day, ...]
    weeks: bool
    lead: int
    """Empty places before the first day where the strip stands in weeks from Monday."""
    calendar: Text
    stopped: int


def reckon(
    case: Case,
    calendar: Calendar | None,
    national: Calendar | None,
    events: Sequence[tuple[int, str, str, str]],
    today: date,
) -> Reckoning | None:
    """The reckoning of the limit that runs or ran: of the decision, before acceptance of a permit of the notice."""
    if calendar is None:
        return None
    if case.clock_from is not None and (case.statutory_by or case.promised_by):
        kind, start, end = "decision", case.clock_from, max(filter(None, (case.statutory_by, case.promised_by)))
    elif case.notice_from is not None and case.notice_by is not None:
        kind, start, end = "notice", case.notice_from, case.notice_by
    else:
        return None
    if not calendar.first <= start <= end <= calendar.last:
        return None
    stopped = _stopped(case, events, today) if kind == "decision" else []
    names = _holidays(calendar, national)
    shown: list[Day] = []
    number = 0
    day = start
    while day <= end and len(shown) < LONGEST:
        works = calendar.is_workday(day)
        halted = any(first < day <= last for first, last in stopped)
        counts = works and day > start and not halted
        number += counts
        shown.append(_day(case, kind, day, start, end, number if counts else None, works, halted, names, today))
        day += timedelta(1)
    whole = day > end
    weeks = len(shown) > ONE_ROW
    return Reckoning(
        kind, start, end, number, tuple(shown) if whole else (), weeks, start.weekday() if weeks else 0,
        calendar.name, case.stopped_days,
    )  # fmt: skip


def _day(
    case: Case, kind: str, day: date, start: date, end: date, number: int | None, works: bool, halted: bool,
    names: dict[date, str], today: date,
) -> Day:  # fmt: skip
    marks: list[Text] = []
    if day == start:
        received = kind == "notice" or case.procedure == "registration"
        marks.append(Text("收件", "filed") if received else Text("受理", "accepted"))
    elif halted and works:
        marks.append(Text("停", "stopped"))
    elif not works:
        holiday = names.get(day)
        marks.append(Text(holiday, "holiday") if holiday else Text("休", "off"))
    if day == today:
        marks.append(Text("今天", "today"))
    if kind == "decision" and day == case.promised_by and day != start:
        marks.append(Text("承诺", "target"))
    if day == end and day != case.promised_by:
        marks.append(Text("最迟", "latest"))
    css = "end" if day == end else "off" if number is None else ""
    if day == today:
        css = "now"
    return Day(day, number, tuple(marks), css)


def _stopped(case: Case, events: Sequence[tuple[int, str, str, str]], today: date) -> list[tuple[date, date]]:
    """The spans whose working days did not count, the first day not included."""
    spans: list[tuple[date, date]] = []
    began: date | None = None
    for _, kind, at, _ in events:
        day = local_day(datetime.fromisoformat(at))
        if kind == "special_procedure_started":
            began = day
        elif kind == "special_procedure_ended" and began is not None:
            spans.append((began, day))
            began = None
    if began is not None and is_stopped(case):
        spans.append((began, today))
    return spans if case.stopped_days or case.special else []


def _holidays(calendar: Calendar, national: Calendar | None) -> dict[date, str]:
    """Named days off; the region's own name wins over the nation's."""
    return {
        day: period.name
        for source in (national, calendar)
        if source is not None
        for year in source.years
        for period in year.off
        for day in period.days()
    }
