"""Bulk re-route 批量改派: waiting cases that new rules send elsewhere;
what moved as offices were closed; both taken back while one can.
"""

from __future__ import annotations

from typing import Any

from catalogue.domain.days import CHINA
from catalogue.domain.problems import InvalidInput, NotFound, Problem, RuleForbids
from catalogue.domain.text import Text
from catalogue.service import moving
from catalogue.service.desk import names_of
from catalogue.service.moving import EVERYWHERE, move, preview, undo, untouched
from catalogue.service.ports import Work
from catalogue.web.access import Access, form_of, visitor_of
from catalogue.web.admin.drafts import typed_of
from catalogue.web.admin.shell import PUBLISHES, admin_page
from catalogue.web.answer import Answer, see_other
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.pages.render import switch_address

LOOKS = Access(roles=moving.LOOKS)


@page("GET", "/admin/moves", LOOKS)
async def moves(request: AnyRequest) -> Answer:
    """The preview of a move, and the moves so far."""
    return await _moves(request, None, {})


async def _moves(request: AnyRequest, problem: Problem | None, typed: dict[str, str]) -> Answer:
    edge = edge_of(request)

    def look(work: Work) -> dict[str, Any]:
        made = work.moves.list()
        return {
            "rows": preview(work, edge.house),
            "made": made,
            "names": names_of(work, {one.actor for one in made}),
        }

    seen = await edge.read(look)
    return admin_page(
        request, "admin_moves.html", 200 if problem is None else problem.status, **seen, problem=problem, typed=typed,
        china=lambda at: at.astimezone(CHINA), **switch_address(request, "/admin/moves"),
    )  # fmt: skip


@page("POST", "/admin/moves", PUBLISHES)
async def move_cases(request: AnyRequest) -> Answer:
    """Move the cases that were ticked."""
    edge, actor, form = edge_of(request), visitor_of(request).actor, await form_of(request)
    typed = await typed_of(request)
    chosen = [reference for reference in form.get("case", ()) if reference.isascii() and reference.isdigit()]
    try:
        made = await edge.write(
            lambda work: move(work, edge.house, actor, chosen, typed.get("reason"), typed.get("return_reason"))
        )
    except (InvalidInput, RuleForbids) as problem:
        return await _moves(request, problem, typed)
    return see_other(f"/admin/moves/{made.id}")


@page("GET", "/admin/moves/{move:str}", LOOKS)
async def move_page(request: AnyRequest) -> Answer:
    """One move: its cases, and whether each can still be taken back."""
    return await _move(request, None)


async def _move(request: AnyRequest, problem: Problem | None) -> Answer:
    edge, id = edge_of(request), str(request.path_params["move"])[:40]

    def look(work: Work) -> dict[str, Any]:
        made = work.moves.get(id)
        if made is None:
            raise NotFound(Text("没有这次改派", "There is no such move"))
        rows = []
        for one in work.moves.cases(id):
            case = work.cases.load(one.reference, EVERYWHERE)
            rows.append((one, case is not None and not one.undone and untouched(work, case, one) is not None))
        return {"made": made, "rows": rows, "names": names_of(work, {made.actor})}

    seen = await edge.read(look)
    return admin_page(
        request, "admin_move.html", 200 if problem is None else problem.status, **seen, problem=problem,
        china=lambda at: at.astimezone(CHINA), **switch_address(request, f"/admin/moves/{id}"),
    )  # fmt: skip


@page("POST", "/admin/moves/{move:str}/undo", PUBLISHES)
async def undo_move(request: AnyRequest) -> Answer:
    """Take it back where the new office has not acted."""
    edge, actor, id = edge_of(request), visitor_of(request).actor, str(request.path_params["move"])[:40]
    try:
        await edge.write(lambda work: undo(work, edge.house, actor, id))
    except RuleForbids as problem:
        return await _move(request, problem)
    return see_other(f"/admin/moves/{id}")


ROUTES = (moves, move_cases, move_page, undo_move)
