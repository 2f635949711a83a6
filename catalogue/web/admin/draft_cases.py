"""Open cases that a draft touches 影响的在办件, page by page: who would decide, which dates would move."""

from __future__ import annotations

from typing import Any

from catalogue.domain.numbers import parse_reference
from catalogue.service import impact
from catalogue.service.drafting import opened
from catalogue.service.ports import Work
from catalogue.web.admin.drafts import draft_id
from catalogue.web.admin.shell import ENTERS, admin_page, asked
from catalogue.web.answer import Answer
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.pages.render import switch_address


@page("GET", "/admin/drafts/{draft:str}/cases", ENTERS)
async def draft_cases(request: AnyRequest) -> Answer:
    """Every case that would go elsewhere and every date that would move; ``after`` is the case of the page before."""
    edge, id = edge_of(request), draft_id(request)
    after = parse_reference(asked(request).get("after", "")) or ""

    def look(work: Work) -> dict[str, Any]:
        found = opened(work, edge.house, id)
        held = found.sketch
        seen = None if held.findings else impact.touched(work, edge.house, held, held.changes(), after)
        return {"draft": found.draft, "sketch": held, "touched": seen}

    seen = await edge.read(look)
    return admin_page(
        request, "admin_draft_cases.html", **seen, after=after,
        **switch_address(request, f"/admin/drafts/{seen['draft'].id}/cases", f"after={after}" if after else ""),
    )  # fmt: skip


ROUTES = (draft_cases,)
