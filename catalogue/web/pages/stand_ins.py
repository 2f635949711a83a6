"""Stand-ins 代办 (AB岗): who acts for whom in an office, naming and ending them, and the switch to act for one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from catalogue.domain.days import local_day
from catalogue.domain.people import CASE_ROLES, Role
from catalogue.domain.problems import Problem
from catalogue.service.bodies import read
from catalogue.service.covers import CoverBody, covers_of, end_cover, make_cover, may_name, standing_in
from catalogue.service.desk import names_of
from catalogue.service.ports import Work
from catalogue.web.access import ACCOUNT, form_of, visitor_of
from catalogue.web.acting import COOKIE
from catalogue.web.answer import Answer, cookie, see_other
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.pages.commands import faults_by_field
from catalogue.web.pages.render import page_answer, switch_address

FIELDS = ("covered", "stand_in", "from_day", "to_day", "reason")


@page("GET", "/desk/stand-ins", ACCOUNT)
async def stand_ins(request: AnyRequest) -> Answer:
    """The stand-ins of one's office, and for those who name them a form."""
    return await _page(request, {}, None)


async def _page(request: AnyRequest, typed: Mapping[str, str], problem: Problem | None) -> Answer:
    edge = edge_of(request)
    visitor = visitor_of(request)
    office, actor = visitor.account.office, visitor.actor
    today = local_day(edge.house.clock.now())

    def look(work: Work) -> dict[str, Any]:
        covers = work.covers.of_office(office, today)
        people = {cover.covered for cover in covers} | {cover.stand_in for cover in covers}
        everybody = actor.has(Role.SECURITY_ADMIN)
        officers = [account for account, gone in work.accounts.list() if not gone] if everybody else None
        return {
            "covers": [(cover, cover.holds(today)) for cover in covers],
            "names": names_of(work, people | {cover.made_by for cover in covers}),
            "officers": [
                account
                for account in (officers if officers is not None else work.accounts.colleagues(office))
                if not account.roles.isdisjoint(CASE_ROLES)
            ],
            "covered": covers_of(work, edge.house, visitor.account),
        }

    seen = await edge.read(look)
    return page_answer(
        request,
        "stand_ins.html",
        200 if problem is None else problem.status,
        **seen,
        typed={field: typed.get(field, "") for field in FIELDS},
        faults=faults_by_field(problem.errors) if problem else {},
        problem=problem,
        names_stand_ins=may_name(actor),
        **switch_address(request, "/desk/stand-ins"),
        acting=next((account.username for account in seen["covered"] if account.id == actor.acting_for), None),
    )


@page("POST", "/desk/stand-ins", ACCOUNT)
async def name_stand_in(request: AnyRequest) -> Answer:
    """Name a stand-in for some days."""
    edge = edge_of(request)
    actor = visitor_of(request).actor
    form = await form_of(request)
    typed = {field: (form.get(field) or [""])[0].strip() for field in FIELDS}
    try:
        asked = read(CoverBody, {field: value for field, value in typed.items() if value})
        await edge.write(lambda work: make_cover(work, edge.house, actor, asked))
    except Problem as problem:
        if problem.status >= 500:
            raise
        return await _page(request, typed, problem)
    return see_other("/desk/stand-ins")


@page("POST", "/desk/stand-ins/{cover:str}/end", ACCOUNT)
async def end_stand_in(request: AnyRequest) -> Answer:
    """Call a stand-in off."""
    edge = edge_of(request)
    actor = visitor_of(request).actor
    cover_id = request.path_params["cover"][:40]
    await edge.write(lambda work: end_cover(work, edge.house, actor, cover_id))
    return see_other("/desk/stand-ins")


@page("POST", "/desk/acting", ACCOUNT)
async def act_for(request: AnyRequest) -> Answer:
    """Switch to acting for a colleague, or back to oneself."""
    edge = edge_of(request)
    account = visitor_of(request).account
    form = await form_of(request)
    username = (form.get("username") or [""])[0][:100]
    if username:
        await edge.read(lambda work: standing_in(work, edge.house, account, username))
    secure = edge.parts.secure_cookies
    switch = cookie(COOKIE, quote(username), secure=secure, http_only=True, max_age=None if username else 0)
    return see_other("/desk", (switch,))


ROUTES = (stand_ins, name_stand_in, end_stand_in, act_for)
