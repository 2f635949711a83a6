"""What every act works with: drafts of events, the circumstances, and the small parts acts share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import field

from catalogue.domain.calendar import Calendar
from catalogue.domain.case import Case
from catalogue.domain.clocks import CLAIM_DAYS
from catalogue.domain.days import local_day
from catalogue.domain.people import Account, Actor
from catalogue.domain.problems import Fault, InvalidInput, RuleForbids
from catalogue.domain.registry.model import NO_LEGS, Legs, Limits, Matter, Registry
from catalogue.domain.routing import Outside, Route, Unroutable
from catalogue.domain.text import Text
from catalogue.domain.value import Value

Body = Mapping[str, Any]


class Draft(Value, frozen=True):
    """An event before it has a number, a time and an actor."""

    type: str
    clear: Mapping[str, Any] = field(default_factory=dict)
    sealed: Mapping[str, Any] = field(default_factory=dict)


class Circumstances(Value, frozen=True):
    """What an act needs to know beside the case: the rules it was received under, and who is who."""

    now: datetime
    registry: Registry
    """The revision the case pins."""
    matter: Matter
    calendar: Calendar | None
    """Of the home region; None only for an unroutable case."""
    calendars: Mapping[str, Calendar]
    """Every calendar in force, for a new route into another region."""
    reroute: Callable[[str, Mapping[str, str], str | None], tuple[int, Route | Outside | Unroutable]]
    """(place, particulars, office chosen by hand) -> revision in force and where it leads."""
    colleague: Callable[[str], Account | None]
    """An account of the actor's office by id or user name."""
    certificate_id: Callable[[], str]
    legs: Legs = NO_LEGS
    """Limits of the ways between the windows, of the home region."""
    claim_days: int = CLAIM_DAYS
    """Days after lost post was reported by which the claim on the carrier should be settled."""
    record: Callable[[str, str], str] = lambda region, matter: "here"
    """(region, matter) -> its system of record: here or external."""

    @property
    def today(self) -> date:
        return local_day(self.now)


Acts = Mapping[str, Callable[[Case, Body, Actor, Circumstances], tuple[Draft, ...]]]
"""Command -> the act it is."""


def rule(zh: str, en: str, rule: str) -> RuleForbids:
    return RuleForbids(Text(zh, en), extra={"rule": rule})


def home_calendar(given: Circumstances) -> Calendar:
    if given.calendar is None:
        raise rule("尚未确定办理机关", "No deciding office is known yet", "no-home-office")
    return given.calendar


def reason(body: Body) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value is not None}


def closing(given: Circumstances) -> dict[str, Any]:
    return {"clocks": {"closed_on": given.today.isoformat()}}


def limit_facts(limits: Limits) -> dict[str, Any]:
    """Limits as an event keeps them, so that a case explains itself without the registry."""
    return {
        "notice_days": limits.notice_days,
        "statutory_days": limits.statutory_days,
        "promised_days": limits.promised_days,
        "extension_days": limits.extension_days,
        "deliver_days": limits.deliver_days,
    }


def route_facts(found: Route, record: str = "here") -> dict[str, Any]:
    """What an event keeps of a route: enough to explain the decision later, nothing personal.

    ``record``: the system of record, here or external.
    """
    return {
        "region": found.region,
        "office": found.office.id,
        "handler": found.handler,
        "handler_version": found.handler_version,
        "level": found.level.value,
        "acceptance": found.acceptance.value,
        "mode": found.mode.value,
        "calendar": found.calendar,
        "assumed": list(found.assumed),
        "record": record,
    }


def named_materials(items: Sequence[Mapping[str, Any]], case: Case, given: Circumstances) -> list[str]:
    """The papers that items name, each one the case may hold. Raises InvalidInput at the item that names another."""
    known = given.registry.papers(case.matter, case.home_region)
    faults = tuple(
        Fault(
            f"items.{index}.material",
            "unknown-material",
            Text("该事项没有这份材料，请从材料清单中选择", "The matter has no such paper; pick one of its list"),
        )
        for index, item in enumerate(items)
        if item.get("material") and item["material"] not in known
    )
    if faults:
        raise InvalidInput(errors=faults)
    return [item["material"] for item in items if item.get("material")]
