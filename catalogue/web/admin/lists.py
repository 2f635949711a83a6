"""Shared lists 共用目录: categories, families, laws, sources, rules of numbers, by one form made from shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from catalogue.domain.problems import Fault, InvalidInput, NotFound, Problem, RuleForbids
from catalogue.domain.registry.pieces import names
from catalogue.domain.registry.shared import LISTS, SharedList, items, moved, users, with_item
from catalogue.domain.registry.sketch import Sketch, sketch
from catalogue.domain.registry.threeway import ABSENT
from catalogue.domain.text import Text
from catalogue.service.drafting import Opened, save
from catalogue.web.access import form_of, visitor_of
from catalogue.web.admin.drafts import draft_id, faults_of, loaded, typed_of, version_of
from catalogue.web.admin.form_reading import says_nothing, settled, text_of, value_of
from catalogue.web.admin.forms import SAY_NONE, Around, Form, control
from catalogue.web.admin.matter_form import around_of, piece_value
from catalogue.web.admin.picking import city_name, kinds_of, office_choices
from catalogue.web.admin.shell import EDITS, ENTERS, admin_page, asked, fault, number_of
from catalogue.web.answer import Answer, see_other
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.pages.render import switch_address

LINES = 100
SHOWN = 20
"""Users of an item that are named one by one."""


def _list_of(request: AnyRequest) -> SharedList:
    found = LISTS.get(str(request.path_params["list"])[:20])
    if found is None:
        raise NotFound(Text("没有这个目录", "There is no such list"))
    return found


def called(one: SharedList, id: str, value: Mapping[str, Any]) -> Text:
    """What an item is called by people."""
    zh = str(value.get("zh") or value.get("title") or value.get("what") or value.get("form") or id)
    return Text(zh, str(value.get("en") or zh))


@page("GET", "/admin/drafts/{draft:str}/lists/{list:str}", ENTERS)
async def list_page(request: AnyRequest) -> Answer:
    """The items of a shared list, to be picked for change or added."""
    one = _list_of(request)
    found = await loaded(edge_of(request), draft_id(request))
    given = asked(request)
    wanted = given.get("q", "").strip().casefold()[:100]
    base = items(found.sketch.base.pieces, one.section)
    rows = []
    for id, value in items(found.sketch.pieces, one.section).items():
        name = called(one, id, value)
        if not wanted or wanted in f"{id} {name.zh} {name.en}".casefold():
            rows.append((id, name, base.get(id) != value))
    first = number_of(given, "from") // LINES * LINES
    here = f"/admin/drafts/{found.draft.id}/lists/{one.section}"
    return admin_page(
        request, "admin_list.html", draft=found.draft, one=one, lists=LISTS.values(), q=given.get("q", ""),
        rows=rows[first : first + LINES], count=len(rows), first=first, size=LINES,
        address=lambda **changed: f"{here}?" + urlencode({"q": given.get("q", ""), **changed}),
        **switch_address(request, here),
    )  # fmt: skip


@page("GET", "/admin/drafts/{draft:str}/lists/{list:str}/item", ENTERS)
async def item_page(request: AnyRequest) -> Answer:
    """The form of an item (``?id=``), or of a new one."""
    return await _form(request, asked(request).get("id", "")[:100], None, None)


async def _form(
    request: AnyRequest, id: str, typed: Mapping[str, Any] | None, problem: Problem | None, more: str = "",
    new_id: str = "",
) -> Answer:  # fmt: skip
    one = _list_of(request)
    found = await loaded(edge_of(request), draft_id(request))
    held = items(found.sketch.pieces, one.section).get(id)
    if id and held is None:
        raise NotFound(Text("草案里没有这一条", "The draft has no such item"))
    value = typed if typed is not None else held or {}
    around = list_around(found.sketch, value, one)
    controls = [
        control(
            entry.kind, value.get(key, ABSENT), key, around, optional=not entry.required or _null(entry.kind),
            rows=4 if more == key else 1, block=one.section,
        )
        for key, entry in one.shape.entries.items()
        if key != "id"
    ]  # fmt: skip
    by = users(found.sketch.pieces, one.section, id) if id else []
    here = f"/admin/drafts/{found.draft.id}/lists/{one.section}"
    return admin_page(
        request, "admin_item.html", 200 if problem is None else problem.status,
        draft=found.draft, one=one, id=id, new_id=new_id, name=called(one, id, value) if id else None,
        controls=controls, users=[_user(found, name) for name in by[:SHOWN]], used=len(by), problem=problem,
        faults=faults_of(problem.errors) if problem else {},
        sources=found.sketch.registry.sources.values(),
        **switch_address(request, f"{here}/item", urlencode({"id": id})),
    )  # fmt: skip


def list_around(found: Sketch, value: Mapping[str, Any], one: SharedList) -> Around:
    """What the references of an item may point to."""
    around = around_of(found, value)
    if one.section != "numbers":
        return around
    held = {name: piece_value(found, f"regions/{name}") for name in names(found.pieces, "regions")}
    offices = [
        (city_name(id, region), office_choices(region.get("offices", ()))) for id, region in held.items()
    ]  # fmt: skip
    return replace(around, groups={"numbers.kinds": kinds_of(found), "numbers.offices": offices})


def _null(kind: Any) -> bool:
    return bool(getattr(kind, "nullable", False))


def _user(found: Opened, name: str) -> tuple[str, str]:
    """(name, address) of a piece that refers to an item."""
    section, _, id = name.partition("/")
    here = f"/admin/drafts/{found.draft.id}"
    if section in ("matters", "regions"):
        return name, f"{here}/{'matters' if section == 'matters' else 'cities'}/{id}"
    return name, f"{here}/lists/{section}/item?" + urlencode({"id": id}) if section in LISTS and id else ""


@page("POST", "/admin/drafts/{draft:str}/lists/{list:str}/item", EDITS)
async def save_item(request: AnyRequest) -> Answer:
    """Add, change or remove an item; what is wrong stands at its field, and what is used is not removed."""
    one, form = _list_of(request), await form_of(request)
    found = await loaded(edge_of(request), draft_id(request))
    id = text_of(form, "was")[:100]
    held = items(found.sketch.pieces, one.section)
    if id and id not in held:
        raise NotFound(Text("草案里没有这一条", "The draft has no such item"))
    here = f"/admin/drafts/{found.draft.id}/lists/{one.section}"
    if text_of(form, "act") == "remove":
        try:
            _may_go(found.sketch, one, id)
            await _save(request, found, with_item(found.sketch.pieces, one.section, id, None))
        except (InvalidInput, RuleForbids) as problem:
            return await _form(request, id, None, problem)
        return see_other(here)
    new_id = text_of(form, "id")[:100]
    faults = [] if id else _new_faults(one, new_id, held)
    before = held.get(id, {})
    value = _value(one, form, before, list_around(found.sketch, before, one), faults)
    if not one.keyed:
        value = {"id": id or new_id, **value}
    if text_of(form, "more"):
        return await _form(request, id, value, None, text_of(form, "more"), new_id)
    if not faults:
        edits = with_item(found.sketch.pieces, one.section, id or new_id, value)
        faults += _faults(found.sketch, one, id or new_id, edits)
    if faults:
        return await _form(request, id, value, InvalidInput(errors=tuple(faults)), "", new_id)
    try:
        await _save(request, found, edits)
    except (InvalidInput, RuleForbids) as problem:
        return await _form(request, id, value, problem, "", new_id)
    return see_other(here)


@page("POST", "/admin/drafts/{draft:str}/lists/{list:str}/order", EDITS)
async def order_items(request: AnyRequest) -> Answer:
    """Move an item of a list whose order counts one place up or down."""
    one, form = _list_of(request), await form_of(request)
    found = await loaded(edge_of(request), draft_id(request))
    id, by = text_of(form, "id")[:100], {"up": -1, "down": 1}.get(text_of(form, "act"))
    if not one.ordered or by is None or id not in items(found.sketch.pieces, one.section):
        raise NotFound(Text("草案里没有这一条", "The draft has no such item"))
    await _save(request, found, moved(found.sketch.pieces, one.section, id, by))
    return see_other(f"/admin/drafts/{found.draft.id}/lists/{one.section}")


def _new_faults(one: SharedList, id: str, held: Mapping[str, Any]) -> list[Fault]:
    if not re.fullmatch(one.pattern, id):
        example = "REG2024" if one.keyed or one.section == "laws" else "documents" if one.inside else "food-business"
        return [fault("id", "bad-form", f"代号的形式如 {example}", f"An id looks like {example}")]
    if id in held:
        return [fault("id", "duplicate-id", f"代号 {id} 已被用", f"The id {id} is taken")]
    return []


def _value(
    one: SharedList, form: Form, before: Mapping[str, Any], around: Around, faults: list[Fault]
) -> dict[str, Any]:  # fmt: skip
    """What a form says of an item; an empty list that stood there stays one."""
    block: dict[str, Any] = {}
    for key, entry in one.shape.entries.items():
        if key == "id":
            continue
        value = value_of(entry.kind, form, key, around, faults, optional=not entry.required)
        # What says that there is none, or that it is unknown, is not the same as saying nothing.
        stated = isinstance(before.get(key), list) and one.section in SAY_NONE
        if value is ABSENT and key in before and says_nothing(before[key]) and not stated:
            value = before[key]
        if value is not ABSENT:
            block[key] = settled(before.get(key), value)
    return block


def _faults(before: Sketch, one: SharedList, id: str, edits: Mapping[str, str | None]) -> list[Fault]:
    """What the rules of ``registry check`` find in the item, and elsewhere because of it."""
    trial = sketch(before.base, {**before.edits, **edits})
    known = {(finding.path, finding.code) for finding in before.findings}
    prefix = one.path(id)
    return [
        Fault(
            finding.path.removeprefix(prefix).lstrip(".") if finding.path.startswith(prefix) else finding.path,
            finding.code,
            finding.message,
        )
        for finding in trial.findings
        if (finding.path, finding.code) not in known
    ]


def _may_go(held: Sketch, one: SharedList, id: str) -> None:
    """Raises RuleForbids naming what still uses the item."""
    by = users(held.pieces, one.section, id)
    if by:
        shown = "、".join(by[:SHOWN])
        raise RuleForbids(
            Text(
                f"{id} 还在用，不能删去：{shown}{f' 等 {len(by)} 处' if len(by) > SHOWN else ''}",
                f"{id} is in use and cannot be removed: {', '.join(by[:SHOWN])}"
                + (f" and {len(by) - SHOWN} more" if len(by) > SHOWN else ""),
            ),
            extra={"rule": "in-use", "users": by[:200]},
        )


async def _save(request: AnyRequest, found: Opened, edits: Mapping[str, str | None]) -> None:
    edge, actor = edge_of(request), visitor_of(request).actor
    version = version_of(await typed_of(request))
    await edge.write(lambda work: save(work, edge.house, actor, found.draft.id, version, edits))


ROUTES = (list_page, item_page, save_item, order_items)
