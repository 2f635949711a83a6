"""The routing card 办理去向 beside the form: who decides, by when, on which papers and why."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from msgspec import field

from catalogue.domain.divisions import areas, known_place
from catalogue.domain.people import Actor
from catalogue.domain.problems import MissingParticulars, Problem
from catalogue.domain.registry.model import Material, Matter, PlaceRule, Region, Registry
from catalogue.domain.registry.revision import Revision
from catalogue.domain.routing import Answer, Outside, Route, Unroutable
from catalogue.domain.text import Language, Text
from catalogue.domain.value import Value
from catalogue.service.house import House
from catalogue.web.pages.line import line_svg, place_name, plan, told
from catalogue.web.workbench.intake_form import Filled, code_in, place_of

WHOSE = {
    PlaceRule.PREMISES: Text("经营场所所在地", "place of business"),
    PlaceRule.SEAT: Text("住所所在地", "seat"),
    PlaceRule.BRANCH: Text("分支机构所在地", "place of the branch"),
    PlaceRule.NEW_SEAT: Text("迁入地", "new seat"),
    PlaceRule.ISSUER: Text("原发证机关所在地", "place of the authority that issued the certificate"),
    PlaceRule.RESIDENCE: Text("申请人住所", "residence of the applicant"),
}
"""Whose place counts, as the clerk is asked for it."""

OFFERED = 8


class Card(Value, frozen=True):
    """``kind``: empty (something is still to be said), route, outside, unroutable, wrong."""

    kind: str
    answer: Answer | None = None
    problem: Problem | None = None
    picture: Markup = field(default=Markup(""))
    told: str = ""
    region: Region | None = None
    home: Region | None = None
    notice: str = ""
    """Outside scope: the query of the address that prints the notice."""

    @property
    def route(self) -> Route | None:
        return self.answer if isinstance(self.answer, Route) else None


def card_of(house: House, revision: Revision, actor: Actor, filled: Filled, today: date, tongue: Language) -> Card:
    """The answer to what has been filled in so far."""
    place = place_of(filled)
    if filled("matter") not in revision.registry.matters or not place:
        return Card("empty")
    particulars = {key: value for key, value in filled.named("particulars.").items() if value}
    try:
        answer = house.cards.card(revision, filled("matter"), place, particulars, today).answer
    except MissingParticulars as problem:
        return Card("empty", problem=problem)
    except Problem as problem:
        return Card("wrong", problem=problem)
    if isinstance(answer, Outside):
        asked = {"matter": filled("matter"), "place": place, **particulars}
        return Card("outside", answer, notice=urlencode(asked))
    if isinstance(answer, Unroutable):
        return Card("unroutable", answer)
    registry = revision.registry
    here = registry.offices.get(actor.office)
    trip = plan(actor.region, answer.region, place_name(registry, here) if here else None,
                place_name(registry, answer.office))  # fmt: skip
    return Card(
        "route", answer, None, line_svg(registry, trip, tongue, "plan"), told(registry, trip, tongue),
        registry.regions[actor.region], registry.regions[answer.region],
    )  # fmt: skip


def named_place(registry: Registry, place: str, tongue: Language) -> str:
    """A place with its code, as the form shows it."""
    code = place.partition("/")[0]
    for area in areas(registry, place):
        if area.place == place:
            return f"{area.name.in_language(tongue)} {place}"
    return f"{known_place(code) or ''} {place}".strip()


class Hit(Value, frozen=True):
    """One line of a list to choose from."""

    value: str
    name: Text
    about: Text


def find_place(registry: Registry, filled: Filled, tongue: Language) -> tuple[Hit, ...]:
    """Settle the place that was typed, or say which could be meant."""
    asked = filled("place_q")
    held = filled("place")
    if held and (not asked or asked == named_place(registry, held, tongue)):
        filled.set("place_q", named_place(registry, held, tongue))
        return ()
    filled.set("place", "")
    if not asked:
        return ()
    found = areas(registry, asked, OFFERED)
    code = code_in(asked)
    exact = [area for area in found if asked in (area.name.zh, area.name.en, area.place)]
    chosen = exact[0].place if exact else found[0].place if len(found) == 1 else None
    if chosen is None and code is not None:
        chosen = code
    if chosen is not None:
        filled.set("place", chosen)
        filled.set("place_q", named_place(registry, chosen, tongue))
        return ()
    return tuple(
        Hit(area.place, area.name, Text(f"{registry.regions[area.region].name.zh}·{area.place}",
                                        f"{registry.regions[area.region].name.en}, {area.place}"))
        for area in found
    )  # fmt: skip


class PaperRow(Value, frozen=True):
    """One paper of the list. ``why``: required, conditional, needed (its condition holds)."""

    material: Material
    why: str


def paper_rows(matter: Matter | None, card: Card) -> tuple[tuple[PaperRow, ...], tuple[Material, ...]]:
    """The papers to ask for, and those that do not apply."""
    if matter is None:
        return (), ()
    route = card.route
    if route is None:
        return tuple(
            PaperRow(m, "required" if m.required and not m.when else "conditional") for m in matter.materials
        ), ()
    asked = {material.id for material in route.materials}
    rows = tuple(
        PaperRow(m, "conditional" if m.id in route.conditional else "required" if m.required else "needed")
        for m in route.materials
    )
    return rows, tuple(material for material in matter.materials if material.id not in asked)


def missing_choices(card: Card) -> list[dict[str, Any]]:
    """What routing still asks for: ``{key, label, choices}``."""
    return list(card.problem.extra.get("missing", ())) if card.problem is not None else []
