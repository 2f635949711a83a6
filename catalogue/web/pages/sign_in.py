"""Signing in and out by form."""

from __future__ import annotations

from catalogue.domain.problems import CsrfFailed, Problem
from catalogue.web.access import ACCOUNT, PUBLIC, form_of, visitor_of
from catalogue.web.answer import Answer, see_other
from catalogue.web.api.session import no_cookies, session_cookies, sign_in, sign_out
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.headers import header, query
from catalogue.web.pages.render import caller, page_answer


def local_address(text: str) -> str:
    """An address of this house to go on to; anything else leads to the desk."""
    plain = text.isascii() and text.isprintable() and "\\" not in text
    return text if plain and text.startswith("/") and not text.startswith("//") else "/desk"


@page("GET", "/sign-in", PUBLIC)
async def sign_in_page(request: AnyRequest) -> Answer:
    """The form; in demo mode and on this machine, the demo accounts to pick from."""
    await caller(request)
    following = local_address(query(request.scope).get("next", "/desk"))
    return _form(request, following, "", None)


def _form(request: AnyRequest, following: str, username: str, problem: Problem | None) -> Answer:
    edge = edge_of(request)
    offers = edge.parts.demo and edge.addresses.is_loopback(request.scope)
    return page_answer(
        request,
        "sign_in.html",
        200 if problem is None else problem.status,
        next=following,
        username=username,
        problem=problem,
        accounts=edge.parts.demo_accounts() if offers else (),
    )


@page("POST", "/sign-in", PUBLIC)
async def sign_in_form(request: AnyRequest) -> Answer:
    """Open a session and go on. A form sent by another site is refused: it would sign one in as somebody else."""
    if header(request.scope, b"sec-fetch-site") == "cross-site":
        raise CsrfFailed
    edge = edge_of(request)
    form = await form_of(request)
    username = (form.get("username") or [""])[0].strip()[:100]
    password = (form.get("password") or [""])[0][:200]
    following = local_address((form.get("next") or ["/desk"])[0])
    try:
        secret, session = await sign_in(edge, username, password, edge.addresses.client(request.scope))
    except Problem as problem:
        if problem.status >= 500:
            raise
        return _form(request, following, username, problem)
    return see_other(following, session_cookies(edge, secret, session))


@page("POST", "/sign-out", ACCOUNT)
async def sign_out_form(request: AnyRequest) -> Answer:
    """End the session and go to the front door."""
    edge = edge_of(request)
    session = visitor_of(request).session
    if session is not None:
        await sign_out(edge, session)
    return see_other("/", no_cookies(edge))


ROUTES = (sign_in_page, sign_in_form, sign_out_form)
