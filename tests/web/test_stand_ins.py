"""AB岗: dated stand-ins within an office, both named in every event, and never a way to decide one's own review."""

from __future__ import annotations

import html
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalogue.domain.days import local_day
from catalogue.domain.people import Account, Role
from catalogue.domain.problems import InvalidInput, NotAllowed
from catalogue.service.covers import CoverBody, end_cover, make_cover
from catalogue.service.ports import Cover
from catalogue.service.sign_in import actor_of
from tests.e2e.server import catalogue, environment
from tests.web.conftest import JINGHONG, WUHUA, Browser, Town
from tests.web.test_desk_pages import Desk, accepted


@pytest.fixture(scope="module")
def people(town: Town) -> dict[str, Account]:
    """Officers of 景洪市 of their own, so that no other test meets their stand-ins."""
    return {
        "a-reviewer": town.add("a-reviewer", JINGHONG, Role.REVIEWER),
        "b-reviewer": town.add("b-reviewer", JINGHONG, Role.REVIEWER),
        "a-decider": town.add("a-decider", JINGHONG, Role.DECIDER),
        "b-decider": town.add("b-decider", JINGHONG, Role.DECIDER),
        "security": town.add("security", WUHUA, Role.SECURITY_ADMIN),
        "head": town.add("head", WUHUA, Role.WINDOW_HEAD),
    }


def asked(town: Town, covered: str, stand_in: str, start: int = 0, end: int = 3) -> CoverBody:
    today = local_day(town.clock.now())
    first, last = (today + timedelta(days) for days in (start, end))
    given = {"covered": covered, "stand_in": stand_in, "from_day": first.isoformat(), "to_day": last.isoformat()}
    return CoverBody.model_validate({**given, "reason": "演示：休假"})


def cover(town: Town, maker: Account | None, body: CoverBody) -> Cover:
    actor = None if maker is None else actor_of(maker)
    return town.database.write(lambda work: make_cover(work, town.house, actor, body, "test")).result()


def ended(town: Town, made: Cover) -> None:
    town.database.write(lambda work: end_cover(work, town.house, None, made.id, "test")).result()


def for_another(machine: Browser, reference: str, command: str, body: dict[str, Any], covered: str) -> Any:
    headers = {"If-Match": "*", "X-Acting-For": covered}
    return machine.post(f"/api/cases/{reference}/{command}", json=body, headers=headers)


def test_a_stand_in_acts_with_the_roles_of_the_covered_and_both_are_recorded(
    town: Town, people: dict[str, Account], clerk: Browser, intake: Browser
) -> None:
    made = cover(town, people["a-decider"], asked(town, "a-decider", "b-reviewer"))
    reference = accepted(clerk, intake)
    town.machine("a-reviewer", "cases:write").command(reference, "review", {"opinion": "可", "advice": "grant"})
    stand_in = town.machine("b-reviewer", "cases:write")
    assert stand_in.command(reference, "grant", {"opinion": "准予"}).status_code == 403, "not in his own name"
    answer = for_another(stand_in, reference, "grant", {"opinion": "准予"}, "a-decider")
    assert answer.status_code == 200, answer.text
    event = clerk.get(f"/api/cases/{reference}").json()["events"][-1]
    assert event["actor"] == people["b-reviewer"].id
    assert event["facts"]["acting_for"] == people["a-decider"].id
    page = html.unescape(town.sign_in("clerk").get(f"/desk/cases/{reference}").text)
    assert "a-decider（代：b-reviewer）" in page
    ended(town, made)
    assert for_another(stand_in, reference, "note", {"text": "x"}, "a-decider").status_code == 403


@pytest.mark.parametrize(
    "who", ["reviewed himself", "reviewed for the decider's stand-in", "stood in for the reviewer"]
)
def test_xkf_34_a_stand_in_is_no_way_to_decide_ones_own_review(
    town: Town, people: dict[str, Account], clerk: Browser, intake: Browser, who: str
) -> None:
    reference = accepted(clerk, intake, matter="food-business-licence-new", particulars={})
    review = {"opinion": "可", "advice": "grant"}
    b_reviewer, b_decider = (town.machine(name, "cases:write") for name in ("b-reviewer", "b-decider"))
    if who == "reviewed himself":
        made = [cover(town, people["a-decider"], asked(town, "a-decider", "b-reviewer"))]
        assert b_reviewer.command(reference, "review", review).status_code == 200
        answer = for_another(b_reviewer, reference, "grant", {"opinion": "准"}, "a-decider")
    elif who == "stood in for the reviewer":
        made = [cover(town, people["a-decider"], asked(town, "a-reviewer", "b-decider"))]
        assert for_another(b_decider, reference, "review", review, "a-reviewer").status_code == 200
        answer = b_decider.command(reference, "grant", {"opinion": "准"})
    else:
        made = [
            cover(town, people["b-decider"], asked(town, "a-decider", "b-reviewer")),
            cover(town, people["b-decider"], asked(town, "b-reviewer", "a-reviewer")),
        ]
        assert (
            for_another(
                town.machine("a-reviewer", "cases:write"), reference, "review", review, "b-reviewer"
            ).status_code
            == 200
        )
        answer = for_another(b_reviewer, reference, "grant", {"opinion": "准"}, "a-decider")
    for one in made:
        ended(town, one)
    assert (answer.status_code, answer.json()["rule"]) == (409, "separate-decider")


def test_a_stand_in_counts_only_on_its_days(town: Town, people: dict[str, Account], clerk: Browser) -> None:
    made = cover(town, people["a-decider"], asked(town, "a-reviewer", "b-reviewer", start=2, end=3))
    machine = town.machine("b-reviewer", "cases:write")

    def status() -> int:
        return machine.get("/api/cases", headers={"X-Acting-For": "a-reviewer"}).status_code

    assert status() == 403
    town.clock.moved = timedelta(days=2)
    inside = status()
    town.clock.moved = timedelta(days=4)
    after = status()
    town.clock.moved = timedelta()
    assert (inside, after) == (200, 403)
    ended(town, made)


@pytest.mark.parametrize(
    ("covered", "stand_in", "path"),
    [("a-decider", "a-decider", "stand_in"), ("a-decider", "clerk", "stand_in"), ("nobody", "a-decider", "covered"),
     ("security", "head", "covered")],
)  # fmt: skip
def test_only_officers_of_one_office_stand_in_for_each_other(
    town: Town, people: dict[str, Account], covered: str, stand_in: str, path: str
) -> None:
    with pytest.raises(InvalidInput) as told:
        cover(town, None, asked(town, covered, stand_in))
    assert path in {fault.path for fault in told.value.errors}


@pytest.mark.parametrize(("start", "end"), [(3, 1), (-9, -3), (0, 500)])
def test_the_days_of_a_stand_in_make_sense(town: Town, people: dict[str, Account], start: int, end: int) -> None:
    with pytest.raises(InvalidInput) as told:
        cover(town, None, asked(town, "a-decider", "b-decider", start, end))
    assert {fault.path for fault in told.value.errors} == {"to_day"}


@pytest.mark.parametrize("maker", ["a-reviewer", "head"])
def test_who_may_not_name_a_stand_in(town: Town, people: dict[str, Account], maker: str) -> None:
    with pytest.raises(NotAllowed):
        cover(town, people[maker], asked(town, "a-decider", "b-decider"))


def test_nobody_names_himself_and_security_names_anywhere(town: Town, people: dict[str, Account]) -> None:
    with pytest.raises(NotAllowed):
        cover(town, people["b-decider"], asked(town, "a-decider", "b-decider"))
    ended(town, cover(town, people["security"], asked(town, "a-decider", "b-decider")))


def test_the_switch_on_the_pages(town: Town, people: dict[str, Account], clerk: Browser, intake: Browser) -> None:
    chief, stand_in = Desk(town, "a-decider"), Desk(town, "b-decider")
    today = local_day(town.clock.now())
    fields = {
        "covered": "a-reviewer",
        "stand_in": "b-decider",
        "from_day": today.isoformat(),
        "to_day": today.isoformat(),
    }
    missing = chief.post("/desk/stand-ins", fields)
    assert missing.status_code == 422
    assert 'id="cover-reason-said"' in missing.text
    assert chief.post("/desk/stand-ins", {**fields, "reason": "演示：开会"}).status_code == 303
    assert "a-reviewer" in chief.get("/desk/stand-ins").text
    assert stand_in.post("/desk/acting", {"username": "b-reviewer"}).status_code == 403
    assert stand_in.post("/desk/acting", {"username": "a-reviewer"}).status_code == 303
    page = html.unescape(stand_in.get("/desk").text)
    assert "正在代 a-reviewer 办理" in page
    reference = accepted(clerk, intake)
    form = stand_in.hidden(stand_in.get(f"/desk/cases/{reference}").text, "review")
    assert form["acting"] == people["a-reviewer"].id
    assert stand_in.post("/desk/acting", {"username": ""}).status_code == 303
    other_tab = stand_in.post(f"/desk/cases/{reference}/review", {**form, "opinion": "可", "advice": "grant"})
    assert other_tab.status_code in (403, 409, 422), "a form acts for whom it was shown for"
    stand_in.post("/desk/acting", {"username": "a-reviewer"})
    stand_in.done(reference, "review", {"opinion": "可", "advice": "grant"})
    event = clerk.get(f"/api/cases/{reference}").json()["events"][-1]
    assert event["facts"]["acting_for"] == people["a-reviewer"].id
    cover_id = chief.get("/desk/stand-ins").text.split("/desk/stand-ins/")[1].split("/")[0]
    assert chief.post(f"/desk/stand-ins/{cover_id}/end", {}).status_code == 303
    assert "正在代" not in html.unescape(stand_in.get("/desk").text)


def test_a_day_is_given_as_text() -> None:
    with pytest.raises(ValueError, match="validation"):
        CoverBody.model_validate({"covered": "a", "stand_in": "b", "from_day": 5, "to_day": 6, "reason": "x"})


def test_a_stand_in_from_the_command_line(tmp_path: Path) -> None:
    env = environment(tmp_path, f"sqlite:///{tmp_path}/c.db")
    catalogue(env, "demo", "--json", "--cases", "0")
    days = ("--from", "2100-01-04", "--to", "2100-01-08")
    named = catalogue(
        env, "account", "cover", "jinghong-decider", "--by", "jinghong-reviewer", *days, "--reason", "演示", "--json"
    )
    assert json.loads(named.stdout)["to_day"] == "2100-01-08"
    other = ("account", "cover", "jinghong-decider", "--by", "wuhua-clerk", *days, "--reason", "演示")
    refused = catalogue(env, *other, check=False)
    assert refused.returncode == 1
    assert "stand_in" in refused.stderr + refused.stdout
