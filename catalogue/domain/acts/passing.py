"""What passes between the two windows 材料流转: paper originals with a courier, and words 办件沟通.

Each sending is a slip 材料交接单: which papers, by whom, with which number; on arrival every paper is ticked, received
or missing. The words are seen by both sides and never by the applicant.
"""

from __future__ import annotations

from typing import Any

from catalogue.domain.acts.base import Acts, Body, Circumstances, Draft, rule
from catalogue.domain.case import Case, Slip
from catalogue.domain.people import Actor
from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.text import Text


def side_of(case: Case, actor: Actor) -> str:
    """On which side of the way the actor's office stands."""
    return "home" if actor.office == case.home_office and actor.office != case.accepting_office else "accepting"


def waiting_slip(case: Case, actor: Actor) -> Slip | None:
    """The oldest slip on its way to the actor's side."""
    side = side_of(case, actor)
    return next((slip for slip in case.slips if slip.arrived_on is None and slip.sender != side), None)


def _known(papers: list[str], given: Circumstances, path: str) -> None:
    known = {material.id for material in given.matter.materials} | {"result", "other"}
    faults = tuple(
        Fault(f"{path}.{n}", "unknown-paper", Text("没有这份材料", "No such paper of this matter"))
        for n, paper in enumerate(papers)
        if paper not in known
    )
    if faults:
        raise InvalidInput(errors=faults)


def _send_papers(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    side = side_of(case, actor)
    if any(slip.sender == side and slip.arrived_on is None for slip in case.slips):
        raise rule("上一份交接单尚未签收", "The last slip has not been received yet", "slip-under-way")
    papers = list(dict.fromkeys(body["papers"]))
    _known(papers, given, "papers")
    days = given.legs.to_home_days if side == "accepting" else given.legs.back_days
    due = None
    if days is not None and given.calendar is not None:
        due = given.calendar.add(given.today, days).date.isoformat()
    clear = {"sender": side, "papers": papers, "sent_on": given.today.isoformat(), "due_on": due}
    return (Draft("papers_sent", clear, {key: body[key] for key in ("carrier", "tracking", "note") if key in body}),)


def _receive_papers(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    slip = waiting_slip(case, actor)
    received, missing = (list(dict.fromkeys(body.get(key, ()))) for key in ("received", "missing"))
    if slip is None:
        # Originals came without a slip: what is there is ticked all the same.
        _known([*received, *missing], given, "received")
        ticked = set(received) | set(missing)
    else:
        ticked = set(slip.papers)
    unsaid = ticked - set(received) - set(missing)
    strange = (set(received) | set(missing)) - ticked
    both = set(received) & set(missing)
    if unsaid or strange or both or not ticked:
        at_fault = sorted(unsaid | strange | both)
        raise InvalidInput(
            errors=(
                Fault(
                    "received",
                    "tick-every-paper",
                    Text(
                        f"交接单上每份材料须勾选收到或缺少，且只选一项：{'、'.join(at_fault)}",
                        f"Tick every paper of the slip as received or missing, and not as both: {', '.join(at_fault)}",
                    ),
                ),
            )
        )
    clear: dict[str, Any] = {
        "sender": "home" if side_of(case, actor) == "accepting" else "accepting",
        "slip": None if slip is None else case.slips.index(slip),
        "received": received,
        "missing": missing,
        "arrived_on": given.today.isoformat(),
    }
    return (Draft("papers_received", clear, {key: body[key] for key in ("note",) if key in body}),)


def _message(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("message_sent", {"side": side_of(case, actor)}, {"text": body["text"]}),)


ACTS: Acts = {"send-papers": _send_papers, "receive-papers": _receive_papers, "message": _message}
