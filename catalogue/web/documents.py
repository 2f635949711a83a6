"""Documents over HTTP: found, set where nobody asked before, stored, answered. One way for API and pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from catalogue.domain.documents import Document
from catalogue.domain.people import Actor
from catalogue.service.documents import (
    APPLICANT,
    Printed,
    Unset,
    keep_document,
    may_see,
    one_document,
    set_document,
)
from catalogue.service.documents.sheet import Block
from catalogue.service.ports import Attachment, PublicCase, Work
from catalogue.service.tracking import find_public
from catalogue.service.views import reach_of, seen
from catalogue.web.answer import NO_STORE, Answer
from catalogue.web.body import AnyRequest
from catalogue.web.edge import Edge, edge_of
from catalogue.web.qr import absolute

PDF_POLICY = (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")

Found = Printed | Unset
Look = Callable[[Work], Found]


def whole(request: AnyRequest) -> Callable[[str], str]:
    """Makes an address for a QR code one that a telephone can follow."""
    return lambda address: absolute(request, address)


def for_actor(request: AnyRequest, actor: Actor, reference: str, document: str, code: str | None = None) -> Look:
    """A document for an account. The query code is printed where the account still holds it."""
    house = edge_of(request).house

    def look(work: Work) -> Found:
        case = seen(work, actor, reference)
        reach = reach_of(case, actor)
        known = code if code and find_public(work, reference, code) else None
        return one_document(
            work, house, case, document, lambda one: may_see(one, reach), whole=whole(request), code=known
        )

    return look


def for_applicant(request: AnyRequest, found: PublicCase, document: str) -> Look:
    """A document for whoever has opened the case by number and code, or by its link."""
    house = edge_of(request).house

    def served(one: Document) -> bool:
        return one.kind.served

    def look(work: Work) -> Found:
        return one_document(work, house, found.case, document, served, whole=whole(request))

    return look


async def printed(edge: Edge, look: Look, by: str = APPLICANT) -> Printed:
    """The stored PDF; set and stored first where nobody asked before. Raises NotFound, NotAllowed, GlyphMissing."""
    found = await edge.read(look)
    if isinstance(found, Printed):
        return found
    unset = found
    content = await asyncio.to_thread(set_document, edge.house, unset)
    return await edge.write(lambda work: keep_document(work, edge.house, unset, content, by))


def pdf_answer(document: Printed, *, download: bool = False) -> Answer:
    """The PDF, to be looked at or kept."""
    how = "attachment" if download else "inline"
    return _pdf(document.content, f"{how}; filename*=UTF-8''{quote(document.file.name, safe='')}")


async def sheet_answer(
    edge: Edge, sheet: Block, file: str, now: datetime, attached: tuple[Attachment, ...] = ()
) -> Answer:
    """A sheet as PDF that belongs to no case and is not kept; ``file`` is its name, in ASCII. Raises GlyphMissing."""
    content = await asyncio.to_thread(edge.house.press.pdf, "document", sheet, now, attached)
    return _pdf(content, f"inline; filename={file}")


def _pdf(content: bytes, disposition: str) -> Answer:
    headers = (NO_STORE, (b"content-disposition", disposition.encode("ascii")), PDF_POLICY)
    return Answer(content, 200, b"application/pdf", headers)
