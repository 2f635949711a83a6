"""The way back to the applicant: make, hand over, post."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from catalogue.domain import copies
from catalogue.domain.acts.base import (
    Acts,
    Body,
    Circumstances,
    Draft,
    closing,
    rule,
)
from catalogue.domain.case import Case
from catalogue.domain.people import Actor
from catalogue.domain.problems import Fault, InvalidInput, RuleForbids
from catalogue.domain.text import Text

MOST_SUPERIORS = 3
"""Province, city and county stand above a station; no chain of law is longer."""


def superiors(case: Case, given: Circumstances) -> dict[str, Any]:
    """The authorities above the issuing one, the nearest first, as the registry has them: each of them may annul what
    was granted, since the law says 上级行政机关 and not the next one above (XKF §69)."""
    chain: list[str] = []
    office = given.registry.offices.get(case.home_office or "")
    while office is not None and office.parent is not None and len(chain) < MOST_SUPERIORS:
        if office.parent in (case.home_office, *chain):
            break
        chain.append(office.parent)
        office = given.registry.offices.get(office.parent)
    return {"superiors": chain} if chain else {}


def _make_certificate(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    certificate = given.certificate_id()
    return (
        Draft(
            "certificate_made",
            {
                "state": "cert_ready",
                "certificate": certificate,
                # A certificate made again after it was lost keeps its number.
                "number": body.get("number") or case.certificate_number,
                "copies": [
                    {key: copy[key] for key in ("kind", "copy_no", "blank_no") if copy.get(key) is not None}
                    for copy in body.get("copies", [])
                ],
                "replaces": case.certificate_id,
                **superiors(case, given),
            },
        ),
    )


def _old_licences_in(case: Case, back: tuple[str, ...] = ()) -> None:
    """Old licences are handed in, or a lost one has its notice of voidance, before the new one leaves (DJXZ §23)."""
    missing = [one.id for one in copies.awaiting(case) if one.id not in back]
    if missing:
        raise RuleForbids(
            Text(
                f"原证照尚未交回：{'、'.join(missing)}。请收回，或者登记其作废声明后再发放",
                f"Old licences are not in yet: {', '.join(missing)}. Take them in, or record their notice of voidance",
            ),
            extra={"rule": "old-licences", "awaited": missing},
        )


def _none_printing(case: Case) -> None:
    if any(copy.status in ("printing", "jammed") for copy in copies.current(case)):
        raise rule(
            "有副本正在打印或卡纸，请先登记打印结果",
            "A copy is being printed or jammed: report the printer first",
            "print-pending",
        )


def _hand_over(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    back = tuple(copies.old_id(one["kind"], one.get("copy_no")) for one in body.get("old_licences", ()))
    _old_licences_in(case, back)
    _none_printing(case)
    clear: dict[str, Any] = {
        "state": "collected",
        "relation": body["relation"],
        "document_type": body["document_type"],
    }
    waiting = copies.with_the_office(case)
    wanted = body.get("handed") or ()
    unknown = [one for one in wanted if one not in {copy.id for copy in waiting}]
    if unknown:
        message = Text("没有这一本，或者已经发放", "No such copy, or it was handed over already")
        raise InvalidInput(errors=(Fault("handed", "unknown-copy", message),))
    handed = [copy for copy in waiting if copy.id in wanted] if wanted else list(waiting)
    if handed:
        clear["copies"] = [{"kind": copy.kind, "copy_no": copy.copy_no} for copy in handed]
    if back:
        clear["old_licences"] = list(back)
    if body.get("signature_file"):
        clear["signature_file"] = body["signature_file"]
    if body.get("signature"):
        clear["signed"] = True
    told = {key: value for key, value in body.items() if key != "more"}
    if body.get("more") or len(handed) < len(waiting):
        # Others are still to be served: this one has a record, and the case stays where it is.
        return (Draft("handed_over", {**clear, "state": case.state, "more": True}, told),)
    return (Draft("handed_over", {**clear, **closing(given)}, told),)


def _link_signature(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    record = body.get("record") or case.unsigned[-1]
    if record not in case.unsigned:
        message = Text("没有这条发放记录，或者它已有签名", "No such hand-over, or its record names a signature already")
        raise InvalidInput(errors=(Fault("record", "unknown-record", message),))
    return (Draft("signature_linked", {"signature_file": body["signature_file"], "record": record}),)


def _post(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    _old_licences_in(case)
    _none_printing(case)
    return (Draft("posted", {"state": "posted"}, dict(body)),)


def _report_post(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    state = {"delivered": "collected", "returned": "mail_returned", "lost": "mail_lost"}[body["outcome"]]
    if state == "mail_lost" and not given.matter.certificates:
        # A lost notice is printed again; only a certificate has to be made anew.
        state = "mail_returned"
    gone = case.certificate_status not in (None, copies.VALID)
    if gone and state != "collected":
        # Annulled while in the post: nothing of it is delivered any more.
        state = "closed"
    clear: dict[str, Any] = {"state": state, "outcome": body["outcome"]}
    if body["outcome"] == "lost":
        clear["claim_by"] = (given.today + timedelta(days=given.claim_days)).isoformat()
    if state in ("collected", "closed"):
        clear.update(closing(given))
    return (Draft("post_reported", clear, dict(body)),)


def _record_claim(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    clear = {"outcome": body["outcome"], "on": body.get("on") or given.today.isoformat()}
    told = {key: body[key] for key in ("carrier", "claim_no", "amount", "note") if body.get(key)}
    return (Draft("claim_recorded", clear, told),)


ACTS: Acts = {
    "record-claim": _record_claim,
    "make-certificate": _make_certificate,
    "hand-over": _hand_over,
    "link-signature": _link_signature,
    "post": _post,
    "report-post": _report_post,
}
