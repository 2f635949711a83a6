"""The front door and the page of a matter."""

from __future__ import annotations

from typing import Any

from catalogue.domain.problems import InvalidInput, NotFound, Problem
from catalogue.domain.registry.model import Confidence, Matter, PlaceRule, Registry
from catalogue.domain.text import Text
from catalogue.web.access import PUBLIC
from catalogue.web.answer import Answer
from catalogue.web.api.catalogue import found_matters
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.headers import query
from catalogue.web.pages.line import journey, line_svg
from catalogue.web.pages.render import Words, caller, language_of, page_answer

PLACES: dict[PlaceRule, Text] = {
    PlaceRule.PREMISES: Text("经营场所所在地", "where the premises are"),
    PlaceRule.SEAT: Text("住所所在地", "where the seat is"),
    PlaceRule.BRANCH: Text("分支机构所在地", "where the branch is"),
    PlaceRule.NEW_SEAT: Text("迁入地", "where the seat moves to"),
    PlaceRule.ISSUER: Text("原发证机关所在地", "where the certificate was issued"),
    PlaceRule.RESIDENCE: Text("申请人住所地", "where the applicant lives"),
}


@page("GET", "/", PUBLIC)
async def front(request: AnyRequest) -> Answer:
    """Doors for the four kinds of people, and the catalogue with its search."""
    await caller(request)
    try:
        parameters = query(request.scope)
    except InvalidInput:
        parameters = {}
    asked = parameters.get("q", "")[:100].strip()
    city = parameters.get("city") or None
    groups: list[tuple[Text, list[dict[str, Any]]]] = []
    count, picture = 0, None
    try:
        revision = edge_of(request).house.in_force()
    except Problem:
        revision = None
    if revision is not None:
        registry = revision.registry
        if city not in registry.regions:
            city = None
        lines = await found_matters(revision, asked, city, None)
        count = len(lines)
        groups = grouped_by_category(registry, lines)
        regions = list(registry.regions)
        example = journey("collected", regions[0], regions[-1])
        picture = line_svg(registry, example, language_of(request), "door")
    return page_answer(request, "front.html", q=asked, city=city, groups=groups, count=count, picture=picture)


def grouped_by_category(registry: Registry, lines: list[dict[str, Any]]) -> list[tuple[Text, list[dict[str, Any]]]]:
    """The lines under the names of their categories, those without any left out."""
    names = {category.id: category.name for category in registry.categories.values()}
    groups: dict[str, list[dict[str, Any]]] = {category: [] for category in names}
    for line in lines:
        groups.setdefault(line["category"], []).append(line)
    return [(names.get(key) or Text(key, key), held) for key, held in groups.items() if held]


@page("GET", "/matters/{matter:str}", PUBLIC)
async def matter_page(request: AnyRequest) -> Answer:
    """What a matter needs and who decides it."""
    await caller(request)
    registry = edge_of(request).house.in_force().registry
    matter = registry.matters.get(request.path_params["matter"])
    if matter is None:
        raise NotFound(Text("没有这个事项", "There is no such matter"))
    category = registry.categories.get(matter.category)
    return page_answer(
        request,
        "matter.html",
        matter=matter,
        category=category.name if category else None,
        place=PLACES[matter.decided_by.place],
        levels=_levels(matter, Words(language_of(request))),
    )


def _levels(matter: Matter, words: Words) -> list[dict[str, Any]]:
    labels = {particular.key: particular for particular in matter.particulars}
    rules = []
    for rule in matter.decided_by.levels:
        conditions = []
        for key, values in rule.when.items():
            particular = labels.get(key)
            if particular is None:
                conditions.append(f"{key}: {', '.join(values)}")
                continue
            choices = {choice.value: choice.label for choice in particular.choices}
            named = words("、", ", ").join(words.of(choices.get(value) or Text(value, value)) for value in values)
            conditions.append(f"{words.of(particular.label)}{words('：', ': ')}{named}")
        rules.append(
            {
                "words": "；".join(conditions) or words("一般", "In general"),
                "level": words.label("levels", rule.level.value),
                "assumed": rule.confidence is Confidence.ASSUMED,
            }
        )
    return rules


ROUTES = (front, matter_page)
