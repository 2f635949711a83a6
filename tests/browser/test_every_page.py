"""Every page is accessible on both screens and fits them; a new page that is not walked here fails."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from catalogue.web.routes import ROUTES
from tests.browser.conftest import JINGHONG, WUHUA, OpenPage, SignedIn
from tests.browser.ground import DESKTOP, PHONE, check_accessible, check_width, follow
from tests.browser.test_public import PAGES
from tests.e2e.server import Town, application

KUNMING = "530100"
DRAFT = "/admin/drafts/{draft}"
CASE = "/desk/cases/{reference}"
WALKS: dict[tuple[str, str], tuple[str, ...]] = {
    ("window_clerk", WUHUA): (
        "/desk", "/desk/intake", "/desk/receipts/{reference}", CASE, f"{CASE}/print", f"{CASE}/papers/receipt-1",
        "/desk/offline",
    ),
    ("window_head", WUHUA): ("/desk/ratings", "/desk/stand-ins"),
    ("home_intake", JINGHONG): (f"{CASE}/transcription", "/desk/external", "/desk/files"),
    ("registry_editor", KUNMING): (
        "/admin", "/admin/unverified", "/admin/drafts", "/admin/cities?city=yuxi", "/admin/exchange", "/admin/changes",
        "/admin/matters/company-change", "/admin/revisions/1", DRAFT, f"{DRAFT}/coverage", f"{DRAFT}/fields",
        f"{DRAFT}/merge", f"{DRAFT}/cases", f"{DRAFT}/cities", f"{DRAFT}/cities/yuxi", f"{DRAFT}/new-city",
        f"{DRAFT}/calendars/national", f"{DRAFT}/lists/sources", f"{DRAFT}/lists/families/item?new=1",
        f"{DRAFT}/matters", f"{DRAFT}/matters/company-change", f"{DRAFT}/matters/company-change/cities",
        f"{DRAFT}/matters/company-change/preview", f"{DRAFT}/matters/company-change/trial",
    ),
    ("registry_publisher", KUNMING): ("/admin/moves",),
    ("system_admin", KUNMING): ("/admin/outbox", "/admin/accounts"),
    ("auditor", KUNMING): ("/admin/audit",),
}  # fmt: skip
"""Who looks, and at what."""

ELSEWHERE = {
    "/admin/moves/{move}": "a move of many cases is made first: tests/web/test_admin_cases.py",
}
"""Pages that want more than this walk makes."""

NO_PAGE = re.compile(
    r"/(pdf|worker\.js|draft-key|check|outside-notice|papers\.zip|history)$|/scans/|/exchange/|\.(json|csv|yaml|atom)$"
)
"""Files, and answers to scripts."""


FOR_ALL = {
    "/verify/{certificate}": "needs a certificate: tests/browser/test_result.py",
    "/status/papers/{document}": "needs a case that was looked up: tests/browser/test_result.py",
}
"""Pages for everybody that are walked with a case of their own."""


def _pages() -> set[str]:
    """Paths of every page that is opened by its address."""
    found = set()
    for handler in ROUTES:
        if "GET" in handler.http_methods and handler.opt["page"]:
            found |= {re.sub(r":\w+", "", path) for path in handler.paths}
    return {path for path in found if not NO_PAGE.search(path)}


def _walked(path: str) -> re.Pattern[str]:
    """The addresses of a route."""
    return re.compile(re.sub(r"\{\w+\}", "[^/?]+", path) + r"(\?.*)?")


def test_every_page_is_walked() -> None:
    addresses = [*PAGES.values(), *(address for walk in WALKS.values() for address in walk)]
    forgotten = {path for path in _pages() if not any(_walked(path).fullmatch(address) for address in addresses)}
    assert forgotten == {*ELSEWHERE, *FOR_ALL}


@pytest.fixture(scope="module")
def reference(town: Town) -> str:
    """A case that both windows see."""
    clerk = town.person("window_clerk", WUHUA)
    number = str(clerk.submit(application()).json()["reference"])
    clerk.do(number, "forward")
    town.person("home_intake", JINGHONG).do(number, "receive-at-home")
    return number


def _draft(page: Page) -> str:
    page.goto("/admin/drafts")
    page.locator("#d-title").fill("演示：逐页走一遍")
    follow(page.get_by_role("button", name="起草"))
    return page.url.rsplit("/", 1)[1]


@pytest.mark.parametrize(("role", "office"), WALKS, ids=[role for role, _ in WALKS])
def test_pages_are_accessible_and_fit_the_screen(
    signed_in: SignedIn, open_page: OpenPage, reference: str, role: str, office: str
) -> None:
    wide = signed_in(role, office, open_page(DESKTOP))
    draft = _draft(wide) if role == "registry_editor" else ""
    for address in WALKS[role, office]:
        answer = wide.goto(address.format(reference=reference, draft=draft))
        assert answer is not None
        assert answer.status == 200, f"{wide.url} answers {answer.status}"
        for size in (PHONE, DESKTOP):
            wide.set_viewport_size({"width": size[0], "height": size[1]})
            check_width(wide)
            check_accessible(wide)
