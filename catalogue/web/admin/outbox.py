"""Delivery 送达 for administrators: each city's line, what is parked or refused, where the two sides differ."""

from __future__ import annotations

import asyncio
from typing import Any

from catalogue.domain.days import local_time
from catalogue.domain.people import Role
from catalogue.domain.problems import NotFound, Problem
from catalogue.domain.text import Text
from catalogue.service import lines, refused
from catalogue.web.access import Access, form_of, visitor_of
from catalogue.web.admin.shell import SECTIONS, Section, admin_page, asked
from catalogue.web.admin.terms import KINDS
from catalogue.web.answer import Answer, see_other
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.pages.answer_words import ANSWER_ACTS, ANSWER_DONE, ANSWERS, answer_done
from catalogue.web.pages.render import switch_address

LOOKS = Access(roles=frozenset({Role.SYSTEM_ADMIN, Role.AUDITOR}))
ACTS = Access(roles=frozenset({Role.SYSTEM_ADMIN}))

SECTIONS.append(Section("/admin/outbox", Text("送达", "Delivery"), LOOKS.roles))

SAID: dict[str, Text] = {
    "pause": Text("已暂停", "Paused"),
    "go-on": Text("已继续，下一轮即发送", "Goes on with the next round"),
    "resend": Text("已重发", "Is sent again"),
    "compare": Text("已请对方报送清单，稍后在此列出差异", "The other side was asked; differences appear here"),
    "mend": Text("差异已处理", "The difference was mended"),
    **ANSWER_DONE,
}


@page("GET", "/admin/outbox", LOOKS)
async def outbox(request: AnyRequest) -> Answer:
    """How the lines to the cities stand."""
    return await _page(request, None)


async def _page(request: AnyRequest, problem: Problem | None) -> Answer:
    edge = edge_of(request)
    visitor = visitor_of(request)
    found = await edge.read(lambda work: lines.overview(work, edge.house))
    registry = edge.house.in_force().registry
    return admin_page(
        request,
        "admin_outbox.html",
        200 if problem is None else problem.status,
        found=found,
        registry=registry,
        kinds=KINDS,
        when=local_time,
        acts=visitor.actor.has(Role.SYSTEM_ADMIN),
        own=visitor.account.region,
        shared=lines.SHARED,
        answer_acts=ANSWER_ACTS,
        answer_words=ANSWERS,
        problem=problem,
        said=SAID.get(asked(request).get("done", "")),
        **switch_address(request, "/admin/outbox"),
    )


async def _done(request: AnyRequest, what: str, act: Any) -> Answer:
    try:
        await act
    except Problem as problem:
        if problem.status >= 500:
            raise
        return await _page(request, problem)
    return see_other(f"/admin/outbox?done={what}")


@page("POST", "/admin/outbox/lines/{region:str}/{act:str}", ACTS)
async def line_act(request: AnyRequest) -> Answer:
    """Pause a line, let it go on, send its parked messages again, have both sides compared."""
    edge, account = edge_of(request), visitor_of(request).account
    region, act = request.path_params["region"][:64], request.path_params["act"]
    known = region in edge.house.in_force().registry.regions or region in lines.SHARED
    if act not in lines.ACTS or not known:
        raise NotFound
    form = await form_of(request)
    reason = (form.get("reason") or [""])[0]
    return await _done(
        request, act, edge.write(lambda work: lines.ACTS[act](work, edge.house, account, region, reason))
    )


@page("POST", "/admin/outbox/messages/{message:str}/resend", ACTS)
async def resend(request: AnyRequest) -> Answer:
    """One parked message again."""
    edge, account = edge_of(request), visitor_of(request).account
    message = request.path_params["message"][:80]
    return await _done(request, "resend", edge.write(lambda work: lines.resend(work, edge.house, account, message)))


@page("POST", "/admin/outbox/differences", ACTS)
async def mend(request: AnyRequest) -> Answer:
    """Mend one difference."""
    edge, account = edge_of(request), visitor_of(request).account
    form = await form_of(request)
    region, reference, kind = ((form.get(key) or [""])[0][:64] for key in ("region", "reference", "kind"))
    return await _done(
        request,
        "mend",
        edge.write(lambda work: lines.mend_difference(work, edge.house, account, region, reference, kind)),
    )


@page("POST", "/admin/outbox/answers", ACTS)
async def answers(request: AnyRequest) -> Answer:
    """Have an answer judged again, ask for it again, or put it away."""
    edge, actor = edge_of(request), visitor_of(request).actor
    form = await form_of(request)
    region, name, act = ((form.get(key) or [""])[0][:200] for key in ("region", "id", "act"))
    if act not in refused.ACTS:
        raise NotFound
    try:
        state = await asyncio.to_thread(refused.settle_answer, edge.database, edge.house, actor, region, name, act)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return await _page(request, problem)
    return see_other(f"/admin/outbox?done={answer_done(act, state)}")


ROUTES = (outbox, line_act, resend, mend, answers)
