"""Acting for a colleague (AB岗) on a request: named by a header on the API, by a cookie on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from catalogue.domain.people import Account, Actor
from catalogue.domain.problems import NotAllowed
from catalogue.service.covers import standing_in
from catalogue.web.headers import cookies, header, unprintable

if TYPE_CHECKING:
    from catalogue.web.edge import Edge

HEADER = b"x-acting-for"
COOKIE = "acting_for"
LONGEST = 100


async def acting(edge: Edge, scope: dict[str, Any], account: Account, page: bool) -> Actor | None:
    """The account as it stands in for another one, None where the request names nobody.

    Raises NotAllowed for a header that names an account this one does not stand in for. A cookie that holds no longer
    is nobody: the forms of a page name whom they were filled in for, so none acts in another name than it showed.
    """
    username = unquote(cookies(scope).get(COOKIE, "") if page else header(scope, HEADER) or "")
    if not username:
        return None
    if len(username) > LONGEST or unprintable(username):
        raise NotAllowed
    try:
        return await edge.read(lambda work: standing_in(work, edge.house, account, username))
    except NotAllowed:
        if page:
            return None
        raise
