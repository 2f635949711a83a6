"""What several windows need of one another's cases: who holds a file, which cases were misrouted, numbers elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from catalogue.domain.case import Case, Event
from catalogue.domain.days import local_day
from catalogue.domain.dossier import dossier_of
from catalogue.domain.people import HOME_ROLES, Actor, sight
from catalogue.domain.problems import Problem
from catalogue.domain.routing import Route, route
from catalogue.service.house import House
from catalogue.service.ports import Misroute, Work


def file_holder(work: Work, house: House, case: Case) -> str:
    """The registrar of the division an entity moves from, as the application names it; empty where it does not."""
    form = dossier_of(work.cases.events(case.reference, unseal=True)).get("form", {})
    place = str(form.get("old_division") or "")
    today = local_day(house.clock.now())
    try:
        found = route(house.in_force(), house.handlers, case.matter, place, case.particulars, today)
    except Problem:
        return ""
    return found.office.id if isinstance(found, Route) else ""


def files_asked(work: Work, actor: Actor) -> Sequence[Case]:
    """The files this office has been asked to hand over and has not sent, the oldest request first."""
    if actor.roles.isdisjoint(HOME_ROLES):
        return ()
    found = (work.cases.load(reference, sight(actor)) for reference in work.passing.asked_of(actor.office))
    unsent = [
        (case.transfer.requested_on, case.reference, case)
        for case in found
        if case is not None and case.transfer is not None and case.transfer.sent_on is None
    ]
    return [case for _, _, case in sorted(unsent, key=lambda one: one[:2])]


def count_passing(work: Work, case: Case, events: Sequence[Event]) -> None:
    """What is looked up across cases: refusals for the rates, numbers in the registrars' own systems."""
    for event in events:
        if event.type == "bounced":
            work.passing.misrouted(
                Misroute(
                    case.reference,
                    event.seq,
                    case.matter,
                    case.place,
                    event.office,
                    event.clear["code"],
                    event.sealed.get("suggestion", {}).get("office"),
                    local_day(event.at),
                )
            )
        if event.clear.get("external_number"):
            work.passing.external(event.clear["external_number"], case.reference)
