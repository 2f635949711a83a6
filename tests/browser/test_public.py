"""What anybody sees without an account: front door, catalogue, matters, status, verification, sign-in, errors."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import JINGHONG, WUHUA, OpenPage, SignedIn
from tests.browser.ground import (
    DESKTOP,
    HEAVIEST,
    PHONE,
    SMALL_PHONE,
    check_accessible,
    check_width,
    enter,
    follow,
    walk,
    weighed,
)
from tests.browser.stories import STORIES, Receipt, Storyteller
from tests.e2e.server import Town, catalogue

MATTER = "/matters/company-establishment"
CARD = f"{MATTER}?place=532801&company_type=limited&from=yuxi"
PAGES = {
    "front": "/",
    "catalogue": "/matters",
    "search": "/matters?q=开公司&city=yuxi",
    "matter": MATTER,
    "card": CARD,
    "outside": f"{MATTER}?place=532801&company_type=provincial",
    "status": "/status?reference=5301261120407293",
    "verify": "/verify",
    "verify-unknown": "/verify?id=123",
    "sign-in": "/sign-in?next=/desk",
    "error": "/nowhere",
}


@pytest.fixture(scope="module")
def stories(town: Town) -> Storyteller:
    """The people who write the cases of these tests."""
    return Storyteller(town)


@pytest.fixture(scope="module")
def receipts(stories: Storyteller) -> dict[str, Receipt]:
    """A case in each state; the tests only read them."""
    return {state: stories.case(state) for state in STORIES}


def track(page: Page, receipt: Receipt) -> None:
    """Look a case up by its number and code."""
    page.goto(f"/status?reference={receipt.reference}")
    page.locator("#code").fill(receipt.code)
    enter(page.locator("#code"))
    expect(page.locator(".expect")).to_be_visible()


# --- every page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_pages_are_accessible_at_every_width(open_page: OpenPage, path: str) -> None:
    for size in (DESKTOP, PHONE, SMALL_PHONE):
        page = open_page(size)
        page.goto(path)
        check_width(page)
        check_accessible(page)


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_pages_are_light(desktop: Page, path: str) -> None:
    assert weighed(desktop, lambda: desktop.goto(path)) < HEAVIEST


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_pages_say_the_same_in_english_and_stay_where_they_are(phone: Page, path: str) -> None:
    phone.goto(path)
    expect(phone.locator("html")).to_have_attribute("lang", "zh-CN")
    phone.get_by_role("link", name="English").click()
    expect(phone.locator("html")).to_have_attribute("lang", "en")
    assert phone.url.split("?")[0].endswith(path.split("?")[0])
    for part in path.split("?")[1:]:
        assert part.split("=")[0] in phone.url
    check_width(phone)
    visible = phone.locator("main").inner_text()
    plain = re.sub(r"《[^》]*》[^\n]*|开公司|演示", "", visible)
    assert not re.search(r"[\u4e00-\u9fff]", plain), plain


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_pages_are_whole_without_script(without_script: Page, open_page: OpenPage, path: str) -> None:
    without_script.goto(path)
    scripted = open_page()
    scripted.goto(path)
    assert without_script.locator("main").inner_text() == scripted.locator("main").inner_text()


def test_the_keyboard_reaches_everything_in_order(desktop: Page) -> None:
    desktop.goto("/status")
    stops = walk(desktop)
    assert stops[0] == "a 跳到正文"
    wanted = ["a 查进度", "a English", "input 流水号（16 位数字）", "input 查询码（8 位）", "button 查进度"]
    positions = [stops.index(name) for name in wanted]
    assert positions == sorted(positions)


def test_skipping_leads_into_the_page(desktop: Page) -> None:
    desktop.goto("/")
    desktop.keyboard.press("Tab")
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#main")).to_be_focused()
    desktop.keyboard.press("Tab")
    expect(desktop.locator("#ref")).to_be_focused()


# --- catalogue --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("gssl", "公司设立登记"),
        ("开公司", "公司设立登记"),
        ("食品经营许可新办", "食品经营许可新办"),
        ("000131023000", "食品生产许可"),
    ],
)
def test_the_catalogue_filters_as_one_types(desktop: Page, words: str, found: str) -> None:
    desktop.goto("/")
    expect(desktop.locator("[data-board] a")).to_have_count(61)
    desktop.locator("#mq").press_sequentially(words)
    expect(desktop.locator("#found")).to_have_text(re.compile("找到"))
    expect(desktop.locator("[data-board]")).to_contain_text(found)
    desktop.wait_for_function("document.querySelectorAll('[data-board] a').length < 20")
    check_accessible(desktop)
    desktop.locator("#mq").fill("")
    expect(desktop.locator("[data-board] a")).to_have_count(61)
    expect(desktop.locator("#found")).to_be_empty()


def test_what_was_typed_before_the_script_came_is_looked_for(desktop: Page) -> None:
    held: list[Route] = []
    desktop.route("**/static/find.js*", lambda route: held.append(route))
    desktop.goto("/", wait_until="commit")
    desktop.locator("#mq").fill("gssl")
    while not held:
        desktop.wait_for_timeout(20)
    held[0].continue_()
    expect(desktop.locator("#found")).to_have_text(re.compile("找到"))


def test_a_search_that_finds_nothing_says_so(desktop: Page) -> None:
    desktop.goto("/matters")
    desktop.locator("#mq").fill("没有这样的事")
    expect(desktop.locator("#found")).to_have_text(re.compile("没有找到"))


def test_the_search_works_without_script(without_script: Page) -> None:
    without_script.goto("/")
    without_script.locator("#mq").fill("gssl")
    without_script.get_by_role("button", name="查找").click()
    expect(without_script.locator("#found")).to_contain_text("找到")
    follow(without_script.get_by_role("link", name="玉溪"))
    assert "q=gssl" in without_script.url
    without_script.get_by_role("link", name="公司设立登记", exact=True).click()
    expect(without_script.locator("h1")).to_have_text("公司设立登记")


def test_a_place_is_tried_on_the_page_of_a_matter(without_script: Page) -> None:
    page = without_script
    page.goto(MATTER)
    page.get_by_label("住所所在地").select_option(label="景洪市")
    page.get_by_role("button", name="试算").click()
    expect(page.get_by_role("alert")).to_contain_text("公司类型")
    expect(page.get_by_label("住所所在地"), "what was chosen is kept").to_have_value(JINGHONG)
    page.get_by_label("公司类型").select_option(label="有限责任公司")
    page.get_by_label("在哪里交件").select_option(label="玉溪")
    page.get_by_role("button", name="试算").click()
    card = page.locator(".route")
    expect(card.locator(".answer")).to_have_text("景洪市市场监督管理局")
    expect(card.get_by_role("img")).to_have_accessible_name(re.compile("在玉溪交件，由西双版纳景洪市决定"))
    expect(card).to_contain_text("工作假定")
    expect(card).to_contain_text("未公布")


def test_what_is_outside_names_whom_to_turn_to(desktop: Page) -> None:
    desktop.goto(PAGES["outside"])
    expect(desktop.locator("#try .note")).to_contain_text("云南省市场监督管理局")


# --- status -----------------------------------------------------------------------------------------------------------

HEADINGS = {
    "received": "五华区窗口已收件，待送往景洪市",
    "forwarded": "正送往景洪市，等待接件",
    "home_received": "已到景洪市，正在核对材料",
    "under_review": "正在景洪市审查，等待决定",
    "returned": "材料已退回，请补齐后重新提交",
    "correction_notice": "等您补正材料",
    "special": "正在进行专家评审",
    "accepted": "景洪市已受理，等待审查",
    "decided_refuse": "已作出不予决定",
    "cert_ready": "已办好，请到五华区窗口领取",
    "collected": "结果已领取",
    "withdrawn": "申请已撤回",
}


@pytest.mark.parametrize("state", HEADINGS)
def test_the_status_of_a_case_in_each_state(open_page: OpenPage, receipts: dict[str, Receipt], state: str) -> None:
    for size in (DESKTOP, SMALL_PHONE):
        page = open_page(size)
        track(page, receipts[state])
        expect(page.locator("h1")).to_have_text(HEADINGS[state])
        check_width(page)
        check_accessible(page)
        said = page.locator("body").inner_text() + page.content()
        for secret in ("演示申请人", "11010519491231002X", "13800000000", "演示理由", "演示：材料齐全"):
            assert secret not in said
        assert receipts[state].code not in page.url


@pytest.mark.parametrize("state", ["under_review", "special"])
def test_the_status_is_light_and_english_too(desktop: Page, receipts: dict[str, Receipt], state: str) -> None:
    receipt = receipts[state]
    desktop.goto(f"/status?reference={receipt.reference}")
    desktop.locator("#code").fill(receipt.code)
    assert weighed(desktop, lambda: desktop.locator("main .btn--go").click()) < HEAVIEST
    desktop.get_by_role("button", name="English").click()
    expect(desktop.locator("html")).to_have_attribute("lang", "en")
    expect(desktop.locator("h1")).to_contain_text("Jinghong")
    # The number of a document is Chinese in every language, and marked so.
    desktop.evaluate("document.querySelectorAll('main [lang=zh-CN]').forEach((one) => one.remove())")
    assert not re.search(r"[\u4e00-\u9fff]", desktop.locator("main").inner_text())


def test_the_status_tells_what_a_screen_reader_needs(desktop: Page, receipts: dict[str, Receipt]) -> None:
    track(desktop, receipts["under_review"])
    picture = desktop.locator("figure.line").get_by_role("img")
    expect(picture).to_have_accessible_name(re.compile("从昆明五华区到西双版纳景洪市，由那里决定"))
    expect(desktop.locator("[aria-current=step]")).to_contain_text("等待决定")
    expect(desktop.locator(".hist li.next").first).to_contain_text("五华区")
    expect(desktop.get_by_text("电话：未公布")).to_be_visible()


def test_the_strip_of_days_counts_as_the_limit_does(desktop: Page, receipts: dict[str, Receipt]) -> None:
    track(desktop, receipts["accepted"])
    strip = desktop.locator(".days")
    expect(strip.locator("li.end .nth")).to_have_text("第 20 日")
    expect(strip.locator(".nth")).to_have_count(20)
    expect(strip.locator("li.now")).to_contain_text("今天")


def test_stopped_clocks_are_explained(desktop: Page, receipts: dict[str, Receipt]) -> None:
    track(desktop, receipts["special"])
    expect(desktop.locator(".status-h")).to_contain_text("不计入办理期限")
    expect(desktop.locator(".expect")).to_contain_text("日期会顺延")
    track(desktop, receipts["correction_notice"])
    expect(desktop.locator(".next-step")).to_contain_text("五华区窗口")


def test_a_wrong_number_and_a_wrong_code_look_alike(desktop: Page, receipts: dict[str, Receipt]) -> None:
    said = []
    for reference, code in (
        (receipts["received"].reference, "AAAAAAAA"),
        ("5301261120407293", receipts["received"].code),
    ):
        desktop.goto("/status")
        desktop.locator("#reference").fill(reference)
        desktop.locator("#code").fill(code)
        enter(desktop.locator("#code"))
        said.append(desktop.get_by_role("alert").inner_text())
        expect(desktop.locator("#reference")).to_have_value(reference)
        check_accessible(desktop)
    assert said[0] == said[1]


def test_guessing_is_stopped_and_told_until_when(desktop: Page, stories: Storyteller) -> None:
    reference = stories.case("received").reference
    for _ in range(11):
        desktop.goto(f"/status?reference={reference}")
        desktop.locator("#code").fill("AAAAAAAA")
        enter(desktop.locator("#code"))
    expect(desktop.get_by_role("alert")).to_contain_text(re.compile(r"\d+ 分钟后再查"))
    check_accessible(desktop)


def test_a_code_in_the_address_is_dropped(desktop: Page, receipts: dict[str, Receipt]) -> None:
    receipt = receipts["received"]
    desktop.goto(f"/status?reference={receipt.reference}&code={receipt.code}")
    assert receipt.code not in desktop.url
    assert desktop.locator("#reference").input_value() == receipt.reference


def test_the_status_prints_on_paper_of_its_width(open_page: OpenPage, receipts: dict[str, Receipt]) -> None:
    page = open_page((703, 1000))
    track(page, receipts["special"])
    page.emulate_media(media="print")
    check_width(page)
    expect(page.locator(".demo")).to_be_visible()
    for gone in ("header.top", "button"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator(".print-only").first).to_contain_text("办件进度")
    expect(page.locator(".print-only").last).to_contain_text("打印于")
    assert page.pdf(format="A4", print_background=True).startswith(b"%PDF")


# --- verification, sign-in, errors ------------------------------------------------------------------------------------


def test_a_certificate_is_verified_from_its_case(desktop: Page, receipts: dict[str, Receipt]) -> None:
    track(desktop, receipts["cert_ready"])
    desktop.locator("a[href^='/verify/']").click()
    expect(desktop.locator("h1")).to_have_text("有效")
    expect(desktop.locator(".facts")).to_contain_text("景洪市市场监督管理局")
    check_accessible(desktop)
    desktop.goto("/verify/532826AAAAAAAAAA")
    expect(desktop.get_by_role("alert")).to_be_visible()


def test_a_demo_account_is_picked_by_city_and_office(without_script: Page) -> None:
    page = without_script
    page.goto("/sign-in?next=/desk")
    page.locator("summary", has_text="玉溪市").click()
    page.get_by_role("button", name="红塔区市场监督管理局 窗口人员").click()
    expect(page.locator(".who")).to_contain_text("hongta-clerk")
    assert page.url.endswith("/desk")


def test_signing_in_by_keyboard_comes_back_to_where_one_was(desktop: Page, town: Town, signed_in: SignedIn) -> None:
    desktop.context.add_cookies([{"name": "session", "value": "ended", "url": town.server.url}])
    desktop.goto("/desk?queue=to_forward")
    expect(desktop.get_by_role("status")).to_contain_text("登录已过期")
    account = next(a for a in town.accounts.values() if "window_clerk" in a["roles"] and a["office"] == WUHUA)
    desktop.locator("#username").focus()
    desktop.keyboard.type(account["username"])
    desktop.keyboard.press("Tab")
    desktop.keyboard.type(account["password"])
    enter(desktop.locator("#password"))
    expect(desktop.locator(".who")).to_be_visible()
    assert desktop.url.endswith("/desk?queue=to_forward")


def test_a_locked_account_is_told_how_long(desktop: Page, town: Town) -> None:
    # An account of this test alone: others of the same role sign in on the same system.
    username = f"locked-{uuid.uuid4().hex[:8]}"
    catalogue(town.server.env, "account", "add", username, "--role", "auditor", "--office", "530100")
    for _ in range(6):
        desktop.goto("/sign-in")
        desktop.locator("#username").fill(username)
        desktop.locator("#password").fill("wrong")
        enter(desktop.locator("#password"))
        expect(desktop.get_by_role("alert")).to_be_visible()
        expect(desktop.locator("#username")).to_have_value(username)
    expect(desktop.get_by_role("alert")).to_contain_text(re.compile(r"\d+ 分钟后再试"))
    check_accessible(desktop)


def test_an_error_shows_a_way_on(desktop: Page) -> None:
    desktop.goto("/nowhere/at/all")
    expect(desktop.locator("h1")).to_have_text("没有找到")
    desktop.locator("main").get_by_role("link", name="办事事项").click()
    expect(desktop.locator("[data-board] a")).to_have_count(61)
