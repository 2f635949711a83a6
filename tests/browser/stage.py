"""Where scenes are played: a town, its people, a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page

from tests.browser.ground import DESKTOP, PHONE, enter, sign_in
from tests.browser.stories import Receipt, Storyteller
from tests.e2e.server import Town


@dataclass
class Stage:
    """What a scene may use."""

    town: Town
    stories: Storyteller
    _receipts: dict[str, Receipt] = field(default_factory=dict)

    def receipt(self, state: str) -> Receipt:
        """A case in that state, one for all scenes."""
        if state not in self._receipts:
            self._receipts[state] = self.stories.case(state, complete=True)
        return self._receipts[state]

    def sign_in(self, page: Page, role: str, office: str) -> None:
        """Somebody of that role and office, at the desk."""
        account = next(a for a in self.town.accounts.values() if role in a["roles"] and a["office"] == office)
        sign_in(page, account)

    def track(self, page: Page, state: str) -> None:
        """Open the public status of a case in that state."""
        receipt = self.receipt(state)
        page.goto(f"/status?reference={receipt.reference}")
        page.locator("#code").fill(receipt.code)
        enter(page.locator("#code"))
        page.locator(".expect").wait_for()


@dataclass(frozen=True)
class Scene:
    """A picture: its name, how to get there, in which language and at which widths."""

    name: str
    play: Callable[[Stage, Page], None]
    language: str = "zh"
    sizes: tuple[tuple[int, int], ...] = (DESKTOP, PHONE)
    viewport_only: bool = False


def go(path: str) -> Callable[[Stage, Page], None]:
    """Open an address."""

    def play(_: Stage, page: Page) -> None:
        page.goto(path)

    return play


def tracking(state: str) -> Callable[[Stage, Page], None]:
    """The public status of a case in that state."""

    def play(stage: Stage, page: Page) -> None:
        stage.track(page, state)

    return play
