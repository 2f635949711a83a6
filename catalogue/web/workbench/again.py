"""A session that ended while somebody typed: sign in on the spot, and the form is there as it was.

Only for who typed it: on a shared machine the next clerk starts with an empty form, and the draft waits for its own.
"""

from __future__ import annotations

import hashlib

from catalogue.domain.people import WINDOW_ROLES
from catalogue.domain.problems import NotAuthenticated, Problem
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.web.access import form_of, identify
from catalogue.web.answer import Answer, Header
from catalogue.web.api.session import refuse_other_sites
from catalogue.web.body import AnyRequest
from catalogue.web.edge import Edge, edge_of
from catalogue.web.headers import header
from catalogue.web.pages.again import PASSWORD, USERNAME, sign_in_here
from catalogue.web.pages.render import page_answer
from catalogue.web.workbench.intake_form import Filled


class Back(Value, frozen=True):
    """The form to go on with, what to tell, and the cookies of the new session."""

    filled: Filled
    notice: Text
    headers: tuple[Header, ...]


_SAME = Text("已重新登录，填写的内容都在，请再按一次。", "Signed in again; everything is still here. Press once more.")
_OTHER = Text(
    "刚才那份是另一个账号填的，没有带过来；那个账号登录后可从本机的暂存接着填。",
    "What was typed belonged to another account and was not brought along; that account finds its draft on this "
    "machine.",
)


async def come_back(request: AnyRequest, problem: Problem) -> Answer | Back:
    """The form again, or the page that asks to sign in. Raises the problem where this was no form of a window."""
    if "application/json" in (header(request.scope, b"accept") or "") or request.scope["method"] != "POST":
        raise problem
    refuse_other_sites(request)
    edge = edge_of(request)
    form = await form_of(request)
    filled = Filled(form)
    headers: list[Header] = []
    if isinstance(problem, NotAuthenticated):
        username, password = filled(USERNAME), (form.get(PASSWORD) or [""])[0]
        if not username:
            return _asking(request, filled, None)
        try:
            headers, _ = await sign_in_here(request, username, password)
        except Problem as refused:
            return _asking(request, filled, refused)
    visitor = await identify(edge, request.scope)  # type: ignore[arg-type]
    if visitor is None or visitor.actor.roles.isdisjoint(WINDOW_ROLES):
        raise problem
    request.scope["visitor"] = visitor  # type: ignore[typeddict-unknown-key]
    filled.drop("again.")
    if filled("filler") not in ("", holder_of(edge, visitor.account.id)):
        return Back(Filled({}), _OTHER, tuple(headers))
    return Back(filled, _SAME, tuple(headers))


def _asking(request: AnyRequest, filled: Filled, problem: Problem | None) -> Answer:
    left = ("csrf", "do", USERNAME, PASSWORD)
    carried = [(name, value) for name, value in filled.all().items() if name not in left]
    return page_answer(
        request, "again.html", 401, action="/desk/intake", carried=carried, typed=(), many=0, file=False,
        problem=problem, username=filled(USERNAME), back=True,
    )  # fmt: skip


def holder_of(edge: Edge, account: str) -> str:
    """Names whose drafts and forms these are without telling who it is."""
    return hashlib.sha256(b"holder" + edge.parts.draft_key(account)).hexdigest()[:16]
