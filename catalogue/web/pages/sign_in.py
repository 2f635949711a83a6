"""Signing in and out by form."""

from __future__ import annotations

from catalogue.domain.people import Account, Role
from catalogue.domain.problems import Fault, InvalidInput, NotAuthenticated, Problem
from catalogue.domain.registry.model import Level, Office, Region, Registry
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.web.access import ACCOUNT, PUBLIC, SESSION_COOKIE, form_of, visitor_of
from catalogue.web.acting import COOKIE as ACTING
from catalogue.web.answer import Answer, cookie, see_other
from catalogue.web.api.session import no_cookies, refuse_other_sites, session_cookies, sign_in, sign_in_picked, sign_out
from catalogue.web.body import AnyRequest
from catalogue.web.edge import Edge, edge_of
from catalogue.web.endpoint import page
from catalogue.web.headers import cookies, header, query
from catalogue.web.pages.render import caller, page_answer

_RANK = {role: position for position, role in enumerate(Role)}


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


class Picker(Value, frozen=True):
    """The demo accounts by city and office, those of one case's way first; an account whose roles its office has given
    before carries its number."""

    cities: list[tuple[Region, list[tuple[Office, list[tuple[Account, int | None]]]]]]
    story: list[tuple[Office, Account]]


def picker_of(registry: Registry, accounts: list[Account]) -> Picker:
    """The accounts in the order of the registry and of the roles.

    The first window of the first city and a county of the last one that has every role of a case stand on top: with
    those a case can be taken from receipt to hand-over.
    """
    by_office: dict[str, list[Account]] = {}
    for account in sorted(accounts, key=lambda held: min(_RANK[role] for role in held.roles)):
        by_office.setdefault(account.office, []).append(account)
    cities = [
        (region, [(office, by_office[office.id]) for office in region.offices if office.id in by_office])
        for region in registry.regions.values()
    ]
    numbered = [
        (region, [(office, _numbered(held)) for office, held in offices]) for region, offices in cities if offices
    ]
    return Picker(numbered, _story(cities))


def _numbered(accounts: list[Account]) -> list[tuple[Account, int | None]]:
    seen: dict[frozenset[Role], int] = {}
    rows: list[tuple[Account, int | None]] = []
    for account in accounts:
        seen[account.roles] = seen.get(account.roles, 0) + 1
        rows.append((account, seen[account.roles] if seen[account.roles] > 1 else None))
    return rows


def _story(cities: list[tuple[Region, list[tuple[Office, list[Account]]]]]) -> list[tuple[Office, Account]]:
    def of(city: int, *wanted: Role) -> list[tuple[Office, Account]]:
        for office, held in cities[city][1] if cities else ():
            if office.level is Level.COUNTY:
                found = [next((account for account in held if role in account.roles), None) for role in wanted]
                if None not in found:
                    return [(office, account) for account in found if account is not None]
        return []

    return [*of(0, Role.WINDOW_CLERK), *of(-1, Role.HOME_INTAKE, Role.REVIEWER, Role.DECIDER)]


async def _form(request: AnyRequest, following: str, username: str, problem: Problem | None) -> Answer:
    picker: Picker | None = None
    if offers_accounts(request):
        listed = await edge_of(request).read(lambda work: work.accounts.list())
        registry = edge_of(request).house.in_force().registry
        picker = picker_of(registry, [account for account, disabled in listed if not disabled])
    ended = problem is None and request.scope.get("visitor") is None and SESSION_COOKIE in cookies(request.scope)
    wait = None if problem is None else problem.extra.get("retry_after")
    headers = () if wait is None else ((b"retry-after", str(wait).encode()),)
    return page_answer(
        request,
        "sign_in.html",
        200 if problem is None else problem.status,
        headers,
        next=following,
        username=username,
        problem=problem,
        faults={} if problem is None else {fault.path: fault.message for fault in problem.errors},
        again=None if wait is None else -(-int(wait) // 60),
        ended=ended,
        picker=picker,
    )


def _unfilled(username: str, password: str) -> InvalidInput:
    """What was left empty, each told beside its field."""
    left = [
        Fault(key, "missing", words)
        for key, value, words in (
            ("username", username, Text("请填写用户名", "Type your user name")),
            ("password", password, Text("请填写密码", "Type your password")),
        )
        if not value
    ]
    return InvalidInput(left[0].message, errors=tuple(left))


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
        if not picked and not (username and password):
            raise _unfilled(username, password)
        if picked and offers_accounts(request):
            secret, session = await sign_in_picked(edge, picked, client)
        else:
            secret, session = await sign_in(edge, username, password, client)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return await _form(request, following, username, problem)
    return see_other(following, session_cookies(edge, secret, session))


async def out_already(request: AnyRequest, problem: Problem) -> Answer:
    """Who has no session is out; a form of an ended session ends none that was opened since."""
    by_script = "application/json" in (header(request.scope, b"accept") or "")
    if isinstance(problem, NotAuthenticated) and not by_script:
        return _gone(edge_of(request))
    raise problem


@page("POST", "/sign-out", ACCOUNT, out_already)
async def sign_out_form(request: AnyRequest) -> Answer:
    """End the session and go to the front door."""
    edge = edge_of(request)
    session = visitor_of(request).session
    if session is not None:
        await sign_out(edge, session)
    return _gone(edge)


def _gone(edge: Edge) -> Answer:
    forgotten = cookie(ACTING, "", secure=edge.parts.secure_cookies, http_only=True, max_age=0)
    return see_other("/", (*no_cookies(edge), forgotten, (b"clear-site-data", b'"cache"')))


ROUTES = (sign_in_page, sign_in_form, sign_out_form)
