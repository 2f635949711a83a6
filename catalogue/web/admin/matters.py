"""The matter editor 改事项: every field with its help, checked as it is typed, tried in every place beforehand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from catalogue.domain.problems import Fault, InvalidInput, NotFound, Problem, RuleForbids
from catalogue.domain.registry.merging import merged
from catalogue.domain.registry.pieces import names, write_piece
from catalogue.domain.registry.schema import MATTER, OVERLAY
from catalogue.domain.registry.sketch import Sketch, sketch
from catalogue.domain.registry.threeway import ABSENT
from catalogue.domain.registry.words import field_name
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import label
from catalogue.service.drafting import Opened, save
from catalogue.web.access import form_of, visitor_of
from catalogue.web.admin.drafts import draft_id, faults_of, loaded, typed_of, version_of
from catalogue.web.admin.form_reading import text_of, value_of
from catalogue.web.admin.forms import Around, Form, control
from catalogue.web.admin.matter_form import (
    CONFIDENCE_CHOICES,
    around_of,
    block_of,
    in_short,
    piece_value,
    sections,
    sentence,
)
from catalogue.web.admin.shell import EDITS, ENTERS, admin_page, asked, fault, number_of
from catalogue.web.answer import Answer, see_other
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.pages.matters import CONFIDENCE
from catalogue.web.pages.render import switch_address

LINES = 100
ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@page("GET", "/admin/drafts/{draft:str}/matters", ENTERS)
async def matter_list(request: AnyRequest) -> Answer:
    """The matters of a draft, to be picked for change; and a new one."""
    return await _list(request, {}, None)


async def _list(request: AnyRequest, typed: Mapping[str, str], problem: Problem | None) -> Answer:
    found = await loaded(edge_of(request), draft_id(request))
    given = asked(request)
    wanted = given.get("q", "").strip().casefold()[:100]
    rows = []
    for id in names(found.sketch.pieces, "matters"):
        matter = found.sketch.registry.matters.get(id)
        name = matter.name if matter else None
        if name is None or f"matters/{id}" in found.sketch.edits:
            value = piece_value(found.sketch, f"matters/{id}")
            name = Text(value.get("zh", id), value.get("en", id))
        if not wanted or wanted in f"{id} {name.zh} {name.en}".casefold():
            rows.append((id, name, f"matters/{id}" in found.sketch.edits))
    first = number_of(given, "from") // LINES * LINES
    families = _families(found.sketch)
    return admin_page(
        request, "admin_matters.html", 200 if problem is None else problem.status,
        draft=found.draft, rows=rows[first : first + LINES], count=len(rows), first=first, size=LINES,
        q=given.get("q", ""),
        families=families, every=[(id, name) for id, name, _ in rows] if len(rows) <= 500 else [],
        typed=typed, problem=problem, faults=faults_of(problem.errors) if problem else {},
        address=lambda **changed: f"/admin/drafts/{found.draft.id}/matters?"
        + urlencode({"q": given.get("q", ""), **changed}),
        **switch_address(request, f"/admin/drafts/{found.draft.id}/matters"),
    )  # fmt: skip


def _families(found: Sketch) -> list[tuple[str, dict[str, Any]]]:
    return [(name, piece_value(found, f"families/{name}")) for name in names(found.pieces, "families")]


@page("POST", "/admin/drafts/{draft:str}/matters", EDITS)
async def add_matter(request: AnyRequest) -> Answer:
    """A new matter, from a family or as a copy of another one; the rest is filled in on its page."""
    edge, actor, typed = edge_of(request), visitor_of(request).actor, await typed_of(request)
    found = await loaded(edge, draft_id(request))
    id = typed.get("id", "").strip().lower() or _id_from(typed.get("en", ""))
    faults = _new_faults(found.sketch, id, typed)
    if faults:
        return await _list(request, typed, InvalidInput(errors=faults))
    block = _start(found.sketch, id, typed)
    try:
        draft = await edge.write(
            lambda work: save(
                work, edge.house, actor, found.draft.id, found.draft.version,
                {f"matters/{id}": write_piece(f"matters/{id}", block)},
            )
        )  # fmt: skip
    except (InvalidInput, RuleForbids) as problem:
        return await _list(request, typed, problem)
    return see_other(f"/admin/drafts/{draft.id}/matters/{id}")


def _id_from(english: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", english.lower()))[:60].lstrip("0123456789-")


def _new_faults(found: Sketch, id: str, typed: Mapping[str, str]) -> tuple[Fault, ...]:
    faults = [
        fault(key, "missing", "必填", "Required") for key in ("zh", "en", "start") if not typed.get(key)
    ]  # fmt: skip
    if id and not ID.fullmatch(id):
        faults.append(fault("id", "bad-form", "代号用小写字母、数字和连字符，如 food-stall", "Like food-stall"))
    elif f"matters/{id}" in found.pieces:
        faults.append(fault("id", "duplicate-id", f"代号 {id} 已被用", f"The id {id} is taken"))
    kind, _, name = typed.get("start", "").partition(":")
    section = {"family": "families", "copy": "matters"}.get(kind)
    if typed.get("start") and (section is None or f"{section}/{name}" not in found.pieces):
        faults.append(fault("start", "dangling", "请从列表中选择", "Choose from the list"))
    return tuple(faults)


def _start(found: Sketch, id: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """The first block of a new matter: nothing invented, what is not known yet marked so."""
    kind, _, name = typed["start"].partition(":")
    head = {"id": id, "zh": typed["zh"], "en": typed["en"]}
    if kind == "copy":
        own = {key: value for key, value in piece_value(found, f"matters/{name}").items() if key != "aliases"}
        return {**own, **head, "provenance": {**(own.get("provenance") or {}), "name": "assumed"}}
    family = piece_value(found, f"families/{name}")
    block: dict[str, Any] = {**head, "family": name}
    provenance = {"name": "assumed"}
    for key in ("legal_basis", "materials", "results", "form"):
        if key not in family:
            block[key] = []
            provenance[key] = "unknown"
    if "decided_by" not in family:
        block["decided_by"] = {"place": "premises", "levels": [{"level": "county", "provenance": "assumed"}]}
        provenance["decided_by"] = "assumed"
    return {**block, "provenance": provenance}


@page("GET", "/admin/drafts/{draft:str}/matters/{matter:str}", ENTERS)
async def edit_matter(request: AnyRequest) -> Answer:
    """The form of a matter."""
    return await _form(request, None, None, None)


async def _form(
    request: AnyRequest,
    typed: Form | None,
    block: Mapping[str, Any] | None,
    problem: Problem | None,
    checked: bool = False,
) -> Answer:
    id = str(request.path_params["matter"])[:100]
    found = await loaded(edge_of(request), draft_id(request))
    own = dict(block) if block is not None else piece_value(found.sketch, f"matters/{id}")
    if not own:
        raise NotFound(Text("草案里没有这个事项", "The draft has no such matter"))
    family = _family(found.sketch, own)
    full = merged(own, family)
    around = around_of(found.sketch, full)
    more = text_of(typed, "more") if typed else ""
    rows = {more: 4} if more else {}
    held = [finding for finding in found.sketch.findings if finding.path.startswith(f"matters.{id}")]
    faults = faults_of(problem.errors) if problem else {}
    if problem is None and typed is None:
        faults = faults_of(
            tuple(Fault(f.path.removeprefix(f"matters.{id}").lstrip("."), f.code, f.message) for f in held)
        )
    rules = (full.get("decided_by") or {}).get("levels", ()) if isinstance(full.get("decided_by"), dict) else ()
    return admin_page(
        request, "admin_matter.html", 200 if problem is None else problem.status,
        draft=found.draft, id=id, own=own, full=full, family=family,
        families=_families(found.sketch),
        category=control(MATTER.entries["category"].kind, full.get("category"), "category", around),
        sections=sections(own, family, around, rows), confidences=CONFIDENCE_CHOICES,
        name_basis=str((full.get("provenance") or {}).get("name", "")).partition(" "),
        sentences=[sentence(rule, around) for rule in rules if isinstance(rule, dict)],
        faults=faults, problem=problem, checked=checked,
        sources=list(found.sketch.registry.sources.values()),
        overlays=list(found.sketch.registry.regions.values()),
        changed=f"matters/{id}" in found.sketch.edits,
        **switch_address(request, f"/admin/drafts/{found.draft.id}/matters/{id}"),
    )  # fmt: skip


def _family(found: Sketch, own: Mapping[str, Any]) -> dict[str, Any] | None:
    name = own.get("family")
    value = piece_value(found, f"families/{name}") if name else {}
    return value or None


@page("POST", "/admin/drafts/{draft:str}/matters/{matter:str}", EDITS)
async def save_matter(request: AnyRequest) -> Answer:
    """Check or save the form; what is wrong stands at its field and nothing is saved until it is mended."""
    edge, actor = edge_of(request), visitor_of(request).actor
    id = str(request.path_params["matter"])[:100]
    form = await form_of(request)
    found = await loaded(edge, draft_id(request))
    own = piece_value(found.sketch, f"matters/{id}")
    if not own:
        raise NotFound(Text("草案里没有这个事项", "The draft has no such matter"))
    family_name = text_of(form, "family")
    family = piece_value(found.sketch, f"families/{family_name}") or None
    if text_of(form, "act") == "remove":
        return await _save(request, found, {f"matters/{id}": None}, f"/admin/drafts/{found.draft.id}")
    around = around_of(found.sketch, merged(own, _family(found.sketch, own)))
    block, faults = block_of(id, form, own, family, around)
    name = f"matters/{id}"
    faults += _piece_faults(found, name, block)
    act = text_of(form, "act")
    if text_of(form, "more"):
        return await _form(request, form, block, None)
    if faults:
        return await _form(request, form, block, InvalidInput(errors=tuple(faults)))
    if act == "check":
        return await _form(request, form, block, None, checked=True)
    try:
        version = version_of(await typed_of(request))
        await edge.write(
            lambda work: save(
                work,
                edge.house,
                actor,
                found.draft.id,
                version,
                {name: write_piece(name, block, found.sketch.pieces.get(name))},
            )
        )
    except (InvalidInput, RuleForbids) as problem:
        return await _form(request, form, block, problem)
    following = text_of(form, "then")
    return see_other(
        f"/admin/drafts/{found.draft.id}/matters/{id}{'/' + following if following in ('cities', 'trial') else ''}"
    )


def _piece_faults(found: Opened, name: str, block: Mapping[str, Any]) -> list[Fault]:
    """What the rules of ``registry check`` find in a piece as it would be saved."""
    text = write_piece(name, block, found.sketch.pieces.get(name))
    trial = sketch(found.sketch.base, {**found.sketch.edits, name: text})
    prefix = name.replace("/", ".")
    return [
        Fault(finding.path.removeprefix(prefix).lstrip("."), finding.code, finding.message)
        for finding in trial.findings
        if finding.path.startswith(prefix)
    ]


async def _save(request: AnyRequest, found: Opened, edits: Mapping[str, str | None], following: str) -> Answer:
    edge, actor = edge_of(request), visitor_of(request).actor
    version = version_of(await typed_of(request))
    await edge.write(lambda work: save(work, edge.house, actor, found.draft.id, version, edits))
    return see_other(following)


# --- what a city declares differently ---------------------------------------------------------------------------------


@page("GET", "/admin/drafts/{draft:str}/matters/{matter:str}/cities", ENTERS)
async def matter_cities(request: AnyRequest) -> Answer:
    """What each city declares differently, beside what holds for all."""
    return await _cities(request, None, None)


async def _cities(request: AnyRequest, form: Form | None, problem: Problem | None) -> Answer:
    id = str(request.path_params["matter"])[:100]
    found = await loaded(edge_of(request), draft_id(request))
    own = piece_value(found.sketch, f"matters/{id}")
    if not own:
        raise NotFound(Text("草案里没有这个事项", "The draft has no such matter"))
    full = merged(own, _family(found.sketch, own))
    around = around_of(found.sketch, full)
    given = asked(request)
    first = number_of(given, "from") // CITIES * CITIES
    every = names(found.sketch.pieces, "regions")
    shown = []
    for name in every[first : first + CITIES]:
        region = piece_value(found.sketch, f"regions/{name}")
        overlay = (region.get("overlays") or {}).get(id) or {}
        if form is not None:
            overlay = _overlay_of(form, name, around, [])
        shown.append((region, overlay, control(OVERLAY, overlay, f"city.{name}", around, rows=1)))
    return admin_page(
        request, "admin_matter_cities.html", 200 if problem is None else problem.status,
        draft=found.draft, id=id, own=own, shared=_shared(full), shown=shown, names=field_name,
        confidence=CONFIDENCE, count=len(every), first=first, size=CITIES,
        problem=problem, faults=faults_of(problem.errors) if problem else {},
        address=lambda **changed: f"/admin/drafts/{found.draft.id}/matters/{id}/cities?" + urlencode(changed),
        **switch_address(request, f"/admin/drafts/{found.draft.id}/matters/{id}/cities"),
    )  # fmt: skip


CITIES = 8
SHARED = ("mode", "limits.promised_days", "limits.statutory_days", "materials")
"""What a city may declare differently, as it holds for all."""


def _shared(full: Mapping[str, Any]) -> list[tuple[Text, str, str, str]]:
    """(label, value, confidence, sources and remark) of what holds for all."""
    bases = full.get("provenance") or {}
    found = []
    for path in SHARED:
        head, _, rest = path.partition(".")
        value = full.get(head)
        value = (value or {}).get(rest) if rest else value
        word = in_short(value) if head != "mode" or not value else label("modes", str(value)).zh
        confidence, _, said = str(bases.get(path) or bases.get(head) or "unknown").partition(" ")
        found.append((field_name(path), word, confidence, said))
    return found


def _overlay_of(form: Form, city: str, around: Around, faults: list[Fault]) -> dict[str, Any]:
    """What a city's part of the form declares; what is as for all is left out."""
    value = value_of(OVERLAY, form, f"city.{city}", around, faults, optional=True)
    if value is ABSENT:
        return {}
    found = {key: inner for key, inner in value.items() if inner not in (None, "", [], {})}
    # That it is offered goes without saying, unless somebody says how it is known.
    if found.get("available") is True and "available" not in (found.get("provenance") or {}):
        del found["available"]
    return found


@page("POST", "/admin/drafts/{draft:str}/matters/{matter:str}/cities", EDITS)
async def save_cities(request: AnyRequest) -> Answer:
    """Write the overlays of the cities that the form showed."""
    id = str(request.path_params["matter"])[:100]
    form = await form_of(request)
    found = await loaded(edge_of(request), draft_id(request))
    full = merged(own := piece_value(found.sketch, f"matters/{id}"), _family(found.sketch, own))
    around = around_of(found.sketch, full)
    edits: dict[str, str | None] = {}
    faults: list[Fault] = []
    for city in form.get("cities", ()):
        name = f"regions/{city}"
        region = piece_value(found.sketch, name)
        if not region:
            continue
        overlay = _overlay_of(form, city, around, faults)
        overlays = {key: value for key, value in (region.get("overlays") or {}).items() if key != id}
        if overlay:
            overlays[id] = overlay
        if overlays != (region.get("overlays") or {}):
            edits[name] = write_piece(name, {**region, "overlays": overlays}, found.sketch.pieces.get(name))
    trial = sketch(found.sketch.base, {**found.sketch.edits, **edits})
    faults += [
        Fault(_city_path(finding.path, id), finding.code, finding.message)
        for finding in trial.findings
        if f".overlays.{id}" in finding.path
    ]
    if faults:
        return await _cities(request, form, InvalidInput(errors=tuple(faults)))
    try:
        return await _save(request, found, edits, f"/admin/drafts/{found.draft.id}/matters/{id}/cities")
    except (InvalidInput, RuleForbids) as problem:
        return await _cities(request, form, problem)


def _city_path(path: str, matter: str) -> str:
    """``regions.yuxi.overlays.M.promised_days`` as the form names it: ``city.yuxi.promised_days``."""
    head, _, rest = path.partition(f".overlays.{matter}")
    return f"city.{head.removeprefix('regions.')}{rest}"


ROUTES = (matter_list, add_matter, edit_matter, save_matter, matter_cities, save_cities)
