"""The public status page. The query code comes by form and never stands in an address."""

from __future__ import annotations

from typing import Any

from catalogue.domain.problems import Problem
from catalogue.domain.registry.model import Registry
from catalogue.domain.text import Text
from catalogue.web.access import PUBLIC, form_of
from catalogue.web.answer import Answer, see_other
from catalogue.web.api.public import public_status
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.headers import query
from catalogue.web.pages.line import Journey, journey, line_svg, told
from catalogue.web.pages.render import Words, caller, language_of, page_answer


@page("GET", "/status", PUBLIC)
async def status_page(request: AnyRequest) -> Answer:
    """The form; a number in the address fills it in, a code in the address is dropped from it."""
    await caller(request)
    parameters = query(request.scope)
    reference = "".join(c for c in parameters.get("reference", "")[:40] if c.isalnum() or c in " -")
    if "code" in parameters:
        plain = "".join(c for c in reference if c.isascii() and c.isdigit())
        return see_other(f"/status?reference={plain}")
    return page_answer(request, "status.html", reference=reference, problem=None)


@page("POST", "/status", PUBLIC)
async def status_form(request: AnyRequest) -> Answer:
    """The status of a case, or the form again with what was wrong."""
    await caller(request)
    edge = edge_of(request)
    form = await form_of(request)
    reference = (form.get("reference") or [""])[0][:64]
    code = (form.get("code") or [""])[0][:64]
    try:
        status = await public_status(edge, reference, code, edge.addresses.client(request.scope))
    except Problem as problem:
        if problem.status >= 500:
            raise
        wait = problem.extra.get("retry_after")
        headers = () if wait is None else ((b"retry-after", str(wait).encode()),)
        return page_answer(request, "status.html", problem.status, headers, reference=reference, problem=problem)
    registry = edge.house.in_force().registry
    tongue = language_of(request)
    trip = trip_of(registry, status)
    return page_answer(
        request,
        "case_status.html",
        status=status,
        code=code,
        picture=line_svg(registry, trip, tongue, "status"),
        told=told(registry, trip, tongue),
        counted=counted(registry, status, Words(tongue)),
    )


def trip_of(registry: Registry, status: dict[str, Any]) -> Journey:
    """The journey of a case as its public status tells it."""
    accepting, home = status["accepting"], status["home"]
    return journey(
        status["state"],
        accepting["region"] if accepting else next(iter(registry.regions)),
        home["region"] if home else None,
        stopped=bool(status["expected"].get("stopped")),
        accepting_place=division_name(registry, accepting),
        home_place=division_name(registry, home),
    )


def division_name(registry: Registry, office: dict[str, Any] | None) -> Text | None:
    """The county an office stands for; None where it stands for its whole city."""
    known = registry.offices.get(office["id"]) if office else None
    if known is None or known.division not in registry.divisions:
        return None
    return registry.divisions[known.division][0].name


def counted(registry: Registry, status: dict[str, Any], words: Words) -> str:
    """How the expected day was reckoned."""
    home = status["home"]
    day = words.day(status["received_on"])
    if not status["expected"]["statutory_by"] and not status["expected"]["promised_by"]:
        return words("期限尚未开始计算，或清单未载明。", "No limit runs yet, or the registry knows none.")
    if home is None:
        return words(f"收件日 {day}。", f"Received on {day}.")
    city = words.of(registry.regions[home["region"]].name)
    return words(
        f"收件日 {day}。开始计算的当天不算，周末和节假日不算，按{city}的工作日历。",
        f"Received on {day}. The day a limit starts does not count, nor do weekends and holidays ({city}).",
    )


ROUTES = (status_page, status_form)
