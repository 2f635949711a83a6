"""The coverage matrix 覆盖 matter × city, and the work list of facts nobody has verified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from catalogue.domain.people import Role
from catalogue.domain.problems import InvalidInput
from catalogue.domain.registry.coverage import (
    UNVERIFIED,
    Cell,
    Coverage,
    Fact,
    counted,
    unverified,
    unverified_of_cities,
)
from catalogue.domain.registry.model import Confidence, Matter, Mode, Region, Registry
from catalogue.domain.registry.revision import Revision
from catalogue.domain.registry.words import field_name
from catalogue.domain.value import Value
from catalogue.service.ports.drafts import OPEN
from catalogue.web.access import visitor_of
from catalogue.web.admin.shell import ENTERS, admin_page, asked, number_of
from catalogue.web.answer import Answer
from catalogue.web.api.catalogue import LONGEST_QUERY, found_matters
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.pages.matters import CONFIDENCE

ROWS = 200
MOST_ROWS = 2000
"""Rows of a page for printing."""
COLUMNS = 6
"""Cities side by side; more are leafed through."""
FACTS = 100
SHOWS = ("gap", "closed", "own", "assumed", "unknown")
"""What the matrix may be narrowed to: without an office, not offered, with rules of a city's own, unverified."""


class Row(Value, frozen=True):
    """A matter with its cells, in the order of the cities shown."""

    matter: Matter
    cells: tuple[Cell, ...]
    doubtful: int
    """Facts assumed or unknown."""


@page("GET", "/admin", ENTERS)
async def coverage(request: AnyRequest) -> Answer:
    """Every matter in every city: offered or not, how, promised in how many days, who accepts."""
    given = asked(request)
    revision = edge_of(request).house.in_force()
    return await coverage_page(request, revision, given, draft=None)


async def coverage_page(request: AnyRequest, revision: Revision, given: Mapping[str, str], draft: Any) -> Answer:
    """The matrix of a revision, or of a draft as it would be."""
    registry = revision.registry
    asked_for = given.get("q", "")[:LONGEST_QUERY].strip()
    category = given.get("category") if given.get("category") in registry.categories else None
    city = given.get("city") if given.get("city") in registry.regions else None
    show = given.get("show") if given.get("show") in SHOWS else None
    mode = Mode(given["mode"]) if given.get("mode") in set(Mode) else None
    try:
        ids = [line["id"] for line in await found_matters(revision, asked_for, None, category)]
    except InvalidInput:
        ids = []
    table = Coverage(registry)
    every = [registry.regions[city]] if city else list(registry.regions.values())
    matters = [
        registry.matters[key]
        for key in ids
        if (show is None or _meets(table, registry.matters[key], every, show))
        and (mode is None or any(table.cell(registry.matters[key], region).mode is mode for region in every))
    ]
    size = MOST_ROWS if given.get("all") else ROWS
    first = number_of(given, "from") // size * size
    if first >= len(matters):
        first = 0
    column = number_of(given, "cities") // COLUMNS * COLUMNS
    shown = every[column : column + COLUMNS] or every[:COLUMNS]
    rows = [_row(table, matter, shown) for matter in matters[first : first + size]]
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.matter.category, []).append(row)
    kept = {
        key: value
        for key, value in given.items()
        if value and key in ("q", "category", "city", "show", "mode", "from", "cities", "all")
    }

    def address(**changed: Any) -> str:
        wanted = {**kept, **changed}
        base = "/admin" if draft is None else f"/admin/drafts/{draft.id}/coverage"
        text = urlencode({key: value for key, value in wanted.items() if value not in (None, "", 0)})
        return f"{base}?{text}" if text else base

    return admin_page(
        request,
        "admin_coverage.html",
        seen=registry,
        seen_revision=revision,
        draft=draft,
        groups=[(registry.categories.get(key), held) for key, held in groups.items()],
        shown=shown,
        count=len(matters),
        first=first,
        size=size,
        column=column,
        columns=COLUMNS,
        every=every,
        given={
            "q": asked_for, "category": category, "city": city, "show": show, "mode": mode, "all": given.get("all"),
        },
        gaps=_first_gaps(table, registry),
        totals=counted(registry.matters),
        confidence=CONFIDENCE,
        divisions=sum(len(region.divisions) for region in registry.regions.values()),
        address=address,
    )  # fmt: skip


def _first_gaps(table: Coverage, registry: Registry, most: int = 5) -> tuple[list[tuple[Matter, Region, int]], int]:
    """The first cells without an office with how many divisions lack one, and how many such cells there are."""
    first: list[tuple[Matter, Region, int]] = []
    count = 0
    for matter, region, missing in table.gaps(registry.matters.values()):
        count += 1
        if len(first) < most:
            first.append((matter, region, len(missing)))
    return first, count


def _meets(table: Coverage, matter: Matter, regions: list[Region], show: str) -> bool:
    if show in ("assumed", "unknown"):
        return any(True for _ in unverified([matter], (Confidence(show),)))
    cells = [table.cell(matter, region) for region in regions]
    if show == "gap":
        return any(cell.missing for cell in cells)
    return any(not cell.offered for cell in cells) if show == "closed" else any(cell.own for cell in cells)


def _row(table: Coverage, matter: Matter, regions: list[Region]) -> Row:
    doubtful = sum(1 for _ in unverified([matter]))
    return Row(matter, tuple(table.cell(matter, region) for region in regions), doubtful)


@page("GET", "/admin/unverified", ENTERS)
async def work_list(request: AnyRequest) -> Answer:
    """The facts that are assumed or unknown, one a line, to be worked off."""
    given = asked(request)
    registry = edge_of(request).house.in_force().registry
    wanted = (Confidence(given["basis"]),) if given.get("basis") in set(UNVERIFIED) else UNVERIFIED
    category = given.get("category") if given.get("category") in registry.categories else None
    fact = given.get("fact", "")[:60]
    matters = [m for m in registry.matters.values() if category is None or m.category == category]
    named, regions = {matter.id for matter in matters}, registry.regions.values()
    every = [*unverified(matters, wanted), *unverified_of_cities(regions, named, wanted)]
    found = [one for one in every if not fact or _kind(one) == fact]
    first = number_of(given, "from") // FACTS * FACTS
    if first >= len(found):
        first = 0
    kept = {key: given[key] for key in ("basis", "category", "fact") if given.get(key)}
    drafts = await edge_of(request).read(lambda work: work.drafts.list(OPEN, 1))
    edits = visitor_of(request).actor.has(Role.REGISTRY_EDITOR)
    return admin_page(
        request,
        "admin_unverified.html",
        draft=drafts[0] if drafts and edits else None,
        rows=[
            (registry.matters[one.matter], one, field_name(one.path.partition("[")[0]))
            for one in found[first : first + FACTS]
        ],
        count=len(found),
        first=first,
        size=FACTS,
        given={"basis": given.get("basis"), "category": category, "fact": fact},
        kinds={
            _kind(one): field_name(_kind(one)) for one in (*unverified(matters), *unverified_of_cities(regions, named))
        },
        totals=counted(registry.matters),
        confidence=CONFIDENCE,
        address=lambda **changed: "/admin/unverified?" + urlencode({**kept, **changed}),
    )


def _kind(fact: Fact) -> str:
    return "overlays" if fact.region else fact.path.partition("[")[0]


ROUTES = (coverage, work_list)
