"""Dates of an open case by another calendar: a notice on holidays binds every case that is still running.

The calendar is not among what a case pins: which days are worked is no rule of the matter but a fact, and a notice
settles it for all. The dates are not overwritten; an event ``dates_recounted`` says what they were and are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from catalogue.domain import clocks
from catalogue.domain.acts.base import Draft
from catalogue.domain.calendar import Calendar
from catalogue.domain.case import Case
from catalogue.domain.problems import CalendarExhausted
from catalogue.domain.value import Value


class Moved(Value, frozen=True):
    """One date of a case: ``limit`` is notice_by, promised_by, statutory_by or deliver_by."""

    reference: str
    limit: str
    before: date
    after: date


def recounted(case: Case, calendar: Calendar) -> dict[str, Any]:
    """The clocks of a case that is still running, counted by that calendar from the same days."""
    new: dict[str, Any] = {}
    if case.notice_by is not None and case.notice_from is not None:
        new["notice_by"] = clocks.notice_clock(calendar, case.limits, case.notice_from)["notice_by"]
    if case.decided_on is None and case.clock_from is not None:
        counted = clocks.recount(
            calendar, case, extended=case.extension == "granted", stopped_days=case.stopped_days
        )  # fmt: skip
        new |= {key: counted[key] for key in ("promised_by", "statutory_by", "provisional")}
    if case.decided_on is not None and case.deliver_by is not None:
        new["deliver_by"] = clocks.at_decision(calendar, case, case.decided_on)["deliver_by"]
    return new


def moved_dates(case: Case, calendar: Calendar) -> Iterator[Moved]:
    """The dates that differ by that calendar. Past its end nothing moves; reaching it names the file."""
    try:
        new = recounted(case, calendar)
    except CalendarExhausted:
        return
    for limit in ("notice_by", "promised_by", "statutory_by", "deliver_by"):
        before, after = getattr(case, limit), new.get(limit)
        if before is not None and after is not None and before.isoformat() != after:
            yield Moved(case.reference, limit, before, date.fromisoformat(after))


def recount(case: Case, calendar: Calendar, revision: int) -> tuple[Draft, ...]:
    """The event that writes the new dates down; none where nothing moves."""
    moved = tuple(moved_dates(case, calendar))
    new = {} if not moved else recounted(case, calendar)
    changed = {moved_date.limit: moved_date.after.isoformat() for moved_date in moved}
    if not changed:
        return ()
    if "provisional" in new:
        changed["provisional"] = new["provisional"]
    return (
        Draft(
            "dates_recounted",
            {
                "clocks": changed,
                "before": {one.limit: one.before.isoformat() for one in moved},
                "calendar": calendar.id,
                "revision": revision,
            },
        ),
    )
