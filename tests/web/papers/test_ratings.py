"""Rating 好差评: named levels, once and one follow-up, by default after five working days, confidential."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from catalogue.domain.people import Role
from catalogue.domain.ratings import GBT_39046, LEVELS, REPORTING
from catalogue.service.jobs import run_once
from tests.web.conftest import WUHUA, Browser, Town
from tests.web.papers.test_certificates import made
from tests.web.papers.test_documents import begun, give, officers

__all__ = ["officers"]

HANDING = {"collector": "甲", "document_type": "resident_id", "document_number": "1", "relation": "self"}


def collected(officers: dict[str, Browser]) -> dict[str, Any]:
    case = made(officers)
    give(officers, "clerk", case["reference"], "hand-over", **HANDING)
    return case


def rate(town: Town, case: dict[str, Any], **body: Any) -> Any:
    return town.anybody().post(
        f"/api/public/cases/{case['reference']}/rating", json=body, headers={"X-Query-Code": case["query_code"]}
    )


@pytest.fixture(scope="module")
def supervisor(town: Town) -> Browser:
    town.add("kunming-supervisor", WUHUA, Role.SUPERVISOR)
    return town.machine("kunming-supervisor")


def test_the_two_national_schemes_number_the_levels_in_opposite_directions() -> None:
    assert [GBT_39046[level] for level in LEVELS] == [1, 2, 3, 4, 5]
    assert [REPORTING[level] for level in LEVELS] == [5, 4, 3, 2, 1]


def test_a_case_is_rated_once_and_followed_up_once(town: Town, officers: dict[str, Browser]) -> None:
    case = collected(officers)
    answer = rate(town, case, level="非常满意")
    assert answer.status_code == 201, answer.text
    told = {one["target"]: one for one in answer.json()["ratings"]}
    assert set(told) == {"window", "office"}
    assert told["office"]["codes"] == {"gbt_39046": 1, "reporting": 5}
    again = rate(town, case, level="satisfied")
    assert again.status_code == 409
    assert again.json()["rule"] == "rated-already"
    assert rate(town, case, level="satisfied", follow_up=True).status_code == 201
    assert rate(town, case, level="satisfied", follow_up=True).status_code == 409


def test_window_and_office_are_rated_apart(town: Town, officers: dict[str, Browser]) -> None:
    answer = rate(town, collected(officers), window="satisfied", office="dissatisfied", reasons=["slow"])
    assert {one["target"]: one["level"] for one in answer.json()["ratings"]} == {
        "window": "satisfied",
        "office": "dissatisfied",
    }


def test_a_bad_rating_needs_a_reason(town: Town, officers: dict[str, Browser]) -> None:
    case = collected(officers)
    answer = rate(town, case, level="dissatisfied")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "reasons"
    assert rate(town, case, level="dissatisfied", text="等了很久").status_code == 201


def test_nobody_rates_early_or_with_a_wrong_code(town: Town, officers: dict[str, Browser]) -> None:
    case = begun(officers)
    assert rate(town, case, level="satisfied").status_code == 409
    assert rate(town, {**case, "query_code": "AAAAAAAA"}, level="satisfied").status_code == 404
    assert rate(town, collected(officers), level="five stars").status_code == 422
    assert rate(town, collected(officers)).status_code == 422


def test_a_bad_rating_is_followed_up_and_confidential_to_the_rated(
    town: Town, officers: dict[str, Browser], supervisor: Browser
) -> None:
    case = collected(officers)
    rate(town, case, window="very_dissatisfied", office="satisfied", text="演示：态度不好")
    assert officers["clerk"].get("/api/ratings").status_code == 403
    history = officers["clerk"].get(f"/api/cases/{case['reference']}").text
    assert "态度不好" not in history
    listed = supervisor.get("/api/ratings").json()["ratings"]
    mine = next(one for one in listed if one["reference"] == case["reference"])
    assert mine["text"] == "演示：态度不好"
    assert mine["follow_up"] == {"state": "open", "owner": WUHUA, "limit": None, "reply": None}
    # 景洪 is another region: its ratings are not this supervisor's to see.
    assert not [one for one in listed if one["reference"] == case["reference"] and one["target"] == "office"]
    address = f"/api/ratings/{case['reference']}/window/1/follow-up"
    assert officers["clerk"].post(address, json={"reply": "x"}).status_code == 403
    town.add("menghai-head", "532822", Role.WINDOW_HEAD)
    elsewhere = town.machine("menghai-head")
    for body in ({"reply": "x"}, {"reply": " "}, {}):
        hidden = elsewhere.post(address, json=body)
        assert hidden.status_code == 404, "a case out of sight is not there, whatever is said of it"
    assert supervisor.post(address.replace("window/1", "window/2"), json={}).status_code == 403
    assert supervisor.post(address, json={"reply": " "}).status_code == 422
    assert (
        supervisor.post(address, json={"reply": "已回访并致歉"}).json()["ratings"][0]["follow_up"]["reply"]
        == "已回访并致歉"
    )
    assert supervisor.post(address, json={"reply": "x"}).status_code == 404


def test_a_head_never_sees_how_he_was_rated_himself(town: Town, officers: dict[str, Browser]) -> None:
    town.add("wuhua-head", WUHUA, Role.WINDOW_HEAD)
    head = town.machine("wuhua-head")
    case = made(officers)
    assert head.command(case["reference"], "hand-over", HANDING).status_code == 200
    rate(town, case, level="dissatisfied", text="演示")
    listed = head.get("/api/ratings").json()["ratings"]
    assert not [one for one in listed if one["reference"] == case["reference"]]


def test_who_does_not_rate_within_five_working_days_counts_as_basically_satisfied(
    town: Town, officers: dict[str, Browser], supervisor: Browser
) -> None:
    case = collected(officers)
    channels = {"desk": lambda message: None}
    town.clock.moved += timedelta(days=2)
    try:
        run_once(town.database, town.house, channels)
        there = supervisor.get("/api/ratings").json()["ratings"]
        assert not [one for one in there if one["reference"] == case["reference"]]
        town.clock.moved += timedelta(days=14)
        assert run_once(town.database, town.house, channels).rated >= 1
        there = supervisor.get("/api/ratings").json()["ratings"]
        mine = next(one for one in there if one["reference"] == case["reference"])
        assert (mine["level"], mine["default"], mine["reporting_channel"]) == ("basically_satisfied", True, 7)
        # It is marked as a default, so that a rating that comes after all still counts as the first.
        assert rate(town, case, level="satisfied").status_code == 201
        assert run_once(town.database, town.house, channels).rated == 0
    finally:
        town.clock.moved -= timedelta(days=16)


def test_rating_and_follow_up_by_the_pages(town: Town, officers: dict[str, Browser]) -> None:
    case = collected(officers)
    public = town.anybody()
    form = {"reference": case["reference"], "code": case["query_code"]}
    page = public.post("/status", data=form).text
    assert 'action="/status/rating"' in page
    wrong = public.post("/status/rating", data={**form, "window": "dissatisfied", "office": "satisfied"})
    assert wrong.status_code == 200
    assert "不满意的请勾选" in wrong.text
    done = public.post(
        "/status/rating", data={**form, "window": "dissatisfied", "office": "satisfied", "reasons": "slow"}
    )
    assert "追评一次" in done.text
    town.add("wuhua-supervisor-2", WUHUA, Role.SUPERVISOR)
    desk = town.sign_in("wuhua-supervisor-2")
    assert "办理时间长" in desk.get("/desk/ratings").text
    answer = desk.post(
        f"/desk/ratings/{case['reference']}/window/1", data={"csrf": desk.csrf, "reply": "已整改"},
        headers={"X-CSRFToken": ""},
    )  # fmt: skip
    assert answer.status_code == 303
    assert "已整改" in desk.get("/desk/ratings").text
