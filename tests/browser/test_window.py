"""The window: by keyboard alone, without scripts, twice at once, without network, and what stays behind."""

from __future__ import annotations

import re
import time
import uuid
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import JINGHONG, WUHUA, OpenPage, SignedIn
from tests.browser.ground import HEAVIEST, PHONE, Watch, check_accessible, check_width, enter, follow, weighed
from tests.e2e.server import Town

RESIDENT = "11010519491231002X"
INTAKE = "/desk/intake"
OFFLINE = r"net::ERR_INTERNET_DISCONNECTED|Failed to load resource"


def at(page: Page, name: str) -> str:
    """A selector for a control by its name."""
    return f'[id="{name}"]'


def start(page: Page) -> Page:
    page.goto(INTAKE)
    page.locator("#matter_q").focus()
    expect(page.locator("[data-save]")).to_be_visible()
    page.locator("h1").click()
    return page


def routed(page: Page) -> None:
    """Choose 公司设立登记 in 景洪市 by typing."""
    page.keyboard.press("/")
    page.keyboard.type("gssl")
    page.wait_for_selector("#matter-hits [role=option]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#page[data-matter=company-establishment]")
    expect(page.locator("#place_q")).to_be_focused()
    page.keyboard.type("jinghong")
    page.wait_for_selector("#place-hits [role=option]")
    page.keyboard.press("Enter")
    page.wait_for_selector(f'[name=place][value="{JINGHONG}"]', state="attached")
    expect(page.locator("#locality")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("#card[data-kind=route]")


def jump(page: Page, name: str, most: int = 60) -> None:
    """Tab on to a control."""
    for _ in range(most):
        if page.evaluate("document.activeElement.id") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the tabulator never came to {name}")


def fill_by_keyboard(page: Page, name: str = "演示申请人") -> None:
    page.keyboard.press("Alt+3")
    jump(page, "applicant.document_number")
    page.keyboard.type(RESIDENT)
    typed = {
        "applicant.name": name,
        "applicant.phone": "13800000000",
        "form.enterprise_name": "演示企业（景洪）有限公司",
        "form.address": "演示路1号",
        "form.registered_capital": "100",
        "form.business_scope": "演示",
        "form.representative": name,
    }
    for control, text in typed.items():
        jump(page, control)
        page.keyboard.type(text)
    jump(page, "people.0.same")
    page.keyboard.press("Space")
    page.keyboard.press("Alt+4")
    for paper in ("application", "applicant_identity", "premises", "articles", "officers"):
        jump(page, f"materials.{paper}.taken")
        page.keyboard.press("Space")
    page.keyboard.press("Alt+5")
    jump(page, "identity_check.method")
    page.keyboard.press("ArrowDown")
    jump(page, "consent")
    page.keyboard.press("Space")


def complete(page: Page) -> Page:
    routed(start(page))
    fill_by_keyboard(page)
    return page


def number_on(page: Page) -> str:
    return str(page.locator("[data-receipt]").get_attribute("data-receipt"))


def stored_in_clear(page: Page) -> str:
    """Everything the browser keeps, as text; what is sealed shows as numbers."""
    return str(
        page.evaluate(
            """async () => {
              const parts = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage})];
              for (const {name} of await indexedDB.databases()) {
                const db = await new Promise(done => {
                  const r = indexedDB.open(name); r.onsuccess = () => done(r.result); });
                for (const store of db.objectStoreNames) {
                  const all = await new Promise(done => {
                    const r = db.transaction(store).objectStore(store).getAll(); r.onsuccess = () => done(r.result); });
                  for (const one of all) {
                    parts.push(JSON.stringify(one));
                    for (const {data} of one.sealed) parts.push(new TextDecoder().decode(data));
                  }
                }
                db.close();
              }
              return parts.join('\\n');
            }"""
        )
    )


def test_a_simple_application_by_keyboard_alone(signed_in: SignedIn) -> None:
    page = signed_in("window_clerk", WUHUA)
    started = time.monotonic()
    complete(page)
    expect(page.locator("#card .answer")).to_have_text("景洪市市场监督管理局")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-receipt]")
    assert time.monotonic() - started < 120
    assert re.fullmatch(r"(\d{4} ){3}\d{4}", page.locator("#number").inner_text())
    expect(page.locator(".lacking")).to_have_count(0)
    check_accessible(page)
    check_width(page)
    page.keyboard.press("n")
    page.wait_for_selector("#intake")
    expect(page.locator("#drafts-list li"), "what was sent is gone from the machine").to_have_count(0)


def test_faults_stand_beside_their_fields_as_one_types(signed_in: SignedIn) -> None:
    page = start(signed_in("window_clerk", WUHUA))
    page.fill(at(page, "applicant.document_number"), "110105194912310021")
    page.keyboard.press("Tab")
    expect(page.locator(at(page, "b-applicant.document_number"))).to_contain_text("请改正")
    page.fill(at(page, "applicant.unified_code"), "91110000000000000X")
    page.keyboard.press("Tab")
    expect(page.locator(at(page, "b-applicant.unified_code"))).to_contain_text("请再看一眼")
    check_accessible(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#say")).to_contain_text("须改正")
    assert page.input_value(at(page, "applicant.document_number")) == "110105194912310021"
    check_accessible(page)


def test_from_search_to_receipt_without_scripts(without_script: Page, signed_in: SignedIn, tmp_path: Path) -> None:
    page = signed_in("window_clerk", WUHUA, without_script)
    page.goto(INTAKE)
    page.fill("#matter_q", "gssl")
    follow(page.get_by_role("button", name="搜索"))
    follow(page.get_by_role("button", name=re.compile("^公司设立登记")))
    page.fill("#place_q", "景洪")
    follow(page.get_by_role("button", name="更新办理去向"))
    page.select_option(at(page, "particulars.company_type"), "limited")
    follow(page.get_by_role("button", name="更新办理去向"))
    expect(page.locator("#card .answer")).to_have_text("景洪市市场监督管理局")
    follow(page.get_by_role("button", name="加一人"))
    expect(page.locator(".person")).to_have_count(2)
    page.fill(at(page, "applicant.name"), "演示申请人")
    page.fill(at(page, "applicant.document_number"), RESIDENT)
    page.fill(at(page, "applicant.phone"), "13800000000")
    page.check(at(page, "people.0.same"))
    page.select_option(at(page, "identity_check.method"), "document_seen")
    page.check("#consent")
    page.check("#forward")
    follow(page.locator("#bar .btn--go"))
    expect(page.locator("#say")).to_contain_text("请再看一眼")
    follow(page.locator("#bar .btn--go"))
    expect(page.locator("#number")).to_have_text(re.compile(r"(\d{4} ){3}\d{4}"))
    expect(page.locator("main")).to_contain_text("已转给决定机关")
    scan = tmp_path / "章程.pdf"
    scan.write_bytes(b"%PDF-1.4 demonstration")
    page.set_input_files("#scan-file", scan)
    page.get_by_role("button", name="上传").click()
    expect(page.locator("#scan-list")).to_contain_text("章程.pdf")


def test_scans_chosen_in_the_form_follow_the_submission(signed_in: SignedIn, tmp_path: Path) -> None:
    page = complete(signed_in("window_clerk", WUHUA))
    scan = tmp_path / "章程.pdf"
    scan.write_bytes(b"%PDF-1.4 demonstration")
    page.set_input_files('[data-file="articles"]', scan)
    expect(page.locator('[data-scan="articles"] .btn')).to_have_text("已选 1")
    expect(page.locator('[data-scan="articles"] .scan-list')).to_contain_text("章程.pdf")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#sending")).to_contain_text("扫描件 1 个已送到")
    listed = page.request.get(f"/api/cases/{number_on(page)}/files").json()["files"]
    assert [(file["name"], file["material"]) for file in listed] == [("章程.pdf", "articles")]


def test_two_windows_at_once_do_not_meet(signed_in: SignedIn) -> None:
    one, two = complete(signed_in("window_clerk", WUHUA)), complete(signed_in("window_clerk", WUHUA))
    one.keyboard.press("Control+Enter")
    two.keyboard.press("Control+Enter")
    for page in (one, two):
        page.wait_for_selector("[data-receipt]")
    assert number_on(one) != number_on(two)


def test_pressed_twice_is_received_once(signed_in: SignedIn) -> None:
    page = complete(signed_in("window_clerk", WUHUA))
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None)
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-receipt]")
    body = next(text for text in sent if "do=submit" in text)
    again = page.request.post(
        INTAKE, data=body, headers={"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}
    )
    assert f'data-receipt="{number_on(page)}"' in again.text()


def test_without_network_it_waits_and_goes_once_when_the_network_is_back(signed_in: SignedIn, watch: Watch) -> None:
    watch.allow(OFFLINE)
    name = f"演示{uuid.uuid4().hex[:6]}"
    page = signed_in("window_clerk", WUHUA)
    routed(start(page))
    fill_by_keyboard(page, name)
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#drafts-list")).to_contain_text("网络不通")
    assert name not in stored_in_clear(page)
    assert RESIDENT not in stored_in_clear(page)
    page.context.set_offline(False)
    page.wait_for_selector("[data-receipt]")
    reference = number_on(page)
    page.wait_for_timeout(500)
    found = page.request.get("/api/cases", params={"q": name}).json()["cases"]
    assert [case["reference"] for case in found] == [reference]


def test_opened_again_without_network_the_page_says_what_waits_and_sends_it_once_when_the_network_is_back(
    signed_in: SignedIn, watch: Watch
) -> None:
    watch.allow(OFFLINE)
    name = f"演示{uuid.uuid4().hex[:6]}"
    page = signed_in("window_clerk", WUHUA)
    routed(start(page))
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    fill_by_keyboard(page, name)
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#drafts-list")).to_contain_text("网络不通")
    page.reload()
    expect(page.locator("h1")).to_have_text("没有网络")
    expect(page.locator("#waiting li")).to_contain_text("等网络恢复后自动送出")
    check_accessible(page)
    kept = page.evaluate("caches.keys().then(async names => (await Promise.all(names.map(async n => (await (await"
                         " caches.open(n)).keys()).map(r => new URL(r.url).pathname)))).flat())")  # fmt: skip
    assert sorted(kept) == ["/desk/offline", "/static/house.css", "/static/icon.svg", "/static/offline.js"]
    assert name not in stored_in_clear(page)
    page.context.set_offline(False)
    # The page looks for the network every five seconds; the first look may come a moment too early.
    expect(page.locator("#drafts-list")).to_contain_text("已收件", timeout=30_000)
    page.wait_for_timeout(500)
    found = page.request.get("/api/cases", params={"q": name}).json()["cases"]
    assert len(found) == 1
    page.get_by_role("link", name="打开回执").click()
    assert number_on(page) == found[0]["reference"]


def test_a_draft_survives_a_closed_page_and_only_its_account_reads_it(
    open_page: OpenPage, signed_in: SignedIn, town: Town
) -> None:
    page = signed_in("window_clerk", WUHUA)
    routed(start(page))
    page.fill(at(page, "applicant.name"), "演示留稿人")
    page.fill(at(page, "applicant.document_number"), RESIDENT)
    page.locator("[data-save]").click()
    expect(page.locator("#kept")).to_contain_text("已加密暂存")
    kept = stored_in_clear(page)
    assert "演示留稿人" not in kept
    assert RESIDENT not in kept
    assert "company-establishment" not in kept

    other = page.context.new_page()
    start(other)
    other.get_by_role("button", name="接着填").click()
    expect(other.locator("#says")).to_contain_text("另一个标签页")
    page.close()
    # What a closed page held is free a moment later.
    other.wait_for_function("navigator.locks.query().then(({held}) => held.length === 0)")
    other.get_by_role("button", name="接着填").click()
    expect(other.locator(at(other, "applicant.name"))).to_have_value("演示留稿人")
    expect(other.locator("#card")).to_have_attribute("data-kind", "route")
    other.close()

    third = page.context.new_page()
    third.goto("/desk/intake")
    third.get_by_role("button", name="退出").click()
    third.wait_for_url("**/")
    somebody = next(a for a in town.accounts.values() if "window_head" in a["roles"] or (
        "window_clerk" in a["roles"] and a["office"] != WUHUA))  # fmt: skip
    signed_in(next(r for r in somebody["roles"] if r.startswith("window")), somebody["office"], third)
    third.goto(INTAKE)
    expect(third.locator("#drafts-list")).to_contain_text("属于别的账号")
    assert "演示留稿人" not in third.inner_text("main")


def test_the_session_ends_while_typing_and_the_form_comes_back(signed_in: SignedIn, town: Town) -> None:
    page = complete(signed_in("window_clerk", WUHUA))
    page.context.clear_cookies()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-ended]")
    check_accessible(page)
    account = next(a for a in town.accounts.values() if "window_clerk" in a["roles"] and a["office"] == WUHUA)
    page.fill(at(page, "again.username"), account["username"])
    page.fill(at(page, "again.password"), account["password"])
    enter(page.locator(at(page, "again.password")))
    expect(page.locator(at(page, "applicant.name"))).to_have_value("演示申请人")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-receipt]")


def test_after_signing_out_the_way_back_shows_nothing(signed_in: SignedIn) -> None:
    page = complete(signed_in("window_clerk", WUHUA))
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-receipt]")
    number = page.locator("#number").inner_text()
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/")
    page.go_back()
    page.wait_for_url(re.compile("/sign-in"))
    assert number not in page.inner_text("body")
    assert "演示申请人" not in page.content()


def test_single_letter_keys_can_be_switched_off_and_never_act_while_typing(signed_in: SignedIn) -> None:
    page = start(signed_in("window_clerk", WUHUA))
    page.locator("#ticket_no").fill("")
    page.locator("#ticket_no").type("A/?s")
    assert page.input_value("#ticket_no") == "A/?s"
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    check_accessible(page)
    page.uncheck("#single")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("/")
    expect(page.locator("#matter_q")).not_to_be_focused()


def test_on_a_telephone_and_light_enough(open_page: OpenPage, signed_in: SignedIn) -> None:
    page = signed_in("window_clerk", WUHUA, open_page(PHONE))
    address = f"{INTAKE}?matter=company-establishment&place={JINGHONG}"
    page.wait_for_load_state("networkidle")
    assert weighed(page, lambda: page.goto(address)) < HEAVIEST
    check_width(page)
    check_accessible(page)
    page.select_option(at(page, "particulars.company_type"), "limited")
    page.wait_for_selector("#card[data-kind=route]")
    check_width(page)
    check_accessible(page)
    places = [page.locator(one).bounding_box() for one in ("#sec-2", "#card", "#sec-3")]
    assert [box["y"] for box in places if box] == sorted(box["y"] for box in places if box)


def test_what_belongs_elsewhere_gives_a_notice_to_print(signed_in: SignedIn) -> None:
    page = signed_in("window_clerk", WUHUA)
    page.goto(f"{INTAKE}?matter=company-establishment&place=532901")
    expect(page.locator("#card")).to_have_attribute("data-kind", "outside")
    expect(page.get_by_role("button", name="打印告知单")).to_be_visible()
    check_accessible(page)


def test_english_is_complete(signed_in: SignedIn) -> None:
    page = signed_in("window_clerk", WUHUA)
    page.goto(f"{INTAKE}?lang=en&matter=company-establishment&place={JINGHONG}")
    check_accessible(page)
    check_width(page)
    for part in ("#sec-1", "#sec-4", "#sec-5", "#bar"):
        assert not re.search(r"[\u4e00-\u9fff]", page.inner_text(part)), part
