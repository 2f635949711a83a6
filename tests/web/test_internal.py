"""What is internal to the counter, and that the applicant sees none of it: status, QR page, history, notices."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from catalogue.domain.people import Role
from catalogue.domain.vocabulary import WORDS
from catalogue.service.tracking import HIDDEN
from tests.web.conftest import JINGHONG, Browser, Town
from tests.web.test_regions import answer
from tests.web.test_two_windows import ok, today

MENGHAI = "532822"
WORDS_OF_OFFICERS = "内部记事"
"""Stands in every field that takes words of an officer."""

TOLD = frozenset(
    {
        "received", "forwarded", "recalled", "bounced", "rerouted", "received_at_home", "returned_at_window",
        "returned_for_resubmission", "resubmitted", "correction_requested", "correction_supplied",
        "correction_unsupplied", "accepted", "deemed_accepted", "acceptance_declined", "reviewed", "site_checked",
        "special_procedure_started", "special_procedure_ended", "extension_requested", "extension_approved", "granted",
        "refused", "certificate_made", "handed_over", "posted", "post_reported", "claim_recorded",
        "certificate_rectified", "copy_voided", "voidance_recorded", "delivery_changed", "served",
        "annulment_proposed", "statement_recorded", "annulment_extended", "annulment_dropped",
        "certificate_superseded", "renewal_due", "annulled", "permit_withdrawn", "certificate_cancelled",
        "penalty_recorded", "certificate_expired", "withdrawn", "terminated", "deferred_supplied", "pledge_checked",
        "result_attached", "file_requested", "file_sent", "file_received", "dates_recounted", "reassigned", "closed",
    }
)  # fmt: skip
"""Events whose name, time and office the applicant sees; everything else is the house's own affair."""


def test_of_every_event_it_is_decided_whether_the_applicant_sees_that_it_was() -> None:
    assert set(WORDS["events"]) == TOLD | HIDDEN
    assert TOLD.isdisjoint(HIDDEN)


@pytest.fixture
def own_system(town: Town) -> Iterator[Browser]:
    """Xishuangbanna has a system of its own, which also answers what is refused."""
    if "internal-system" not in town.accounts:
        town.add("internal-system", "532800", Role.HOME_INTAKE)
    town.house.webhooks = frozenset({"xishuangbanna"})
    yield town.machine("internal-system", "answers")
    town.house.webhooks = frozenset()


def walked(town: Town, clerk: Browser, own_system: Browser) -> tuple[dict[str, Any], set[str]]:
    """A case on which both sides have written wherever there is room to, and the types of its events."""
    staff = {
        "clerk": clerk,
        **{name: town.machine(name, "cases:write") for name in ("intake", "reviewer", "decider")},
    }
    case: dict[str, Any] = clerk.receive().json()
    said = {"reason": WORDS_OF_OFFICERS}
    number = f"外-{uuid.uuid4().hex[:12]}"
    sent = {"papers": ["other"], "carrier": WORDS_OF_OFFICERS, "tracking": WORDS_OF_OFFICERS, "note": WORDS_OF_OFFICERS}
    suggestion = {"office": MENGHAI, "text": WORDS_OF_OFFICERS}
    result = {"outcome": "granted", "decided_on": today().isoformat(), "note": WORDS_OF_OFFICERS}
    acts: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("clerk", "forward", said),
        ("clerk", "recall", said),
        ("clerk", "correct-entry", {"path": "applicant.phone", "value": "13800000001", "evidence": WORDS_OF_OFFICERS}),
        ("clerk", "forward", said),
        ("intake", "bounce", {"code": "wrong_office", **said, "suggestion": suggestion}),
        ("clerk", "reroute", {"office": JINGHONG, **said}),
        ("clerk", "forward", said),
        ("intake", "receive-at-home", said),
        ("clerk", "send-papers", sent),
        ("intake", "receive-papers", {"received": [], "missing": ["other"], "note": WORDS_OF_OFFICERS}),
        ("intake", "message", {"text": WORDS_OF_OFFICERS}),
        ("clerk", "message", {"text": WORDS_OF_OFFICERS}),
        ("clerk", "note", {"text": WORDS_OF_OFFICERS}),
        ("intake", "accept", said),
        ("intake", "record-external", {"number": number, "system": WORDS_OF_OFFICERS, "note": WORDS_OF_OFFICERS}),
        ("reviewer", "claim", {}),
        ("reviewer", "release", said),
        ("reviewer", "review", {"opinion": WORDS_OF_OFFICERS, "advice": "grant"}),
        ("decider", "send-back", said),
        ("reviewer", "review", {"opinion": WORDS_OF_OFFICERS, "advice": "grant"}),
        ("decider", "attach-result", result),
    )  # fmt: skip
    for who, command, body in acts:
        made = staff[who].command(case["reference"], command, body)
        assert made.status_code == 200, (command, made.text)
    refused = answer(own_system, case["reference"], "received", note=WORDS_OF_OFFICERS)
    assert refused.status_code in (409, 422), refused.text
    events = ok(clerk.get(f"/api/cases/{case['reference']}"))["events"]
    return {**case, "number": number}, {event["type"] for event in events}


def test_the_applicant_sees_nothing_of_what_the_windows_say_among_themselves(
    town: Town, clerk: Browser, own_system: Browser
) -> None:
    case, types = walked(town, clerk, own_system)
    internal = {
        "message_sent", "noted", "papers_sent", "papers_received", "external_recorded", "claimed", "released",
        "sent_back", "entry_corrected",
    }  # fmt: skip
    assert internal <= types & HIDDEN
    officer = town.sign_in("intake").get(f"/desk/cases/{case['reference']}").text
    assert WORDS_OF_OFFICERS in officer, "the officers do read it"
    assert case["number"] in officer

    anybody = town.anybody()
    code = {"X-Query-Code": case["query_code"]}
    address = f"/api/public/cases/{case['reference']}"
    status = anybody.get(address, headers=code)
    assert {event["type"] for event in status.json()["timeline"]} <= TOLD
    link = urlsplit(case["qr_url"])
    seen = [status.text]
    for language in ("", "&lang=en"):
        scanned = town.anybody()
        assert scanned.get(f"{link.path}?{link.query}{language}").status_code == 303
        seen.append(scanned.get("/status" + language.replace("&", "?")).text)
    assert all(case["reference"] in "".join(page.split()) for page in seen), "the case is shown"
    for page in seen:
        assert WORDS_OF_OFFICERS not in page
        assert case["number"] not in page
    for kind in internal:
        for page in seen[1:]:
            assert f">{WORDS['events'][kind].zh}<" not in page
            assert f">{WORDS['events'][kind].en}<" not in page

    told = anybody.get(f"{address}/history", headers=code)
    assert len(told.json()["events"]) >= len(types), "the chain is whole, so that it can be checked"
    assert WORDS_OF_OFFICERS not in told.text
    assert WORDS_OF_OFFICERS not in json.dumps(told.json(), ensure_ascii=False)
    for event in told.json()["events"]:
        assert WORDS_OF_OFFICERS.encode() not in base64.b64decode(event["sealed"])
        assert WORDS_OF_OFFICERS not in json.dumps(json.loads(event["clear"]), ensure_ascii=False)
        assert "suggest" not in event["clear"], "whither an office would send it is advice among offices"
