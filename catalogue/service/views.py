"""What a case looks like from outside: plain JSON-ready dicts that API and pages share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from catalogue.domain import clocks, workflow
from catalogue.domain.calendar import Calendar
from catalogue.domain.case import Case, Event
from catalogue.domain.days import local_time
from catalogue.domain.dossier import dossier_of, masked
from catalogue.domain.people import Actor, sight
from catalogue.domain.personal_data import mask_address, mask_document, mask_name
from catalogue.domain.problems import NotFound
from catalogue.domain.recipients import recipients_of
from catalogue.domain.registry.model import Office
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import WORDS
from catalogue.service.house import House
from catalogue.service.ports import CaseLine, Projection, Work

STATE_LABELS = {code: text.as_json() for code, text in WORDS["states"].items()}
EVENT_LABELS = {code: text.as_json() for code, text in WORDS["events"].items()}


def etag(case: Case) -> str:
    """``"<reference>-<last seq>"``, which serves ``If-Match``."""
    return f'"{case.reference}-{case.seq}"'


def projection(case: Case) -> Projection:
    """What the row of a case shows beside its state."""
    queue = workflow.queue_of(case)
    # Nobody has to act in a case that has ended: lists put it behind those that wait.
    return Projection(queue, None if queue is None else clocks.next_due(case), queue is not None)


def calendar_of(house: House, case: Case) -> Calendar | None:
    """The home region's calendar in force, else that of the revision the case pins."""
    if case.calendar is None:
        return None
    found = house.in_force().calendars.get(case.calendar)
    return found or house.revision(case.revision).calendars.get(case.calendar)


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def seen(work: Work, actor: Actor, reference: str) -> Case:
    """The case if this actor may see it; otherwise the same 404 as for one that does not exist."""
    case = work.cases.load(reference, sight(actor))
    if case is None:
        raise NotFound(Text("没有找到这个办件", "No such case"))
    return case


def office_json(house: House, case: Case, office_id: str | None) -> dict[str, Any] | None:
    """An office as people read it; an id the pinned revision does not know shows itself."""
    if office_id is None:
        return None
    office = house.revision(case.revision).registry.offices.get(office_id)
    if office is None:
        return {"id": office_id, "name": {"zh": office_id, "en": office_id}, "phone": None}
    return office_facts(office)


def office_facts(office: Office) -> dict[str, Any]:
    return {
        "id": office.id,
        "name": office.name.as_json(),
        "level": office.level.value,
        "phone": office.phone,
        "region": office.region,
    }


def case_json(house: House, case: Case, actor: Actor, today: date) -> dict[str, Any]:
    """A case without its events and dossier: the clear state, limits, time used and what the actor may do."""
    registry = house.revision(case.revision).registry
    matter = registry.matters[case.matter]
    return {
        "reference": case.reference,
        "state": case.state,
        "label": STATE_LABELS[case.state],
        "queue": workflow.queue_of(case),
        "matter": {"id": matter.id, "name": matter.name.as_json()},
        "procedure": case.procedure,
        "revision": case.revision,
        "place": case.place,
        "particulars": dict(case.particulars),
        "accepting": {"region": case.accepting_region, "office": case.accepting_office, "window": case.window},
        "home": {"region": case.home_region, "office": case.home_office},
        "handler": case.handler,
        "level": case.level,
        "acceptance": case.acceptance,
        "mode": case.mode,
        "received_on": _day(case.received_on),
        "accepted_on": _day(case.accepted_on),
        "decided_on": _day(case.decided_on),
        "closed_on": _day(case.closed_on),
        "deemed": case.deemed,
        "limits": {
            "notice_by": _day(case.notice_by),
            "promised_by": _day(case.promised_by),
            "statutory_by": _day(case.statutory_by),
            "deliver_by": _day(case.deliver_by),
            "check_by": _day(case.check_by),
            "provisional": case.provisional,
            "stopped": clocks.is_stopped(case),
            "stopped_days": case.stopped_days,
            "extension": case.extension,
            "overdue": clocks.is_overdue(case, today),
            "delivery_overdue": clocks.is_delivery_late(case, today),
        },
        "time_used": clocks.time_used(case, calendar_of(house, case), today),
        "held_by": case.account,
        "claimed_by": case.claimed_by,
        "advice": case.advice,
        "corrections": case.corrections,
        "misroute": case.misroute,
        "refused_offices": list(case.refused_offices),
        "materials": [
            {
                "id": line.id,
                "originals": line.originals,
                "copies": line.copies,
                "taken_as": line.taken_as,
                "deferred_until": _day(line.deferred_until),
                "commitment": line.commitment,
            }
            for line in case.materials
        ],
        "unverified": list(case.unverified),
        "delivery": {
            "method": case.delivery_method,
            "window": case.delivery_office,
            "recipients": case.recipients,
        },
        "resubmits": case.resubmits,
        "resubmitted_as": case.resubmitted_as,
        "record": case.record,
        "external_number": case.external_number,
        "slips": [
            {
                "sender": slip.sender,
                "sent_on": _day(slip.sent_on),
                "due_on": _day(slip.due_on),
                "papers": list(slip.papers),
                "arrived_on": _day(slip.arrived_on),
                "missing": list(slip.missing),
            }
            for slip in case.slips
        ],
        "transfer": transfer_json(house, case, today),
        "claim": None
        if case.claim is None
        else {
            "office": case.claim.office,
            "lost_on": _day(case.claim.lost_on),
            "due_on": _day(case.claim.due_on),
            "filed": case.claim.filed,
        },
        "certificate_id": case.certificate_id,
        "certificate_number": case.certificate_number,
        "allowed": list(workflow.allowed(case, matter, actor)),
    }


def transfer_json(house: House, case: Case, today: date) -> dict[str, Any] | None:
    """The file of a relocation: who hands it over, by when, and the working days the old registrar has used."""
    transfer = case.transfer
    if transfer is None:
        return None
    revision = house.revision(case.revision)
    calendar = revision.calendars[revision.registry.regions[transfer.region].calendar]
    until = transfer.sent_on or today
    used = calendar.between(transfer.requested_on, until) if until > transfer.requested_on else 0
    return {
        "region": transfer.region,
        "office": transfer.office,
        "requested_on": _day(transfer.requested_on),
        "due_on": _day(transfer.due_on),
        "sent_on": _day(transfer.sent_on),
        "received_on": _day(transfer.received_on),
        "days_used": used,
        "overdue": transfer.sent_on is None and transfer.due_on is not None and transfer.due_on < today,
    }


_MASKED_IN_EVENTS = {
    "collector": mask_name,
    "document_number": mask_document,
    "earlier_number": mask_document,
    "address": mask_address,
}


def event_json(event: Event, *, unmasked: bool = False) -> dict[str, Any]:
    """One event as the history shows it. Corrected values and collectors are masked until unmasked."""
    sealed: dict[str, Any] = dict(event.sealed)
    if event.type == "received":
        sealed = {}
    if not unmasked:
        if event.type == "entry_corrected":
            sealed.pop("value", None)
            sealed.pop("old", None)
        for key, mask in _MASKED_IN_EVENTS.items():
            if isinstance(sealed.get(key), str):
                sealed[key] = mask(sealed[key])
    note = next(
        (sealed[key] for key in ("text", "note", "opinion", "reason", "reasons", "result") if key in sealed), None
    )
    return {
        "seq": event.seq,
        "type": event.type,
        "label": EVENT_LABELS.get(event.type),
        "at": local_time(event.at),
        "actor": event.actor,
        "office": event.office,
        "note": note,
        "facts": dict(event.clear),
        "particulars": sealed,
    }


def full_case_json(
    house: House,
    case: Case,
    events: Sequence[Event],
    actor: Actor,
    today: date,
    *,
    reach: str = "full",
    unmasked: bool = False,
) -> dict[str, Any]:
    """A case with its history and dossier, masked unless ``unmasked``. ``reach`` collection leaves the papers out."""
    body = case_json(house, case, actor, today)
    matter = house.revision(case.revision).registry.matters[case.matter]
    named = recipients_of(events) if case.recipients else ()
    body["recipients"] = [{"name": one.masked, "served": one.served} for one in named]
    if reach == "collection":
        body["events"] = [event_json(replace_sealed(event)) for event in events]
        body["dossier"] = {}
        return body
    dossier = dossier_of(events)
    body["events"] = [event_json(event, unmasked=unmasked) for event in events]
    body["warnings"] = next(
        (list(event.sealed.get("warnings", ())) for event in events if event.type == "received"), []
    )
    body["dossier"] = dossier if unmasked else masked(dossier, matter)
    body["masked"] = not unmasked
    return body


def replace_sealed(event: Event) -> Event:
    """The event without its sealed part."""
    return Event(event.seq, event.type, event.at, event.actor, event.office, event.clear, {})


def line_json(line: CaseLine, registry_name: Mapping[str, Any] | None, today: date) -> dict[str, Any]:
    """A case in a list."""
    # Once decided, the limit that runs is the one of delivery.
    limit = line.due_on if line.state in clocks.UNDELIVERED else line.statutory_by
    overdue = limit is not None and line.queue is not None and limit < today.isoformat()
    return {
        "reference": line.reference,
        "seq": line.seq,
        "state": line.state,
        "label": STATE_LABELS[line.state],
        "queue": line.queue,
        "matter": {"id": line.matter, "name": registry_name},
        "procedure": line.procedure,
        "title": line.title,
        "applicant": line.applicant,
        "accepting": {"region": line.accepting_region, "office": line.accepting_office},
        "home": {"region": line.home_region, "office": line.home_office},
        "received_on": line.received_on,
        "due_on": line.due_on,
        "promised_by": line.promised_by,
        "statutory_by": line.statutory_by,
        "overdue": overdue,
        "claimed_by": line.claimed_by,
    }


def reach_of(case: Case, actor: Actor) -> str:
    """How much of the case the actor sees: full, collection or none."""
    return sight(actor).reach(
        case.accepting_region,
        case.accepting_office,
        case.home_region,
        case.home_office,
        case.delivery_office,
        case.partner_office,
        *case.superiors,
    )
