"""Acts on an accepted case: claim, review, site check, special procedure, extension."""

from __future__ import annotations

from catalogue.domain import clocks, workflow
from catalogue.domain.acts.base import (
    Acts,
    Body,
    Circumstances,
    Draft,
    home_calendar,
    reason,
    rule,
)
from catalogue.domain.case import Case
from catalogue.domain.people import Actor
from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import STOPPING_PROCEDURES


def _claim(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("claimed"),)


def _release(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("released", {}, reason(body)),)


def _assign(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    account = given.colleague(body["to"])
    if account is None or account.roles.isdisjoint(workflow.DESK):
        raise InvalidInput(
            errors=(
                Fault(
                    "to",
                    "unknown-colleague",
                    Text("本机关没有这位办理人员", "No such officer in your office"),
                ),
            )
        )
    return (Draft("assigned", {"to": account.id}, {"reason": body["reason"]}),)


def _review(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("reviewed", {"state": "under_review", "advice": body["advice"]}, {"opinion": body["opinion"]}),)


def _send_back(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("sent_back", {}, reason(body)),)


def _record_site_check(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    officers = []
    for index, name in enumerate(body["officers"]):
        account = given.colleague(name)
        if account is None:
            raise InvalidInput(
                errors=(
                    Fault(
                        f"officers.{index}",
                        "unknown-colleague",
                        Text("本机关没有这位工作人员", "No such officer in your office"),
                    ),
                )
            )
        officers.append(account.id)
    if len(set(officers)) < 2:
        raise rule(
            "实质核查须由两名以上工作人员进行（行政许可法第三十四条）",
            "A check of substance needs two officers (XKF §34)",
            "two-officers",
        )
    clear = {"officers": officers, "state": "under_review"}
    return (Draft("site_checked", clear, {key: body[key] for key in body if key != "officers"}),)


def _start_special(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (
        Draft(
            "special_procedure_started",
            {
                "state": "special",
                "kind": body["kind"],
                "days": body["days"],
                "since": given.today.isoformat(),
                "stops": body["kind"] in STOPPING_PROCEDURES,
            },
            {"basis": body["basis"]},
        ),
    )


def _end_special(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    special = case.special
    assert special is not None
    calendar = home_calendar(given)
    stopped = case.stopped_days
    if special.stops:
        stopped += calendar.between(special.since, given.today)
    return (
        Draft(
            "special_procedure_ended",
            {
                "state": "under_review",
                "kind": special.kind,
                "clocks": clocks.recount(calendar, case, extended=case.extension == "granted", stopped_days=stopped),
            },
            dict(body),
        ),
    )


def _still_running(case: Case, given: Circumstances) -> None:
    """A limit that has passed cannot be extended any more: the case is overdue (XKF §42; DJTL §19)."""
    if clocks.is_overdue(case, given.today):
        raise rule(
            "法定期限已过，不能再延长", "The statutory limit has passed and cannot be extended any more", "limit-passed"
        )


def _request_extension(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    _still_running(case, given)
    return (Draft("extension_requested", {}, {"reason": body["reason"]}),)


def _approve_extension(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    _still_running(case, given)
    clear = {
        "days": case.limits.extension_days,
        "clocks": clocks.recount(home_calendar(given), case, extended=True, stopped_days=case.stopped_days),
    }
    return (Draft("extension_approved", clear, reason(body)),)


ACTS: Acts = {
    "claim": _claim,
    "release": _release,
    "assign": _assign,
    "review": _review,
    "send-back": _send_back,
    "record-site-check": _record_site_check,
    "start-special-procedure": _start_special,
    "end-special-procedure": _end_special,
    "request-extension": _request_extension,
    "approve-extension": _approve_extension,
}
