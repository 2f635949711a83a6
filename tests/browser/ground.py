"""What browser tests and the screens share: chromium, contexts that watch for errors, axe, weight, width."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Response, sync_playwright

DESKTOP, PHONE, SMALL_PHONE = (1280, 900), (390, 844), (360, 740)
HEAVIEST = 100_000
"""Bytes of a page with its stylesheet and scripts, without scans (DESIGN §10)."""
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--font-render-hinting=none", "--disable-lcd-text",
)  # fmt: skip
AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium_path() -> str:
    """The system's chromium. Raises where there is none: these tests are never left out."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    raise RuntimeError("The browser tests need chromium on the PATH (Debian: apt install chromium fonts-noto-cjk).")


@contextmanager
def browser() -> Iterator[Browser]:
    """A chromium of its own."""
    path = chromium_path()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield started
        finally:
            started.close()


class Watch:
    """What went wrong in a context: the console's errors, violated policies, uncaught exceptions, foreign addresses."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.problems: list[str] = []
        self._allowed: list[re.Pattern[str]] = []

    def allow(self, pattern: str) -> None:
        """Let pass what a test provokes on purpose."""
        self._allowed.append(re.compile(pattern))

    def attach(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self._note(f"uncaught: {error.error}"))
        context.on("request", lambda request: self._address(request.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        # A page answered with 404 or 422 is a page like any other; only what a page loads must be there.
        address = message.location["url"]
        here = re.split("[?#]", message.page.url)[0] if message.page else None
        if "Failed to load resource" in message.text and re.split("[?#]", address)[0] == here:
            return
        self._note(f"{message.type} at {address}: {message.text}")

    def _address(self, address: str) -> None:
        # A PDF in its frame is shown by the browser itself, from addresses that never leave it.
        if not address.startswith((self.home, "data:", "blob:", "chrome:", "chrome-extension:")):
            self._note(f"foreign address: {address}")

    def _note(self, problem: str) -> None:
        if not any(pattern.search(problem) for pattern in self._allowed):
            self.problems.append(problem)


def new_page(
    started: Browser,
    home: str,
    watch: Watch,
    size: tuple[int, int] = DESKTOP,
    *,
    javascript: bool = True,
    **options: Any,
) -> Page:
    """A page in a context of its own, with nothing remembered; addresses are those of ``home``."""
    touch = size[0] < 600
    context = started.new_context(
        base_url=home,
        viewport={"width": size[0], "height": size[1]},
        java_script_enabled=javascript,
        has_touch=touch,
        is_mobile=touch,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
        **options,
    )
    context.set_default_timeout(30_000)
    watch.attach(context)
    return context.new_page()


def follow(locator: Locator) -> None:
    """Click what leads to another page, and wait for that page: a click returns before the old page has gone."""
    with locator.page.expect_navigation():
        locator.click()


def enter(locator: Locator) -> None:
    """Press Enter where it sends a form, and wait for the page that answers, its scripts included."""
    with locator.page.expect_navigation():
        locator.press("Enter")


def sign_in(page: Page, account: dict[str, Any]) -> None:
    """Open a session in the page's context by the interface, and come to the desk."""
    answer = page.context.request.post(
        "/api/session", data={"username": account["username"], "password": account["password"]}
    )
    assert answer.ok, f"{answer.status} {answer.text()}"
    page.goto("/desk")


def check_accessible(page: Page, *, leave_out: tuple[str, ...] = ()) -> None:
    """Fail with what axe finds; ``leave_out`` names rules by id, and its caller says why."""
    page.evaluate(AXE)
    found = page.evaluate(
        "options => axe.run(document, options)",
        {
            "runOnly": {"type": "tag", "values": RULES},
            "rules": {rule: {"enabled": False} for rule in leave_out},
            "resultTypes": ["violations"],
            "preload": False,
        },
    )
    told = [
        f"{violation['id']}: {violation['help']}\n  {node['html'][:200]}\n  {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
    assert not told, f"{page.url}\n" + "\n".join(told)


def check_width(page: Page) -> None:
    """Fail where the page can be pushed sideways."""
    wide = page.evaluate(
        """() => {
          const room = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= room) return [];
          return [...document.querySelectorAll('body *')]
            .filter(e => e.getBoundingClientRect().right > room + 1)
            .slice(0, 5).map(e => e.outerHTML.slice(0, 160));
        }"""
    )
    assert not wide, f"{page.url} is wider than {page.viewport_size}: {wide}"


def weighed(page: Page, act: Callable[[], object]) -> int:
    """Bytes of everything that an act loads, as they lie on the server, not as compressed."""
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    page.on("response", note)
    act()
    page.wait_for_load_state("networkidle")
    page.remove_listener("response", note)
    return sum(len(answer.body()) for answer in answers if answer.status == 200 or answer.status >= 400)


def walk(page: Page, steps: int = 60) -> list[str]:
    """Press the tabulator and say where the focus went, each stop once; fails where a stop cannot be seen."""
    stops: list[str] = []
    for _ in range(steps):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => {
              const e = document.activeElement;
              if (!e || e === document.body) return null;
              const box = e.getBoundingClientRect(), style = getComputedStyle(e);
              const seen = style.outlineStyle !== 'none' && box.width > 0 && box.height > 0;
              const name = (e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || e.value || e.id);
              return {name: `${e.tagName.toLowerCase()} ${name.trim().split('\\n')[0]}`, seen};
            }"""
        )
        if here is None:
            break
        assert here["seen"], f"the focus cannot be seen on {here['name']} of {page.url}"
        stops.append(here["name"])
    return stops
