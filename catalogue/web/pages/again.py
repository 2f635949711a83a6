"""A form that comes after its session has ended: what was typed is carried over a sign-in, and then sent once.

Without this a clerk who wrote an opinion for eleven minutes would lose it to the idle time-out. Nothing of it is kept
here: the page that asks carries it, and only who typed it goes on with it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from catalogue.domain.problems import CsrfFailed, NotAllowed, NotAuthenticated, Problem
from catalogue.domain.text import Text
from catalogue.service.sign_in import secret_id
from catalogue.web.access import CSRF_FIELD, SESSION_COOKIE, Access, Visitor, admit, form_of, identify, upload_of
from catalogue.web.answer import Answer, Header
from catalogue.web.api.session import refuse_other_sites, session_cookies, sign_in, sign_out
from catalogue.web.body import AnyRequest, media_type
from catalogue.web.edge import edge_of
from catalogue.web.headers import cookies, header
from catalogue.web.pages.render import page_answer

USERNAME, PASSWORD = "again.username", "again.password"
OWN = frozenset({CSRF_FIELD, "etag", "key", "context", "next", "acting", "act", "do"})
"""Fields that pages write themselves; nobody typed them."""
MOST_SHOWN = 12

_SOMEBODY_ELSE = Text(
    "刚才的内容是另一个账号填的，请由那个账号登录后提交",
    "What was typed belongs to another account; it is sent after that account has signed in",
)
Pairs = list[tuple[str, str]]


async def come_back(request: AnyRequest, problem: Problem, access: Access) -> Answer | list[Header]:
    """The page that carries the form on, or the cookies of the new session, and the request goes on as that session's.

    Raises the problem where a script or another site sent the form.
    """
    if "application/json" in (header(request.scope, b"accept") or ""):
        raise problem
    refuse_other_sites(request)
    fields = await _fields(request)
    username, password = (fields.pop(name, [""])[0] for name in (USERNAME, PASSWORD))
    if isinstance(problem, CsrfFailed):
        # Signed in anew in another tab: this page shows what it would send, and as whom.
        request.scope["visitor"] = await identify(edge_of(request), request.scope)  # type: ignore[arg-type, typeddict-unknown-key]
        return _asking(request, fields, problem, None)
    if not username:
        return _asking(request, fields, problem, None)
    edge = edge_of(request)
    before = cookies(request.scope).get(SESSION_COOKIE)
    try:
        headers, visitor = await sign_in_here(request, username, password)
    except Problem as refused:
        return _asking(request, fields, problem, refused, username)
    try:
        await _same_person(request, before, visitor)
        await _renew(request, visitor)
        await admit(request, access, is_page=True)
    except NotAllowed as refused:
        if visitor.session is not None:
            await sign_out(edge, visitor.session)
        return _asking(request, fields, problem, refused, username)
    return headers


async def sign_in_here(request: AnyRequest, username: str, password: str) -> tuple[list[Header], Visitor]:
    """Open a session for who answers; from here on the request is his. Raises SignInFailed, AccountLocked."""
    edge = edge_of(request)
    client = edge.addresses.client(request.scope)
    secret, session = await sign_in(edge, username.strip()[:100], password[:200], client)
    scope: Any = request.scope
    kept = {**cookies(scope), SESSION_COOKIE: secret}
    pairs = "; ".join(f"{name}={value}" for name, value in kept.items()).encode("latin-1")
    scope["headers"] = [*(pair for pair in scope["headers"] if pair[0] != b"cookie"), (b"cookie", pairs)]
    visitor = await identify(edge, scope)
    if visitor is None:  # pragma: no cover - the session was opened a moment ago
        raise NotAuthenticated
    return list(session_cookies(edge, secret, session)), visitor


async def _same_person(request: AnyRequest, before: str | None, visitor: Visitor) -> None:
    """Who signs in typed what is sent, as far as the ended session still tells. Raises NotAllowed."""
    if not before:
        return
    held = await edge_of(request).read(lambda work: work.accounts.session(secret_id(before)))
    if held is not None and held.account.id != visitor.account.id:
        raise NotAllowed(_SOMEBODY_ELSE)


async def _fields(request: AnyRequest) -> dict[str, list[str]]:
    """The fields of the form, held for the handler that comes after."""
    if media_type(request)[0] != "multipart/form-data":
        return await form_of(request)
    upload = await upload_of(request)
    for name in (USERNAME, PASSWORD):
        upload.fields.pop(name, None)
    return upload.every


async def _renew(request: AnyRequest, visitor: Visitor) -> None:
    """The form carries the token of the new session."""
    if media_type(request)[0] == "multipart/form-data":
        (await upload_of(request)).fields[CSRF_FIELD] = visitor.csrf
    else:
        (await form_of(request))[CSRF_FIELD] = [visitor.csrf]


def _asking(
    request: AnyRequest,
    fields: dict[str, list[str]],
    problem: Problem,
    refused: Problem | None,
    username: str = "",
) -> Answer:
    carried: Pairs = [(n, v) for n, values in fields.items() if n != CSRF_FIELD for v in values]
    typed = [value for name, value in carried if name not in OWN and value.strip()]
    address, asked = quote(request.scope["path"]), request.scope["query_string"].decode("latin-1")
    return page_answer(
        request,
        "again.html",
        (refused or problem).status,
        action=f"{address}?{asked}" if asked else address,
        carried=carried,
        typed=typed[:MOST_SHOWN],
        many=len(typed),
        file=media_type(request)[0] == "multipart/form-data",
        problem=refused,
        username=username,
    )
