"""The registrar's own system of record 业务办理系统: the number a case has there, and its result brought back here.

A registration is decided in the province's system. What is decided there is recorded here, not decided twice: the act
says which number it has, on which day it was decided and which paper shows it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from catalogue.domain import clocks
from catalogue.domain.acts.base import Acts, Body, Circumstances, Draft, home_calendar
from catalogue.domain.acts.decision import may_grant
from catalogue.domain.acts.home import accept
from catalogue.domain.acts.way_back import superiors
from catalogue.domain.case import Case
from catalogue.domain.people import Actor
from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.text import Text


def _record_external(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    sealed = {key: body[key] for key in ("system", "note") if key in body}
    return (Draft("external_recorded", {"external_number": body["number"]}, sealed),)


def _numbered(case: Case, body: Body) -> tuple[Draft, ...]:
    """The number the case has there, where the result is the first to name it: a fact among the offices, and so an
    event of its own, which the applicant's history does not open."""
    number = body.get("external_number")
    return () if number in (None, case.external_number) else (Draft("external_recorded", {"external_number": number}),)


def _attach_result(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    day = date.fromisoformat(body["decided_on"])
    if not case.received_on <= day <= given.today:
        raise InvalidInput(
            errors=(
                Fault(
                    "decided_on",
                    "day-out-of-range",
                    Text("决定日期应在收件之后、今天之前", "The decision lies between receipt and today"),
                ),
            )
        )
    granted = body["outcome"] == "granted"
    if granted:
        may_grant(case)
    accepted = () if case.accepted_on else accept(case, {}, actor, given)
    clear: dict[str, Any] = {
        "outcome": body["outcome"],
        "decided_on": day.isoformat(),
        "clocks": clocks.at_decision(home_calendar(given), case, day),
    }
    if body.get("file"):
        clear["file"] = body["file"]
    makes = granted and bool(given.matter.certificates)
    clear["state"] = ("decided_grant" if makes else "cert_ready") if granted else "decided_refuse"
    told = Draft("result_attached", clear, {key: body[key] for key in ("note",) if key in body})
    drafts = (*accepted, *_numbered(case, body), told)
    if not makes or not body.get("number"):
        return drafts
    made = {
        "state": "cert_ready",
        "certificate": given.certificate_id(),
        "number": body["number"],
        "copies": [],
        "replaces": case.certificate_id,
        "recorded": True,
        **superiors(case, given),
    }
    return (*drafts, Draft("certificate_made", made))


ACTS: Acts = {"record-external": _record_external, "attach-result": _attach_result}
