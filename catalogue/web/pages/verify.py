"""Verifying a certificate."""

from __future__ import annotations

from typing import Any

from catalogue.domain.numbers import parse_certificate_id
from catalogue.domain.problems import NotFound, Problem
from catalogue.domain.text import Text
from catalogue.service.verification import verification
from catalogue.web.access import PUBLIC
from catalogue.web.answer import Answer, see_other
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.headers import query
from catalogue.web.pages.render import caller, language_of, page_answer

STATUSES: dict[str, Text] = {
    "valid": Text("有效", "Valid"),
    "suspended": Text("暂扣", "Suspended"),
    "revoked": Text("已撤销", "Revoked"),
    "cancelled": Text("已注销", "Cancelled"),
    "expired": Text("已过期", "Expired"),
    "superseded": Text("已被新证照替代", "Superseded"),
}


@page("GET", "/verify", PUBLIC)
async def verify_form(request: AnyRequest) -> Answer:
    """The form; an id leads to its own page."""
    await caller(request)
    asked = query(request.scope).get("id", "")[:40]
    number = parse_certificate_id(asked) if asked else None
    if number is not None:
        return see_other(f"/verify/{number}")
    problem = NotFound(Text("证照编号不正确", "That is no certificate id")) if asked else None
    return _page(request, asked, None, problem)


@page("GET", "/verify/{certificate:str}", PUBLIC)
async def verify_page(request: AnyRequest) -> Answer:
    """Whether a certificate is valid."""
    await caller(request)
    edge = edge_of(request)
    asked = request.path_params["certificate"][:40]
    try:
        found = await edge.read(lambda work: verification(work, edge.house, asked))
    except NotFound as problem:
        return _page(request, asked, None, problem)
    return _page(request, asked, found, None)


def _page(request: AnyRequest, asked: str, found: dict[str, Any] | None, problem: Problem | None) -> Answer:
    status = ""
    if found is not None:
        word = STATUSES.get(found["status"]) or Text(found["status"], found["status"])
        status = word.in_language(language_of(request))
    return page_answer(
        request, "verify.html", 200 if problem is None else problem.status,
        asked=asked, found=found, problem=problem, status=status,
    )  # fmt: skip


ROUTES = (verify_form, verify_page)
