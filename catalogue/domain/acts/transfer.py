"""Relocation 多地联办: the old registrar hands over the file 档案移交; the new one decides.

The transfer is a task of the old registrar with a limit and an account of time of its own. It is no consent: it can be
late, it cannot refuse, and a decision does not wait for its leave. Source: 市场主体登记管理条例 §27.
"""

from __future__ import annotations

from typing import Any

from catalogue.domain.acts.base import Acts, Body, Circumstances, Draft, rule
from catalogue.domain.case import Case
from catalogue.domain.people import Actor
from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.text import Text


def _request_file(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    office = given.registry.offices.get(body.get("office", ""))
    if office is None:
        raise InvalidInput(
            errors=(
                Fault(
                    "office",
                    "unknown-office",
                    Text("请写明档案所在的登记机关", "Name the registrar that holds the file"),
                ),
            )
        )
    if office.id == case.home_office:
        raise rule("档案已在本机关", "The file is at this registrar already", "file-is-here")
    calendar = given.calendars.get(given.registry.regions[office.region].calendar)
    days = given.registry.regions[office.region].legs.file_days
    due = calendar.add(given.today, days).date.isoformat() if days is not None and calendar is not None else None
    clear = {
        "partner_region": office.region,
        "partner_office": office.id,
        "requested_on": given.today.isoformat(),
        "due_on": due,
    }
    return (Draft("file_requested", clear, {key: body[key] for key in ("note",) if key in body}),)


def _send_file(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    clear: dict[str, Any] = {"sent_on": given.today.isoformat(), "electronic": bool(body.get("electronic", False))}
    sealed = {key: body[key] for key in ("carrier", "tracking", "pages", "note") if key in body}
    return (Draft("file_sent", clear, sealed),)


def _receive_file(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    clear = {"received_on": given.today.isoformat(), "complete": bool(body.get("complete", True))}
    return (Draft("file_received", clear, {key: body[key] for key in ("note",) if key in body}),)


ACTS: Acts = {"request-file": _request_file, "send-file": _send_file, "receive-file": _receive_file}
