"""What two windows do together: papers by courier, words, a registrar's own system, the file of a relocation."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import force_setattr

from catalogue.domain.days import local_day
from catalogue.domain.people import Role
from catalogue.domain.registry.model import Legs
from catalogue.service.jobs import run_once
from tests.web.conftest import SIMAO, Browser, Town, application


@pytest.fixture(scope="module")
def decider(town: Town) -> Browser:
    return town.machine("decider", "cases:write")


@pytest.fixture(scope="module")
def reviewer(town: Town) -> Browser:
    return town.machine("reviewer", "cases:write")


def arrived(clerk: Browser, intake: Browser, **changes: Any) -> str:
    """A case that the home region has received."""
    reference: str = clerk.receive(**changes).json()["reference"]
    for browser, command in ((clerk, "forward"), (intake, "receive-at-home")):
        answer = browser.command(reference, command)
        assert answer.status_code == 200, answer.text
    return reference


def today() -> date:
    return local_day(datetime.now(UTC))


def ok(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


# Paper originals


def test_originals_travel_with_a_slip_and_are_ticked_on_arrival(clerk: Browser, intake: Browser) -> None:
    reference = arrived(clerk, intake)
    sent = {"papers": ["application", "other"], "carrier": "演示快递", "tracking": "YS1"}
    slip = ok(clerk.command(reference, "send-papers", sent))["slips"][0]
    assert (slip["sender"], slip["papers"], slip["arrived_on"]) == ("accepting", ["application", "other"], None)
    assert slip["due_on"] is None, "the limit of this leg is unknown and no date is made up"
    again = clerk.command(reference, "send-papers", sent)
    assert (again.status_code, again.json()["rule"]) == (409, "slip-under-way")
    unsaid = intake.command(reference, "receive-papers", {"received": ["application"]})
    assert (unsaid.status_code, unsaid.json()["errors"][0]["code"]) == (422, "tick-every-paper")
    both = {"received": ["application", "other"], "missing": ["other"]}
    assert intake.command(reference, "receive-papers", both).status_code == 422
    ticked = ok(intake.command(reference, "receive-papers", {"received": ["application"], "missing": ["other"]}))
    assert ticked["slips"][0]["missing"] == ["other"]
    assert ok(clerk.get(f"/api/cases/{reference}"))["slips"] == ticked["slips"], "both sides see it"


def test_papers_go_back_the_same_way(clerk: Browser, intake: Browser) -> None:
    reference = arrived(clerk, intake)
    ok(intake.command(reference, "send-papers", {"papers": ["result"], "carrier": "演示快递", "tracking": "YS2"}))
    back = ok(clerk.command(reference, "receive-papers", {"received": ["result"]}))
    assert [(slip["sender"], slip["missing"]) for slip in back["slips"]] == [("home", [])]


def test_originals_that_came_without_a_slip_are_ticked_all_the_same(clerk: Browser, intake: Browser) -> None:
    reference = arrived(clerk, intake)
    ticked = ok(intake.command(reference, "receive-papers", {"received": ["application"]}))
    assert ticked["slips"][0]["sender"] == "accepting"
    strange = intake.command(reference, "receive-papers", {"received": ["no-such-paper"]})
    assert strange.json()["errors"][0]["code"] == "unknown-paper"
    assert intake.command(reference, "receive-papers", {}).status_code == 422


# Words between the windows


def test_words_between_the_windows_reach_both_and_never_the_applicant(
    town: Town, clerk: Browser, intake: Browser
) -> None:
    receipt = clerk.receive().json()
    reference, code = receipt["reference"], receipt["query_code"]
    ok(clerk.command(reference, "forward"))
    ok(clerk.command(reference, "message", {"text": "演示：原件明日到"}))
    ok(intake.command(reference, "message", {"text": "演示：收到"}))
    for browser in (clerk, intake):
        events = ok(browser.get(f"/api/cases/{reference}"))["events"]
        assert [e["note"] for e in events if e["type"] == "message_sent"] == ["演示：原件明日到", "演示：收到"]
    public = town.anybody().get(f"/api/public/cases/{reference}", headers={"X-Query-Code": code})
    assert "message_sent" not in {entry["type"] for entry in public.json()["timeline"]}
    assert "原件明日到" not in public.text
    other = town.machine("other-clerk", "cases:write")
    assert other.command(reference, "message", {"text": "演示"}).status_code == 404


# The registrar's own system


def test_a_result_of_the_registrars_system_is_recorded_and_not_decided_twice(
    clerk: Browser, intake: Browser, decider: Browser
) -> None:
    reference = arrived(clerk, intake)
    number = uuid.uuid4().hex[:18]
    assert ok(intake.command(reference, "record-external", {"number": f"外-{number}"}))["external_number"]
    day = today().isoformat()
    result = {"outcome": "granted", "decided_on": day, "number": number}
    mine = intake.command(reference, "attach-result", result)
    assert (mine.status_code, mine.json()["rule"]) == (409, "decided-here"), "in a demonstration it is decided here"
    attached = ok(decider.command(reference, "attach-result", result))
    assert (attached["state"], attached["certificate_number"]) == ("cert_ready", number)
    assert [event["type"] for event in attached["events"]] == ["accepted", "result_attached", "certificate_made"]
    assert attached["decided_on"] == day
    assert attached["external_number"] == f"外-{number}"
    assert decider.command(reference, "attach-result", result).status_code == 409


def test_where_another_system_decides_the_intake_attaches_its_result(
    town: Town, clerk: Browser, intake: Browser
) -> None:
    town.house.demo = False
    try:
        reference = arrived(clerk, intake)
        case = ok(clerk.get(f"/api/cases/{reference}"))
        assert case["record"] == "external", "a registration is decided in the registrar's own system by default"
        refused = {"outcome": "refused", "decided_on": today().isoformat(), "external_number": "外-9"}
        assert ok(intake.command(reference, "attach-result", refused))["state"] == "decided_refuse"
    finally:
        town.house.demo = True


@pytest.mark.parametrize("days", [-400, 1])
def test_a_result_lies_between_receipt_and_today(clerk: Browser, intake: Browser, decider: Browser, days: int) -> None:
    reference = arrived(clerk, intake)
    day = (today() + timedelta(days=days)).isoformat()
    answer = decider.command(reference, "attach-result", {"outcome": "granted", "decided_on": day})
    assert answer.json()["errors"][0]["code"] == "day-out-of-range"


def test_a_result_is_not_attached_past_unverified_persons(clerk: Browser, intake: Browser, decider: Browser) -> None:
    people = [{**application()["people"][0], "identity_check": None}]
    reference = arrived(clerk, intake, people=people)
    answer = decider.command(reference, "attach-result", {"outcome": "granted", "decided_on": today().isoformat()})
    assert answer.json()["rule"] == "unverified-people"


# Relocation


@pytest.fixture(scope="module")
def old_registrar(town: Town) -> Browser:
    town.add("simao-intake", SIMAO, Role.HOME_INTAKE)
    return town.machine("simao-intake", "cases:write")


def relocation(clerk: Browser, intake: Browser) -> str:
    return arrived(
        clerk,
        intake,
        matter="entity-relocation",
        particulars={"entity_type": "other"},
        form={"enterprise_name": "演示迁移有限公司", "old_division": SIMAO},
    )


def test_the_old_registrar_hands_the_file_over_and_consents_to_nothing(
    town: Town, clerk: Browser, intake: Browser, decider: Browser, reviewer: Browser, old_registrar: Browser
) -> None:
    reference = relocation(clerk, intake)
    assert old_registrar.get(f"/api/cases/{reference}").status_code == 404, "before it is asked it sees nothing"
    asked = ok(intake.command(reference, "request-file"))
    assert asked["transfer"]["office"] == SIMAO, "as the application names the division it moves from"
    assert asked["transfer"]["due_on"] is None
    assert '<a href="/desk/files"><b>' in town.sign_in("simao-intake").get("/desk").text, "counted like a queue"
    assert 'href="/desk/files"><b>' not in town.sign_in("intake").get("/desk").text
    seen = ok(old_registrar.get(f"/api/cases/{reference}"))
    assert seen["allowed"] == ["send-file"], "a task of its own, and no say in the decision"
    assert seen["dossier"] == {}, "and no more of the applicant than the task needs"

    ok(intake.command(reference, "accept"))
    ok(reviewer.command(reference, "review", {"opinion": "演示", "advice": "grant"}))
    assert ok(decider.command(reference, "grant", {"opinion": "演示"}))["state"] == "decided_grant", (
        "the decision does not wait for the file"
    )
    sent = ok(old_registrar.command(reference, "send-file", {"electronic": True, "pages": 42}))
    assert sent["transfer"]["sent_on"]
    assert old_registrar.command(reference, "send-file", {}).status_code == 409
    assert ok(intake.command(reference, "receive-file"))["transfer"]["received_on"]


def test_the_old_registrars_time_is_its_own_account(
    town: Town, clerk: Browser, intake: Browser, old_registrar: Browser
) -> None:
    reference = relocation(clerk, intake)
    ok(intake.command(reference, "request-file"))
    town.clock.moved += timedelta(days=7)
    try:
        case = ok(intake.get(f"/api/cases/{reference}"))
        assert case["transfer"]["days_used"] >= 3
        ok(old_registrar.command(reference, "send-file", {}))
        used = ok(intake.get(f"/api/cases/{reference}"))["transfer"]["days_used"]
        town.clock.moved += timedelta(days=7)
        assert ok(intake.get(f"/api/cases/{reference}"))["transfer"]["days_used"] == used, "it stops with the sending"
    finally:
        town.clock.moved = timedelta()


def test_the_old_registrar_finds_its_task_in_a_list_of_its_own(
    town: Town, clerk: Browser, intake: Browser, old_registrar: Browser
) -> None:
    reference = relocation(clerk, intake)
    ok(intake.command(reference, "request-file"))
    officer = town.sign_in("simao-intake")
    assert reference in officer.get("/desk/files").text
    ok(old_registrar.command(reference, "send-file", {}))
    assert reference not in officer.get("/desk/files").text
    assert reference not in town.sign_in("intake").get("/desk/files").text


def test_both_sides_are_warned_of_papers_and_files_that_are_late_where_a_limit_is_known(
    town: Town, clerk: Browser, intake: Browser
) -> None:
    regions = town.house.in_force().registry.regions
    before = {name: regions[name].legs for name in ("xishuangbanna", "puer")}
    for name in before:
        force_setattr(regions[name], "legs", Legs(to_home_days=3, back_days=3, file_days=5))
    try:
        reference = relocation(clerk, intake)
        ok(clerk.command(reference, "send-papers", {"papers": ["other"], "carrier": "演示", "tracking": "1"}))
        case = ok(intake.command(reference, "request-file"))
        due, file_due = case["slips"][0]["due_on"], case["transfer"]["due_on"]
        assert due < file_due
        town.clock.moved += timedelta(days=12)
        run_once(town.database, town.house, None, anchor=False)
        for browser in (clerk, intake):
            events = ok(browser.get(f"/api/cases/{reference}"))["events"]
            warned = {event["facts"]["limit"] for event in events if event["type"] == "limit_warned"}
            assert {f"papers-0:{due}", f"file:{file_due}"} <= warned
        shown = town.sign_in("intake").get(f"/desk/cases/{reference}").text
        assert f"原件在途期限：{due}" in shown, "which limit is meant is said in words"
        assert f"档案移交期限：{file_due}" in shown
        run_once(town.database, town.house, None, anchor=False)
        again = ok(clerk.get(f"/api/cases/{reference}"))["events"]
        assert len([e for e in again if e["type"] == "limit_warned"]) == len(warned), "each once"
    finally:
        town.clock.moved = timedelta()
        for name, legs in before.items():
            force_setattr(regions[name], "legs", legs)


def test_a_rerouted_case_looks_new_and_tells_why_it_came(town: Town, clerk: Browser, intake: Browser) -> None:
    reference = clerk.receive(place=SIMAO).json()["reference"]
    ok(clerk.command(reference, "forward"))
    old = town.machine("simao-intake", "cases:write")
    ok(old.command(reference, "bounce", {"code": "wrong_region", "reason": "演示：属景洪市"}))
    ok(clerk.command(reference, "reroute", {"place": "532801", "reason": "演示：住所在景洪"}))
    ok(clerk.command(reference, "forward"))
    page = town.sign_in("intake").get(f"/desk/cases/{reference}").text
    assert "为何转来" in page
    assert "演示：属景洪市" in page
    assert "演示：住所在景洪" in page
    assert ok(intake.command(reference, "receive-at-home"))["state"] == "home_received"


def test_a_case_returns_to_a_refuser_only_by_a_persons_written_reason(town: Town, clerk: Browser) -> None:
    reference = clerk.receive(place=SIMAO).json()["reference"]
    ok(clerk.command(reference, "forward"))
    old = town.machine("simao-intake", "cases:write")
    ok(old.command(reference, "bounce", {"code": "wrong_office", "reason": "演示"}))
    assert clerk.command(reference, "reroute", {}).status_code == 422, "no reason, no way back"
    back = ok(clerk.command(reference, "reroute", {"reason": "演示：已电话确认由思茅区办理"}))
    assert back["events"][-1]["facts"]["returns_to_refuser"] is True


def test_a_file_is_asked_for_in_a_relocation_only(clerk: Browser, intake: Browser) -> None:
    answer = intake.command(arrived(clerk, intake), "request-file", {"office": SIMAO})
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]) == (409, "state-forbids")


def test_the_forms_of_these_acts_stand_on_the_page_of_the_case(town: Town, clerk: Browser, intake: Browser) -> None:
    reference = arrived(clerk, intake)
    page = town.sign_in("intake").get(f"/desk/cases/{reference}")
    assert page.status_code == 200
    for words in ("签收纸质材料", "寄出纸质材料", "发消息给对方窗口", "登记外部系统编号"):
        assert words in page.text
