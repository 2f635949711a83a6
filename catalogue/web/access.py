"""Who may call a route: a small explicit mark on each, and the one guard that reads it.

No route can be made without a mark (``catalogue.web.endpoint``). What an account may do with a case is decided by the
workflow, not here.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from catalogue.domain.people import WINDOW_ROLES, Account, Actor, Role
from catalogue.domain.problems import CsrfFailed, NotAllowed, NotAuthenticated, TwoCredentials
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.service.ports import Session, Token
from catalogue.service.sign_in import actor_of
from catalogue.web.acting import acting
from catalogue.web.body import AnyRequest, Upload, media_type, read_form, read_upload
from catalogue.web.headers import cookies, header

if TYPE_CHECKING:
    from catalogue.web.edge import Edge

SESSION_COOKIE = "session"
CSRF_COOKIE = "csrftoken"
CSRF_HEADER = b"x-csrftoken"
CSRF_FIELD = "csrf"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_FORM = 512 * 1024

CASES_READ = "cases:read"
CASES_WRITE = "cases:write"
"""Scopes of bearer tokens; writing includes reading."""


class Access(Value, frozen=True):
    """``public``: anybody. Otherwise an account, holding one of ``roles`` where any are named; a token also needs
    ``scope`` where one is named."""

    public: bool = False
    roles: frozenset[Role] = frozenset()
    scope: str | None = None


PUBLIC = Access(public=True)
ACCOUNT = Access()
READS_CASES = Access(scope=CASES_READ)
ACTS_ON_CASES = Access(scope=CASES_WRITE)
ANSWERS = Access(scope="answers")
"""A city's own system, by its token; the route refuses sessions."""
RECEIVES = Access(roles=WINDOW_ROLES, scope=CASES_WRITE)


class Visitor(Value, frozen=True):
    """Who calls: an account by session or by token."""

    account: Account
    actor: Actor
    session: Session | None = None
    token: Token | None = None

    @property
    def csrf(self) -> str:
        """What the forms of this session carry."""
        return self.session.csrf if self.session else ""


async def admit(request: AnyRequest, access: Access, is_page: bool) -> None:
    """Let pass whom the route's mark admits, and tell the handler who it is.

    Raises NotAuthenticated, NotAllowed, CsrfFailed, TwoCredentials.
    """
    scope = cast("dict[str, Any]", request.scope)
    edge: Edge = scope["edge"]
    visitor = await identify(edge, scope)
    if visitor is None:
        raise NotAuthenticated
    actor = await acting(edge, scope, visitor.account, is_page)
    if actor is not None:
        visitor = replace(visitor, actor=actor)
    if access.roles and visitor.actor.roles.isdisjoint(access.roles):
        raise NotAllowed
    if visitor.token is not None:
        if access.scope is not None and not _in_scope(access.scope, visitor.token):
            raise NotAllowed(Text("令牌的权限范围不含此操作", "The token's scopes do not cover this"))
    elif scope["method"] not in SAFE:
        await _check_csrf(request, visitor, is_page)
    scope["visitor"] = visitor


def _in_scope(needed: str, token: Token) -> bool:
    return needed in token.scopes or (needed == CASES_READ and CASES_WRITE in token.scopes)


async def identify(edge: Edge, scope: dict[str, Any]) -> Visitor | None:
    """The caller by cookie or token, None where neither came. Raises TwoCredentials, NotAuthenticated."""
    authorization = header(scope, b"authorization")
    secret = cookies(scope).get(SESSION_COOKIE)
    if authorization is not None and secret:
        raise TwoCredentials(
            Text("请只用会话 Cookie 或 Bearer 令牌其中之一", "Send either the session cookie or the bearer token")
        )
    if authorization is not None:
        kind, _, value = authorization.partition(" ")
        if kind.lower() != "bearer" or not value.strip():
            raise NotAuthenticated(Text("请使用 Bearer 令牌", "Use a bearer token"))
        token = await edge.credentials.token(value.strip(), edge.addresses.client(scope))
        return Visitor(token.account, actor_of(token.account), token=token)
    if secret:
        session = await edge.credentials.session(secret)
        return Visitor(session.account, actor_of(session.account), session=session)
    return None


async def _check_csrf(request: AnyRequest, visitor: Visitor, page: bool) -> None:
    """The double submit: by header, or on pages by a hidden field of the form."""
    given = header(request.scope, CSRF_HEADER)
    kind = media_type(request)[0] if given is None and page else ""
    if kind == "multipart/form-data":
        given = (await upload_of(request)).fields.get(CSRF_FIELD)
    elif kind == "application/x-www-form-urlencoded":
        given = ((await form_of(request)).get(CSRF_FIELD) or [""])[0]
    if not given or not hmac.compare_digest(given.encode(), visitor.csrf.encode()):
        raise CsrfFailed


def visitor_of(request: AnyRequest) -> Visitor:
    """The caller of a route that the guard has let pass."""
    found: Visitor = request.scope["visitor"]  # type: ignore[typeddict-item]
    return found


async def form_of(request: AnyRequest) -> dict[str, list[str]]:
    """The form of a page, read once."""
    held = request.scope.get("form")
    if held is None:
        held = await read_form(request, LARGEST_FORM)
        request.scope["form"] = held  # type: ignore[typeddict-unknown-key]
    return cast("dict[str, list[str]]", held)


async def upload_of(request: AnyRequest) -> Upload:
    """The file that a form of a page brings, read once."""
    held = request.scope.get("upload")
    if held is None:
        held = await read_upload(request, cast("Edge", request.scope["edge"]).parts.max_body)  # type: ignore[typeddict-item]
        request.scope["upload"] = held  # type: ignore[typeddict-unknown-key]
    return cast("Upload", held)


def sign_in_address(path: str, asked: bytes = b"") -> str:
    """Where a page sends who is not signed in, to come back with the query it had; only addresses of this house do."""
    address = f"{quote(path, safe='/')}?{asked.decode('latin-1')}" if asked else quote(path, safe="/")
    return f"/sign-in?next={quote(address, safe='/')}"
