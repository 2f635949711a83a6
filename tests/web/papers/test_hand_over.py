"""Hand-over: several people with a record each, post with its receipt of service, claims for what was lost."""

from __future__ import annotations

from typing import Any

from tests.web.conftest import Browser, Town
from tests.web.papers.pdf import text
from tests.web.papers.test_certificates import made
from tests.web.papers.test_documents import give, granted, officers, papers, permit

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
