"""A city's own system: what it is told, what it answers, and that an answer is held to state and law."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from catalogue.domain.people import Role
from catalogue.service.answers import settle_overdue
from catalogue.service.delivery import Refused, Unreachable, deliver_due
from catalogue.service.ports import Message
from tests.web.conftest import Browser, Town

XISHUANGBANNA = "/api/regions/xishuangbanna/answers"
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture(scope="module")
def system(town: Town) -> Browser:
    """The own system of Xishuangbanna, by token."""
    town.add("system-xishuangbanna", "532800", Role.HOME_INTAKE)
    return town.machine("system-xishuangbanna", "answers")


@pytest.fixture
def told(town: Town) -> Iterator[list[Message]]:
    """The house tells Xishuangbanna by webhook; what it was told, once ``deliver`` was called."""
    town.house.webhooks = frozenset({"xishuangbanna"})
    yield []
    town.house.webhooks = frozenset()


def deliver(town: Town, told: list[Message]) -> None:
    deliver_due(town.database, town.house, {"webhook": told.append, "desk": lambda _: None})


def answer(system: Browser, reference: str, kind: str, sequence: int | None = None, /, **data: Any) -> httpx.Response:
    body = {
        "id": data.pop("id", uuid.uuid4().hex),
        "reference": reference,
        "type": kind,
        "data": data.pop("data", data),
    }
    officer = body["data"].pop("officer", None)
    if officer:
        body["officer"] = officer
    if sequence:
        body["sequence"] = sequence
    return system.post(XISHUANGBANNA, json=body)


def forwarded(clerk: Browser, **changes: Any) -> str:
    reference: str = clerk.receive(**changes).json()["reference"]
    assert clerk.command(reference, "forward").status_code == 200
    return reference


def test_a_city_is_told_of_everything_from_forwarding_on_in_order_and_whole(
    town: Town, clerk: Browser, told: list[Message]
) -> None:
    reference = clerk.receive(form={"enterprise_name": "演示有限公司"}).json()["reference"]
    file = clerk.post(f"/api/cases/{reference}/files", files={"file": ("章程.pdf", PDF)}).json()["id"]
    assert clerk.command(reference, "note", {"text": "演示备注"}).status_code == 200
    deliver(town, told)
    assert not [one for one in told if one.reference == reference], "before forwarding it is no business of theirs"
    clerk.command(reference, "forward")
    clerk.command(reference, "withdraw", {"reason": "演示"})
    deliver(town, told)
    mine = [one for one in told if one.reference == reference]
    assert [(one.type, one.sequence) for one in mine] == [("case.forwarded", 3), ("case.withdrawn", 4)]
    content = mine[0].body
    assert content["application"]["form"]["enterprise_name"] == "演示有限公司"
    assert content["application"]["applicant"]["name"] == "演示甲"
    assert content["home"]["id"] == "532801"
    assert content["state"] == "forwarded", "as it stood at the event, not as it stands now"
    assert [paper["id"] for paper in content["files"]] == [file]


def test_papers_are_fetched_by_links_that_run_out(town: Town, clerk: Browser, told: list[Message]) -> None:
    reference = clerk.receive().json()["reference"]
    clerk.post(f"/api/cases/{reference}/files", files={"file": ("章程.pdf", PDF)})
    clerk.command(reference, "forward")
    deliver(town, told)
    link = next(one for one in told if one.reference == reference).body["files"][0]["url"]
    anybody = town.anybody()
    assert anybody.get(link).content == PDF
    assert anybody.get(link.replace("xishuangbanna", "yuxi")).status_code == 404
    assert anybody.get(link[:-1] + ("0" if link[-1] != "0" else "1")).status_code == 404
    town.clock.moved += timedelta(hours=25)
    try:
        assert anybody.get(link).status_code == 404
    finally:
        town.clock.moved -= timedelta(hours=25)


def test_a_city_decides_by_answers_held_to_the_same_rules(
    town: Town, clerk: Browser, system: Browser, told: list[Message]
) -> None:
    reference = clerk.receive().json()["reference"]
    clerk.post(f"/api/cases/{reference}/files", files={"file": ("章程.pdf", PDF)})
    clerk.command(reference, "forward")
    for kind in ("received", "accepted"):
        assert answer(system, reference, kind).status_code == 200
    unread = answer(system, reference, "decision", decision="grant", opinion="演示", reviewer="li", decider="wang")
    assert unread.json()["rule"] == "unopened-papers", "what was not fetched was not read"
    deliver(town, told)
    link = next(one for one in told if one.reference == reference).body["files"][0]["url"]
    assert town.anybody().get(link).status_code == 200
    granted = answer(system, reference, "decision", decision="grant", opinion="演示", reviewer="li", decider="wang")
    assert granted.status_code == 200, granted.text
    assert granted.json()["case_state"] == "decided_grant"
    assert [event["type"] for event in granted.json()["events"]] == ["reviewed", "granted"]
    made = answer(system, reference, "certificate", number=uuid.uuid4().hex[:18])
    assert made.json()["case_state"] == "cert_ready"
    events = clerk.get(f"/api/cases/{reference}").json()["events"]
    assert all(event["facts"]["answer"] for event in events if event["type"] in ("accepted", "granted"))
    before = len(told)
    deliver(town, told)
    assert not [one for one in told[before:] if one.reference == reference], "nobody is told what he said himself"


def test_an_answer_sent_twice_takes_effect_once(clerk: Browser, system: Browser) -> None:
    reference = forwarded(clerk)
    first = answer(system, reference, "received", id="twice-1" + reference)
    again = answer(system, reference, "received", id="twice-1" + reference)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert [e["type"] for e in clerk.get(f"/api/cases/{reference}").json()["events"]].count("received_at_home") == 1
    other = answer(system, reference, "accepted", id="twice-1" + reference)
    assert (other.status_code, other.json()["type"].rsplit("/", 1)[-1]) == (409, "idempotency-key-reused")


def test_a_cloud_event_does_as_well_as_the_plain_body(clerk: Browser, system: Browser) -> None:
    reference = forwarded(clerk)
    event = {
        "specversion": "1.0", "id": uuid.uuid4().hex, "source": "/puer", "type": "case.received_at_home",
        "subject": reference, "sequence": "1", "datacontenttype": "application/json", "data": {"note": "演示"},
    }  # fmt: skip
    got = system.post(XISHUANGBANNA, json=event, headers={"content-type": "application/cloudevents+json"})
    assert (got.status_code, got.json()["case_state"]) == (200, "home_received")


def test_an_answer_before_its_turn_waits_for_the_earlier_ones(clerk: Browser, system: Browser) -> None:
    reference = forwarded(clerk)
    accepted = answer(system, reference, "accepted", 2)
    assert (accepted.status_code, accepted.json()["state"]) == (202, "waiting")
    reviewed = answer(system, reference, "reviewed", 3, officer="li", opinion="演示", advice="grant")
    assert reviewed.status_code == 202
    assert answer(system, reference, "received", 1).status_code == 200
    assert clerk.get(f"/api/cases/{reference}").json()["state"] == "under_review"
    late = answer(system, reference, "received", 2)
    assert (late.status_code, late.json()["rule"]) == (409, "answer-out-of-order")


def test_an_answer_whose_earlier_ones_never_come_is_judged_after_an_hour(
    town: Town, clerk: Browser, system: Browser
) -> None:
    reference = forwarded(clerk)
    early = "never" + reference
    assert answer(system, reference, "accepted", 2, id=early).status_code == 202
    town.clock.moved += timedelta(hours=2)
    try:
        assert settle_overdue(town.database, town.house) >= 1
    finally:
        town.clock.moved -= timedelta(hours=2)
    kept = town.database.read(lambda work: work.answers.get("xishuangbanna", early)).result()
    assert kept is not None
    assert (kept.state, kept.problem) == ("refused", "state-forbids")


def test_a_refused_answer_says_why_and_is_kept(town: Town, clerk: Browser, system: Browser) -> None:
    reference = forwarded(clerk)
    name = "refused" + reference
    refused = answer(system, reference, "granted", id=name, opinion="演示意见")
    assert refused.status_code == 409
    assert refused.json()["state"] == "forwarded"
    assert "receive-at-home" in refused.json()["allowed"]
    again = answer(system, reference, "granted", id=name, opinion="演示意见")
    assert (again.status_code, again.json()["detail"]) == (409, refused.json()["detail"])
    kept = town.database.read(lambda work: work.answers.get("xishuangbanna", name)).result()
    assert kept is not None
    assert (kept.state, kept.problem, kept.body["data"]) == ("refused", "state-forbids", {"opinion": "演示意见"})


def test_an_answer_on_an_unknown_case_is_refused_and_kept(town: Town, system: Browser) -> None:
    name = uuid.uuid4().hex
    assert answer(system, "1111111111111111", "accepted", id=name).status_code == 404
    kept = town.database.read(lambda work: work.answers.get("xishuangbanna", name)).result()
    assert kept is not None
    assert kept.problem == "not-found"


def test_another_citys_token_and_a_persons_session_answer_nothing(town: Town, clerk: Browser, system: Browser) -> None:
    reference = forwarded(clerk)
    town.add("system-yuxi-" + reference, "530400", Role.HOME_INTAKE)
    other = town.machine("system-yuxi-" + reference, "answers")
    assert answer(other, reference, "received").status_code == 403
    own = other.post(
        "/api/regions/yuxi/answers", json={"id": "y" + reference, "reference": reference, "type": "received"}
    )
    assert own.status_code == 404, "a case of another city does not exist for it"
    assert town.sign_in("intake").post(XISHUANGBANNA, json={}).status_code == 403
    assert town.machine("intake", "cases:write").post(XISHUANGBANNA, json={}).status_code == 403
    assert town.anybody().post(XISHUANGBANNA, json={}).status_code == 401
    assert clerk.get(f"/api/cases/{reference}").json()["state"] == "forwarded"


def test_a_message_that_keeps_being_refused_is_parked_with_reason_and_owner(
    town: Town, clerk: Browser, told: list[Message]
) -> None:
    first, second = forwarded(clerk), forwarded(clerk)
    clerk.command(first, "withdraw", {"reason": "演示"})

    def picky(message: Message) -> None:
        if message.reference == first:
            raise Refused("HTTP 422")
        told.append(message)

    start = town.clock.moved
    try:
        for _ in range(12):
            deliver_due(town.database, town.house, {"webhook": picky, "desk": told.append})
            town.clock.moved += timedelta(hours=1)
        rows = town.database.read(lambda work: work.outbox.list(state="parked")).result()
        mine = [row for row in rows if row["reference"] == first]
        assert [(row["reason"], row["owner"], row["attempts"]) for row in mine] == [("HTTP 422", "532800", 8)]
        assert [one.type for one in told if one.reference == second] == ["case.forwarded"], "the neighbours go on"
        assert not [one for one in told if one.reference == first], "and its own later ones wait"
        town.database.write(lambda work: work.outbox.resend(mine[0]["id"], work.now())).result()
        deliver_due(town.database, town.house, {"webhook": told.append, "desk": told.append})
        deliver_due(town.database, town.house, {"webhook": told.append, "desk": told.append})
        assert [one.type for one in told if one.reference == first] == ["case.forwarded", "case.withdrawn"]
    finally:
        town.clock.moved = start


def test_a_city_down_for_an_hour_delays_its_own_messages_and_loses_none(
    town: Town, clerk: Browser, told: list[Message]
) -> None:
    references = [forwarded(clerk) for _ in range(6)]
    other = clerk.receive(place="530402").json()["reference"]
    clerk.command(other, "forward")
    desk: list[Message] = []
    tries = 0

    def down(message: Message) -> None:
        nonlocal tries
        tries += 1
        raise Unreachable("ConnectError")

    start = town.clock.moved
    try:
        for _ in range(12):
            deliver_due(town.database, town.house, {"webhook": down, "desk": desk.append})
            town.clock.moved += timedelta(minutes=5)
        assert other in {one.reference for one in desk}, "another city has its case at once"
        assert tries <= 4 + 12, "the line is tried, not every message"
        rows = town.database.read(lambda work: work.outbox.list(region="xishuangbanna")).result()
        assert {row["state"] for row in rows if row["reference"] in references} == {"waiting"}
        line = next(
            line for line in town.database.read(lambda work: work.outbox.lines()).result()
            if line.region == "xishuangbanna"
        )  # fmt: skip
        assert line.failing_since is not None
        assert line.reason == "ConnectError"
        town.clock.moved += timedelta(minutes=10)
        deliver(town, told)
        assert sorted(one.reference for one in told if one.reference in references) == sorted(references)
    finally:
        town.clock.moved = start
        town.database.write(lambda work: work.outbox.go_on("xishuangbanna", work.now())).result()


def test_two_officers_it_names_are_two_persons_to_the_rules(clerk: Browser, system: Browser) -> None:
    reference = forwarded(clerk, matter="food-business-licence-new", particulars={}, people=[])
    answer(system, reference, "received")
    assert answer(system, reference, "accepted").json()["case_state"] == "accepted"
    alone = answer(system, reference, "decision", decision="grant", opinion="演示", reviewer="li", decider="li")
    assert (alone.status_code, alone.json()["rule"]) == (409, "separate-decider"), alone.text
    nobody = answer(system, reference, "decision", decision="grant", opinion="演示")
    assert nobody.json()["rule"] == "separate-decider", "who is not named is one and the same"
    assert clerk.get(f"/api/cases/{reference}").json()["state"] == "accepted", "half an answer takes no effect"
    check = {"officers": ["li", "wang"], "result": "演示"}
    assert answer(system, reference, "site_checked", officer="li", data=check).status_code == 200
    both = answer(system, reference, "decision", decision="grant", opinion="演示", reviewer="li", decider="wang")
    assert both.json()["case_state"] == "decided_grant"


def test_a_city_asks_for_corrections_once(clerk: Browser, system: Browser) -> None:
    reference = forwarded(clerk, matter="food-business-licence-new", particulars={}, people=[])
    answer(system, reference, "received")
    asked = answer(system, reference, "correction", items=[{"text": "演示：缺平面图"}], days=5)
    assert asked.json()["case_state"] == "correction_notice"
    assert clerk.command(reference, "supply-correction", {"note": "演示"}).status_code == 200
    twice = answer(system, reference, "correction", items=[{"text": "演示：又缺"}])
    assert (twice.status_code, twice.json()["rule"]) == (409, "one-notice")
