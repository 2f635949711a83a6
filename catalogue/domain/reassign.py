"""Cases that change their office without the window's doing: after a change of rules, or because an office was closed.

``reassigned`` keeps what stood before, so that it can be taken back as long as the new office has not acted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from catalogue.domain import clocks
from catalogue.domain.acts.base import Draft, limit_facts, route_facts
from catalogue.domain.calendar import Calendar
from catalogue.domain.case import Case, Event
from catalogue.domain.people import SYSTEM
from catalogue.domain.registry.model import Office, Registry
from catalogue.domain.routecard import Route

WAITING = frozenset({"received", "unroutable", "bounced", "forwarded"})
"""States in which no deciding office has received the case."""
_KEPT = ("notice_from", "notice_by", "clock_from", "promised_by", "statutory_by", "provisional")


def standing(case: Case) -> dict[str, Any]:
    """What a reassignment changes of a case, as it stands."""
    clock = {name: getattr(case, name) for name in _KEPT}
    return {
        "state": case.state,
        "revision": case.revision,
        "route": {
            "region": case.home_region,
            "office": case.home_office,
            "handler": case.handler,
            "calendar": case.calendar,
            "level": case.level,
            "acceptance": case.acceptance,
            "mode": case.mode,
        },
        "accepting": case.accepting_office,
        "delivery": case.delivery_office,
        "limits": limit_facts(case.limits),
        "clocks": {
            name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in clock.items()
        },
    }  # fmt: skip


def by_new_rules(case: Case, found: Route, revision: int, calendar: Calendar, move: str, *, waits: bool) -> Draft:
    """To the office of the rules in force. ``waits``: back in the window's queue, to be forwarded from there."""
    state = "forwarded" if case.state == "forwarded" and not waits else "received"
    return Draft(
        "reassigned",
        {
            "state": state,
            "revision": revision,
            "route": route_facts(found),
            "limits": limit_facts(found.limits),
            "clocks": clocks.at_receipt(calendar, case.procedure, found.limits, case.received_on),
            "move": move,
            "before": standing(case),
        },
    )


def to_successors(case: Case, registry: Registry, revision: int) -> tuple[Draft, ...]:
    """To the offices that succeed closed ones, on each side of the case; limits and clocks go on as they were."""
    home = successor(registry, case.home_office)
    accepting = successor(registry, case.accepting_office)
    delivery = successor(registry, case.delivery_office)
    if home is None and accepting is None and delivery is None:
        return ()
    before = standing(case)
    clear: dict[str, Any] = {"succession": revision, "before": before}
    if home is not None:
        region = registry.regions[home.region]
        clear["route"] = {
            **before["route"], "office": home.id, "region": home.region, "handler": region.handler,
            "level": home.level.value,
        }  # fmt: skip
    if accepting is not None:
        clear["accepting"] = accepting.id
    if delivery is not None:
        clear["delivery"] = delivery.id
    return (Draft("reassigned", clear),)


def successor(registry: Registry, office: str | None) -> Office | None:
    """The office that answers now in place of a closed one; None where it is open."""
    found = registry.offices.get(office or "")
    seen = set()
    while found is not None and found.successor is not None and found.id not in seen:
        seen.add(found.id)
        found = registry.offices.get(found.successor)
    return None if found is None or found.id == office else found


def is_untouched(case: Case, made: Event, later: Iterable[Event]) -> bool:
    """Whether no office that the case was moved to has acted since, and it waits, or runs, as the move left it.

    What the system records in an office's name, such as a warning, is no act of that office.
    """
    return why_it_stays(case, made, later) is None


def why_it_stays(case: Case, made: Event, later: Iterable[Event]) -> str | None:
    """Why a move can no longer be taken back: ``moved-again``, ``office-acted`` or ``went-on``; None while it can."""
    clear, later = made.clear, tuple(later)
    receivers = {office for _, _, office in sides(made)} - {None}
    if any(event.type == "reassigned" for event in later):
        return "moved-again"
    if any(event.actor != SYSTEM and event.office in receivers for event in later):
        return "office-acted"
    stands = case.state == clear["before"]["state"] if "succession" in clear else case.state in WAITING
    return None if stands else "went-on"


def sides(made: Event) -> tuple[tuple[str, str | None, str | None], ...]:
    """What a reassignment moved, each side by itself: (home, accepting or delivery, from, to)."""
    before, clear = made.clear["before"], made.clear
    found = (
        ("home", before["route"]["office"], clear.get("route", before["route"])["office"]),
        ("accepting", before["accepting"], clear.get("accepting", before["accepting"])),
        ("delivery", before["delivery"], clear.get("delivery", before["delivery"])),
    )
    return tuple(side for side in found if side[1] != side[2])


def returns_to(made: Event) -> frozenset[str]:
    """The offices that would have the case again."""
    before = made.clear["before"]
    sides = {"route": before["route"]["office"], "accepting": before["accepting"], "delivery": before["delivery"]}
    return frozenset(office for side, office in sides.items() if side in made.clear and office is not None)


def taken_back(made: Event, move: str) -> Draft:
    """What that move changed of the case, as it stood before; what was changed since, such as a date, stays."""
    before = {name: value for name, value in made.clear["before"].items() if name in made.clear}
    return Draft("reassigned", {**before, "undoes": move})
