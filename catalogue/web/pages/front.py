"""The front door and the catalogue to browse."""

from __future__ import annotations

from typing import Any

from catalogue.domain.problems import InvalidInput, Problem
from catalogue.domain.registry.model import Registry
from catalogue.domain.text import Text
from catalogue.web.access import PUBLIC
from catalogue.web.answer import Answer
from catalogue.web.api.catalogue import LONGEST_QUERY, found_matters
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.headers import query
from catalogue.web.pages.line import Journey, line_svg, short_name
from catalogue.web.pages.render import caller, language_of, page_answer


@page("GET", "/", PUBLIC)
async def front(request: AnyRequest) -> Answer:
    """Doors for the four kinds of people, and the catalogue."""
    await caller(request)
    shown = await _browse(request)
    registry: Registry | None = shown.pop("held")
    picture, example = None, None
    if registry is not None and len(registry.regions) > 1:
        trip, example = _example(registry)
        tongue = language_of(request)
        picture = line_svg(registry, trip, tongue, "door", example.in_language(tongue))
    return page_answer(request, "front.html", picture=picture, example=example, **shown)


def _example(registry: Registry) -> tuple[Journey, Text]:
    """A journey along the whole line, between the first counties at either end."""
    here, *_, there = registry.regions.values()
    start, end = here.divisions[0].name, there.divisions[0].name
    premises = short_name(end)
    said = Text(
        f"例：企业开在{premises.zh}，人在{here.short.zh}。{here.short.zh}窗口收件，{premises.zh}决定，"
        f"执照在{here.short.zh}打印、领取。",
        f"For example: a company in {premises.en}, an applicant in {here.short.en}. Received in {here.short.en}, "
        f"decided in {premises.en}, printed and collected in {here.short.en}.",
    )
    return Journey(here.id, there.id, "example", False, "gone", "ahead", start, end), said


@page("GET", "/matters", PUBLIC)
async def matters(request: AnyRequest) -> Answer:
    """The catalogue alone, as a search leaves it."""
    await caller(request)
    shown = await _browse(request)
    shown.pop("held")
    return page_answer(request, "matters.html", **shown)


async def _browse(request: AnyRequest) -> dict[str, Any]:
    """What the catalogue shows for the address: query, city, groups and how many."""
    try:
        parameters = query(request.scope)
    except InvalidInput:
        parameters = {}
    asked = parameters.get("q", "")[:LONGEST_QUERY].strip()
    try:
        revision = edge_of(request).house.in_force()
    except Problem:
        return {"held": None, "q": asked, "city": None, "groups": [], "count": 0}
    registry = revision.registry
    city = parameters.get("city")
    if city not in registry.regions:
        city = None
    lines = await found_matters(revision, asked, city, None)
    for line in lines:
        line["met"] = met_alias(line, asked)
    groups = grouped_by_category(registry, lines)
    return {"held": registry, "q": asked, "city": city, "groups": groups, "count": len(lines)}


def met_alias(line: dict[str, Any], asked: str) -> str | None:
    """The alias that a query met where the name itself does not show why the matter was found."""
    if not asked or asked in line["name"]["zh"] or asked.lower() in line["name"]["en"].lower():
        return None
    return next((alias for alias in line["aliases"] if asked in alias), None)


def grouped_by_category(
    registry: Registry, lines: list[dict[str, Any]]
) -> list[tuple[str, Text, list[dict[str, Any]]]]:
    """The lines under their categories (id, name), those without any left out."""
    names = {category.id: category.name for category in registry.categories.values()}
    groups: dict[str, list[dict[str, Any]]] = {category: [] for category in names}
    for line in lines:
        groups.setdefault(line["category"], []).append(line)
    return [(key, names.get(key) or Text(key, key), held) for key, held in groups.items() if held]


ROUTES = (front, matters)
