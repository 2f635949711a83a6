"""Receive 收件: an application taken at a window becomes a case, routed to its home region.

Receiving is not acceptance. A case that finds no office is received as *unroutable*, owned by the accepting window;
what belongs to an authority outside the programme is not received but answered with that authority.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any

import msgspec

from catalogue.domain.acts import limit_facts
from catalogue.domain.application import carried_over, inspect
from catalogue.domain.case import Case, Event
from catalogue.domain.copies import surrendered_facts
from catalogue.domain.days import local_day
from catalogue.domain.dossier import dossier_of, identifiers, label_of, title_of
from catalogue.domain.folding import follow, opened
from catalogue.domain.handler import ApplicationFacts
from catalogue.domain.numbers import draw_query_code, draw_reference, draw_status_token, grouped, parse_reference
from catalogue.domain.people import Actor, sight
from catalogue.domain.personal_data import normal_document, normal_name, normal_phone
from catalogue.domain.problems import (
    Fault,
    InvalidInput,
    NotAllowed,
    NotFound,
    OutsideScope,
    Problem,
    RevisionSuperseded,
    StateForbids,
)
from catalogue.domain.registry.model import Matter
from catalogue.domain.registry.revision import Revision
from catalogue.domain.routing import Answer, Outside, Route, route_json
from catalogue.domain.text import Text
from catalogue.domain.workflow import WINDOW
from catalogue.service.bodies import ApplicationBody, body_of
from catalogue.service.cards import Card
from catalogue.service.house import House
from catalogue.service.links import TOKEN, status_link
from catalogue.service.ports import Change, IdempotencyKey, Opening, Outcome, SearchEntry, Work
from catalogue.service.scans import copy_scans
from catalogue.service.views import STATE_LABELS, etag, projection

RETURNED = frozenset({"returned", "returned_at_window", "not_supplied"})
"""States of a case that has ended without a decision and may be received again."""


class Reception:
    """One submission: the case is worked out before its unit of work begins, so that a writer only writes.

    Called as a unit of work, again and again where the database or a taken reference asks for it.
    """

    def __init__(self, house: House, actor: Actor, raw: Any, key: IdempotencyKey) -> None:
        self._house, self._actor, self._raw, self._key = house, actor, raw, key
        self._ahead: Opening | None = None
        if _resubmitted(raw) is None:
            # A fault is found again, and told, inside the unit of work, where the key can be looked up first.
            with suppress(Problem):
                self._ahead = prepare(house, actor, raw, key)

    @property
    def opening(self) -> Opening | None:
        """The case, where it is all that this unit of work will write: a store may make ready for it, and let it commit
        as one statement."""
        return self._ahead

    def __call__(self, work: Work) -> Outcome:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            return work.cases.open(ahead)
        return receive(work, self._house, self._actor, self._raw, self._key)


def _resubmitted(raw: Any) -> str | None:
    """The returned case a submission names, grouped or not; what cannot be a number is left to the body's own faults
    or found nowhere."""
    named = raw.get("resubmits") if isinstance(raw, Mapping) else None
    return (parse_reference(named) or named) if isinstance(named, str) and named else None


def receive(work: Work, house: House, actor: Actor, raw: Mapping[str, Any], key: IdempotencyKey) -> Outcome:
    """Write the case and answer 201 with reference, query code and routing.

    The same key and body again answers the same; the key is looked up again before any fault is reported, so that a
    repeated submission is answered as the first one was even after the rules have changed.
    Raises InvalidInput, MissingParticulars, OutsideScope, MatterNotOffered, RevisionSuperseded, IdempotencyKeyReused,
    and for the edge to try again ReferenceTaken and RevisionChanged.
    """
    try:
        previous = None
        resubmitted = _resubmitted(raw)
        if resubmitted is not None:
            previous = _returned_case(work, actor, resubmitted)
            raw = {**carried_over(_sent_before(*previous), raw), "resubmits": previous[0].reference}
        opening = prepare(house, actor, raw, key)
    except Problem:
        stored = work.outcome(key)
        if stored is not None:
            return stored
        raise
    outcome = work.cases.open(opening)
    if previous is not None and outcome is opening.outcome:
        _link(work, house, previous[0], opening, actor)
    return outcome


def _returned_case(work: Work, actor: Actor, reference: str) -> tuple[Case, dict[str, Any]]:
    case = work.cases.load(reference, sight(actor))
    if case is None:
        raise NotFound(Text("没有找到要重新提交的办件", "The case to resubmit was not found"))
    if case.state not in RETURNED:
        raise StateForbids(
            Text("只有退回的办件可以重新提交", "Only a returned case can be resubmitted"),
            extra={"state": case.state, "allowed": []},
        )
    if case.resubmitted_as is not None:
        raise StateForbids(
            Text(
                f"已重新提交为 {grouped(case.resubmitted_as)}",
                f"Resubmitted already as {grouped(case.resubmitted_as)}",
            ),
            extra={"state": case.state, "allowed": []},
        )
    return case, dossier_of(work.cases.events(reference, unseal=True))


def _sent_before(case: Case, dossier: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "matter": case.matter,
        "place": case.place,
        "particulars": dict(case.particulars),
        "materials": [
            {
                "id": line.id,
                "originals": line.originals,
                "copies": line.copies,
                **({"taken_as": line.taken_as} if line.taken_as else {}),
            }
            for line in case.materials
        ],
        **dossier,
    }


def _link(work: Work, house: House, old: Case, opening: Opening, actor: Actor) -> None:
    """Name the new case in the old one, and carry the scans over."""
    case = opening.case
    told = {"as": case.reference}
    after, event = follow(old, "resubmitted", opening.events[0].at, actor.id, actor.office, told)
    work.cases.append(Change(old, after, (event,), projection(after)))
    copy_scans(work, house, actor, old.reference, case.reference, listed_papers(house, case))


def listed_papers(house: House, case: Case) -> frozenset[str]:
    """The papers a case may hold, those of its home region included."""
    return house.revision(case.revision).registry.papers(case.matter, case.home_region)


def prepare(house: House, actor: Actor, raw: Any, key: IdempotencyKey | None) -> Opening:
    """Everything about a new case short of writing it; draws a new reference and query code each time."""
    if actor.roles.isdisjoint(WINDOW):
        raise NotAllowed(Text("只有窗口人员可以收件", "Only window clerks receive applications"))
    body = body_of(ApplicationBody, raw)
    now = house.clock.now()
    today = local_day(now)
    revision = house.in_force(now)
    card = _routed(house, revision, body, today)
    found = card.answer
    matter = revision.registry.matters[body["matter"]]
    materials = found.materials if isinstance(found, Route) else ()
    inspection = inspect(body, matter, revision.registry, materials, today)
    if inspection.faults:
        raise InvalidInput(errors=inspection.faults)
    warnings = (*inspection.warnings, *_local_eyes(house, revision, matter, body, found))
    noted = [{"path": fault.path, "code": fault.code, "message": fault.message.as_json()} for fault in warnings]
    token = draw_status_token(house.draw)
    reference = draw_reference(revision.registry.regions[actor.region].division, today, house.draw)
    event = Event(
        1,
        "received",
        now,
        actor.id,
        actor.office,
        _received(house, body, matter, card, actor),
        {**_sealed(body), TOKEN: token, "warnings": noted},
    )
    case = opened(reference, event)
    query_code = draw_query_code(house.draw)
    answer = {
        "reference": reference,
        "query_code": query_code,
        "status_url": f"{house.public_url}/status?reference={reference}",
        "qr_url": status_link(house, token),
        "state": case.state,
        "label": STATE_LABELS[case.state],
        "matter": {"id": matter.id, "name": matter.name.as_json()},
        "revision": case.revision,
        "received_on": today.isoformat(),
        "etag": etag(case),
        "routing": (
            msgspec.Raw(card.json("zh"))
            if isinstance(found, Route)
            else {"unroutable": {"reason": found.reason.as_json(), "owner": actor.office}}
        ),
        "limits": {
            "promised_by": case.promised_by.isoformat() if case.promised_by else None,
            "statutory_by": case.statutory_by.isoformat() if case.statutory_by else None,
            "provisional": case.provisional,
        },
        "unverified": list(case.unverified),
        "resubmits": case.resubmits,
        "warnings": noted,
    }
    return Opening(
        case=case,
        events=(event,),
        projection=projection(case),
        search=search_entry(event.sealed, matter),
        query_code=query_code,
        status_token=token,
        revision_in_force=revision.number,
        idempotency=key,
        outcome=Outcome(201, msgspec.json.encode(answer)),
    )


def search_entry(dossier: Mapping[str, Any], matter: Matter) -> SearchEntry:
    """What the case will be listed and found under; a unified code of the form counts like one of the applicant."""
    codes = {field.key for field in matter.form if field.type == "uscc"}
    stated = (("document", str(value)) for key, value in dossier.get("form", {}).items() if key in codes and value)
    found = dict.fromkeys((kind, NORMAL[kind](value)) for kind, value in (*identifiers(dossier), *stated))
    return SearchEntry(title_of(dossier, matter), label_of(dossier), tuple(found))


NORMAL = {"name": normal_name, "document": normal_document, "phone": normal_phone}
"""Kind of personal identifier -> the form in which it is digested and looked for."""


def _routed(house: House, revision: Revision, body: Mapping[str, Any], today: date) -> Card:
    card = house.cards.card(revision, body["matter"], body["place"], body.get("particulars", {}), today)
    found = card.answer
    named = body.get("revision")
    if named is not None and named != revision.number:
        raise RevisionSuperseded(extra={"revision": revision.number, "routing": route_json(found, "zh")})
    if isinstance(found, Outside):
        raise OutsideScope(
            found.reason,
            extra={"outside_scope": {"authority": found.authority.as_json(), "reason": found.reason.as_json()}},
        )
    return card


def _local_eyes(
    house: House, revision: Revision, matter: Matter, body: Mapping[str, Any], found: Answer
) -> tuple[Fault, ...]:
    """What the home region's handler sees in the application; nothing of it blocks an intake."""
    if not isinstance(found, Route):
        return ()
    place, _, locality = found.place.partition("/")
    personal = {field.key for field in matter.form if field.personal}
    facts = ApplicationFacts(
        matter=matter,
        region=revision.registry.regions[found.region],
        place=place,
        locality=locality or None,
        particulars=body.get("particulars", {}),
        applicant_kind=body["applicant"]["kind"],
        document_type=body["applicant"]["document_type"],
        form={key: value for key, value in body.get("form", {}).items() if key not in personal},
        materials=frozenset(line["id"] for line in body.get("materials", [])),
    )
    return tuple(
        Fault(finding.path or "", finding.code, finding.message)
        for finding in house.handlers[found.handler].look(facts)
    )


def _received(house: House, body: Mapping[str, Any], matter: Matter, card: Card, actor: Actor) -> dict[str, Any]:
    found = card.answer
    if isinstance(found, Route):
        place, facts = found.place, dict(card.receipt_facts(matter.procedure.value))
        record = house.system_of_record(card.revision.registry, found.region, matter.id)
        facts["route"] = {**facts["route"], "record": record}
    else:
        place, facts = body["place"], {"route": {}, "limits": limit_facts(matter.limits), "clocks": {}}
    clear: dict[str, Any] = {
        "state": "received" if isinstance(found, Route) else "unroutable",
        "matter": matter.id,
        "procedure": matter.procedure.value,
        "revision": card.revision.number,
        "place": place,
        "particulars": body.get("particulars", {}),
        "accepting_region": actor.region,
        "window": body.get("window"),
        **facts,
        "received_on": card.on.isoformat(),
        "materials": body.get("materials", []),
        "people": [
            {"role": person["role"], "verified": bool(person.get("identity_check")) or not matter.verify_people}
            for person in body.get("people", [])
        ],
        "applicant_kind": body["applicant"]["kind"],
        "delivery": _delivery_facts(body["delivery"]),
        "resubmits": body.get("resubmits"),
        "consent": True,
    }
    if body.get("surrendered"):
        clear["surrendered"] = surrendered_facts(body["surrendered"])
    if actor.acting_for is not None:
        clear["acting_for"] = actor.acting_for
    return clear


def _delivery_facts(delivery: Mapping[str, Any]) -> dict[str, Any]:
    """How and where, and how many were named to take the result; who they are is sealed."""
    facts = {key: value for key, value in delivery.items() if key not in ("address", "recipients")}
    named = len(delivery.get("recipients", ()))
    return {**facts, "recipients": named} if named else facts


def _sealed(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: body[key]
        for key in ("applicant", "agent", "people", "form", "identity_check", "delivery", "surrendered", "ticket_no")
        if body.get(key)
    }
