"""What each command records: an act on a case gives drafts of events.

``act`` checks the table of ``workflow`` first, then the rules that need more than state and role, and answers drafts;
it changes nothing. Dates are reckoned here, by the calendar of the home region, and recorded in the event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from catalogue.domain import clocks, workflow
from catalogue.domain.calendar import Calendar
from catalogue.domain.case import Case
from catalogue.domain.days import local_day
from catalogue.domain.people import Account, Actor
from catalogue.domain.problems import Fault, InvalidInput, NotAllowed, RuleForbids, StateForbids
from catalogue.domain.registry.model import Limits, Matter, Registry
from catalogue.domain.routing import Outside, Route, Unroutable
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import STOPPING_PROCEDURES, label

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before it has a number, a time and an actor."""

    type: str
    clear: Mapping[str, Any] = field(default_factory=dict)
    sealed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What an act needs to know beside the case: the rules it was received under, and who is who."""

    now: datetime
    registry: Registry
    """The revision the case pins."""
    matter: Matter
    calendar: Calendar | None
    """Of the home region; None only for an unroutable case."""
    calendars: Mapping[str, Calendar]
    """Every calendar in force, for a new route into another region."""
    reroute: Callable[[str, Mapping[str, str], str | None], tuple[int, Route | Outside | Unroutable]]
    """(place, particulars, office chosen by hand) -> revision in force and where it leads."""
    colleague: Callable[[str], Account | None]
    """An account of the actor's office by id or user name."""
    certificate_id: Callable[[], str]

    @property
    def today(self) -> date:
        return local_day(self.now)


def act(case: Case, command: str, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    """The events this command amounts to.

    Raises StateForbids (409, with state and allowed commands), NotAllowed (403), RuleForbids (409), InvalidInput.
    """
    state_allows = workflow.state_allows(case, given.matter)
    if command not in state_allows:
        raise StateForbids(
            Text(
                f"办件现为「{label('states', case.state).zh}」，不能进行此操作",
                f"The case is in state {case.state}; {command} is not allowed",
            ),
            extra={"state": case.state, "allowed": sorted(state_allows)},
        )
    if command not in workflow.allowed(case, given.matter, actor):
        raise NotAllowed(
            Text("此操作由其他岗位或机关办理", f"{command} belongs to another role or office"),
            extra={"state": case.state},
        )
    return _ACTS[command](case, body, actor, given)


def _rule(zh: str, en: str, rule: str) -> RuleForbids:
    return RuleForbids(Text(zh, en), extra={"rule": rule})


def _calendar(given: Circumstances) -> Calendar:
    if given.calendar is None:
        raise _rule("尚未确定办理机关", "No deciding office is known yet", "no-home-office")
    return given.calendar


# The accepting window


def _forward(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("forwarded", {"state": "forwarded", "to": case.home_office}, _reason(body)),)


def _recall(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("recalled", {"state": "received"}, _reason(body)),)


def _return_at_window(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("returned_at_window", {"state": "returned_at_window", **_closing(given)}, dict(body)),)


def _reroute(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    place = body.get("place") or case.place
    particulars = {**case.particulars, **body.get("particulars", {})}
    revision, found = given.reroute(place, particulars, body.get("office"))
    if isinstance(found, Outside):
        raise _rule(
            f"不属通办范围：{found.reason.zh}请窗口退件并告知向{found.authority.zh}申请",
            f"Outside the programme: {found.reason.en} Return the papers and refer to {found.authority.en}",
            "outside-scope",
        )
    clear: dict[str, Any] = {"place": place, "particulars": particulars, "revision": revision}
    if isinstance(found, Unroutable):
        return (
            Draft(
                "rerouted",
                {**clear, "state": "unroutable", "route": {}, "limits": limit_facts(case.limits)},
                {"reason": body["reason"], "explanation": found.reason.as_json()},
            ),
        )
    returns = found.office.id in case.refused_offices
    return (
        Draft(
            "rerouted",
            {
                **clear,
                "state": "received",
                "route": route_facts(found),
                "limits": limit_facts(found.limits),
                "returns_to_refuser": returns,
                "clocks": _receipt_clocks(found, case, given),
            },
            {"reason": body["reason"]},
        ),
    )


def _receipt_clocks(found: Route, case: Case, given: Circumstances) -> dict[str, Any]:
    """The clocks of receipt again under another home region's calendar, still from the day of receipt."""
    return clocks.at_receipt(given.calendars[found.calendar], case.procedure, found.limits, case.received_on)


def _supply_correction(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (
        Draft(
            "correction_supplied",
            {
                "state": "home_received",
                "materials": [item["material"] for item in body.get("items", []) if item.get("material")],
                "clocks": clocks.notice_clock(_calendar(given), case.limits, given.today),
            },
            dict(body),
        ),
    )


# The home region's intake


def _bounce(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    clear: dict[str, Any] = {"state": "bounced", "code": body["code"]}
    suggestion = body.get("suggestion") or {}
    if suggestion.get("office"):
        clear["suggested_office"] = suggestion["office"]
    return (Draft("bounced", clear, {"reason": body["reason"], "suggestion": suggestion}),)


def _receive_at_home(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    state = "home_received" if case.accepted_on is None else "accepted"
    return (Draft("received_at_home", {"state": state}, _reason(body)),)


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
        raise _rule(
            "已逾一次性告知期限，依《行政许可法》第三十二条自收到材料之日起视为受理",
            "The period for notice has passed; the case counts as accepted from receipt (XKF §32)",
            "deemed-accepted",
        )


def _request_correction(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    _not_deemed(case, given)
    if case.corrections:
        raise _rule("补正只能一次性告知", "Corrections may be asked for only once (XKF §32)", "one-notice")
    return (
        Draft(
            "correction_requested",
            {
                "state": "correction_notice",
                "materials": [item["material"] for item in body["items"] if item.get("material")],
                "days": body.get("days"),
                "clocks": {"notice_by": None},
            },
            {"items": body["items"]},
        ),
    )


def _close_unsupplied(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("correction_unsupplied", {"state": "not_supplied", **_closing(given)}, _reason(body)),)


def _return_for_resubmission(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (
        Draft(
            "returned_for_resubmission",
            {
                "state": "returned",
                "materials": [item["material"] for item in body["items"] if item.get("material")],
                **_closing(given),
            },
            {"items": body["items"]},
        ),
    )


def _accept(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    calendar = _calendar(given)
    if deemed(case, given.today):
        return (deemed_acceptance(case, calendar),)
    clear: dict[str, Any] = {
        "accepted_on": given.today.isoformat(),
        "clocks": clocks.at_acceptance(calendar, case, given.today),
    }
    if case.state == "home_received":
        clear["state"] = "accepted"
    else:
        clear["delegated"] = True
    return (Draft("accepted", clear, _reason(body)),)


def _decline_acceptance(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    _not_deemed(case, given)
    return (Draft("acceptance_declined", {"state": "not_accepted", **_closing(given)}, dict(body)),)


# Work on an accepted case


def _own(case: Case, actor: Actor) -> None:
    if case.claimed_by not in (None, actor.id, actor.acting_for):
        raise _rule("此办件已由他人领办", "Somebody else has claimed this case", "claimed-by-another")


def _claim(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    if case.claimed_by == actor.id:
        raise _rule("您已领办此件", "You have claimed this case already", "claimed-already")
    _own(case, actor)
    return (Draft("claimed"),)


def _release(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    _own(case, actor)
    return (Draft("released", {}, _reason(body)),)


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
    _own(case, actor)
    return (Draft("reviewed", {"state": "under_review", "advice": body["advice"]}, {"opinion": body["opinion"]}),)


def _send_back(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("sent_back", {}, _reason(body)),)


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
        raise _rule(
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
    calendar = _calendar(given)
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


def _request_extension(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("extension_requested", {}, {"reason": body["reason"]}),)


def _approve_extension(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    clear = {
        "days": case.limits.extension_days,
        "clocks": clocks.recount(_calendar(given), case, extended=True, stopped_days=case.stopped_days),
    }
    return (Draft("extension_approved", clear, _reason(body)),)


# The decision


def _may_decide(case: Case, actor: Actor, given: Circumstances, *, at_once: bool = False) -> None:
    reviewers = {case.reviewed_by, case.reviewed_for} - {None}
    if given.matter.separate_decider and not at_once and not reviewers.isdisjoint({actor.id, actor.acting_for}):
        raise _rule("审查人不得同时为决定人", "The reviewer of a case is not its decider", "separate-decider")


def _may_grant(case: Case) -> None:
    if case.unverified:
        roles = [label("person_roles", role) for role in case.unverified]
        raise RuleForbids(
            Text(
                "未实名人员：" + "、".join(role.zh for role in roles) + "，不得准予登记",
                "Persons not verified: " + ", ".join(role.en for role in roles),
            ),
            extra={"rule": "unverified-people", "unverified": list(case.unverified)},
        )
    if case.deferred:
        raise RuleForbids(
            Text("容缺材料尚未补齐", "Deferred papers have not come in"),
            extra={"rule": "deferred-papers", "materials": [line.id for line in case.deferred]},
        )


def _granted(case: Case, body: Body, given: Circumstances, **clear: Any) -> tuple[Draft, ...]:
    state = "decided_grant" if given.matter.certificates else "cert_ready"
    return (
        Draft(
            "granted",
            {
                "state": state,
                "decided_on": given.today.isoformat(),
                "clocks": clocks.at_decision(_calendar(given), case, given.today),
                **clear,
            },
            {"opinion": body["opinion"]},
        ),
    )


def _grant(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    _may_decide(case, actor, given)
    _may_grant(case)
    return _granted(case, body, given)


def _decide_at_once(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    _may_grant(case)
    accepted = () if case.accepted_on else _accept(case, {}, actor, given)
    return (*accepted, *_granted(case, body, given, at_once=True))


def _refuse(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    _may_decide(case, actor, given)
    return (
        Draft(
            "refused",
            {
                "state": "decided_refuse",
                "decided_on": given.today.isoformat(),
                "clocks": clocks.at_decision(_calendar(given), case, given.today),
            },
            dict(body),
        ),
    )


def _terminate(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("terminated", {"state": "terminated", **_closing(given)}, _reason(body)),)


# The way back


def _make_certificate(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    certificate = given.certificate_id()
    return (
        Draft(
            "certificate_made",
            {
                "state": "cert_ready",
                "certificate": certificate,
                "number": body.get("number"),
                "copies": [
                    {key: copy[key] for key in ("kind", "copy_no", "blank_no") if copy.get(key) is not None}
                    for copy in body.get("copies", [])
                ],
                "replaces": case.certificate_id,
            },
        ),
    )


def _hand_over(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    clear = {"state": "collected", "relation": body["relation"], "document_type": body["document_type"]}
    return (Draft("handed_over", {**clear, **_closing(given)}, dict(body)),)


def _post(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("posted", {"state": "posted"}, dict(body)),)


def _report_post(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    state = {"delivered": "collected", "returned": "mail_returned", "lost": "mail_lost"}[body["outcome"]]
    if state == "mail_lost" and not given.matter.certificates:
        # A lost notice is printed again; only a certificate has to be made anew.
        state = "mail_returned"
    clear: dict[str, Any] = {"state": state, "outcome": body["outcome"]}
    if state == "collected":
        clear.update(_closing(given))
    return (Draft("post_reported", clear, dict(body)),)


# Mending, remarks, the applicant's own act


def _withdraw(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("withdrawn", {"state": "withdrawn", **_closing(given)}, _reason(body)),)


def _supply_deferred(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    if body["material"] not in {line.id for line in case.deferred}:
        raise InvalidInput(
            errors=(
                Fault(
                    "material",
                    "not-deferred",
                    Text("该材料不是容缺材料", "That paper is not a deferred one"),
                ),
            )
        )
    return (Draft("deferred_supplied", {"material": body["material"]}),)


def _note(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("noted", {}, {"text": body["text"]}),)


def _correct_entry(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    clear: dict[str, Any] = {"path": body["path"]}
    parts = body["path"].split(".")
    if len(parts) == 3 and parts[0] == "people" and parts[2] == "identity_check" and body["value"]:
        clear["verified"] = int(parts[1])
    return (Draft("entry_corrected", clear, {key: body[key] for key in ("path", "value", "old", "evidence")}),)


def _reason(body: Body) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value is not None}


def _closing(given: Circumstances) -> dict[str, Any]:
    return {"clocks": {"closed_on": given.today.isoformat()}}


def limit_facts(limits: Limits) -> dict[str, Any]:
    """Limits as an event keeps them, so that a case explains itself without the registry."""
    return {
        "notice_days": limits.notice_days,
        "statutory_days": limits.statutory_days,
        "promised_days": limits.promised_days,
        "extension_days": limits.extension_days,
        "deliver_days": limits.deliver_days,
    }


def route_facts(found: Route) -> dict[str, Any]:
    """What an event keeps of a route: enough to explain the decision later, nothing personal."""
    return {
        "region": found.region,
        "office": found.office.id,
        "handler": found.handler,
        "handler_version": found.handler_version,
        "level": found.level.value,
        "acceptance": found.acceptance.value,
        "mode": found.mode.value,
        "calendar": found.calendar,
        "assumed": list(found.assumed),
    }


_ACTS: dict[str, Callable[[Case, Body, Actor, Circumstances], tuple[Draft, ...]]] = {
    "forward": _forward,
    "recall": _recall,
    "return-at-window": _return_at_window,
    "reroute": _reroute,
    "supply-correction": _supply_correction,
    "bounce": _bounce,
    "receive-at-home": _receive_at_home,
    "request-correction": _request_correction,
    "close-unsupplied": _close_unsupplied,
    "return-for-resubmission": _return_for_resubmission,
    "accept": _accept,
    "decline-acceptance": _decline_acceptance,
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
    "decide-at-once": _decide_at_once,
    "grant": _grant,
    "refuse": _refuse,
    "terminate": _terminate,
    "make-certificate": _make_certificate,
    "hand-over": _hand_over,
    "post": _post,
    "report-post": _report_post,
    "withdraw": _withdraw,
    "correct-entry": _correct_entry,
    "supply-deferred": _supply_deferred,
    "note": _note,
}
