"""What new revisions mean for open cases: dates by a notice, closed offices, bulk re-routes that can be taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalogue.domain.case import Event
from catalogue.domain.days import local_day
from catalogue.domain.people import Role
from catalogue.domain.reassign import sides
from catalogue.service import impact, moving
from catalogue.service.delivery import deliver_due
from catalogue.service.handling import messages
from catalogue.service.moving import EVERYWHERE
from catalogue.service.ports import Message
from catalogue.service.settling import settle
from catalogue.store import rebuild
from catalogue.store.cases import StoredCases
from tests.web.conftest import JINGHONG, WUHUA, Browser, Town
from tests.web.forms import filled
from tests.web.test_admin_story import FORM, follow, new_draft, send

BANNA, MENGHAI = "532800", "532822"


@pytest.fixture(scope="module")
def editor(own_town: Town) -> Browser:
    own_town.add("story-editor", WUHUA, Role.REGISTRY_EDITOR)
    own_town.add("story-publisher", JINGHONG, Role.REGISTRY_PUBLISHER)
    own_town.add("menghai-intake", MENGHAI, Role.HOME_INTAKE)
    return own_town.sign_in("story-editor")


@pytest.fixture(scope="module")
def publisher(own_town: Town, editor: Browser) -> Browser:
    return own_town.sign_in("story-publisher")


def received(town: Town, state: str = "forwarded", **changes: Any) -> str:
    clerk = town.machine("clerk", "cases:write")
    reference = str(clerk.receive(**changes).json()["reference"])
    if state != "received":
        assert clerk.command(reference, "forward").status_code == 200
    if state == "home_received":
        assert town.machine("intake", "cases:write").command(reference, "receive-at-home").status_code == 200
    return reference


def case(town: Town, reference: str) -> dict[str, Any]:
    return dict(town.machine("auditor", "cases:read").get(f"/api/cases/{reference}").json())


def publish(publisher: Browser, draft: str) -> None:
    send(publisher, draft, f"{draft}/publish", note="演示")


def test_a_notice_moves_the_dates_of_open_cases_and_is_shown_before(
    own_town: Town, editor: Browser, publisher: Browser
) -> None:
    reference = received(own_town, "home_received")
    before = case(own_town, reference)["limits"]["statutory_by"]
    calendar = own_town.house.in_force().calendars["xishuangbanna"]
    year = calendar.years[-1]
    draft = new_draft(editor, "演示放假通知")
    page = f"{draft}/calendars/xishuangbanna"
    assert f"?year={year.year}" in editor.get(page).text
    own_year = before[:4]
    refused = send(editor, page, page, 422, year=own_year, standing="official", off="2026-13-01 x y")
    assert "官方通知须写文号" in refused.text
    assert "不是日期" in refused.text
    kept = editor.get(f"{page}?year={own_year}").text
    content = filled(kept, page, standing="official", number="演示〔2026〕1号", off=f"{before} {before} 演示假日")
    assert editor.post(page, content=content, headers=FORM).status_code == 303
    shown = editor.get(draft).text
    assert "个期限改期" in shown
    assert "演示〔2026〕1号" in shown
    publish(publisher, draft)
    assert settle(own_town.database, own_town.house) >= 1
    after = case(own_town, reference)
    assert after["limits"]["statutory_by"] > before
    assert after["revision"] == 1, "the case keeps its revision; only the days are counted anew"
    assert "dates_recounted" in {event["type"] for event in after["events"]}
    assert settle(own_town.database, own_town.house) == 0
    assert list(rebuild(own_town.database)) == []


def test_a_calendar_that_moves_a_date_into_the_past_is_refused(
    own_town: Town, editor: Browser, publisher: Browser
) -> None:
    reference = received(own_town)
    limit = case(own_town, reference)["limits"]["statutory_by"]
    today = local_day(own_town.clock.now())
    draft = new_draft(editor, "演示错误日历")
    page = f"{draft}/calendars/xishuangbanna"
    own_town.clock.moved += timedelta(days=(__import__("datetime").date.fromisoformat(limit) - today).days)
    try:
        signed, other = own_town.sign_in("story-editor"), own_town.sign_in("story-publisher")
        weekends = "\n".join(str(day) for n in range(9) if (day := today + timedelta(days=n)).weekday() > 4)
        html = signed.get(f"{page}?year={limit[:4]}").text
        content = filled(html, page, standing="official", number="演示〔2026〕2号", off="", work=weekends)
        assert signed.post(page, content=content, headers=FORM).status_code == 303
        answer = other.post(f"{draft}/publish", content=filled(other.get(draft).text, f"{draft}/publish"), headers=FORM)
        assert answer.status_code == 422
        assert "提前到过去" in answer.text
    finally:
        own_town.clock.moved = timedelta()
    signed = own_town.sign_in("story-editor")
    send(signed, draft, f"{draft}/discard")


def test_closing_an_office_names_its_successor_and_moves_its_open_cases(own_town: Town) -> None:
    editor, publisher = own_town.sign_in("story-editor"), own_town.sign_in("story-publisher")
    waiting, running = received(own_town), received(own_town, "home_received")
    draft = new_draft(editor, "演示撤并")
    page = f"{draft}/cities/xishuangbanna"
    offices = own_town.house.in_force().registry.regions["xishuangbanna"].offices
    n = next(n for n, office in enumerate(offices) if office.id == JINGHONG)
    looped = send(editor, page, page, 422, **{f"offices__{n}__successor": JINGHONG})
    assert "承接关系不能绕回自己" in looped.text
    send(
        editor,
        page,
        page,
        **{f"offices__{n}__successor": MENGHAI, f"offices__{n}__hours__zh": "演示", f"offices__{n}__hours__en": "Demo"},
    )
    shown = editor.get(draft).text
    assert "移交" in shown
    publish(publisher, draft)
    settle(own_town.database, own_town.house)
    for reference, state in ((waiting, "forwarded"), (running, "home_received")):
        moved = case(own_town, reference)
        assert office_of(moved) == MENGHAI
        assert moved["state"] == state
    route = (
        own_town.anybody().get(f"/api/routes?matter=company-establishment&place={JINGHONG}&company_type=limited").json()
    )
    assert route["office"]["id"] == MENGHAI
    assert "successor" in {step["rule"] for step in route["explanation"]}
    (made,) = own_town.database.read(lambda work: work.moves.list()).result()
    here = f"/admin/moves/{made.id}"
    shown = publisher.get(here).text
    assert "版撤并机关" in shown
    assert shown.count("原机关已撤销") >= 2
    assert "那一版再次发布" in shown, "it says what to do instead"
    assert "撤回可撤回的" not in shown
    refused = publisher.post(f"{here}/undo", content=filled(shown, "/sign-out"), headers=FORM)
    assert refused.status_code == 409
    assert "原机关按现行清单已撤销" in refused.text
    intake = own_town.machine("menghai-intake", "cases:write")
    assert intake.command(waiting, "receive-at-home").status_code == 200
    assert list(rebuild(own_town.database)) == []


def test_the_cases_of_a_closed_office_go_back_once_it_is_open_again_and_the_successor_has_not_acted(
    own_town: Town,
) -> None:
    editor, publisher = own_town.sign_in("story-editor"), own_town.sign_in("story-publisher")
    (made,) = own_town.database.read(lambda work: work.moves.list()).result()
    here = f"/admin/moves/{made.id}"
    moved = own_town.database.read(lambda work: work.moves.cases(made.id)).result()
    before = {one.reference: case(own_town, one.reference) for one in moved}
    acted = {reference for reference, held in before.items() if held["events"][-1]["type"] == "received_at_home"}
    assert acted, "the successor received one of them"
    draft = new_draft(editor, "演示恢复机关")
    page = f"{draft}/cities/xishuangbanna"
    offices = own_town.house.in_force().registry.regions["xishuangbanna"].offices
    n = next(n for n, office in enumerate(offices) if office.id == JINGHONG)
    send(editor, page, page, **{f"offices__{n}__successor": ""})
    publish(publisher, draft)
    settle(own_town.database, own_town.house)
    send(publisher, here, f"{here}/undo")
    for one in moved:
        after = case(own_town, one.reference)
        assert after["state"] == before[one.reference]["state"]
        assert after["limits"] == before[one.reference]["limits"], "dates go on as they were"
        assert (office_of(after) == MENGHAI) == (one.reference in acted)
    shown = publisher.get(here).text
    assert shown.count("已撤回") == len(moved) - len(acted)
    assert f"承接机关已办理 · {len(acted)}" in shown
    assert "由承接机关退回转办" in shown
    again = publisher.post(f"{here}/undo", content=filled(shown, "/sign-out"), headers=FORM)
    assert again.status_code == 409
    assert list(rebuild(own_town.database)) == []


def office_of(held: dict[str, Any]) -> str:
    office = held["home"]["office"]
    return str(office["id"] if isinstance(office, dict) else office)


def decided_at(editor: Browser, draft: str, level: str) -> None:
    """Let that level decide 公司设立登记 in a draft."""
    matter = f"{draft}/matters/company-establishment"
    send(
        editor, matter, matter, act="save",
        decided_by__levels__2__level=level, decided_by__levels__2__provenance="assumed",
    )  # fmt: skip


def test_waiting_cases_are_moved_with_a_reason_and_taken_back_until_the_office_acts(own_town: Town) -> None:
    editor, publisher = own_town.sign_in("story-editor"), own_town.sign_in("story-publisher")
    first, second = received(own_town, "received"), received(own_town)
    draft = new_draft(editor, "演示改由州局")
    decided_at(editor, draft, "city")
    publish(publisher, draft)
    page = publisher.get("/admin/moves").text
    assert first in page
    assert second in page
    without = publisher.post("/admin/moves", content=filled(page, "/admin/moves", case=[first, second]), headers=FORM)
    assert without.status_code == 422
    answer = publisher.post(
        "/admin/moves", content=filled(page, "/admin/moves", case=[first, second], reason="演示规则变更"), headers=FORM
    )
    moved = follow(publisher, answer)
    assert {case(own_town, one)["state"] for one in (first, second)} == {"received", "forwarded"}
    own_town.add("banna-intake", BANNA, Role.HOME_INTAKE)
    intake = own_town.machine("banna-intake", "cases:write")
    assert intake.command(second, "receive-at-home").status_code == 200
    assert "可撤回" in publisher.get(moved).text
    send(publisher, moved, f"{moved}/undo")
    events = [event["type"] for event in case(own_town, first)["events"]]
    assert events.count("reassigned") == 2
    assert case(own_town, second)["state"] == "home_received"
    refused = publisher.post(f"{moved}/undo", content=filled(page, "/admin/moves"), headers=FORM)
    assert refused.status_code == 409
    assert list(rebuild(own_town.database)) == []


@pytest.fixture
def own_system(own_town: Town) -> Iterator[list[Message]]:
    """Xishuangbanna has a system of its own; what it was told, once ``told`` was called."""
    own_town.house.webhooks = frozenset({"xishuangbanna"})
    yield []
    own_town.house.webhooks = frozenset()


def told(town: Town, went: list[Message], reference: str) -> list[tuple[str, str]]:
    deliver_due(town.database, town.house, {"webhook": went.append, "desk": lambda _: None})
    return [(one.type, one.body["state"]) for one in went if one.reference == reference]


def bulk(publisher: Browser, *references: str, **typed: str) -> Any:
    page = publisher.get("/admin/moves").text
    return publisher.post(
        "/admin/moves", content=filled(page, "/admin/moves", case=[*references], **typed), headers=FORM
    )


def test_a_city_with_its_own_system_learns_that_a_case_left_by_a_move_and_came_back(
    own_town: Town, own_system: list[Message]
) -> None:
    # By the rules of the test before the prefecture decides; here the window chooses a county.
    reference = received(own_town, "received")
    clerk, publisher = own_town.machine("clerk", "cases:write"), own_town.sign_in("story-publisher")
    to_county(own_town, reference)
    assert clerk.command(reference, "forward").status_code == 200
    assert told(own_town, own_system, reference) == [("case.forwarded", "forwarded")]
    moved = follow(publisher, bulk(publisher, reference, reason="演示"))
    assert case(own_town, reference)["state"] == "received", "its window sends it on to the system anew"
    assert told(own_town, own_system, reference)[1:] == [("case.reassigned", "received")]
    send(publisher, moved, f"{moved}/undo")
    assert told(own_town, own_system, reference)[2:] == [("case.forwarded", "forwarded")]
    assert len({one.id for one in own_system}) == len(own_system)


def test_a_bulk_move_returns_no_case_to_an_office_that_refused_it_without_a_written_reason(own_town: Town) -> None:
    reference, other = received(own_town), received(own_town, "received")
    banna, publisher = own_town.machine("banna-intake", "cases:write"), own_town.sign_in("story-publisher")
    refusal = {"code": "wrong_level", "reason": "演示：不归州局"}
    answered = banna.command(reference, "bounce", refusal)
    assert answered.status_code == 200, answered.text
    for one in (reference, other):
        to_county(own_town, one)
    page = publisher.get("/admin/moves").text
    assert f'value="{reference}">' in page, "not ticked unless somebody ticks it"
    assert f'value="{other}" checked' in page
    silent = bulk(publisher, reference, other, reason="演示")
    assert silent.status_code == 422
    assert "曾退回它的机关" in silent.text
    assert case(own_town, other)["home"]["office"] != BANNA, "then none is moved"
    follow(publisher, bulk(publisher, reference, other, reason="演示规则变更", return_reason="州局已同意接件"))
    assert clerk_forwards(own_town, reference) == 200
    shown = own_town.sign_in("banna-intake").get(f"/desk/cases/{reference}").text
    assert "演示规则变更；州局已同意接件" in shown[shown.index('id="came-h"') :][:900], "it says why it came"


def clerk_forwards(town: Town, reference: str) -> int:
    status: int = town.machine("clerk", "cases:write").command(reference, "forward").status_code
    return status


def to_county(town: Town, reference: str) -> None:
    """The window chooses the county's office, which the rules in force do not."""
    given = {"office": MENGHAI, "reason": "演示：窗口改选"}
    answered = town.machine("clerk", "cases:write").command(reference, "reroute", given)
    assert answered.status_code == 200, answered.text


def test_both_cities_with_systems_of_their_own_are_told_when_a_case_goes_from_one_to_the_other(own_town: Town) -> None:
    house, reference = own_town.house, received(own_town)
    before = own_town.database.read(lambda work: work.cases.load(reference, EVERYWHERE)).result()
    assert before is not None
    route = {"region": "puer", "office": "530802", "handler": "puer", "calendar": "puer"}
    event = Event(before.seq + 1, "reassigned", before.holds[-1].since, "system", BANNA, {"route": route}, {})
    house.webhooks = frozenset({"xishuangbanna", "puer"})
    try:
        found = messages(house, before, (event,))
    finally:
        house.webhooks = frozenset()
    assert [(one.region, one.type, one.sequence) for one in found] == [
        ("xishuangbanna", "case.reassigned", event.seq), ("puer", "case.forwarded", event.seq),
    ]  # fmt: skip
    assert len({one.id for one in found}) == 2


def test_every_case_that_a_change_touches_is_reached_page_by_page(
    own_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few cases one page looks at, the pages together name each once; the count beside them is of all."""
    editor = own_town.sign_in("story-editor")
    mine = {received(own_town), received(own_town, "received"), received(own_town)}
    draft = new_draft(editor, "演示逐页")
    decided_at(editor, draft, "county")
    whole = editor.get(f"{draft}/cases").text
    named = re.findall(r'class="full ref">([\d ]+)<', whole)
    assert mine <= {one.replace(" ", "") for one in named}
    monkeypatch.setattr(impact, "LOOKED_AT", 2)
    seen: list[str] = []
    address, pages = f"{draft}/cases", 0
    while address:
        shown = editor.get(address).text
        seen += re.findall(r'class="full ref">([\d ]+)<', shown)
        following = re.search(r'rel="next" href="([^"]+)"', shown)
        address, pages = following[1] if following else "", pages + 1
    assert seen == named
    assert pages > 1
    assert "其余逐页看" in editor.get(draft).text
    assert editor.get(f"{draft}/cases?after=nonsense").status_code == 200
    send(editor, draft, f"{draft}/discard")


def test_the_cases_to_be_moved_are_listed_page_by_page_without_loading_each_by_itself(
    own_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = own_town.sign_in("story-publisher")
    mine = {received(own_town, "received") for _ in range(3)}
    for one in mine:
        to_county(own_town, one)
    monkeypatch.setattr(moving, "LISTED", 1)
    seen: list[str] = []
    address = "/admin/moves"
    while address:
        shown = publisher.get(address).text
        seen += re.findall(r'name="case" value="(\d+)"', shown)
        following = re.search(r'rel="next" href="([^"]+)"', shown)
        address = following[1] if following else ""
    assert len(seen) == len(set(seen))
    assert mine <= set(seen)
    monkeypatch.setattr(moving, "LISTED", 500)
    moved = follow(publisher, bulk(publisher, *sorted(mine), reason="演示", return_reason="演示"))
    loads: list[str] = []
    load = StoredCases.load

    def noted(self: StoredCases, *given: Any) -> Any:
        loads.append(str(given))
        return load(self, *given)

    monkeypatch.setattr(StoredCases, "load", noted)
    shown = publisher.get(moved).text
    assert "撤回可撤回的 3 件" in shown
    assert loads == []


def test_both_sides_of_a_case_that_moved_stand_on_the_page_of_the_move() -> None:
    standing = {"route": {"office": "532801"}, "accepting": "532801", "delivery": None}
    clear = {"succession": 2, "before": standing, "route": {"office": MENGHAI}, "accepting": MENGHAI}
    made = Event(3, "reassigned", datetime(2026, 11, 27, tzinfo=UTC), "system", BANNA, clear, {})
    assert sides(made) == (("home", "532801", MENGHAI), ("accepting", "532801", MENGHAI))
