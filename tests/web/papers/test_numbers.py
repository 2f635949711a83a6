"""Numbers by the rules of the registry: each case by those of its revision, in one series of its authority's year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.revisions import put_in_force
from tests.web.conftest import ROOT, Browser, Town
from tests.web.papers.test_documents import begun, give, granted, papers, permit, to_home

RULES = """\
    numbers:
      - id: jinghong
        of: document
        form: "景市监{nature}〔{year}〕{serial}号"
        width: 4
        offices: ["532801"]
        provenance: assumed — for a test
      - id: workshops
        of: certificate
        form: "（{city}）工坊{office}〔{year}〕证{serial}"
        width: 5
        kinds: [food-workshop-registration]
        series: workshops
        provenance: assumed — for a test
"""


@pytest.fixture(scope="module")
def officers(own_town: Town) -> dict[str, Browser]:
    return {name: own_town.machine(name) for name in ("clerk", "intake", "reviewer", "decider", "other-clerk")}


@pytest.fixture(scope="module")
def old_case(own_town: Town, officers: dict[str, Browser]) -> dict[str, Any]:
    """A case received before the rules were published."""
    return begun(officers)


@pytest.fixture(scope="module", autouse=True)
def rules(own_town: Town, old_case: dict[str, Any]) -> None:
    """A second revision, in which 西双版纳 has rules of its own."""
    text = (ROOT / "matters.yaml").read_text("utf-8")
    begin = text.index("  - id: xishuangbanna\n")
    legs = text.index("    divisions:\n", begin)
    changed = text[:legs] + RULES + text[legs:]
    house = own_town.house
    put_in_force(own_town.database, house, changed.encode())
    return


def accepted(officers: dict[str, Browser], reference: str) -> str:
    to_home(officers, reference)
    give(officers, "intake", reference, "accept")
    number: str = papers(officers["clerk"], reference)["acceptance"]["number"]
    return number


def serial(number: str) -> int:
    return int(number.partition("〕")[2].rstrip("号"))


def test_a_case_is_numbered_by_the_rules_of_its_revision_in_one_series(
    officers: dict[str, Browser], old_case: dict[str, Any]
) -> None:
    old = accepted(officers, old_case["reference"])
    new = accepted(officers, begun(officers)["reference"])
    assert old.startswith("景洪市市监受〔")
    assert new.startswith("景市监受〔")
    assert len(new.partition("〕")[2]) == 5
    assert serial(new) == serial(old) + 1


def test_a_number_bears_the_year_of_the_act_across_midnight(own_town: Town, officers: dict[str, Browser]) -> None:
    """The day is that of Kunming: at 16:00 UTC on 31 December the year has turned there."""
    first, second, third = (begun(officers)["reference"] for _ in range(3))
    for reference in (first, second, third):
        to_home(officers, reference)
    year = datetime.now(UTC).year
    turn = datetime(year, 12, 31, 16, tzinfo=UTC)
    numbers = []
    try:
        for reference, at in (
            (first, turn - timedelta(minutes=5)),
            (second, turn + timedelta(minutes=5)),
            (third, turn + timedelta(minutes=6)),
        ):
            own_town.clock.moved = at - datetime.now(UTC)
            give(officers, "intake", reference, "accept")
            numbers.append(papers(officers["clerk"], reference)["acceptance"]["number"])
    finally:
        own_town.clock.moved = timedelta()
    assert f"〔{year}〕" in numbers[0]
    assert numbers[1:] == [f"景市监受〔{year + 1}〕0001号", f"景市监受〔{year + 1}〕0002号"]


def test_a_certificate_made_here_takes_the_next_number_of_its_series(
    own_town: Town, officers: dict[str, Browser]
) -> None:
    year = own_town.clock.now().year

    def made(**body: Any) -> dict[str, Any]:
        case = granted(officers, **permit(matter="food-workshop-registration"))
        return {**case, **give(officers, "intake", case["reference"], "make-certificate", **body)}

    head = f"（西双版纳）工坊景洪市市监〔{year}〕证"
    by_hand = made(number=f"{head}00002")
    assert [made()["certificate_number"] for _ in range(2)] == [f"{head}00001", f"{head}00003"]
    assert by_hand["certificate_number"] == f"{head}00002"


def test_a_certificate_made_again_after_it_was_lost_keeps_its_number(officers: dict[str, Browser]) -> None:
    case = granted(officers, **permit(matter="food-workshop-registration"))
    first = give(officers, "intake", case["reference"], "make-certificate")
    give(officers, "clerk", case["reference"], "post", carrier="演示", tracking="1", address="演示")
    give(officers, "clerk", case["reference"], "report-post", outcome="lost")
    again = give(officers, "intake", case["reference"], "make-certificate")
    assert again["certificate_number"] == first["certificate_number"]
    assert again["certificate_id"] != first["certificate_id"]


def test_where_no_rule_speaks_no_number_is_made_up(officers: dict[str, Browser]) -> None:
    case = granted(officers, **permit())
    assert give(officers, "intake", case["reference"], "make-certificate")["certificate_number"] is None
