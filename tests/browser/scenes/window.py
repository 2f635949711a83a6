"""The window: intake from the empty form to the receipt, what waits, what belongs elsewhere."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import JINGHONG, WUHUA
from tests.browser.ground import DESKTOP
from tests.browser.stage import Scene, Stage
from tests.browser.test_window import INTAKE, RESIDENT, at

BEGUN = f"{INTAKE}?matter=company-establishment&place={JINGHONG}"
TYPED = {
    "applicant.document_number": RESIDENT,
    "applicant.name": "演示申请人",
    "applicant.phone": "13800000000",
    "form.enterprise_name": "演示企业（景洪）有限公司",
    "form.address": "演示路1号",
    "form.registered_capital": "100",
    "form.business_scope": "演示",
    "form.representative": "演示申请人",
}


def clerk(stage: Stage, page: Page, path: str) -> None:
    """A window clerk of 五华区 at an address."""
    stage.sign_in(page, "window_clerk", WUHUA)
    page.goto(path)


def empty(stage: Stage, page: Page) -> None:
    """The form before anything is said."""
    clerk(stage, page, INTAKE)


def filled(stage: Stage, page: Page) -> None:
    """A whole application, ready to be received."""
    clerk(stage, page, BEGUN)
    page.select_option(at(page, "particulars.company_type"), "limited")
    page.locator("#card[data-kind=route]").wait_for()
    for control, text in TYPED.items():
        page.fill(at(page, control), text)
    page.check(at(page, "people.0.same"))
    for box in page.locator(".mats input[type=checkbox]").all()[:5]:
        box.check()
    page.select_option(at(page, "identity_check.method"), index=1)
    page.check("#consent")
    page.evaluate("window.scrollTo(0, 0)")


def faulty(stage: Stage, page: Page) -> None:
    """What is wrong, beside its fields."""
    filled(stage, page)
    page.fill(at(page, "applicant.document_number"), "110105194912310021")
    page.fill(at(page, "applicant.unified_code"), "91110000000000000X")
    page.locator("#bar .btn--go").click()
    page.locator(".check--stop").first.wait_for()


def received(stage: Stage, page: Page) -> None:
    """The receipt with number, query code and QR code."""
    filled(stage, page)
    page.locator("#bar .btn--go").click()
    page.locator("[data-receipt], .beside").first.wait_for()
    if not page.locator("[data-receipt]").count():
        page.locator("#bar .btn--go").click()
    page.locator("[data-receipt]").wait_for()


def printed(stage: Stage, page: Page) -> None:
    """The receipt as the printer gets it."""
    received(stage, page)
    page.emulate_media(media="print")


def outside(stage: Stage, page: Page) -> None:
    """What belongs to an authority outside the programme."""
    clerk(stage, page, f"{INTAKE}?matter=company-establishment&place=532901")


def begun(stage: Stage, page: Page) -> None:
    """The routing card at once."""
    clerk(stage, page, BEGUN)
    page.select_option(at(page, "particulars.company_type"), "limited")
    page.locator("#card[data-kind=route]").wait_for()


SCENES = (
    Scene("intake", empty, viewport_only=True),
    Scene("intake-filled", filled),
    Scene("intake-faults", faulty, sizes=(DESKTOP,)),
    Scene("intake-outside", outside, viewport_only=True, sizes=(DESKTOP,)),
    Scene("intake-en", begun, "en", sizes=(DESKTOP,)),
    Scene("receipt", received),
    Scene("receipt-print", printed, sizes=((794, 1123),)),
)
