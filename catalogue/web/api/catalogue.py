"""What anybody may ask of the registry: matters, areas, routing, the fixed words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from catalogue.domain.days import local_day, local_time
from catalogue.domain.divisions import areas
from catalogue.domain.problems import Fault, InvalidInput, NotFound
from catalogue.domain.registry.revision import Revision
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import WORDS
from catalogue.service.bodies import COMMAND_BODIES
from catalogue.web import language
from catalogue.web.access import PUBLIC
from catalogue.web.answer import Answer, encode, json_answer
from catalogue.web.api.registry_json import matter_json, matter_line, registry_json
from catalogue.web.body import AnyRequest
from catalogue.web.edge import Edge, edge_of
from catalogue.web.endpoint import Operation, Parameter, Success, api
from catalogue.web.find import finder, is_ready
from catalogue.web.headers import header, known_only, query

LONGEST_QUERY = 100
ROUTES_KEPT = 4096

_CODE = {"type": "string", "maxLength": 64}


def checked_query(parameters: Mapping[str, str]) -> str:
    """The free-text query. Raises InvalidInput where it is longer than any name."""
    asked = parameters.get("q", "")
    if len(asked) > LONGEST_QUERY:
        raise InvalidInput(errors=(Fault("q", "too-long", Text("查询内容过长", "The query is too long")),))
    return asked


async def found_matters(revision: Revision, asked: str, city: str | None, category: str | None) -> list[dict[str, Any]]:
    """The matters that meet the query and the filters. Raises InvalidInput for an unknown city or category."""
    registry = revision.registry
    faults = []
    if city and city not in registry.regions:
        faults.append(Fault("city", "unknown-city", Text("没有这个城市", "No such city")))
    if category and category not in registry.categories:
        faults.append(Fault("category", "unknown-category", Text("没有这个类别", "No such category")))
    if faults:
        raise InvalidInput(errors=tuple(faults))
    if not asked.strip():
        ids: tuple[str, ...] = tuple(registry.matters)
    else:
        index = finder(revision) if is_ready(revision) else await asyncio.to_thread(finder, revision)
        ids = index.find(asked)
    chosen = [
        registry.matters[matter]
        for matter in ids
        if (not category or registry.matters[matter].category == category)
        and (not city or registry.overlay(city, matter).available)
    ]
    return [matter_line(registry, matter) for matter in chosen]


@api(
    "GET",
    "/api/matters",
    PUBLIC,
    Operation(
        "list-matters",
        "The matters in force; q matches names, aliases, codes and pinyin",
        "registry",
        {200: Success("Matters", "Matters, the nearest first")},
        (400, 422, 503),
        (
            Parameter("q", "query", "Name, alias, code, pinyin or its initials", {"type": "string", "maxLength": 100}),
            Parameter("city", "query", "Only what this city offers", _CODE),
            Parameter("category", "query", "Only this category", _CODE),
        ),
    ),
)
async def list_matters(request: AnyRequest) -> Answer:
    parameters = query(request.scope)
    known_only(parameters, "q", "city", "category")
    revision = edge_of(request).house.in_force()
    lines = await found_matters(revision, checked_query(parameters), parameters.get("city"), parameters.get("category"))
    registry = revision.registry
    return json_answer(
        {
            "revision": revision.number,
            "note": registry.note.as_json(),
            "categories": [{"id": c.id, "name": c.name.as_json()} for c in registry.categories.values()],
            "count": len(lines),
            "matters": lines,
        }
    )


@api(
    "GET",
    "/api/matters/{matter:str}",
    PUBLIC,
    Operation(
        "get-matter",
        "One matter whole, with provenance and what each city declares differently",
        "registry",
        {200: Success("Matter", "The matter in force")},
        (400, 404, 503),
        (Parameter("matter", "path", "Id of the matter", _CODE, required=True),),
    ),
)
async def get_matter(request: AnyRequest) -> Answer:
    revision = edge_of(request).house.in_force()
    matter = revision.registry.matters.get(request.path_params["matter"])
    if matter is None:
        raise NotFound(Text("没有这个事项", "There is no such matter"))
    return json_answer({"revision": revision.number, **matter_json(revision.registry, matter)})


@api(
    "GET",
    "/api/registry",
    PUBLIC,
    Operation(
        "get-registry",
        "The revision in force: number, digest, times, provenance note, regions and offices",
        "registry",
        {200: Success("Registry", "The revision in force")},
        (400, 503),
    ),
)
async def get_registry(request: AnyRequest) -> Answer:
    return json_answer(registry_json(edge_of(request).house.in_force()))


@api(
    "GET",
    "/api/registry/revisions",
    PUBLIC,
    Operation(
        "list-revisions",
        "Published revisions, the newest first",
        "registry",
        {200: Success("Revisions", "History")},
        (400, 503),
    ),
)
async def list_revisions(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    rows = await edge.read(lambda work: work.revisions.list())
    in_force = edge.house.in_force().number
    return json_answer({"in_force": in_force, "revisions": [_revision(row) for row in rows]})


def _revision(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": row["number"],
        "digest": row["digest"],
        "note": row["note"],
        "effective_from": _moment(row["effective_from"]),
        "published_at": _moment(row["published_at"]),
    }


def _moment(value: Any) -> Any:
    return value if isinstance(value, str) else local_time(value)


@api(
    "GET",
    "/api/areas",
    PUBLIC,
    Operation(
        "find-areas",
        "Divisions by code, name or pinyin",
        "routing",
        {200: Success("Areas", "Places that routing takes, the nearest first")},
        (400, 422, 503),
        (Parameter("q", "query", "Code, name or pinyin", {"type": "string", "maxLength": 100}),),
    ),
)
async def find_areas(request: AnyRequest) -> Answer:
    parameters = query(request.scope)
    known_only(parameters, "q")
    asked = checked_query(parameters)
    registry = edge_of(request).house.in_force().registry
    found = await asyncio.to_thread(areas, registry, asked)
    return json_answer(
        {
            "areas": [
                {
                    "place": area.place,
                    "code": area.code,
                    "name": area.name.as_json(),
                    "region": area.region,
                    "kind": area.kind,
                    "former_codes": list(area.former_codes),
                    "matched": area.matched,
                }
                for area in found
            ]
        }
    )


_ROUTES: dict[Any, bytes] = {}
"""Answers of the pure function, which depend on nothing but what stands in the key."""


def routed(edge: Edge, parameters: dict[str, str], tongue: Any) -> bytes:
    """The routing answer. Raises what ``route`` raises, and InvalidInput where matter or place is not given."""
    now = edge.house.clock.now()
    revision = edge.house.in_force(now)
    today = local_day(now)
    key = (revision.digest, revision.number, today, tongue, tuple(sorted(parameters.items())))
    held = _ROUTES.get(key)
    if held is not None:
        return held
    faults = tuple(
        Fault(name, "missing", Text("必填，请补充", "Required: please give it"))
        for name in ("matter", "place")
        if not parameters.get(name)
    )
    if faults:
        raise InvalidInput(errors=faults)
    particulars = {name: value for name, value in parameters.items() if name not in ("matter", "place")}
    card = edge.house.cards.card(revision, parameters["matter"], parameters["place"], particulars, today)
    body = card.json(tongue)
    if len(_ROUTES) >= ROUTES_KEPT:
        _ROUTES.clear()
    _ROUTES[key] = body
    return body


@api(
    "GET",
    "/api/routes",
    PUBLIC,
    Operation(
        "route",
        "Which office decides, by when, on which papers, and why",
        "routing",
        {200: Success("Route", "The routing card, what is outside the programme, or what finds no office")},
        (400, 422, 503),
        (
            Parameter("matter", "query", "Id of the matter", _CODE, required=True),
            Parameter(
                "place",
                "query",
                "Division code, optionally with a finer place: 532823/磨憨镇",
                {"type": "string", "maxLength": 80},
                required=True,
            ),
            Parameter(
                "particulars",
                "query",
                "KEY=VALUE for each particular that conditions name",
                {"type": "object", "additionalProperties": {"type": "string"}},
                free=True,
            ),
        ),
    ),
)
async def find_route(request: AnyRequest) -> Answer:
    tongue = language.of_header(header(request.scope, b"accept-language") or "")
    body = routed(edge_of(request), query(request.scope), tongue)
    return Answer(body, headers=((b"content-language", tongue.encode()),))


_VOCABULARY = encode(
    {
        **{section: {code: word.as_json() for code, word in words.items()} for section, words in WORDS.items()},
        "commands": list(COMMAND_BODIES),
    }
)


@api(
    "GET",
    "/api/vocabulary",
    PUBLIC,
    Operation(
        "get-vocabulary",
        "The fixed words with their labels: states, queues, roles, events, codes",
        "registry",
        {200: Success("Vocabulary", "Section, code, label")},
        (400,),
    ),
)
async def get_vocabulary(request: AnyRequest) -> Answer:
    return Answer(_VOCABULARY)


ROUTES = (list_matters, get_matter, get_registry, list_revisions, find_areas, find_route, get_vocabulary)
