"""Acts of the home region's intake: receive, ask once for what is missing, accept or decline."""

from __future__ import annotations

from datetime import date
from typing import Any

from catalogue.domain import clocks
from catalogue.domain.acts.base import (
    Acts,
    Body,
    Circumstances,
    Draft,
    closing,
    home_calendar,
    named_materials,
    reason,
    rule,
)
from catalogue.domain.calendar import Calendar
from catalogue.domain.case import Case
from catalogue.domain.people import Actor


def _bounce(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    # Where it should go is advice among offices: sealed with its words, since the applicant's file shows what is clear.
    sealed = {"reason": body["reason"], "suggestion": body.get("suggestion") or {}}
    return (Draft("bounced", {"state": "bounced", "code": body["code"]}, sealed),)


def _receive_at_home(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    state = "home_received" if case.accepted_on is None else "accepted"
    return (Draft("received_at_home", {"state": state}, reason(body)),)


def deemed(case: Case, today: date) -> bool:
    """K1 ran out unused: the permit counts as accepted from the day of receipt (XKF §32(4))."""
    return (
        case.procedure == "permit"
        and case.accepted_on is None
        and case.state in ("received", "bounced", "unroutable", "forwarded", "home_received")
        and case.home_office is not None
        and case.notice_by is not None
        and case.notice_by < today
    )


def deemed_acceptance(case: Case, calendar: Calendar) -> Draft:
    """The event of deemed acceptance, dated back to the day the papers were received (or supplied)."""
    day = case.notice_from or case.received_on
    clear: dict[str, Any] = {
        "accepted_on": day.isoformat(),
        "source": "XKF-32",
        "clocks": {**clocks.at_acceptance(calendar, case, day), "deemed": True},
    }
    if case.state == "home_received":
        clear["state"] = "accepted"
    return Draft("deemed_accepted", clear)


def _not_deemed(case: Case, given: Circumstances) -> None:
    if deemed(case, given.today):
        raise rule(
            "已逾一次性告知期限，依《行政许可法》第三十二条自收到材料之日起视为受理",
            "The period for notice has passed; the case counts as accepted from receipt (XKF §32)",
            "deemed-accepted",
        )


def _request_correction(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    _not_deemed(case, given)
    if case.corrections:
        raise rule("补正只能一次性告知", "Corrections may be asked for only once (XKF §32)", "one-notice")
    return (
        Draft(
            "correction_requested",
            {
                "state": "correction_notice",
                "materials": named_materials(body["items"], case, given),
                "days": body.get("days"),
                "clocks": {"notice_by": None},
            },
            {"items": body["items"]},
        ),
    )


def _close_unsupplied(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("correction_unsupplied", {"state": "not_supplied", **closing(given)}, reason(body)),)


def _return_for_resubmission(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (
        Draft(
            "returned_for_resubmission",
            {
                "state": "returned",
                "materials": named_materials(body["items"], case, given),
                **closing(given),
            },
            {"items": body["items"]},
        ),
    )


def accept(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    calendar = home_calendar(given)
    if deemed(case, given.today):
        return (deemed_acceptance(case, calendar),)
    clear: dict[str, Any] = {
        "accepted_on": given.today.isoformat(),
        "clocks": clocks.at_acceptance(calendar, case, given.today),
    }
    if case.deferred:
        # 容缺受理: accepting is agreeing that these follow later.
        clear["deferred"] = [line.id for line in case.deferred]
    if case.state == "home_received":
        clear["state"] = "accepted"
    else:
        clear["delegated"] = True
    return (Draft("accepted", clear, reason(body)),)


def _decline_acceptance(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    _not_deemed(case, given)
    return (Draft("acceptance_declined", {"state": "not_accepted", **closing(given)}, dict(body)),)


ACTS: Acts = {
    "bounce": _bounce,
    "receive-at-home": _receive_at_home,
    "request-correction": _request_correction,
    "close-unsupplied": _close_unsupplied,
    "return-for-resubmission": _return_for_resubmission,
    "accept": accept,
    "decline-acceptance": _decline_acceptance,
}
