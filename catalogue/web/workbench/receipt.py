"""The receipt 收件回执: number, query code, papers, who decides and by when, what comes next; and scans sent later.

The query code is known only while the application is taken: the database keeps its digest. The page that follows the
submission shows it; every later print of the receipt does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from catalogue.domain.numbers import grouped, parse_reference
from catalogue.domain.people import WINDOW_ROLES
from catalogue.domain.problems import NotFound, Problem
from catalogue.domain.registry.model import Material
from catalogue.domain.routing import Route
from catalogue.domain.text import Text
from catalogue.service.handling import read_case
from catalogue.service.papers import attach, case_link, file_json, papers
from catalogue.web.access import Access, upload_of, visitor_of
from catalogue.web.answer import Answer, see_other
from catalogue.web.api.files import checked_upload
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.pages.line import line_svg, place_name, plan, told
from catalogue.web.pages.render import Words, language_of, page_answer
from catalogue.web.qr import absolute, qr_svg
from catalogue.web.workbench.intake_form import TAKEN

WINDOW = Access(roles=WINDOW_ROLES)


def _reference(request: AnyRequest) -> str:
    reference = parse_reference(request.path_params["reference"][:40])
    if reference is None:
        raise NotFound(Text("没有找到这个办件", "No such case"))
    return reference


async def receipt_answer(request: AnyRequest, receipt: dict[str, Any], forwarded: Problem | bool) -> Answer:
    """The page right after the submission, the only one with the query code."""
    warnings = [Text(**warning["message"]) for warning in receipt["warnings"]]
    return await _shown(request, receipt["reference"], receipt["query_code"], warnings, forwarded)


@page("GET", "/desk/receipts/{reference:str}", WINDOW)
async def receipt_page(request: AnyRequest) -> Answer:
    """The receipt again, without the query code, with the scans that the case holds."""
    return await _shown(request, _reference(request), None, (), False)


async def _shown(
    request: AnyRequest,
    reference: str,
    code: str | None,
    warnings: Sequence[Text],
    forwarded: Problem | bool,
    problem: Problem | None = None,
) -> Answer:
    edge = edge_of(request)
    actor = visitor_of(request).actor
    case, _ = await edge.read(lambda work: read_case(work, edge.house, actor, reference))
    files = await edge.read(lambda work: papers(work, actor, reference))
    link = await edge.read(lambda work: case_link(work, edge.house, actor, reference))
    revision = edge.house.revision(case["revision"])
    registry = revision.registry
    matter = registry.matters[case["matter"]["id"]]
    day = date.fromisoformat(case["received_on"])
    route, missing = _route(edge, case, day)
    tongue = language_of(request)
    picture, said = None, ""
    home = registry.offices.get(case["home"]["office"] or "")
    here = registry.offices.get(case["accepting"]["office"])
    if home is not None and here is not None:
        trip = plan(here.region, home.region, place_name(registry, here), place_name(registry, home))
        picture, said = line_svg(registry, trip, tongue, "plan"), told(registry, trip, tongue)
    return page_answer(
        request,
        "receipt.html",
        200 if problem is None else problem.status,
        case=case,
        number=grouped(reference),
        code=None if code is None else grouped(code, "-"),
        warnings=warnings,
        forwarded=forwarded,
        onward=_onward(case["accepting"]["window"], forwarded),
        problem=problem,
        matter=matter,
        names={paper.id: paper.name for paper in (*matter.materials, *(route.materials if route else ()))},
        missing=missing,
        home=home,
        here=here,
        collect=registry.offices.get(case["delivery"]["window"] or ""),
        qr=None
        if link is None
        else qr_svg(absolute(request, link), Words(tongue)("查进度的二维码", "QR code to follow the case")),
        picture=picture,
        told=said,
        files=[file_json(file) for file in files],
        taken=TAKEN,
        status_url=absolute(request, f"{edge.house.public_url}/status"),
    )


def _onward(window: str | None, forwarded: Problem | bool) -> dict[str, str]:
    """What stays the same for the next application at this window, and is not typed again."""
    return {**({"window": window} if window else {}), **({} if forwarded is False else {"forward": "1"})}


def _route(edge: Any, case: dict[str, Any], day: date) -> tuple[Route | None, list[Material]]:
    """The route as on the day of receipt, and the required papers that are not there."""
    revision = edge.house.revision(case["revision"])
    try:
        answer = edge.house.cards.card(revision, case["matter"]["id"], case["place"], case["particulars"], day).answer
    except Problem:
        return None, []
    if not isinstance(answer, Route):
        return None, []
    there = {line["id"] for line in case["materials"] if not line["deferred_until"]}
    return answer, [m for m in answer.materials if m.required and m.id not in there and m.id not in answer.conditional]


@page("POST", "/desk/receipts/{reference:str}/files", WINDOW)
async def attach_form(request: AnyRequest) -> Answer:
    """One scan by form, for browsers without scripts."""
    edge = edge_of(request)
    reference = _reference(request)
    actor = visitor_of(request).actor
    upload = await upload_of(request)
    material = upload.fields.get("material") or None
    try:
        await checked_upload(edge, upload.content)
        await edge.write(lambda work: attach(work, edge.house, actor, reference, upload.name, upload.content, material))
    except NotFound:
        raise
    except Problem as problem:
        if problem.status >= 500:
            raise
        return await _shown(request, reference, None, (), False, problem)
    return see_other(f"/desk/receipts/{reference}#scans")


ROUTES = (receipt_page, attach_form)
