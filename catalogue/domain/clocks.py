"""The limits of a case: which clock runs, from which day, by which calendar, and what stops it.

All limits are working days of the authority that acts (the home region), the first day not counted.
Permit 许可: one-off notice 5 days from receipt (XKF §32), decision 20 + 10 from acceptance (§42), delivery 10 from the
decision (§44); special procedures of §45 stop the decision clock, a site check does not.
Registration 登记: decision 3 + 3 from receipt (DJTL §19), nothing stops it.
Filing 备案 and service 服务: whatever limits the matter states, from acceptance.
A limit that is unknown gives no date; it is never taken for zero.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from catalogue.domain.calendar import Calendar
from catalogue.domain.case import Case
from catalogue.domain.days import local_day
from catalogue.domain.registry.model import Limits


def _due(calendar: Calendar, start: date, days: int | None) -> tuple[str | None, bool]:
    if days is None:
        return None, False
    counted = calendar.add(start, days)
    return counted.date.isoformat(), counted.provisional


def decision_clock(
    calendar: Calendar, limits: Limits, start: date, *, extended: bool = False, stopped_days: int = 0
) -> dict[str, Any]:
    """``clock_from``, ``promised_by``, ``statutory_by`` and ``provisional`` of a decision counted from ``start``.

    An extension lengthens the statutory limit only: a promise is not extended by asking.
    """
    extra = stopped_days + ((limits.extension_days or 0) if extended else 0)
    statutory = None if limits.statutory_days is None else limits.statutory_days + extra
    promised = None if limits.promised_days is None else limits.promised_days + stopped_days
    statutory_by, provisional_statutory = _due(calendar, start, statutory)
    promised_by, provisional_promised = _due(calendar, start, promised)
    return {
        "clock_from": start.isoformat(),
        "promised_by": promised_by,
        "statutory_by": statutory_by,
        "provisional": provisional_statutory or provisional_promised,
        "stopped_days": stopped_days,
    }


def at_receipt(calendar: Calendar, procedure: str, limits: Limits, received_on: date) -> dict[str, Any]:
    """The clocks that receipt starts: K1 for a permit, the decision itself for a registration."""
    if procedure == "registration":
        return decision_clock(calendar, limits, received_on)
    return notice_clock(calendar, limits, received_on)


def notice_clock(calendar: Calendar, limits: Limits, start: date) -> dict[str, Any]:
    """K1: the one-off notice, counted from window receipt (the safe reading) or from the day of a supply."""
    notice_by, provisional = _due(calendar, start, limits.notice_days)
    return {"notice_from": start.isoformat(), "notice_by": notice_by, "provisional": provisional}


def at_acceptance(calendar: Calendar, case: Case, accepted_on: date) -> dict[str, Any]:
    """K1 ends; the decision clock of everything but a registration starts on the day of acceptance."""
    if case.procedure == "registration":
        return {"accepted_on": accepted_on.isoformat()}
    return {
        "accepted_on": accepted_on.isoformat(),
        "notice_by": None,
        **decision_clock(calendar, case.limits, accepted_on, extended=case.extension == "granted"),
    }


def at_decision(calendar: Calendar, case: Case, decided_on: date) -> dict[str, Any]:
    """K4 starts: making and delivering the result."""
    deliver_by, provisional = _due(calendar, decided_on, case.limits.deliver_days)
    return {"deliver_by": deliver_by, "provisional": provisional}


def recount(calendar: Calendar, case: Case, *, extended: bool, stopped_days: int) -> dict[str, Any]:
    """The decision clock again after an extension or the end of a special procedure."""
    if case.clock_from is None:
        return {}
    return decision_clock(calendar, case.limits, case.clock_from, extended=extended, stopped_days=stopped_days)


def way_limits(case: Case) -> tuple[tuple[str, date], ...]:
    """(name, day) of what is on its way between two offices and has a limit: papers not arrived, a file not sent;
    the decision whether to annul (K8), and an open claim on a carrier."""
    papers = [
        (f"papers-{number}", slip.due_on)
        for number, slip in enumerate(case.slips)
        if slip.arrived_on is None and slip.due_on is not None
    ]
    transfer = case.transfer
    if transfer is not None and transfer.sent_on is None and transfer.due_on is not None:
        papers.append(("file", transfer.due_on))
    if case.annulment is not None:
        papers.append(("annulment", case.annulment.decide_by))
    if case.claim is not None:
        papers.append(("claim", case.claim.due_on))
    return tuple(papers)


DECIDE_ANNULMENT_DAYS, EXTEND_ANNULMENT_DAYS = 60, 20
"""K8: to decide whether to annul a permit, from the day its fault was found; longer once, by the head (市场监管总局令
第16号 §45). Days of the calendar: the provision does not say working days."""
ANSWER_INQUIRY_DAYS, INQUIRE_MONTHS, PUBLIC_NOTICE_DAYS = 3, 3, 45
"""K7: whether to inquire into a registration is settled within three working days of the request; the inquiry takes
three months, longer once by as many; it is made public for forty-five days (登记管理条例实施细则 §52 to §54)."""
HEAR_DAYS = 5
"""K9: the holder's statement and defence, from the notice; silence waives it (市场监管总局令第16号 §44)."""
CLAIM_DAYS = 30
"""Days of the calendar to settle a claim on a carrier after lost post was reported, unless the house sets others. No
source gives any: the house's own choice, so that nobody forgets a claim."""
RENEW_BEFORE_DAYS = 30
"""K10: a renewal is asked for so many days before the term ends (行政许可法 §50)."""


def annulment_clock(calendar: Calendar, found_on: date, told_on: date) -> dict[str, Any]:
    """K8 and K9 of a permit that may be annulled. A last day to be heard that is no working day moves to the next."""
    until = told_on + timedelta(days=HEAR_DAYS)
    if not calendar.is_workday(until):
        until = calendar.add(until, 1).date
    return {
        "found_on": found_on.isoformat(),
        "hear_until": until.isoformat(),
        "decide_by": (found_on + timedelta(days=DECIDE_ANNULMENT_DAYS)).isoformat(),
    }


def months_later(day: date, months: int) -> date:
    """The day that corresponds to ``day``; the last one of a month that lacks it (民法典 §202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def inquiry_clock(calendar: Calendar, requested_on: date, begun_on: date) -> dict[str, Any]:
    """K7 of a registration that may be annulled: asked for, made public, to be settled."""
    return {
        "found_on": requested_on.isoformat(),
        "answer_by": calendar.add(requested_on, ANSWER_INQUIRY_DAYS).date.isoformat(),
        "hear_until": (begun_on + timedelta(days=PUBLIC_NOTICE_DAYS)).isoformat(),
        "decide_by": months_later(begun_on, INQUIRE_MONTHS).isoformat(),
    }


def is_stopped(case: Case) -> bool:
    """Whether a special procedure of 行政许可法 §45 is under way; one of another kind stops nothing."""
    return case.special is not None and case.special.stops


def runs(case: Case) -> bool:
    """Whether the clocks up to the decision run: the case is open and undecided, and nothing stops them."""
    return case.decided_on is None and case.closed_on is None and not is_stopped(case)


def next_due(case: Case) -> date | None:
    """The date a desk sorts by: the nearest limit that runs now; none while the clock stands still."""
    if case.state == "correction_notice" or is_stopped(case):
        return None
    if case.state in ("collected", "closed", "archived"):
        annul = case.annulment.decide_by if case.annulment else None
        days = (case.check_by, annul, case.claim.due_on if case.claim else None)
        return min((day for day in days if day is not None), default=None)
    if case.decided_on is not None:
        return case.deliver_by
    dates = [day for day in (case.notice_by, case.promised_by, case.statutory_by) if day is not None]
    return min(dates, default=None)


UNDELIVERED = frozenset({"decided_grant", "decided_refuse", "cert_ready", "posted", "mail_returned", "mail_lost"})
"""States in which the result has not reached the applicant, so that K4 runs (XKF §44)."""


def delivery_limit(case: Case) -> date | None:
    """K4 while it runs: the last day to make and deliver the result (XKF §44); None once it was delivered."""
    return case.deliver_by if case.decided_on is not None and case.state in UNDELIVERED else None


def is_delivery_late(case: Case, today: date) -> bool:
    """The result was to have reached the applicant before today."""
    limit = delivery_limit(case)
    return limit is not None and limit < today


def is_overdue(case: Case, today: date) -> bool:
    """The statutory date of an undecided case lies behind, its clock not being stopped."""
    return runs(case) and case.statutory_by is not None and case.statutory_by < today


def time_used(case: Case, calendar: Calendar | None, today: date) -> dict[str, int]:
    """Working days booked to each account so far, the day of a hand-over counted to the one who hands over."""
    used = {"accepting": 0, "applicant": 0, "home": 0, "way_back": 0}
    if calendar is None:
        return used
    for index, hold in enumerate(case.holds):
        if hold.account not in used:
            continue
        end = local_day(case.holds[index + 1].since) if index + 1 < len(case.holds) else today
        start = local_day(hold.since)
        if end > start:
            used[hold.account] += calendar.between(start, end)
    return used
