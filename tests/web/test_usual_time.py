"""The status tells how long such cases really take, from figures measured before and held in memory."""

from __future__ import annotations

from typing import Any

import pytest

from catalogue.domain.measures import ALL_REGIONS, MINIMUM, Measure
from catalogue.service.measuring import remeasure
from tests.web.conftest import Town

MATTER = "company-establishment"


@pytest.fixture
def told(town: Town, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets what was measured, for one test."""

    def set_to(measures: dict[tuple[str, str], Measure]) -> None:
        monkeypatch.setattr(town.house, "measures", measures)

    set_to({})
    return set_to


def _status(town: Town, case: dict[str, Any]) -> dict[str, Any]:
    answer = town.anybody().get(f"/api/public/cases/{case['reference']}", params={"code": case["query_code"]})
    assert answer.status_code == 200
    return dict(answer.json())


def _page(town: Town, case: dict[str, Any], tongue: str = "zh") -> str:
    form = {"reference": case["reference"], "code": case["query_code"]}
    return str(town.anybody().post(f"/status?lang={tongue}", data=form).text)


def test_below_the_minimum_there_is_no_figure_and_the_page_says_why(
    town: Town, case: dict[str, Any], told: Any
) -> None:
    assert _status(town, case)["usual"] is None
    assert f"不足 {MINIMUM} 件" in _page(town, case)


def test_the_home_region_is_told_before_all_four(town: Town, case: dict[str, Any], told: Any) -> None:
    told({(MATTER, ALL_REGIONS): Measure(50, 2, 5)})
    assert _status(town, case)["usual"]["region"] is None
    assert "四地合计，50 件" in _page(town, case)
    told({(MATTER, ALL_REGIONS): Measure(50, 2, 5), (MATTER, "xishuangbanna"): Measure(12, 1, 3)})
    usual = _status(town, case)["usual"]
    assert (usual["region"], usual["cases"], usual["p90_days"]) == ("xishuangbanna", 12, 3)
    assert "nine in ten were decided within 3 working days" in _page(town, case, "en")


def test_decisions_are_measured_as_they_are_made(town: Town, told: Any) -> None:
    clerk, intake, reviewer, decider = (town.machine(n) for n in ("clerk", "intake", "reviewer", "decider"))
    for number in range(MINIMUM):
        reference = clerk.receive().json()["reference"]
        steps = [
            (clerk, "forward", {}), (intake, "receive-at-home", {}), (intake, "accept", {}),
            (reviewer, "review", {"opinion": "演示", "advice": "grant"}), (decider, "grant", {"opinion": "演示"}),
        ]  # fmt: skip
        for who, command, body in steps:
            assert who.command(reference, command, body).status_code == 200, (number, command)
    town.database.write(lambda work: remeasure(work, town.house)).result()
    found = town.house.measures[MATTER, "xishuangbanna"]
    assert found.cases >= MINIMUM
    assert found.most >= found.half >= 0


def test_whom_to_ask_is_told_and_what_is_unknown_is_said(town: Town, case: dict[str, Any]) -> None:
    hotlines = _status(town, case)["hotlines"]
    assert hotlines == {"consultation": "12345", "complaints": "12315", "supervision": None}
    text = _page(town, case)
    assert 'href="tel:12345"' in text
    assert "未公布" in text
