"""Exits of a certificate, each a different act under its own name; and what follows the hand-over.

撤销 annulment undoes a grant that should not have been made (行政许可法 §69); 撤回 withdraws one that was right, for
the public interest (§8(2)); 注销 cancels what has ended anyway (§70). 吊销 and 暂扣 are penalties that another
procedure decides; here they are recorded and nothing more.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from catalogue.domain.acts.annulment import may_annul, organ
from catalogue.domain.acts.base import Acts, Body, Circumstances, Draft, closing, rule
from catalogue.domain.case import Case
from catalogue.domain.people import Actor
from catalogue.domain.vocabulary import canonical

UNDELIVERED = frozenset({"cert_ready", "mail_returned", "mail_lost"})
"""States in which the certificate is still with the office: once it is void, nothing of it is handed over."""


def _exit(
    event: str, status: str, cause: str, grounds: str | None, case: Case, body: Body, given: Circumstances
) -> Draft:
    clear: dict[str, Any] = {
        "certificate": case.certificate_id,
        "status": status,
        "cause": cause,
        "on": given.today.isoformat(),
    }
    if grounds is not None:
        clear["ground"] = canonical(grounds, body["ground"]) or "other"
    if case.state in UNDELIVERED:
        clear.update({"state": "closed", **closing(given)})
    return Draft(event, clear, dict(body))


def _annul(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    may_annul(case, actor, given)
    draft = _exit("annulled", "revoked", "annulled", "annulment_grounds", case, body, given)
    return (replace(draft, clear={**draft.clear, **organ(case, actor)}),)


def _withdraw_permit(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (_exit("permit_withdrawn", "revoked", "withdrawn", "withdrawal_grounds", case, body, given),)


def _cancel(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (_exit("certificate_cancelled", "cancelled", "cancelled", "cancellation_grounds", case, body, given),)


_PENALTIES = {"revocation": "revoked", "suspension": "suspended", "suspension_ended": "valid"}


def _record_penalty(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    kind = body["kind"]
    if kind == "suspension_ended" and case.certificate_status != "suspended":
        raise rule("证照没有被暂扣", "The certificate is not suspended", "not-suspended")
    clear: dict[str, Any] = {
        "certificate": case.certificate_id,
        "status": _PENALTIES[kind],
        "cause": kind,
        "on": body.get("decided_on") or given.today.isoformat(),
    }
    if body.get("until"):
        clear["until"] = body["until"]
    if kind == "revocation" and case.state in UNDELIVERED:
        clear.update({"state": "closed", **closing(given)})
    return (Draft("penalty_recorded", clear, dict(body)),)


def _change_delivery(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    window = body.get("window")
    if body["method"] == "window":
        window = window or case.accepting_office
        if window not in given.registry.offices:
            raise rule("没有这个窗口", "No such window", "unknown-window")
    elif body["method"] == "post" and not body.get("address"):
        raise rule("邮寄须写明地址", "Post needs an address", "post-address")
    clear = {"method": body["method"], "window": window if body["method"] == "window" else None}
    return (Draft("delivery_changed", clear, {key: body[key] for key in ("address", "reason") if body.get(key)}),)


def _serve(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    clear: dict[str, Any] = {"document_id": body["document"], "method": body["method"]}
    clear["on"] = body.get("on") or given.today.isoformat()
    for key in ("relation", "document_type"):
        if body.get(key):
            clear[key] = body[key]
    return (Draft("served", clear, dict(body)),)


def _archive(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    clear = {"state": "archived", **{key: body[key] for key in ("package", "retention") if body.get(key)}}
    return (Draft("archived", clear, {"note": body["note"]} if body.get("note") else {}),)


ACTS: Acts = {
    "annul": _annul,
    "withdraw-permit": _withdraw_permit,
    "cancel": _cancel,
    "record-penalty": _record_penalty,
    "change-delivery": _change_delivery,
    "serve": _serve,
    "archive": _archive,
}
