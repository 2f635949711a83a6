"""A newcomer adds a matter with different rules in two cities in the browser; it takes effect and is undone."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import httpx
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, SignedIn
from tests.browser.ground import check_accessible, follow
from tests.e2e.server import Town, application

KUNMING, YUXI, WUHUA = "530100", "530400", "530102"
ID = "demonstration-permit"
AHEAD = 12
"""Seconds until the revision comes into force."""


def routed(town: Town, place: str) -> httpx.Response:
    return httpx.get(f"{town.server.url}/api/routes", params={"matter": ID, "place": place})


def press(page: Page, name: str) -> None:
    follow(page.get_by_role("button", name=name, exact=True))


def test_a_matter_is_added_scheduled_in_force_at_its_time_and_rolled_back(
    town: Town, signed_in: SignedIn, open_page: OpenPage
) -> None:
    clerk = town.person("window_clerk", WUHUA)
    old = clerk.submit(application()).json()
    editor = signed_in("registry_editor", KUNMING, open_page(javascript=False))
    editor.goto("/admin/drafts")
    editor.locator("#d-title").fill("演示新事项")
    press(editor, "起草")
    draft = editor.url
    editor.get_by_role("link", name="改事项").click()
    editor.locator("#n-zh").fill("演示许可")
    editor.locator("#n-en").fill("Demonstration permit")
    editor.locator("#n-start").select_option(label="食品经营许可")
    press(editor, "新增，接着填")
    assert editor.url.endswith(f"/matters/{ID}")

    editor.locator("#o-limits").select_option("own")
    editor.locator("[name='limits.promised_days']").fill("0")
    editor.locator("[name='basis.limits.promised_days']").select_option("assumed")
    press(editor, "保存到草案")
    expect(editor.locator("#f-limits-promised_days-said")).to_contain_text("期限不能是 0")
    editor.locator("[name='limits.promised_days']").fill("15")
    press(editor, "保存到草案")
    expect(editor.locator(".check--stop")).to_have_count(0)

    editor.get_by_role("link", name="各城市差异").click()
    editor.locator("[name='city.yuxi.promised_days']").fill("7")
    editor.locator("[name='city.puer.available']").select_option("false")
    press(editor, "保存到草案")
    editor.get_by_role("link", name="逐县试走").click()
    expect(editor.locator("tbody tr")).to_have_count(36)
    editor.goto(draft)
    expect(editor.locator(".changes")).to_contain_text("新增事项：演示许可")

    publisher = signed_in("registry_publisher", KUNMING, open_page(javascript=False))
    publisher.goto(draft)
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=AHEAD)
    publisher.locator("#p-from").fill((start + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%S"))
    press(publisher, "发布")
    expect(publisher.locator(".title")).to_contain_text("已排定")
    revision = int(publisher.url.rsplit("/", 1)[1])
    assert routed(town, "530402").status_code == 422

    deadline = time.monotonic() + 60
    while routed(town, "530402").status_code != 200 and time.monotonic() < deadline:
        time.sleep(0.5)
    assert datetime.now(UTC) >= start
    assert routed(town, "530402").json()["limits"]["promised_days"] == 7
    assert routed(town, "530102").json()["limits"]["promised_days"] == 15
    assert routed(town, "530802").json()["type"].endswith("matter-not-offered")
    window = signed_in("window_clerk", WUHUA)
    window.goto("/desk/intake")
    window.locator("#matter_q").fill("演示许可")
    expect(window.locator("#matter-hits")).to_contain_text("演示许可")
    pinned = clerk.case(old["reference"]).json()
    assert pinned["revision"] == old["revision"] < revision

    publisher.goto(f"/admin/revisions/{revision - 1}")
    publisher.locator("#a-reason").fill("演示恢复")
    press(publisher, "作为草案再提出")
    expect(publisher.locator(".changes")).to_contain_text("删除事项：演示许可")
    expect(publisher.get_by_text("您改过这份草案")).to_be_visible()
    again = publisher.url
    second = signed_in("registry_publisher", YUXI, open_page(javascript=False))
    second.goto(again)
    press(second, "发布")
    assert routed(town, "530402").status_code == 422


def test_the_form_of_a_matter_is_checked_while_one_types(signed_in: SignedIn) -> None:
    page = signed_in("registry_editor", KUNMING)
    page.goto("/admin/drafts")
    page.locator("#d-title").fill("演示即时检查")
    press(page, "起草")
    page.goto(f"{page.url}/matters/company-change")
    check_accessible(page)
    page.locator("#m-zh").fill("")
    page.locator("#m-zh").press("Tab")
    expect(page.locator("#faults")).to_contain_text("文字为空")
    page.locator("#m-zh").fill("公司变更登记")
    page.locator("#m-zh").press("Tab")
    expect(page.locator("#faults")).to_contain_text("检查通过")
