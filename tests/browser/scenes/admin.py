"""The administrator's pages: coverage, drafts, the editor, cities and calendars, in and out, accounts, audit."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.stage import Scene, Stage

KUNMING = "530100"
MATTER = "company-establishment"


def as_role(role: str, path: str) -> Callable[[Stage, Page], None]:
    """An address as somebody of the city bureau of Kunming sees it."""

    def play(stage: Stage, page: Page) -> None:
        stage.sign_in(page, role, KUNMING)
        page.goto(path)

    return play


def open_draft(stage: Stage, page: Page) -> str:
    """A new draft; answers its address."""
    stage.sign_in(page, "registry_editor", KUNMING)
    page.goto("/admin/drafts")
    page.locator("#d-title").fill("演示：食品经营许可承诺时限")
    page.locator("#d-reason").fill("演示")
    page.get_by_role("button", name="起草").or_(page.get_by_role("button", name="Open")).click()
    page.wait_for_url("**/admin/drafts/d*")
    return page.url


def promise(page: Page, draft: str) -> None:
    """State a promised limit of one matter in the draft."""
    page.goto(f"{draft}/matters/food-business-licence-new")
    page.locator("#o-limits").select_option("own")
    page.locator("[name='limits.promised_days']").fill("12")
    page.locator("[name='basis.limits.promised_days']").select_option("assumed")
    page.locator("button[value=save]").click()
    page.wait_for_load_state("networkidle")


def draft_page(stage: Stage, page: Page) -> None:
    draft = open_draft(stage, page)
    promise(page, draft)
    page.goto(draft)


def within(path: str) -> Callable[[Stage, Page], None]:
    """A page within a new draft that changes something."""

    def play(stage: Stage, page: Page) -> None:
        draft = open_draft(stage, page)
        promise(page, draft)
        page.goto(f"{draft}{path}")

    return play


def publishing(stage: Stage, page: Page) -> None:
    """The draft as a publisher sees it."""
    draft = open_draft(stage, page)
    promise(page, draft)
    page.get_by_role("button", name="退出").or_(page.get_by_role("button", name="Sign out")).click()
    stage.sign_in(page, "registry_publisher", KUNMING)
    page.goto(draft)


SCENES = (
    Scene("admin-coverage", as_role("registry_editor", "/admin")),
    Scene("admin-coverage-en", as_role("registry_editor", "/admin?category=food"), "en"),
    Scene("admin-unverified", as_role("registry_editor", "/admin/unverified?category=metrology")),
    Scene("admin-drafts", as_role("registry_editor", "/admin/drafts")),
    Scene("admin-draft", draft_page),
    Scene("admin-draft-publish", publishing),
    Scene("admin-draft-fields", within("/fields")),
    Scene("admin-matter", within(f"/matters/{MATTER}")),
    Scene("admin-matter-en", within("/matters/food-business-licence-new"), "en"),
    Scene("admin-matter-cities", within("/matters/food-business-licence-new/cities")),
    Scene("admin-matter-trial", within("/matters/food-business-licence-new/trial")),
    Scene("admin-matters", within("/matters")),
    Scene("admin-city", within("/cities/xishuangbanna")),
    Scene("admin-new-city", within("/new-city")),
    Scene("admin-number-rule", within("/lists/numbers/item?id=documents")),
    Scene("admin-calendar", within("/calendars/xishuangbanna?year=2026")),
    Scene("admin-cities", as_role("registry_editor", "/admin/cities?city=xishuangbanna")),
    Scene("admin-revision", as_role("registry_publisher", "/admin/revisions/1"), sizes=((1280, 900),)),
    Scene("admin-exchange", as_role("registry_editor", "/admin/exchange")),
    Scene("admin-moves", as_role("registry_publisher", "/admin/moves")),
    Scene("admin-accounts", as_role("system_admin", "/admin/accounts?q=mengla")),
    Scene("admin-audit", as_role("auditor", "/admin/audit?act=administered"), viewport_only=True),
)
