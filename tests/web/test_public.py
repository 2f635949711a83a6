"""What needs no account: status, verification, catalogue, routing; and what never reaches the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from catalogue.service.tracking import FAILURES_PER_CLIENT, FAILURES_PER_REFERENCE, WINDOW
from tests.web.conftest import Browser, Town, application


def _track(caller: Browser, reference: str, code: str) -> Any:
    return caller.get(f"/api/public/cases/{reference}", headers={"X-Query-Code": code})


def test_status_by_number_and_code(town: Town, case: dict[str, Any]) -> None:
    caller = town.anybody()
    by_header = _track(caller, case["reference"], case["query_code"])
    by_query = caller.get(f"/api/public/cases/{case['reference']}", params={"code": case["query_code"].lower()})
    grouped = caller.get(
        f"/api/public/cases/{case['reference'][:4]}%20{case['reference'][4:]}?code={case['query_code']}"
    )
    assert by_header.status_code == by_query.status_code == grouped.status_code == 200
    body = by_header.json()
    assert by_query.json() == body == grouped.json()
    assert body["state"] == "received"
    assert body["holder"]["region"] == "kunming"
    assert [entry["type"] for entry in body["timeline"]] == ["received"]
    assert {"zh", "en"} == body["next_step"].keys() == body["label"].keys()
    assert "演示甲" not in by_header.text


def test_a_wrong_number_and_a_wrong_code_are_the_same(town: Town, case: dict[str, Any]) -> None:
    caller = town.anybody()
    answers = [
        _track(caller, case["reference"], "AAAAAAAA"),
        _track(caller, case["reference"], ""),
        _track(caller, case["reference"], "x"),
        _track(caller, "5301000000000000", case["query_code"]),
        _track(caller, "1", case["query_code"]),
        _track(caller, "5301261124000009", case["query_code"]),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({str({**answer.json(), "instance": ""}) for answer in answers}) == 1


def test_too_many_wrong_codes_block_the_reference(town: Town, clerk: Browser) -> None:
    case = clerk.receive().json()
    for _ in range(FAILURES_PER_REFERENCE):
        assert _track(town.anybody(), case["reference"], "AAAAAAAA").status_code == 404
    answer = _track(town.anybody(), case["reference"], case["query_code"])
    assert (answer.status_code, answer.json()["type"]) == (429, "/problems/too-many-requests")
    assert int(answer.headers["retry-after"]) > 0
    page = town.anybody().post("/status", data={"reference": case["reference"], "code": case["query_code"]})
    assert page.status_code == 429
    assert page.headers["retry-after"]
    try:
        town.clock.moved = WINDOW + timedelta(seconds=2)
        assert _track(town.anybody(), case["reference"], case["query_code"]).status_code == 200
    finally:
        town.clock.moved = timedelta()
        town.house.blocked.clear()


def test_too_many_wrong_numbers_block_the_client(town: Town, case: dict[str, Any]) -> None:
    caller = town.anybody()
    for number in range(FAILURES_PER_CLIENT):
        assert _track(caller, f"{number}", "AAAAAAAA").status_code == 404
    assert _track(caller, case["reference"], case["query_code"]).status_code == 429
    assert _track(town.anybody(), case["reference"], case["query_code"]).status_code == 200
    town.house.blocked.clear()


def test_successes_are_not_counted(town: Town, case: dict[str, Any]) -> None:
    caller = town.anybody()
    for _ in range(FAILURES_PER_REFERENCE + 2):
        assert _track(caller, case["reference"], case["query_code"]).status_code == 200


def test_the_log_holds_nothing_personal_and_no_query_string(town: Town) -> None:
    before = len(town.logged())
    browser = town.sign_in("clerk")
    case = browser.receive(application()).json()
    caller = town.anybody()
    caller.get(f"/api/public/cases/{case['reference']}?code={case['query_code']}")
    caller.get(f"/api/public/cases/{case['reference']}?code=WRONGCODE")
    caller.get(f"/no/such/{case['reference']}?code={case['query_code']}")
    caller.post("/status", data={"reference": case["reference"], "code": case["query_code"]})
    caller.get(f"/status?reference={case['reference']}&code={case['query_code']}")
    browser.get("/api/cases", params={"q": "演示甲"})
    browser.post(f"/api/cases/{case['reference']}/unmask", json={"reason": "演示理由"})
    caller.post("/api/session", json={"username": "clerk", "password": "Wrong-password-9"})
    logged = town.logged()[before:]
    assert '"route":"/api/public/cases/{reference}"' in logged
    secrets = [
        case["query_code"], case["reference"], "WRONGCODE", "演示", "Demo-password-7", "Wrong-password-9",
        application()["applicant"]["document_number"], "13800000000", "?", *browser.cookies.values(),
    ]  # fmt: skip
    assert [secret for secret in secrets if secret in logged] == []


def test_a_certificate_is_verified_by_anybody(town: Town) -> None:
    clerk, intake = town.machine("clerk"), town.machine("intake")
    reviewer, decider = town.machine("reviewer"), town.machine("decider")
    case = clerk.receive().json()
    reference = case["reference"]
    for who, command, body in [
        (clerk, "forward", {}), (intake, "receive-at-home", {}), (intake, "accept", {}), (reviewer, "claim", {}),
        (reviewer, "review", {"opinion": "演示", "advice": "grant"}), (decider, "grant", {"opinion": "演示"}),
        (intake, "make-certificate", {"number": "演示0001"}),
    ]:  # fmt: skip
        answer = who.command(reference, command, body)
        assert answer.status_code == 200, (command, answer.text)
    certificate = answer.json()["certificate_id"]
    caller = town.anybody()
    answer = caller.get(f"/api/certificates/{certificate}/verification")
    body = answer.json()
    assert (answer.status_code, body["status"], body["authority"]["id"]) == (200, "valid", "532801")
    assert body["issued_on"]
    assert "演示甲" not in answer.text
    page = caller.get(f"/verify/{certificate}")
    assert page.status_code == 200
    assert "有效" in page.text
    assert caller.get(f"/verify?id={certificate.lower()}").headers["location"] == f"/verify/{certificate}"
    other = "3" if certificate[-1] != "3" else "4"
    for wrong in ("0000000000000000", certificate[:-1], certificate[:-1] + other):
        assert caller.get(f"/api/certificates/{wrong}/verification").status_code == 404
    status = caller.post("/status", data={"reference": reference, "code": case["query_code"]})
    assert certificate in status.text


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("gssl", "company-establishment"),
        ("公司设立", "company-establishment"),
        ("注册公司", "company-establishment"),
        ("gongsisheli", "company-establishment"),
        ("company-establishment", "company-establishment"),
        ("Company establishment", "company-establishment"),
        ("000131127004", "company-establishment"),
        ("ＧＳＳＬ", "company-establishment"),
    ],
)
def test_a_matter_is_found_as_people_type_it(town: Town, asked: str, first: str) -> None:
    found = town.anybody().get("/api/matters", params={"q": asked}).json()["matters"]
    assert found[0]["id"] == first


def test_the_catalogue_is_whole_and_says_what_it_is(town: Town) -> None:
    body = town.anybody().get("/api/matters").json()
    assert body["count"] == len(body["matters"]) == 61
    assert "公开资料" in body["note"]["zh"]
    assert (
        sum(
            town.anybody().get("/api/matters", params={"category": category["id"]}).json()["count"]
            for category in body["categories"]
        )
        == 61
    )
    assert town.anybody().get("/api/matters?city=atlantis").status_code == 422
    assert town.anybody().get("/api/matters?q=" + "x" * 101).status_code == 422
    assert town.anybody().get("/api/matters", params={"q": "没有这样的"}).json()["matters"] == []


def test_every_matter_can_be_read(town: Town) -> None:
    caller = town.anybody()
    for matter in town.house.in_force().registry.matters:
        assert caller.get(f"/api/matters/{matter}").json()["id"] == matter
        assert caller.get(f"/matters/{matter}").status_code == 200
    assert caller.get("/api/matters/nothing").status_code == 404


def test_routing_is_told_in_the_readers_language(town: Town) -> None:
    caller, query = town.anybody(), "matter=company-establishment&place=532801&company_type=limited"
    zh = caller.get(f"/api/routes?{query}").json()
    en = caller.get(f"/api/routes?{query}", headers={"Accept-Language": "en"}).json()
    assert zh["office"]["name"] == "景洪市市场监督管理局"
    assert "Jinghong" in en["office"]["name"]
    assert zh["explanation"]
    assert {"rule", "matched", "reason"} == zh["explanation"][0].keys()


def test_routing_takes_a_finer_place(town: Town) -> None:
    answer = town.anybody().get(
        "/api/routes",
        params={"matter": "company-establishment", "place": "532823/磨憨镇", "company_type": "limited"},
    )
    assert answer.status_code == 200
    assert any("磨憨" in step["reason"] or "special" in step["rule"] for step in answer.json()["explanation"])


def test_routing_asks_for_what_is_missing(town: Town) -> None:
    caller = town.anybody()
    body = caller.get("/api/routes?matter=company-establishment&place=532801").json()
    assert body["type"] == "/problems/missing-particulars"
    assert body["missing"][0]["key"] == "company_type"
    assert body["missing"][0]["choices"][0].keys() == {"value", "label"}
    body = caller.get("/api/routes").json()
    assert {fault["path"] for fault in body["errors"]} == {"matter", "place"}


def test_routing_says_what_is_outside(town: Town) -> None:
    answer = town.anybody().get("/api/routes?matter=company-establishment&place=110101&company_type=limited")
    assert answer.status_code == 200
    assert answer.json()["outside_scope"].keys() == {"authority", "reason"}


def test_areas_registry_and_vocabulary(town: Town) -> None:
    caller = town.anybody()
    assert caller.get("/api/areas", params={"q": "景洪"}).json()["areas"][0]["code"] == "532801"
    assert caller.get("/api/areas?q=jh").json()["areas"]
    registry = caller.get("/api/registry").json()
    assert (registry["number"], registry["matters"], len(registry["regions"])) == (1, 61, 4)
    assert sum(len(region["offices"]) for region in registry["regions"]) >= 40
    revisions = caller.get("/api/registry/revisions").json()
    assert (revisions["in_force"], revisions["revisions"][0]["digest"]) == (1, registry["digest"])
    words = caller.get("/api/vocabulary").json()
    assert words["states"]["received"] == {"zh": "已收件", "en": "Received at the window"}
    assert "forward" in words["commands"]


def test_who_is_to_bring_papers_reads_within_how_many_days(town: Town, clerk: Browser, intake: Browser) -> None:
    case = clerk.receive(application(matter="food-business-licence-new", particulars={}, people=[])).json()
    number, code = case["reference"], case["query_code"]
    assert clerk.command(number, "forward").status_code == 200
    assert intake.command(number, "receive-at-home").status_code == 200
    asked = {"items": [{"text": "演示：缺平面图"}], "days": 7}
    assert intake.command(number, "request-correction", asked).status_code == 200
    step = _track(town.anybody(), number, code).json()["next_step"]
    assert "7 个工作日" in step["zh"]
    assert "7 working days" in step["en"]
    page = town.anybody().post("/status", data={"reference": number, "code": code})
    assert "自收到补正告知书起 7 个工作日内" in page.text
    assert clerk.command(number, "supply-correction", {"note": "演示"}).status_code == 200
    assert "7 个工作日" not in _track(town.anybody(), number, code).json()["next_step"]["zh"]
