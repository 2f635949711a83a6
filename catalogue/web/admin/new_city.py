"""Adding a city 新增城市 to a draft: names, divisions, offices and windows to begin with, calendar and handler; and
taking one out again, where nothing refers to it."""

from __future__ import annotations

from collections.abc import Mapping

from catalogue.domain.problems import Fault, InvalidInput, NotFound, Problem, RuleForbids
from catalogue.domain.registry.new_city import STANDARD, calendar_id, city_block, national_calendar
from catalogue.domain.registry.pieces import names, write_piece
from catalogue.domain.registry.sketch import CALENDARS, Sketch, sketch
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import WORDS
from catalogue.service.drafting import Opened, save
from catalogue.service.removals import refuse_removed, removed_in_use
from catalogue.web.access import visitor_of
from catalogue.web.admin.cities import show_city
from catalogue.web.admin.drafts import draft_id, faults_of, loaded, typed_of, version_of
from catalogue.web.admin.matter_form import piece_value
from catalogue.web.admin.shell import EDITS, admin_page, fault
from catalogue.web.answer import Answer, see_other
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.pages.render import switch_address

OWN = ""
"""The choice of a calendar that is made with the city."""


@page("GET", "/admin/drafts/{draft:str}/new-city", EDITS)
async def new_city(request: AnyRequest) -> Answer:
    """The form of a new city."""
    return _page(request, await loaded(edge_of(request), draft_id(request)), {}, None)


def _page(request: AnyRequest, found: Opened, typed: Mapping[str, str], problem: Problem | None) -> Answer:
    return admin_page(
        request, "admin_new_city.html", 200 if problem is None else problem.status, draft=found.draft, typed=typed,
        problem=problem, faults=faults_of(problem.errors) if problem else {},
        calendars=found.sketch.calendars.values(), acceptance=WORDS["acceptance"], standard=STANDARD,
        handlers=sorted({*edge_of(request).house.handlers} - {STANDARD}),
        **switch_address(request, f"/admin/drafts/{found.draft.id}/new-city"),
    )  # fmt: skip


@page("POST", "/admin/drafts/{draft:str}/new-city", EDITS)
async def add_city(request: AnyRequest) -> Answer:
    """Write the city, and its calendar where it has its own, into the draft; then its whole form is open."""
    edge, actor, typed = edge_of(request), visitor_of(request).actor, await typed_of(request)
    found = await loaded(edge, draft_id(request))
    own = typed.get("calendar", OWN) == OWN
    calendar = calendar_id(typed.get("id", "")) if own else typed["calendar"]
    held = dict.fromkeys(names(found.sketch.pieces, "regions"))
    block, faults = city_block(typed, calendar, held)
    if not own and calendar not in found.sketch.calendars:
        faults.append(fault("calendar", "dangling", "没有这个工作日历", "There is no such calendar"))
    name = f"regions/{block['id']}"
    edits: dict[str, str | None] = {}
    if not faults:
        edits[name] = write_piece(name, block)
        if own and calendar not in found.sketch.calendars:
            text = national_calendar(block["id"], block["short"]["zh"], block["short"]["en"])
            edits[f"{CALENDARS}{calendar}.yaml"] = text
        trial = sketch(found.sketch.base, {**found.sketch.edits, **edits})
        known = {finding.path for finding in found.sketch.findings}
        faults += [
            Fault(one.path.removeprefix(f"regions.{block['id']}").lstrip("."), one.code, one.message)
            for one in trial.findings
            if one.path not in known
        ]
    if faults:
        return _page(request, found, typed, InvalidInput(errors=tuple(faults)))
    try:
        version = version_of(typed)
        await edge.write(lambda work: save(work, edge.house, actor, found.draft.id, version, edits))
    except (InvalidInput, RuleForbids) as problem:
        return _page(request, found, typed, problem)
    return see_other(f"/admin/drafts/{found.draft.id}/cities/{block['id']}")


@page("POST", "/admin/drafts/{draft:str}/cities/{city:str}/remove", EDITS)
async def remove_city(request: AnyRequest) -> Answer:
    """Take a city out of the draft, with the calendar that was made for it. One that is in use stays, and why is told.

    Raises NotFound.
    """
    edge, actor, typed = edge_of(request), visitor_of(request).actor, await typed_of(request)
    found, id = await loaded(edge, draft_id(request)), str(request.path_params["city"])[:60]
    held, name = found.sketch, f"regions/{id}"
    if name not in held.pieces:
        raise NotFound(Text("草案里没有这个城市", "The draft has no such city"))
    edits: dict[str, str | None] = {name: None, **dict.fromkeys(_own_calendar(held, id))}
    trial = sketch(held.base, {**held.edits, **edits})
    known = {finding.path for finding in held.findings}
    faults = [Fault(one.path, one.code, one.message) for one in trial.findings if one.path not in known]
    if not faults:
        faults = await edge.read(lambda work: removed_in_use(work, held.base.registry, trial.registry))
    try:
        refuse_removed(faults)
        version = version_of(typed)
        await edge.write(lambda work: save(work, edge.house, actor, found.draft.id, version, edits))
    except (InvalidInput, RuleForbids) as problem:
        return await show_city(request, None, problem)
    return see_other(f"/admin/drafts/{found.draft.id}/cities")


def _own_calendar(held: Sketch, id: str) -> list[str]:
    """The calendar that this draft made for the city, where no other follows it."""
    calendar = held.calendars.get(str(piece_value(held, f"regions/{id}").get("calendar")))
    if calendar is None or calendar.file in held.base.calendar_texts:
        return []
    others = (name for name in names(held.pieces, "regions") if name != id)
    shared = any(piece_value(held, f"regions/{other}").get("calendar") == calendar.id for other in others)
    return [] if shared else [f"{CALENDARS}{calendar.file}"]


ROUTES = (new_city, add_city, remove_city)
