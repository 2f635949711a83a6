"""Certificates: signed, verified by anybody, printed here as decided there, and ended under their own names."""

from __future__ import annotations

import base64
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pypdf import PdfReader

from catalogue.service.jobs import run_once
from catalogue.store import SigningKeys
from tests.web.conftest import SIMAO, Browser, Town
from tests.web.papers.pdf import text
from tests.web.papers.test_documents import begun, give, granted, officers, papers, permit, to_home

__all__ = ["officers"]

COPIES = [{"kind": "正本", "copy_no": 1, "blank_no": None}, {"kind": "副本", "copy_no": 1}]


def made(officers: dict[str, Browser], copies: Any = None, **changes: Any) -> dict[str, Any]:
    case = granted(officers, **changes)
    told = give(
        officers, "intake", case["reference"], "make-certificate",
        copies=copies or [{"kind": "正本", "copy_no": 1}, {"kind": "副本", "copy_no": 1}],
    )  # fmt: skip
    return {**case, "certificate": told["certificate_id"]}


def verified(town: Town, certificate: str, token: str | None = None) -> dict[str, Any]:
    address = f"/api/certificates/{certificate}/verification"
    answer = town.anybody().get(address, params={} if token is None else {"token": token})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def padded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_a_certificate_is_signed_and_anybody_verifies_it_with_the_published_keys(
    town: Town, officers: dict[str, Browser]
) -> None:
    found = verified(town, made(officers)["certificate"])
    assert found["status"] == "valid"
    header, payload, signature = found["token"].split(".")
    # Independent of the library that signed: RFC 7515 by hand over the raw Ed25519 key.
    keys = {key["kid"]: key for key in town.anybody().get("/.well-known/jwks.json").json()["keys"]}
    told = json.loads(padded(header))
    assert told["alg"] == "EdDSA"
    key = Ed25519PublicKey.from_public_bytes(padded(keys[told["kid"]]["x"]))
    key.verify(padded(signature), f"{header}.{payload}".encode())
    with pytest.raises(InvalidSignature):
        key.verify(padded(signature), f"{header}.{payload}x".encode())
    facts = json.loads(padded(payload))
    assert facts["id"] == found["id"]
    assert facts["kind"] == "营业执照"
    assert facts["authority"] == "532801"
    assert "d" not in keys[told["kid"]]


def test_the_signed_facts_name_no_person(town: Town, officers: dict[str, Browser]) -> None:
    found = verified(town, made(officers, form={"enterprise_name": "演示核验有限公司"})["certificate"])
    facts = padded(found["token"].split(".")[1]).decode()
    for personal in ("演示甲", "1101011990", "13800000000", "演示核验有限公司"):
        assert personal not in facts
        assert personal not in json.dumps(found, ensure_ascii=False)


def test_a_scanned_token_is_judged_and_forgery_is_said_plainly(town: Town, officers: dict[str, Browser]) -> None:
    one, other = made(officers)["certificate"], made(officers)["certificate"]
    token = verified(town, one)["token"]
    header, payload, signature = token.split(".")
    facts = json.loads(padded(payload))
    forged = base64.urlsafe_b64encode(json.dumps({**facts, "kind": "假"}).encode()).decode().rstrip("=")
    stranger = SigningKeys.create().sign(facts)
    assert verified(town, one, token)["token"] == "valid"
    assert verified(town, one, f"{header}.{forged}.{signature}")["token"] == "altered"
    assert verified(town, one, stranger)["token"] == "unknown_key"
    # A code copied from another certificate is genuine and yet not this one's.
    assert verified(town, other, token)["token"] == "altered"
    for nonsense in ("x", "a.b.c", "...", "", "ä.b.c", "a" * 5000):
        assert verified(town, one, nonsense)["token"] in ("altered", "unknown_key")
    public = town.anybody()
    assert "有效" in public.get(f"/verify/{one}?token={token}").text
    page = public.get(f"/verify/{other}?token={token}").text
    assert "二维码不是这份证照的" in page
    assert "这份证照现在有效" not in page
    assert "不是本系统的" in public.get(f"/verify/{one}?token={stranger}").text


def test_an_unsigned_token_is_never_valid(town: Town, officers: dict[str, Browser]) -> None:
    certificate = made(officers)["certificate"]
    payload = verified(town, certificate)["token"].split(".")[1]
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    assert verified(town, certificate, f"{none}.{payload}.")["token"] in ("altered", "unknown_key")


def test_without_a_key_no_certificate_is_made_and_the_case_stays_where_it_was(
    town: Town, officers: dict[str, Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = granted(officers)["reference"]
    monkeypatch.setattr(town.house, "_signer", None)
    answer = officers["intake"].command(reference, "make-certificate", {})
    assert answer.status_code == 503
    assert answer.json()["type"].endswith("signing-key-missing")
    assert officers["intake"].get(f"/api/cases/{reference}").json()["state"] == "decided_grant"


def test_rotation_keeps_what_was_signed_before_verifiable(tmp_path: Path) -> None:
    keys = SigningKeys.open_or_create(tmp_path / "signing.json")
    assert (tmp_path / "signing.json").stat().st_mode & 0o777 == 0o600
    token = keys.sign({"id": "x"})
    rotated = keys.rotated()
    rotated.save(tmp_path / "signing.json")
    again = SigningKeys.open_or_create(tmp_path / "signing.json")
    assert again.current != keys.current
    assert again.judge(token) == ("valid", {"id": "x"})
    assert again.public()["keys"][0]["kid"] == again.current
    assert all("d" not in key for key in again.public()["keys"])


def test_no_certificate_for_a_refused_case(town: Town, officers: dict[str, Browser]) -> None:
    reference = begun(officers)["reference"]
    to_home(officers, reference)
    give(officers, "intake", reference, "accept")
    give(officers, "reviewer", reference, "review", opinion="不符合", advice="refuse")
    give(officers, "decider", reference, "refuse", reasons="理由", basis="依据", remedies="救济")
    answer = officers["intake"].command(reference, "make-certificate", {})
    assert answer.status_code == 409
    assert "make-certificate" not in answer.json()["allowed"]


def test_annulment_shows_at_once_and_nothing_is_handed_over_any_more(town: Town, officers: dict[str, Browser]) -> None:
    case = made(officers)
    assert verified(town, case["certificate"])["status"] == "valid"
    refused = officers["clerk"].command(case["reference"], "annul", {"ground": "deception", "basis": "依据"})
    assert refused.status_code == 403
    told = give(officers, "decider", case["reference"], "annul", ground="deception", basis="依据", statement="未陈述")
    assert told["state"] == "closed"
    found = verified(town, case["certificate"])
    assert (found["status"], found["cause"]) == ("revoked", "annulled")
    assert verified(town, case["certificate"], found["token"])["token"] == "valid"
    page = town.anybody().get(f"/verify/{case['certificate']}?token={found['token']}").text
    assert "已撤销" in page
    body = {"collector": "甲", "document_type": "resident_id", "document_number": "1", "relation": "self"}
    assert officers["clerk"].command(case["reference"], "hand-over", body).status_code == 409
    paper = papers(officers["decider"], case["reference"])["annulment_decision"]
    said = text(officers["decider"].get(paper["href"]).content)
    assert paper["number"] in said
    assert "第五十二条" in said
    assert "欺骗" in said
    assert "未陈述" in said


def test_annulled_while_in_the_post(town: Town, officers: dict[str, Browser]) -> None:
    case = made(officers)
    give(officers, "clerk", case["reference"], "post", carrier="演示", tracking="1", address="演示")
    give(officers, "decider", case["reference"], "annul", ground="违反法定程序", basis="依据")
    assert verified(town, case["certificate"])["status"] == "revoked"
    told = give(officers, "clerk", case["reference"], "report-post", outcome="returned")
    assert told["state"] == "closed"


def test_withdrawal_cancellation_and_penalty_keep_their_own_names(town: Town, officers: dict[str, Browser]) -> None:
    permit_case = made(officers, **permit())
    give(officers, "decider", permit_case["reference"], "withdraw-permit", ground="law_changed", basis="依据")
    found = verified(town, permit_case["certificate"])
    assert (found["status"], found["cause"]) == ("revoked", "withdrawn")
    assert "许可已撤回" in town.anybody().get(f"/verify/{permit_case['certificate']}").text
    registration = made(officers)
    barred = officers["decider"].command(registration["reference"], "withdraw-permit", {"ground": "x", "basis": "y"})
    assert barred.status_code == 409
    penalty = {"authority": "演示机关", "decision_no": "演示1号"}
    give(officers, "decider", registration["reference"], "record-penalty", kind="suspension", **penalty)
    assert verified(town, registration["certificate"])["status"] == "suspended"
    give(officers, "decider", registration["reference"], "record-penalty", kind="suspension_ended", **penalty)
    assert verified(town, registration["certificate"])["status"] == "valid"
    give(officers, "decider", registration["reference"], "cancel", ground="organisation_ended", basis="依据")
    assert verified(town, registration["certificate"])["status"] == "cancelled"
    again = officers["decider"].command(registration["reference"], "annul", {"ground": "x", "basis": "y"})
    assert again.status_code == 409


def test_the_term_runs_out_by_itself_and_the_job_records_it(town: Town, officers: dict[str, Browser]) -> None:
    case = granted(officers, **permit())
    day = (town.clock.now() + timedelta(days=1)).date().isoformat()
    told = give(officers, "intake", case["reference"], "make-certificate", valid_until=day)
    assert verified(town, told["certificate_id"])["status"] == "valid"
    town.clock.moved += timedelta(days=3)
    try:
        assert verified(town, told["certificate_id"])["status"] == "expired"
        assert run_once(town.database, town.house, {"desk": lambda message: None}).expired == 1
        events = officers["clerk"].get(f"/api/cases/{case['reference']}").json()["events"]
        assert events[-1]["type"] == "certificate_expired"
    finally:
        town.clock.moved -= timedelta(days=3)


def test_a_window_prints_what_home_decided_and_the_register_says_where(
    town: Town, officers: dict[str, Browser]
) -> None:
    case = made(officers)
    reference = case["reference"]
    give(officers, "clerk", reference, "print-copy", kind="正本", copy_no=1, blank_no=f"K{reference}")
    handing = {"collector": "甲", "document_type": "resident_id", "document_number": "1", "relation": "self"}
    assert officers["clerk"].command(reference, "hand-over", handing).json()["rule"] == "print-pending"
    assert officers["clerk"].command(reference, "print-copy", {"kind": "正本", "copy_no": 1}).status_code == 409
    give(officers, "clerk", reference, "report-print", kind="正本", copy_no=1, outcome="jammed")
    again = officers["clerk"].command(reference, "print-copy", {"kind": "正本", "blank_no": f"K{reference}"})
    assert again.json()["rule"] == "blank-spoiled"
    give(officers, "clerk", reference, "print-copy", kind="正本", copy_no=1, blank_no=f"L{reference}")
    give(officers, "clerk", reference, "report-print", kind="正本", copy_no=1, outcome="printed", seal=True)
    bare = officers["clerk"].command(reference, "print-copy", {"kind": "正本", "copy_no": 1})
    assert bare.json()["rule"] == "reprint-reason"
    paper = papers(officers["clerk"], reference)["printed_copy"]
    said = text(officers["clerk"].get(paper["href"]).content)
    for words in ("营业执照", "样张", f"L{reference}", "五华区市场监督管理局", "景洪市市场监督管理局"):
        assert words in said
    page = town.sign_in("clerk").get(f"/desk/cases/{reference}").text
    assert f"L{reference}" in page
    assert f"K{reference}" in page
    assert "已打印" in page


def test_two_prints_at_once_one_wins(town: Town, officers: dict[str, Browser]) -> None:
    reference = made(officers)["reference"]
    tag = officers["clerk"].get(f"/api/cases/{reference}").headers["etag"]
    body = {"kind": "正本", "copy_no": 1}
    answers = [officers["clerk"].command(reference, "print-copy", body, tag).status_code for _ in range(2)]
    assert answers == [200, 412]


def test_a_blank_sheet_is_used_once_in_all_cases(town: Town, officers: dict[str, Browser]) -> None:
    one, other = made(officers), made(officers)
    blank = f"B{one['reference']}"
    give(officers, "clerk", one["reference"], "print-copy", kind="正本", copy_no=1, blank_no=blank)
    answer = officers["clerk"].command(other["reference"], "print-copy", {"kind": "正本", "blank_no": blank})
    assert answer.status_code == 409
    assert answer.json()["rule"] == "blank-taken"


def test_a_lost_old_licence_needs_its_notice_of_voidance_first(town: Town, officers: dict[str, Browser]) -> None:
    old = [
        {"kind": "营业执照正本", "received": True},
        {"kind": "营业执照副本", "copy_no": 1, "received": False, "reason": "遗失"},
    ]
    case = made(officers, surrendered=old)
    handing = {"collector": "甲", "document_type": "resident_id", "document_number": "1", "relation": "self"}
    refused = officers["clerk"].command(case["reference"], "hand-over", handing)
    assert refused.status_code == 409
    assert refused.json()["rule"] == "old-licences"
    give(
        officers, "clerk", case["reference"], "record-voidance",
        kind="副本", copy_no=1, published_on="2026-11-20", medium="演示报",
    )  # fmt: skip
    assert give(officers, "clerk", case["reference"], "hand-over", **handing)["state"] == "collected"


def test_an_old_licence_may_come_in_when_the_new_one_goes_out(town: Town, officers: dict[str, Browser]) -> None:
    case = made(officers, surrendered=[{"kind": "营业执照正本", "received": False}])
    handing = {"collector": "甲", "document_type": "resident_id", "document_number": "1", "relation": "self"}
    told = give(officers, "clerk", case["reference"], "hand-over", **handing, old_licences=[{"kind": "营业执照正本"}])
    assert told["state"] == "collected"


def test_rectifying_voids_the_copies_before_and_supersedes_the_record(town: Town, officers: dict[str, Browser]) -> None:
    case = made(officers)
    told = give(officers, "intake", case["reference"], "rectify-certificate", reason="打印错误")
    assert told["state"] == "cert_ready"
    assert told["certificate_id"] != case["certificate"]
    assert verified(town, case["certificate"])["status"] == "superseded"
    assert verified(town, told["certificate_id"])["status"] == "valid"


def test_lost_post_voids_the_copy_and_the_new_one_is_made(town: Town, officers: dict[str, Browser]) -> None:
    case = made(officers)
    give(officers, "clerk", case["reference"], "post", carrier="演示", tracking="1", address="演示")
    assert give(officers, "clerk", case["reference"], "report-post", outcome="lost")["state"] == "mail_lost"
    again = give(officers, "intake", case["reference"], "make-certificate", copies=[{"kind": "正本", "copy_no": 1}])
    assert verified(town, case["certificate"])["status"] == "superseded"
    assert verified(town, again["certificate_id"])["status"] == "valid"


def test_the_e_certificate_carries_its_signed_facts(town: Town, officers: dict[str, Browser]) -> None:
    case = made(officers)
    code = {"X-Query-Code": case["query_code"]}
    base = f"/api/public/cases/{case['reference']}/papers"
    listed = {paper["kind"]: paper for paper in town.anybody().get(base, headers=code).json()["papers"]}
    for kind in ("certificate_copy", "result_slip"):
        content = town.anybody().get(listed[kind]["href"], headers=code).content
        attached = PdfReader(io.BytesIO(content)).attachments
        token = attached["certificate.jws"][0].decode()
        assert verified(town, case["certificate"], token)["token"] == "valid"
    assert "样张" in text(town.anybody().get(listed["certificate_copy"]["href"], headers=code).content)


def test_outside_a_demonstration_no_licence_is_ever_composed(
    town: Town, officers: dict[str, Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(town.house, "demo", False)
    case = made(officers)
    give(officers, "clerk", case["reference"], "print-copy", kind="正本", copy_no=1)
    found = papers(officers["clerk"], case["reference"])
    assert "result_slip" in found
    assert {"certificate_copy", "printed_copy"}.isdisjoint(found)
    answer = officers["clerk"].get(f"/api/cases/{case['reference']}/papers/certificate-copy-6")
    assert answer.status_code == 404


def test_the_hand_over_at_any_window_is_served_with_a_drawn_signature(town: Town, officers: dict[str, Browser]) -> None:
    case = made(officers)
    give(officers, "clerk", case["reference"], "change-delivery", method="window", window=SIMAO)
    handing = {"collector": "演示乙", "document_type": "resident_id", "document_number": "1", "relation": "agent"}
    strange = officers["other-clerk"].command(case["reference"], "hand-over", {**handing, "signature": '"/><script>'})
    assert strange.status_code == 422
    give(officers, "other-clerk", case["reference"], "hand-over", **handing, signature="M10 10L200 90L300 40")
    paper = papers(officers["other-clerk"], case["reference"])["service_receipt"]
    said = text(officers["other-clerk"].get(paper["href"]).content)
    assert "演示乙" in said
    assert "思茅区" in said
    assert "代理人" in said


def test_a_document_is_served_and_a_closed_case_archived(town: Town, officers: dict[str, Browser]) -> None:
    case = made(officers)
    give(officers, "decider", case["reference"], "cancel", ground="other", basis="依据")
    served = give(
        officers, "clerk", case["reference"], "serve", document="cancellation-decision-8", method="direct",
        receiver="演示甲", relation="self", document_type="resident_id", document_number="1",
    )  # fmt: skip
    assert served["state"] == "closed"
    assert give(officers, "intake", case["reference"], "archive", package="演示档号")["state"] == "archived"
