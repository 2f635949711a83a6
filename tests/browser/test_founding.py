"""The founding case by people in the browser, from the front door to the hand-over, by what the pages offer alone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import JINGHONG, WUHUA, OpenPage
from tests.browser.ground import DESKTOP, PHONE, SMALL_PHONE, check_accessible, check_width, enter, follow
from tests.browser.test_desk import act, said
from tests.browser.test_window import fill_by_keyboard, number_on, routed
from tests.e2e.server import Town, application


def come_in(page: Page, town: Town, role: str, office: str) -> Page:
    """From the front door to the desk, by the links of the pages."""
    account = next(a for a in town.accounts.values() if role in a["roles"] and a["office"] == office)
    page.goto("/")
    follow(page.get_by_role("navigation", name="主导航").get_by_role("link", name="登录"))
    page.locator("#username").fill(account["username"])
    page.locator("#password").fill(account["password"])
    enter(page.locator("#password"))
    expect(page.locator(".who")).to_be_visible()
    return page


def take_up(page: Page, queue: str, reference: str) -> None:
    """Open the case from a queue of the desk."""
    follow(page.get_by_role("navigation", name="主导航").get_by_role("link", name="工作台"))
    follow(page.locator("[data-queues]").get_by_role("link", name=re.compile(queue)).first)
    page.locator("#q").fill(reference)
    enter(page.locator("#q"))
    follow(page.locator(f"th a[href*='/desk/cases/{reference}']"))
    expect(page.locator("h1")).to_have_text("公司设立登记")


def test_from_front_door_to_hand_over_with_the_applicant_following_by_telephone(
    open_page: OpenPage, town: Town
) -> None:
    window = come_in(open_page(), town, "window_clerk", WUHUA)
    follow(window.get_by_role("navigation", name="主导航").get_by_role("link", name="窗口收件"))
    window.locator("#matter_q").focus()
    window.locator("h1").click()
    routed(window)
    fill_by_keyboard(window)
    window.keyboard.press("Control+Enter")
    window.wait_for_selector("[data-receipt]")
    expect(window.locator(".slip-qr svg")).to_be_visible()
    reference, code = number_on(window), window.locator("#code").inner_text()
    check_accessible(window)

    applicant = open_page(SMALL_PHONE)
    applicant.goto("/")
    follow(applicant.get_by_role("link", name="查进度").first)
    applicant.fill("#reference", window.locator("#number").inner_text())
    applicant.fill("#code", code)
    enter(applicant.locator("#code"))
    expect(applicant.locator("main")).to_contain_text("五华区")
    check_accessible(applicant)
    check_width(applicant)

    follow(window.get_by_role("link", name="到办件页"))
    act(window, "forward")
    intake = come_in(open_page(), town, "home_intake", JINGHONG)
    take_up(intake, "待接件", reference)
    act(intake, "receive-at-home")
    take_up(intake, "全部办件", reference)
    act(intake, "accept")
    reviewer = come_in(open_page(), town, "reviewer", JINGHONG)
    take_up(reviewer, "待审查", reference)
    act(reviewer, "claim")
    act(reviewer, "review", {"opinion": "演示：齐全", "advice": "grant"})
    decider = come_in(open_page(), town, "decider", JINGHONG)
    take_up(decider, "待决定", reference)
    act(decider, "grant", {"opinion": "演示：准予"})
    applicant.get_by_role("button", name="刷新").click()
    expect(applicant.locator("main")).to_contain_text("景洪市市场监督管理局")
    take_up(intake, "待制证", reference)
    act(intake, "make-certificate", {"copy_blank.0": f"演示 {reference}"})
    expect(intake.locator(".told")).to_be_visible()
    take_up(window, "待发放", reference)
    act(
        window,
        "hand-over",
        {
            "collector": "演示申请人",
            "document_type": "resident_id",
            "document_number": "11010519491231002X",
            "relation": "self",
        },
    )
    said(window, "证照发放")
    applicant.get_by_role("button", name="刷新").click()
    expect(applicant.locator("main")).to_contain_text("已领取")


def test_a_qr_code_opens_the_status_on_a_telephone_and_leaves_no_token_in_the_address(
    open_page: OpenPage, town: Town
) -> None:
    answer = town.person("window_clerk", WUHUA).submit(application())
    link = answer.json()["qr_url"]
    page = open_page(PHONE)
    page.goto(link)
    assert page.url.endswith("/status")
    expect(page.locator(".expect")).to_be_visible()
    expect(page.locator("main")).to_contain_text("12345")
    check_accessible(page)
    check_width(page)
    page.get_by_role("link", name="English").click()
    expect(page.locator("main")).to_contain_text("How long it really takes")
    check_accessible(page)
    page.get_by_role("link", name="Another case").click()
    expect(page.locator("#code")).to_be_visible()


def test_signing_out_in_one_tab_hides_what_the_other_shows(open_page: OpenPage, town: Town) -> None:
    page = come_in(open_page(DESKTOP), town, "window_clerk", WUHUA)
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="窗口收件").click()
    page.locator('[id="applicant.name"]').fill("演示申请人")
    other = page.context.new_page()
    other.goto("/desk")
    other.get_by_role("button", name="退出").click()
    other.wait_for_url("**/")
    expect(page.get_by_role("dialog")).to_contain_text("登录已结束")
    expect(page.locator("#intake")).to_be_hidden()
