"""Signing in and out by form."""

from __future__ import annotations

from catalogue.domain.people import Account
from catalogue.domain.problems import Problem
from catalogue.web.access import ACCOUNT, PUBLIC, form_of, visitor_of
from catalogue.web.answer import Answer, see_other
from catalogue.web.api.session import no_cookies, refuse_other_sites, session_cookies, sign_in, sign_in_picked, sign_out
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.headers import query
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
    return await _form(request, following, "", None)


def offers_accounts(request: AnyRequest) -> bool:
    """Whether the demo accounts may be picked: in demo mode, on a loopback address."""
    edge = edge_of(request)
    return edge.parts.demo and edge.addresses.is_local(request.scope)


async def _form(request: AnyRequest, following: str, username: str, problem: Problem | None) -> Answer:
    accounts: list[Account] = []
    if offers_accounts(request):
        listed = await edge_of(request).read(lambda work: work.accounts.list())
        accounts = [account for account, disabled in listed if not disabled]
    return page_answer(
        request,
        "sign_in.html",
        200 if problem is None else problem.status,
        next=following,
        username=username,
        problem=problem,
        accounts=accounts,
    )


@page("POST", "/sign-in", PUBLIC)
async def sign_in_form(request: AnyRequest) -> Answer:
    """Open a session and go on. A form sent by another site is refused: it would sign one in as somebody else."""
    refuse_other_sites(request)
    edge = edge_of(request)
    form = await form_of(request)
    picked = (form.get("account") or [""])[0]
    username = (form.get("username") or [""])[0].strip()[:100]
    password = (form.get("password") or [""])[0][:200]
    following = local_address((form.get("next") or ["/desk"])[0])
    client = edge.addresses.client(request.scope)
    try:
        if picked and offers_accounts(request):
            secret, session = await sign_in_picked(edge, picked, client)
        else:
            secret, session = await sign_in(edge, username, password, client)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return await _form(request, following, username, problem)
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
