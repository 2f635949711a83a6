"""The end of the founding case: a specimen printed in Kunming that a stranger's telephone verifies."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pypdf import PdfReader

from tests.e2e.server import Person, Town, application


def _founding(town: Town) -> tuple[dict[str, Any], Person, Person]:
    clerk = town.person("window_clerk", "530102")
    intake, reviewer, decider = (town.person(role, "532801") for role in ("home_intake", "reviewer", "decider"))
    case = clerk.submit(application(form={"enterprise_name": "演示企业（景洪）有限公司"})).json()
    reference = case["reference"]
    clerk.do(reference, "forward")
    intake.do(reference, "receive-at-home")
    intake.do(reference, "accept")
    reviewer.do(reference, "review", {"opinion": "演示", "advice": "grant"})
    decider.do(reference, "grant", {"opinion": "演示"})
    intake.do(reference, "make-certificate", {"copies": [{"kind": "正本", "copy_no": 1}]})
    return case, clerk, decider


def _telephone(town: Town, certificate: str) -> dict[str, Any]:
    """What a stranger without any account gets to know."""
    answer = httpx.get(f"{town.server.url}/api/certificates/{certificate}/verification")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def _offline(town: Town, token: str) -> dict[str, Any]:
    """The signed facts, checked with the published key and nothing of the house."""

    def decoded(part: str) -> bytes:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))

    header, payload, signature = token.split(".")
    keys = httpx.get(f"{town.server.url}/.well-known/jwks.json").json()["keys"]
    key = next(one for one in keys if one["kid"] == json.loads(decoded(header))["kid"])
    Ed25519PublicKey.from_public_bytes(decoded(key["x"])).verify(decoded(signature), f"{header}.{payload}".encode())
    facts: dict[str, Any] = json.loads(decoded(payload))
    return facts


def test_a_specimen_printed_in_kunming_is_verified_by_a_stranger_first_valid_then_annulled(any_town: Town) -> None:
    case, clerk, decider = _founding(any_town)
    reference = case["reference"]
    certificate = clerk.case(reference).json()["certificate_id"]
    clerk.do(reference, "print-copy", {"kind": "正本", "copy_no": 1, "blank_no": "演示空白0001"})
    listed = clerk.client.get(f"/api/cases/{reference}/papers").json()["papers"]
    printed = next(paper for paper in listed if paper["kind"] == "printed_copy")
    pdf = clerk.client.get(printed["href"])
    assert pdf.status_code == 200, pdf.text
    said = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf.content)).pages)
    for words in ("营业执照", "样张", "演示企业（景洪）有限公司", "景洪市市场监督管理局", "五华区市场监督管理局"):
        assert words in said
    clerk.do(reference, "report-print", {"kind": "正本", "copy_no": 1, "outcome": "printed", "seal": True})
    handing = {"collector": "演示", "document_type": "resident_id", "document_number": "1", "relation": "self"}
    assert clerk.do(reference, "hand-over", handing)["state"] == "collected"
    rated = httpx.post(
        f"{any_town.server.url}/api/public/cases/{reference}/rating",
        json={"level": "very_satisfied"},
        headers={"X-Query-Code": case["query_code"]},
    )
    assert rated.status_code == 201, rated.text
    found = _telephone(any_town, certificate)
    assert found["status"] == "valid"
    assert _offline(any_town, found["token"])["id"] == certificate
    page = httpx.get(f"{any_town.server.url}/verify/{certificate}", params={"token": found["token"]}).text
    assert "这份证照现在有效" in page
    decider.do(reference, "annul", {"ground": "deception", "basis": "演示依据"})
    assert _telephone(any_town, certificate)["status"] == "revoked"
    page = httpx.get(f"{any_town.server.url}/verify/{certificate}", params={"token": found["token"]}).text
    assert "已撤销" in page
    assert "这份证照现在有效" not in page
    # What was signed stays genuine; that it holds no longer is a fact of today.
    assert _offline(any_town, found["token"])["id"] == certificate


def test_the_same_paper_is_the_same_after_a_restart(any_town: Town) -> None:
    case, clerk, _ = _founding(any_town)
    href = f"/api/cases/{case['reference']}/papers/registration-notice-6"
    first = clerk.client.get(href).content
    any_town.server.stop()
    any_town.server.start()
    assert clerk.client.get(href).content == first
    token = _telephone(any_town, clerk.case(case["reference"]).json()["certificate_id"])["token"]
    assert _offline(any_town, token)["authority"] == "532801"
