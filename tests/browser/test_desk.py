"""The desk in a real browser: the founding case through pages, two officers at once, keys, telephone, no script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import JINGHONG, WUHUA, OpenPage, SignedIn
from tests.browser.ground import HEAVIEST, PHONE, Watch, check_accessible, check_width, enter, follow, walk
from tests.e2e.server import Person, Town, application

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000"
    "050001a5f645400000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def people(town: Town) -> dict[str, Person]:
    """Colleagues who work over the API, to bring cases where a test begins."""
    wanted = {"clerk": ("window_clerk", WUHUA), "intake": ("home_intake", JINGHONG), "reviewer": ("reviewer", JINGHONG)}
    return {name: town.person(role, office) for name, (role, office) in wanted.items()}


def case_at(people: dict[str, Person], state: str, scan: bool = False, **changes: Any) -> str:
    """A new case brought to ``received``, ``forwarded``, ``accepted`` or ``to_decide``."""
    answer = people["clerk"].submit(application(**changes))
    assert answer.status_code == 201, answer.text
    reference = str(answer.json()["reference"])
    if scan:
        sent = people["clerk"].client.post(
            f"/api/cases/{reference}/files", files={"file": ("住所证明.png", PNG, "image/png")}
        )
        assert sent.status_code == 201, sent.text
    steps = {
        "received": [],
        "forwarded": ["forward"],
        "arrived": ["forward", "receive-at-home"],
        "accepted": ["forward", "receive-at-home", "accept"],
        "to_decide": ["forward", "receive-at-home", "accept", "review"],
    }[state]
    for command in steps:
        who = {"forward": "clerk", "review": "reviewer"}.get(command, "intake")
        body = {"opinion": "演示：齐全", "advice": "grant"} if command == "review" else {}
        people[who].do(reference, command, body)
    return reference


def act(page: Page, command: str, fields: dict[str, str] | None = None) -> None:
    """Open the form of an act, fill it in and send it."""
    details = page.locator(f"#act-{command}")
    details.locator("summary").click()
    for name, value in (fields or {}).items():
        control = details.locator(f"[name='{name}']")
        if control.evaluate("e => e.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    follow(details.locator("button[type=submit]"))


def weight_of(page: Page) -> int:
    """Bytes of the page and of the stylesheet and scripts it names."""
    parts = page.evaluate(
        "[...document.querySelectorAll('link[rel=stylesheet], script[src]')].map(e => e.href || e.src)"
    )
    return sum(len(page.request.get(part).body()) for part in [page.url, *parts])


def said(page: Page, words: str) -> None:
    expect(page.locator(".told")).to_contain_text(words)


def test_the_founding_case_through_the_pages(people: dict[str, Person], signed_in: SignedIn) -> None:
    reference = case_at(people, "received", scan=True)
    address = f"/desk/cases/{reference}"
    window, intake = signed_in("window_clerk", WUHUA), signed_in("home_intake", JINGHONG)
    reviewer, decider = signed_in("reviewer", JINGHONG), signed_in("decider", JINGHONG)

    window.goto(address)
    act(window, "forward")
    said(window, "转办")
    intake.goto("/desk?queue=to_receive")
    intake.locator(f"a[href*='{reference}']").click()
    act(intake, "receive-at-home")
    intake.goto(f"{address}?queue=to_accept")
    act(intake, "accept")
    reviewer.goto(f"{address}?queue=to_review")
    act(reviewer, "claim")
    expect(reviewer.locator(".case-head")).to_contain_text("（您）")
    act(reviewer, "review", {"opinion": "演示：齐全", "advice": "grant"})
    decider.goto(address)
    decider.locator("#act-grant summary").click()
    expect(decider.locator("#act-grant")).to_contain_text("还没有打开")
    follow(decider.locator("#act-grant .check a").first)
    expect(decider.locator(".viewer img")).to_be_visible()
    act(decider, "grant", {"opinion": "演示：准予"})
    said(decider, "准予")
    intake.goto(address)
    intake.locator("#act-make-certificate summary").click()
    intake.locator("[name='copy_blank.0']").fill(f"演示 {reference}")
    intake.get_by_role("button", name="再加一本").click()
    intake.locator("#act-make-certificate button[type=submit]").click()
    said(intake, "制证")
    window.goto(address)
    act(
        window,
        "hand-over",
        {
            "collector": "演示申请人",
            "document_type": "resident_id",
            "document_number": "11010519491231002X",
            "relation": "self",
        },
    )
    expect(window.locator(".case-head .state")).to_contain_text("已领取")
    expect(window.locator(".hist")).to_contain_text("证照发放")
    events = people["clerk"].case(reference).json()["events"]
    made = next(event for event in events if event["type"] == "certificate_made")
    assert [(copy["kind"], copy.get("copy_no")) for copy in made["facts"]["copies"]] == [("正本", 1), ("副本", 3)]


def test_of_two_officers_at_once_the_second_is_told_and_loses_no_word(
    people: dict[str, Person], signed_in: SignedIn, watch: Watch
) -> None:
    reference = case_at(people, "accepted")
    one, two = signed_in("reviewer", JINGHONG), signed_in("reviewer", JINGHONG)
    for page in (one, two):
        page.goto(f"/desk/cases/{reference}")
    act(one, "note", {"text": "演示：第一人的备注"})
    act(two, "review", {"opinion": "演示：第二人写了很久", "advice": "refuse"})
    expect(two.get_by_role("alert")).to_contain_text("办件已有新的变化")
    expect(two.get_by_role("alert")).to_contain_text("第一人的备注")
    expect(two.locator("#act-review [name=opinion]")).to_have_value("演示：第二人写了很久")
    check_accessible(two)
    two.locator("#act-review button[type=submit]").click()
    expect(two.locator(".told")).to_contain_text("审查")


def test_several_are_claimed_at_once(people: dict[str, Person], signed_in: SignedIn) -> None:
    ours = [case_at(people, "accepted") for _ in range(2)]
    page = signed_in("reviewer", JINGHONG)
    page.goto("/desk?queue=to_review&who=none&region=kunming")
    for reference in ours:
        page.locator(f"tr:has(a[href*='{reference}']) input[type=checkbox]").check()
    button = page.get_by_role("button", name=re.compile("批量领办"))
    expect(button).to_contain_text("2")
    button.click()
    expect(page.locator(".title")).to_contain_text("办成 2 件，未办成 0 件")
    check_accessible(page)
    page.goto("/desk?queue=to_review&who=mine")
    for reference in ours:
        expect(page.locator(f"a[href*='{reference}']")).to_be_visible()


def test_by_keys_alone_and_with_the_keys_switched_off(people: dict[str, Person], signed_in: SignedIn) -> None:
    case_at(people, "forwarded")
    page = signed_in("home_intake", JINGHONG)
    page.goto("/desk?queue=to_receive")
    first = page.locator(".list tbody tr").first
    page.keyboard.press("j")
    expect(first.locator("th a")).to_be_focused()
    page.keyboard.press("x")
    expect(first.locator("input[type=checkbox]")).to_be_checked()
    enter(first.locator("th a"))
    here = page.url
    page.keyboard.press("r")
    expect(page.locator("#act-receive-at-home")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator("#act-receive-at-home")).not_to_have_attribute("open", "")
    assert page.url == here, "a key opens a form and decides nothing"
    page.locator("[data-keys-switch] input").uncheck()
    page.keyboard.press("r")
    expect(page.locator("#act-receive-at-home")).not_to_have_attribute("open", "")
    expect(page.locator("kbd").first).to_be_hidden()
    page.locator("[data-keys-switch] input").check()
    page.goto(here)
    stops = walk(page, 60)
    assert any(stop.startswith("summary 接件") for stop in stops)


def test_without_script_everything_is_there(
    people: dict[str, Person], signed_in: SignedIn, without_script: Page
) -> None:
    reference = case_at(people, "forwarded")
    page = signed_in("home_intake", JINGHONG, without_script)
    page.goto(f"/desk/cases/{reference}?queue=to_receive")
    act(page, "receive-at-home")
    said(page, "接件")
    page.goto(f"/desk/cases/{reference}")
    act(page, "bounce", {"code": "wrong_office"})
    expect(page.locator("#act-bounce [aria-invalid=true]")).to_be_visible()
    expect(page.locator("#act-bounce [name=code]")).to_have_value("wrong_office")


@pytest.mark.parametrize("size", [(1280, 900), PHONE])
def test_desk_and_case_are_accessible_light_and_no_wider_than_the_screen(
    people: dict[str, Person], signed_in: SignedIn, open_page: OpenPage, size: tuple[int, int]
) -> None:
    reference = case_at(people, "to_decide", scan=True)
    page = signed_in("decider", JINGHONG, open_page(size))
    addresses = (
        "/desk",
        "/desk?queue=all",
        "/desk?queue=all&lang=en",
        f"/desk/cases/{reference}?queue=to_decide&lang=zh",
        f"/desk/cases/{reference}?lang=en",
        f"/desk/cases/{reference}/print?lang=zh",
        "/desk/stand-ins",
    )
    # Before acceptance a case has the most acts, hence the heaviest page.
    intake = signed_in("home_intake", JINGHONG, open_page(size))
    intake.goto(f"/desk/cases/{case_at(people, 'arrived')}?queue=to_accept&lang=en")
    assert weight_of(intake) < HEAVIEST, f"a case to accept weighs {weight_of(intake)}"
    check_accessible(intake)
    for address in addresses:
        page.goto(address)
        weight = weight_of(page)
        assert weight < HEAVIEST, f"{address} weighs {weight}"
        check_width(page)
        check_accessible(page)
    page.goto(f"/desk/cases/{reference}?queue=to_decide")
    for summary in page.locator(".acts summary").all():
        summary.click()
    check_width(page)
    check_accessible(page)


def test_what_is_masked_is_shown_after_a_reason(people: dict[str, Person], signed_in: SignedIn) -> None:
    reference = case_at(people, "received")
    page = signed_in("window_clerk", WUHUA)
    page.goto(f"/desk/cases/{reference}")
    expect(page.locator("main")).not_to_contain_text("演示申请人")
    page.locator(".unmask summary").click()
    page.locator("#unmask-reason").fill("演示：核对姓名")
    page.get_by_role("button", name="显示", exact=True).click()
    expect(page.locator(".dossier")).to_contain_text("演示申请人")
    expect(page.locator("main")).to_contain_text("查看已留痕")


def test_an_idle_session_asks_before_it_ends_and_then_shows_nothing(
    people: dict[str, Person], signed_in: SignedIn, watch: Watch
) -> None:
    watch.allow("401")
    reference = case_at(people, "received")
    page = signed_in("window_clerk", WUHUA)
    page.clock.install()
    page.goto(f"/desk/cases/{reference}")
    page.locator("#act-note summary").click()
    page.locator("#act-note [name=text]").fill("演示：写到一半")
    page.clock.run_for("09:05")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("一分钟后将自动退出")
    check_accessible(page)
    dialog.get_by_role("button", name="继续").click()
    expect(dialog).to_be_hidden()
    page.clock.run_for("10:05")
    expect(dialog).to_contain_text("登录已结束")
    expect(page.locator("main")).to_be_hidden()


def test_after_signing_out_the_way_back_shows_nothing(people: dict[str, Person], signed_in: SignedIn) -> None:
    reference = case_at(people, "received")
    page = signed_in("window_clerk", WUHUA)
    page.goto(f"/desk/cases/{reference}")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url(re.compile(r"/$"))
    page.go_back()
    page.wait_for_url(re.compile("/sign-in"))
    expect(page.locator("main")).not_to_contain_text(reference[:4] + " " + reference[4:8])
