"""A newcomer adds a matter with different rules in two cities through the pages, without scripts, and takes it back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from catalogue.domain.people import Role
from tests.web.conftest import JINGHONG, WUHUA, Browser, Town
from tests.web.forms import filled

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def keepers(own_town: Town) -> Iterator[tuple[Browser, Browser]]:
    """An editor and a publisher; afterwards the registry is as it was."""
    own_town.add("story-editor", WUHUA, Role.REGISTRY_EDITOR)
    own_town.add("story-publisher", JINGHONG, Role.REGISTRY_PUBLISHER)
    yield own_town.sign_in("story-editor"), own_town.sign_in("story-publisher")
    own_town.clock.moved = timedelta()


def send(browser: Browser, page: str, action: str, expect: int = 303, /, **changes: Any) -> httpx.Response:
    """Open a page, fill in one of its forms, send it."""
    html = browser.get(page).text
    answer = browser.post(action, content=filled(html, action, **changes), headers=FORM)
    assert answer.status_code == expect, answer.text[:4000]
    return answer


def follow(browser: Browser, answer: httpx.Response) -> str:
    return str(answer.headers["location"])


def new_draft(browser: Browser, title: str) -> str:
    return follow(browser, send(browser, "/admin/drafts", "/admin/drafts", title=title, reason="演示"))


def test_a_62nd_matter_from_the_pages(own_town: Town, keepers: tuple[Browser, Browser]) -> None:
    editor, publisher = keepers
    draft = new_draft(editor, "演示新事项")
    added = send(
        editor, f"{draft}/matters", f"{draft}/matters",
        zh="演示事项", en="Demonstration matter", start="family:food-business",
    )  # fmt: skip
    matter = follow(editor, added)
    assert matter == f"{draft}/matters/demonstration-matter"

    wrong = send(
        editor, matter, matter, 422,
        own__limits="own", limits__promised_days="3000", basis__limits__promised_days="assumed", act="save",
    )  # fmt: skip
    assert "3000 个工作日过长" in wrong.text
    assert 'aria-describedby="f-limits-promised_days-said"' in wrong.text

    checked = send(
        editor, matter, matter, 200,
        own__limits="own", limits__promised_days="15", basis__limits__promised_days="assumed", act="check",
    )  # fmt: skip
    assert "检查通过" in checked.text
    send(
        editor, matter, matter,
        own__limits="own", limits__promised_days="15", basis__limits__promised_days="assumed", act="save",
    )  # fmt: skip

    cities = f"{matter}/cities"
    refused = send(editor, cities, cities, 422, city__yuxi__promised_days="40")
    assert "承诺时限 40 超过法定时限 20" in refused.text
    send(
        editor, cities, cities,
        city__yuxi__promised_days="7", city__xishuangbanna__acceptance="delegated", city__puer__available="false",
    )  # fmt: skip

    trial = editor.get(f"{matter}/trial").text
    assert trial.count("<tr ") >= 36
    assert "未开通" in trial
    assert "演示事项" in editor.get(f"{matter}/preview?place=530402").text
    page = editor.get(draft).text
    assert "新增事项：演示事项" in page
    assert "条受影响的路径各有且只有一个机关" in page

    own = editor.post(f"{draft}/publish", content=f"csrf={editor.csrf}", headers=FORM)
    assert own.status_code == 403

    start = own_town.clock.now() + timedelta(hours=3)
    local = (start + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")
    revision = follow(publisher, send(publisher, draft, f"{draft}/publish", effective_from=local, note="演示"))
    assert "已排定" in publisher.get(revision).text
    assert own_town.anybody().get("/api/matters/demonstration-matter").status_code == 404
    before = own_town.house.in_force().number

    own_town.clock.moved = timedelta(hours=3, minutes=1)
    editor, publisher = own_town.sign_in("story-editor"), own_town.sign_in("story-publisher")
    shown = own_town.anybody().get("/api/matters/demonstration-matter").json()
    assert shown["limits"]["promised_days"] == 15
    assert shown["regions"]["yuxi"]["promised_days"] == 7
    assert shown["regions"]["puer"]["available"] is False

    def limits(place: str) -> Any:
        return own_town.anybody().get(f"/api/routes?matter=demonstration-matter&place={place}").json()

    assert limits("530402")["limits"]["promised_days"] == 7
    assert limits("532801")["limits"]["promised_days"] == 15
    assert limits("532801")["acceptance"] == "delegated"

    again = follow(publisher, send(
        publisher, f"/admin/revisions/{before}", f"/admin/revisions/{before}/again", reason="演示恢复"
    ))  # fmt: skip
    assert "删除事项：演示事项" in publisher.get(again).text
    assert f'action="{again}/drop"' not in publisher.get(again).text
    own_town.add("second-publisher", WUHUA, Role.REGISTRY_PUBLISHER)
    second = own_town.sign_in("second-publisher")
    send(second, again, f"{again}/publish", note="演示恢复")
    assert own_town.anybody().get("/api/matters/demonstration-matter").status_code == 404
    feed = own_town.anybody().get("/registry/changes.atom")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    assert "新增事项：演示事项" in feed.text
    assert "story-editor" not in feed.text
    assert "演示事项" in editor.get("/admin/changes?matter=demonstration-matter").text


def test_two_drafts_that_met_are_merged_on_a_page(own_town: Town, keepers: tuple[Browser, Browser]) -> None:
    editor, publisher = own_town.sign_in("story-editor"), own_town.sign_in("story-publisher")
    one, two = new_draft(editor, "演示甲"), new_draft(editor, "演示乙")
    for draft, days in ((one, "12"), (two, "9")):
        page = f"{draft}/matters/food-business-licence-new"
        send(
            editor, page, page,
            own__limits="own", limits__promised_days=days, basis__limits__promised_days="assumed", act="save",
        )  # fmt: skip
    send(publisher, one, f"{one}/publish")
    assert "已有新版" in editor.get(two).text
    stale = publisher.post(
        f"{two}/publish", content=filled(publisher.get(two).text, f"{two}/publish"), headers=FORM
    )  # fmt: skip
    assert stale.status_code == 409
    unsettled = send(editor, f"{two}/merge", f"{two}/merge", 409)
    assert "双方都改了" in unsettled.text
    key = "side:matters/food-business-licence-new#limits.promised_days"
    html = editor.get(f"{two}/merge").text
    content = filled(html, f"{two}/merge") + f"&{httpx.QueryParams({key: 'theirs'})}"
    assert editor.post(f"{two}/merge", content=content, headers=FORM).status_code == 303
    assert "还没有改动" in editor.get(two).text


def test_every_matter_is_saved_by_its_form_as_it_stood(own_town: Town, keepers: tuple[Browser, Browser]) -> None:
    """Opening and saving without a change changes nothing: no field is lost, none is invented."""
    editor = own_town.sign_in("story-editor")
    draft = new_draft(editor, "演示往返")
    for id in own_town.house.in_force().registry.matters:
        page = f"{draft}/matters/{id}"
        send(editor, page, page, act="save")
    assert "还没有改动" in editor.get(draft).text
    send(editor, draft, f"{draft}/discard")
