"""Cases over the API: bad input changes nothing, repeated sending acts once, personal data are masked."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from catalogue.domain.people import Role
from catalogue.web.edge import Edge
from tests.web.conftest import JINGHONG, Browser, Town, application, resident_id

NUMBER = resident_id()


def _count(town: Town) -> int:
    return len(list(town.database.read(lambda work: list(work.cases.references())).result()))


def _person(**changes: Any) -> dict[str, Any]:
    return {**application()["applicant"], **changes}


@pytest.mark.parametrize(
    ("changes", "status", "code", "path"),
    [
        ({"applicant": _person(document_number=NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1"))},
         422, "invalid-input", "applicant.document_number"),
        ({"applicant": _person(document_number="11010119901332123X")},
         422, "invalid-input", "applicant.document_number"),
        ({"applicant": _person(name="演示😀")}, 422, "invalid-input", "applicant.name"),
        ({"applicant": _person(name="")}, 422, "invalid-input", "applicant.name"),
        ({"applicant": _person(name="演\u0000示")}, 422, "invalid-input", "applicant.name"),
        ({"applicant": _person(kind="robot")}, 422, "invalid-input", "applicant.kind"),
        ({"applicant": _person(face_image="AAAA")}, 422, "invalid-input", "applicant.face_image"),
        ({"matter": "no-such-matter"}, 422, "unknown-matter", "matter"),
        ({"matter": "../etc"}, 422, "unknown-matter", None),
        ({"place": "999999"}, 422, "unknown-place", None),
        ({"place": "景洪"}, 422, "unknown-place", None),
        ({"particulars": {}}, 422, "missing-particulars", "particulars.company_type"),
        ({"particulars": {"company_type": "limited", "colour": "red"}}, 422, "invalid-input", None),
        ({"particulars": {"company_type": "red"}}, 422, "invalid-input", None),
        ({"place": "110101"}, 422, "outside-scope", None),
        ({"particulars": {"company_type": "provincial"}}, 422, "outside-scope", None),
        ({"consent": False}, 422, "invalid-input", "consent"),
        ({"consent": 1}, 422, "invalid-input", "consent"),
        ({"form": {"address": "演\u0000示"}}, 422, "invalid-input", "form.address"),
        ({"form": {"address": ["演示"]}}, 422, "invalid-input", "form.address"),
        ({"form": {"业务": "演示"}}, 422, "invalid-input", "form.业务"),
        ({"surrendered": [{"kind": "licence", "copy_no": [], "received": True}]}, 422, "invalid-input",
         "surrendered.0.copy_no"),
        ({"resubmits": 5301}, 422, "invalid-input", "resubmits"),
        ({"materials": [{"id": "no-such-paper"}]}, 422, "invalid-input", None),
        ({"materials": "all"}, 422, "invalid-input", "materials"),
        ({"unheard_of": 1}, 422, "invalid-input", "unheard_of"),
        ({"revision": 99}, 409, "revision-superseded", None),
        ({"resubmits": "5301000000000000"}, 404, "not-found", None),
    ],
    ids=lambda value: str(value)[:48],
)  # fmt: skip
def test_bad_input_is_named_and_changes_nothing(
    town: Town, clerk: Browser, changes: dict[str, Any], status: int, code: str, path: str | None
) -> None:
    before = _count(town)
    answer = clerk.receive(**changes)
    body = answer.json()
    assert (answer.status_code, body["type"]) == (status, f"/problems/{code}"), body
    if path is not None:
        assert path in {fault["path"] for fault in body["errors"]}
        assert all(fault["message"] for fault in body["errors"])
    assert NUMBER not in answer.text
    assert _count(town) == before


def test_all_faults_are_told_at_once(clerk: Browser) -> None:
    answer = clerk.receive(applicant=_person(name="", kind="robot"), consent=False)
    assert {fault["path"] for fault in answer.json()["errors"]} >= {"applicant.name", "applicant.kind", "consent"}


def test_a_wrong_unified_code_only_warns(clerk: Browser) -> None:
    answer = clerk.receive(applicant=_person(unified_code="91530000MA6K000000"))
    assert answer.status_code == 201
    assert "applicant.unified_code" in {warning["path"] for warning in answer.json()["warnings"]}


def test_other_documents_are_free(clerk: Browser) -> None:
    answer = clerk.receive(applicant=_person(document_type="passport", document_number="X 12-34"))
    assert answer.status_code == 201


@pytest.mark.parametrize("name", ["䶮", "𬱖演示", "演示·买买提", "O’Demo", "Đemo Ñame", "演示㐂"])
def test_rare_names_are_taken_and_found_again(clerk: Browser, name: str) -> None:
    reference = clerk.receive(applicant=_person(name=name)).json()["reference"]
    found = clerk.get("/api/cases", params={"q": name}).json()["cases"]
    assert reference in {line["reference"] for line in found}
    clear = clerk.post(f"/api/cases/{reference}/unmask", json={"reason": "演示"}).json()
    assert clear["dossier"]["applicant"]["name"] == name


def test_a_place_for_which_no_office_answers_gives_a_case_with_an_owner(clerk: Browser) -> None:
    query = "matter=company-establishment&place=530101&company_type=limited"
    assert clerk.get(f"/api/routes?{query}").json()["unroutable"]["region"] == "kunming"
    body = clerk.receive(place="530101").json()
    assert body["state"] == "unroutable"
    assert body["routing"]["unroutable"]["owner"] == "530102"
    case = clerk.get(f"/api/cases/{body['reference']}").json()
    assert case["home"] == {"region": None, "office": None}
    assert "reroute" in case["allowed"]
    rerouted = clerk.command(body["reference"], "reroute", {"place": JINGHONG, "reason": "演示"})
    assert (rerouted.status_code, rerouted.json()["home"]["office"]) == (200, JINGHONG)


def test_the_answer_to_an_application(clerk: Browser) -> None:
    answer = clerk.receive()
    body = answer.json()
    assert re.fullmatch(r"\d{16}", body["reference"])
    assert re.fullmatch(r"[2346789A-Z]{8}", body["query_code"])
    assert answer.headers["location"] == f"/api/cases/{body['reference']}"
    assert answer.headers["etag"] == f'"{body["reference"]}-1"'
    assert body["state"] == "received"
    assert body["query_code"] not in body["status_url"]
    assert (body["routing"]["region"], body["routing"]["office"]["id"]) == ("xishuangbanna", JINGHONG)


def test_the_idempotency_key_is_required_and_bounded(clerk: Browser) -> None:
    for key, code in [(None, "idempotency-key-required"), ("a b", "idempotency-key-malformed"),
                      ("x" * 201, "idempotency-key-malformed"), ("é", "idempotency-key-malformed")]:  # fmt: skip
        headers = {} if key is None else {"Idempotency-Key": key.encode("latin-1")}
        answer = clerk.post("/api/cases", json=application(), headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (400, f"/problems/{code}")


def test_the_same_key_and_body_again_gives_the_same_answer(town: Town, clerk: Browser) -> None:
    key, body = uuid.uuid4().hex, application()
    first = clerk.receive(body, key)
    before = _count(town)
    again = clerk.receive(body, key)
    assert again.content == first.content
    assert (again.status_code, again.headers["etag"]) == (201, first.headers["etag"])
    assert _count(town) == before


def test_the_same_key_with_another_body_is_refused(town: Town, clerk: Browser) -> None:
    key = uuid.uuid4().hex
    assert clerk.receive(application(), key).status_code == 201
    before = _count(town)
    answer = clerk.receive(application(place="532823"), key)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/idempotency-key-reused")
    assert _count(town) == before


def test_the_same_key_of_another_account_is_another_key(town: Town, clerk: Browser) -> None:
    key = uuid.uuid4().hex
    first = clerk.receive(application(), key).json()["reference"]
    assert town.machine("other-clerk").receive(application(), key).json()["reference"] != first


def test_a_command_needs_the_tag_that_was_read(clerk: Browser, case: dict[str, Any]) -> None:
    path = f"/api/cases/{case['reference']}/forward"
    answer = clerk.post(path, json={})
    assert (answer.status_code, answer.json()["type"]) == (428, "/problems/precondition-required")
    answer = clerk.post(path, json={}, headers={"If-Match": '"stale"'})
    assert (answer.status_code, answer.json()["type"]) == (412, "/problems/stale-read")
    assert (answer.json()["state"], answer.json()["etag"]) == ("received", case["etag"])
    done = clerk.post(path, json={}, headers={"If-Match": case["etag"]})
    assert (done.status_code, done.json()["state"]) == (200, "forwarded")
    assert done.headers["etag"] == done.json()["etag"] == f'"{case["reference"]}-2"'
    answer = clerk.post(path, json={}, headers={"If-Match": case["etag"]})
    assert answer.status_code == 412


def test_a_repeated_command_acts_once(clerk: Browser, case: dict[str, Any]) -> None:
    path, headers = f"/api/cases/{case['reference']}/forward", {"If-Match": case["etag"], "Idempotency-Key": "k1"}
    first = clerk.post(path, content=b"{}", headers=headers)
    again = clerk.post(path, content=b"{}", headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    other = clerk.post(path, content=b'{"note":"x"}', headers=headers)
    assert (other.status_code, other.json()["type"]) == (409, "/problems/idempotency-key-reused")


def test_a_command_without_body(clerk: Browser, case: dict[str, Any]) -> None:
    answer = clerk.post(f"/api/cases/{case['reference']}/forward", headers={"If-Match": case["etag"]})
    assert answer.status_code == 200


def test_what_the_state_forbids_is_told_with_what_it_allows(
    intake: Browser, clerk: Browser, case: dict[str, Any]
) -> None:
    clerk.command(case["reference"], "forward")
    answer = intake.command(case["reference"], "accept")
    body = answer.json()
    assert (answer.status_code, body["type"], body["state"]) == (409, "/problems/state-forbids", "forwarded")
    assert "receive-at-home" in body["allowed"]


def test_a_stale_read_and_a_state_that_forbids_come_before_what_the_body_says(
    clerk: Browser, case: dict[str, Any]
) -> None:
    path = f"/api/cases/{case['reference']}/grant"
    assert clerk.post(path, json={}).status_code == 428
    assert clerk.post(path, json={}, headers={"If-Match": '"0-0"'}).status_code == 412
    answer = clerk.post(path, json={}, headers={"If-Match": case["etag"]})
    assert (answer.status_code, answer.json()["state"]) == (409, "received")


def test_every_refusal_of_a_command_tells_the_state_and_what_it_allows(
    clerk: Browser, intake: Browser, case: dict[str, Any]
) -> None:
    reference = case["reference"]
    clerk.command(reference, "forward")
    intake.command(reference, "receive-at-home")
    intake.command(reference, "claim")
    answer = intake.command(reference, "claim")
    body = answer.json()
    assert (answer.status_code, body["rule"], body["state"]) == (409, "claimed-already", "home_received")
    assert "accept" in body["allowed"]


def test_who_may_not_act_is_told_so(clerk: Browser, case: dict[str, Any]) -> None:
    clerk.command(case["reference"], "forward")
    answer = clerk.command(case["reference"], "receive-at-home")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed")


def test_a_clock_set_back_turns_no_case_around(town: Town, clerk: Browser, case: dict[str, Any]) -> None:
    reference = case["reference"]
    try:
        town.clock.moved = timedelta(minutes=20)
        assert clerk.command(reference, "note", {"text": "演示"}).status_code == 200
        town.clock.moved = timedelta()
        assert clerk.command(reference, "forward").status_code == 200
        assert clerk.command(reference, "note", {"text": "演示"}).status_code == 200
    finally:
        town.clock.moved = timedelta()
    told = clerk.get(f"/api/cases/{reference}").json()["events"]
    times = [datetime.fromisoformat(event["at"]) for event in told]
    assert len(times) == 4
    assert times == sorted(times)


def test_an_unknown_command_is_not_found(clerk: Browser, case: dict[str, Any]) -> None:
    assert clerk.command(case["reference"], "explode").status_code == 404


def test_the_body_of_a_command_is_checked(clerk: Browser, case: dict[str, Any]) -> None:
    answer = clerk.command(case["reference"], "return-at-window", {"items": [{"txt": "x"}]})
    assert answer.status_code == 422
    assert "items.0.text" in {fault["path"] for fault in answer.json()["errors"]}


def test_who_may_not_see_a_case_finds_nothing(town: Town, case: dict[str, Any]) -> None:
    other = town.machine("other-clerk")
    reference = case["reference"]
    answers = [
        other.get(f"/api/cases/{reference}"),
        other.command(reference, "forward"),
        other.post(f"/api/cases/{reference}/unmask", json={"reason": "x"}),
        other.get(f"/api/cases/{reference}/files"),
        other.post(f"/api/cases/{reference}/files", files={"file": ("a.pdf", b"%PDF-")}),
    ]
    assert {answer.status_code for answer in answers} == {404}
    unknown = other.get("/api/cases/5301261124000000").json()
    assert {**answers[0].json(), "instance": ""} == {**unknown, "instance": ""}
    assert reference not in other.get("/api/cases?limit=200").text
    assert town.machine("admin").get("/api/cases").json()["cases"] == []
    assert town.machine("auditor").get(f"/api/cases/{reference}").status_code == 200


def test_personal_data_are_masked_in_list_and_detail(clerk: Browser) -> None:
    reference = clerk.receive(applicant=_person(name="演示乙丙", phone="13912345678")).json()["reference"]
    listed = clerk.get("/api/cases").text
    detail = clerk.get(f"/api/cases/{reference}")
    for text in (listed, detail.text):
        assert "演示乙丙" not in text
        assert NUMBER not in text
        assert "13912345678" not in text
    assert detail.json()["masked"] is True
    assert detail.json()["dossier"]["applicant"]["name"] == "演**"


def test_unmasking_needs_a_reason_and_is_logged(town: Town, clerk: Browser, case: dict[str, Any]) -> None:
    path = f"/api/cases/{case['reference']}/unmask"
    assert clerk.post(path, json={}).status_code == 422
    before = clerk.get(f"/api/cases/{case['reference']}").json()["events"]
    answer = clerk.post(path, json={"reason": "演示：与申请人核对"})
    assert answer.json()["dossier"]["applicant"]["document_number"] == NUMBER
    assert answer.json()["masked"] is False
    assert clerk.get(f"/api/cases/{case['reference']}").json()["events"] == before


def test_personal_identifiers_find_a_case_exactly(clerk: Browser) -> None:
    phone = "13712345670"
    reference = clerk.receive(applicant=_person(phone=phone)).json()["reference"]
    for asked in (
        phone,
        "137 1234 5670",
        reference,
        f"{reference[:4]} {reference[4:8]} {reference[8:12]} {reference[12:]}",
    ):
        found = clerk.get("/api/cases", params={"q": asked}).json()["cases"]
        assert [line["reference"] for line in found] == [reference], asked
    assert clerk.get("/api/cases", params={"q": phone[:-1]}).json()["cases"] == []


def test_a_list_is_read_page_by_page(clerk: Browser) -> None:
    expected = {clerk.receive().json()["reference"] for _ in range(5)}
    seen: list[str] = []
    address = "/api/cases?limit=2&queue=to_forward"
    while address:
        answer = clerk.get(address)
        lines = answer.json()["cases"]
        assert len(lines) <= 2
        seen += [line["reference"] for line in lines]
        link = answer.headers.get("link")
        assert (link is None) == (answer.json()["next_cursor"] is None)
        following = re.fullmatch(r'<(.+)>; rel="next"', link or "")
        address = following[1] if following else ""
    assert len(seen) == len(set(seen))
    assert expected <= set(seen)


def test_filters(clerk: Browser, case: dict[str, Any]) -> None:
    for query, there in [
        ("state=received", True), ("state=forwarded", False), ("queue=to_forward", True), ("queue=to_review", False),
        ("matter=company-establishment", True), ("matter=no-such", False), ("region=kunming", True),
        ("region=xishuangbanna", True), ("region=yuxi", False),
    ]:  # fmt: skip
        found = clerk.get(f"/api/cases?limit=200&{query}").json()["cases"]
        assert (case["reference"] in {line["reference"] for line in found}) is there, query


def test_queues_count_what_waits(clerk: Browser, case: dict[str, Any]) -> None:
    def waiting() -> int:
        queues = clerk.get("/api/queues").json()["queues"]
        return next(int(entry["count"]) for entry in queues if entry["queue"] == "to_forward")

    before = waiting()
    clerk.command(case["reference"], "forward")
    assert waiting() == before - 1


PDF, PNG, JPEG = b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"


def test_scans_are_kept_and_read_back(clerk: Browser, case: dict[str, Any]) -> None:
    path = f"/api/cases/{case['reference']}/files"
    for content, kind in [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")]:
        answer = clerk.post(path, files={"file": ("../扫描\u202e件.exe", content + b"x" * 100, "text/html")})
        assert answer.status_code == 201
        body = answer.json()
        assert (body["media_type"], body["size"], body["name"]) == (kind, len(content) + 100, "扫描件.exe")
        got = clerk.get(answer.headers["location"])
        assert (got.content, got.headers["content-type"]) == (content + b"x" * 100, kind)
        assert got.headers["content-disposition"].startswith("attachment")
    assert len(clerk.get(path).json()["files"]) == 3
    again = clerk.post(path, files={"file": ("again.pdf", PDF + b"x" * 100)})
    assert again.json()["id"] == clerk.get(path).json()["files"][0]["id"]
    assert clerk.get(f"{path}/f0").status_code == 404


def test_a_scan_names_its_paper(clerk: Browser, case: dict[str, Any]) -> None:
    path = f"/api/cases/{case['reference']}/files"
    answer = clerk.post(path, files={"file": ("a.pdf", PDF + b"1")}, data={"material": "application"})
    assert answer.json()["material"] == "application"
    answer = clerk.post(path, files={"file": ("a.pdf", PDF + b"2")}, data={"material": "no-such-paper"})
    assert answer.status_code == 422


def test_a_case_out_of_sight_takes_no_file_whatever_it_is(
    town: Town, clerk: Browser, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scanned(edge: Edge, content: bytes) -> None:
        raise AssertionError("the scanner runs for no case out of sight")

    monkeypatch.setattr(Edge, "scanned", scanned)
    town.add("menghai-clerk", "532822", Role.WINDOW_CLERK)
    elsewhere = town.machine("menghai-clerk", "cases:write")
    for reference in (case["reference"], "0" * 16):
        for content in (PDF, b"<html>", PDF + b"x" * (15 * 2**20 + 1)):
            answer = elsewhere.post(f"/api/cases/{reference}/files", files={"file": ("a.pdf", content)})
            assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found"), len(content)


def test_other_content_and_too_large_scans_are_refused(clerk: Browser, case: dict[str, Any]) -> None:
    path = f"/api/cases/{case['reference']}/files"
    answer = clerk.post(path, files={"file": ("a.pdf", b"<html>", "application/pdf")})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")
    for size in (15 * 2**20 + 1, 21 * 2**20):
        answer = clerk.post(path, files={"file": ("a.pdf", PDF + b"x" * size)})
        assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")
    assert clerk.post(path, files={"file": ("a.pdf", PDF + b"x" * (15 * 2**20 - len(PDF)))}).status_code == 201


def test_a_case_that_ended_takes_no_more_papers(clerk: Browser, case: dict[str, Any]) -> None:
    clerk.command(case["reference"], "withdraw", {"reason": "演示"})
    answer = clerk.post(f"/api/cases/{case['reference']}/files", files={"file": ("a.pdf", PDF)})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/state-forbids")


def test_an_auditor_reads_and_adds_nothing(town: Town, case: dict[str, Any]) -> None:
    auditor = town.machine("auditor")
    path = f"/api/cases/{case['reference']}/files"
    assert auditor.get(path).status_code == 200
    assert auditor.post(path, files={"file": ("a.pdf", PDF)}).status_code == 403


def test_a_returned_registration_is_resubmitted_as_a_linked_case(
    clerk: Browser, intake: Browser, case: dict[str, Any]
) -> None:
    reference = case["reference"]
    clerk.command(reference, "forward")
    intake.command(reference, "receive-at-home")
    answer = intake.command(reference, "return-for-resubmission", {"items": [{"text": "演示：缺材料"}]})
    assert answer.json()["state"] == "returned"
    again = clerk.post(
        "/api/cases",
        json={"resubmits": reference, "consent": True, "identity_check": application()["identity_check"]},
        headers={"Idempotency-Key": uuid.uuid4().hex},
    )
    assert again.status_code == 201, again.text
    assert again.json()["resubmits"] == reference
    assert clerk.get(f"/api/cases/{reference}").json()["resubmitted_as"] == again.json()["reference"]


def test_a_field_of_several_types_is_at_fault_once(clerk: Browser) -> None:
    faults = clerk.receive(form={"address": "长" * 4001, "business_scope": ["演示"]}).json()["errors"]
    assert [(fault["path"], fault["code"]) for fault in faults] == [
        ("form.address", "string-too-long"),
        ("form.business_scope", "string-type"),
    ]


@pytest.mark.parametrize(
    "at", [0, 1771722000, "1771722000", True, None, "yesterday", "2026-02-22", "2026-02-22T09:00:00", [2026, 2, 22]]
)
def test_times_are_text_with_an_offset(clerk: Browser, at: Any) -> None:
    answer = clerk.receive(identity_check={"method": "card_reader", "at": at})
    assert answer.status_code == 422
    assert "identity_check.at" in {fault["path"] for fault in answer.json()["errors"]}


def test_days_are_text_and_numbers_are_numbers(clerk: Browser) -> None:
    for paper in (
        {"id": "application", "deferred_until": 0},
        {"id": "application", "deferred_until": "1798000000"},
        {"id": "application", "deferred_until": "20270104"},
        {"id": "application", "deferred_until": "2027-01-04T00:00:00"},
        {"id": "application", "originals": "1"},
    ):
        assert clerk.receive(materials=[paper]).status_code == 422
    paper = {"id": "application", "originals": 1, "deferred_until": "2027-01-04"}
    assert clerk.receive(materials=[paper]).status_code in (201, 422)
