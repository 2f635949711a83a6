"""QR links: a long token opens the public page of one case, and stands in no address, log or cache afterwards."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from catalogue.service.tracking import FAILURES_PER_CLIENT
from catalogue.store import erase
from catalogue.web.qr import qr_svg
from tests.web.conftest import Browser, Town


def _address(case: dict[str, Any]) -> str:
    parts = urlsplit(case["qr_url"])
    return f"{parts.path}?{parts.query}"


def _token(case: dict[str, Any]) -> str:
    return parse_qs(urlsplit(str(case["qr_url"])).query)["token"][0]


def test_a_link_is_answered_by_an_address_without_its_token_and_opens_the_case(
    town: Town, case: dict[str, Any]
) -> None:
    caller = town.anybody()
    followed = caller.get(_address(case))
    assert (followed.status_code, followed.headers["location"]) == (303, "/status")
    assert "no-store" in followed.headers["cache-control"]
    cookie = followed.headers["set-cookie"]
    assert all(part in cookie for part in ("Path=/status", "HttpOnly", "SameSite=Lax"))
    page = caller.get("/status")
    assert page.status_code == 200
    assert re.sub(r"\s", "", page.text).count(case["reference"])
    assert _token(case) not in page.text
    assert case["query_code"] not in page.text


def test_a_link_is_read_in_english(town: Town, case: dict[str, Any]) -> None:
    caller = town.anybody()
    assert caller.get(f"{_address(case)}&lang=en").headers["location"] == "/status?lang=en"
    assert 'lang="en"' in caller.get("/status?lang=en").text


def test_another_case_ends_what_a_link_opened(town: Town, case: dict[str, Any]) -> None:
    caller = town.anybody()
    caller.get(_address(case))
    assert 'name="code"' in caller.get("/status?another=1").text
    assert "status-link" not in caller.cookies
    assert 'name="code"' in caller.get("/status").text


def test_a_token_that_opens_nothing_shows_the_form_and_is_counted(town: Town) -> None:
    caller = town.anybody()
    for _ in range(FAILURES_PER_CLIENT):
        caller.get(f"/status?token={'x' * 32}")
        answer = caller.get("/status")
        assert (answer.status_code, "二维码打不开" in answer.text) == (404, True)
    caller.get(f"/status?token={'x' * 32}")
    assert caller.get("/status").status_code == 429


def test_no_log_holds_a_token(town: Town, case: dict[str, Any]) -> None:
    before = len(town.logged())
    caller = town.anybody()
    caller.get(_address(case))
    caller.get("/status")
    logged = town.logged()[before:]
    assert '"route":"/status"' in logged
    assert _token(case) not in logged


def test_the_receipt_carries_the_link_again_and_only_for_those_who_see_the_case(
    town: Town, case: dict[str, Any]
) -> None:
    page = town.sign_in("clerk").get(f"/desk/receipts/{case['reference']}", headers={"host": "counter.example"})
    assert qr_svg(f"http://counter.example{_address(case)}", "查进度的二维码") in page.text
    assert town.sign_in("other-clerk").get(f"/desk/receipts/{case['reference']}").status_code == 404


def test_no_view_of_a_case_shows_its_token(town: Town, clerk: Browser, case: dict[str, Any]) -> None:
    reference, token = case["reference"], _token(case)
    unmasked = clerk.post(f"/api/cases/{reference}/unmask", json={"reason": "演示理由"})
    for answer in (
        unmasked,
        clerk.get(f"/api/cases/{reference}"),
        town.sign_in("clerk").get(f"/desk/cases/{reference}"),
    ):
        assert answer.status_code == 200
        assert token not in answer.text


def test_erasing_a_case_closes_its_link(town: Town, case: dict[str, Any]) -> None:
    caller = town.anybody()
    caller.get(_address(case))
    assert caller.get("/status").status_code == 200
    assert erase(town.database, case["reference"])
    assert caller.get("/status").status_code == 404


def test_warnings_of_intake_stay_with_the_case(clerk: Browser, case: dict[str, Any]) -> None:
    kept = clerk.get(f"/api/cases/{case['reference']}").json()["warnings"]
    assert kept == case["warnings"]
    assert any(warning["code"] == "material-missing" for warning in kept)
