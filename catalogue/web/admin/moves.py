"""Bulk re-route 批量改派: waiting cases that new rules send elsewhere;
what moved as offices were closed; both taken back while one can.
"""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from catalogue.domain.days import CHINA
from catalogue.domain.numbers import parse_reference
from catalogue.domain.problems import InvalidInput, NotFound, Problem, RuleForbids
from catalogue.domain.text import Text
from catalogue.service import moving
from catalogue.service.desk import names_of
from catalogue.service.moving import Standing, move, preview, standings, undo
from catalogue.service.ports import Work
from catalogue.web.access import Access, form_of, visitor_of
from catalogue.web.admin.drafts import typed_of
from catalogue.web.admin.shell import PUBLISHES, admin_page, asked, number_of
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
    after = parse_reference(asked(request).get("after", "")) or ""

    def look(work: Work) -> dict[str, Any]:
        made = work.moves.list()
        found = preview(work, edge.house, after)
        return {
            "rows": found.rows,
            "next": found.next,
            "after": after,
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
        rows = standings(work, edge.house, work.moves.cases(id))
        return {"made": made, "rows": rows, "names": names_of(work, {made.actor})}

    seen = await edge.read(look)
    rows: list[Standing] = seen.pop("rows")
    first = number_of(asked(request), "from") // LINES * LINES
    return admin_page(
        request, "admin_move.html", 200 if problem is None else problem.status, **seen, problem=problem,
        rows=rows[first : first + LINES], count=len(rows), first=first, size=LINES,
        whys=Counter(one.why for one in rows), why_words=WHY, side_words=SIDES,
        address=lambda **changed: f"/admin/moves/{id}?{urlencode(changed)}",
        china=lambda at: at.astimezone(CHINA), **switch_address(request, f"/admin/moves/{id}"),
    )  # fmt: skip


LINES = 100
SIDES = {
    "home": Text("办理", "decides"),
    "accepting": Text("收件", "accepts"),
    "delivery": Text("发证", "hands over"),
}
WHY = {
    "can-go-back": (Text("可撤回", "can be taken back"), None),
    "taken-back": (Text("已撤回", "taken back"), None),
    "office-closed": (
        Text("原机关已撤销", "the former office is closed"),
        Text(
            "原机关按现行清单已撤销，不能再收件。要撤回，先在“草案与版本”把它还开着的那一版再次发布，再来撤回。",
            "The former office is closed by the rules in force. To take these back, publish the revision in which it "
            "was open again, then come back here.",
        ),
    ),
    "office-acted": (
        Text("承接机关已办理", "the new office has acted"),
        Text(
            "承接机关已经办理，它的决定和时限都算数，不能撤回。仍须原机关办的，由承接机关退回转办，再由收件窗口改派。",
            "The new office has acted and its acts stand. What the former office must do is returned by the new one "
            "and re-routed by the accepting window.",
        ),
    ),
    "moved-again": (
        Text("此后又改派过", "moved again since"),
        Text(
            "此后又改派过。要撤回，先撤回后来的那一次。",
            "They were moved again since. Take the later move back first.",
        ),
    ),
    "went-on": (
        Text("件已前进", "the case has moved on"),
        Text(
            "这些件此后由窗口、申请人或系统推进了（如受理、补正、撤回申请），机关已不由这次改派决定。要换机关，由收件窗口逐件改派。",
            "The window, the applicant or the system has moved these on, such as by acceptance, a correction or a "
            "withdrawal. Another office is chosen by the accepting window, case by case.",
        ),
    ),
}
"""Code of a standing -> what stands at the case, and what to do instead."""


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
