"""Documents as pages and as PDF: at the desk, for the applicant, and the notice that something is outside scope."""

from __future__ import annotations

from catalogue.domain.days import local_day
from catalogue.domain.documents import Document
from catalogue.domain.problems import NotFound
from catalogue.domain.routing import Outside
from catalogue.domain.text import Text
from catalogue.service.documents import Unset, case_documents, one_document
from catalogue.service.documents.enquiry import outside_sheet
from catalogue.service.documents.sheet import day
from catalogue.service.documents.window import history_sheet
from catalogue.service.history import history
from catalogue.service.ports import Attachment, Work
from catalogue.web.access import ACCOUNT, PUBLIC, form_of, visitor_of
from catalogue.web.answer import Answer, encode
from catalogue.web.body import AnyRequest
from catalogue.web.documents import for_actor, for_applicant, pdf_answer, printed, sheet_answer, whole
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.headers import query
from catalogue.web.pages.case_page import reference_of
from catalogue.web.pages.ratings import opened_case
from catalogue.web.pages.render import page_answer


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
    return await _served(request, await form_of(request))


@page("GET", "/status/papers/{document:str}", PUBLIC)
async def linked_document(request: AnyRequest) -> Answer:
    """The same for whoever followed the QR link of the case, as long as its cookie lasts."""
    return await _served(request, {})


async def _served(request: AnyRequest, form: dict[str, list[str]]) -> Answer:
    found, _ = await opened_case(request, form)
    look = for_applicant(request, found, request.path_params["document"][:64])
    return pdf_answer(await printed(edge_of(request), look))


@page("POST", "/status/history", PUBLIC)
async def history_form(request: AnyRequest) -> Answer:
    """The history of the case as PDF, with the file that anybody can check."""
    return await _history(request, await form_of(request))


@page("GET", "/status/history", PUBLIC)
async def linked_history(request: AnyRequest) -> Answer:
    """The same by the QR link just followed."""
    return await _history(request, {})


async def _history(request: AnyRequest, form: dict[str, list[str]]) -> Answer:
    edge = edge_of(request)
    found, _ = await opened_case(request, form)
    case = found.case
    told = await edge.read(lambda work: history(work, case))
    matter = edge.house.revision(case.revision).registry.matters[case.matter]
    now = edge.house.clock.now()
    sheet = history_sheet(told, matter.name.zh, edge.house.demo, day(local_day(now)))
    attached = (Attachment("history.json", "application/json", encode(told).decode(), "可核验的办理过程"),)
    return await sheet_answer(edge, sheet, f"history-{case.reference}.pdf", now, attached)


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
    return await sheet_answer(edge, sheet, "outside-scope.pdf", now)


ROUTES = (
    document_page, document_pdf, receipt_pdf, served_document, linked_document, history_form, linked_history,
    outside_notice,
)  # fmt: skip
