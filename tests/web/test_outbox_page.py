"""The administrator's page of the lines to the cities, and the figures of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from catalogue.domain.people import Role
from catalogue.service.delivery import Refused, deliver_due
from catalogue.service.meanings import wanted
from catalogue.service.ports import Message
from tests.web.conftest import Browser, Town
from tests.web.test_regions import answer, forwarded

PAGE = "/admin/outbox"


@pytest.fixture(scope="module")
def system(town: Town) -> Browser:
    """The own system of Xishuangbanna, by token."""
    name = "system-of-xishuangbanna"
    town.add(name, "532800", Role.HOME_INTAKE)
    return town.machine(name, "answers")


@pytest.fixture
def admin(town: Town) -> Browser:
    """A system administrator of Xishuangbanna, just signed in."""
    if "bn-admin" not in town.accounts:
        town.add("bn-admin", "532800", Role.SYSTEM_ADMIN)
    return town.sign_in("bn-admin")


@pytest.fixture(autouse=True)
def own_system(town: Town) -> Iterator[None]:
    town.house.webhooks = frozenset({"xishuangbanna"})
    yield
    town.house.webhooks = frozenset()
    town.clock.moved = timedelta()


def press(browser: Browser, path: str, **form: str) -> int:
    given = {"csrf": browser.csrf or "", **form}
    status: int = browser.post(path, data=given, headers={"X-CSRFToken": ""}).status_code
    return status


def parked(town: Town, clerk: Browser) -> str:
    """A case whose message is parked."""
    reference = forwarded(clerk)

    def refuses(message: Message) -> None:
        if message.reference == reference:
            raise Refused("HTTP 422")

    for _ in range(10):
        deliver_due(town.database, town.house, {"webhook": refuses, "desk": lambda _: None})
        town.clock.moved += timedelta(hours=2)
    return reference


def test_a_parked_message_is_shown_with_owner_and_sent_again_by_one_press(
    town: Town, clerk: Browser, admin: Browser
) -> None:
    reference = parked(town, clerk)
    admin = town.sign_in("bn-admin")
    page = admin.get(PAGE)
    assert page.status_code == 200
    row = page.text[page.text.index(reference) :][:900]
    assert "HTTP 422" in row
    assert "西双版纳" in row
    assert f"/admin/outbox/messages/{reference}-2/resend" in row
    assert press(admin, f"/admin/outbox/messages/{reference}-2/resend") == 303
    went: list[Message] = []
    deliver_due(town.database, town.house, {"webhook": went.append, "desk": lambda _: None})
    assert reference in {message.reference for message in went}


def test_a_line_is_paused_with_a_reason_and_goes_on(town: Town, clerk: Browser, admin: Browser) -> None:
    assert press(admin, f"{PAGE}/lines/xishuangbanna/pause", reason="") == 422
    assert press(admin, f"{PAGE}/lines/xishuangbanna/pause", reason="演示：机房割接") == 303
    reference = forwarded(clerk)
    went: list[Message] = []
    channels = {"webhook": went.append, "desk": lambda _: None}
    deliver_due(town.database, town.house, channels)
    assert went == []
    page = admin.get(PAGE).text
    assert "演示：机房割接" in page
    assert "bn-admin" in page
    assert press(admin, f"{PAGE}/lines/xishuangbanna/go-on") == 303
    deliver_due(town.database, town.house, channels)
    assert reference in {message.reference for message in went}


def test_a_city_looks_after_its_own_line_only(town: Town, admin: Browser) -> None:
    assert press(admin, f"{PAGE}/lines/yuxi/pause", reason="演示") == 403
    town.add("plain-clerk", "532800", Role.WINDOW_CLERK)
    assert town.sign_in("plain-clerk").get(PAGE).status_code == 403
    town.add("bn-auditor", "532800", Role.AUDITOR)
    auditor = town.sign_in("bn-auditor")
    assert auditor.get(PAGE).status_code == 200
    assert press(auditor, f"{PAGE}/lines/xishuangbanna/go-on") == 403


def test_a_refused_answer_is_judged_again_when_the_state_allows_it(
    town: Town, clerk: Browser, admin: Browser, system: Browser
) -> None:
    reference = forwarded(clerk)
    early = uuid.uuid4().hex
    assert answer(system, reference, "accepted", id=early).status_code == 409
    page = admin.get(PAGE).text
    assert reference in page
    assert answer(system, reference, "received").status_code == 200
    given = {"region": "xishuangbanna", "id": early}
    assert press(admin, f"{PAGE}/answers", act="again", **given) == 303
    assert clerk.get(f"/api/cases/{reference}").json()["state"] == "accepted"
    assert press(admin, f"{PAGE}/answers", act="again", **given) == 404, "once"


def test_differences_are_listed_and_mended_with_one_press(
    town: Town, clerk: Browser, admin: Browser, system: Browser
) -> None:
    lost, wrong = forwarded(clerk), forwarded(clerk)
    channels = {"webhook": lambda _: None, "desk": lambda _: None}
    deliver_due(town.database, town.house, channels)
    held = town.database.read(lambda work: work.outbox.held("xishuangbanna")).result()
    theirs = [
        {
            "reference": reference,
            "sequence": sequence,
            "state": "collected"
            if reference == wrong
            else clerk.get(f"/api/cases/{reference}").json().get("state", "forwarded"),
        }
        for reference, sequence in held.items()
        if reference != lost
    ]
    strange = "9999999999999999"
    theirs.append({"reference": strange, "sequence": 1, "state": "accepted"})
    told = system.post("/api/regions/xishuangbanna/holdings", json={"cases": theirs}).json()["differences"]
    found = {(one["reference"], one["kind"]) for one in told}
    assert {(lost, "missing"), (wrong, "state"), (strange, "unknown")} <= found
    page = admin.get(PAGE).text
    for reference, kind in ((lost, "missing"), (wrong, "state"), (strange, "unknown")):
        assert reference in page
        given = {"region": "xishuangbanna", "reference": reference, "kind": kind}
        assert press(admin, f"{PAGE}/differences", **given) == 303
        assert press(admin, f"{PAGE}/differences", **given) == 404
    went: list[Message] = []
    deliver_due(town.database, town.house, {"webhook": went.append, "desk": lambda _: None})
    assert {(one.reference, one.type) for one in went} >= {(lost, "case.forwarded"), (wrong, "case.stated")}


def test_the_figures_tell_of_every_line(town: Town, clerk: Browser) -> None:
    forwarded(clerk)
    figures = town.anybody().get("/metrics", headers={"x-test-peer": "127.0.0.1"}).text
    assert 'catalogue_outbox_messages{region="xishuangbanna",state="waiting"}' in figures
    assert 'catalogue_outbox_paused{region="xishuangbanna"} 0.0' in figures
    assert "catalogue_outbox_oldest_seconds" in figures


def test_the_home_officers_see_on_the_case_what_their_system_was_refused(
    town: Town, clerk: Browser, system: Browser
) -> None:
    reference = forwarded(clerk)
    early = {"data": {"note": "演示：系统里的原话"}}
    assert answer(system, reference, "accepted", **early).status_code == 409
    page = town.sign_in("intake").get(f"/desk/cases/{reference}").text
    section = page[page.index('id="refused-h"') :][:1500]
    assert "未采纳" in section
    assert "受理" in section
    assert "演示：系统里的原话" not in page, "what it said is kept for inspection, not shown"
    assert 'id="refused-h"' not in town.sign_in("clerk").get(f"/desk/cases/{reference}").text, (
        "the window's no business"
    )


def refused(town: Town, clerk: Browser, system: Browser) -> tuple[str, str]:
    """A case of 景洪市 on which acceptance was told before receipt, and the id of that answer."""
    reference, early = forwarded(clerk), uuid.uuid4().hex
    assert answer(system, reference, "accepted", id=early).status_code == 409
    return reference, early


def on_the_case(officer: Browser, reference: str, act: str, id: str) -> httpx.Response:
    form = {"csrf": officer.csrf or "", "id": id}
    return officer.post(f"/desk/cases/{reference}/answers/{act}", data=form, headers={"X-CSRFToken": ""})


def test_the_officers_of_the_deciding_office_settle_it_from_the_case_by_the_same_act(
    town: Town, clerk: Browser, admin: Browser, system: Browser
) -> None:
    officer = town.sign_in("intake")
    reference, early = refused(town, clerk, system)
    still = on_the_case(officer, reference, "again", early)
    assert still.status_code == 303
    assert "仍未采纳" in officer.get(still.headers["location"]).text
    assert answer(system, reference, "received").status_code == 200
    taken = on_the_case(officer, reference, "again", early)
    assert "采纳了" in officer.get(taken.headers["location"]).text
    assert clerk.get(f"/api/cases/{reference}").json()["state"] == "accepted"
    assert on_the_case(officer, reference, "again", early).status_code == 404, "once"

    reference, early = refused(town, clerk, system)
    assert on_the_case(officer, reference, "drop", early).status_code == 303
    assert 'id="refused-h"' not in officer.get(f"/desk/cases/{reference}").text
    assert early not in admin.get(PAGE).text, "settled in one place, settled in the other"
    assert on_the_case(officer, reference, "burn", early).status_code == 404


def test_an_answer_is_asked_for_again_by_telling_the_system_how_the_case_stands(
    town: Town, clerk: Browser, system: Browser
) -> None:
    officer = town.sign_in("intake")
    reference, early = refused(town, clerk, system)
    assert on_the_case(officer, reference, "ask", early).status_code == 303
    went: list[Message] = []
    for _ in range(3):
        deliver_due(town.database, town.house, {"webhook": went.append, "desk": lambda _: None})
    told = [(one.type, one.body["state"]) for one in went if one.reference == reference]
    assert told[-1] == ("case.stated", "forwarded")
    assert answer(system, reference, "received").status_code == 200, "and it answers anew"


def test_what_an_officer_does_by_hand_puts_the_refused_answer_away(
    town: Town, clerk: Browser, admin: Browser, system: Browser
) -> None:
    officer = town.sign_in("intake")
    reference, early = refused(town, clerk, system)
    assert town.machine("intake").command(reference, "receive-at-home").status_code == 200
    page = officer.get(f"/desk/cases/{reference}").text
    assert 'href="#act-accept"' in page, "what it said is offered as the officer's own act"
    assert early in page
    assert town.machine("intake").command(reference, "accept").status_code == 200
    assert 'id="refused-h"' not in officer.get(f"/desk/cases/{reference}").text
    kept = town.database.read(lambda work: work.answers.get("xishuangbanna", early)).result()
    assert kept is not None
    assert kept.state == "dropped"


def test_nobody_else_settles_what_a_city_was_refused(town: Town, clerk: Browser, system: Browser) -> None:
    if "menghai-officer" not in town.accounts:
        town.add("menghai-officer", "532822", Role.HOME_INTAKE)
        town.add("simao-officer", "530802", Role.HOME_INTAKE)
    reference, early = refused(town, clerk, system)
    for name in ("menghai-officer", "simao-officer", "clerk", "admin"):
        assert on_the_case(town.sign_in(name), reference, "drop", early).status_code in (403, 404), name
    kept = town.database.read(lambda work: work.answers.get("xishuangbanna", early)).result()
    assert kept is not None
    assert kept.state == "refused"
    decided = {"decision": "grant", "opinion": "演示", "reviewer": "a", "decider": "b"}
    assert wanted("decision", decided) == {"grant", "decide-at-once"}, "a refusal by hand is not what was said"
    assert wanted("decision", {"decision": "refuse"}) == {"refuse"}
    assert wanted("decision", {}) == wanted("nonsense", {}) == frozenset()


def test_any_administrator_pauses_the_lines_of_the_notices(town: Town, clerk: Browser, admin: Browser) -> None:
    town.house.notices = frozenset({"sms"})
    try:
        assert 'id="line-sms">短信<' in admin.get(PAGE).text, "shown before anything was written for it"
        assert press(admin, f"{PAGE}/lines/sms/pause", reason="演示：短信网关检修") == 303
        reference = clerk.receive().json()["reference"]
        answered = clerk.command(reference, "return-at-window", {"items": [{"text": "演示"}], "reason": "演示"})
        assert answered.status_code == 200, answered.text
        went: list[Message] = []
        channels = {"sms": went.append, "desk": lambda _: None, "webhook": lambda _: None}
        deliver_due(town.database, town.house, channels)
        assert went == []
        page = admin.get(PAGE).text
        assert "演示：短信网关检修" in page
        assert "bn-admin" in page
        assert press(admin, f"{PAGE}/lines/sms/compare") == 404
        assert press(admin, f"{PAGE}/lines/sms/go-on") == 303
        deliver_due(town.database, town.house, channels)
        assert reference in {message.reference for message in went}
    finally:
        town.house.notices = frozenset()
