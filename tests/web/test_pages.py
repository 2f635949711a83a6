"""Pages: whole without JavaScript, both languages, forms that act once, nothing inline."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from typing import Any

import pytest

from catalogue.domain.vocabulary import WORDS
from catalogue.domain.workflow import COMMANDS as WORKFLOW
from catalogue.service.bodies import COMMAND_BODIES
from catalogue.web.pages.act_words import COMMANDS
from catalogue.web.pages.commands import controls
from catalogue.web.pages.line import draw, journey, told
from catalogue.web.pages.sign_in import local_address
from catalogue.web.pages.static import ADDRESSES, FILES, linked
from tests.web.conftest import PASSWORD, WUHUA, Browser, Town, application

VOID = {"meta", "link", "input", "br", "img", "hr", "path", "rect", "circle", "line"}


class _Reader(HTMLParser):
    """What a page must have and must not have."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.controls: list[tuple[str, dict[str, str | None]]] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in given:
            self.ids.append(str(given["id"]))
        if tag == "label":
            self.labelled.add(str(given.get("for")))
        named = "label" in self.open or given.get("aria-label")
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden" and not named:
            self.controls.append((tag, given))
        self.faults += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        own = given.get("type") == "module" and str(given.get("src")).startswith("/static/")
        if tag == "style" or (tag == "script" and not own):
            self.faults.append(tag)
        for name in ("href", "src", "action"):
            if str(given.get(name, "/")).startswith(("http:", "https:", "//", "javascript:", "data:")):
                self.faults.append(f"{tag} {name}={given[name]}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}>")


def check(text: str) -> None:
    """The rules that hold for every page."""
    reader = _Reader()
    reader.feed(text)
    assert reader.faults == []
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids)), "an id stands twice"
    unlabelled = [given for _, given in reader.controls if given.get("id") not in reader.labelled]
    assert unlabelled == []
    assert re.search(r'<html lang="(zh-CN|en)">', text)
    assert text.count("<h1") == 1
    assert {"main", "header", "footer", "nav"} <= set(reader.tags)
    assert 'class="skip" href="#main"' in text


@pytest.fixture
def browser(town: Town) -> Browser:
    return town.sign_in("clerk")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_keeps_the_rules(town: Town, browser: Browser, case: dict[str, Any], language: str) -> None:
    paths = ["/", "/?q=gssl", "/?q=%E6%97%A0%E6%AD%A4", "/?city=puer", "/matters/company-establishment", "/sign-in",
             "/status", "/verify", "/verify/X", "/desk", "/desk?queue=overdue", "/nothing",
             f"/desk/cases/{case['reference']}"]  # fmt: skip
    for path in paths:
        joint = "&" if "?" in path else "?"
        answer = browser.get(f"{path}{joint}lang={language}", headers={"accept": "text/html"})
        assert answer.headers["content-type"] == "text/html; charset=utf-8", path
        assert answer.headers["content-language"] in (language, "zh, en")
        assert "演示" in answer.text
        check(answer.text)
    status = town.anybody().post(
        f"/status?lang={language}", data={"reference": case["reference"], "code": case["query_code"]}
    )
    assert status.status_code == 200
    check(status.text)


def test_the_chosen_language_stays(town: Town) -> None:
    caller = town.anybody()
    assert '<html lang="zh-CN">' in caller.get("/", headers={"accept-language": "en"}).text
    assert '<html lang="en">' in caller.get("/?lang=en").text
    assert '<html lang="en">' in caller.get("/status").text
    assert '<html lang="zh-CN">' in caller.get("/?lang=zh").text
    assert '<html lang="zh-CN">' in caller.get("/?lang=xx").text


def test_the_front_door_finds_matters(town: Town) -> None:
    caller = town.anybody()
    whole = caller.get("/").text
    assert whole.count('href="/matters/') == 61
    assert "工作清单" in whole
    found = caller.get("/?q=gssl").text
    assert 'href="/matters/company-establishment"' in found
    assert found.count('href="/matters/') < 10


def test_what_people_type_is_escaped(town: Town, clerk: Browser) -> None:
    hostile = "<script>alert(1)</script>\"'"
    text = town.anybody().get("/", params={"q": hostile}).text
    assert "<script>" not in text
    check(text)
    enterprise = application(form={"enterprise_name": hostile, "address": hostile})
    answer = clerk.receive(enterprise)
    if answer.status_code == 201:
        page = town.sign_in("clerk").get(f"/desk/cases/{answer.json()['reference']}")
        assert "<script>" not in page.text
    page = town.anybody().post("/status", data={"reference": hostile, "code": hostile})
    assert page.status_code == 404
    assert "<script>" not in page.text


def test_the_status_page_tells_where_who_and_when(town: Town, clerk: Browser) -> None:
    case = clerk.receive().json()
    clerk.command(case["reference"], "forward")
    caller = town.anybody()
    text = caller.post("/status", data={"reference": case["reference"], "code": case["query_code"]}).text
    assert "正送往景洪市，等待接件" in text
    assert "景洪市市场监督管理局" in text
    assert 'role="img"' in text
    assert "材料正从昆明五华区送往西双版纳景洪市" in text
    assert case["query_code"] not in re.sub(r'<input type="hidden" name="code"[^>]*>', "", text)
    english = caller.post("/status?lang=en", data={"reference": case["reference"], "code": case["query_code"]}).text
    assert "on their way from Wuhua, Kunming to Jinghong, Xishuangbanna" in english


def test_a_code_in_the_address_is_dropped(town: Town) -> None:
    answer = town.anybody().get("/status?reference=5301261124000009&code=ABCDEFGH")
    assert (answer.status_code, answer.headers["location"]) == (303, "/status?reference=5301261124000009")
    assert 'value="5301261124000009"' in town.anybody().get(answer.headers["location"]).text


def test_a_page_that_needs_an_account_leads_to_signing_in(town: Town) -> None:
    answer = town.anybody().get("/desk/cases/1", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/desk/cases/1")


def test_signing_in_and_out_by_form(town: Town) -> None:
    caller = town.anybody()
    wrong = caller.post("/sign-in", data={"username": "clerk", "password": "no", "next": "/desk"})
    assert wrong.status_code == 401
    assert "用户名或密码不正确" in wrong.text
    check(wrong.text)
    right = caller.post("/sign-in", data={"username": "clerk", "password": PASSWORD, "next": "/desk?queue=to_forward"})
    assert (right.status_code, right.headers["location"]) == (303, "/desk?queue=to_forward")
    desk = caller.get("/desk")
    assert desk.status_code == 200
    assert "clerk" in desk.text
    assert caller.post("/sign-out", data={"csrf": "wrong"}).status_code == 403
    assert caller.post("/sign-out", data={"csrf": caller.cookies["csrftoken"]}).status_code == 303
    assert caller.get("/desk").status_code == 303


def test_only_addresses_of_this_house_follow_signing_in() -> None:
    assert local_address("/desk/cases/1?x=1") == "/desk/cases/1?x=1"
    for elsewhere in ("//evil.example", "https://evil.example", "evil", "/\\evil", "", "/a\r\nSet-Cookie: x"):
        assert local_address(elsewhere) == "/desk"


def test_a_form_of_another_site_does_not_sign_in(town: Town) -> None:
    answer = town.anybody().post(
        "/sign-in",
        data={"username": "clerk", "password": PASSWORD},
        headers={"sec-fetch-site": "cross-site", "accept": "text/html"},
    )
    assert answer.status_code == 403


def test_a_call_of_another_site_does_not_sign_in(town: Town) -> None:
    answer = town.anybody().post(
        "/api/session", json={"username": "clerk", "password": PASSWORD}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403


def test_a_case_without_office_is_shown_with_its_owner(town: Town, browser: Browser, clerk: Browser) -> None:
    case = clerk.receive(place="530101").json()
    assert case["state"] == "unroutable"
    text = town.anybody().post("/status", data={"reference": case["reference"], "code": case["query_code"]}).text
    check(text)
    assert "五华区市场监督管理局" in text
    page = browser.get(f"/desk/cases/{case['reference']}").text
    check(page)
    assert "待确定办理机关" in page


def test_demo_accounts_are_picked_on_a_loopback_address_only(town: Town) -> None:
    near, far = town.anybody(), town.anybody()
    near.address = "127.0.0.1"
    local = {"host": "localhost:8000"}
    assert 'value="clerk"' in near.get("/sign-in", headers=local).text
    for caller, headers in [
        (far, local),
        (near, {"host": "office.example"}),
        (near, {**local, "x-forwarded-for": "203.0.113.9"}),
    ]:
        assert 'value="clerk"' not in caller.get("/sign-in", headers=headers).text
        answer = caller.post("/sign-in", data={"account": "clerk"}, headers=headers)
        assert answer.status_code == 401
    answer = near.post("/sign-in", data={"account": "clerk"}, headers=local)
    assert answer.status_code == 303
    assert near.get("/api/me").json()["username"] == "clerk"
    assert near.post("/sign-in", data={"account": "nobody"}, headers=local).status_code == 401


def test_a_command_by_form(town: Town, browser: Browser, case: dict[str, Any]) -> None:
    path = f"/desk/cases/{case['reference']}"
    text = browser.get(path).text
    assert f'action="{path}/forward"' in text
    form = {"csrf": browser.csrf, "etag": case["etag"], "key": "form-key-1"}
    no_header = {"X-CSRFToken": ""}
    assert browser.post(f"{path}/forward", data={**form, "csrf": ""}, headers=no_header).status_code == 403
    assert browser.post(f"{path}/forward", data=form, headers=no_header).status_code == 303
    assert browser.post(f"{path}/forward", data=form, headers=no_header).status_code == 303, "sent twice, acts once"
    stale = browser.post(f"{path}/recall", data={**form, "key": "form-key-2"}, headers=no_header)
    assert stale.status_code == 412
    assert "办件已有新的变化" in stale.text
    check(stale.text)
    assert browser.post(f"{path}/explode", data=form, headers=no_header).status_code == 404


def test_a_form_says_what_is_wrong(town: Town, browser: Browser, case: dict[str, Any]) -> None:
    path = f"/desk/cases/{case['reference']}/reroute"
    answer = browser.post(
        path, data={"csrf": browser.csrf, "etag": case["etag"], "key": "k"}, headers={"X-CSRFToken": ""}
    )
    assert answer.status_code == 422
    assert "必填" in answer.text
    assert re.search(r'<details [^>]*id="act-reroute" open', answer.text)


def test_unmasking_by_form(town: Town, browser: Browser, case: dict[str, Any]) -> None:
    path = f"/desk/cases/{case['reference']}/unmask"
    number = application()["applicant"]["document_number"]
    assert number not in browser.get(f"/desk/cases/{case['reference']}").text
    answer = browser.post(path, data={"csrf": browser.csrf, "reason": "演示核对"}, headers={"X-CSRFToken": ""})
    assert number in answer.text
    check(answer.text)
    assert (
        browser.post(path, data={"csrf": browser.csrf, "reason": " "}, headers={"X-CSRFToken": ""}).status_code == 422
    )


def test_every_command_has_a_label_and_a_form() -> None:
    assert set(COMMANDS) == set(COMMAND_BODIES)
    assert set(COMMAND_BODIES) >= WORKFLOW
    for command, model in COMMAND_BODIES.items():
        shown = {control.key for control in controls(command) if control.required}
        assert shown == {name for name, field in model.model_fields.items() if field.is_required()}, command


def test_static_files_say_how_long_they_hold(town: Town) -> None:
    page = town.anybody().get("/").text
    for address in re.findall(r'href="(/static/[^"]+)"', page):
        answer = town.anybody().get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert "http" not in town.anybody().get("/static/house.css").text.replace("http://www.w3.org", "")
    assert town.anybody().get("/static/other.css").status_code == 404


def test_a_script_changes_its_address_with_what_it_imports() -> None:
    scripts = {"a.js": b'import { b } from "./b.js";\nb();', "b.js": b"export const b = () => 1;"}
    changed = {**scripts, "b.js": b"export const b = () => 2;"}
    assert linked(scripts)["a.js"] != linked(changed)["a.js"]
    assert linked(scripts)["b.js"] == scripts["b.js"]
    named = {
        name: re.findall(r'(?m)^import .* from "([^"]*)";$', content.decode()) for name, (content, _) in FILES.items()
    }
    assert len(named["intake.js"]) == 4
    assert {address for addresses in named.values() for address in addresses} <= set(ADDRESSES.values())


def test_the_line_tells_every_state(town: Town) -> None:
    registry = town.house.in_force().registry
    for state in WORDS["states"]:
        for accepting, home in [
            ("kunming", "xishuangbanna"),
            ("xishuangbanna", "kunming"),
            ("puer", "puer"),
            ("yuxi", None),
        ]:
            for stopped in (False, True):
                trip = journey(state, accepting, home, stopped=stopped)
                for tongue in ("zh", "en"):
                    picture = draw(registry, trip, tongue, "x")
                    assert escape(told(registry, trip, tongue)) in picture
                    assert picture.count('class="ln-name') == len(registry.regions)


def test_the_desk_of_who_handles_no_cases(town: Town) -> None:
    page = town.sign_in("admin").get("/desk")
    assert page.status_code == 200
    assert "不经办案件" in page.text


def test_the_desk_reads_page_by_page(town: Town, browser: Browser, clerk: Browser) -> None:
    for _ in range(3):
        clerk.receive()
    text = browser.get("/desk?limit=2").text
    following = re.search(r'href="(/desk\?[^"]*cursor=[^"]+)"', text)
    assert following is not None
    assert browser.get(following[1].replace("&amp;", "&")).status_code == 200
    assert WUHUA in town.house.in_force().registry.offices


def test_what_is_left_empty_is_told_beside_its_field(town: Town) -> None:
    visitor = town.anybody()
    unsigned = visitor.post("/sign-in", data={"username": "clerk", "password": "", "next": "/desk/intake"})
    assert unsigned.status_code == 422
    assert 'id="password-wrong"' in unsigned.text
    assert 'id="username-wrong"' not in unsigned.text
    assert 'value="clerk"' in unsigned.text
    assert 'value="/desk/intake"' in unsigned.text
    tried = visitor.get("/matters/company-establishment?place=&company_type=limited&from=yuxi").text
    assert 'id="place-wrong"' in tried
    assert 'value="limited" selected' in tried
    tried = visitor.get("/matters/company-establishment?place=532801&company_type=&from=yuxi").text
    assert 'id="p-company_type-wrong"' in tried
    assert 'id="place-wrong"' not in tried
    assert "请填写证照编号" in visitor.get("/verify?id=").text
    assert "请填写证照编号" not in visitor.get("/verify").text
