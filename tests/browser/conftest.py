"""A running demonstration system and a chromium that watches; every page a test opens must keep quiet."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as PlaywrightError

from tests.browser.ground import DESKTOP, PHONE, SMALL_PHONE, Watch, browser, new_page, sign_in
from tests.e2e.server import Town
from tests.e2e.server import town as running_town

OPENED = pytest.StashKey[list[Page]]()
"""The pages a test has opened."""

# What a page comes to matters here, not how fast a loaded machine gets there.
expect.set_options(timeout=20_000)


HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test of pages that fails runs once more, and the report says so (decision 0022)."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Beside a failure stand what the pages showed at that moment and what the server last said."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        town, pages = item.funcargs.get("town"), item.stash.get(OPENED, [])
        for page in pages:
            report.sections.append(("page", _shown(page)))
        if isinstance(town, Town):
            report.sections.append(("server", town.server.log.read_text("utf-8")[-3000:]))
    return report


def _shown(page: Page) -> str:
    try:
        return f"{page.url}\n{page.inner_text('body', timeout=2_000)[:1500]}"
    except PlaywrightError as error:
        return f"{page.url}\n{error}"


WUHUA, HONGTA, JINGHONG = "530102", "530402", "532801"


class OpenPage(Protocol):
    """Opens a page in a context of its own."""

    def __call__(self, size: tuple[int, int] = DESKTOP, *, javascript: bool = True, **options: Any) -> Page: ...


class SignedIn(Protocol):
    """A page with somebody of that role and office signed in, through the sign-in page."""

    def __call__(self, role: str, office: str, page: Page | None = None) -> Page: ...


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One demonstration system for all browser tests. Tests make the cases they change."""
    directory = tmp_path_factory.mktemp("browser-town")
    with running_town(directory, f"sqlite:///{directory}/catalogue.db", cases=70) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a file: Playwright keeps its event loop open, which other files of the same process must not meet."""
    with browser() as started:
        yield started


@pytest.fixture
def watch(town: Town) -> Iterator[Watch]:
    """Fails the test for whatever its pages complained about."""
    watching = Watch(town.server.url)
    yield watching
    assert not watching.problems, "\n".join(watching.problems)


@pytest.fixture
def open_page(chromium: Browser, town: Town, watch: Watch, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """Opens pages as many as wanted; each has a context, hence cookies, of its own."""
    opened = request.node.stash[OPENED] = list[Page]()

    def opening(size: tuple[int, int] = DESKTOP, *, javascript: bool = True, **options: Any) -> Page:
        opened.append(new_page(chromium, town.server.url, watch, size, javascript=javascript, **options))
        return opened[-1]

    yield opening
    for page in opened:
        page.context.close()


@pytest.fixture
def desktop(open_page: OpenPage) -> Page:
    """1280 wide."""
    return open_page()


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    """390 wide, under a finger."""
    return open_page(PHONE)


@pytest.fixture
def small_phone(open_page: OpenPage) -> Page:
    """360 wide, the narrowest that must do."""
    return open_page(SMALL_PHONE)


@pytest.fixture
def without_script(open_page: OpenPage) -> Page:
    """1280 wide, scripts off."""
    return open_page(javascript=False)


@pytest.fixture
def signed_in(open_page: OpenPage, town: Town) -> SignedIn:
    """Signs in and opens the desk; a page may be handed over, else one is opened. The form has tests of its own."""

    def signing(role: str, office: str, page: Page | None = None) -> Page:
        account = next(a for a in town.accounts.values() if role in a["roles"] and a["office"] == office)
        page = page or open_page()
        sign_in(page, account)
        return page

    return signing
