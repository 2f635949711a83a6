"""Pages for what another system decides: the transcription sheet, all papers as one ZIP, results taken from a list."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

from catalogue.domain.days import local_day
from catalogue.domain.people import HOME_ROLES
from catalogue.domain.problems import Problem
from catalogue.service import external
from catalogue.service.passing import files_asked
from catalogue.service.ports import Work
from catalogue.service.views import transfer_json
from catalogue.web.access import Access, form_of, upload_of, visitor_of
from catalogue.web.answer import NO_STORE, Answer
from catalogue.web.api.files import checked_upload
from catalogue.web.body import AnyRequest, media_type
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.pages.case_facts import NAMES, sections
from catalogue.web.pages.case_page import reference_of
from catalogue.web.pages.render import page_answer, switch_address

OFFICERS = Access(roles=HOME_ROLES)


@page("GET", "/desk/cases/{reference:str}/transcription", OFFICERS)
async def transcription(request: AnyRequest) -> Answer:
    """转录单: every field in clear and in order, each copied with one key. That it was opened is logged."""
    edge, actor = edge_of(request), visitor_of(request).actor
    reference = reference_of(request)
    found = await edge.write(lambda work: external.transcribed(work, edge.house, actor, reference))
    registry = edge.house.revision(found.case.revision).registry
    matter = registry.matters[found.case.matter]
    return page_answer(
        request,
        "transcription.html",
        case=found.body,
        number=found.case.external_number,
        etag=found.etag,
        files=found.files,
        # The enterprise first, as a registration asks for it; then who applies, and the rest as it was received.
        sections=sorted(
            sections(found.body.get("dossier", {}), matter, registry), key=lambda one: one[0] != NAMES["form"]
        ),
        **switch_address(request, f"/desk/cases/{reference}/transcription"),
    )


@page("GET", "/desk/cases/{reference:str}/papers.zip", OFFICERS)
async def papers(request: AnyRequest) -> Answer:
    """All papers of a case at once."""
    edge, actor = edge_of(request), visitor_of(request).actor
    reference = reference_of(request)
    packed = await edge.write(lambda work: external.papers_zip(work, edge.house, actor, reference))
    disposition = f"attachment; filename*=UTF-8''{quote(f'材料 {reference}.zip', safe='')}".encode("ascii")
    return Answer(packed, 200, b"application/zip", (NO_STORE, (b"content-disposition", disposition)))


@page("GET", "/desk/external", OFFICERS)
async def outstanding(request: AnyRequest) -> Answer:
    """What waits for a result of another system."""
    return await _page(request)


async def _page(request: AnyRequest, problem: Problem | None = None, **more: Any) -> Answer:
    edge, actor = edge_of(request), visitor_of(request).actor
    waiting = await edge.read(lambda work: external.outstanding(work, actor))
    registry = edge.house.in_force().registry
    return page_answer(
        request,
        "external.html",
        200 if problem is None else problem.status,
        waiting=waiting,
        matters=registry.matters,
        problem=problem,
        **{"typed": "", "results": None, "done": False, **more},
        **switch_address(request, "/desk/external"),
    )


@page("POST", "/desk/external", OFFICERS)
async def results(request: AnyRequest) -> Answer:
    """Look at a list of results; attach those that can be once the officer has looked."""
    edge, actor = edge_of(request), visitor_of(request).actor
    brought = b""
    if media_type(request)[0] == "multipart/form-data":
        upload = await upload_of(request)
        typed, do, brought = upload.fields.get("results", ""), upload.fields.get("do", ""), upload.content
    else:
        form = await form_of(request)
        typed, do = "\n".join(form.get("results", ())), (form.get("do") or [""])[0]
    typed = typed.replace("\r\n", "\n")
    attach = do == "attach"
    pack: external.Pack = {}

    def look(work: Work) -> Any:
        return external.read_results(work, edge.house, actor, typed, pack)

    try:
        if brought:
            pack = await asyncio.to_thread(external.unpacked, brought)
            for content in pack.values():
                await checked_upload(edge, content)
        found = await edge.read(look)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return await _page(request, problem, typed=typed)
    if attach:
        found = await asyncio.to_thread(external.attach_all, edge.database, edge.house, actor, found, pack)
    return await _page(request, typed=typed, results=found, done=attach)


@page("GET", "/desk/files", OFFICERS)
async def files(request: AnyRequest) -> Answer:
    """档案移交: the files this office has been asked for."""
    edge, actor = edge_of(request), visitor_of(request).actor
    asked = await edge.read(lambda work: files_asked(work, actor))
    today = local_day(edge.house.clock.now())
    registry = edge.house.in_force().registry
    return page_answer(
        request,
        "files_asked.html",
        asked=[(case, transfer_json(edge.house, case, today)) for case in asked],
        matters=registry.matters,
        offices=registry.offices,
        **switch_address(request, "/desk/files"),
    )


ROUTES = (transcription, papers, outstanding, results, files)
