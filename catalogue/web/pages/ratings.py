"""Rating on the status page, and the list for those who follow up."""

from __future__ import annotations

from typing import Any

from catalogue.domain.problems import NotFound, Problem
from catalogue.domain.text import Text
from catalogue.service.notices import opt_out
from catalogue.service.ports import PublicCase, Work
from catalogue.service.rating import follow_up, rate, rating_json, ratings_seen
from catalogue.web.access import ACCOUNT, PUBLIC, form_of, visitor_of
from catalogue.web.answer import Answer, see_other
from catalogue.web.api.public import linked_case, public_case
from catalogue.web.api.ratings import number_of
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.headers import cookies
from catalogue.web.pages.case_page import reference_of
from catalogue.web.pages.render import caller, page_answer, switch_address
from catalogue.web.pages.status import LINK_COOKIE, status_answer


async def opened_case(request: AnyRequest, form: dict[str, list[str]]) -> tuple[PublicCase, str | None]:
    """The case by number and code of the form, or by the QR link just followed. Raises NotFound, TooManyRequests."""
    edge = edge_of(request)
    client = edge.addresses.client(request.scope)
    code = (form.get("code") or [""])[0][:64]
    if code:
        return await public_case(edge, (form.get("reference") or [""])[0][:64], code, client), code
    token = cookies(request.scope).get(LINK_COOKIE, "")
    found = await linked_case(edge, token, client) if token else None
    if found is None:
        raise NotFound(Text("请先扫码或用流水号和查询码打开办件", "Open the case first, by QR code or number and code"))
    return found, None


@page("POST", "/status/rating", PUBLIC)
async def rate_form(request: AnyRequest) -> Answer:
    """Rate; the status of the case again, with the rating or with what was wrong."""
    await caller(request)
    edge = edge_of(request)
    form = await form_of(request)
    found, code = await opened_case(request, form)
    given: dict[str, Any] = {key: form[key][0] for key in ("window", "office", "text") if (form.get(key) or [""])[0]}
    if form.get("reasons"):
        given["reasons"] = form["reasons"][:10]
    if form.get("follow_up"):
        given["follow_up"] = True
    channel = "web" if code is not None else "qr"
    try:
        await edge.write(lambda work: rate(work, edge.house, found.case, given, channel))
    except Problem as problem:
        if problem.status >= 500:
            raise
        return await status_answer(request, found, code, problem)
    return await status_answer(request, found, code)


@page("POST", "/status/notices", PUBLIC)
async def opt_out_form(request: AnyRequest) -> Answer:
    """No more notices to the contacts of the case."""
    await caller(request)
    edge = edge_of(request)
    form = await form_of(request)
    found, code = await opened_case(request, form)
    await edge.write(lambda work: opt_out(work, edge.house, found.case))
    return await status_answer(request, found, code, silenced=True)


@page("GET", "/desk/ratings", ACCOUNT)
async def ratings_page(request: AnyRequest) -> Answer:
    """The ratings one may see, open follow-ups first."""
    return await _list(request, None)


async def _list(request: AnyRequest, problem: Problem | None) -> Answer:
    edge = edge_of(request)
    actor = visitor_of(request).actor

    def look(work: Work) -> list[dict[str, Any]]:
        return [rating_json(edge.house, one, confidential=True) for one in ratings_seen(work, edge.house, actor)]

    listed = await edge.read(look)
    return page_answer(
        request, "ratings.html", 200 if problem is None else problem.status, ratings=listed, problem=problem,
        **switch_address(request, "/desk/ratings"),
    )  # fmt: skip


@page("POST", "/desk/ratings/{reference:str}/{target:str}/{nth:str}", ACCOUNT)
async def follow_up_form(request: AnyRequest) -> Answer:
    """Say what was done about a bad rating."""
    edge = edge_of(request)
    form = await form_of(request)
    reference, target = reference_of(request), request.path_params["target"][:16]
    nth = number_of(request.path_params["nth"])
    reply = (form.get("reply") or [""])[0]
    actor = visitor_of(request).actor
    try:
        await edge.write(lambda work: follow_up(work, edge.house, actor, reference, target, nth, reply))
    except Problem as problem:
        if problem.status >= 500 or problem.status == 403:
            raise
        return await _list(request, problem)
    return see_other("/desk/ratings")


ROUTES = (rate_form, opt_out_form, ratings_page, follow_up_form)
