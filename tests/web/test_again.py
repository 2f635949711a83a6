"""A session that ends while somebody types loses nothing: any form of any page, by one way and once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from catalogue.service.sign_in import IDLE
from tests.web.conftest import PASSWORD, Browser, Town
from tests.web.forms import fields, multipart
from tests.web.test_desk_pages import Desk, text

PAGE = {"X-CSRFToken": "", "accept": "text/html"}
TYPED = "已与申请人核对，\n补充说明见附件 <1>"


@pytest.fixture
def idle(own_town: Town) -> Iterator[Town]:
    """A house in which everybody who is signed in has been away for too long, once ``moved`` is set."""
    yield own_town
    own_town.clock.moved = timedelta()


def _note(town: Town, name: str = "clerk") -> tuple[Desk, str, dict[str, str]]:
    """Somebody at a case with a note typed and not yet sent."""
    desk = Desk(town, name)
    reference = town.machine("clerk", "cases:write").receive().json()["reference"]
    path = f"/desk/cases/{reference}/note"
    page = desk.get(f"/desk/cases/{reference}").text
    return desk, path, {**desk.hidden(page, "note"), "csrf": desk.csrf, "text": TYPED}


def _asked(answer: Any, path: str) -> dict[str, str]:
    """What the page that asks to sign in carries."""
    assert answer.status_code in (401, 403)
    carried = fields(answer.text, path)
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text)
    assert carried
    return {name: unescape(value) for name, value in found}


def _notes(town: Town, path: str) -> list[str]:
    case = town.machine("clerk", "cases:write").get(f"/api/cases/{path.split('/')[3]}").json()
    return [event["note"] for event in case["events"] if event["type"] == "noted"]


def test_what_was_typed_is_sent_after_signing_in_again_and_once(idle: Town) -> None:
    desk, path, form = _note(idle)
    idle.clock.moved = IDLE + timedelta(minutes=1)
    asked = desk.browser.post(path, data=form, headers=PAGE)
    carried = _asked(asked, path)
    assert carried["text"].replace("\r\n", "\n") == TYPED
    assert "csrf" not in carried
    assert _notes(idle, path) == []
    wrong = desk.browser.post(
        path, data={**carried, "again.username": "clerk", "again.password": "wrong"}, headers=PAGE
    )
    assert _asked(wrong, path)["text"].replace("\r\n", "\n") == TYPED
    assert 'role="alert"' in wrong.text
    assert "wrong" not in re.findall(r'value="([^"]*)"', wrong.text)
    again = {**carried, "again.username": "clerk", "again.password": PASSWORD}
    done = desk.browser.post(path, data=again, headers=PAGE)
    assert done.status_code == 303
    assert len(_notes(idle, path)) == 1
    assert text(desk.get(f"/desk/cases/{path.split('/')[3]}")).count("补充说明见附件 <1>") == 1


def test_nobody_else_goes_on_with_what_was_typed(idle: Town) -> None:
    desk, path, form = _note(idle)
    idle.clock.moved = IDLE + timedelta(minutes=1)
    carried = _asked(desk.browser.post(path, data=form, headers=PAGE), path)
    other = desk.browser.post(
        path, data={**carried, "again.username": "other-clerk", "again.password": PASSWORD}, headers=PAGE
    )
    assert other.status_code == 403
    assert "另一个账号" in text(other)
    assert _notes(idle, path) == []


def test_a_page_from_before_a_new_sign_in_shows_what_it_would_send_and_as_whom(idle: Town) -> None:
    desk, path, form = _note(idle)
    later = idle.sign_in("clerk")
    desk.browser.cookies = later.cookies
    asked = desk.browser.post(path, data=form, headers=PAGE)
    assert asked.status_code == 403
    assert "补充说明见附件 <1>" in text(asked)
    assert "以 clerk 的名义提交" in text(asked)
    assert _notes(idle, path) == []
    assert desk.browser.post(path, data=_asked(asked, path), headers=PAGE).status_code == 303
    assert len(_notes(idle, path)) == 1


def test_a_form_of_another_site_is_shown_to_nobody(idle: Town) -> None:
    desk, path, form = _note(idle)
    refused = desk.browser.post(path, data={**form, "csrf": "x"}, headers={**PAGE, "sec-fetch-site": "cross-site"})
    assert refused.status_code == 403
    assert "补充说明" not in text(refused)


def test_a_form_with_a_file_asks_for_the_file_again_and_keeps_the_rest(idle: Town) -> None:
    reference = idle.machine("clerk", "cases:write").receive().json()["reference"]
    path = f"/desk/receipts/{reference}/files"
    window: Browser = idle.sign_in("clerk")
    idle.clock.moved = IDLE + timedelta(minutes=1)
    pairs = [("csrf", window.csrf or ""), ("material", "articles")]
    sent = multipart(pairs, "file", "章程.pdf", b"%PDF-1.4 one")
    asked = window.post(path, content=sent["content"], headers={**sent["headers"], "accept": "text/html"})
    carried = _asked(asked, path)
    assert carried == {"material": "articles"}
    assert 'type="file"' in asked.text
    pairs = [*carried.items(), ("again.username", "clerk"), ("again.password", PASSWORD)]
    sent = multipart(pairs, "file", "章程.pdf", b"%PDF-1.4 one")
    done = window.post(path, content=sent["content"], headers={**sent["headers"], "accept": "text/html"})
    assert done.status_code == 303
    assert "章程.pdf" in window.get(f"/desk/receipts/{reference}").text


def test_who_is_out_already_signs_out_without_a_complaint(idle: Town) -> None:
    window = idle.sign_in("clerk")
    form = {"csrf": window.csrf or ""}
    idle.clock.moved = IDLE + timedelta(minutes=1)
    gone = window.post("/sign-out", data=form, headers=PAGE)
    assert (gone.status_code, gone.headers["location"]) == (303, "/")
    assert "session" not in window.cookies
