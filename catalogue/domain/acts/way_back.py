"""The way back to the applicant: make, hand over, post."""

from __future__ import annotations

from typing import Any

from catalogue.domain.acts.base import (
    Acts,
    Body,
    Circumstances,
    Draft,
    closing,
)
from catalogue.domain.case import Case
from catalogue.domain.people import Actor


def _make_certificate(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    certificate = given.certificate_id()
    return (
        Draft(
            "certificate_made",
            {
                "state": "cert_ready",
                "certificate": certificate,
                "number": body.get("number"),
                "copies": [
                    {key: copy[key] for key in ("kind", "copy_no", "blank_no") if copy.get(key) is not None}
                    for copy in body.get("copies", [])
                ],
                "replaces": case.certificate_id,
            },
        ),
    )


def _hand_over(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    clear = {"state": "collected", "relation": body["relation"], "document_type": body["document_type"]}
    return (Draft("handed_over", {**clear, **closing(given)}, dict(body)),)


def _post(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("posted", {"state": "posted"}, dict(body)),)


def _report_post(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    state = {"delivered": "collected", "returned": "mail_returned", "lost": "mail_lost"}[body["outcome"]]
    if state == "mail_lost" and not given.matter.certificates:
        # A lost notice is printed again; only a certificate has to be made anew.
        state = "mail_returned"
    clear: dict[str, Any] = {"state": state, "outcome": body["outcome"]}
    if state == "collected":
        clear.update(closing(given))
    return (Draft("post_reported", clear, dict(body)),)


ACTS: Acts = {
    "make-certificate": _make_certificate,
    "hand-over": _hand_over,
    "post": _post,
    "report-post": _report_post,
}
