"""In and out 导入导出: the registry as file, spreadsheets and linked data; uploads land as drafts."""

from __future__ import annotations

import asyncio
from typing import Any

from catalogue.domain.problems import BodyTooLarge, InvalidInput, InvalidRegistry, NotFound, Problem, RuleForbids
from catalogue.domain.registry.elements import as_table
from catalogue.domain.registry.export import as_jsonld
from catalogue.domain.registry.table import COLUMNS, TITLES
from catalogue.service.drafting import upload
from catalogue.service.ports import Draft, Work
from catalogue.service.spreadsheet import csv_text, import_tables, xlsx
from catalogue.service.standing import base
from catalogue.web.access import upload_of, visitor_of
from catalogue.web.admin.revisions import file_answer
from catalogue.web.admin.shell import EDITS, ENTERS, admin_page
from catalogue.web.answer import Answer, encode, see_other
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.pages.render import switch_address

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page("GET", "/admin/exchange", ENTERS)
async def exchange(request: AnyRequest) -> Answer:
    """What can be downloaded, and the form to upload."""
    return _page(request, {}, None)


def _page(request: AnyRequest, typed: dict[str, str], problem: Problem | None) -> Answer:
    return admin_page(
        request, "admin_exchange.html", 200 if problem is None else problem.status, typed=typed, problem=problem,
        tables=TITLES,
        number=edge_of(request).house.in_force().number, **switch_address(request, "/admin/exchange"),
    )  # fmt: skip


@page("POST", "/admin/exchange", EDITS)
async def import_file(request: AnyRequest) -> Answer:
    """A file as a draft: ``matters.yaml``, or one of the spreadsheets."""
    edge, actor = edge_of(request), visitor_of(request).actor
    typed: dict[str, str] = {}
    try:
        given = await upload_of(request)
        typed = given.fields
        title, reason = typed.get("title", "") or given.name[:80], typed.get("reason")

        def act(work: Work) -> Draft:
            if given.name.lower().endswith((".yaml", ".yml")):
                return upload(work, edge.house, actor, given.content, title, reason)
            return import_tables(work, edge.house, actor, given.content, given.name, title, reason)

        draft = await edge.write(act)
    except (InvalidInput, InvalidRegistry, RuleForbids, BodyTooLarge) as problem:
        return _page(request, typed, problem)
    return see_other(f"/admin/drafts/{draft.id}")


@page("GET", "/admin/exchange/{name:str}", ENTERS)
async def export_file(request: AnyRequest) -> Answer:
    """The registry in force in one of its forms."""
    edge, name = edge_of(request), str(request.path_params["name"])
    revision = edge.house.in_force()
    held = await edge.read(lambda work: base(work, edge.house, revision.number))
    stem = f"registry-{revision.number}"

    def build() -> tuple[bytes, str, str] | None:
        table: dict[str, Any] = {
            "registry.xlsx": lambda: (xlsx(held.pieces), SHEET, f"{stem}.xlsx"),
            "elements.csv": lambda: (as_table(held.registry).encode(), "text/csv", f"{stem}-elements.csv"),
            "registry.jsonld": lambda: (encode(as_jsonld(held.registry)), "application/ld+json", f"{stem}.jsonld"),
        }
        sheet = name.removesuffix(".csv")
        if name.endswith(".csv") and sheet in COLUMNS:
            return csv_text(held.pieces, sheet).encode(), "text/csv", f"{stem}-{name}"
        return table[name]() if name in table else None

    found = await asyncio.to_thread(build)
    if found is None:
        raise NotFound
    return file_answer(*found)


ROUTES = (exchange, import_file, export_file)
