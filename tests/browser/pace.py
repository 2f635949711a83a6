"""How long a complete simple application takes at a human pace: ``python -m tests.browser.pace``.

A practised clerk of 五华区 takes 公司设立登记 for 景洪市 by keyboard alone: five keystrokes a second, half a second to
find each further field, two seconds to read the routing card. Prints the seconds from the empty form to the receipt;
the exit status is 1 where they are more than 120 (DESIGN §10). Nothing is warmed up beforehand.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.conftest import JINGHONG, WUHUA
from tests.browser.ground import Watch, browser, new_page
from tests.browser.stage import Stage
from tests.browser.stories import Storyteller
from tests.browser.test_window import RESIDENT, jump, start
from tests.e2e.server import town

KEY_MS = 200
FIELD_SECONDS = 0.5
READ_SECONDS = 2.0
LIMIT = 120.0

TYPED = {
    "applicant.document_number": RESIDENT,
    "applicant.name": "演示申请人",
    "applicant.phone": "13800000000",
    "form.enterprise_name": "演示企业（景洪）有限公司",
    "form.address": "景洪市演示路1号2栋3层",
    "form.registered_capital": "100",
    "form.business_scope": "茶叶销售；农副产品销售；普通货物运输；仓储服务",
    "form.representative": "演示申请人",
}
PAPERS = ("application", "applicant_identity", "premises", "articles", "officers")


def _type(page: Page, text: str) -> None:
    page.keyboard.type(text, delay=KEY_MS)


def _find(page: Page, control: str) -> None:
    """Tab on to a control, as fast as one looks for it."""
    time.sleep(FIELD_SECONDS)
    jump(page, control)


def application(page: Page) -> float:
    """Take the application; the seconds it took."""
    start(page)
    started = time.monotonic()
    page.keyboard.press("/")
    _type(page, "gssl")
    page.wait_for_selector("#matter-hits [role=option]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#page[data-matter=company-establishment]")
    _type(page, "jinghong")
    page.wait_for_selector("#place-hits [role=option]")
    page.keyboard.press("Enter")
    page.wait_for_selector(f'[name=place][value="{JINGHONG}"]', state="attached")
    _find(page, "particulars.company_type")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("#card[data-kind=route]")
    time.sleep(READ_SECONDS)
    page.keyboard.press("Alt+3")
    for control, text in TYPED.items():
        _find(page, control)
        _type(page, text)
    _find(page, "people.0.same")
    page.keyboard.press("Space")
    page.keyboard.press("Alt+4")
    for paper in PAPERS:
        _find(page, f"materials.{paper}.taken")
        page.keyboard.press("Space")
    page.keyboard.press("Alt+5")
    _find(page, "identity_check.method")
    page.keyboard.press("ArrowDown")
    _find(page, "consent")
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-receipt]")
    return time.monotonic() - started


def main() -> int:
    """Measure once."""
    with tempfile.TemporaryDirectory(prefix="catalogue-pace-") as place:
        directory = Path(place)
        with town(directory, f"sqlite:///{directory}/catalogue.db") as running, browser() as started:
            page = new_page(started, running.server.url, Watch(running.server.url))
            Stage(running, Storyteller(running)).sign_in(page, "window_clerk", WUHUA)
            seconds = application(page)
    keys = sum(len(text) for text in TYPED.values()) + len("gssl") + len("jinghong")
    sys.stdout.write(
        f"{seconds:.0f} s from the empty form to the receipt, {keys} characters at {1000 / KEY_MS:g} a second; "
        f"at most {LIMIT:.0f} s\n"
    )
    return int(seconds > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
