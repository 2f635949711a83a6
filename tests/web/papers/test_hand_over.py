"""Hand-over: several people with a record each, post with its receipt of service, claims for what was lost."""

from __future__ import annotations

from typing import Any

from tests.web.conftest import SIMAO, Browser, Town, application
from tests.web.forms import fields, multipart
from tests.web.papers.pdf import text
from tests.web.papers.test_certificates import made
from tests.web.papers.test_documents import begun, give, granted, officers, papers, permit

__all__ = ["officers"]

COPIES = [{"kind": "正本", "copy_no": 1}, {"kind": "副本", "copy_no": 1}, {"kind": "副本", "copy_no": 2}]
POST = {"carrier": "演示快递", "tracking": "演示0001", "address": "演示地址"}


def handing(name: str, **more: Any) -> dict[str, Any]:
    who = {"collector": name, "document_type": "passport", "document_number": "E12345678", "relation": "other"}
    return {**who, **more}


def events(browser: Browser, reference: str, kind: str) -> list[dict[str, Any]]:
    found = browser.get(f"/api/cases/{reference}").json()["events"]
    return [one for one in found if one["type"] == kind]


def receipts(browser: Browser, reference: str) -> list[str]:
    listed = browser.get(f"/api/cases/{reference}/papers").json()["papers"]
    return [text(browser.get(one["href"]).content) for one in listed if one["kind"] == "service_receipt"]


def test_a_result_goes_to_several_people_and_is_handed_over_when_all_are_served(
    town: Town, officers: dict[str, Browser]
) -> None:
    clerk = officers["clerk"]
    reference = made(officers, COPIES)["reference"]
    first = give(officers, "clerk", reference, "hand-over", **handing("演示甲方", handed=["正本-1"]))
    assert (first["state"], first["queue"], first["closed_on"]) == ("cert_ready", "to_hand_over", None)
    again = clerk.command(reference, "hand-over", handing("演示甲方", handed=["正本-1"]))
    assert (again.status_code, again.json()["errors"][0]["path"]) == (422, "handed")
    give(officers, "clerk", reference, "hand-over", **handing("演示乙方", handed=["副本-2"]))
    last = give(officers, "clerk", reference, "hand-over", **handing("演示丙方"))
    assert last["state"] == "collected"
    took = [
        [f"{c['kind']}-{c['copy_no']}" for c in one["facts"]["copies"]]
        for one in events(clerk, reference, "handed_over")
    ]
    assert took == [["正本-1"], ["副本-2"], ["副本-1"]]
    said = receipts(clerk, reference)
    assert len(said) == 3
    for name, page in zip(("演示甲方", "演示乙方", "演示丙方"), said, strict=True):
        assert name in page
    page = town.sign_in("clerk").get(f"/desk/cases/{reference}").text
    assert "还有其他人要领取" in page


def test_what_has_no_copies_may_go_to_several_people_too(officers: dict[str, Browser]) -> None:
    reference = granted(officers, **permit())["reference"]
    give(officers, "intake", reference, "make-certificate")
    assert give(officers, "clerk", reference, "hand-over", **handing("演示甲方", more=True))["state"] == "cert_ready"
    assert give(officers, "clerk", reference, "hand-over", **handing("演示乙方"))["state"] == "collected"


def test_what_somebody_has_taken_does_not_go_by_post_as_well(officers: dict[str, Browser]) -> None:
    reference = made(officers, COPIES)["reference"]
    give(officers, "clerk", reference, "hand-over", **handing("演示甲方", handed=["正本-1"]))
    give(officers, "clerk", reference, "post", **POST)
    assert give(officers, "clerk", reference, "report-post", outcome="returned")["state"] == "mail_returned"
    told = give(officers, "clerk", reference, "hand-over", **handing("演示乙方"))
    assert [one["kind"] for one in told["events"][0]["facts"]["copies"]] == ["副本", "副本"]


def test_post_that_arrived_has_its_receipt_of_service(officers: dict[str, Browser]) -> None:
    reference = made(officers)["reference"]
    give(officers, "clerk", reference, "post", **POST)
    assert "service_receipt" not in papers(officers["clerk"], reference)
    give(officers, "clerk", reference, "report-post", outcome="delivered", receiver="演示签收人")
    (said,) = receipts(officers["clerk"], reference)
    for words in ("邮寄送达", "演示快递", "演示0001", "演示签收人"):
        assert words in said


def test_a_claim_for_lost_post_is_recorded_with_what_came_of_it(town: Town, officers: dict[str, Browser]) -> None:
    reference = made(officers)["reference"]
    claim = {"outcome": "filed", "carrier": "演示快递", "claim_no": f"C{reference}", "on": "2026-11-20"}
    assert officers["clerk"].command(reference, "record-claim", claim).status_code == 409
    give(officers, "clerk", reference, "post", **POST)
    give(officers, "clerk", reference, "report-post", outcome="lost")
    give(officers, "clerk", reference, "record-claim", **claim)
    give(officers, "intake", reference, "make-certificate", copies=[{"kind": "正本", "copy_no": 1}])
    give(officers, "clerk", reference, "record-claim", outcome="compensated", amount="演示金额")
    outcomes = [one["facts"]["outcome"] for one in events(officers["clerk"], reference, "claim_recorded")]
    assert outcomes == ["filed", "compensated"]
    page = town.sign_in("clerk").get(f"/desk/cases/{reference}").text
    assert f"C{reference}" in page
    assert "已赔偿" in page


def test_the_scan_of_a_signature_is_named_in_the_record_and_opened_from_the_history(
    town: Town, officers: dict[str, Browser]
) -> None:
    reference = made(officers)["reference"]
    sent = officers["clerk"].post(f"/api/cases/{reference}/files", files={"file": ("签名.png", PNG, "image/png")})
    assert sent.status_code == 201, sent.text
    file = sent.json()["id"]
    wrong = officers["clerk"].command(reference, "hand-over", handing("演示甲方", signature_file="f0"))
    assert wrong.json()["errors"][0]["path"] == "signature_file"
    told = give(officers, "clerk", reference, "hand-over", **handing("演示甲方", signature_file=file))
    assert told["events"][0]["facts"]["signature_file"] == file
    assert "扫描件已存入本件" in receipts(officers["clerk"], reference)[0]
    assert f"/desk/cases/{reference}/scans/{file}" in town.sign_in("clerk").get(f"/desk/cases/{reference}").text


# --- recipients named in advance ---


def of_two(officers: dict[str, Browser], **given: Any) -> str:
    """A case with two recipients, one named with a document, its result ready at the window."""
    two = [
        {"name": "演示甲方", "document_type": "passport", "document_number": "E-1"},
        {"name": "演示·乙方"},
    ]
    return str(made(officers, delivery={"method": "window", "recipients": two, **given})["reference"])


def refused(officers: dict[str, Browser], reference: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = officers["clerk"].command(reference, "hand-over", body)
    assert answer.status_code == 409, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_who_collects_is_checked_against_the_recipients_that_were_named(officers: dict[str, Browser]) -> None:
    reference = of_two(officers)
    shown = officers["clerk"].get(f"/api/cases/{reference}").json()
    assert shown["delivery"]["recipients"] == 2
    assert shown["recipients"][1] == {"name": "演**", "served": False}
    assert "演示甲方" not in str(shown)
    receipt = papers(officers["clerk"], reference)["receipt"]["href"]
    assert "登记领取人2人" in text(officers["clerk"].get(receipt).content)
    strange = refused(officers, reference, handing("演示丙方", more=True))
    assert strange["rule"] == "not-a-recipient"
    assert "演示甲方" not in str(strange)
    assert refused(officers, reference, handing("演示甲方", document_number="E2"))["rule"] == "recipient-document"
    alone = refused(officers, reference, handing("演示甲方", document_number="e1"))
    assert alone["rule"] == "recipients-waiting"
    first = give(officers, "clerk", reference, "hand-over", **handing("演示甲方", document_number="e1", more=True))
    assert first["events"][0]["facts"]["recipient"] == 0
    last = give(officers, "clerk", reference, "hand-over", **handing("演示•乙方"))
    assert (last["state"], last["events"][0]["facts"]["recipient"]) == ("collected", 1)
    served = officers["clerk"].get(f"/api/cases/{reference}").json()["recipients"]
    assert [one["served"] for one in served] == [True, True]


def test_somebody_else_takes_it_with_a_written_reason(town: Town, officers: dict[str, Browser]) -> None:
    reference = of_two(officers)
    reason = "演示：两位领取人书面委托"
    told = give(officers, "clerk", reference, "hand-over", **handing("演示丙方", reason=reason))
    assert (told["state"], told["events"][0]["facts"]["unnamed"]) == ("collected", True)
    assert "不是申请时登记的领取人" in town.sign_in("clerk").get(f"/desk/cases/{reference}").text


def test_recipients_are_looked_at_when_they_are_named(officers: dict[str, Browser]) -> None:
    twice = [{"name": "演示甲"}, {"name": "演示甲"}]
    answer = officers["clerk"].receive(application(delivery={"method": "window", "recipients": twice}))
    assert answer.json()["errors"][0]["code"] == "duplicate-recipient"
    wrong = [{"name": "演示甲", "document_type": "resident_id", "document_number": "1"}]
    answer = officers["clerk"].receive(application(delivery={"method": "window", "recipients": wrong}))
    assert answer.json()["errors"][0]["path"] == "delivery.recipients.0.document_number"
    posted = {"method": "post", "address": "演示地址", "recipients": [{"name": "演示甲"}]}
    warned = officers["clerk"].receive(application(delivery=posted)).json()["warnings"]
    assert "recipients-not-at-window" in {one["code"] for one in warned}


def test_the_form_of_the_hand_over_says_who_was_named(town: Town, officers: dict[str, Browser]) -> None:
    assert "登记的领取人：演**（" in town.sign_in("clerk").get(f"/desk/cases/{of_two(officers)}").text


# --- the window of collection and the signature on paper ---


def test_the_window_of_collection_keeps_the_signature_and_sees_no_other_scan(
    town: Town, officers: dict[str, Browser]
) -> None:
    reference = made(officers, delivery={"method": "window", "window": SIMAO})["reference"]
    other, address = officers["other-clerk"], f"/api/cases/{reference}/files"
    kept = officers["clerk"].post(address, files={"file": ("材料.png", PNG + b"1", "image/png")})
    paper = kept.json()["id"]
    assert other.get(address).json() == {"files": []}
    assert other.get(f"{address}/{paper}").status_code == 403
    assert other.get(f"{address}/f0").status_code == 403, "nor learns which there are"
    assert other.post(address, files={"file": ("别的.png", PNG, "image/png")}).status_code == 403
    assert other.command(reference, "hand-over", handing("演示甲方", signature_file=paper)).status_code == 422
    give(officers, "other-clerk", reference, "hand-over", **handing("演示甲方"))
    signed = other.post(address, files={"file": ("签名.png", PNG, "image/png")}, data={"purpose": "signature"})
    assert signed.status_code == 201, signed.text
    file = signed.json()["id"]
    told = give(officers, "other-clerk", reference, "link-signature", signature_file=file)
    assert told["events"][0]["facts"]["signature_file"] == file
    assert "link-signature" not in told["allowed"]
    assert [one["id"] for one in other.get(address).json()["files"]] == [file]
    assert other.get(f"{address}/{file}").content == PNG
    assert f"/desk/cases/{reference}/scans/{file}" in town.sign_in("other-clerk").get(f"/desk/cases/{reference}").text
    again = other.command(reference, "link-signature", {"signature_file": file})
    assert again.status_code == 409


def test_a_signature_is_sent_with_the_form_of_the_hand_over(town: Town, officers: dict[str, Browser]) -> None:
    reference = made(officers, delivery={"method": "window", "window": SIMAO})["reference"]
    clerk, action = town.sign_in("other-clerk"), f"/desk/cases/{reference}/hand-over"
    given = {**dict(fields(clerk.get(f"/desk/cases/{reference}").text, action)), **handing("演示甲方")}
    files = {"upload": ("签名.png", PNG, "image/png")}
    sent = clerk.post(action, data=given, files=files)
    assert sent.status_code == 303, sent.text
    (handed,) = events(officers["clerk"], reference, "handed_over")
    assert handed["facts"]["signature_file"]


def test_the_form_of_the_hand_over_keeps_every_tick_with_and_without_a_file(
    town: Town, officers: dict[str, Browser]
) -> None:
    clerk = town.sign_in("clerk")
    for name, content in (("签名.png", PNG), ("", b"")):
        reference = made(officers, COPIES)["reference"]
        action = f"/desk/cases/{reference}/hand-over"
        given = {**dict(fields(clerk.get(f"/desk/cases/{reference}").text, action)), **handing("演示甲方")}
        ticks = [("handed", "正本-1"), ("handed", "副本-2")]
        sent = clerk.post(action, **multipart([*given.items(), *ticks], "upload", name, content))
        assert sent.status_code == 303, sent.text
        (handed,) = events(officers["clerk"], reference, "handed_over")
        assert [f"{one['kind']}-{one['copy_no']}" for one in handed["facts"]["copies"]] == ["正本-1", "副本-2"]
        assert bool(handed["facts"].get("signature_file")) == bool(name)


def test_a_signature_that_is_missing_is_said_beside_the_file(town: Town, officers: dict[str, Browser]) -> None:
    clerk, reference = town.sign_in("clerk"), made(officers)["reference"]
    give(officers, "clerk", reference, "hand-over", **handing("演示甲方"))
    action = f"/desk/cases/{reference}/link-signature"
    given = fields(clerk.get(f"/desk/cases/{reference}").text, action)
    empty = clerk.post(action, **multipart(given, "upload", "", b""))
    assert empty.status_code == 422
    assert 'id="link-signature-upload-said"' in empty.text


def test_no_signature_comes_in_before_there_is_a_result(officers: dict[str, Browser]) -> None:
    reference = begun(officers)["reference"]
    sent = officers["clerk"].post(
        f"/api/cases/{reference}/files", files={"file": ("签名.png", PNG, "image/png")}, data={"purpose": "signature"}
    )
    assert sent.status_code == 409


def test_a_service_without_relation_or_document_still_has_its_receipt(officers: dict[str, Browser]) -> None:
    reference = made(officers)["reference"]
    served = papers(officers["clerk"], reference)["registration_notice"]["id"]
    give(officers, "clerk", reference, "serve", document=served, method="electronic")
    (said,) = receipts(officers["clerk"], reference)
    assert "电子送达" in said
    assert "登记通知书" in said


PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82"
)
