"""Front door, catalogue, status, verification, sign-in."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.ground import PHONE
from tests.browser.stage import Scene, Stage, go, tracking

MATTER = "/matters/company-establishment"


def verified(stage: Stage, page: Page) -> None:
    """The verification of a certificate that was made, by the link on its case."""
    stage.track(page, "cert_ready")
    page.locator("a[href^='/verify/']").click()


def picking(_: Stage, page: Page) -> None:
    """The demo accounts of a city, opened."""
    page.goto("/sign-in")
    page.locator(".picker summary").last.click()


def finding(_: Stage, page: Page) -> None:
    """The catalogue while one types pinyin initials."""
    page.goto("/matters")
    page.locator("#mq").press_sequentially("spjyxk")
    page.locator("#found:not(:empty)").wait_for()


def printed(stage: Stage, page: Page) -> None:
    """The status as the printer gets it."""
    stage.track(page, "under_review")
    page.emulate_media(media="print")


SCENES = (
    Scene("front", go("/")),
    Scene("front-en", go("/"), "en"),
    Scene("matters-find", finding),
    Scene("matter", go(MATTER)),
    Scene("matter-card", go(f"{MATTER}?place=532801&company_type=limited")),
    Scene("matter-card-en", go(f"{MATTER}?place=532801&company_type=limited"), "en"),
    Scene("status-form", go("/status"), sizes=(PHONE,)),
    Scene("status-forwarded", tracking("forwarded")),
    Scene("status-review", tracking("under_review")),
    Scene("status-review-en", tracking("under_review"), "en"),
    Scene("status-correction", tracking("correction_notice")),
    Scene("status-stopped", tracking("special")),
    Scene("status-ready", tracking("cert_ready")),
    Scene("status-returned", tracking("returned")),
    Scene("status-refused", tracking("decided_refuse"), sizes=(PHONE,)),
    Scene("status-collected", tracking("collected")),
    Scene("status-print", printed, sizes=((794, 1123),)),
    Scene("verify", verified),
    Scene("sign-in", picking),
    Scene("error", go("/nowhere")),
)
