"""Documents as pages and as PDF: at the desk, for the applicant, and the notice that something is outside scope."""

from __future__ import annotations

import asyncio

from catalogue.domain.days import local_day
from catalogue.domain.documents import Document
from catalogue.domain.problems import NotFound
from catalogue.domain.routing import Outside
from catalogue.domain.text import Text
from catalogue.service.documents import Unset, case_documents, one_document
from catalogue.service.documents.sheet import day
from catalogue.service.documents.window import outside_sheet
from catalogue.service.ports import Work
from catalogue.web.access import ACCOUNT, PUBLIC, form_of, visitor_of
from catalogue.web.answer import NO_STORE, Answer
from catalogue.web.api.public import linked_case, public_case
from catalogue.web.body import AnyRequest
from catalogue.web.documents import PDF_POLICY, for_actor, for_applicant, pdf_answer, printed, whole
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.headers import cookies, query
from catalogue.web.pages.case_page import reference_of
from catalogue.web.pages.render import page_answer
from catalogue.web.pages.status import LINK_COOKIE


@page("GET", "/desk/cases/{reference:str}/papers/{document:str}", ACCOUNT)
async def document_page(request: AnyRequest) -> Answer:
    """One document as a page, with the way to its PDF and to the other documents of the case."""
    edge = edge_of(request)
    actor = visitor_of(request).actor
    reference = reference_of(request)
    wanted = request.path_params["document"][:64]

    def look(work: Work) -> tuple[tuple[Document, ...], Unset]:
        case, documents, _ = case_documents(work, edge.house, actor, reference)
        ids = {one.id for one in documents}
        composed = one_document(
            work, edge.house, case, wanted, lambda one: one.id in ids, whole=whole(request), composed=True
        )
        assert isinstance(composed, Unset)
        return documents, composed

    documents, composed = await edge.read(look)
    return page_answer(
        request, "document.html", sheet=composed.sheet, documents=documents, wanted=wanted, reference=reference
    )


@page("GET", "/desk/cases/{reference:str}/papers/{document:str}/pdf", ACCOUNT)
async def document_pdf(request: AnyRequest) -> Answer:
    """One document as PDF, to be printed."""
    actor = visitor_of(request).actor
    look = for_actor(request, actor, reference_of(request), request.path_params["document"][:64])
    return pdf_answer(await printed(edge_of(request), look, actor.id))


@page("POST", "/desk/receipts/{reference:str}/pdf", ACCOUNT)
async def receipt_pdf(request: AnyRequest) -> Answer:
    """The receipt as PDF, with the query code where the page still holds it."""
    actor = visitor_of(request).actor
    form = await form_of(request)
    code = "".join((form.get("code") or [""])[0].split("-"))[:40]
    look = for_actor(request, actor, reference_of(request), "receipt-1", code or None)
    return pdf_answer(await printed(edge_of(request), look, actor.id))


@page("POST", "/status/papers/{document:str}", PUBLIC)
async def served_document(request: AnyRequest) -> Answer:
    """A document for the applicant by number and query code, which come by form."""
    edge = edge_of(request)
    form = await form_of(request)
    reference, code = ((form.get(key) or [""])[0][:64] for key in ("reference", "code"))
    found = await public_case(edge, reference, code, edge.addresses.client(request.scope))
    return pdf_answer(await printed(edge, for_applicant(request, found, request.path_params["document"][:64])))


@page("GET", "/status/papers/{document:str}", PUBLIC)
async def linked_document(request: AnyRequest) -> Answer:
    """The same for whoever followed the QR link of the case, as long as its cookie lasts."""
    edge = edge_of(request)
    token = cookies(request.scope).get(LINK_COOKIE, "")
    found = await linked_case(edge, token, edge.addresses.client(request.scope)) if token else None
    if found is None:
        raise NotFound(Text("请先扫码或用流水号和查询码打开办件", "Open the case first, by QR code or number and code"))
    return pdf_answer(await printed(edge, for_applicant(request, found, request.path_params["document"][:64])))


@page("GET", "/desk/outside-notice", ACCOUNT)
async def outside_notice(request: AnyRequest) -> Answer:
    """不属通办范围告知单 for an enquiry that no office of the programme decides; nothing of it is kept."""
    edge = edge_of(request)
    parameters = query(request.scope)
    matter, place = parameters.pop("matter", "")[:64], parameters.pop("place", "")[:80]
    parameters.pop("lang", None)
    now = edge.house.clock.now()
    revision = edge.house.in_force(now)
    registry = revision.registry
    answer = edge.house.cards.card(revision, matter, place, parameters, local_day(now)).answer
    if not isinstance(answer, Outside):
        raise NotFound(Text("此申请属于通办范围", "This belongs to the programme"))
    known = registry.divisions.get(place.partition("/")[0])
    office = registry.offices.get(visitor_of(request).actor.office)
    sheet = outside_sheet(
        office="" if office is None else office.name.zh,
        matter=registry.matters[matter].name.zh,
        place=known[0].name.zh if known else place,
        authority=answer.authority.zh,
        reason=answer.reason.zh,
        on=day(local_day(now)),
        revision=revision.number,
        demo=edge.house.demo,
    )
    content = await asyncio.to_thread(edge.house.press.pdf, "document", sheet, now)
    name = (b"content-disposition", b"inline; filename=outside-scope.pdf")
    return Answer(content, 200, b"application/pdf", (NO_STORE, name, PDF_POLICY))


ROUTES = (
    document_page, document_pdf, receipt_pdf, served_document, linked_document, outside_notice,
)  # fmt: skip
