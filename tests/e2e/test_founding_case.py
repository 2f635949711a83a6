"""The story every change must keep true: received in 五华区, decided in 景洪市, handed over in 五华区, seen online."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.e2e.server import Town, application, catalogue

WUHUA, JINGHONG = "530102", "532801"


def followed(url: str, reference: str, code: str) -> dict[str, Any]:
    answer = httpx.get(f"{url}/api/public/cases/{reference}", params={"code": code})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_licence_of_jinghong_is_handed_over_in_wuhua(demo_town: Town) -> None:
    url = demo_town.server.url
    clerk = demo_town.person("window_clerk", WUHUA)

    card = clerk.client.get(
        "/api/routes", params={"matter": "company-establishment", "place": JINGHONG, "company_type": "limited"}
    ).json()
    assert (card["region"], card["office"]["id"], card["office"]["level"]) == ("xishuangbanna", JINGHONG, "county")
    assert card["explanation"]

    answer = clerk.submit(application())
    assert answer.status_code == 201, answer.text
    receipt = answer.json()
    reference, code = receipt["reference"], receipt["query_code"]
    assert receipt["state"] == "received"
    assert receipt["routing"]["office"]["id"] == JINGHONG
    status = followed(url, reference, code)
    assert (status["state"], status["holder"]["office"]["id"]) == ("received", WUHUA)

    assert clerk.do(reference, "forward")["state"] == "forwarded"
    intake = demo_town.person("home_intake", JINGHONG)
    queue = intake.client.get("/api/cases", params={"queue": "to_receive"}).json()
    assert reference in {line["reference"] for line in queue["cases"]}
    assert intake.do(reference, "receive-at-home")["state"] == "home_received"
    assert intake.do(reference, "accept")["state"] == "accepted"

    reviewer = demo_town.person("reviewer", JINGHONG)
    reviewer.do(reference, "claim")
    assert reviewer.do(reference, "review", {"opinion": "演示：齐全", "advice": "grant"})["state"] == "under_review"
    decider = demo_town.person("decider", JINGHONG)
    assert decider.do(reference, "grant", {"opinion": "演示：准予"})["state"] == "decided_grant"
    made = intake.do(reference, "make-certificate", {"number": "91532801MA00000001"})
    assert (made["state"], made["certificate_number"]) == ("cert_ready", "91532801MA00000001")
    status = followed(url, reference, code)
    assert status["holder"]["office"]["id"] == WUHUA, "the way back leads to the window that received"

    handed = clerk.do(
        reference,
        "hand-over",
        {
            "collector": "演示申请人",
            "document_type": "resident_id",
            "document_number": "11010519491231002X",
            "relation": "self",
        },
    )
    assert handed["state"] == "collected"
    status = followed(url, reference, code)
    assert status["state"] in ("collected", "closed")
    kinds = [entry["type"] for entry in status["timeline"]]
    assert kinds[:4] == ["received", "forwarded", "received_at_home", "accepted"]
    assert "演示申请人" not in json.dumps(status, ensure_ascii=False)

    verified = httpx.get(f"{url}/api/certificates/{made['certificate_id']}/verification").json()
    assert verified["status"] == "valid"
    assert verified["kind"]["zh"] == "营业执照"


def test_the_chains_hold_and_the_projection_is_its_events(demo_town: Town) -> None:
    env = demo_town.server.env
    report = json.loads(catalogue(env, "audit", "verify", "--json").stdout)
    assert report["broken"] == []
    assert report["cases"] > 0
    assert json.loads(catalogue(env, "case", "rebuild", "--json").stdout)["differences"] == []


def test_the_demonstration_refuses_a_database_that_holds_anything(demo_town: Town) -> None:
    done = catalogue(demo_town.server.env, "demo", "--json", check=False)
    assert done.returncode == 1
    assert "empty-database" in done.stderr


def test_every_state_is_shown_by_the_demonstration(demo_town: Town) -> None:
    seen = set()
    auditor = demo_town.person("auditor", "530100")
    cursor = None
    while True:
        page = auditor.client.get("/api/cases", params={"limit": 200, **({"cursor": cursor} if cursor else {})}).json()
        seen |= {line["state"] for line in page["cases"]}
        cursor = page.get("next_cursor")
        if cursor is None:
            break
    words = auditor.client.get("/api/vocabulary").json()["states"]
    assert seen == set(words)


def test_a_returned_registration_is_resubmitted_as_a_linked_case(demo_town: Town) -> None:
    clerk = demo_town.person("window_clerk", WUHUA)
    intake = demo_town.person("home_intake", JINGHONG)
    first = clerk.submit(application(form={"enterprise_name": "演示重新提交有限公司"})).json()["reference"]
    clerk.do(first, "forward")
    intake.do(first, "receive-at-home")
    assert intake.do(first, "return-for-resubmission", {"items": [{"text": "演示：缺章程"}]})["state"] == "returned"
    answer = clerk.submit({"resubmits": first, "consent": True})
    assert answer.status_code == 201, answer.text
    second = answer.json()["reference"]
    case = clerk.case(second).json()
    assert case["resubmits"] == first
    assert case["dossier"]["form"]["enterprise_name"] == "演示重新提交有限公司"
    assert clerk.case(first).json()["resubmitted_as"] == second
    again = clerk.submit({"resubmits": first, "consent": True})
    assert again.status_code == 409


def test_a_newcomer_finds_the_front_door(demo_town: Town) -> None:
    page = httpx.get(demo_town.server.url + "/")
    assert page.status_code == 200
    assert "跨区通办" in page.text
    assert "演示" in page.text
