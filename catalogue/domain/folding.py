"""A case is its list of events; the current case is a fold of them.

``apply`` reads the clear part alone, so a case can be rebuilt and checked even after its key was destroyed.
Dates that a clock produced are recorded in the event that produced them: a fold needs no calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from catalogue.domain import copies
from catalogue.domain.case import Annulment, Case, Event, Hold, PaperLine, Person, Slip, Special, Transfer
from catalogue.domain.copies import OldLicence
from catalogue.domain.registry.model import Limits

HOLDER = {
    "received": "accepting",
    "unroutable": "accepting",
    "bounced": "accepting",
    "returned_at_window": "none",
    "forwarded": "home",
    "home_received": "home",
    "correction_notice": "applicant",
    "accepted": "home",
    "under_review": "home",
    "special": "home",
    "decided_grant": "home",
    "decided_refuse": "way_back",
    "cert_ready": "way_back",
    "posted": "way_back",
    "mail_returned": "way_back",
    "mail_lost": "way_back",
}
"""State -> the account its time is booked to; states not named end the booking."""


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def opened(reference: str, event: Event) -> Case:
    """The case that the event ``received`` begins."""
    clear = event.clear
    route = clear["route"]
    state = str(clear["state"])
    return Case(
        reference=reference,
        seq=event.seq,
        state=state,
        matter=clear["matter"],
        procedure=clear["procedure"],
        revision=clear["revision"],
        place=clear["place"],
        particulars=dict(clear["particulars"]),
        accepting_region=clear["accepting_region"],
        accepting_office=event.office,
        window=clear.get("window"),
        **_home(route, "proxy"),
        record=route.get("record", "here"),
        limits=Limits(**clear["limits"]),
        received_at=event.at,
        received_on=date.fromisoformat(clear["received_on"]),
        holds=(Hold(HOLDER[state], event.at),),
        materials=_papers(clear["materials"]),
        people=tuple(Person(person["role"], person["verified"]) for person in clear["people"]),
        applicant_kind=clear["applicant_kind"],
        delivery_method=clear["delivery"]["method"],
        delivery_office=clear["delivery"].get("window"),
        recipients=clear["delivery"].get("recipients", 0),
        resubmits=clear.get("resubmits"),
        old_licences=tuple(OldLicence(old["id"], old["received"]) for old in clear.get("surrendered", ())),
        notice_from=_day(clear["clocks"].get("notice_from")),
        notice_by=_day(clear["clocks"].get("notice_by")),
        clock_from=_day(clear["clocks"].get("clock_from")),
        promised_by=_day(clear["clocks"].get("promised_by")),
        statutory_by=_day(clear["clocks"].get("statutory_by")),
        provisional=bool(clear["clocks"].get("provisional", False)),
    )


def _home(route: Mapping[str, Any], mode: str) -> dict[str, Any]:
    """What a recorded route says of the home region; ``mode`` where it says none."""
    return {
        "home_region": route.get("region"),
        "home_office": route.get("office"),
        "handler": route.get("handler"),
        "calendar": route.get("calendar"),
        "level": route.get("level"),
        "acceptance": route.get("acceptance", "home"),
        "mode": route.get("mode", mode),
    }


def _papers(lines: Iterable[Mapping[str, Any]]) -> tuple[PaperLine, ...]:
    return tuple(
        PaperLine(
            line["id"],
            line["originals"],
            line["copies"],
            line.get("taken_as"),
            _day(line.get("deferred_until")),
            bool(line.get("commitment")),
        )
        for line in lines
    )


_DAY_KEYS = frozenset(
    {
        "notice_from",
        "notice_by",
        "accepted_on",
        "clock_from",
        "promised_by",
        "statutory_by",
        "deliver_by",
        "closed_on",
        "check_by",
    }
)
_CLOCK_KEYS = _DAY_KEYS | {"provisional", "stopped_days", "deemed"}


def follow(
    case: Case,
    kind: str,
    at: datetime,
    actor: str,
    office: str,
    clear: Mapping[str, Any],
    sealed: Mapping[str, Any] | None = None,
) -> tuple[Case, Event]:
    """The next event of a case, and the case after it. It is never dated before the last one, whatever a clock says."""
    event = Event(case.seq + 1, kind, max(at, case.last_at), actor, office, clear, sealed or {})
    return apply(case, event), event


def apply(case: Case, event: Event) -> Case:
    """The case after one more event. Unknown keys of the clear part are for readers, not for the state."""
    clear = event.clear
    changes: dict[str, Any] = {"seq": event.seq}
    state = clear.get("state")
    if state is not None and state != case.state:
        changes["state"] = state
        account = HOLDER.get(state, "none")
        if account != case.account:
            changes["holds"] = (*case.holds, Hold(account, event.at))
    for key, value in clear.get("clocks", {}).items():
        if key in _CLOCK_KEYS:
            changes[key] = _day(value) if key in _DAY_KEYS else value
    effect = _EFFECTS.get(event.type)
    if effect is not None:
        changes.update(effect(case, event))
    changes["moved_at"] = None if "holds" in changes else event.at
    return replace(case, **changes)


def fold(reference: str, events: Iterable[Event]) -> Case:
    """The case that a list of events, in order of ``seq``, amounts to."""
    iterator = iter(events)
    case = opened(reference, next(iterator))
    for event in iterator:
        case = apply(case, event)
    return case


def _bounced(case: Case, event: Event) -> dict[str, Any]:
    return {
        "refused_offices": (*case.refused_offices, event.office),
        "bounces": case.bounces + 1,
        "misroute": event.clear["code"],
        "claimed_by": None,
    }


def _rerouted(case: Case, event: Event) -> dict[str, Any]:
    route = event.clear["route"]
    return {
        "place": event.clear["place"],
        "particulars": dict(event.clear["particulars"]),
        "revision": event.clear["revision"],
        **_home(route, case.mode),
        "record": route.get("record", case.record),
        "limits": Limits(**event.clear["limits"]),
    }


def _papers_sent(case: Case, event: Event) -> dict[str, Any]:
    clear = event.clear
    slip = Slip(
        clear["sender"], date.fromisoformat(clear["sent_on"]), tuple(clear["papers"]), _day(clear.get("due_on"))
    )
    return {"slips": (*case.slips, slip)}


def _papers_received(case: Case, event: Event) -> dict[str, Any]:
    clear = event.clear
    arrived, missing = date.fromisoformat(clear["arrived_on"]), tuple(clear["missing"])
    number = clear.get("slip")
    if number is None:
        papers = (*clear["received"], *missing)
        return {"slips": (*case.slips, Slip(clear["sender"], arrived, papers, None, arrived, missing))}
    slips = list(case.slips)
    slips[number] = replace(slips[number], arrived_on=arrived, missing=missing)
    return {"slips": tuple(slips)}


def _file_requested(case: Case, event: Event) -> dict[str, Any]:
    clear = event.clear
    requested = date.fromisoformat(clear["requested_on"])
    return {
        "transfer": Transfer(clear["partner_region"], clear["partner_office"], requested, _day(clear.get("due_on")))
    }


def _file_moved(case: Case, event: Event) -> dict[str, Any]:
    if case.transfer is None:
        return {}
    if event.type == "file_sent":
        return {"transfer": replace(case.transfer, sent_on=date.fromisoformat(event.clear["sent_on"]))}
    return {"transfer": replace(case.transfer, received_on=date.fromisoformat(event.clear["received_on"]))}


def _result_attached(case: Case, event: Event) -> dict[str, Any]:
    return {
        "decided_by": event.actor,
        "decided_on": date.fromisoformat(event.clear["decided_on"]),
        "external_number": event.clear.get("external_number", case.external_number),
        "claimed_by": None,
    }


def _reassigned(case: Case, event: Event) -> dict[str, Any]:
    clear = event.clear
    changes: dict[str, Any] = {"claimed_by": None}
    route = clear.get("route")
    if route is not None:
        changes |= _home(route, case.mode)
    if "revision" in clear:
        changes["revision"] = clear["revision"]
    if "limits" in clear:
        changes["limits"] = Limits(**clear["limits"])
    if clear.get("accepting") is not None:
        changes["accepting_office"] = clear["accepting"]
    if clear.get("delivery") is not None:
        changes["delivery_office"] = clear["delivery"]
    return changes


def _annulment_proposed(case: Case, event: Event) -> dict[str, Any]:
    clear = event.clear
    found, heard, decided = (date.fromisoformat(clear[key]) for key in ("found_on", "hear_until", "decide_by"))
    return {"annulment": Annulment(event.office, found, heard, decided)}


def _annulment(case: Case, **changes: Any) -> dict[str, Any]:
    return {} if case.annulment is None else {"annulment": replace(case.annulment, **changes)}


def _special_started(case: Case, event: Event) -> dict[str, Any]:
    clear = event.clear
    return {"special": Special(clear["kind"], date.fromisoformat(clear["since"]), clear["days"], clear["stops"])}


def _corrected(case: Case, event: Event) -> dict[str, Any]:
    verified = event.clear.get("verified")
    if verified is None:
        return {}
    people = tuple(
        replace(person, verified=True) if index == verified else person for index, person in enumerate(case.people)
    )
    return {"people": people}


def _deferred_supplied(case: Case, event: Event) -> dict[str, Any]:
    supplied = event.clear["material"]
    return {
        "materials": tuple(
            replace(line, deferred_until=None) if line.id == supplied else line for line in case.materials
        )
    }


def _pledge_checked(case: Case, event: Event) -> dict[str, Any]:
    checked, found = event.clear["material"], f"pledge_{event.clear['finding']}"
    return {
        "materials": tuple(
            replace(line, taken_as=found) if line.id == checked and line.taken_as == "pledge" else line
            for line in case.materials
        )
    }


_EFFECTS: dict[str, Callable[[Case, Event], dict[str, Any]]] = {
    **copies.EFFECTS,
    "bounced": _bounced,
    "rerouted": _rerouted,
    "reassigned": _reassigned,
    "correction_requested": lambda case, event: {
        "corrections": case.corrections + 1,
        "correction_days": event.clear.get("days"),
    },
    "accepted": lambda case, event: {"accepted_on": date.fromisoformat(event.clear["accepted_on"])},
    "deemed_accepted": lambda case, event: {
        "accepted_on": date.fromisoformat(event.clear["accepted_on"]),
        "deemed": True,
    },
    "claimed": lambda case, event: {"claimed_by": event.actor},
    "released": lambda case, event: {"claimed_by": None},
    "assigned": lambda case, event: {"claimed_by": event.clear["to"]},
    "reviewed": lambda case, event: {
        "reviewed_by": event.actor,
        "reviewed_for": event.clear.get("acting_for"),
        "advice": event.clear["advice"],
        "claimed_by": None,
    },
    "sent_back": lambda case, event: {"advice": None, "claimed_by": None},
    "site_checked": lambda case, event: {"site_checks": case.site_checks + 1},
    "special_procedure_started": _special_started,
    "special_procedure_ended": lambda case, event: {"special": None},
    "extension_requested": lambda case, event: {"extension": "requested"},
    "extension_approved": lambda case, event: {"extension": "granted"},
    "granted": lambda case, event: {
        "decided_by": event.actor,
        "decided_on": date.fromisoformat(event.clear["decided_on"]),
        "claimed_by": None,
    },
    "refused": lambda case, event: {
        "decided_by": event.actor,
        "decided_on": date.fromisoformat(event.clear["decided_on"]),
        "claimed_by": None,
    },
    "papers_sent": _papers_sent,
    "papers_received": _papers_received,
    "file_requested": _file_requested,
    "file_sent": _file_moved,
    "file_received": _file_moved,
    "external_recorded": lambda case, event: {"external_number": event.clear["external_number"]},
    "result_attached": _result_attached,
    "entry_corrected": _corrected,
    "deferred_supplied": _deferred_supplied,
    "pledge_checked": _pledge_checked,
    "annulment_proposed": _annulment_proposed,
    "inquiry_opened": _annulment_proposed,
    "statement_recorded": lambda case, event: _annulment(case, heard=True),
    "annulment_extended": lambda case, event: _annulment(
        case, decide_by=date.fromisoformat(event.clear["decide_by"]), extended=True
    ),
    "annulment_dropped": lambda case, event: {"annulment": None},
    "resubmitted": lambda case, event: {"resubmitted_as": event.clear["as"]},
    "limit_warned": lambda case, event: {"warned": (*case.warned, event.clear["limit"])},
}
"""Event type -> what it changes beside state and clocks."""
