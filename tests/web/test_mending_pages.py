"""Mending by the pages: recall before receipt, corrections of the window's typing, misrouted cases routed anew."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from catalogue.domain.people import Role
from tests.web.conftest import JINGHONG, WUHUA, Browser, Town, application
from tests.web.test_desk_pages import Desk, desks, text
from tests.web.test_intake_pages import filled, send

__all__ = ["desks"]
MENGHAI = "532822"


def received(clerk: Browser, **changes: Any) -> str:
    reference: str = clerk.receive(application(**changes)).json()["reference"]
    return reference


def test_the_window_recalls_what_nobody_has_received_yet(desks: dict[str, Desk], clerk: Browser) -> None:
    reference = received(clerk)
    desks["clerk"].done(reference, "forward")
    desks["clerk"].done(reference, "recall", {"reason": "演示：漏了一页"})
    case = clerk.get(f"/api/cases/{reference}").json()
    assert case["state"] == "received"
    assert case["events"][-1]["note"] == "演示：漏了一页"
    desks["clerk"].done(reference, "forward")
    desks["intake"].done(reference, "receive-at-home")
    assert 'id="act-recall"' not in desks["clerk"].get(f"/desk/cases/{reference}").text


def test_the_window_mends_its_typing_and_the_old_value_is_kept(desks: dict[str, Desk], clerk: Browser) -> None:
    reference = received(clerk)
    fields = {"path": "applicant.phone", "value": "13900000000", "evidence": "演示：当面核对"}
    desks["clerk"].done(reference, "correct-entry", fields)
    unmasked = clerk.post(f"/api/cases/{reference}/unmask", json={"reason": "演示"}).json()
    assert unmasked["dossier"]["applicant"]["phone"] == "13900000000"
    assert unmasked["events"][-1]["particulars"]["old"] == "13800000000"


def test_a_person_is_verified_later_in_the_words_of_the_window(desks: dict[str, Desk], clerk: Browser) -> None:
    person = application()["people"][0]
    reference = received(clerk, people=[{key: value for key, value in person.items() if key != "identity_check"}])
    assert clerk.get(f"/api/cases/{reference}").json()["unverified"] == ["legal_representative"]
    assert "未实名" in text(desks["clerk"].get(f"/desk/cases/{reference}"))
    fields = {"path": "people.0.identity_check", "value": "核看原件", "evidence": "演示：原件"}
    desks["clerk"].done(reference, "correct-entry", fields)
    case = clerk.get(f"/api/cases/{reference}").json()
    assert case["unverified"] == []
    assert case["dossier"]["people"][0]["identity_check"]["method"] == "document_seen"
    assert "核看原件" in text(desks["clerk"].get(f"/desk/cases/{reference}"))


def test_a_misrouted_case_waits_in_a_queue_of_the_window_and_is_routed_anew(
    desks: dict[str, Desk], clerk: Browser
) -> None:
    reference = received(clerk)
    desks["clerk"].done(reference, "forward")
    desks["intake"].done(
        reference, "bounce",
        {"code": "wrong_office", "reason": "演示：在勐海",
         "suggestion.office": "勐海县市场监督管理局", "suggestion.text": "演示"},
    )  # fmt: skip
    assert reference in desks["clerk"].get("/desk?queue=misrouted").text
    desks["clerk"].done(reference, "reroute", {"place": MENGHAI, "reason": "演示：按属地意见"})
    case = clerk.get(f"/api/cases/{reference}").json()
    assert (case["state"], case["home"]["office"]) == ("received", MENGHAI)
    assert reference not in desks["clerk"].get("/desk?queue=misrouted").text


def test_each_paper_of_a_slip_is_ticked_once_as_received_or_missing(desks: dict[str, Desk], clerk: Browser) -> None:
    reference = received(clerk)
    desks["clerk"].done(reference, "forward")
    desks["intake"].done(reference, "receive-at-home")
    sent = {"papers": ["articles", "other"], "carrier": "演示快递", "tracking": "YS1"}
    assert clerk.command(reference, "send-papers", sent).status_code == 200
    page = desks["intake"].get(f"/desk/cases/{reference}").text
    assert sorted(set(re.findall(r'name="arrival\.(\w+)"', page))) == ["articles", "other"]
    desks["intake"].done(reference, "receive-papers", {"arrival.articles": "received", "arrival.other": "missing"})
    slip = clerk.get(f"/api/cases/{reference}").json()["slips"][0]
    assert (slip["papers"], slip["missing"]) == (["articles", "other"], ["other"])


def test_only_papers_that_were_handed_in_are_offered_for_the_courier(desks: dict[str, Desk], clerk: Browser) -> None:
    reference = received(clerk, materials=[{"id": "application", "originals": 1}, {"id": "articles", "copies": 1}])
    desks["clerk"].done(reference, "forward")
    page = desks["clerk"].get(f"/desk/cases/{reference}").text
    assert set(re.findall(r'name="papers" value="(\w+)"', page)) == {"application", "articles", "result", "other"}


def test_an_office_that_is_none_is_told_at_its_field(desks: dict[str, Desk], clerk: Browser) -> None:
    reference = received(clerk)
    typed = {"method": "window", "window": "某某窗口", "reason": "演示"}
    answer = desks["clerk"].act(reference, "change-delivery", typed)
    assert answer.status_code == 422
    assert 'id="change-delivery-window-said"' in answer.text
    assert 'value="某某窗口"' in answer.text


@pytest.mark.parametrize("method", ["post", "electronic", "window"])
def test_the_result_is_delivered_as_chosen(desks: dict[str, Desk], clerk: Browser, method: str) -> None:
    also = {"post": {"address": "演示路1号"}, "window": {"window": JINGHONG}}.get(method, {})
    reference = received(clerk, delivery={"method": method, **also})
    case = clerk.get(f"/api/cases/{reference}").json()
    assert case["delivery"]["method"] == method
    assert case["delivery"]["window"] == also.get("window")


def test_another_account_signing_in_does_not_get_what_was_typed(town: Town) -> None:
    for name in ("first-clerk", "second-clerk"):
        town.add(name, WUHUA, Role.WINDOW_CLERK, password="Demo-password-7")
    first, nobody = town.sign_in("first-clerk"), town.anybody()
    shown = first.get("/desk/intake").text
    filler = shown.split('name="filler" value="')[1].split('"')[0]
    form = {**filled(first), "filler": filler, "key": uuid.uuid4().hex}
    again = {"again.username": "second-clerk", "again.password": "Demo-password-7"}
    page = send(nobody, {**form, **again}).text
    assert "另一个账号填的" in page
    assert "演示申请人" not in page
    again["again.username"] = "first-clerk"
    assert "演示申请人" in send(town.anybody(), {**form, **again}).text
