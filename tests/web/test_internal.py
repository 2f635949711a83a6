"""What is internal to the counter, and that the applicant sees none of it: status, history, papers, notices."""

from __future__ import annotations

import base64
import io
import json
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader

from catalogue.domain.days import local_day
from catalogue.domain.internal import INTERNAL
from catalogue.domain.people import Role
from catalogue.domain.vocabulary import WORDS
from catalogue.service.jobs import run_once
from catalogue.service.notices import SMS, compose_notice
from catalogue.service.ports import Message
from tests.units import taking
from tests.web.conftest import JINGHONG, Browser, Town, resident_id
from tests.web.papers.pdf import text
from tests.web.test_regions import answer
from tests.web.test_two_windows import ok

MENGHAI = "532822"
WORDS_OF_OFFICERS = "内部记事"
"""Stands in every field that takes words of an officer."""

TOLD = frozenset(
    {
        "received", "forwarded", "recalled", "bounced", "rerouted", "received_at_home", "returned_at_window",
        "returned_for_resubmission", "resubmitted", "correction_requested", "correction_supplied",
        "correction_unsupplied", "accepted", "deemed_accepted", "acceptance_declined", "reviewed", "site_checked",
        "special_procedure_started", "special_procedure_ended", "extension_requested", "extension_approved", "granted",
        "refused", "certificate_made", "collection_reminded", "handed_over", "posted", "post_reported",
        "claim_recorded", "signature_linked",
        "certificate_rectified", "copy_voided", "voidance_recorded", "delivery_changed", "served",
        "inquiry_opened", "annulment_proposed", "statement_recorded", "annulment_extended", "annulment_dropped",
        "certificate_superseded", "renewal_due", "annulled", "permit_withdrawn", "certificate_cancelled",
        "penalty_recorded", "certificate_expired", "withdrawn", "terminated", "deferred_supplied", "pledge_checked",
        "result_attached", "file_requested", "file_sent", "file_received", "dates_recounted", "reassigned", "closed",
    }
)  # fmt: skip
"""Events whose name, time and office the applicant sees; everything else is the house's own affair."""


def test_of_every_event_it_is_decided_whether_the_applicant_sees_that_it_was() -> None:
    assert set(WORDS["events"]) == TOLD | INTERNAL
    assert TOLD.isdisjoint(INTERNAL)


@pytest.fixture
def own_system(own_town: Town) -> Browser:
    """Xishuangbanna has a system of its own, which also answers what is refused; the applicant has a telephone."""
    if "internal-system" not in own_town.accounts:
        own_town.add("internal-system", "532800", Role.HOME_INTAKE)
    own_town.house.webhooks = frozenset({"xishuangbanna"})
    own_town.house.notices = frozenset({SMS})
    return own_town.machine("internal-system", "answers")


def walked(town: Town, own_system: Browser) -> tuple[dict[str, Any], set[str]]:
    """A case on which both sides have written wherever there is room to, and the types of its events."""
    staff = {name: town.machine(name, "cases:write") for name in ("clerk", "intake", "reviewer", "decider")}
    clerk = staff["clerk"]
    case: dict[str, Any] = clerk.receive().json()
    said = {"reason": WORDS_OF_OFFICERS}
    number = f"外-{uuid.uuid4().hex[:12]}"
    sent = {"papers": ["other"], "carrier": WORDS_OF_OFFICERS, "tracking": WORDS_OF_OFFICERS, "note": WORDS_OF_OFFICERS}
    suggestion = {"office": MENGHAI, "text": WORDS_OF_OFFICERS}
    result = {"outcome": "granted", "external_number": f"{number}-2", "note": WORDS_OF_OFFICERS}
    copy = {"kind": "正本", "copy_no": 1}
    person = {"document_type": "resident_id", "document_number": resident_id(), "relation": "self"}
    days = {"days": 4}
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
        ("time", "passes", days),
        ("intake", "assign", {"to": "reviewer", **said}),
        ("reviewer", "release", said),
        ("reviewer", "claim", {}),
        ("reviewer", "release", said),
        ("reviewer", "review", {"opinion": WORDS_OF_OFFICERS, "advice": "grant"}),
        ("decider", "send-back", said),
        ("reviewer", "review", {"opinion": WORDS_OF_OFFICERS, "advice": "grant"}),
        ("decider", "attach-result", result),
        ("intake", "make-certificate", {"number": f"证-{uuid.uuid4().hex[:9]}", "copies": [copy]}),
        ("clerk", "print-copy", {**copy, "blank_no": f"空-{number}", **said}),
        ("clerk", "report-print", {**copy, "outcome": "printed", "seal": True, "note": WORDS_OF_OFFICERS}),
        ("clerk", "hand-over", {"collector": "演示甲", **person}),
        ("time", "passes", days),
        ("intake", "archive", {"package": "卷-1", "retention": "30年", "note": WORDS_OF_OFFICERS}),
    )  # fmt: skip
    for who, command, body in acts:
        if who == "time":
            town.clock.moved += timedelta(**body)
            run_once(town.database, town.house, None)
            continue
        if command == "attach-result":
            body["decided_on"] = local_day(town.clock.now()).isoformat()
        made = staff[who].command(case["reference"], command, body)
        assert made.status_code == 200, (command, made.text)
    refused = answer(own_system, case["reference"], "received", note=WORDS_OF_OFFICERS)
    assert refused.status_code in (409, 422), refused.text
    events = ok(clerk.get(f"/api/cases/{case['reference']}"))["events"]
    return {**case, "number": number}, {event["type"] for event in events}


def noticed(town: Town, reference: str) -> list[str]:
    """Every notice that left or waits to leave, in its own words."""
    waiting = town.database.read(lambda work: work.outbox.list(region=SMS, limit=1000)).result()
    messages = [
        Message(row["id"], SMS, SMS, reference, row["sequence"], row["type"], {})
        for row in waiting
        if row["reference"] == reference
    ]
    return [
        str(town.database.read(taking(message, lambda work, m: compose_notice(work, town.house, m))).result()["text"])
        for message in messages
    ]


def test_the_applicant_sees_nothing_of_what_the_windows_say_among_themselves(
    own_town: Town, own_system: Browser
) -> None:
    town = own_town
    case, types = walked(town, own_system)
    assert types >= INTERNAL, "the walk leaves out nothing that is internal"
    officer = town.sign_in("intake").get(f"/desk/cases/{case['reference']}").text
    assert WORDS_OF_OFFICERS in officer, "the officers do read it"
    assert case["number"] in officer

    anybody = town.anybody()
    code = {"X-Query-Code": case["query_code"]}
    address = f"/api/public/cases/{case['reference']}"
    status = anybody.get(address, headers=code)
    assert {event["type"] for event in status.json()["timeline"]} <= TOLD
    link = urlsplit(case["qr_url"])
    pages = []
    for language in ("", "&lang=en"):
        scanned = town.anybody()
        assert scanned.get(f"{link.path}?{link.query}{language}").status_code == 303
        pages.append(scanned.get("/status" + language.replace("&", "?")).text)
    assert all(case["reference"] in "".join(page.split()) for page in (status.text, *pages)), "the case is shown"
    names = {name for kind in INTERNAL - {"archived"} for name in (WORDS["events"][kind].zh, WORDS["events"][kind].en)}
    for page in pages:
        assert not [name for name in names if f">{name}<" in page]

    listed = ok(anybody.get(f"{address}/papers", headers=code))["papers"]
    assert {"receipt", "acceptance", "result_slip"} <= {paper["kind"] for paper in listed}
    papers = [text(anybody.get(paper["href"], headers=code).content) for paper in listed]
    told = noticed(town, case["reference"])
    assert told, "there were notices to read"
    for said in (status.text, *pages, *papers, *told):
        for secret in (WORDS_OF_OFFICERS, case["number"], "空-", "卷-1"):
            assert secret not in said


def test_in_the_history_what_is_internal_stands_as_a_closed_link(own_town: Town, own_system: Browser) -> None:
    case, _ = walked(own_town, own_system)
    code = {"X-Query-Code": case["query_code"]}
    taken = own_town.anybody().get(f"/api/public/cases/{case['reference']}/history", headers=code)
    kept = own_town.database.read(lambda work: work.cases.chain(case["reference"])).result()
    entries = taken.json()["events"]
    assert len(entries) == len(kept), "the chain is whole, so that it can be checked"
    for link, entry in zip(kept, entries, strict=True):
        assert (link.seq, link.hash.hex()) == (entry["seq"], entry["hash"])
        assert ("type" not in entry) == (link.type in INTERNAL)
        if link.type in INTERNAL:
            assert set(entry) == {"seq", "digest", "prev", "hash"}
            assert len(link.sealed) > 28, "a nonce keeps its digest from being guessed"
        else:
            assert WORDS_OF_OFFICERS.encode() not in base64.b64decode(entry["sealed"])
            assert "suggest" not in entry["clear"], "whither an office would send it is advice among offices"
    form = {"reference": case["reference"], "code": case["query_code"]}
    sheet = own_town.anybody().post("/status/history", data=form)
    attached = PdfReader(io.BytesIO(sheet.content)).attachments["history.json"][0].decode()
    printed = text(sheet.content)
    names = {WORDS["events"][kind].zh for kind in INTERNAL}
    assert not [name for name in names if name in printed or name in attached]
    assert printed.count("机关内部环节") > len(INTERNAL)
    for said in (taken.text, json.dumps(taken.json(), ensure_ascii=False), attached, printed):
        for secret in (WORDS_OF_OFFICERS, case["number"], "空-", "卷-1"):
            assert secret not in said
