"""容缺受理 and 告知承诺 from the window to the later check, through pages and API, where a registry admits them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalogue.domain.days import local_day
from tests.web.conftest import ROOT, Browser, Town, application, built, resident_id
from tests.web.test_intake_pages import number_of, send, value

LATER, PLEDGED = "safety_rules", "layout"
HANDED = {"collector": "演示", "document_type": "passport", "document_number": "E1", "relation": "self"}


@pytest.fixture(scope="module")
def lenient(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town whose registry lets one paper of 食品经营许可 follow later and a commitment stand in for another."""
    path = tmp_path_factory.mktemp("lenient") / "catalogue.db"
    path.write_bytes(sqlite_template.read_bytes())
    text = (ROOT / "matters.yaml").read_text("utf-8")
    for paper, more in ((PLEDGED, "pledge_check_days: 20"), (LATER, "deferrable: true")):
        start = text.index(f"- id: {paper}", text.index("- id: food-business-licence-new"))
        at = text.index("\n", start) + 1
        text = f"{text[:at]}        {more}\n{text[at:]}"
    with built(path, text.encode()) as made:
        yield made


@pytest.fixture
def people(lenient: Town) -> dict[str, Browser]:
    return {name: lenient.machine(name) for name in ("clerk", "intake", "reviewer", "decider")}


def _day(town: Town, days: int) -> str:
    return (local_day(town.clock.now()) + timedelta(days=days)).isoformat()


def _receive(clerk: Browser, *materials: dict[str, Any]) -> Any:
    return clerk.receive(
        application(
            matter="food-business-licence-new", particulars={}, people=[],
            materials=[{"id": "application", "originals": 1, "copies": 0}, *materials],
        )
    )  # fmt: skip


def _onward(people: dict[str, Browser], reference: str) -> None:
    for who, command, body in (
        ("clerk", "forward", {}), ("intake", "receive-at-home", {}), ("intake", "accept", {}),
        ("reviewer", "record-site-check", {"officers": ["reviewer", "intake"], "result": "演示"}),
        ("reviewer", "review", {"opinion": "演示", "advice": "grant"}),
    ):  # fmt: skip
        answer = people[who].command(reference, command, body)
        assert answer.status_code == 200, (command, answer.text)


def test_the_registry_says_what_may_follow_and_what_a_commitment_replaces(lenient: Town) -> None:
    papers = lenient.anybody().get("/api/matters/food-business-licence-new").json()["materials"]
    assert [paper["id"] for paper in papers if paper["deferrable"]] == [LATER]
    assert {paper["id"]: paper["pledge_check_days"] for paper in papers if paper["pledge_check_days"]} == {PLEDGED: 20}
    text = lenient.anybody().get("/matters/food-business-licence-new").text
    assert "可容缺后补" in text
    assert "可以告知承诺代替，准予后 20 个工作日内核查" in text


def test_what_the_registry_does_not_admit_is_refused_beside_its_paper(
    lenient: Town, people: dict[str, Browser]
) -> None:
    for line, code in (
        ({"id": PLEDGED, "deferred_until": _day(lenient, 9), "commitment": True}, "not-deferrable"),
        ({"id": LATER, "taken_as": "pledge"}, "not-pledgeable"),
        ({"id": LATER, "deferred_until": _day(lenient, 0), "commitment": True}, "not-in-the-future"),
    ):
        answer = _receive(people["clerk"], line)
        assert answer.status_code == 422
        assert [fault["code"] for fault in answer.json()["errors"]] == [code]


def test_a_deferred_paper_without_a_signed_commitment_is_warned_of(lenient: Town, people: dict[str, Browser]) -> None:
    answer = _receive(people["clerk"], {"id": LATER, "deferred_until": _day(lenient, 9)})
    assert answer.status_code == 201
    assert "commitment-missing" in {warning["code"] for warning in answer.json()["warnings"]}


def test_the_grant_waits_for_a_deferred_paper_that_comes_in_at_the_window(
    lenient: Town, people: dict[str, Browser]
) -> None:
    line = {"id": LATER, "deferred_until": _day(lenient, 9), "commitment": True}
    reference = _receive(people["clerk"], line).json()["reference"]
    _onward(people, reference)
    refused = people["decider"].command(reference, "grant", {"opinion": "演示"})
    assert (refused.status_code, refused.json()["rule"]) == (409, "deferred-papers")
    assert "受理即同意容缺" in lenient.sign_in("decider").get(f"/desk/cases/{reference}").text
    page = lenient.sign_in("clerk")
    shown = page.get(f"/desk/cases/{reference}").text
    form = re.search(r'action="/desk/cases/\d+/supply-deferred".*?</form>', shown, re.DOTALL)
    assert form is not None
    sent = page.post(
        f"/desk/cases/{reference}/supply-deferred",
        data={
            "csrf": page.csrf or "", "etag": value(form[0], "etag"), "key": uuid.uuid4().hex, "acting": "",
            "context": "", "next": "", "material": LATER,
        },
    )  # fmt: skip
    assert sent.status_code == 303, sent.text
    assert people["decider"].command(reference, "grant", {"opinion": "演示"}).status_code == 200


def test_a_commitment_is_checked_after_the_hand_over_as_a_task_of_its_own_queue(
    lenient: Town, people: dict[str, Browser]
) -> None:
    reference = _receive(people["clerk"], {"id": PLEDGED, "taken_as": "pledge"}).json()["reference"]
    _onward(people, reference)
    for who, command, body in (
        ("decider", "grant", {"opinion": "演示"}), ("intake", "make-certificate", {}), ("clerk", "hand-over", HANDED),
    ):  # fmt: skip
        answer = people[who].command(reference, command, body)
        assert answer.status_code == 200, (command, answer.text)
    case = people["intake"].get(f"/api/cases/{reference}").json()
    assert (case["state"], case["queue"]) == ("collected", "to_check")
    assert "check-pledge" in case["allowed"]
    assert case["limits"]["check_by"]
    listed = people["intake"].get("/api/cases", params={"queue": "to_check"}).json()["cases"]
    assert [line["reference"] for line in listed] == [reference]
    assert listed[0]["due_on"] == case["limits"]["check_by"]
    desk = lenient.sign_in("reviewer").get("/desk?queue=to_check").text
    assert "核查剩" in desk
    assert "待核查承诺" in desk
    checked = {"material": PLEDGED, "finding": "kept", "result": "演示：属实"}
    assert people["intake"].command(reference, "check-pledge", checked).status_code == 200
    case = people["intake"].get(f"/api/cases/{reference}").json()
    assert case["queue"] is None
    assert "check-pledge" not in case["allowed"]
    assert "承诺经核查属实" in lenient.sign_in("reviewer").get(f"/desk/cases/{reference}").text


def test_the_intake_page_takes_both_and_the_receipt_says_so(lenient: Town) -> None:
    page = lenient.sign_in("clerk")
    begun = page.get("/desk/intake?matter=food-business-licence-new&place=532801").text
    assert f'name="materials.{LATER}.deferred_until"' in begun
    assert f'name="materials.{PLEDGED}.deferred_until"' not in begun
    assert begun.count('<option value="pledge"') == 1
    form = {
        "csrf": page.csrf or "", "key": uuid.uuid4().hex, "matter": "food-business-licence-new", "place": "532801",
        "applicant.kind": "legal_person", "applicant.name": "演示企业", "applicant.document_type": "resident_id",
        "applicant.document_number": resident_id(), "applicant.phone": "13800000000",
        f"materials.{LATER}.deferred_until": _day(lenient, 9), f"materials.{LATER}.commitment": "1",
        f"materials.{PLEDGED}.taken": "1", f"materials.{PLEDGED}.originals": "0",
        f"materials.{PLEDGED}.copies": "0", f"materials.{PLEDGED}.taken_as": "pledge",
        "identity_check.method": "document_seen", "identity_check.at": "2026-11-23T09:00:00+08:00",
        "delivery.method": "window", "delivery.window": "530102", "consent": "1", "looked": "later", "do": "submit",
    }  # fmt: skip
    receipt = send(page, form).text
    number_of(receipt)
    assert "承诺书已签" in receipt
    assert "告知承诺书" in receipt
