"""The result in a real browser: printed, signed for on the screen, verified by a telephone, then annulled."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import JINGHONG, WUHUA, OpenPage, SignedIn
from tests.browser.ground import DESKTOP, PHONE, check_accessible, check_width, enter
from tests.e2e.server import Person, Town, application


@pytest.fixture(scope="module")
def made(town: Town) -> dict[str, str]:
    """A case whose certificate is ready at 五华区."""
    people = {
        name: town.person(role, office)
        for name, role, office in (
            ("clerk", "window_clerk", WUHUA),
            ("intake", "home_intake", JINGHONG),
            ("reviewer", "reviewer", JINGHONG),
            ("decider", "decider", JINGHONG),
        )
    }
    case = people["clerk"].submit(application(form={"enterprise_name": "演示企业（景洪）有限公司"})).json()
    reference = str(case["reference"])
    people["clerk"].do(reference, "forward")
    people["intake"].do(reference, "receive-at-home")
    people["intake"].do(reference, "accept")
    people["reviewer"].do(reference, "review", {"opinion": "演示", "advice": "grant"})
    people["decider"].do(reference, "grant", {"opinion": "演示"})
    told = people["intake"].do(reference, "make-certificate", {"copies": [{"kind": "正本", "copy_no": 1}]})
    return {"reference": reference, "code": str(case["query_code"]), "certificate": str(told["certificate_id"])}


def _annul(town: Town, reference: str) -> None:
    decider: Person = town.person("decider", JINGHONG)
    decider.do(reference, "annul", {"ground": "deception", "basis": "演示依据"})


def _settled(page: Page) -> None:
    check_accessible(page)
    check_width(page)


def test_the_result_is_signed_for_printed_verified_and_annulled(
    town: Town, made: dict[str, str], signed_in: SignedIn, open_page: OpenPage
) -> None:
    reference = made["reference"]
    desk = signed_in("window_clerk", WUHUA)
    desk.goto(f"/desk/cases/{reference}")
    expect(desk.locator("#documents")).to_contain_text("登记通知书")
    printing = desk.locator("#act-print-copy")
    printing.locator("summary").click()
    printing.locator("[name='copy']").select_option("正本-1")
    printing.locator("[name='blank_no']").fill("演示空白0007")
    printing.locator("button[type=submit]").click()
    expect(desk.locator("#copies")).to_contain_text("打印中")
    _settled(desk)
    reporting = desk.locator("#act-report-print")
    reporting.locator("summary").click()
    reporting.locator("[name='copy']").select_option("正本-1")
    reporting.locator("[name='outcome']").select_option("printed")
    reporting.locator("[name='seal']").check()
    reporting.locator("button[type=submit]").click()
    expect(desk.locator("#copies")).to_contain_text("已打印")
    handing = desk.locator("#act-hand-over")
    handing.locator("summary").click()
    handing.locator("[name='collector']").fill("演示领取人")
    handing.locator("[name='document_type']").select_option("resident_id")
    handing.locator("[name='document_number']").fill("11010519491231002X")
    handing.locator("[name='relation']").select_option("self")
    pad = handing.locator("[data-signature] svg")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    desk.mouse.move(box["x"] + 40, box["y"] + 60)
    desk.mouse.down()
    desk.mouse.move(box["x"] + 120, box["y"] + 20)
    desk.mouse.move(box["x"] + 200, box["y"] + 70)
    desk.mouse.up()
    assert handing.locator("[name='signature']").input_value().startswith("M")
    _settled(desk)
    handing.locator("button[type=submit]").click()
    expect(desk.locator("#documents")).to_contain_text("送达回证")
    desk.locator("#documents a", has_text="送达回证").first.click()
    expect(desk.locator("article.doc")).to_contain_text("演示领取人")
    _settled(desk)
    token = desk.request.get(f"/api/certificates/{made['certificate']}/verification").json()["token"]
    phone = open_page(PHONE)
    phone.goto(f"/verify/{made['certificate']}?token={token}")
    expect(phone.locator("h1")).to_contain_text("有效")
    _settled(phone)
    _annul(town, reference)
    phone.reload()
    expect(phone.locator("h1")).to_contain_text("已撤销")
    _settled(phone)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_applicant_finds_documents_and_rates(
    town: Town, signed_in: SignedIn, open_page: OpenPage, size: tuple[int, int]
) -> None:
    clerk = town.person("window_clerk", WUHUA)
    case = clerk.submit(application()).json()
    clerk.do(str(case["reference"]), "withdraw", {"reason": "演示"})
    page = open_page(size)
    page.goto("/status")
    page.locator("#reference").fill(str(case["reference"]))
    page.locator("#code").fill(str(case["query_code"]))
    enter(page.locator("#code"))
    expect(page.locator(".docs")).to_contain_text("收件回执")
    _settled(page)
    page.locator("[name='window'][value='very_satisfied']").check()
    page.locator("#rating button[type=submit]").click()
    expect(page.locator("#rating")).to_contain_text("非常满意")
    _settled(page)
