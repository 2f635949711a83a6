"""Acts of the accepting window: it receives and sends on; deciding is not its business."""

from __future__ import annotations

from typing import Any

from catalogue.domain import clocks
from catalogue.domain.acts.base import (
    Acts,
    Body,
    Circumstances,
    Draft,
    closing,
    home_calendar,
    limit_facts,
    named_materials,
    reason,
    route_facts,
    rule,
)
from catalogue.domain.case import Case
from catalogue.domain.people import Actor
from catalogue.domain.routing import Outside, Route, Unroutable


def _forward(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("forwarded", {"state": "forwarded", "to": case.home_office}, reason(body)),)


def _recall(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("recalled", {"state": "received"}, reason(body)),)


def _return_at_window(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("returned_at_window", {"state": "returned_at_window", **closing(given)}, dict(body)),)


def _reroute(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    place = body.get("place") or case.place
    particulars = {**case.particulars, **body.get("particulars", {})}
    revision, found = given.reroute(place, particulars, body.get("office"))
    if isinstance(found, Outside):
        raise rule(
            f"不属通办范围：{found.reason.zh}请窗口退件并告知向{found.authority.zh}申请",
            f"Outside the programme: {found.reason.en} Return the papers and refer to {found.authority.en}",
            "outside-scope",
        )
    clear: dict[str, Any] = {"place": place, "particulars": particulars, "revision": revision}
    if isinstance(found, Unroutable):
        return (
            Draft(
                "rerouted",
                {**clear, "state": "unroutable", "route": {}, "limits": limit_facts(case.limits)},
                {"reason": body["reason"], "explanation": found.reason.as_json()},
            ),
        )
    returns = found.office.id in case.refused_offices
    return (
        Draft(
            "rerouted",
            {
                **clear,
                "state": "received",
                "route": route_facts(found, given.record(found.region, case.matter)),
                "limits": limit_facts(found.limits),
                "returns_to_refuser": returns,
                "clocks": _receipt_clocks(found, case, given),
            },
            {"reason": body["reason"]},
        ),
    )


def _receipt_clocks(found: Route, case: Case, given: Circumstances) -> dict[str, Any]:
    """The clocks again under another home region's calendar, still from the day of receipt or of a correction supplied
    or, where the case counts as accepted already, from that day; an extension that was approved stays."""
    calendar = given.calendars[found.calendar]
    extended = case.extension == "granted"
    if case.procedure == "registration":
        return clocks.decision_clock(calendar, found.limits, case.received_on, extended=extended)
    if case.accepted_on is not None:
        return clocks.decision_clock(
            calendar, found.limits, case.accepted_on, extended=extended, stopped_days=case.stopped_days
        )
    return clocks.notice_clock(calendar, found.limits, case.notice_from or case.received_on)


def _supply_correction(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (
        Draft(
            "correction_supplied",
            {
                "state": "home_received",
                "materials": named_materials(body.get("items", []), case, given),
                "clocks": clocks.notice_clock(home_calendar(given), case.limits, given.today),
            },
            dict(body),
        ),
    )


ACTS: Acts = {
    "forward": _forward,
    "recall": _recall,
    "return-at-window": _return_at_window,
    "reroute": _reroute,
    "supply-correction": _supply_correction,
}
