"""Documents 文书: numbered with the act, written from the events, set once as PDF, kept sealed and the same for ever.

The number is given in the unit of work that records the act, so a series has no gap: what is rolled back never took
one. The PDF is set when the document is first asked for, from the case as that act left it, and stored by digest as a
sealed file of the case; every later print is that file. (docs/decisions: documents)
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from catalogue.domain.acts import Draft
from catalogue.domain.case import Case, Event
from catalogue.domain.days import local_day, local_time
from catalogue.domain.documents import (
    Document,
    document_number,
    documents_of,
    numbered_kind,
    office_of,
)
from catalogue.domain.dossier import dossier_of
from catalogue.domain.folding import fold
from catalogue.domain.people import Actor
from catalogue.domain.problems import NotAllowed, NotFound
from catalogue.domain.registry.model import Level, Office
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.service.certificates import verification_link
from catalogue.service.documents import notices, results, window
from catalogue.service.documents.sheet import Block, Ground
from catalogue.service.house import House
from catalogue.service.links import link_of
from catalogue.service.ports import Attachment, PublicCase, StoredFile, Work
from catalogue.service.views import reach_of, seen

COMPOSERS: Mapping[str, Callable[[Ground], Block]] = {
    **window.COMPOSERS,
    **notices.COMPOSERS,
    **results.COMPOSERS,
}
"""Kind of document -> what it says."""

SIGNED = frozenset({"result_slip", "certificate_copy"})
"""Documents that carry the signed facts of their certificate."""

APPLICANT = "applicant"
"""Who a document was set for, where no account asked for it."""


class Printed(Value, frozen=True):
    """A document that was set before: the file."""

    file: StoredFile
    content: bytes


class Unset(Value, frozen=True):
    """A document that was never asked for: what it will say, and the time it bears."""

    reference: str
    document: Document
    sheet: Mapping[str, Any]
    at: datetime
    token: str | None = None
    """The signed facts of a certificate, which its file carries with it."""


def give_numbers(work: Work, house: House, case: Case, drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """The drafts, each that stands for a numbered document with the next number of the home authority's year."""
    given = []
    for draft in drafts:
        kind = numbered_kind(draft.type, case.procedure, draft.clear.get("state"))
        if kind is None or case.home_office is None:
            given.append(draft)
            continue
        year = local_day(house.clock.now()).year
        organ = draft.clear.get("organ") or case.home_office
        serial = work.documents.next_serial(organ, year)
        registry = house.revision(case.revision).registry
        number, rule = document_number(registry, _office(house, case, organ), kind, year, serial)
        numbered = {"organ": organ, "year": year, "serial": serial, "number": number, "rule": rule}
        given.append(replace(draft, clear={**draft.clear, "document": numbered}))
    return tuple(given)


def _office(house: House, case: Case, office_id: str) -> Office:
    """An office by the revision the case pins; one it does not know shows its id."""
    known = house.revision(case.revision).registry.offices.get(office_id)
    return known or Office(office_id, Text(office_id, office_id), Level.COUNTY, "", "")


def may_see(document: Document, reach: str) -> bool:
    """Whether an account of that reach has the document; a collecting window has what collection needs."""
    return reach == "full" or (reach == "collection" and document.kind.collection)


def case_documents(
    work: Work, house: House, actor: Actor, reference: str
) -> tuple[Case, tuple[Document, ...], tuple[Event, ...]]:
    """The documents of a case that the actor may see. Raises NotFound."""
    case = seen(work, actor, reference)
    events = tuple(work.cases.events(reference, unseal=False))
    reach = reach_of(case, actor)
    listed = documents_of(case, events, demo=house.demo)
    return case, tuple(one for one in listed if may_see(one, reach)), events


def served_documents(work: Work, house: House, found: PublicCase) -> tuple[tuple[Document, ...], tuple[Event, ...]]:
    """What was made for the applicant of a case that number and code have opened."""
    events = tuple(work.cases.events(found.case.reference, unseal=False))
    listed = documents_of(found.case, events, demo=house.demo)
    return tuple(one for one in listed if one.kind.served), events


def document_json(document: Document, case: Case, at: datetime, file: StoredFile | None, base: str) -> dict[str, Any]:
    """A document in a list. ``digest`` is there once the PDF was set."""
    return {
        "id": document.id,
        "kind": document.kind.code,
        "title": document.title.as_json(),
        "number": document.number,
        "office": office_of(document, case),
        "seq": document.seq,
        "at": local_time(at),
        "digest": None if file is None else file.digest,
        "href": f"{base}/{document.id}",
    }


def listed_json(work: Work, case: Case, documents: Iterable[Document], events: Iterable[Event], base: str) -> list[Any]:
    """Documents as lists show them."""
    times = {event.seq: event.at for event in events}
    files = {file.material: file for file in work.files.list(case.reference) if file.kind == "document"}
    return [document_json(one, case, times[one.seq], files.get(one.id), base) for one in documents]


def one_document(
    work: Work,
    house: House,
    case: Case,
    document_id: str,
    admits: Callable[[Document], bool],
    *,
    whole: Callable[[str], str] = str,
    code: str | None = None,
    composed: bool = False,
) -> Printed | Unset:
    """The stored PDF, or what is to be set; always the latter where ``composed``, which a page needs.

    ``whole`` makes an address of the house one that a telephone can follow. Raises NotFound, NotAllowed.
    """
    events = tuple(work.cases.events(case.reference, unseal=True))
    document = next((one for one in documents_of(case, events, demo=house.demo) if one.id == document_id), None)
    if document is None:
        raise NotFound(Text("没有这份文书", "No such document"))
    if not admits(document):
        raise NotAllowed(Text("您不能查看这份文书", "This document is not for you to see"))
    stored = None if composed else work.files.document(case.reference, document_id)
    if stored is not None:
        return Printed(*stored)
    ground = ground_of(work, house, document, case, events, whole, code)
    token = (ground.certificate or {}).get("token") if document.kind.code in SIGNED else None
    return Unset(case.reference, document, COMPOSERS[document.kind.code](ground), ground.event.at, token)


def ground_of(
    work: Work,
    house: House,
    document: Document,
    case: Case,
    events: Sequence[Event],
    whole: Callable[[str], str],
    code: str | None,
) -> Ground:
    """What a document is written from: everything up to its event, nothing after it."""
    upto = tuple(event for event in events if event.seq <= document.seq)
    then = fold(case.reference, upto)
    event = upto[-1]
    registry = house.revision(then.revision).registry
    office = office_of(document, then)
    certificate = None if then.certificate_id is None else work.certificates.get(then.certificate_id)
    link = link_of(house, upto)
    actors = {event.actor, event.clear.get("acting_for")}
    names = {one: held.username for one in actors if one and (held := work.accounts.get(one)) is not None}
    return Ground(
        document=document,
        case=then,
        event=event,
        events=upto,
        dossier=dossier_of(upto),
        matter=registry.matters[then.matter],
        registry=registry,
        office=_office(house, then, office or then.accepting_office),
        names=names,
        link=None if link is None else whole(link),
        verify=None
        if not certificate or not certificate.get("token")
        else whole(verification_link(house, certificate)),
        code=code,
        certificate=certificate,
        demo=house.demo,
    )


def set_document(house: House, unset: Unset) -> bytes:
    """The PDF of a document. Raises GlyphMissing."""
    attached: tuple[Attachment, ...] = ()
    if unset.token is not None:
        attached = (Attachment("certificate.jws", "application/jose", unset.token, "证照签名数据 signed facts (JWS)"),)
    return house.press.pdf(unset.sheet.get("form", "document"), unset.sheet, unset.at, attached)


def keep_document(work: Work, house: House, unset: Unset, content: bytes, by: str) -> Printed:
    """Store the PDF; where somebody else was faster, theirs is the document."""
    stored = work.files.document(unset.reference, unset.document.id)
    if stored is not None:
        return Printed(*stored)
    file = StoredFile(
        id=f"f{secrets.token_hex(8)}",
        reference=unset.reference,
        name=file_name(unset.document, unset.reference),
        media_type="application/pdf",
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        material=unset.document.id,
        added_at=house.clock.now(),
        added_by=by,
        kind="document",
    )
    return Printed(work.files.add(file, content), content)


def file_name(document: Document, reference: str) -> str:
    """The name a download has."""
    return f"{document.title.zh}-{document.number or reference}.pdf"
