"""Documents 文书: what a window or an office hands over on paper, as PDF."""

from __future__ import annotations

from typing import Any

from catalogue.service.documents import case_documents, listed_json, served_documents
from catalogue.service.history import history
from catalogue.service.ports import PublicCase, Work
from catalogue.web.access import PUBLIC, READS_CASES, visitor_of
from catalogue.web.answer import Answer, private_json
from catalogue.web.api.cases import REFERENCE, reference_of
from catalogue.web.api.public import public_case
from catalogue.web.body import AnyRequest
from catalogue.web.documents import for_actor, for_applicant, pdf_answer, printed
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import Operation, Parameter, Success, api
from catalogue.web.headers import header, known_only, query

DOCUMENT = Parameter("document", "path", "Id of the document", {"type": "string", "maxLength": 64}, required=True)
CODE = Parameter("X-Query-Code", "header", "查询码: 8 characters", {"type": "string", "maxLength": 40})
CODE_ASKED = Parameter("code", "query", "The same as parameter", {"type": "string", "maxLength": 40})
PDF = Success(None, "PDF/A, the same bytes for ever", "application/pdf", headers=("Content-Disposition",))


@api(
    "GET",
    "/api/cases/{reference:str}/papers",
    READS_CASES,
    Operation(
        "list-documents",
        "The documents of a case that its acts have made, as far as the account may see them",
        "documents",
        {200: Success("Documents", "Kind, number, office and day of each")},
        (400, 401, 403, 404, 503),
        (REFERENCE,),
    ),
)
async def get_documents(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    reference = reference_of(request)
    actor = visitor_of(request).actor

    def look(work: Work) -> list[Any]:
        case, documents, events = case_documents(work, edge.house, actor, reference)
        return listed_json(work, case, documents, events, f"/api/cases/{reference}/papers")

    return private_json({"papers": await edge.read(look)})


@api(
    "GET",
    "/api/cases/{reference:str}/papers/{document:str}",
    READS_CASES,
    Operation(
        "get-document",
        "One document as PDF; set the first time it is asked for and the same ever after",
        "documents",
        {200: PDF},
        (400, 401, 403, 404, 422, 503),
        (REFERENCE, DOCUMENT, CODE),
        description="With the query code in its header, a receipt that was never printed carries it.",
    ),
)
async def get_document(request: AnyRequest) -> Answer:
    actor = visitor_of(request).actor
    code = header(request.scope, b"x-query-code")
    look = for_actor(request, actor, reference_of(request), request.path_params["document"][:64], code)
    return pdf_answer(await printed(edge_of(request), look, actor.id), download=True)


async def _opened(request: AnyRequest) -> PublicCase:
    edge = edge_of(request)
    scope = request.scope
    parameters = query(scope)
    known_only(parameters, "code")
    code = header(scope, b"x-query-code") or parameters.get("code", "")
    return await public_case(edge, request.path_params["reference"], code, edge.addresses.client(scope))


@api(
    "GET",
    "/api/public/cases/{reference:str}/papers",
    PUBLIC,
    Operation(
        "list-served-documents",
        "The documents made for the applicant, by number and query code",
        "documents",
        {200: Success("Documents", "Kind, number, office and day of each")},
        (400, 404, 422, 429, 503),
        (REFERENCE, CODE_ASKED, CODE),
    ),
)
async def get_served_documents(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    found = await _opened(request)
    base = f"/api/public/cases/{found.case.reference}/papers"

    def look(work: Work) -> list[Any]:
        documents, events = served_documents(work, edge.house, found)
        return listed_json(work, found.case, documents, events, base)

    return private_json({"papers": await edge.read(look)})


@api(
    "GET",
    "/api/public/cases/{reference:str}/papers/{document:str}",
    PUBLIC,
    Operation(
        "get-served-document",
        "One document made for the applicant as PDF, by number and query code",
        "documents",
        {200: PDF},
        (400, 403, 404, 422, 429, 503),
        (REFERENCE, DOCUMENT, CODE_ASKED, CODE),
    ),
)
async def get_served_document(request: AnyRequest) -> Answer:
    found = await _opened(request)
    look = for_applicant(request, found, request.path_params["document"][:64])
    return pdf_answer(await printed(edge_of(request), look), download=True)


@api(
    "GET",
    "/api/public/cases/{reference:str}/history",
    PUBLIC,
    Operation(
        "get-history",
        "The history of a case with its hash chain, to be checked by anybody (docs/history.md)",
        "documents",
        {200: Success("Document", "Every event with what it was hashed from; names and reasons as ciphertext")},
        (400, 404, 422, 429, 503),
        (REFERENCE, CODE_ASKED, CODE),
    ),
)
async def get_history(request: AnyRequest) -> Answer:
    found = await _opened(request)
    return private_json(await edge_of(request).read(lambda work: history(work, found.case)))


ROUTES = (get_documents, get_document, get_served_documents, get_served_document, get_history)
