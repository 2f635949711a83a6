"""Signing in and out, and who one is."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from catalogue.domain.days import local_time
from catalogue.domain.people import CASE_ROLES, Account, Role
from catalogue.domain.problems import CsrfFailed, NotAllowed
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import label
from catalogue.service.bodies import Body, read
from catalogue.service.ports import Session
from catalogue.service.sign_in import (
    SESSION,
    Refused,
    Verdict,
    close_session,
    find_credential,
    open_session,
    verify,
)
from catalogue.web.access import ACCOUNT, CSRF_COOKIE, PUBLIC, SESSION_COOKIE, visitor_of
from catalogue.web.answer import NO_STORE, Answer, Header, cookie, empty, private_json
from catalogue.web.body import AnyRequest, read_json
from catalogue.web.edge import Edge, edge_of
from catalogue.web.endpoint import Operation, Success, api
from catalogue.web.headers import header, unprintable

LARGEST = 16 * 1024


class SignIn(Body):
    """``code`` is the second factor, where the account has one."""

    username: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=1, max_length=200)
    code: str | None = Field(default=None, max_length=16)


def refuse_other_sites(request: AnyRequest) -> None:
    """Another site must not sign a person in as somebody else. Raises CsrfFailed."""
    if header(request.scope, b"sec-fetch-site") == "cross-site":
        raise CsrfFailed


async def sign_in(edge: Edge, username: str, password: str, client: str) -> tuple[str, Session]:
    """A new session and its secret. Raises SignInFailed, AccountLocked; the failure is committed first."""
    name = "" if unprintable(username) else username
    credential = await edge.read(lambda work: find_credential(work, name))
    verdict = await edge.slowly(lambda: verify(credential, password))
    opened = await edge.write(lambda work: open_session(work, edge.house, name, verdict, client))
    if isinstance(opened, Refused):
        raise opened.problem
    return opened


async def sign_in_picked(edge: Edge, username: str, client: str) -> tuple[str, Session]:
    """A session for a demo account that was picked from the list. The caller has made sure that this is the demo."""
    credential = await edge.read(lambda work: find_credential(work, username))
    opened = await edge.write(
        lambda work: open_session(work, edge.house, username, Verdict(credential, credential is not None), client)
    )
    if isinstance(opened, Refused):
        raise opened.problem
    return opened


async def sign_out(edge: Edge, session: Session) -> None:
    """End a session, here at once."""
    edge.credentials.forget(session)
    await edge.write(lambda work: close_session(work, session))
    edge.credentials.forget(session)


def session_cookies(edge: Edge, secret: str, session: Session) -> tuple[Header, Header]:
    secure = edge.parts.secure_cookies
    seconds = int(SESSION.total_seconds())
    return (
        cookie(SESSION_COOKIE, secret, secure=secure, http_only=True, max_age=seconds),
        cookie(CSRF_COOKIE, session.csrf, secure=secure, http_only=False, max_age=seconds),
    )


def no_cookies(edge: Edge) -> tuple[Header, Header]:
    secure = edge.parts.secure_cookies
    return (
        cookie(SESSION_COOKIE, "", secure=secure, http_only=True, max_age=0),
        cookie(CSRF_COOKIE, "", secure=secure, http_only=False, max_age=0),
    )


def doors(account: Account) -> list[str]:
    """The parts of the house that are for this account."""
    open_doors = []
    if not account.roles.isdisjoint(CASE_ROLES | {Role.SUPERVISOR, Role.AUDITOR}):
        open_doors.append("desk")
    if not account.roles.isdisjoint({Role.SUPERVISOR, Role.AUDITOR}):
        open_doors.append("supervision")
    if not account.roles.isdisjoint(
        {Role.REGISTRY_EDITOR, Role.REGISTRY_PUBLISHER, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR}
    ):
        open_doors.append("admin")
    return open_doors


def account_json(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "username": account.username,
        "roles": sorted(role.value for role in account.roles),
        "role_labels": [label("roles", role.value).as_json() for role in sorted(account.roles)],
        "region": account.region,
        "office": account.office,
        "areas": doors(account),
    }


@api(
    "POST",
    "/api/session",
    PUBLIC,
    Operation(
        "sign-in",
        "Open a session: cookies session and csrftoken",
        "accounts",
        {201: Success("OpenedSession", "Signed in", headers=("Set-Cookie",))},
        (400, 401, 403, 413, 415, 422, 429, 503),
        body={"$ref": "#/components/schemas/SignIn"},
    ),
)
async def post_session(request: AnyRequest) -> Answer:
    refuse_other_sites(request)
    edge = edge_of(request)
    raw, _ = await read_json(request, LARGEST)
    asked = read(SignIn, raw)
    secret, session = await sign_in(edge, asked.username, asked.password, edge.addresses.client(request.scope))
    body = {
        "csrf_token": session.csrf,
        "expires_at": local_time(session.expires_at),
        "account": account_json(session.account),
        **account_json(session.account),
    }
    return private_json(body, 201, session_cookies(edge, secret, session))


@api(
    "DELETE",
    "/api/session",
    ACCOUNT,
    Operation(
        "sign-out",
        "End the session of the cookie",
        "accounts",
        {204: Success(None, "Signed out", headers=("Set-Cookie",))},
        (400, 401, 403, 503),
    ),
)
async def delete_session(request: AnyRequest) -> Answer:
    visitor = visitor_of(request)
    edge = edge_of(request)
    if visitor.session is None:
        raise NotAllowed(Text("令牌没有会话可以结束", "A token has no session to end"))
    await sign_out(edge, visitor.session)
    return empty(204, (NO_STORE, *no_cookies(edge)))


@api(
    "GET",
    "/api/me",
    ACCOUNT,
    Operation(
        "who-am-i",
        "The account of this call",
        "accounts",
        {200: Success("Me", "Account, roles, region, office and the parts of the house that are for it")},
        (400, 401, 503),
    ),
)
async def get_me(request: AnyRequest) -> Answer:
    visitor = visitor_of(request)
    body = account_json(visitor.account)
    if visitor.session is not None:
        body["csrf_token"] = visitor.session.csrf
    if visitor.token is not None:
        body["scopes"] = sorted(visitor.token.scopes)
    return private_json(body)


ROUTES = (post_session, delete_session, get_me)
