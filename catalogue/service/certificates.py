"""Certificates 证照: the record behind each, its signature, and what the acts on a case do to it.

A licence of a system of record is recorded and never composed; its form belongs to the national authority. What is
signed is only what a certificate shows to everybody: its own id, kind, authority, day of issue and term. Neither
holder nor number is in it: the number of a personal certificate is the number of an identity card.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from catalogue.domain.acts import Draft
from catalogue.domain.case import Case, Event
from catalogue.domain.days import local_day
from catalogue.domain.dossier import dossier_of, title_of
from catalogue.domain.registry.model import Matter, NumberRule, Office, Registry
from catalogue.domain.registry.numbering import CERTIFICATE, formed, rule_for
from catalogue.service.house import House
from catalogue.service.ports import Work

MADE = frozenset({"certificate_made", "certificate_rectified"})
ENDED = frozenset({"annulled", "permit_withdrawn", "certificate_cancelled", "penalty_recorded", "certificate_expired"})


def give_certificate_numbers(work: Work, house: House, case: Case, drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """The drafts, a certificate made here without a number with the next one, where the registry has a rule for it.

    What a registrar's own system issues keeps the number of that system.
    """
    registry = house.revision(case.revision).registry
    office = registry.offices.get(case.home_office or "")
    rule = None if office is None else rule_for(registry, office, CERTIFICATE, case.matter)
    if office is None or rule is None or case.record != "here":
        return tuple(drafts)
    return tuple(
        replace(
            draft,
            clear={
                **draft.clear,
                "number": _next_number(work, house, registry, office, rule),
                "number_rule": rule.id,
            },
        )
        if draft.type == "certificate_made" and draft.clear["number"] is None
        else draft
        for draft in drafts
    )


def _next_number(work: Work, house: House, registry: Registry, office: Office, rule: NumberRule) -> str:
    year = local_day(house.clock.now()).year
    while True:
        serial = work.documents.next_serial(f"{office.id}/{rule.series}", year)
        number = formed(rule, registry, office, "", year, serial)
        if not work.certificates.number_taken(number):
            # One entered by hand before is passed over.
            return number


def record_certificates(work: Work, house: House, case: Case, events: Sequence[Event], body: Mapping[str, Any]) -> None:
    """Bring the records of certificates up to what has just happened. Raises SigningKeyMissing, RuleForbids."""
    for event in events:
        if event.type in MADE:
            _make(work, house, case, event, body)
        elif event.type in ENDED:
            work.certificates.set_status(
                event.clear["certificate"], event.clear["status"], event.clear.get("cause"), event.at
            )
        blank = event.clear.get("blank_no")
        if event.type == "copy_printed" and blank:
            work.certificates.take_blank(blank, case.reference)


def _make(work: Work, house: House, case: Case, event: Event, body: Mapping[str, Any]) -> None:
    matter = house.revision(case.revision).registry.matters[case.matter]
    certificate, clear = event.clear["certificate"], event.clear
    if clear.get("replaces"):
        work.certificates.set_status(clear["replaces"], "superseded", "superseded", event.at)
    for copy in clear.get("copies", ()):
        if copy.get("blank_no"):
            work.certificates.take_blank(copy["blank_no"], case.reference)
    result = matter.certificates[0]
    issued = case.decided_on
    until = body.get("valid_until") or _until(issued, result.validity_years)
    record = {
        "kind": result.document.as_json(),
        "authority": case.home_office,
        "region": case.home_region,
        "printed_at": case.accepting_office,
        "issued_on": issued.isoformat() if issued else None,
        "validity_years": result.validity_years,
        "valid_until": until,
        "copies": clear.get("copies", []),
        "holder": body.get("holder") or _holder(work, case, matter),
        "status": "valid",
    }
    record["token"] = house.signer.sign(public_facts(house, certificate, record))
    # The number of a licence outlives its changes and is not taken by any one of them; a number given here is.
    shared = result.kind == "licence" and "number_rule" not in clear
    work.certificates.add(certificate, case.reference, clear["number"], record, shared_number=shared)


def _until(issued: date | None, years: int | None) -> str | None:
    """The last day of a term in years: the day that corresponds to the first (民法典 §201, §202)."""
    if issued is None or years is None:
        return None
    try:
        return issued.replace(year=issued.year + years).isoformat()
    except ValueError:
        # 29 February: a month that lacks the day ends the term with its last one.
        return issued.replace(year=issued.year + years, day=28).isoformat()


def _holder(work: Work, case: Case, matter: Matter) -> str | None:
    dossier = dossier_of(work.cases.events(case.reference, unseal=True))
    return title_of(dossier, matter) or dossier.get("applicant", {}).get("name")


def public_facts(house: House, certificate: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """What is signed: nothing that names a person."""
    facts = {
        "iss": house.public_url or None,
        "id": certificate,
        "kind": record["kind"]["zh"],
        "authority": record["authority"],
        "issued_on": record["issued_on"],
        "valid_until": record["valid_until"],
        "specimen": True if house.demo else None,
    }
    return {key: value for key, value in facts.items() if value is not None}


def verification_link(house: House, record: Mapping[str, Any]) -> str:
    """The address in the QR code of a certificate: the page that judges it, with its signed facts."""
    return f"{house.public_url}/verify/{record['id']}?token={record['token']}"
