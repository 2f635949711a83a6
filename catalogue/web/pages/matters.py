"""The page of a matter: what it needs, who decides in each city, by when; and a place to try."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalogue.domain.days import local_day
from catalogue.domain.problems import InvalidInput, NotFound, Problem
from catalogue.domain.registry.model import Confidence, Level, LevelRule, Matter, PlaceRule, Region, Registry
from catalogue.domain.registry.revision import Revision
from catalogue.domain.routecard import Outside, Route, Unroutable
from catalogue.domain.routing import route
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.web.access import PUBLIC
from catalogue.web.answer import Answer
from catalogue.web.body import AnyRequest
from catalogue.web.edge import Edge, edge_of
from catalogue.web.endpoint import page
from catalogue.web.headers import query
from catalogue.web.pages.line import line_svg, plan, told
from catalogue.web.pages.render import Words, caller, language_of, page_answer

PLACES: dict[PlaceRule, Text] = {
    PlaceRule.PREMISES: Text("经营场所所在地", "where the premises are"),
    PlaceRule.SEAT: Text("住所所在地", "where the seat is"),
    PlaceRule.BRANCH: Text("分支机构所在地", "where the branch is"),
    PlaceRule.NEW_SEAT: Text("迁入地", "where the seat moves to"),
    PlaceRule.ISSUER: Text("原发证机关所在地", "where the certificate was issued"),
    PlaceRule.RESIDENCE: Text("申请人住所地", "where the applicant lives"),
}
CONFIDENCE: dict[Confidence, Text] = {
    Confidence.OFFICIAL: Text("官方", "official"),
    Confidence.DERIVED: Text("推得", "derived"),
    Confidence.ASSUMED: Text("假定", "assumed"),
    Confidence.UNKNOWN: Text("未知", "unknown"),
}
FACTS: dict[str, Text] = {
    "name": Text("名称", "Name"),
    "type": Text("事项类型", "Type"),
    "procedure": Text("程序", "Procedure"),
    "mode": Text("通办方式", "Mode"),
    "codes": Text("代码", "Codes"),
    "legal_basis": Text("法律依据", "Legal basis"),
    "limits.notice_days": Text("告知补正的期限", "Limit of the notice"),
    "limits.statutory_days": Text("法定办结期限", "Statutory limit"),
    "limits.promised_days": Text("承诺期限", "Promised limit"),
    "limits.extension_days": Text("延长", "Extension"),
    "limits.deliver_days": Text("送达期限", "Limit of delivery"),
    "decided_by": Text("管辖", "Jurisdiction"),
    "materials": Text("材料", "Papers"),
    "results": Text("结果", "Result"),
    "fee": Text("收费", "Fee"),
    "form": Text("申请内容", "Form"),
    "applicant_kinds": Text("谁可以申请", "Who may apply"),
    "on_the_spot": Text("当场办结", "On the spot"),
    "verify_people": Text("实名验证", "Identity checks"),
}


@page("GET", "/matters/{matter:str}", PUBLIC)
async def matter_page(request: AnyRequest) -> Answer:
    """What a matter needs and who decides it; with a place in the address, the routing card for it."""
    await caller(request)
    return matter_answer(request, edge_of(request).house.in_force(), request.path_params["matter"])


def matter_answer(request: AnyRequest, revision: Revision, id: str, **more: Any) -> Answer:
    """The page of a matter by that revision, or by a draft as it would be. Raises NotFound."""
    edge = edge_of(request)
    registry = revision.registry
    matter = registry.matters.get(id)
    if matter is None:
        raise NotFound(Text("没有这个事项", "There is no such matter"))
    words = Words(language_of(request))
    category = registry.categories.get(matter.category)
    try:
        asked = query(request.scope)
    except InvalidInput:
        asked = {}
    return page_answer(
        request,
        "matter.html",
        matter=matter,
        category=category.name if category else None,
        numbered=any(paper.originals is not None or paper.copies is not None for paper in matter.materials),
        place_rule=PLACES[matter.decided_by.place],
        rules=[(_condition(matter, rule, words), rule) for rule in matter.decided_by.levels],
        cities=[_city(registry, region, matter) for region in registry.regions.values()],
        conf=lambda path: _confidence(matter, path),
        origins=_origins(registry, matter),
        confidence=CONFIDENCE,
        tried=tried(edge, revision, matter, asked, words),
        **{"registry": registry, "previewed": None, **more},
    )


def _condition(matter: Matter, rule: LevelRule, words: Words) -> str:
    """When a level rule holds, in words."""
    labels = {particular.key: particular for particular in matter.particulars}
    parts = []
    for key, values in rule.when.items():
        particular = labels.get(key)
        if particular is None:
            parts.append(f"{key}: {', '.join(values)}")
            continue
        choices = {choice.value: choice.label for choice in particular.choices}
        parts.append(words("、", ", ").join(words.of(choices.get(value) or Text(value, value)) for value in values))
    if parts:
        return "；".join(parts)
    return words("其他", "All others") if len(matter.decided_by.levels) > 1 else words("一律", "Always")


def _city(registry: Registry, region: Region, matter: Matter) -> dict[str, Any]:
    """What a city declares, and the offices that would decide there by level."""
    overlay = registry.overlay(region.id, matter.id)
    county = [office for office in region.offices if office.level is Level.COUNTY]
    promised = matter.limits.promised_days if overlay.promised_days is None else overlay.promised_days
    return {
        "region": region,
        "available": overlay.available,
        "promised": promised,
        "mode": (overlay.mode or matter.mode).value,
        "acceptance": (overlay.acceptance or region.acceptance).value,
        "contact": overlay.contact,
        "city_office": registry.offices[region.city_office],
        "counties": len(county),
    }


def _confidence(matter: Matter, path: str) -> Confidence | None:
    """How sure a fact is; None where the registry says nothing of it."""
    found = matter.provenance.get(path) or matter.provenance.get(path.split(".")[0])
    return found.confidence if found else None


def _origins(registry: Registry, matter: Matter) -> list[dict[str, Any]]:
    """Each fact with its confidence and the documents it was taken from."""
    rows = []
    for path, name in FACTS.items():
        found = matter.provenance.get(path)
        if found is not None:
            sources = [registry.sources[key].what for key in found.sources if key in registry.sources]
            rows.append({"fact": name, "confidence": found.confidence, "sources": sources})
    return rows


class Tried(Value, frozen=True):
    """What trying a place gave: the card, a notice, or what is still missing."""

    place: str
    start: str
    particulars: Mapping[str, str]
    places: list[tuple[Region, list[tuple[str, Text]]]]
    card: Route | None = None
    card_region: Region | None = None
    outside: Outside | None = None
    unroutable: Unroutable | None = None
    problem: Problem | None = None
    lacking: tuple[str, ...] = ()
    """What was left open of the form: told beside its fields."""
    picture: str = ""
    told: str = ""


def tried(edge: Edge, revision: Revision, matter: Matter, asked: Mapping[str, str], words: Words) -> Tried:
    """Route the place of the address, if there is one."""
    registry = revision.registry
    start = asked.get("from", "")
    if start not in registry.regions:
        start = next(iter(registry.regions))
    known = {particular.key for particular in matter.particulars}
    particulars = {key: value for key, value in asked.items() if key in known and value}
    place = asked.get("place", "")[:64]
    shown: dict[str, Any] = {
        "place": place,
        "start": start,
        "particulars": particulars,
        "places": places_of(registry),
    }
    if not place:
        return Tried(**shown, lacking=("place",) if "from" in asked else ())
    today = local_day(edge.house.clock.now())
    try:
        found = route(revision, edge.house.handlers, matter.id, place, particulars, today)
    except Problem as problem:
        if problem.status >= 500:
            raise
        missing = tuple(str(entry["key"]) for entry in problem.extra.get("missing", ()))
        return Tried(**shown, problem=problem, lacking=missing)
    if isinstance(found, Outside):
        return Tried(**shown, outside=found)
    if isinstance(found, Unroutable):
        return Tried(**shown, unroutable=found)
    county = registry.divisions.get(found.place.split("/")[0])
    trip = plan(start, found.region, None, county[0].name if county and county[1].id == found.region else None)
    return Tried(
        **shown,
        card=found,
        card_region=registry.regions[found.region],
        picture=line_svg(registry, trip, words.tongue, "try"),
        told=told(registry, trip, words.tongue),
    )


def places_of(registry: Registry) -> list[tuple[Region, list[tuple[str, Text]]]]:
    """The places that may be tried, by city: its counties, and within them what answers to somebody else."""
    special = {
        jurisdiction.place: jurisdiction.name
        for region in registry.regions.values()
        for jurisdiction in region.jurisdictions
    }
    groups = []
    for region in registry.regions.values():
        rows: list[tuple[str, Text]] = []
        for division in region.divisions:
            rows.append((division.code, division.name))
            rows += [(place, name) for place, name in special.items() if place.startswith(f"{division.code}/")]
        groups.append((region, rows))
    return groups


ROUTES = (matter_page,)
