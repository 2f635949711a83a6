"""A matter as it stands, and tried before it is published: routed in every division, its public page previewed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from catalogue.domain.days import local_day
from catalogue.domain.problems import NotFound, Problem
from catalogue.domain.registry.pieces import read_piece
from catalogue.domain.registry.show import show_block
from catalogue.domain.routecard import Route, Unroutable
from catalogue.domain.routing import route
from catalogue.domain.text import Text
from catalogue.service.ports.drafts import OPEN
from catalogue.service.standing import base
from catalogue.web.admin.drafts import draft_id, loaded
from catalogue.web.admin.shell import ENTERS, admin_page, asked, number_of
from catalogue.web.answer import Answer
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.pages.matters import CONFIDENCE, matter_answer

TRIALS = 400
"""Places of a routing trial on one page."""


@page("GET", "/admin/matters/{matter:str}", ENTERS)
async def matter_in_force(request: AnyRequest) -> Answer:
    """A matter as merged, each value with where it stands; from here it is changed in a draft."""
    edge, id = edge_of(request), str(request.path_params["matter"])
    given = asked(request)

    def look(work: Any) -> dict[str, Any]:
        revision = edge.house.in_force()
        held = base(work, edge.house, revision.number)
        if id not in revision.registry.matters:
            raise NotFound(Text("没有这个事项", "There is no such matter"))
        own = read_piece(f"matters/{id}", held.pieces[f"matters/{id}"])[0]
        family = own.get("family")
        shared = read_piece(f"families/{family}", held.pieces[f"families/{family}"])[0] if family else None
        city = given.get("city") if given.get("city") in revision.registry.regions else None
        region = read_piece(f"regions/{city}", held.pieces[f"regions/{city}"])[0] if city else None
        return {
            "rows": show_block(own, shared, region),
            "city": city,
            "own": own,
            "drafts": work.drafts.list(OPEN),
            "feed": work.feed.entries(matter=id, limit=5),
        }

    seen = await edge.read(look)
    registry = edge.house.in_force().registry
    return admin_page(
        request,
        "admin_matter_shown.html",
        matter=registry.matters[id],
        confidence=CONFIDENCE,
        regions=registry.regions,
        **seen,
    )


@page("GET", "/admin/drafts/{draft:str}/matters/{matter:str}/trial", ENTERS)
async def matter_trial(request: AnyRequest) -> Answer:
    """The routing of the draft in every division, for the particulars that were chosen."""
    edge, id = edge_of(request), str(request.path_params["matter"])[:100]
    found = await loaded(edge, draft_id(request))
    matter = found.sketch.registry.matters.get(id)
    if matter is None:
        raise NotFound(
            Text("草案有误或没有这个事项，改正后再试", "The draft has faults or no such matter; mend it first")
        )
    given = asked(request)
    particulars = {
        p.key: given.get(p.key) if given.get(p.key) in {c.value for c in p.choices} else p.choices[0].value
        for p in matter.particulars
    }
    today = local_day(edge.house.clock.now())
    trial = found.sketch.trial()
    places = [
        (region, division)
        for region in found.sketch.registry.regions.values()
        for division in region.divisions
    ]  # fmt: skip
    first = number_of(given, "from") // TRIALS * TRIALS
    rows = []
    for region, division in places[first : first + TRIALS]:
        answer: Any
        try:
            answer = route(
                trial, edge.house.handlers, id, division.code, {k: str(v) for k, v in particulars.items()}, today
            )
        except Problem as problem:
            answer = problem
        rows.append((region, division, _kind(answer), answer))
    return admin_page(
        request, "admin_matter_trial.html", draft=found.draft, id=id, matter=matter, particulars=particulars, rows=rows,
        count=len(places), first=first, size=TRIALS,
        address=lambda **changed: f"/admin/drafts/{found.draft.id}/matters/{id}/trial?"
        + urlencode({**particulars, **changed}),
    )  # fmt: skip


def _kind(answer: Any) -> str:
    if isinstance(answer, Route):
        return "route"
    if isinstance(answer, Unroutable):
        return "unroutable"
    return "problem" if isinstance(answer, Problem) else "outside"


@page("GET", "/admin/drafts/{draft:str}/matters/{matter:str}/preview", ENTERS)
async def matter_preview(request: AnyRequest) -> Answer:
    """The public page of the matter as the draft would make it; with a place, the clerk's routing card."""
    id = str(request.path_params["matter"])[:100]
    found = await loaded(edge_of(request), draft_id(request))
    trial = found.sketch.trial(digest=f"{found.draft.id}-{found.draft.version}")
    return matter_answer(request, trial, id, previewed=found.draft)


ROUTES = (matter_in_force, matter_trial, matter_preview)
