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
from catalogue.domain.folding import follow
from catalogue.domain.numbers import parse_certificate_id
from catalogue.domain.people import Sight
from catalogue.domain.problems import Fault, InvalidInput, RuleForbids
from catalogue.domain.registry.model import Matter, NumberRule, Office, Registry, Result
from catalogue.domain.registry.numbering import CERTIFICATE, formed, rule_for
from catalogue.domain.text import Text
from catalogue.service.house import House
from catalogue.service.ports import Change, Work
from catalogue.service.views import projection

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


def give_place(
    work: Work, house: House, case: Case, drafts: Sequence[Draft], body: Mapping[str, Any]
) -> tuple[Draft, ...]:
    """The drafts, a certificate of a change, renewal or reissue with the earlier one whose place it takes.

    Only where the registry says that the matter's result replaces one, and only one that is named: by the officer, or
    by the licence number or unified code of the application, and of the same kind. Raises RuleForbids, InvalidInput.
    """
    matter = house.revision(case.revision).registry.matters[case.matter]
    if not matter.certificates or not any(draft.type == "certificate_made" for draft in drafts):
        return tuple(drafts)
    result = matter.certificates[0]
    named, stated = body.get("supersedes"), _stated(work, case, result, body)
    if named is not None and not result.replaces:
        raise InvalidInput(errors=(Fault("supersedes", "replaces-none", NOT_REPLACING),))
    if not result.replaces or case.certificate_id is not None:
        return tuple(drafts)
    if stated:
        return tuple(
            replace(draft, clear={**draft.clear, "stated": True}, sealed={**draft.sealed, **stated})
            if draft.type == "certificate_made"
            else draft
            for draft in drafts
        )
    old = _earlier(work, case, result.document.zh, named)
    if old is None:
        return tuple(drafts)
    relation = {"supersedes": old["id"], "supersedes_of": old["reference"]}
    return tuple(
        replace(draft, clear={**draft.clear, **relation}) if draft.type == "certificate_made" else draft
        for draft in drafts
    )


STATED_EARLIER = ("earlier_number", "earlier_authority", "earlier_issued_on")
"""What an officer states of an earlier certificate that is not recorded here."""


def _stated(work: Work, case: Case, result: Result, body: Mapping[str, Any]) -> dict[str, Any]:
    """The earlier certificate as stated, where one is. Raises InvalidInput where it cannot be, or is recorded here."""
    stated = {key: body[key] for key in STATED_EARLIER if body.get(key)}
    if not stated:
        return {}
    fault = None
    if not result.replaces:
        fault = Fault("earlier_number", "replaces-none", NOT_REPLACING)
    elif "earlier_number" not in stated:
        message = Text("请写明原证照的编号", "Give the number of the earlier certificate")
        fault = Fault("earlier_number", "missing", message)
    elif body.get("supersedes"):
        message = Text("原证照只写一处", "Name the earlier certificate in one place only")
        fault = Fault("earlier_number", "named-twice", message)
    else:
        records = (work.certificates.get(one) for one in work.certificates.bearing(stated["earlier_number"]))
        own = [record for record in records if record and record["reference"] != case.reference]
        if any(one.get("kind", {}).get("zh") == result.document.zh and one["status"] in REPLACEABLE for one in own):
            message = Text(
                "本系统有这份证照的记录，请写在“替代的原证照”一栏",
                "That certificate is recorded here: name it in `supersedes`",
            )
            fault = Fault("earlier_number", "recorded-here", message)
    if fault is not None:
        raise InvalidInput(errors=(fault,))
    return stated


NOT_REPLACING = Text("此事项的结果不替代原有证照", "The result of this matter takes no certificate's place")
REPLACEABLE = frozenset({"valid", "expired"})
"""A suspended, annulled or cancelled certificate is not replaced: what was decided about it stands."""


def _earlier(work: Work, case: Case, kind: str, named: str | None) -> Mapping[str, Any] | None:
    """The one certificate of that kind which is named. Raises RuleForbids, InvalidInput."""
    if named is not None:
        own = parse_certificate_id(named)
        ids = [own] if own is not None and work.certificates.get(own) else work.certificates.bearing(named.strip())
    else:
        dossier = dossier_of(work.cases.events(case.reference, unseal=True))
        stated = (*(dossier.get("form", {}).get(key) for key in STATED), dossier["applicant"].get("unified_code"))
        ids = [one for number in dict.fromkeys(stated) if number for one in work.certificates.bearing(str(number))]
    records = [record for one in dict.fromkeys(ids) if (record := work.certificates.get(one)) is not None]
    fitting = [
        record
        for record in records
        if record.get("kind", {}).get("zh") == kind
        and record["status"] in REPLACEABLE
        and record["reference"] != case.reference
    ]
    if named is not None and not fitting:
        message = Text("没有这份可替代的同类证照", "There is no certificate of that kind to be replaced")
        raise InvalidInput(errors=(Fault("supersedes", "unknown-certificate", message),))
    if len(fitting) > 1:
        raise RuleForbids(
            Text(
                "有多份同号同类证照，请用 supersedes 写明替代哪一份",
                "Several certificates bear that number: name the one to be replaced in `supersedes`",
            ),
            extra={"rule": "which-certificate", "certificates": [record["id"] for record in fitting]},
        )
    return fitting[0] if fitting else None


STATED = ("licence_number", "unified_code")
"""Fields of an application that state the number of the certificate it is about."""


def _supersede(work: Work, event: Event) -> None:
    """End the earlier certificate, in its record and in its own case."""
    clear = event.clear
    work.certificates.supersede(clear["supersedes"], clear["certificate"], event.at)
    old = work.cases.load(clear["supersedes_of"], Sight("all"))
    if old is None or old.certificate_id != clear["supersedes"]:
        # Another certificate has taken its place in its own case already.
        return
    told = {"certificate": clear["supersedes"], "status": "superseded", "by": clear["certificate"]}
    after, ended = follow(old, "certificate_superseded", event.at, event.actor, event.office, told)
    work.cases.append(Change(old, after, (ended,), projection(after)))


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
        work.certificates.supersede(clear["replaces"], clear["certificate"], event.at)
    if clear.get("supersedes"):
        _supersede(work, event)
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
        **_in_place_of(clear, event.sealed),
    }
    record["token"] = house.signer.sign(public_facts(house, certificate, record))
    # The number of a licence outlives its changes and is not taken by any one of them; a number given here is.
    shared = result.kind == "licence" and "number_rule" not in clear
    work.certificates.add(certificate, case.reference, clear["number"], record, shared_number=shared)


def _in_place_of(clear: Mapping[str, Any], sealed: Mapping[str, Any]) -> dict[str, Any]:
    """Which certificate this one takes the place of: recorded here, or stated by the officer."""
    own = clear.get("supersedes") or clear.get("replaces")
    if own:
        return {"in_place_of": own}
    return {"stated": {key: sealed[key] for key in STATED_EARLIER if key in sealed}} if clear.get("stated") else {}


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
