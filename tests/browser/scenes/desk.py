"""The desk: queues, a case as each officer sees it, an act's form, stand-ins."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.conftest import JINGHONG, WUHUA
from tests.browser.ground import DESKTOP
from tests.browser.stage import Scene, Stage


def at_desk(role: str, office: str, path: str = "/desk") -> Callable[[Stage, Page], None]:
    """Somebody's desk."""

    def play(stage: Stage, page: Page) -> None:
        stage.sign_in(page, role, office)
        page.goto(path)

    return play


def case_of(state: str, role: str, office: str, key: str = "") -> Callable[[Stage, Page], None]:
    """A case in that state as somebody works on it, with the form of one act opened by its key."""

    def play(stage: Stage, page: Page) -> None:
        reference = stage.receipt(state).reference
        stage.sign_in(page, role, office)
        page.goto(f"/desk/cases/{reference}")
        page.locator("h1").click()
        if key:
            page.keyboard.press(key)

    return play


def reading(stage: Stage, page: Page) -> None:
    """A case to decide with the first of its scans opened beside the papers."""
    case_of("under_review", "decider", JINGHONG)(stage, page)
    page.locator("a[data-scan]").first.click()
    page.locator(".sheet img").wait_for()


SCENES = (
    Scene("desk-intake", at_desk("home_intake", JINGHONG)),
    Scene("desk-window", at_desk("window_clerk", WUHUA), sizes=(DESKTOP,)),
    Scene("desk-all", at_desk("decider", JINGHONG, "/desk?queue=all"), sizes=(DESKTOP,)),
    Scene("desk-en", at_desk("reviewer", JINGHONG), "en", sizes=(DESKTOP,)),
    Scene("case-to-decide", reading),
    Scene("case-grant", case_of("under_review", "decider", JINGHONG, "y"), sizes=(DESKTOP,)),
    Scene("case-correction", case_of("home_received", "home_intake", JINGHONG, "b"), sizes=(DESKTOP,)),
    Scene("case-hand-over", case_of("cert_ready", "window_clerk", WUHUA, "g")),
    Scene("case-en", case_of("special", "reviewer", JINGHONG), "en", sizes=(DESKTOP,)),
    Scene("stand-ins", at_desk("decider", JINGHONG, "/desk/stand-ins"), sizes=(DESKTOP,)),
)
