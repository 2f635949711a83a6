"""What anybody sees without an account."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import JINGHONG, SignedIn
from tests.browser.ground import check_accessible, check_width


def test_smoke(desktop: Page, signed_in: SignedIn) -> None:
    desktop.goto("/")
    check_accessible(desktop)
    check_width(desktop)
    page = signed_in("decider", JINGHONG)
    assert "/desk" in page.url
